//! Whether two steps say the same: the same credential, the same body, the same fields.

use crate::suite::{Auth, Body, JsonTemplate, ParameterValue, Part, Reference, StructuredValue, Text};

pub(super) fn same_auth(a: &Auth, b: &Auth) -> bool {
    match (a, b) {
        (Auth::None, Auth::None) => true,
        (Auth::Header(a), Auth::Header(b)) => same_text(a, b),
        (Auth::Credential(_) | Auth::Several(_), Auth::Credential(_) | Auth::Several(_)) => {
            let (a, b) = (a.credentials(), b.credentials());
            a.len() == b.len() && a.iter().all(|index| b.contains(index))
        }
        _ => false,
    }
}

pub(super) fn same_body(a: &Body, b: &Body) -> bool {
    match (a, b) {
        (Body::None, Body::None) => true,
        (Body::Json(a), Body::Json(b)) => same_json(a, b),
        (Body::Form(a), Body::Form(b)) => same_texts(a, b),
        (Body::Raw(a), Body::Raw(b)) => same_text(a, b),
        _ => false,
    }
}

/// Whether two forms have the same pairs in the same order.
fn same_texts(a: &[(String, Text)], b: &[(String, Text)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|((name, a), (other, b))| name == other && same_text(a, b))
}

/// Whether the values of the query, the header or the cookies say the same, however they are written.
pub(super) fn same_values(a: &[(String, ParameterValue)], b: &[(String, ParameterValue)]) -> bool {
    let (a, b) = (parts(a), parts(b));
    a.len() == b.len()
        && a.iter().zip(&b).all(|((name, a), (other, b))| {
            name.eq_ignore_ascii_case(other)
                && match (a, b) {
                    (ValuePart::Text(a), ValuePart::Text(b)) => same_text(a, b),
                    (ValuePart::Entry(key, a), ValuePart::Entry(other, b)) => key == other && same_text(a, b),
                    (ValuePart::Json(a), ValuePart::Json(b)) => same_json(a, b),
                    _ => false,
                }
        })
}

/// A part of a value.
enum ValuePart<'a> {
    /// A text, or an element of a list.
    Text(&'a Text),
    /// An entry of a map.
    Entry(&'a str, &'a Text),
    /// A JSON value.
    Json(&'a JsonTemplate),
}

/// The parts of all values, each with the name of its parameter.
fn parts(values: &[(String, ParameterValue)]) -> Vec<(&str, ValuePart<'_>)> {
    let mut parts = Vec::new();
    for (name, value) in values {
        match value.structured() {
            None => parts.extend(value.text().map(|text| (name.as_str(), ValuePart::Text(text)))),
            Some(StructuredValue::One(text)) => parts.push((name, ValuePart::Text(text))),
            Some(StructuredValue::List(items)) => {
                parts.extend(items.iter().map(|text| (name.as_str(), ValuePart::Text(text))));
            }
            Some(StructuredValue::Map(entries)) => {
                parts.extend(entries.iter().map(|(key, text)| (name.as_str(), ValuePart::Entry(key, text))));
            }
            Some(StructuredValue::Json(json)) => parts.push((name, ValuePart::Json(json))),
        }
    }
    parts
}

fn same_json(a: &JsonTemplate, b: &JsonTemplate) -> bool {
    match (a, b) {
        (JsonTemplate::Fixed(a), JsonTemplate::Fixed(b)) => a == b,
        (JsonTemplate::Text(a), JsonTemplate::Text(b)) => same_text(a, b),
        (JsonTemplate::Array(a), JsonTemplate::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json(a, b))
        }
        (JsonTemplate::Object(a), JsonTemplate::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.iter().any(|(other, b)| key == other && same_json(a, b)))
        }
        _ => false,
    }
}

/// Whether two texts say the same, wherever they stand. In a state a capture has no `given`, so only its name counts.
fn same_text(a: &Text, b: &Text) -> bool {
    a.parts.len() == b.parts.len()
        && a.parts.iter().zip(&b.parts).all(|pair| match pair {
            (Part::Literal(a), Part::Literal(b)) => a == b,
            (
                Part::Value(Reference::Capture { name: a, .. }, f),
                Part::Value(Reference::Capture { name: b, .. }, g),
            ) => a == b && f.is_some() == g.is_some(),
            (Part::Value(a, f), Part::Value(b, g)) => a == b && f.is_some() == g.is_some(),
            _ => false,
        })
}

#[cfg(test)]
#[path = "same_step_tests.rs"]
mod tests;
