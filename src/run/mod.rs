//! Runs the selected cases: opens the run, tries the target, schedules the cases, and cleans up.
//!
//! Both doors use it: [`run`] runs everything that is selected and cleans up, whatever happens; [`RunResults::run_case`] runs one
//! case for a door that schedules by itself.
//!
//! Each folder has a page that says what its files do.
//!
//! | folder | what it does |
//! |---|---|
//! | `parts` | holds a run in its three parts: what is fixed, what talks to the target, what is recorded |
//! | `opening` | refuses everything that can be refused before a request is sent |
//! | `preflight` | tries the target before the first case |
//! | `schedule` | decides which case runs when |
//! | `case_run` | runs one case once, from its objects to its verdict |
//! | `object_life` | makes, asks about and removes objects |
//!
//! `session` is what the doors open. `results` collects the outcomes of the cases, and is the one place where the outcome of a run
//! is put together. `announce` emits an event for each request. `dry_run` plans a run without sending it; every run begins with that. `without_target`
//! does the same for `lint`. `clean` removes what a
//! killed run left behind. `signals` and `exit_notice` end an interrupted process. `printed` masks secrets in what is printed
//! besides the reports.

mod announce;
mod case_run;
mod clean;
mod clean_command;
mod collect;
mod dry_run;
mod exit_notice;
mod object_life;
mod opening;
mod parts;
mod preflight;
mod printed;
mod reasons;
mod rerun;
mod results;
mod schedule;
mod session;
mod signals;
mod snapshots;
mod without_target;

#[cfg(test)]
mod tests;

pub use clean::{clean, needed};
pub use exit_notice::ExitNotice;
pub use opening::inputs::{Input, inputs};
pub use opening::load::{allowed_servers, known, load, unmasked, unread_files};
pub use opening::select::{in_profile, select};
pub use opening::selected::Selected;
pub use opening::system_limits::{runtime, threads};
pub use printed::{hide_environment, hide_settings, input_errors_text, mask_panics, printable, without_secrets};
pub use results::{RunEnding, RunResults};
pub use schedule::run_cases::{doctor, run, wind_down};
pub use session::Session;
pub use signals::Signals;
pub use snapshots::{list_used_snapshots, unused_snapshots};
pub use without_target::refuse_unsendable;
