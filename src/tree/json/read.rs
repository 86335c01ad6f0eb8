//! From bytes to a value.

use super::encoding;
use super::parser::Parser;
use super::result::{JsonError, JsonErrorKind, MAX_DEPTH, Read};

/// Reads bytes as one JSON text, in time linear in their number (the keys of an object are sorted once).
///
/// Where a text has several errors, the first in the order of the bytes is reported, with two exceptions: bytes that are
/// UTF-16, UTF-32 or compressed data by their start are reported first, and too deep nesting is reported last.
pub fn read(bytes: &[u8]) -> Result<Read, JsonError> {
    refuse_too_deep(read_to_depth(bytes)?)
}

/// Like [`read`], for a text that may hold `most` values.
pub(crate) fn read_few(text: &str, most: usize) -> Result<Read, JsonError> {
    if let Some(error) = encoding::foreign(text.as_bytes()) {
        return Err(error);
    }
    refuse_too_deep(Parser::new(text).taking(most).read()?)
}

/// Like [`read`]; arrays and objects deeper than [`MAX_DEPTH`] are checked for their grammar and left out of the value.
pub fn read_to_depth(bytes: &[u8]) -> Result<Read, JsonError> {
    if let Some(error) = encoding::foreign(bytes) {
        return Err(error);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Parser::new(text).read(),
        Err(error) => Err(encoding::invalid(bytes, error)),
    }
}

fn refuse_too_deep(read: Read) -> Result<Read, JsonError> {
    match read.too_deep {
        Some(span) => {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            Err(JsonError::new(JsonErrorKind::TooDeep, message, span.start, span.start + 1))
        }
        None => Ok(read),
    }
}
