//! The report in the parts in which it is printed while a run goes on: the head at the start, a case when it ends, the rest at
//! the end. The whole report is these parts in this order.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{case as block, has_more};
use super::end::{documents, end, left_behind, notes};
use super::head::head;
use super::page::Page;
use super::table::table;
use super::trouble::trouble;
use crate::event::RunStart;
use crate::outcome::{CaseOutcome, DocumentInfo, RunOutcome, Verdict};
use crate::report::format::{Format, Syntax, View};
use crate::rule::Level;

/// The report for people.
pub(in crate::report) const FORMAT: Format =
    Format { name: "text", summary: "for people", render: whole, syntax: Syntax::Plain };

/// How many cases of one verdict are told about in full.
const IN_FULL: usize = 50;

/// The whole report.
pub(super) fn whole(outcome: &RunOutcome, view: View) -> String {
    let mut page = Page::new(view);
    head(&mut page, &outcome.target, &outcome.documents, outcome.profile);
    let mut parts = TextParts::new(view);
    let cases = outcome.as_they_ended().filter_map(|case| parts.case(case, &outcome.documents));
    let cases: String = cases.collect();
    page.text() + &cases + &parts.rest(outcome)
}

/// A report that is printed part by part: what of it was printed.
pub(in crate::report) struct TextParts {
    view: View,
    /// How many cases of each verdict were told about in full.
    in_full: BTreeMap<Verdict, usize>,
    /// Which cases were.
    shown_in_full: BTreeSet<String>,
}

impl TextParts {
    /// Nothing was printed.
    pub(in crate::report) fn new(view: View) -> Self {
        Self { view, in_full: BTreeMap::new(), shown_in_full: BTreeSet::new() }
    }

    /// The first part: what the run is about.
    pub(in crate::report) fn head(&self, start: &RunStart) -> String {
        let mut page = Page::new(self.view);
        head(&mut page, &start.target, &start.documents, start.profile);
        page.text()
    }

    /// What there is to say about a case that has ended, if there is more than its line in the table. Past a number of cases
    /// of one verdict nothing is said of each.
    pub(in crate::report) fn case(&mut self, case: &CaseOutcome, documents: &[DocumentInfo]) -> Option<String> {
        if !has_more(case, self.view) {
            return None;
        }
        let count = self.in_full.entry(case.verdict).or_default();
        if *count >= IN_FULL && self.view.verbose == 0 {
            return None;
        }
        *count += 1;
        self.shown_in_full.insert(case.id.clone());
        let mut page = Page::new(self.view);
        page.put("");
        block(&mut page, case, documents);
        Some(page.text())
    }

    /// The last part: everything else.
    pub(in crate::report) fn rest(&self, outcome: &RunOutcome) -> String {
        let mut page = Page::new(self.view);
        trouble(&mut page, outcome);
        let untold =
            outcome.cases.iter().filter(|case| has_more(case, self.view) && !self.shown_in_full.contains(&case.id));
        let mut cases: Vec<&CaseOutcome> = untold.collect();
        cases.sort_by_key(|case| case.verdict);
        for cases in cases.chunk_by(|one, next| one.verdict == next.verdict) {
            like_these(&mut page, cases);
        }
        table(&mut page, &outcome.cases);
        documents(&mut page, &outcome.documents);
        left_behind(&mut page, &outcome.left_behind);
        notes(&mut page, &outcome.notes);
        end(&mut page, outcome);
        page.text()
    }
}

/// How many more there are, by what is wrong with them.
fn like_these(page: &mut Page, cases: &[&CaseOutcome]) {
    let Some(first) = cases.first() else { return };
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases {
        let weighs = case.findings.iter().find(|found| found.finding.level > Level::Note);
        let why = weighs.map_or("without a finding", |found| found.finding.rule.id);
        *rules.entry(why).or_default() += 1;
    }
    let rules: Vec<String> = rules.into_iter().map(|(rule, count)| format!("{count} {rule}")).collect();
    page.put(format!("\n… {} more cases: {}", cases.len(), first.verdict.as_str()));
    page.put(format!("  {}; `-v` or `--report json=FILE` has them all", rules.join(", ")));
}
