//! Loads the suites and the known deviations, and says what a reader should know about them.

use std::collections::BTreeMap;

use super::{literals as path_literals, secrets};
use crate::baseline;
use crate::known::{self, KnownEntry};
use crate::location::{InputError, InputErrors};
use crate::rule::Rule;
use crate::rules;
use crate::settings::Settings;
use crate::suite::{self, Suite};

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

/// Reads the known deviations of the loaded suites.
pub fn known(settings: &Settings, suites: &[Suite]) -> Result<Vec<KnownEntry>, InputErrors> {
    let rules: Vec<&'static Rule> =
        rules::all().map(|check| check.rule).chain(baseline::RULES.iter().copied()).collect();
    known::load(&settings.cases, suites, &rules)
}

/// Refuses the path values that a run would refuse as they are written. Needs no target.
pub fn literals(settings: &Settings, suites: &[Suite]) -> Result<(), InputErrors> {
    let env: BTreeMap<String, String> =
        settings.env.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let written = path_literals::written(suites, &env);
    let cases = suites.iter().flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)));
    let refused: Vec<InputError> =
        cases.flat_map(|(suite, case)| path_literals::refused(suite, case, &env, &written)).collect();
    if refused.is_empty() { Ok(()) } else { Err(InputErrors(refused)) }
}
