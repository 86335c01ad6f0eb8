//! The body is in UTF-16 or UTF-32, has bytes that are not UTF-8, or begins with a byte order mark.
//!
//! **Why it matters.** Parsers refuse such a body, or replace letters. Editors do not show a byte order mark, and it
//! breaks parsers, among them those of JavaScript and Go.
//!
//! **Deviates**, as bytes:
//!
//! ```text
//! EF BB BF 7B 22 63 6F 64 65 22 …            a byte order mark before {"code"
//! FF FE 7B 00 22 00 63 00 6F 00 …            UTF-16
//! 7B 22 6D 22 3A 22 E4 22 7D                 {"m":"ä"} in Latin-1
//! ```
//!
//! **Conforms.** UTF-8 without a mark; `\u00e4` escapes.
//!
//! **Limits.** A compressed body is `content-coding-mislabelled`. A wrong charset parameter with a correct UTF-8 body
//! is `charset-contradicted`.
//!
//! **Clause.** RFC 8259 §8.1: MUST be encoded using UTF-8; implementations MUST NOT add a byte order mark.

use crate::assess::{Assessment, BodyAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::tree::json::{JsonErrorKind, Oddity};

pub(super) static RULE: Rule = Rule {
    id: "body-encoding-wrong",
    summary: "A JSON body is not plain UTF-8",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 8259 §8.1",
    since: "0.1.0",
    source: include_str!("body_encoding_wrong.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no body that should be JSON came", |assessed, findings| {
        let body = assessed.answer().content();
        match &assessed.body {
            BodyAssessment::NotJson(fault) if fault.kind == JsonErrorKind::Encoding => {
                let at = body.get(fault.span.start..).unwrap_or_default();
                let message = format!("the JSON body is not UTF-8: {}", fault.message);
                let actual = format!("{} at byte {}", format::bytes(&at[..at.len().min(24)]), fault.span.start);
                findings.push(assessed.finding(&RULE, message).compared("UTF-8", actual));
                true
            }
            BodyAssessment::NotJson(_) => true,
            BodyAssessment::Json(read, _) => {
                if read.oddities.contains(&Oddity::ByteOrderMark) {
                    let finding = assessed.finding(&RULE, "the JSON body begins with a byte order mark");
                    findings.push(finding.compared("UTF-8 without a mark", format::bytes(&body[..body.len().min(24)])));
                }
                true
            }
            _ => false,
        }
    })
}
