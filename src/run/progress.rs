//! How far a run has come: counters that it adds to, for a door that shows them while it waits.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::outcome::Verdict;

/// The counters of one run. Reading them costs the run nothing.
#[derive(Debug, Default)]
pub struct Progress {
    all: AtomicUsize,
    ended: AtomicUsize,
    failed: AtomicUsize,
    making: AtomicUsize,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// How many case runs there are to be: cases, times repetitions.
    pub all: usize,
    /// How many have ended, or will not be run.
    pub ended: usize,
    /// How many of them failed or could not be judged.
    pub failed: usize,
    /// How many objects are being made.
    pub making: usize,
}

impl Progress {
    /// How it is now.
    pub fn now(&self) -> Moment {
        let [all, ended, failed, making] =
            [&self.all, &self.ended, &self.failed, &self.making].map(|count| count.load(Ordering::Relaxed));
        Moment { all, ended, failed, making }
    }

    /// So many case runs are to be.
    pub(super) fn expect(&self, all: usize) {
        self.all.store(all, Ordering::Relaxed);
    }

    /// One has ended.
    pub(super) fn end(&self, verdict: Verdict) {
        self.ended.fetch_add(1, Ordering::Relaxed);
        if verdict >= Verdict::Fail {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// An object is being made, until what is given back is dropped.
    pub(super) fn make(&self) -> Making<'_> {
        self.making.fetch_add(1, Ordering::Relaxed);
        Making(self)
    }
}

/// An object is being made.
pub(super) struct Making<'a>(&'a Progress);

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.0.making.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_way_and_what_has_ended_is_counted() {
        let progress = Progress::default();
        progress.expect(4);
        let one = progress.make();
        let two = progress.make();
        drop(one);
        for verdict in [Verdict::Pass, Verdict::Known, Verdict::Error] {
            progress.end(verdict);
        }
        assert_eq!(progress.now(), Moment { all: 4, ended: 3, failed: 1, making: 1 });
        drop(two);
        assert_eq!(progress.now().making, 0);
    }
}
