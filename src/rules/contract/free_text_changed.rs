//! The case names a documented example and frees a text in it, usually the message for people. The response has another
//! text there.
//!
//! **Why it matters.** Texts are meant for people, but programs compare them too, and people search for them. The team
//! should know about a change before it is released.
//!
//! **Reported**, where `/message` is free and the example says `Conversation Not Exists.`:
//!
//! ```json
//! {"status":404,"code":"not_found","message":"No such conversation."}
//! ```
//!
//! **Not reported.** The documented text; any other text where the case names no example.
//!
//! **Limits.** Only texts count. A different number or boolean at a free pointer is no finding.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object, `examples`.

use super::example_findings;
use crate::assess::example_diff::DifferenceKind;
use crate::assess::{Assessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;

pub(super) static RULE: Rule = Rule {
    id: "free-text-changed",
    summary: "A text that the case frees differs from the example",
    level: Level::Should,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Media Type Object, example",
    since: "0.1.0",
    source: include_str!("free_text_changed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    example_findings::each(assessment, |assessed, example, findings| {
        for difference in
            example.diff.differences.iter().filter(|difference| difference.kind == DifferenceKind::FreeText)
        {
            let name = format::example(example.name);
            let message = format!("the text at {} differs from {name}", format::pointer(&difference.pointer));
            findings.push(
                assessed
                    .finding(&RULE, message)
                    .compared(difference.expected.as_str(), difference.actual.as_str())
                    .spec(example.anchor),
            );
        }
    })
}
