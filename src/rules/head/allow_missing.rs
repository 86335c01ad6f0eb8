//! The response is a 405 without an Allow field.
//!
//! **Why it matters.** By this field a client tells a wrong method from a wrong address.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 405 Method Not Allowed
//! Content-Length: 0
//! ```
//!
//! **Conforms.**
//!
//! ```http
//! HTTP/1.1 405 Method Not Allowed
//! Allow: GET, DELETE
//! ```
//!
//! **Limits.** An empty Allow conforms: it means that no method is allowed (RFC 9110 §10.2.1). The rule is silent if a
//! malformed field line may be the missing field.
//!
//! **Clause.** RFC 9110 §15.5.6: the origin server MUST generate an Allow field.

use crate::assess::Assessment;
use crate::assess::transfer::fields_doubtful;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "allow-missing",
    summary: "A 405 does not say which methods are allowed",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §15.5.6",
    since: "0.1.0",
    source: include_str!("allow_missing.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no 405 came", |assessed, findings| {
        if assessed.status != Some(405) {
            return false;
        }
        let missing = assessed.answer().value("allow").is_none();
        if missing && !fields_doubtful(assessed.answer()) {
            let finding = assessed.finding(&RULE, "the 405 response has no Allow field");
            findings.push(finding.compared("Allow: …", "no such field"));
        }
        true
    })
}
