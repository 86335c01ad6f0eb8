//! Where reports go: stdout and files, made ready before a run, and scanned for credentials before anything is written.

mod place;
mod published;
mod render;
mod reports;
mod scan;
mod stdout;

#[cfg(test)]
mod tests;

pub use published::Published;
pub use render::{json_report, text_report};
pub use reports::Reports;
pub(super) use scan::mask_values;
pub use stdout::{Apart, StdoutReport};
