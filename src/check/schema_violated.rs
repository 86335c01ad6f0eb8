//! The body of a documented response is held against the schema of its media type, in the dialect of OpenAPI 3.0
//! (`nullable`, `writeOnly` and the rest). Each way in which it breaks the schema is a finding, up to ten for one answer.
//!
//! **Why it matters.** Generated clients build their types from the schema, and fail or lose data on what does not fit.
//!
//! **Deviates**, where the schema requires `id` and says that it is a string:
//!
//! ```json
//! {"id":17}
//! ```
//!
//! **Conforms.**
//!
//! ```json
//! {"id":"17","note":"more properties are fine unless the schema forbids them"}
//! ```
//!
//! **`oneOf` and `anyOf`.** The finding says of each schema (of three, where there are more) why the body does not fit it,
//! or, where it fits more than one of a `oneOf`, which ones. A `discriminator` chooses the schema, as OpenAPI says: by
//! `mapping`, else by the name of the schema, from what stands in the `oneOf` or `anyOf` beside it, or from the schemas
//! that have this one in their `allOf`. The body is then held against that schema alone, and a value that names none, or
//! is missing, is the finding. A schema written out in the `oneOf` has no name; where there is one, the discriminator is
//! left aside, and `conformant lint` says so.
//!
//! **Limits.** Most error responses have no schema; there the documented example is the contract (`example-shape`,
//! `example-value`). A schema that says nothing, such as `{}` or `type: object` alone, leaves the example in charge too.
//! Judging takes at most a million steps, and eight for each value in the body; a step holds one value to one schema, or
//! costs as much. Schemas that need more for a body make an error of the case that names the schema. A `pattern` may have
//! 32 KiB, and may not repeat so much that it fills many megabytes; `$ref` may lead on through 64 others.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object, `schema`.

use super::content::Content;
use super::held::Held;
use super::{Checked, Evidence, shown};
use crate::location::Pointer;
use crate::rule::{Level, Origin, Rule};
use crate::spec::{MAX_VIOLATIONS, Schema};
use crate::tree::json::MAX_DEPTH;
use crate::tree::{Node, Value};

pub(super) static RULE: Rule = Rule {
    id: "schema-violated",
    summary: "The body breaks the schema that the document gives",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Schema Object",
    since: "0.1.0",
    source: include_str!("schema_violated.rs"),
};

/// What to do about a null where none may be.
const NULL: &str = "If null is meant, write `nullable: true` beside the `type` of every schema that applies here; around an \
                    `allOf`, or beside a `$ref`, it has no effect.";

/// How many violations of one answer are shown.
const SHOWN: usize = 10;

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    evidence.over("no body with a schema came", |held, findings| {
        let Content::Json(read, media) = &held.content else {
            return false;
        };
        let Some(schema) = &media.schema else {
            return false;
        };
        let mut violations = held.violations_of(schema, &read.root);
        if read.too_deep.is_some() {
            // What lies too deep to be judged may have a part in the others.
            violations.retain(|violation| violation.depth < MAX_DEPTH);
        }
        let count = violations.len();
        for (index, violation) in violations.into_iter().take(SHOWN).enumerate() {
            let at = shown::pointer(&violation.instance);
            let message = format!("{at} breaks the schema: {}", shown::sentence(&violation.message));
            let message = if count < MAX_VIOLATIONS {
                shown::of_many(message, index, SHOWN, count)
            } else {
                shown::of_too_many(message, index, SHOWN, count)
            };
            let pointer = Pointer::parse(&violation.instance).unwrap_or_default();
            let segments: Vec<String> = pointer.segments().collect();
            let node = read.root.at(segments.iter().map(String::as_str));
            let actual = node.map_or_else(|| "nothing".to_owned(), shown::node);
            let expected = format!("what `{}` allows", shown::short(&violation.keyword));
            let mut finding = held.finding(&RULE, message).compared(expected, actual).spec(&violation.anchor);
            if violation.keyword == "type" && node.is_some_and(|node| matches!(node.value, Value::Null)) {
                finding = finding.advice(NULL);
            }
            findings.push(finding);
        }
        true
    })
}

/// Whether a schema says more than which type the body as a whole has. If not, the example is the contract.
pub(super) fn says_more(held: &Held<'_>, schema: &Schema) -> bool {
    let Some(pointer) = Pointer::parse(&schema.anchor.pointer) else {
        return true;
    };
    let segments: Vec<String> = pointer.segments().collect();
    let node = held.suite.document.tree.root.at(segments.iter().map(String::as_str));
    let Some(entries) = node.and_then(Node::entries) else {
        return true;
    };
    entries.iter().any(|entry| {
        let says_nothing = matches!(
            entry.key.as_str(),
            "type"
                | "title"
                | "description"
                | "example"
                | "default"
                | "nullable"
                | "deprecated"
                | "externalDocs"
                | "xml"
        );
        let empty = entry.value.entries().is_some_and(<[_]>::is_empty);
        // What has no parts is said by its type.
        let scalar = entry.key == "type" && !matches!(entry.value.as_str(), Some("object" | "array"));
        scalar || (!says_nothing && !empty && !entry.key.starts_with("x-"))
    })
}
