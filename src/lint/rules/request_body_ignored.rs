//! An operation documents a request body, but readers of the document ignore the body for this method.
//!
//! **Why it matters.** OpenAPI says that a request body shall be ignored if HTTP gives it no meaning. Generated clients then
//! cannot send it, and some gateways and HTTP libraries drop the body of a DELETE or GET. The values in the body, such as
//! the owner of the object, are then lost.
//!
//! **Deviates.**
//!
//! ```yaml
//! delete:
//!   requestBody:
//!     content: {application/json: {schema: {type: object, properties: {user: {type: string}}}}}
//! ```
//!
//! **Conforms.** The same value as a query or header parameter; a body of POST, PUT or PATCH.
//!
//! **Limits.** This is a finding about the document. Cases still send the body, because the API expects it, and a server may
//! read it: HTTP leaves that to an agreement between client and server.
//!
//! **Clause.** OpenAPI 3.0, Operation Object: if HTTP is vague about a request body, `requestBody` shall be ignored;
//! RFC 9110 §9.3.5 (DELETE), §9.3.1 (GET), §9.3.2 (HEAD): content has no generally defined semantics there; §9.3.8
//! (TRACE): a client MUST NOT send any.

use crate::finding::Finding;
use crate::lint::subject::Subject;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "request-body-ignored",
    summary: "A request body is documented, but will be ignored",
    level: Level::Should,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Operation Object, requestBody; RFC 9110 §9.3.5",
    since: "0.1.0",
    source: include_str!("request_body_ignored.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for operation in &subject.document.operations {
        let Some(body) = &operation.request_body else { continue };
        if !matches!(operation.method.as_str(), "DELETE" | "GET" | "HEAD" | "TRACE") {
            continue;
        }
        let message = format!(
            "{} documents a request body, but OpenAPI says to ignore it for {}",
            operation.title(),
            operation.method
        );
        let advice = "Move its values to parameters, or tell the API's users that they must send it.";
        findings.push(Finding::new(&RULE, message).spec(&body.anchor).advice(advice));
    }
    findings
}
