//! The recorded behaviour: snapshots of what each case's responses were, kept beside the cases and compared with what they
//! are now.
//!
//! Its findings stand beside those of the checks. The files are insta's, so `cargo insta review` shows and accepts what is
//! proposed. Whether a baseline applies to a run is decided in `run`.

mod added;
mod alternatives;
mod changed;
mod compare;
mod difference;
mod generated;
mod snapshot;
mod snapshot_files;
mod store;

pub use compare::{RULES, compare, damaged};
pub use generated::Generated;
pub use snapshot_files::{REFERENCES, SnapshotFiles};
