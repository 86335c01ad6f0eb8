//! What a run records: the ledger of its objects, what answers have shown about the target, changes, notes, and what is left
//! behind.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::setup::same_document;
use crate::event::{Announcer, Event};
use crate::finding::Finding;
use crate::object::Ledger;
use crate::outcome::{LeftBehind, Tried};
use crate::run::case_run::changes::Changes;
use crate::run::object_life::creations::Creations;
use crate::run::object_life::facts::{StateFacts, StateRecord};
use crate::run::object_life::lateness::Lateness;
use crate::run::opening::provided::ProvidedObjects;
use crate::secret::Secrets;
use crate::suite::Suite;

/// What a run records.
#[derive(Debug)]
pub(crate) struct Record {
    /// Masks what is recorded.
    secrets: Secrets,
    /// The objects that are not settled.
    pub(crate) ledger: Arc<Ledger>,
    /// Held during the clean-up, so that no two clean-ups remove the same object.
    pub(crate) cleaning: tokio::sync::Mutex<()>,
    /// The objects that the environment provides.
    pub(crate) provided: ProvidedObjects,
    /// The requests that may have changed something.
    pub(crate) changes: Changes,
    /// Whether answers about objects come late on this target.
    pub(crate) lateness: Lateness,
    /// Passes on what happens.
    pub(crate) announcer: Arc<Announcer>,
    /// Per suite and state.
    states: Vec<Vec<StateRecord>>,
    left_behind: Arc<Mutex<Vec<LeftBehind>>>,
    notes: Mutex<Vec<String>>,
    preflight: Mutex<Vec<Tried>>,
    /// Findings about a suite's document, by suite.
    remarks: Mutex<Vec<(usize, Finding)>>,
}

impl Record {
    /// An empty record.
    pub(crate) fn new(suites: &[Suite], secrets: &Secrets, provided: ProvidedObjects, notes: Vec<String>) -> Self {
        let states = suites.iter().map(|suite| suite.states.iter().map(|_| StateRecord::default()).collect());
        Self {
            secrets: secrets.clone(),
            ledger: Arc::default(),
            cleaning: tokio::sync::Mutex::default(),
            provided,
            changes: Changes::default(),
            lateness: Lateness::default(),
            announcer: Arc::default(),
            states: states.collect(),
            left_behind: Arc::default(),
            notes: Mutex::new(notes),
            preflight: Mutex::default(),
            remarks: Mutex::default(),
        }
    }

    /// Adds a note about the run, once.
    pub(crate) fn note(&self, note: &str) {
        let note = self.secrets.mask_str(note).into_owned();
        let mut notes = lock(&self.notes);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// The notes about the run.
    pub(crate) fn notes(&self) -> Vec<String> {
        lock(&self.notes).clone()
    }

    /// Adds a finding about a suite's document, once per rule and message.
    pub(crate) fn remark(&self, suites: &[Suite], suite: usize, finding: Finding) {
        let mut remarks = lock(&self.remarks);
        let same = |(other, known): &(usize, Finding)| {
            same_document(suites, *other, suite) && known.rule == finding.rule && known.message == finding.message
        };
        if !remarks.iter().any(same) {
            remarks.push((suite, finding));
        }
    }

    /// The findings about the document of a suite.
    pub(crate) fn remarks_of(&self, suites: &[Suite], suite: usize) -> Vec<Finding> {
        let remarks = lock(&self.remarks);
        let own = remarks.iter().filter(|(other, _)| same_document(suites, *other, suite));
        own.map(|(_, finding)| finding.clone()).collect()
    }

    /// Keeps what the preflight tried, for the reports.
    pub(crate) fn keep_preflight(&self, all: &[Tried]) {
        for one in all {
            self.announcer.emit(|| Event::PreflightTried(one.clone()));
        }
        lock(&self.preflight).clone_from(&all.to_vec());
    }

    /// What the preflight tried.
    pub(crate) fn preflight(&self) -> Vec<Tried> {
        lock(&self.preflight).clone()
    }

    /// Adds an object that is left behind.
    pub(crate) fn leave(&self, mut left: LeftBehind) {
        for text in [&mut left.id, &mut left.user] {
            *text = self.secrets.mask_id(text).into_owned();
        }
        left.reason = self.secrets.mask_str(&left.reason).into_owned();
        self.announcer.emit(|| Event::ObjectLeft(left.clone()));
        lock(&self.left_behind).push(left);
    }

    /// The objects that are left behind. The list is shared: it lives as long as anybody who has to print it.
    pub(crate) fn left_behind(&self) -> Arc<Mutex<Vec<LeftBehind>>> {
        Arc::clone(&self.left_behind)
    }

    /// What the run knows of a state.
    pub(crate) fn state(&self, suite: usize, state: usize) -> &StateRecord {
        &self.states[suite][state]
    }

    /// How the creations of a state go.
    pub(crate) fn creations(&self, suite: usize, state: usize) -> &Creations {
        &self.state(suite, state).creations
    }

    /// What answers have shown about a state's objects.
    pub(crate) fn facts(&self, suite: usize, state: usize) -> StateFacts {
        self.state(suite, state).facts()
    }

    /// Adds what an answer shows about a state's objects.
    pub(crate) fn learn(&self, suite: usize, state: usize, learn: impl FnOnce(&mut StateFacts)) {
        self.state(suite, state).learn(learn);
    }
}

/// No panic can interrupt a change, so a poisoned lock holds whole data: every change here is one push.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
