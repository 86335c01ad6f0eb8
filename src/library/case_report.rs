//! A case of a report, and its findings, as data.

use super::file_place::FilePlace;
use crate::outcome::{CaseOutcome, DocumentInfo, ReportedFinding, Verdict};
use crate::rule::Level;
use crate::secret::Secrets;

/// What a case came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaseReport {
    /// `suite/case`.
    pub id: String,
    /// The verdict: the worst one, if the case ran several times.
    pub verdict: Verdict,
    /// Why it was skipped, or could not be judged.
    pub reason: Option<String>,
    /// What was found, the weightiest first.
    pub findings: Vec<FindingReport>,
}

/// A deviation from the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FindingReport {
    /// The id of the rule that found it. `conformant explain ID` prints the rule's page.
    pub rule: String,
    /// How severe it is.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// What was expected.
    pub expected: Option<String>,
    /// What was received.
    pub actual: Option<String>,
    /// The place in the document that requires it.
    pub in_document: Option<FilePlace>,
    /// The place in the suite.
    pub in_suite: Option<FilePlace>,
    /// Why it is accepted, if it is a known deviation. It then fails no case.
    pub known: Option<String>,
}

impl CaseReport {
    /// The report of a case. Every text is scanned for secrets once more, as every report is.
    pub(super) fn new(case: &CaseOutcome, documents: &[DocumentInfo], secrets: &Secrets) -> Self {
        let file = documents.get(case.document).map_or("", |document| document.file.as_str());
        Self {
            id: case.id.clone(),
            verdict: case.verdict,
            reason: case.reason.as_deref().map(|reason| masked(reason, secrets)),
            findings: case.findings.iter().map(|found| finding(found, file, secrets)).collect(),
        }
    }
}

fn finding(found: &ReportedFinding, file: &str, secrets: &Secrets) -> FindingReport {
    let finding = &found.finding;
    let optional = |text: &Option<String>| text.as_deref().map(|text| masked(text, secrets));
    FindingReport {
        rule: finding.rule.id.to_owned(),
        level: finding.level,
        message: masked(&finding.message, secrets),
        expected: optional(&finding.expected),
        actual: optional(&finding.actual),
        in_document: finding.spec.as_ref().map(|anchor| FilePlace::in_document(file, anchor)),
        in_suite: finding.case.as_ref().map(FilePlace::in_file),
        known: found.covered().map(|known| masked(&known.reason, secrets)),
    }
}

fn masked(text: &str, secrets: &Secrets) -> String {
    secrets.mask_str(text).into_owned()
}
