//! A response describes a JSON body, but neither a schema nor an example says what it contains.
//!
//! **Why it matters.** Any JSON passes. A case that gets this response is pinned only by its status, and clients cannot know
//! what they may read.
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
//! **Conforms.** The same with `properties` in the schema, or with an example; or without `content`, if the response has no
//! body.
//!
//! **Limits.** A schema that says only `type: object` or `type: array` does not pin the body; `string`, `number`,
//! `integer` and `boolean` do. Bodies that are not JSON are left out, because this program does not check them. A case can
//! still pin such a response with `match`.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object: `schema`, `example` and `examples` are optional, so this is allowed.

use super::described::{readable, unpinned};
use crate::finding::Finding;
use crate::lint::subject::Subject;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "response-unpinned",
    summary: "No schema and no example describes a body",
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
            let message =
                format!("the {} response has a body, but no schema and no example says what it contains", response.key);
            Finding::new(&RULE, message)
                .spec(&response.anchor)
                .advice("Add a schema with properties or an example, or remove `content` if there is no body.")
        })
        .collect()
}
