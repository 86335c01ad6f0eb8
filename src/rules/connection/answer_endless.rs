//! A response began, and its end did not come before the timeout. The rest of the body is missing while the connection
//! stays open, or bytes come slowly without end, or interim responses follow each other forever.
//!
//! **Why it matters.** Clients hang, many of them forever, because their timeout is often for the first byte only.
//!
//! **Deviates.** A Content-Length of 71, 20 bytes, and then nothing on an open connection.
//!
//! **Conforms.** A response that ends as its framing says, before the timeout.
//!
//! **Limits.** If the received body is complete JSON, only the length is wrong (`content-length-wrong`). A body that
//! reaches the size limit first is `body-too-large`.
//!
//! **Clause.** RFC 9112 §6.3: the framing says where the message ends; §8 on incomplete messages.

use crate::assess::transfer::has;
use crate::assess::{Assessment, Transfer, format, transfer};
use crate::exchange::{End, FaultKind, Wait};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "answer-endless",
    summary: "The response began, but did not end",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §6.3, §8",
    since: "0.1.0",
    source: include_str!("answer_endless.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "nothing was judged", |assessed, findings| {
        if matches!(assessed.transfer, Transfer::Endless | Transfer::EndlessHead) {
            let answer = assessed.answer();
            let interim = has(answer, |kind| matches!(kind, FaultKind::TooManyInterim));
            let came = if interim {
                format!("{} interim responses, but no final one", answer.interim.len())
            } else {
                format!(
                    "{} in all, then {}",
                    format::count(answer.size() as u64, "byte"),
                    transfer::end_description(&answer.end)
                )
            };
            let message = match &answer.end {
                End::TimedOut(_, wait @ Wait::Total(_)) => format!("the response began, but did not end within {wait}"),
                End::TimedOut(_, wait) => {
                    format!("the response began, but did not end: no further byte came for {wait}")
                }
                _ => "the response began, but did not end".to_owned(),
            };
            let finding = assessed.finding(&RULE, message);
            findings.push(finding.compared("the end of the response", came));
        }
        true
    })
}
