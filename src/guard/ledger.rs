//! What a run made or was given, by value, and the shapes of those ids.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use percent_encoding::percent_decode;
use uuid::Uuid;

use super::literal;
use super::{Refusal, Written, quoted};
use crate::case::RunIds;

/// A longer id is not kept, so that no answer can fill the memory.
const LONGEST_ID: usize = 512;

/// How often a value is decoded before it is taken for a trick.
const DECODINGS: usize = 8;

/// The ids and other values of a run.
pub(super) struct Ledger {
    ids: RunIds,
    uuids: RwLock<HashSet<Uuid>>,
    texts: RwLock<HashSet<Box<str>>>,
    own: RwLock<HashSet<Box<str>>>,
    /// What every name begins with that the run makes up; so none of them has to be remembered.
    run: RwLock<Box<str>>,
    companions: RwLock<HashSet<Box<str>>>,
    credentials: RwLock<HashSet<Box<str>>>,
    shapes: AtomicU8,
    /// The lengths of the ids that are numbers, one bit each.
    lengths: AtomicU64,
    /// What the suites' requests write.
    written: Arc<Written>,
}

/// What the run knows of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// It made it, was given it to use up, or set it itself.
    Own,
    /// It came with an id of this run.
    Beside,
    /// It is a credential, which says who asks and not what about.
    Credential,
    /// Nothing.
    Nobody,
}

/// The shapes of the ids that were added, as a set.
#[derive(Clone, Copy)]
pub(super) struct Shapes(u8);

impl Shapes {
    pub(super) const UUID: Self = Self(1);
    pub(super) const DIGITS: Self = Self(2);
    pub(super) const HEX: Self = Self(4);
    /// No shape that could be told from a word.
    pub(super) const OPEN: Self = Self(8);
    /// An id with a `~`.
    pub(super) const TILDE: Self = Self(16);

    pub(super) const fn none(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn of(id: &str) -> Self {
        let tilde = if id.contains('~') { Self::TILDE.0 } else { 0 };
        let shape = if Uuid::try_parse(id).is_ok() {
            Self::UUID
        } else if id.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::DIGITS
        } else if id.len() >= 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Self::HEX
        } else {
            Self::OPEN
        };
        Self(shape.0 | tilde)
    }
}

impl Ledger {
    pub(super) fn new(ids: RunIds, written: Arc<Written>) -> Self {
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

    /// Adds an id; the error ends a sentence that names it.
    pub(super) fn add(&self, id: &str) -> Result<(), String> {
        if id.len() > LONGEST_ID {
            return Err(format!("is longer than {LONGEST_ID} bytes"));
        }
        names_one_object(id)?;
        if literal::is_word(id) {
            return Err("is a word that servers may read as more than an id".to_owned());
        }
        let shape = Shapes::of(id);
        self.shapes.fetch_or(shape.0, Ordering::Relaxed);
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

    /// Takes an id back.
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

    /// Adds a value that came with an id; one that could not stand in a path is left out.
    pub(super) fn add_companion(&self, value: &str) {
        if value.len() <= LONGEST_ID && names_one_object(value).is_ok() {
            self.companions.write().unwrap_or_else(PoisonError::into_inner).insert(value.into());
        }
    }

    /// Adds a credential: it may stand beside anything, and is about nothing.
    pub(super) fn add_credential(&self, value: &str) {
        self.credentials.write().unwrap_or_else(PoisonError::into_inner).insert(value.into());
    }

    /// What the run knows of a decoded value.
    pub(super) fn whose(&self, value: &str) -> Whose {
        let known =
            |set: &RwLock<HashSet<Box<str>>>| set.read().unwrap_or_else(PoisonError::into_inner).contains(value);
        if self.has(value) || self.has_own(value) {
            Whose::Own
        } else if known(&self.companions) {
            Whose::Beside
        } else if known(&self.credentials) {
            Whose::Credential
        } else {
            Whose::Nobody
        }
    }

    /// Whether a text is a number with as many digits as a captured id, of a length that is no usual count.
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

    /// Whether a value is the run's own name, or that of one of its users: the name, a dash, and hex digits.
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

    /// Whether a decoded value is one that the run set itself.
    pub(super) fn has_own(&self, value: &str) -> bool {
        self.is_of_run(value) || self.own.read().unwrap_or_else(PoisonError::into_inner).contains(value)
    }

    pub(super) fn shapes(&self) -> Shapes {
        Shapes(self.shapes.load(Ordering::Relaxed))
    }

    /// Judges a value in a path, as it is sent, and says what of the run it is. What is of nobody passes as a word that is
    /// no id; where the request may change something, not if the suites write that name.
    pub(super) fn path_value(&self, sent: &str, may_change: bool) -> Result<Whose, Refusal> {
        let refusal = |why: &str| Refusal::new(format!("the path value {} {why}", quoted(sent)));
        let value = settled(sent).map_err(|why| refusal(&why))?;
        names_one_object(&value).map_err(|why| refusal(&why))?;
        if self.has(&value) || self.has_own(&value) {
            return Ok(Whose::Own);
        }
        if self.companions.read().unwrap_or_else(PoisonError::into_inner).contains(&*value) {
            return Ok(Whose::Beside);
        }
        literal::can_be_no_id(&value, self.shapes()).map_err(|(why, help)| refusal(&why).help(help))?;
        if may_change && self.written.has(&value, |gap| self.whose(gap) != Whose::Nobody) {
            return Err(refusal(EXISTS).help(EXISTS_HELP));
        }
        Ok(Whose::Nobody)
    }
}

/// The end of a sentence that names a value.
const EXISTS: &str = "is not of this run, and a POST, PUT or PATCH of the suites writes that name, so it may exist";

const EXISTS_HELP: &str = "use a name that nothing writes, such as no-such-thing-at-all, or {{uuid}}";

/// Judges a value that stands in a suite as it is, before anything was captured.
pub(super) fn literal_value(value: &str, written: &Written) -> Result<(), Refusal> {
    let refusal = |why: &str| Refusal::new(format!("the path value {} {why}", quoted(value)));
    let text = settled(value).map_err(|why| refusal(&why))?;
    names_one_object(&text).map_err(|why| refusal(&why))?;
    literal::can_be_no_id(&text, Shapes(0)).map_err(|(why, help)| refusal(&why).help(help))?;
    if written.has(&text, |_| false) { Err(refusal(EXISTS).help(EXISTS_HELP)) } else { Ok(()) }
}

/// Characters that end or divide a value for some servers, or make it a pattern or a list.
const UNCLEAR: &str = "/\\?#;%*,";

/// Why a decoded value cannot stand in a path without some server finding another object by it; the error ends a
/// sentence that names the value.
pub(super) fn names_one_object(value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Err("is empty, so the request would be about what lies above".to_owned());
    }
    if value.chars().all(|c| c == '.' || c.is_whitespace()) {
        return Err("is a dot segment or blank, so the request would be about another path".to_owned());
    }
    match value.chars().find(|c| UNCLEAR.contains(*c) || c.is_control()) {
        Some(c) => Err(format!("holds {c:?} when it is decoded, which servers read in different ways")),
        None => Ok(()),
    }
}

/// A text, percent-decoded until nothing changes; the error ends a sentence that names the text.
pub(super) fn settled(text: &str) -> Result<Cow<'_, str>, String> {
    if !text.contains('%') {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes: Cow<'_, [u8]> = Cow::Borrowed(text.as_bytes());
    for _ in 0..DECODINGS {
        let decoded: Vec<u8> = percent_decode(&bytes).collect();
        if decoded == *bytes {
            return match String::from_utf8(decoded) {
                Ok(text) => Ok(Cow::Owned(text)),
                Err(_) => Err("is not UTF-8 when it is decoded, which servers read in different ways".to_owned()),
            };
        }
        bytes = Cow::Owned(decoded);
    }
    Err("is percent-encoded too many times over".to_owned())
}
