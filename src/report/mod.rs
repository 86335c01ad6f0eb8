//! Reports: one file per format, each a pure function from a run's outcome to a text.
//!
//! Reports read [`RunOutcome`] and nothing else; what they print was masked when it was read, and is scanned once more
//! before it leaves ([`Reports`]). The tables that need no run (`rules`, `explain`, `list`, `lint`) are made here too,
//! so that everything a person reads is written in one place. It leaves out running (`run`) and argument parsing
//! (`main`).

pub mod catalog;
pub mod loaded;

mod cleaned;
mod json;
#[cfg(feature = "junit")]
mod junit;
mod left;
mod paint;
mod plan;
mod publish;
mod streams;
mod text;

#[cfg(test)]
mod sample;

use crate::case::Profile;
use crate::location::InputError;
use crate::outcome::{CaseOutcome, RunOutcome};
use crate::settings::ReportWish;

pub use cleaned::cleaned;
pub use left::left_behind_lines;
pub use plan::plan;
pub use publish::{Published, Reports};
pub use streams::{to_stderr, to_stdout};
pub use text::unjudged;

/// A report format.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for, one line.
    pub summary: &'static str,
    /// Makes the report.
    pub render: fn(&RunOutcome, View) -> String,
    /// What the text is, so that masking cannot break it.
    pub syntax: Syntax,
}

/// What kind of text a format makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Text for people: any character may be overwritten.
    Plain,
    /// JSON: only what is inside string values may be overwritten.
    Json,
    /// JUnit XML: only names, values and texts may be overwritten.
    #[cfg(feature = "junit")]
    JUnit,
}

/// Every format. To add one, add its file and its line.
pub static FORMATS: &[Format] = &[
    text::FORMAT,
    json::FORMAT,
    #[cfg(feature = "junit")]
    junit::FORMAT,
];

/// How a report is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Whether colours are wanted; only formats for people have them.
    pub color: bool,
    /// As [`crate::settings::Settings::verbose`].
    pub verbose: u8,
    /// Whether the run is strict, which changes the exit status.
    pub strict: bool,
}

/// The word for a profile, as flags and reports spell it.
const fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Core => "core",
        Profile::Extended => "extended",
    }
}

/// What a run is about as a person reads it: target, documents, profile.
pub fn head_text(run: &RunOutcome) -> String {
    text::head_text(run)
}

/// One case as a person reads it, without the run around it: for a door that reports case by case.
pub fn case_text(run: &RunOutcome, case: &CaseOutcome, view: View) -> String {
    text::case_text(case, &run.documents, view)
}

/// What was tried before the first case, as a person reads it who knows who is asked.
pub fn preflight_text(outcome: &RunOutcome, view: View) -> String {
    text::lines(outcome, view)
}

/// How what `doctor` found is written in the wished format.
pub fn doctor(wish: &ReportWish) -> Result<fn(&RunOutcome, View) -> String, InputError> {
    match wish.format.as_str() {
        "text" => Ok(text::screen),
        "json" => Ok(|outcome, _| json::doctor(outcome)),
        other => {
            let message = format!("{} names the format `{other}`, which `doctor` does not have", wish.from);
            Err(InputError::new(message).help("the formats are text and json"))
        }
    }
}
