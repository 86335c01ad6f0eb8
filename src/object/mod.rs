//! The objects of a run at the target: the credentials that make them, the calls of provider states, the life of each
//! object, the ledger of what the run has made, and the journal on disk.
//!
//! `run` decides what happens when. This module knows no judged requests and no verdicts. Everything it sends is a staged
//! call of the transport.
//!
//! | file | what it holds |
//! |---|---|
//! | [`credentials`] | the suite's keys, taken from the environment |
//! | `logins`, `login_answer` | the secrets that logins give, and what a response gives |
//! | `staging` | sends a staged call, and makes an object |
//! | `asking` | asks whether an object exists: the looks of `exists` |
//! | `next_page` | where a list goes on |
//! | `undoing` | removes an object: the requests of `undo` |
//! | `retry` | when a staged call is sent again, and how long that may take |
//! | `probe` | whether the target answers at all |
//! | [`answers`] | what an answer to a staged call says |
//! | `expected_answer` | what a dry run takes for the answer |
//! | [`life`] | what is known of one object, as a record of answers |
//! | [`ledger`] | every object of the run that is not settled |
//! | [`journal`] | the same on disk, for `conformant clean` |

pub mod answers;
mod asking;
pub mod credentials;
pub mod expected_answer;
pub mod journal;
pub mod ledger;
pub mod life;
mod login_answer;
mod logins;
mod next_page;
mod probe;
mod retry;
mod staging;
mod staging_error;
mod undoing;

pub use answers::ExistsAnswer;
pub use asking::Asked;
pub use credentials::Credentials;
pub use journal::Journal;
pub use ledger::{Ledger, Object, PendingObject};
pub use life::Life;
pub use logins::{Logins, SentSecrets};
pub use probe::Probe;
pub use retry::{Backoff, RetryPolicy, wait_before_retry};
pub use staging::Staging;
pub use staging_error::StagingError;
pub use undoing::Undone;
