//! An operation documents a request body, and its method is one for which readers of the document ignore it.
//!
//! **Why it matters.** OpenAPI tells its readers to ignore a request body where HTTP gives it no meaning. Generated
//! clients then cannot send it, and some gateways and HTTP libraries drop the body of a DELETE or GET. What the body
//! carries, such as whose object is meant, is lost on the way.
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
//! **Limits.** It is a finding about the document. Cases send the body all the same, as the API that is described wants
//! it, and no server is blamed for reading it: HTTP leaves that to an agreement between the two sides.
//!
//! **Clause.** OpenAPI 3.0, Operation Object: where HTTP is vague about a request body, `requestBody` shall be ignored;
//! RFC 9110 §9.3.5 (DELETE), §9.3.1 (GET), §9.3.2 (HEAD): content has no generally defined semantics there; §9.3.8
//! (TRACE): a client MUST NOT send any.

use super::Subject;
use crate::finding::Finding;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "request-body-ignored",
    summary: "A request body is documented where it is ignored",
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
            "{} documents a request body, which OpenAPI tells readers to ignore for {}",
            operation.title(),
            operation.method
        );
        let advice = "Move what it carries to parameters, or tell the API's users that it must be sent.";
        findings.push(Finding::new(&RULE, message).spec(&body.anchor).advice(advice));
    }
    findings
}
