//! An example names, in its `status` member or one like it, another status than the response that it is an example of.
//!
//! Looked at are `status`, `statusCode`, `status_code`, `httpStatus` and `http_status`, at the top of the example and
//! in an object `error` there, where they hold a status number or its three digits as a text. A numeric `code` counts
//! only where it looks like the status of an error, and is of level `should`.
//!
//! **Why it matters.** The example is what an answer is held against. No answer can keep this one: either its status
//! line or its body is wrong. It is mostly a copy of another response's example.
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
//! that class.
//!
//! **Limits.** Outside 4xx and 5xx the level is `should`: there a `status` may be a datum, such as that of a monitored
//! page. Examples of `default` are not looked at, for it has no status.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object: an example should be in the correct format of the response; RFC 9457
//! §3.1.2, where the body is a problem document: `status` is the status code of this answer.

use serde_json::Value;

use super::{Subject, quoted};
use crate::finding::Finding;
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

/// Members that name a status and nothing else.
const NAMES: &[&str] = &["status", "statusCode", "status_code", "httpStatus", "http_status"];

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, response) in subject.responses() {
        for example in response.content.iter().flat_map(|media| &media.examples) {
            look(response, example, &example.value, "", &mut findings);
            if let Some(error) = example.value.get("error") {
                look(response, example, error, "/error", &mut findings);
            }
        }
    }
    findings
}

fn look(response: &Response, example: &Example, value: &Value, at: &str, findings: &mut Vec<Finding>) {
    let Some(members) = value.as_object() else { return };
    for (name, member) in members {
        let Some(named) = status(member) else { continue };
        let is_code = name == "code";
        if !is_code && !NAMES.contains(&name.as_str()) {
            continue;
        }
        let (agrees, class) = match response.status {
            StatusPattern::Exact(status) => (named == status, status / 100),
            StatusPattern::Class(class) => (named / 100 == class, class),
            StatusPattern::Default => continue,
        };
        let of_errors = class >= 4;
        if agrees || (is_code && !(of_errors && named >= 400)) {
            continue;
        }
        let message = format!(
            "the example {} of the {} response says {named} at {at}/{name}",
            quoted(&example.name),
            response.key
        );
        let level = if of_errors && !is_code { Level::Must } else { Level::Should };
        findings.push(
            Finding::new(&RULE, message)
                .level(level)
                .compared(response.key.clone(), member.to_string())
                .spec(&example.anchor)
                .advice(format!("Write the status of the response, or move the example to the response {named}.")),
        );
    }
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
