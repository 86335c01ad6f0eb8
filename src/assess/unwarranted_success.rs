//! Why a success (2xx) is wrong where the request had to be refused, if more can be said than "another status".
//!
//! This module tells four causes apart. Each has a rule, which then reports instead of `status-unexpected`:
//! `unauthenticated-accepted`, `credential-not-checked`, `foreign-object-reachable` and `repeat-accepted`.

use super::effects::{self, Presence};
use super::named_objects::{names, removes};
use super::same_step::{same_auth, same_body, same_values};
use super::transfer;
use crate::exchange::Request;
use crate::observation::{Observation, ObservedExchange, Role};
use crate::spec::{Operation, ParameterIn, SchemeKind};
use crate::suite::{Action, Auth, Expectation, Part, Reference, Statuses, Step, Suite, Text, Undo};

/// Why a success is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnwarrantedSuccess {
    /// The operation requires a credential, and the request has none.
    NoCredential,
    /// The operation requires a credential, and the request has a made-up one.
    MadeUpCredential,
    /// The object belongs to another user than the one who asked.
    ForeignObject {
        /// Index into the case's `given`.
        given: usize,
    },
    /// The same request was accepted before.
    Repeated {
        /// The earlier exchange, as an index into [`Observation::exchanges`].
        earlier: usize,
    },
}

/// Why the success at `index` of the exchanges is wrong, if more is wrong than its status.
pub(super) fn find(
    observation: &Observation<'_>,
    index: usize,
    operation: &Operation,
    expectation: Option<&Expectation>,
) -> Option<UnwarrantedSuccess> {
    let observed = &observation.exchanges[index];
    let status = transfer::status(observed)?;
    let allowed = expectation.is_some_and(|expectation| expectation.allows(operation, status));
    let by_number = matches!(expectation.map(|expectation| &expectation.status), Some(Statuses::OneOf(_)));
    if allowed && by_number {
        return None;
    }
    if let Some(success) = without_credential(observation.suite, observed, operation) {
        return Some(success);
    }
    if observed.step.expect.all().iter().any(|expectation| expectation.may_allow_success(operation)) {
        return None;
    }
    if let Some(earlier) = repeated(observation, index) {
        return Some(UnwarrantedSuccess::Repeated { earlier });
    }
    foreign(observation, observed, expectation?)
}

/// What a success would be if the operation requires a credential and the request has none, or a made-up one.
pub(super) fn without_credential(
    suite: &Suite,
    observed: &ObservedExchange<'_>,
    operation: &Operation,
) -> Option<UnwarrantedSuccess> {
    if !requires_credential(operation) {
        None
    } else if !sends_cookie(suite, observed.step) && !sends_credential(suite, operation, &observed.exchange.request) {
        Some(UnwarrantedSuccess::NoCredential)
    } else if matches!(&observed.step.auth, Auth::Header(text) if made_up(text)) {
        Some(UnwarrantedSuccess::MadeUpCredential)
    } else {
        None
    }
}

fn requires_credential(operation: &Operation) -> bool {
    !operation.security.is_empty() && operation.security.iter().all(|schemes| !schemes.is_empty())
}

/// Whether a step sends the cookie of a login. It is a credential whatever schemes the document names.
fn sends_cookie(suite: &Suite, step: &Step) -> bool {
    step.auth.credentials().iter().any(|index| suite.credentials.get(*index).is_some_and(|one| one.cookie().is_some()))
}

/// Whether the request has a value in a place where one of the operation's security schemes expects the credential.
fn sends_credential(suite: &Suite, operation: &Operation, request: &Request) -> bool {
    let field = |name: &str| request.fields.iter().any(|(field, _)| field.eq_ignore_ascii_case(name));
    let names = operation.security.iter().flatten();
    names.filter_map(|name| suite.document.scheme(name)).any(|scheme| match &scheme.kind {
        SchemeKind::Bearer | SchemeKind::Basic | SchemeKind::AccessToken(_) | SchemeKind::Other(_) => {
            field("authorization")
        }
        SchemeKind::ApiKey(ParameterIn::Query, name) => {
            let query = request.target.split_once('?').map_or("", |(_, query)| query);
            query.split('&').any(|pair| pair.split('=').next() == Some(name))
        }
        SchemeKind::ApiKey(ParameterIn::Cookie, _) => field("cookie"),
        SchemeKind::ApiKey(_, name) => field(name),
    })
}

/// Whether an Authorization value has no real credential: the suite writes it out, or it is random.
fn made_up(text: &Text) -> bool {
    !text.parts.iter().any(|part| matches!(part, Part::Value(Reference::Env(_) | Reference::Capture { .. }, _)))
}

/// The same request in an earlier step of the case, where it had to be accepted and was.
fn repeated(observation: &Observation<'_>, index: usize) -> Option<usize> {
    let observed = &observation.exchanges[index];
    let Role::Judged { step, .. } = observed.role else {
        return None;
    };
    observation.exchanges[..index].iter().position(|earlier| {
        matches!(earlier.role, Role::Judged { step: before, .. } if before < step)
            && same_request(&earlier.exchange.request, &observed.exchange.request)
            && same_auth(&earlier.step.auth, &observed.step.auth)
            && transfer::status(earlier).is_some_and(|status| (200..300).contains(&status))
            && expects_success(observation, earlier)
    })
}

fn expects_success(observation: &Observation<'_>, observed: &ObservedExchange<'_>) -> bool {
    let Action::Operation(operation) = &observed.step.action else {
        return false;
    };
    let operation = &observation.suite.document.operations[*operation];
    observed.step.expect.all().iter().any(|expectation| expectation.may_allow_success(operation))
}

fn same_request(a: &Request, b: &Request) -> bool {
    a.method == b.method && a.target == b.target && a.body == b.body
}

/// An object of another user that the request named. An object that is known to be still there does not count.
///
/// Only an expected 401, 403 or 404 can be about who asks. An expected 400 or 415 is about the request.
fn foreign(
    observation: &Observation<'_>,
    observed: &ObservedExchange<'_>,
    expectation: &Expectation,
) -> Option<UnwarrantedSuccess> {
    let Statuses::OneOf(statuses) = &expectation.status else {
        return None;
    };
    if !statuses.iter().any(|status| matches!(status, 401 | 403 | 404)) {
        return None;
    }
    (0..observation.case.given.len())
        .find(|&given| {
            names(observation.suite, observation.case, observed.step, given)
                && !asks_as_owner(observation, observed.step, given)
                && !(removes(observation.suite, observation.case, observed.step, given)
                    && effects::presence(observation, given) == Presence::Present)
        })
        .map(|given| UnwarrantedSuccess::ForeignObject { given })
}

/// Whether a step asks as the owner of the object does: as the state's `undo`; without an `undo`, with the credential that
/// made the object.
fn asks_as_owner(observation: &Observation<'_>, step: &Step, given: usize) -> bool {
    let Some(state) = observation.suite.states.get(observation.case.given[given].state) else {
        return true;
    };
    let Some(Undo { last: undo, .. }) = &state.undo else {
        return same_auth(&state.make.auth, &step.auth);
    };
    same_auth(&undo.auth, &step.auth)
        && same_body(&undo.body, &step.body)
        && same_values(&undo.query, &step.query)
        && same_values(&undo.header, &step.header)
        && same_values(&undo.cookie, &step.cookie)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::Span;

    fn text(parts: &[Part]) -> Text {
        Text { parts: parts.to_vec(), span: Span::default() }
    }

    fn literal(text: &str) -> Part {
        Part::Literal(text.to_owned())
    }

    fn value(reference: Reference) -> Part {
        Part::Value(reference, None)
    }

    fn capture(given: &str, name: &str) -> Part {
        value(Reference::Capture { given: given.to_owned(), name: name.to_owned() })
    }

    fn request(method: &str, target: &str, body: Option<&[u8]>) -> Request {
        Request {
            method: method.to_owned(),
            origin: "http://127.0.0.1:1".to_owned(),
            target: target.to_owned(),
            fields: Vec::new(),
            body: body.map(<[u8]>::to_vec),
        }
    }

    #[test]
    fn a_credential_is_made_up_unless_a_value_of_the_api_is_in_it() {
        assert!(made_up(&text(&[literal("Bearer wrong")])));
        assert!(made_up(&text(&[literal("Bearer "), value(Reference::Uuid(0))])));
        assert!(made_up(&text(&[])));
        assert!(!made_up(&text(&[literal("Bearer "), value(Reference::Env("KEY".to_owned()))])));
        assert!(!made_up(&text(&[literal("Bearer "), capture("session", "token"), literal("x")])));
    }

    #[test]
    fn requests_are_the_same_in_method_target_and_body() {
        let one = request("DELETE", "/a?b=c", Some(b"{}"));
        assert!(same_request(&one, &one.clone()));
        for other in [
            request("POST", "/a?b=c", Some(b"{}")),
            request("DELETE", "/a?b=d", Some(b"{}")),
            request("DELETE", "/a?b=c", Some(b"[]")),
            request("DELETE", "/a?b=c", None),
        ] {
            assert!(!same_request(&one, &other), "{other:?}");
        }
    }
}
