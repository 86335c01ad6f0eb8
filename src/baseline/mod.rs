//! The recorded behaviour: what a case's answers were, kept beside the cases and held against what they are.
//!
//! A layer of the same trial: its findings stand beside those of the checks. The files are insta's snapshots, so
//! `cargo insta review` shows what is proposed; what differs is told here, part by part. It leaves out when a baseline
//! applies (`run`).

mod added;
mod alternatives;
mod changed;
mod snapshot;
mod store;

use std::path::Path;

use serde_json::Value;

use crate::date::Date;
use crate::finding::Finding;
use crate::location::InputError;
use crate::observation::Observation;
use crate::outcome::TargetKind;
use crate::rule::{Level, Rule};
use crate::settings::Review;

/// The rules of this layer.
pub static RULES: &[&Rule] = &[&changed::RULE, &added::RULE];

/// A value that is different in every run, and the name it is recorded under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The value as it was in this run.
    pub value: String,
    /// Its name, such as `mine.conversation_id`.
    pub name: String,
}

/// Holds a case run's answers against the folder's snapshot of the case.
///
/// `found` is what the checks have found already: a step that breaks the contract is not told twice. Against the
/// embedded reference a difference also leaves a `.snap.new` to review. A snapshot that cannot be read says nothing about
/// the target, so it is an error that nothing is judged by.
pub fn compare(
    folder: &Path,
    kind: TargetKind,
    review: Review,
    observation: &Observation<'_>,
    generated: &[Generated],
    found: &[Finding],
) -> Result<Vec<Finding>, String> {
    let actual = snapshot::of(observation, generated);
    let kept = actual.masked(&observation.values.secrets);
    let place = observation.suite.place(observation.case.span);
    let Some(recorded) = store::read(folder, &observation.case.id).map_err(unreadable)? else {
        leave(folder, kind, review, observation, &kept);
        return Ok(vec![
            Finding::new(&changed::RULE, "the baseline has no snapshot of this case")
                .compared(store::path(folder, &observation.case.id).display().to_string(), "no such file")
                .case(place)
                .advice("run the case against the embedded reference, and accept the `.snap.new` that this leaves"),
        ]);
    };
    let broken = |index: usize| {
        let step = actual.steps.get(index).copied();
        found.iter().any(|finding| finding.level == Level::Must && finding.step == step)
    };
    let mut findings = Vec::new();
    let mut differences = Vec::new();
    let recorded = alternatives::aligned(recorded, &actual, observation);
    differ(&recorded, &actual.value, &mut String::new(), &mut differences);
    if !differences.is_empty() {
        // What is recorded holds no secret, so a part is as recorded also where it is but for that.
        let mut unlike = Vec::new();
        differ(&recorded, &kept.value, &mut String::new(), &mut unlike);
        let masked = |value: &Value| snapshot::masked(value, &observation.values.secrets);
        differences.retain(|one| !unlike.is_empty() && one.recorded != one.actual.as_ref().map(masked));
    }
    for difference in differences {
        let answer = difference.pointer.strip_prefix("/answers/").and_then(|rest| rest.split('/').next());
        let index = answer.and_then(|index| index.parse::<usize>().ok());
        if index.is_some_and(broken) {
            continue;
        }
        let rule = if difference.recorded.is_some() { &changed::RULE } else { &added::RULE };
        let message = format!(
            "{} {}",
            difference.pointer,
            match (&difference.recorded, &difference.actual) {
                (Some(_), Some(_)) => "is not as recorded",
                (Some(_), None) => "was recorded and is missing",
                _ => "was not recorded",
            }
        );
        let mut finding = Finding::new(rule, message)
            .compared(shown(difference.recorded.as_ref()), shown(difference.actual.as_ref()))
            .case(place.clone());
        finding.step = index.and_then(|index| actual.steps.get(index).copied());
        findings.push(finding);
    }
    if !findings.is_empty() {
        leave(folder, kind, review, observation, &kept);
    }
    Ok(findings)
}

/// What is wrong with the snapshots of cases, for before a run. That one is missing is for the run to tell.
pub fn damaged<'a>(folder: &Path, cases: impl IntoIterator<Item = &'a str>) -> Vec<InputError> {
    let errors = cases.into_iter().filter_map(|case| store::read(folder, case).err());
    errors
        .map(|why| {
            InputError::new(unreadable(why))
                .help("bring the file back as it was recorded, or remove it and record it again")
        })
        .collect()
}

fn unreadable(why: impl std::fmt::Display) -> String {
    format!("a recorded snapshot cannot be read: {why}")
}

/// Only the embedded reference may offer a new snapshot: a foreign target must not become what others are held to.
fn leave(folder: &Path, kind: TargetKind, review: Review, observation: &Observation<'_>, actual: &snapshot::Snapshot) {
    if kind == TargetKind::Reference {
        let document = &observation.suite.document;
        store::propose(
            folder,
            &observation.case.id,
            &actual.text(),
            &format!(
                "recorded from the embedded reference on {}; {} {} (sha256 {})",
                Date::today(),
                document.title,
                document.version,
                document.sha256
            ),
            review,
        );
    }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(value) => {
            let kind = match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            format!("{value} ({kind})")
        }
    }
}

/// One part that differs.
struct Difference {
    pointer: String,
    recorded: Option<Value>,
    actual: Option<Value>,
}

fn differ(recorded: &Value, actual: &Value, at: &mut String, found: &mut Vec<Difference>) {
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
