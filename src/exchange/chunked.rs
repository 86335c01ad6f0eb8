//! The chunks of a body (RFC 9112 §7.1): their size lines, and the places of their data.

use std::ops::Range;

use super::head::{HttpLine, is_token};

/// The size in a chunk size line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ChunkSize {
    /// This many bytes.
    Sound(u64),
    /// This many bytes, in a line that violates the grammar. The text says how.
    Odd(u64, &'static str),
    /// The line has no size. The text says why.
    Lost(&'static str),
}

/// Reads a chunk size line, without its end.
pub(super) fn size(line: &[u8]) -> ChunkSize {
    let spaces = line.iter().take_while(|byte| is_space(**byte)).count();
    let digits = &line[spaces..];
    let count = digits.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if count == 0 {
        return ChunkSize::Lost(if line.is_empty() {
            "the chunk size is missing"
        } else {
            "the chunk size is not a number"
        });
    }
    let mut size: u64 = 0;
    for byte in &digits[..count] {
        let digit = char::from(*byte).to_digit(16).unwrap_or_default();
        if size >> 60 != 0 {
            return ChunkSize::Lost("the chunk size does not fit 64 bits");
        }
        size = (size << 4) | u64::from(digit);
    }
    let rest = &digits[count..];
    let after = &rest[rest.iter().take_while(|byte| is_space(**byte)).count()..];
    match after.first() {
        None if spaces > 0 || !rest.is_empty() => ChunkSize::Odd(size, "white space beside the chunk size"),
        None => ChunkSize::Sound(size),
        Some(b';') if spaces > 0 => ChunkSize::Odd(size, "white space before the chunk size"),
        Some(b';') if are_extensions(after) => ChunkSize::Sound(size),
        Some(b';') => ChunkSize::Odd(size, "a malformed chunk extension"),
        Some(_) => ChunkSize::Lost("the chunk size is not a number"),
    }
}

/// The ranges in `raw` that hold the data of a chunked body, which begins at `start`, as far as the chunks can be followed.
pub(super) fn data(raw: &[u8], start: usize) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut at = start;
    let mut scanned = start;
    while let Some(line) = HttpLine::find(raw, at, &mut scanned) {
        let length = match size(&raw[line.content.clone()]) {
            ChunkSize::Sound(length) | ChunkSize::Odd(length, _) if length > 0 => length,
            _ => break,
        };
        let end = line.next.saturating_add(usize::try_from(length).unwrap_or(usize::MAX)).min(raw.len());
        all.push(line.next..end);
        at = match &raw[end..] {
            [b'\r', b'\n', ..] => end + 2,
            [b'\n', ..] => end + 1,
            _ => end,
        };
    }
    all
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Whether this is `*( BWS ";" BWS name [ BWS "=" BWS value ] )` (RFC 9112 §7.1.1), the value a token or quoted.
fn are_extensions(mut rest: &[u8]) -> bool {
    let skip_space = |rest: &mut &[u8]| {
        while let [b' ' | b'\t', after @ ..] = *rest {
            *rest = after;
        }
    };
    while let [b';', after @ ..] = rest {
        rest = after;
        skip_space(&mut rest);
        if !take_token(&mut rest) {
            return false;
        }
        skip_space(&mut rest);
        if let [b'=', after @ ..] = rest {
            rest = after;
            skip_space(&mut rest);
            if !(take_quoted(&mut rest) || take_token(&mut rest)) {
                return false;
            }
            skip_space(&mut rest);
        }
    }
    rest.is_empty()
}

fn take_token(rest: &mut &[u8]) -> bool {
    let length = rest.iter().take_while(|byte| is_token(**byte)).count();
    *rest = &rest[length..];
    length > 0
}

fn take_quoted(rest: &mut &[u8]) -> bool {
    if rest.first() != Some(&b'"') {
        return false;
    }
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'"' => {
                *rest = &rest[at + 1..];
                return true;
            }
            b'\\' => at += 2,
            0..=8 | 10..=0x1F | 0x7F => return false,
            _ => at += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_extensions() {
        for (line, expected) in [
            ("0", 0),
            ("000", 0),
            ("5", 5),
            ("1a", 26),
            ("FF", 255),
            ("00000000000000000000001f", 31),
            ("ffffffffffffffff", u64::MAX),
            ("5;a", 5),
            ("5;a=b", 5),
            ("5; a=b ;c", 5),
            ("5 ; a = \"x;\\\"y\"", 5),
            ("5;a=\"\"", 5),
        ] {
            assert_eq!(size(line.as_bytes()), ChunkSize::Sound(expected), "{line}");
        }
    }

    #[test]
    fn odd_lines_still_give_their_size() {
        for line in ["5 ", " 5", "\t5", "5;", "5;;a", "5;a=", "5;a=\"x", "5;a b", "5;a=\"\0\"", " 5;a", "5;=b"] {
            assert!(matches!(size(line.as_bytes()), ChunkSize::Odd(5, _)), "{line}");
        }
    }

    #[test]
    fn data_is_found_as_far_as_the_chunks_can_be_followed() {
        for (raw, expected) in [
            ("5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n", vec!["hello", "abc"]),
            ("5\nhello\n3\nabc\n0\n\n", vec!["hello", "abc"]),
            ("5\r\nhello3\r\nabc", vec!["hello", "abc"]),
            ("5 \r\nhello\r\nx\r\nabc", vec!["hello"]),
            ("0\r\n\r\n5\r\nhello", vec![]),
            ("5\r\nhel", vec!["hel"]),
            ("ffffffffffffffff\r\nab", vec!["ab"]),
            ("5", vec![]),
            ("", vec![]),
        ] {
            let all = format!("1\r\n{raw}");
            let found: Vec<&str> = data(all.as_bytes(), 3).into_iter().map(|range| &all[range]).collect();
            assert_eq!(found, expected, "{raw:?}");
        }
    }

    #[test]
    fn lines_without_a_size_are_lost() {
        for line in ["", " ", ";a", "-5", "+5", "0x5", "5g", "5 g", "5,5", "g", "10000000000000000", "{\"a\":1}"] {
            assert!(matches!(size(line.as_bytes()), ChunkSize::Lost(_)), "{line}");
        }
    }
}
