//! Whether a literal cannot be a real id. The module's page describes the rule.

use super::id_texts::looks_like_id;
use super::shapes::Shapes;
use crate::suite::has_no_id_mark;

/// Words with a meaning for servers: all objects, or an object of the caller.
const WORDS: &[&str] = &[
    "active",
    "admin",
    "all",
    "any",
    "current",
    "default",
    "every",
    "everything",
    "first",
    "last",
    "latest",
    "main",
    "master",
    "me",
    "mine",
    "my",
    "newest",
    "nil",
    "none",
    "null",
    "oldest",
    "own",
    "root",
    "self",
    "undefined",
    "user",
];

const HELP: &str = "use {{NAME.capture}} for an object of the case, {{uuid}} for an id that does not exist, or a literal that \
                    begins with not-a-, no-such-, does-not-exist or nonexistent";

/// Refuses a literal that could be a real id. The error is the end of a sentence that names the literal, and the help.
pub(super) fn says_no_id(value: &str) -> Result<(), (String, &'static str)> {
    let refuse = |why: &str| Err((why.to_owned(), HELP));
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | ' ');
    if let Some(c) = value.chars().find(|c| !allowed(*c)) {
        return refuse(&format!(
            "does not come from this run, and contains {c:?}, which could make it a pattern or another spelling of an id"
        ));
    }
    let ends = |c: char| matches!(c, '.' | ' ');
    if value.starts_with(ends) || value.ends_with(ends) || value.contains("..") {
        return refuse("does not come from this run, and has dots or spaces that some servers drop");
    }
    if is_word(value) {
        return refuse("is a word that servers may read as more than one id");
    }
    if has_no_id_mark(value) && contains_id(value) {
        return refuse("does not come from this run, and a part of it could be an id");
    }
    if has_no_id_mark(value) {
        return Ok(());
    }
    refuse("does not come from this run, so it could be the id of an object that the run did not make")
}

/// Refuses a literal under the name of an id, outside the path, that could be a real id. A word passes if all ids that the run
/// has seen have a shape that the word does not have.
pub(super) fn cannot_be_id(value: &str, shapes: Shapes) -> Result<(), (String, &'static str)> {
    let refused = says_no_id(value);
    let digits = || value.bytes().any(|byte| byte.is_ascii_digit());
    let hex = || value.bytes().all(|byte| !byte.is_ascii_alphabetic() || byte.is_ascii_hexdigit());
    let same_shape = shapes.is_empty()
        || shapes.has(Shapes::OPEN)
        || (shapes.has(Shapes::DIGITS) && digits())
        || (shapes.has(Shapes::HEX) && hex());
    let word = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_ ".contains(&byte))
        && value.starts_with(|c: char| c.is_ascii_alphabetic());
    if !same_shape && word && !is_word(value) && !contains_id(value) { Ok(()) } else { refused }
}

/// Checks that a literal looks neither like an id nor like a pattern. The error is the end of a sentence that names it.
pub(super) fn looks_harmless(text: &str) -> Result<(), &'static str> {
    if begins_with_digit(text) || contains_id(text) || looks_like_id(text, true) {
        return Err("could be an id that is not of this run");
    }
    if text.contains(|c: char| !c.is_ascii() || c.is_ascii_control() || "*%?[]{}<>|^`\"'\\;,".contains(c)) {
        return Err("could be a pattern or another spelling");
    }
    Ok(())
}

/// Whether a text is a word with a meaning for servers. Punctuation around it does not matter.
pub(super) fn is_word(value: &str) -> bool {
    let bare = value.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    bare.is_empty() || WORDS.iter().any(|word| bare.eq_ignore_ascii_case(word))
}

/// Whether the first letter or digit is a digit: `12`, `-1`, `.5`, `~7`, `12abc`.
pub(super) fn begins_with_digit(value: &str) -> bool {
    value.bytes().find(u8::is_ascii_alphanumeric).is_some_and(|byte| byte.is_ascii_digit())
}

/// Whether a part of a text has the usual shape of an id: 8 or more hex digits with a decimal digit among them, 12 or more
/// hex digits without one, 16 or more hex digits with separators between them, 6 or more digits, or 16 or more letters
/// and digits mixed.
pub(super) fn contains_id(value: &str) -> bool {
    let mut run = Series::default();
    let mut joined = Series::default();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() {
            run.add(byte);
            joined.add(byte);
        } else {
            run = Series::default();
            if !matches!(byte, b'-' | b'_' | b'.' | b':') {
                joined = Series::default();
            }
        }
        let mixed = run.length >= 16 && run.has_digit && run.has_letter;
        let hex = run.hex >= 12 || (run.hex >= 8 && run.hex_digit);
        if mixed || hex || run.digits >= 6 || joined.hex >= 16 {
            return true;
        }
    }
    false
}

/// A series of letters and digits, with the lengths of the series of hex digits and of digits at its end.
#[derive(Default)]
struct Series {
    length: usize,
    hex: usize,
    digits: usize,
    has_digit: bool,
    has_letter: bool,
    hex_digit: bool,
}

impl Series {
    fn add(&mut self, byte: u8) {
        let digit = byte.is_ascii_digit();
        self.length += 1;
        self.digits = if digit { self.digits + 1 } else { 0 };
        self.has_digit |= digit;
        self.has_letter |= !digit;
        if byte.is_ascii_hexdigit() {
            self.hex += 1;
            self.hex_digit |= digit;
        } else {
            (self.hex, self.hex_digit) = (0, false);
        }
    }
}
