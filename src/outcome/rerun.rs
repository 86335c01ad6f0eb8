//! The command that runs a case of a run again, as far as the whole run decides it.

/// What such a command says besides target and case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rerun {
    /// The command's name: `run` or `demo`.
    pub command: &'static str,
    /// Its words, in their order.
    pub words: Vec<RerunWord>,
}

/// A word of such a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RerunWord {
    /// Word for word.
    Word(String),
    /// A header field (`Name: value`) whose value is secret: this is its name.
    SecretField(String),
}
