//! Whether it can be asked if an object of a state is there, and whether what is made is there at all: tried once per run
//! and state, with the first fresh object, before anything is judged.
//!
//! A `no` about an object that was made just now may mean that this target does not know the call, or that the object is
//! not there. Its removal tells the two apart: a target that removes it had it.

use super::Session;
use crate::case::State;
use crate::exchange::Exchange;
use crate::object::Object;
use crate::object::states::{self, Setback};

/// What came of asking.
#[derive(Debug)]
pub(super) enum Probed {
    /// It is there, and the target says so.
    Works,
    /// Nothing that the target says of it can be relied on.
    Cannot,
    /// It was made and is not there: why, and what to do.
    Unmade(String, String),
}

impl Session {
    /// Asks `exists` of the first fresh object of a state: whether it can be relied on. Gives whether the object was used
    /// up for that; an error says that what is made is not there.
    pub(in crate::run) async fn probe(&self, suite_index: usize, object: &Object) -> Result<bool, Setback> {
        let state = &self.suites[suite_index].states[object.state];
        if state.exists.is_none() {
            return Ok(false);
        }
        let mut used_up = false;
        let cell = &self.probes[suite_index][object.state];
        let probed = cell.get_or_init(|| self.ask_first(suite_index, state, object, &mut used_up)).await;
        match probed {
            Probed::Unmade(message, help) => Err(Setback { help: Some(help.clone()), ..Setback::new(message.clone()) }),
            Probed::Works | Probed::Cannot => Ok(used_up),
        }
    }

    async fn ask_first(&self, suite_index: usize, state: &State, object: &Object, used_up: &mut bool) -> Probed {
        let Some(exists) = &state.exists else { return Probed::Cannot };
        let mut values = object.values.clone();
        let asked = self.staging(suite_index).send(&exists.call, &mut values).await;
        if let Ok(exchange) = &asked {
            self.places.notice(&exchange.answer);
        }
        let told = match &asked {
            Ok(exchange) if exchange.answer.status() == Some(exists.yes) => return Probed::Works,
            Ok(exchange) => states::answered(exchange, &format!("{} was expected", exists.yes)),
            Err(setback) => setback.message.clone(),
        };
        // Whoever has left a question unanswered is not asked another one for this.
        let answered = asked.as_ref().is_ok_and(|exchange| exchange.answer.status().is_some());
        let undo = state.undo.as_ref().filter(|_| answered && !self.ledger.is_doubted(&object.id));
        if let (Ok(asked), Some(undo)) = (&asked, undo) {
            self.ledger.removing(object.number);
            let undone = self.staging(suite_index).send(undo, &mut values).await;
            if let Ok(undone) = &undone {
                self.places.notice(&undone.answer);
            }
            match &undone {
                Ok(undone) if states::differs(&undo.expect.all()[0], undone, &values).is_none() => {
                    self.ledger.strike(object.number);
                }
                Ok(undone) if says_gone(state, undone, object) => return self.unmade(state, object, asked, undone),
                _ => {}
            }
            // Whatever came of it, nobody knows whether it is still there.
            *used_up = true;
        }
        self.note(&format!(
            "whether a {} is there cannot be asked on this target ({told}); its undo is taken as proof instead",
            state.name
        ));
        Probed::Cannot
    }

    /// What is made is not there. No more of it is asked for.
    fn unmade(&self, state: &State, object: &Object, asked: &Exchange, undone: &Exchange) -> Probed {
        self.makings[object.suite][object.state]
            .give_up(format!("one that was made before, {}, was not there", object.id));
        let said = |exchange: &Exchange| {
            let request = &exchange.request;
            let status = exchange.answer.status().unwrap_or_default();
            format!("{} {} is answered {status}", request.method, request.url())
        };
        Probed::Unmade(
            format!(
                "a {} that was made just now is not there: its making gave the id {}, {}, and its removal {}",
                state.name,
                object.id,
                said(asked),
                said(undone)
            ),
            format!(
                "the call that makes a {0} may make none, make it for another user than {1}, or only later; see the \
                 suite's state `{0}`",
                state.name, object.values.user
            ),
        )
    }

    /// Whether a state's `exists` works on this target, as far as it has been tried.
    pub(in crate::run) fn exists_works(&self, suite_index: usize, state_index: usize) -> bool {
        matches!(self.probes[suite_index][state_index].get(), Some(Probed::Works))
    }

    /// Whether what is made of a state was found not to be there. It may come later.
    pub(in crate::run) fn is_unmade(&self, suite_index: usize, state_index: usize) -> bool {
        matches!(self.probes[suite_index][state_index].get(), Some(Probed::Unmade(..)))
    }
}

/// Whether the answer to the removal of an object says that it is not there: as the state says that it does then, or in
/// HTTP's own two words for it.
fn says_gone(state: &State, undone: &Exchange, object: &Object) -> bool {
    matches!(undone.answer.status(), Some(404 | 410))
        || state.gone.as_ref().is_some_and(|gone| states::differs(gone, undone, &object.values).is_none())
}
