//! The effect on an object came late. The first look after the requests of the case showed the contrary, and a later
//! look showed the right state.
//!
//! **Why it matters.** A client that deletes an object and reads right away still sees it, and may offer it to the user
//! again. After a 204 a client has no reason to wait.
//!
//! **Deviates.**
//!
//! ```text
//! DELETE /conversations/1f3b   204 No Content
//! GET /messages?conversation_id=1f3b   200 OK
//! GET /messages?conversation_id=1f3b   404 Not Found     (0.7 s later)
//! ```
//!
//! **Conforms.** The first GET is answered with 404. Or the DELETE is answered with 202, which says that the removal is
//! not done yet (RFC 9110 §15.3.3).
//!
//! **Limits.** HTTP does not say how soon a change must be visible, so the level is `should`. A look with the wrong
//! result is repeated for 2 s, or for the longest `within` of the object's state. If the object is still there after
//! that, it is `effect-missing`.
//!
//! **Clause.** RFC 9110 §9.3.5: a 204 says that the action has been enacted, a 202 says that it likely will be.

use super::object_findings;
use crate::assess::{Assessment, Presence};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;

pub(super) static RULE: Rule = Rule {
    id: "effect-late",
    summary: "The effect shows only some time after the response",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9110 §9.3.5",
    since: "0.1.0",
    source: include_str!("effect_late.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    object_findings::each(assessment, "no object was looked at twice", |object, findings| {
        let must_be = object.requirement.must_be;
        let [first, _, ..] = object.looks[..] else { return false };
        // Where another object has the id, the looks may have seen that one.
        if must_be == Presence::Unknown || assessment.observation.proof(object.requirement.given).released {
            return false;
        }
        let answer = object_findings::last_answer(assessment, object);
        let announced = answer.is_some_and(|answer| answer.status == Some(202));
        let contradicts = first != Presence::Unknown && first != must_be;
        if contradicts && !announced && object.presence == must_be {
            let named = object_findings::named(assessment, object);
            let (expected, actual) = match must_be {
                Presence::Gone => ("gone", "still there"),
                _ => ("still there", "gone"),
            };
            let message = format!("{named} is {expected}, but the first check after the response showed it {actual}");
            let finding = object_findings::finding(assessment, &RULE, object, message);
            findings.push(finding.compared(expected, actual));
        }
        true
    })
}
