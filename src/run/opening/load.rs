//! Loads the suites and the known deviations, and says what a reader should know about them.

use super::{checks, secrets};
use crate::baseline;
use crate::known::{self, KnownEntry};
use crate::location::InputErrors;
use crate::rule::Rule;
use crate::rules;
use crate::settings::Settings;
use crate::suite::{self, Suite};
use crate::transport::BaseUrl;

/// Loads the suites that the settings name.
pub fn load(settings: &Settings) -> Result<Vec<Suite>, InputErrors> {
    suite::load(&settings.cases, settings.spec.as_deref())
}

/// One sentence for each file that looks like a suite and is not read.
pub fn unread_files(settings: &Settings) -> Vec<String> {
    suite::unread_files(&settings.cases)
}

/// One sentence for each secret that cannot be masked.
pub fn unmasked(settings: &Settings, suites: &[Suite]) -> Vec<String> {
    secrets::too_short(suites, |name| settings.env.get(name).map(str::to_owned))
}

/// One sentence for each server of a document that the target is, and that is allowed because a suite says which hosts are
/// production.
pub fn allowed_servers(settings: &Settings, suites: &[Suite]) -> Vec<String> {
    let base = settings.base_url.as_deref().filter(|_| !settings.allow_production);
    // Opening the run says what is wrong.
    let notes = base.and_then(|base| checks::no_production(&BaseUrl::parse(base).ok()?, suites).ok());
    notes.unwrap_or_default()
}

/// Reads the known deviations of the loaded suites.
pub fn known(settings: &Settings, suites: &[Suite]) -> Result<Vec<KnownEntry>, InputErrors> {
    let rules: Vec<&'static Rule> =
        rules::all().map(|check| check.rule).chain(baseline::RULES.iter().copied()).collect();
    known::load(&settings.cases, suites, &rules)
}
