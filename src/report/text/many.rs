//! The cases of a run on paper: a line each, then what there is to say about them. A run may have ten thousand, and a
//! person reads what is not well: past a length, what is well or repeats itself is counted instead of listed.

use std::collections::BTreeMap;

use super::{NAME, Page, counted, said, time, weak};
use crate::outcome::{CaseOutcome, RunOutcome, Verdict};
use crate::printable::line;
use crate::rule::Level;

/// A run with more cases than this lists only what is not well.
const LISTED: usize = 200;
/// How many cases of one verdict such a run lists.
const OF_A_KIND: usize = 100;
/// How many cases of one verdict are told about in full.
const IN_FULL: usize = 50;
/// The widest that the column of case ids becomes; a longer id moves only its own line.
const ID_COLUMN: usize = 56;

/// Why a case has no line of its own.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Unlisted {
    Skipped(String),
    Verdict(Verdict),
}

impl Page {
    /// A line per case.
    pub(super) fn table(&mut self, cases: &[CaseOutcome]) {
        if cases.is_empty() {
            return;
        }
        let (listed, unlisted) = self.listed(cases);
        let widest = listed.iter().map(|case| case.id.chars().count()).filter(|width| *width <= ID_COLUMN).max();
        let said: Vec<String> = listed.iter().map(|case| said(case)).collect();
        // Reasons are longer than what pins an answer, and must not push every time to the far right.
        let judged =
            listed.iter().zip(&said).filter(|(case, _)| !matches!(case.verdict, Verdict::Skipped | Verdict::Error));
        let wide = judged.map(|(_, said)| said.chars().count()).max().unwrap_or(0);
        let widest = widest.unwrap_or(ID_COLUMN);
        self.put("");
        for (case, said) in listed.iter().zip(said) {
            let id = line(&case.id, NAME);
            let runs = if case.runs > 1 { format!("  {}", counted(case)) } else { String::new() };
            let took = if case.runs > 0 { format!("  {:>9}", time(case.duration)) } else { String::new() };
            let paint = self.paint;
            let said = if took.is_empty() { said } else { format!("{said:<wide$}") };
            let (said, took) = (paint.faint(&said), paint.faint(&took));
            self.put(format!("  {} {id:<widest$}  {said}{took}{runs}", self.badge(case)));
        }
        for (why, count) in unlisted {
            self.put(match why {
                Unlisted::Skipped(reason) => format!("  … {count} skipped: {reason}"),
                Unlisted::Verdict(Verdict::Pass) => format!("  … {count} pass; `-v` lists them"),
                Unlisted::Verdict(verdict) => format!("  … {count} more: {}; `-v` lists them", verdict.as_str()),
            });
        }
    }

    /// The cases that get a line, and how many do not, by why.
    fn listed<'a>(&self, cases: &'a [CaseOutcome]) -> (Vec<&'a CaseOutcome>, BTreeMap<Unlisted, usize>) {
        let mut unlisted = BTreeMap::new();
        if cases.len() <= LISTED || self.view.verbose > 0 {
            return (cases.iter().collect(), unlisted);
        }
        let mut kinds: BTreeMap<Verdict, usize> = BTreeMap::new();
        let listed = cases.iter().filter(|case| {
            let why = match case.verdict {
                Verdict::Skipped => Unlisted::Skipped(said(case)),
                Verdict::Pass if !weak(case) && !self.has_more(case) => Unlisted::Verdict(Verdict::Pass),
                verdict => {
                    let of_a_kind = kinds.entry(verdict).or_default();
                    *of_a_kind += 1;
                    if *of_a_kind <= OF_A_KIND {
                        return true;
                    }
                    Unlisted::Verdict(verdict)
                }
            };
            *unlisted.entry(why).or_default() += 1;
            false
        });
        (listed.collect(), unlisted)
    }

    /// What there is to say about cases, the weightiest last, where a terminal shows it.
    pub(super) fn cases(&mut self, outcome: &RunOutcome) {
        let mut cases: Vec<&CaseOutcome> = outcome.cases.iter().filter(|case| self.has_more(case)).collect();
        cases.sort_by_key(|case| case.verdict);
        for cases in cases.chunk_by(|one, next| one.verdict == next.verdict) {
            let full = if self.view.verbose > 0 { cases.len() } else { IN_FULL.min(cases.len()) };
            for case in &cases[..full] {
                self.put("");
                self.case(case, &outcome.documents);
            }
            self.like_these(&cases[full..]);
        }
    }

    /// How many more there are, by what is wrong with them.
    fn like_these(&mut self, cases: &[&CaseOutcome]) {
        let Some(first) = cases.first() else { return };
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        for case in cases {
            let weighs = case.findings.iter().find(|found| found.finding.level > Level::Note);
            let why = weighs.map_or("without a finding", |found| found.finding.rule.id);
            *rules.entry(why).or_default() += 1;
        }
        let rules: Vec<String> = rules.into_iter().map(|(rule, count)| format!("{count} {rule}")).collect();
        self.put(format!("\n… {} more cases: {}", cases.len(), first.verdict.as_str()));
        self.put(format!("  {}; `-v` or `--report json=FILE` has them all", rules.join(", ")));
    }
}
