//! Strict reading of a tree: every value that is not as it must be is an error with its place and what to do.
//!
//! Errors are collected, so that one run shows all errors of a file. A value that could not be read is replaced by an
//! empty one. It is never used, because a file with an error gives no suite.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::placeholder::{self, PlaceholderError};
use super::template::{Filter, JsonTemplate, Text};
use crate::location::{InputError, Pointer, Source, Span, nearest};
use crate::printable::is_unprintable;
use crate::tree::json::MAX_DEPTH;
use crate::tree::{Entry, Node, Value};

/// The most errors of one file that are shown. The others are counted, up to [`MAX_LEFT_OUT`].
const MAX_ERRORS: usize = 100;
/// The most errors that are counted without being shown.
const MAX_LEFT_OUT: usize = 10_000;

/// Reads the values of one file and collects its errors.
pub(crate) struct Strict<'a> {
    pub(crate) source: &'a Source,
    errors: Vec<(usize, InputError)>,
    /// The errors so far: defaults are checked again for every case that inherits them.
    said: HashSet<(Span, String)>,
    left_out: usize,
    placeholders: usize,
}

/// Before the list of keys that a mapping may have.
const KEYS: &str = "These keys are known here:";

/// How many `{{…}}` the texts of one file may hold.
const MAX_PLACEHOLDERS: usize = 100_000;

impl<'a> Strict<'a> {
    pub(crate) fn new(source: &'a Source) -> Self {
        Self { source, errors: Vec::new(), said: HashSet::new(), left_out: 0, placeholders: 0 }
    }

    /// Notes an error at a place.
    pub(crate) fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let message = message.into();
        if self.left_out >= MAX_LEFT_OUT {
            return;
        }
        if !self.said.insert((span, message.clone())) {
            return;
        }
        if self.errors.len() >= MAX_ERRORS {
            self.left_out += 1;
            return;
        }
        self.errors.push((span.start, InputError::at(self.source.place(span), message).help(help)));
    }

    /// Notes an error that the caller made.
    pub(super) fn push(&mut self, error: InputError) {
        let at = error.place.as_ref().map_or(0, |place| place.span.start);
        self.errors.push((at, error));
    }

    /// All errors in the order of the file.
    pub(crate) fn finish(mut self) -> Vec<InputError> {
        self.errors.sort_by_key(|(at, _)| *at);
        let mut errors: Vec<InputError> = self.errors.into_iter().map(|(_, error)| error).collect();
        if self.left_out > 0 {
            let at_least = if self.left_out < MAX_LEFT_OUT { "" } else { "at least " };
            let message = format!("`{}` has {at_least}{} more errors", self.source.name(), self.left_out);
            errors.push(InputError::new(message).help("Correct the errors above first."));
        }
        errors
    }

    /// A mapping with these keys only. `what` names it in messages, with its article: `a case`.
    pub(crate) fn keys<'n>(&mut self, node: &'n Node, what: &str, known: &[&str]) -> Option<&'n Node> {
        self.keys_but(node, what, known, &[])
    }

    /// As [`Strict::keys`], but without an error for the keys in `but`, which the caller refuses.
    pub(super) fn keys_but<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        known: &[&str],
        but: &[&str],
    ) -> Option<&'n Node> {
        for entry in self.mapping(node, what, &format!("{KEYS} {}.", names(known)))? {
            if !known.contains(&entry.key.as_str()) && !but.contains(&entry.key.as_str()) {
                let message = format!("unknown key `{}` in {what}", shown(&entry.key));
                self.error(entry.key_span, message, suggestion(&entry.key, known, KEYS));
            }
        }
        Some(node)
    }

    /// The entries of a mapping.
    pub(super) fn mapping<'n>(&mut self, node: &'n Node, what: &str, help: &str) -> Option<&'n [Entry]> {
        let entries = node.entries();
        if entries.is_none() {
            self.error(node.span, format!("{what} must be a mapping, not {}", node.kind()), help);
        }
        entries
    }

    /// The items of a sequence.
    pub(crate) fn sequence<'n>(&mut self, node: &'n Node, what: &str, help: &str) -> Option<&'n [Node]> {
        let items = node.items();
        if items.is_none() {
            self.error(node.span, format!("{what} must be a sequence, not {}", node.kind()), help);
        }
        items
    }

    /// A string that is not empty.
    pub(crate) fn string<'n>(&mut self, node: &'n Node, what: &str, help: &str) -> Option<&'n str> {
        match node.as_str() {
            Some(text) if !text.trim().is_empty() => Some(text),
            Some(_) => {
                self.error(node.span, format!("{what} is empty"), help);
                None
            }
            None => {
                self.error(node.span, format!("{what} must be a string, not {}", node.kind()), help);
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, node: &Node, what: &str) -> bool {
        if let Value::Bool(value) = node.value {
            return value;
        }
        self.error(node.span, format!("{what} must be a boolean, not {}", node.kind()), "Write `true` or `false`.");
        false
    }

    /// Checks that placeholders can use a key as a name. `reserved` are names with another meaning.
    pub(super) fn name(&mut self, entry: &Entry, what: &str, reserved: &[&str]) {
        let name = entry.key.as_str();
        if name.is_empty() || !name.bytes().all(placeholder::is_name_byte) {
            let message = format!("`{}` cannot be the name of {what}", shown(name));
            self.error(entry.key_span, message, "Use letters, digits, `_` and `-` only.");
        } else if reserved.contains(&name) {
            let message = format!("`{name}` cannot be the name of {what}, because it has another meaning");
            self.error(entry.key_span, message, format!("Choose a name other than {}.", names(reserved)));
        }
    }

    /// The name of an environment variable.
    pub(super) fn variable(&mut self, node: &Node, what: &str) -> String {
        const HELP: &str = "Write the name of an environment variable, such as `API_KEY`, without `$`.";
        let Some(name) = self.string(node, what, HELP) else { return String::new() };
        let good = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with(|c: char| c.is_ascii_digit());
        if !good {
            self.error(node.span, format!("`{}` cannot be the name of a variable", shown(name)), HELP);
        }
        name.to_owned()
    }

    /// A text with placeholders, from any scalar except null. A number or boolean is taken as the file writes it.
    pub(super) fn text(&mut self, node: &Node, what: &str) -> Text {
        match &node.value {
            Value::String(text) => self.template(text, node.span),
            Value::Number(number) => {
                // `007` and `1.10` are numbers in YAML; as a text, their digits must stay as written.
                let written = self.source.text().get(node.span.start..node.span.end).unwrap_or_default();
                let plain = !written.is_empty()
                    && written.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte));
                Text::fixed(if plain { written } else { &number.0 }, node.span)
            }
            Value::Bool(value) => Text::fixed(value.to_string(), node.span),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => {
                let message = format!("{what} must be a string, not {}", node.kind());
                self.error(node.span, message, "Write a text. Put it in quotes if it begins with `{`.");
                Text::fixed("", node.span)
            }
        }
    }

    /// A string as a text with placeholders.
    pub(super) fn template(&mut self, text: &str, span: Span) -> Text {
        let values = text.matches("{{").count();
        self.placeholders = self.placeholders.saturating_add(values);
        if values > 0 && self.placeholders > MAX_PLACEHOLDERS {
            let message = format!("the texts of this file contain more than {MAX_PLACEHOLDERS} placeholders");
            self.error(span, message, "Use fewer placeholders, or split the suite.");
            return Text::fixed("", span);
        }
        let (text, errors) = placeholder::parse(self.source, span, text);
        for (span, error) in errors {
            self.placeholder_error(span, &error);
        }
        text
    }

    fn placeholder_error(&mut self, span: Span, error: &PlaceholderError) {
        const FORMS: &str = "A placeholder is `{{user}}`, `{{run}}`, `{{uuid}}`, `{{uuid.NAME}}`, `{{NAME.capture}}` or \
                             `{{env.NAME}}`. A name has letters, digits, `_` and `-`.";
        match error {
            PlaceholderError::Unclosed => self.error(
                span,
                "`{{` has no `}}`",
                "Write `}}` after the name of the value, or `{{{{` for two literal braces.",
            ),
            PlaceholderError::Empty => self.error(span, "there is no name between the braces", FORMS),
            PlaceholderError::Name(name) => {
                self.error(span, format!("`{}` cannot be the name of a value", shown(name)), FORMS);
            }
            PlaceholderError::Filter(name) => self.error(
                span,
                format!("unknown filter `{}`", shown(name)),
                suggestion(name, &Filter::NAMES, "The filters are"),
            ),
        }
    }

    /// A JSON value with placeholders.
    pub(super) fn json(&mut self, node: &Node) -> JsonTemplate {
        match &node.value {
            Value::Null => JsonTemplate::Fixed(serde_json::Value::Null),
            Value::Bool(value) => JsonTemplate::Fixed((*value).into()),
            Value::Number(number) => {
                let value = number.to_json();
                let is_whole = !number.0.contains(['.', 'e', 'E']);
                let is_endless = number.0.parse::<f64>().is_ok_and(f64::is_infinite);
                let lost = (is_whole && value.is_f64()) || is_endless;
                if lost {
                    let message = format!("the number {} cannot be sent with these digits", shown(&number.0));
                    self.error(node.span, message, "Write the whole body as text under `body`.");
                }
                JsonTemplate::Fixed(value)
            }
            Value::String(text) => {
                let text = self.template(text, node.span);
                match text.literal() {
                    Some(literal) => JsonTemplate::Fixed(literal.into()),
                    None => JsonTemplate::Text(text),
                }
            }
            Value::Sequence(items) => {
                let items: Vec<JsonTemplate> = items.iter().map(|item| self.json(item)).collect();
                match items.iter().map(fixed).collect() {
                    Some(items) => JsonTemplate::Fixed(serde_json::Value::Array(items)),
                    None => JsonTemplate::Array(items),
                }
            }
            Value::Mapping(entries) => {
                let entries: Vec<(String, JsonTemplate)> = entries
                    .iter()
                    .map(|entry| {
                        if entry.key.contains("{{") {
                            let message = "a key of a JSON object cannot contain placeholders";
                            self.error(entry.key_span, message, "Write the whole body as text under `body`.");
                        }
                        (entry.key.clone(), self.json(&entry.value))
                    })
                    .collect();
                match entries.iter().map(|(key, value)| Some((key.clone(), fixed(value)?))).collect() {
                    Some(entries) => JsonTemplate::Fixed(serde_json::Value::Object(entries)),
                    None => JsonTemplate::Object(entries),
                }
            }
        }
    }

    /// A JSON pointer; `span` is where it stands.
    pub(super) fn pointer(&mut self, text: &str, span: Span) -> Pointer {
        const HELP: &str = "A pointer is empty or begins with `/`, such as `/data/0/id`. In a name, write `~0` for `~` and \
                            `~1` for `/`.";
        if text.matches('/').count() > MAX_DEPTH {
            let message = format!("the pointer has more than {MAX_DEPTH} levels");
            self.error(span, message, "No body is judged that deep. Point to a higher level.");
            return Pointer::root();
        }
        let escaped = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        Pointer::parse(text).filter(|_| escaped).unwrap_or_else(|| {
            self.error(span, format!("`{}` is not a JSON pointer", shown(text)), HELP);
            Pointer::root()
        })
    }
}

fn fixed(template: &JsonTemplate) -> Option<serde_json::Value> {
    match template {
        JsonTemplate::Fixed(value) => Some(value.clone()),
        _ => None,
    }
}

/// Whether a mapping lacks a key. A misspelt key does not count as missing: it already has an error of its own.
pub(crate) fn lacks(node: &Node, key: &str) -> bool {
    node.entries().unwrap_or_default().iter().all(|entry| near(&entry.key, &[key]).is_none())
}

/// The nearest known name. Very long texts are not compared: the time grows with the product of both lengths.
pub(crate) fn near<'k, S: AsRef<str>>(typed: &str, known: &'k [S]) -> Option<&'k str> {
    if typed.len() > 200 { None } else { nearest(typed, known.iter().map(AsRef::as_ref)) }
}

/// Names for a message: `a`, `b` and `c`. A long list is cut.
pub(crate) fn names<S: AsRef<str>>(all: &[S]) -> String {
    const MOST: usize = 24;
    let mut out = String::new();
    let shown_names = if all.len() > MOST { MOST - 1 } else { all.len() };
    for (index, name) in all.iter().take(shown_names).enumerate() {
        let before = match index {
            0 => "",
            _ if index + 1 == all.len() => " and ",
            _ => ", ",
        };
        let _ = write!(out, "{before}`{}`", shown(name.as_ref()));
    }
    if all.len() > shown_names {
        let _ = write!(out, " and {} more", all.len() - shown_names);
    }
    out
}

/// What to do about an unknown name: the nearest known one, and all known ones after `intro`.
pub(crate) fn suggestion<S: AsRef<str>>(typed: &str, known: &[S], intro: &str) -> String {
    let list = if known.is_empty() { String::new() } else { format!("{intro} {}.", names(known)) };
    match near(typed, known) {
        Some(near) => format!("Did you mean `{near}`? {list}"),
        None => list,
    }
}

/// A text from a file for a message: on one line, and cut if it is long.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut out: String = text.chars().take(MOST).map(|c| if is_unprintable(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_as_people_do_and_many_are_cut_short() {
        let all: Vec<String> = (1..=28).map(|number| format!("n{number}")).collect();
        assert_eq!(names::<String>(&[]), "");
        assert_eq!(names(&all[..1]), "`n1`");
        assert_eq!(names(&all[..2]), "`n1` and `n2`");
        assert_eq!(names(&all[..3]), "`n1`, `n2` and `n3`");
        assert!(names(&all[..16]).ends_with("`n15` and `n16`"), "{}", names(&all[..16]));
        assert!(names(&all[..25]).ends_with("`n22`, `n23` and 2 more"), "{}", names(&all[..25]));
        assert!(names(&all).ends_with("`n22`, `n23` and 5 more"), "{}", names(&all));
    }

    #[test]
    fn the_nearest_name_is_offered_if_there_is_one_and_the_others_too() {
        assert_eq!(
            suggestion("auht", &["auth", "path"], "These keys are known here:"),
            "Did you mean `auth`? These keys are known here: `auth` and `path`."
        );
        assert_eq!(
            suggestion("something else", &["auth", "path"], "These keys are known here:"),
            "These keys are known here: `auth` and `path`."
        );
        assert_eq!(suggestion::<&str>("auht", &[], "These keys are known here:"), "");
        // Names are compared up to 200 bytes.
        for (length, offered) in [(200, true), (201, false)] {
            let long = "n".repeat(length);
            let known = [format!("{}m", &long[1..])];
            assert_eq!(
                suggestion(&long, &known, "These keys are known here:").starts_with("Did you mean"),
                offered,
                "{length}"
            );
        }
    }
}
