//! The only wiring: schedules cases, feeds the checks, collects outcomes.
//!
//! Both doors use it: [`run`] runs everything that is selected and cleans up, whatever happens; [`RunRecord::run_case`]
//! runs one case for a door that schedules by itself. What a run comes to is put together in its [`RunRecord`] alone.

mod announce;
mod attempt;
mod changes;
mod clean;
mod collect;
mod controls;
mod handed;
mod inputs;
mod judge;
mod literals;
mod look;
mod objects;
mod once;
mod parting;
mod places;
mod plan;
mod preflight;
mod printed;
mod record;
mod room;
mod schedule;
mod select;
mod session;
mod settle;
mod signals;
mod steps;
mod together;
mod turns;
mod unserved;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::baseline;
use crate::case::{self, Suite};
use crate::known;
use crate::location::{InputError, InputErrors};
use crate::rule::Rule;
use crate::rules;
use crate::settings::Settings;

pub use clean::{clean, needed};
pub use inputs::{Input, inputs};
pub use parting::Parting;
pub use printed::{hide_environment, hide_settings, in_words, mask_panics, printable, without_secrets};
pub use record::{RunEnding, RunRecord};
pub use room::{runtime, threads};
pub use schedule::{doctor, run, wind_down};
pub use select::{Selected, in_profile, select};
pub use session::Session;
pub use signals::Signals;

/// Loads the suites that the settings name.
pub fn load(settings: &Settings) -> Result<Vec<Suite>, InputErrors> {
    case::load(&settings.cases, settings.spec.as_deref())
}

/// What a reader should know about how suites are found, one sentence each: what looks like one of their files and is not
/// read.
pub fn overlooked(settings: &Settings) -> Vec<String> {
    case::overlooked(&settings.cases)
}

/// What a reader should know about secrets that cannot be masked, one sentence each.
pub fn unmasked(settings: &Settings, suites: &[Suite]) -> Vec<String> {
    session::written::too_short(suites, |name| settings.env.get(name).map(str::to_owned))
}

/// Reads the known deviations of the suites that were loaded.
pub fn known(settings: &Settings, suites: &[Suite]) -> Result<Vec<known::Entry>, InputErrors> {
    let rules: Vec<&'static Rule> =
        rules::all().map(|check| check.rule).chain(baseline::RULES.iter().copied()).collect();
    known::load(&settings.cases, suites, &rules)
}

/// Refuses the path values of suites that a run would refuse because of how they are written, without a target.
pub fn literals(settings: &Settings, suites: &[Suite]) -> Result<(), InputErrors> {
    let env: BTreeMap<String, String> =
        settings.env.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let written = literals::written(suites, &env);
    let cases = suites.iter().flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)));
    let refused: Vec<InputError> =
        cases.flat_map(|(suite, case)| literals::refused(suite, case, &env, &written)).collect();
    if refused.is_empty() { Ok(()) } else { Err(InputErrors(refused)) }
}
