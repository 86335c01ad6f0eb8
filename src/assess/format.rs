//! How findings show values: with their type, short, on one line.

use std::fmt::Write as _;

use crate::printable::is_unprintable;
use crate::spec::{Operation, Response};
use crate::suite::{Expectation, Statuses};
use crate::tree::{Node, Value};

/// The most characters of a value.
const WIDTH: usize = 120;

/// The most characters of a sentence.
const SENTENCE: usize = 320;

/// A value of an answer: `"not_found" (string)`, `404 (number)`, `null`, `{…} (object)`.
pub(crate) fn node(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("{value} (boolean)"),
        Value::Number(number) => format!("{} (number)", short(&number.0)),
        Value::String(text) => format!("{} (string)", quoted(text)),
        Value::Sequence(items) => array(items.len()),
        Value::Mapping(entries) => object(entries.iter().map(|entry| entry.key.as_str())),
    }
}

/// An expected value, in the same form.
pub(crate) fn value(value: &serde_json::Value) -> String {
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
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", short(text))
}

/// Text on one line, with what cannot be seen escaped, cut at a readable length.
pub(crate) fn short(text: &str) -> String {
    cut(text, WIDTH)
}

/// The same for a sentence, which may be longer.
pub(crate) fn sentence(text: &str) -> String {
    cut(text, SENTENCE)
}

fn cut(text: &str, width: usize) -> String {
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == width {
            shown.push('…');
            break;
        }
        push_visible(&mut shown, character);
    }
    shown
}

/// The first bytes on one line. A byte that is not text is shown as `\x1F`.
pub(crate) fn bytes(bytes: &[u8]) -> String {
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
        // Direction marks could reverse the rest of the line. Two texts that look equal may differ in invisible characters.
        character if is_unprintable(character) => {
            let _ = write!(shown, "\\u{{{:X}}}", u32::from(character));
        }
        character => shown.push(character),
    }
}

/// A pointer within a sentence. The pointer of the whole body is empty, so words stand for it.
pub(crate) fn pointer(pointer: &str) -> &str {
    if pointer.is_empty() { "the body" } else { pointer }
}

/// `1 byte`, `2 bytes`.
pub(crate) fn count(count: u64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// An example by its name. A single `example` of the document has no name.
pub(crate) fn example(name: &str) -> String {
    if name == "example" { "the documented example".to_owned() } else { format!("the example {}", short(name)) }
}

/// `a property`, `2 properties`.
pub(crate) fn properties(count: usize) -> String {
    if count == 1 { "a property".to_owned() } else { format!("{count} properties") }
}

/// The media types of a response: `application/json`, `application/json or text/plain`.
pub(crate) fn media(response: &Response) -> String {
    let keys: Vec<&str> = response.content.iter().map(|media| media.key.as_str()).collect();
    keys.join(" or ")
}

/// The statuses of an expectation: `204`, `204 or 404`, `a documented status (204, 400, 404)`.
pub(crate) fn statuses(expectation: &Expectation, operation: &Operation) -> String {
    match &expectation.status {
        Statuses::OneOf(list) => {
            let list: Vec<String> = list.iter().map(u16::to_string).collect();
            list.join(" or ")
        }
        Statuses::Documented => format!("a documented status ({})", documented(operation)),
    }
}

/// The statuses that the document lists for an operation.
pub(crate) fn documented(operation: &Operation) -> String {
    let keys: Vec<&str> = operation.responses.iter().map(|response| response.key.as_str()).collect();
    if keys.is_empty() { "none".to_owned() } else { keys.join(", ") }
}

/// The message of one of `count` findings of which only the first `most` are reported. The last of these counts the rest.
pub(crate) fn of_many(message: String, index: usize, most: usize, count: usize) -> String {
    if index + 1 == most && count > most { format!("{message} (and {} more)", count - most) } else { message }
}

/// As [`of_many`], where the search stopped at `count`, so there may be more.
pub(crate) fn of_too_many(message: String, index: usize, most: usize, count: usize) -> String {
    if index + 1 == most && count > most { format!("{message} (and at least {} more)", count - most) } else { message }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_shown_with_their_type() {
        for (came, shown) in [
            (json!(null), "null"),
            (json!(false), "false (boolean)"),
            (json!(1.50), "1.5 (number)"),
            (json!("a\"b\n"), "\"a\"b\\n\" (string)"),
            (json!([]), "[] (array)"),
            (json!([1]), "[…] (array of 1)"),
            (json!([1, 2]), "[…] (array of 2)"),
            (json!({}), "{} (object)"),
            (json!({"a": 1}), "{a} (object)"),
            (json!({"a": 1, "b\t": 2}), "{a, b\\t} (object)"),
        ] {
            assert_eq!(value(&came), shown);
            let read = crate::tree::json::read(came.to_string().as_bytes()).expect("JSON");
            assert_eq!(node(&read.root), shown);
        }
    }

    #[test]
    fn an_object_with_many_keys_is_cut() {
        let keys = |count: usize| {
            let members = (0..count).map(|key| (format!("key_{key:03}"), json!(null)));
            value(&serde_json::Value::Object(members.collect()))
        };
        // The brace, seven letters a key, and what stands between: the seventh is the last that begins in time.
        let seven = "{key_000, key_001, key_002, key_003, key_004, key_005, key_006";
        assert_eq!(keys(7), format!("{seven}}} (object)"));
        assert_eq!(keys(8), format!("{seven}, …}} (object)"));
        assert_eq!(keys(9), keys(8));
        // Exactly half the width before the next key is still in time.
        let long = "k".repeat(WIDTH / 2 - 3);
        assert_eq!(value(&json!({long.as_str(): 1, "z": 2})), format!("{{{long}, z}} (object)"));
        let longer = format!("{long}k");
        assert_eq!(value(&json!({longer.as_str(): 1, "z": 2})), format!("{{{longer}, …}} (object)"));
    }

    #[test]
    fn long_texts_and_bytes_are_cut_and_what_cannot_be_seen_is_escaped() {
        let exactly = "ä".repeat(WIDTH);
        assert_eq!(short(&exactly), exactly);
        assert_eq!(short(&format!("{exactly}b")), format!("{exactly}…"));
        assert_eq!(short("a\r\t\0\u{7F}\u{200F}\u{202A}\u{2066}\u{FEFF}é"), {
            "a\\r\\t\\u{0}\\u{7F}\\u{200F}\\u{202A}\\u{2066}\\u{FEFF}é"
        });
        let exactly = [b'a'; WIDTH];
        assert_eq!(bytes(&exactly), "a".repeat(WIDTH));
        assert_eq!(bytes(&[&exactly[..], b"b"].concat()), format!("{}…", "a".repeat(WIDTH)));
        assert_eq!(bytes(b"a\xFF\x00\xC3\xA4\n"), "a\\xFF\\u{0}ä\\n");
        assert_eq!(bytes(b""), "");
    }

    #[test]
    fn the_last_of_several_counts_the_rest() {
        let messages =
            |count: usize| (0..count.min(3)).map(|index| of_many("x".to_owned(), index, 3, count)).collect::<Vec<_>>();
        assert_eq!(messages(2), ["x", "x"]);
        assert_eq!(messages(3), ["x", "x", "x"]);
        assert_eq!(messages(4), ["x", "x", "x (and 1 more)"]);
        assert_eq!(messages(12), ["x", "x", "x (and 9 more)"]);
    }

    #[test]
    fn counts_have_their_plural() {
        assert_eq!([count(0, "byte"), count(1, "byte"), count(2, "byte")], ["0 bytes", "1 byte", "2 bytes"]);
        assert_eq!([properties(1), properties(2)], ["a property", "2 properties"]);
        assert_eq!([example("example"), example("x")], ["the documented example", "the example x"]);
        assert_eq!([pointer(""), pointer("/a")], ["the body", "/a"]);
    }
}
