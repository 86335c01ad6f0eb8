//! The forms in which a value can stand in a text: the value itself, quoted for a shell, its hexadecimal digits, its base64,
//! and each of these with escapes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Values shorter than this, in bytes, are not masked. They are part of too many texts that have nothing to do with them,
/// and masking those would change what is judged. Credentials of less than 8 characters are refused anyway, unless the
/// target is this machine.
pub const SHORTEST: usize = 4;

/// The forms of a value: as it is, in lower and in upper case, in the quotes of a shell, its hexadecimal digits in either
/// case, and its base64 at each alignment, in both alphabets (RFC 4648 §4 and §5).
pub(super) fn of(value: &[u8]) -> Vec<Vec<u8>> {
    let digit = |half: u8| char::from_digit(u32::from(half), 16);
    let lower: String = value.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect();
    let mut forms = vec![value.to_vec()];
    // Many programs write the names of fields in lower case.
    let others =
        [value.to_ascii_lowercase(), value.to_ascii_uppercase(), lower.to_ascii_uppercase().into(), lower.into()];
    for form in others {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    // Inside the single quotes of a shell a quote is written as the end, an escaped quote, and a new start.
    if value.contains(&b'\'') {
        forms.push(String::from_utf8_lossy(value).replace('\'', "'\\''").into_bytes());
    }
    for before in 0..3 {
        // Base64 turns three bytes into four characters, so only the number of bytes before the value modulo three matters.
        let mut padded = vec![0; before];
        padded.extend_from_slice(value);
        // Characters that also hold bits of a neighbour are cut off at both ends.
        let first = (before * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let form = engine.encode(&padded).as_bytes()[first..last].to_vec();
            if form.len() >= SHORTEST && !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}

/// An escape and what it stands for.
pub(super) struct Escape {
    buffer: [u8; 4],
    length: usize,
    /// How many bytes of text it takes.
    pub(super) consumed: usize,
}

impl Escape {
    fn byte(byte: u8, consumed: usize) -> Self {
        Self { buffer: [byte, 0, 0, 0], length: 1, consumed }
    }

    fn character(code: u32, consumed: usize) -> Option<Self> {
        let mut buffer = [0; 4];
        let length = char::from_u32(code)?.encode_utf8(&mut buffer).len();
        Some(Self { buffer, length, consumed })
    }

    /// The bytes that it stands for: at least one.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }
}

/// The escape with which a text begins, if it begins with one. Only the first few bytes are read.
pub(super) fn unescape(text: &[u8]) -> Option<Escape> {
    match text {
        [b'%', a, b, ..] => Some(Escape::byte(u8::try_from(number(&[*a, *b], 16)?).ok()?, 3)),
        [b'+', ..] => Some(Escape::byte(b' ', 1)),
        // An escape of Rust: `\u{1b}`.
        [b'\\', b'u', b'{', rest @ ..] => {
            let end = rest.iter().take(7).position(|byte| *byte == b'}')?;
            Escape::character(number(&rest[..end], 16)?, end + 4)
        }
        [b'\\', b'u', ..] => {
            let high = number(text.get(2..6)?, 16)?;
            match text.get(6..12) {
                Some([b'\\', b'u', low @ ..]) if (0xD800..0xDC00).contains(&high) => {
                    let low = number(low, 16)?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
                    Escape::character(0x1_0000 + ((high - 0xD800) << 10) + low, 12)
                }
                _ => Escape::character(high, 6),
            }
        }
        [b'\\', b'x', a, b, ..] => Some(Escape::byte(u8::try_from(number(&[*a, *b], 16)?).ok()?, 4)),
        [b'\\', b'n', ..] => Some(Escape::byte(b'\n', 2)),
        [b'\\', b'r', ..] => Some(Escape::byte(b'\r', 2)),
        [b'\\', b't', ..] => Some(Escape::byte(b'\t', 2)),
        [b'\\', b'b', ..] => Some(Escape::byte(8, 2)),
        [b'\\', b'f', ..] => Some(Escape::byte(12, 2)),
        [b'\\', punctuation, ..] if punctuation.is_ascii_punctuation() => Some(Escape::byte(*punctuation, 2)),
        [b'&', rest @ ..] => {
            // The longest is `&#x10FFFF;`, with room for leading zeros.
            let end = rest.iter().take(12).position(|byte| *byte == b';')?;
            let code = match &rest[..end] {
                b"amp" => u32::from(b'&'),
                b"lt" => u32::from(b'<'),
                b"gt" => u32::from(b'>'),
                b"quot" => u32::from(b'"'),
                b"apos" => u32::from(b'\''),
                [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
                [b'#', digits @ ..] => number(digits, 10)?,
                _ => return None,
            };
            Escape::character(code, end + 2)
        }
        _ => None,
    }
}

/// A number of a few digits, without a sign.
fn number(digits: &[u8], base: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits
        .iter()
        .try_fold(0_u32, |number, digit| number.checked_mul(base)?.checked_add(char::from(*digit).to_digit(base)?))
}
