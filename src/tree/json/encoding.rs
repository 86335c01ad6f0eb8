//! Bytes that are not UTF-8: other Unicode encodings, compressed data, broken sequences.

use std::str::Utf8Error;

use super::parser::Parser;
use super::result::{JsonError, JsonErrorKind};

/// The error of bytes that are no UTF-8 text by their start.
///
/// UTF-16 and UTF-32 without a byte order mark are recognised by their zero bytes: a JSON text begins with an ASCII
/// character.
pub(super) fn foreign(bytes: &[u8]) -> Option<JsonError> {
    let what = match bytes {
        [0xFF, 0xFE, 0, 0, ..] => "UTF-32 (little endian, with a byte order mark)",
        [0, 0, 0xFE, 0xFF, ..] => "UTF-32 (big endian, with a byte order mark)",
        [0xFF, 0xFE, ..] => "UTF-16 (little endian, with a byte order mark)",
        [0xFE, 0xFF, ..] => "UTF-16 (big endian, with a byte order mark)",
        [0, 0, 0, 1..=0x7F, ..] => "UTF-32 (big endian)",
        [1..=0x7F, 0, 0, 0, ..] => "UTF-32 (little endian)",
        [0, 1..=0x7F] | [0, 1..=0x7F, 0, _, ..] | [0, b'"', _, _, ..] => "UTF-16 (big endian)",
        [1..=0x7F, 0] | [1..=0x7F, 0, _, _, ..] => "UTF-16 (little endian)",
        [0x1F, 0x8B, ..] => "gzip data",
        [0x78, 0x01 | 0x9C | 0xDA, ..] => "zlib (deflate) data",
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "Zstandard data",
        _ => return None,
    };
    Some(JsonError::new(JsonErrorKind::Encoding, format!("this is {what}, not UTF-8"), 0, bytes.len().min(4)))
}

/// The error of a text that is not UTF-8, or an earlier error in it.
pub(super) fn invalid(bytes: &[u8], error: Utf8Error) -> JsonError {
    let start = error.valid_up_to();
    let before = std::str::from_utf8(&bytes[..start]).unwrap_or_default();
    let outcome = Parser::new(before).read();
    match (outcome, error.error_len()) {
        (Err(fault), _) if !matches!(fault.kind, JsonErrorKind::Truncated | JsonErrorKind::Empty) => fault,
        (Err(fault), None) if fault.kind == JsonErrorKind::Truncated => {
            JsonError::new(JsonErrorKind::Truncated, "the text ends inside a UTF-8 character", start, bytes.len())
        }
        (Ok(_), _) => JsonError::new(
            JsonErrorKind::TrailingGarbage,
            format!("after the value comes the byte 0x{:02X}", bytes[start]),
            start,
            bytes.len(),
        ),
        (_, length) => {
            let end = length.map_or(bytes.len(), |length| start + length);
            JsonError::new(
                JsonErrorKind::Encoding,
                format!("the byte 0x{:02X} is not UTF-8 here", bytes[start]),
                start,
                end,
            )
        }
    }
}
