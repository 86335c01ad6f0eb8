//! The body has a property that the document marks `writeOnly`: the property is for requests and should not be in a
//! response.
//!
//! **Why it matters.** Such a property is mostly a secret: a password, a token, the response to a question. A response
//! that repeats it puts it into logs and caches.
//!
//! **Deviates**, where the schema says `password: {type: string, writeOnly: true}`:
//!
//! ```json
//! {"id":"17","password":"correct horse"}
//! ```
//!
//! **Conforms.** `{"id":"17"}`, also if `password` is `required`, because it need not be in a response. A property that
//! is `readOnly` and `required` must be there; without it, the body is `schema-violated`.
//!
//! **Limits.** In a `oneOf` or `anyOf`, only the schemas count that the body fits, or the one that a `discriminator`
//! chooses. Without a schema no property is `writeOnly`.
//!
//! **Clause.** OpenAPI 3.0, Schema Object, `writeOnly`: SHOULD NOT be sent as part of the response.

use crate::assess::{Assessment, BodyAssessment, format};
use crate::location::Pointer;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::tree::Node;

pub(super) static RULE: Rule = Rule {
    id: "write-only-sent",
    summary: "The body has a property that is writeOnly",
    level: Level::Should,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Schema Object, writeOnly",
    since: "0.1.0",
    source: include_str!("write_only_sent.rs"),
};

/// The most findings about one answer.
const MAX_FINDINGS: usize = 10;

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no body with a schema came", |assessed, findings| {
        let (BodyAssessment::Json(read, _), Some(schema)) = (&assessed.body, &assessed.schema) else {
            return false;
        };
        let count = schema.write_only.len();
        for (index, (place, anchor)) in schema.write_only.iter().take(MAX_FINDINGS).enumerate() {
            let message = format!("the response contains {}, which is writeOnly", format::short(place));
            let message = format::of_many(message, index, MAX_FINDINGS, count);
            let pointer = Pointer::parse(place).unwrap_or_default();
            let segments: Vec<String> = pointer.segments().collect();
            // Its value may be a secret.
            let actual = read.root.at(segments.iter().map(String::as_str)).map_or("a value", Node::kind);
            findings
                .push(assessed.finding(&RULE, message).compared("no such property in a response", actual).spec(anchor));
        }
        true
    })
}
