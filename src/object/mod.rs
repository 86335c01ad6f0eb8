//! Who is asked, and what is brought there: credentials, provider states, the ledger of what a run has
//! made, and its journal.
//!
//! `run` steers it. It leaves out judged requests and verdicts; everything here goes through `transport::stage`.

mod again;
pub mod credentials;
pub mod journal;
pub mod ledger;
pub mod states;

pub use again::Hold;
pub use credentials::Credentials;
pub use journal::Journal;
pub use ledger::{Ledger, Object};
