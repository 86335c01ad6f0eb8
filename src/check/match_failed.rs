//! The case says what stands at a pointer of the body (`match: {/code: unauthorized}`), one value or a list to choose
//! from, or that nothing stands there (`absent`), and it is otherwise.
//!
//! **Why it matters.** It is how a suite holds an answer that the document leaves open.
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
//! **Limits.** Numbers are equal by value, so `401.0` is 401. Only looked at where the status is an expected one, and where
//! no rule about the body says already that it cannot be read.
//!
//! **Clause.** The case's own expectation.

use super::content::{Content, MediaState};
use super::ending::{Ending, framing_doubtful};
use super::held::Held;
use super::{Checked, Evidence, expected_fields, shown};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "match-failed",
    summary: "A value in the body is not as the case expects",
    level: Level::Must,
    origin: Origin::Suite,
    clause: "the case, expect.match",
    since: "0.1.0",
    source: include_str!("match_failed.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    expected_fields::each(evidence, "no case step expects anything of the body", |asked, findings| {
        if asked.expectation.matches.is_empty() || asked.held.is_some_and(body_is_spoken_for) {
            return false;
        }
        for (pointer, expected, span) in &asked.expectation.matches {
            if let Some(mismatch) = expected_fields::body(evidence, asked.taken, pointer, expected) {
                let message = format!("{} is not as the case expects", shown::pointer(pointer.as_str()));
                let finding = asked.finding(&RULE, message).compared(mismatch.expected, mismatch.actual);
                findings.push(finding.case(evidence.suite.place(*span)));
            }
        }
        true
    })
}

/// Whether another rule says already why nothing can be found in the body.
fn body_is_spoken_for(held: &Held<'_>) -> bool {
    let unreadable = framing_doubtful(held.answer())
        || matches!(
            held.content,
            Content::Missing
                | Content::NotJson(_)
                | Content::Compressed(_)
                | Content::NotCompressed
                | Content::Coded
                | Content::Unexpected
        );
    let mislabelled = matches!(held.media, MediaState::Undocumented(_) | MediaState::Missing | MediaState::Ambiguous);
    (unreadable || mislabelled || held.ending != Ending::Whole) && held.taken.json().is_err()
}
