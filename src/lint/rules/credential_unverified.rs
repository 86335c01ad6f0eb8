//! A credential of the suite has no `check`, so the run cannot test it before the cases.
//!
//! **Why it matters.** If two keys are swapped, or one has expired, case after case fails as if the API were wrong. With a
//! check the run stops at once and names the key (exit status 3).
//!
//! **Noted.**
//!
//! ```yaml
//! credentials:
//!   reader: {env: READER_KEY}
//! ```
//!
//! **Not noted.** `reader: {env: READER_KEY, check: {call: GET /me, expect: 200}}`; an optional credential; a credential with a
//! `login`, which the API accepts or not before the first case.
//!
//! **Limits.** The rule does not examine whether the check can distinguish two credentials.
//!
//! **Clause.** The purpose of a suite: a wrong key says nothing about the API.

use crate::finding::Finding;
use crate::lint::subject::{Subject, quoted};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "credential-unverified",
    summary: "A credential is not tested before the cases",
    level: Level::Note,
    origin: Origin::Suite,
    clause: "the suite, credentials",
    since: "0.1.0",
    source: include_str!("credential_unverified.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for suite in &subject.suites {
        let unverified = |credential: &&crate::suite::Credential| {
            credential.check.is_none() && credential.login().is_none() && !credential.optional
        };
        for credential in suite.credentials.iter().filter(unverified) {
            let message = format!("the credential {} has no `check`", quoted(&credential.name));
            findings.push(Finding::new(&RULE, message).case(suite.place(credential.span)));
        }
    }
    findings
}
