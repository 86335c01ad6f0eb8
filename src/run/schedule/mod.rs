//! Decides which case runs when.
//!
//! | file | what it decides |
//! |---|---|
//! | `run_cases` | the order of a whole run, and what a signal ends |
//! | `slots` | how many cases run at the same time, and when a waiting case gives its slot away |
//! | `isolation` | which cases may run at the same time |
//! | `stop` | when everything ends early |
//! | `join_all` | waits for several futures in one task |

pub(super) mod isolation;
pub(super) mod join_all;
pub(super) mod run_cases;
pub(super) mod slots;
pub(super) mod stop;
