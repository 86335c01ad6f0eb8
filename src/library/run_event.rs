//! What a listener of a run gets.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::case_report::CaseReport;
use crate::event::{Event, Listener};
use crate::outcome::{DocumentInfo, LeftBehind};
use crate::secret::Secrets;

/// Something that happened in a run. Cases run side by side, so the events of two cases mix.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RunEvent {
    /// A case starts: its id.
    CaseStarted(String),
    /// A request is about to be sent: its method, and its path as the document writes it.
    RequestSent(String),
    /// A case ended, or is skipped. It ends once more if a later case shows that it was at fault.
    CaseEnded(CaseReport),
    /// The run made an object and could not remove it.
    ObjectLeft(LeftBehind),
}

/// A function that gets the events of a run.
pub(super) type OnEvent = Arc<dyn Fn(&RunEvent) + Send + Sync>;

/// Passes the events of the runner on to a function.
pub(super) struct Forwarder {
    on_event: OnEvent,
    secrets: Secrets,
    documents: OnceLock<Vec<DocumentInfo>>,
    /// The first panic of the function.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Forwarder {
    pub(super) fn new(on_event: OnEvent, secrets: Secrets) -> Self {
        Self { on_event, secrets, documents: OnceLock::new(), panic: Mutex::default() }
    }

    /// Panics as the function did, if it did. A failed assertion in it must not be lost, and must not stop the clean-up either.
    pub(super) fn resume_panic(&self) {
        if let Some(panic) = self.panic.lock().unwrap_or_else(PoisonError::into_inner).take() {
            resume_unwind(panic);
        }
    }
}

impl Listener for Forwarder {
    fn take(&self, event: &Event) {
        let event = match event {
            Event::RunStarted(start) => {
                // A run starts once.
                let _ = self.documents.set(start.documents.clone());
                return;
            }
            Event::CaseStarted(case) => RunEvent::CaseStarted(case.clone()),
            Event::RequestSent(request) => RunEvent::RequestSent(format!("{} {}", request.method, request.path)),
            Event::CaseEnded(case) | Event::CaseAmended(case) => {
                let documents = self.documents.get().map(Vec::as_slice).unwrap_or_default();
                RunEvent::CaseEnded(CaseReport::new(case, documents, &self.secrets.unmistakable()))
            }
            Event::ObjectLeft(left) => RunEvent::ObjectLeft(left.clone()),
            _ => return,
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.on_event)(&event))) {
            self.panic.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(panic);
        }
    }
}
