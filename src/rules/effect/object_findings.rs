//! Findings about the objects of a case, for the effect rules.

use crate::assess::{AssessedAnswer, AssessedObject, Assessment, effects, named_objects};
use crate::finding::Finding;
use crate::rule::Rule;
use crate::rules::check::Checked;

/// Looks at every object of the case. `look` adds its findings and tells whether the rule applies to the object. If it
/// applies to none, `unless` is the reason.
pub(super) fn each(
    assessment: &Assessment<'_>,
    unless: &'static str,
    mut look: impl FnMut(&AssessedObject<'_>, &mut Vec<Finding>) -> bool,
) -> Checked {
    let mut findings = Vec::new();
    let mut applies = false;
    for object in &assessment.objects {
        applies |= look(object, &mut findings);
    }
    if applies { Checked::Findings(findings) } else { Checked::NotApplicable(unless) }
}

/// The object in a message.
pub(super) fn named(assessment: &Assessment<'_>, object: &AssessedObject<'_>) -> String {
    assessment.observation.named(object.requirement.given)
}

/// The last judged answer to a request that named the object. For a bystander, the last judged answer.
pub(super) fn last_answer<'e, 'a>(
    assessment: &'e Assessment<'a>,
    object: &AssessedObject<'_>,
) -> Option<&'e AssessedAnswer<'a>> {
    let observation = assessment.observation;
    let given = object.requirement.given;
    let names = |answer: &&AssessedAnswer<'_>| {
        named_objects::names(observation.suite, observation.case, answer.observed.step, given)
    };
    assessment.answers.iter().rfind(names).or_else(|| assessment.answers.last())
}

/// The most requests of other cases that one finding lists.
const LISTED: usize = 5;

/// If the case loses the object only while other cases run, the requests of other cases that may have removed it.
fn by_other_cases(assessment: &Assessment<'_>, object: &AssessedObject<'_>) -> String {
    let mut all = assessment.observation.requests_of_others.iter();
    let Some((_, requests)) = all.find(|(given, _)| *given == object.requirement.given) else { return String::new() };
    let mut listed = requests[..requests.len().min(LISTED)].join(", ");
    if requests.len() > LISTED {
        listed = format!("{listed} and {} more", requests.len() - LISTED);
    }
    format!(
        "; probably another case caused that, because this case alone does not lose the object; other cases sent at that \
         time: {listed}"
    )
}

/// A finding about an object that is gone and must not be.
pub(super) fn lost(
    assessment: &Assessment<'_>,
    rule: &'static Rule,
    object: &AssessedObject<'_>,
    message: String,
) -> Finding {
    let message = message + &by_other_cases(assessment, object);
    finding(assessment, rule, object, message).compared("still there", "gone")
}

/// A finding about an object, with the step that named it and the object's place in the case.
pub(super) fn finding(
    assessment: &Assessment<'_>,
    rule: &'static Rule,
    object: &AssessedObject<'_>,
    message: String,
) -> Finding {
    let finding = match last_answer(assessment, object) {
        Some(answer) => answer.finding(rule, message).spec(&answer.operation.anchor),
        None => Finding::new(rule, message),
    };
    let finding = match object.shown_by.and_then(effects::shown_by) {
        Some(proof) => finding.advice(proof),
        None => finding,
    };
    let observation = assessment.observation;
    finding.case(observation.suite.place(observation.case.given[object.requirement.given].span))
}
