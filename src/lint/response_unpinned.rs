//! A response describes a JSON body, and neither a schema nor an example says what is in it.
//!
//! **Why it matters.** Any JSON passes there. A case that gets this answer is pinned by its status alone, and clients
//! cannot know what they may read.
//!
//! **Deviates.**
//!
//! ```yaml
//! '404':
//!   description: There is none.
//!   content:
//!     application/json:
//!       schema: {type: object}
//! ```
//!
//! **Conforms.** The same with `properties` in the schema, or with an example; or without `content`, if no body is
//! meant.
//!
//! **Limits.** A schema that only says `object` or `array` of the whole says nothing here; `string`, `number`, `integer` and
//! `boolean` do. Bodies that are not JSON are left out:
//! this program holds them against nothing. A case can still pin such an answer with `match`.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object: `schema`, `example` and `examples` are optional, so this is allowed.

use super::Subject;
use super::described::{readable, unpinned};
use crate::finding::Finding;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "response-unpinned",
    summary: "No schema and no example says what a body holds",
    level: Level::Should,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Media Type Object",
    since: "0.1.0",
    source: include_str!("response_unpinned.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let responses = subject.responses().map(|(_, response)| response);
    responses
        .filter(|response| response.content.iter().any(readable) && unpinned(subject.document, response))
        .map(|response| {
            let message = format!("the {} response describes a body, and nothing says what is in it", response.key);
            Finding::new(&RULE, message)
                .spec(&response.anchor)
                .advice("Add a schema with properties, or an example; or remove `content` if no body is meant.")
        })
        .collect()
}
