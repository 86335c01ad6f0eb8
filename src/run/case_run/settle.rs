//! Settles the objects of a case: asks what became of each, removes it if it must still be there, and reports it if it cannot be
//! removed.

use tokio::time::Instant;

use super::attempt::{Attempt, SettledObject};
use super::changes::CaseChanges;
use super::obtain::CaseObject;
use crate::assess::{Presence, effects};
use crate::object::answers::says_gone;
use crate::object::life::is_random;
use crate::object::{Asked, ExistsAnswer, Life, Object, StagingError, Undone};
use crate::observation::{ObservedExchange, Proof, Role};
use crate::run::object_life::ask_exists::{ExistsResult, ask_exists};
use crate::run::object_life::leave::{settle_kept, settle_removed};
use crate::run::object_life::remove::{NO_UNDO, NOT_REPEATED, NOT_SHOWN, Removal, exists_works, remove, rests_on_undo};
use crate::run::parts::record::Record;
use crate::run::parts::test_run::TestRun;
use crate::suite::{Case, Exists, State, Suite, Undo};

/// Settles every object of a case, one after the other. The objects that must be gone come first: a removal that also hits
/// another object may do so as late as it removes its own.
pub(super) async fn settle<'a>(
    run: &'a TestRun,
    suite_index: usize,
    case: &'a Case,
    objects: Vec<Option<CaseObject>>,
    changes: &CaseChanges<'_>,
    attempt: &mut Attempt<'a>,
) {
    let suite = &run.setup.suites[suite_index];
    let requirements = effects::requirements(case, suite, &attempt.exchanges);
    let must = |index: usize| requirements.get(index).map_or(Presence::Unknown, |requirement| requirement.must_be);
    let mut objects: Vec<(usize, CaseObject)> =
        objects.into_iter().enumerate().filter_map(|(index, object)| Some((index, object?))).collect();
    objects.sort_by_key(|(index, _)| must(*index) != Presence::Gone);
    for (index, CaseObject { given, since }) in objects {
        let settling = Settling::new(run, suite, case, index, given.object, changes);
        settling.settle(since, must(index), attempt).await;
    }
}

/// One object that is being settled.
struct Settling<'a, 'b> {
    run: &'a TestRun,
    case: &'a Case,
    /// Index into the case's `given`.
    index: usize,
    /// The name under `given`.
    name: &'a str,
    state: &'a State,
    object: Object,
    changes: &'b CaseChanges<'b>,
}

/// What `exists` said while the object was settled.
struct SettledPresence {
    said: ExistsAnswer,
    /// When the object was first missing, if it was.
    missed: Option<Instant>,
    /// Whether the last question was answered.
    is_answered: bool,
}

impl<'a, 'b> Settling<'a, 'b> {
    fn new(
        run: &'a TestRun,
        suite: &'a Suite,
        case: &'a Case,
        index: usize,
        object: Object,
        changes: &'b CaseChanges<'b>,
    ) -> Self {
        let given = &case.given[index];
        let state = &suite.states[given.state];
        Self { run, case, index, name: &given.name, state, object, changes }
    }

    async fn settle(&self, since: Instant, must: Presence, attempt: &mut Attempt<'a>) {
        let was_seen = self.life().is_some_and(|life| life.was_seen());
        let last_seen = self.life().and_then(|life| life.last_seen()).unwrap_or(since);
        let mut presence = self.ask(was_seen, must, attempt).await;
        let released = self.life().is_some_and(|life| life.is_released());
        let done = released || presence.said == ExistsAnswer::No;
        let mut known = None;
        if !done {
            known = self.remove(&mut presence, attempt).await;
        }
        let life = self.life().or(known).unwrap_or_else(Life::made);
        let mut proof = proof(&self.run.record, &self.object, &life);
        // A settled object is struck out of the ledger; that it was seen stays true.
        // If the target gave its id to another object after this removal, that shows nothing about the case.
        proof.released = released;
        proof.seen |= was_seen && exists_works(&self.run.record, &self.object);
        let last_known = last_seen.max(since);
        attempt.settled.push(SettledObject { given: self.index, proof, last_known, missed: presence.missed });
        if done {
            self.run.record.ledger.strike(self.object.number);
        }
    }

    /// Asks `exists` what became of the object, if the object was seen before and `exists` works on this target.
    async fn ask(&self, was_seen: bool, must: Presence, attempt: &mut Attempt<'a>) -> SettledPresence {
        let exists = self.state.exists.as_ref();
        let Some(exists) = exists.filter(|_| was_seen && exists_works(&self.run.record, &self.object)) else {
            return SettledPresence { said: ExistsAnswer::Unclear, missed: None, is_answered: true };
        };
        let wanted = match must {
            Presence::Gone => Some(ExistsAnswer::No),
            Presence::Present => Some(ExistsAnswer::Yes),
            Presence::Unknown => None,
        };
        self.run.target.role(|| format!("is {} there?", self.name));
        let looked = ask_exists(self.run, &self.object, exists, wanted).await;
        let said = looked.said;
        // The first answer that says so counts, however long the last one took.
        let since = || self.life().and_then(|life| life.gone_since()).unwrap_or_else(Instant::now);
        let missed = (said == ExistsAnswer::No).then(since);
        let is_answered = looked.is_answered();
        keep_looks(attempt, Role::Exists { given: self.index }, exists, self.name, looked);
        SettledPresence { said, missed, is_answered }
    }

    /// Removes the object, unless its id may belong to another object. Returns what was known of it then.
    async fn remove(&self, presence: &mut SettledPresence, attempt: &mut Attempt<'a>) -> Option<Life> {
        let Self { run, object, .. } = self;
        // If the target may give an id twice, another object may have this id by now. So a removal is not repeated that was
        // accepted or may have been carried out. If only `undo` can tell, its answer is the proof; then the case runs alone.
        let removed = self.life().is_some_and(|life| life.may_be_removed());
        let by_undo_alone = rests_on_undo(&run.setup, &run.record, object);
        let was_shown = presence.said == ExistsAnswer::Yes;
        let may_undo = is_random(&object.id) || if removed { by_undo_alone } else { by_undo_alone || was_shown };
        match &self.state.undo {
            Some(undo) if may_undo => return self.undo(undo, by_undo_alone, presence, attempt).await,
            Some(_) if removed => settle_kept(&run.setup, &run.record, object, NOT_REPEATED),
            Some(_) => settle_kept(&run.setup, &run.record, object, NOT_SHOWN),
            None => settle_kept(&run.setup, &run.record, object, NO_UNDO),
        }
        None
    }

    async fn undo(
        &self,
        undo: &'a Undo,
        by_undo_alone: bool,
        presence: &mut SettledPresence,
        attempt: &mut Attempt<'a>,
    ) -> Option<Life> {
        let Self { run, object, .. } = self;
        let accepted = self.life().is_some_and(|life| life.is_accepted());
        run.target.role(|| format!("clean-up request for {}", self.name));
        let removal = {
            let pending = self.changes.sends(format!("clean-up of `{}` in {}", self.name, self.case.id));
            let removal = remove(run, undo, object, presence.is_answered).await;
            let status = removal.undone.answer.as_ref().ok().and_then(|undone| undone.answer.status());
            pending.ends(matches!(status, Some(400..=499)));
            removal
        };
        if let Ok(undone) = &removal.undone.answer
            && says_gone(self.state, undone, &object.values)
        {
            presence.missed.get_or_insert_with(Instant::now);
            if accepted {
                run.record.learn(object.suite, object.state, |facts| facts.undo_no = true);
            }
        }
        let undo_is_refused = run.record.facts(object.suite, object.state).undo_no;
        if accepted && removal.accepted && by_undo_alone && undo_is_refused {
            // Two removals were accepted, so the first one need not have removed it.
            run.record.ledger.note(object.number, Life::outlive);
        }
        let known = removal.life.clone();
        settle_removed(&run.setup, &run.record, object, &removal, false);
        self.keep_removal(removal, attempt);
        known
    }

    /// Keeps the exchanges of a removal.
    fn keep_removal(&self, removal: Removal<'a>, attempt: &mut Attempt<'a>) {
        let Undone { step, answer, before, .. } = removal.undone;
        let before = before.into_iter().enumerate();
        attempt.staged.extend(before.map(|(at, exchange)| (format!("undo {}, step {}", self.name, at + 1), exchange)));
        match answer {
            Ok(exchange) => {
                attempt.exchanges.push(ObservedExchange::new(Role::Undo { given: self.index }, step, exchange));
            }
            Err(error) => keep_error(attempt, format!("clean-up request for {}", self.name), error),
        }
        if let (Some(looked), Some(exists)) = (removal.looked, &self.state.exists) {
            keep_looks(attempt, Role::Removed { given: self.index }, exists, self.name, looked);
        }
    }

    fn life(&self) -> Option<Life> {
        self.run.record.ledger.life(self.object.number)
    }
}

/// What a finding about an object may rest on.
fn proof(record: &Record, object: &Object, life: &Life) -> Proof {
    let facts = record.facts(object.suite, object.state);
    Proof {
        seen: life.was_seen() && !facts.exists_always_yes,
        exists_no: facts.exists_no && !facts.exists_always_yes,
        undo_yes: facts.undo_yes,
        undo_no: facts.undo_no,
        released: life.is_released(),
        looks_lag: record.lateness.was_seen(),
    }
}

/// Keeps the exchanges of `exists`: the last, and the first if it says something else.
fn keep_looks<'a>(attempt: &mut Attempt<'a>, role: Role, exists: &'a Exists, name: &str, looked: ExistsResult) {
    let is_unclear = looked.said == ExistsAnswer::Unclear;
    if let Some(first) = looked.first {
        if is_unclear {
            // If the last answer is unclear, the first one proves nothing either.
            attempt.staged.push((format!("exists {name}, first"), first.exchange));
        } else {
            keep_look(attempt, role.clone(), exists, name, first);
        }
    }
    match looked.last {
        Ok(asked) if is_unclear && asked.exchange.answer.status().is_some() => {
            attempt.staged.push((format!("exists {name}"), asked.exchange));
        }
        Ok(asked) => keep_look(attempt, role, exists, name, asked),
        Err(error) => keep_error(attempt, format!("exists {name}"), error),
    }
}

/// Keeps the exchange of `exists` that decides, and those before it as staged ones.
fn keep_look<'a>(attempt: &mut Attempt<'a>, role: Role, exists: &'a Exists, name: &str, asked: Asked) {
    let Some(look) = exists.looks.get(asked.look) else { return };
    let before = asked.before.into_iter().enumerate();
    attempt.staged.extend(before.map(|(at, exchange)| (format!("exists {name}, request {}", at + 1), exchange)));
    let observed = ObservedExchange::new(role, &look.call, asked.exchange);
    let observed = if exists.is_one_response() {
        observed
    } else {
        observed.saying(match asked.said {
            ExistsAnswer::Yes => Presence::Present,
            ExistsAnswer::No => Presence::Gone,
            ExistsAnswer::Unclear => Presence::Unknown,
        })
    };
    attempt.exchanges.push(observed);
}

/// Keeps an error as a note. The judged requests were answered, so the error weighs only if the effect had to be proven (see
/// `judge`).
fn keep_error(attempt: &mut Attempt<'_>, what: String, error: StagingError) {
    if let Some(exchange) = error.exchange {
        attempt.staged.push((what, *exchange));
    }
    attempt.notes.push(error.message);
}
