//! The steps of the opening, in their order. Nothing is sent to the target.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::selected::Selected;
use super::suite_names::SuiteNames;
use super::system_limits::Capacity;
use super::{checks, load, network, provided, secrets, target};
use crate::known::RunTarget;
use crate::location::InputErrors;
use crate::object::{Backoff, Logins, Probe};
use crate::outcome::{TargetInfo, TargetKind};
use crate::reference;
use crate::run::parts::record::Record;
use crate::run::parts::setup::{Setup, documents};
use crate::run::parts::target::TargetAccess;
use crate::run::parts::test_run::TestRun;
use crate::run::schedule::isolation::Isolation;
use crate::run::schedule::slots::Slots;
use crate::run::schedule::stop::Stop;
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::suite::{Suite, Values};
use crate::transport::{BaseUrl, Client, ClientOptions};

/// Everything that the opening found. A run can begin from it.
pub(crate) struct Opened {
    pub(crate) setup: Arc<Setup>,
    /// What a reader should know.
    pub(crate) notes: Vec<String>,
    /// The embedded reference, if that is the target.
    pub(crate) reference: Option<reference::ReferenceServer>,
    base: BaseUrl,
    options: ClientOptions,
}

/// Finds the target or starts the embedded reference, takes the credentials, and refuses what must be refused. Secrets are
/// masked in the errors.
pub(crate) async fn open(
    settings: Settings,
    suites: Arc<Vec<Suite>>,
    selected: Arc<Vec<Selected>>,
) -> Result<Opened, InputErrors> {
    let mut secrets = Secrets::none();
    let opened = open_with(&mut secrets, settings, suites, selected).await;
    opened.map_err(|errors| errors.masked(&secrets))
}

/// Does the same, and adds to `secrets` each secret as soon as it is known.
async fn open_with(
    secrets: &mut Secrets,
    settings: Settings,
    suites: Arc<Vec<Suite>>,
    selected: Arc<Vec<Selected>>,
) -> Result<Opened, InputErrors> {
    let mut notes = Vec::new();
    let (settings, waiting) = checks::with_capacity(settings, &suites, &mut notes)?;
    let release = settings.release.as_deref().map(|name| target::release(name, &mut notes)).transpose()?;
    let (base, server) = target::target(&settings, &suites, &selected, release).await?;
    if !settings.allow_production {
        notes.extend(checks::no_production(&base, &suites)?);
    }
    let env = checks::environment(&settings, &suites, server.as_ref(), &mut notes);
    let mut errors = Vec::new();
    if server.is_none() {
        checks::no_empty_keys(&settings, &suites)?;
    }
    let credentials = checks::keys(&settings, &suites, &selected, &env, base.is_loopback(), secrets, &mut errors);
    let url = base.to_string();
    errors.extend(secrets::SuiteSecrets::new(&suites, &env, &url).register(base.is_loopback(), secrets));
    errors.extend(checks::no_baseline(&settings));
    if !errors.is_empty() {
        return Err(InputErrors(errors));
    }
    checks::no_long_waits(&settings, &suites)?;
    let (options, way) = network::options(&settings, &suites, &base, secrets, &mut notes)?;
    let kind = if server.is_some() { TargetKind::Reference } else { TargetKind::Remote };
    let baseline = checks::baseline_folder(&settings, kind, release);
    checks::no_damaged_baseline(baseline.as_deref(), &suites, &selected)?;
    let target = RunTarget { host: base.host(), is_reference: kind == TargetKind::Reference };
    let known = checks::applicable_entries(load::known(&settings, &suites)?, &target, baseline.is_some());
    let setup = Arc::new(Setup {
        target: TargetInfo { url, kind, release: release.map(|release| release.version.to_string()), route: way },
        run: format!("conformant-{}", &uuid::Uuid::new_v4().simple().to_string()[..16]),
        names: SuiteNames::of(&suites, &env),
        documents: documents(&suites, &selected),
        env: Arc::new(env),
        settings,
        suites,
        selected,
        secrets: secrets.clone(),
        credentials,
        baseline,
        waiting,
        known,
    });
    Ok(Opened { setup, notes, reference: server, base, options })
}

impl Opened {
    /// A run that sends nothing: its client answers by itself.
    pub(crate) fn dry_run(&self) -> Result<TestRun, InputErrors> {
        self.run_with(Client::rehearsing, Vec::new())
    }

    /// A run that sends requests to the target.
    pub(crate) fn run(&self) -> Result<TestRun, InputErrors> {
        self.run_with(|client| client, self.notes.clone())
    }

    /// A run with a client and a guard of its own. It has sent nothing yet.
    fn run_with(&self, transport: fn(Client) -> Client, notes: Vec<String>) -> Result<TestRun, InputErrors> {
        let Setup { settings, suites, selected, secrets, .. } = &*self.setup;
        let guard = Arc::new(checks::guard(&self.setup.run, &self.setup.credentials, &self.setup.names));
        let client =
            Client::new(self.base.clone(), self.options.clone(), Arc::clone(&guard), secrets.from_the_start())?;
        let values = Values {
            run: self.setup.run.clone(),
            env: Arc::clone(&self.setup.env),
            ids: guard.ids().clone(),
            secrets: secrets.clone(),
            ..Values::default()
        };
        let logins = Logins::new(suites, &self.setup.credentials, &self.base, &guard, secrets, &values);
        let capacity = Capacity { jobs: settings.jobs, waiting: self.setup.waiting };
        let provided = provided::ProvidedObjects::new(settings, suites, selected)?;
        Ok(TestRun {
            target: TargetAccess {
                client: transport(client),
                guard,
                logins,
                backoff: Backoff::default(),
                probe: Probe::default(),
                slots: Slots::new(capacity, settings.timeout, settings.rate.is_some()),
                isolation: Isolation::default(),
                stop: Stop::new(),
                users: AtomicU64::new(0),
            },
            record: Record::new(suites, secrets, provided, notes),
            setup: Arc::clone(&self.setup),
        })
    }
}
