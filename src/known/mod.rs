//! Known deviations: findings that somebody has looked at and accepts until a day, listed beside the suites.
//!
//! A file `known_deviations.yaml` speaks for the suites of its own folder and below. An entry names a case and a rule;
//! what that rule finds in that case is then known and fails nothing, and everything else fails as before. An entry
//! that did not occur where it applies, and one whose day has passed, is told as a note. It leaves out verdicts (`run`).

mod expired;
mod names;
mod read;
mod target;
mod vanished;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::case::{Suite, known_deviations};
use crate::date::Date;
use crate::finding::Finding;
use crate::location::InputErrors;
use crate::outcome::{Found, Known, KnownDeviation};
use crate::rule::{Level, Rule};

use names::Loaded;
pub use target::{Asked, Target};

/// The rules of this module.
pub static RULES: &[&Rule] = &[&vanished::RULE, &expired::RULE];

/// One entry of a file with known deviations.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The suite: an index.
    pub suite: usize,
    /// The case: an index into the suite's cases.
    pub case: usize,
    /// The rule that finds it.
    pub rule: &'static Rule,
    /// What the finding must say that came, if only some of the rule's findings are meant.
    pub actual: Option<String>,
    /// Where it is known.
    pub target: Target,
    /// What reports say of it, and until when it is accepted.
    pub deviation: Arc<KnownDeviation>,
}

/// Reads every file with known deviations that may say something about the suites of a path. `rules` are those that
/// find something in cases.
///
/// The entries of deeper folders come first, so that they speak before those above them. An entry for a suite that was
/// not loaded, because only a part was asked for, is left out.
pub fn load(cases: &Path, suites: &[Suite], rules: &[&'static Rule]) -> Result<Vec<Entry>, InputErrors> {
    let loaded = Loaded::new(suites);
    let mut entries = Vec::new();
    let mut errors = Vec::new();
    for path in known_deviations(cases)? {
        match read::file(&path, cases, &loaded, rules) {
            Ok(found) => entries.extend(found),
            Err(InputErrors(found)) => errors.extend(found),
        }
    }
    if errors.is_empty() { Ok(entries) } else { Err(InputErrors(errors)) }
}

/// The entries that concern one case on the target that is asked.
#[derive(Clone, Debug, Default)]
pub struct OfCase(Vec<(Arc<Entry>, Standing)>);

/// Whether an entry still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Valid,
    Expired,
}

/// All entries that apply to the target that is asked.
#[derive(Debug, Default)]
pub struct Applying {
    /// By suite and case.
    by_case: HashMap<(usize, usize), OfCase>,
}

impl Applying {
    /// Those of the entries that apply to a target today.
    pub fn new(entries: Vec<Entry>, asked: &Asked, today: Date) -> Self {
        let mut applying = Self::default();
        for entry in entries.into_iter().filter(|entry| entry.target.is(asked)) {
            let standing = if today > entry.deviation.until { Standing::Expired } else { Standing::Valid };
            let of_case = applying.by_case.entry((entry.suite, entry.case)).or_default();
            of_case.0.push((Arc::new(entry), standing));
        }
        applying
    }

    /// The same without the entries of rules that this run does not carry out: that these find nothing says nothing.
    #[must_use]
    pub fn without(mut self, rules: &[&Rule]) -> Self {
        for of_case in self.by_case.values_mut() {
            of_case.0.retain(|(entry, _)| !rules.contains(&entry.rule));
        }
        self
    }

    /// Those about one case.
    pub fn of(&self, suite: usize, case: usize) -> OfCase {
        self.by_case.get(&(suite, case)).cloned().unwrap_or_default()
    }
}

impl Entry {
    /// Whether a finding of the case is the one that is meant. Notes fail nothing, so none is meant.
    fn means(&self, finding: &Finding) -> bool {
        finding.level >= Level::Should
            && self.rule == finding.rule
            && self.actual.as_ref().is_none_or(|actual| finding.actual.as_ref() == Some(actual))
    }
}

impl OfCase {
    /// The known deviation that a finding of the case is, if it is one.
    pub fn covering(&self, finding: &Finding) -> Option<Known> {
        let valid = self.0.iter().filter(|(_, standing)| *standing == Standing::Valid);
        valid
            .map(|(entry, _)| entry)
            .find(|entry| entry.means(finding))
            .map(|entry| Known::Covers(Arc::clone(&entry.deviation)))
    }

    /// A note for every entry that did not occur, and for every one whose day has passed; for a case that was judged in
    /// every one of its `runs`.
    pub fn notes(&self, findings: &[Found], runs: u64) -> Vec<Found> {
        let note = |(entry, standing): &(Arc<Entry>, Standing)| {
            let found: Vec<&Found> = findings.iter().filter(|found| entry.rule == found.finding.rule).collect();
            let occurs = found.iter().any(|found| entry.means(&found.finding));
            let deviation = Arc::clone(&entry.deviation);
            match standing {
                Standing::Expired => Some((expired::finding(entry, occurs), Known::Expired(deviation))),
                Standing::Valid if occurs => None,
                Standing::Valid => Some((vanished::finding(entry, &found), Known::Vanished(deviation))),
            }
        };
        let notes = self.0.iter().filter_map(note);
        notes.map(|(finding, known)| Found { finding, known: Some(known), count: runs }).collect()
    }
}

#[cfg(test)]
mod tests;
