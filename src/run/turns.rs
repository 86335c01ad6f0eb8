//! Who runs beside whom: case runs go side by side, some go alone, and some one after the other.
//!
//! A run goes alone where what it does could befall others or what others do could befall it: ids that the target gives again,
//! a result that must be seen a second time. Runs that share a user who was handed over go one after the other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedMutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::places::Place;

/// The turns of a run.
#[derive(Debug, Default)]
pub(super) struct Turns {
    running: RwLock<()>,
    users: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// What lets one case run.
pub(super) enum Turn<'a> {
    /// Others may run at the same time.
    Beside { _held: RwLockReadGuard<'a, ()> },
    /// Nobody else runs.
    Alone { _held: RwLockWriteGuard<'a, ()> },
}

impl Turn<'_> {
    /// Whether nobody else runs.
    pub(super) fn is_alone(&self) -> bool {
        matches!(self, Self::Alone { .. })
    }
}

impl Turns {
    /// Waits until a case may run beside others.
    pub(super) async fn beside(&self, place: &mut Place<'_>) -> Turn<'_> {
        if let Ok(held) = self.running.try_read() {
            return Turn::Beside { _held: held };
        }
        // Who waits for a turn keeps no place: whoever has the turn may need one.
        Turn::Beside { _held: place.aside(self.running.read()).await }
    }

    /// Waits until a case may run with nothing beside it.
    pub(super) async fn alone(&self, place: &mut Place<'_>) -> Turn<'_> {
        Turn::Alone { _held: place.aside(self.running.write()).await }
    }

    /// Waits until no other case run is under way that uses this user.
    pub(super) async fn of_user(&self, user: &str, place: &mut Place<'_>) -> OwnedMutexGuard<()> {
        let one = {
            let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(users.entry(user.to_owned()).or_default())
        };
        match Arc::clone(&one).try_lock_owned() {
            Ok(held) => held,
            Err(_) => place.aside(one.lock_owned()).await,
        }
    }
}
