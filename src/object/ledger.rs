//! The ledger: every object that this run has made or was handed, with its life, until it is settled.
//!
//! What stands in it when a run ends, by whatever way, is undone; what cannot be is reported as left behind.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::time::Instant;

use super::journal::Journal;
use super::life::{Life, is_random};
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

/// What is being made, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The id of the suite.
    pub suite: String,
    /// The state's name.
    pub state: String,
    /// The case it is made for.
    pub case: String,
    /// The user it is made for.
    pub user: String,
}

/// The objects that are not settled.
#[derive(Debug, Default)]
pub struct Ledger {
    next: AtomicU64,
    open: Mutex<Open>,
    /// What is being made, until its answer is there.
    making: Mutex<BTreeMap<u64, Asked>>,
    /// Ids that were given for two objects.
    doubted: Mutex<HashSet<String>>,
    /// What is told of all this to whoever must clean up after a killed run.
    journal: OnceLock<Journal>,
}

/// The open objects with their lives, and which of them have an id.
#[derive(Debug, Default)]
struct Open {
    objects: BTreeMap<u64, (Object, Life)>,
    of_id: HashMap<(usize, usize, String), Vec<u64>>,
}

impl Open {
    fn remove(&mut self, number: u64) -> Option<(Object, Life)> {
        let (object, life) = self.objects.remove(&number)?;
        let key = (object.suite, object.state, object.id.clone());
        if let Some(numbers) = self.of_id.get_mut(&key) {
            numbers.retain(|other| *other != number);
            if numbers.is_empty() {
                self.of_id.remove(&key);
            }
        }
        Some((object, life))
    }
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

    /// Enters an object, under the number of its making if it was made; returns it with its number.
    ///
    /// An id that comes again is a new object if the removal of the old one was accepted or is under way. Otherwise nothing
    /// tells whose the id is: it is doubted from now on, and there is no object.
    pub fn enter(&self, mut object: Object, life: Life, made: Option<u64>) -> Option<Object> {
        if let (Some(number), Some(journal)) = (made, self.journal()) {
            journal.made(number, &object.id, object.values.captures.get("").into_iter().flatten());
        }
        let mut open = self.lock();
        let key = (object.suite, object.state, object.id.clone());
        let before = open.of_id.get(&key).cloned().unwrap_or_default();
        let living = |number: &u64| {
            open.objects.get(number).is_some_and(|(_, life)| !life.is_released() && !life.may_be_replaced())
        };
        if before.iter().any(living) {
            locked(&self.doubted).insert(object.id);
            if let (Some(number), Some(journal)) = (made, self.journal()) {
                journal.left(number, "its id was given for two objects, so it may be somebody else's");
            }
            return None;
        }
        let now = Instant::now();
        for number in before {
            if let Some((_, life)) = open.objects.get_mut(&number) {
                life.release(now);
            }
        }
        object.number = made.unwrap_or_else(|| self.next.fetch_add(1, Ordering::Relaxed));
        open.of_id.entry(key).or_default().push(object.number);
        open.objects.insert(object.number, (object.clone(), life));
        Some(object)
    }

    /// Whether an id was given for two objects.
    pub fn is_doubted(&self, id: &str) -> bool {
        locked(&self.doubted).contains(id)
    }

    /// Notes an answer about an object, or that a request is about to be sent.
    pub fn note(&self, number: u64, answer: impl FnOnce(&mut Life)) {
        let mut open = self.lock();
        let Some((object, life)) = open.objects.get_mut(&number) else { return };
        // Where ids come again, a removal that found nothing may be one of an id that is another object's by the time that
        // somebody cleans up.
        let keeps = is_random(&object.id);
        let before = life.may_be_removed();
        answer(life);
        let after = life.may_be_removed();
        drop(open);
        match self.journal() {
            Some(journal) if after && !before => journal.removing(number),
            Some(journal) if before && !after && keeps => journal.kept(number),
            _ => {}
        }
    }

    /// What is known of an object; none if it is settled.
    pub fn life(&self, number: u64) -> Option<Life> {
        self.lock().objects.get(&number).map(|(_, life)| life.clone())
    }

    /// Notes that an object is being made; returns the number under which its making ends.
    pub fn begin(&self, asked: Asked) -> u64 {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if let Some(journal) = self.journal() {
            journal.asked(number, &asked.suite, &asked.state, &asked.case, &asked.user);
        }
        locked(&self.making).insert(number, asked);
        number
    }

    /// Notes that the answer to a making is there, whatever it says.
    pub fn end(&self, number: u64) {
        if let Some(journal) = self.journal() {
            journal.answered(number);
        }
        locked(&self.making).remove(&number);
    }

    /// Notes that what was being made, or an object, is told of as left behind.
    pub fn left(&self, number: u64, reason: &str) {
        if let Some(journal) = self.journal() {
            journal.left(number, reason);
        }
        self.lock().remove(number);
    }

    /// The numbers of what is being made of a state for anybody.
    pub fn making_of(&self, suite: &str, state: &str) -> Vec<u64> {
        let making = locked(&self.making);
        let of_state = making.iter().filter(|(_, asked)| asked.suite == suite && asked.state == state);
        of_state.map(|(number, _)| *number).collect()
    }

    /// Whether something is being made.
    pub fn is_making(&self) -> bool {
        !locked(&self.making).is_empty()
    }

    /// What is being made, which nobody waits for any more.
    pub fn give_up_making(&self) -> Vec<(u64, Asked)> {
        std::mem::take(&mut *locked(&self.making)).into_iter().collect()
    }

    /// Strikes an object out: it is settled.
    pub fn strike(&self, number: u64) {
        if let Some(journal) = self.journal() {
            journal.removed(number);
        }
        self.lock().remove(number);
    }

    /// What is being made.
    pub fn making(&self) -> Vec<Asked> {
        locked(&self.making).values().cloned().collect()
    }

    /// Whatever still stands in it, with what is known of it.
    pub fn open(&self) -> Vec<(Object, Life)> {
        self.lock().objects.values().cloned().collect()
    }

    /// Whatever still stands in it.
    pub fn all(&self) -> Vec<Object> {
        self.lock().objects.values().map(|(object, _)| object.clone()).collect()
    }

    /// Whatever still stands in it, struck out, with what is known of it.
    pub fn take_all(&self) -> Vec<(Object, Life)> {
        let open = std::mem::take(&mut *self.lock());
        open.objects.into_values().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        locked(&self.open)
    }
}

/// A poisoned lock is as good as any: no entry is ever half made.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(id: &str) -> Object {
        Object { number: 0, suite: 0, state: 0, case: "a/b".to_owned(), id: id.to_owned(), values: Values::default() }
    }

    #[test]
    fn an_id_that_comes_again_is_a_new_object_where_the_old_one_may_be_gone() {
        let ledger = Ledger::default();
        let first = ledger.enter(object("1"), Life::made(), None).expect("a new id");
        assert!(ledger.enter(object("1"), Life::made(), None).is_none(), "the first one lives");
        assert!(ledger.is_doubted("1"));

        let second = ledger.enter(object("2"), Life::made(), None).expect("a new id");
        ledger.note(second.number, Life::begin_removal);
        let third = ledger.enter(object("2"), Life::made(), None).expect("the second one is on its way out");
        assert!(ledger.life(second.number).expect("open").is_released());
        assert!(!ledger.life(third.number).expect("open").is_released());
        assert!(!ledger.is_doubted("2"));

        for number in [first.number, second.number, third.number] {
            ledger.strike(number);
        }
        assert!(ledger.all().is_empty() && ledger.lock().of_id.is_empty());
    }
}
