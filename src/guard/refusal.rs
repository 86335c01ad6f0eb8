//! Why the guard refuses a request or an id.

use crate::location::InputError;

/// Why the guard refuses a request or an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong: one sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The path value that it is about, as sent.
    pub path_value: Option<String>,
}

impl Refusal {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, path_value: None }
    }

    pub(super) fn about(mut self, path_value: &str) -> Self {
        self.path_value = Some(path_value.to_owned());
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for InputError {
    fn from(refusal: Refusal) -> Self {
        Self { message: refusal.message, place: None, help: refusal.help }
    }
}

/// A value for a message: quoted, and cut if it is long.
pub(super) fn quoted(value: &str) -> String {
    const SHOWN: usize = 80;
    match value.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{:?}…", &value[..at]),
        None => format!("{value:?}"),
    }
}
