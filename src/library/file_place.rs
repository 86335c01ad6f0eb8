//! A line of a file, as data.

use std::fmt;

use crate::location::{Anchor, Place};

/// A place in a document or in a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilePlace {
    /// The path of the file, as it was named.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The JSON pointer in the document. A place in a suite has none.
    pub pointer: Option<String>,
}

impl FilePlace {
    /// A place in a suite, or in any other file.
    pub(super) fn in_file(place: &Place) -> Self {
        Self { file: place.source.name().to_owned(), line: place.line(), pointer: None }
    }

    /// A place in the document of this name.
    pub(super) fn in_document(file: &str, anchor: &Anchor) -> Self {
        Self { file: file.to_owned(), line: anchor.line, pointer: Some(anchor.pointer.to_string()) }
    }
}

impl fmt::Display for FilePlace {
    /// `file:line`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
