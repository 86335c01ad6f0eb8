//! What `doctor` found, and what kept a run from beginning.

use super::format::View;
use super::{json, text};
use crate::location::InputError;
use crate::outcome::RunOutcome;
use crate::settings::ReportWish;

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
