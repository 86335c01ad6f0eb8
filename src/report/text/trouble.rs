//! Why no case was run.

use super::page::{Page, SENTENCE};
use super::preflight::steps;
use crate::outcome::{RunOutcome, Standing};
use crate::printable::line;

/// Why no case was run, if so.
pub(super) fn trouble(page: &mut Page, outcome: &RunOutcome) {
    if outcome.trouble.is_some() && outcome.preflight.iter().any(|tried| tried.standing == Standing::Wrong) {
        page.put(format!("\n{}", page.paint.bad("could not judge: a check before the first case failed")));
        steps(page, &outcome.preflight);
    } else if let Some(trouble) = &outcome.trouble {
        let message = line(&trouble.message, SENTENCE);
        page.put(format!("\n{} {message}", page.paint.bad("could not judge:")));
        if let Some(help) = &trouble.help {
            page.put(format!("  help: {}", line(help, SENTENCE)));
        }
    }
}
