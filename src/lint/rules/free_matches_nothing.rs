//! A case frees a value of the example that it names (`free`), and the example has no such value.
//!
//! **Why it matters.** Usually the pointer is mistyped: then the intended value must still equal the example, and the case
//! fails for a text that may change. Or the example has changed, and the pointer is left over.
//!
//! **Deviates**, if the example `missing` is `{"code": "missing", "message": "There is none."}`:
//!
//! ```yaml
//! expect: {status: 404, example: missing, free: [/mesage]}
//! ```
//!
//! **Conforms.** `free: [/message]`; `free: ['']`, which is the whole body; `free: [/items/*/id]` if the example has
//! an item with an `id`; any pointer at or below a null, which stands for any value.
//!
//! **Limits.** The level is `note` if no pointer of the example is spelt similarly: the response may have a property that
//! the example lacks, and `free` keeps its value out of the snapshot. Without `example` this is the only use of `free`, so
//! the rule is silent.
//!
//! **Clause.** The suite format: `free` frees values of the example that `example` names.

use serde_json::Value;

use crate::finding::Finding;
use crate::lint::subject::{Subject, operation, quoted};
use crate::location::{Pointer, nearest};
use crate::rule::{Level, Origin, Rule};
use crate::suite::{Expectation, Step, Suite};

pub(super) static RULE: Rule = Rule {
    id: "free-matches-nothing",
    summary: "A case frees a value that the example does not have",
    level: Level::Should,
    origin: Origin::Suite,
    clause: "the suite, expect",
    since: "0.1.0",
    source: include_str!("free_matches_nothing.rs"),
};

/// The most pointers of an example that are compared to find a similar one.
const MOST: usize = 500;

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let of_cases = subject.cases().flat_map(|(suite, case)| {
        let steps = case.steps.iter();
        steps.flat_map(move |step| step.expect.all().iter().map(move |expectation| (suite, step, expectation)))
    });
    let of_states = subject.suites.iter().flat_map(|suite| {
        let undone = suite.states.iter().filter_map(|state| Some((state, state.undo.as_ref()?)));
        undone.flat_map(move |(state, undo)| {
            let steps =
                undo.steps().flat_map(|step| step.expect.all().iter().map(move |expectation| (step, expectation)));
            let gone = state.gone.iter().map(|gone| (&undo.last, gone));
            steps.chain(gone).map(move |(step, expectation)| (*suite, step, expectation))
        })
    });
    of_cases.chain(of_states).flat_map(|(suite, step, expectation)| of(subject, suite, step, expectation)).collect()
}

fn of(subject: &Subject<'_>, suite: &Suite, step: &Step, expectation: &Expectation) -> Vec<Finding> {
    let named = expectation
        .example
        .as_deref()
        .and_then(|name| operation(subject.document, step)?.response(expectation.single_status()?)?.example(name));
    let Some((_, example)) = named else { return Vec::new() };
    let pointers = expectation.free.iter().zip(&expectation.free_spans);
    pointers
        .filter(|(pointer, _)| !reaches(example.value(), &pointer.segments().collect::<Vec<_>>()))
        .map(|(pointer, span)| {
            let message = format!("the example {} has nothing at {}", quoted(&example.name), quoted(pointer.as_str()));
            let finding = Finding::new(&RULE, message).case(suite.place(*span));
            match near(pointer, example.value()) {
                Some(near) => finding.advice(format!("Did you mean {}?", quoted(&near))),
                None => finding.level(Level::Note),
            }
        })
        .collect()
}

/// Whether there is a value at a pointer. Below null there may be one, because null stands for any value.
fn reaches(value: &Value, segments: &[String]) -> bool {
    let Some((first, rest)) = segments.split_first() else { return true };
    match value {
        Value::Null => true,
        Value::Object(members) if first == "*" => members.values().any(|member| reaches(member, rest)),
        Value::Object(members) => members.get(first).is_some_and(|member| reaches(member, rest)),
        Value::Array(items) if first == "*" => items.iter().any(|item| reaches(item, rest)),
        Value::Array(items) => {
            let index: Option<usize> = first.parse().ok();
            index.and_then(|index| items.get(index)).is_some_and(|item| reaches(item, rest))
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The pointer of the example whose spelling is nearest to a wrong one.
fn near(wrong: &Pointer, value: &Value) -> Option<String> {
    let mut known = Vec::new();
    list(value, &Pointer::root(), &mut known);
    let wrong = wrong.as_str();
    if wrong.len() > 200 { None } else { nearest(wrong, known.iter().map(Pointer::as_str)).map(str::to_owned) }
}

/// The pointers of all values in a value, up to [`MOST`].
fn list(value: &Value, at: &Pointer, known: &mut Vec<Pointer>) {
    let below: Vec<(Pointer, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(key, member)| (at.join(key), member)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (at.join(index), item)).collect(),
        _ => Vec::new(),
    };
    for (pointer, value) in below {
        if known.len() >= MOST {
            return;
        }
        known.push(pointer.clone());
        list(value, &pointer, known);
    }
}
