//! The objects of a session: made or handed over, and told of when they stay behind.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::announce;
use super::controls::TRIES;
use super::handed::{Hand, Handed};
use super::session::{Obtained, Session};
use crate::case::{State, Suite, Values};
use crate::exchange::{End, Exchange, Stage};
use crate::guard::Refusal;
use crate::object::states::{self, Said, Setback};
use crate::object::{Asked, Life, Object};
use crate::outcome::LeftBehind;

impl Session {
    /// The objects that are handed over for one run of a selected case; none if it needs none, an error if there is none
    /// left.
    pub(super) fn hand(&self, selected: usize) -> Result<Option<Hand>, String> {
        let one = &self.selected()[selected];
        let suite = &self.suites()[one.suite];
        self.handed().take(selected, suite, &suite.cases[one.case])
    }

    /// Whether objects of a state are handed over and not made.
    pub(super) fn is_handed_over(&self, state: &State) -> bool {
        state.from_env.as_deref().is_some_and(|variable| self.handed().names(variable))
    }

    /// Takes over an object that may be used up.
    pub(super) fn take_over(
        &self,
        suite_index: usize,
        state_index: usize,
        case: &str,
        handed: Handed,
        values: &Values,
    ) -> Result<Obtained, Setback> {
        let mut values = values.clone();
        if let Some(user) = &handed.user {
            self.guard().note_own(user);
            values.user.clone_from(user);
        }
        if let Some((name, _)) = self.suites()[suite_index].states[state_index].capture.first() {
            values.captures.entry(String::new()).or_default().insert(name.clone(), handed.id.clone().into());
        }
        self.guard().note_from_env(&handed.id).map_err(|refusal| unusable(&refusal))?;
        if let (Some(rehearsal), Some((name, _))) =
            (self.client().rehearsal(), self.suites()[suite_index].states[state_index].capture.first())
        {
            rehearsal.name_capture(handed.id.clone(), name);
        }
        let told = format!("{} names", handed.variable);
        let object = Object {
            number: 0,
            suite: suite_index,
            state: state_index,
            case: case.to_owned(),
            id: handed.id.clone(),
            values,
        };
        let object = self.enter(object, Life::handed_over(), &told, None)?;
        Ok(Obtained { object, exchange: None, handed: Some(handed) })
    }

    /// Gives an object back that was handed over and not used: it stays where it is, for another case.
    pub(super) fn give_back(&self, obtained: &mut Option<Obtained>) {
        if let Some(handed) = obtained.as_mut().and_then(|obtained| obtained.handed.take()) {
            if let Some(obtained) = obtained.take() {
                self.ledger().strike(obtained.object.number);
            }
            self.handed().give_back(handed);
        }
    }

    /// Enters an object into the ledger. `told` is who gave its id, `made` the number of its making.
    fn enter(&self, object: Object, life: Life, told: &str, made: Option<u64>) -> Result<Object, Setback> {
        let id = object.id.clone();
        self.ledger().enter(object, life, made).ok_or_else(|| {
            self.guard().disown(&id);
            Setback::new(format!(
                "{told} the id {id} a second time, so it may be somebody else's and nothing is done with it"
            ))
        })
    }

    /// Makes an object for a user, among no more than there are places.
    pub(super) async fn make(
        &self,
        suite_index: usize,
        state_index: usize,
        case: &str,
        user: &str,
    ) -> Result<Obtained, Setback> {
        let state = &self.suites()[suite_index].states[state_index];
        let place = self.places().making().await;
        let making = self.making(suite_index, state_index);
        // Each that fails may stay behind, so after one that did the next ones wait to see how it goes.
        let _turn = if making.has_failed() { Some(making.turn.lock().await) } else { None };
        if let Some(why) = making.given_up() {
            return Err(Setback::new(format!("no {} was asked for: {why}", state.name)));
        }
        let suite = self.suites()[suite_index].id.clone();
        let asked = Asked { suite, state: state.name.clone(), case: case.to_owned(), user: user.to_owned() };
        let number = self.ledger().begin(asked);
        // Whoever winds the run down awaits what has begun, and looks only once: nothing may begin after that.
        if self.is_cancelled() {
            self.ledger().end(number);
            return Err(Setback::new(format!("no {} was asked for: the run was interrupted", state.name)));
        }
        let mut values = Values { user: user.to_owned(), ..self.fresh_values() };
        let made = self.ask_for((suite_index, state_index), case, number, &mut values).await;
        drop(place);
        let told = format!("making a {} gave", state.name);
        let obtained = made.and_then(|(id, exchange)| {
            let object =
                Object { number: 0, suite: suite_index, state: state_index, case: case.to_owned(), id, values };
            let object = self.enter(object, Life::made(), &told, Some(number))?;
            Ok(Obtained { object, exchange: Some(exchange), handed: None })
        });
        // It is in the ledger before its making ends, so that it is never in neither.
        self.ledger().end(number);
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
        let state = &self.suites()[suite_index].states[state_index];
        let making = self.making(suite_index, state_index);
        let user = values.user.clone();
        let lost = |id: &str, reason: &str| {
            self.ledger().left(number, reason);
            self.leave(LeftBehind {
                state: state.name.clone(),
                id: id.to_owned(),
                user: user.clone(),
                case: case.to_owned(),
                reason: reason.to_owned(),
            });
        };
        let begun = Instant::now();
        let _announced = announce::making(self, case, (&self.suites()[suite_index], state));
        let made = self.setting_up(suite_index).make(state, values).await;
        let (id, exchange) = made.inspect_err(|setback| {
            // Without an exchange nothing was sent.
            let Some(exchange) = &setback.exchange else { return };
            if exchange.answer.status() == Some(503) {
                making.failed(exchange);
            }
            if may_have_made(exchange) {
                lost("", &format!("it may have been made under an id that is not known: {}", setback.message));
                making.failed(exchange);
            }
            self.places().notice(&exchange.answer);
            making.ended(begun, exchange);
        })?;
        making.ended(begun, &exchange);
        if let Err(refusal) = self.guard().note_captured(&state.name, &id) {
            making.failed(&exchange);
            lost(&id, "it was made, and its id cannot be used safely");
            return Err(unusable(&refusal));
        }
        making.succeeded();
        for value in values.captures.get("").into_iter().flat_map(BTreeMap::values) {
            let value = states::as_text(value);
            if value != id {
                self.guard().note_companion(&value);
            }
        }
        Ok((id, exchange))
    }

    /// Whether an object that was handed over is there. If that cannot be told, gives whether it was said not to be, and what
    /// to say should it turn out to have been gone.
    pub(super) async fn is_there(
        &self,
        suite_index: usize,
        object: &Object,
        handed: &Handed,
    ) -> Result<Option<(bool, String)>, Setback> {
        let state = &self.suites()[suite_index].states[object.state];
        let gone = format!(
            "{} names {}, which is not there for the user {}: was it used up by another run?",
            handed.variable, object.id, object.values.user
        );
        let Some(exists) = &state.exists else { return Ok(Some((false, gone))) };
        let looked = self.look(object, exists, None).await;
        match looked.said {
            Said::Yes => return Ok(None),
            // Before it has ever said yes, a no may only mean that this target does not know the call.
            Said::No if self.known_of(suite_index, object.state).looks_tell() => {}
            said => return Ok(Some((said == Said::No, gone))),
        }
        self.ledger().strike(object.number);
        let help = match handed.user {
            Some(_) => format!(
                "give {} objects that are there and belong to the user behind the @, and each run others",
                handed.variable
            ),
            None => format!("if it belongs to another user, name it as ID@USER in {}", handed.variable),
        };
        Err(Setback { help: Some(help), exchange: looked.last.ok().map(Box::new), ..Setback::new(gone) })
    }

    /// Reports an object that could not be removed.
    pub(super) fn leave_behind(&self, suite: &Suite, object: &Object, reason: &str) {
        self.leave(LeftBehind {
            state: suite.states[object.state].name.clone(),
            id: object.id.clone(),
            user: object.values.user.clone(),
            case: object.case.clone(),
            reason: reason.to_owned(),
        });
    }

    /// Reports whatever still stands in the ledger and is left behind, and what is still being made.
    pub fn abandon(&self, reason: &str) {
        for (number, Asked { state, case, user, .. }) in self.ledger().give_up_making() {
            self.ledger().left(number, UNTOLD);
            self.leave(LeftBehind { state, id: String::new(), user, case, reason: UNTOLD.to_owned() });
        }
        for (object, life) in self.ledger().take_all() {
            if let Some(why) = life.left_behind() {
                self.ledger().left(object.number, why);
                self.leave_behind(&self.suites()[object.suite], &object, &format!("{reason}: {why}"));
            } else {
                self.ledger().strike(object.number);
            }
        }
    }

    /// Whether an object is being made whose answer is not there yet.
    pub fn is_making(&self) -> bool {
        self.ledger().is_making()
    }

    /// Whether nothing more of a state is asked for.
    pub(super) fn is_given_up(&self, suite: usize, state: usize) -> bool {
        self.making(suite, state).given_up().is_some()
    }

    /// Nothing more of a state is asked for.
    pub(super) fn give_up_making(&self, suite: usize, state: usize, why: String) {
        self.making(suite, state).give_up(why);
    }
}

/// Why something is left behind whose making was not answered.
pub(super) const UNTOLD: &str = "it was being made when the run ended, under an id that is not known";

/// Whether something may have been made though no usable answer came: a lost answer, a server that failed on its way, or a
/// success that makes no sense. A 503 says that the server was not ready to carry it out.
fn may_have_made(exchange: &Exchange) -> bool {
    let answer = &exchange.answer;
    !answer.is_complete() || matches!(answer.status(), None | Some(200..=299 | 500..=502 | 504..=599))
}

/// How making the objects of one state goes.
#[derive(Debug, Default)]
pub(super) struct Making {
    progress: Mutex<Progress>,
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Progress {
    answered: Option<Instant>,
    given_up: Option<String>,
    /// How many in a row may have been made without anybody saying so.
    failures: u32,
}

impl Making {
    /// Takes note of how a try ended that had begun then. If the whole time ran out, and nobody else was answered
    /// meanwhile, there is no use in waiting as long for the next.
    fn ended(&self, begun: Instant, exchange: &Exchange) {
        let mut progress = self.lock();
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

    /// One may have been made, and nobody said so. After some in a row no more is asked for: each may stay behind.
    fn failed(&self, exchange: &Exchange) {
        let mut progress = self.lock();
        progress.failures += 1;
        if progress.failures >= TRIES {
            let request = &exchange.request;
            let came = match (exchange.answer.status(), &exchange.answer.end) {
                (Some(status), _) => format!("answered {status}"),
                (None, End::Closed(Stage::Nothing) | End::Reset(Stage::Nothing)) => {
                    "ended without an answer".to_owned()
                }
                (None, _) => "gave no usable answer".to_owned(),
            };
            progress.given_up.get_or_insert(format!(
                "{} {} {came} {TRIES} times in a row, without anything that could be used",
                request.method,
                request.url()
            ));
        }
    }

    fn has_failed(&self) -> bool {
        self.lock().failures > 0
    }

    fn succeeded(&self) {
        self.lock().failures = 0;
    }

    /// Nothing more is asked for.
    fn give_up(&self, why: String) {
        self.lock().given_up.get_or_insert(why);
    }

    fn given_up(&self) -> Option<String> {
        self.lock().given_up.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The target gave an id that must not be used.
fn unusable(refusal: &Refusal) -> Setback {
    Setback::new(refusal.to_string())
}
