//! The response has a Content-Encoding that the request does not accept. Every request says `Accept-Encoding: identity`,
//! unless the case says something else.
//!
//! **Why it matters.** A client that cannot decompress gets bytes that it cannot read, although it said so in the
//! request.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: application/json
//! Content-Encoding: gzip
//! ```
//!
//! **Conforms.** No Content-Encoding, an empty one, or `identity`; if the case sends its own Accept-Encoding, a coding
//! that it names with a weight above 0, or any coding if it names `*`.
//!
//! **Limits.** A body in gzip or deflate is decompressed and judged like any other; a body in another coding is not. If
//! the body is not in the coding that the field names, that is `content-coding-mislabelled`, and this rule is silent.
//!
//! **Clause.** RFC 9110 §12.5.3: with no other coding acceptable, the server should send none.

use crate::assess::{Assessment, BodyAssessment, format};
use crate::exchange::Request;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "content-coding-unasked",
    summary: "The request does not accept the body's coding",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9110 §12.5.3",
    since: "0.1.0",
    source: include_str!("content_coding_unasked.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no response with a body came", |assessed, findings| {
        let answer = assessed.answer();
        if !assessed.transfer.is_answered() || answer.body_size == 0 {
            return false;
        }
        let request = &assessed.observed.exchange.request;
        let asked = acceptable(request);
        if matches!(assessed.body, BodyAssessment::CodingMissing) {
            return true;
        }
        let codings = answer.codings();
        if codings.iter().any(|coding| !accepts(&asked, coding)) {
            let coding = format::short(&codings.join(", "));
            let asked = format::short(&asked);
            let message = format!("the server sent the body in {coding}, but the request accepts {asked}");
            findings.push(assessed.finding(&RULE, message).compared(asked, coding));
        }
        true
    })
}

/// What the request says that it accepts: what the case says, else what every request says.
fn acceptable(request: &Request) -> String {
    let said = request.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("accept-encoding"));
    let said = said.map(|(_, value)| value.trim().to_owned()).reduce(|all, value| format!("{all}, {value}"));
    said.unwrap_or_else(|| "identity".to_owned())
}

/// Whether an Accept-Encoding value names this coding, or any with `*`, with a weight above nothing.
fn accepts(asked: &str, coding: &str) -> bool {
    let plain = |name: &str| name.trim().to_ascii_lowercase().replace("x-gzip", "gzip");
    let weight = |wanted: &str| {
        let mut members = asked.split(',').map(|member| member.split_once(';').unwrap_or((member, "")));
        members.find(|(name, _)| plain(name) == wanted).map(|(_, weight)| {
            let digits = weight.split_once('=').map_or("1", |(_, digits)| digits.trim());
            digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit))
        })
    };
    weight(&plain(coding)).or_else(|| weight("*")).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read_as_rfc_9110_has_it() {
        for (asked, coding, accepted) in [
            ("identity", "gzip", false),
            ("", "gzip", false),
            ("gzip", "gzip", true),
            ("GZip;q=0.001, identity", "gzip", true),
            ("x-gzip", "gzip", true),
            ("gzip", "x-gzip", true),
            ("identity, gzip; q=0", "gzip", false),
            ("br;q=1.0 , deflate", "deflate", true),
            ("br", "deflate", false),
            ("*", "br", true),
            ("*;q=0", "br", false),
            ("*, br;q=0.000", "br", false),
            ("*;q=0, br;q=0.5", "br", true),
        ] {
            assert_eq!(accepts(asked, coding), accepted, "{coding} where {asked:?} is asked for");
        }
    }
}
