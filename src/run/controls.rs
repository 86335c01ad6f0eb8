//! What a state's looks and removals can tell on this target: tried once per run and state with an object of their own, before
//! anything is judged.
//!
//! A target that answers yes to every question, or accepts every removal, proves nothing by it. So an object is made, looked
//! at, and removed, and an id that nothing can have is asked about beside it. What later answers show is added.

use std::sync::{Mutex, PoisonError};

use super::look::Look;
use super::session::{Obtained, Session};
use super::together::together;
use crate::case::{State, Values};
use crate::exchange::Exchange;
use crate::object::life::is_random;
use crate::object::states::{self, Said, Setback};
use crate::object::{Life, Object};
use crate::observation::Proof;

/// What objects are made for that no case is given.
pub(super) const CHECKS: &str = "checks";

/// How often it is tried to make an object of one state before no more is asked for.
pub(super) const TRIES: u32 = 3;

/// What the controls of one state came to.
#[derive(Debug, Default)]
pub(super) struct Control {
    /// Held while they are carried out; says how they ended.
    done: tokio::sync::Mutex<Done>,
    known: Mutex<Known>,
}

/// How the controls of a state ended.
#[derive(Debug, Default)]
enum Done {
    /// Not yet, or in a way that may not repeat itself.
    #[default]
    No,
    /// As they should.
    Well,
    /// In a way that would repeat itself.
    Wrong(Wrong),
}

/// What is wrong with what a state makes, for every case that needs it.
#[derive(Debug)]
struct Wrong {
    message: String,
    help: Option<String>,
    exchange: Option<Box<Exchange>>,
}

impl Wrong {
    fn setback(&self) -> Setback {
        Setback { help: self.help.clone(), exchange: self.exchange.clone(), ..Setback::new(self.message.clone()) }
    }
}

/// What is known of the answers about a state's objects on this target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one answer that was or was not seen, and all may be")]
pub(super) struct Known {
    /// `exists` said yes of an object that had been made.
    pub(super) exists_yes: bool,
    /// Whether `exists` was asked about an object that had been made, until it said yes or the time for that was over.
    pub(super) was_tried: bool,
    /// `exists` said no of what cannot be there, or of an object whose removal had been accepted.
    pub(super) exists_no: bool,
    /// `exists` said yes of what cannot be there: whatever it says, it proves nothing.
    pub(super) exists_always_yes: bool,
    /// `undo` was accepted for an object right after it had been made.
    pub(super) undo_yes: bool,
    /// `undo` refused an id that nothing has as `gone` says, or an object whose removal had been accepted.
    pub(super) undo_no: bool,
    /// Whether ids are made at random, so that none comes again; true while nothing is known.
    pub(super) ids_come_again: bool,
}

impl Known {
    /// Whether it makes sense to look at an object of the state.
    pub(super) fn looks_tell(self) -> bool {
        self.exists_yes && !self.exists_always_yes
    }
}

impl Control {
    fn learn(&self, learn: impl FnOnce(&mut Known)) {
        learn(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn known(&self) -> Known {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// What is known of the answers about a state's objects.
    pub(super) fn known_of(&self, suite: usize, state: usize) -> Known {
        self.control(suite, state).known()
    }

    /// Adds what an answer shows about the answers to come.
    pub(super) fn learn(&self, suite: usize, state: usize, learn: impl FnOnce(&mut Known)) {
        self.control(suite, state).learn(learn);
    }

    /// What a finding about an object may rest on.
    pub(super) fn proof(&self, object: &Object, life: &Life) -> Proof {
        let known = self.known_of(object.suite, object.state);
        Proof {
            seen: life.was_seen() && !known.exists_always_yes,
            exists_no: known.exists_no && !known.exists_always_yes,
            undo_yes: known.undo_yes,
            undo_no: known.undo_no,
            released: life.is_released(),
            looks_lag: self.lateness().was_seen(),
        }
    }

    /// Carries out the controls of every state that a selected case needs, one after the other. What cannot be made now is
    /// tried again by the cases that need it.
    pub async fn control_states(&self) {
        let mut states: Vec<(usize, usize)> = Vec::new();
        for one in self.selected().iter().filter(|one| one.skip.is_none()) {
            let given = &self.suites()[one.suite].cases[one.case].given;
            states.extend(given.iter().map(|given| (one.suite, given.state)));
        }
        states.sort_unstable();
        states.dedup();
        for (suite, state) in states {
            if self.is_cancelled() {
                return;
            }
            // Whatever is wrong is said by the cases that need the state.
            let _ = self.control_state(suite, state).await;
        }
    }

    /// Carries out the controls of a state, unless that was done.
    pub(super) async fn control_state(&self, suite: usize, state: usize) -> Result<(), Setback> {
        let control = self.control(suite, state);
        let mut done = control.done.lock().await;
        match &*done {
            Done::Well => return Ok(()),
            Done::Wrong(wrong) => return Err(wrong.setback()),
            Done::No => {}
        }
        let result = self.try_state(suite, state).await;
        match &result {
            Ok(()) => *done = Done::Well,
            // What was not answered, or with a failure of the server, may be answered otherwise the next time.
            Err(setback) if setback.exchange.as_ref().is_some_and(|exchange| may_pass(exchange)) => {}
            Err(setback) if setback.exchange.is_none() && !self.is_given_up(suite, state) => {}
            Err(Setback { message, help, exchange, .. }) => {
                *done = Done::Wrong(Wrong { message: message.clone(), help: help.clone(), exchange: exchange.clone() });
            }
        }
        result
    }

    async fn try_state(&self, suite_index: usize, state_index: usize) -> Result<(), Setback> {
        let suite = &self.suites()[suite_index];
        let state = &suite.states[state_index];
        if state.exists.is_none() && state.undo.is_none() {
            return Ok(());
        }
        if self.is_handed_over(state) || state.undo.is_none() {
            // Nothing is made that nobody needs and nobody could remove: what cannot be there is all that is asked about.
            self.ask_about_nothing(suite_index, state_index, None).await;
            if !self.known_of(suite_index, state_index).exists_no {
                self.undo_nothing(suite_index, state_index, None).await;
            }
            return Ok(());
        }
        let (object, other) = self.make_two(suite_index, state_index).await?;
        self.learn(suite_index, state_index, |known| known.ids_come_again |= !is_random(&object.id));
        let looked = match &state.exists {
            Some(exists) => {
                self.role(|| format!("is the {} there?", state.name));
                let looked = self.look(&object, exists, Some(Said::Yes)).await;
                self.learn(suite_index, state_index, |known| known.was_tried = true);
                self.ask_about_nothing(suite_index, state_index, Some(&object)).await;
                // What was never seen could not be told to be gone if its removal fails.
                if self.looks_tell(&other) {
                    self.role(|| format!("is the other {} there?", state.name));
                    self.look(&other, exists, Some(Said::Yes)).await;
                }
                Some(looked)
            }
            None => None,
        };
        let known = self.known_of(suite_index, state_index);
        let exists_suffices = known.looks_tell() && known.exists_no;
        if !exists_suffices && is_random(&object.id) {
            self.undo_nothing(suite_index, state_index, Some(&object)).await;
        }
        let seen = looked.as_ref().is_some_and(|looked| looked.said == Said::Yes);
        let result = self.remove_control(suite_index, state, &object, looked.as_ref()).await;
        if let Some(undo) = state.undo.as_ref().filter(|_| result.is_ok()) {
            self.role(|| format!("undo the other {}", state.name));
            let removal = self.remove(suite_index, state, undo, &other, seen).await;
            self.settled(&self.suites()[suite_index], &other, &removal, false);
        }
        result
    }

    /// Makes two objects before either is removed. A target whose call gives what is there already, or somebody else's, gives
    /// the same id for both; then nothing is done with it.
    async fn make_two(&self, suite_index: usize, state_index: usize) -> Result<(Object, Object), Setback> {
        let state = &self.suites()[suite_index].states[state_index];
        // Two users: what a target does for the first request of one is no matter of the other.
        let users = [self.fresh_values().user, self.fresh_values().user];
        let make = async |number: usize| {
            self.role(|| format!("make {} {}", ["a", "another"][number], state.name));
            self.owner([CHECKS, "other"][number]);
            self.make(suite_index, state_index, CHECKS, &users[number]).await
        };
        let side_by_side = self.settings().jobs > 1 && self.client().rehearsal().is_none();
        let obtained = if side_by_side {
            together(vec![make(0), make(1)]).await
        } else {
            let first = make(0).await;
            if first.is_err() { vec![first] } else { vec![first, make(1).await] }
        };
        let two = obtained.into_iter().map(|obtained| obtained.map(|Obtained { object, .. }| object));
        let mut two = two.collect::<Result<Vec<Object>, Setback>>()?.into_iter();
        match (two.next(), two.next()) {
            (Some(first), Some(second)) => Ok((first, second)),
            _ => Err(Setback::new(format!("no {} was made", state.name))),
        }
    }

    /// Asks `exists` about what cannot be there: with a fresh UUID, or an id made from one that the target gave.
    async fn ask_about_nothing(&self, suite_index: usize, state_index: usize, like: Option<&Object>) {
        let state = &self.suites()[suite_index].states[state_index];
        let Some(exists) = &state.exists else { return };
        let mut values = self.nothing_like(state, like);
        self.role(|| format!("is a {} there that nobody made?", state.name));
        let Ok(exchange) = self.setting_up(suite_index).look(exists, &mut values, Said::No).await else { return };
        self.places().notice(&exchange.answer);
        match Said::of(exists, &exchange, &values) {
            Said::No => self.learn(suite_index, state_index, |known| known.exists_no = true),
            Said::Yes => {
                self.learn(suite_index, state_index, |known| known.exists_always_yes = true);
                self.note(&format!(
                    "whether a {} is there cannot be asked on this target: {}, for an id that nothing has",
                    state.name,
                    states::answered(&exchange, "that says yes")
                ));
            }
            Said::Neither => {}
        }
    }

    /// Tries whether `undo` refuses an id that nothing has.
    async fn undo_nothing(&self, suite_index: usize, state_index: usize, like: Option<&Object>) {
        let state = &self.suites()[suite_index].states[state_index];
        let Some(undo) = &state.undo else { return };
        let mut values = self.nothing_like(state, like);
        self.role(|| format!("undo a {} that nobody made", state.name));
        let staging = self.setting_up(suite_index);
        let sent = match &state.gone {
            Some(gone) => staging.send_for(undo, &mut values, gone).await,
            None => staging.send(undo, &mut values).await,
        };
        let Ok(exchange) = sent else { return };
        self.places().notice(&exchange.answer);
        if says_gone(state, &exchange, &values) {
            self.learn(suite_index, state_index, |known| known.undo_no = true);
        }
    }

    /// The values of an object that cannot be there. Its id is a UUID of this run, unless ids have another form: then it is
    /// far from every real one, and fit for a question only.
    fn nothing_like(&self, state: &State, like: Option<&Object>) -> Values {
        let mut values = self.fresh_values();
        let fresh = values.ids.uuid();
        if let Some(rehearsal) = self.client().rehearsal() {
            rehearsal.name(fresh.to_string(), "uuid".to_owned());
        }
        let mut captured = like.and_then(|like| like.values.captures.get("").cloned()).unwrap_or_default();
        if let Some(like) = like {
            values.user.clone_from(&like.values.user);
        }
        if let Some((name, _)) = state.capture.first() {
            let id = match captured.get(name) {
                Some(serde_json::Value::Number(number)) => {
                    // Far above what is there, and no overflow in 64 bits with a sign.
                    let far = number.as_u64().unwrap_or_default().saturating_mul(1_000).saturating_add(1_000_000_007);
                    serde_json::Value::from(far.min(i64::MAX as u64))
                }
                Some(serde_json::Value::String(text)) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                    serde_json::Value::String(format!("1{text}000007"))
                }
                Some(serde_json::Value::String(text)) if uuid::Uuid::try_parse(text).is_err() => {
                    serde_json::Value::String(format!("no-such-{}", fresh.simple()))
                }
                _ => serde_json::Value::String(fresh.to_string()),
            };
            captured.insert(name.clone(), id);
        }
        values.captures.insert(String::new(), captured);
        values
    }

    /// Removes the object of the controls. An error says that what is made is not there.
    async fn remove_control(
        &self,
        suite_index: usize,
        state: &State,
        object: &Object,
        looked: Option<&Look>,
    ) -> Result<(), Setback> {
        let Some(undo) = &state.undo else { return Ok(()) };
        let seen = looked.is_some_and(|looked| looked.said == Said::Yes);
        let told = looked.filter(|looked| looked.said != Said::Yes).and_then(|looked| {
            let exists = state.exists.as_ref()?;
            Some(match &looked.last {
                Ok(exchange) => {
                    let differs = states::differs(&exists.yes, exchange, &object.values);
                    states::answered(exchange, &differs.unwrap_or_default())
                }
                Err(setback) => setback.message.clone(),
            })
        });
        self.role(|| format!("undo the {}", state.name));
        let removal = self.remove(suite_index, state, undo, object, seen).await;
        let known = self.known_of(suite_index, object.state);
        match &removal.undone {
            Ok(undone) if removal.accepted => {
                self.learn(suite_index, object.state, |known| known.undo_yes = true);
                let _ = undone;
            }
            Ok(undone) if !seen && says_gone(state, undone, &object.values) => {
                if let Some(Look { last: Ok(asked), .. }) = looked {
                    return Err(self.unmade(state, object, asked, undone));
                }
            }
            _ => {}
        }
        if let Some(told) = told.filter(|_| !known.exists_always_yes) {
            let instead = match self.known_of(suite_index, object.state) {
                Known { undo_yes: true, undo_no: true, .. } => "its undo is taken as proof instead",
                _ => "its undo is asked instead",
            };
            self.note(&format!("whether a {} is there cannot be asked on this target ({told}); {instead}", state.name));
        }
        self.settled(&self.suites()[suite_index], object, &removal, false);
        Ok(())
    }

    /// What is made is not there. No more of it is asked for.
    fn unmade(&self, state: &State, object: &Object, asked: &Exchange, undone: &Exchange) -> Setback {
        let said = |exchange: &Exchange| {
            let request = &exchange.request;
            let status = exchange.answer.status().unwrap_or_default();
            format!("{} {} was answered {status}", request.method, request.url())
        };
        self.give_up_making(
            object.suite,
            object.state,
            format!("one that was made before, {}, was not there", object.id),
        );
        Setback {
            help: Some(format!(
                "the call that makes a {0} may make none, make it for another user than {1}, or only later; see the \
                 suite's state `{0}`",
                state.name, object.values.user
            )),
            ..Setback::new(format!(
                "a {} that was made just now is not there: its making gave the id {}, {}, and its removal {}",
                state.name,
                object.id,
                said(asked),
                said(undone)
            ))
        }
    }
}

/// Whether the answer to a removal says that there is nothing to remove: as the state says that it does then, or in HTTP's
/// own two words for it.
pub(super) fn says_gone(state: &State, undone: &Exchange, values: &Values) -> bool {
    match &state.gone {
        Some(gone) => states::differs(gone, undone, values).is_none(),
        None => matches!(undone.answer.status(), Some(404 | 410)),
    }
}

/// Whether what came in place of an object may come otherwise the next time.
fn may_pass(exchange: &Exchange) -> bool {
    !exchange.answer.is_complete() || exchange.answer.status().is_none_or(|status| status >= 500)
}
