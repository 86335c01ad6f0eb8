//! A string in the body escapes one half of a surrogate pair without the other, such as `\ud83d` alone.
//!
//! **Why it matters.** It stands for no character. Readers replace it, drop it or fail. It comes from text that was cut by
//! UTF-16 units, typically inside an emoji.
//!
//! **Deviates.**
//!
//! ```json
//! {"message":"bye \ud83d"}
//! ```
//!
//! **Conforms.** `"bye \ud83d\udc4b"`, or the character itself.
//!
//! **Limits.** Only escapes are seen here: a surrogate in raw bytes is no UTF-8, which is `body-encoding-wrong`.
//!
//! **Clause.** RFC 8259 §8.2: the behaviour of receivers is unpredictable.

use crate::assess::{Assessment, BodyAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::tree::json::Oddity;

pub(super) static RULE: Rule = Rule {
    id: "surrogate-unpaired",
    summary: "A JSON string escapes half of a character",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 8259 §8.2",
    since: "0.1.0",
    source: include_str!("surrogate_unpaired.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no JSON body came", |assessed, findings| {
        let BodyAssessment::Json(read, _) = &assessed.body else {
            return false;
        };
        for oddity in &read.oddities {
            if let Oddity::LoneSurrogate { pointer } = oddity {
                let message = format!("the string at {} escapes half of a character", format::pointer(pointer));
                findings
                    .push(assessed.finding(&RULE, message).compared("whole characters", "half of a surrogate pair"));
            }
        }
        true
    })
}
