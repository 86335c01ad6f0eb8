//! Reads the placeholders in a text.
//!
//! White space inside the braces does not matter. A filter stands after `|`: `{{mine.id | upper}}`. Four braces are
//! two literal ones: `{{{{user}}}}` is the text `{{user}}`, and so is `{{{{user}}`, because `}}` alone is text. Of three
//! braces the first is literal.

use std::ops::Range;

use super::template::{Filter, Part, Reference, Text};
use crate::location::{Source, Span};

/// Why a placeholder cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PlaceholderError {
    /// `{{` without `}}`.
    Unclosed,
    /// There is nothing between the braces, or before the `|`.
    Empty,
    /// The text after `|` is not a filter.
    Filter(String),
    /// The text is not a possible name of a value.
    Name(String),
}

/// A piece of a text with placeholders.
enum TextPiece<'t> {
    Literal(String),
    /// The text between the braces, and its range with the braces.
    Placeholder(&'t str, Range<usize>),
    /// `{{` without `}}` before the next `{{`, at this offset.
    Unclosed(usize),
}

/// Splits a text at its placeholders. `{{` that is not closed before the next `{{` is not a placeholder.
fn pieces(text: &str) -> Vec<TextPiece<'_>> {
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
            pieces.push(TextPiece::Literal(std::mem::take(&mut literal)));
        }
        let behind = &text[at + 2..];
        let next = behind.find("{{").unwrap_or(behind.len());
        let Some(length) = behind[..next].find("}}") else {
            pieces.push(TextPiece::Unclosed(at));
            at += 2 + next;
            continue;
        };
        let end = at + 2 + length + 2;
        pieces.push(TextPiece::Placeholder(&text[at + 2..end - 2], at..end));
        at = end;
    }
    append(&text[at..], &mut escaped, &mut literal);
    if !literal.is_empty() {
        pieces.push(TextPiece::Literal(literal));
    }
    pieces
}

/// Appends text without placeholders. After four opening braces, the next `}}` closes them, and `}}}}` is written as `}}`.
/// Any other `}}` is text, such as the end of a JSON body. `escaped` counts the four braces that are still open.
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
/// The file may write the text with escapes, quotes and folded lines. If the file shows the same placeholders, each
/// has its own place; otherwise each has the place of the whole text.
pub(super) fn places(source: &Source, span: Span, text: &str) -> Vec<Span> {
    let inner = |text: &'_ str| -> Vec<(String, Range<usize>)> {
        let placeholders = pieces(text).into_iter().filter_map(|piece| match piece {
            TextPiece::Placeholder(inner, range) => Some((inner.to_owned(), range)),
            TextPiece::Unclosed(at) => Some((String::new(), at..at + 2)),
            TextPiece::Literal(_) => None,
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

/// As [`places`], for a text that is already parsed.
pub(super) fn places_of(source: &Source, text: &Text) -> Vec<Span> {
    let written = source.text().get(text.span.start..text.span.end).map(pieces).unwrap_or_default();
    let placeholders = written.into_iter().filter_map(|piece| match piece {
        TextPiece::Placeholder(_, range) => Some(Span::new(text.span.start + range.start, text.span.start + range.end)),
        _ => None,
    });
    let found: Vec<Span> = placeholders.collect();
    let wanted = text.references().count();
    if found.len() == wanted { found } else { vec![text.span; wanted] }
}

/// Replaces a placeholder that cannot be read, so that the rest is not mistaken for the whole text. It is never used: a
/// file with an error gives no suite.
const STAND_IN: Part = Part::Value(Reference::User, None);

/// Reads a text with placeholders. Each error comes with its place.
pub(super) fn parse(source: &Source, span: Span, text: &str) -> (Text, Vec<(Span, PlaceholderError)>) {
    if !text.contains("{{") {
        return (Text::fixed(text, span), Vec::new());
    }
    let places = places(source, span, text);
    let mut errors = Vec::new();
    let mut parts = Vec::new();
    let mut index = 0;
    for piece in pieces(text) {
        let place = places.get(index).copied().unwrap_or(span);
        match piece {
            TextPiece::Literal(literal) => parts.push(Part::Literal(literal)),
            TextPiece::Unclosed(_) => {
                errors.push((place, PlaceholderError::Unclosed));
                parts.push(STAND_IN);
                index += 1;
            }
            TextPiece::Placeholder(inner, _) => {
                // Placeholders without a place of their own are numbered in order. A text has more bytes than
                // placeholders, so the number stays inside its span.
                let number = if place == span { span.start + index } else { place.start };
                match placeholder(inner, number) {
                    Ok(part) => parts.push(part),
                    Err(error) => {
                        errors.push((place, error));
                        parts.push(STAND_IN);
                    }
                }
                index += 1;
            }
        }
    }
    (Text { parts, span }, errors)
}

fn placeholder(inner: &str, number: usize) -> Result<Part, PlaceholderError> {
    let (name, filter) = match inner.split_once('|') {
        None => (inner.trim(), None),
        Some((name, filter)) => {
            let filter = filter.trim();
            (name.trim(), Some(Filter::parse(filter).ok_or_else(|| PlaceholderError::Filter(filter.to_owned()))?))
        }
    };
    if name.is_empty() {
        return Err(PlaceholderError::Empty);
    }
    let is_name = |part: &str| !part.is_empty() && part.bytes().all(is_name_byte);
    let reference = match name.split_once('.') {
        None if name == "user" => Reference::User,
        None if name == "run" => Reference::Run,
        None if name == "uuid" => Reference::Uuid(number),
        None if is_name(name) => Reference::Capture { given: String::new(), name: name.to_owned() },
        Some(("uuid", uuid)) if is_name(uuid) => Reference::NamedUuid(uuid.to_owned()),
        Some(("env", variable)) if is_name(variable) => Reference::Env(variable.to_owned()),
        Some((given, capture)) if is_name(given) && is_name(capture) => {
            Reference::Capture { given: given.to_owned(), name: capture.to_owned() }
        }
        _ => return Err(PlaceholderError::Name(name.to_owned())),
    };
    Ok(Part::Value(reference, filter))
}

/// Whether a byte may stand in a name that placeholders use.
pub(super) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

#[cfg(test)]
#[path = "placeholder_tests.rs"]
mod tests;
