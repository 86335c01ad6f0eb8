//! An object that another run made, from the journal that it left.

use super::Session;
use crate::object::Object;
use crate::object::journal::Entry;
use crate::object::states;
use crate::transport::Refusal;

impl Session {
    /// Takes an object of another run for one of this run, as one that was handed over: with the guard's refusals.
    pub(in crate::run) fn recall(
        &self,
        (suite, state): (usize, usize),
        entry: &Entry,
        id: &str,
    ) -> Result<Object, Refusal> {
        self.guard.note_from_journal(id)?;
        self.guard.note_own(&entry.user);
        for value in entry.captures.values().map(states::as_text).filter(|value| value != id) {
            self.guard.note_companion(&value);
        }
        let mut values = self.fresh_values();
        values.user.clone_from(&entry.user);
        values.captures.insert(String::new(), entry.captures.clone());
        Ok(Object { number: entry.number, suite, state, case: entry.case.clone(), id: id.to_owned(), values })
    }
}
