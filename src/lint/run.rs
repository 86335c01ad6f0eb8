//! Checks documents and suites by all lint rules.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use super::rules::RULES;
use super::subject::Subject;
use crate::finding::Finding;
use crate::spec::Document;
use crate::suite::Suite;

/// A document and its suites, with the findings about them.
#[derive(Debug)]
pub struct LintResult<'a> {
    /// What was checked.
    pub subject: Subject<'a>,
    /// The findings: by level, the highest first, then in the order of [`RULES`].
    pub findings: Vec<Finding>,
}

/// Checks every document of the suites, in the order in which the suites first name them.
pub fn lint(suites: &[Suite]) -> Vec<LintResult<'_>> {
    let mut subjects: Vec<(&Arc<Document>, Subject<'_>)> = Vec::new();
    for suite in suites {
        match subjects.iter_mut().find(|(document, _)| Arc::ptr_eq(document, &suite.document)) {
            Some((_, subject)) => subject.suites.push(suite),
            None => subjects.push((&suite.document, Subject { document: &suite.document, suites: vec![suite] })),
        }
    }
    subjects
        .into_iter()
        .map(|(_, subject)| {
            let findings = findings(&subject);
            LintResult { subject, findings }
        })
        .collect()
}

/// The findings of all rules, each once: a component is checked again for each operation that refers to it.
fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for lint in RULES {
        let start = findings.len();
        let mut seen = HashSet::new();
        findings.extend((lint.run)(subject).into_iter().filter(|finding| {
            let anchor = finding.spec.as_ref().map(|anchor| Arc::clone(&anchor.pointer));
            let place = finding.case.as_ref().map(|place| (place.source.name().to_owned(), place.span));
            seen.insert((anchor, place, finding.message.clone()))
        }));
        // Findings of one rule are in the order of the file.
        findings[start..].sort_by_key(|finding| finding.spec.as_ref().map(|anchor| anchor.line));
    }
    findings.sort_by_key(|finding| Reverse(finding.level));
    findings
}
