//! The results of what the preflight tries.

use crate::outcome::{CheckStatus, Tried};

/// Something that was tried and is as it should be.
pub(super) fn good(what: &str, found: String) -> Tried {
    Tried { what: what.to_owned(), status: CheckStatus::Good, found, help: None, unverified: false }
}

/// Something that was not tried.
pub(super) fn untried(what: &str, found: &str) -> Tried {
    Tried { status: CheckStatus::Untried, ..good(what, found.to_owned()) }
}

/// Marks a result as not verified: the target cannot tell, or the suite does not say how to try it.
pub(super) fn unverified(one: Tried) -> Tried {
    Tried { unverified: true, ..one }
}
