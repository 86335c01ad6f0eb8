//! What was tried before the first case, a line each: the whole of `doctor`, and of a run that could not begin.

use super::head::target;
use super::page::{NAME, Page, SENTENCE};
use crate::outcome::{API, CheckStatus, RunOutcome, Tried};
use crate::printable::escaped_line;
use crate::report::format::View;

/// The screen, with who is asked.
pub(in crate::report) fn screen(outcome: &RunOutcome, view: View) -> String {
    let mut page = Page::new(view);
    target(&mut page, &outcome.target, &outcome.documents);
    page.put("");
    page.text() + &lines(outcome, view)
}

/// The screen by itself.
pub(in crate::report) fn lines(outcome: &RunOutcome, view: View) -> String {
    let mut page = Page::new(view);
    steps(&mut page, &outcome.preflight);
    page.put("");
    let wrong = outcome.preflight.iter().filter(|tried| tried.status == CheckStatus::Wrong).count();
    let paint = page.paint;
    let unverified = Tried::unverified(&outcome.preflight);
    page.put(match wrong {
        _ if outcome.interrupted => paint.warn("interrupted").into_owned(),
        0 if unverified.is_empty() => paint.good("ready to judge").into_owned(),
        // Somebody listens there, and that is all that is known.
        0 if unverified.contains(&API) => paint.warn(&not_verified(&unverified)).into_owned(),
        0 => format!("{}; {}", paint.good("ready to judge"), paint.warn(&not_verified(&unverified))),
        1 => paint.bad("not ready: correct what the line marked WRONG says").into_owned(),
        _ => paint.bad(&format!("not ready: correct what the {wrong} lines marked WRONG say")).into_owned(),
    });
    page.text()
}

/// Whom nobody vouched for. It keeps no run from beginning: a mock may know nothing but the contract's own operation.
fn not_verified(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| escaped_line(name, NAME)).collect();
    format!("not verified: {}; a run judges this target anyway", names.join(", "))
}

/// What was tried, a line each.
pub(super) fn steps(page: &mut Page, all: &[Tried]) {
    let width = all.iter().map(|tried| escaped_line(&tried.what, NAME).chars().count()).max().unwrap_or(0);
    for tried in all {
        let paint = page.paint;
        let word = match tried.status {
            CheckStatus::Good => paint.good("ok   "),
            CheckStatus::Noted => paint.warn("note "),
            CheckStatus::Wrong => paint.bad("WRONG"),
            CheckStatus::Untried => paint.faint("-    "),
        };
        let what = escaped_line(&tried.what, NAME);
        page.put(format!("  {word} {what:<width$}  {}", escaped_line(&tried.found, SENTENCE)));
        if let Some(help) = &tried.help {
            page.put(format!("  {:5} {:width$}  help: {}", "", "", escaped_line(help, SENTENCE)));
        }
    }
}
