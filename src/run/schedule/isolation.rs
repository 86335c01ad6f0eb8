//! Which cases may run at the same time.
//!
//! Most cases run at the same time as others. A case runs alone where it and another case could disturb each other: the target
//! gives ids twice, or a result must be seen a second time. Cases that share a user from the environment run one after the
//! other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedMutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::slots::Slot;

/// Which cases of a run may run at the same time.
#[derive(Debug, Default)]
pub(crate) struct Isolation {
    running: RwLock<()>,
    users: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// Lets one case run.
pub(crate) enum Permit<'a> {
    /// Other cases may run at the same time.
    Shared { _held: RwLockReadGuard<'a, ()> },
    /// No other case runs.
    Exclusive { _held: RwLockWriteGuard<'a, ()> },
}

impl Permit<'_> {
    /// Whether no other case runs.
    pub(crate) fn is_exclusive(&self) -> bool {
        matches!(self, Self::Exclusive { .. })
    }
}

impl Isolation {
    /// Waits until a case may run at the same time as others.
    pub(crate) async fn shared(&self, slot: &mut Slot<'_>) -> Permit<'_> {
        if let Ok(lock) = self.running.try_read() {
            return Permit::Shared { _held: lock };
        }
        // The case waits without a slot: the case that runs may need one.
        Permit::Shared { _held: slot.release_during(self.running.read()).await }
    }

    /// Waits until a case may run alone.
    pub(crate) async fn exclusive(&self, slot: &mut Slot<'_>) -> Permit<'_> {
        Permit::Exclusive { _held: slot.release_during(self.running.write()).await }
    }

    /// Waits until no other case uses this user.
    pub(crate) async fn user(&self, user: &str, slot: &mut Slot<'_>) -> OwnedMutexGuard<()> {
        let one = {
            let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(users.entry(user.to_owned()).or_default())
        };
        match Arc::clone(&one).try_lock_owned() {
            Ok(held) => held,
            Err(_) => slot.release_during(one.lock_owned()).await,
        }
    }
}
