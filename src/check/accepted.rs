//! When a 2xx came where a refusal was due: whether more can be said than "another status".
//!
//! Four rules speak of what is told apart here, each instead of `status-unexpected`: `unauthenticated-accepted`,
//! `credential-not-checked`, `foreign-object-reachable` and `repeat-accepted`.

use super::settled::{self, Found};
use super::{Evidence, Role, Taken, ending, held};
use crate::case::{Action, Auth, Body, Expectation, JsonTemplate, Part, Reference, Statuses, Step, Suite, Text};
use crate::exchange::Request;
use crate::spec::{Operation, ParameterIn, SchemeKind};

/// What is wrong with an acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accepted {
    /// No credential was sent, and the operation requires one.
    Unauthenticated,
    /// A credential was sent that is none of the API's.
    CredentialUnchecked,
    /// The object of `given` belongs to somebody else than who asked.
    Foreign {
        /// Index into the case's `given`.
        given: usize,
    },
    /// The same request had been accepted before, in the evidence's step of this index.
    Repeated {
        /// Index into [`Evidence::steps`].
        earlier: usize,
    },
}

/// What is wrong with the 2xx at `index`, if anything more than its status.
pub(super) fn wrongly(
    evidence: &Evidence<'_>,
    index: usize,
    operation: &Operation,
    expectation: Option<&Expectation>,
) -> Option<Accepted> {
    let taken = &evidence.steps[index];
    let status = ending::status(taken)?;
    let allowed = expectation.is_some_and(|expectation| held::allows(expectation, operation, status));
    let named = matches!(expectation.map(|expectation| &expectation.status), Some(Statuses::OneOf(_)));
    if allowed && named {
        return None;
    }
    if let Some(accepted) = without_credential(evidence.suite, taken, operation) {
        return Some(accepted);
    }
    if taken.step.expect.all().iter().any(|expectation| may_accept(expectation, operation)) {
        return None;
    }
    if let Some(earlier) = repeated(evidence, index) {
        return Some(Accepted::Repeated { earlier });
    }
    foreign(evidence, taken, expectation?)
}

/// What an acceptance would be, if the request has no credential, or none of the API's, and the operation requires one.
pub(super) fn without_credential(suite: &Suite, taken: &Taken<'_>, operation: &Operation) -> Option<Accepted> {
    if !requires_credential(operation) {
        None
    } else if !sends_credential(suite, operation, &taken.exchange.request) {
        Some(Accepted::Unauthenticated)
    } else if matches!(&taken.step.auth, Auth::Header(text) if made_up(text)) {
        Some(Accepted::CredentialUnchecked)
    } else {
        None
    }
}

/// Whether an expectation allows any 2xx.
pub(super) fn may_accept(expectation: &Expectation, operation: &Operation) -> bool {
    match &expectation.status {
        Statuses::OneOf(list) => list.iter().any(|status| (200..300).contains(status)),
        Statuses::Documented => (200..300).any(|status| operation.response(status).is_some()),
    }
}

fn requires_credential(operation: &Operation) -> bool {
    !operation.security.is_empty() && operation.security.iter().all(|schemes| !schemes.is_empty())
}

/// Whether the request carries anything where one of the operation's schemes looks for a credential.
fn sends_credential(suite: &Suite, operation: &Operation, request: &Request) -> bool {
    let field = |name: &str| request.fields.iter().any(|(field, _)| field.eq_ignore_ascii_case(name));
    let names = operation.security.iter().flatten();
    names.filter_map(|name| suite.document.scheme(name)).any(|scheme| match &scheme.kind {
        SchemeKind::Bearer | SchemeKind::Basic | SchemeKind::Other(_) => field("authorization"),
        SchemeKind::ApiKey(ParameterIn::Query, name) => {
            let query = request.target.split_once('?').map_or("", |(_, query)| query);
            query.split('&').any(|pair| pair.split('=').next() == Some(name))
        }
        SchemeKind::ApiKey(ParameterIn::Cookie, _) => field("cookie"),
        SchemeKind::ApiKey(_, name) => field(name),
    })
}

/// Whether an Authorization value holds no real credential: it is written out in the suite, or random.
fn made_up(text: &Text) -> bool {
    !text.parts.iter().any(|part| matches!(part, Part::Value(Reference::Env(_) | Reference::Capture { .. }, _)))
}

/// The earlier, accepted exchange of the same request in an earlier step of the case.
fn repeated(evidence: &Evidence<'_>, index: usize) -> Option<usize> {
    let taken = &evidence.steps[index];
    let Role::Judged { step, .. } = taken.role else {
        return None;
    };
    evidence.steps[..index].iter().position(|other| {
        matches!(other.role, Role::Judged { step: before, .. } if before < step)
            && same_request(&other.exchange.request, &taken.exchange.request)
            && same_auth(&other.step.auth, &taken.step.auth)
            && ending::status(other).is_some_and(|status| (200..300).contains(&status))
            && accepts(evidence, other)
    })
}

fn accepts(evidence: &Evidence<'_>, taken: &Taken<'_>) -> bool {
    let Action::Operation(operation) = &taken.step.action else {
        return false;
    };
    let operation = &evidence.suite.document.operations[*operation];
    taken.step.expect.all().iter().any(|expectation| may_accept(expectation, operation))
}

fn same_request(a: &Request, b: &Request) -> bool {
    a.method == b.method && a.target == b.target && a.body == b.body
}

/// The object of somebody else that the request named, unless it is known to be still there untouched.
///
/// Only where the refusal may be about who asks (401, 403, 404): an expected 400 or 415 alone is about the request.
fn foreign(evidence: &Evidence<'_>, taken: &Taken<'_>, expectation: &Expectation) -> Option<Accepted> {
    let Statuses::OneOf(statuses) = &expectation.status else {
        return None;
    };
    if !statuses.iter().any(|status| matches!(status, 401 | 403 | 404)) {
        return None;
    }
    (0..evidence.case.given.len())
        .find(|&given| {
            settled::names(evidence.suite, evidence.case, taken.step, given)
                && !asked_as_owner(evidence, taken.step, given)
                && !(settled::removes(evidence.suite, evidence.case, taken.step, given)
                    && settled::found(evidence, given) == Found::There)
        })
        .map(|given| Accepted::Foreign { given })
}

/// Whether a step asks as the object's owner does: as the state's `undo`, or else at least with the credential with
/// which the object was made.
fn asked_as_owner(evidence: &Evidence<'_>, step: &Step, given: usize) -> bool {
    let Some(state) = evidence.suite.states.get(evidence.case.given[given].state) else {
        return true;
    };
    let Some(undo) = &state.undo else {
        return same_auth(&state.make.auth, &step.auth);
    };
    same_auth(&undo.auth, &step.auth)
        && same_body(&undo.body, &step.body)
        && same_texts(&undo.query, &step.query)
        && same_texts(&undo.header, &step.header)
}

fn same_auth(a: &Auth, b: &Auth) -> bool {
    match (a, b) {
        (Auth::None, Auth::None) => true,
        (Auth::Credential(a), Auth::Credential(b)) => a == b,
        (Auth::Header(a), Auth::Header(b)) => same_text(a, b),
        _ => false,
    }
}

fn same_body(a: &Body, b: &Body) -> bool {
    match (a, b) {
        (Body::None, Body::None) => true,
        (Body::Json(a), Body::Json(b)) => same_json(a, b),
        (Body::Raw(a), Body::Raw(b)) => same_text(a, b),
        _ => false,
    }
}

fn same_texts(a: &[(String, Text)], b: &[(String, Text)]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|((name, a), (other, b))| name.eq_ignore_ascii_case(other) && same_text(a, b))
}

fn same_json(a: &JsonTemplate, b: &JsonTemplate) -> bool {
    match (a, b) {
        (JsonTemplate::Fixed(a), JsonTemplate::Fixed(b)) => a == b,
        (JsonTemplate::Text(a), JsonTemplate::Text(b)) => same_text(a, b),
        (JsonTemplate::Array(a), JsonTemplate::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json(a, b))
        }
        (JsonTemplate::Object(a), JsonTemplate::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.iter().any(|(other, b)| key == other && same_json(a, b)))
        }
        _ => false,
    }
}

/// Whether two texts say the same, wherever they stand. In a state a capture has no `given`, so only its name counts.
fn same_text(a: &Text, b: &Text) -> bool {
    a.parts.len() == b.parts.len()
        && a.parts.iter().zip(&b.parts).all(|pair| match pair {
            (Part::Literal(a), Part::Literal(b)) => a == b,
            (
                Part::Value(Reference::Capture { name: a, .. }, f),
                Part::Value(Reference::Capture { name: b, .. }, g),
            ) => a == b && f.is_some() == g.is_some(),
            (Part::Value(a, f), Part::Value(b, g)) => a == b && f.is_some() == g.is_some(),
            _ => false,
        })
}

#[cfg(test)]
#[path = "accepted_tests.rs"]
mod tests;
