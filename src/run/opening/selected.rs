//! One selected case.

/// A selected case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// The suite: an index.
    pub suite: usize,
    /// The case: an index into the suite's cases.
    pub case: usize,
    /// Why it is skipped, if it is.
    pub skip: Option<String>,
}
