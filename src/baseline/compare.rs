//! Compares the responses of one case run with the snapshot of the case.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::difference::{Difference, differ};
use super::generated::Generated;
use super::{added, alternatives, changed, snapshot, store};
use crate::date::Date;
use crate::finding::Finding;
use crate::location::InputError;
use crate::observation::Observation;
use crate::outcome::TargetKind;
use crate::rule::{Level, Rule};
use crate::settings::{Review, Update};

/// The rules of this layer.
pub static RULES: &[&Rule] = &[&changed::RULE, &added::RULE];

/// What was written because something differs.
enum Saved {
    Nothing,
    Proposal(PathBuf),
    /// The snapshot itself, so that nothing differs any more.
    Snapshot,
}

/// Compares a case run's responses with the folder's snapshot of the case.
///
/// `found` is what the checks have found already: a step that breaks the contract is not reported twice. Against the
/// embedded reference a difference is also written, as insta's variables ask for it. A snapshot that cannot be read says
/// nothing about the target, so it is an error that nothing is judged by.
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
    // A foreign target must not become what others are compared with.
    let write = |update| match kind {
        TargetKind::Reference => write(folder, observation, &kept, update),
        TargetKind::Remote => Saved::Nothing,
    };
    let mut findings = match store::read(folder, &observation.case.id).map_err(unreadable)? {
        None => vec![missing(folder, observation)],
        Some(recorded) => {
            let recorded = alternatives::aligned(recorded, &actual, observation);
            let differences = differences(&recorded, &actual, &kept, observation);
            let broken = |one: &&Difference| {
                let Some(index) = answer_of(one) else { return false };
                let step = actual.steps.get(index).copied();
                found.iter().any(|finding| finding.level == Level::Must && finding.step == step)
            };
            let news = differences.iter().filter(|one| !broken(one));
            news.map(|one| differing(one, &actual, observation)).collect()
        }
    };
    if findings.is_empty() {
        if review.update == Update::Rewrite {
            write(Update::Rewrite);
        }
        return Ok(findings);
    }
    match write(review.update) {
        Saved::Snapshot => findings.clear(),
        Saved::Proposal(path) => findings[0].advice = Some(review_of(&path)),
        Saved::Nothing => {}
    }
    if review.force_pass && kind == TargetKind::Reference {
        for finding in &mut findings {
            finding.level = Level::Note;
        }
    }
    Ok(findings)
}

/// The finding that a case has no snapshot.
fn missing(folder: &Path, observation: &Observation<'_>) -> Finding {
    Finding::new(&changed::RULE, "the baseline has no snapshot of this case")
        .compared(store::path(folder, &observation.case.id).display().to_string(), "no such file")
        .case(observation.suite.place(observation.case.span))
        .advice("run the case against the embedded reference, and accept the `.snap.new` that this leaves")
}

/// What a person does with a proposal.
fn review_of(path: &Path) -> String {
    format!("what came is in {}; `cargo insta review` shows and accepts it", path.display())
}

/// What differs. What is recorded holds no secret, so a part is as recorded also where only its masking differs.
fn differences(
    recorded: &Value,
    actual: &snapshot::Snapshot,
    kept: &snapshot::Snapshot,
    observation: &Observation<'_>,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    differ(recorded, &actual.value, &mut String::new(), &mut differences);
    if !differences.is_empty() {
        let mut unlike = Vec::new();
        differ(recorded, &kept.value, &mut String::new(), &mut unlike);
        let masked = |value: &Value| snapshot::masked(value, &observation.values.secrets);
        differences.retain(|one| !unlike.is_empty() && one.recorded != one.actual.as_ref().map(masked));
    }
    differences
}

/// Which of the answers differs.
fn answer_of(difference: &Difference) -> Option<usize> {
    difference.pointer.strip_prefix("/answers/")?.split('/').next()?.parse().ok()
}

/// The finding of one difference.
fn differing(difference: &Difference, actual: &snapshot::Snapshot, observation: &Observation<'_>) -> Finding {
    let Difference { pointer, recorded, actual: came } = difference;
    let (rule, what) = match (recorded, came) {
        (Some(_), Some(_)) => (&changed::RULE, "is not as recorded"),
        (Some(_), None) => (&changed::RULE, "was recorded, but is missing"),
        _ => (&added::RULE, "was not recorded"),
    };
    let mut finding = Finding::new(rule, format!("{pointer} {what}"))
        .compared(shown(recorded.as_ref()), shown(came.as_ref()))
        .case(observation.suite.place(observation.case.span));
    finding.step = answer_of(difference).and_then(|index| actual.steps.get(index).copied());
    finding
}

/// What is wrong with the snapshots of cases, for before a run. That one is missing is for the run to report.
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

/// Writes what came, as a proposal or as the snapshot itself.
fn write(folder: &Path, observation: &Observation<'_>, kept: &snapshot::Snapshot, update: Update) -> Saved {
    let document = &observation.suite.document;
    let description = format!(
        "recorded from the embedded reference on {}; {} {} (sha256 {})",
        Date::today(),
        document.title,
        document.version,
        document.sha256
    );
    let record = store::path(folder, &observation.case.id);
    match store::propose(folder, &observation.case.id, &kept.text(), &description, update) {
        Some(path) if path == record => Saved::Snapshot,
        Some(path) => Saved::Proposal(path),
        None => Saved::Nothing,
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
