//! Text that is safe to show. Text of a server, a file or a caller cannot control a terminal, reorder or hide part of a line,
//! fill a page, or give commands to a CI system that reads the log.
//!
//! | for | use |
//! |---|---|
//! | a part of foreign text in a line | [`escaped_line`], [`escaped`], [`bytes`] |
//! | a word of a command that a reader may copy | [`shell_word`], [`secret_field`] |
//! | a whole output on a terminal | [`for_terminal`] |
//! | a whole output that may end up in a log | [`for_log`] |
//! | JSON | [`for_json`] |
//!
//! Secrets are masked elsewhere (`secret`).

mod colour;
mod commands;
mod shell;

use std::borrow::Cow;
use std::fmt::Write as _;

use colour::colour;
pub use commands::{has_command, without_commands};
pub use shell::{secret_field, shell_word};

/// A text on one line: characters that do not print are escaped, and after `limit` characters it is cut with `…`.
pub fn escaped_line(text: &str, limit: usize) -> String {
    let mut line = EscapedLine::new(limit);
    for c in text.chars() {
        if !line.push(c) {
            break;
        }
    }
    line.out
}

/// A whole text on one line, with characters that do not print escaped: for names and paths, which must not be cut.
pub fn escaped(text: &str) -> String {
    escaped_line(text, usize::MAX)
}

/// Bytes as text on one line, like [`escaped_line`]. Bytes that are not UTF-8 become `\xNN`.
pub fn bytes(bytes: &[u8], limit: usize) -> String {
    let mut line = EscapedLine::new(limit);
    for chunk in bytes.utf8_chunks() {
        if !chunk.valid().chars().all(|c| line.push(c)) || !chunk.invalid().iter().all(|byte| line.byte(*byte)) {
            break;
        }
    }
    line.out
}

/// A text for JSON, cut with `…` after at most `limit` bytes, between two characters. [`for_json`] escapes it.
pub fn truncated(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

/// A whole output for a terminal: line breaks, tabs and colours stay, and any other character that does not print is
/// escaped. Foreign text is escaped before it is added to an output; this is the second line of defence.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| is_unprintable(c) && !matches!(c, '\n' | '\t')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match colour(rest) {
            0 => c.len_utf8(),
            length => length,
        };
        if matches!(c, '\n' | '\t') || length > c.len_utf8() {
            out.push_str(&rest[..length]);
        } else {
            push(&mut out, c);
        }
        rest = &rest[length..];
    }
    Cow::Owned(out)
}

/// A whole output for a log: like [`for_terminal`], and no line holds a command for a CI system.
pub fn for_log(text: &str) -> Cow<'_, str> {
    match for_terminal(text) {
        Cow::Borrowed(text) => without_commands(text),
        Cow::Owned(text) => Cow::Owned(without_commands(&text).into_owned()),
    }
}

/// A JSON text with the same value, where characters that do not print are escaped and no line holds a command for a CI
/// system: one character of each command is escaped. JSON has none of these characters outside of strings, so the text
/// stays JSON.
pub fn for_json(text: &str) -> Cow<'_, str> {
    let escape = |out: &mut String, c: char| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    };
    let mut out = String::new();
    let mut done = 0;
    for (at, c) in text.char_indices() {
        if (is_unprintable(c) && c != '\n') || commands::in_json(text.as_bytes(), at) {
            out.push_str(&text[done..at]);
            escape(&mut out, c);
            done = at + c.len_utf8();
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// A line that is built character by character, up to a limit.
struct EscapedLine {
    out: String,
    left: usize,
}

impl EscapedLine {
    fn new(limit: usize) -> Self {
        Self { out: String::new(), left: limit }
    }

    /// Adds a character. False if there was no room for it.
    fn push(&mut self, c: char) -> bool {
        let room = self.room();
        if room {
            push(&mut self.out, c);
        }
        room
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

/// Adds a character, escaped if it does not print: `\n`, `\x1b`, `\u{202e}`.
pub fn push(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // Writing to a string cannot fail.
        c if c.is_ascii_control() => _ = write!(out, "\\x{:02x}", u32::from(c)),
        c if is_unprintable(c) => _ = write!(out, "\\u{{{:x}}}", u32::from(c)),
        c => out.push(c),
    }
}

/// Whether a character does not print but acts: controls, characters that reorder text, characters that Unicode shows as
/// nothing (`Default_Ignorable_Code_Point`, which includes variation selectors and tags), line separators, and
/// noncharacters.
pub fn is_unprintable(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        assert_eq!(
            escaped_line("a\x1b[31mred\u{9b}0m\x07\n\r\t\0\x7f", 100),
            r"a\x1b[31mred\u{9b}0m\x07\n\r\t\x00\x7f"
        );
        assert_eq!(
            escaped_line("abc\u{202e}fed\u{2066}\u{200b}\u{feff}\u{2028}", 100),
            r"abc\u{202e}fed\u{2066}\u{200b}\u{feff}\u{2028}"
        );
        assert_eq!(escaped_line("naïve 会话 🙂 \\ \"", 100), "naïve 会话 🙂 \\ \"");
    }

    #[test]
    fn every_character_without_a_form_is_escaped_and_no_letter_is() {
        for c in "\u{34f}\u{115f}\u{17b4}\u{180b}\u{180e}\u{202a}\u{2064}\u{3164}\u{fe0f}\u{ffa0}\u{fff9}\u{fffe}\u{fdd0}\u{1d173}\u{1ffff}\u{e0041}\u{e0100}".chars() {
            assert!(is_unprintable(c), "{:x}", u32::from(c));
            assert_eq!(escaped(&c.to_string()), format!("\\u{{{:x}}}", u32::from(c)));
        }
        for c in " !~\u{a0}é\u{300}\u{5d0}\u{3000}会🙂\u{fffd}\u{10fffd}".chars() {
            assert!(!is_unprintable(c), "{:x}", u32::from(c));
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_shown_in_hexadecimal() {
        assert_eq!(bytes(b"ok \xff\xfe \xe4\xbc\x9a \xe4\xbc", 100), "ok \\xff\\xfe 会 \\xe4\\xbc");
    }

    #[test]
    fn long_text_is_cut_with_a_mark() {
        assert_eq!(escaped_line("abcdef", 6), "abcdef");
        assert_eq!(escaped_line("abcdefg", 6), "abcdef…");
        assert_eq!(escaped_line("\x1b\x1b\x1b", 2), "\\x1b\\x1b…");
        assert_eq!(bytes(b"ab\xff\xff", 3), "ab\\xff…");
        assert_eq!(truncated("会话", 4), "会…");
        assert_eq!(truncated("会话", 6), "会话");
    }

    #[test]
    fn a_whole_output_keeps_its_lines_and_colours_alone() {
        let own = "a\tb\n\x1b[1;31mred\x1b[0m\n";
        assert_eq!(for_terminal(own), own);
        assert_eq!(for_terminal("a\rb\x1b[2Jc\x1b[31\u{202e}\n"), "a\\rb\\x1b[2Jc\\x1b[31\\u{202e}\n");
        assert_eq!(for_log("\x1b[1m::error::x\r\n"), "\x1b[1m\\x3a:error::x\\r\n");
    }

    #[test]
    fn json_says_the_same_in_characters_that_print() {
        let hostile = "a\u{9b}\u{9d}\u{7f}\u{85}\u{202e}\u{200b}\u{feff}\u{2028}\u{fe0f}\u{e0041}\x1b\n##[group]x ##vso[a] \
                       ::error:: ::: section_start:1:x\\::\\\\##[x] \"::\"";
        let value = serde_json::json!({hostile: [hostile, "é会🙂"]});
        let plain = format!("{value:#}\n");
        let text = for_json(&plain);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
        assert!(!text.contains(|c| is_unprintable(c) && c != '\n') && text.contains("é会🙂"), "{text}");
        for command in ["::", "##[", "##vso[", "section_start:"] {
            assert!(!text.contains(command), "{command}: {text}");
        }
        assert_eq!(for_json("{\n  \"a\": 1\n}\n"), "{\n  \"a\": 1\n}\n");
    }
}
