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
//! **Deviates**, if the suite writes `auth: [first, second]` for an operation that requires two schemes together:
//!
//! ```yaml
//! security: [{AppId: [], AppKey: []}]
//! ```
//!
//! **Conforms.** The same if the credential has the name of its scheme: `Login: {env: SHOP_LOGIN}` is sent by `Login`,
//! wherever an operation accepts that scheme, and `auth: [AppId, AppKey]` leaves no choice.
//!
//! **Limits.** Schemes that cannot be sent are left out; so are `oauth2` and `openIdConnect` beside another scheme, because only
//! a credential of that name is sent by them. With `auth: {header: "…"}` a case writes the Authorization value itself, so no
//! choice is left.
//!
//! **Clause.** OpenAPI 3.0, Security Requirement Object: only one of the alternatives needs to be satisfied.

use crate::finding::Finding;
use crate::lint::subject::{Subject, quoted};
use crate::rule::{Level, Origin, Rule};
use crate::spec::SecurityScheme;
use crate::suite::{Auth, Step, Suite};

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
            findings.extend(match &step.auth {
                Auth::Credential(index) => alone(suite, step, *index),
                Auth::Several(all) => together(suite, step, all),
                Auth::None | Auth::Header(_) => None,
            });
        }
    }
    findings
}

/// A credential that any of several schemes could send.
fn alone(suite: &Suite, step: &Step, index: usize) -> Option<Finding> {
    let credential = suite.credentials.get(index)?;
    let operation = suite.security_of(step);
    let schemes = suite.alternatives(operation);
    let kinds = |scheme: &&SecurityScheme| scheme.kind != schemes[0].kind;
    if !schemes.iter().any(kinds) || schemes.iter().any(|scheme| scheme.name == credential.name) {
        return None;
    }
    let names: Vec<String> = schemes.iter().map(|scheme| quoted(&scheme.name)).collect();
    let (title, name) = (operation.title(), quoted(&credential.name));
    let message = format!("{title} accepts {}, and {name} is sent by the first of them", names.join(" or "));
    Some(
        Finding::new(&RULE, message)
            .case(suite.place(credential.span))
            .advice("Give the credential the name of its scheme."),
    )
}

/// A list of credentials of which several have the name of no scheme.
fn together(suite: &Suite, step: &Step, credentials: &[usize]) -> Option<Finding> {
    let schemes = suite.schemes_by_order(step);
    let first = schemes.first()?;
    if schemes.iter().all(|scheme| scheme.kind == first.kind) {
        return None;
    }
    let schemes: Vec<String> = schemes.iter().map(|scheme| quoted(&scheme.name)).collect();
    let names = credentials.iter().filter_map(|index| suite.credentials.get(*index));
    let names: Vec<String> = names.map(|credential| quoted(&credential.name)).collect();
    let message = format!(
        "{} requires {} together, and only the order of {} says which credential is sent by which",
        suite.security_of(step).title(),
        schemes.join(" and "),
        names.join(" and ")
    );
    Some(
        Finding::new(&RULE, message)
            .case(suite.place(step.span))
            .advice("Give the credentials the names of their schemes."),
    )
}
