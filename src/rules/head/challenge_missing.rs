//! The response is a 401 without a WWW-Authenticate field, with an empty one, or with one that does not begin with a
//! scheme.
//!
//! **Why it matters.** The field tells clients and people which scheme and realm the API requires. Some libraries fail
//! on a 401 without it.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 401 Unauthorized
//! Content-Type: application/json
//! ```
//!
//! **Conforms.**
//!
//! ```http
//! HTTP/1.1 401 Unauthorized
//! WWW-Authenticate: Bearer realm="api"
//! ```
//!
//! **Limits.** The rule does not compare the challenge with the security scheme of the document, and does not read what
//! follows the scheme. It is silent if a malformed field line may be the missing field.
//!
//! **Clause.** RFC 9110 §15.5.2: the server MUST send a WWW-Authenticate field with at least one challenge.

use crate::assess::transfer::fields_doubtful;
use crate::assess::{Assessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "challenge-missing",
    summary: "A 401 does not say how to authenticate",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §15.5.2",
    since: "0.1.0",
    source: include_str!("challenge_missing.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no 401 came", |assessed, findings| {
        if assessed.status != Some(401) {
            return false;
        }
        let values: Vec<_> = assessed.answer().values("www-authenticate").collect();
        if values.iter().any(|value| begins_with_a_scheme(value)) || fields_doubtful(assessed.answer()) {
            return true;
        }
        let said = values.iter().find(|value| !value.trim().is_empty());
        let (message, actual) = match said {
            Some(value) => ("the WWW-Authenticate field of the 401 response holds no challenge", format::quoted(value)),
            None if !values.is_empty() => {
                ("the WWW-Authenticate field of the 401 response is empty", format::quoted(""))
            }
            None => ("the 401 response has no WWW-Authenticate field", "no such field".to_owned()),
        };
        findings.push(assessed.finding(&RULE, message).compared("WWW-Authenticate: …", actual));
        true
    })
}

/// Whether a value begins with a scheme's name: a token that ends, or is followed by a space or another challenge.
fn begins_with_a_scheme(value: &str) -> bool {
    let challenge = value.split(',').map(str::trim).find(|part| !part.is_empty()).unwrap_or_default();
    let scheme = challenge.split(' ').next().unwrap_or_default();
    !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
