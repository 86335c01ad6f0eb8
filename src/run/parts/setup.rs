//! What is fixed for a run: settings, suites, selected cases, secrets, credentials and the target's description. Nothing here
//! changes after the run was opened.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::known::ApplicableEntries;
use crate::object::Credentials;
use crate::outcome::TargetInfo;
use crate::run::opening::selected::Selected;
use crate::run::opening::suite_names::SuiteNames;
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::suite::{Case, State, Suite};

/// What is fixed for a run.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) settings: Settings,
    pub(crate) suites: Arc<Vec<Suite>>,
    pub(crate) selected: Arc<Vec<Selected>>,
    pub(crate) secrets: Secrets,
    /// The credentials of each suite.
    pub(crate) credentials: Vec<Credentials>,
    /// The environment that placeholders are taken from. It has the embedded reference's keys where that is the target.
    pub(crate) env: Arc<BTreeMap<String, String>>,
    /// What the guard must know about the suites.
    pub(crate) names: SuiteNames,
    pub(crate) target: TargetInfo,
    /// `{{run}}`. Every user of the run begins with it.
    pub(crate) run: String,
    /// The folder of the baseline, if the run is compared with one.
    pub(crate) baseline: Option<PathBuf>,
    /// How many cases may wait for an answer without a slot.
    pub(crate) waiting: usize,
    /// The known deviations that apply to the target.
    pub(crate) known: ApplicableEntries,
    /// For every document of a selected case, the first suite that names it.
    pub(crate) documents: Vec<usize>,
}

impl Setup {
    /// The suite and the case behind an index into the selected cases.
    pub(crate) fn case(&self, selected: usize) -> (&Suite, &Case) {
        let one = &self.selected[selected];
        let suite = &self.suites[one.suite];
        (suite, &suite.cases[one.case])
    }

    /// A state of a suite.
    pub(crate) fn state(&self, suite: usize, state: usize) -> &State {
        &self.suites[suite].states[state]
    }

    /// The index of a suite's document among the documents of the outcome.
    pub(crate) fn document_index(&self, suite: usize) -> usize {
        self.documents.iter().position(|other| same_document(&self.suites, *other, suite)).unwrap_or(0)
    }
}

/// For every document of a selected case, the first suite that names it.
pub(crate) fn documents(suites: &[Suite], selected: &[Selected]) -> Vec<usize> {
    let mut first: Vec<usize> = Vec::new();
    for one in selected {
        if !first.iter().any(|other| same_document(suites, *other, one.suite)) {
            first.push(one.suite);
        }
    }
    first
}

/// Whether two suites name the same document.
pub(crate) fn same_document(suites: &[Suite], one: usize, other: usize) -> bool {
    Arc::ptr_eq(&suites[one].document, &suites[other].document)
}
