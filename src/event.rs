//! What happens in a run, told while it happens.
//!
//! The runner emits an [`Event`] for each step: the run starts, the target is tried, a case starts, a request is sent, a case
//! ends, an object is left behind, the run ends. Whatever shows or records a run is a [`Listener`]: the progress of the
//! terminal, the report on stdout. An event carries whole outcomes with secrets masked, so no listener puts one together.
//!
//! A run calls its listeners one after the other and waits for them. So a listener must return at once; one that writes
//! hands what it writes to a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::outcome::{CaseOutcome, DocumentInfo, LeftBehind, RunOutcome, TargetInfo, Tried, Verdict};
use crate::suite::Profile;

/// One thing that happened in a run.
///
/// `RunStarted` comes first and `RunEnded` last. Each case that runs has a `CaseStarted` before its `CaseEnded`; a case that is
/// skipped only has the latter. Cases run side by side, so the events of two cases mix.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The run starts. Nothing was sent yet.
    RunStarted(Arc<RunStart>),
    /// Something was tried before the first case.
    PreflightTried(Tried),
    /// The first run of a case starts: the case's id.
    CaseStarted(String),
    /// A request is about to be sent.
    RequestSent(RequestSent),
    /// An object was asked for. Until `ObjectAnswered`, it is being made.
    ObjectRequested,
    /// The request for an object was answered, or failed.
    ObjectAnswered,
    /// One of a case's runs ended, or will not take place. With `--repeat` a case has several.
    CaseRunEnded {
        /// The case's id.
        case: String,
        /// What this run came to.
        verdict: Verdict,
    },
    /// All runs of a case ended, or it is skipped.
    CaseEnded(Arc<CaseOutcome>),
    /// A case that had ended turned out to be at fault when a later case was judged. This outcome replaces the one before.
    CaseAmended(Arc<CaseOutcome>),
    /// After the cases, the run tries again to remove what it could not remove before: so many objects.
    RemovalRepeated(usize),
    /// An object was made and could not be removed.
    ObjectLeft(LeftBehind),
    /// The run ended. No event follows.
    RunEnded(Arc<RunOutcome>),
}

/// What is known of a run when it starts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunStart {
    /// Who is asked.
    pub target: TargetInfo,
    /// The documents, usually one, in the order in which suites name them.
    pub documents: Vec<DocumentInfo>,
    /// The profile that is run.
    pub profile: Profile,
    /// How many cases there are, skipped ones included.
    pub cases: usize,
    /// How many case runs there are: cases, times repetitions.
    pub case_runs: usize,
}

impl RunStart {
    /// The start of a run with this outcome so far, and so many cases.
    pub fn new(outcome: RunOutcome, cases: usize, case_runs: usize) -> Self {
        let RunOutcome { target, documents, profile, .. } = outcome;
        Self { target, documents, profile, cases, case_runs }
    }
}

/// A request that is about to be sent. A request that is sent several times together, or again until its answer is as
/// expected, is one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestSent {
    /// The id of the case that it belongs to, if it belongs to one.
    pub case: Option<String>,
    /// What it is for: `request`, `then, step 2`, `make mine`, `is mine there?`.
    pub role: String,
    /// Its method.
    pub method: String,
    /// Its path as the document or the suite writes it, with the names of parameters in braces.
    pub path: String,
}

impl RequestSent {
    /// A request of a case.
    pub fn new(
        case: Option<&str>,
        role: impl Into<String>,
        method: impl Into<String>,
        path: impl Into<String>,
    ) -> Self {
        Self { case: case.map(str::to_owned), role: role.into(), method: method.into(), path: path.into() }
    }
}

/// Takes the events of a run.
pub trait Listener: Send + Sync {
    /// Takes the next one. The run waits until this returns.
    fn take(&self, event: &Event);
}

impl<F: Fn(&Event) + Send + Sync> Listener for F {
    fn take(&self, event: &Event) {
        self(event);
    }
}

/// Passes the events of one run on to its listeners.
#[derive(Default)]
pub struct Announcer {
    /// Whether anybody listens, so that an event nobody takes costs nothing.
    has_listeners: AtomicBool,
    /// Held while listeners take an event: all of them see the same order.
    audience: Mutex<Audience>,
}

#[derive(Default)]
struct Audience {
    listeners: Vec<Arc<dyn Listener>>,
    /// Whether the last event was passed on.
    is_over: bool,
}

impl Announcer {
    /// Adds a listener. It takes the events from now on, after the listeners that were added before.
    pub fn add(&self, listener: Arc<dyn Listener>) {
        self.lock().listeners.push(listener);
        self.has_listeners.store(true, Ordering::Release);
    }

    /// Passes an event on. Nothing follows [`Event::RunEnded`]: a case that an interrupted run still judges comes too late.
    pub fn emit(&self, event: impl FnOnce() -> Event) {
        if !self.has_listeners.load(Ordering::Acquire) {
            return;
        }
        let event = event();
        let mut audience = self.lock();
        if audience.is_over {
            return;
        }
        audience.is_over = matches!(event, Event::RunEnded(_));
        for listener in &audience.listeners {
            // What shows a run must not change what it comes to.
            let _ = catch_unwind(AssertUnwindSafe(|| listener.take(&event)));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Audience> {
        self.audience.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Announcer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Announcer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case_started(event: &Event) -> Option<String> {
        match event {
            Event::CaseStarted(case) => Some(case.clone()),
            _ => None,
        }
    }

    #[test]
    fn every_listener_takes_every_event_even_if_another_one_panics() {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let announcer = Announcer::default();
        for name in ["first", "second"] {
            let taken = Arc::clone(&taken);
            announcer.add(Arc::new(move |event: &Event| {
                taken.lock().unwrap_or_else(PoisonError::into_inner).push((name, case_started(event)));
                assert_ne!(name, "first", "a listener that panics");
            }));
        }
        announcer.emit(|| Event::CaseStarted("a/b".to_owned()));
        let taken = taken.lock().expect("nobody panics while it holds this");
        let case = Some("a/b".to_owned());
        assert_eq!(*taken, [("first", case.clone()), ("second", case)]);
    }

    #[test]
    fn an_event_that_nobody_takes_is_not_made() {
        Announcer::default().emit(|| panic!("nobody listens"));
    }
}
