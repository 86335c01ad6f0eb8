//! Runs a selected case once, and once more where the first run proves nothing: from its `given` objects to the verdict that is
//! added to its outcome.

use std::time::Instant;

use super::attempt::Attempt;
use super::carry_out::carry_out;
use super::judge::{Judged, judge_attempt};
use super::rerun;
use crate::assess::named_objects;
use crate::object::StagingError;
use crate::outcome::Verdict;
use crate::run::collect::{self, Collected};
use crate::run::object_life::state_check::check_state;
use crate::run::parts::test_run::TestRun;
use crate::run::schedule::slots::Slot;
use crate::suite::Case;
use crate::transport::Reuse;

/// Runs a selected case once, and once more where the first run proves nothing. `collected` is that of all selected cases, or
/// of this case alone.
pub(crate) async fn run_once(run: &TestRun, index: usize, collected: &[Collected], slot: &mut Slot<'_>) -> Verdict {
    let own = rerun::of_case(run, index, collected).unwrap_or(&collected[0]);
    own.begin();
    let suite = run.setup.selected[index].suite;
    let (_, case) = run.setup.case(index);
    let start = Instant::now();
    for given in &case.given {
        // If the check of a state failed for a passing reason, each case that needs the state tries again.
        if let Err(error) = check_state(run, (suite, given.state)).await {
            return without_objects(run, case, own, error, start);
        }
    }
    let permit = if goes_alone(run, index) {
        run.target.isolation.exclusive(slot).await
    } else {
        run.target.isolation.shared(slot).await
    };
    let attempt = carry_out(run, index, Reuse::Allowed, slot).await;
    let (mut attempt, others, permit) = rerun::until_it_counts(run, index, attempt, permit, collected, slot).await;
    let judged = judge_attempt(run, index, &mut attempt, &others, own.known()).await;
    let verbose = run.setup.settings.verbose;
    let verdict =
        own.add(judged, start.elapsed(), verbose > 0, || collect::transcript(run, case, &attempt, verbose > 1));
    drop(permit);
    verdict
}

/// The verdict on a case whose objects cannot be made.
fn without_objects(run: &TestRun, case: &Case, own: &Collected, error: StagingError, start: Instant) -> Verdict {
    let mut attempt = Attempt::default();
    attempt.fail("making an object", error);
    let mut judged = Judged::trouble(&attempt);
    if run.target.stop.is_requested() {
        judged.verdict = Verdict::Skipped;
        judged.reason = Some(collect::how_far(&attempt));
    }
    let verbose = run.setup.settings.verbose;
    own.add(judged, start.elapsed(), verbose > 0, || collect::transcript(run, case, &attempt, verbose > 1))
}

/// Whether a case must run alone: it names an object again after a removal that may have been accepted, and the target may have
/// given the id to another object by then.
fn goes_alone(run: &TestRun, index: usize) -> bool {
    let suite_index = run.setup.selected[index].suite;
    let (suite, case) = run.setup.case(index);
    case.given.iter().enumerate().any(|(index, given)| {
        let facts = run.record.facts(suite_index, given.state);
        let state = &suite.states[given.state];
        let named = case.steps.iter().filter(|step| named_objects::names(suite, case, step, index));
        let times: usize = named.map(|step| step.at_once).sum();
        let removed = case.steps.iter().any(|step| {
            named_objects::removes(suite, case, step, index) || named_objects::may_change(suite, case, step, index)
        });
        let proven_by_undo = state.exists.is_none() || !facts.exists_works();
        facts.ids_may_repeat && removed && (times > 1 || proven_by_undo)
    })
}
