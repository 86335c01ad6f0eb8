//! How writing the reports of a run went.

use crate::outcome::Exit;

/// How publishing went.
#[derive(Debug, Default)]
#[must_use]
pub struct Published {
    /// What went wrong, one sentence each, for stderr: a credential that had to be masked, a file that could not be
    /// written.
    pub problems: Vec<String>,
}

impl Published {
    /// The exit status of the run, given how its reports went: a report that is missing or leaked is not a result.
    pub fn exit(&self, exit: Exit) -> Exit {
        if self.problems.is_empty() || exit == Exit::Interrupted { exit } else { Exit::NotJudged }
    }

    /// Takes over what went wrong elsewhere.
    pub fn merge(&mut self, other: Self) {
        self.problems.extend(other.problems);
    }
}
