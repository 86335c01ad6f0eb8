//! Messages for the usual mistakes: what was found where JSON expects something else.

use super::result::{JsonError, JsonErrorKind};

/// The character at a byte, for messages. The byte must begin a character.
pub(super) fn found(text: &str, at: usize) -> String {
    match text[at..].chars().next() {
        None => "the end".to_owned(),
        Some('\n' | '\r') => "a line break".to_owned(),
        Some('\t') => "a tab".to_owned(),
        Some('\0') => "a NUL byte".to_owned(),
        Some('\u{FEFF}') => "a byte order mark".to_owned(),
        Some('\u{A0}') => "a no-break space (U+00A0)".to_owned(),
        Some('\u{C}') => "a form feed".to_owned(),
        Some('`') => "a backquote".to_owned(),
        Some(c @ ('\u{2018}'..='\u{201F}')) => format!("the typographic quote `{c}`"),
        Some(c) if c.is_control() || (c.is_whitespace() && c != ' ') => format!("the character U+{:04X}", u32::from(c)),
        Some(c) => format!("`{c}`"),
    }
}

/// The end of the character at a byte.
pub(super) fn character_end(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(0, char::len_utf8)
}

/// The error at a character that begins no value.
pub(super) fn no_value(text: &str, at: usize) -> JsonError {
    let rest = &text[at..];
    let at_root = text[..at].trim_start_matches('\u{FEFF}').trim().is_empty();
    let single = |message: String| JsonError::syntax(message, at, character_end(text, at));
    if rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$')) {
        return word(text, at, at_root);
    }
    let message = match rest.as_bytes()[0] {
        b')' if at_root && rest.starts_with(")]}'") => "an anti-hijacking prefix (`)]}'`) before the value",
        b'\'' => "a string in single quotes; JSON has double quotes only",
        b'<' if at_root => "this is markup (HTML or XML), not JSON",
        b'/' if rest.starts_with("//") || rest.starts_with("/*") => "JSON has no comments",
        b'#' => "JSON has no comments",
        b'+' => "a number must not begin with `+`",
        b'.' => "a number must have a digit before the decimal point",
        b',' => "a value is missing before the comma",
        _ => return single(format!("a value was expected, {} was found", found(text, at))),
    };
    single(message.to_owned())
}

/// The error at a bare word that is no value: a literal of another language, a truncated literal, or any other word.
fn word(text: &str, at: usize, at_root: bool) -> JsonError {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
    let rest = &text[at..];
    let word = rest.split_once(|c| !part(c)).map_or(rest, |(word, _)| word);
    let end = at + word.len();
    if end == text.len() && ["true", "false", "null"].iter().any(|literal| literal.starts_with(word)) {
        return JsonError::truncated("inside a literal", text.len());
    }
    let next = text[end..].trim_start().chars().next();
    let message = match word {
        "NaN" | "Infinity" | "undefined" => format!("`{word}` is not JSON"),
        "None" => "Python's `None` is not JSON; JSON has `null`".to_owned(),
        "True" => "Python's `True` is not JSON; JSON has `true`".to_owned(),
        "False" => "Python's `False` is not JSON; JSON has `false`".to_owned(),
        "nil" => "`nil` is not JSON; JSON has `null`".to_owned(),
        "data" | "event" | "id" | "retry" if at_root && next == Some(':') => {
            format!("this is an event stream (`{word}:`), not JSON")
        }
        _ if at_root && next == Some('(') => "this is a function call (JSONP), not JSON".to_owned(),
        _ if ["true", "false", "null"].iter().any(|literal| literal.eq_ignore_ascii_case(word)) => {
            format!("`{word}` must be in lower case")
        }
        _ => format!("a value was expected, the bare word `{}` was found", shortened(word)),
    };
    JsonError::syntax(message, at, end)
}

/// The error at a character that begins no key.
pub(super) fn no_key(text: &str, at: usize) -> JsonError {
    let message = match text.as_bytes()[at] {
        b'\'' => "a key in single quotes; JSON has double quotes only".to_owned(),
        b'/' | b'#' => "JSON has no comments".to_owned(),
        b',' => "a key and its value are missing before the comma".to_owned(),
        byte if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-') => {
            "a key must stand in double quotes".to_owned()
        }
        _ => format!("a key was expected, {} was found", found(text, at)),
    };
    JsonError::syntax(message, at, character_end(text, at))
}

/// The error at a character that follows a value inside an array or object; `close` is its closing bracket.
pub(super) fn no_separator(text: &str, at: usize, close: char) -> JsonError {
    let message = match text.as_bytes()[at] {
        b'"' | b'{' | b'[' | b'0'..=b'9' | b'-' => format!("a comma is missing before {}", found(text, at)),
        b'/' | b'#' => "JSON has no comments".to_owned(),
        _ => format!("a comma or `{close}` was expected, {} was found", found(text, at)),
    };
    JsonError::syntax(message, at, character_end(text, at))
}

/// The error at a character that follows the value of the whole text.
pub(super) fn after_value(text: &str, at: usize) -> JsonError {
    let message = match text.as_bytes()[at] {
        b'{' | b'[' | b'"' => "a second value after the first".to_owned(),
        b'<' => "markup after the value".to_owned(),
        _ => format!("{} after the value", found(text, at)),
    };
    JsonError::new(JsonErrorKind::TrailingGarbage, message, at, text.len())
}

fn shortened(word: &str) -> String {
    let start: String = word.chars().take(24).collect();
    if start.len() < word.len() { format!("{start}…") } else { start }
}
