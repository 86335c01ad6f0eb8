//! A 204, or an interim 1xx answer, has the field Content-Length, and no body bytes follow.
//!
//! **Why it matters.** Clients and proxies that believe the field wait for bytes that never come, or read the next
//! answer as the body. Many frameworks add the field to every response.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 204 No Content
//! Content-Length: 0
//!
//! ```
//!
//! **Conforms.**
//!
//! ```http
//! HTTP/1.1 204 No Content
//!
//! ```
//!
//! **Limits.** A 304 may have the field: it describes the response that was not sent. If bytes follow, that is
//! `bodiless-status-with-body`.
//!
//! **Clause.** RFC 9110 §8.6: a server MUST NOT send a Content-Length in any response with a status of 1xx or 204.

use crate::assess::{AssessedAnswer, Assessment, format};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "bodiless-status-with-content-length",
    summary: "A status without a body comes with Content-Length",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §8.6",
    since: "0.1.0",
    source: include_str!("bodiless_status_with_content_length.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults_in_any_protocol(assessment, &RULE, |assessed, kind| match kind {
        FaultKind::BodilessWithLength(value) if !followed_by_body(assessed) => {
            let status = assessed.answer().status().filter(|status| *status == 204);
            let which =
                status.map_or_else(|| "an interim response".to_owned(), |status| format!("the {status} response"));
            Some(
                FaultText::new(format!("{which} has a Content-Length"), "no Content-Length")
                    .actual(format::short(value)),
            )
        }
        _ => None,
    })
}

fn followed_by_body(assessed: &AssessedAnswer<'_>) -> bool {
    let surplus = assessed.answer().surplus.as_ref();
    surplus.is_some_and(|surplus| !surplus.bytes.is_empty())
}
