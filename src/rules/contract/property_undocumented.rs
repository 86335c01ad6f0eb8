//! The documented example is the contract here, and the body has properties that it does not show. All of one answer are
//! one note.
//!
//! **Why it matters.** Adding a property breaks no careful client; it is worth a line in the document.
//!
//! **Noted**, beside `{"status":404,"code":"not_found","message":"…"}`:
//!
//! ```json
//! {"status":404,"code":"not_found","message":"…","trace":"f00"}
//! ```
//!
//! **Not noted.** The same where a schema describes the body: then the schema says whether more is allowed.
//!
//! **Limits.** It never changes a verdict.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object, `examples`.

use super::example_findings;
use crate::assess::{Assessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;

pub(super) static RULE: Rule = Rule {
    id: "property-undocumented",
    summary: "The body has a property that the example lacks",
    level: Level::Note,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Media Type Object, example",
    since: "0.1.0",
    source: include_str!("property_undocumented.rs"),
};

/// The most properties that one finding lists.
const LISTED: usize = 8;

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    example_findings::each(assessment, |assessed, example, findings| {
        let extra = &example.diff.extra;
        if example.has_schema || extra.is_empty() {
            return;
        }
        let mut list: Vec<String> = extra.iter().take(LISTED).map(|pointer| format::short(pointer)).collect();
        if extra.len() > LISTED {
            list.push(format!("{} more", extra.len() - LISTED));
        }
        let name = format::example(example.name);
        let message = format!("the body has {} that {name} lacks", format::properties(extra.len()));
        let finding = assessed.finding(&RULE, message).compared("the example's properties", list.join(", "));
        findings.push(finding.spec(example.anchor));
    })
}
