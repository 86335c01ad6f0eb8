//! The response contains a credential of this run, in a field or in the body. The credential is plain, percent-encoded,
//! in base64 or escaped.
//!
//! **Why it matters.** Answers are logged, cached and shown in places where requests are not. Some servers put the key
//! into a Set-Cookie.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 401 Unauthorized
//! Content-Type: application/json
//!
//! {"message":"unknown key app-5f2c…"}
//! ```
//!
//! **Conforms.** The same without the key.
//!
//! **Limits.** The rule searches only for the credentials of the run. Reports mask them.
//!
//! **Clause.** CWE-200, exposure of sensitive information. RFC 9110 has no sentence that forbids this. §17 asks to
//! consider what messages disclose, so the level is `should`.

use crate::assess::{Assessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "credential-repeated",
    summary: "The response repeats the credential",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9110 §17; CWE-200",
    since: "0.1.0",
    source: include_str!("credential_repeated.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "nothing was judged", |assessed, findings| {
        let names = &assessed.observed.exchange.repeated_credentials;
        if !names.is_empty() {
            let names = names.iter().map(|name| format::short(name)).collect::<Vec<_>>().join(", ");
            let finding = assessed.finding(&RULE, format!("the response repeats the credential {names}"));
            findings.push(finding.compared("no credential", "the credential, masked in this report"));
        }
        true
    })
}
