//! The request was sent, the connection stayed open, and nothing came.
//!
//! **Why it matters.** Clients hang as long as their own patience lasts, and never know whether the request was carried
//! out.
//!
//! **Deviates.** A server that accepts and never answers.
//!
//! **Conforms.** Any answer that begins within the wait for the first byte: `--first-byte`, else ten seconds, or a third
//! of `--timeout` where that is longer.
//!
//! **Limits.** An answer that came late, but came, is `answer-slow`.
//!
//! **Clause.** RFC 9110 §3.4: each request is answered.

use crate::assess::{Assessment, Transfer, transfer};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "answer-silent",
    summary: "No byte of an answer came before the wait ran out",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §3.4",
    since: "0.1.0",
    source: include_str!("answer_silent.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "nothing was judged", |assessed, findings| {
        if assessed.transfer == Transfer::Silent {
            let came = transfer::in_words(&assessed.answer().end);
            let finding = assessed.finding(&RULE, "no byte of an answer came while anybody would wait");
            findings.push(finding.compared("an answer", came));
        }
        true
    })
}
