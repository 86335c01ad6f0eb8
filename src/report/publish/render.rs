//! A whole report as text that may leave the program.

use super::scan::scanned;
use crate::outcome::RunOutcome;
use crate::printable::for_log;
use crate::report::format::{Format, View};
use crate::report::{json, text};
use crate::secret::Secrets;

/// A report in a format, scanned for secrets. The scan adds to `problems` what it found.
pub(super) fn rendered(
    format: &Format,
    outcome: &RunOutcome,
    view: View,
    secrets: &Secrets,
    problems: &mut Vec<String>,
) -> String {
    let text = scanned(format, (format.render)(outcome, view), secrets, problems);
    // A file may well be printed into a log.
    for_log(&text).into_owned()
}

/// The report for people, for a caller that keeps it in memory.
pub fn text_report(outcome: &RunOutcome, view: View, secrets: &Secrets) -> String {
    rendered(&text::FORMAT, outcome, view, secrets, &mut Vec::new())
}

/// The report for programs, for a caller that keeps it in memory.
pub fn json_report(outcome: &RunOutcome, view: View, secrets: &Secrets) -> String {
    rendered(&json::FORMAT, outcome, view, secrets, &mut Vec::new())
}
