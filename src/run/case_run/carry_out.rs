//! Carries a case out once: obtains its objects, takes its steps, and settles its objects. The judgement comes later.

use super::attempt::Attempt;
use super::changes::CaseChanges;
use super::obtain::{CaseObject, obtain_objects};
use super::settle::settle;
use super::steps::{StepRun, finish_rests, take_steps};
use crate::run::collect;
use crate::run::object_life::provide::give_back;
use crate::run::parts::test_run::TestRun;
use crate::run::schedule::slots::Slot;
use crate::transport::Reuse;

/// Carries a selected case out once. While it waits long, it gives its slot away.
pub(crate) async fn carry_out<'a>(run: &'a TestRun, selected: usize, reuse: Reuse, slot: &mut Slot<'_>) -> Attempt<'a> {
    let suite_index = run.setup.selected[selected].suite;
    let (_, case) = run.setup.case(selected);
    let changes = run.record.changes.of_case(Some(selected));
    let mut attempt = Attempt { values: run.fresh_values(), ..Attempt::default() };
    let (mut objects, _users) = obtain_objects(run, selected, &mut attempt, slot).await;
    if !attempt.is_incomplete() && !run.target.stop.is_requested() {
        let steps = StepRun { run, suite: suite_index, case, objects: &objects, reuse, changes: &changes };
        take_steps(&steps, &mut attempt, slot).await;
    } else {
        objects = objects.into_iter().map(|object| keep_made(run, object?)).collect();
    }
    if run.target.stop.is_requested() && attempt.skipped.is_none() {
        // The run removes what was made, and does not judge what the case did: the case had not come to its end.
        attempt.skipped = Some(collect::how_far(&attempt));
    }
    let finishing = finish_rests(run, std::mem::take(&mut attempt.rests));
    // An answer that lingers must not hold the connection that `exists` waits for.
    let settling = settle(run, suite_index, case, objects, &changes, &mut attempt);
    let (finished, ()) = slot.release_if_slow(Box::pin(async { tokio::join!(finishing, settling) })).await;
    for (index, exchange) in finished {
        attempt.taken[index].exchange = exchange;
    }
    find_suspects(&changes, &mut attempt);
    attempt
}

/// Gives a provided object back that the case did not use. Keeps an object that the run made.
fn keep_made(run: &TestRun, object: CaseObject) -> Option<CaseObject> {
    let given = give_back(&run.record, object.given)?;
    Some(CaseObject { given, since: tokio::time::Instant::now() })
}

/// Finds what other cases had asked for while each lost object was lost.
fn find_suspects(changes: &CaseChanges<'_>, attempt: &mut Attempt<'_>) {
    for object in &attempt.settled {
        let Some(missed) = object.missed else { continue };
        let others = changes.of_others(object.last_known, missed);
        if !others.is_empty() {
            attempt.suspects.push((object.given, others));
        }
    }
}
