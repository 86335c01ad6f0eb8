//! The registry of report formats.

use super::format::Format;
#[cfg(feature = "junit")]
use super::junit;
use super::{json, text};

/// Every format. To add one, add its file and its line.
pub static FORMATS: &[Format] = &[
    text::FORMAT,
    json::FORMAT,
    #[cfg(feature = "junit")]
    junit::FORMAT,
];
