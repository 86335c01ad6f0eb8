//! Settling objects: what became of them is looked at, what must still be there is removed, and what cannot be is told.

use std::time::Duration;

use tokio::time::Instant;

use super::announce;
use super::attempt::Attempt;
use super::changes::Running;
use super::controls::says_gone;
use super::look::Look;
use super::session::Session;
use super::together::together;
use crate::assess::{Presence, effects};
use crate::case::{Case, Exists, State, Step, Suite};
use crate::exchange::Exchange;
use crate::object::life::is_random;
use crate::object::states::{self, Said, Setback};
use crate::object::{Life, Object};
use crate::observation::{ObservedExchange, Proof, Role};

/// What came of removing an object.
pub(super) struct Removal {
    /// The answer to its undo.
    pub(super) undone: Result<Exchange, Setback>,
    /// Whether it says that the object was removed.
    pub(super) accepted: bool,
    /// The look after it, if anybody looked.
    pub(super) looked: Option<Look>,
    /// Why the object was not removed, as far as the answers tell.
    pub(super) why: Option<String>,
    /// Whether it may be removed later: asking again to remove an object of one's own does no harm.
    pub(super) try_again: bool,
    /// What was known of the object then.
    pub(super) life: Option<Life>,
}

/// What is known of one of a case's objects when it is settled.
#[derive(Clone, Debug)]
pub(super) struct Fate {
    /// Index into the case's `given`.
    pub(super) given: usize,
    /// What a finding may rest on.
    pub(super) proof: Proof,
    /// When it was last known to be there.
    pub(super) last_known: Instant,
    /// When it was missed, if it was.
    pub(super) missed: Option<Instant>,
}

/// An object of a case, and when it came.
pub(super) struct Held {
    pub(super) object: Object,
    pub(super) since: Instant,
}

/// Settles every object of a case, one after the other: first those that must be gone, because what a removal does beside
/// that may come as late as the removal itself.
pub(super) async fn settle<'a>(
    session: &'a Session,
    suite_index: usize,
    case: &'a Case,
    objects: Vec<Option<Held>>,
    running: &Running<'_>,
    attempt: &mut Attempt<'a>,
) {
    let suite = &session.suites()[suite_index];
    let duties = effects::requirements(case, suite, &attempt.taken);
    let must = |index: usize| duties.get(index).map_or(Presence::Unknown, |duty| duty.must_be);
    let mut objects: Vec<(usize, Held)> =
        objects.into_iter().enumerate().filter_map(|(index, held)| Some((index, held?))).collect();
    objects.sort_by_key(|(index, _)| must(*index) != Presence::Gone);
    for (index, held) in objects {
        let must = must(index);
        settle_one(session, suite, case, index, held, must, running, attempt).await;
    }
}

#[expect(clippy::too_many_arguments, reason = "one object, its place in the case, and what is known of both")]
async fn settle_one<'a>(
    session: &'a Session,
    suite: &'a Suite,
    case: &'a Case,
    index: usize,
    held: Held,
    must: Presence,
    running: &Running<'_>,
    attempt: &mut Attempt<'a>,
) {
    let Held { object, since } = held;
    let given = &case.given[index];
    let state: &State = &suite.states[given.state];
    let life = || session.ledger().life(object.number);
    let mut said = Said::Neither;
    let mut missed = None;
    let mut known = None;
    let mut answered = true;
    let was_seen = life().is_some_and(|life| life.was_seen());
    let last_seen = life().and_then(|life| life.last_seen()).unwrap_or(since);
    if let Some(exists) = state.exists.as_ref().filter(|_| was_seen && session.looks_tell(&object)) {
        let wanted = match must {
            Presence::Gone => Some(Said::No),
            Presence::Present => Some(Said::Yes),
            Presence::Unknown => None,
        };
        session.role(|| format!("is {} there?", given.name));
        let looked = session.look(&object, exists, wanted).await;
        said = looked.said;
        // It was missed by the first look that says so, however long the last one took.
        let since = || life().and_then(|life| life.gone_since()).unwrap_or_else(Instant::now);
        missed = (said == Said::No).then(since);
        answered = looked.last.as_ref().is_ok_and(|exchange| exchange.answer.head.is_some());
        keep_look(attempt, Role::Exists { given: index }, exists, &given.name, looked);
    }
    let is_released = || life().is_some_and(|life| life.is_released());
    let accepted = life().is_some_and(|life| life.is_accepted());
    let released = is_released();
    let done = released || said == Said::No;
    // Where ids come again, another object may have this one's by now: a removal that was accepted, or may have been carried
    // out, is not repeated to clean up. Where nothing else can tell, it is the proof, and then the case runs alone.
    let removed = life().is_some_and(|life| life.may_be_removed());
    let by_undo_alone = session.rests_on_undo(&object);
    let may_undo = is_random(&object.id) || if removed { by_undo_alone } else { by_undo_alone || said == Said::Yes };
    if !done {
        match &state.undo {
            Some(undo) if may_undo => {
                session.role(|| format!("undo {}", given.name));
                let removal = {
                    let _sent = running.sends(format!("the removal of `{}` of {}", given.name, case.id));
                    session.remove(object.suite, state, undo, &object, answered).await
                };
                if let Ok(undone) = &removal.undone
                    && says_gone(state, undone, &object.values)
                {
                    missed.get_or_insert_with(Instant::now);
                    if accepted {
                        session.learn(object.suite, object.state, |known| known.undo_no = true);
                    }
                }
                if accepted && removal.accepted && by_undo_alone && session.known_of(object.suite, object.state).undo_no
                {
                    // Its removal had been accepted before, and here it was once more: neither need have removed it.
                    session.ledger().note(object.number, Life::outlive);
                }
                known.clone_from(&removal.life);
                session.settled(suite, &object, &removal, false);
                keep_removal(attempt, state, undo, index, &given.name, removal);
            }
            Some(_) if removed => session.tell_left(suite, &object, NOT_REPEATED),
            Some(_) => session.tell_left(suite, &object, NOT_SHOWN),
            None => session.tell_left(suite, &object, "the suite's state has no undo"),
        }
    }
    let last_known = last_seen.max(since);
    let life = life().or(known).unwrap_or_else(Life::made);
    let mut proof = session.proof(&object, &life);
    // The record is struck out once the object is settled; what was seen of it stays true.
    // That its id went to another object after its removal here shows nothing about the case.
    proof.released = released;
    proof.seen |= was_seen && session.looks_tell(&object);
    attempt.fates.push(Fate { given: index, proof, last_known, missed });
    if done {
        session.ledger().strike(object.number);
    }
}

/// Keeps the exchanges of a look: the first where it said something else, and the last.
fn keep_look<'a>(attempt: &mut Attempt<'a>, role: Role, exists: &'a Exists, name: &str, looked: Look) {
    if let Some((_, first)) = looked.first {
        if looked.said == Said::Neither {
            // What the last look does not tell, an earlier one does not either.
            attempt.staged.push((format!("exists {name}, first"), first));
        } else {
            attempt.taken.push(ObservedExchange::new(role.clone(), &exists.call, first));
        }
    }
    match looked.last {
        Ok(exchange) if looked.said == Said::Neither && exchange.answer.status().is_some() => {
            attempt.staged.push((format!("exists {name}"), exchange));
        }
        Ok(exchange) => attempt.taken.push(ObservedExchange::new(role, &exists.call, exchange)),
        Err(setback) => keep_setback(attempt, format!("exists {name}"), setback),
    }
}

/// Keeps what removing an object came to.
fn keep_removal<'a>(
    attempt: &mut Attempt<'a>,
    state: &'a State,
    undo: &'a Step,
    index: usize,
    name: &str,
    removal: Removal,
) {
    match removal.undone {
        Ok(exchange) => attempt.taken.push(ObservedExchange::new(Role::Undo { given: index }, undo, exchange)),
        Err(setback) => keep_setback(attempt, format!("undo {name}"), setback),
    }
    if let (Some(looked), Some(exists)) = (removal.looked, &state.exists) {
        keep_look(attempt, Role::Removed { given: index }, exists, name, looked);
    }
}

/// The judged requests have been answered: that an object could not be settled is told, and weighs only where its effect had
/// to be proven (see `judge`).
fn keep_setback(attempt: &mut Attempt<'_>, what: String, setback: Setback) {
    if let Some(exchange) = setback.exchange {
        attempt.staged.push((what, *exchange));
    }
    attempt.notes.push(setback.message);
}

impl Session {
    /// Whether looking at an object tells anything on this target.
    pub(super) fn looks_tell(&self, object: &Object) -> bool {
        self.known_of(object.suite, object.state).looks_tell()
    }

    /// Whether only `undo` tells what became of an object.
    pub(super) fn rests_on_undo(&self, object: &Object) -> bool {
        let state = &self.suites()[object.suite].states[object.state];
        state.exists.is_none() || !self.looks_tell(object)
    }

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
            let why = "its id was given for two objects, so it may be somebody else's".to_owned();
            let undone = Err(Setback::new(why.clone()));
            return Removal { undone, accepted: false, looked: None, why: Some(why), try_again: false, life: None };
        }
        let mut values = object.values.clone();
        self.ledger().note(object.number, Life::begin_removal);
        announce::request(self, Some(&object.case), "remove it", &self.suites()[suite_index], undo);
        let undone = self.removing(suite_index).send(undo, &mut values).await;
        if let Ok(exchange) = &undone {
            self.places().notice(&exchange.answer);
        }
        let status = undone.as_ref().ok().and_then(|exchange| exchange.answer.status());
        let differs = undone.as_ref().ok().and_then(|exchange| {
            states::differs(&undo.expect.all()[0], exchange, &values).map(|why| states::answered(exchange, &why))
        });
        let accepted = undone.is_ok() && differs.is_none();
        let unsent = undone.as_ref().is_err_and(|setback| setback.exchange.is_none());
        let refused = unsent || status.is_some_and(was_not_carried_out);
        // What the suite does not name as the right answer may be an acceptance all the same.
        let is_success = matches!(status, Some(200..=299));
        self.ledger().note(object.number, |life| life.end_removal(accepted || is_success, refused));
        if undone.as_ref().is_ok_and(|undone| says_gone(state, undone, &object.values)) {
            self.ledger().note(object.number, Life::find_nothing);
        }
        // A request that was not sent or was refused for good will be the next time too.
        let try_again = match &undone {
            Ok(_) => status.is_none_or(|it| it < 400 || it == 429 || it >= 500),
            Err(setback) => !setback.refused,
        };
        let why = match &undone {
            Err(setback) => Some(setback.message.clone()),
            Ok(_) => differs,
        };
        // Where it can be asked, what is there outranks what was answered: another answer than the suite names may still
        // have removed it, and an accepted one may not. Whoever has just left two questions unanswered is not asked a third.
        let looked = match &state.exists {
            Some(exists) if ask && self.looks_tell(object) => {
                self.role(|| "is it gone?".to_owned());
                let gone = undone.as_ref().is_ok_and(|undone| says_gone(state, undone, &object.values));
                Some(self.look(object, exists, (accepted || gone).then_some(Said::No)).await)
            }
            _ => None,
        };
        // Once the target has given the id to another object, what is seen is that one.
        let is_released = self.ledger().life(object.number).is_some_and(|life| life.is_released());
        let looked = looked.filter(|_| !is_released);
        Removal { undone, accepted, looked, why, try_again, life: self.ledger().life(object.number) }
    }

    /// Strikes an object out that is not left behind; of one that is, tells why, unless its removal may be tried again and
    /// this was not the last time.
    pub(super) fn settled(&self, suite: &Suite, object: &Object, removal: &Removal, last: bool) {
        let Some(life) = self.ledger().life(object.number) else { return };
        let Some(reason) = life.left_behind() else { return self.ledger().strike(object.number) };
        if !last && (removal.try_again || life.is_accepted()) {
            return;
        }
        let reason = match &removal.why {
            Some(why) => format!("{reason}: {why}"),
            None => reason.to_owned(),
        };
        self.ledger().left(object.number, &reason);
        self.leave_behind(suite, object, &reason);
    }

    /// Tells that an object is left behind, if it is, and strikes it out. `why` is what keeps it from being removed.
    fn tell_left(&self, suite: &Suite, object: &Object, why: &str) {
        let left = self.ledger().life(object.number).and_then(|life| life.left_behind());
        if let Some(left) = left {
            let reason = format!("{left}; {why}");
            self.ledger().left(object.number, &reason);
            self.leave_behind(suite, object, &reason);
        } else {
            self.ledger().strike(object.number);
        }
    }

    /// Undoes everything that still stands in the ledger: as many at a time as cases run, and then, where a target cannot
    /// just now, one after the other. What was being made and nobody waited for is told.
    pub async fn clean_up(&self) {
        let _alone = self.cleaning().lock().await;
        let start = Instant::now();
        // A target that leaves requests unanswered would only do so again, one wait after the other.
        let silent = self.places().saw_silence();
        let rounds = if silent { 1 } else { PAUSES.len() };
        for (round, pause) in PAUSES.into_iter().take(rounds).enumerate() {
            let objects = self.ledger().all();
            if objects.is_empty() {
                break;
            }
            tokio::time::sleep(pause).await;
            let at_once = match round {
                0 if silent => MANY,
                0 => self.settings().jobs.max(1),
                _ => 1,
            };
            for some in objects.chunks(at_once) {
                if start.elapsed() > PATIENCE {
                    break;
                }
                together(some.iter().map(|object| self.clean_up_one(object, round + 1 == rounds))).await;
            }
        }
        self.abandon("there was no time to remove it");
    }

    async fn clean_up_one(&self, object: &Object, last: bool) {
        let suite = &self.suites()[object.suite];
        let state = &suite.states[object.state];
        let life = self.ledger().life(object.number);
        if life.as_ref().is_none_or(|life| life.left_behind().is_none()) {
            return self.ledger().strike(object.number);
        }
        let Some(undo) = &state.undo else {
            return self.tell_left(suite, object, "the suite's state has no undo");
        };
        if life.is_some_and(|life| life.may_be_removed()) && !is_random(&object.id) {
            // Its removal is not repeated, but it may have gone meanwhile.
            if let Some(exists) = state.exists.as_ref().filter(|_| self.looks_tell(object)) {
                self.look(object, exists, Some(Said::No)).await;
            }
            return self.tell_left(suite, object, NOT_REPEATED);
        }
        if !is_random(&object.id) && !self.rests_on_undo(object) {
            let exists = state.exists.as_ref();
            let said = match exists {
                Some(exists) => self.look(object, exists, Some(Said::Yes)).await.said,
                None => Said::Yes,
            };
            if said != Said::Yes {
                return self.tell_left(suite, object, NOT_SHOWN);
            }
        }
        let removal = self.remove(object.suite, state, undo, object, true).await;
        self.settled(suite, object, &removal, last);
    }
}

/// Why the removal of an object is not tried again.
const NOT_REPEATED: &str = "the removal is not repeated, because the target gives ids again and another object may have this \
                            one by now";

/// Why an object is not removed that looks do not show.
const NOT_SHOWN: &str = "no look shows it as `exists` says, and the target gives ids again, so what has this one may be another \
                         object";

/// Whether a status says that what was asked was not carried out. A server that fails may have done it; one that answers 503
/// is not ready to (RFC 9110 §15.6.4).
pub(super) fn was_not_carried_out(status: u16) -> bool {
    status < 500 || status == 503
}

/// Before each attempt to clean up.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(2)];

/// How many removals a silent target is asked for at a time.
const MANY: usize = 512;

/// How long cleaning up goes on at most, over all attempts.
const PATIENCE: Duration = Duration::from_secs(60);
