//! A JSON body is nested deeper than 128 levels. The deeper values are JSON, but they are not compared with the
//! document.
//!
//! **Why it matters.** JSON readers have such a limit to protect their stack. They fail on deeper values. 128 is the
//! limit of `serde_json` and others; some have 1000, a few have 64.
//!
//! **Deviates.** An array in an array, two hundred times:
//!
//! ```json
//! [[[[[[[[ … ]]]]]]]]
//! ```
//!
//! **Conforms.** 128 levels.
//!
//! **Limits.** For deeper values only the grammar is checked. If a deeper value may be the reason why the body breaks
//! its schema, as under `not`, the violation is not reported.
//!
//! **Clause.** RFC 8259 §9: a reader may set limits on the depth of nesting.

use crate::assess::{Assessment, BodyAssessment};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::tree::json::MAX_DEPTH;

pub(super) static RULE: Rule = Rule {
    id: "body-too-deep",
    summary: "A JSON body is nested deeper than readers allow",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 8259 §9",
    since: "0.1.0",
    source: include_str!("body_too_deep.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no JSON body came", |assessed, findings| {
        let BodyAssessment::Json(read, _) = &assessed.body else {
            return false;
        };
        if let Some(span) = read.too_deep {
            let message =
                format!("the body is nested deeper than {MAX_DEPTH} levels, and deeper levels are not judged");
            let actual = format!("one more level at byte {}", span.start);
            findings.push(assessed.finding(&RULE, message).compared(format!("at most {MAX_DEPTH} levels"), actual));
        }
        true
    })
}
