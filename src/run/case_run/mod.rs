//! One run of one case, from its `given` objects to its outcome.
//!
//! In the order in which a case passes them:
//!
//! | file | what it does |
//! |---|---|
//! | `once` | runs a case once, and once more where the first run proves nothing |
//! | `rerun` | decides whether a case must run again, and runs it |
//! | `attempt` | holds what happened in one run |
//! | `carry_out` | the order of one run: objects, steps, settling |
//! | `obtain` | makes the objects of the case or takes provided ones |
//! | `steps` | sends the case's own requests |
//! | `changes` | keeps what other cases asked the target to change meanwhile |
//! | `settle` | finds out what became of each object, and removes it |
//! | `judge` | turns what happened into a verdict, through every rule |

pub(super) mod attempt;
pub(super) mod carry_out;
pub(super) mod changes;
pub(super) mod judge;
mod obtain;
pub(super) mod once;
mod rerun;
mod settle;
mod steps;
