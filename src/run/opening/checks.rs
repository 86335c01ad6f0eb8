//! Checks suites and settings against each other, and takes the credentials.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::provided;
use super::selected::Selected;
use super::suite_names::SuiteNames;
use super::system_limits::{Capacity, capacity};
use super::target;
use crate::baseline;
use crate::date::Date;
use crate::file;
use crate::known::{ApplicableEntries, KnownEntry, RunTarget};
use crate::location::{InputError, InputErrors};
use crate::object::{Credentials, credentials};
use crate::outcome::TargetKind;
use crate::reference;
use crate::secret::Secrets;
use crate::settings::{CommandName, Settings};
use crate::suite::{Case, Credential, Suite};
use crate::transport::{BaseUrl, Guard, refuse_production};

/// The environment that credentials and placeholders are taken from. The embedded reference adds its own keys.
pub(crate) fn environment(
    settings: &Settings,
    suites: &[Suite],
    server: Option<&reference::ReferenceServer>,
    notes: &mut Vec<String>,
) -> BTreeMap<String, String> {
    let mut env: BTreeMap<String, String> =
        settings.env.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    if let Some(server) = server {
        for (name, value) in server.credentials() {
            if env.insert(name.to_owned(), value).is_some() {
                notes.push(format!("{name} is set and ignored: the embedded reference has keys of its own"));
            }
        }
        provided::ignored(suites, &mut env, notes);
    }
    env
}

/// The credentials of every suite. Adds their values to the secrets, and what is wrong with them to the errors.
pub(crate) fn keys(
    settings: &Settings,
    suites: &[Suite],
    selected: &[Selected],
    env: &BTreeMap<String, String>,
    loopback: bool,
    secrets: &mut Secrets,
    errors: &mut Vec<InputError>,
) -> Vec<Credentials> {
    let mut taken = Vec::new();
    let other = (settings.command != CommandName::Clean && target::is_served(suites, selected))
        .then(|| format!("{} to run against the embedded reference", settings.how_to_name_no_target()));
    for (index, suite) in suites.iter().enumerate() {
        match Credentials::resolve(suite, |name| env.get(name).map(String::as_str), loopback) {
            Ok(found) => {
                found.register(suite, secrets);
                let run = selected.iter().filter(|one| one.suite == index && one.skip.is_none());
                let cases: Vec<&Case> = run.map(|one| &suite.cases[one.case]).collect();
                let lookup = |name: &str| env.get(name).map(String::as_str);
                errors.extend(credentials::missing(suite, &cases, lookup, other.as_deref()));
                errors.extend(credentials::doubled(suite, &found));
                taken.push(found);
            }
            Err(found) => errors.extend(found.0),
        }
    }
    taken
}

/// Refuses the servers that a document names: the document of each suite, and the document that `--spec` replaces. Gives a
/// note for each server that is allowed because a suite says so.
pub(crate) fn no_production(base: &BaseUrl, suites: &[Suite]) -> Result<Vec<String>, InputError> {
    let mut notes = Vec::new();
    for suite in suites {
        for document in std::iter::once(&suite.document).chain(&suite.named) {
            notes.extend(refuse_production(base, document, &suite.hosts, suite.source.name())?);
        }
    }
    Ok(notes)
}

/// The values of all credentials, each once. Many suites may use the same keys.
fn values(credentials: &[Credentials]) -> BTreeSet<&str> {
    credentials.iter().flat_map(Credentials::values).flatten().map(|value| value.secret.as_str()).collect()
}

/// The settings with as many jobs as the system allows, and how many cases may wait without a slot.
pub(crate) fn with_capacity(
    settings: Settings,
    suites: &[Suite],
    notes: &mut Vec<String>,
) -> Result<(Settings, usize), InputError> {
    let steps = suites.iter().flat_map(|suite| &suite.cases).flat_map(|case| &case.steps);
    let Capacity { jobs, waiting } = capacity(&settings, steps.map(|step| step.at_once).max().unwrap_or(1), notes)?;
    Ok((Settings { jobs, ..settings }, waiting))
}

/// The guard with what it knows from the start.
pub(crate) fn guard(run: &str, credentials: &[Credentials], names: &SuiteNames) -> Guard {
    let guard = Guard::with_suites(Arc::clone(&names.written), Arc::clone(&names.scopes));
    guard.note_run(run);
    for value in values(credentials) {
        guard.note_credential(value);
    }
    guard
}

/// The folder of the baseline that the run is compared with, if any.
pub(crate) fn baseline_folder(
    settings: &Settings,
    kind: TargetKind,
    release: Option<&'static reference::Release>,
) -> Option<PathBuf> {
    settings.baseline.clone().or_else(|| {
        // The baseline next to the cases is that of the embedded reference, so the reference is always compared with it.
        // Other targets are compared only on request. An older release behaves otherwise on purpose.
        let recorded = kind == TargetKind::Reference && release.is_none_or(|it| it == reference::Release::newest());
        settings.recorded_beside().filter(|_| recorded)
    })
}

/// The known deviations that apply to this run. Without a baseline the deviations from one do not apply.
pub(crate) fn applicable_entries(known: Vec<KnownEntry>, target: &RunTarget, with_baseline: bool) -> ApplicableEntries {
    let applying = ApplicableEntries::new(known, target, Date::today());
    if with_baseline { applying } else { applying.without(baseline::RULES) }
}

/// Refuses a state whose `within` is longer than one exchange may take.
pub(crate) fn no_long_waits(settings: &Settings, suites: &[Suite]) -> Result<(), InputErrors> {
    let states = suites.iter().flat_map(|suite| suite.states.iter().map(move |state| (suite, state)));
    let errors: Vec<InputError> = states
        .filter_map(|(suite, state)| {
            let (within, span) = state.within.filter(|(within, _)| *within > settings.timeout)?;
            let message = format!(
                "`within` of the state `{}` is {within:?}, longer than one exchange may take ({:?})",
                state.name, settings.timeout
            );
            Some(InputError::at(suite.place(span), message).help("write a shorter time, or raise --timeout"))
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(InputErrors(errors)) }
}

/// An error if the baseline is not a folder.
pub(crate) fn no_baseline(settings: &Settings) -> Option<InputError> {
    let folder = settings.baseline.as_ref().filter(|folder| !file::is_folder(folder))?;
    Some(
        InputError::new(format!("the baseline {} is not a folder", folder.display()))
            .help("name the folder that holds the snapshots, such as --baseline snapshots"),
    )
}

/// Refuses snapshots that cannot be read. No target could match them.
pub(crate) fn no_damaged_baseline(
    folder: Option<&Path>,
    suites: &[Suite],
    selected: &[Selected],
) -> Result<(), InputErrors> {
    let run = selected.iter().filter(|one| one.skip.is_none());
    let cases = run.map(|one| suites[one.suite].cases[one.case].id.as_str());
    let errors = folder.map(|folder| baseline::damaged(folder, cases)).unwrap_or_default();
    if errors.is_empty() { Ok(()) } else { Err(InputErrors(errors)) }
}

/// Refuses empty variables of credentials. A missing secret of a pipeline arrives as an empty variable, and must not count
/// as "not set".
pub(crate) fn no_empty_keys(settings: &Settings, suites: &[Suite]) -> Result<(), InputErrors> {
    let variables: BTreeSet<&str> =
        suites.iter().flat_map(|suite| &suite.credentials).flat_map(Credential::variables).collect();
    let errors: Vec<InputError> =
        variables.into_iter().filter_map(|variable| settings.env.filled(variable).err()).collect();
    if errors.is_empty() { Ok(()) } else { Err(InputErrors(errors)) }
}
