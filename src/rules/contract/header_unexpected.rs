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

use super::expected_answers;
use crate::assess::{Assessment, expected_fields, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;

pub(super) static RULE: Rule = Rule {
    id: "header-unexpected",
    summary: "A field of the answer is not as the case expects",
    level: Level::Must,
    origin: Origin::Suite,
    clause: "the case, expect.header",
    since: "0.1.0",
    source: include_str!("header_unexpected.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    expected_answers::each(assessment, "no case step expects a field", |answer, findings| {
        let received = &answer.observed.exchange.answer;
        for (name, expected, span) in &answer.expectation.header {
            // `challenge-missing` reports this.
            let challenge = answer.assessed.is_some()
                && received.status() == Some(401)
                && name.eq_ignore_ascii_case("www-authenticate")
                && received.value(name).is_none();
            if challenge {
                continue;
            }
            if let Some(mismatch) = expected_fields::header(assessment.observation, received, name, expected) {
                let message = format!("the field {} is not as the case expects", format::short(name));
                let finding = answer.finding(&RULE, message).compared(mismatch.expected, mismatch.actual);
                findings.push(finding.case(assessment.observation.suite.place(*span)));
            }
        }
        !answer.expectation.header.is_empty()
    })
}
