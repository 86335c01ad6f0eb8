//! Values as the most lenient server decodes them.

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// How often a value is decoded. A value that then still changes is refused.
const DECODINGS: usize = 8;

/// Characters that end or split a value for some servers, or make it a pattern or a list.
const UNCLEAR: &str = "/\\?#;%*,";

/// Checks that every server finds the same object by a decoded path value. The error is the end of a sentence that names
/// the value.
pub(super) fn names_one_object(value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Err("is empty, so the request would be about the collection".to_owned());
    }
    if value.chars().all(|c| c == '.' || c.is_whitespace()) {
        return Err("is a dot segment or blank, so the request would have another path".to_owned());
    }
    match value.chars().find(|c| UNCLEAR.contains(*c) || c.is_control()) {
        Some(c) => Err(format!("contains {c:?} when it is decoded, and servers disagree about that character")),
        None => Ok(()),
    }
}

/// Percent-decodes a text until nothing changes. The error is the end of a sentence that names the text.
pub(super) fn decoded(text: &str) -> Result<Cow<'_, str>, String> {
    if !text.contains('%') {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes: Cow<'_, [u8]> = Cow::Borrowed(text.as_bytes());
    for _ in 0..DECODINGS {
        let next: Vec<u8> = percent_decode(&bytes).collect();
        if next == *bytes {
            return match String::from_utf8(next) {
                Ok(text) => Ok(Cow::Owned(text)),
                Err(_) => Err("is not UTF-8 when it is decoded, and servers disagree about such bytes".to_owned()),
            };
        }
        bytes = Cow::Owned(next);
    }
    Err("is percent-encoded too many times".to_owned())
}
