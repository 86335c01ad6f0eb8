//! The request named an object of the case with a real credential, but not as its owner: with the key of another app,
//! as another user, or without a user. It had to be refused with 401, 403 or 404, and the response is a 2xx. It is
//! reported instead of `status-unexpected`.
//!
//! The `undo` of the state asks as the owner. A request with another credential, body, query or header is not from the
//! owner.
//!
//! **Why it matters.** This is the most frequent security hole in APIs: the server looks up the id, and does not check
//! who owns the object.
//!
//! **Deviates.**
//!
//! ```text
//! DELETE /conversations/1f3b     {"user":"mallory"}, and the conversation is alice's
//! 204 No Content
//! ```
//!
//! **Conforms.** A 404, as for an id that does not exist.
//!
//! **Limits.** If the object is still there after a removal, the request did not reach it. Only the response is wrong,
//! which is `status-unexpected`. Documents seldom say who owns an object, so the origin is the suite.
//!
//! **Clause.** OWASP API1:2023, Broken Object Level Authorization.

use crate::assess::{Assessment, StatusAssessment, UnwarrantedSuccess, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "foreign-object-reachable",
    summary: "A user can reach the object of another user",
    level: Level::Must,
    origin: Origin::Suite,
    clause: "OWASP API1:2023",
    since: "0.1.0",
    source: include_str!("foreign_object_reachable.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no judged response has a status", |assessed, findings| {
        let Some(status) = assessed.status else {
            return false;
        };
        if let StatusAssessment::UnwarrantedSuccess(UnwarrantedSuccess::ForeignObject { given }) =
            assessed.status_assessment
        {
            let expected = assessed
                .expectation
                .map_or_else(|| "a refusal".to_owned(), |it| format::statuses(it, assessed.operation));
            let named = assessment.observation.named(given);
            let message = format!(
                "the server accepted a request for {named} from a caller who does not own it, and answered {status}"
            );
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
