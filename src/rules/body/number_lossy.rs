//! A double cannot hold a number in the body: the number is larger than any double (`1e400`), or has digits that a
//! double drops. An integer beyond 2^53 that fits 64 bits is of level `should`. Readers with integers keep it; others,
//! such as JavaScript, change it silently.
//!
//! **Why it matters.** The client works with another number than the server sent, and nothing reports an error. This
//! usually hits ids.
//!
//! **Deviates.**
//!
//! ```json
//! {"id":123456789012345678901234567890,"status":404}
//! ```
//!
//! **Conforms.** `404`, `404.5`, `9007199254740991`, or the id as a string.
//!
//! **Limits.** Digits that a double reproduces are fine, however many: `0.1000` loses nothing. RFC 8259 leaves room:
//! its grammar allows such numbers, and readers may limit range and precision. The level is `must` because the client
//! works with a number that the server did not send.
//!
//! **Clause.** RFC 8259 §6: numbers beyond the range and precision of IEEE 754 doubles are not interoperable.

use crate::assess::{Assessment, BodyAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::tree::json::Oddity;

pub(super) static RULE: Rule = Rule {
    id: "number-lossy",
    summary: "Common readers cannot hold a JSON number exactly",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 8259 §6",
    since: "0.1.0",
    source: include_str!("number_lossy.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no JSON body came", |assessed, findings| {
        let BodyAssessment::Json(read, _) = &assessed.body else {
            return false;
        };
        for oddity in &read.oddities {
            let Oddity::NumberBeyondDouble { digits, pointer } = oddity else {
                continue;
            };
            let fits_64_bits = digits.parse::<i64>().is_ok() || digits.parse::<u64>().is_ok();
            let kept = match digits.parse::<f64>() {
                Ok(value) if value.is_finite() => format!("a double holds {}", format::short(&value.to_string())),
                _ => "a double cannot hold it".to_owned(),
            };
            let message = format!("common readers cannot hold the number at {} exactly", format::pointer(pointer));
            let finding = assessed
                .finding(&RULE, message)
                .compared("a number that a double can hold", format!("{} ({kept})", format::short(digits)));
            findings.push(finding.level(if fits_64_bits { Level::Should } else { Level::Must }));
        }
        true
    })
}
