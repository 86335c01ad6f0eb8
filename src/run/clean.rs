//! Removes what a killed run has left behind, as its journal names it (`conformant clean`).
//!
//! An object that is not there counts as gone only if the run had asked for its removal. Otherwise a wrong key would make every
//! object "gone". If the target may give an id twice, a removal that the run had asked for is not repeated unless the object is
//! seen to be gone: another object may have the id by now. Objects are removed one at a time, the last one made first, because
//! more requests do not help a server in trouble.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::object_life::provide::recall;
use super::object_life::remove::NO_UNDO;
use super::opening::selected::Selected;
use super::parts::test_run::TestRun;
use super::session::Session;
use super::signals::{GRACE, Signals};
use crate::location::{InputError, InputErrors};
use crate::object::answers;
use crate::object::journal::{JournalEntry, RecordedJournal};
use crate::object::life::is_random;
use crate::object::{ExistsAnswer, Object, StagingError, Undone, credentials};
use crate::outcome::{CleanUpResult, Cleaned, Remnant, Trouble};
use crate::suite::{State, Suite, Undo};

/// The pause before each try to remove an object.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(2)];
/// How long `exists` may still show an object that was removed.
const LAG: Duration = Duration::from_secs(2);
/// The pause between two questions meanwhile.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// The cases whose credentials are needed to remove what a journal names: for each state, the case that needs the fewest.
/// Everything that the journal names must be in these suites.
pub fn needed(suites: &[Suite], journal: &RecordedJournal) -> Result<Vec<Selected>, InputErrors> {
    let mut states: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut errors: Vec<InputError> = Vec::new();
    for entry in &journal.entries {
        match find(suites, entry) {
            Ok(state) => _ = states.insert(state),
            Err(message) if errors.iter().all(|error| error.message != message) => {
                errors.push(InputError::new(message).help("load the suites that the run had, by --cases"));
            }
            Err(_) => {}
        }
    }
    if !errors.is_empty() {
        return Err(InputErrors(errors));
    }
    let cases = states.into_iter().filter_map(|(suite, state)| {
        let cases = suites[suite].cases.iter().enumerate();
        let given = cases.filter(|(_, case)| case.given.iter().any(|given| given.state == state));
        let fewest = given.min_by_key(|(_, case)| credentials::needed(&suites[suite], case).len());
        fewest.map(|(case, _)| Selected { suite, case, skip: None })
    });
    Ok(cases.collect())
}

/// The suite and the state of an entry.
fn find(suites: &[Suite], entry: &JournalEntry) -> Result<(usize, usize), String> {
    let suite = suites
        .iter()
        .position(|suite| suite.id == entry.suite)
        .ok_or_else(|| format!("the journal names the suite {:?}, which is not loaded", entry.suite))?;
    let state = suites[suite].states.iter().position(|state| state.name == entry.state).ok_or_else(|| {
        format!("the journal names the state {:?}, which the suite {:?} does not have", entry.state, entry.suite)
    })?;
    Ok((suite, state))
}

/// Removes what a journal names. After the first of `signals` the object under way is removed and no other; a second signal
/// of the same kind ends it at once.
///
/// An input error if the journal is of another target; trouble if the target cannot be asked.
pub async fn clean(
    session: &Session,
    journal: &mut RecordedJournal,
    signals: &mut Signals,
) -> Result<Result<Cleaned, Trouble>, InputError> {
    let target = session.secrets().mask_id(&session.target().url).into_owned();
    if target != journal.target {
        return Err(InputError::new(format!(
            "the journal {} is of the target {}, and this target is {target}",
            journal.path.display(),
            journal.target
        ))
        .help("name the target of the run that wrote it"));
    }
    let mut interrupted = false;
    tokio::select! {
        tried = session.preflight() => if let Err(trouble) = tried {
            return Ok(Err(trouble));
        },
        _ = signals.first() => {
            interrupted = true;
            session.cancel();
        }
    }
    let mut entries = journal.entries.clone();
    // An object that was made last may belong to one that was made before.
    entries.reverse();
    let mut results = Vec::new();
    if !interrupted {
        (results, interrupted) = remove_all(session, journal, &entries, signals).await;
    }
    let mut results = results.into_iter();
    let remnants = entries.into_iter().map(|entry| Remnant {
        result: results
            .next()
            .unwrap_or_else(|| CleanUpResult::Left("the run was interrupted before it came to this object".to_owned())),
        state: entry.state,
        id: entry.id,
        user: entry.user,
        case: entry.case,
    });
    let cleaned = Cleaned {
        run: journal.run.clone(),
        started: journal.started.clone(),
        target,
        journal: journal.path.display().to_string(),
        remnants: remnants.collect(),
        interrupted,
    };
    Ok(Ok(cleaned.masked(session.secrets())))
}

/// Removes the objects one after the other. Returns what became of those that it came to, and whether a signal came.
async fn remove_all(
    session: &Session,
    journal: &mut RecordedJournal,
    entries: &[JournalEntry],
    signals: &mut Signals,
) -> (Vec<CleanUpResult>, bool) {
    let results: Mutex<Vec<CleanUpResult>> = Mutex::default();
    let add = |result| results.lock().unwrap_or_else(PoisonError::into_inner).push(result);
    let mut interrupted = false;
    {
        let work = async {
            for entry in entries {
                if session.is_cancelled() {
                    return;
                }
                let result = remove(session.test_run(), journal, entry).await.unwrap_or_else(CleanUpResult::Left);
                if !matches!(result, CleanUpResult::Left(_)) {
                    journal.removed(entry.number);
                }
                add(result);
            }
        };
        tokio::pin!(work);
        tokio::select! {
            () = &mut work => {}
            at = signals.first() => {
                interrupted = true;
                session.cancel();
                tokio::select! {
                    () = work => {}
                    () = tokio::time::sleep_until(at + GRACE) => {}
                    () = signals.second() => {}
                }
            }
        }
    }
    (results.into_inner().unwrap_or_else(PoisonError::into_inner), interrupted)
}

/// Removes one object. An error says why it is left.
async fn remove(run: &TestRun, journal: &mut RecordedJournal, entry: &JournalEntry) -> Result<CleanUpResult, String> {
    if !entry.made {
        let why = entry.left.as_deref().unwrap_or("the run ended before a response to its creation came");
        return Err(format!("{why}; its id is not known, so look for it at the target"));
    }
    let Some(id) = &entry.id else {
        return Err("its id is secret or too long, so the journal does not hold it".to_owned());
    };
    if entry.doubted {
        return Err("the target gave its id to two objects, so it may belong to someone else".to_owned());
    }
    let (suite, state) = find(&run.setup.suites, entry)?;
    let State { undo: Some(undo), .. } = run.setup.state(suite, state) else {
        return Err(NO_UNDO.to_owned());
    };
    if entry.withheld.iter().any(|name| name == "user") {
        return Err("its user is secret, so the journal does not hold it".to_owned());
    }
    let object = recall(run, (suite, state), entry, id).map_err(|refusal| refusal.to_string())?;
    let one = Remaining { run, object: &object, undo, entry };
    let there = one.is_there().await;
    if entry.removing && !is_random(id) {
        return match there {
            Some(false) => Ok(CleanUpResult::Gone),
            _ => {
                Err("the run sent a request to remove it, and another object may have its id by now; check whose it is"
                    .to_owned())
            }
        };
    }
    journal.removing(entry.number);
    match one.undo().await {
        Ok(result) => Ok(result),
        Err(NotRemoved { reason, untouched }) => {
            // Otherwise the next `clean` would take this request for the one that removed it.
            if untouched && !entry.removing {
                journal.kept(entry.number);
            }
            Err(reason)
        }
    }
}

/// One object that is to be removed.
struct Remaining<'a> {
    run: &'a TestRun,
    object: &'a Object,
    undo: &'a Undo,
    entry: &'a JournalEntry,
}

/// Why an object is left.
struct NotRemoved {
    reason: String,
    /// Whether no request of this process can have removed it.
    untouched: bool,
}

impl Remaining<'_> {
    async fn undo(&self) -> Result<CleanUpResult, NotRemoved> {
        let mut left = NotRemoved { reason: String::new(), untouched: true };
        for pause in PAUSES {
            tokio::time::sleep(pause).await;
            if self.run.target.stop.is_requested() && !left.reason.is_empty() {
                break;
            }
            let undone = self.send().await;
            let is_last = undone.is_last;
            let exchange = match undone.answer {
                Ok(exchange) => exchange,
                Err(error) => {
                    left.reason = self.description(&error);
                    // A request that was refused unsent will be refused the next time too.
                    if error.refused || !self.entry.withheld.is_empty() {
                        break;
                    }
                    continue;
                }
            };
            let Some(why) = undone.differs else {
                if self.stays_away().await {
                    return Ok(CleanUpResult::Removed);
                }
                let reason = "the target accepted the request to remove it, but it is still there".to_owned();
                return Err(NotRemoved { reason, untouched: false });
            };
            let gone = self.state().gone.as_ref();
            let gone = gone.is_some_and(|gone| answers::differs(gone, &exchange, &self.object.values).is_none());
            let status = exchange.answer.status();
            if gone || matches!(status, Some(404 | 410)) {
                return self.not_there(left.untouched).await;
            }
            left.reason = answers::answered(&exchange, &why);
            match status {
                Some(429 | 503) => {}
                // Only the last request removes the object.
                None | Some(500..) if is_last => {
                    left.untouched = false;
                    if !is_random(&self.object.id) {
                        left.reason.push_str("; the target may remove it later");
                        break;
                    }
                }
                None | Some(500..) => {}
                Some(_) => break,
            }
        }
        Err(left)
    }

    /// What follows from an answer that says the object is not there.
    async fn not_there(&self, untouched: bool) -> Result<CleanUpResult, NotRemoved> {
        let reason = if self.is_there().await == Some(true) {
            "the response to the request to remove it says that it does not exist, but `exists` says that it does"
        } else if self.entry.removing || !untouched {
            return Ok(CleanUpResult::Gone);
        } else {
            "it does not exist for this key and user, but the run sent no request to remove it; check that this is the key of the run"
        };
        Err(NotRemoved { reason: reason.to_owned(), untouched })
    }

    /// Whether `exists` does not show it, or soon does not.
    async fn stays_away(&self) -> bool {
        let start = Instant::now();
        while self.is_there().await == Some(true) {
            if start.elapsed() > LAG {
                return false;
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
        true
    }

    /// Whether it is there, if `exists` can tell.
    async fn is_there(&self) -> Option<bool> {
        let exists = self.state().exists.as_ref()?;
        let mut values = self.object.values.clone();
        let staging = self.run.staging_for_setup(self.object.suite);
        let asked = staging.ask_exists(exists, &mut values, ExistsAnswer::No).await.ok()?;
        match asked.said {
            ExistsAnswer::Yes => Some(true),
            ExistsAnswer::No => Some(false),
            ExistsAnswer::Unclear => None,
        }
    }

    async fn send(&self) -> Undone<'_> {
        let mut values = self.object.values.clone();
        self.run.staging_for_setup(self.object.suite).undo(self.undo, &mut values, None).await
    }

    fn state(&self) -> &State {
        &self.run.setup.suites[self.object.suite].states[self.object.state]
    }

    fn description(&self, error: &StagingError) -> String {
        if self.entry.withheld.is_empty() {
            return error.message.clone();
        }
        format!(
            "{}; the journal does not hold what is secret or too long ({})",
            error.message,
            self.entry.withheld.join(", ")
        )
    }
}
