//! Keeps which requests may have changed something at the target, and when. So the run can find the requests of other cases that
//! may have removed an object between the last time it was seen and the first time it was missing.
//!
//! Only changes that are younger than the oldest case under way are kept, so memory does not grow with the run.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// The changes that the cases of a run asked for.
#[derive(Debug, Default)]
pub(crate) struct Changes(Mutex<ChangeLog>);

#[derive(Debug, Default)]
struct ChangeLog {
    next: u64,
    /// When each case under way began.
    runs: BTreeMap<u64, Instant>,
    /// In the order of their requests.
    changes: VecDeque<Change>,
}

/// One request that may have changed something.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    number: u64,
    /// The run of a case that sent it.
    run: u64,
    /// The selected case, if the request belongs to one.
    pub(crate) selected: Option<usize>,
    /// The request, in words.
    pub(crate) what: String,
    sent: Instant,
    answered: Option<Instant>,
}

/// The changes of one case under way.
pub(crate) struct CaseChanges<'a> {
    changes: &'a Changes,
    number: u64,
    selected: Option<usize>,
}

/// A change whose request has no answer yet.
pub(crate) struct PendingChange<'a> {
    changes: &'a Changes,
    number: u64,
}

impl Changes {
    /// Enters that a run of a case begins.
    pub(crate) fn of_case(&self, selected: Option<usize>) -> CaseChanges<'_> {
        let mut log = self.lock();
        log.next += 1;
        let number = log.next;
        log.runs.insert(number, Instant::now());
        CaseChanges { changes: self, number, selected }
    }

    fn lock(&self) -> MutexGuard<'_, ChangeLog> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CaseChanges<'_> {
    /// Enters that a request is sent that may change something. The change ends when the result is dropped.
    pub(crate) fn sends(&self, what: String) -> PendingChange<'_> {
        let mut log = self.changes.lock();
        log.next += 1;
        let number = log.next;
        log.changes.push_back(Change {
            number,
            run: self.number,
            selected: self.selected,
            what,
            sent: Instant::now(),
            answered: None,
        });
        PendingChange { changes: self.changes, number }
    }

    /// The changes of other cases that the target may have carried out between two moments.
    pub(crate) fn of_others(&self, from: Instant, to: Instant) -> Vec<Change> {
        let log = self.changes.lock();
        let between = log.changes.iter().filter(|change| {
            change.run != self.number && change.sent <= to && change.answered.is_none_or(|answered| answered >= from)
        });
        between.cloned().collect()
    }
}

impl Drop for PendingChange<'_> {
    fn drop(&mut self) {
        let mut log = self.changes.lock();
        // The latest changes are at the end.
        if let Some(change) = log.changes.iter_mut().rev().find(|change| change.number == self.number) {
            change.answered = Some(Instant::now());
        }
    }
}

impl Drop for CaseChanges<'_> {
    fn drop(&mut self) {
        let mut log = self.changes.lock();
        log.runs.remove(&self.number);
        let oldest = log.runs.values().min().copied();
        let is_old = |change: &Change| match (oldest, change.answered) {
            (None, _) => true,
            (Some(oldest), Some(answered)) => answered < oldest,
            (Some(_), None) => false,
        };
        while log.changes.front().is_some_and(is_old) {
            log.changes.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_others_asked_for_between_two_moments_is_found_and_own_requests_are_not() {
        let tick = || tokio::time::advance(Duration::from_secs(1));
        let changes = Changes::default();
        let (own, other) = (changes.of_case(Some(0)), changes.of_case(Some(1)));
        drop(other.sends("before".to_owned()));
        tick().await;
        let seen = Instant::now();
        tick().await;
        drop(own.sends("own".to_owned()));
        let late = other.sends("between".to_owned());
        tick().await;
        let missed = Instant::now();
        tick().await;
        let _after = other.sends("after".to_owned());
        let found: Vec<String> = own.of_others(seen, missed).into_iter().map(|change| change.what).collect();
        assert_eq!(found, ["between"]);
        drop(late);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_kept_that_is_older_than_every_run_under_way() {
        let changes = Changes::default();
        for _ in 0..100 {
            let run = changes.of_case(Some(0));
            drop(run.sends("a change".to_owned()));
        }
        assert!(changes.lock().changes.is_empty());
    }
}
