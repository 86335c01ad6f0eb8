//! The document requires a credential for the operation, the request has one that the suite made up (`auth: {header:
//! "Bearer wrong"}`, or the scheme without a key), and the response is a 2xx. It is reported instead of `status-unexpected`.
//!
//! **Why it matters.** The API checks only that there is a key. Any key is accepted.
//!
//! **Deviates.**
//!
//! ```text
//! DELETE /conversations/1f3b     Authorization: Bearer no-such-key
//! 204 No Content
//! ```
//!
//! **Conforms.** A 401 with a challenge.
//!
//! **Limits.** A value from a capture or from the environment may be a real credential. Then `status-unexpected`
//! reports.
//!
//! **Clause.** OpenAPI 3.0, Security Requirement Object; OWASP API2:2023, Broken Authentication.

use crate::assess::{Assessment, StatusAssessment, UnwarrantedSuccess, format};
use crate::exchange::Request;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "credential-not-checked",
    summary: "The server accepted a made-up credential",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Security Requirement Object; OWASP API2:2023",
    since: "0.1.0",
    source: include_str!("credential_not_checked.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no judged response has a status", |assessed, findings| {
        let Some(status) = assessed.status else {
            return false;
        };
        if let StatusAssessment::UnwarrantedSuccess(UnwarrantedSuccess::MadeUpCredential) = assessed.status_assessment {
            let expected = assessed
                .expectation
                .map_or_else(|| "a refusal".to_owned(), |it| format::statuses(it, assessed.operation));
            let sent = sent(&assessed.observed.exchange.request);
            let message = format!("the server accepted a request with {sent}, and answered {status}");
            findings.push(
                assessed
                    .finding(&RULE, message)
                    .compared(expected, status.to_string())
                    .spec(&assessed.operation.anchor),
            );
        }
        true
    })
}

/// What the request has as a credential, in words. A scheme alone is no credential, not even a made-up one.
fn sent(request: &Request) -> String {
    let values = request.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    match values.map(|(_, value)| value.trim()).next_back() {
        Some("") => "an empty Authorization header".to_owned(),
        Some(value) if SCHEMES.iter().any(|scheme| value.eq_ignore_ascii_case(scheme)) => {
            format!("an Authorization header that has the scheme {value} and no key")
        }
        _ => "a made-up credential".to_owned(),
    }
}

/// The schemes that suites write out.
const SCHEMES: &[&str] = &["Bearer", "Basic", "Digest", "Token"];
