//! The case was given an object that none of its requests named, and afterwards it is gone.
//!
//! **Why it matters.** The request removed more than it was asked to: all of a user's objects, the newest, the first that
//! was found. The answer looks as it should, and so does the object that was meant.
//!
//! **Deviates.**
//!
//! ```text
//! DELETE /conversations/1f3b   204 No Content
//! GET /messages?conversation_id=77ac   404 Not Found     (another one of the same user)
//! ```
//!
//! **Conforms.** The second answer is a 200.
//!
//! **Limits.** Seen only in cases that have a bystander (`given: {mine: …, bystander: …}`), and only objects of the same
//! run. What a `call` of the case names is no bystander. Where requests of other cases may have done it, the case runs once
//! more with nothing beside it, and so does each of those: what repeats is that case's finding. Where nothing repeats, the
//! finding is of the case that lost the object, and names those requests.
//!
//! **Clause.** RFC 9110 §9.3.5: DELETE is about the target resource.

use super::object_findings;
use crate::assess::{Assessment, Presence};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;

pub(super) static RULE: Rule = Rule {
    id: "bystander-lost",
    summary: "An object that no request named is gone",
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
            let message = format!("`{}` is gone, and no request named it", object_findings::name(assessment, object));
            findings.push(object_findings::lost(assessment, &RULE, object, message));
        }
        object.presence != Presence::Unknown
    })
}
