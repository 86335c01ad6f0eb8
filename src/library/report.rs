//! The report of a run, as data and as text.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::case_report::CaseReport;
use crate::outcome::{Exit, LeftBehind, RunOutcome, Verdict};
use crate::report::{self, View};
use crate::secret::Secrets;

/// The report of a run. Secrets are masked in all of it.
#[non_exhaustive]
pub struct Report {
    outcome: Arc<RunOutcome>,
    secrets: Secrets,
    view: View,
    cases: Vec<CaseReport>,
}

impl Report {
    pub(super) fn new(outcome: Arc<RunOutcome>, secrets: Secrets, view: View) -> Self {
        let scanned = secrets.unmistakable();
        let cases = outcome.cases.iter().map(|case| CaseReport::new(case, &outcome.documents, &scanned)).collect();
        Self { outcome, secrets, view, cases }
    }

    /// Whether the target conforms: something was judged, everything that was to be judged could be, and nothing fails. It is
    /// what the command's exit status 0 says.
    pub fn conforms(&self) -> bool {
        self.exit() == Exit::Conforms
    }

    /// Every selected case, in the order of the files.
    pub fn cases(&self) -> &[CaseReport] {
        &self.cases
    }

    /// How many cases have each verdict. Every verdict is a key.
    pub fn summary(&self) -> BTreeMap<Verdict, u64> {
        let counts = self.outcome.summary();
        BTreeMap::from([
            (Verdict::Pass, counts.pass),
            (Verdict::Skipped, counts.skipped),
            (Verdict::Known, counts.known),
            (Verdict::Fail, counts.fail),
            (Verdict::Error, counts.error),
        ])
    }

    /// The objects that the run made and could not remove.
    pub fn left_behind(&self) -> &[LeftBehind] {
        &self.outcome.left_behind
    }

    /// Why the target could not be judged, if that is so: it cannot be reached, a key is wrong, no case was run, a case has
    /// the verdict [`Verdict::Error`], the run was interrupted.
    pub fn not_judged(&self) -> Option<String> {
        match self.exit() {
            Exit::Interrupted => Some("the run was interrupted".to_owned()),
            Exit::NotJudged => Some(match (&self.outcome.trouble, self.outcome.summary().error) {
                (Some(trouble), _) => self.secrets.unmistakable().mask_str(&trouble.message).into_owned(),
                (None, 0) => "every case was skipped".to_owned(),
                (None, 1) => "1 case could not be judged".to_owned(),
                (None, several) => format!("{several} cases could not be judged"),
            }),
            _ => None,
        }
    }

    /// The report for programs, `conformant.report/1`: what `--report json=PATH` writes.
    pub fn to_json(&self) -> String {
        report::json_report(&self.outcome, self.view, &self.secrets)
    }

    /// The report for people, as the command prints it, without colours.
    pub fn to_text(&self) -> String {
        report::text_report(&self.outcome, self.view, &self.secrets)
    }

    /// Fails the test if the target does not conform, if it could not be judged, or if no case was judged.
    ///
    /// # Panics
    ///
    /// Panics with the text of the report if [`Report::conforms`] is false.
    #[track_caller]
    pub fn assert_conforms(&self) {
        if self.conforms() {
            return;
        }
        let what = match self.not_judged() {
            Some(why) => format!("the target could not be judged: {why}"),
            None => "the target does not conform to its contract".to_owned(),
        };
        panic!("{what}\n\n{}", self.to_text());
    }

    fn exit(&self) -> Exit {
        self.outcome.exit(self.view.strict)
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report").field("exit", &self.exit()).field("cases", &self.cases).finish_non_exhaustive()
    }
}
