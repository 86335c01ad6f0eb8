//! The grammar of numbers (RFC 8259 §6).

use super::result::JsonError;

/// The end of the number that begins at `start` with `-` or a digit.
pub(super) fn end(bytes: &[u8], start: usize) -> Result<usize, JsonError> {
    let mut at = start;
    if bytes[at] == b'-' {
        at += 1;
    }
    match bytes.get(at) {
        None => return Err(JsonError::truncated("inside a number", bytes.len())),
        Some(b'0') => at += 1,
        Some(b'1'..=b'9') => at = skip_digits(bytes, at),
        Some(_) if bytes[at..].starts_with(b"Infinity") => {
            return Err(JsonError::syntax("`-Infinity` is not JSON", start, at + 8));
        }
        Some(_) => return Err(JsonError::syntax("a digit must follow the minus sign", start, at + 1)),
    }
    if bytes.get(at) == Some(&b'.') {
        at = digits_after(bytes, at + 1, start, "a digit must follow the decimal point")?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = bytes.get(at) {
            at += 1;
        }
        at = digits_after(bytes, at, start, "a digit must follow the `e` of a number")?;
    }
    match bytes.get(at) {
        Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'.' | b'+' | b'-') => Err(malformed(bytes, start, at)),
        _ => Ok(at),
    }
}

fn skip_digits(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

fn digits_after(bytes: &[u8], at: usize, start: usize, message: &str) -> Result<usize, JsonError> {
    match bytes.get(at) {
        None => Err(JsonError::truncated("inside a number", bytes.len())),
        Some(b'0'..=b'9') => Ok(skip_digits(bytes, at)),
        Some(_) => Err(JsonError::syntax(message, start, at)),
    }
}

/// The error of a number that is followed by characters which no number has there.
fn malformed(bytes: &[u8], start: usize, at: usize) -> JsonError {
    let run = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+' | b'-');
    let end = at + bytes[at..].iter().take_while(|byte| run(byte)).count();
    let digits = &bytes[start..at];
    let message = match bytes[at] {
        b'0'..=b'9' => "a number must not begin with a zero",
        b'x' | b'X' if digits.ends_with(b"0") => "JSON has no hexadecimal numbers",
        b'_' => "JSON has no `_` between digits",
        _ => "a malformed number",
    };
    JsonError::syntax(message, start, end)
}
