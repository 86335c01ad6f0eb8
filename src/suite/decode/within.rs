//! The longest `within` of a state and its calls.

use std::time::Duration;

use crate::location::Span;

/// A `within`, and where it stands.
pub(super) type Within = (Duration, Span);

/// Keeps the longer of two times.
pub(super) fn longest(kept: &mut Option<Within>, other: Option<Within>) {
    if let Some(other) = other.filter(|other| kept.is_none_or(|kept| kept.0 < other.0)) {
        *kept = Some(other);
    }
}
