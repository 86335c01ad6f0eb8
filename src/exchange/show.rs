//! Bytes as text that is safe to show on a terminal: no control characters, no line breaks, no invalid UTF-8.

use std::fmt::Write as _;

use crate::printable::is_unprintable;

/// The longest text that a violation quotes, in bytes of the response.
pub(super) const FAULT_TEXT: usize = 80;

/// Bytes as one line of printable text. Line breaks, tabs and backslashes become `\r`, `\n`, `\t` and `\\`. Other bytes of
/// characters that do not print, and bytes that are not UTF-8, become `\xNN`. After `limit` bytes the text ends with `…`.
pub fn escape_bytes(bytes: &[u8], limit: usize) -> String {
    let mut end = limit.min(bytes.len());
    // A character that the limit would split is left out.
    while end < bytes.len() && end > limit.saturating_sub(3) && bytes[end] & 0xC0 == 0x80 {
        end -= 1;
    }
    let shown = &bytes[..end];
    let mut text = String::with_capacity(shown.len() + 8);
    for chunk in shown.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\r' => text.push_str("\\r"),
                '\n' => text.push_str("\\n"),
                '\t' => text.push_str("\\t"),
                '\\' => text.push_str("\\\\"),
                c if is_unprintable(c) => {
                    let mut buffer = [0; 4];
                    hex(&mut text, c.encode_utf8(&mut buffer).as_bytes());
                }
                c => text.push(c),
            }
        }
        hex(&mut text, chunk.invalid());
    }
    if end < bytes.len() {
        text.push('…');
    }
    text
}

fn hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "\\x{byte:02X}");
    }
}

#[cfg(test)]
mod tests {
    use super::escape_bytes;

    #[test]
    fn only_what_is_printable_stays() {
        for (bytes, expected) in [
            (&b"plain text"[..], "plain text"),
            (b"a\r\n\tb\\", "a\\r\\n\\tb\\\\"),
            (b"\0\x1b[31m\x7f", "\\x00\\x1B[31m\\x7F"),
            ("ä€😀".as_bytes(), "ä€😀"),
            (b"\xFF\xE2\x82|", "\\xFF\\xE2\\x82|"),
            ("\u{202E}\u{85}".as_bytes(), "\\xE2\\x80\\xAE\\xC2\\x85"),
        ] {
            assert_eq!(escape_bytes(bytes, 100), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(escape_bytes(b"abcdef", 6), "abcdef");
        assert_eq!(escape_bytes(b"abcdefg", 6), "abcdef…");
        assert_eq!(escape_bytes("abcd€fg".as_bytes(), 6), "abcd…");
        assert_eq!(escape_bytes(&[0x80; 50], 2).chars().next_back(), Some('…'));
        assert_eq!(escape_bytes(b"a", 0), "…");
    }
}
