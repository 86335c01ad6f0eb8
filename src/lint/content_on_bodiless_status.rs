//! The document describes a body for a status that never has one: 204, 304, 1xx or 205.
//!
//! **Why it matters.** Generated clients wait for a body, or declare a type that they can never fill. A server that
//! follows the document sends bytes which the client takes for the beginning of the next answer.
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
//! **Limits.** Of level `should` where the media type is named and nothing more is said of it: generators leave such
//! remains, and nobody waits for anything. The responses to HEAD are of level `note`: their content may tell what GET
//! would answer.
//!
//! **Clause.** RFC 9110 §15.3.5: a 204 cannot contain content; §15.4.5: nor can a 304; §15.2: nor can a 1xx; §15.3.6: a
//! server MUST NOT generate content in a 205; §9.3.2: nor in the answer to a HEAD.

use super::Subject;
use crate::finding::Finding;
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
            let message = format!("the {} response describes a body, and that status never has one", response.key);
            Finding::new(&RULE, message)
                .level(level)
                .advice("Remove `content`, or document the status that has a body.")
        } else if operation.method == "HEAD" {
            let message = format!("the {} response to HEAD describes a body, and HEAD gets none", response.key);
            Finding::new(&RULE, message).level(Level::Note)
        } else {
            continue;
        };
        findings.push(finding.compared("no `content`", media.key.clone()).spec(&response.anchor));
    }
    findings
}
