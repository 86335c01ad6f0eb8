//! The ledger: every object that this run has made and not yet seen gone.
//!
//! What stands in it when a run ends, by whatever way, is undone; what cannot be is reported as left behind.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    /// What is being made, with its state and case, until its answer is there.
    making: Mutex<BTreeMap<u64, (String, String)>>,
    /// Ids that were given for two objects.
    doubted: Mutex<HashSet<String>>,
}

impl Ledger {
    /// Enters an object; returns it with its number. None if one of its state stands in it already with this id: then
    /// nothing tells whose the id is, and it is doubted from now on.
    pub fn enter(&self, mut object: Object) -> Option<Object> {
        let mut objects = self.lock();
        let same = |other: &Object| (other.suite, other.state, &other.id) == (object.suite, object.state, &object.id);
        if objects.values().any(same) {
            locked(&self.doubted).insert(object.id);
            return None;
        }
        object.number = self.next.fetch_add(1, Ordering::Relaxed);
        objects.insert(object.number, object.clone());
        Some(object)
    }

    /// Whether an id was given for two objects.
    pub fn is_doubted(&self, id: &str) -> bool {
        locked(&self.doubted).contains(id)
    }

    /// Notes that an object is being made for a case; returns the number under which its making ends.
    pub fn begin(&self, state: &str, case: &str) -> u64 {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        locked(&self.making).insert(number, (state.to_owned(), case.to_owned()));
        number
    }

    /// Notes that the answer to a making is there, whatever it says.
    pub fn end(&self, number: u64) {
        locked(&self.making).remove(&number);
    }

    /// Whether something is being made.
    pub fn is_making(&self) -> bool {
        !locked(&self.making).is_empty()
    }

    /// States and cases of what is being made, which nobody waits for any more.
    pub fn give_up_making(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *locked(&self.making)).into_values().collect()
    }

    /// Strikes an object out: it is gone, or reported.
    pub fn strike(&self, number: u64) {
        self.lock().remove(&number);
    }

    /// Whatever still stands in it.
    pub fn all(&self) -> Vec<Object> {
        self.lock().values().cloned().collect()
    }

    /// Whatever still stands in it, struck out.
    pub fn take_all(&self) -> Vec<Object> {
        std::mem::take(&mut *self.lock()).into_values().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Object>> {
        locked(&self.objects)
    }
}

/// A poisoned lock is as good as any: no entry is ever half made.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
