//! The settings of a run: flag over variable over default, each resolved once. The only code that reads the
//! environment.
//!
//! Every flag is one record in `settings/table.rs`, from which its parsing, help, variable, place in the rerun command and
//! documentation come. Every flag of `run` is also the variable `CONFORMANT_<FLAG>`, read by the same parser, so that a value
//! means the same on a command line and in the environment. Everything is resolved from an [`Environment`] that is handed in,
//! so tests need no global state. It leaves out whether files exist and whether an URL can be used (`case`, `transport`), and
//! what the report formats are (`report`).

mod demo;
mod env_file;
mod environment;
mod flag;
mod flags;
mod hidden;
mod mistyped;
mod network;
mod parse;
mod refused;
mod report_wish;
mod rerun;
mod resolved;
mod resolver;
mod review;
mod served;
pub(crate) mod table;

pub use environment::Environment;
pub(crate) use flag::{CommandName, Completes, Flag, FlagGroup, Takes};
pub use flags::Flags;
pub use hidden::hidden;
pub use network::{Header, NamedFile, Network, Proxies, Variable};
pub use report_wish::ReportWish;
pub use resolved::Settings;
pub use review::{Review, Update};
pub use served::Served;
pub use table::is_target;

#[cfg(test)]
mod tests;
