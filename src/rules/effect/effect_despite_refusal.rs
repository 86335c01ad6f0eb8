//! A request of the case named an object and had to be refused (a wrong key, another user, a wrong app). Afterwards the
//! object is gone.
//!
//! If the response was not a refusal either, there is also a finding about the response. A wrong answer and destroyed data
//! are two things. If the response was the expected refusal, this is the only finding. It is the worst kind, because
//! everything looks right.
//!
//! **Why it matters.** The server checks the rights after the removal, or only for the response. No response shows this.
//!
//! **Deviates.**
//!
//! ```text
//! DELETE /conversations/1f3b   404 Not Found     (as another user)
//! GET /messages?conversation_id=1f3b   404 Not Found     (as the owner)
//! ```
//!
//! **Conforms.** The second answer is a 200.
//!
//! **Limits.** The origin is the document if the document decides that the request must be refused: in a core case, and
//! if a required credential is missing. Otherwise the origin is the suite. After a 5xx, or without a response, the
//! object may be there or gone, so the rule is silent. A server that removes too much also removes objects of cases
//! that run at the same time. So such a case runs once more alone, and so does each case whose requests may be the
//! cause. If a 2xx was expected and a refusal came, the finding is about the status, whatever became of the object.
//!
//! **Clause.** RFC 9110 §15.5.2: a 401 says that the request has not been applied; §15.5.4: a 403 says that the server
//! refuses to fulfil it; §15.5.5: a 404 says that it did not find the target. About 4xx as a class HTTP says only that
//! the client seems to have erred. But every client expects that such a request changes nothing. OWASP API1:2023,
//! Broken Object Level Authorization.

use super::object_findings;
use crate::assess::{AssessedObject, Assessment, Presence};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::suite::Profile;

pub(super) static RULE: Rule = Rule {
    id: "effect-despite-refusal",
    summary: "An object is gone although a refusal came or was due",
    level: Level::Must,
    origin: Origin::Document,
    clause: "RFC 9110 §15.5.2, §15.5.4, §15.5.5; OWASP API1:2023",
    since: "0.1.0",
    source: include_str!("effect_despite_refusal.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    object_findings::each(assessment, "no request that named an object was to be refused", |object, findings| {
        if !object.requirement.named || object.requirement.must_be != Presence::Present {
            return false;
        }
        if object.presence == Presence::Gone {
            let named = object_findings::named(assessment, object);
            let message = match object_findings::last_answer(assessment, object).and_then(|answer| answer.status) {
                Some(status) if (200..300).contains(&status) => {
                    format!("the server should have refused the request, but it answered {status}, and {named} is gone")
                }
                Some(status) => format!("the server refused the request with {status}, but {named} is gone"),
                None => format!("the server refused the request, but {named} is gone"),
            };
            let finding = object_findings::lost(assessment, &RULE, object, message);
            findings.push(finding.origin(origin(assessment, object)));
        }
        object.presence != Presence::Unknown
    })
}

/// Whether the document or the suite says that the request had to be refused.
fn origin(assessment: &Assessment<'_>, object: &AssessedObject<'_>) -> Origin {
    let by_credential = object_findings::last_answer(assessment, object).is_some_and(|answer| answer.lacks_credential);
    let is_core = assessment.observation.case.profile == Profile::Core;
    if is_core || by_credential { Origin::Document } else { Origin::Suite }
}
