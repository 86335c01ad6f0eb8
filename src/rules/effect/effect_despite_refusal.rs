//! The case's request named an object and a refusal was due (a wrong key, another user, a wrong app), and afterwards
//! the object is gone.
//!
//! It stands beside the finding about the answer, if the answer was no refusal either: that the answer is wrong is one
//! thing, that somebody's data were destroyed is another. If the answer was the expected refusal, this is the only
//! finding, and the worst one: everything looks right.
//!
//! **Why it matters.** The check was made after the deed, or only for the answer. It cannot be seen in any response.
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
//! **Limits.** The origin is the document where it decides that the request is to be refused: in a core case, and
//! without a credential where one is required; else the suite. After a 5xx or no answer either state is possible, and
//! nothing is said. A server that removes more than it is asked to takes objects of cases along that run at the same time: such
//! a case runs once more with nothing beside it, and so does each case whose requests may have done it. Where a 2xx was due and a refusal came, the status is the finding, whatever became of the object.
//!
//! **Clause.** RFC 9110 §15.5.2: a 401 says that the request has not been applied; §15.5.4: a 403 that the server
//! refuses to fulfil it; §15.5.5: a 404 that it did not find the target. Of 4xx as a class HTTP says only that the
//! client seems to have erred; that such a request leaves no trace is what every client takes it for. OWASP API1:2023,
//! Broken Object Level Authorization.

use super::object_findings;
use crate::assess::{AssessedObject, Assessment, Presence};
use crate::case::Profile;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;

pub(super) static RULE: Rule = Rule {
    id: "effect-despite-refusal",
    summary: "A refusal came or was due, and the object is gone",
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
            let name = object_findings::name(assessment, object);
            let message = match object_findings::last_answer(assessment, object).and_then(|answer| answer.status) {
                Some(status) if (200..300).contains(&status) => {
                    format!("the request should have been refused, and `{name}` is gone")
                }
                Some(status) => format!("the request was refused with {status}, and `{name}` is gone all the same"),
                None => format!("the request was refused, and `{name}` is gone all the same"),
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
