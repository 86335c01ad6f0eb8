//! The response is a 101, and the request had no Upgrade field.
//!
//! **Why it matters.** The bytes after a 101 are no longer HTTP. The client reads nonsense, or waits for a final response
//! that never comes.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 101 Switching Protocols
//! Upgrade: websocket
//! Connection: Upgrade
//! ```
//!
//! **Conforms.** `100 Continue` and `103 Early Hints`, any number, before the final response.
//!
//! **Limits.** It is reported instead of `status-unexpected`.
//!
//! **Clause.** RFC 9110 §7.8: a server MUST NOT switch to a protocol that was not indicated by the client.

use crate::assess::{Assessment, Transfer, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "switching-protocols-unasked",
    summary: "The server switched protocols without a request",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §7.8, §15.2.2",
    since: "0.1.0",
    source: include_str!("switching_protocols_unasked.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "nothing was judged", |assessed, findings| {
        if assessed.transfer == Transfer::Switched {
            let upgrade = assessed
                .answer()
                .value("upgrade")
                .map_or_else(String::new, |value| format!(" to {}", format::short(&value)));
            let message = format!("the server switched protocols{upgrade}, but the request did not ask for it");
            findings.push(assessed.finding(&RULE, message).compared("a final response", "101"));
        }
        true
    })
}
