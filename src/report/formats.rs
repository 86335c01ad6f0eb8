//! The registry of report formats.

use super::format::Format;
use super::{json, junit, text};

/// Every format. To add one, add its file and its line.
pub static FORMATS: &[Format] = &[text::FORMAT, json::FORMAT, junit::FORMAT];
