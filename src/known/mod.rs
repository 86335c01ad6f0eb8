//! Known deviations: findings that a team knows and accepts until a day, listed in a file next to the suites.
//!
//! A file `known_deviations.yaml` applies to the suites of its own folder and below. An entry names a case and a rule. A
//! finding of that rule in that case is then known, and does not fail the run; every other finding does. An entry that did
//! not occur, or that has expired, is a note.

mod applicable_entries;
mod entry;
mod expired;
mod load;
mod names;
mod read;
mod rules;
mod target;
mod vanished;

#[cfg(test)]
mod tests;

pub use applicable_entries::{ApplicableEntries, CaseEntries};
pub use entry::KnownEntry;
pub use load::load;
pub use rules::RULES;
pub use target::{RunTarget, TargetPattern};
