//! Runs a case again where its first run proves nothing about the API: a connection died, the target was busy, another case may
//! have removed an object, or another object may have the id of a removed one.

use tokio::time::sleep;

use super::attempt::{Attempt, RetryReason};
use super::carry_out::carry_out;
use super::changes::Change;
use super::judge::{self, judge_attempt};
use crate::finding::Finding;
use crate::object::StagingError;
use crate::observation::{ObservedExchange, Role};
use crate::rule::Level;
use crate::run::collect::{self, Collected};
use crate::run::parts::test_run::TestRun;
use crate::run::schedule::isolation::Permit;
use crate::run::schedule::slots::Slot;
use crate::transport::Reuse;

/// The requests of other cases that may have removed an object, by index into `given`.
type Others = Vec<(usize, Vec<String>)>;

/// Why an object was lost that other cases may have removed.
enum Cause {
    /// Another case is found to remove objects that it should not.
    OtherCase,
    /// Nothing happens again: these requests of other cases were under way.
    Unknown(Others),
}

/// What was collected of a case, if `collected` is that of all selected cases.
pub(super) fn of_case<'a>(run: &TestRun, index: usize, collected: &'a [Collected]) -> Option<&'a Collected> {
    collected.get(index).filter(|_| collected.len() == run.setup.selected.len())
}

/// Runs a case again until a run counts. Returns that run, the requests of other cases to name, and the permit.
pub(super) async fn until_it_counts<'a>(
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
                "an object was still seen after its removal, but the target may give an id twice, so the case was run once \
                 more; then the object was gone"
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
    if reason != RetryReason::Stale {
        permit = alone(run, permit, slot).await;
    }
    if let RetryReason::Busy(_, wait) = reason {
        tokio::select! {
            () = sleep(wait) => {}
            () = run.target.stop.requested() => {}
        }
    }
    let mut attempt = carry_out(run, index, Reuse::Refused, slot).await;
    let again = attempt.retry.take();
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
            "the connection ended before the first byte of a response, so the case was run again from the start"
                .to_owned()
        }
        RetryReason::Busy(status, wait) => {
            format!("the target answered {status}, so the case was run again, alone, after {wait:.1?}")
        }
    });
    (attempt, permit)
}

/// Whether an object is seen after its removal, and the target may have given its id to an object of somebody else.
fn may_see_another(run: &TestRun, index: usize, attempt: &Attempt<'_>) -> bool {
    if run.target.stop.is_requested() || attempt.is_incomplete() {
        return false;
    }
    let suite_index = run.setup.selected[index].suite;
    let (suite, case) = run.setup.case(index);
    let ids_may_repeat = |given: &usize| run.record.facts(suite_index, case.given[*given].state).ids_may_repeat;
    judge::remaining(suite, case, attempt, run.setup.settings.slow).iter().any(ids_may_repeat)
}

/// The objects that the case lost and that other cases may have removed, or that are gone by their `undo` alone. `None` if the
/// case itself removed what it lost.
fn unexplained(run: &TestRun, index: usize, attempt: &Attempt<'_>, permit: &Permit<'_>) -> Option<Vec<usize>> {
    if run.target.stop.is_requested() || attempt.is_incomplete() {
        return None;
    }
    let (suite, case) = run.setup.case(index);
    let lost = judge::lost(suite, case, attempt, run.setup.settings.slow);
    let suspected = |given: usize| attempt.suspects.iter().any(|(other, _)| *other == given);
    let lost: Vec<usize> = lost
        .into_iter()
        .filter(|(given, by_undo)| *by_undo || (!permit.is_exclusive() && suspected(*given)))
        .map(|(given, _)| given)
        .collect();
    (!lost.is_empty()).then_some(lost)
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
        named.push((*given, changes.iter().map(|change| change.what.clone()).collect()));
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

/// The target answered 429 twice. That says nothing about the API, so the request is not judged.
fn not_judged(attempt: &mut Attempt<'_>) {
    let refused = |observed: &ObservedExchange<'_>| {
        matches!(observed.role, Role::Judged { .. }) && observed.exchange.answer.status() == Some(429)
    };
    let Some(observed) = attempt.exchanges.iter_mut().rfind(|observed| refused(observed)) else { return };
    let Role::Judged { step, .. } = observed.role else { return };
    observed.role = Role::Unjudged { step };
    let request = &observed.exchange.request;
    let error = StagingError {
        help: Some("send requests more slowly with --rate, such as --rate 2/s, or run later".to_owned()),
        ..StagingError::new(format!("{} {} answered 429 (too many requests) twice", request.method, request.url()))
    };
    attempt.fail("request", error);
}
