//! Secrets that come to be while a run goes on, such as the token of a login: shared by all clones, and growing.
//!
//! They are masked where outcomes are collected and reported, and not where answers are read: a server that gives the same
//! token to the next login must find it used, not its mask.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret as _, SecretSlice};

use super::Inner;

/// A shorter value stands in too many texts that have nothing to do with it.
const SHORTEST: usize = 8;

/// A value without a digit is told from words, such as `left_behind`, from this length on.
const NO_WORD: usize = 32;

/// So much of a value's beginning is masked where a text was cut short.
const BEGINNING: usize = 4;

/// The values that a run has learned.
#[derive(Default)]
pub(super) struct Learned {
    any: AtomicBool,
    state: RwLock<Arc<State>>,
}

/// What is known at one moment.
#[derive(Clone, Default)]
pub(super) struct State {
    values: Vec<Arc<SecretSlice<u8>>>,
    pub(super) all: Inner,
    /// Without those that may be words, and so may stand in what every report says.
    pub(super) sure: Inner,
}

impl Learned {
    /// Adds a value. One that is too short to be told from other text is left out.
    pub(super) fn add(&self, value: &str) {
        if value.len() < SHORTEST || self.state().is_some_and(|state| state.knows(value)) {
            return;
        }
        let mut shared = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if shared.knows(value) {
            return;
        }
        let state = Arc::make_mut(&mut shared);
        state.values.push(Arc::new(SecretSlice::from(value.as_bytes().to_vec())));
        state.all.add("", value);
        if value.len() >= NO_WORD || value.bytes().any(|byte| byte.is_ascii_digit()) {
            state.sure.add("", value);
        }
        self.any.store(true, Ordering::Release);
    }

    /// The same, of those alone that can be no word.
    pub(super) fn sure(&self) -> Self {
        let Some(state) = self.state() else { return Self::default() };
        let sure = State { values: Vec::new(), all: state.sure.clone(), sure: state.sure.clone() };
        Self { any: AtomicBool::new(true), state: RwLock::new(Arc::new(sure)) }
    }

    /// What is known now; none where nothing was learned, which costs next to nothing to find out.
    pub(super) fn state(&self) -> Option<Arc<State>> {
        let any = self.any.load(Ordering::Acquire);
        any.then(|| Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl State {
    fn knows(&self, value: &str) -> bool {
        self.values.iter().any(|known| known.expose_secret() == value.as_bytes())
    }

    /// Masks, at the end of bytes that were cut short, the beginning of a value of which the rest is missing.
    pub(super) fn mask_end(&self, bytes: &mut [u8]) {
        let longest = self.values.iter().filter_map(|value| begun(bytes, value.expose_secret())).max().unwrap_or(0);
        let from = bytes.len() - longest;
        bytes[from..].fill(b'*');
    }
}

/// How many of the last bytes are the beginning of a value.
fn begun(bytes: &[u8], value: &[u8]) -> Option<usize> {
    let most = value.len().min(bytes.len());
    (BEGINNING..=most).rev().find(|length| bytes.ends_with(&value[..*length]))
}
