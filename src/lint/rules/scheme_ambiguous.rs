//! An operation accepts several security schemes, and the suite does not say which of them a credential is for. The credential
//! is sent by the first of them.
//!
//! **Why it matters.** The server refuses a login that is sent as an API key, and an API key that is sent as a login. It then
//! looks as if the credential were wrong.
//!
//! **Deviates**, if the suite has a credential `shop`:
//!
//! ```yaml
//! security: [{ApiKey: []}, {Login: []}]
//! ```
//!
//! **Conforms.** The same if the credential has the name of its scheme: `Login: {env: SHOP_LOGIN}` is sent by `Login`,
//! wherever an operation accepts that scheme.
//!
//! **Limits.** Schemes that cannot be sent (`oauth2`, or several together) are left out. With `auth: {header: "…"}` a case
//! writes the Authorization value itself, so no choice is left.
//!
//! **Clause.** OpenAPI 3.0, Security Requirement Object: only one of the alternatives needs to be satisfied.

use crate::finding::Finding;
use crate::lint::subject::{Subject, quoted};
use crate::rule::{Level, Origin, Rule};
use crate::suite::Auth;

pub(super) static RULE: Rule = Rule {
    id: "scheme-ambiguous",
    summary: "The security scheme of a credential is ambiguous",
    level: Level::Should,
    origin: Origin::Suite,
    clause: "OpenAPI 3.0 Security Requirement Object",
    since: "0.1.0",
    source: include_str!("scheme_ambiguous.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for suite in &subject.suites {
        for step in suite.steps() {
            let Auth::Credential(index) = step.auth else { continue };
            let Some(credential) = suite.credentials.get(index) else { continue };
            let operation = suite.security_of(step);
            let schemes = suite.alternatives(operation);
            let kinds = |scheme: &&crate::spec::SecurityScheme| scheme.kind != schemes[0].kind;
            if !schemes.iter().any(kinds) || schemes.iter().any(|scheme| scheme.name == credential.name) {
                continue;
            }
            let names: Vec<String> = schemes.iter().map(|scheme| quoted(&scheme.name)).collect();
            let (title, name) = (operation.title(), quoted(&credential.name));
            let message = format!("{title} accepts {}, and {name} is sent by the first of them", names.join(" or "));
            findings.push(
                Finding::new(&RULE, message)
                    .case(suite.place(credential.span))
                    .advice("Give the credential the name of its scheme."),
            );
        }
    }
    findings
}
