//! The life of an object as a record of answers: made, seen, named by an accepted removal, seen gone.
//!
//! Everything that the run says about an object follows from this record: whether it is settled, whether it is left behind,
//! and what a finding may rest on. Each change is one answer of the target. No change follows from an expectation.

use tokio::time::Instant;

/// What the answers to the removals of an object say so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum RemovalState {
    /// No removal was sent, or all were refused.
    #[default]
    None,
    /// A removal was sent and has no answer yet, or an unclear one. It may have been carried out.
    UnderWay,
    /// A removal was accepted.
    Accepted,
}

/// What is known of one object.
#[derive(Clone, Debug)]
pub struct Life {
    /// Whether this run made it. Another run may have used up an object that the environment provides.
    made: bool,
    /// When the last `exists` was sent whose answer said that it is there.
    seen: Option<Instant>,
    /// Whether it was still seen after a removal had been accepted.
    outlived: bool,
    removal: RemovalState,
    /// When it was first found to be gone.
    gone: Option<Instant>,
    /// Whether the target gave its id to another object.
    released: bool,
}

impl Life {
    /// An object whose id came in the answer to the call that makes one.
    pub fn made() -> Self {
        Self { made: true, seen: None, outlived: false, removal: RemovalState::None, gone: None, released: false }
    }

    /// An object that the environment provides.
    pub fn provided() -> Self {
        Self { made: false, ..Self::made() }
    }

    /// `exists` said that it is there. `asked` is when that question was sent.
    pub fn see(&mut self, asked: Instant) {
        self.seen = Some(self.seen.map_or(asked, |seen| seen.max(asked)));
        self.gone = None;
        self.outlived = self.removal == RemovalState::Accepted;
    }

    /// A second removal was accepted, so the first accepted one did not remove it.
    pub fn outlive(&mut self) {
        self.outlived = self.removal == RemovalState::Accepted;
    }

    /// A removal was refused because there is nothing to remove.
    pub fn find_nothing(&mut self) {
        self.outlived = false;
    }

    /// `exists` said that it is not there. This proves nothing about an object that was never seen.
    pub fn miss(&mut self, answered: Instant) {
        if self.seen.is_some() {
            self.gone.get_or_insert(answered);
        }
        self.outlived = false;
    }

    /// A request that removes it is about to be sent.
    pub fn begin_removal(&mut self) {
        self.removal = self.removal.max(RemovalState::UnderWay);
    }

    /// A removal was answered. After a refusal the earlier removals no longer count.
    pub fn end_removal(&mut self, accepted: bool, answered: bool) {
        if accepted {
            self.removal = RemovalState::Accepted;
        } else if answered && self.removal == RemovalState::UnderWay {
            self.removal = RemovalState::None;
        }
    }

    /// The target gave its id to another object. So the id was free, and this object is gone.
    pub fn release(&mut self, answered: Instant) {
        self.released = true;
        self.outlived = false;
        self.gone.get_or_insert(answered);
    }

    /// Whether it was ever seen.
    pub fn was_seen(&self) -> bool {
        self.seen.is_some()
    }

    /// When the last `exists` was sent whose answer said that it is there.
    pub fn last_seen(&self) -> Option<Instant> {
        self.seen
    }

    /// When it was first found to be gone, if it was.
    pub fn gone_since(&self) -> Option<Instant> {
        self.gone
    }

    /// Whether a removal was accepted.
    pub fn is_accepted(&self) -> bool {
        self.removal == RemovalState::Accepted
    }

    /// Whether the target gave its id to another object.
    pub fn is_released(&self) -> bool {
        self.released
    }

    /// Whether a removal was sent that may have been carried out.
    pub fn may_be_removed(&self) -> bool {
        self.removal != RemovalState::None
    }

    /// Whether a new object with the same id would be another object: this one was removed, or may be.
    pub fn may_be_replaced(&self) -> bool {
        self.removal != RemovalState::None || self.gone.is_some()
    }

    /// Why it counts as left behind, if it does. The text ends a sentence about the object.
    pub fn left_behind(&self) -> Option<&'static str> {
        match (self.gone.is_some(), self.removal) {
            (false, RemovalState::Accepted) if self.outlived => {
                Some("the target accepted a request to remove it, but it is still there")
            }
            (true, _) | (false, RemovalState::Accepted) => None,
            (false, _) if !self.made && self.seen.is_none() => None,
            (false, RemovalState::UnderWay) => {
                Some("a request to remove it was sent, but no response says whether the target removed it")
            }
            (false, RemovalState::None) if self.seen.is_none() => {
                Some("the target made it, but never showed it, and accepted no request to remove it")
            }
            (false, RemovalState::None) => Some("the target accepted no request to remove it"),
        }
    }
}

/// Whether an id is random, so that a target never gives it twice.
///
/// A target may give a number, a name or a short text twice. It does not give a UUID twice, nor 16 or more mixed letters and
/// digits.
pub fn is_random(id: &str) -> bool {
    const SHORTEST: usize = 16;
    if uuid::Uuid::try_parse(id).is_ok() {
        return true;
    }
    let mut parts = id.split(['-', '_', '.', ':', '~']);
    parts.any(|part| {
        part.len() >= SHORTEST
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && part.bytes().any(|byte| byte.is_ascii_digit())
            && part.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::now() + Duration::from_secs(seconds)
    }

    #[test]
    fn what_was_made_is_left_behind_until_a_removal_is_accepted_or_it_is_seen_gone() {
        let mut life = Life::made();
        assert!(life.left_behind().is_some());
        life.begin_removal();
        life.end_removal(false, true);
        assert!(life.left_behind().is_some(), "refused");
        life.end_removal(true, true);
        assert_eq!(life.left_behind(), None);
        life.see(at(1));
        assert!(life.left_behind().is_some(), "accepted, and still seen");
        life.miss(at(2));
        assert_eq!(life.left_behind(), None);
    }

    #[test]
    fn a_no_about_what_was_never_seen_proves_nothing() {
        let mut life = Life::made();
        life.miss(at(1));
        assert_eq!(life.gone_since(), None);
        assert!(life.left_behind().is_some());
        life.see(at(2));
        life.miss(at(3));
        assert!(life.gone_since().is_some());
        assert_eq!(life.left_behind(), None);
        life.see(at(4));
        assert_eq!(life.gone_since(), None, "it is there after all");
    }

    #[test]
    fn an_unanswered_removal_may_have_been_carried_out() {
        let mut life = Life::made();
        life.begin_removal();
        life.end_removal(false, false);
        assert!(life.may_be_replaced());
        assert!(life.left_behind().is_some());
        life.release(at(1));
        assert!(life.is_released());
        assert_eq!(life.left_behind(), None);
    }

    #[test]
    fn a_provided_object_that_was_never_seen_is_not_left_behind() {
        assert_eq!(Life::provided().left_behind(), None);
        let mut life = Life::provided();
        life.see(at(1));
        assert!(life.left_behind().is_some());
    }

    #[test]
    fn ids_that_come_again_are_told_from_those_that_do_not() {
        for id in ["3a9a4e8f-0b4c-4d1d-9e2f-77aa00bb11cc", "507f1f77bcf86cd799439011", "cus-9f8e7d6c5b4a39281706"] {
            assert!(is_random(id), "{id}");
        }
        for id in ["1", "175928847299117063", "my-note", "a1", "conformance-note", ""] {
            assert!(!is_random(id), "{id}");
        }
    }
}
