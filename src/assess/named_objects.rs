//! Which objects of a case a step names, removes or may change.
//!
//! It compares what the suite says in both places. It looks at no answer.

use crate::suite::{Action, Auth, Body, Case, JsonTemplate, Part, Reference, Step, Suite, Text};

/// Whether a step asks to remove an object: it names the object, and it is a DELETE or the operation that the object's state
/// has as its `undo`.
pub fn removes(suite: &Suite, case: &Case, step: &Step, given: usize) -> bool {
    let Action::Operation(index) = &step.action else {
        return false;
    };
    let Some(operation) = suite.document.operations.get(*index) else {
        return false;
    };
    let undoes = || {
        let undo = suite.states.get(case.given[given].state).and_then(|state| state.undo.as_ref());
        undo.is_some_and(|undo| matches!(&undo.last.action, Action::Operation(undo) if undo == index))
    };
    names(suite, case, step, given) && (operation.method == "DELETE" || undoes())
}

/// Whether a call may change an object: it names the object, and its method is not safe (RFC 9110 §9.2.1).
pub fn may_change(suite: &Suite, case: &Case, step: &Step, given: usize) -> bool {
    let safe = matches!(step.method(&suite.document), "GET" | "HEAD" | "OPTIONS" | "TRACE");
    matches!(step.action, Action::Call { .. }) && !safe && names(suite, case, step, given)
}

/// Whether a step names an object: one of the captures that the state names with `id` stands in the path, the query, a field
/// or the body. Captures of what the object belongs to do not count.
pub fn names(suite: &Suite, case: &Case, step: &Step, given: usize) -> bool {
    let given = &case.given[given];
    let Some(state) = suite.states.get(given.state) else { return false };
    state.id.iter().any(|id| holds(step, &given.name, id))
}

/// Whether a step has a capture of an object anywhere.
fn holds(step: &Step, given: &str, capture: &str) -> bool {
    let text = |text: &Text| text_holds(text, given, capture);
    let action = match &step.action {
        Action::Call { path, .. } => text(path),
        Action::Operation(_) => false,
    };
    action
        || step.path.iter().flat_map(|(_, value)| value.texts()).any(text)
        || [&step.query, &step.header, &step.cookie]
            .into_iter()
            .flatten()
            .flat_map(|(_, value)| value.texts())
            .any(text)
        || match &step.body {
            Body::None => false,
            Body::Json(json) => json_holds(json, given, capture),
            Body::Form(pairs) => pairs.iter().any(|(_, value)| text(value)),
            Body::Raw(body) => text(body),
        }
        || matches!(&step.auth, Auth::Header(value) if text(value))
}

fn text_holds(text: &Text, of: &str, capture: &str) -> bool {
    text.parts.iter().any(
        |part| matches!(part, Part::Value(Reference::Capture { given, name }, _) if given == of && name == capture),
    )
}

fn json_holds(json: &JsonTemplate, of: &str, capture: &str) -> bool {
    match json {
        JsonTemplate::Fixed(_) => false,
        JsonTemplate::Text(text) => text_holds(text, of, capture),
        JsonTemplate::Array(items) => items.iter().any(|item| json_holds(item, of, capture)),
        JsonTemplate::Object(members) => members.iter().any(|(_, member)| json_holds(member, of, capture)),
    }
}
