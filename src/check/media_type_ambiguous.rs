//! The answer has several Content-Type lines that differ, or one whose value is no media type. Several lines that say the
//! same are of level `should`: they are not allowed either, and clients that join them read nonsense.
//!
//! **Why it matters.** Some clients take the first line, some the last, some join them. What is data for one is a page for
//! another, which has been used in attacks.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: text/html
//! Content-Type: application/json
//! ```
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: application/json, text/html
//! ```
//!
//! **Conforms.** One line with one media type and any parameters.
//!
//! **Limits.** Judged where a body of a documented response came.
//!
//! **Clause.** RFC 9110 §8.3: the value is one media type. §5.3: a sender MUST NOT send several lines of a field that is
//! no list.

use super::content::MediaState;
use super::{Checked, Evidence, shown};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "media-type-ambiguous",
    summary: "No single media type can be read from the answer",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §8.3, §5.3",
    since: "0.1.0",
    source: include_str!("media_type_ambiguous.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    evidence.over("no body of a documented response came", |held, findings| {
        let Some(response) = held.response else {
            return false;
        };
        match &held.media {
            MediaState::NotJudged | MediaState::Missing => return false,
            MediaState::Ambiguous => {
                let values: Vec<_> = held.answer().values("content-type").collect();
                let message = match values.as_slice() {
                    [_] => "the Content-Type is no media type",
                    _ => "the answer has Content-Type lines that differ",
                };
                let came = values.iter().map(|value| shown::quoted(value)).collect::<Vec<_>>().join(" and ");
                findings.push(held.finding(&RULE, message).compared(shown::media(response), came));
            }
            MediaState::Undocumented(_) | MediaState::Documented(_) => {
                let count = held.answer().values("content-type").count();
                if count > 1 {
                    let message = format!("the answer repeats its Content-Type {count} times");
                    let finding = held.finding(&RULE, message).compared("one line", format!("{count} lines"));
                    findings.push(finding.level(Level::Should));
                }
            }
        }
        true
    })
}
