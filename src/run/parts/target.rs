//! What talks to the target: the client with its guard, and what decides when a request may be sent.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::object::{Backoff, Logins, Probe};
use crate::run::schedule::isolation::Isolation;
use crate::run::schedule::slots::Slots;
use crate::run::schedule::stop::Stop;
use crate::transport::{Client, Guard};

/// What talks to the target.
#[derive(Debug)]
pub(crate) struct TargetAccess {
    pub(crate) client: Client,
    /// Refuses requests that could hit an object that is not of this run.
    pub(crate) guard: Arc<Guard>,
    /// The secrets that logins give.
    pub(crate) logins: Logins,
    /// When the target accepts staged calls again.
    pub(crate) backoff: Backoff,
    /// Whether the target answers at all.
    pub(crate) probe: Probe,
    /// How many cases run at the same time.
    pub(crate) slots: Slots,
    /// Which cases may run at the same time.
    pub(crate) isolation: Isolation,
    /// Asks everything that runs to end.
    pub(crate) stop: Stop,
    /// How many users were made up.
    pub(crate) users: AtomicU64,
}

impl TargetAccess {
    /// In a dry run, says what the next request is for.
    pub(crate) fn role(&self, role: impl FnOnce() -> String) {
        if let Some(rehearsal) = self.client.rehearsal() {
            rehearsal.role(role());
        }
    }

    /// In a dry run, says under which name the next object is shown.
    pub(crate) fn owner(&self, owner: &str) {
        if let Some(rehearsal) = self.client.rehearsal() {
            rehearsal.owner(owner);
        }
    }
}
