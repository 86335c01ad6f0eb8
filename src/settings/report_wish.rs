//! A report that a flag or variable asks for.

use std::path::PathBuf;

/// A report that was asked for. `report` knows the formats, and checks the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportWish {
    /// The format's name as given.
    pub format: String,
    /// Where to; `-` for stdout. None for what goes to stdout because nothing else was asked for.
    pub path: Option<PathBuf>,
    /// The flag or variable that asked for it, for messages.
    pub from: &'static str,
}
