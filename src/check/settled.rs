//! What must have become of a case's objects, and what did: shared by the effect rules and by whoever settles a case.
//!
//! An object that a removing request named must be gone if the request was accepted, and still be there if it was
//! refused; every other object must still be there. It leaves out who asks (`object`) and what is said about a
//! difference (the effect rules).

use super::accepted::may_accept;
use super::{Evidence, Role, Taken, ending};
use crate::case::{
    Action, Auth, Body, Case, Exists, Expectation, JsonTemplate, Part, PathValue, Reference, Statuses, Step, Suite,
    Text,
};

/// What must have become of one object of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Index into [`Case::given`].
    pub given: usize,
    /// Whether a removing request of the case named it. One that was not named is a bystander.
    pub named: bool,
    /// What must be.
    pub must: Must,
}

/// What an object must be after the case's steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Must {
    /// Gone: a request that named it was accepted, as it should be.
    Gone,
    /// Still there: nobody named it, or whoever did was or should have been refused.
    There,
    /// Either: no answer, a 5xx, or another answer from which nothing follows.
    Unknown,
}

/// What an object was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Gone.
    Gone,
    /// Still there.
    There,
    /// Nobody asked, or the answer says neither.
    Unknown,
}

/// What must have become of every object that the case was given, from the answers so far. Exchanges in other roles
/// than [`Role::Judged`] and [`Role::Called`] are not looked at, so this can be asked before anything is settled.
pub fn duties(case: &Case, suite: &Suite, steps: &[Taken<'_>]) -> Vec<Duty> {
    (0..case.given.len()).map(|given| duty(case, suite, steps, given)).collect()
}

/// What must have become of one object.
pub fn duty(case: &Case, suite: &Suite, steps: &[Taken<'_>], given: usize) -> Duty {
    let mut duty = Duty { given, named: false, must: Must::There };
    for taken in steps {
        match taken.role {
            Role::Judged { step, .. } if removes(suite, case, taken.step, given) => {
                duty.named = true;
                duty.must = if lacks_acceptance(steps, step) { Must::Unknown } else { after(suite, taken, duty.must) };
            }
            // A call is not judged, so nothing is demanded of it; but what it touched is no bystander.
            Role::Called { .. } if touches(suite, case, taken.step, given) => {
                duty.named = true;
                duty.must = Must::Unknown;
            }
            // What it asked for may have been carried out.
            Role::Unjudged { .. } if removes(suite, case, taken.step, given) => {
                duty.named = true;
                duty.must = Must::Unknown;
            }
            _ => {}
        }
    }
    duty
}

/// What must be after a removing request, given what must have been before it.
fn after(suite: &Suite, taken: &Taken<'_>, before: Must) -> Must {
    let Action::Operation(operation) = &taken.step.action else {
        return Must::Unknown;
    };
    let operation = &suite.document.operations[*operation];
    let may_accept = taken.step.expect.all().iter().any(|expectation| may_accept(expectation, operation));
    let may_refuse = taken.step.expect.all().iter().any(may_refuse);
    match (before, ending::status(taken)) {
        // What is gone stays gone, whatever is asked later.
        (Must::Gone, _) => Must::Gone,
        (_, Some(200..=299)) if may_accept => Must::Gone,
        // Accepted although a refusal was due: the answer is wrong, and so is the effect if there was one.
        (before, Some(200..=299)) => before,
        // Refused as may be: then nothing must have happened.
        (before, Some(300..=499)) if may_refuse => before,
        // Refused where acceptance was due: the status is wrong already, and says nothing about the effect.
        _ => Must::Unknown,
    }
}

/// Whether one of several requests sent at once had to be accepted, and none was: then the refusal of the others is no
/// answer to rely on, whatever it says by itself.
fn lacks_acceptance(steps: &[Taken<'_>], step: usize) -> bool {
    let mut together = steps.iter().filter(|taken| matches!(taken.role, Role::Judged { step: of, .. } if of == step));
    let Some(Taken { step: asked, .. }) = together.clone().next() else {
        return false;
    };
    asked.at_once > 1
        && asked.expect.all().iter().any(|expectation| !may_refuse(expectation))
        && !together.any(|taken| matches!(ending::status(taken), Some(200..=299)))
}

fn may_refuse(expectation: &Expectation) -> bool {
    match &expectation.status {
        Statuses::OneOf(list) => list.iter().any(|status| !(200..300).contains(status)),
        Statuses::Documented => true,
    }
}

/// Whether a step asks to remove an object: it names it, and it is a DELETE or the operation by which the object's
/// state undoes it.
pub fn removes(suite: &Suite, case: &Case, step: &Step, given: usize) -> bool {
    let Action::Operation(index) = &step.action else {
        return false;
    };
    let Some(operation) = suite.document.operations.get(*index) else {
        return false;
    };
    let undoes = || {
        let undo = suite.states.get(case.given[given].state).and_then(|state| state.undo.as_ref());
        undo.is_some_and(|undo| matches!(&undo.action, Action::Operation(undo) if undo == index))
    };
    names(suite, case, step, given) && (operation.method == "DELETE" || undoes())
}

/// Whether a call may change an object: it names it, and its method is not a safe one (RFC 9110 §9.2.1).
pub fn touches(suite: &Suite, case: &Case, step: &Step, given: usize) -> bool {
    let safe = matches!(step.method(&suite.document), "GET" | "HEAD" | "OPTIONS" | "TRACE");
    matches!(step.action, Action::Call { .. }) && !safe && names(suite, case, step, given)
}

/// Whether a step names an object: its id (the first capture) stands in the path, the query, a field or the body, or
/// everything by which its `undo` names it where that is something else. What it belongs to names it not.
pub fn names(suite: &Suite, case: &Case, step: &Step, given: usize) -> bool {
    let given = &case.given[given];
    let Some(state) = suite.states.get(given.state) else { return false };
    let holds = |capture: &str| holds(step, &given.name, capture);
    if state.capture.first().is_none_or(|(id, _)| holds(id)) {
        return !state.capture.is_empty();
    }
    let of_undo = |capture: &str| state.undo.as_ref().is_some_and(|undo| self::holds(undo, "", capture));
    let id_is_of_undo = state.capture.first().is_some_and(|(id, _)| of_undo(id));
    let mut others = state.capture.iter().map(|(name, _)| name.as_str()).filter(|name| of_undo(name)).peekable();
    !id_is_of_undo && others.peek().is_some() && others.all(holds)
}

/// Whether a capture of an object stands anywhere in a step.
fn holds(step: &Step, given: &str, capture: &str) -> bool {
    let text = |text: &Text| text_holds(text, given, capture);
    let action = match &step.action {
        Action::Call { path, .. } => text(path),
        Action::Operation(_) => false,
    };
    action
        || step.path.iter().any(|(_, value)| match value {
            PathValue::Encoded(value) | PathValue::Raw(value) => text(value),
        })
        || step.query.iter().any(|(_, value)| text(value))
        || step.header.iter().any(|(_, value)| text(value))
        || match &step.body {
            Body::None => false,
            Body::Json(json) => json_holds(json, given, capture),
            Body::Raw(body) => text(body),
        }
        || matches!(&step.auth, Auth::Header(value) if text(value))
}

fn text_holds(text: &Text, of: &str, capture: &str) -> bool {
    text.parts.iter().any(
        |part| matches!(part, Part::Value(Reference::Capture { given, name }, _) if given == of && name == capture),
    )
}

fn json_holds(json: &JsonTemplate, of: &str, capture: &str) -> bool {
    match json {
        JsonTemplate::Fixed(_) => false,
        JsonTemplate::Text(text) => text_holds(text, of, capture),
        JsonTemplate::Array(items) => items.iter().any(|item| json_holds(item, of, capture)),
        JsonTemplate::Object(members) => members.iter().any(|(_, member)| json_holds(member, of, capture)),
    }
}

/// What an object was found to be: by its last `exists` that says yes or no, else by its first `undo`. An answer counts only
/// if the target was seen to answer otherwise where that is right ([`Proof`](super::Proof)).
pub fn found(evidence: &Evidence<'_>, given: usize) -> Found {
    if evidence.proof(given).released {
        return Found::Gone;
    }
    shown_by(evidence, given).map_or(Found::Unknown, |(found, _)| found)
}

/// Whether any answer says that an object is not there, whatever that proves.
pub fn is_said_gone(evidence: &Evidence<'_>, given: usize) -> bool {
    let Some(state) = evidence.suite.states.get(evidence.case.given[given].state) else { return false };
    evidence.steps.iter().any(|taken| match taken.role {
        Role::Exists { given: of } if of == given => {
            state.exists.as_ref().is_some_and(|exists| said(evidence, given, exists, taken) == Found::Gone)
        }
        Role::Undo { given: of } if of == given => by_undo(evidence, state.gone.as_ref(), taken) == Found::Gone,
        _ => false,
    })
}

/// Whether only the answer to its `undo` shows what an object was found to be.
pub fn rests_on_undo(evidence: &Evidence<'_>, given: usize) -> bool {
    !evidence.proof(given).released
        && shown_by(evidence, given).is_some_and(|(_, taken)| matches!(taken.role, Role::Undo { .. }))
}

/// What the answer to a look says.
pub(super) fn said(evidence: &Evidence<'_>, given: usize, exists: &Exists, taken: &Taken<'_>) -> Found {
    // In a state its captures have no `given` before them.
    let captured = evidence.values.captures.get(&evidence.case.given[given].name);
    let mut values = evidence.values.clone();
    values.captures.extend(captured.map(|captured| (String::new(), captured.clone())));
    let met = |expectation: &Expectation| super::expected_fields::look_met(&values, taken, expectation);
    if met(&exists.yes) {
        Found::There
    } else if met(&exists.no) {
        Found::Gone
    } else {
        Found::Unknown
    }
}

/// What an object was found to be, and the exchange that shows it; none if nobody looked.
fn shown_by<'e, 'a>(evidence: &'e Evidence<'a>, given: usize) -> Option<(Found, &'e Taken<'a>)> {
    let state = evidence.suite.states.get(evidence.case.given[given].state)?;
    let proof = evidence.proof(given);
    let of = |role: Role| evidence.steps.iter().filter(move |taken| taken.role == role);
    // Looks lag on this target, its removal found nothing to remove, and a look after that agrees: the look before showed what
    // had been.
    if let (Some(exists), Some(undo)) = (&state.exists, of(Role::Undo { given }).next())
        && proof.seen
        && proof.looks_lag
        && by_undo(evidence, state.gone.as_ref(), undo) == Found::Gone
        && let Some(looked) = of(Role::Removed { given }).next_back()
        && said(evidence, given, exists, looked) == Found::Gone
    {
        return Some((Found::Gone, looked));
    }
    if let Some(exists) = &state.exists {
        let counts = |found: &Found| match found {
            Found::There => proof.exists_no,
            Found::Gone => proof.seen,
            Found::Unknown => false,
        };
        let said = of(Role::Exists { given }).map(|taken| (said(evidence, given, exists, taken), taken));
        if let Some(said) = said.filter(|(found, _)| counts(found)).last() {
            return Some(said);
        }
    }
    let taken = of(Role::Undo { given }).next()?;
    let found = match by_undo(evidence, state.gone.as_ref(), taken) {
        Found::There if proof.undo_no => Found::There,
        // That it is gone where it must be accuses nobody, so no more is needed for it.
        Found::Gone if proof.seen || proof.undo_yes || must_be_gone(evidence, given) => Found::Gone,
        _ => Found::Unknown,
    };
    Some((found, taken))
}

/// The `undo` of an object, as an index into [`Evidence::steps`], that was accepted and left the object there: it is an
/// operation of the document, its answer says that it removed the object, and the look after it, which comes along, shows
/// the object still.
pub fn outlived<'e, 'a>(evidence: &'e Evidence<'a>, given: usize) -> Option<(usize, &'e Taken<'a>)> {
    let state = evidence.suite.states.get(evidence.case.given[given].state)?;
    let (index, undo) = evidence.steps.iter().enumerate().find(|(_, taken)| taken.role == Role::Undo { given })?;
    let looked = evidence.steps.iter().rfind(|taken| taken.role == Role::Removed { given })?;
    let proof = evidence.proof(given);
    let remains =
        proof.exists_no && !proof.released && said(evidence, given, state.exists.as_ref()?, looked) == Found::There;
    let accepted = matches!(undo.step.action, Action::Operation(_))
        && matches!(ending::status(undo), Some(200..=299))
        && by_undo(evidence, state.gone.as_ref(), undo) == Found::There;
    (remains && accepted).then_some((index, looked))
}

fn must_be_gone(evidence: &Evidence<'_>, given: usize) -> bool {
    duty(evidence.case, evidence.suite, evidence.steps, given).must == Must::Gone
}

/// What the answer to an `undo` says about the object that it was to remove.
fn by_undo(evidence: &Evidence<'_>, gone: Option<&Expectation>, taken: &Taken<'_>) -> Found {
    let met = |expectation: &Expectation| super::expected_fields::staged_met(evidence, taken, expectation);
    let was_there = taken.step.expect.all().iter().any(met);
    match (was_there, gone.is_some_and(met)) {
        (true, false) => Found::There,
        (false, true) => Found::Gone,
        // Where the state does not say what the answer is then, HTTP's own two words for it count.
        (false, false) if gone.is_none() => match taken.exchange.answer.status() {
            Some(404 | 410) => Found::Gone,
            _ => Found::Unknown,
        },
        // Neither, or an answer that says both.
        _ => Found::Unknown,
    }
}

/// The exchange that shows what became of an object, in words: `GET http://… is answered 404`.
pub(super) fn proof(evidence: &Evidence<'_>, given: usize) -> Option<String> {
    let (_, taken) = shown_by(evidence, given)?;
    in_words(taken)
}

/// An exchange that shows what became of an object, in words.
pub(super) fn in_words(taken: &Taken<'_>) -> Option<String> {
    let status = taken.exchange.answer.status()?;
    let request = &taken.exchange.request;
    Some(format!("Shown by: {} {} answered {status}.", request.method, super::shown::short(&request.target)))
}
