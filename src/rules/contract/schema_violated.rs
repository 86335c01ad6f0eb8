//! The body of a documented response breaks the schema of its media type. The schema is read in the dialect of OpenAPI
//! 3.0 (`nullable`, `writeOnly` and the rest). Each violation is a finding, up to ten for one response.
//!
//! **Why it matters.** Generated clients build their types from the schema. They fail or lose data if a body does not
//! fit.
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
//! **`oneOf` and `anyOf`.** The finding says for each schema why the body does not fit it, for at most three schemas.
//! If the body fits more than one schema of a `oneOf`, the finding names these. A `discriminator` chooses the schema,
//! as OpenAPI says: by `mapping`, else by the name of the schema. It chooses from the `oneOf` or `anyOf` of the same schema,
//! or from the schemas that have this one in their `allOf`. Then only that schema counts. If the value is missing or names
//! no schema, that is the finding. A schema that is written out in the `oneOf` has no name. With such a schema the
//! discriminator is ignored, and `conformant lint` says so.
//!
//! **Limits.** Most error responses have no schema; for these the documented example is the contract (`example-shape`,
//! `example-value`). The same holds for a schema that says nothing, such as `{}` or `type: object` alone. Judging takes
//! at most a million steps, and eight more for each value in the body. A step compares one value with one schema, or
//! costs as much. If a schema needs more for a body, the case is an error that names the schema. A `pattern` may have
//! 32 KiB, and may not repeat so much that it fills many megabytes. A `$ref` may lead on through 64 others.
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
