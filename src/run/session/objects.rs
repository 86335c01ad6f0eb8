//! The objects of a session: made or handed over, asked about, undone, and told of when they stay behind.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::Instant;

use super::{Obtained, Session, lock};
use crate::case::{Suite, Values};
use crate::client::Refusal;
use crate::exchange::{End, Exchange};
use crate::outcome::LeftBehind;
use crate::run::handed::{Hand, Handed};
use crate::run::together::together;
use crate::target::Object;
use crate::target::states::{self, Setback};

impl Session {
    /// The objects that are handed over for one run of a selected case; none if it needs none, an error if there is none
    /// left.
    pub(in crate::run) fn hand(&self, selected: usize) -> Result<Option<Hand>, String> {
        let one = &self.selected[selected];
        let suite = &self.suites[one.suite];
        lock(&self.handed).take(selected, suite, &suite.cases[one.case])
    }

    /// Takes over an object that may be used up.
    pub(in crate::run) fn take_over(
        &self,
        suite_index: usize,
        state_index: usize,
        case: &str,
        handed: Handed,
    ) -> Result<Obtained, Setback> {
        let mut values = self.fresh_values();
        if let Some(user) = &handed.user {
            self.guard.note_own(user);
            values.user.clone_from(user);
        }
        if let Some((name, _)) = self.suites[suite_index].states[state_index].capture.first() {
            values.captures.entry(String::new()).or_default().insert(name.clone(), handed.id.clone().into());
        }
        self.guard.note_from_env(&handed.id).map_err(|refusal| unusable(&refusal))?;
        let object = self.enter(suite_index, state_index, case, &handed.id, values);
        Ok(Obtained { object, exchange: None, handed: Some(handed) })
    }

    /// Gives an object back that was handed over and not used: it stays where it is, for another case.
    pub(in crate::run) fn give_back(&self, obtained: &mut Option<Obtained>) {
        if let Some(handed) = obtained.as_mut().and_then(|obtained| obtained.handed.take()) {
            if let Some(obtained) = obtained.take() {
                self.ledger.strike(obtained.object.number);
            }
            lock(&self.handed).give_back(handed);
        }
    }

    fn enter(&self, suite: usize, state: usize, case: &str, id: &str, values: Values) -> Object {
        let (case, id) = (case.to_owned(), id.to_owned());
        self.ledger.enter(Object { number: 0, suite, state, case, id, values })
    }

    /// Makes an object, among no more than there are places. What may have been made without an id that can be used is
    /// reported as left behind.
    pub(in crate::run) async fn make(
        &self,
        suite_index: usize,
        state_index: usize,
        case: &str,
    ) -> Result<Obtained, Setback> {
        let suite = &self.suites[suite_index];
        let state = &suite.states[state_index];
        let making = &self.makings[suite_index][state_index];
        let mut values = self.fresh_values();
        let lost = |id: &str, reason: &str| {
            self.leave(LeftBehind {
                state: state.name.clone(),
                id: id.to_owned(),
                user: self.user.clone(),
                case: case.to_owned(),
                reason: reason.to_owned(),
            });
        };
        let place = self.places.making().await;
        if let Some(why) = making.given_up() {
            return Err(Setback::new(format!("no {} was asked for: {why}", state.name)));
        }
        let begun = Instant::now();
        let under_way = UnderWay::begin(&self.making);
        let _shown = self.progress.make();
        let made = self.staging(suite_index).make(state, &mut values).await;
        under_way.end();
        drop(place);
        let (id, exchange) = made.inspect_err(|setback| {
            // Without an exchange nothing was sent. A lost answer, or one that makes no sense, may have made something.
            let answer = setback.exchange.as_ref().map(|exchange| &exchange.answer);
            if answer.is_some_and(|it| !it.is_complete() || matches!(it.status(), None | Some(200..=299))) {
                lost("", &format!("it may have been made, and nobody said under which id: {}", setback.message));
            }
            if let Some(exchange) = &setback.exchange {
                self.places.notice(&exchange.answer);
                making.ended(begun, exchange);
            }
        })?;
        making.ended(begun, &exchange);
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
        if self.ledger.holds(suite_index, state_index, &id) {
            return Err(Setback::new(format!(
                "making a {} gave the id {id} a second time, so what happens to one cannot be told from the other",
                state.name
            )));
        }
        let object = self.enter(suite_index, state_index, case, &id, values);
        Ok(Obtained { object, exchange: Some(exchange), handed: None })
    }

    /// Whether an object that was handed over is there. If that cannot be told, gives what to say should it turn out to
    /// have been gone.
    pub(in crate::run) async fn is_there(
        &self,
        suite_index: usize,
        object: &Object,
        handed: &Handed,
    ) -> Result<Option<String>, Setback> {
        let state = &self.suites[suite_index].states[object.state];
        let gone = format!(
            "{} names {}, which is not there for the user {}: was it used up by another run?",
            handed.variable, object.id, object.values.user
        );
        let Some(exists) = &state.exists else { return Ok(Some(gone)) };
        let mut values = object.values.clone();
        let asked = self.staging(suite_index).send(&exists.call, &mut values).await;
        if let Ok(exchange) = &asked {
            self.places.notice(&exchange.answer);
        }
        let probe = &self.probes[suite_index][object.state];
        let status = asked.as_ref().ok().and_then(|exchange| exchange.answer.status());
        if status == Some(exists.yes) {
            // Another case may have learnt the same meanwhile.
            let _ = probe.set(true);
            return Ok(None);
        }
        if status != Some(exists.no) || !self.exists_works(suite_index, object.state) {
            // Before it has ever said yes, a no may only mean that this target does not know the call.
            return Ok(Some(gone));
        }
        self.ledger.strike(object.number);
        let help = match handed.user {
            Some(_) => format!("give {} objects that are there, and each run others", handed.variable),
            None => format!("if it belongs to another user, name it as ID@USER in {}", handed.variable),
        };
        Err(Setback { message: gone, help: Some(help), exchange: asked.ok().map(Box::new) })
    }

    /// Asks `exists` of the first fresh object of a state: whether it can be relied on.
    pub(in crate::run) async fn probe(&self, suite_index: usize, state_index: usize, object: &Object) {
        let state = &self.suites[suite_index].states[state_index];
        let Some(exists) = &state.exists else { return };
        self.probes[suite_index][state_index]
            .get_or_init(async || {
                let mut values = object.values.clone();
                let answer = self.staging(suite_index).send(&exists.call, &mut values).await;
                if let Ok(exchange) = &answer {
                    self.places.notice(&exchange.answer);
                }
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

    /// Undoes everything that still stands in the ledger.
    pub async fn clean_up(&self) {
        let objects = self.ledger.all();
        let removing = objects.iter().map(async |object| {
            let suite = &self.suites[object.suite];
            let state = &suite.states[object.state];
            let result = if let Some(undo) = &state.undo {
                self.remove(object.suite, state, undo, object, true).await.1
            } else {
                self.ledger.strike(object.number);
                Err("the suite's state has no undo".to_owned())
            };
            if let Err(reason) = result {
                self.leave_behind(suite, object, &reason);
            }
        });
        together(removing).await;
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

    /// Reports whatever still stands in the ledger as left behind: for when there is no time to undo it.
    pub fn abandon(&self, reason: &str) {
        let making = self.making.swap(0, Ordering::Relaxed);
        if making > 0 {
            self.note(&format!(
                "{making} objects were being made for the user {} when the run was interrupted; what came of them is \
                 not known",
                self.user
            ));
        }
        for object in self.ledger.take_all() {
            self.leave_behind(&self.suites[object.suite], &object, reason);
        }
    }
}

/// An object being made: counted until its answer is there. One whose waiting was given up stays counted.
struct UnderWay<'a> {
    making: &'a AtomicUsize,
}

impl<'a> UnderWay<'a> {
    fn begin(making: &'a AtomicUsize) -> Self {
        making.fetch_add(1, Ordering::Relaxed);
        Self { making }
    }

    fn end(self) {
        self.making.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How making the objects of one state goes.
#[derive(Debug, Default)]
pub(super) struct Making(Mutex<Progress>);

#[derive(Debug, Default)]
struct Progress {
    answered: Option<Instant>,
    given_up: Option<String>,
}

impl Making {
    /// Takes note of how a try ended that had begun then. If the whole time ran out, and nobody else was answered
    /// meanwhile, there is no use in waiting as long for the next.
    fn ended(&self, begun: Instant, exchange: &Exchange) {
        let mut progress = lock(&self.0);
        match &exchange.answer.end {
            End::TimedOut(..) if progress.answered.is_none_or(|answered| answered < begun) => {
                let request = &exchange.request;
                progress.given_up = Some(format!(
                    "{} {} was not answered within {} s before",
                    request.method,
                    request.url(),
                    exchange.timing.total.as_secs_f64().round()
                ));
            }
            End::TimedOut(..) => {}
            _ => progress.answered = Some(Instant::now()),
        }
    }

    fn given_up(&self) -> Option<String> {
        lock(&self.0).given_up.clone()
    }
}

/// The target gave an id that must not be used.
fn unusable(refusal: &Refusal) -> Setback {
    Setback::new(refusal.to_string())
}
