//! Reads the answers to staged calls: does an answer fit what the suite expects, and what does it say about an object?

use std::collections::BTreeMap;

use crate::exchange::{End, Exchange, Stage};
use crate::location::Pointer;
use crate::suite::{Expectation, Look, MatchExpectation, State, Statuses, Values};

/// What the answer to a state's `exists` says about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExistsAnswer {
    /// The object is there.
    Yes,
    /// The object is not there.
    No,
    /// The answer fits neither. Nothing follows from it.
    Unclear,
}

impl ExistsAnswer {
    /// What the answer to a look says, if one response answers it.
    pub fn of(look: &Look, exchange: &Exchange, values: &Values) -> Self {
        if differs(&look.yes, exchange, values).is_none() {
            Self::Yes
        } else if differs(&look.no, exchange, values).is_none() {
            Self::No
        } else {
            Self::Unclear
        }
    }
}

/// Whether the answer to a removal says that there is nothing to remove. The state's `gone` decides; without one, the
/// statuses 404 and 410 say so.
pub fn says_gone(state: &State, undone: &Exchange, values: &Values) -> bool {
    match &state.gone {
        Some(gone) => differs(gone, undone, values).is_none(),
        None => matches!(undone.answer.status(), Some(404 | 410)),
    }
}

/// Whether a status says that the server did not carry out the request. A server that fails may have carried it out; a
/// server that answers 503 is not ready to (RFC 9110 §15.6.4).
pub fn was_not_carried_out(status: u16) -> bool {
    status < 500 || status == 503
}

/// A value as it stands in a path or a message.
pub fn as_text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The captured values that name an object of a state, the one that is its id first, and the other captured values.
pub fn names_and_companions(
    state: &State,
    captured: &BTreeMap<String, serde_json::Value>,
) -> (Vec<String>, Vec<String>) {
    let ids: Vec<String> = state.id.iter().filter_map(|name| captured.get(name)).map(as_text).collect();
    let others = captured.iter().filter(|(name, _)| !state.is_id(name)).map(|(_, value)| as_text(value));
    let companions = others.filter(|value| !ids.contains(value)).collect();
    (ids, companions)
}

/// How an answer differs from an expectation of its status and body, in words. `None` if it fits.
pub fn differs(expectation: &Expectation, exchange: &Exchange, values: &Values) -> Option<String> {
    let status = exchange.answer.status();
    match (&expectation.status, status) {
        (_, None) => return Some("no response came".to_owned()),
        (Statuses::OneOf(list), Some(status)) if !list.contains(&status) => {
            let list: Vec<String> = list.iter().map(u16::to_string).collect();
            return Some(format!("{} was expected", list.join(" or ")));
        }
        _ => {}
    }
    if expectation.matches.is_empty() {
        return None;
    }
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(&exchange.answer.body) else {
        return Some("the body is not JSON".to_owned());
    };
    let mut values = values.clone();
    expectation.matches.iter().find_map(|(pointer, wanted, _)| mismatch(&body, pointer, wanted, &mut values))
}

/// Whether an answer has none of the values that an expectation matches. Then the answer says nothing about them.
pub fn says_nothing(expectation: &Expectation, exchange: &Exchange) -> bool {
    let wanted = expectation.matches.iter().filter(|(_, wanted, _)| !matches!(wanted, MatchExpectation::Absent));
    let mut wanted = wanted.map(|(pointer, ..)| pointer.as_str()).peekable();
    let body: Option<serde_json::Value> = serde_json::from_slice(&exchange.answer.body).ok();
    wanted.peek().is_some() && body.is_some_and(|body| wanted.all(|pointer| body.pointer(pointer).is_none()))
}

fn mismatch(
    body: &serde_json::Value,
    pointer: &Pointer,
    wanted: &MatchExpectation,
    values: &mut Values,
) -> Option<String> {
    let found = body.pointer(pointer.as_str());
    match (wanted, found) {
        (MatchExpectation::Absent, None) => None,
        (MatchExpectation::Absent, Some(value)) => Some(format!("{pointer} is {value}, but should be absent")),
        (MatchExpectation::Schema(_), None) => Some(format!("{pointer} is absent, but should fit a schema")),
        (MatchExpectation::Schema(schema), Some(value)) => {
            schema.misfit_of(value).map(|why| format!("{pointer} does not fit its schema: {why}"))
        }
        (MatchExpectation::OneOf(list), found) => {
            let list: Vec<serde_json::Value> =
                list.iter().filter_map(|template| template.render(values).ok()).collect();
            match found {
                Some(value) if list.contains(value) => None,
                found => {
                    let list: Vec<String> = list.iter().map(ToString::to_string).collect();
                    let found = found.map_or_else(|| "absent".to_owned(), ToString::to_string);
                    Some(format!("{pointer} is {found}, but should be {}", list.join(" or ")))
                }
            }
        }
    }
}

/// `POST /chat-messages answered 400; 200 was expected`.
pub fn answered(exchange: &Exchange, why: &str) -> String {
    let request = &exchange.request;
    let call = format!("{} {}", request.method, request.url());
    match exchange.answer.status() {
        Some(status) => format!("{call} answered {status}; {why}"),
        None => not_answered(&call, exchange, why),
    }
}

/// How the message about a failed creation ends.
pub fn could_not_make(state: &str) -> String {
    format!(", so the run could not make a {state}")
}

/// `GET /info got no response within 2 s (--timeout)`: why a call has no response. `why` is used if the exchange does not say
/// it.
pub fn not_answered(call: &str, exchange: &Exchange, why: &str) -> String {
    if let End::TimedOut(Stage::Nothing, wait) = exchange.answer.end {
        return format!("{call} got no response within {wait}");
    }
    let how = exchange.answer.end.description().unwrap_or_else(|| why.to_owned());
    format!("{call} got no response: {how}")
}
