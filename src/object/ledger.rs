//! The ledger: every object of this run that is not settled, with its life. The run made it, or the environment provided it.
//!
//! However a run ends, the objects in the ledger are then removed. An object that cannot be removed is reported as left
//! behind.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::time::Instant;

use super::journal::Journal;
use super::life::{Life, is_random};
use crate::suite::Values;

/// An object at the target.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its number in the ledger.
    pub number: u64,
    /// The suite: an index.
    pub suite: usize,
    /// The state: an index into the suite's states.
    pub state: usize,
    /// The case that it was made for.
    pub case: String,
    /// Its id: the value of the first capture that its state names with `id`, as text.
    pub id: String,
    /// The values of the other captures under `id`, each of which also names the object.
    pub other_ids: Vec<String>,
    /// The captured values and the user that it belongs to.
    pub values: Values,
}

/// An object that the target is being asked to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingObject {
    /// The id of the suite.
    pub suite: String,
    /// The state's name.
    pub state: String,
    /// The case that it is made for.
    pub case: String,
    /// The user that it is made for.
    pub user: String,
}

/// The objects that are not settled.
#[derive(Debug, Default)]
pub struct Ledger {
    next: AtomicU64,
    open: Mutex<OpenObjects>,
    /// The objects that are being made: their requests have no answer yet.
    pending: Mutex<BTreeMap<u64, PendingObject>>,
    /// Ids that were given for two objects.
    doubted: Mutex<HashSet<String>>,
    /// The same on disk, for the clean-up after a killed run.
    journal: OnceLock<Journal>,
}

/// The objects with their lives, and the numbers of those that share an id.
#[derive(Debug, Default)]
struct OpenObjects {
    objects: BTreeMap<u64, (Object, Life)>,
    of_id: HashMap<(usize, usize, String), Vec<u64>>,
}

impl Object {
    /// Every id of the object, with its suite and state.
    fn keys(&self) -> impl Iterator<Item = (usize, usize, String)> {
        let ids = std::iter::once(&self.id).chain(&self.other_ids);
        ids.map(|id| (self.suite, self.state, id.clone()))
    }
}

impl OpenObjects {
    fn remove(&mut self, number: u64) -> Option<(Object, Life)> {
        let (object, life) = self.objects.remove(&number)?;
        for key in object.keys() {
            if let Some(numbers) = self.of_id.get_mut(&key) {
                numbers.retain(|other| *other != number);
                if numbers.is_empty() {
                    self.of_id.remove(&key);
                }
            }
        }
        Some((object, life))
    }
}

impl Ledger {
    /// From now on writes every change into a journal, too.
    pub fn keep(&self, journal: Journal) {
        let _ = self.journal.set(journal);
    }

    /// The journal, if one is kept.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.get()
    }

    /// Enters an object and returns it with its number. `made` is the number of its creation, if the run made it.
    ///
    /// The target may give an id twice. If the removal of the first object was accepted or is under way, the second object is a
    /// new one. Otherwise the id may belong to either object, or to what both belong to: it is doubted from now on, and is the
    /// error.
    pub fn enter(&self, mut object: Object, life: Life, made: Option<u64>) -> Result<Object, String> {
        if let (Some(number), Some(journal)) = (made, self.journal()) {
            journal.made(number, &object.id, &object.values.kept());
        }
        let mut open = self.lock();
        let before = |key: &(usize, usize, String)| open.of_id.get(key).cloned().unwrap_or_default();
        let living = |number: &u64| {
            open.objects.get(number).is_some_and(|(_, life)| !life.is_released() && !life.may_be_replaced())
        };
        let shared = object.keys().find(|key| before(key).iter().any(living));
        if let Some((_, _, shared)) = shared {
            // The object is named by its first id wherever it is removed.
            locked(&self.doubted).extend([object.id, shared.clone()]);
            if let (Some(number), Some(journal)) = (made, self.journal()) {
                journal.left(number, "the target gave its id to two objects, so it may belong to someone else");
            }
            return Err(shared);
        }
        let before: Vec<u64> = object.keys().flat_map(|key| before(&key)).collect();
        let now = Instant::now();
        for number in before {
            if let Some((_, life)) = open.objects.get_mut(&number) {
                life.release(now);
            }
        }
        object.number = made.unwrap_or_else(|| self.next.fetch_add(1, Ordering::Relaxed));
        for key in object.keys() {
            open.of_id.entry(key).or_default().push(object.number);
        }
        open.objects.insert(object.number, (object.clone(), life));
        Ok(object)
    }

    /// Whether an id was given for two objects.
    pub fn is_doubted(&self, id: &str) -> bool {
        locked(&self.doubted).contains(id)
    }

    /// Enters an answer about an object into its life, or that a request is about to be sent.
    pub fn note(&self, number: u64, answer: impl FnOnce(&mut Life)) {
        let mut open = self.lock();
        let Some((object, life)) = open.objects.get_mut(&number) else { return };
        // An id that is not random may belong to another object by the time of the clean-up. So the journal does not take
        // back that a removal of such an id was sent.
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

    /// What is known of an object. `None` if it is settled.
    pub fn life(&self, number: u64) -> Option<Life> {
        self.lock().objects.get(&number).map(|(_, life)| life.clone())
    }

    /// Enters that the target is about to be asked for an object. Returns the number under which the creation ends.
    pub fn begin(&self, asked: PendingObject) -> u64 {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if let Some(journal) = self.journal() {
            journal.asked(number, &asked.suite, &asked.state, &asked.case, &asked.user);
        }
        locked(&self.pending).insert(number, asked);
        number
    }

    /// Enters that the creation was answered, whatever the answer says.
    pub fn end(&self, number: u64) {
        if let Some(journal) = self.journal() {
            journal.answered(number);
        }
        locked(&self.pending).remove(&number);
    }

    /// Enters that an object, or one that was being made, is reported as left behind.
    pub fn left(&self, number: u64, reason: &str) {
        if let Some(journal) = self.journal() {
            journal.left(number, reason);
        }
        self.lock().remove(number);
    }

    /// The numbers of the objects of a state that are being made, for any case.
    pub fn pending_of(&self, suite: &str, state: &str) -> Vec<u64> {
        let pending = locked(&self.pending);
        let of_state = pending.iter().filter(|(_, asked)| asked.suite == suite && asked.state == state);
        of_state.map(|(number, _)| *number).collect()
    }

    /// Whether an object is being made.
    pub fn is_making(&self) -> bool {
        !locked(&self.pending).is_empty()
    }

    /// Takes out the objects that are being made. Nobody waits for their answers any more.
    pub fn give_up_pending(&self) -> Vec<(u64, PendingObject)> {
        std::mem::take(&mut *locked(&self.pending)).into_iter().collect()
    }

    /// Strikes an object out: it is settled.
    pub fn strike(&self, number: u64) {
        if let Some(journal) = self.journal() {
            journal.removed(number);
        }
        self.lock().remove(number);
    }

    /// The objects that are being made.
    pub fn pending(&self) -> Vec<PendingObject> {
        locked(&self.pending).values().cloned().collect()
    }

    /// Every object in the ledger, with what is known of it.
    pub fn open(&self) -> Vec<(Object, Life)> {
        self.lock().objects.values().cloned().collect()
    }

    /// Every object in the ledger.
    pub fn all(&self) -> Vec<Object> {
        self.lock().objects.values().map(|(object, _)| object.clone()).collect()
    }

    /// Takes out every object, with what is known of it.
    pub fn take_all(&self) -> Vec<(Object, Life)> {
        let open = std::mem::take(&mut *self.lock());
        open.objects.into_values().collect()
    }

    fn lock(&self) -> MutexGuard<'_, OpenObjects> {
        locked(&self.open)
    }
}

/// No panic can interrupt a change, so a poisoned lock holds whole data.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(id: &str) -> Object {
        Object {
            number: 0,
            suite: 0,
            state: 0,
            case: "a/b".to_owned(),
            id: id.to_owned(),
            other_ids: Vec::new(),
            values: Values::default(),
        }
    }

    #[test]
    fn an_id_that_comes_again_is_a_new_object_where_the_old_one_may_be_gone() {
        let ledger = Ledger::default();
        let first = ledger.enter(object("1"), Life::made(), None).expect("a new id");
        assert_eq!(ledger.enter(object("1"), Life::made(), None).err().as_deref(), Some("1"), "the first one lives");
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

    #[test]
    fn a_value_that_two_living_objects_share_is_no_id() {
        let ledger = Ledger::default();
        let named = |id: &str, other: &str| Object { other_ids: vec![other.to_owned()], ..object(id) };
        let first = ledger.enter(named("1", "shelf"), Life::made(), None).expect("new ids");
        assert_eq!(ledger.enter(named("2", "shelf"), Life::made(), None).err().as_deref(), Some("shelf"));
        assert!(ledger.is_doubted("2") && ledger.is_doubted("shelf") && !ledger.is_doubted("1"));
        let other = ledger.enter(named("3", "another"), Life::made(), None).expect("new ids");
        ledger.strike(first.number);
        ledger.strike(other.number);
        assert!(ledger.lock().of_id.is_empty());
    }
}
