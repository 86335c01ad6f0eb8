//! The ledger: every object that this run has made and not yet seen gone.
//!
//! What stands in it when a run ends, by whatever way, is undone; what cannot be is reported as left behind.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::case::Values;

/// An object at the target.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its number in the ledger.
    pub number: u64,
    /// The suite: an index.
    pub suite: usize,
    /// The state: an index into the suite's states.
    pub state: usize,
    /// The case it was made for.
    pub case: String,
    /// Its id: the value of the first capture, as text.
    pub id: String,
    /// What was captured, and whose it is.
    pub values: Values,
}

/// The objects that are still there as far as is known.
#[derive(Debug, Default)]
pub struct Ledger {
    next: AtomicU64,
    objects: Mutex<BTreeMap<u64, Object>>,
}

impl Ledger {
    /// Enters an object; returns it with its number.
    pub fn enter(&self, mut object: Object) -> Object {
        object.number = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(object.number, object.clone());
        object
    }

    /// Strikes an object out: it is gone, or reported.
    pub fn strike(&self, number: u64) {
        self.lock().remove(&number);
    }

    /// Whether an object of this state with this id stands in it already.
    pub fn holds(&self, suite: usize, state: usize, id: &str) -> bool {
        self.lock().values().any(|object| object.suite == suite && object.state == state && object.id == id)
    }

    /// Whatever still stands in it.
    pub fn all(&self) -> Vec<Object> {
        self.lock().values().cloned().collect()
    }

    /// Whatever still stands in it, struck out.
    pub fn take_all(&self) -> Vec<Object> {
        std::mem::take(&mut *self.lock()).into_values().collect()
    }

    /// A poisoned lock is as good as any: no entry is ever half made.
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Object>> {
        self.objects.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
