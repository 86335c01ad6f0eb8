//! No request of the case named an object of the case, and afterwards the object is gone.
//!
//! **Why it matters.** The request removed more than it should: all objects of a user, the newest one, or the first one
//! that the server found. The response is right, and the intended object is gone as it should be.
//!
//! **Deviates.**
//!
//! ```text
//! DELETE /conversations/1f3b   204 No Content
//! GET /messages?conversation_id=77ac   404 Not Found     (another conversation of the same user)
//! ```
//!
//! **Conforms.** The second answer is a 200.
//!
//! **Limits.** Only cases with a bystander show this (`given: {mine: …, bystander: …}`), and only for objects of the
//! same run. An object that a `call` of the case names is no bystander. If requests of other cases may have removed the
//! object, this case runs once more alone, and so does each of those cases. If the loss repeats, it is a finding of the
//! case that causes it. If it does not repeat, it is a finding of the case that lost the object, and the finding names
//! the requests of the others.
//!
//! **Clause.** RFC 9110 §9.3.5: DELETE is about the target resource.

use super::object_findings;
use crate::assess::{Assessment, Presence};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;

pub(super) static RULE: Rule = Rule {
    id: "bystander-lost",
    summary: "An object is gone, but no request named it",
    level: Level::Must,
    origin: Origin::Document,
    clause: "RFC 9110 §9.3.5",
    since: "0.1.0",
    source: include_str!("bystander_lost.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    object_findings::each(assessment, "the case has no bystander", |object, findings| {
        if object.requirement.named {
            return false;
        }
        if object.presence == Presence::Gone {
            let named = object_findings::named(assessment, object);
            let message = format!("{named} is gone, but no request of the case named it");
            findings.push(object_findings::lost(assessment, &RULE, object, message));
        }
        object.presence != Presence::Unknown
    })
}
