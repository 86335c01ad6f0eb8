//! A session: suites, target, credentials and ledger of one run, opened once and shared by everything that runs a case.
//!
//! Both doors (the command and the test binary) open the same session, so the same code judges in both.

mod network;
mod objects;
mod opening;
mod probe;
mod written;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::{OnceCell, watch};

use super::beside::Beside;
use super::handed::{Deal, Handed};
use super::literals;
use super::places::Places;
use super::plan::Planning;
use super::progress::Progress;
use super::select::Selected;
use crate::case::{Suite, Values};
use crate::exchange::Exchange;
use crate::finding::Finding;
use crate::known::{Applying, Asked};
use crate::location::InputErrors;
use crate::object::{Credentials, Hold, Ledger, Object};
use crate::outcome::{DocumentInfo, LeftBehind, Plan, RunOutcome, TargetInfo, TargetKind, Tried};
use crate::reference;
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::transport::{Client, Guard};
use objects::Making;
use probe::Probed;

pub(in crate::run) use objects::Kept;

/// One run's shared state.
#[derive(Debug)]
pub struct Session {
    settings: Settings,
    suites: Arc<Vec<Suite>>,
    selected: Arc<Vec<Selected>>,
    client: Client,
    guard: Arc<Guard>,
    secrets: Secrets,
    credentials: Vec<Credentials>,
    /// With the embedded reference's keys where it is the target.
    env: Arc<BTreeMap<String, String>>,
    target: TargetInfo,
    user: String,
    plan: Plan,
    ledger: Ledger,
    /// Per suite and state: what came of asking whether the first fresh object is there.
    probes: Vec<Vec<OnceCell<Probed>>>,
    /// Objects that may be used up.
    handed: Mutex<Deal>,
    /// Per suite and state: whether making one is given up, and since when none was made.
    makings: Vec<Vec<Making>>,
    hold: Hold,
    places: Places,
    beside: Beside,
    baseline: Option<PathBuf>,
    /// The known deviations that apply to the target.
    known: Applying,
    left_behind: Mutex<Vec<LeftBehind>>,
    notes: Mutex<Vec<String>>,
    preflight: Mutex<Vec<Tried>>,
    remarks: Mutex<Vec<(usize, Finding)>>,
    stop: watch::Sender<bool>,
    progress: Arc<Progress>,
    /// See [`Session::documents`].
    documents: OnceLock<Vec<usize>>,
    /// Stops with the session.
    _reference: Option<reference::Server>,
}

/// An object that a case was given.
pub(super) struct Obtained {
    pub object: Object,
    /// What was sent and came to make it.
    pub exchange: Option<Exchange>,
    /// What it was before, if it was handed over.
    pub handed: Option<Handed>,
}

impl Session {
    /// Opens a session: finds the target (or starts the embedded reference), takes the credentials, refuses what must
    /// be refused. Nothing is sent to the target yet.
    pub async fn open(
        settings: Settings,
        suites: Arc<Vec<Suite>>,
        selected: Arc<Vec<Selected>>,
    ) -> Result<Self, InputErrors> {
        let mut notes = Vec::new();
        let release = settings.release.as_deref().map(|asked| opening::release(asked, &mut notes)).transpose()?;
        let (base, server) = opening::target(&settings, &suites, &selected, release).await?;
        if !settings.allow_production {
            opening::no_production(&base, &suites)?;
        }
        let env = opening::environment(&settings, &suites, server.as_ref(), &mut notes);
        let mut secrets = Secrets::none();
        let mut errors = Vec::new();
        if server.is_none() {
            opening::no_empty_keys(&settings, &suites)?;
        }
        let credentials = opening::keys(&suites, &selected, &env, base.is_loopback(), &mut secrets, &mut errors);
        errors.extend(opening::no_baseline(&settings));
        if !errors.is_empty() {
            return Err(InputErrors(errors));
        }
        let handed = Deal::new(&settings, &suites, &selected)?;
        let (options, way) = network::options(&settings, &suites, &base, &mut secrets, &mut notes)?;
        let user = format!("conformant-{}", &uuid::Uuid::new_v4().simple().to_string()[..16]);
        let env = Arc::new(env);
        let written = Arc::new(literals::written(&suites, &env));
        let plan = Planning {
            suites: &suites,
            selected: &selected,
            credentials: &credentials,
            keys: opening::values(&credentials),
            secrets: &secrets,
            env: &env,
            base: &base,
            options: &options,
            user: &user,
            written: &written,
        }
        .plan();
        if !settings.dry_run && plan.refusals().next().is_some() {
            return Err(InputErrors(plan.refusals().cloned().collect()));
        }
        let guard = Arc::new(opening::guard(&user, &credentials, written));
        let client = Client::new(base.clone(), options, Arc::clone(&guard), secrets.from_the_start())?;
        let kind = if server.is_some() { TargetKind::Reference } else { TargetKind::Remote };
        let places = Places::new(settings.jobs, settings.timeout, settings.rate.is_some());
        let makings = suites.iter().map(|suite| suite.states.iter().map(|_| Making::default()).collect()).collect();
        let probes = suites.iter().map(|suite| suite.states.iter().map(|_| OnceCell::new()).collect()).collect();
        let baseline = opening::recorded(&settings, kind, release);
        opening::no_damaged_baseline(baseline.as_deref(), &suites, &selected)?;
        let asked = Asked { host: base.host(), is_reference: kind == TargetKind::Reference };
        let known = opening::applying(super::known(&settings, &suites)?, &asked, baseline.is_some());
        Ok(Self {
            target: TargetInfo {
                url: base.to_string(),
                kind,
                release: release.map(|release| release.version.to_string()),
                way,
            },
            user,
            settings,
            suites,
            selected,
            client,
            guard,
            secrets,
            credentials,
            env,
            plan,
            ledger: Ledger::default(),
            probes,
            handed: Mutex::new(handed),
            makings,
            hold: Hold::default(),
            places,
            beside: Beside::default(),
            baseline,
            known,
            left_behind: Mutex::default(),
            notes: Mutex::new(notes),
            preflight: Mutex::default(),
            remarks: Mutex::default(),
            stop: watch::Sender::new(false),
            progress: Arc::default(),
            documents: OnceLock::new(),
            _reference: server,
        })
    }

    /// Adds a note about the run, once.
    pub(super) fn note(&self, note: &str) {
        let note = self.secrets.mask_str(note).into_owned();
        let mut notes = lock(&self.notes);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// Adds a finding about a suite's document, once per rule and message.
    pub(super) fn remark(&self, suite: usize, finding: Finding) {
        let mut remarks = lock(&self.remarks);
        let same = |(other, known): &(usize, Finding)| {
            Arc::ptr_eq(&self.suites[*other].document, &self.suites[suite].document)
                && known.rule == finding.rule
                && known.message == finding.message
        };
        if !remarks.iter().any(same) {
            remarks.push((suite, finding));
        }
    }

    /// For every document of a selected case, the first suite that names it. There may be ten thousand cases, so they are
    /// gone through once.
    fn documents(&self) -> &[usize] {
        self.documents.get_or_init(|| {
            let mut first: Vec<usize> = Vec::new();
            for one in self.selected.iter() {
                let same = |other: &usize| Arc::ptr_eq(&self.suites[*other].document, &self.suites[one.suite].document);
                if !first.iter().any(same) {
                    first.push(one.suite);
                }
            }
            first
        })
    }

    /// Which of the outcome's documents is a suite's.
    pub(super) fn document_index(&self, suite: usize) -> usize {
        let same = |other: &usize| Arc::ptr_eq(&self.suites[*other].document, &self.suites[suite].document);
        self.documents().iter().position(same).unwrap_or(0)
    }

    /// The outcome of the whole, without its cases and time.
    pub fn outcome(&self) -> RunOutcome {
        let documents = self.documents().iter().map(|index| {
            let document = &self.suites[*index].document;
            let findings = lock(&self.remarks)
                .iter()
                .filter(|(other, _)| Arc::ptr_eq(&self.suites[*other].document, document))
                .map(|(_, finding)| finding.clone())
                .collect();
            DocumentInfo {
                file: document.source.name().to_owned(),
                title: document.title.clone(),
                version: document.version.clone(),
                sha256: document.sha256.clone(),
                findings,
            }
        });
        RunOutcome {
            target: self.target.clone(),
            documents: documents.collect(),
            again: network::again(&self.settings, &self.secrets),
            profile: self.settings.profile,
            cases: Vec::new(),
            left_behind: lock(&self.left_behind).clone(),
            notes: lock(&self.notes).clone(),
            preflight: lock(&self.preflight).clone(),
            trouble: None,
            interrupted: false,
            elapsed: std::time::Duration::ZERO,
        }
    }

    /// Asks everything that runs to come to an end.
    pub fn cancel(&self) {
        self.stop.send_replace(true);
    }

    /// Whether that was asked.
    pub fn is_cancelled(&self) -> bool {
        *self.stop.borrow()
    }

    /// Tells when that is asked.
    pub(super) fn stop(&self) -> &watch::Sender<bool> {
        &self.stop
    }

    /// Ends when that is asked.
    pub(super) async fn cancelled(&self) {
        // It cannot fail: the sender lives as long as the session.
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }

    /// Keeps what was tried before the first case, for the reports.
    pub(super) fn tried(&self, all: &[Tried]) {
        lock(&self.preflight).clone_from(&all.to_vec());
    }

    /// What it would send.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How far it has come.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// The suites.
    pub fn suites(&self) -> &[Suite] {
        &self.suites
    }

    /// The selected cases.
    pub fn selected(&self) -> &[Selected] {
        &self.selected
    }

    /// The credentials and what hides them.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Who is asked.
    pub fn target(&self) -> &TargetInfo {
        &self.target
    }

    /// The client.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The ledger.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The places among which cases run.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    /// The removals that cases ask for.
    pub(super) fn beside(&self) -> &Beside {
        &self.beside
    }

    /// Until when the target wants not to be asked.
    pub(super) fn hold(&self) -> &Hold {
        &self.hold
    }

    /// A suite's credentials.
    pub(super) fn credentials(&self, suite: usize) -> &Credentials {
        &self.credentials[suite]
    }

    /// What the placeholders stand for before a case adds its own.
    pub(super) fn fresh_values(&self) -> Values {
        Values {
            user: self.user.clone(),
            env: Arc::clone(&self.env),
            ids: self.guard.ids().clone(),
            secrets: self.secrets.clone(),
            ..Values::default()
        }
    }

    /// The known deviations that apply to the target.
    pub(super) fn known(&self) -> &Applying {
        &self.known
    }

    /// The folder with the recorded behaviour, if the run is held against it.
    pub(super) fn baseline(&self) -> Option<&PathBuf> {
        self.baseline.as_ref()
    }
}

/// A poisoned lock holds whole entries all the same: every change here is one push.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
