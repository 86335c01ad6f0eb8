//! Whether a literal can be no real id. See the module above for the rule in words.

use super::ledger::Shapes;

/// Words that servers give a meaning: everything, or some object of whoever asks.
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

/// How a literal says that it is no id.
const MARKS: &[&str] = &[
    "not-a-",
    "not-an-",
    "not_a_",
    "not_an_",
    "no-such-",
    "no_such_",
    "does-not-exist",
    "does_not_exist",
    "nonexistent",
];

const HELP: &str = "write one that says so, such as not-an-id, use {{uuid}}, or capture the id in this run";

/// Refuses, with the end of a sentence that names the literal and what to do, unless it can be no real id.
pub(super) fn can_be_no_id(value: &str, shapes: Shapes) -> Result<(), (String, &'static str)> {
    let no = |why: &str| Err((why.to_owned(), HELP));
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | ' ');
    if let Some(c) = value.chars().find(|c| !allowed(*c)) {
        return no(&format!("is not of this run and holds {c:?}, which could make it a pattern or another spelling"));
    }
    let ends = |c: char| matches!(c, '.' | ' ');
    if value.starts_with(ends) || value.ends_with(ends) || value.contains("..") {
        return no("is not of this run and has dots or spaces that servers drop");
    }
    if begins_with_digit(value) {
        return no("is not of this run and begins with a digit, so it could be read as a number or an id");
    }
    if holds_id(value) {
        return no("is not of this run and holds what could be an id");
    }
    if is_word(value) {
        return no("is a word that servers may read as more than an id");
    }
    if says_that_it_is_none(value, shapes) {
        return Ok(());
    }
    if shapes.none() {
        return no("could be an id: nothing was captured in this run yet that would tell how ids look");
    }
    if shapes.has(Shapes::OPEN) {
        return no("could be an id: those captured in this run have no fixed shape");
    }
    if shapes.has(Shapes::DIGITS) && value.bytes().any(|byte| byte.is_ascii_digit()) {
        return no("holds digits, and the ids captured in this run are numbers");
    }
    if shapes.has(Shapes::HEX) && value.bytes().all(|byte| !byte.is_ascii_alphabetic() || byte.is_ascii_hexdigit()) {
        return no("is made of hex digits, and so are the ids captured in this run");
    }
    Ok(())
}

fn says_that_it_is_none(value: &str, shapes: Shapes) -> bool {
    has_mark(value) || (value.contains('~') && !shapes.has(Shapes::TILDE))
}

/// Whether a text begins as one that says that it is no id.
pub(super) fn has_mark(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    MARKS.iter().any(|mark| lower.starts_with(mark))
}

/// Whether a text is a word that servers give a meaning, whatever stands around it.
pub(super) fn is_word(value: &str) -> bool {
    let bare = value.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    bare.is_empty() || WORDS.iter().any(|word| bare.eq_ignore_ascii_case(word))
}

/// Whether the first letter or digit is a digit: `12`, `-1`, `.5`, `~7`, `12abc`.
pub(super) fn begins_with_digit(value: &str) -> bool {
    value.bytes().find(u8::is_ascii_alphanumeric).is_some_and(|byte| byte.is_ascii_digit())
}

/// Whether an id of a usual shape stands somewhere in it: 8 or more hex digits with a digit among them or 12 without,
/// the same over dashes and the like from 16 on, 6 or more digits, or 16 or more letters and digits mixed.
pub(super) fn holds_id(value: &str) -> bool {
    let mut run = Run::default();
    let mut joined = Run::default();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() {
            run.add(byte);
            joined.add(byte);
        } else {
            run = Run::default();
            if !matches!(byte, b'-' | b'_' | b'.' | b':') {
                joined = Run::default();
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

/// A run of letters and digits, and the runs of hex digits and of digits at its end.
#[derive(Default)]
struct Run {
    length: usize,
    hex: usize,
    digits: usize,
    has_digit: bool,
    has_letter: bool,
    hex_digit: bool,
}

impl Run {
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
