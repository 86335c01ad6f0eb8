//! The body begins like gzip, zlib or zstd and no Content-Encoding says so; or a Content-Encoding names a coding, and the
//! bytes are not in it.
//!
//! **Why it matters.** No client can read the body: it either parses compressed bytes as text, or fails to decompress
//! text. Caches and proxies that compress, or unpack and forget the field, do this.
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
//! **Conforms.** Plain bytes without the field (or with `identity`); compressed bytes with it, though that is
//! `content-coding-unasked` here.
//!
//! **Limits.** Brotli has no mark at its beginning: without a label it is found as `body-encoding-wrong` or
//! `body-not-json`. What is properly compressed is not unpacked, so its content is not judged.
//!
//! **Clause.** RFC 9110 §8.4: codings that were applied MUST be listed in Content-Encoding.

use super::content::{Content, labelled_coding};
use super::{Checked, Evidence, shown};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "content-coding-mislabelled",
    summary: "The body is not in the coding that its label says",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §8.4",
    since: "0.1.0",
    source: include_str!("content_coding_mislabelled.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    evidence.over("no body came", |held, findings| {
        let answer = held.answer();
        let start = || shown::bytes(&answer.body[..answer.body.len().min(16)]);
        match held.content {
            Content::Compressed(coding) => {
                let message = format!("the body is compressed ({coding}), and no Content-Encoding says so");
                let finding = held.finding(&RULE, message);
                findings.push(finding.compared(format!("Content-Encoding: {coding}, or plain bytes"), start()));
            }
            Content::NotCompressed => {
                let coding = labelled_coding(answer).unwrap_or_default();
                let message = format!("Content-Encoding says {}, and the body is not in it", shown::short(&coding));
                findings.push(
                    held.finding(&RULE, message).compared(format!("bytes in {}", shown::short(&coding)), start()),
                );
            }
            _ => return answer.body_size > 0,
        }
        true
    })
}
