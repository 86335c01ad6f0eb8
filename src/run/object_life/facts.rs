//! What answers have shown about a state's objects on this target.

use std::sync::{Mutex, PoisonError};

use super::creations::Creations;
use crate::exchange::Exchange;
use crate::object::StagingError;

/// What a run knows of one state.
#[derive(Debug, Default)]
pub(crate) struct StateRecord {
    /// How the creations of its objects go.
    pub(crate) creations: Creations,
    /// Held while the state is checked. Says how the check ended.
    pub(crate) check: tokio::sync::Mutex<CheckResult>,
    facts: Mutex<StateFacts>,
}

impl StateRecord {
    /// What answers have shown so far.
    pub(crate) fn facts(&self) -> StateFacts {
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what an answer shows.
    pub(crate) fn learn(&self, learn: impl FnOnce(&mut StateFacts)) {
        learn(&mut self.facts.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// How the check of a state ended.
#[derive(Debug, Default)]
pub(crate) enum CheckResult {
    /// It has not ended, or it failed in a way that may not happen again.
    #[default]
    Open,
    /// It passed.
    Passed,
    /// It failed in a way that would happen again.
    Failed(CheckFailure),
}

/// What is wrong with a state's objects. It concerns every case that needs one.
#[derive(Debug)]
pub(crate) struct CheckFailure {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) exchange: Option<Box<Exchange>>,
}

impl CheckFailure {
    /// The same as an error of a staged call.
    pub(crate) fn error(&self) -> StagingError {
        StagingError {
            help: self.help.clone(),
            exchange: self.exchange.clone(),
            ..StagingError::new(self.message.clone())
        }
    }
}

/// What answers have shown about a state's objects on this target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one response that was or was not seen, and all may be")]
pub(crate) struct StateFacts {
    /// `exists` said yes for an object that had been made.
    pub(crate) exists_yes: bool,
    /// `exists` was asked about an object that had been made, until it said yes or the time for that was over.
    pub(crate) was_tried: bool,
    /// `exists` said no for an id that nothing has, or for an object whose removal had been accepted.
    pub(crate) exists_no: bool,
    /// `exists` said yes for an id that nothing has. So its answers prove nothing.
    pub(crate) exists_always_yes: bool,
    /// `undo` was accepted for an object that had just been made.
    pub(crate) undo_yes: bool,
    /// `undo` was refused for an id that nothing has, or for an object whose removal had been accepted.
    pub(crate) undo_no: bool,
    /// The ids are not random, so the target may give one twice.
    pub(crate) ids_may_repeat: bool,
}

impl StateFacts {
    /// Whether `exists` tells anything about an object of the state.
    pub(crate) fn exists_works(self) -> bool {
        self.exists_yes && !self.exists_always_yes
    }
}
