//! What a process prints that must end before its report: the objects that its run has made and not removed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::clean_command::CleanCommand;
use super::object_life::leave::UNANSWERED;
use super::parts::record::lock;
use super::parts::test_run::TestRun;
use super::session::Session;
use crate::object::{Journal, Ledger};
use crate::outcome::{LeftBehind, TargetKind};
use crate::report;
use crate::secret::Secrets;
use crate::suite::Suite;

/// Why an object is left behind that there was no time to remove.
const NO_TIME: &str = "the program was ended before it was removed";

/// What is left at the target if the process ends now.
pub struct ExitNotice {
    source: NoticeSource,
}

enum NoticeSource {
    /// The process makes nothing.
    Nothing,
    /// The run of a session makes objects.
    Run(RunNotice),
    /// The process removes what this journal names, and this command does so again.
    Journal(PathBuf, CleanCommand),
}

/// What the notice shares with the run.
struct RunNotice {
    suites: Arc<Vec<Suite>>,
    secrets: Secrets,
    ledger: Arc<Ledger>,
    left_behind: Arc<Mutex<Vec<LeftBehind>>>,
    clean: CleanCommand,
}

impl ExitNotice {
    /// The notice of a process that makes nothing.
    pub fn nothing() -> Self {
        Self { source: NoticeSource::Nothing }
    }

    /// The notice of a process whose session removes what a journal names.
    pub fn journal_of(session: &Session, path: &Path) -> Self {
        Self { source: NoticeSource::Journal(path.to_owned(), CleanCommand::of(session.setup())) }
    }

    /// The notice of a session. The objects of the embedded reference end with the process, so they need none.
    pub fn of(session: &Session) -> Self {
        if session.target().kind == TargetKind::Reference {
            return Self::nothing();
        }
        let TestRun { setup, record, .. } = session.test_run();
        Self {
            source: NoticeSource::Run(RunNotice {
                suites: Arc::clone(&setup.suites),
                secrets: setup.secrets.clone(),
                ledger: Arc::clone(&record.ledger),
                left_behind: record.left_behind(),
                clean: CleanCommand::of(setup),
            }),
        }
    }

    /// The journal and the command that removes what it names, if there is a journal. Takes no lock.
    fn journal(&self) -> Option<(&Path, &CleanCommand)> {
        match &self.source {
            NoticeSource::Nothing => None,
            NoticeSource::Run(run) => run.ledger.journal().map(|journal| (journal.path(), &run.clean)),
            NoticeSource::Journal(path, clean) => Some((path, clean)),
        }
    }

    /// The sentence that names the journal, if there is one. Takes no lock.
    pub(crate) fn journal_note(&self) -> Option<String> {
        self.journal().map(|(path, clean)| clean.note(path))
    }

    /// What is left, one line each, and the journal that names it. Removes a journal that names nothing.
    pub(crate) fn text(&self) -> String {
        match &self.source {
            NoticeSource::Nothing => String::new(),
            NoticeSource::Run(run) => run.text(),
            NoticeSource::Journal(path, clean) => clean.note(path) + "\n",
        }
    }
}

impl RunNotice {
    fn text(&self) -> String {
        let mut left = lock(&self.left_behind).clone();
        for pending in self.ledger.pending() {
            left.push(LeftBehind {
                state: pending.state,
                id: String::new(),
                user: pending.user,
                case: pending.case,
                reason: UNANSWERED.to_owned(),
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
            let can_help = CleanCommand::can_remove_any(&self.suites, &left);
            text += &if can_help { self.clean.note(path) } else { CleanCommand::note_by_hand(path) };
            text.push('\n');
        }
        self.secrets.mask_str(&text).into_owned()
    }
}

impl fmt::Debug for ExitNotice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ExitNotice").field("journal", &self.journal()).finish_non_exhaustive()
    }
}
