//! An example names a status, in a member such as `status`, that is not the status of its response.
//!
//! The rule looks at the members `status`, `statusCode`, `status_code`, `httpStatus` and `http_status`, at the top of the
//! example and in an object `error` there, if they hold a status as a number or as a text of three digits. A numeric `code`
//! counts only if it looks like the status of an error; then the level is `should`.
//!
//! **Why it matters.** Responses are compared with the example. No response can match this one: either its status line or
//! its body is wrong. Often it was copied from another response.
//!
//! **Deviates.**
//!
//! ```yaml
//! '404':
//!   description: There is none.
//!   content:
//!     application/json:
//!       example: {status: 400, code: not_found}
//! ```
//!
//! **Conforms.** `{status: 404, code: not_found}`; `{status: archived}`; `{code: 40401}`; under `4XX`, any status of
//! that class. If several statuses refer to one response (`$ref`), it may have an example for each of them: then an example
//! deviates only if it fits none of the statuses, and a status only if no example fits it.
//!
//! **Limits.** Outside 4xx and 5xx the level is `should`, because there a `status` may be data, such as that of a monitored
//! page. Examples of `default` are not checked, because `default` has no status.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object: an example should be in the correct format of the response; RFC 9457
//! §3.1.2, for problem documents: `status` is the status code of this response.

use std::collections::HashMap;

use serde_json::Value;

use crate::finding::Finding;
use crate::lint::subject::{Subject, quoted};
use crate::rule::{Level, Origin, Rule};
use crate::spec::{Example, Response, StatusPattern};

pub(super) static RULE: Rule = Rule {
    id: "example-contradicts-status",
    summary: "An example names another status than its response",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Media Type Object, example; RFC 9457 §3.1.2",
    since: "0.1.0",
    source: include_str!("example_contradicts_status.rs"),
};

/// Members that name a status.
const NAMES: &[&str] = &["status", "statusCode", "status_code", "httpStatus", "http_status"];

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    // Response objects by their place, each with the responses that refer to it.
    let mut shared: Vec<Vec<&Response>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (_, response) in subject.responses() {
        let index = *places.entry(&response.anchor.pointer).or_insert_with(|| {
            shared.push(Vec::new());
            shared.len() - 1
        });
        if shared[index].iter().all(|other| other.status != response.status) {
            shared[index].push(response);
        }
    }
    shared.iter().flat_map(|uses| check(uses)).collect()
}

/// Checks one response object under all statuses that refer to it.
fn check(uses: &[&Response]) -> Vec<Finding> {
    let Some(first) = uses.first() else { return Vec::new() };
    let examples: Vec<&Example> = first.content.iter().flat_map(|media| &media.examples).collect();
    let fits = |response: &Response, example: &Example| contradictions(response.status, example).is_empty();
    let lost = |example: &&&Example| !uses.iter().any(|response| fits(response, example));
    let mut findings: Vec<Finding> =
        examples.iter().filter(lost).flat_map(|example| about_example(uses, example)).collect();
    // If no example fits any status, each of them already has a finding.
    if examples.iter().any(|example| !lost(&example)) {
        let bare = uses.iter().filter(|response| !examples.iter().any(|example| fits(response, example)));
        findings.extend(bare.map(|response| about_status(response, &examples)));
    }
    findings
}

/// The findings about an example that fits no status of its response.
fn about_example(uses: &[&Response], example: &Example) -> Vec<Finding> {
    let keys = uses.iter().map(|response| response.key.as_str()).collect::<Vec<_>>().join(", ");
    let said = contradictions(uses[0].status, example);
    said.into_iter()
        .map(|Contradiction { at, member, named, level }| {
            let message = format!("the example {} of the {keys} response says {named} at {at}", quoted(&example.name));
            Finding::new(&RULE, message)
                .level(level)
                .compared(keys.clone(), member)
                .spec(&example.anchor)
                .advice(format!("Write the status of the response, or move the example to the {named} response."))
        })
        .collect()
}

/// The finding about a status that no example of its response fits, although one fits another status.
fn about_status(response: &Response, examples: &[&Example]) -> Finding {
    let said: Vec<Contradiction> =
        examples.iter().flat_map(|example| contradictions(response.status, example)).collect();
    let level = said.iter().map(|one| one.level).max().unwrap_or(Level::Should);
    let mut named: Vec<String> = said.iter().map(|one| one.named.to_string()).collect();
    named.dedup();
    let key = &response.key;
    Finding::new(&RULE, format!("{key} refers to a response, but none of its examples fits {key}"))
        .level(level)
        .compared(key.clone(), named.join(", "))
        .spec(&response.anchor)
        .advice(format!("Add an example for {key}, or give {key} a response of its own."))
}

/// A member that names another status.
struct Contradiction {
    at: String,
    member: String,
    named: u16,
    level: Level,
}

/// The members of an example that name another status than the one of its response.
fn contradictions(pattern: StatusPattern, example: &Example) -> Vec<Contradiction> {
    let error = example.value().get("error").map(|error| (error, "/error"));
    let places = std::iter::once((example.value(), "")).chain(error);
    let members = places.filter_map(|(value, at)| Some((value.as_object()?, at)));
    members
        .flat_map(|(members, at)| members.iter().map(move |(name, member)| (name, member, at)))
        .filter_map(|(name, member, at)| {
            let named = status(member)?;
            let is_code = name == "code";
            if !is_code && !NAMES.contains(&name.as_str()) {
                return None;
            }
            let (agrees, class) = match pattern {
                StatusPattern::Exact(status) => (named == status, status / 100),
                StatusPattern::Class(class) => (named / 100 == class, class),
                StatusPattern::Default => return None,
            };
            let of_errors = class >= 4;
            if agrees || (is_code && !(of_errors && named >= 400)) {
                return None;
            }
            let level = if of_errors && !is_code { Level::Must } else { Level::Should };
            Some(Contradiction { at: format!("{at}/{name}"), member: member.to_string(), named, level })
        })
        .collect()
}

/// The status that a member holds, as a number or as its three digits.
fn status(member: &Value) -> Option<u16> {
    let status = match member {
        Value::Number(number) => u16::try_from(number.as_u64()?).ok()?,
        Value::String(text) if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().ok()?
        }
        _ => return None,
    };
    (100..600).contains(&status).then_some(status)
}
