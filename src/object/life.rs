//! The life of an object as a record of proofs: asked for, made, seen, named by an accepted removal, seen gone.
//!
//! Whatever is said about an object derives from its record: whether it is settled, whether it is left behind, and what a
//! finding may rest on. A transition is one answer of the target; nothing is inferred from what was to be expected.

use tokio::time::Instant;

/// How the removals of an object stand that were sent so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Removal {
    /// None was sent, or all were refused.
    #[default]
    None,
    /// One was sent whose answer is not there, or says nothing: it may have been carried out.
    UnderWay,
    /// One was accepted.
    Accepted,
}

/// What is known of one object.
#[derive(Clone, Debug)]
pub struct Life {
    /// Whether this run made it. What was handed over may have been used up by somebody else.
    made: bool,
    /// When the last question began that was answered with yes.
    seen: Option<Instant>,
    /// Whether the last answer that says anything was yes, after a removal had been accepted.
    outlived: bool,
    removal: Removal,
    /// When it was found to be gone.
    gone: Option<Instant>,
    /// Whether the target gave its id to another object.
    released: bool,
}

impl Life {
    /// An object whose id came in the answer to the call that makes one.
    pub fn made() -> Self {
        Self { made: true, seen: None, outlived: false, removal: Removal::None, gone: None, released: false }
    }

    /// An object that was handed over.
    pub fn handed_over() -> Self {
        Self { made: false, ..Self::made() }
    }

    /// `exists` said yes to a question that began then.
    pub fn see(&mut self, asked: Instant) {
        self.seen = Some(self.seen.map_or(asked, |seen| seen.max(asked)));
        self.gone = None;
        self.outlived = self.removal == Removal::Accepted;
    }

    /// A removal was accepted once more after one had been: the first removed nothing.
    pub fn outlive(&mut self) {
        self.outlived = self.removal == Removal::Accepted;
    }

    /// A removal was refused because there is nothing to remove any more.
    pub fn find_nothing(&mut self) {
        self.outlived = false;
    }

    /// `exists` said no. Of an object that was never seen that proves nothing.
    pub fn miss(&mut self, answered: Instant) {
        if self.seen.is_some() {
            self.gone.get_or_insert(answered);
        }
        self.outlived = false;
    }

    /// A request that removes it is about to be sent.
    pub fn begin_removal(&mut self) {
        self.removal = self.removal.max(Removal::UnderWay);
    }

    /// A removal was answered; none of those before it matters any more where it was refused.
    pub fn end_removal(&mut self, accepted: bool, answered: bool) {
        if accepted {
            self.removal = Removal::Accepted;
        } else if answered && self.removal == Removal::UnderWay {
            self.removal = Removal::None;
        }
    }

    /// The target gave its id to another object, which it does only with an id that is free.
    pub fn release(&mut self, answered: Instant) {
        self.released = true;
        self.outlived = false;
        self.gone.get_or_insert(answered);
    }

    /// Whether it was ever seen.
    pub fn was_seen(&self) -> bool {
        self.seen.is_some()
    }

    /// When the last question began that was answered with yes.
    pub fn last_seen(&self) -> Option<Instant> {
        self.seen
    }

    /// When it was found to be gone, if it was.
    pub fn gone_since(&self) -> Option<Instant> {
        self.gone
    }

    /// Whether a removal was accepted.
    pub fn is_accepted(&self) -> bool {
        self.removal == Removal::Accepted
    }

    /// Whether another object has its id now.
    pub fn is_released(&self) -> bool {
        self.released
    }

    /// Whether a removal was sent that may have been carried out.
    pub fn may_be_removed(&self) -> bool {
        self.removal != Removal::None
    }

    /// Whether an object that is made with the same id is another one: this one was removed, or may be on its way out.
    pub fn may_be_replaced(&self) -> bool {
        self.removal != Removal::None || self.gone.is_some()
    }

    /// Why it counts as left behind, if it does; the end of a sentence about it.
    pub fn left_behind(&self) -> Option<&'static str> {
        match (self.gone.is_some(), self.removal) {
            (false, Removal::Accepted) if self.outlived => Some("its removal was accepted, and it is still there"),
            (true, _) | (false, Removal::Accepted) => None,
            (false, _) if !self.made && self.seen.is_none() => None,
            (false, Removal::UnderWay) => Some("a removal of it was sent, and nobody knows whether it was carried out"),
            (false, Removal::None) if self.seen.is_none() => {
                Some("it was made and never seen, and no removal of it was accepted")
            }
            (false, Removal::None) => Some("no removal of it was accepted"),
        }
    }
}

/// Whether ids like this one are made at random, so that a target never gives one again.
///
/// Numbers, names and short texts may come again; a UUID, or 16 and more letters and digits mixed, does not.
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
    fn what_was_handed_over_and_never_seen_is_nobodys_to_leave_behind() {
        assert_eq!(Life::handed_over().left_behind(), None);
        let mut life = Life::handed_over();
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
