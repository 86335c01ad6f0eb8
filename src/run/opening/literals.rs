//! Refuses, before anything is sent, what the guard would refuse later: path values that a suite writes out and that could
//! name a real object. Also finds the names that suites write to the target, which may exist because of that.

use std::collections::BTreeMap;

use crate::location::InputError;
use crate::spec::Operation;
use crate::suite::{
    Action, Body, Case, JsonTemplate, Part, PathValue, Reference, Statuses, Step, StructuredValue, Suite, Text,
};
use crate::transport::{Guard, WrittenNames};

/// An error for each literal or environment value in a judged path of the case that could be a real id, and for each path that
/// leads to a collection through such words alone. Values that the run makes are checked when they are known.
pub(crate) fn refused(
    suite: &Suite,
    case: &Case,
    env: &BTreeMap<String, String>,
    written: &WrittenNames,
) -> Vec<InputError> {
    let mut errors = Vec::new();
    for step in &case.steps {
        let Action::Operation(operation) = step.action else { continue };
        let operation = suite.document.operations.get(operation).filter(|one| may_change(&one.method));
        let nothing = WrittenNames::default();
        let written = operation.map_or(&nothing, |_| written);
        let mut words = Vec::new();
        let values: Vec<&Text> = step.path.iter().flat_map(|(_, value)| value.texts()).collect();
        for text in &values {
            let Some(value) = as_written(text, env) else { continue };
            if is_provided(suite, &value, env) {
                continue;
            }
            match Guard::literal(&value, written) {
                Ok(()) => words.push(text),
                Err(refusal) => errors.push(InputError {
                    message: refusal.message,
                    place: Some(suite.place(text.span)),
                    help: refusal.help,
                }),
            }
        }
        if let (Some(operation), Some(last)) = (operation, words.last())
            && words.len() == values.len()
            && let Some(end) = goes_on(operation)
        {
            let refusal = Guard::words_alone(end);
            let message = format!("{} {} is not sent: {}", operation.method, operation.path, refusal.message);
            errors.push(InputError { message, place: Some(suite.place(last.span)), help: refusal.help });
        }
    }
    errors
}

/// Whether a method is not safe (RFC 9110 §9.2.1).
fn may_change(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

/// The rest of an operation's path behind its last value, if it holds another segment.
fn goes_on(operation: &Operation) -> Option<&str> {
    let (_, end) = operation.path.rsplit_once('}')?;
    end.split('/').skip(1).any(|segment| !segment.is_empty()).then_some(end)
}

/// Every name that a POST, PUT or PATCH of the suites writes. This includes the calls of states.
pub(crate) fn written(suites: &[Suite], env: &BTreeMap<String, String>) -> WrittenNames {
    let mut written = WrittenNames::default();
    for suite in suites {
        let writes = |step: &&Step| matches!(step.method(&suite.document), "POST" | "PUT" | "PATCH");
        for step in suite.steps().filter(writes) {
            let mut add = |text: &Text| {
                let pieces = pieces(text, env);
                written.add_with_gaps(&pieces.iter().map(String::as_str).collect::<Vec<_>>());
            };
            if !finds_nothing(step) {
                step.path.iter().flat_map(|(_, value)| value.texts()).for_each(&mut add);
                if let Action::Call { path, .. } = &step.action {
                    add(path);
                }
            }
            let values = || [&step.query, &step.header, &step.cookie].into_iter().flatten();
            values().flat_map(|(_, value)| value.texts()).for_each(&mut add);
            match &step.body {
                Body::None => {}
                Body::Raw(text) => add(text),
                Body::Json(json) => {
                    json.texts().into_iter().for_each(add);
                    add_fixed(json, &mut written);
                }
            }
            for structured in values().filter_map(|(_, value)| value.structured()).chain(structured_path_values(step)) {
                match structured {
                    StructuredValue::One(_) | StructuredValue::List(_) => {}
                    StructuredValue::Map(entries) => entries.iter().for_each(|(key, _)| written.add(key)),
                    StructuredValue::Json(json) => add_fixed(json, &mut written),
                }
            }
            if let Action::Operation(index) = step.action
                && let Some(operation) = suite.document.operations.get(index)
            {
                written.add(&operation.path);
            }
        }
    }
    written
}

/// The lists, maps and JSON values of the path.
fn structured_path_values(step: &Step) -> impl Iterator<Item = &StructuredValue> {
    step.path.iter().filter_map(|(_, value)| match value {
        PathValue::Styled(styled) => Some(&styled.value),
        PathValue::Encoded(_) | PathValue::Raw(_) => None,
    })
}

/// Adds the fixed texts of a body, and the names of its members: some APIs make things by member names.
fn add_fixed(json: &JsonTemplate, written: &mut WrittenNames) {
    fn add(value: &serde_json::Value, written: &mut WrittenNames) {
        match value {
            serde_json::Value::String(text) => written.add(text),
            serde_json::Value::Array(items) => items.iter().for_each(|item| add(item, written)),
            serde_json::Value::Object(members) => members.iter().for_each(|(name, value)| {
                written.add(name);
                add(value, written);
            }),
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
        }
    }
    match json {
        JsonTemplate::Fixed(value) => add(value, written),
        JsonTemplate::Text(_) => {}
        JsonTemplate::Array(items) => items.iter().for_each(|item| add_fixed(item, written)),
        JsonTemplate::Object(entries) => entries.iter().for_each(|(name, value)| {
            written.add(name);
            add_fixed(value, written);
        }),
    }
}

/// Whether the step expects a refusal for another reason than that something exists. Then its path names nothing that exists.
fn finds_nothing(step: &Step) -> bool {
    step.expect.all().iter().all(|expectation| match &expectation.status {
        Statuses::OneOf(list) => {
            !list.is_empty()
                && list.iter().all(|status| (400..500).contains(status) && !matches!(status, 409 | 412 | 423 | 428))
        }
        Statuses::Documented => false,
    })
}

/// The pieces of a text before, between and after the values that only a run knows.
fn pieces(text: &Text, env: &BTreeMap<String, String>) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for part in &text.parts {
        let known = match part {
            Part::Literal(literal) => Some(literal.as_str()),
            Part::Value(Reference::Env(name), _) => env.get(name).map(String::as_str),
            Part::Value(..) => None,
        };
        match (known, pieces.last_mut()) {
            (Some(known), Some(last)) => last.push_str(known),
            _ => pieces.push(String::new()),
        }
    }
    pieces
}

/// The text, if no part of it comes from the run.
fn as_written(text: &Text, env: &BTreeMap<String, String>) -> Option<String> {
    if text.references().any(|reference| !matches!(reference, Reference::Env(_))) {
        return None;
    }
    let mut out = String::new();
    for part in &text.parts {
        match part {
            Part::Literal(literal) => out.push_str(literal),
            Part::Value(Reference::Env(name), _) => out.push_str(env.get(name)?),
            Part::Value(..) => return None,
        }
    }
    Some(out)
}

/// Whether a variable of the environment provides the value as an object that may be used up.
fn is_provided(suite: &Suite, value: &str, env: &BTreeMap<String, String>) -> bool {
    suite
        .states
        .iter()
        .filter_map(|state| env.get(state.from_env.as_ref()?))
        .any(|list| list.split(',').any(|item| item.trim().split('@').next() == Some(value)))
}
