//! Values as messages show them: with their type, short, on one line.

use std::fmt::Write as _;

use crate::case::{Expectation, Statuses};
use crate::spec::{Operation, Response};
use crate::tree::{Node, Value};

/// How many characters of a value are shown.
const WIDTH: usize = 120;

/// A value that came: `"not_found" (string)`, `404 (number)`, `null`, `{…} (object)`.
pub(super) fn node(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("{value} (boolean)"),
        Value::Number(number) => format!("{} (number)", short(&number.0)),
        Value::String(text) => format!("{} (string)", quoted(text)),
        Value::Sequence(items) => array(items.len()),
        Value::Mapping(entries) => object(entries.iter().map(|entry| entry.key.as_str())),
    }
}

/// A value that was expected, likewise.
pub(super) fn value(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("{value} (boolean)"),
        Value::Number(number) => format!("{number} (number)"),
        Value::String(text) => format!("{} (string)", quoted(text)),
        Value::Array(items) => array(items.len()),
        Value::Object(members) => object(members.keys().map(String::as_str)),
    }
}

fn array(length: usize) -> String {
    match length {
        0 => "[] (array)".to_owned(),
        1 => "[…] (array of 1)".to_owned(),
        length => format!("[…] (array of {length})"),
    }
}

fn object<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::from("{");
    for key in keys {
        if text.len() > 1 {
            text.push_str(", ");
        }
        if text.chars().count() > WIDTH / 2 {
            text.push('…');
            break;
        }
        text.push_str(&short(key));
    }
    text.push_str("} (object)");
    text
}

/// Text in double quotes, with what cannot be seen escaped.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", short(text))
}

/// Text on one line, with what cannot be seen escaped, cut at a readable length.
pub(super) fn short(text: &str) -> String {
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == WIDTH {
            shown.push('…');
            break;
        }
        push_visible(&mut shown, character);
    }
    shown
}

/// The first bytes on one line; what is no text as `\x1F`.
pub(super) fn bytes(bytes: &[u8]) -> String {
    let mut shown = String::new();
    let window = &bytes[..bytes.len().min(WIDTH)];
    for chunk in window.utf8_chunks() {
        for character in chunk.valid().chars() {
            push_visible(&mut shown, character);
        }
        for byte in chunk.invalid() {
            // Writing to a string cannot fail.
            let _ = write!(shown, "\\x{byte:02X}");
        }
    }
    if bytes.len() > window.len() {
        shown.push('…');
    }
    shown
}

fn push_visible(shown: &mut String, character: char) {
    match character {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        // Direction marks could turn the rest of a line around.
        character
            if character.is_control()
                || matches!(character, '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}') =>
        {
            let _ = write!(shown, "\\u{{{:X}}}", u32::from(character));
        }
        character => shown.push(character),
    }
}

/// A pointer for a sentence: the whole body has no pointer to show.
pub(super) fn pointer(pointer: &str) -> &str {
    if pointer.is_empty() { "the body" } else { pointer }
}

/// `1 byte`, `2 bytes`.
pub(super) fn count(count: u64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// An example by its name; a lone `example` of the document has none.
pub(super) fn example(name: &str) -> String {
    if name == "example" { "the documented example".to_owned() } else { format!("the example {}", short(name)) }
}

/// `a property`, `2 properties`.
pub(super) fn properties(count: usize) -> String {
    if count == 1 { "a property".to_owned() } else { format!("{count} properties") }
}

/// The media types of a response: `application/json`, `application/json or text/plain`.
pub(super) fn media(response: &Response) -> String {
    let keys: Vec<&str> = response.content.iter().map(|media| media.key.as_str()).collect();
    keys.join(" or ")
}

/// The statuses of an expectation: `204`, `204 or 404`, `a documented status (204, 400, 404)`.
pub(super) fn statuses(expectation: &Expectation, operation: &Operation) -> String {
    match &expectation.status {
        Statuses::OneOf(list) => {
            let list: Vec<String> = list.iter().map(u16::to_string).collect();
            list.join(" or ")
        }
        Statuses::Documented => format!("a documented status ({})", documented(operation)),
    }
}

/// The statuses that the document lists for an operation.
pub(super) fn documented(operation: &Operation) -> String {
    let keys: Vec<&str> = operation.responses.iter().map(|response| response.key.as_str()).collect();
    if keys.is_empty() { "none".to_owned() } else { keys.join(", ") }
}
