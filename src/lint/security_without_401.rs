//! An operation requires a credential, and the document lists no answer for a request without one.
//!
//! **Why it matters.** It is the error that every client meets sooner or later. As nothing describes it, clients have
//! no branch for it, and a case can only hold it against what the suite knows.
//!
//! **Deviates.**
//!
//! ```yaml
//! security: [{ApiKeyAuth: []}]
//! paths:
//!   /conversations/{conversation_id}:
//!     delete:
//!       responses:
//!         '204': {description: Deleted.}
//! ```
//!
//! **Conforms.** The same with `'401'`, `4XX` or `default`; an operation with `security: []` or a requirement `{}`,
//! which allows anonymous access.
//!
//! **Limits.** Whether the documented 401 has a `WWW-Authenticate` header is not asked; at a target,
//! `challenge-missing` looks at it. 403 is a matter of what the credential may do, and need not exist.
//!
//! **Clause.** OpenAPI 3.0, Responses Object: documentation is expected to cover any known errors; RFC 9110 §15.5.2.

use super::Subject;
use crate::finding::Finding;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "security-without-401",
    summary: "A credential is required, and no 401 is documented",
    level: Level::Should,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Responses Object; RFC 9110 §15.5.2",
    since: "0.1.0",
    source: include_str!("security_without_401.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let operations = subject.document.operations.iter();
    operations
        .filter(|operation| {
            let security = &operation.security;
            let is_required = !security.is_empty() && security.iter().all(|schemes| !schemes.is_empty());
            is_required && operation.response(401).is_none()
        })
        .map(|operation| {
            let message = format!("{} requires a credential and documents no 401", operation.title());
            let listed: Vec<&str> = operation.responses.iter().map(|response| response.key.as_str()).collect();
            Finding::new(&RULE, message)
                .compared("401, 4XX or default", listed.join(", "))
                .spec(&operation.anchor)
                .advice("Add the response, with its body and its WWW-Authenticate header.")
        })
        .collect()
}
