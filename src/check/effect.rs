//! Findings about a case's objects: shared by the effect rules.

use super::held::Held;
use super::settled::{self, Duty};
use super::{Checked, Evidence};
use crate::finding::Finding;
use crate::rule::Rule;

/// Looks at the duty of every object of the case; `look` tells whether the rule had anything to say about it.
pub(super) fn each(
    evidence: &Evidence<'_>,
    unless: &'static str,
    mut look: impl FnMut(&Duty, &mut Vec<Finding>) -> bool,
) -> Checked {
    let mut findings = Vec::new();
    let mut applies = false;
    for given in 0..evidence.case.given.len() {
        let duty = settled::duty(evidence.case, evidence.suite, evidence.steps, given);
        applies |= look(&duty, &mut findings);
    }
    if applies { Checked::Findings(findings) } else { Checked::NotApplicable(unless) }
}

/// The last judged answer to a request that named an object; of a bystander, the last judged answer.
pub(super) fn naming<'e, 'a>(evidence: &'e Evidence<'a>, given: usize) -> Option<&'e Held<'a>> {
    let name = &evidence.case.given[given].name;
    let held = evidence.held();
    held.iter().rfind(|held| settled::names(held.taken.step, name)).or_else(|| held.last())
}

/// What to add to the message about an object that is gone, and to its advice, where the case's own requests were all
/// refused and others were accepted meanwhile: then it may have been one of those.
fn by_another(evidence: &Evidence<'_>) -> Option<(&'static str, &'static str)> {
    let accepted = evidence.held().iter().any(|held| matches!(held.status, Some(200..=299)));
    (evidence.not_alone && !accepted).then_some((
        "; requests of other cases were accepted meanwhile, and one of those may have removed it",
        "To tell which, run the cases one after the other (--jobs 1).",
    ))
}

/// A finding about an object that is gone and should not be.
pub(super) fn lost(evidence: &Evidence<'_>, rule: &'static Rule, given: usize, message: String) -> Finding {
    let (more, advice) = by_another(evidence).unwrap_or_default();
    let mut finding = finding(evidence, rule, given, message + more).compared("still there", "gone");
    if !advice.is_empty() {
        finding.advice = Some(finding.advice.map_or_else(|| advice.to_owned(), |proof| format!("{proof} {advice}")));
    }
    finding
}

/// A finding about an object: at the step that named it, and at the object's place in the case.
pub(super) fn finding(evidence: &Evidence<'_>, rule: &'static Rule, given: usize, message: String) -> Finding {
    let finding = match naming(evidence, given) {
        Some(held) => held.finding(rule, message).spec(&held.operation.anchor),
        None => Finding::new(rule, message),
    };
    let proof = match settled::proof(evidence, given) {
        Some(proof) => finding.advice(proof),
        None => finding,
    };
    proof.case(evidence.suite.place(evidence.case.given[given].span))
}
