//! The document describes a body for a status that never has one: 204, 304, 1xx or 205.
//!
//! **Why it matters.** Generated clients wait for a body, or declare a type that never gets a value. If a server follows the
//! document, the client reads the bytes of the body as the beginning of the next response.
//!
//! **Deviates.**
//!
//! ```yaml
//! '204':
//!   description: Deleted.
//!   content:
//!     application/json:
//!       schema: {$ref: '#/components/schemas/Result'}
//! ```
//!
//! **Conforms.** `'204': {description: Deleted.}`
//!
//! **Limits.** The level is `should` if the media type has neither schema nor example: generators leave such remains, and
//! clients do not wait for a body. For responses to HEAD the level is `note`: their content may describe the response to GET.
//!
//! **Clause.** RFC 9110 §15.3.5, §15.4.5 and §15.2: a 204, a 304 and a 1xx cannot contain content; §15.3.6 and §9.3.2: a
//! server MUST NOT generate content in a 205, or in a response to HEAD.

use crate::finding::Finding;
use crate::lint::subject::Subject;
use crate::rule::{Level, Origin, Rule};
use crate::spec::StatusPattern;

pub(super) static RULE: Rule = Rule {
    id: "content-on-bodiless-status",
    summary: "A body is described for a status that has none",
    level: Level::Must,
    origin: Origin::Document,
    clause: "RFC 9110 §15.3.5, §15.4.5, §15.2, §15.3.6, §9.3.2",
    since: "0.1.0",
    source: include_str!("content_on_bodiless_status.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (operation, response) in subject.responses() {
        let Some(media) = response.content.first() else { continue };
        let is_bodiless = match response.status {
            StatusPattern::Exact(status) => matches!(status, 100..200 | 204 | 205 | 304),
            StatusPattern::Class(class) => class == 1,
            StatusPattern::Default => false,
        };
        let finding = if is_bodiless {
            let says_more = |media: &crate::spec::Media| media.schema.is_some() || !media.examples.is_empty();
            let level = if response.content.iter().any(says_more) { Level::Must } else { Level::Should };
            let message = format!("the {} response describes a body, but this status never has one", response.key);
            Finding::new(&RULE, message).level(level).advice("Remove `content`, or document another status.")
        } else if operation.method == "HEAD" {
            let message =
                format!("the {} response to HEAD describes a body, but a response to HEAD never has one", response.key);
            Finding::new(&RULE, message).level(Level::Note)
        } else {
            continue;
        };
        findings.push(finding.compared("no `content`", media.key.clone()).spec(&response.anchor));
    }
    findings
}
