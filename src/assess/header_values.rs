//! Whether the value of each documented header fits its schema.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::format;
use super::gave_up::GaveUp;
use crate::exchange::Answer;
use crate::spec::{Media, Response, ResponseHeader, Schema, Violation};
use crate::tree;

/// The value of a documented header that a schema describes.
#[derive(Debug)]
pub(crate) struct HeaderAssessment<'a> {
    /// The header in the document.
    pub(crate) header: &'a ResponseHeader,
    /// The value; the values of several lines are joined.
    pub(crate) value: String,
    /// How it breaks the schema, if it does.
    pub(crate) problem: Option<String>,
}

/// The headers of an answer that the document describes by a schema.
pub(super) fn assess<'a>(answer: &Answer, response: &'a Response, gave_up: &mut GaveUp) -> Vec<HeaderAssessment<'a>> {
    let mut assessed = Vec::new();
    for header in response.headers.iter() {
        let values: Vec<_> = answer.values(&header.name).collect();
        if values.is_empty() {
            continue;
        }
        let value = values.join(", ");
        let problem = match (&header.content, &header.schema) {
            (Some(content), _) if content.range.is_json() => in_json(content, &value, gave_up),
            (None, Some(schema)) if !of_type(schema, &json!({}), gave_up) => in_simple(schema, &value, gave_up),
            _ => continue,
        };
        assessed.push(HeaderAssessment { header, value, problem });
    }
    assessed
}

/// How a value breaks its schema, where `content` says that it is JSON.
fn in_json(content: &Media, value: &str, gave_up: &mut GaveUp) -> Option<String> {
    let read = match tree::json::read(value.as_bytes()) {
        Ok(read) => read,
        Err(fault) => return Some(format!("it is no JSON, {}", format::short(&fault.to_string()))),
    };
    let schema = content.schema.as_ref();
    let violations = schema.map(|schema| gave_up.result(schema.violations_of(&read.root))).unwrap_or_default();
    first(&violations, |it| {
        let place = if it.instance.is_empty() { String::new() } else { format!("{}: ", format::short(&it.instance)) };
        format!("{place}{}", format::sentence(&it.message))
    })
}

/// How a value of style `simple` breaks its schema.
fn in_simple(schema: &Schema, value: &str, gave_up: &mut GaveUp) -> Option<String> {
    let as_text = gave_up.result(schema.violations(&Value::from(value)));
    let typed = scalar(value);
    if as_text.is_empty() || gave_up.result(schema.violations(&typed)).is_empty() {
        return None;
    }
    let items = list(schema, value, gave_up);
    let in_list = gave_up.result(schema.violations(&Value::from(items)));
    if in_list.is_empty() {
        return None;
    }
    // Report the violations of the reading that has the right type.
    if of_type(schema, &json!([]), gave_up) && !of_type(schema, &json!(""), gave_up) {
        return first(&in_list, |it| {
            let index = it.instance.split('/').nth(1).and_then(|index| index.parse::<usize>().ok());
            let item = index.map(|index| format!("item {}: ", index + 1)).unwrap_or_default();
            format!("{item}{}", format::sentence(&it.message))
        });
    }
    let nearest = if of_type(schema, &typed, gave_up) { gave_up.result(schema.violations(&typed)) } else { as_text };
    first(&nearest, |it| format::sentence(&it.message))
}

/// The first violation, and the number of the others.
fn first(violations: &[Violation], in_words: impl Fn(&Violation) -> String) -> Option<String> {
    let (first, more) = violations.split_first()?;
    let more = if more.is_empty() { String::new() } else { format!(" (and {} more)", more.len()) };
    Some(in_words(first) + &more)
}

/// Whether a value has the type that a schema asks for.
fn of_type(schema: &Schema, value: &Value, gave_up: &mut GaveUp) -> bool {
    !gave_up.result(schema.violations(value)).iter().any(|it| it.instance.is_empty() && it.keyword == "type")
}

/// The items of a list. An item is a number or a boolean where the schema accepts it as such, else a text.
fn list(schema: &Schema, value: &str, gave_up: &mut GaveUp) -> Vec<Value> {
    let texts: Vec<&str> = value.split(',').map(str::trim).collect();
    if texts == [""] {
        return Vec::new();
    }
    let typed: Vec<Value> = texts.iter().map(|text| scalar(text)).collect();
    let wrong: HashSet<usize> = gave_up
        .result(schema.violations(&Value::from(typed.clone())))
        .iter()
        .filter_map(|it| it.instance.split('/').nth(1)?.parse().ok())
        .collect();
    let item = |(index, (typed, text)): (usize, (Value, &&str))| {
        if wrong.contains(&index) { Value::from(*text) } else { typed }
    };
    typed.into_iter().zip(&texts).enumerate().map(item).collect()
}

/// A text as a number or a boolean if it is one, else as a string.
fn scalar(text: &str) -> Value {
    let number_or_bool = |value: &Value| value.is_number() || value.is_boolean();
    serde_json::from_str(text).ok().filter(number_or_bool).unwrap_or_else(|| Value::from(text))
}
