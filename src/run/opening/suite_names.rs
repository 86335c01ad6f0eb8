//! What the guard must know about the suites before anything is sent: the names that they write to the target, which may
//! exist because of that, and where the objects of their states are.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::suite::{
    Action, Body, JsonTemplate, Part, PathValue, Reference, Statuses, Step, StructuredValue, Suite, Text,
};
use crate::transport::{Scopes, WrittenNames};

/// What the guard must know about the suites.
#[derive(Clone, Debug, Default)]
pub(crate) struct SuiteNames {
    /// The names that the suites write to the target. A real object may have such a name because of that.
    pub(crate) written: Arc<WrittenNames>,
    /// Where the objects of the states are.
    pub(crate) scopes: Arc<Scopes>,
}

impl SuiteNames {
    /// Takes both from the suites. `env` has the values of `{{env.NAME}}`.
    pub(crate) fn of(suites: &[Suite], env: &BTreeMap<String, String>) -> Self {
        Self { written: Arc::new(written(suites, env)), scopes: Arc::new(scopes(suites, env)) }
    }
}

/// The segments in the paths of the states' requests that do not depend on the run.
fn scopes(suites: &[Suite], env: &BTreeMap<String, String>) -> Scopes {
    let mut scopes = Scopes::default();
    for (suite_index, suite) in suites.iter().enumerate() {
        for (state_index, state) in suite.states.iter().enumerate() {
            for step in state.steps() {
                let segments = path_segments(suite, step, env);
                for (at, segment) in segments.iter().enumerate() {
                    let before = at.checked_sub(1).map_or(Some(""), |before| segments[before].as_deref());
                    if let (Some(before), Some(segment)) = (before, segment) {
                        scopes.add((suite_index, state_index), before, segment);
                    }
                }
            }
        }
    }
    scopes
}

/// The segments of a step's path: `None` for one that depends on the run.
fn path_segments(suite: &Suite, step: &Step, env: &BTreeMap<String, String>) -> Vec<Option<String>> {
    /// Stands for a value of the run. No path contains it.
    const OF_RUN: char = '\0';
    let path = match &step.action {
        Action::Call { path, .. } => pieces(path, env).join(&OF_RUN.to_string()),
        Action::Operation(index) => {
            let Some(operation) = suite.document.operations.get(*index) else { return Vec::new() };
            let mut path = operation.path.clone();
            for (name, value) in &step.path {
                let written = match value {
                    PathValue::Encoded(text) | PathValue::Raw(text) => pieces(text, env).join(&OF_RUN.to_string()),
                    // No list or map is a scope.
                    PathValue::Styled(_) => OF_RUN.to_string(),
                };
                path = path.replace(&format!("{{{name}}}"), &written);
            }
            path
        }
    };
    let segments = path.split('/').skip(1);
    segments.map(|segment| Some(segment.to_owned()).filter(|segment| !segment.contains(OF_RUN))).collect()
}

/// Every name that a POST, PUT or PATCH of the suites writes. This includes the calls of states.
fn written(suites: &[Suite], env: &BTreeMap<String, String>) -> WrittenNames {
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
                Body::Form(pairs) => pairs.iter().for_each(|(_, text)| add(text)),
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
