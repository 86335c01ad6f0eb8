//! Decides whether a case must run again, or alone, because a run proves nothing about the API: the target was busy, another case
//! may have removed an object, or another object may have the id of a removed one.

use super::attempt::Attempt;
use super::judge;
use crate::assess::named_objects;
use crate::object::StagingError;
use crate::observation::{ObservedExchange, Role};
use crate::run::parts::test_run::TestRun;
use crate::run::schedule::isolation::Permit;

/// Whether a case must run alone: it names an object again after a removal that may have been accepted, and the target may have
/// given the id to another object by then.
pub(super) fn goes_alone(run: &TestRun, index: usize) -> bool {
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

/// Whether an object is seen after its removal, and the target may have given its id to an object of another user.
pub(super) fn may_see_another(run: &TestRun, index: usize, attempt: &Attempt<'_>) -> bool {
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
pub(super) fn unexplained(
    run: &TestRun,
    index: usize,
    attempt: &Attempt<'_>,
    permit: &Permit<'_>,
) -> Option<Vec<usize>> {
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

/// The target answered 429 twice. That says nothing about the API, so the request is not judged.
pub(super) fn not_judged(attempt: &mut Attempt<'_>) {
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
