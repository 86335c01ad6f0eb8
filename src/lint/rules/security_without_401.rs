//! An operation requires a credential, but the document lists no response to a request without one.
//!
//! **Why it matters.** Every client gets this error sooner or later. Because the document does not describe it, clients do
//! not handle it, and a case can only compare it with the suite's own expectation.
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
//! **Limits.** The rule does not look for a `WWW-Authenticate` header of the documented 401; in a run, `challenge-missing`
//! does. A 403 is not required: not every API has credentials with different rights.
//!
//! **Clause.** OpenAPI 3.0, Responses Object: documentation is expected to cover any known errors; RFC 9110 §15.5.2.

use crate::finding::Finding;
use crate::lint::subject::Subject;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "security-without-401",
    summary: "A credential is required, but no 401 is documented",
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
            let message = format!("{} requires a credential, but documents no 401", operation.title());
            let listed: Vec<&str> = operation.responses.iter().map(|response| response.key.as_str()).collect();
            Finding::new(&RULE, message)
                .compared("401, 4XX or default", listed.join(", "))
                .spec(&operation.anchor)
                .advice("Add the response, with its body and its WWW-Authenticate header.")
        })
        .collect()
}
