//! Waiting while this machine lacks what a connection needs, until other connections are closed.

use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::lack::Lack;

/// How long to wait before the next attempt to connect.
const PAUSE: Duration = Duration::from_millis(50);

/// The reserve of a client for a shortage, and what it knows about one.
#[derive(Debug, Default)]
pub(super) struct Shortage {
    reserve: Reserve,
    /// Whether a connection to the target was ever opened.
    reached: AtomicBool,
}

impl Shortage {
    /// Notes that a connection was opened.
    pub(super) fn note_success(&self) {
        self.reached.store(true, Ordering::Relaxed);
        self.reserve.fill();
    }

    /// Whether a lack may pass. If an address has no route, the error is the same as if all ports were in use, and that does
    /// not pass.
    pub(super) fn may_pass(&self, lack: Lack) -> bool {
        lack != Lack::Ports || self.reached.load(Ordering::Relaxed)
    }

    /// Waits for a moment. An urgent request gets an open file from the reserve instead, if files are lacking.
    pub(super) async fn pause(&self, lack: Lack, urgent: bool) {
        if !(urgent && lack == Lack::Files && self.reserve.give_up()) {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Open files that are held in reserve, so that objects can be removed when no further file can be opened.
#[derive(Debug, Default)]
struct Reserve(Mutex<Vec<File>>);

/// How many files are held.
const HELD: usize = 2;

impl Reserve {
    /// Opens files up to the number to hold, as far as possible.
    fn fill(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.len() < HELD {
            let Ok(file) = File::open("/dev/null") else { return };
            kept.push(file);
        }
    }

    /// Closes one file. False if there was none.
    fn give_up(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_given_up_file_by_file() {
        let reserve = Reserve::default();
        assert!(!reserve.give_up());
        reserve.fill();
        reserve.fill();
        assert_eq!((0..=HELD).filter(|_| reserve.give_up()).count(), if cfg!(unix) { HELD } else { 0 });
    }
}
