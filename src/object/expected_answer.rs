//! Makes up the answer to a step for a dry run: the first thing that the step expects, with the values that it captures and
//! matches.

use serde_json::{Map, Value};

use crate::location::Pointer;
use crate::suite::{Action, Expectation, MatchExpectation, Statuses, Step, Suite, Values};
use crate::transport::Cue;

/// The cue for an answer that fits an expectation.
pub fn cue(suite: &Suite, step: &Step, expectation: &Expectation, values: &Values) -> Cue {
    let mut body = None;
    for (pointer, wanted, _) in &expectation.matches {
        let value = match wanted {
            MatchExpectation::OneOf(list) => list.first().and_then(|one| one.render(&mut values.clone()).ok()),
            MatchExpectation::Schema(schema) => schema.sample(),
            MatchExpectation::Absent => None,
        };
        if let Some(value) = value {
            put(body.get_or_insert(Value::Null), pointer, value);
        }
    }
    let path_places =
        step.path.iter().filter_map(|(name, value)| Some((name.clone(), suite.place(value.texts().first()?.span))));
    let place = match &step.action {
        Action::Call { path, .. } => path.span,
        Action::Operation(_) => step.span,
    };
    Cue {
        place: suite.place(place),
        path_places: path_places.collect(),
        times: 1,
        makes: false,
        status: status(suite, step, expectation),
        body,
    }
}

/// Adds a captured value to the body of a cue.
pub fn add(cue: &mut Cue, pointer: &Pointer, value: Value) {
    put(cue.body.get_or_insert(Value::Null), pointer, value);
}

/// The first expected status. Where any documented status is expected, the first documented success.
fn status(suite: &Suite, step: &Step, expectation: &Expectation) -> u16 {
    match &expectation.status {
        Statuses::OneOf(list) => list.first().copied().unwrap_or(200),
        Statuses::Documented => {
            let operation = match &step.action {
                Action::Operation(index) => suite.document.operations.get(*index),
                Action::Call { .. } => None,
            };
            let documented = |status: &u16| operation.is_some_and(|one| one.response(*status).is_some());
            (200..600).find(documented).unwrap_or(200)
        }
    }
}

/// Puts a value at a pointer. Adds the objects and arrays on the way.
fn put(root: &mut Value, pointer: &Pointer, value: Value) {
    let mut at = root;
    for segment in pointer.segments() {
        let index = segment.parse::<usize>().ok().filter(|index| *index < 16);
        if let Some(index) = index.filter(|_| !at.is_object()) {
            if !at.is_array() {
                *at = Value::Array(Vec::new());
            }
            let Value::Array(items) = at else { return };
            while items.len() <= index {
                items.push(Value::Null);
            }
            at = &mut items[index];
        } else {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            let Value::Object(members) = at else { return };
            at = members.entry(segment).or_insert(Value::Null);
        }
    }
    *at = value;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_put_where_their_pointers_lead() {
        let mut root = Value::Null;
        put(&mut root, &Pointer::parse("/data/id").expect("a pointer"), json!(7));
        put(&mut root, &Pointer::parse("/data/tags/1").expect("a pointer"), json!("b"));
        put(&mut root, &Pointer::parse("/mode").expect("a pointer"), json!("chat"));
        assert_eq!(root, json!({"data": {"id": 7, "tags": [null, "b"]}, "mode": "chat"}));
        put(&mut root, &Pointer::root(), json!(null));
        assert_eq!(root, json!(null));
    }
}
