//! What came of removing what the journal of a run names.

use super::Exit;

/// What became of everything that a journal names.
#[derive(Clone, Debug)]
pub struct Cleaned {
    /// The run that wrote it.
    pub run: String,
    /// The day on which that began.
    pub started: String,
    /// Who was asked.
    pub target: String,
    /// The journal, as it was named.
    pub journal: String,
    /// Each object, or what was asked for and may be one.
    pub remnants: Vec<Remnant>,
    /// Whether a signal asked to stop.
    pub interrupted: bool,
}

/// What a run made and was not known to be gone, or asked for and may have made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remnant {
    /// The state's name.
    pub state: String,
    /// Its id, if it is known.
    pub id: Option<String>,
    /// Whose it is.
    pub user: String,
    /// The case it was made for.
    pub case: String,
    /// What became of it.
    pub result: CleanUpResult,
}

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CleanUpResult {
    /// Its removal was accepted, and it is not there where that can be asked.
    Removed,
    /// It was not there any more: the run itself had asked for its removal.
    Gone,
    /// It is still there, or may be; why.
    Left(String),
}

impl Cleaned {
    /// How many are left.
    pub fn left(&self) -> usize {
        self.remnants.iter().filter(|one| matches!(one.result, CleanUpResult::Left(_))).count()
    }

    /// The exit status: nothing is left, or something is.
    pub fn exit(&self) -> Exit {
        if self.interrupted {
            Exit::Interrupted
        } else if self.left() > 0 {
            Exit::NotJudged
        } else {
            Exit::Conforms
        }
    }
}
