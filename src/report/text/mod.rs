//! The report for people: who was asked, what was wrong in full, a line per case, what to do next.
//!
//! Its shape depends on the outcome only, never on a terminal's width. Whatever a server or a file sent is escaped and
//! cut before it gets here, and stands behind a margin, so that it cannot pass for a line of the report.

mod end;
mod exchange;
mod finding;
mod head;
mod page;
mod parts;
mod pieces;
mod preflight;
mod rerun;
mod table;
mod trouble;
mod verdict;

#[cfg(test)]
mod tests;

pub use end::unjudged;
pub(super) use parts::{FORMAT, TextParts};
pub(super) use pieces::{around_text, left_behind_text};
pub use pieces::{case_text, head_text};
pub(super) use preflight::{lines, screen};
pub(super) use verdict::has_more;
