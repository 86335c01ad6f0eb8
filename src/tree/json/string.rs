//! Strings and their escapes (RFC 8259 §7).

use super::mistakes;
use super::result::JsonError;

/// A string that was read.
pub(super) struct ReadString {
    /// Its characters, with escapes resolved.
    pub(super) value: String,
    /// One past its closing quote.
    pub(super) end: usize,
    /// Whether it has an escape for half of a surrogate pair.
    pub(super) lone_surrogate: bool,
}

/// Reads the string whose opening quote stands at `start`.
pub(super) fn read(text: &str, start: usize) -> Result<ReadString, JsonError> {
    let bytes = text.as_bytes();
    let mut value = String::new();
    let mut lone_surrogate = false;
    let mut run = start + 1;
    loop {
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1F);
        let Some(length) = bytes[run..].iter().position(special) else {
            return Err(JsonError::truncated("inside a string", bytes.len()));
        };
        let at = run + length;
        value.push_str(&text[run..at]);
        match bytes[at] {
            b'"' => return Ok(ReadString { value, end: at + 1, lone_surrogate }),
            b'\\' => {
                let (character, end) = escape(bytes, at)?;
                lone_surrogate |= character.is_none();
                value.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
                run = end;
            }
            _ => {
                let message = format!("{} in a string must be escaped", mistakes::found(text, at));
                return Err(JsonError::syntax(message, at, at + 1));
            }
        }
    }
}

/// Reads the escape whose backslash stands at `at`. Gives its character, or none for half of a surrogate pair, and its end.
fn escape(bytes: &[u8], at: usize) -> Result<(Option<char>, usize), JsonError> {
    let character = match bytes.get(at + 1) {
        None => return Err(JsonError::truncated("inside an escape", bytes.len())),
        Some(b'u') => return unicode(bytes, at),
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{C}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(byte) if byte.is_ascii_graphic() => {
            let message = format!("`\\{}` is no escape of JSON", char::from(*byte));
            return Err(JsonError::syntax(message, at, at + 2));
        }
        Some(_) => return Err(JsonError::syntax("a backslash that escapes nothing", at, at + 1)),
    };
    Ok((Some(character), at + 2))
}

fn unicode(bytes: &[u8], at: usize) -> Result<(Option<char>, usize), JsonError> {
    let high = four_digits(bytes, at)?;
    let end = at + 6;
    if !(0xD800..0xDC00).contains(&high) {
        // The low half of a pair alone is no character either.
        return Ok((char::from_u32(high), end));
    }
    if bytes.get(end) != Some(&b'\\') || bytes.get(end + 1) != Some(&b'u') {
        return Ok((None, end));
    }
    let low = four_digits(bytes, end)?;
    if (0xDC00..0xE000).contains(&low) {
        let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        return Ok((char::from_u32(code), end + 6));
    }
    // The second escape is a character of its own, and is read next.
    Ok((None, end))
}

/// The value of the `\uXXXX` whose backslash stands at `at`.
fn four_digits(bytes: &[u8], at: usize) -> Result<u32, JsonError> {
    let mut value = 0;
    for index in at + 2..at + 6 {
        let Some(byte) = bytes.get(index) else {
            return Err(JsonError::truncated("inside an escape", bytes.len()));
        };
        let Some(digit) = char::from(*byte).to_digit(16) else {
            return Err(JsonError::syntax("four hexadecimal digits must follow `\\u`", at, index));
        };
        value = value * 16 + digit;
    }
    Ok(value)
}
