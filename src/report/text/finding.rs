//! A finding in short: its rule and message, what was expected and what came, both places where it rests.

use super::page::{NAME, Page, SENTENCE};
use crate::finding::{Finding, SHOWN_BY};
use crate::known;
use crate::outcome::ReportedFinding;
use crate::printable::escaped_line;
use crate::rule::Level;

/// A finding in two or three lines.
pub(super) fn brief(page: &mut Page, finding: &Finding, file: &str) {
    headline(page, finding);
    if let (Some(expected), Some(actual)) = (&finding.expected, &finding.actual) {
        // A note about a known deviation compares with its record, which nobody expects of the API.
        let (first, second) =
            if known::RULES.contains(&finding.rule) { ("recorded", "found") } else { ("expected", "got") };
        page.put(format!("    {first} {}, {second} {}", escaped_line(expected, NAME), escaped_line(actual, NAME)));
    }
    let case = finding.case.as_ref().map(ToString::to_string);
    let spec = finding.spec.as_ref().map(|anchor| format!("{file}:{}", anchor.line));
    let places: Vec<String> = [case, spec].iter().flatten().map(|place| escaped_line(place, NAME)).collect();
    if !places.is_empty() {
        page.put(format!("    --> {}", page.paint.place(&places.join("  "))));
    }
}

pub(super) fn headline(page: &mut Page, finding: &Finding) {
    let rule = match finding.level {
        Level::Must => page.paint.bad(finding.rule.id),
        Level::Should => page.paint.warn(finding.rule.id),
        Level::Note => page.paint.faint(finding.rule.id),
    };
    let message = escaped_line(&finding.message, SENTENCE);
    let text = format!("  {rule} ({}, {}): {message}", finding.level, finding.origin);
    page.put(text);
}

/// The line for an advice: what to do, or what shows the finding.
pub(super) fn advice_line(advice: &str) -> String {
    let (label, text) = advice.strip_prefix(SHOWN_BY).map_or(("help", advice), |shown| ("evidence", shown));
    format!("    {label}: {}", escaped_line(text, SENTENCE))
}

/// What is listed about a known deviation, with its place; a note about one stands at that place already.
pub(super) fn known(page: &mut Page, found: &ReportedFinding) {
    let Some(known) = found.deviation() else { return };
    if found.covered().is_none() {
        page.put(format!("    listed as known: {}", escaped_line(&known.reason, SENTENCE)));
    } else {
        page.put(format!("    known deviation: {}", escaped_line(&known.reason, SENTENCE)));
    }
    page.put(format!("      until {}, {}", known.until, escaped_line(&known.link, NAME)));
    if found.covered().is_some() {
        page.put(format!("      --> {}", page.paint.place(&escaped_line(&known.place.to_string(), NAME))));
    } else if let Some(advice) = &found.finding.advice {
        page.put(advice_line(advice));
    }
}

/// Whether a finding is told without being asked for: all but notes, and of those what became of known deviations.
pub(super) fn is_shown_by_default(found: &ReportedFinding) -> bool {
    found.finding.level > Level::Note || found.deviation().is_some()
}
