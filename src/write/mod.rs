//! Writing that always ends.
//!
//! Files are created new and renamed to their final places, so nothing that exists is opened and waited for. Every step has
//! a time limit, because a file system may not answer. Text for stderr is written by a thread of its own, so that nothing
//! waits for a reader that does not read. What is written, and where, is decided elsewhere.

mod file_worker;
mod limit;
mod lock;
mod replace;
mod stderr;
mod waiting;

pub use file_worker::FileWorker;
pub use limit::{LIMIT, within};
pub use replace::{Unfinished, new_file, remove_unfinished, replace};
pub use stderr::{flush_stderr, flush_stderr_within, write_stderr};
pub use waiting::write_all_waiting;

#[cfg(test)]
mod tests;
