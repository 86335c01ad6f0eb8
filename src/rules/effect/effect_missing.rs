//! A request of the case named an object, a 2xx was expected and came, and afterwards the object is still there: the
//! API shows it (`exists`), or accepts its removal once more (`undo`).
//!
//! The same applies to the `undo` that removes the objects after the case, if it is an operation of the document,
//! because it is a request of the owner. If its answer is the expected one and `exists` still shows the object, that is
//! a finding of the case that has the object, even if a later attempt removes it.
//!
//! **Why it matters.** The response to a DELETE does not show whether the object is gone. A server that always answers
//! 204 passes every test that reads answers alone.
//!
//! **Deviates.**
//!
//! ```text
//! DELETE /conversations/1f3b   204 No Content
//! GET /messages?conversation_id=1f3b   200 OK
//! ```
//!
//! **Conforms.**
//!
//! ```text
//! DELETE /conversations/1f3b   204 No Content
//! GET /messages?conversation_id=1f3b   404 Not Found
//! ```
//!
//! **Limits.** The state in the suite says how to look for an object. Without `exists` and `undo` nothing is proven,
//! and this rule is silent. If a refusal came where a 2xx was expected, the finding is about the status. A 202 says
//! only that the removal was accepted (RFC 9110 §15.3.3), but the object is looked for right away. So an API that
//! removes later needs an `exists` that can recognise objects whose removal is under way. An `undo` proves nothing
//! about the API if it is a `call` or is answered otherwise than expected. Such an object is left behind, like an
//! object that an interrupted run could not remove. HTTP lets a server keep an object that no client can reach any
//! more. This rule is about objects that clients can reach.
//!
//! **Clause.** RFC 9110 §9.3.5: DELETE asks to remove the association between the resource and its functionality;
//! §15.3: a 2xx says that the request was received, understood and accepted; and the document's description of the
//! operation.

use super::object_findings;
use crate::assess::{Assessment, Presence, effects, format};
use crate::finding::Finding;
use crate::observation::ObservedExchange;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::suite::Action;

pub(super) static RULE: Rule = Rule {
    id: "effect-missing",
    summary: "The server accepted a removal, but the object remains",
    level: Level::Must,
    origin: Origin::Document,
    clause: "RFC 9110 §9.3.5",
    since: "0.1.0",
    source: include_str!("effect_missing.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    object_findings::each(assessment, "no removal was accepted as it should be", |object, findings| {
        let named = object_findings::named(assessment, object);
        if object.requirement.must_be == Presence::Gone {
            if object.presence == Presence::Present {
                let message =
                    format!("the server accepted a request of the case to remove it, but {named} is still there");
                let finding = object_findings::finding(assessment, &RULE, object, message);
                findings.push(finding.compared("gone", "still there"));
            }
            return object.presence != Presence::Unknown;
        }
        findings.extend(object.remains_after_undo.map(|(undo, look)| after_undo(assessment, &named, undo, look)));
        object.remains_after_undo.is_some()
    })
}

/// The finding about an object that an accepted `undo` did not remove, as the look after it shows.
fn after_undo(assessment: &Assessment<'_>, named: &str, undo: usize, look: &ObservedExchange<'_>) -> Finding {
    let suite = assessment.observation.suite;
    let observed = &assessment.observation.exchanges[undo];
    let message = format!(
        "after the case, the server accepted the clean-up request {} {} with {}, but {named} is still there",
        observed.exchange.request.method,
        format::short(&observed.exchange.request.target),
        observed.exchange.answer.status().unwrap_or_default()
    );
    let finding = Finding::new(&RULE, message)
        .compared("gone", "still there")
        .step(undo)
        .case(suite.place(observed.step.span))
        .advice(effects::shown_by(look).unwrap_or_default());
    match &observed.step.action {
        Action::Operation(index) => finding.spec(&suite.document.operations[*index].anchor),
        Action::Call { .. } => finding,
    }
}
