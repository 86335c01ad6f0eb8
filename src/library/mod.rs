//! The door for a test in Rust: a builder, a run without a process of its own, and its report as data.
//!
//! | file | what it holds |
//! |---|---|
//! | `conformance` | the builder |
//! | `builder_settings` | the settings of the builder, resolved from the table of flags |
//! | `run` | one run from settings to report |
//! | `interruption` | the signals of the process, if a run was asked to handle them |
//! | `run_event` | what a listener gets |
//! | `report` | the report of a run |
//! | `case_report` | a case in it, and its findings |
//! | `file_place` | a line of a file |
//! | `bad_input` | why a run did not begin |
//!
//! What is public here, and not hidden, is the library. `tests/library/public_items.txt` lists it.

mod bad_input;
mod builder_settings;
mod case_report;
mod conformance;
mod file_place;
mod interruption;
mod report;
mod run;
mod run_event;

pub use bad_input::{BadInput, Mistake};
pub use case_report::{CaseReport, FindingReport};
pub use conformance::Conformance;
pub use file_place::FilePlace;
pub use report::Report;
pub use run_event::RunEvent;
