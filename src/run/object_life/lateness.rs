//! Learns whether the answers about objects come late on this target, and so how long to wait for the expected one.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long `exists` is asked again while its answer contradicts what is expected. The state's `within` replaces it.
const PATIENCE: Duration = Duration::from_secs(2);
/// The same on a target where such a wait has never changed the answer.
pub(crate) const SHORT_PATIENCE: Duration = Duration::from_millis(200);
/// After so many waits in vain, and none that was not, the short time is used.
const IN_VAIN: u32 = 4;

/// Whether a wait for a late answer has been worth it on this target.
#[derive(Debug, Default)]
pub(crate) struct Lateness {
    in_vain: AtomicU32,
    came_late: AtomicU32,
}

impl Lateness {
    /// Whether the expected answer ever came late.
    pub(crate) fn was_seen(&self) -> bool {
        self.came_late.load(Ordering::Relaxed) > 0
    }

    /// A wait ended without the expected answer.
    pub(crate) fn waited_in_vain(&self) {
        self.in_vain.fetch_add(1, Ordering::Relaxed);
    }

    /// The expected answer came late.
    pub(crate) fn came_late(&self) {
        self.came_late.fetch_add(1, Ordering::Relaxed);
    }

    /// How long to wait for the expected answer. `within` is the state's own time.
    pub(crate) fn patience(&self, within: Option<Duration>) -> Duration {
        let in_vain = self.came_late.load(Ordering::Relaxed) == 0 && self.in_vain.load(Ordering::Relaxed) >= IN_VAIN;
        match within {
            Some(within) => within,
            None if in_vain => SHORT_PATIENCE,
            None => PATIENCE,
        }
    }
}
