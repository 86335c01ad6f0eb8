//! The values of a run: the ids that it made or was given, and the shapes of these ids.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use uuid::Uuid;

use super::decoded::{decoded, names_one_object};
use super::literal;
use super::refusal::{Refusal, quoted};
use super::shapes::Shapes;
use super::written_names::WrittenNames;
use crate::suite::RunIds;

/// The longest id that is stored, so that no response can fill the memory.
const LONGEST_ID: usize = 512;

/// The ids and other values of a run.
pub(super) struct RunValues {
    ids: RunIds,
    uuids: RwLock<HashSet<Uuid>>,
    texts: RwLock<HashSet<Box<str>>>,
    own: RwLock<HashSet<Box<str>>>,
    /// The prefix of every name that the run makes up, so that these names need not be stored.
    run: RwLock<Box<str>>,
    companions: RwLock<HashSet<Box<str>>>,
    credentials: RwLock<HashSet<Box<str>>>,
    shapes: AtomicU8,
    /// The lengths of the ids that are numbers: bit N is set for N digits.
    lengths: AtomicU64,
    /// The names that the suites' requests write.
    written: Arc<WrittenNames>,
}

/// How a value belongs to the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ownership {
    /// The run made it, was given it to use up, or set it itself.
    Run,
    /// It was captured with an id of this run.
    Companion,
    /// It is a credential: it says who asks, not which object is meant.
    Credential,
    /// It does not belong to the run.
    Unknown,
}

impl RunValues {
    pub(super) fn new(ids: RunIds, written: Arc<WrittenNames>) -> Self {
        Self {
            ids,
            uuids: RwLock::default(),
            texts: RwLock::default(),
            own: RwLock::default(),
            run: RwLock::default(),
            companions: RwLock::default(),
            credentials: RwLock::default(),
            shapes: AtomicU8::new(0),
            lengths: AtomicU64::new(0),
            written,
        }
    }

    /// Adds an id. The error is the end of a sentence that names the id.
    pub(super) fn add(&self, id: &str) -> Result<(), String> {
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
        if let Ok(uuid) = Uuid::try_parse(id) {
            self.uuids.write().unwrap_or_else(PoisonError::into_inner).insert(uuid);
        } else {
            self.texts.write().unwrap_or_else(PoisonError::into_inner).insert(id.into());
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

    pub(super) fn add_own(&self, value: &str) {
        self.own.write().unwrap_or_else(PoisonError::into_inner).insert(value.into());
    }

    /// Adds a companion. A value that cannot stand in a path is left out.
    pub(super) fn add_companion(&self, value: &str) {
        if value.len() <= LONGEST_ID && names_one_object(value).is_ok() {
            self.companions.write().unwrap_or_else(PoisonError::into_inner).insert(value.into());
        }
    }

    /// Adds a credential.
    pub(super) fn add_credential(&self, value: &str) {
        self.credentials.write().unwrap_or_else(PoisonError::into_inner).insert(value.into());
    }

    /// How a decoded value belongs to the run.
    pub(super) fn ownership(&self, value: &str) -> Ownership {
        let known =
            |set: &RwLock<HashSet<Box<str>>>| set.read().unwrap_or_else(PoisonError::into_inner).contains(value);
        if self.has(value) || self.has_own(value) {
            Ownership::Run
        } else if known(&self.companions) {
            Ownership::Companion
        } else if known(&self.credentials) {
            Ownership::Credential
        } else {
            Ownership::Unknown
        }
    }

    /// Whether a text is a number with as many digits as a captured id. Short numbers do not count: they are common.
    pub(super) fn fits_number(&self, text: &str) -> bool {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        digits && (4..64).contains(&text.len()) && self.lengths.load(Ordering::Relaxed) & (1 << text.len()) != 0
    }

    /// Whether a decoded value is an id of this run.
    pub(super) fn has(&self, value: &str) -> bool {
        if let Ok(uuid) = Uuid::try_parse(value) {
            return self.ids.made(uuid) || self.uuids.read().unwrap_or_else(PoisonError::into_inner).contains(&uuid);
        }
        self.texts.read().unwrap_or_else(PoisonError::into_inner).contains(value)
    }

    pub(super) fn set_run(&self, run: &str) {
        *self.run.write().unwrap_or_else(PoisonError::into_inner) = run.into();
    }

    /// Whether a value is the run's own name, or that of one of its users: the run's name, a dash, and hex digits.
    fn is_of_run(&self, value: &str) -> bool {
        let run = self.run.read().unwrap_or_else(PoisonError::into_inner);
        let rest = value.strip_prefix(&**run).filter(|_| !run.is_empty());
        rest.is_some_and(|rest| {
            rest.is_empty()
                || rest
                    .strip_prefix('-')
                    .is_some_and(|digits| digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        })
    }

    /// Whether the run set a decoded value itself.
    pub(super) fn has_own(&self, value: &str) -> bool {
        self.is_of_run(value) || self.own.read().unwrap_or_else(PoisonError::into_inner).contains(value)
    }

    pub(super) fn shapes(&self) -> Shapes {
        Shapes::from_bits(self.shapes.load(Ordering::Relaxed))
    }

    /// Checks a path value as it is sent, and returns how it belongs to the run. A value that does not belong to it must be
    /// a literal that cannot be an id; in a request that may change something, the suites must not write that name.
    pub(super) fn path_value(&self, sent: &str, may_change: bool) -> Result<Ownership, Refusal> {
        let refusal = |why: &str| Refusal::new(format!("the path value {} {why}", quoted(sent)));
        let value = decoded(sent).map_err(|why| refusal(&why))?;
        names_one_object(&value).map_err(|why| refusal(&why))?;
        if self.has(&value) || self.has_own(&value) {
            return Ok(Ownership::Run);
        }
        if self.companions.read().unwrap_or_else(PoisonError::into_inner).contains(&*value) {
            return Ok(Ownership::Companion);
        }
        literal::cannot_be_id(&value, self.shapes()).map_err(|(why, help)| refusal(&why).help(help))?;
        if may_change && self.written.has(&value, |gap| self.ownership(gap) != Ownership::Unknown) {
            return Err(refusal(EXISTS).help(EXISTS_HELP));
        }
        Ok(Ownership::Unknown)
    }
}

/// The end of a sentence that names a value.
const EXISTS: &str =
    "does not come from this run, and it may exist because a POST, PUT or PATCH of the suites writes that name";

const EXISTS_HELP: &str = "use {{uuid}}, or a name that no request writes, such as no-such-thing-at-all";

/// Checks a literal of a suite before anything was captured.
pub(super) fn literal_value(value: &str, written: &WrittenNames) -> Result<(), Refusal> {
    let refusal = |why: &str| Refusal::new(format!("the path value {} {why}", quoted(value)));
    let text = decoded(value).map_err(|why| refusal(&why))?;
    names_one_object(&text).map_err(|why| refusal(&why))?;
    literal::cannot_be_id(&text, Shapes::NONE).map_err(|(why, help)| refusal(&why).help(help))?;
    if written.has(&text, |_| false) { Err(refusal(EXISTS).help(EXISTS_HELP)) } else { Ok(()) }
}
