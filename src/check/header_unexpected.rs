//! The case says what a field of the answer is (`header: {Name: value}`), that it is there (`present`) or that it is not
//! (`absent`), and it is otherwise.
//!
//! **Why it matters.** The suite knows that somebody relies on it.
//!
//! **Deviates**, where the case has `header: {Cache-Control: no-store}`:
//!
//! ```http
//! HTTP/1.1 204 No Content
//! Cache-Control: max-age=60
//! ```
//!
//! **Conforms.** `cache-control: no-store`: names have no case, values do.
//!
//! **Limits.** A Content-Type is compared as a media type, so case and further parameters do not matter. Only looked at
//! where the status is an expected one. A 401 whose `WWW-Authenticate` is missing is `challenge-missing`, which HTTP asks
//! for anyway, and not found twice.
//!
//! **Clause.** The case's own expectation.

use super::{Checked, Evidence, expected_fields, shown};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "header-unexpected",
    summary: "A field of the answer is not as the case expects",
    level: Level::Must,
    origin: Origin::Suite,
    clause: "the case, expect.header",
    since: "0.1.0",
    source: include_str!("header_unexpected.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    expected_fields::each(evidence, "no case step expects a field", |asked, findings| {
        let answer = &asked.taken.exchange.answer;
        for (name, expected, span) in &asked.expectation.header {
            // That one is HTTP's own demand, and found by its own rule.
            let challenge = asked.held.is_some()
                && answer.status() == Some(401)
                && name.eq_ignore_ascii_case("www-authenticate")
                && answer.value(name).is_none();
            if challenge {
                continue;
            }
            if let Some(mismatch) = expected_fields::header(evidence, answer, name, expected) {
                let message = format!("the field {} is not as the case expects", shown::short(name));
                let finding = asked.finding(&RULE, message).compared(mismatch.expected, mismatch.actual);
                findings.push(finding.case(evidence.suite.place(*span)));
            }
        }
        !asked.expectation.header.is_empty()
    })
}
