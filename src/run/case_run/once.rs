//! Runs a selected case once, from its `given` objects to the verdict that is added to its outcome; and once more where the first
//! run proves nothing. `rerun` decides that.

use std::time::Instant;

use tokio::time::sleep;

use super::attempt::{Attempt, RetryReason};
use super::changes::{CaseChanges, Change, in_words};
use super::judge::{self, Judged, judge_attempt};
use super::obtain::{CaseObject, obtain_objects};
use super::rerun::{goes_alone, may_see_another, not_judged, unexplained};
use super::settle::settle;
use super::steps::{StepRun, finish_rests, take_steps};
use crate::finding::Finding;
use crate::object::StagingError;
use crate::outcome::Verdict;
use crate::rule::Level;
use crate::run::collect::{self, Collected};
use crate::run::object_life::provide::give_back;
use crate::run::object_life::state_check::check_state;
use crate::run::parts::test_run::TestRun;
use crate::run::schedule::isolation::Permit;
use crate::run::schedule::slots::Slot;
use crate::suite::Case;
use crate::transport::Reuse;

/// The requests of other cases that may have removed an object, by index into `given`.
type Others = Vec<(usize, Vec<String>)>;

/// How often a case that runs once more runs again because a secret of a login ended.
const MORE_LOGINS: u32 = 2;

/// Why an object was lost that other cases may have removed.
enum Cause {
    /// Another case is found to remove objects that it should not.
    OtherCase,
    /// Nothing happens again: these requests of other cases were under way.
    Unknown(Others),
}

/// Runs a selected case once, and once more where the first run proves nothing. `collected` is that of all selected cases, or
/// of this case alone.
pub(crate) async fn run_once(run: &TestRun, index: usize, collected: &[Collected], slot: &mut Slot<'_>) -> Verdict {
    let own = of_case(run, index, collected).unwrap_or(&collected[0]);
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
    let (mut attempt, others, permit) = until_it_counts(run, index, attempt, permit, collected, slot).await;
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
    attempt.fail("making an object in the checks before the first case", error);
    let mut judged = Judged::trouble(&attempt);
    if run.target.stop.is_requested() {
        judged.verdict = Verdict::Skipped;
        judged.reason = Some(collect::how_far(&attempt));
    }
    let verbose = run.setup.settings.verbose;
    own.add(judged, start.elapsed(), verbose > 0, || collect::transcript(run, case, &attempt, verbose > 1))
}

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
        attempt.exchanges[index].exchange = exchange;
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

/// What was collected of a case, if `collected` is that of all selected cases.
fn of_case<'a>(run: &TestRun, index: usize, collected: &'a [Collected]) -> Option<&'a Collected> {
    collected.get(index).filter(|_| collected.len() == run.setup.selected.len())
}

/// Runs a case again until a run counts. Returns that run, the requests of other cases to name, and the permit.
async fn until_it_counts<'a>(
    run: &'a TestRun,
    index: usize,
    mut attempt: Attempt<'a>,
    mut permit: Permit<'a>,
    collected: &[Collected],
    slot: &mut Slot<'_>,
) -> (Attempt<'a>, Others, Permit<'a>) {
    if let Some(reason) = attempt.retry.filter(|_| !run.target.stop.is_requested()) {
        (attempt, permit) = retry(run, index, reason, permit, slot).await;
    }
    let mut others = Vec::new();
    if let Some(lost) = unexplained(run, index, &attempt, &permit) {
        permit = alone(run, permit, slot).await;
        (attempt, others) = seek_cause(run, index, attempt, lost, collected, slot).await;
    } else if may_see_another(run, index, &attempt) {
        permit = alone(run, permit, slot).await;
        attempt = carry_out(run, index, Reuse::Refused, slot).await;
        attempt.retry = None;
        let was_judged = !attempt.is_incomplete() && !run.target.stop.is_requested();
        if was_judged && !may_see_another(run, index, &attempt) {
            attempt.notes.push(
                "an object was still seen after it had been removed, but the target may give an id twice, so the case was run \
                 once more; then the object was gone"
                    .to_owned(),
            );
        }
    }
    (attempt, others, permit)
}

/// Waits until the case may run alone.
async fn alone<'a>(run: &'a TestRun, permit: Permit<'a>, slot: &mut Slot<'_>) -> Permit<'a> {
    if permit.is_exclusive() {
        return permit;
    }
    drop(permit);
    run.target.isolation.exclusive(slot).await
}

/// Runs a case again whose request got no answer that counts.
async fn retry<'a>(
    run: &'a TestRun,
    index: usize,
    reason: RetryReason,
    mut permit: Permit<'a>,
    slot: &mut Slot<'_>,
) -> (Attempt<'a>, Permit<'a>) {
    if matches!(reason, RetryReason::Cut | RetryReason::Busy(..)) {
        permit = alone(run, permit, slot).await;
    }
    if let RetryReason::Busy(_, wait) = reason {
        tokio::select! {
            () = sleep(wait) => {}
            () = run.target.stop.requested() => {}
        }
    }
    let mut attempt = carry_out(run, index, Reuse::Refused, slot).await;
    let mut again = attempt.retry.take();
    // A secret may end in this run too.
    for _ in 0..MORE_LOGINS {
        if again == Some(RetryReason::LoggedOut) && !run.target.stop.is_requested() {
            attempt = carry_out(run, index, Reuse::Refused, slot).await;
            again = attempt.retry.take();
        }
    }
    if let (RetryReason::Busy(429, _), Some(RetryReason::Busy(429, _))) = (reason, again) {
        not_judged(&mut attempt);
    }
    attempt.notes.push(match reason {
        RetryReason::Stale => {
            "a kept connection died before any byte of the response, so the case was run once more from \
                               the start"
                .to_owned()
        }
        RetryReason::Cut => {
            "a connection ended before any byte of the response, so the case was run once more from the start"
                .to_owned()
        }
        RetryReason::LoggedOut => {
            "a request with the secret of a login was answered 401, so the run logged in again, and the case was run once more \
             from the start"
                .to_owned()
        }
        RetryReason::Busy(status, wait) => {
            format!("the target answered {status}, so the case was run once more, alone, after {wait:.1?}")
        }
    });
    (attempt, permit)
}

/// Runs a case that lost objects once more, alone. If it loses none then, runs each case whose requests may have removed them.
/// Returns the run that counts, and the requests to name if nothing happens again.
async fn seek_cause<'a>(
    run: &'a TestRun,
    index: usize,
    first: Attempt<'a>,
    lost: Vec<usize>,
    collected: &[Collected],
    slot: &mut Slot<'_>,
) -> (Attempt<'a>, Others) {
    let (suite, case) = run.setup.case(index);
    let mut alone = carry_out(run, index, Reuse::Refused, slot).await;
    alone.retry = None;
    let lost_again = judge::lost(suite, case, &alone, run.setup.settings.slow);
    if !lost_again.is_empty() || alone.is_incomplete() {
        return (alone, Vec::new());
    }
    match run_suspects(run, index, &first.suspects, &lost, collected, slot).await {
        Cause::OtherCase => {
            alone
                .notes
                .push("another case removed an object of this one, so this case was run once more, alone".to_owned());
            (alone, Vec::new())
        }
        // Only `undo` said that the object was gone, and did not say so again. That proves nothing.
        Cause::Unknown(others) if others.is_empty() => {
            alone.notes.push(
                "an object seemed to be gone, and only its undo said so; when the case ran once more, it was not gone"
                    .to_owned(),
            );
            (alone, Vec::new())
        }
        Cause::Unknown(others) => (first, others),
    }
}

/// Runs each case alone whose requests may have removed objects of another case.
async fn run_suspects(
    run: &TestRun,
    index: usize,
    suspects: &[(usize, Vec<Change>)],
    lost: &[usize],
    collected: &[Collected],
    slot: &mut Slot<'_>,
) -> Cause {
    let mut cases: Vec<usize> = Vec::new();
    let mut named = Vec::new();
    for (given, changes) in suspects.iter().filter(|(given, _)| lost.contains(given)) {
        cases.extend(changes.iter().filter_map(|change| change.selected).filter(|other| *other != index));
        named.push((*given, in_words(changes)));
    }
    cases.sort_unstable();
    cases.dedup();
    let mut found = false;
    for other in cases {
        if run.target.stop.is_requested() {
            break;
        }
        found |= is_to_blame(run, other, collected, slot).await;
    }
    if found { Cause::OtherCase } else { Cause::Unknown(named) }
}

/// Runs a case alone. Returns whether it removes objects that it should not; then that is its own finding.
async fn is_to_blame(run: &TestRun, index: usize, collected: &[Collected], slot: &mut Slot<'_>) -> bool {
    let (_, case) = run.setup.case(index);
    let own = of_case(run, index, collected);
    let mut attempt = carry_out(run, index, Reuse::Refused, slot).await;
    // A runner that asks for one case at a time may have reported the other case already.
    let Some(own) = own else { return false };
    let judged = judge_attempt(run, index, &mut attempt, &[], own.known()).await;
    let removes = |finding: &Finding| {
        finding.level == Level::Must && matches!(finding.rule.id, "bystander-lost" | "effect-despite-refusal")
    };
    if !judged.findings.iter().any(removes) {
        return false;
    }
    if own.passed() {
        own.amend(judged, || collect::transcript(run, case, &attempt, false));
    }
    true
}
