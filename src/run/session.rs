//! A session: suites, target, credentials and ledger of one run, opened once and shared by everything that runs a case.
//!
//! Both doors (the command and the test binary) open the same session, so the same code judges in both.

mod journal;
mod network;
mod opening;
mod recalled;
pub(super) mod written;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::watch;

use super::changes::Changes;
use super::controls::Control;
use super::handed::{Handed, Store};
use super::literals;
use super::look::Lateness;
use super::objects::Making;
use super::places::Places;
use super::printed;
use super::progress::Progress;
use super::rerun::rerun;
use super::room::Room;
use super::select::Selected;
use super::turns::Turns;
use crate::case::{Suite, Values};
use crate::exchange::Exchange;
use crate::finding::Finding;
use crate::known::{Applying, Asked};
use crate::location::InputErrors;
use crate::object::{Credentials, Hold, Ledger, Object, Pulse};
use crate::outcome::{DocumentInfo, LeftBehind, Plan, RunOutcome, TargetInfo, TargetKind, Tried};
use crate::reference;
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::transport::{BaseUrl, Client, Guard, Options, Written};

/// One run: what is fixed for it, what talks to the target, and what is recorded.
#[derive(Debug)]
pub struct Session {
    fixed: Arc<Fixed>,
    client: Client,
    guard: Arc<Guard>,
    plan: Plan,
    /// How many users were made up.
    users: AtomicU64,
    ledger: Arc<Ledger>,
    /// Held by whoever cleans up: nothing is removed by two at once.
    cleaning: tokio::sync::Mutex<()>,
    /// Held while a large answer is judged.
    large: tokio::sync::Mutex<()>,
    /// Per suite and state: what looks and removals tell on this target.
    controls: Vec<Vec<Control>>,
    /// Objects that may be used up.
    handed: Store,
    /// Per suite and state: whether making one is given up, and since when none was made.
    makings: Vec<Vec<Making>>,
    hold: Hold,
    pulse: Pulse,
    places: Places,
    turns: Turns,
    changes: Changes,
    lateness: Lateness,
    left_behind: Arc<Mutex<Vec<LeftBehind>>>,
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

/// What is fixed for a run.
#[derive(Debug)]
struct Fixed {
    settings: Settings,
    suites: Arc<Vec<Suite>>,
    selected: Arc<Vec<Selected>>,
    secrets: Secrets,
    credentials: Vec<Credentials>,
    /// With the embedded reference's keys where it is the target.
    env: Arc<BTreeMap<String, String>>,
    /// The names that the suites write, which may exist because of that.
    written: Arc<Written>,
    target: TargetInfo,
    /// `{{run}}`, with which every user of the run begins.
    run: String,
    baseline: Option<PathBuf>,
    /// How many cases may wait without a place.
    aside: usize,
    /// The known deviations that apply to the target.
    known: Applying,
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
        let (settings, aside) = opening::with_room(settings, &suites, &mut notes)?;
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
        let url = base.to_string();
        errors.extend(written::Named::new(&suites, &env, &url).register(base.is_loopback(), &mut secrets));
        printed::hide(&secrets);
        errors.extend(opening::no_baseline(&settings));
        if !errors.is_empty() {
            return Err(InputErrors(errors));
        }
        opening::no_long_waits(&settings, &suites)?;
        let (options, way) = network::options(&settings, &suites, &base, &mut secrets, &mut notes)?;
        printed::hide(&secrets);
        let kind = if server.is_some() { TargetKind::Reference } else { TargetKind::Remote };
        let baseline = opening::recorded(&settings, kind, release);
        opening::no_damaged_baseline(baseline.as_deref(), &suites, &selected)?;
        let asked = Asked { host: base.host(), is_reference: kind == TargetKind::Reference };
        let known = opening::applying(super::known(&settings, &suites)?, &asked, baseline.is_some());
        let written = Arc::new(literals::written(&suites, &env));
        let fixed = Arc::new(Fixed {
            target: TargetInfo {
                url: base.to_string(),
                kind,
                release: release.map(|release| release.version.to_string()),
                way,
            },
            run: format!("conformant-{}", &uuid::Uuid::new_v4().simple().to_string()[..16]),
            settings,
            suites,
            selected,
            secrets,
            credentials,
            written,
            env: Arc::new(env),
            baseline,
            aside,
            known,
        });
        let rehearsal = Self::over(&fixed, &base, options.clone(), Client::rehearsing)?;
        let plan = Box::pin(rehearsal.rehearse()).await.masked(&fixed.secrets);
        if !fixed.settings.dry_run && plan.refusals().next().is_some() {
            return Err(InputErrors(plan.refusals().cloned().collect()));
        }
        let session = Self::over(&fixed, &base, options, |client| client)?;
        Ok(Self { plan, notes: Mutex::new(notes), _reference: server, ..session })
    }

    /// A session that has asked for nothing yet, over a client with a guard of its own.
    fn over(
        fixed: &Arc<Fixed>,
        base: &BaseUrl,
        options: Options,
        transport: fn(Client) -> Client,
    ) -> Result<Self, InputErrors> {
        let Fixed { settings, suites, selected, .. } = &**fixed;
        let guard = Arc::new(opening::guard(&fixed.run, &fixed.credentials, Arc::clone(&fixed.written)));
        let client = Client::new(base.clone(), options, Arc::clone(&guard), fixed.secrets.from_the_start())?;
        Ok(Self {
            client: transport(client),
            guard,
            plan: Plan::default(),
            users: AtomicU64::new(0),
            ledger: Arc::default(),
            cleaning: tokio::sync::Mutex::default(),
            large: tokio::sync::Mutex::default(),
            controls: suites.iter().map(|suite| suite.states.iter().map(|_| Control::default()).collect()).collect(),
            handed: Store::new(settings, suites, selected)?,
            makings: suites.iter().map(|suite| suite.states.iter().map(|_| Making::default()).collect()).collect(),
            hold: Hold::default(),
            pulse: Pulse::default(),
            places: Places::new(
                Room { jobs: settings.jobs, aside: fixed.aside },
                settings.timeout,
                settings.rate.is_some(),
            ),
            turns: Turns::default(),
            changes: Changes::default(),
            lateness: Lateness::default(),
            left_behind: Arc::default(),
            notes: Mutex::default(),
            preflight: Mutex::default(),
            remarks: Mutex::default(),
            stop: watch::Sender::new(false),
            progress: Arc::default(),
            documents: OnceLock::new(),
            _reference: None,
            fixed: Arc::clone(fixed),
        })
    }

    /// Adds a note about the run, once.
    pub(super) fn note(&self, note: &str) {
        let note = self.fixed.secrets.mask_str(note).into_owned();
        let mut notes = lock(&self.notes);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// Adds a finding about a suite's document, once per rule and message.
    pub(super) fn remark(&self, suite: usize, finding: Finding) {
        let mut remarks = lock(&self.remarks);
        let same = |(other, known): &(usize, Finding)| {
            Arc::ptr_eq(&self.fixed.suites[*other].document, &self.fixed.suites[suite].document)
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
            for one in self.fixed.selected.iter() {
                let same = |other: &usize| {
                    Arc::ptr_eq(&self.fixed.suites[*other].document, &self.fixed.suites[one.suite].document)
                };
                if !first.iter().any(same) {
                    first.push(one.suite);
                }
            }
            first
        })
    }

    /// Which of the outcome's documents is a suite's.
    pub(super) fn document_index(&self, suite: usize) -> usize {
        let same = |other: &usize| Arc::ptr_eq(&self.fixed.suites[*other].document, &self.fixed.suites[suite].document);
        self.documents().iter().position(same).unwrap_or(0)
    }

    /// The outcome of the whole, without its cases and time.
    pub fn outcome(&self) -> RunOutcome {
        let documents = self.documents().iter().map(|index| {
            let document = &self.fixed.suites[*index].document;
            let findings = lock(&self.remarks)
                .iter()
                .filter(|(other, _)| Arc::ptr_eq(&self.fixed.suites[*other].document, document))
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
            target: self.fixed.target.clone(),
            documents: documents.collect(),
            rerun: rerun(&self.fixed.settings, &self.fixed.secrets),
            profile: self.fixed.settings.profile,
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
        &self.fixed.settings
    }

    /// How far it has come.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// The suites.
    pub fn suites(&self) -> &[Suite] {
        &self.fixed.suites
    }

    /// The selected cases.
    pub fn selected(&self) -> &[Selected] {
        &self.fixed.selected
    }

    /// The names that the suites write.
    pub(super) fn written(&self) -> &Written {
        &self.fixed.written
    }

    /// The environment that placeholders are taken from.
    pub(super) fn env(&self) -> &BTreeMap<String, String> {
        &self.fixed.env
    }

    /// The credentials and what hides them.
    pub fn secrets(&self) -> &Secrets {
        &self.fixed.secrets
    }

    /// Who is asked.
    pub fn target(&self) -> &TargetInfo {
        &self.fixed.target
    }

    /// The client.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The ledger.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What was made and is left behind, for whoever tells of it if this session cannot.
    pub(super) fn record(&self) -> (Arc<Ledger>, Arc<Mutex<Vec<LeftBehind>>>) {
        (Arc::clone(&self.ledger), Arc::clone(&self.left_behind))
    }

    /// The suites, for whoever may outlive this session.
    pub(super) fn shared_suites(&self) -> Arc<Vec<Suite>> {
        Arc::clone(&self.fixed.suites)
    }

    /// The places among which cases run.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    /// Held by whoever cleans up.
    pub(super) fn cleaning(&self) -> &tokio::sync::Mutex<()> {
        &self.cleaning
    }

    /// Held while a large answer is judged.
    pub(super) fn large(&self) -> &tokio::sync::Mutex<()> {
        &self.large
    }

    /// Who runs beside whom.
    pub(super) fn turns(&self) -> &Turns {
        &self.turns
    }

    /// What case runs asked the target to change.
    pub(super) fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Whether waiting for late answers has been worth it.
    pub(super) fn lateness(&self) -> &Lateness {
        &self.lateness
    }

    /// What tells whether the target answers anybody.
    pub(super) fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// The objects that may be used up.
    pub(super) fn handed(&self) -> &Store {
        &self.handed
    }

    /// The guard.
    pub(super) fn guard(&self) -> &Guard {
        &self.guard
    }

    /// What looks and removals tell of a state's objects.
    pub(super) fn control(&self, suite: usize, state: usize) -> &Control {
        &self.controls[suite][state]
    }

    /// How making the objects of a state goes.
    pub(super) fn making(&self, suite: usize, state: usize) -> &Making {
        &self.makings[suite][state]
    }

    /// Says what the next request is for, where a dry run puts it down.
    pub(super) fn role(&self, role: impl FnOnce() -> String) {
        if let Some(rehearsal) = self.client.rehearsal() {
            rehearsal.role(role());
        }
    }

    /// Says under which name what is made next is known in a dry run.
    pub(super) fn owner(&self, owner: &str) {
        if let Some(rehearsal) = self.client.rehearsal() {
            rehearsal.owner(owner);
        }
    }

    /// Tells of what stays behind.
    pub(super) fn leave(&self, mut left: LeftBehind) {
        for text in [&mut left.id, &mut left.user] {
            *text = self.fixed.secrets.mask_id(text).into_owned();
        }
        left.reason = self.fixed.secrets.mask_str(&left.reason).into_owned();
        lock(&self.left_behind).push(left);
    }

    /// Until when the target wants not to be asked.
    pub(super) fn hold(&self) -> &Hold {
        &self.hold
    }

    /// A suite's credentials.
    pub(super) fn credentials(&self, suite: usize) -> &Credentials {
        &self.fixed.credentials[suite]
    }

    /// What the placeholders stand for before a case adds its own. The user is a new one: what a target does for the first
    /// request of a user, and what belongs to one, is then no matter of two cases.
    pub(super) fn fresh_values(&self) -> Values {
        let user = format!("{}-{:06x}", self.fixed.run, self.users.fetch_add(1, Ordering::Relaxed));
        if let Some(rehearsal) = self.client.rehearsal() {
            rehearsal.name(user.clone(), "user".to_owned());
        }
        Values {
            user,
            run: self.fixed.run.clone(),
            env: Arc::clone(&self.fixed.env),
            ids: self.guard.ids().clone(),
            secrets: self.fixed.secrets.clone(),
            ..Values::default()
        }
    }

    /// The known deviations that apply to the target.
    pub(super) fn known(&self) -> &Applying {
        &self.fixed.known
    }

    /// The folder with the recorded behaviour, if the run is held against it.
    pub(super) fn baseline(&self) -> Option<&PathBuf> {
        self.fixed.baseline.as_ref()
    }
}

/// A poisoned lock holds whole entries all the same: every change here is one push.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
