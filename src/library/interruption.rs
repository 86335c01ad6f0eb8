//! The signals of the process, for runs that were asked to handle them.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::run::{ExitNotice, Session, Signals};

/// The one listener of the process. A listener ends only with the process, so all runs share it.
static LISTENER: OnceLock<Signals> = OnceLock::new();
/// How many runs are to be interrupted by a signal.
static RUNS: Mutex<usize> = Mutex::new(0);

/// While it exists, a signal interrupts a run. After the last one has gone, a signal ends the process.
pub(super) struct Interruption {
    pub(super) signals: Signals,
    handles_signals: bool,
}

impl Interruption {
    /// No signal interrupts the run.
    pub(super) fn never() -> Self {
        Self { signals: Signals::none(), handles_signals: false }
    }

    /// Signals interrupt the run of a session.
    pub(super) fn of(session: &Session) -> Self {
        let mut runs = runs();
        let signals = LISTENER.get_or_init(Signals::listen).clone();
        // Of several runs, the last one's objects are named if the process must end at once.
        signals.attend(|| (), ExitNotice::of(session));
        *runs += 1;
        Self { signals, handles_signals: true }
    }
}

impl Drop for Interruption {
    fn drop(&mut self) {
        if !self.handles_signals {
            return;
        }
        let mut runs = runs();
        *runs -= 1;
        if *runs == 0 {
            self.signals.done();
            self.signals.reported();
        }
    }
}

/// No panic can interrupt a change, so a poisoned lock holds a right count.
fn runs() -> MutexGuard<'static, usize> {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner)
}
