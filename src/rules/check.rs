//! What a rule is made of: a record, a function from an assessment to findings, and a family.

use crate::assess::{AssessedAnswer, Assessment};
use crate::finding::Finding;
use crate::rule::Rule;

/// A rule with the function that carries it out.
#[derive(Debug)]
pub struct Check {
    /// Its record.
    pub rule: &'static Rule,
    /// The function.
    pub run: fn(&Assessment<'_>) -> Checked,
}

/// What a rule found in a case run.
#[derive(Debug)]
pub enum Checked {
    /// The rule does not apply to this case run, for this reason.
    NotApplicable(&'static str),
    /// The rule applies. Without a finding, all is well.
    Findings(Vec<Finding>),
}

/// Rules about the same part of an answer.
#[derive(Debug)]
pub struct Family {
    /// Its name for people: `Media type`.
    pub title: &'static str,
    /// What it covers, in one sentence.
    pub about: &'static str,
    /// Its rules, in the order in which reports list them.
    pub checks: &'static [Check],
}

/// Looks at every judged answer. `look` adds its findings and tells whether the rule applies to the answer. If it applies
/// to none, `unless` is the reason.
pub(super) fn each_answer<'a>(
    assessment: &Assessment<'a>,
    unless: &'static str,
    mut look: impl FnMut(&AssessedAnswer<'a>, &mut Vec<Finding>) -> bool,
) -> Checked {
    let mut findings = Vec::new();
    let mut applies = false;
    for assessed in &assessment.answers {
        applies |= look(assessed, &mut findings);
    }
    if applies { Checked::Findings(findings) } else { Checked::NotApplicable(unless) }
}
