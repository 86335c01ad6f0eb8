//! A value that is different in every run.

/// A value that is different in every run, and the name it is recorded under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The value as it was in this run.
    pub value: String,
    /// Its name, such as `mine.conversation_id`.
    pub name: String,
}
