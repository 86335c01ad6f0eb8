//! A run in three parts. A function takes the parts that it needs.
//!
//! | file | part |
//! |---|---|
//! | `setup` | what is fixed: settings, suites, selected cases, secrets, credentials, the target's description |
//! | `target` | what talks to the target: client, guard, slots, isolation, backoff |
//! | `record` | what is recorded: ledger, changes, notes, what is left behind |
//! | `test_run` | the three together |

pub(super) mod record;
pub(super) mod setup;
pub(super) mod target;
pub(super) mod test_run;
