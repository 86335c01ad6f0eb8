//! What libtest is for tests that are functions, for tests that are made at run time: its flags, its lists, its output
//! and its exit codes, so that `cargo test`, cargo-nextest, editors and scripts find what they know.
//!
//! | file | what it is |
//! |---|---|
//! | `arguments` | the flags of libtest, and which tests they ask for |
//! | `trial` | a test and its result |
//! | `printer` | the formats pretty, terse and JSON |
//! | `runner` | lists the tests, or runs them on threads |

mod arguments;
mod printer;
mod runner;
mod trial;

pub(super) use arguments::{Invocation, LibtestArguments};
pub(super) use runner::run;
pub(super) use trial::{Completion, Failed, Trial};
