//! Secrets that are masked late, in what is stored and written: values that become known during a run, such as the token of a
//! login, and values that are known before and may be an ordinary word.
//!
//! They are not masked where responses are read. A response is judged as it came, and a token that a server gives to two
//! logins must be used as it is, not as its mask.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret as _, SecretSlice};

use super::forms::SHORTEST;
use super::search::Patterns;

/// A shorter value of a response is part of too many texts that have nothing to do with it, in bytes.
const SHORTEST_LEARNED: usize = 8;

/// A value without a digit may be a word, such as `left_behind`, up to this length in bytes.
const NO_WORD: usize = 32;

/// A value that is known before the run may be a number or a word, such as `127.0.0.1`, if it has no digit, no letter, or
/// fewer bytes than this.
const NO_NUMBER: usize = 12;

/// The values that are masked late. The number of them grows during a run.
#[derive(Default)]
pub(super) struct LateSecrets {
    any: AtomicBool,
    state: RwLock<Arc<LateState>>,
}

/// The values that are known at one moment.
#[derive(Clone, Default)]
pub(super) struct LateState {
    values: Vec<Arc<SecretSlice<u8>>>,
    pub(super) all: Patterns,
    /// Without values that may be words and so may be part of every report.
    sure: Patterns,
}

impl LateSecrets {
    /// Adds a value that became known during the run. A value that is too short to be distinguished from other text is ignored.
    pub(super) fn learn(&self, value: &str) {
        if value.len() >= SHORTEST_LEARNED {
            self.add(value, value.len() >= NO_WORD || has_digit(value));
        }
    }

    /// Adds a value that is known before the run; see [`Secrets::mask_late`](super::Secrets::keep_back).
    pub(super) fn mask_late(&self, value: &str, expected: bool) {
        if value.len() >= SHORTEST {
            let has_letter = value.bytes().any(|byte| byte.is_ascii_alphabetic());
            let is_word = value.len() < NO_WORD && !(value.len() >= NO_NUMBER && has_digit(value) && has_letter);
            self.add(value, !expected && !is_word);
        }
    }

    fn add(&self, value: &str, sure: bool) {
        if self.known().is_some_and(|state| state.knows(value)) {
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

    /// Only the values that cannot be a word.
    pub(super) fn sure(&self) -> Self {
        let Some(state) = self.known() else { return Self::default() };
        let sure = LateState { values: Vec::new(), all: state.sure.clone(), sure: state.sure.clone() };
        Self { any: AtomicBool::new(true), state: RwLock::new(Arc::new(sure)) }
    }

    /// The values that are known now; none if there are none, which is cheap to find out.
    pub(super) fn known(&self) -> Option<Arc<LateState>> {
        let any = self.any.load(Ordering::Acquire);
        any.then(|| Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl LateState {
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
