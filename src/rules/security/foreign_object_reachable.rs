//! The request named an object of the case, with a real credential but not as its owner (another app's key, another user,
//! no user), a refusal by 401, 403 or 404 was due, and the answer is a 2xx. It stands instead of `status-unexpected`.
//!
//! Who the owner is, the state's `undo` says: what asks with another credential, body, query or header than `undo` does is
//! not the owner.
//!
//! **Why it matters.** It is the most frequent hole in APIs: the id is looked up, and nobody asks whose it is.
//!
//! **Deviates.**
//!
//! ```text
//! DELETE /conversations/1f3b     {"user":"mallory"}, the conversation being alice's
//! 204 No Content
//! ```
//!
//! **Conforms.** 404, as for an id that nobody has.
//!
//! **Limits.** Where the object is found to be still there after a removal, nothing foreign was reached: the answer is only
//! wrong, and `status-unexpected`. Documents seldom say whose object an id is, so the origin is the suite.
//!
//! **Clause.** OWASP API1:2023, Broken Object Level Authorization.

use crate::assess::{Assessment, StatusAssessment, UnwarrantedSuccess, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "foreign-object-reachable",
    summary: "Somebody else's object is within reach",
    level: Level::Must,
    origin: Origin::Suite,
    clause: "OWASP API1:2023",
    since: "0.1.0",
    source: include_str!("foreign_object_reachable.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no judged answer has a status", |assessed, findings| {
        let Some(status) = assessed.status else {
            return false;
        };
        if let StatusAssessment::UnwarrantedSuccess(UnwarrantedSuccess::ForeignObject { given }) =
            assessed.status_assessment
        {
            let expected = assessed
                .expectation
                .map_or_else(|| "a refusal".to_owned(), |it| format::statuses(it, assessed.operation));
            let name = &assessment.observation.case.given[given].name;
            let message = format!("a request for `{name}`, which belongs to somebody else, is accepted with {status}");
            findings.push(
                assessed
                    .finding(&RULE, message)
                    .compared(expected, status.to_string())
                    .spec(&assessed.operation.anchor),
            );
        }
        true
    })
}
