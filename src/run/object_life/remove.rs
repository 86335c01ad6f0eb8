//! Removes an object by its state's `undo`, and asks afterwards whether it is gone.

use super::ask_exists::{ExistsResult, ask_exists};
use crate::exchange::Exchange;
use crate::object::answers::{self, says_gone, was_not_carried_out};
use crate::object::{ExistsAnswer, Life, Object, StagingError, Undone};
use crate::run::announce;
use crate::run::parts::record::Record;
use crate::run::parts::setup::Setup;
use crate::run::parts::test_run::TestRun;
use crate::suite::{State, Undo};

/// Why the run does not remove an object a second time.
pub(crate) const NOT_REPEATED: &str = "the run asks for its removal only once, because the target may give an id twice and \
                                       another object may have this id by now";
/// Why the run does not remove an object that `exists` does not show.
pub(crate) const NOT_SHOWN: &str = "`exists` does not show it, and the target may give an id twice, so another object may have \
                                    this id";
/// Why the run cannot remove an object at all.
pub(crate) const NO_UNDO: &str = "the suite's state has no undo";

/// What came of removing an object.
pub(crate) struct Removal<'a> {
    /// What the target answered to `undo`.
    pub(crate) undone: Undone<'a>,
    /// Whether that answer says that the object was removed.
    pub(crate) accepted: bool,
    /// What `exists` said afterwards, if it was asked.
    pub(crate) looked: Option<ExistsResult>,
    /// Why the object was not removed, as far as the answers say.
    pub(crate) why: Option<String>,
    /// Whether the removal may be tried again later. A second removal of the run's own object does no harm.
    pub(crate) try_again: bool,
    /// What was known of the object then.
    pub(crate) life: Option<Life>,
}

/// Whether only `undo` tells what became of an object.
pub(crate) fn rests_on_undo(setup: &Setup, record: &Record, object: &Object) -> bool {
    setup.state(object.suite, object.state).exists.is_none() || !exists_works(record, object)
}

/// Whether `exists` tells anything about an object on this target.
pub(crate) fn exists_works(record: &Record, object: &Object) -> bool {
    record.facts(object.suite, object.state).exists_works()
}

/// Removes an object. With `ask`, asks `exists` afterwards.
pub(crate) async fn remove<'a>(run: &TestRun, undo: &'a Undo, object: &Object, ask: bool) -> Removal<'a> {
    let ledger = &run.record.ledger;
    let state = run.setup.state(object.suite, object.state);
    if ledger.is_doubted(&object.id) {
        let why = "the target gave its id to two objects, so it may belong to someone else".to_owned();
        let answer = Err(StagingError::new(why.clone()));
        let undone = Undone { step: &undo.last, is_last: true, answer, differs: None, before: Vec::new() };
        return Removal { undone, accepted: false, looked: None, why: Some(why), try_again: false, life: None };
    }
    let mut values = object.values.clone();
    ledger.note(object.number, Life::begin_removal);
    for step in undo.steps() {
        announce::request(run, Some(&object.case), "remove it", &run.setup.suites[object.suite], step);
    }
    let undone = run.staging_for_removal(object.suite).undo(undo, &mut values, None).await;
    if let Ok(exchange) = &undone.answer {
        run.target.slots.note_answer(&exchange.answer);
    }
    let accepted = undone.is_accepted();
    enter(run, state, object, &undone);
    let looked = look(run, state, object, &undone, ask).await;
    // Once the target has given the id to another object, `exists` shows that one.
    let is_released = ledger.life(object.number).is_some_and(|life| life.is_released());
    let looked = looked.filter(|_| !is_released);
    let try_again = may_be_tried_again(&undone.answer);
    let why = match &undone.answer {
        Err(error) => Some(error.message.clone()),
        Ok(exchange) => undone.differs.as_ref().map(|why| answers::answered(exchange, why)),
    };
    Removal { undone, accepted, looked, why, try_again, life: ledger.life(object.number) }
}

/// Enters the answer to `undo` into the life of the object.
fn enter(run: &TestRun, state: &State, object: &Object, undone: &Undone<'_>) {
    let ledger = &run.record.ledger;
    let status = undone.answer.as_ref().ok().and_then(|exchange| exchange.answer.status());
    let unsent = undone.answer.as_ref().is_err_and(|error| error.exchange.is_none());
    let refused = unsent || status.is_some_and(was_not_carried_out);
    // A success that the suite does not expect may have removed the object all the same.
    let is_success = undone.is_last && matches!(status, Some(200..=299));
    ledger.note(object.number, |life| life.end_removal(undone.is_accepted() || is_success, refused));
    if undone.answer.as_ref().is_ok_and(|exchange| says_gone(state, exchange, &object.values)) {
        ledger.note(object.number, Life::find_nothing);
    }
}

/// Asks whether the object is gone, if `exists` works on this target: what `exists` says outranks the answer to `undo`, whether
/// that was accepted or not. `ask` is false if the target left the last question unanswered; then no further one is sent.
async fn look(run: &TestRun, state: &State, object: &Object, undone: &Undone<'_>, ask: bool) -> Option<ExistsResult> {
    let exists = state.exists.as_ref().filter(|_| ask && exists_works(&run.record, object))?;
    run.target.role(|| "is it gone?".to_owned());
    let gone = undone.answer.as_ref().is_ok_and(|exchange| says_gone(state, exchange, &object.values));
    Some(ask_exists(run, object, exists, (undone.is_accepted() || gone).then_some(ExistsAnswer::No)).await)
}

/// Whether the removal may be tried again: a request that was refused for good will be refused the next time too.
fn may_be_tried_again(undone: &Result<Exchange, StagingError>) -> bool {
    match undone {
        Ok(exchange) => exchange.answer.status().is_none_or(|it| it < 400 || it == 429 || it >= 500),
        Err(error) => !error.refused,
    }
}
