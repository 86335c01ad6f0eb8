//! The response has several Content-Type lines that differ, or one line whose value is no media type. Several equal lines
//! are of level `should`: they are not allowed either, and clients that join them read nonsense.
//!
//! **Why it matters.** Some clients take the first line, some the last, and some join them. One client reads data where
//! another reads a page. Attacks have used that.
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
//! **Limits.** It applies only to a documented response with a body.
//!
//! **Clause.** RFC 9110 §8.3: the value is one media type. §5.3: a sender MUST NOT send several lines of a field that
//! is no list.

use crate::assess::{Assessment, MediaTypeAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "media-type-ambiguous",
    summary: "The response does not name exactly one media type",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §8.3, §5.3",
    since: "0.1.0",
    source: include_str!("media_type_ambiguous.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no body of a documented response came", |assessed, findings| {
        let Some(response) = assessed.response else {
            return false;
        };
        match &assessed.media_type {
            MediaTypeAssessment::NotJudged | MediaTypeAssessment::Missing => return false,
            MediaTypeAssessment::Ambiguous => {
                let values: Vec<_> = assessed.answer().values("content-type").collect();
                let message = match values.as_slice() {
                    [_] => "the Content-Type is not a media type",
                    _ => "the response has Content-Type lines that differ",
                };
                let came = values.iter().map(|value| format::quoted(value)).collect::<Vec<_>>().join(" and ");
                findings.push(assessed.finding(&RULE, message).compared(format::media(response), came));
            }
            MediaTypeAssessment::Undocumented(_) | MediaTypeAssessment::Documented(_) => {
                let count = assessed.answer().values("content-type").count();
                if count > 1 {
                    let message = format!("the response repeats its Content-Type {count} times");
                    let finding = assessed.finding(&RULE, message).compared("one line", format!("{count} lines"));
                    findings.push(finding.level(Level::Should));
                }
            }
        }
        true
    })
}
