//! The case names a documented example and frees a text in it, typically the message for people, and the answer says
//! something else there.
//!
//! **Why it matters.** Texts are not meant for programs, but programs compare them all the same, and people search for
//! them. A change is worth knowing before it is released.
//!
//! **Reported**, where `/message` is free and the example says `Conversation Not Exists.`:
//!
//! ```json
//! {"status":404,"code":"not_found","message":"No such conversation."}
//! ```
//!
//! **Not reported.** The documented text; any other text where the case names no example.
//!
//! **Limits.** Only texts: another number or truth value under a freed pointer is as welcome as the documented one.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object, `examples`.

use super::example::{self, Kind};
use super::{Checked, Evidence, shown};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "free-text-changed",
    summary: "A freed text differs from the documented example",
    level: Level::Should,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Media Type Object, example",
    since: "0.1.0",
    source: include_str!("free_text_changed.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    example::each(evidence, |held, against, findings| {
        for difference in against.compared.differences.iter().filter(|difference| difference.kind == Kind::FreeText) {
            let example = shown::example(against.name);
            let message = format!("the text at {} is not that of {example}", shown::pointer(&difference.pointer));
            findings.push(
                held.finding(&RULE, message)
                    .compared(difference.expected.as_str(), difference.actual.as_str())
                    .spec(against.anchor),
            );
        }
    })
}
