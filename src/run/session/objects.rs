//! The objects of a session: made or handed over, asked about, undone, and told of when they stay behind.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::{Pool, Session, Unobtained, lock};
use crate::case::{Suite, Values};
use crate::client::{Guard, Refusal};
use crate::exchange::Exchange;
use crate::location::InputError;
use crate::outcome::LeftBehind;
use crate::run::together::together;
use crate::target::Object;
use crate::target::states::{self, Setback};

impl Session {
    /// Makes an object, or takes one that may be used up. Gives what was sent and came, if something was.
    pub(in crate::run) async fn obtain(
        &self,
        suite_index: usize,
        state_index: usize,
        case: &str,
    ) -> Result<(Object, Option<Exchange>), Unobtained> {
        let suite = &self.suites[suite_index];
        let state = &suite.states[state_index];
        let mut values = self.fresh_values();
        let pool = state.from_env.as_ref().and_then(|name| self.pools.get(name).map(|pool| (name, pool)));
        let mut making = None;
        let (id, exchange) = if let Some((variable, pool)) = pool {
            let Some((id, user)) = lock(pool).pop_front() else {
                return Err(Unobtained::UsedUp(format!("{variable} names too few objects; all of them are used up")));
            };
            if let Some(user) = user {
                self.guard.note_own(&user);
                values.user = user;
            }
            if let Some((name, _)) = state.capture.first() {
                values.captures.entry(String::new()).or_default().insert(name.clone(), id.clone().into());
            }
            self.guard.note_from_env(&id).map_err(|refusal| unusable(&refusal))?;
            (id, None)
        } else {
            let number = self.ledger.begin(&state.name, case);
            let made = self.make(suite_index, state_index, case, &mut values).await;
            let (id, exchange) = made.inspect_err(|_| self.ledger.end(number))?;
            making = Some(number);
            (id, Some(exchange))
        };
        let entered = self.ledger.enter(Object {
            number: 0,
            suite: suite_index,
            state: state_index,
            case: case.to_owned(),
            id: id.clone(),
            values,
        });
        // It is in the ledger before its making ends, so that it is never in neither.
        if let Some(number) = making {
            self.ledger.end(number);
        }
        let Some(object) = entered else {
            self.guard.disown(&id);
            return Err(Unobtained::Setback(Setback::new(format!(
                "making a {} gave the id {id} a second time, so it may be somebody else's and nothing is done with it",
                state.name
            ))));
        };
        self.probe(suite_index, state_index, &object).await;
        if exchange.is_none() {
            self.is_there(suite_index, &object).await?;
        }
        Ok((object, exchange))
    }

    /// Makes an object. What may have been made without an id that can be used is reported as left behind.
    async fn make(
        &self,
        suite_index: usize,
        state_index: usize,
        case: &str,
        values: &mut Values,
    ) -> Result<(String, Exchange), Unobtained> {
        let suite = &self.suites[suite_index];
        let state = &suite.states[state_index];
        let lost = |id: &str, reason: &str| {
            self.leave(LeftBehind {
                state: state.name.clone(),
                id: id.to_owned(),
                user: self.user.clone(),
                case: case.to_owned(),
                reason: reason.to_owned(),
            });
        };
        let _shown = self.progress.make();
        let made = self.staging(suite_index).make(state, values).await;
        let (id, exchange) = made.map_err(|setback| {
            // Without an exchange nothing was sent. A lost answer, or one that makes no sense, may have made something.
            let answer = setback.exchange.as_ref().map(|exchange| &exchange.answer);
            if answer.is_some_and(|it| !it.is_complete() || matches!(it.status(), None | Some(200..=299))) {
                lost("", &format!("it may have been made, and nobody said under which id: {}", setback.message));
            }
            Unobtained::Setback(setback)
        })?;
        if let Err(refusal) = self.guard.note_captured(&state.name, &id) {
            lost(&id, "it was made, and its id cannot be used safely");
            return Err(unusable(&refusal));
        }
        for value in values.captures.get("").into_iter().flat_map(BTreeMap::values) {
            let value = states::as_text(value);
            if value != id {
                self.guard.note_companion(&value);
            }
        }
        Ok((id, exchange))
    }

    /// Whether an object that may be used up is there at all, where that can be asked.
    async fn is_there(&self, suite_index: usize, object: &Object) -> Result<(), Unobtained> {
        let state = &self.suites[suite_index].states[object.state];
        let Some(exists) = &state.exists else { return Ok(()) };
        let mut values = object.values.clone();
        let asked = self.staging(suite_index).send(&exists.call, &mut values).await;
        match asked.ok().and_then(|exchange| exchange.answer.status()) {
            Some(status) if status == exists.no => {
                self.ledger.strike(object.number);
                Err(Unobtained::Setback(Setback::new(format!(
                    "{} names {}, which is not there for the user {}",
                    state.from_env.as_deref().unwrap_or_default(),
                    object.id,
                    object.values.user
                ))))
            }
            _ => Ok(()),
        }
    }

    /// Asks `exists` of the first fresh object of a state: whether it can be relied on.
    async fn probe(&self, suite_index: usize, state_index: usize, object: &Object) {
        let state = &self.suites[suite_index].states[state_index];
        let Some(exists) = &state.exists else { return };
        self.probes[suite_index][state_index]
            .get_or_init(async || {
                let mut values = object.values.clone();
                let answer = self.staging(suite_index).send(&exists.call, &mut values).await;
                let told = match &answer {
                    Ok(exchange) if exchange.answer.status() == Some(exists.yes) => return true,
                    Ok(exchange) => states::answered(exchange, &format!("{} was expected", exists.yes)),
                    Err(setback) => setback.message.clone(),
                };
                self.note(&format!(
                    "whether a {} is there cannot be asked on this target ({told}); its undo is taken as proof instead",
                    state.name
                ));
                false
            })
            .await;
    }

    /// Whether a state's `exists` works on this target, as far as it has been tried.
    pub(in crate::run) fn exists_works(&self, suite_index: usize, state_index: usize) -> bool {
        self.probes[suite_index][state_index].get().copied().unwrap_or(false)
    }

    /// Undoes everything that still stands in the ledger: a few times where a target cannot just now, as many at a time
    /// as cases run. What was being made and nobody waited for is told.
    pub async fn clean_up(&self) {
        let start = Instant::now();
        for (round, pause) in PAUSES.into_iter().enumerate() {
            let objects = self.ledger.all();
            if objects.is_empty() {
                break;
            }
            tokio::time::sleep(pause).await;
            for some in objects.chunks(self.settings.jobs.max(1)) {
                if start.elapsed() > PATIENCE {
                    break;
                }
                together(some.iter().map(|object| self.clean_up_one(object, round + 1 == PAUSES.len()))).await;
            }
        }
        self.abandon("there was no time to remove it");
    }

    async fn clean_up_one(&self, object: &Object, last: bool) {
        let suite = &self.suites[object.suite];
        let state = &suite.states[object.state];
        let result = match &state.undo {
            Some(undo) => self.remove(object.suite, state, undo, object).await.1,
            None => Err(Kept { reason: "the suite's state has no undo".to_owned(), try_again: false }),
        };
        self.settled(suite, object, result.map_err(|kept| Kept { try_again: kept.try_again && !last, ..kept }));
    }

    /// Strikes an object out that is gone, or that is told of as left behind; one whose removal may be tried again stays.
    pub(in crate::run) fn settled(&self, suite: &Suite, object: &Object, result: Result<(), Kept>) {
        match result {
            Err(Kept { try_again: true, .. }) => {}
            Ok(()) => self.ledger.strike(object.number),
            Err(Kept { reason, .. }) => {
                self.ledger.strike(object.number);
                self.leave_behind(suite, object, &reason);
            }
        }
    }

    /// Reports an object that could not be removed.
    pub(in crate::run) fn leave_behind(&self, suite: &Suite, object: &Object, reason: &str) {
        self.leave(LeftBehind {
            state: suite.states[object.state].name.clone(),
            id: object.id.clone(),
            user: object.values.user.clone(),
            case: object.case.clone(),
            reason: reason.to_owned(),
        });
    }

    fn leave(&self, mut left: LeftBehind) {
        for text in [&mut left.id, &mut left.user, &mut left.reason] {
            *text = self.secrets.mask_str(text).into_owned();
        }
        lock(&self.left_behind).push(left);
    }

    /// Reports whatever still stands in the ledger as left behind, and what is still being made.
    pub fn abandon(&self, reason: &str) {
        for (state, case) in self.ledger.give_up_making() {
            self.leave(LeftBehind {
                state,
                id: String::new(),
                user: self.user.clone(),
                case,
                reason: "it was being made when the run ended, and nobody said under which id".to_owned(),
            });
        }
        for object in self.ledger.take_all() {
            self.leave_behind(&self.suites[object.suite], &object, reason);
        }
    }

    /// Whether an object is being made whose answer is not there yet.
    pub fn is_making(&self) -> bool {
        self.ledger.is_making()
    }
}

/// Why an object was not removed.
pub(in crate::run) struct Kept {
    pub(in crate::run) reason: String,
    /// Whether it may be removed later: asking again to remove an object of one's own does no harm.
    pub(in crate::run) try_again: bool,
}

/// Before each attempt to clean up.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(2)];

/// How long cleaning up goes on at most, over all attempts.
const PATIENCE: Duration = Duration::from_secs(60);

/// The target gave an id that must not be used.
fn unusable(refusal: &Refusal) -> Unobtained {
    Unobtained::Setback(Setback::new(refusal.to_string()))
}
/// The objects that variables name: `ID[@USER]`, separated by commas. An id without a user belongs to the one named by
/// the variable that ends in `_USER` instead of `_IDS`, if that is set.
pub(super) fn pools(suites: &[Suite], env: &BTreeMap<String, String>) -> Result<BTreeMap<String, Pool>, InputError> {
    let variables = suites.iter().flat_map(|suite| &suite.states).filter_map(|state| state.from_env.as_ref());
    let mut pools = BTreeMap::new();
    for variable in variables {
        let Some(list) = env.get(variable) else { continue };
        let everybody = variable.strip_suffix("_IDS").and_then(|stem| env.get(&format!("{stem}_USER"))).cloned();
        let objects =
            list.split(',').map(str::trim).filter(|item| !item.is_empty()).map(|item| match item.split_once('@') {
                Some((id, user)) => (id.to_owned(), Some(user.to_owned())),
                None => (item.to_owned(), everybody.clone()),
            });
        let objects: VecDeque<(String, Option<String>)> = objects.collect();
        if let Some((twice, _)) = objects
            .iter()
            .enumerate()
            .find(|(at, (id, _))| objects.iter().take(*at).any(|(other, _)| other == id))
            .map(|(_, one)| one)
        {
            return Err(InputError::new(format!("{variable} names {twice} twice"))
                .help("each object is used up once; name every one once"));
        }
        for (id, _) in &objects {
            Guard::new().note_from_env(id).map_err(|refusal| InputError {
                message: format!("{variable}: {}", refusal.message),
                place: None,
                help: refusal.help,
            })?;
        }
        pools.entry(variable.clone()).or_insert_with(|| Mutex::new(objects));
    }
    Ok(pools)
}
