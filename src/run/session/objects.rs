//! The objects of a session: made or handed over, asked about, undone, and told of when they stay behind.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::probe::Probed;
use super::{Obtained, Session, lock};
use crate::case::{Suite, Values};
use crate::exchange::{End, Exchange};
use crate::object::Object;
use crate::object::states::{self, Setback};
use crate::outcome::LeftBehind;
use crate::run::handed::{Hand, Handed};
use crate::run::together::together;
use crate::transport::Refusal;

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
        let told = format!("{} names", handed.variable);
        let object = self.enter((suite_index, state_index), case, &handed.id, values, &told, None)?;
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

    /// Enters an object into the ledger. `told` is who gave its id, `made` the number of its making.
    fn enter(
        &self,
        (suite, state): (usize, usize),
        case: &str,
        id: &str,
        values: Values,
        told: &str,
        made: Option<u64>,
    ) -> Result<Object, Setback> {
        let object = Object { number: 0, suite, state, case: case.to_owned(), id: id.to_owned(), values };
        self.ledger.enter(object, made).ok_or_else(|| {
            self.guard.disown(id);
            if let Some(number) = made {
                self.ledger.left(number, "its id was given for two objects, so it may be somebody else's");
            }
            Setback::new(format!(
                "{told} the id {id} a second time, so it may be somebody else's and nothing is done with it"
            ))
        })
    }

    /// Makes an object, among no more than there are places.
    pub(in crate::run) async fn make(
        &self,
        suite_index: usize,
        state_index: usize,
        case: &str,
    ) -> Result<Obtained, Setback> {
        let state = &self.suites[suite_index].states[state_index];
        let place = self.places.making().await;
        if let Some(why) = self.makings[suite_index][state_index].given_up() {
            return Err(Setback::new(format!("no {} was asked for: {why}", state.name)));
        }
        let mut values = self.fresh_values();
        let number = self.ledger.begin(&self.suites[suite_index].id, &state.name, case, &values.user);
        // Whoever winds the run down awaits what has begun, and looks only once: nothing may begin after that.
        if self.is_cancelled() {
            self.ledger.end(number);
            return Err(Setback::new(format!("no {} was asked for: the run was interrupted", state.name)));
        }
        let made = self.ask_for((suite_index, state_index), case, number, &mut values).await;
        drop(place);
        let told = format!("making a {} gave", state.name);
        let obtained = made.and_then(|(id, exchange)| {
            let object = self.enter((suite_index, state_index), case, &id, values, &told, Some(number))?;
            Ok(Obtained { object, exchange: Some(exchange), handed: None })
        });
        // It is in the ledger before its making ends, so that it is never in neither.
        self.ledger.end(number);
        obtained
    }

    /// Asks the target for an object. What may have been made without an id that can be used is reported as left behind.
    async fn ask_for(
        &self,
        (suite_index, state_index): (usize, usize),
        case: &str,
        number: u64,
        values: &mut Values,
    ) -> Result<(String, Exchange), Setback> {
        let state = &self.suites[suite_index].states[state_index];
        let making = &self.makings[suite_index][state_index];
        let lost = |id: &str, reason: &str| {
            self.ledger.left(number, reason);
            self.leave(LeftBehind {
                state: state.name.clone(),
                id: id.to_owned(),
                user: self.user.clone(),
                case: case.to_owned(),
                reason: reason.to_owned(),
            });
        };
        let begun = Instant::now();
        let _shown = self.progress.make();
        let made = self.staging(suite_index).make(state, values).await;
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
        Ok((id, exchange))
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
            let _ = probe.set(Probed::Works);
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
        Err(Setback { help: Some(help), exchange: asked.ok().map(Box::new), ..Setback::new(gone) })
    }

    /// Undoes everything that still stands in the ledger: a few times where a target cannot just now, as many at a time
    /// as cases run. What was being made and nobody waited for is told.
    pub async fn clean_up(&self) {
        let _alone = self.cleaning.lock().await;
        let start = Instant::now();
        // A target that leaves requests unanswered would only do so again, one wait after the other.
        let (rounds, at_once) =
            if self.places.saw_silence() { (1, MANY) } else { (PAUSES.len(), self.settings.jobs.max(1)) };
        for (round, pause) in PAUSES.into_iter().take(rounds).enumerate() {
            let objects = self.ledger.all();
            if objects.is_empty() {
                break;
            }
            tokio::time::sleep(pause).await;
            for some in objects.chunks(at_once) {
                if start.elapsed() > PATIENCE {
                    break;
                }
                together(some.iter().map(|object| self.clean_up_one(object, round + 1 == rounds))).await;
            }
        }
        self.abandon("there was no time to remove it");
    }

    async fn clean_up_one(&self, object: &Object, last: bool) {
        let suite = &self.suites[object.suite];
        let state = &suite.states[object.state];
        let result = match &state.undo {
            Some(undo) => self.remove(object.suite, state, undo, object, true).await.result,
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
                self.ledger.left(object.number, &reason);
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
        for (number, state, case) in self.ledger.give_up_making() {
            self.ledger.left(number, UNTOLD);
            self.leave(LeftBehind {
                state,
                id: String::new(),
                user: self.user.clone(),
                case,
                reason: UNTOLD.to_owned(),
            });
        }
        for object in self.ledger.take_all() {
            self.ledger.left(object.number, reason);
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

/// Why something is left behind whose making was not answered.
const UNTOLD: &str = "it was being made when the run ended, and nobody said under which id";

/// Before each attempt to clean up.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(2)];

/// How many removals a silent target is asked for at a time.
const MANY: usize = 512;

/// How long cleaning up goes on at most, over all attempts.
const PATIENCE: Duration = Duration::from_secs(60);

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

    /// Nothing more is asked for.
    pub(super) fn give_up(&self, why: String) {
        lock(&self.0).given_up.get_or_insert(why);
    }

    fn given_up(&self) -> Option<String> {
        lock(&self.0).given_up.clone()
    }
}

/// The target gave an id that must not be used.
fn unusable(refusal: &Refusal) -> Setback {
    Setback::new(refusal.to_string())
}
