//! The case expects a field of the response to have a value (`header: {Name: value}`), to be there (`present`) or to be
//! missing (`absent`), and the response differs.
//!
//! **Why it matters.** The suite expects the field because a client relies on it.
//!
//! **Deviates**, where the case has `header: {Cache-Control: no-store}`:
//!
//! ```http
//! HTTP/1.1 204 No Content
//! Cache-Control: max-age=60
//! ```
//!
//! **Conforms.** `cache-control: no-store`. Upper and lower case matter in the value and not in the name.
//!
//! **Limits.** A Content-Type is compared as a media type, so case and further parameters do not matter. The rule
//! applies only if the status is expected. A 401 without `WWW-Authenticate` is only `challenge-missing`, because HTTP
//! itself requires the field.
//!
//! **Clause.** The expectation of the case.

use super::expected_answers;
use crate::assess::{Assessment, expected_fields, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;

pub(super) static RULE: Rule = Rule {
    id: "header-unexpected",
    summary: "A field of the response is not as the case expects",
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
