//! A session: the one thing that both doors open. It owns a run, and passes each call on to the part that does it.
//!
//! The command and the test door open the same session, so the same code judges in both.

use std::sync::Arc;
use std::time::Duration;

use super::case_run::once;
use super::collect::Collected;
use super::dry_run;
use super::object_life::{clean_up, leave, state_check};
use super::opening::selected::Selected;
use super::opening::{journal, open};
use super::parts::record::lock;
use super::parts::test_run::TestRun;
use super::preflight;
use super::progress::Progress;
use super::reasons::{INTERRUPTED, PANICKED};
use super::rerun::rerun;
use super::schedule::slots::{Slot, Slots};
use crate::case::Suite;
use crate::location::{InputError, InputErrors};
use crate::outcome::{CaseOutcome, DocumentInfo, Plan, RunOutcome, TargetInfo, Trouble, Verdict};
use crate::reference;
use crate::secret::Secrets;
use crate::settings::Settings;

/// One run, as the doors see it.
#[derive(Debug)]
pub struct Session {
    run: TestRun,
    plan: Plan,
    /// Stops with the session.
    _reference: Option<reference::Server>,
}

impl Session {
    /// Opens a session: finds the target or starts the embedded reference, takes the credentials, and refuses what must be
    /// refused. Sends nothing to the target.
    pub async fn open(
        settings: Settings,
        suites: Arc<Vec<Suite>>,
        selected: Arc<Vec<Selected>>,
    ) -> Result<Self, InputErrors> {
        let opened = open::open(settings, suites, selected).await?;
        // A run refuses what a dry run refuses, because it begins with one.
        let plan = Box::pin(dry_run::plan(&opened.dry_run()?)).await.masked(&opened.setup.secrets);
        if !opened.setup.settings.dry_run && plan.refusals().next().is_some() {
            return Err(InputErrors(plan.refusals().cloned().collect()));
        }
        Ok(Self { run: opened.run()?, plan, _reference: opened.reference })
    }

    /// The run in its three parts.
    pub(crate) fn test_run(&self) -> &TestRun {
        &self.run
    }

    /// What a dry run found that the run would send.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.run.setup.settings
    }

    /// The suites.
    pub fn suites(&self) -> &[Suite] {
        &self.run.setup.suites
    }

    /// The selected cases.
    pub fn selected(&self) -> &[Selected] {
        &self.run.setup.selected
    }

    /// The secrets, which are masked in everything that is printed or kept.
    pub fn secrets(&self) -> &Secrets {
        &self.run.setup.secrets
    }

    /// The target.
    pub fn target(&self) -> &TargetInfo {
        &self.run.setup.target
    }

    /// How far the run has come.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.run.record.progress)
    }

    /// Begins the journal.
    pub fn keep_journal(&self) -> Result<(), InputError> {
        journal::begin(&self.run.setup, &self.run.record)
    }

    /// Ends the journal.
    pub fn end_journal(&self) {
        journal::end(&self.run.record);
    }

    /// Tries the target before any case. An error says everything that is wrong.
    pub async fn preflight(&self) -> Result<(), Trouble> {
        preflight::preflight(&self.run).await
    }

    /// Checks the states that the selected cases need.
    pub async fn check_states(&self) {
        state_check::check_states(&self.run).await;
    }

    /// The slots of the run.
    pub(super) fn slots(&self) -> &Slots {
        &self.run.target.slots
    }

    /// Runs a selected case once. `collected` is that of all selected cases, or of this one alone.
    pub(super) async fn run_once(&self, index: usize, collected: &[Collected], slot: &mut Slot<'_>) -> Verdict {
        once::run_once(&self.run, index, collected, slot).await
    }

    /// Asks everything that runs to come to an end.
    pub fn cancel(&self) {
        self.run.target.stop.request();
    }

    /// Whether the run was asked to come to an end.
    pub fn is_cancelled(&self) -> bool {
        self.run.target.stop.is_requested()
    }

    /// Whether an object is being made.
    pub fn is_making(&self) -> bool {
        self.run.record.ledger.is_making()
    }

    /// Removes every object that the run made and that may still exist.
    pub async fn clean_up(&self) {
        clean_up::clean_up(&self.run).await;
    }

    /// Reports every object that is left behind.
    pub fn abandon(&self, reason: &str) {
        leave::abandon(&self.run.setup, &self.run.record, reason);
    }

    /// The outcome of the run, without its cases and its time.
    pub fn outcome(&self) -> RunOutcome {
        let TestRun { setup, record, .. } = &self.run;
        let documents = setup.documents.iter().map(|suite| {
            let document = &setup.suites[*suite].document;
            DocumentInfo {
                file: document.source.name().to_owned(),
                title: document.title.clone(),
                version: document.version.clone(),
                sha256: document.sha256.clone(),
                findings: record.remarks_of(&setup.suites, *suite),
            }
        });
        RunOutcome {
            target: setup.target.clone(),
            documents: documents.collect(),
            rerun: rerun(&setup.settings, &setup.secrets),
            profile: setup.settings.profile,
            cases: Vec::new(),
            left_behind: lock(&record.left_behind()).clone(),
            notes: record.notes(),
            preflight: record.preflight(),
            trouble: None,
            interrupted: false,
            elapsed: Duration::ZERO,
        }
    }

    /// Runs a selected case as often as the settings say, for a door that schedules by itself.
    pub async fn run_case(&self, index: usize) -> CaseOutcome {
        if let Some(reason) = &self.selected()[index].skip {
            return self.skip_case(index, reason);
        }
        let collected = self.collected(index);
        let mut slot = self.slots().acquire().await;
        let Settings { fail_fast, strict, repeat, .. } = *self.settings();
        if self.is_cancelled() {
            return self.skip_case(index, INTERRUPTED);
        }
        for _ in 0..repeat.max(1) {
            Box::pin(self.run_once(index, std::slice::from_ref(&collected), &mut slot)).await;
            if self.is_cancelled() || (fail_fast && collected.fails(strict, repeat)) {
                break;
            }
        }
        collected.finish()
    }

    /// The outcome of a selected case that is not run, for a door that schedules by itself.
    pub fn skip_case(&self, index: usize, reason: &str) -> CaseOutcome {
        let collected = self.collected(index);
        collected.skip(reason);
        collected.finish()
    }

    /// The outcome of a selected case whose run panicked, for a door that schedules by itself.
    pub fn panicked_case(&self, index: usize) -> CaseOutcome {
        let collected = self.collected(index);
        collected.error(PANICKED);
        collected.finish()
    }

    /// An empty outcome of a selected case.
    pub(super) fn collected(&self, index: usize) -> Collected {
        let setup = &self.run.setup;
        let one = &setup.selected[index];
        let (suite, case) = setup.case(index);
        Collected::new(suite, case, setup.document_index(one.suite), setup.known.of(one.suite, one.case))
    }
}
