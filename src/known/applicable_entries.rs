//! The entries that apply to a run: which findings they cover, and the notes about those that expired or did not occur.

use std::collections::HashMap;
use std::sync::Arc;

use super::entry::KnownEntry;
use super::target::RunTarget;
use super::{expired, vanished};
use crate::date::Date;
use crate::finding::Finding;
use crate::outcome::{KnownStatus, ReportedFinding};
use crate::rule::{Level, Rule};

/// The entries for one case and the target of the run.
#[derive(Clone, Debug, Default)]
pub struct CaseEntries(Vec<(Arc<KnownEntry>, Validity)>);

/// Whether an entry is still accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Validity {
    Valid,
    Expired,
}

/// All entries that apply to the target of the run.
#[derive(Debug, Default)]
pub struct ApplicableEntries {
    /// By suite and case.
    by_case: HashMap<(usize, usize), CaseEntries>,
}

impl ApplicableEntries {
    /// Selects the entries that apply to a target.
    pub fn new(entries: Vec<KnownEntry>, target: &RunTarget, today: Date) -> Self {
        let mut applying = Self::default();
        for entry in entries.into_iter().filter(|entry| entry.target.is(target)) {
            let validity = if today > entry.deviation.until { Validity::Expired } else { Validity::Valid };
            let of_case = applying.by_case.entry((entry.suite, entry.case)).or_default();
            of_case.0.push((Arc::new(entry), validity));
        }
        applying
    }

    /// Removes the entries of rules that this run skips: these rules find nothing, so nothing can be said about the entries.
    #[must_use]
    pub fn without(mut self, rules: &[&Rule]) -> Self {
        for of_case in self.by_case.values_mut() {
            of_case.0.retain(|(entry, _)| !rules.contains(&entry.rule));
        }
        self
    }

    /// The entries for one case.
    pub fn of(&self, suite: usize, case: usize) -> CaseEntries {
        self.by_case.get(&(suite, case)).cloned().unwrap_or_default()
    }
}

impl CaseEntries {
    /// The known deviation that covers a finding of the case, if there is one.
    pub fn covering(&self, finding: &Finding) -> Option<KnownStatus> {
        let valid = self.0.iter().filter(|(_, validity)| *validity == Validity::Valid);
        valid
            .map(|(entry, _)| entry)
            .find(|entry| entry.means(finding))
            .map(|entry| KnownStatus::Covers(Arc::clone(&entry.deviation)))
    }

    /// A note for every entry that did not occur, and for every entry that has expired. The case must have been judged in
    /// each of its `runs`.
    pub fn notes(&self, findings: &[ReportedFinding], runs: u64) -> Vec<ReportedFinding> {
        let fails = findings.iter().any(|found| found.finding.level == Level::Must && found.covered().is_none());
        let note = |(entry, validity): &(Arc<KnownEntry>, Validity)| {
            let found: Vec<&ReportedFinding> =
                findings.iter().filter(|found| entry.rule == found.finding.rule).collect();
            let occurs = found.iter().any(|found| entry.means(&found.finding));
            let deviation = Arc::clone(&entry.deviation);
            match validity {
                Validity::Expired => Some((expired::finding(entry, occurs), KnownStatus::Expired(deviation))),
                Validity::Valid if occurs => None,
                Validity::Valid => Some((vanished::finding(entry, &found, fails), KnownStatus::Vanished(deviation))),
            }
        };
        let notes = self.0.iter().filter_map(note);
        notes.map(|(finding, known)| ReportedFinding { finding, known: Some(known), count: runs }).collect()
    }
}
