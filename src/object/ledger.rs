//! The ledger: every object that this run has made and not yet seen gone.
//!
//! What stands in it when a run ends, by whatever way, is undone; what cannot be is reported as left behind.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use percent_encoding::percent_decode_str;

use super::journal::Journal;
use crate::case::{Rendered, Values};

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
    /// What is told of all this to whoever must clean up after a killed run.
    journal: OnceLock<Journal>,
}

impl Ledger {
    /// Writes what becomes of what is made from now on into a journal, too.
    pub fn keep(&self, journal: Journal) {
        let _ = self.journal.set(journal);
    }

    /// The journal, if one is kept.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.get()
    }

    /// Enters an object, under the number of its making if it was made; returns it with its number. None if one of its state stands in it already with this id: then
    /// nothing tells whose the id is, and it is doubted from now on.
    pub fn enter(&self, mut object: Object, made: Option<u64>) -> Option<Object> {
        if let (Some(number), Some(journal)) = (made, self.journal()) {
            journal.made(number, &object.id, object.values.captures.get("").into_iter().flatten());
        }
        let mut objects = self.lock();
        let same = |other: &Object| (other.suite, other.state, &other.id) == (object.suite, object.state, &object.id);
        if objects.values().any(same) {
            locked(&self.doubted).insert(object.id);
            return None;
        }
        object.number = made.unwrap_or_else(|| self.next.fetch_add(1, Ordering::Relaxed));
        objects.insert(object.number, object.clone());
        Some(object)
    }

    /// Whether an id was given for two objects.
    pub fn is_doubted(&self, id: &str) -> bool {
        locked(&self.doubted).contains(id)
    }

    /// Notes that an object of this user is being made for a case; returns the number under which its making ends.
    pub fn begin(&self, suite: &str, state: &str, case: &str, user: &str) -> u64 {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if let Some(journal) = self.journal() {
            journal.asked(number, suite, state, case, user);
        }
        locked(&self.making).insert(number, (state.to_owned(), case.to_owned()));
        number
    }

    /// Notes that the answer to a making is there, whatever it says.
    pub fn end(&self, number: u64) {
        if let Some(journal) = self.journal() {
            journal.answered(number);
        }
        locked(&self.making).remove(&number);
    }

    /// Notes that a request is about to be sent that may remove an object.
    pub fn removing(&self, number: u64) {
        if let Some(journal) = self.journal() {
            journal.removing(number);
        }
    }

    /// Notes the same of every object that a request names which may change something.
    pub fn removing_named(&self, rendered: &Rendered) {
        let Some(journal) = self.journal() else { return };
        let request = &rendered.request;
        if ["GET", "HEAD", "OPTIONS", "TRACE"].contains(&request.method.as_str()) {
            return;
        }
        let path = rendered.path_values.iter().map(|(_, value)| percent_decode_str(value).decode_utf8_lossy());
        let path: Vec<_> = path.collect();
        let body = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default());
        let objects = self.lock();
        let named =
            |object: &&Object| path.iter().any(|value| *value == object.id) || body.contains(object.id.as_str());
        objects.values().filter(named).for_each(|object| journal.removing(object.number));
    }

    /// Notes that an object, or what may have been made instead of one, is reported as left behind.
    pub fn left(&self, number: u64, reason: &str) {
        if let Some(journal) = self.journal() {
            journal.left(number, reason);
        }
        self.lock().remove(&number);
    }

    /// Whether something is being made.
    pub fn is_making(&self) -> bool {
        !locked(&self.making).is_empty()
    }

    /// Numbers, states and cases of what is being made, which nobody waits for any more.
    pub fn give_up_making(&self) -> Vec<(u64, String, String)> {
        let making = std::mem::take(&mut *locked(&self.making));
        making.into_iter().map(|(number, (state, case))| (number, state, case)).collect()
    }

    /// Strikes an object out: it is gone.
    pub fn strike(&self, number: u64) {
        if let Some(journal) = self.journal() {
            journal.removed(number);
        }
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
