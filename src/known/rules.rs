//! The rules about known deviations.

use super::{expired, vanished};
use crate::rule::Rule;

/// The rules about known deviations.
pub static RULES: &[&Rule] = &[&vanished::RULE, &expired::RULE];
