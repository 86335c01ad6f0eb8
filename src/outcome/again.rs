//! What a command line must say to run something again.

/// A word of such a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// Word for word.
    Word(String),
    /// A field (`Name: value`) whose value is secret, so that only its name is known here.
    SecretField(String),
}
