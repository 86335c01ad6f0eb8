//! One run of one case: its objects are made, its steps sent, its objects settled. Judgement comes after.

use std::time::{Duration, Instant};

use super::INTERRUPTED;
use super::beside::is_acceptance;
use super::handed::Handed;
use super::places::Place;
use super::session::{Kept, Obtained, Session};
use super::together::together;
use crate::baseline::Generated;
use crate::case::{Action, Case, Given, State, Step, Suite, Values};
use crate::check::{Role, Taken};
use crate::exchange::{End, Exchange, Stage};
use crate::object::Object;
use crate::object::states::{self, Setback, Staging};
use crate::outcome::Trouble;
use crate::transport::{Begun, Rest, Reuse};

/// How often a step with `within` is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// Which part of the time for one exchange an answer is awaited that should come at once. A case has at most two such
/// waits beside its own request, so a target that never answers costs no more than twice that time.
const LOOKS: u32 = 3;

/// What happened in one run of a case.
#[derive(Default)]
pub(super) struct Attempt<'a> {
    /// The case's own exchanges, and those that settled its objects.
    pub taken: Vec<Taken<'a>>,
    /// The exchanges that made its objects, with the names under `given`; and one that went wrong while staging.
    pub staged: Vec<(String, Exchange)>,
    /// Why it could not be carried out, if so.
    pub trouble: Option<Trouble>,
    /// Why it was not carried out at all: nothing to use up is left.
    pub skipped: Option<String>,
    /// Objects that were handed over and not seen to be there before, by index into `given`; with what to say if they
    /// turn out to have been gone.
    pub unsure: Vec<(usize, String)>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// What the placeholders stood for.
    pub values: Values,
    /// What must still be waited for before exchanges (indexes into `taken`) can be judged.
    rests: Vec<(usize, Rest)>,
    /// Whether other cases removed something meanwhile, or may have.
    pub not_alone: bool,
    /// A request on a reused connection died without an answer byte: the server may have closed an idle connection.
    pub stale: bool,
}

impl Attempt<'_> {
    fn fail(&mut self, what: &str, setback: Setback) {
        if let Some(exchange) = setback.exchange {
            self.staged.push((what.to_owned(), *exchange));
        }
        self.trouble.get_or_insert(Trouble { message: setback.message, help: setback.help });
    }
}

/// Runs a selected case once, at a place that it gives away while it waits long.
pub(super) async fn attempt<'a>(
    session: &'a Session,
    selected: usize,
    reuse: Reuse,
    place: &mut Place<'_>,
) -> Attempt<'a> {
    let suite_index = session.selected()[selected].suite;
    let suite = &session.suites()[suite_index];
    let case = &suite.cases[session.selected()[selected].case];
    let mut attempt = Attempt::default();
    let accepted = session.beside().accepted();
    let mut values = session.fresh_values();
    let mut objects = make_objects(session, selected, &mut values, &mut attempt).await;
    let goes_on =
        |attempt: &Attempt<'_>| attempt.trouble.is_none() && attempt.skipped.is_none() && !session.is_cancelled();
    if goes_on(&attempt) {
        let used_up = place.wait(Box::pin(look_at(session, suite_index, case, &mut objects, &mut attempt))).await;
        for index in used_up {
            let made = session.make(suite_index, case.given[index].state, &case.id).await;
            objects[index] = given(&case.given[index], made, &mut values, &mut attempt);
        }
    }
    if goes_on(&attempt) {
        take_steps(session, suite_index, case, reuse, &mut values, &mut attempt, place).await;
    } else {
        for object in &mut objects {
            session.give_back(object);
        }
    }
    if session.is_cancelled() {
        // What was made is removed, and what the case did is not judged: it had not come to its end.
        attempt.skipped.get_or_insert_with(|| INTERRUPTED.to_owned());
    }
    let objects = objects.into_iter().map(|object| object.map(|obtained| obtained.object)).collect();
    place.wait(Box::pin(settle(session, suite, suite_index, case, objects, &mut attempt))).await;
    for (index, rest) in std::mem::take(&mut attempt.rests) {
        attempt.taken[index].exchange = session.client().finish(rest).await;
    }
    let removals = attempt.taken.iter().filter(|taken| matches!(taken.role, Role::Judged { .. } | Role::Undo { .. }));
    let own = removals.filter(|taken| is_acceptance(taken.exchange.answer.status())).count() as u64;
    attempt.not_alone = session.beside().not_alone(accepted, own);
    attempt.values = values;
    attempt
}

/// What is new in every run, longest first, so that no value is replaced inside another.
pub(super) fn generated(values: &Values) -> Vec<Generated> {
    let captured = values.captures.iter().flat_map(|(given, captured)| {
        captured
            .iter()
            .map(move |(name, value)| Generated { value: states::as_text(value), name: format!("{given}.{name}") })
    });
    let uuids = values.uuids.values().map(|uuid| Generated { value: uuid.to_string(), name: "uuid".to_owned() });
    let user = Generated { value: values.user.clone(), name: "user".to_owned() };
    let mut all: Vec<Generated> = captured.chain(uuids).chain([user]).collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.value.len()));
    all
}

async fn make_objects(
    session: &Session,
    selected: usize,
    values: &mut Values,
    attempt: &mut Attempt<'_>,
) -> Vec<Option<Obtained>> {
    let suite_index = session.selected()[selected].suite;
    let suite = &session.suites()[suite_index];
    let case = &suite.cases[session.selected()[selected].case];
    let hand = match session.hand(selected) {
        Ok(hand) => hand.unwrap_or_else(|| vec![None; case.given.len()]),
        Err(reason) => {
            attempt.skipped = Some(reason);
            return Vec::new();
        }
    };
    let obtaining =
        case.given.iter().zip(hand).map(|(given, handed)| obtain(session, suite_index, given.state, &case.id, handed));
    let mut objects = Vec::new();
    for (of, result) in case.given.iter().zip(together(obtaining).await) {
        objects.push(given(of, result, values, attempt));
    }
    objects
}

/// Gives a case one of its objects, or tells why there is none.
fn given(
    of: &Given,
    result: Result<Obtained, Setback>,
    values: &mut Values,
    attempt: &mut Attempt<'_>,
) -> Option<Obtained> {
    match result {
        Ok(mut obtained) => {
            if let Some(captured) = obtained.object.values.captures.get("") {
                values.captures.insert(of.name.clone(), captured.clone());
            }
            values.user.clone_from(&obtained.object.values.user);
            let made = obtained.exchange.take();
            attempt.staged.extend(made.map(|exchange| (format!("making {}", of.name), exchange)));
            Some(obtained)
        }
        Err(setback) => {
            attempt.fail(&format!("making {}", of.name), setback);
            None
        }
    }
}

async fn obtain(
    session: &Session,
    suite_index: usize,
    state: usize,
    case: &str,
    handed: Option<Handed>,
) -> Result<Obtained, Setback> {
    match handed {
        Some(handed) => session.take_over(suite_index, state, case, handed),
        None => session.make(suite_index, state, case).await,
    }
}

/// Looks whether what a case was given is there: of what was made, to learn whether that can be asked; of what was handed
/// over, because somebody else may have used it up. Gives the indexes of those that were used up by that.
async fn look_at(
    session: &Session,
    suite_index: usize,
    case: &Case,
    objects: &mut [Option<Obtained>],
    attempt: &mut Attempt<'_>,
) -> Vec<usize> {
    let mut used_up = Vec::new();
    let looking = objects.iter().map(|obtained| look(session, suite_index, obtained.as_ref()));
    let looked = together(looking).await;
    for (index, result) in looked.into_iter().enumerate() {
        match result {
            Ok(Look::Known) => {}
            Ok(Look::Unsure(sentence)) => attempt.unsure.push((index, sentence)),
            Ok(Look::UsedUp) => used_up.push(index),
            Err(setback) => {
                // It is gone, so there is nothing to give back. What was made and is not there stays in the ledger, for
                // it may come later.
                objects[index] = None;
                attempt.fail(&format!("looking at {}", case.given[index].name), setback);
            }
        }
    }
    // Where another one is not there, no case needs a new one.
    if attempt.trouble.is_some() { Vec::new() } else { used_up }
}

/// What came of looking at an object.
enum Look {
    /// Enough.
    Known,
    /// It is not known whether it is there; with what to say if it turns out to have been gone.
    Unsure(String),
    /// It was removed to learn whether it was there.
    UsedUp,
}

async fn look(session: &Session, suite_index: usize, obtained: Option<&Obtained>) -> Result<Look, Setback> {
    match obtained {
        Some(Obtained { object, handed: Some(handed), .. }) => {
            let unsure = session.is_there(suite_index, object, handed).await?;
            Ok(unsure.map_or(Look::Known, Look::Unsure))
        }
        Some(Obtained { object, .. }) => {
            let used_up = session.probe(suite_index, object).await?;
            Ok(if used_up { Look::UsedUp } else { Look::Known })
        }
        None => Ok(Look::Known),
    }
}

async fn take_steps<'a>(
    session: &'a Session,
    suite_index: usize,
    case: &'a Case,
    reuse: Reuse,
    values: &mut Values,
    attempt: &mut Attempt<'a>,
    place: &mut Place<'_>,
) {
    for (index, step) in case.steps.iter().enumerate() {
        session.hold().over().await;
        let results = place.wait(Box::pin(take(session, suite_index, step, reuse, values))).await;
        let mut silent = false;
        for (copy, result) in results.into_iter().enumerate() {
            match result {
                Ok(Begun { exchange, rest }) => {
                    attempt.rests.extend(rest.map(|rest| (attempt.taken.len(), rest)));
                    let answer = &exchange.answer;
                    session.places().notice(&exchange.answer);
                    // Whoever let the time run out would only do so again.
                    silent |= answer.head.is_none() || matches!(answer.end, End::TimedOut(..));
                    attempt.stale |= exchange.reused
                        && matches!(answer.end, End::Closed(Stage::Nothing) | End::Reset(Stage::Nothing));
                    let role = match step.action {
                        Action::Operation(_) => Role::Judged { step: index, copy },
                        Action::Call { .. } => Role::Called { step: index },
                    };
                    attempt.taken.push(Taken::new(role, step, exchange));
                }
                Err(setback) => {
                    silent = true;
                    attempt.fail("request", setback);
                }
            }
        }
        if silent || attempt.stale || session.is_cancelled() {
            break;
        }
    }
}

/// Sends one step: once, several times together, or again until it holds.
async fn take(
    session: &Session,
    suite_index: usize,
    step: &Step,
    reuse: Reuse,
    values: &mut Values,
) -> Vec<Result<Begun, Setback>> {
    let suite = &session.suites()[suite_index];
    let base = session.client().base();
    let secrets = session.credentials(suite_index).values();
    let rendered = match step.render(suite, base.origin(), base.base_path(), secrets, values) {
        Ok(rendered) => rendered,
        Err(unresolved) => {
            return vec![Err(Setback::new(unresolved.to_string()))];
        }
    };
    session.ledger().removing_named(&rendered);
    let send = async || {
        let sent = match step.action {
            Action::Operation(_) => {
                let under_way = session.beside().begin();
                let begun = session.client().begin(&rendered, reuse).await;
                under_way.answered(begun.as_ref().ok().and_then(|begun| begun.exchange.answer.status()));
                begun
            }
            Action::Call { .. } => {
                session.client().stage(&rendered).await.map(|exchange| Begun { exchange, rest: None })
            }
        };
        sent.map_err(|failure| Setback::failure(&failure))
    };
    if let Some(within) = step.within {
        let start = Instant::now();
        loop {
            let result = send().await;
            let holds = match &result {
                Ok(begun) => {
                    step.expect.all().iter().any(|one| states::differs(one, &begun.exchange, values).is_none())
                }
                Err(_) => true,
            };
            if holds || start.elapsed() + ASK_AGAIN >= within || session.is_cancelled() {
                return vec![result];
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }
    match step.at_once {
        1 => vec![send().await],
        times => together((0..times).map(|_| send())).await,
    }
}

/// What was learnt of an object after the case's steps.
enum Presence {
    There,
    Gone,
    Unknown,
}

async fn settle<'a>(
    session: &'a Session,
    suite: &'a Suite,
    suite_index: usize,
    case: &'a Case,
    objects: Vec<Option<Object>>,
    attempt: &mut Attempt<'a>,
) {
    let settling = case.given.iter().zip(objects).enumerate().filter_map(|(index, (given, object))| {
        object.map(|object| settle_one(session, suite, suite_index, index, given, object))
    });
    for settled in together(settling).await {
        attempt.taken.extend(settled.taken);
        if let Some((what, setback)) = settled.setback {
            // The judged requests have been answered: that an object could not be settled is told, and weighs only
            // where its effect had to be proven (see `judge`).
            if let Some(exchange) = setback.exchange {
                attempt.staged.push((what, *exchange));
            }
            attempt.notes.push(setback.message);
        }
    }
}

#[derive(Default)]
struct Settled<'a> {
    taken: Vec<Taken<'a>>,
    setback: Option<(String, Setback)>,
}

async fn settle_one<'a>(
    session: &'a Session,
    suite: &'a Suite,
    suite_index: usize,
    index: usize,
    given: &Given,
    object: Object,
) -> Settled<'a> {
    let state: &State = &suite.states[given.state];
    let staging = session.staging(suite_index);
    let mut settled = Settled::default();
    let mut presence = Presence::Unknown;
    let mut answered = true;
    if let Some(exists) = state.exists.as_ref().filter(|_| session.exists_works(suite_index, given.state)) {
        let mut values = object.values.clone();
        match staging.send(&exists.call, &mut values).await {
            Ok(exchange) => {
                session.places().notice(&exchange.answer);
                answered = exchange.answer.head.is_some();
                presence = match exchange.answer.status() {
                    Some(status) if status == exists.yes => Presence::There,
                    Some(status) if status == exists.no => Presence::Gone,
                    _ => Presence::Unknown,
                };
                settled.taken.push(Taken::new(Role::Exists { given: index }, &exists.call, exchange));
            }
            Err(setback) => settled.setback = Some((format!("exists {}", given.name), setback)),
        }
    }
    if matches!(presence, Presence::Gone) {
        session.settled(suite, &object, Ok(()));
        return settled;
    }
    let Some(undo) = &state.undo else {
        let reason = "the suite's state has no undo".to_owned();
        session.settled(suite, &object, Err(Kept { reason, try_again: false }));
        return settled;
    };
    let removal = session.remove(suite_index, state, undo, &object, answered).await;
    session.settled(suite, &object, removal.result);
    match removal.undone {
        Ok(exchange) => settled.taken.push(Taken::new(Role::Undo { given: index }, undo, exchange)),
        Err(setback) => settled.setback = Some((format!("undo {}", given.name), setback)),
    }
    if let (Some(exchange), Some(exists)) = (removal.looked, &state.exists) {
        settled.taken.push(Taken::new(Role::Removed { given: index }, &exists.call, exchange));
    }
    settled
}

/// What came of removing an object.
pub(super) struct Removal {
    /// The answer to its undo.
    pub(super) undone: Result<Exchange, Setback>,
    /// The answer to the look after it, if anybody looked.
    pub(super) looked: Option<Exchange>,
    /// Whether it is gone now.
    pub(super) result: Result<(), Kept>,
}

impl Session {
    /// Removes an object; `ask` says whether to look afterwards.
    pub(super) async fn remove(
        &self,
        suite_index: usize,
        state: &State,
        undo: &Step,
        object: &Object,
        ask: bool,
    ) -> Removal {
        if self.ledger().is_doubted(&object.id) {
            let reason = "its id was given for two objects, so it may be somebody else's".to_owned();
            let undone = Err(Setback::new(reason.clone()));
            return Removal { undone, looked: None, result: Err(Kept { reason, try_again: false }) };
        }
        let mut values = object.values.clone();
        self.ledger().removing(object.number);
        let under_way = self.beside().begin();
        let sent = self.removing(suite_index).send(undo, &mut values).await;
        under_way.answered(sent.as_ref().ok().and_then(|exchange| exchange.answer.status()));
        if let Ok(exchange) = &sent {
            self.places().notice(&exchange.answer);
        }
        // A request that was not sent or was refused for good will be the next time too.
        let answered = sent.as_ref().ok().map(|exchange| exchange.answer.status());
        let mut try_again = answered.is_some_and(|status| status.is_none_or(|it| it < 400 || it == 429 || it >= 500))
            || sent.as_ref().is_err_and(|setback| !setback.refused);
        let result = match &sent {
            Err(setback) => Err(setback.message.clone()),
            Ok(exchange) => {
                let accepted = states::differs(&undo.expect.all()[0], exchange, &values);
                let gone = state.gone.as_ref().is_some_and(|gone| states::differs(gone, exchange, &values).is_none());
                match accepted {
                    Some(_) if self.is_unmade(suite_index, object.state) => {
                        try_again = true;
                        Err("it was made and was never seen to be there; it may come later".to_owned())
                    }
                    Some(why) if !gone => Err(states::answered(exchange, &why)),
                    _ => Ok(()),
                }
            }
        };
        // Where it can be asked, what is there outranks what was answered: another answer than the suite names may still
        // have removed it, and an accepted one may not.
        let (looked, result) = match &state.exists {
            // Whoever has just left two questions unanswered is not asked a third.
            Some(exists) if ask && self.exists_works(suite_index, object.state) => {
                let looked = self.removing(suite_index).send(&exists.call, &mut values).await.ok();
                let status = looked.as_ref().and_then(|exchange| exchange.answer.status());
                let result = match (result, status) {
                    (_, Some(status)) if status == exists.no => Ok(()),
                    (Ok(()), Some(status)) if status == exists.yes => {
                        Err("its removal was accepted, and it is still there".to_owned())
                    }
                    (result, _) => result,
                };
                (looked, result)
            }
            _ => (None, result),
        };
        Removal { undone: sent, looked, result: result.map_err(|reason| Kept { reason, try_again }) }
    }

    /// The staging of a suite. It waits for no other try once the run is to end.
    pub(super) fn staging(&self, suite_index: usize) -> Staging<'_> {
        Staging { stop: Some(self.stop()), ..self.removing(suite_index) }
    }

    /// The staging of a suite for what must be removed also when the run is to end.
    fn removing(&self, suite_index: usize) -> Staging<'_> {
        Staging {
            client: self.client(),
            suite: &self.suites()[suite_index],
            secrets: self.credentials(suite_index).values(),
            patience: self.settings().timeout / LOOKS,
            hold: self.hold(),
            stop: None,
        }
    }
}
