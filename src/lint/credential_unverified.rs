//! A credential of the suite has no `check`, so nothing tells before the run whether it is the right one.
//!
//! **Why it matters.** Two keys that are swapped, or one that has expired, then fail case after case as if the API were
//! wrong. With a check the run stops at once and says which key it is (exit status 3).
//!
//! **Noted.**
//!
//! ```yaml
//! credentials:
//!   reader: {env: READER_KEY}
//! ```
//!
//! **Not noted.** `reader: {env: READER_KEY, check: {call: GET /me, expect: 200}}`; an optional credential.
//!
//! **Limits.** Whether the check tells one credential from another is not asked.
//!
//! **Clause.** The suite's own aim: a wrong key is no verdict about the API.

use super::{Subject, quoted};
use crate::finding::Finding;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "credential-unverified",
    summary: "Nothing tells whether a credential is the right one",
    level: Level::Note,
    origin: Origin::Suite,
    clause: "the suite, credentials",
    since: "0.1.0",
    source: include_str!("credential_unverified.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for suite in &subject.suites {
        let unverified = |credential: &&crate::case::Credential| credential.check.is_none() && !credential.optional;
        for credential in suite.credentials.iter().filter(unverified) {
            let message = format!("the credential {} has no `check`", quoted(&credential.name));
            findings.push(Finding::new(&RULE, message).case(suite.place(credential.span)));
        }
    }
    findings
}
