//! The work that judging one value may take, counted in steps.

use super::value::count;
use crate::tree::Node;

/// How many steps the judgement of one value may take at least. In one step one value is compared with one schema.
pub const STEPS: u64 = 1_000_000;

/// How many steps are added for each value in a body, so that large bodies are judged as well as small ones.
const STEPS_PER_VALUE: u64 = 8;

/// How many names are looked up in one step.
pub(super) const LOOKUPS_PER_STEP: u64 = 8;

/// How many bytes of a text are read in one step.
pub(super) const BYTES_PER_STEP: u64 = 64;

/// Why a judgement ended without an answer: a clause without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stopped(pub(super) String);

/// The steps that are left.
pub(super) struct Budget {
    left: u64,
}

impl Budget {
    /// The steps for a value, at most `most`.
    pub(super) fn new(value: &Node, most: u64) -> Self {
        Self { left: STEPS.saturating_add(count(value).saturating_mul(STEPS_PER_VALUE)).min(most) }
    }

    /// How many steps are left.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// Takes steps. An error if too few are left.
    pub(super) fn spend(&mut self, steps: u64) -> Result<(), Stopped> {
        if let Some(left) = self.left.checked_sub(steps) {
            self.left = left;
            return Ok(());
        }
        self.left = 0;
        Err(Stopped(format!("judging it takes more than {STEPS} steps and {STEPS_PER_VALUE} for each value in it")))
    }
}
