//! A 204, or an interim 1xx answer, has the field Content-Length, and no body bytes follow.
//!
//! **Why it matters.** Clients and proxies that believe the field wait for bytes that never come, or take the next answer
//! for them. Many frameworks add the field to every answer.
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
//! **Limits.** A 304 may have it: there it speaks of the answer that was not sent. Where bytes follow, it is
//! `bodiless-status-with-body`.
//!
//! **Clause.** RFC 9110 §8.6: a server MUST NOT send a Content-Length in any response with a status of 1xx or 204.

use super::held::Held;
use super::wire::{self, Told};
use super::{Checked, Evidence, shown};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "bodiless-status-with-content-length",
    summary: "A bodiless status comes with Content-Length",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §8.6",
    since: "0.1.0",
    source: include_str!("bodiless_status_with_content_length.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    wire::faults_in_any(evidence, &RULE, |held, kind| match kind {
        FaultKind::BodilessWithLength(value) if !followed_by_body(held) => {
            let status = held.answer().status().filter(|status| *status == 204);
            let which = status.map_or_else(|| "an interim answer".to_owned(), |status| format!("the {status}"));
            Some(Told::new(format!("{which} has a Content-Length"), "no Content-Length").actual(shown::short(value)))
        }
        _ => None,
    })
}

fn followed_by_body(held: &Held<'_>) -> bool {
    let surplus = held.answer().surplus.as_ref();
    surplus.is_some_and(|surplus| !surplus.bytes.is_empty())
}
