//! What a process has to say that must end before its report: what its session has made and not removed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::session::{Session, lock};
use crate::case::Suite;
use crate::object::{Journal, Ledger};
use crate::outcome::{LeftBehind, TargetKind};
use crate::printable::whole;
use crate::report;
use crate::secret::Secrets;

/// Why something is left behind that nobody had the time to remove.
const NO_TIME: &str = "the program was ended before it was removed";

/// What is left at the target if the process ends now.
pub struct Parting {
    knows: Knows,
}

enum Knows {
    /// Nothing was made.
    Nothing,
    /// What a session has made.
    Made(Made),
    /// What the journal names that is being cleaned up.
    Journal(PathBuf),
}

/// What is shared with the session.
struct Made {
    suites: Arc<Vec<Suite>>,
    secrets: Secrets,
    ledger: Arc<Ledger>,
    left_behind: Arc<Mutex<Vec<LeftBehind>>>,
}

impl Parting {
    /// Of a process that makes nothing.
    pub fn nothing() -> Self {
        Self { knows: Knows::Nothing }
    }

    /// Of a process that removes what a journal names.
    pub fn journal_of(path: &Path) -> Self {
        Self { knows: Knows::Journal(path.to_owned()) }
    }

    /// Of a session. What is in the embedded reference ends with the process.
    pub fn of(session: &Session) -> Self {
        if session.target().kind == TargetKind::Reference {
            return Self::nothing();
        }
        let (ledger, left_behind) = session.record();
        Self {
            knows: Knows::Made(Made {
                suites: session.shared_suites(),
                secrets: session.secrets().clone(),
                ledger,
                left_behind,
            }),
        }
    }

    /// The journal, if there is one. Waits for nobody.
    pub(super) fn journal(&self) -> Option<&Path> {
        match &self.knows {
            Knows::Nothing => None,
            Knows::Made(made) => made.ledger.journal().map(Journal::path),
            Knows::Journal(path) => Some(path),
        }
    }

    /// What is left, a line each, and where it is named. A journal that names nothing is removed.
    pub(super) fn text(&self) -> String {
        match &self.knows {
            Knows::Nothing => String::new(),
            Knows::Made(made) => made.text(),
            Knows::Journal(path) => named_in(path) + "\n",
        }
    }
}

/// Where it is named what is left behind.
pub(super) fn named_in(path: &Path) -> String {
    let path = whole(&path.display().to_string());
    format!("what is left behind is named in the journal {path}; `conformant clean {path}` tries to remove it")
}

impl Made {
    fn text(&self) -> String {
        let mut left = lock(&self.left_behind).clone();
        for asked in self.ledger.making() {
            left.push(LeftBehind {
                state: asked.state,
                id: String::new(),
                user: asked.user,
                case: asked.case,
                reason: super::objects::UNTOLD.to_owned(),
            });
        }
        for (object, life) in self.ledger.open() {
            let Some(why) = life.left_behind() else { continue };
            left.push(LeftBehind {
                state: self.suites[object.suite].states[object.state].name.clone(),
                id: object.id,
                user: object.values.user,
                case: object.case,
                reason: format!("{NO_TIME}: {why}"),
            });
        }
        let mut text = report::left_behind_lines(&left);
        if let Some(path) = self.ledger.journal().and_then(Journal::end) {
            text = text + &named_in(path) + "\n";
        }
        self.secrets.mask_str(&text).into_owned()
    }
}

impl fmt::Debug for Parting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Parting").field("journal", &self.journal()).finish_non_exhaustive()
    }
}
