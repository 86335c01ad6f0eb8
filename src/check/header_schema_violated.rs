//! The document gives a header of this response a schema, and no way to read the value fits it: neither as a string, nor
//! as a number or truth value, nor as a list of these (style `simple`).
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
//! **Limits.** A header that is not there is `header-missing`, or fine. Headers whose schema is an object are not judged:
//! the ways to write one in a field are too many to be sure.
//!
//! **Clause.** OpenAPI 3.0, Header Object: a parameter of style `simple`.

use serde_json::{Value, json};

use super::{Checked, Evidence, shown};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "header-schema-violated",
    summary: "A response header breaks its documented schema",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Header Object, schema",
    since: "0.1.0",
    source: include_str!("header_schema_violated.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    evidence.over("no header with a schema came", |held, findings| {
        let Some(response) = held.response.filter(|_| held.ending.is_answered()) else {
            return false;
        };
        let mut applies = false;
        for header in &response.headers {
            let Some(schema) = &header.schema else {
                continue;
            };
            let values: Vec<_> = held.answer().values(&header.name).collect();
            if values.is_empty() {
                continue;
            }
            let value = values.join(", ");
            let of_type = |value: &Value| {
                !schema.violations(value).iter().any(|it| it.instance.is_empty() && it.keyword == "type")
            };
            if of_type(&json!({})) {
                continue;
            }
            applies = true;
            let as_string = schema.violations(&Value::from(value.as_str()));
            let list = || Value::Array(value.split(',').map(|item| scalar(item.trim())).collect());
            let texts = || value.split(',').map(|item| Value::from(item.trim())).collect::<Value>();
            let fits = |value: &Value| schema.violations(value).is_empty();
            if as_string.is_empty() || fits(&scalar(&value)) || fits(&list()) || fits(&texts()) {
                continue;
            }
            // Say what is wrong with the reading that has the right type.
            let typed = scalar(&value);
            let nearest = if of_type(&typed) { schema.violations(&typed) } else { as_string };
            let name = shown::short(&header.name);
            let why = nearest.first().map_or_else(String::new, |it| format!(": {}", shown::short(&it.message)));
            let finding = held.finding(&RULE, format!("{name} breaks its schema{why}"));
            findings.push(finding.compared("what the schema allows", shown::quoted(&value)).spec(&header.anchor));
        }
        applies
    })
}

/// A number or truth value, where a text is one; else a string.
fn scalar(text: &str) -> Value {
    let number_or_bool = |value: &Value| value.is_number() || value.is_boolean();
    serde_json::from_str(text).ok().filter(number_or_bool).unwrap_or_else(|| Value::from(text))
}
