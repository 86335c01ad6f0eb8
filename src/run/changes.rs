//! What the case runs of a run asked the target to change, and when: from that it follows which requests of others may have
//! done something to an object between the last time that it was seen and the first time that it was missed.
//!
//! Only what is younger than the oldest case run under way is kept, so memory does not grow with the run.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// The changes that were asked for.
#[derive(Debug, Default)]
pub(super) struct Changes(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    next: u64,
    /// When each case run under way began.
    runs: BTreeMap<u64, Instant>,
    /// In the order in which they were sent.
    changes: VecDeque<Change>,
}

/// One request that may have changed something.
#[derive(Clone, Debug)]
pub(super) struct Change {
    number: u64,
    /// The case run that sent it.
    run: u64,
    /// Which of the selected cases that is of, if it is one.
    pub(super) selected: Option<usize>,
    /// The request, in words.
    pub(super) what: String,
    sent: Instant,
    answered: Option<Instant>,
}

/// A case run under way, as far as its changes are concerned.
pub(super) struct Running<'a> {
    changes: &'a Changes,
    number: u64,
    selected: Option<usize>,
}

/// A change whose answer is not there yet.
pub(super) struct UnderWay<'a> {
    changes: &'a Changes,
    number: u64,
}

impl Changes {
    /// A case run begins.
    pub(super) fn run(&self, selected: Option<usize>) -> Running<'_> {
        let mut log = self.lock();
        log.next += 1;
        let number = log.next;
        log.runs.insert(number, Instant::now());
        Running { changes: self, number, selected }
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running<'_> {
    /// A request is sent that may change something.
    pub(super) fn sends(&self, what: String) -> UnderWay<'_> {
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
        UnderWay { changes: self.changes, number }
    }

    /// The changes that other case runs had asked for, and that may have been carried out between two moments.
    pub(super) fn of_others(&self, from: Instant, to: Instant) -> Vec<Change> {
        let log = self.changes.lock();
        let between = log.changes.iter().filter(|change| {
            change.run != self.number && change.sent <= to && change.answered.is_none_or(|answered| answered >= from)
        });
        between.cloned().collect()
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut log = self.changes.lock();
        // The latest ones are at the end.
        if let Some(change) = log.changes.iter_mut().rev().find(|change| change.number == self.number) {
            change.answered = Some(Instant::now());
        }
    }
}

impl Drop for Running<'_> {
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
        let (own, other) = (changes.run(Some(0)), changes.run(Some(1)));
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
            let run = changes.run(Some(0));
            drop(run.sends("a change".to_owned()));
        }
        assert!(changes.lock().changes.is_empty());
    }
}
