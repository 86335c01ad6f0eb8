//! Whether a file begins like one of its kind, by its first key. No text of any other file is quoted in an error, because
//! the file may hold secrets.

use super::node::{Node, Tree};
use crate::location::{InputError, InputErrors, Source, Span, nearest};

/// The first keys of a kind of file.
#[derive(Debug)]
pub struct FileKind {
    /// The kind, with its article: `a suite`.
    pub what: &'static str,
    /// The keys that may come first.
    pub keys: &'static [&'static str],
    /// The keys that identify the kind alone. Where another key comes first, one of these must begin a later line.
    pub sure: &'static [&'static str],
    /// Whether any key that begins with `x-` may come first.
    pub extensible: bool,
    /// Whether the file is a list of mappings that begin so.
    pub list: bool,
}

/// Longer keys are not read, in characters. No known key is as long.
const LONGEST: usize = 64;

impl FileKind {
    /// Whether a text begins like a file of this kind.
    pub fn has_begun(&self, text: &str) -> bool {
        let Some((span, key)) = first_key(text, self.list) else { return false };
        if self.sure.contains(&key) {
            return true;
        }
        let known = self.keys.contains(&key) || (self.extensible && key.starts_with("x-"));
        known && self.sure.iter().any(|sure| begins_a_line(&text[span.end..], sure))
    }

    /// The same source, which errors quote only if it begins like a file of this kind.
    pub fn guarded(&self, source: &Source) -> Source {
        if self.has_begun(source.text()) { source.clone() } else { source.unquoted() }
    }

    /// The error that replaces all other errors of a file which does not begin like one of this kind. None if it does.
    /// `text` is the text of the source, or the same with parts replaced by spaces.
    pub fn refusal(&self, source: &Source, text: &str, read: &Result<Tree, InputErrors>) -> Option<InputError> {
        let is_bare =
            |tree: &Tree| self.list && tree.root.items().is_some_and(|items| items.iter().all(Node::is_empty));
        if self.has_begun(text) || read.as_ref().is_ok_and(is_bare) {
            return None;
        }
        let source = source.unquoted();
        let first = first_key(text, self.list);
        let start = first.map_or_else(|| text.len() - text[blank(text)..].len(), |(span, _)| span.start);
        let place = source.place(first.map_or(Span::new(start, start), |(span, _)| span));
        let keys: Vec<String> = self.keys.iter().map(|key| format!("`{key}`")).collect();
        let begins = if self.list { "Each of its entries" } else { "Its first key" };
        let help = format!("{begins} is one of {}. Of any other file nothing is shown here.", keys.join(", "));
        let help = help.replacen("Each of its entries is", "Each of its entries begins with", 1);
        if let Some((_, key)) = first
            && let Some(near) = nearest(key, self.keys.iter().copied())
                .or_else(|| self.keys.iter().copied().find(|known| known.eq_ignore_ascii_case(key)))
            && near != key
            && key.chars().all(|c| c.is_ascii_graphic())
        {
            let message = format!("`{key}` is not a first key of {}", self.what);
            return Some(InputError::at(place, message).help(format!("Did you mean `{near}`? {help}")));
        }
        let is_other = |root: &Node| if self.list { root.items().is_none() } else { root.entries().is_none() };
        let not = format!("not {}", self.what);
        if blank(text) == text.len() {
            let help = "Write the text into it, or name another file.";
            return Some(InputError::at(source.place(Span::new(0, 0)), EMPTY).help(help));
        }
        let (place, message) = match read {
            Ok(tree) if is_other(&tree.root) => (place, format!("this is {}, {not}", tree.root.kind())),
            Ok(_) => (place, format!("this is {not}: it does not begin like one")),
            Err(InputErrors(errors)) => {
                let fault = errors.first().and_then(|error| error.place.as_ref());
                let at = fault.map_or(start, |place| place.span.start);
                let message = format!("this is {not}: it does not begin like one, and cannot be read from here on");
                (source.place(Span::new(at, at)), message)
            }
        };
        Some(InputError::at(place, message).help(help))
    }
}

/// The message for a file without a value.
pub(super) const EMPTY: &str = "the file is empty";

/// The length of what comes before the first value: white space, comments, directives, and the `---` of a YAML document.
fn blank(text: &str) -> usize {
    let mut rest = text.trim_start_matches('\u{feff}');
    loop {
        rest = rest.trim_start();
        let line = rest.split_once('\n').map_or(rest, |(line, _)| line);
        if rest.starts_with('#') || (rest.starts_with('%') && is_line_start(text, rest)) {
            rest = &rest[line.len()..];
        } else if let Some(behind) =
            rest.strip_prefix("---").filter(|behind| behind.is_empty() || behind.starts_with(char::is_whitespace))
        {
            rest = behind;
        } else {
            return text.len() - rest.len();
        }
    }
}

fn is_line_start(text: &str, rest: &str) -> bool {
    let before = &text[..text.len() - rest.len()];
    before.trim_start_matches('\u{feff}').is_empty() || before.ends_with('\n')
}

/// The first key of a text in YAML or JSON, and its place. With `list`, the first key of the first entry.
fn first_key(text: &str, list: bool) -> Option<(Span, &str)> {
    let mut rest = &text[blank(text)..];
    if list {
        rest = rest.strip_prefix(['[', '-'])?.trim_start();
        rest = &rest[blank(rest)..];
    }
    rest = rest.strip_prefix('{').map_or(rest, |inner| &inner[blank(inner)..]);
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''));
    let start = text.len() - rest.len() + usize::from(quote.is_some());
    let inner = &text[start..];
    let end = inner
        .char_indices()
        .take(LONGEST)
        .find(|(_, c)| quote.map_or_else(|| *c == ':' || c.is_whitespace(), |quote| *c == quote))
        .map(|(at, _)| at)?;
    let behind = &inner[end + usize::from(quote.is_some())..];
    let is_key = end > 0 && behind.trim_start_matches([' ', '\t']).starts_with(':');
    is_key.then(|| (Span::new(start, start + end), &inner[..end]))
}

/// Whether some line begins with a key, or a JSON text holds it.
fn begins_a_line(text: &str, key: &str) -> bool {
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(&text.as_bytes()[from..], key.as_bytes()).map(|at| from + at) {
        from = at + key.len();
        let before = text[..at].trim_end_matches([' ', '\t', '-']);
        let quoted = before.ends_with(['"', '\'']);
        let stands_first = before.is_empty() || before.ends_with(['\n', '{', ',']) || quoted;
        let behind = text[from..].strip_prefix(['"', '\'']).unwrap_or(&text[from..]);
        if stands_first && behind.trim_start_matches([' ', '\t']).starts_with(':') {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::yaml;

    const THING: FileKind =
        FileKind { what: "a thing", keys: &["open", "info", "paths"], sure: &["open"], extensible: true, list: false };
    const THINGS: FileKind = FileKind { list: true, ..THING };

    #[test]
    fn what_begins_as_one_does_has_begun() {
        for text in [
            "open: 1",
            "open:",
            "\u{feff}open: 1\n",
            "# a comment\r\n\r\n%YAML 1.2\n---\n# more\nopen : 1\n",
            "--- # here\nopen: 1\n",
            "'open': 1",
            "{open: 1}",
            "{\"open\":1}",
            "\n\t {\n  \"open\" : \"3\"",
            "open: [unclosed\n\tx",
            "info: {}\nopen: 1\n",
            "x-mine: 1\n\"open\": 1",
            "{\"info\": {}, \"open\": 1}",
            "info:\n  a: 1\nopen : 1",
        ] {
            assert!(THING.has_begun(text), "{text:?}");
            assert!(!THINGS.has_begun(text), "{text:?}");
        }
        for text in [
            "- open: 1",
            "# x\n-\n  open: 1",
            "[{open: 1}]",
            "[\n {\"info\": 1, \"open\": 1}]",
            "- info: 1\n  open: 2\n",
        ] {
            assert!(THINGS.has_begun(text), "{text:?}");
            assert!(!THING.has_begun(text), "{text:?}");
        }
    }

    #[test]
    fn nothing_else_has_begun() {
        let long = format!("{}: 1\nopen: 1\n", "k".repeat(1000));
        for text in [
            "",
            "\u{feff}",
            "# open: 1\n",
            "---\n",
            "SECRET=1\nopen: 1\n",
            "open",
            "open me: 1",
            "opens: 1",
            "Open: 1",
            "secret: 1\nopen: 1\n",
            "info: {}\n",
            "info: {}\nreopen: 1\nx: open: 1\n",
            "paths: open\n",
            "x-mine: 1\n",
            "\u{0}open: 1",
            "o\u{0}p\u{0}e\u{0}n\u{0}:\u{0}",
            "\"open",
            "- secret\n- open: 1\n",
            "root:x:0:0:root:/root:/bin/bash\n",
            "-----BEGIN PRIVATE KEY-----\nopen: 1\n",
            &long,
        ] {
            assert!(!THING.has_begun(text) && !THINGS.has_begun(text), "{text:?}");
        }
    }

    #[test]
    fn another_file_is_told_by_its_place_and_never_by_its_text() {
        for (text, message, line, column) in [
            ("hunter22: {a: b}\n", "this is not a thing: it does not begin like one", 1, 1),
            ("\n# hunter22\n  hunter22=hunter22\n", "this is a string, not a thing", 3, 3),
            ("- hunter22\n", "this is a sequence, not a thing", 1, 1),
            ("# hunter22\n", EMPTY, 1, 1),
            (
                "hunter22: 1\nhunter22: 2\n",
                "this is not a thing: it does not begin like one, and cannot be read from here on",
                2,
                1,
            ),
            (
                "a: 1\nb: [hunter22\n\thunter22",
                "this is not a thing: it does not begin like one, and cannot be read from here on",
                3,
                1,
            ),
            ("opne: hunter22\n", "`opne` is not a first key of a thing", 1, 1),
            ("OPEN: hunter22\n", "`OPEN` is not a first key of a thing", 1, 1),
            ("info: hunter22\n", "this is not a thing: it does not begin like one", 1, 1),
        ] {
            let source = Source::new("a.yaml", text);
            let error = THING.refusal(&source, text, &yaml::read(&source)).expect("another file");
            let position = error.place.as_ref().expect("a place").position();
            assert_eq!((error.message.as_str(), position.line, position.column), (message, line, column), "{text:?}");
            let shown = error.to_string();
            let helps = message == EMPTY || shown.contains("`open`, `info`, `paths`");
            assert!(!shown.contains("hunter22") && helps, "{shown}");
        }
        let source = Source::new("a.yaml", "open: 1\nopen: 2\n");
        assert!(THING.refusal(&source, source.text(), &yaml::read(&source)).is_none());
    }
}
