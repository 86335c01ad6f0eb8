//! Values in suites: `{{user}}`, `{{run}}`, `{{uuid}}`, `{{NAME.capture}}`, `{{env.NAME}}`, and what they become in a run.
//!
//! White space inside the braces does not matter. After `|` stands a filter: `{{mine.id | upper}}`. Four braces are
//! two literal ones: `{{{{user}}}}` is the text `{{user}}`, and so is `{{{{user}}`, for `}}` alone is text; of three the
//! first is literal.
//!
//! It leaves out which values exist where (`bind` refuses unknown ones when a suite is loaded).

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use super::RunIds;
use crate::location::{Source, Span};
use crate::secret::Secrets;

/// Text with placeholders.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its parts; adjacent literals are one.
    pub parts: Vec<Part>,
    /// Where it stands.
    pub span: Span,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As written.
    Literal(String),
    /// A placeholder and, after `|`, its filter.
    Value(Reference, Option<Filter>),
}

/// What a placeholder stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// `{{user}}`: new for every run of a case.
    User,
    /// `{{run}}`: one for the whole run.
    Run,
    /// `{{uuid}}`: one per place in the file and case run; the number tells places of a suite apart.
    Uuid(usize),
    /// `{{NAME.capture}}` of the case's `given`; inside a state the name is empty: `{{capture}}`.
    Capture {
        /// The name under `given`, or empty.
        given: String,
        /// The capture.
        name: String,
    },
    /// `{{env.NAME}}`.
    Env(String),
}

/// What is done to a value before it is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// `upper`: ASCII letters in upper case.
    Upper,
    /// `percent`: every byte percent-encoded; only for `raw` path values.
    Percent,
}

/// A JSON value with placeholders; a string that is one placeholder takes the value's JSON type.
#[derive(Clone, Debug)]
pub enum JsonTemplate {
    /// No placeholder inside.
    Fixed(Value),
    /// A string with placeholders.
    Text(Text),
    /// An array.
    Array(Vec<JsonTemplate>),
    /// An object.
    Object(Vec<(String, JsonTemplate)>),
}

/// What the placeholders of one case run stand for.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// `{{user}}`.
    pub user: String,
    /// `{{run}}`.
    pub run: String,
    /// Captures by the name under `given` (empty inside a state), then by their own.
    pub captures: BTreeMap<String, BTreeMap<String, Value>>,
    /// `{{uuid}}` by place; filled as they are first used.
    pub uuids: BTreeMap<usize, Uuid>,
    /// Where they come from: one source per run, which the guard knows too.
    pub ids: RunIds,
    /// `{{env.NAME}}`.
    pub env: Arc<BTreeMap<String, String>>,
    /// What masks secrets: told of each capture that is sent as a credential.
    pub secrets: Secrets,
}

/// A placeholder that has no value in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// As written, without braces.
    pub placeholder: String,
    /// Where the text stands.
    pub span: Span,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{{{{{}}}}}` has no value in this run", self.placeholder)
    }
}

impl std::error::Error for Unresolved {}

impl fmt::Display for Reference {
    /// As in a suite, without braces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User => f.write_str("user"),
            Self::Run => f.write_str("run"),
            Self::Uuid(_) => f.write_str("uuid"),
            Self::Capture { given, name } if given.is_empty() => f.write_str(name),
            Self::Capture { given, name } => write!(f, "{given}.{name}"),
            Self::Env(name) => write!(f, "env.{name}"),
        }
    }
}

impl Filter {
    /// Every filter's name.
    pub(super) const NAMES: [&str; 2] = ["upper", "percent"];

    fn parse(name: &str) -> Option<Self> {
        match name {
            "upper" => Some(Self::Upper),
            "percent" => Some(Self::Percent),
            _ => None,
        }
    }

    fn apply(self, text: &str, out: &mut String) {
        match self {
            Self::Upper => out.extend(text.chars().map(|c| c.to_ascii_uppercase())),
            Self::Percent => {
                for &byte in text.as_bytes() {
                    out.push_str(percent_encoding::percent_encode_byte(byte));
                }
            }
        }
    }
}

impl Text {
    /// A text without placeholders.
    pub(super) fn fixed(text: impl Into<String>, span: Span) -> Self {
        let text = text.into();
        let parts = if text.is_empty() { Vec::new() } else { vec![Part::Literal(text)] };
        Self { parts, span }
    }

    /// Its literal text, if it has no placeholder.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The placeholders in it.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(reference, _) => Some(reference),
            Part::Literal(_) => None,
        })
    }

    /// The text with every placeholder replaced; a captured value that is no string as its JSON text.
    pub fn render(&self, values: &mut Values) -> Result<String, Unresolved> {
        self.prepare(values);
        self.resolve(values)
    }

    /// As [`Text::render`], but a `{{uuid}}` that nothing has used yet has no value.
    pub fn resolve(&self, values: &Values) -> Result<String, Unresolved> {
        let mut out = String::new();
        self.write(&mut out, values)?;
        Ok(out)
    }

    /// Makes the uuids that the text asks for and nothing has used yet.
    pub(super) fn prepare(&self, values: &mut Values) {
        for reference in self.references() {
            if let Reference::Uuid(place) = reference {
                values.uuids.entry(*place).or_insert_with(|| values.ids.uuid());
            }
        }
    }

    /// Appends the text with every placeholder replaced.
    pub(super) fn write(&self, out: &mut String, values: &Values) -> Result<(), Unresolved> {
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Value(reference, filter) => self.write_value(reference, *filter, out, values)?,
            }
        }
        Ok(())
    }

    /// Appends one placeholder's value.
    pub(super) fn write_value(
        &self,
        reference: &Reference,
        filter: Option<Filter>,
        out: &mut String,
        values: &Values,
    ) -> Result<(), Unresolved> {
        let mut buffer = Uuid::encode_buffer();
        let json;
        let text = match self.look_up(reference, values)? {
            Found::Text(text) | Found::Json(Value::String(text)) => text.as_str(),
            Found::Uuid(uuid) => uuid.hyphenated().encode_lower(&mut buffer),
            Found::Json(value) => {
                json = value.to_string();
                json.as_str()
            }
        };
        match filter {
            None => out.push_str(text),
            Some(filter) => filter.apply(text, out),
        }
        Ok(())
    }

    fn look_up<'v>(&self, reference: &Reference, values: &'v Values) -> Result<Found<'v>, Unresolved> {
        let found = match reference {
            Reference::User => Some(Found::Text(&values.user)),
            Reference::Run => Some(Found::Text(&values.run)),
            Reference::Uuid(place) => values.uuids.get(place).map(Found::Uuid),
            Reference::Capture { given, name } => {
                values.captures.get(given).and_then(|captures| captures.get(name)).map(Found::Json)
            }
            Reference::Env(name) => values.env.get(name).map(Found::Text),
        };
        found.ok_or_else(|| Unresolved { placeholder: reference.to_string(), span: self.span })
    }

    /// The one placeholder that is the whole text and keeps its JSON type.
    fn whole(&self) -> Option<&Reference> {
        match self.parts.as_slice() {
            [Part::Value(reference, None)] => Some(reference),
            _ => None,
        }
    }
}

enum Found<'v> {
    Text(&'v String),
    Uuid(&'v Uuid),
    Json(&'v Value),
}

impl JsonTemplate {
    /// The value with every placeholder replaced.
    pub fn render(&self, values: &mut Values) -> Result<Value, Unresolved> {
        self.prepare(values);
        self.resolve(values)
    }

    /// As [`JsonTemplate::render`], but a `{{uuid}}` that nothing has used yet has no value.
    pub fn resolve(&self, values: &Values) -> Result<Value, Unresolved> {
        match self {
            Self::Fixed(value) => Ok(value.clone()),
            Self::Text(text) => match text.whole().map(|reference| text.look_up(reference, values)).transpose()? {
                Some(Found::Json(value)) => Ok(value.clone()),
                _ => text.resolve(values).map(Value::String),
            },
            Self::Array(items) => items.iter().map(|item| item.resolve(values)).collect(),
            Self::Object(entries) => entries
                .iter()
                .map(|(key, value)| Ok((key.clone(), value.resolve(values)?)))
                .collect::<Result<serde_json::Map<_, _>, _>>()
                .map(Value::Object),
        }
    }

    /// Every text with placeholders in it.
    pub fn texts(&self) -> Vec<&Text> {
        match self {
            Self::Fixed(_) => Vec::new(),
            Self::Text(text) => vec![text],
            Self::Array(items) => items.iter().flat_map(Self::texts).collect(),
            Self::Object(entries) => entries.iter().flat_map(|(_, value)| value.texts()).collect(),
        }
    }

    /// Makes the uuids that the value asks for and nothing has used yet.
    pub(super) fn prepare(&self, values: &mut Values) {
        match self {
            Self::Fixed(_) => {}
            Self::Text(text) => text.prepare(values),
            Self::Array(items) => items.iter().for_each(|item| item.prepare(values)),
            Self::Object(entries) => entries.iter().for_each(|(_, value)| value.prepare(values)),
        }
    }

    /// Appends the value as compact JSON, keys in the order of the file, without building it first.
    pub(super) fn write(&self, out: &mut Vec<u8>, values: &Values) -> Result<(), Unresolved> {
        match self {
            Self::Fixed(value) => put(out, value),
            Self::Text(text) => match text.whole().map(|reference| text.look_up(reference, values)).transpose()? {
                Some(Found::Json(value)) => put(out, value),
                Some(Found::Text(value)) => put(out, value),
                _ => put(out, &text.resolve(values)?),
            },
            Self::Array(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    item.write(out, values)?;
                }
                out.push(b']');
            }
            Self::Object(entries) => {
                out.push(b'{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    put(out, key);
                    out.push(b':');
                    value.write(out, values)?;
                }
                out.push(b'}');
            }
        }
        Ok(())
    }
}

/// Appends a value's JSON. Writing a JSON value to memory cannot fail, so there is no error to hand on.
fn put(out: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) {
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok(), "a JSON value is always writable");
}

/// Why a text cannot be read, and the bytes of the text that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// `{{` without `}}`.
    Unclosed,
    /// Nothing between the braces, or before the `|`.
    Empty,
    /// Something after `|` that is no filter.
    Filter(String),
    /// No name that a value could have.
    Name(String),
}

/// A piece of a text with placeholders.
enum Piece<'t> {
    Literal(String),
    /// What is between the braces, and the bytes with the braces.
    Placeholder(&'t str, Range<usize>),
    /// Braces that are never closed, and what is behind them up to the next.
    Unclosed(usize),
}

/// Splits a text at its placeholders. One that is not closed before the next begins is none.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    let mut escaped = 0;
    while let Some(found) = text[at..].find("{{") {
        append(&text[at..at + found], &mut escaped, &mut literal);
        at += found;
        let braces = text.as_bytes()[at..].iter().take_while(|byte| **byte == b'{').count();
        if braces >= 4 {
            literal.push_str("{{");
            at += 4;
            escaped += 1;
            continue;
        }
        if braces == 3 {
            literal.push('{');
            at += 1;
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
        }
        let behind = &text[at + 2..];
        let next = behind.find("{{").unwrap_or(behind.len());
        let Some(length) = behind[..next].find("}}") else {
            pieces.push(Piece::Unclosed(at));
            at += 2 + next;
            continue;
        };
        let end = at + 2 + length + 2;
        pieces.push(Piece::Placeholder(&text[at + 2..end - 2], at..end));
        at = end;
    }
    append(&text[at..], &mut escaped, &mut literal);
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    pieces
}

/// Appends text without placeholders. Behind four opening braces the next closing ones belong to them: four are two. Any
/// others are text, such as the end of a JSON body.
fn append(text: &str, escaped: &mut usize, out: &mut String) {
    let mut rest = text;
    while *escaped > 0
        && let Some(found) = rest.find("}}")
    {
        let (whole, behind) = rest.split_at(found + 2);
        out.push_str(whole);
        rest = behind.strip_prefix("}}").unwrap_or(behind);
        *escaped -= 1;
    }
    out.push_str(rest);
}

/// Where the placeholders of a text stand in its file, in order.
///
/// The text may be written with escapes, quotes and folded lines. Where its placeholders can be seen in the file as
/// they are, each has its own bytes; else all have the whole text's.
pub(super) fn places(source: &Source, span: Span, text: &str) -> Vec<Span> {
    let inner = |text: &'_ str| -> Vec<(String, Range<usize>)> {
        let placeholders = pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Placeholder(inner, range) => Some((inner.to_owned(), range)),
            Piece::Unclosed(at) => Some((String::new(), at..at + 2)),
            Piece::Literal(_) => None,
        });
        placeholders.collect()
    };
    let decoded = inner(text);
    let written = source.text().get(span.start..span.end).map(inner).unwrap_or_default();
    let same = decoded.len() == written.len() && decoded.iter().zip(&written).all(|(a, b)| a.0 == b.0);
    if same {
        written.into_iter().map(|(_, range)| Span::new(span.start + range.start, span.start + range.end)).collect()
    } else {
        vec![span; decoded.len()]
    }
}

/// As [`places`], for a text that was read from there.
pub(super) fn places_of(source: &Source, text: &Text) -> Vec<Span> {
    let written = source.text().get(text.span.start..text.span.end).map(pieces).unwrap_or_default();
    let placeholders = written.into_iter().filter_map(|piece| match piece {
        Piece::Placeholder(_, range) => Some(Span::new(text.span.start + range.start, text.span.start + range.end)),
        _ => None,
    });
    let found: Vec<Span> = placeholders.collect();
    let wanted = text.references().count();
    if found.len() == wanted { found } else { vec![text.span; wanted] }
}

/// Stands where a placeholder cannot be read, so that the text is not taken for what is left of it. It is never used: a
/// file with a fault gives no suite.
const STAND_IN: Part = Part::Value(Reference::User, None);

/// Reads a text with placeholders. Faults come with the place of what they are about.
pub(super) fn parse(source: &Source, span: Span, text: &str) -> (Text, Vec<(Span, Fault)>) {
    if !text.contains("{{") {
        return (Text::fixed(text, span), Vec::new());
    }
    let places = places(source, span, text);
    let mut faults = Vec::new();
    let mut parts = Vec::new();
    let mut index = 0;
    for piece in pieces(text) {
        let place = places.get(index).copied().unwrap_or(span);
        match piece {
            Piece::Literal(literal) => parts.push(Part::Literal(literal)),
            Piece::Unclosed(_) => {
                faults.push((place, Fault::Unclosed));
                parts.push(STAND_IN);
                index += 1;
            }
            Piece::Placeholder(inner, _) => {
                // Placeholders that share the span of their text are told apart by their order; the text is longer
                // than it has placeholders, so the number stays inside it.
                let number = if place == span { span.start + index } else { place.start };
                match placeholder(inner, number) {
                    Ok(part) => parts.push(part),
                    Err(fault) => {
                        faults.push((place, fault));
                        parts.push(STAND_IN);
                    }
                }
                index += 1;
            }
        }
    }
    (Text { parts, span }, faults)
}

fn placeholder(inner: &str, number: usize) -> Result<Part, Fault> {
    let (name, filter) = match inner.split_once('|') {
        None => (inner.trim(), None),
        Some((name, filter)) => {
            let filter = filter.trim();
            (name.trim(), Some(Filter::parse(filter).ok_or_else(|| Fault::Filter(filter.to_owned()))?))
        }
    };
    if name.is_empty() {
        return Err(Fault::Empty);
    }
    let is_name = |part: &str| !part.is_empty() && part.bytes().all(is_name_byte);
    let reference = match name.split_once('.') {
        None if name == "user" => Reference::User,
        None if name == "run" => Reference::Run,
        None if name == "uuid" => Reference::Uuid(number),
        None if is_name(name) => Reference::Capture { given: String::new(), name: name.to_owned() },
        Some(("env", variable)) if is_name(variable) => Reference::Env(variable.to_owned()),
        Some((given, capture)) if is_name(given) && is_name(capture) => {
            Reference::Capture { given: given.to_owned(), name: capture.to_owned() }
        }
        _ => return Err(Fault::Name(name.to_owned())),
    };
    Ok(Part::Value(reference, filter))
}

/// Whether a byte may stand in a name that placeholders use.
pub(super) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
