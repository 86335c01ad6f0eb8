//! The request says `Accept-Encoding: identity`, and the answer has a Content-Encoding.
//!
//! **Why it matters.** A client that cannot unpack gets bytes that it cannot read, and said so beforehand.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: application/json
//! Content-Encoding: gzip
//! ```
//!
//! **Conforms.** No Content-Encoding, an empty one, or `identity`.
//!
//! **Limits.** What gzip and deflate hold is unpacked and judged like any other body; what another coding holds is not. A
//! body that is not in the coding that the field names is `content-coding-mislabelled`, and this rule is silent.
//!
//! **Clause.** RFC 9110 §12.5.3: with no other coding acceptable, the server should send none.

use super::content::Content;
use super::{Checked, Evidence, shown};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "content-coding-unasked",
    summary: "The body is coded although identity was asked for",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9110 §12.5.3",
    since: "0.1.0",
    source: include_str!("content_coding_unasked.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    evidence.over("no answer with a body came", |held, findings| {
        let answer = held.answer();
        if !held.ending.is_answered() || answer.body_size == 0 {
            return false;
        }
        // `Accept-Encoding` without `identity` means that the suite asked for another coding.
        let asked = &held.taken.exchange.request.fields;
        let wants_other = asked.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("accept-encoding") && !value.to_ascii_lowercase().contains("identity")
        });
        if wants_other || matches!(held.content, Content::NotCompressed) {
            return true;
        }
        let codings = answer.codings();
        if !codings.is_empty() {
            let coding = shown::short(&codings.join(", "));
            let message = format!("the body is sent in {coding}, and identity was asked for");
            findings.push(held.finding(&RULE, message).compared("identity", coding));
        }
        true
    })
}
