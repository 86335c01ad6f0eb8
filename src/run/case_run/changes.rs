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
    /// Whether the target refused the request. It may still have changed something.
    is_refused: bool,
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
            is_refused: false,
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

/// The requests of changes, in words, each once. Leaves out those that the target refused, if there are others.
pub(crate) fn in_words(changes: &[Change]) -> Vec<String> {
    let any_other = changes.iter().any(|change| !change.is_refused);
    let mut words: Vec<String> = Vec::new();
    for change in changes.iter().filter(|change| !any_other || !change.is_refused) {
        if !words.contains(&change.what) {
            words.push(change.what.clone());
        }
    }
    words
}

impl PendingChange<'_> {
    /// The request has ended.
    pub(crate) fn ends(self, is_refused: bool) {
        self.change(|change| change.is_refused = is_refused);
    }

    fn change(&self, change: impl FnOnce(&mut Change)) {
        let mut log = self.changes.lock();
        // The latest changes are at the end.
        if let Some(own) = log.changes.iter_mut().rev().find(|change| change.number == self.number) {
            change(own);
        }
    }
}

impl Drop for PendingChange<'_> {
    fn drop(&mut self) {
        self.change(|change| change.answered = Some(Instant::now()));
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
    async fn each_request_is_named_once_and_a_refused_one_only_if_there_is_no_other() {
        let changes = Changes::default();
        let (own, other) = (changes.of_case(Some(0)), changes.of_case(Some(1)));
        let start = Instant::now();
        other.sends("refused".to_owned()).ends(true);
        assert_eq!(in_words(&own.of_others(start, Instant::now())), ["refused"]);
        other.sends("accepted".to_owned()).ends(false);
        other.sends("accepted".to_owned()).ends(false);
        assert_eq!(in_words(&own.of_others(start, Instant::now())), ["accepted"]);
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
