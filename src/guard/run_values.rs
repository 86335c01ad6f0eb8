//! The values of a run: the ids that it made or was given, and the shapes of these ids.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use uuid::Uuid;

use super::decoded::names_one_object;
use super::id_texts::looks_like_id;
use super::literal;
use super::scopes::{Scopes, StateKey};
use super::shapes::Shapes;
use super::written_names::WrittenNames;
use crate::suite::RunIds;

/// The longest id that is stored, so that no response can fill the memory.
const LONGEST_ID: usize = 512;

/// The ids and other values of a run.
pub(super) struct RunValues {
    ids: RunIds,
    uuids: RwLock<HashMap<Uuid, ObjectOrigin>>,
    texts: RwLock<HashMap<Box<str>, ObjectOrigin>>,
    /// The lengths of the ids that look random, each with the kinds of characters in it.
    random: RwLock<HashSet<(usize, u8)>>,
    /// Values that came with an object. They name no object of the run.
    companions: RwLock<HashSet<Box<str>>>,
    /// The prefix of every name that the run makes up, so that these names need not be stored.
    run: RwLock<Box<str>>,
    sendable: RwLock<HashSet<Box<str>>>,
    credentials: RwLock<HashSet<Box<str>>>,
    shapes: AtomicU8,
    /// The lengths of the ids that are numbers: bit N is set for N digits.
    lengths: AtomicU64,
    /// The names that the suites' requests write.
    pub(super) written: Arc<WrittenNames>,
    /// Where the states' objects are.
    pub(super) scopes: Arc<Scopes>,
}

/// Where an id of the run comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ObjectOrigin {
    /// Its state.
    pub(super) state: StateKey,
    /// What was captured with it, such as the id of its parent.
    pub(super) companions: Arc<[Box<str>]>,
}

/// How a value belongs to the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ownership {
    /// The id of an object that the run made or was given to use up.
    Object(ObjectOrigin),
    /// It holds a value that the run made up, so nothing has this name but what the run named so.
    Fresh,
    /// It was captured with an object. It names no object of the run.
    Companion,
    /// The run may send it: the user of an object that the environment provides. It names no object.
    Sendable,
    /// It is a credential: it says who asks, not which object is meant.
    Credential,
    /// It does not belong to the run.
    Unknown,
}

/// Which kinds of characters a text consists of: small letters, capitals, and digits.
fn kinds(text: &str) -> u8 {
    text.bytes().fold(0, |kinds, byte| match byte {
        b'a'..=b'z' => kinds | 1,
        b'A'..=b'Z' => kinds | 2,
        b'0'..=b'9' => kinds | 4,
        _ => kinds,
    })
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

impl RunValues {
    pub(super) fn new(ids: RunIds, written: Arc<WrittenNames>, scopes: Arc<Scopes>) -> Self {
        Self {
            ids,
            uuids: RwLock::default(),
            texts: RwLock::default(),
            random: RwLock::default(),
            companions: RwLock::default(),
            run: RwLock::default(),
            sendable: RwLock::default(),
            credentials: RwLock::default(),
            shapes: AtomicU8::new(0),
            lengths: AtomicU64::new(0),
            written,
            scopes,
        }
    }

    /// Adds the id of an object. The error is the end of a sentence that names the id.
    pub(super) fn add(&self, id: &str, origin: ObjectOrigin) -> Result<(), String> {
        if id.len() > LONGEST_ID {
            return Err(format!("is longer than {LONGEST_ID} bytes"));
        }
        names_one_object(id)?;
        if literal::is_word(id) {
            return Err("is a word that servers may read as more than one id".to_owned());
        }
        let shape = Shapes::of(id);
        self.shapes.fetch_or(shape.bits(), Ordering::Relaxed);
        if shape.has(Shapes::DIGITS) && id.len() < 64 {
            self.lengths.fetch_or(1 << id.len(), Ordering::Relaxed);
        }
        if shape.has(Shapes::OPEN) && !self.is_fresh(id) && looks_like_id(id, true) {
            let one = (id.len(), kinds(id));
            if !read(&self.random).contains(&one) {
                self.random.write().unwrap_or_else(PoisonError::into_inner).insert(one);
            }
        }
        if let Ok(uuid) = Uuid::try_parse(id) {
            self.uuids.write().unwrap_or_else(PoisonError::into_inner).insert(uuid, origin);
        } else {
            self.texts.write().unwrap_or_else(PoisonError::into_inner).insert(id.into(), origin);
        }
        Ok(())
    }

    /// Removes an id.
    pub(super) fn remove(&self, id: &str) {
        if let Ok(uuid) = Uuid::try_parse(id) {
            self.uuids.write().unwrap_or_else(PoisonError::into_inner).remove(&uuid);
        } else {
            self.texts.write().unwrap_or_else(PoisonError::into_inner).remove(id);
        }
    }

    /// The source of the run's UUIDs.
    pub(super) fn ids(&self) -> &RunIds {
        &self.ids
    }

    /// Adds a companion. A value that cannot stand in a path is left out.
    pub(super) fn add_companion(&self, value: &str) {
        if value.len() <= LONGEST_ID && names_one_object(value).is_ok() {
            self.companions.write().unwrap_or_else(PoisonError::into_inner).insert(value.into());
        }
    }

    /// Adds a value that the run may send.
    pub(super) fn add_sendable(&self, value: &str) {
        self.sendable.write().unwrap_or_else(PoisonError::into_inner).insert(value.into());
    }

    /// Adds a credential.
    pub(super) fn add_credential(&self, value: &str) {
        self.credentials.write().unwrap_or_else(PoisonError::into_inner).insert(value.into());
    }

    /// How a decoded value belongs to the run.
    pub(super) fn ownership(&self, value: &str) -> Ownership {
        if let Some(origin) = self.object(value) {
            Ownership::Object(origin)
        } else if self.is_fresh(value) {
            Ownership::Fresh
        } else if read(&self.companions).contains(value) {
            Ownership::Companion
        } else if read(&self.sendable).contains(value) {
            Ownership::Sendable
        } else if read(&self.credentials).contains(value) {
            Ownership::Credential
        } else {
            Ownership::Unknown
        }
    }

    /// Where a decoded value comes from, if it is the id of an object of the run. A UUID is the same in all its spellings.
    fn object(&self, value: &str) -> Option<ObjectOrigin> {
        match Uuid::try_parse(value) {
            Ok(uuid) => read(&self.uuids).get(&uuid).cloned(),
            Err(_) => read(&self.texts).get(value).cloned(),
        }
    }

    /// Whether a decoded value is one that the run made up: one of its UUIDs, its own name, or the name of one of its users.
    pub(super) fn is_fresh(&self, value: &str) -> bool {
        Uuid::try_parse(value).is_ok_and(|uuid| self.ids.made(uuid)) || self.is_of_run(value)
    }

    /// The text around the first value in it that the run made up.
    pub(super) fn around_fresh<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str)> {
        /// The length of a UUID with dashes.
        const UUID: usize = 36;
        let uuid = (0..text.len().saturating_sub(UUID - 1)).find(|at| {
            let part = text.get(*at..at + UUID);
            part.and_then(|part| Uuid::try_parse(part).ok()).is_some_and(|uuid| self.ids.made(uuid))
        });
        if let Some(at) = uuid {
            return Some((&text[..at], &text[at + UUID..]));
        }
        let run = read(&self.run);
        let at = text.find(&**run).filter(|_| !run.is_empty())?;
        let rest = &text[at + run.len()..];
        let number = rest.strip_prefix('-').map_or(0, |digits| {
            let count = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
            if count >= 6 { count + 1 } else { 0 }
        });
        Some((&text[..at], &rest[number..]))
    }

    /// Whether a number has as many digits as the id of an object. Numbers of one or two digits do not count: they are common.
    pub(super) fn fits_number(&self, digits: &str) -> bool {
        (3..64).contains(&digits.len()) && self.lengths.load(Ordering::Relaxed) & (1 << digits.len()) != 0
    }

    /// Whether a text is as long as a random id of the run, and consists of the same kinds of characters, at least two.
    pub(super) fn fits_random(&self, text: &str) -> bool {
        let kinds = kinds(text);
        kinds.count_ones() >= 2
            && text.len() >= 10
            && read(&self.random).iter().any(|(length, known)| *length == text.len() && kinds & !known == 0)
    }

    pub(super) fn set_run(&self, run: &str) {
        *self.run.write().unwrap_or_else(PoisonError::into_inner) = run.into();
    }

    /// Whether a value is the run's own name, or that of one of its users: the run's name, a dash, and hex digits.
    fn is_of_run(&self, value: &str) -> bool {
        let run = read(&self.run);
        let rest = value.strip_prefix(&**run).filter(|_| !run.is_empty());
        rest.is_some_and(|rest| {
            rest.is_empty()
                || rest
                    .strip_prefix('-')
                    .is_some_and(|digits| digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        })
    }

    pub(super) fn shapes(&self) -> Shapes {
        Shapes::from_bits(self.shapes.load(Ordering::Relaxed))
    }
}
