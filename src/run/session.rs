//! A session: the one thing that both doors open. It owns a run, and passes each call on to the part that does it.
//!
//! The command and the test door open the same session, so the same code judges in both.

use std::sync::Arc;
use std::time::Duration;

use super::dry_run;
use super::object_life::{clean_up, leave, state_check};
use super::opening::selected::Selected;
use super::opening::{journal, open};
use super::parts::record::lock;
use super::parts::setup::Setup;
use super::parts::test_run::TestRun;
use super::preflight;
use super::rerun::rerun;
use super::schedule::slots::Slots;
use crate::event::{Announcer, Listener};
use crate::location::{InputError, InputErrors};
use crate::outcome::{DocumentInfo, Plan, RunOutcome, TargetInfo, Trouble};
use crate::reference;
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::suite::{self, Suite};

/// One run, as the doors see it.
#[derive(Debug)]
pub struct Session {
    run: TestRun,
    plan: Plan,
    /// Stops with the session.
    _reference: Option<reference::ReferenceServer>,
}

impl Session {
    /// Opens a session: finds the target or starts the embedded reference, takes the credentials, and refuses what must be
    /// refused. Sends nothing to the target, and changes nothing of the process: a door that owns its process masks the
    /// session's secrets in what the process prints ([`mask_panics`](super::mask_panics)).
    pub async fn open(
        settings: Settings,
        suites: Arc<Vec<Suite>>,
        selected: Arc<Vec<Selected>>,
    ) -> Result<Self, InputErrors> {
        let opened = open::open(settings, suites, selected).await?;
        // A run refuses what a dry run refuses, because it begins with one.
        let masked = |errors: InputErrors| errors.masked(&opened.setup.secrets);
        let plan = dry_run::plan_of(&opened).await?;
        if !opened.setup.settings.dry_run && plan.refusals().next().is_some() {
            return Err(InputErrors(plan.refusals().cloned().collect()));
        }
        Ok(Self { run: opened.run().map_err(masked)?, plan, _reference: opened.reference })
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

    /// What is fixed for the run.
    pub(super) fn setup(&self) -> &Setup {
        &self.run.setup
    }

    /// Adds a listener, which takes the events of this session's run.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.run.record.announcer.add(listener);
    }

    /// Passes events on to the listeners.
    pub(super) fn announcer(&self) -> Arc<Announcer> {
        Arc::clone(&self.run.record.announcer)
    }

    /// Whether a request of the run may send as a credential what an answer gave. The run learns a secret then.
    pub fn may_learn_secrets(&self) -> bool {
        let Setup { suites, selected, .. } = &*self.run.setup;
        let is_selected = |index: &usize| selected.iter().any(|one| one.suite == *index);
        suites
            .iter()
            .enumerate()
            .filter(|(index, _)| is_selected(index))
            .any(|(_, suite)| suite::may_learn_secrets(suite))
    }

    /// Adds a sentence that a reader of the report should know.
    pub fn note(&self, note: &str) {
        self.run.record.note(note);
    }

    /// Begins the journal.
    pub fn keep_journal(&self) -> Result<(), InputError> {
        journal::begin(&self.run.setup, &self.run.record)
    }

    /// Ends the journal.
    pub fn end_journal(&self) {
        journal::end(&self.run.setup, &self.run.record);
    }

    /// Tries the target before any case. An error says everything that is wrong.
    pub async fn preflight(&self) -> Result<(), Trouble> {
        Box::pin(preflight::preflight(&self.run)).await
    }

    /// Checks the states that the selected cases need.
    pub async fn check_states(&self) {
        state_check::check_states(&self.run).await;
    }

    /// The slots of the run.
    pub(super) fn slots(&self) -> &Slots {
        &self.run.target.slots
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
            ended: Vec::new(),
            left_behind: lock(&record.left_behind()).clone(),
            notes: record.notes(),
            preflight: record.preflight(),
            trouble: None,
            interrupted: false,
            elapsed: Duration::ZERO,
        }
    }
}
