//! What must have become of each object of a case, and what did.
//!
//! A request that removes an object names it. If the request was accepted, the object must be gone. If it was refused, the
//! object must still be there, and so must every object that no request named. This module leaves out who looks for the
//! object (`object`) and what is said about a difference (the effect rules).

use super::named_objects::{may_change, removes};
use super::{expected_fields, format, transfer};
use crate::finding::SHOWN_BY;
pub use crate::observation::Presence;
use crate::observation::{Observation, ObservedExchange, Role};
use crate::suite::{Action, Case, Exists, Expectation, Suite};

/// What must have become of one object of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Index into [`Case::given`].
    pub given: usize,
    /// Whether a request of the case that removes things named it. An object that was not named is a bystander.
    pub named: bool,
    /// What the object must be after the case's steps. [`Presence::Unknown`] demands nothing.
    pub must_be: Presence,
}

/// What must have become of one object, and what did.
#[derive(Debug)]
pub(crate) struct AssessedObject<'a> {
    /// What must have become of it.
    pub(crate) requirement: Requirement,
    /// What became of it.
    pub(crate) presence: Presence,
    /// The exchange that shows this, if anything was asked.
    pub(crate) shown_by: Option<&'a ObservedExchange<'a>>,
    /// What each look after the case's steps said, in order.
    pub(crate) looks: Vec<Presence>,
    /// The `undo` that was accepted and left the object there, as an index into [`Observation::exchanges`], with the look
    /// that shows it.
    pub(crate) remains_after_undo: Option<(usize, &'a ObservedExchange<'a>)>,
}

/// The objects of a case run, in the order of [`Case::given`].
pub(super) fn objects<'a>(observation: &'a Observation<'a>) -> Vec<AssessedObject<'a>> {
    requirements(observation.case, observation.suite, observation.exchanges)
        .into_iter()
        .map(|requirement| AssessedObject {
            requirement,
            presence: presence(observation, requirement.given),
            shown_by: deciding_exchange(observation, requirement.given).map(|(_, observed)| observed),
            looks: looks(observation, requirement.given),
            remains_after_undo: remains_after_undo(observation, requirement.given),
        })
        .collect()
}

/// What must have become of every object of the case, by the answers so far. Only exchanges in the roles
/// [`Role::Judged`], [`Role::Called`] and [`Role::Unjudged`] count, so the runner can ask before it looks for the objects.
pub fn requirements(case: &Case, suite: &Suite, exchanges: &[ObservedExchange<'_>]) -> Vec<Requirement> {
    (0..case.given.len()).map(|given| requirement(case, suite, exchanges, given)).collect()
}

/// What must have become of one object.
fn requirement(case: &Case, suite: &Suite, exchanges: &[ObservedExchange<'_>], given: usize) -> Requirement {
    let mut requirement = Requirement { given, named: false, must_be: Presence::Present };
    for observed in exchanges {
        match observed.role {
            Role::Judged { step, .. } if removes(suite, case, observed.step, given) => {
                requirement.named = true;
                requirement.must_be = if lacks_acceptance(exchanges, step) {
                    Presence::Unknown
                } else {
                    after(suite, observed, requirement.must_be)
                };
            }
            // A call is not judged, so nothing is demanded of it. What it may have changed is no bystander.
            Role::Called { .. } if may_change(suite, case, observed.step, given) => {
                requirement.named = true;
                requirement.must_be = Presence::Unknown;
            }
            // The target may have carried it out.
            Role::Unjudged { .. } if removes(suite, case, observed.step, given) => {
                requirement.named = true;
                requirement.must_be = Presence::Unknown;
            }
            _ => {}
        }
    }
    requirement
}

/// What the object must be after a removing request, given what it had to be before.
fn after(suite: &Suite, observed: &ObservedExchange<'_>, before: Presence) -> Presence {
    let Action::Operation(operation) = &observed.step.action else {
        return Presence::Unknown;
    };
    let operation = &suite.document.operations[*operation];
    let expectations = observed.step.expect.all();
    let may_succeed = expectations.iter().any(|expectation| expectation.may_allow_success(operation));
    let may_be_refused = expectations.iter().any(Expectation::may_allow_refusal);
    match (before, transfer::status(observed)) {
        // A removed object stays gone, whatever is sent later.
        (Presence::Gone, _) => Presence::Gone,
        (_, Some(200..=299)) if may_succeed => Presence::Gone,
        // The request had to be refused and was accepted. The answer is wrong, and so is the effect if there was one.
        (before, Some(200..=299)) => before,
        // The request was refused as it may be. Then nothing must have happened.
        (before, Some(300..=499)) if may_be_refused => before,
        // The request had to be accepted and was refused. The status is wrong, and says nothing about the effect.
        _ => Presence::Unknown,
    }
}

/// Whether one of several requests sent at once had to be accepted, and none was. Then the refusals of the others prove
/// nothing, whatever each says by itself.
fn lacks_acceptance(exchanges: &[ObservedExchange<'_>], step: usize) -> bool {
    let mut group =
        exchanges.iter().filter(|observed| matches!(observed.role, Role::Judged { step: of, .. } if of == step));
    let Some(ObservedExchange { step: asked, .. }) = group.clone().next() else {
        return false;
    };
    asked.at_once > 1
        && asked.expect.all().iter().any(|expectation| !expectation.may_allow_refusal())
        && !group.any(|observed| matches!(transfer::status(observed), Some(200..=299)))
}

/// What became of an object: its last `exists` that says yes or no decides, else its first `undo`. An answer counts only if
/// the target was seen to give the opposite answer where that is right ([`Proof`](crate::observation::Proof)).
pub fn presence(observation: &Observation<'_>, given: usize) -> Presence {
    if observation.proof(given).released {
        return Presence::Gone;
    }
    deciding_exchange(observation, given).map_or(Presence::Unknown, |(presence, _)| presence)
}

/// Whether any answer says that an object is gone, whether or not the answer proves it.
pub fn is_reported_gone(observation: &Observation<'_>, given: usize) -> bool {
    let Some(state) = observation.suite.states.get(observation.case.given[given].state) else { return false };
    observation.exchanges.iter().any(|observed| match observed.role {
        Role::Exists { given: of } if of == given => state
            .exists
            .as_ref()
            .is_some_and(|exists| look_result(observation, given, exists, observed) == Presence::Gone),
        Role::Undo { given: of } if of == given => {
            undo_result(observation, state.gone.as_ref(), observed) == Presence::Gone
        }
        _ => false,
    })
}

/// Whether only the answer to the `undo` shows what became of an object.
pub fn rests_on_undo(observation: &Observation<'_>, given: usize) -> bool {
    !observation.proof(given).released
        && deciding_exchange(observation, given).is_some_and(|(_, observed)| matches!(observed.role, Role::Undo { .. }))
}

/// What each look after the case's steps said, in order; nothing where the state has no `exists`.
fn looks(observation: &Observation<'_>, given: usize) -> Vec<Presence> {
    let state = observation.suite.states.get(observation.case.given[given].state);
    let Some(exists) = state.and_then(|state| state.exists.as_ref()) else { return Vec::new() };
    observation
        .exchanges
        .iter()
        .filter(|observed| observed.role == Role::Exists { given })
        .map(|observed| look_result(observation, given, exists, observed))
        .collect()
}

/// What the answer to a look says.
fn look_result(
    observation: &Observation<'_>,
    given: usize,
    exists: &Exists,
    observed: &ObservedExchange<'_>,
) -> Presence {
    if let Some(said) = observed.said {
        return said;
    }
    let Some(look) = exists.looks.first() else { return Presence::Unknown };
    // Within a state, its captures are named without the object's name.
    let captured = observation.values.captures.get(&observation.case.given[given].name);
    let mut values = observation.values.clone();
    values.captures.extend(captured.map(|captured| (String::new(), captured.clone())));
    let met = |expectation: &Expectation| expected_fields::look_meets(&values, observed, expectation);
    if met(&look.yes) {
        Presence::Present
    } else if met(&look.no) {
        Presence::Gone
    } else {
        Presence::Unknown
    }
}

/// What became of an object, and the exchange that shows it; none if nothing was asked.
fn deciding_exchange<'e, 'a>(
    observation: &'e Observation<'a>,
    given: usize,
) -> Option<(Presence, &'e ObservedExchange<'a>)> {
    let state = observation.suite.states.get(observation.case.given[given].state)?;
    let proof = observation.proof(given);
    let of = |role: Role| observation.exchanges.iter().filter(move |observed| observed.role == role);
    // Looks lag on this target, the undo found nothing to remove, and a look after it agrees. So the look before it showed
    // the past.
    if let (Some(exists), Some(undo)) = (&state.exists, of(Role::Undo { given }).next())
        && proof.seen
        && proof.looks_lag
        && undo_result(observation, state.gone.as_ref(), undo) == Presence::Gone
        && let Some(look) = of(Role::Removed { given }).next_back()
        && look_result(observation, given, exists, look) == Presence::Gone
    {
        return Some((Presence::Gone, look));
    }
    if let Some(exists) = &state.exists {
        let counts = |presence: &Presence| match presence {
            Presence::Present => proof.exists_no,
            Presence::Gone => proof.seen,
            Presence::Unknown => false,
        };
        let looks =
            of(Role::Exists { given }).map(|observed| (look_result(observation, given, exists, observed), observed));
        if let Some(last) = looks.filter(|(presence, _)| counts(presence)).last() {
            return Some(last);
        }
    }
    let undo = of(Role::Undo { given }).next()?;
    let presence = match undo_result(observation, state.gone.as_ref(), undo) {
        Presence::Present if proof.undo_no => Presence::Present,
        // An object that must be gone and is gone gives no finding, so no proof is needed.
        Presence::Gone if proof.seen || proof.undo_yes || must_be_gone(observation, given) => Presence::Gone,
        _ => Presence::Unknown,
    };
    Some((presence, undo))
}

/// The `undo` of an object that was accepted and left the object there: its index in [`Observation::exchanges`], and the
/// look after it, which still shows the object. The `undo` must be an operation of the document, and its answer must say
/// that it removed the object.
pub fn remains_after_undo<'e, 'a>(
    observation: &'e Observation<'a>,
    given: usize,
) -> Option<(usize, &'e ObservedExchange<'a>)> {
    let state = observation.suite.states.get(observation.case.given[given].state)?;
    let mut exchanges = observation.exchanges.iter().enumerate();
    let (index, undo) = exchanges.find(|(_, observed)| observed.role == Role::Undo { given })?;
    let look = observation.exchanges.iter().rfind(|observed| observed.role == Role::Removed { given })?;
    let proof = observation.proof(given);
    let remains = proof.exists_no
        && !proof.released
        && look_result(observation, given, state.exists.as_ref()?, look) == Presence::Present;
    let accepted = matches!(undo.step.action, Action::Operation(_))
        && matches!(transfer::status(undo), Some(200..=299))
        && undo_result(observation, state.gone.as_ref(), undo) == Presence::Present;
    (remains && accepted).then_some((index, look))
}

fn must_be_gone(observation: &Observation<'_>, given: usize) -> bool {
    requirement(observation.case, observation.suite, observation.exchanges, given).must_be == Presence::Gone
}

/// What the answer to an `undo` says about the object just before it.
fn undo_result(observation: &Observation<'_>, gone: Option<&Expectation>, observed: &ObservedExchange<'_>) -> Presence {
    let met = |expectation: &Expectation| expected_fields::meets_with_status(observation, observed, expectation);
    let was_there = observed.step.expect.all().iter().any(met);
    match (was_there, gone.is_some_and(met)) {
        (true, false) => Presence::Present,
        (false, true) => Presence::Gone,
        // Without `gone` in the state, the two statuses count by which HTTP says that something is gone.
        (false, false) if gone.is_none() => match observed.exchange.answer.status() {
            Some(404 | 410) => Presence::Gone,
            _ => Presence::Unknown,
        },
        // The answer says neither, or both.
        _ => Presence::Unknown,
    }
}

/// An exchange that shows what became of an object, in words: `Shown by: GET /messages/1 answered 404.`
pub(crate) fn shown_by(observed: &ObservedExchange<'_>) -> Option<String> {
    let status = observed.exchange.answer.status()?;
    let request = &observed.exchange.request;
    // The status alone may not tell.
    let said = match observed.said {
        Some(Presence::Present) => ", and the object is there",
        Some(Presence::Gone) => ", and the object is not there",
        Some(Presence::Unknown) | None => "",
    };
    Some(format!("{SHOWN_BY}{} {} answered {status}{said}.", request.method, format::short(&request.target)))
}
