//! The request was sent, and the server closed or reset the connection without a single byte of an answer.
//!
//! **Why it matters.** The client cannot know whether the request was carried out. After a DELETE it can only ask again and
//! hope.
//!
//! **Deviates.** A worker process that dies on the request; a proxy that gives up without a word.
//!
//! **Conforms.** Any answer at all, a 500 included, and then the end of the connection.
//!
//! **Limits.** On a connection that had carried another exchange the server may have closed it at the same moment, which is
//! no deviation; the case is then run once more on a fresh one.
//!
//! **Clause.** RFC 9110 §3.4: each request is answered with one or more responses.

use crate::assess::{Assessment, Transfer, transfer};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "cut-before-answer",
    summary: "The connection ended before any byte of an answer",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §9.6; RFC 9110 §3.4",
    since: "0.1.0",
    source: include_str!("cut_before_answer.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "nothing was judged", |assessed, findings| {
        if assessed.transfer == Transfer::CutBefore {
            let came = transfer::in_words(&assessed.answer().end);
            let finding = assessed.finding(&RULE, "the connection ended before any byte of an answer");
            findings.push(finding.compared("an answer", came));
        }
        true
    })
}
