//! The rules: one rule a file, in families. Each rule is a pure function from an assessment to findings.
//!
//! A rule is one file in the folder of its family. The file holds the rule's record, its page (the doc comment) and its
//! `run`. Two lines in the family's `mod.rs` register it. A rule reads the assessment, which is computed once for all rules,
//! so one cause gives one finding. Rules see no socket, no clock and no environment. They leave out verdicts (`outcome`)
//! and reports (`report`).

mod body;
mod check;
mod connection;
mod contract;
mod effect;
mod framing;
mod head;
mod media_type;
mod security;
mod status;
mod wire_findings;

use crate::assess::Assessment;
use crate::finding::Finding;
use crate::rule::{Origin, Rule};

pub use check::{Check, Checked, Family};

/// Every family, in the order in which reports list them.
pub static FAMILIES: &[&Family] = &[
    &status::FAMILY,
    &media_type::FAMILY,
    &body::FAMILY,
    &contract::FAMILY,
    &head::FAMILY,
    &framing::FAMILY,
    &connection::FAMILY,
    &effect::FAMILY,
    &security::FAMILY,
];

/// Every rule with its function, family by family.
pub fn all() -> impl Iterator<Item = &'static Check> {
    FAMILIES.iter().flat_map(|family| family.checks)
}

/// The rule of an id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    all().map(|check| check.rule).find(|rule| rule.id == id)
}

/// What every rule finds in an assessment, in the order of [`all`]. What is found about the clean-up comes last: a reader
/// looks for the fault of the case first.
pub fn findings(assessment: &Assessment<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in all() {
        if let Checked::Findings(found) = (check.run)(assessment) {
            findings.extend(found);
        }
    }
    let observation = assessment.observation;
    findings.sort_by_key(|finding| finding.step.is_some_and(|step| observation.is_clean_up(step)));
    findings
}

/// What the rules of HTTP find in an assessment of calls, which the document does not describe.
pub fn findings_about_calls(assessment: &Assessment<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in all().filter(|check| check.rule.origin == Origin::Http) {
        if let Checked::Findings(found) = (check.run)(assessment) {
            findings.extend(found);
        }
    }
    findings
}

#[cfg(test)]
mod tests;
