//! Rules about security.
//!
//! First requests that had to be refused because of who asks, then what a response must not show.

mod credential_not_checked;
mod credential_repeated;
mod foreign_object_reachable;
mod internals;
mod internals_exposed;
mod unauthenticated_accepted;

use super::check::{Check, Family};

pub(super) static FAMILY: Family = Family {
    title: "Security",
    about: "Who may do what, and what a response must not show.",
    checks: &[
        Check { rule: &unauthenticated_accepted::RULE, run: unauthenticated_accepted::run },
        Check { rule: &credential_not_checked::RULE, run: credential_not_checked::run },
        Check { rule: &foreign_object_reachable::RULE, run: foreign_object_reachable::run },
        Check { rule: &credential_repeated::RULE, run: credential_repeated::run },
        Check { rule: &internals_exposed::RULE, run: internals_exposed::run },
    ],
};
