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

/// A text as a server reads it that decodes percent signs, the escapes of JSON (`\u0041`, `\x41`) and of XML (`&#65;`, `&#x41;`)
/// until nothing changes.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    let mut read = Cow::Borrowed(text);
    for _ in 0..DECODINGS {
        if !read.contains(['%', '\\', '&']) {
            break;
        }
        let percent: Vec<u8> = percent_decode(read.as_bytes()).collect();
        let next = without_escapes(&String::from_utf8_lossy(&percent));
        if next == *read {
            break;
        }
        read = Cow::Owned(next);
    }
    read
}

/// The text with every escape of JSON or XML replaced by its character.
fn without_escapes(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '&']) {
        let (before, escape) = rest.split_at(at);
        written.push_str(before);
        let (c, length) = escaped_char(escape).unwrap_or((if escape.starts_with('&') { '&' } else { '\\' }, 1));
        written.push(c);
        rest = &escape[length..];
    }
    written.push_str(rest);
    written
}

/// The character of an escape at the beginning of a text, and the length of the escape.
fn escaped_char(text: &str) -> Option<(char, usize)> {
    let of = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    if let Some(number) = text.strip_prefix("&#") {
        let end = number.find(';').filter(|end| *end <= 8)?;
        let digits = &number[..end];
        let hex = digits.strip_prefix(['x', 'X']);
        return Some((hex.map_or_else(|| of(digits, 10), |hex| of(hex, 16))?, end + 3));
    }
    [("\\u", 4), ("\\x", 2)].into_iter().find_map(|(start, length)| {
        let digits = text.strip_prefix(start)?.get(..length)?;
        Some((of(digits, 16)?, start.len() + length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_servers_read_them() {
        for (text, wanted) in [
            ("a%2562", "ab"),
            (r"\u0061\x62", "ab"),
            (r"%5cu0061", "a"),
            ("&#97;&#x62;&amp;", "ab&amp;"),
            (r"\\ \n &#; \u00 100%", r"\\ \n &#; \u00 100%"),
        ] {
            assert_eq!(unescaped(text), wanted, "{text}");
        }
    }
}
