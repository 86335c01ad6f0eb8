//! Why no case was run.

use super::page::{Page, SENTENCE};
use super::preflight::steps;
use crate::outcome::{CheckStatus, RunOutcome};
use crate::printable::escaped_line;

/// Why no case was run, if so.
pub(super) fn trouble(page: &mut Page, outcome: &RunOutcome) {
    if outcome.trouble.is_some() && outcome.preflight.iter().any(|tried| tried.status == CheckStatus::Wrong) {
        page.put(format!("\n{}", page.paint.bad("could not judge: a check before the first case failed")));
        steps(page, &outcome.preflight);
    } else if let Some(trouble) = &outcome.trouble {
        let message = escaped_line(&trouble.message, SENTENCE);
        page.put(format!("\n{} {message}", page.paint.bad("could not judge:")));
        if let Some(help) = &trouble.help {
            page.put(format!("  help: {}", escaped_line(help, SENTENCE)));
        }
    }
}
