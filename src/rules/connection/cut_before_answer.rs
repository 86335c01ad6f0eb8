//! The request was sent, and the server closed or reset the connection without a single byte of a response.
//!
//! **Why it matters.** The client cannot know whether the request was carried out. After a DELETE it can only send the
//! request again.
//!
//! **Deviates.** A worker process that crashes on the request; a proxy that gives up without a response.
//!
//! **Conforms.** Any answer, even a 500, before the end of the connection.
//!
//! **Limits.** A server may close a connection that is kept open just when the next request is sent. That is no
//! deviation, so the case runs once more on a new connection.
//!
//! **Clause.** RFC 9110 §3.4: each request is answered with one or more responses.

use crate::assess::{Assessment, Transfer, transfer};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "cut-before-answer",
    summary: "The connection ended before a response began",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §9.6; RFC 9110 §3.4",
    since: "0.1.0",
    source: include_str!("cut_before_answer.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "nothing was judged", |assessed, findings| {
        if assessed.transfer == Transfer::CutBefore {
            let came = transfer::end_description(&assessed.answer().end);
            let finding = assessed.finding(&RULE, "the connection ended before the first byte of a response");
            findings.push(finding.compared("a response", came));
        }
        true
    })
}
