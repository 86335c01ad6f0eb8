//! The answer is a 401 without a WWW-Authenticate field or with an empty one.
//!
//! **Why it matters.** Clients, and people, learn from it which scheme and realm the API wants; some libraries throw on
//! a 401 without it.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 401 Unauthorized
//! Content-Type: application/json
//! ```
//!
//! **Conforms.**
//!
//! ```http
//! HTTP/1.1 401 Unauthorized
//! WWW-Authenticate: Bearer realm="api"
//! ```
//!
//! **Limits.** Whether the challenge suits the document's security scheme is not asked. Silent where a malformed field
//! line may be the one that is missed.
//!
//! **Clause.** RFC 9110 §15.5.2: the server MUST send a WWW-Authenticate field with at least one challenge.

use super::ending::fields_doubtful;
use super::{Checked, Evidence};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "challenge-missing",
    summary: "A 401 does not say how to authenticate",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §15.5.2",
    since: "0.1.0",
    source: include_str!("challenge_missing.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    evidence.over("no 401 came", |held, findings| {
        if held.status != Some(401) {
            return false;
        }
        let missing = held.answer().values("www-authenticate").all(|value| value.trim().is_empty());
        if missing && !fields_doubtful(held.answer()) {
            let finding = held.finding(&RULE, "the 401 has no WWW-Authenticate");
            findings.push(finding.compared("WWW-Authenticate: …", "no such field"));
        }
        true
    })
}
