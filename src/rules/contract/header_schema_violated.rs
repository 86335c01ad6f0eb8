//! The document has a schema for a header of this response, and the value does not fit it: neither as a string, nor as
//! a number or boolean, nor as a list of these (style `simple`), nor as JSON if `content` says that it is JSON.
//!
//! **Why it matters.** A client that reads a number fails on `Retry-After: soon` or `X-Total: many`.
//!
//! **Deviates**, where the schema of `X-Total` is `{type: integer, minimum: 0}`:
//!
//! ```http
//! X-Total: -1
//! ```
//!
//! **Conforms.**
//!
//! ```http
//! x-total: 17
//! ```
//!
//! **Lists and JSON.** If the schema is an array, the value is split at its commas, and the finding names the wrong
//! item. If `content` with a JSON media type describes the header, the value must be a JSON text that fits the schema
//! there.
//!
//! **Limits.** A required header that is absent is `header-missing`. Two kinds of headers are not judged: those whose
//! schema is an object, because there are too many ways to write an object in a field, and those whose `content` is not
//! JSON. `conformant lint` reports both.
//!
//! **Clause.** OpenAPI 3.0, Header Object: a parameter of style `simple`, or `content`.

use crate::assess::{Assessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "header-schema-violated",
    summary: "A response header breaks its documented schema",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Header Object, schema",
    since: "0.1.0",
    source: include_str!("header_schema_violated.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no header with a schema came", |assessed, findings| {
        for one in &assessed.headers {
            if let Some(problem) = &one.problem {
                let message = format!("{} breaks its schema: {problem}", format::short(&one.header.name));
                let finding = assessed.finding(&RULE, message);
                let finding = finding.compared("what the schema allows", format::quoted(&one.value));
                findings.push(finding.spec(&one.header.anchor));
            }
        }
        !assessed.headers.is_empty()
    })
}
