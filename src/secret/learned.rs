//! Secrets that are masked late, in what is kept and written: those that come to be while a run goes on, such as the token of
//! a login, and those that are known from the start and may be an ordinary word. Shared by all clones, and growing.
//!
//! They are not masked where answers are read: a server that gives the same token to the next login must find it used, not
//! its mask, and an answer is judged as it came.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret as _, SecretSlice};

use super::SHORTEST;
use super::search::Patterns;

/// A shorter value that an answer gave stands in too many texts that have nothing to do with it.
const SHORTEST_LEARNED: usize = 8;

/// A value without a digit is told from words, such as `left_behind`, from this length on.
const NO_WORD: usize = 32;

/// A value that is known from the start is told from numbers and words, such as `127.0.0.1`, from this length on, if it has
/// a digit and a letter.
const NO_NUMBER: usize = 12;

/// The values that are masked late.
#[derive(Default)]
pub(super) struct Learned {
    any: AtomicBool,
    state: RwLock<Arc<State>>,
}

/// What is known at one moment.
#[derive(Clone, Default)]
pub(super) struct State {
    values: Vec<Arc<SecretSlice<u8>>>,
    pub(super) all: Patterns,
    /// Without those that may be words, and so may stand in what every report says.
    sure: Patterns,
}

impl Learned {
    /// Adds a value that came to be in the run. One that is too short to be told from other text is left out.
    pub(super) fn learn(&self, value: &str) {
        if value.len() >= SHORTEST_LEARNED {
            self.add(value, value.len() >= NO_WORD || has_digit(value));
        }
    }

    /// Adds a value that is known from the start; see [`super::Secrets::keep_back`].
    pub(super) fn keep_back(&self, value: &str, stands: bool) {
        if value.len() >= SHORTEST {
            let has_letter = value.bytes().any(|byte| byte.is_ascii_alphabetic());
            let is_word = value.len() < NO_WORD && !(value.len() >= NO_NUMBER && has_digit(value) && has_letter);
            self.add(value, !stands && !is_word);
        }
    }

    fn add(&self, value: &str, sure: bool) {
        if self.state().is_some_and(|state| state.knows(value)) {
            return;
        }
        let mut shared = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if shared.knows(value) {
            return;
        }
        let state = Arc::make_mut(&mut shared);
        state.values.push(Arc::new(SecretSlice::from(value.as_bytes().to_vec())));
        state.all.add("", value);
        if sure {
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

    /// What is known now; none where there is nothing, which costs next to nothing to find out.
    pub(super) fn state(&self) -> Option<Arc<State>> {
        let any = self.any.load(Ordering::Acquire);
        any.then(|| Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl State {
    /// How many values are known.
    pub(super) fn count(&self) -> usize {
        self.values.len()
    }

    fn knows(&self, value: &str) -> bool {
        self.values.iter().any(|known| known.expose_secret() == value.as_bytes())
    }
}

fn has_digit(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit())
}
