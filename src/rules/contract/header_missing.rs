//! The document requires a header in this response (`required: true`), and the response does not have it.
//!
//! **Why it matters.** Clients follow a Location, wait for a Retry-After and keep an `ETag`. Without the field they
//! cannot do the next step.
//!
//! **Deviates**, where the 202 requires `Location`:
//!
//! ```http
//! HTTP/1.1 202 Accepted
//! Content-Length: 0
//!
//! ```
//!
//! **Conforms.** The field, its name in upper or lower case. Without `required`, a response without the field conforms
//! too.
//!
//! **Limits.** For OpenAPI, `Content-Type` is no header in this sense. The rule is silent if a malformed field line may
//! be the missing field.
//!
//! **Clause.** OpenAPI 3.0, Response Object, `headers`; Header Object, `required`.

use crate::assess::transfer::fields_doubtful;
use crate::assess::{Assessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "header-missing",
    summary: "A header that the document requires is missing",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Header Object",
    since: "0.1.0",
    source: include_str!("header_missing.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no response with required headers came", |assessed, findings| {
        let Some(response) = assessed.response.filter(|_| assessed.transfer.is_answered()) else {
            return false;
        };
        let mut required = response.headers.iter().filter(|header| header.required).peekable();
        if required.peek().is_none() {
            return false;
        }
        let doubtful = fields_doubtful(assessed.answer());
        for header in required.filter(|header| !doubtful && assessed.answer().value(&header.name).is_none()) {
            let name = format::short(&header.name);
            let finding = assessed.finding(&RULE, format!("the response lacks {name}, which the document requires"));
            findings.push(finding.compared(format!("{name}: …"), "no such field").spec(&header.anchor));
        }
        true
    })
}
