//! Writing that always ends.
//!
//! Files are created new and renamed to their final places, so nothing that exists is opened and waited for. Every step has
//! a time limit, because a file system may not answer. Text for stderr is written by a thread of its own, so that nothing
//! waits for a reader that does not read. What is written, and where, is decided elsewhere.

mod clerk;
mod limit;
mod lock;
mod patience;
mod replace;
mod stderr;

pub use clerk::Clerk;
pub use limit::{LIMIT, within};
pub use patience::patiently;
pub use replace::{Unfinished, new_file, remove_unfinished, replace};
pub use stderr::{complain, drained, drained_within};

#[cfg(test)]
mod tests;
