//! What differs between what was recorded and what came, part by part.

use serde_json::Value;

/// One part that differs.
pub(super) struct Difference {
    pub(super) pointer: String,
    pub(super) recorded: Option<Value>,
    pub(super) actual: Option<Value>,
}

/// Finds what differs below a place, part by part.
pub(super) fn differ(recorded: &Value, actual: &Value, at: &mut String, found: &mut Vec<Difference>) {
    match (recorded, actual) {
        (Value::Object(recorded), Value::Object(actual)) => {
            let added = actual.keys().filter(|key| !recorded.contains_key(*key));
            for key in recorded.keys().chain(added) {
                let length = at.len();
                at.push('/');
                at.push_str(&key.replace('~', "~0").replace('/', "~1"));
                one(recorded.get(key), actual.get(key), at, found);
                at.truncate(length);
            }
        }
        (Value::Array(recorded), Value::Array(actual)) => {
            for index in 0..recorded.len().max(actual.len()) {
                let length = at.len();
                at.push('/');
                at.push_str(&index.to_string());
                one(recorded.get(index), actual.get(index), at, found);
                at.truncate(length);
            }
        }
        _ => one(Some(recorded), Some(actual), at, found),
    }
}

fn one(recorded: Option<&Value>, actual: Option<&Value>, at: &mut String, found: &mut Vec<Difference>) {
    match (recorded, actual) {
        (Some(recorded), Some(actual)) if recorded.is_object() && actual.is_object() => {
            differ(recorded, actual, at, found);
        }
        (Some(recorded), Some(actual)) if recorded.is_array() && actual.is_array() => {
            differ(recorded, actual, at, found);
        }
        (recorded, actual) if recorded == actual => {}
        (recorded, actual) => {
            found.push(Difference { pointer: at.clone(), recorded: recorded.cloned(), actual: actual.cloned() });
        }
    }
}
