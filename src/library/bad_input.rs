//! Why a run did not begin.

use std::fmt;

use super::file_place::FilePlace;
use crate::location::{InputError, InputErrors};

/// Why a run did not begin: the document, a suite, a setting or a variable is wrong. Nothing was sent.
///
/// `Display` and `Debug` show the text that the command prints: what is wrong, the line of the file, what to do. Secrets are
/// masked.
#[non_exhaustive]
pub struct BadInput {
    errors: InputErrors,
    mistakes: Vec<Mistake>,
}

/// One thing that is wrong with the input.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mistake {
    /// What is wrong.
    pub message: String,
    /// Where, if it is in a file.
    pub place: Option<FilePlace>,
    /// What to do.
    pub help: Option<String>,
}

impl BadInput {
    /// Of errors whose secrets are masked.
    pub(super) fn new(errors: InputErrors) -> Self {
        let mistakes = errors.0.iter().map(mistake).collect();
        Self { errors, mistakes }
    }

    /// Everything that is wrong, in the order of the files.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

fn mistake(error: &InputError) -> Mistake {
    Mistake {
        message: error.message.clone(),
        place: error.place.as_ref().map(FilePlace::in_file),
        help: error.help.clone(),
    }
}

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.errors.fmt(f)
    }
}

impl fmt::Debug for BadInput {
    /// A test that returns this error, or unwraps it, is shown the text and not the fields.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bad input\n{self}")
    }
}

impl std::error::Error for BadInput {}
