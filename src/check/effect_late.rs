//! What became of an object was right, but only later: the first look after the case's requests showed the contrary, and a
//! look some time after it showed what had to be.
//!
//! **Why it matters.** A client that deletes something and reads right away still sees it, and may offer it again; a client
//! that gets a 204 has no reason to wait.
//!
//! **Deviates.**
//!
//! ```text
//! DELETE /conversations/1f3b   204 No Content
//! GET /messages?conversation_id=1f3b   200 OK
//! GET /messages?conversation_id=1f3b   404 Not Found     (0.7 s later)
//! ```
//!
//! **Conforms.** The first GET is answered 404 already; or the DELETE is answered 202, which says that it is not done yet
//! (RFC 9110 §15.3.3).
//!
//! **Limits.** HTTP does not say how soon a change must be seen, so this is no `must`. A look that contradicts what is
//! expected is repeated for 2 s, or for the longest `within` of the object's state; what is wrong for longer is
//! `effect-missing`.
//!
//! **Clause.** RFC 9110 §9.3.5: a 204 says that the action has been enacted, a 202 that it likely will be.

use super::settled::{self, Found, Must};
use super::{Checked, Evidence, Role, effect};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "effect-late",
    summary: "The effect is seen only some time after the answer",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9110 §9.3.5",
    since: "0.1.0",
    source: include_str!("effect_late.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    effect::each(evidence, "no object was looked at twice", |duty, findings| {
        let wanted = match duty.must {
            Must::Gone => Found::Gone,
            Must::There => Found::There,
            Must::Unknown => return false,
        };
        let state = evidence.suite.states.get(evidence.case.given[duty.given].state);
        let Some(exists) = state.and_then(|state| state.exists.as_ref()) else { return false };
        let mut looks = evidence.steps.iter().filter(|taken| taken.role == Role::Exists { given: duty.given });
        let (Some(first), Some(_)) = (looks.next(), looks.next()) else { return false };
        // Another object has its id, and that is what was seen.
        if evidence.proof(duty.given).released {
            return false;
        }
        let announced = effect::naming(evidence, duty.given).is_some_and(|held| held.status == Some(202));
        let contradicts = match settled::said(evidence, duty.given, exists, first) {
            Found::Unknown => false,
            said => said != wanted,
        };
        if contradicts && !announced && settled::found(evidence, duty.given) == wanted {
            let name = &evidence.case.given[duty.given].name;
            let (expected, actual) = match wanted {
                Found::Gone => ("gone", "still there"),
                _ => ("still there", "gone"),
            };
            let message = format!("`{name}` is {expected}, but the first look after the answer showed it {actual}");
            findings.push(effect::finding(evidence, &RULE, duty.given, message).compared(expected, actual));
        }
        true
    })
}
