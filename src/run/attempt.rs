//! One run of one case: its objects are made, its steps sent, its objects settled. Judgement comes after.

use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use super::changes::{Change, Running};
use super::collect;
use super::handed::Handed;
use super::places::Place;
use super::session::{Obtained, Session};
use super::settle::{Fate, Held, settle};
use super::steps::{finished_rests, take_steps};
use crate::baseline::Generated;
use crate::case::{Case, Given, Values};
use crate::exchange::Exchange;
use crate::object::states::{self, Said, Setback, Staging};
use crate::observation::ObservedExchange;
use crate::outcome::Trouble;
use crate::transport::{Rest, Reuse};

/// Which part of the time for one exchange an answer is awaited that should come at once. A case has at most two such
/// waits beside its own request, so a target that never answers costs no more than twice that time.
const LOOKS: u32 = 3;

/// What happened in one run of a case.
#[derive(Default)]
pub(super) struct Attempt<'a> {
    /// The case's own exchanges, and those that settled its objects.
    pub taken: Vec<ObservedExchange<'a>>,
    /// The exchanges that made its objects, with the names under `given`; and one that went wrong while staging.
    pub staged: Vec<(String, Exchange)>,
    /// Why it could not be carried out, if so.
    pub trouble: Option<Trouble>,
    /// Why it was not carried out at all: nothing to use up is left.
    pub skipped: Option<String>,
    /// Objects that were handed over and not seen to be there before.
    pub unsure: Vec<Unsure>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// What the placeholders stood for.
    pub values: Values,
    /// What is known of its objects.
    pub fates: Vec<Fate>,
    /// What other case runs had asked for that may have been carried out while an object was lost, by index into `given`.
    pub suspects: Vec<(usize, Vec<Change>)>,
    /// What must still be waited for before exchanges (indexes into `taken`) can be judged.
    pub rests: Vec<(usize, Rest)>,
    /// Why it should run once more, if so.
    pub again: Option<Again>,
}

/// An object that was handed over and not seen to be there before.
pub(super) struct Unsure {
    /// Index into `given`.
    pub given: usize,
    /// Whether `exists` said that it is not there, which may only mean that the target does not know the call.
    pub said_no: bool,
    /// What to say if it turns out to have been gone.
    pub gone: String,
}

/// Why a case runs once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// A request on a reused connection died without an answer byte: the server may have closed an idle connection.
    Stale,
    /// A request on a new connection died without an answer byte, which may not happen again.
    Cut,
    /// A judged request was answered 429 or 503 and nobody expected that; how long to wait.
    Busy(u16, Duration),
}

impl Attempt<'_> {
    pub(super) fn fail(&mut self, what: &str, setback: Setback) {
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
    let running = session.changes().run(Some(selected));
    let mut attempt = Attempt { values: session.fresh_values(), ..Attempt::default() };
    let (mut objects, _users) = obtain_objects(session, selected, &mut attempt, place).await;
    let goes_on = attempt.trouble.is_none() && attempt.skipped.is_none() && !session.is_cancelled();
    if goes_on {
        let mut values = std::mem::take(&mut attempt.values);
        take_steps(session, suite_index, case, &objects, reuse, &mut values, &running, &mut attempt, place).await;
        attempt.values = values;
    } else {
        for object in &mut objects {
            if let Some((obtained, _)) = object.take() {
                let mut obtained = Some(obtained);
                session.give_back(&mut obtained);
                *object = obtained.map(|obtained| (obtained, Instant::now()));
            }
        }
    }
    if session.is_cancelled() {
        // What was made is removed, and what the case did is not judged: it had not come to its end.
        if attempt.skipped.is_none() {
            attempt.skipped = Some(collect::how_far(&attempt));
        }
    }
    let objects = objects
        .into_iter()
        .map(|object| object.map(|(obtained, since)| Held { object: obtained.object, since }))
        .collect();
    let finishing = finished_rests(session, std::mem::take(&mut attempt.rests));
    // What lingers must not keep a connection open that the looks wait for.
    let settling = settle(session, suite_index, case, objects, &running, &mut attempt);
    let (finished, ()) = place.wait(Box::pin(async { tokio::join!(finishing, settling) })).await;
    for (index, exchange) in finished {
        attempt.taken[index].exchange = exchange;
    }
    find_suspects(&running, &mut attempt);
    attempt
}

/// What others had asked for while each lost object was lost.
fn find_suspects(running: &Running<'_>, attempt: &mut Attempt<'_>) {
    for fate in &attempt.fates {
        let Some(missed) = fate.missed else { continue };
        let others = running.of_others(fate.last_known, missed);
        if !others.is_empty() {
            attempt.suspects.push((fate.given, others));
        }
    }
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
    let run = Generated { value: values.run.clone(), name: "run".to_owned() };
    let mut all: Vec<Generated> = captured.chain(uuids).chain([user, run]).collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.value.len()));
    all
}

/// The objects of a case with the moment at which each was known to be there; what keeps others from their users.
type Objects = (Vec<Option<(Obtained, Instant)>>, Vec<OwnedMutexGuard<()>>);

/// Makes or takes over the objects of a case, one after the other, and looks whether each is there.
async fn obtain_objects(
    session: &Session,
    selected: usize,
    attempt: &mut Attempt<'_>,
    place: &mut Place<'_>,
) -> Objects {
    let suite_index = session.selected()[selected].suite;
    let suite = &session.suites()[suite_index];
    let case = &suite.cases[session.selected()[selected].case];
    let mut hand = match session.hand(selected) {
        Ok(hand) => hand.unwrap_or_else(|| vec![None; case.given.len()]),
        Err(reason) => {
            attempt.skipped = Some(reason);
            return (Vec::new(), Vec::new());
        }
    };
    let mut shared: Vec<String> = hand.iter().flatten().filter_map(|handed| handed.user.clone()).collect();
    // Always in the same order, so that no two case runs wait for each other.
    shared.sort_unstable();
    shared.dedup();
    let mut users = Vec::new();
    for user in &shared {
        users.push(session.turns().of_user(user, place).await);
    }
    let mut objects: Vec<Option<(Obtained, Instant)>> = Vec::new();
    for (given, handed) in case.given.iter().zip(&mut hand) {
        // Where one is lacking, nothing is done with the others.
        if attempt.trouble.is_some() || session.is_cancelled() {
            if let Some(handed) = handed.take() {
                session.handed().give_back(handed);
            }
            objects.push(None);
            continue;
        }
        objects.push(obtain(session, suite_index, given, case, handed.take(), attempt, place).await);
    }
    (objects, users)
}

/// Gives a case one of its objects, or tells why there is none.
async fn obtain(
    session: &Session,
    suite_index: usize,
    given: &Given,
    case: &Case,
    handed: Option<Handed>,
    attempt: &mut Attempt<'_>,
    place: &mut Place<'_>,
) -> Option<(Obtained, Instant)> {
    let was_handed = handed.is_some();
    session.role(|| format!("make {}", given.name));
    session.owner(&given.name);
    let result = match handed {
        Some(handed) => session.take_over(suite_index, given.state, &case.id, handed, &attempt.values),
        None => session.make(suite_index, given.state, &case.id, &attempt.values.user).await,
    };
    let mut obtained = match result {
        Ok(obtained) => obtained,
        Err(setback) => {
            attempt.fail(&format!("making {}", given.name), setback);
            return None;
        }
    };
    let since = Instant::now();
    if let Some(captured) = obtained.object.values.captures.get("") {
        attempt.values.captures.insert(given.name.clone(), captured.clone());
    }
    attempt.values.user.clone_from(&obtained.object.values.user);
    let made = obtained.exchange.take();
    attempt.staged.extend(made.map(|exchange| (format!("making {}", given.name), exchange)));
    session.role(|| format!("is {} there?", given.name));
    let looked = if was_handed {
        place.wait(Box::pin(look_at_handed(session, suite_index, &obtained))).await
    } else {
        place.wait(Box::pin(look_at_made(session, suite_index, &obtained))).await
    };
    match looked {
        Ok(None) => {}
        Ok(Some((said_no, gone))) => {
            attempt.unsure.push(Unsure { given: attempt_index(case, given), said_no, gone });
        }
        Err(setback) => {
            attempt.fail(&format!("looking at {}", given.name), setback);
            // What was handed over is gone, so there is nothing to give back. What was made and was not seen stays in the
            // ledger: it may come later.
            return None;
        }
    }
    Some((obtained, since))
}

fn attempt_index(case: &Case, given: &Given) -> usize {
    case.given.iter().position(|other| std::ptr::eq(other, given)).unwrap_or_default()
}

/// Looks whether what was handed over is there: somebody else may have used it up. Where that cannot be told, gives whether it
/// was said not to be, and what to say if it turns out to have been gone.
async fn look_at_handed(
    session: &Session,
    suite_index: usize,
    obtained: &Obtained,
) -> Result<Option<(bool, String)>, Setback> {
    match &obtained.handed {
        Some(handed) => session.is_there(suite_index, &obtained.object, handed).await,
        None => Ok(None),
    }
}

/// Looks whether what was made is there, where looks tell on this target.
async fn look_at_made(
    session: &Session,
    suite_index: usize,
    obtained: &Obtained,
) -> Result<Option<(bool, String)>, Setback> {
    let object = &obtained.object;
    let state = &session.suites()[suite_index].states[object.state];
    let Some(exists) = state.exists.as_ref() else { return Ok(None) };
    let known = session.known_of(suite_index, object.state);
    if !known.looks_tell() && (known.undo_yes || known.exists_always_yes) {
        return Ok(None);
    }
    let looked = session.look(object, exists, Some(Said::Yes)).await;
    // Before it has ever said yes, a no may only mean that this target does not know the call.
    if looked.said == Said::Yes || !known.looks_tell() || session.is_cancelled() {
        return Ok(None);
    }
    let answered = looked.last.as_ref().is_ok_and(|exchange| exchange.answer.head.is_some());
    let told = match &looked.last {
        Ok(exchange) => states::answered(exchange, "so it may belong to nobody, or come later"),
        Err(setback) => setback.message.clone(),
    };
    Err(Setback {
        exchange: looked.last.ok().map(Box::new),
        // A look that was not answered says nothing about when the object comes.
        help: answered.then(|| {
            format!(
                "if it only comes later, say how long that takes: `within: 5s` in the suite's state `{}`",
                state.name
            )
        }),
        ..Setback::new(format!(
            "a {} that was made just now, {}, was not seen to be there: {told}",
            state.name, object.id
        ))
    })
}

impl Session {
    /// The staging of a suite's checks. It waits for no other try once the run is to end.
    pub(super) fn staging(&self, suite_index: usize) -> Staging<'_> {
        Staging { stop: Some(self.stop()), waits_while_busy: false, ..self.removing(suite_index) }
    }

    /// The staging of a suite for what is set up.
    pub(super) fn setting_up(&self, suite_index: usize) -> Staging<'_> {
        Staging { stop: Some(self.stop()), ..self.removing(suite_index) }
    }

    /// The staging of a suite for what must be removed also when the run is to end.
    pub(super) fn removing(&self, suite_index: usize) -> Staging<'_> {
        Staging {
            client: self.client(),
            suite: &self.suites()[suite_index],
            secrets: self.credentials(suite_index).values(),
            patience: self.settings().timeout / LOOKS,
            hold: self.hold(),
            pulse: self.pulse(),
            waits_while_busy: true,
            stop: None,
        }
    }
}
