//! Removes at the end of a run every object that is still in the ledger, and reports what it cannot remove.

use std::time::{Duration, Instant};

use super::ask_exists::ask_exists;
use super::leave::{abandon, settle_kept, settle_removed};
use super::remove::{NO_UNDO, NOT_REPEATED, NOT_SHOWN, exists_works, remove, rests_on_undo};
use crate::event::Event;
use crate::object::life::is_random;
use crate::object::{ExistsAnswer, Object};
use crate::run::parts::test_run::TestRun;
use crate::run::schedule::join_all::join_all;

/// The pause before each round.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(2)];
/// How many removals a target gets at once that leaves requests unanswered.
const MANY: usize = 512;
/// The longest time of all rounds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Removes every object in the ledger. The first round removes as many at once as cases run; the later rounds, for targets
/// that could not remove them before, remove one after the other. Then reports what is left and what is still being made.
pub(crate) async fn clean_up(run: &TestRun) {
    let _alone = run.record.cleaning.lock().await;
    let start = Instant::now();
    // A target that leaves requests unanswered would leave the next round unanswered too.
    let silent = run.target.slots.is_target_silent();
    let rounds = if silent { 1 } else { PAUSES.len() };
    for (round, pause) in PAUSES.into_iter().take(rounds).enumerate() {
        let objects = run.record.ledger.all();
        if objects.is_empty() {
            break;
        }
        run.record.announcer.emit(|| Event::RemovalRepeated(objects.len()));
        tokio::time::sleep(pause).await;
        let at_once = match round {
            0 if silent => MANY,
            0 => run.setup.settings.jobs.max(1),
            _ => 1,
        };
        for some in objects.chunks(at_once) {
            if start.elapsed() > PATIENCE {
                break;
            }
            join_all(some.iter().map(|object| clean_up_one(run, object, round + 1 == rounds))).await;
        }
    }
    abandon(&run.setup, &run.record, "there was no time to remove it");
}

async fn clean_up_one(run: &TestRun, object: &Object, last: bool) {
    let (setup, record) = (&*run.setup, &run.record);
    let state = setup.state(object.suite, object.state);
    let life = record.ledger.life(object.number);
    if life.as_ref().is_none_or(|life| life.left_behind().is_none()) {
        return record.ledger.strike(object.number);
    }
    let Some(undo) = &state.undo else {
        return settle_kept(setup, record, object, NO_UNDO);
    };
    if life.is_some_and(|life| life.may_be_removed()) && !is_random(&object.id) {
        // Its removal is not repeated, but it may be gone by now.
        if let Some(exists) = state.exists.as_ref().filter(|_| exists_works(record, object)) {
            ask_exists(run, object, exists, Some(ExistsAnswer::No)).await;
        }
        return settle_kept(setup, record, object, NOT_REPEATED);
    }
    if !is_random(&object.id) && !rests_on_undo(setup, record, object) {
        let said = match &state.exists {
            Some(exists) => ask_exists(run, object, exists, Some(ExistsAnswer::Yes)).await.said,
            None => ExistsAnswer::Yes,
        };
        if said != ExistsAnswer::Yes {
            return settle_kept(setup, record, object, NOT_SHOWN);
        }
    }
    let removal = remove(run, undo, object, true).await;
    settle_removed(setup, record, object, &removal, last);
}
