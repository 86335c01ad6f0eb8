//! Removing what a run that was killed has left behind, as its journal names it.
//!
//! Nothing is believed: what is not there counts as gone only if the run had asked for its removal, for otherwise a wrong
//! key would make everything "gone". And where ids may be given again, what the run had asked to remove is not asked for
//! a second time unless it is seen to be gone: by now it may be somebody else's. One object is dealt with at a time, the
//! last made first, because a server in trouble is not helped by more.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::schedule::GRACE;
use super::session::Session;
use super::{Selected, Signals};
use crate::case::{State, Step, Suite};
use crate::exchange::Exchange;
use crate::location::{InputError, InputErrors};
use crate::object::journal::{Entry, Recorded};
use crate::object::life::is_random;
use crate::object::states::{self, Said, Setback};
use crate::object::{Object, credentials};
use crate::outcome::{Cleaned, Fate, Remnant, Trouble};

/// Before each attempt to remove one.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(2)];
/// How long what is gone may still be shown.
const LAG: Duration = Duration::from_secs(2);
/// How often it is looked for meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The cases whose credentials are needed to remove what a journal names: of each state, a case that needs the fewest.
/// Everything that the journal names must be in these suites.
pub fn needed(suites: &[Suite], journal: &Recorded) -> Result<Vec<Selected>, InputErrors> {
    let mut states: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut errors: Vec<InputError> = Vec::new();
    for entry in &journal.entries {
        match find(suites, entry) {
            Ok(place) => _ = states.insert(place),
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
fn find(suites: &[Suite], entry: &Entry) -> Result<(usize, usize), String> {
    let suite = suites
        .iter()
        .position(|suite| suite.id == entry.suite)
        .ok_or_else(|| format!("the journal names the suite {:?}, which is not loaded", entry.suite))?;
    let state = suites[suite].states.iter().position(|state| state.name == entry.state).ok_or_else(|| {
        format!("the journal names the state {:?}, which the suite {:?} does not have", entry.state, entry.suite)
    })?;
    Ok((suite, state))
}

/// Removes what a journal names. The first of `signals` lets what is under way end, a second one of the same kind leaves at
/// once.
///
/// Bad input if the journal is of another target; trouble if the target cannot be asked.
pub async fn clean(
    session: &Session,
    journal: &mut Recorded,
    signals: &mut Signals,
) -> Result<Result<Cleaned, Trouble>, InputError> {
    let target = session.secrets().mask_id(&session.target().url).into_owned();
    if target != journal.target {
        return Err(InputError::new(format!(
            "the journal {} is of the target {}, and {target} is to be asked",
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
    // What was made last may belong to what was made before.
    entries.reverse();
    let fates: Mutex<Vec<Fate>> = Mutex::default();
    let add = |fate| fates.lock().unwrap_or_else(PoisonError::into_inner).push(fate);
    if !interrupted {
        let work = async {
            for entry in &entries {
                if session.is_cancelled() {
                    return;
                }
                let fate = remove(session, journal, entry).await.unwrap_or_else(Fate::Left);
                if !matches!(fate, Fate::Left(_)) {
                    journal.removed(entry.number);
                }
                add(fate);
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
                    () = signals.again() => {}
                }
            }
        }
    }
    let mut fates = fates.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter();
    let remnants = entries.into_iter().map(|entry| Remnant {
        fate: fates.next().unwrap_or_else(|| Fate::Left("it was not dealt with: interrupted".to_owned())),
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

/// Removes one; an error says why it is left.
async fn remove(session: &Session, journal: &mut Recorded, entry: &Entry) -> Result<Fate, String> {
    if !entry.made {
        return Err("it was asked for, and nobody said whether it was made and under which id".to_owned());
    }
    let Some(id) = &entry.id else {
        return Err("its id is secret or too long, so the journal does not hold it".to_owned());
    };
    if entry.doubted {
        return Err("its id was given for two objects, so it may be somebody else's".to_owned());
    }
    let (suite, state) = find(session.suites(), entry)?;
    let State { undo: Some(undo), .. } = &session.suites()[suite].states[state] else {
        return Err("the suite's state has no undo".to_owned());
    };
    if entry.withheld.iter().any(|name| name == "user") {
        return Err("its user is secret, so the journal does not hold it".to_owned());
    }
    let object = session.recall((suite, state), entry, id).map_err(|refusal| refusal.to_string())?;
    let one = One { session, object: &object, undo, entry };
    let there = one.is_there().await;
    if entry.removing && !is_random(id) {
        return match there {
            Some(false) => Ok(Fate::Gone),
            _ => Err("the run had asked for its removal, and an id like this may be another object's by now; see whose it is".to_owned()),
        };
    }
    journal.removing(entry.number);
    match one.undo().await {
        Ok(fate) => Ok(fate),
        Err(Left { reason, untouched }) => {
            // Lest the next one takes this request for what removed it.
            if untouched && !entry.removing {
                journal.kept(entry.number);
            }
            Err(reason)
        }
    }
}

/// One object that is to be removed.
struct One<'a> {
    session: &'a Session,
    object: &'a Object,
    undo: &'a Step,
    entry: &'a Entry,
}

/// Why one is left.
struct Left {
    reason: String,
    /// Whether no request of this run can have removed it.
    untouched: bool,
}

impl One<'_> {
    async fn undo(&self) -> Result<Fate, Left> {
        let mut left = Left { reason: String::new(), untouched: true };
        for pause in PAUSES {
            tokio::time::sleep(pause).await;
            if self.session.is_cancelled() && !left.reason.is_empty() {
                break;
            }
            let exchange = match self.send(self.undo).await {
                Ok(exchange) => exchange,
                Err(setback) => {
                    left.reason = self.in_words(&setback);
                    // What was not sent for what it is will not be sent the next time either.
                    if setback.refused || !self.entry.withheld.is_empty() {
                        break;
                    }
                    continue;
                }
            };
            let Some(why) = states::differs(&self.undo.expect.all()[0], &exchange, &self.object.values) else {
                if self.stays_away().await {
                    return Ok(Fate::Removed);
                }
                let reason = "its removal was accepted, and it is still there".to_owned();
                return Err(Left { reason, untouched: false });
            };
            let gone = self.state().gone.as_ref();
            let gone = gone.is_some_and(|gone| states::differs(gone, &exchange, &self.object.values).is_none());
            let status = exchange.answer.status();
            if gone || matches!(status, Some(404 | 410)) {
                return self.not_there(left.untouched).await;
            }
            left.reason = states::answered(&exchange, &why);
            match status {
                Some(429 | 503) => {}
                None | Some(500..) => {
                    left.untouched = false;
                    if !is_random(&self.object.id) {
                        left.reason.push_str("; it may be removed all the same");
                        break;
                    }
                }
                Some(_) => break,
            }
        }
        Err(left)
    }

    /// What to make of an answer that it is not there.
    async fn not_there(&self, untouched: bool) -> Result<Fate, Left> {
        let reason = if self.is_there().await == Some(true) {
            "its removal says that it is not there, and a look that it is"
        } else if self.entry.removing || !untouched {
            return Ok(Fate::Gone);
        } else {
            "it is not there for this key and user, though the run had not asked for its removal; is it the run's key?"
        };
        Err(Left { reason: reason.to_owned(), untouched })
    }

    /// Whether it is not shown, or soon is not shown any more.
    async fn stays_away(&self) -> bool {
        let start = Instant::now();
        while self.is_there().await == Some(true) {
            if start.elapsed() > LAG {
                return false;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        true
    }

    /// Whether it is there, where that can be asked.
    async fn is_there(&self) -> Option<bool> {
        let exists = self.state().exists.as_ref()?;
        let mut values = self.object.values.clone();
        let looked = self.session.setting_up(self.object.suite).look(exists, &mut values, Said::No).await.ok()?;
        match Said::of(exists, &looked, &self.object.values) {
            Said::Yes => Some(true),
            Said::No => Some(false),
            Said::Neither => None,
        }
    }

    async fn send(&self, step: &Step) -> Result<Exchange, Setback> {
        let mut values = self.object.values.clone();
        self.session.setting_up(self.object.suite).send(step, &mut values).await
    }

    fn state(&self) -> &State {
        &self.session.suites()[self.object.suite].states[self.object.state]
    }

    fn in_words(&self, setback: &Setback) -> String {
        if self.entry.withheld.is_empty() {
            return setback.message.clone();
        }
        format!(
            "{}; the journal does not hold what is secret or too long ({})",
            setback.message,
            self.entry.withheld.join(", ")
        )
    }
}
