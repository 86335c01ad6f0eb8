//! Finds the target: the base URL of the settings, or the embedded reference if there is none.

use super::selected::Selected;
use crate::location::{InputError, InputErrors};
use crate::reference;
use crate::settings::Settings;
use crate::suite::{Action, Suite};
use crate::transport::BaseUrl;

/// The base URL of the target. If the target is the embedded reference, also its server.
pub(crate) async fn target(
    settings: &Settings,
    suites: &[Suite],
    selected: &[Selected],
    release: Option<&'static reference::Release>,
) -> Result<(BaseUrl, Option<reference::ReferenceServer>), InputErrors> {
    if let Some(url) = &settings.base_url {
        return Ok((BaseUrl::parse(url)?, None));
    }
    let (base, server) = embedded(suites, selected, release).await?;
    Ok((base, Some(server)))
}

/// Starts the embedded reference, if it serves the operations that the cases judge.
async fn embedded(
    suites: &[Suite],
    selected: &[Selected],
    release: Option<&'static reference::Release>,
) -> Result<(BaseUrl, reference::ReferenceServer), InputErrors> {
    let not_served = not_served(suites, selected);
    if !not_served.is_empty() {
        return Err(InputErrors(not_served));
    }
    let mut options = reference::ReferenceOptions::default();
    options.release = release.unwrap_or(options.release);
    let server = reference::ReferenceServer::start(options)
        .await
        .map_err(|error| InputError::new(format!("the embedded reference cannot start: {error}")))?;
    Ok((BaseUrl::parse(&server.base_url())?, server))
}

/// Whether the embedded reference serves every operation that the cases judge.
pub(crate) fn is_served(suites: &[Suite], selected: &[Selected]) -> bool {
    not_served(suites, selected).is_empty()
}

/// The release that the settings name. Adds a note if another release stands for it.
pub(crate) fn release(asked: &str, notes: &mut Vec<String>) -> Result<&'static reference::Release, InputError> {
    let release = reference::Release::named(asked).map_err(|unknown| InputError::new(unknown.to_string()))?;
    notes.extend(release.substitution_note(asked));
    Ok(release)
}

/// An error for each suite with a selected case that judges an operation which the reference does not serve. Without the error
/// the case would fail on the reference's 404, which says nothing about the API.
fn not_served(suites: &[Suite], selected: &[Selected]) -> Vec<InputError> {
    if !reference::BUILT_IN {
        let message = "there is no target: API_BASE_URL is not set, and this build has no embedded reference";
        return vec![
            InputError::new(message).help("set API_BASE_URL, or turn the Cargo feature `reference` of conformant on"),
        ];
    }
    let wrong = suites.iter().enumerate().filter_map(|(index, suite)| {
        let cases = selected.iter().filter(|one| one.suite == index).map(|one| &suite.cases[one.case]);
        let operations = cases.flat_map(|case| &case.steps).filter_map(|step| match step.action {
            Action::Operation(operation) => Some(&suite.document.operations[operation]),
            Action::Call { .. } => None,
        });
        let mut not_served = operations.filter(|one| !reference::serves(&one.method, &one.path));
        not_served.next().map(|operation| (suite, operation))
    });
    wrong
        .map(|(suite, operation)| {
            InputError::new(format!(
                "there is no target, and the embedded reference serves only {}; {} judges {}",
                reference::SERVES,
                suite.source.name(),
                operation.title()
            ))
            .help(format!("set API_BASE_URL to the base URL of a server of {}", suite.document.title))
        })
        .collect()
}
