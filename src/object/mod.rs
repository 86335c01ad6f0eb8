//! Who is asked, and what is brought there: credentials, provider states, the lives of objects, the ledger of what a run has
//! made, and its journal.
//!
//! `run` steers it. It leaves out judged requests and verdicts; everything here goes through `transport::stage`.

mod again;
pub mod credentials;
pub mod journal;
pub mod ledger;
pub mod life;
mod pulse;
pub mod sound;
pub mod states;

pub use again::{Hold, wait_before_another};
pub use credentials::Credentials;
pub use journal::Journal;
pub use ledger::{Asked, Ledger, Object};
pub use life::Life;
pub use pulse::Pulse;
