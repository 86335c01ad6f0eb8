//! Where reports go: stdout and files, made ready before a run, and scanned for credentials before anything is written.

mod place;
mod published;
mod reports;
mod scan;
mod stdout;

#[cfg(test)]
mod tests;

pub use published::Published;
pub use reports::Reports;
pub(super) use scan::mask_values;
pub use stdout::{Apart, StdoutReport};
