//! An object in the body has a key more than once, with the same value or with different values.
//!
//! **Why it matters.** Most readers take the last value, some take the first, and some refuse the body. Then two
//! programs read two different answers from the same bytes.
//!
//! **Deviates.**
//!
//! ```json
//! {"code":"not_found","code":"not_chat_app","status":404,"message":"…"}
//! ```
//!
//! **Conforms.** Every key once in its object; the same key in different objects.
//!
//! **Limits.** The last value is compared with the example of the document, because most readers take the last.
//!
//! **Clause.** RFC 8259 §4: the names within an object SHOULD be unique.

use crate::assess::{Assessment, BodyAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::tree::json::Oddity;

pub(super) static RULE: Rule = Rule {
    id: "key-duplicated",
    summary: "A JSON object has the same key more than once",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 8259 §4",
    since: "0.1.0",
    source: include_str!("key_duplicated.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no JSON body came", |assessed, findings| {
        let BodyAssessment::Json(read, _) = &assessed.body else {
            return false;
        };
        for oddity in &read.oddities {
            if let Oddity::DuplicateKey { key, pointer } = oddity {
                let message =
                    format!("the key {} occurs more than once in {}", format::quoted(key), format::pointer(pointer));
                findings.push(
                    assessed
                        .finding(&RULE, message)
                        .compared("each key once", format!("{} again", format::quoted(key))),
                );
            }
        }
        true
    })
}
