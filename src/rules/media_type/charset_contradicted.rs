//! The Content-Type of a JSON body names a `charset`, and the bytes are in another one: UTF-16 or UTF-32 over UTF-8
//! bytes, or any other charset over a body with characters beyond ASCII.
//!
//! **Why it matters.** JSON is UTF-8, and careful clients ignore the parameter. Many others decode by it, and show
//! broken letters or fail.
//!
//! **Deviates.**
//!
//! ```http
//! Content-Type: application/json; charset=iso-8859-1
//!
//! {"message":"Gespräch nicht gefunden"}
//! ```
//!
//! **Conforms.** No parameter, `charset=utf-8` in any case or quotes, and `charset=us-ascii` over a body of ASCII
//! letters.
//!
//! **Limits.** A body that is really not UTF-8 is `body-encoding-wrong`.
//!
//! **Clause.** RFC 8259 §8.1: JSON text MUST be UTF-8; §11: no charset parameter is defined for it.

use crate::assess::{Assessment, BodyAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::spec::MediaType;

pub(super) static RULE: Rule = Rule {
    id: "charset-contradicted",
    summary: "The JSON body is not in the charset of its label",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 8259 §8.1, §11",
    since: "0.1.0",
    source: include_str!("charset_contradicted.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no JSON body came", |assessed, findings| {
        let BodyAssessment::Json(..) = assessed.body else {
            return false;
        };
        // The usual value names no charset, or the right one.
        let Some(value) =
            assessed.answer().value("content-type").filter(|value| value.len() > "application/json".len())
        else {
            return true;
        };
        let Some(came) = MediaType::parse(&value) else {
            return true;
        };
        let charset = came.parameters.iter().find(|(name, _)| name == "charset");
        let Some((_, charset)) = charset else {
            return true;
        };
        let name = charset.to_ascii_lowercase();
        let wide = ["utf-16", "utf16", "utf-32", "utf32", "ucs-2", "ucs-4"].iter().any(|wide| name.starts_with(wide));
        if matches!(name.as_str(), "utf-8" | "utf8") || (!wide && assessed.answer().content().is_ascii()) {
            return true;
        }
        let message = format!("the body is UTF-8, but the Content-Type says {}", format::short(charset));
        findings.push(assessed.finding(&RULE, message).compared("utf-8, or no charset", format::quoted(charset)));
        true
    })
}
