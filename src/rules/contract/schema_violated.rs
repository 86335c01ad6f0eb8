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

use crate::assess::{Assessment, BodyAssessment, format};
use crate::location::Pointer;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::spec::{MAX_VIOLATIONS, Violation};
use crate::tree::Value;
use crate::tree::json::MAX_DEPTH;

pub(super) static RULE: Rule = Rule {
    id: "schema-violated",
    summary: "The body breaks the schema that the document gives",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Schema Object",
    since: "0.1.0",
    source: include_str!("schema_violated.rs"),
};

/// What to do about a null that the schema does not allow.
const NULL: &str = "If null is meant, write `nullable: true` beside the `type` of every schema that applies here; around an \
                    `allOf`, or beside a `$ref`, it has no effect.";

/// The most findings about one answer.
const MAX_FINDINGS: usize = 10;

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no body with a schema came", |assessed, findings| {
        let (BodyAssessment::Json(read, _), Some(schema)) = (&assessed.body, &assessed.schema) else {
            return false;
        };
        // Values below the judged depth may have a part in violations that deep.
        let counts = |violation: &&Violation| read.too_deep.is_none() || violation.depth < MAX_DEPTH;
        let violations: Vec<&Violation> = schema.violations.iter().filter(counts).collect();
        let count = violations.len();
        for (index, violation) in violations.into_iter().take(MAX_FINDINGS).enumerate() {
            let at = format::pointer(&violation.instance);
            let message = format!("{at} breaks the schema: {}", format::sentence(&violation.message));
            let message = if count < MAX_VIOLATIONS {
                format::of_many(message, index, MAX_FINDINGS, count)
            } else {
                format::of_too_many(message, index, MAX_FINDINGS, count)
            };
            let pointer = Pointer::parse(&violation.instance).unwrap_or_default();
            let segments: Vec<String> = pointer.segments().collect();
            let node = read.root.at(segments.iter().map(String::as_str));
            let actual = node.map_or_else(|| "nothing".to_owned(), format::node);
            let expected = format!("what `{}` allows", format::short(&violation.keyword));
            let mut finding = assessed.finding(&RULE, message).compared(expected, actual).spec(&violation.anchor);
            if violation.keyword == "type" && node.is_some_and(|node| matches!(node.value, Value::Null)) {
                finding = finding.advice(NULL);
            }
            findings.push(finding);
        }
        true
    })
}
