//! What other cases do while one is under way: all of them share a user, so what a server does too much in answer to one
//! may befall the objects of another.

use std::sync::atomic::{AtomicU64, Ordering};

/// The removals of a run: those under way, and those that were accepted.
#[derive(Debug, Default)]
pub(super) struct Beside {
    under_way: AtomicU64,
    accepted: AtomicU64,
}

/// One that is under way.
pub(super) struct UnderWay<'a>(&'a Beside);

impl Beside {
    /// One begins.
    pub(super) fn begin(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::SeqCst);
        UnderWay(self)
    }

    /// How many were accepted so far.
    pub(super) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Whether a case that has none under way any more was not alone: others were accepted since there were `before` of
    /// them, `own` of its own left aside, or may yet be.
    pub(super) fn not_alone(&self, before: u64, own: u64) -> bool {
        // In this order: one that ends between the two has been counted as accepted by then.
        self.under_way.load(Ordering::SeqCst) > 0 || self.accepted() > before + own
    }
}

impl UnderWay<'_> {
    /// It is answered with a status, if there is one.
    pub(super) fn answered(self, status: Option<u16>) {
        if is_acceptance(status) {
            self.0.accepted.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether a status says that a removal was accepted.
pub(super) fn is_acceptance(status: Option<u16>) -> bool {
    matches!(status, Some(200..=299))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_count_when_they_are_accepted_or_under_way_and_own_ones_do_not() {
        let beside = Beside::default();
        beside.begin().answered(Some(204));
        let before = beside.accepted();
        assert!(!beside.not_alone(before, 0), "that was before");
        beside.begin().answered(Some(204));
        assert!(!beside.not_alone(before, 1), "its own");
        beside.begin().answered(Some(401));
        beside.begin().answered(None);
        drop(beside.begin());
        assert!(!beside.not_alone(before, 1), "refused, or never answered");
        let other = beside.begin();
        assert!(beside.not_alone(before, 1), "it may yet be accepted");
        other.answered(Some(202));
        assert!(beside.not_alone(before, 1), "it was");
    }
}
