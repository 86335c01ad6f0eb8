//! Commands that CI systems read in the output of a job and carry out.
//!
//! | system | command | where in a line |
//! |---|---|---|
//! | GitHub Actions | `::name …::` | at its start, after white space |
//! | GitHub Actions | `##[name …]` | anywhere |
//! | Azure Pipelines | `##vso[name …]`, `##[name]` | anywhere |
//! | GitLab | `section_start:…`, `section_end:…` | anywhere |
//! | `TeamCity` | `##teamcity[name …]` | anywhere |
//! | Travis | `travis_fold:…`, `travis_time:…` | anywhere |
//! | Buildkite | `---`, `+++`, `~~~`, `^^^` | at its start |
//!
//! A command is disarmed by escaping one of its characters: `\x3a:error::`, `\x23#[group]`, `section_start\x3a`, `\x2d--`.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::colour::colour;

/// Words that are commands before a colon, anywhere in a line.
const WORDS: [&[u8]; 4] = [b"section_start", b"section_end", b"travis_fold", b"travis_time"];
/// Marks of a heading: at the start of a line, before a space or alone.
const HEADINGS: [&str; 4] = ["---", "+++", "~~~", "^^^"];

/// The text with every command disarmed.
pub fn without_commands(text: &str) -> Cow<'_, str> {
    let places: Vec<usize> = lines(text).flat_map(|(start, line)| in_line(line).map(move |at| start + at)).collect();
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 4 * places.len());
    let mut done = 0;
    for at in places {
        out.push_str(&text[done..at]);
        // Writing to a string cannot fail.
        let _ = write!(out, "\\x{:02x}", text.as_bytes()[at]);
        done = at + 1;
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// Whether a text holds a command.
pub fn has_command(text: &str) -> bool {
    lines(text).any(|(_, line)| in_line(line).next().is_some())
}

/// Whether the character at a byte of a JSON text must be escaped so that its line holds no command, wherever a reader starts
/// to read the line. All such characters are ASCII.
pub(super) fn in_json(text: &[u8], at: usize) -> bool {
    match text[at] {
        // The second of two colons, so that the position in the line does not matter.
        b':' => at > 0 && text[at - 1] == b':' || ends_word(text, at),
        b'#' => at > 0 && text[at - 1] == b'#' && opens(text, at + 1),
        _ => false,
    }
}

/// Every line with its byte offset. A carriage return ends a line too, as it does for some readers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split(['\n', '\r']).map(move |line| {
        let begins = start;
        start += line.len() + 1;
        (begins, line)
    })
}

/// The byte offsets of the characters that must be escaped, in order. All are ASCII.
fn in_line(line: &str) -> impl Iterator<Item = usize> {
    let bytes = line.as_bytes();
    let start = start(line);
    (start..bytes.len()).filter(move |at| match bytes[*at] {
        b'#' => bytes.get(at + 1) == Some(&b'#') && opens(bytes, at + 2),
        b':' => ends_word(bytes, *at) || bytes.get(at + 1) == Some(&b':') && (*at == start || names(bytes, *at)),
        b'-' | b'+' | b'~' | b'^' => *at == start && is_heading(&line[start..]),
        _ => false,
    })
}

/// The byte offset of the first character of a line after white space and colours.
fn start(line: &str) -> usize {
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start();
        let next = &trimmed[colour(trimmed)..];
        if next.len() == rest.len() {
            return line.len() - rest.len();
        }
        rest = next;
    }
}

/// Whether `##` before this offset begins a command: an optional name and a bracket follow.
fn opens(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default();
    let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte)).count();
    rest.get(name) == Some(&b'[')
}

/// Whether the colon at this offset ends a word that is a command.
fn ends_word(bytes: &[u8], at: usize) -> bool {
    WORDS.iter().any(|word| at >= word.len() && bytes[at - word.len()..at].eq_ignore_ascii_case(word))
}

/// Whether the two colons at this offset begin `::name …::` inside a line. That is no command there, but it is one for a
/// reader that cuts off the start of the line. Colons after a word (`suite::case`) never are.
fn names(bytes: &[u8], at: usize) -> bool {
    let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':') || !byte.is_ascii();
    let stands_alone = at == 0 || !goes_on(&bytes[at - 1]);
    let rest = &bytes[at + 2..];
    stands_alone && rest.first().is_some_and(u8::is_ascii_alphabetic) && rest.windows(2).any(|two| two == b"::")
}

/// Whether a line is a heading.
fn is_heading(line: &str) -> bool {
    HEADINGS.iter().any(|heading| {
        line.strip_prefix(heading).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_broken_by_one_character() {
        let table = [
            ("::error::x", r"\x3a:error::x"),
            (" \t\u{a0}::set-output name=a::b", " \t\u{a0}\\x3a:set-output name=a::b"),
            ("\x1b[1m ::stop-commands::x", "\x1b[1m \\x3a:stop-commands::x"),
            ("a\n::add-mask::x\rb", "a\n\\x3a:add-mask::x\rb"),
            ("    < ::warning file=x::y", r"    < \x3a:warning file=x::y"),
            ("a ##[set-output name=a]b ##[c]", r"a \x23#[set-output name=a]b \x23#[c]"),
            ("###[group]", r"#\x23#[group]"),
            ("x##vso[task.setvariable variable=a]b", r"x\x23#vso[task.setvariable variable=a]b"),
            ("##TeamCity[testFailed name='a']", r"\x23#TeamCity[testFailed name='a']"),
            ("a section_start:1:b", r"a section_start\x3a1:b"),
            ("Section_End:1:b", r"Section_End\x3a1:b"),
            ("travis_fold:start:a", r"travis_fold\x3astart:a"),
            ("--- a", r"\x2d-- a"),
            ("+++", r"\x2b++"),
            ("^^^ +++", r"\x5e^^ +++"),
            ("~~~ a", r"\x7e~~ a"),
        ];
        for (text, broken) in table {
            assert_eq!(without_commands(text), broken);
            assert!(has_command(text) && !has_command(broken), "{text}");
        }
    }

    #[test]
    fn what_is_no_command_stays_as_it_is() {
        for text in [
            "",
            "test delete_conversation::success ... ok",
            "std::io::Error: a::b::c",
            "http://[::1]:8080/v1 and ::1",
            "  --> cases/a.yaml:3:4",
            "# a ## b ### c [d] ## e [f]",
            "a --- b +++ c",
            "----",
            "section: 1, the section_starts: 2",
            "      |  ^^^",
        ] {
            assert_eq!(without_commands(text), text);
        }
    }
}
