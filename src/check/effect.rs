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
    let held = evidence.held();
    let names = |held: &&Held<'_>| settled::names(evidence.suite, evidence.case, held.taken.step, given);
    held.iter().rfind(names).or_else(|| held.last())
}

/// How many requests of other cases are named.
const NAMED: usize = 5;

/// What to add to the message about an object that is gone where the case loses nothing when it runs alone: the requests of
/// other cases one of which took it along.
fn by_others(evidence: &Evidence<'_>, given: usize) -> String {
    let Some((_, others)) = evidence.others.iter().find(|(other, _)| *other == given) else { return String::new() };
    let mut named = others[..others.len().min(NAMED)].join(", ");
    if others.len() > NAMED {
        named = format!("{named} and {} more", others.len() - NAMED);
    }
    format!("; it was lost while other cases sent {named}, and is not lost when this case runs alone")
}

/// A finding about an object that is gone and should not be.
pub(super) fn lost(evidence: &Evidence<'_>, rule: &'static Rule, given: usize, message: String) -> Finding {
    finding(evidence, rule, given, message + &by_others(evidence, given)).compared("still there", "gone")
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
