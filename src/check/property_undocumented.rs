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

use super::{Checked, Evidence, example, shown};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "property-undocumented",
    summary: "The body has a property that the example lacks",
    level: Level::Note,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Media Type Object, example",
    since: "0.1.0",
    source: include_str!("property_undocumented.rs"),
};

/// How many properties are listed.
const SHOWN: usize = 8;

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    example::each(evidence, |held, against, findings| {
        let extra = &against.compared.extra;
        if against.by_schema || extra.is_empty() {
            return;
        }
        let mut list: Vec<String> = extra.iter().take(SHOWN).map(|pointer| shown::short(pointer)).collect();
        if extra.len() > SHOWN {
            list.push(format!("{} more", extra.len() - SHOWN));
        }
        let example = shown::example(against.name);
        let message = format!("the body has {} that {example} lacks", shown::properties(extra.len()));
        let finding = held.finding(&RULE, message).compared("the example's properties", list.join(", "));
        findings.push(finding.spec(against.anchor));
    })
}
