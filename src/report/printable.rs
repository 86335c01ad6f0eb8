//! Text that is safe to show: what a server or a file sent cannot steer a terminal, reorder a line or flood a page.

use std::fmt::Write as _;

/// The text on one line, with everything that does not print escaped, and cut after `limit` characters with `…`.
pub(super) fn line(text: &str, limit: usize) -> String {
    let mut shown = Shown::new(limit);
    for c in text.chars() {
        if !shown.push(c) {
            break;
        }
    }
    shown.out
}

/// Bytes as text on one line, likewise; bytes that are no UTF-8 become `\xNN`.
pub(super) fn bytes(bytes: &[u8], limit: usize) -> String {
    let mut shown = Shown::new(limit);
    for chunk in bytes.utf8_chunks() {
        if !chunk.valid().chars().all(|c| shown.push(c)) || !chunk.invalid().iter().all(|byte| shown.byte(*byte)) {
            break;
        }
    }
    shown.out
}

/// A text for JSON: cut after `limit` bytes, at a character, with `…`; JSON's own escapes do the rest.
pub(super) fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

struct Shown {
    out: String,
    left: usize,
}

impl Shown {
    fn new(limit: usize) -> Self {
        Self { out: String::new(), left: limit }
    }

    /// Whether there was room.
    fn push(&mut self, c: char) -> bool {
        if self.room() {
            match c {
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                c if c.is_ascii_control() => {
                    let _ = write!(self.out, "\\x{:02x}", u32::from(c));
                }
                c if hidden(c) => {
                    let _ = write!(self.out, "\\u{{{:x}}}", u32::from(c));
                }
                c => self.out.push(c),
            }
            return true;
        }
        false
    }

    fn byte(&mut self, byte: u8) -> bool {
        let room = self.room();
        if room {
            let _ = write!(self.out, "\\x{byte:02x}");
        }
        room
    }

    fn room(&mut self) -> bool {
        if self.left == 0 {
            self.out.push('…');
            return false;
        }
        self.left -= 1;
        true
    }
}

/// Characters that do not print but act: controls, those that reorder text, those without width or form, and those that
/// no text may hold.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        assert_eq!(line("a\x1b[31mred\u{9b}0m\x07\n\r\t\0\x7f", 100), r"a\x1b[31mred\u{9b}0m\x07\n\r\t\x00\x7f");
        assert_eq!(
            line("abc\u{202e}fed\u{2066}\u{200b}\u{feff}\u{2028}", 100),
            r"abc\u{202e}fed\u{2066}\u{200b}\u{feff}\u{2028}"
        );
        assert_eq!(line("naïve 会话 🙂 \\ \"", 100), "naïve 会话 🙂 \\ \"");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_bytes() {
        assert_eq!(bytes(b"ok \xff\xfe \xe4\xbc\x9a \xe4\xbc", 100), "ok \\xff\\xfe 会 \\xe4\\xbc");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcdef…");
        assert_eq!(line("\x1b\x1b\x1b", 2), "\\x1b\\x1b…");
        assert_eq!(bytes(b"ab\xff\xff", 3), "ab\\xff…");
        assert_eq!(cut("会话", 4), "会…");
        assert_eq!(cut("会话", 6), "会话");
    }
}
