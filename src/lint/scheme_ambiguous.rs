//! An operation takes one of several security schemes, and nothing says of which one a credential is. It is sent as the
//! first of them.
//!
//! **Why it matters.** A login that is sent as an API key, or the other way around, is refused, and it looks as if the key
//! were wrong.
//!
//! **Deviates**, where the suite has a credential `shop`:
//!
//! ```yaml
//! security: [{ApiKey: []}, {Login: []}]
//! ```
//!
//! **Conforms.** The same where the credential is named as the scheme it is of: `Login: {env: SHOP_LOGIN}` is sent by
//! `Login`, wherever an operation takes that.
//!
//! **Limits.** Schemes that cannot be applied (`oauth2`, several together) are no choice, and are left out. With
//! `auth: {header: "…"}` a case writes the Authorization value itself, and nothing is open.
//!
//! **Clause.** OpenAPI 3.0, Security Requirement Object: only one of the alternatives needs to be satisfied.

use super::{Subject, quoted};
use crate::case::Auth;
use crate::finding::Finding;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "scheme-ambiguous",
    summary: "Several security schemes, and none is chosen",
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
            let message = format!("{title} takes {}, and {name} is sent as the first of them", names.join(" or "));
            findings.push(
                Finding::new(&RULE, message)
                    .case(suite.place(credential.span))
                    .advice("Name the credential as the scheme it is of."),
            );
        }
    }
    findings
}
