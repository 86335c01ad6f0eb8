//! One run of one case, from its `given` objects to its outcome.
//!
//! In the order in which a case passes them:
//!
//! | file | what it does |
//! |---|---|
//! | `once` | the order of a case run: objects, steps, settling, verdict; once more where the first run proves nothing |
//! | `rerun` | decides whether a case must run again, or alone |
//! | `attempt` | holds what happened in one run |
//! | `obtain` | makes the objects of the case or takes provided ones |
//! | `steps` | sends the case's own requests |
//! | `changes` | keeps what other cases asked the target to change meanwhile |
//! | `settle` | finds out what became of each object, and removes it |
//! | `judge` | turns what happened into a verdict, through every rule |

pub(super) mod attempt;
pub(super) mod changes;
pub(super) mod judge;
mod obtain;
pub(super) mod once;
mod rerun;
mod settle;
mod steps;
