//! What is known of a value before it is sent: its placeholders are replaced by values of the kind that a run makes. A value
//! that only the target or the environment gives is unknown.

use serde_json::Value;

use crate::suite::{Filter, JsonTemplate, Part, Reference, Text};

/// Two values for each placeholder. What is wrong with both is wrong with every value.
pub(super) const SAMPLES: [usize; 2] = [0, 1];

/// The text with samples for its placeholders; none if a part of it is unknown.
pub(super) fn text(text: &Text, sample: usize) -> Option<String> {
    const UUIDS: [&str; 2] = ["b81d4fae-7dec-41d0-a765-00a0c91e6bf6", "e03c9d27-1a5b-4f68-9b21-5d7e0f3a8c94"];
    const USERS: [&str; 2] = ["conformant-3718aebf8f874bee-1a2b3c", "conformant-90c4de2217ab65f3-d4e5f6"];
    const RUNS: [&str; 2] = ["conformant-3718aebf8f874bee", "conformant-90c4de2217ab65f3"];
    let mut out = String::new();
    for part in &text.parts {
        let (reference, filter) = match part {
            Part::Literal(literal) => {
                out.push_str(literal);
                continue;
            }
            Part::Value(reference, filter) => (reference, filter),
        };
        let value = match reference {
            Reference::User => USERS[sample],
            Reference::Run => RUNS[sample],
            Reference::Uuid(_) | Reference::NamedUuid(_) => UUIDS[sample],
            Reference::Capture { .. } | Reference::Env(_) => return None,
        };
        match filter {
            Some(Filter::Upper) => out.push_str(&value.to_ascii_uppercase()),
            Some(Filter::Percent) | None => out.push_str(value),
        }
    }
    Some(out)
}

/// The JSON value with samples for its placeholders, and the pointers of what is unknown in it, where null stands.
pub(super) fn json(template: &JsonTemplate, sample: usize) -> (Value, Vec<String>) {
    let mut unknown = Vec::new();
    let value = json_at(template, sample, "", &mut unknown);
    (value, unknown)
}

fn json_at(template: &JsonTemplate, sample: usize, at: &str, unknown: &mut Vec<String>) -> Value {
    match template {
        JsonTemplate::Fixed(value) => value.clone(),
        JsonTemplate::Text(one) => text(one, sample).map_or_else(
            || {
                unknown.push(at.to_owned());
                Value::Null
            },
            Value::String,
        ),
        JsonTemplate::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| json_at(item, sample, &format!("{at}/{index}"), unknown))
            .collect(),
        JsonTemplate::Object(entries) => {
            let member = |(key, value): &(String, JsonTemplate)| {
                let below = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                (key.clone(), json_at(value, sample, &below, unknown))
            };
            Value::Object(entries.iter().map(member).collect())
        }
    }
}
