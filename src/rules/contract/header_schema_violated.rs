//! The document gives a header of this response a schema, and no way to read the value fits it: neither as a string, nor
//! as a number or truth value, nor as a list of these (style `simple`), nor as JSON, where `content` says that it is.
//!
//! **Why it matters.** A `Retry-After: soon` or an `X-Total: many` fails in the client that reads a number there.
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
//! **Lists and JSON.** Where the schema is an array, the value is split at its commas, and the finding names the item that
//! is wrong. Where `content` describes the header instead of a schema, and the media type is JSON, the value must be a
//! JSON text that fits the schema there.
//!
//! **Limits.** A header that is not there is `header-missing`, or fine. Headers whose schema is an object are held against
//! nothing: the ways to write one in a field are too many to be sure. Nor are those whose `content` is not JSON.
//! `conformant lint` names both.
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
