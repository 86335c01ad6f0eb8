//! What a report format is, and how a report is wanted.

use crate::outcome::RunOutcome;
use crate::suite::Profile;

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
pub(super) const fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Core => "core",
        Profile::Extended => "extended",
    }
}
