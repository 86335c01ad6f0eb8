//! The body begins like gzip, zlib or zstd, and no Content-Encoding says so. Or a Content-Encoding names a coding, and
//! the bytes are not in it: they are plain, cut, damaged, or followed by something else.
//!
//! **Why it matters.** No client can read the body: it parses compressed bytes as text, or fails to decompress text.
//! Caches and proxies cause this when they compress a body without adding the field, or decompress it without removing
//! the field.
//!
//! **Deviates.**
//!
//! ```http
//! Content-Type: application/json
//! Content-Encoding: gzip
//!
//! {"code":"not_found","message":"Conversation Not Exists.","status":404}
//! ```
//!
//! **Conforms.** Plain bytes without the field (or with `identity`); compressed bytes with the field, although these
//! are `content-coding-unasked` here.
//!
//! **Limits.** Brotli has no mark at its beginning, so an unlabelled brotli body is `body-encoding-wrong` or
//! `body-not-json`. For a label other than gzip and deflate, this rule finds only a body that is plain JSON, or a zstd
//! body without the mark of zstd. `deflate` means the zlib format. Some servers send the data without its frame; this
//! rule reports that.
//!
//! **Clause.** RFC 9110 §8.4, §8.4.1: codings that were applied MUST be listed in Content-Encoding.

use crate::assess::transfer::has;
use crate::assess::{Assessment, BodyAssessment, format};
use crate::exchange::{FaultKind, Unpacked};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "content-coding-mislabelled",
    summary: "The body is not in the coding that its label says",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §8.4",
    since: "0.1.0",
    source: include_str!("content_coding_mislabelled.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no body came", |assessed, findings| {
        let answer = assessed.answer();
        let start = || format::bytes(&answer.body[..answer.body.len().min(16)]);
        match assessed.body {
            // What a Transfer-Encoding did to it is for its own rule.
            BodyAssessment::CodingUnlabelled(_)
                if has(answer, |kind| matches!(kind, FaultKind::TransferEncoding(_))) => {}
            BodyAssessment::CodingUnlabelled(coding) => {
                let message = if answer.codings().is_empty() {
                    format!("the body is compressed ({coding}), but no Content-Encoding says so")
                } else {
                    format!("the body is compressed ({coding}) once more than Content-Encoding says")
                };
                let finding = assessed.finding(&RULE, message);
                findings.push(finding.compared(format!("Content-Encoding: {coding}, or plain bytes"), start()));
            }
            BodyAssessment::CodingMissing => {
                let codings = answer.codings().join(", ");
                let coding = format::short(&codings);
                let why = match &answer.unpacked {
                    Unpacked::Broken(why) => format!(" ({})", format::short(why)),
                    _ => String::new(),
                };
                let message = format!("Content-Encoding says {coding}, but the body is not in that coding{why}");
                findings.push(assessed.finding(&RULE, message).compared(format!("bytes in {coding}"), start()));
            }
            _ => return answer.body_size > 0,
        }
        true
    })
}
