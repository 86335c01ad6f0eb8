//! The case expects a value at a pointer of the body (`match: {/code: unauthorized}`), one of a list of values, or no
//! value (`absent`), and the response differs.
//!
//! **Why it matters.** With `match` a suite checks what the document leaves open.
//!
//! **Deviates**, where the case has `match: {/code: unauthorized}`:
//!
//! ```json
//! {"code":"forbidden","status":401}
//! ```
//!
//! **Conforms.**
//!
//! ```json
//! {"status":401,"code":"unauthorized","message":"Access token is invalid"}
//! ```
//!
//! **Limits.** Numbers are equal by value, so `401.0` is 401. The rule applies only if the status is expected, and if
//! no rule about the body reports that it cannot be read.
//!
//! **Clause.** The expectation of the case.

use super::expected_answers;
use crate::assess::transfer::framing_doubtful;
use crate::assess::{
    AssessedAnswer, Assessment, BodyAssessment, MediaTypeAssessment, Transfer, expected_fields, format,
};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;

pub(super) static RULE: Rule = Rule {
    id: "match-failed",
    summary: "A value in the body is not as the case expects",
    level: Level::Must,
    origin: Origin::Suite,
    clause: "the case, expect.match",
    since: "0.1.0",
    source: include_str!("match_failed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    expected_answers::each(assessment, "no case step expects anything of the body", |answer, findings| {
        if answer.expectation.matches.is_empty() || answer.assessed.is_some_and(body_is_reported) {
            return false;
        }
        for (pointer, expected, span) in &answer.expectation.matches {
            if let Some(mismatch) = expected_fields::body(assessment.observation, answer.observed, pointer, expected) {
                let message = format!("{} is not as the case expects", format::pointer(pointer.as_str()));
                let finding = answer.finding(&RULE, message).compared(mismatch.expected, mismatch.actual);
                findings.push(finding.case(assessment.observation.suite.place(*span)));
            }
        }
        true
    })
}

/// Whether another rule reports why the body has no values.
fn body_is_reported(assessed: &AssessedAnswer<'_>) -> bool {
    let unreadable = framing_doubtful(assessed.answer())
        || matches!(
            assessed.body,
            BodyAssessment::Missing
                | BodyAssessment::NotJson(_)
                | BodyAssessment::CodingUnlabelled(_)
                | BodyAssessment::CodingMissing
                | BodyAssessment::StillCoded
                | BodyAssessment::Unexpected
        );
    let mislabelled = matches!(
        assessed.media_type,
        MediaTypeAssessment::Undocumented(_) | MediaTypeAssessment::Missing | MediaTypeAssessment::Ambiguous
    );
    (unreadable || mislabelled || assessed.transfer != Transfer::Complete) && assessed.observed.json().is_err()
}
