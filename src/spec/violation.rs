//! Violations of a schema.

use crate::location::Anchor;

/// How many violations of one value are listed.
pub const MAX_VIOLATIONS: usize = 100;

/// A keyword of a schema that a value violates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The JSON pointer of the part of the value.
    pub instance: String,
    /// The place of the keyword in the document.
    pub anchor: Anchor,
    /// The keyword: `type`, `required`, …
    pub keyword: String,
    /// What is wrong: one sentence without a full stop. It may quote the value.
    pub message: String,
    /// How many levels of the value the violation depends on. What lies deeper cannot change it.
    pub depth: usize,
}
