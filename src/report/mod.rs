//! Reports: one file per format, each a pure function from a run's outcome to a text.
//!
//! Reports read a [`RunOutcome`](crate::outcome::RunOutcome) and nothing else. The report on stdout takes it, and the cases
//! before it, from the run's [events](crate::event). What reports print was masked when it was read, and is scanned once more
//! before it leaves ([`Reports`]). The tables that need no run (`rules`, `explain`, `list`, `lint`) are made here too,
//! so that everything a person reads is written in one place. It leaves out running (`run`) and argument parsing
//! (`main`).

pub mod catalog;
pub mod loaded;

mod cleaned;
mod doctor;
mod format;
mod formats;
mod json;
#[cfg(feature = "junit")]
mod junit;
mod left;
mod paint;
mod plan;
mod publish;
mod streams;
mod text;

#[cfg(test)]
mod sample;

pub use cleaned::{cleaned, journals};
pub use doctor::{doctor, preflight_text};
pub use format::{Format, Syntax, View};
pub use formats::FORMATS;
pub use left::left_behind_lines;
pub use plan::plan;
pub use publish::{Apart, Published, Reports, StdoutReport, json_report, text_report};
pub use streams::{to_stderr, to_stdout};
pub use text::{case_text, head_text, unjudged};
