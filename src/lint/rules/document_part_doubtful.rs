//! A part of the document is ignored, or cannot mean what it says.
//!
//! These parts are found while the document is read:
//!
//! - unknown keys and mistyped response codes, which typed readers drop without a word;
//! - keys next to a `$ref`;
//! - header parameters that OpenAPI ignores;
//! - path parameters that are not declared, and declared ones that the path does not have;
//! - paths that differ only in the names of their parameters;
//! - security schemes that are not defined;
//! - a `discriminator` that cannot choose, or a value of its `mapping` that leads nowhere;
//! - `nullable` where it has no effect;
//! - response headers whose description cannot be compared with a value.
//!
//! **Why it matters.** The author relies on that part, but nothing checks it. A response under `'20O'` is not a response.
//!
//! **Deviates.**
//!
//! ```yaml
//! responses:
//!   '204': {description: Deleted.}
//!   '4O4': {description: There is none.}
//! ```
//!
//! **Conforms.** `'404'`, `4XX`, `default`; and extensions, whose names begin with `x-`.
//!
//! **Limits.** Callbacks and links are not read. If the document cannot be read at all, that is not a finding but an error
//! with its place, and the command ends with exit status 2.
//!
//! **Clause.** OpenAPI 3.0: the fixed fields of each object; Paths Object; Reference Object.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::finding::Finding;
use crate::lint::subject::{Subject, quoted};
use crate::rule::{Level, Origin, Rule};
use crate::spec::Schema;

pub(super) static RULE: Rule = Rule {
    id: "document-part-doubtful",
    summary: "A part of the document is ignored or means nothing",
    level: Level::Should,
    origin: Origin::Document,
    clause: "OpenAPI 3.0, the object's fixed fields",
    since: "0.1.0",
    source: include_str!("document_part_doubtful.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let remarks = subject.document.remarks.iter();
    let mut findings: Vec<Finding> =
        remarks.map(|remark| Finding::new(&RULE, remark.message.clone()).spec(&remark.anchor)).collect();
    let mut seen = HashSet::new();
    let once = subject.responses().filter(|(_, response)| seen.insert(response.headers.as_ptr()));
    for header in once.flat_map(|(_, response)| response.headers.iter()) {
        let name = quoted(&header.name);
        // A schema that takes too long to judge counts as allowing the value.
        let violations = |schema: &Schema, value: Value| schema.violations(&value).unwrap_or_default();
        let of_type = |schema: &Schema, value: Value| !violations(schema, value).iter().any(|it| it.keyword == "type");
        let finding = match (&header.content, &header.schema) {
            (Some(content), _) if !content.range.is_json() => {
                let key = quoted(&content.key);
                Finding::new(&RULE, format!("the header {name} is described as {key}, so its value is not checked"))
            }
            (None, Some(schema)) if of_type(schema, json!({})) && !of_type(schema, json!("")) => {
                let message = format!("the schema of the header {name} is an object, so its value is not checked");
                Finding::new(&RULE, message)
                    .advice("If the value is JSON, describe it with `content: {application/json: …}`.")
            }
            _ => continue,
        };
        findings.push(finding.spec(&header.anchor));
    }
    findings
}
