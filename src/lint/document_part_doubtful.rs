//! A part of the document is ignored, or cannot mean what it says.
//!
//! It is found while the document is read: unknown keys and mistyped response codes, which typed readers drop without a
//! word; keys beside a `$ref`; header parameters that OpenAPI ignores; a parameter of the path that nothing declares,
//! or a declared one that the path does not have; paths that differ by the names of their parameters only; security
//! schemes that are not there; a `discriminator` that cannot choose, or a value of `mapping` that leads nowhere; `nullable`
//! where it does nothing; response headers that cannot be held against what describes them.
//!
//! **Why it matters.** Whoever wrote it relies on it, and nothing checks it. A response under `'20O'` is no response.
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
//! **Limits.** Callbacks and links are not read. What makes the document unreadable is no finding but an error with its
//! place, and ends the command with exit status 2.
//!
//! **Clause.** OpenAPI 3.0: the fixed fields of each object; Paths Object; Reference Object.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Subject, quoted};
use crate::finding::Finding;
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
        // What takes too much to judge is of no type that could be told.
        let violations = |schema: &Schema, value: Value| schema.violations(&value).unwrap_or_default();
        let of_type = |schema: &Schema, value: Value| !violations(schema, value).iter().any(|it| it.keyword == "type");
        let finding = match (&header.content, &header.schema) {
            (Some(content), _) if !content.range.is_json() => {
                let key = quoted(&content.key);
                Finding::new(&RULE, format!("the header {name} is described as {key}: what it holds is not looked at"))
            }
            (None, Some(schema)) if of_type(schema, json!({})) && !of_type(schema, json!("")) => {
                let message = format!("the header {name} has an object as its schema: what it holds is not looked at");
                Finding::new(&RULE, message).advice("Describe it by `content: {application/json: …}`, if it is JSON.")
            }
            _ => continue,
        };
        findings.push(finding.spec(&header.anchor));
    }
    findings
}
