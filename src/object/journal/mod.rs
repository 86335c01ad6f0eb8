//! The journal: a file that names every object of a run that may still exist. The run adds a line before each creation and
//! after each step of an object's life, so `conformant clean` can remove what a killed run left behind.
//!
//! The format is JSON Lines. The first line names the run and its target; each further line is about one object, by number:
//!
//! ```text
//! {"journal":"conformant.journal/1","run":"3718aebf8f874bee","target":"https://staging.test/v1","started":"2026-01-31"}
//! {"asked":1,"suite":"jobs","state":"job","case":"jobs/cancel","user":"conformant-3718aebf8f874bee"}
//! {"made":1,"id":"42","captures":{"job_id":42}}
//! {"removing":1}
//! {"removed":1}
//! ```
//!
//! `unmade` stands in place of `made` where the target made nothing. `removing` stands before a request that could remove the
//! object. `kept` stands after an answer that says the request did not remove it. `left` gives the reason why the run reported
//! the object as left behind.
//! A masked value is not written; `withheld` names it. Each line is written before its request is sent. The line survives
//! when the process is killed, but not when the power fails.
//!
//! The file belongs to the user alone (mode 0600), and the run never opens a file that already exists. It is locked while the
//! run lives, and removed at the end unless something is left. When the file has grown, objects that are gone are dropped from
//! it. So neither file nor memory grows with the length of a run.

mod format;
mod found;
mod reading;
mod writing;

pub use found::{FoundJournal, found_in};
pub use reading::{JournalEntry, RecordedJournal};
pub use writing::Journal;
