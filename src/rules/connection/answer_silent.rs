//! The request was sent, the connection stayed open, and no byte of a response came.
//!
//! **Why it matters.** Clients hang until their own timeout, and do not know whether the request was carried out.
//!
//! **Deviates.** A server that accepts and never answers.
//!
//! **Conforms.** Any answer that begins within the timeout for the first byte. This is `--first-byte`; without it ten
//! seconds, or a third of `--timeout` if that is longer.
//!
//! **Limits.** A response that came late is `answer-slow`.
//!
//! **Clause.** RFC 9110 §3.4: each request is answered.

use crate::assess::{Assessment, Transfer, transfer};
use crate::exchange::End;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "answer-silent",
    summary: "The server sent no byte before the time limit",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §3.4",
    since: "0.1.0",
    source: include_str!("answer_silent.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "nothing was judged", |assessed, findings| {
        if assessed.transfer == Transfer::Silent {
            let end = &assessed.answer().end;
            let message = match end {
                End::TimedOut(_, wait) => format!("the server sent no byte of a response within {wait}"),
                _ => "the server sent no byte of a response".to_owned(),
            };
            let came = transfer::end_description(end);
            let finding = assessed.finding(&RULE, message);
            findings.push(finding.compared("a response", came));
        }
        true
    })
}
