//! Removes an object: sends the requests of a state's `undo`, in order, as long as each is answered as it expects.

use super::answers::differs;
use super::staging::Staging;
use super::staging_error::StagingError;
use crate::exchange::Exchange;
use crate::suite::{Expectation, Step, Undo, Values};

/// What the target answered to `undo`.
#[derive(Debug)]
pub struct Undone<'a> {
    /// The request that decides: the last one, or the first that was not answered as it expects.
    pub step: &'a Step,
    /// Whether it is the last one.
    pub is_last: bool,
    /// The answer to it, or why there is none.
    pub answer: Result<Exchange, StagingError>,
    /// How the answer differs from what the request expects.
    pub differs: Option<String>,
    /// The exchanges before it.
    pub before: Vec<Exchange>,
}

impl Undone<'_> {
    /// Whether the object was removed, as the answers say.
    pub fn is_accepted(&self) -> bool {
        self.is_last && self.answer.is_ok() && self.differs.is_none()
    }
}

impl Staging<'_> {
    /// Sends the requests of an `undo`. In a dry run each is answered as it expects; with `instead`, the first is answered so.
    pub async fn undo<'a>(&self, undo: &'a Undo, values: &mut Values, instead: Option<&Expectation>) -> Undone<'a> {
        let mut before = Vec::new();
        for (index, step) in undo.before.iter().enumerate() {
            let (answer, differs) = self.undo_step(step, values, instead.filter(|_| index == 0)).await;
            match answer {
                Ok(exchange) if differs.is_none() => before.push(exchange),
                answer => return Undone { step, is_last: false, answer, differs, before },
            }
        }
        let step = &undo.last;
        let (answer, differs) = self.undo_step(step, values, instead.filter(|_| undo.before.is_empty())).await;
        Undone { step, is_last: true, answer, differs, before }
    }

    /// Sends one request. Gives the answer, and how it differs from what the request expects.
    async fn undo_step(
        &self,
        step: &Step,
        values: &mut Values,
        instead: Option<&Expectation>,
    ) -> (Result<Exchange, StagingError>, Option<String>) {
        let expected = &step.expect.all()[0];
        let answer = self.send_for(step, values, instead.unwrap_or(expected)).await;
        let differs = answer.as_ref().ok().and_then(|exchange| differs(expected, exchange, values));
        (answer, differs)
    }
}
