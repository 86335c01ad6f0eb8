//! What opening a session does one after the other: finds the target, takes the credentials, refuses what must be
//! refused.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::baseline;
use crate::case::{Case, Suite};
use crate::date::Date;
use crate::known::{Applying, Asked, Entry};
use crate::location::{InputError, InputErrors};
use crate::object::{Credentials, credentials};
use crate::outcome::TargetKind;
use crate::reference;
use crate::run::room::{self, Room};
use crate::run::select::Selected;
use crate::run::{handed, unserved};
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::transport::{BaseUrl, Guard, Written};

/// The environment that credentials and placeholders are taken from. The embedded reference brings keys of its own.
pub(super) fn environment(
    settings: &Settings,
    suites: &[Suite],
    server: Option<&reference::Server>,
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
        handed::ignored(suites, &mut env, notes);
    }
    env
}

/// The credentials of every suite, and what hides them. What is wrong with some is added to the errors.
pub(super) fn keys(
    suites: &[Suite],
    selected: &[Selected],
    env: &BTreeMap<String, String>,
    loopback: bool,
    secrets: &mut Secrets,
    errors: &mut Vec<InputError>,
) -> Vec<Credentials> {
    let mut taken = Vec::new();
    for (index, suite) in suites.iter().enumerate() {
        match Credentials::resolve(suite, |name| env.get(name).map(String::as_str), loopback) {
            Ok(found) => {
                found.register(suite, secrets);
                let run = selected.iter().filter(|one| one.suite == index && one.skip.is_none());
                let cases: Vec<&Case> = run.map(|one| &suite.cases[one.case]).collect();
                errors.extend(credentials::missing(suite, &cases, &found));
                errors.extend(credentials::doubled(suite, &found));
                taken.push(found);
            }
            Err(found) => errors.extend(found.0),
        }
    }
    taken
}

/// Refuses the servers that a document names: that of each suite, and the one that another was given in place of.
pub(super) fn no_production(base: &BaseUrl, suites: &[Suite]) -> Result<(), InputError> {
    suites.iter().try_for_each(|suite| {
        let mut documents = std::iter::once(&suite.document).chain(&suite.named);
        documents.try_for_each(|document| {
            crate::transport::refuse_production(base, document, &suite.staging, suite.source.name())
        })
    })
}

/// The values of all credentials, each once: many suites may take the same keys.
pub(super) fn values(credentials: &[Credentials]) -> BTreeSet<&str> {
    credentials.iter().flat_map(Credentials::values).flatten().map(String::as_str).collect()
}

/// The settings with as many cases at a time as there is room for, and how many may wait besides.
pub(super) fn with_room(
    settings: Settings,
    suites: &[Suite],
    notes: &mut Vec<String>,
) -> Result<(Settings, usize), InputError> {
    let steps = suites.iter().flat_map(|suite| &suite.cases).flat_map(|case| &case.steps);
    let Room { jobs, aside } = room::room(&settings, steps.map(|step| step.at_once).max().unwrap_or(1), notes)?;
    Ok((Settings { jobs, ..settings }, aside))
}

/// What the guard knows from the start.
pub(super) fn guard(run: &str, credentials: &[Credentials], written: Arc<Written>) -> Guard {
    let guard = Guard::beside(written);
    guard.note_run(run);
    for value in values(credentials) {
        guard.note_credential(value);
    }
    guard
}

/// The folder with the recorded behaviour that the run is held against, if any.
pub(super) fn recorded(
    settings: &Settings,
    kind: TargetKind,
    release: Option<&'static reference::Release>,
) -> Option<PathBuf> {
    settings.baseline.clone().or_else(|| {
        // The recorded behaviour beside the cases is that of the embedded reference, so it is held against it
        // unasked; other targets are held against it only on request.
        // An older release behaves otherwise on purpose.
        let recorded = kind == TargetKind::Reference && release.is_none_or(|it| it == reference::Release::newest());
        settings.recorded_beside().filter(|_| recorded)
    })
}

/// The known deviations that apply to this run. Where nothing is held against a baseline, that nothing differs from it
/// says nothing.
pub(super) fn applying(known: Vec<Entry>, asked: &Asked, with_baseline: bool) -> Applying {
    let applying = Applying::new(known, asked, Date::today());
    if with_baseline { applying } else { applying.without(baseline::RULES) }
}

/// The target and, if it is the embedded reference, its server.
pub(super) async fn target(
    settings: &Settings,
    suites: &[Suite],
    selected: &[Selected],
    release: Option<&'static reference::Release>,
) -> Result<(BaseUrl, Option<reference::Server>), InputErrors> {
    if let Some(url) = &settings.base_url {
        return Ok((BaseUrl::parse(url)?, None));
    }
    let (base, server) = embedded(suites, selected, release).await?;
    Ok((base, Some(server)))
}

/// Starts the embedded reference, if it can stand in for what the cases judge.
async fn embedded(
    suites: &[Suite],
    selected: &[Selected],
    release: Option<&'static reference::Release>,
) -> Result<(BaseUrl, reference::Server), InputErrors> {
    let unserved = unserved::refused(suites, selected);
    if !unserved.is_empty() {
        return Err(InputErrors(unserved));
    }
    let mut options = reference::Options::default();
    options.release = release.unwrap_or(options.release);
    let server = reference::Server::start(options)
        .await
        .map_err(|error| InputError::new(format!("the embedded reference cannot start: {error}")))?;
    Ok((BaseUrl::parse(&server.base_url())?, server))
}

/// The release that somebody asked for, with a note where another one stands for it.
pub(super) fn release(asked: &str, notes: &mut Vec<String>) -> Result<&'static reference::Release, InputError> {
    let release = reference::Release::named(asked).map_err(|unknown| InputError::new(unknown.to_string()))?;
    notes.extend(release.stands_for(asked));
    Ok(release)
}

/// Refuses a look that would be repeated for longer than one exchange may take.
pub(super) fn no_long_waits(settings: &Settings, suites: &[Suite]) -> Result<(), InputErrors> {
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

/// What is wrong with the folder that is to hold the recorded behaviour.
pub(super) fn no_baseline(settings: &Settings) -> Option<InputError> {
    let folder = settings.baseline.as_ref().filter(|folder| !crate::file::is_folder(folder))?;
    Some(
        InputError::new(format!("the baseline {} is no folder", folder.display()))
            .help("name the folder that holds the snapshots, such as --baseline snapshots"),
    )
}

/// Refuses snapshots that cannot be read: what they would be held against is nothing that a target could keep to.
pub(super) fn no_damaged_baseline(
    folder: Option<&Path>,
    suites: &[Suite],
    selected: &[Selected],
) -> Result<(), InputErrors> {
    let run = selected.iter().filter(|one| one.skip.is_none());
    let cases = run.map(|one| suites[one.suite].cases[one.case].id.as_str());
    let errors = folder.map(|folder| baseline::damaged(folder, cases)).unwrap_or_default();
    if errors.is_empty() { Ok(()) } else { Err(InputErrors(errors)) }
}

/// A missing secret of a pipeline arrives as an empty variable, and must not pass for "not set".
pub(super) fn no_empty_keys(settings: &Settings, suites: &[Suite]) -> Result<(), InputErrors> {
    let variables: BTreeSet<&str> =
        suites.iter().flat_map(|suite| &suite.credentials).map(|credential| credential.env.as_str()).collect();
    let errors: Vec<InputError> =
        variables.into_iter().filter_map(|variable| settings.env.filled(variable).err()).collect();
    if errors.is_empty() { Ok(()) } else { Err(InputErrors(errors)) }
}
