//! Makes an object of a state, enters it into the ledger, and reports it as left behind if its id cannot be used.

use std::collections::BTreeMap;

use tokio::time::Instant;

use crate::exchange::Exchange;
use crate::guard::Refusal;
use crate::object::{Life, Object, PendingObject, StagingError, answers};
use crate::outcome::LeftBehind;
use crate::run::announce;
use crate::run::opening::provided::Provided;
use crate::run::parts::test_run::TestRun;
use crate::suite::Values;

/// An object that a case is given.
pub(crate) struct GivenObject {
    /// The object.
    pub(crate) object: Object,
    /// The exchange that made it.
    pub(crate) exchange: Option<Exchange>,
    /// What the environment provided, if the run did not make it.
    pub(crate) provided: Option<Provided>,
}

/// What an object is made for.
#[derive(Clone, Copy)]
pub(crate) struct Purpose<'a> {
    /// The suite: an index.
    pub(crate) suite: usize,
    /// The state: an index into the suite's states.
    pub(crate) state: usize,
    /// The case that needs it.
    pub(crate) case: &'a str,
}

/// Makes an object for a user. The target makes no more objects at once than there are slots.
pub(crate) async fn make(run: &TestRun, purpose: Purpose<'_>, user: &str) -> Result<GivenObject, StagingError> {
    let Purpose { suite, state, case } = purpose;
    let name = &run.setup.state(suite, state).name;
    let slot = run.target.slots.acquire_for_creation().await;
    let creations = run.record.creations(suite, state);
    // A failed creation may leave an object behind, so after a failure the next creations wait for each other.
    let _one_by_one = if creations.has_failed() { Some(creations.one_by_one.lock().await) } else { None };
    if let Some(why) = creations.given_up() {
        return Err(StagingError::new(format!("the run did not try to make a {name}: {why}")));
    }
    let number = run.record.ledger.begin(PendingObject {
        suite: run.setup.suites[suite].id.clone(),
        state: name.clone(),
        case: case.to_owned(),
        user: user.to_owned(),
    });
    // An interrupted run checks once which creations it must wait for. So no creation may begin after that.
    if run.target.stop.is_requested() {
        run.record.ledger.end(number);
        return Err(StagingError::new(format!("the run did not try to make a {name}: it was interrupted")));
    }
    let mut values = Values { user: user.to_owned(), ..run.fresh_values() };
    let made = ask_for(run, purpose, number, &mut values).await;
    drop(slot);
    let made = made.and_then(|(ids, exchange)| {
        let mut ids = ids.into_iter();
        let id = ids.next().unwrap_or_default();
        let object = Object { number: 0, suite, state, case: case.to_owned(), id, other_ids: ids.collect(), values };
        let object = enter(run, object, Life::made(), &format!("making a {name} gave"), Some(number))?;
        Ok(GivenObject { object, exchange: Some(exchange), provided: None })
    });
    // The object enters the ledger before its creation ends, so at every moment the ledger knows it.
    run.record.ledger.end(number);
    made
}

/// Asks the target for an object. If the target may have made one without a usable id, reports that as left behind.
async fn ask_for(
    run: &TestRun,
    Purpose { suite, state, case }: Purpose<'_>,
    number: u64,
    values: &mut Values,
) -> Result<(Vec<String>, Exchange), StagingError> {
    let creations = run.record.creations(suite, state);
    let key = (suite, state);
    let state = run.setup.state(suite, state);
    let user = values.user.clone();
    let lost = |id: &str, reason: &str| {
        run.record.ledger.left(number, reason);
        run.record.leave(LeftBehind {
            state: state.name.clone(),
            id: id.to_owned(),
            user: user.clone(),
            case: case.to_owned(),
            reason: reason.to_owned(),
        });
    };
    let begun = Instant::now();
    let _announced = announce::making(run, case, (&run.setup.suites[suite], state));
    let made = run.staging_for_setup(suite).make(state, values).await;
    let (id, exchange) = made.inspect_err(|error| {
        // Without an exchange nothing was sent.
        let Some(exchange) = &error.exchange else { return };
        if exchange.answer.status() == Some(503) {
            creations.failed(exchange);
        }
        if may_have_made(exchange) {
            let why = error.message.trim_end_matches(&answers::could_not_make(&state.name));
            lost("", &format!("the target may have made it: {why}"));
            creations.failed(exchange);
        }
        run.target.slots.note_answer(&exchange.answer);
        creations.ended(begun, exchange);
    })?;
    creations.ended(begun, &exchange);
    let no_captures = BTreeMap::new();
    let (ids, companions) = answers::names_and_companions(state, values.captures.get("").unwrap_or(&no_captures));
    for one in &ids {
        if let Err(refusal) = run.target.guard.note_captured(key, &state.name, one, &companions) {
            creations.failed(&exchange);
            lost(&id, "it was made, and its id cannot be used safely");
            return Err(unusable(&refusal));
        }
    }
    creations.succeeded();
    let ids = if ids.is_empty() { vec![id] } else { ids };
    Ok((ids, exchange))
}

/// Enters an object into the ledger. `source` says who gave its id; `made` is the number of its creation.
pub(crate) fn enter(
    run: &TestRun,
    object: Object,
    life: Life,
    source: &str,
    made: Option<u64>,
) -> Result<Object, StagingError> {
    let first = object.id.clone();
    run.record.ledger.enter(object, life, made).map_err(|id| {
        run.target.guard.forget_captured(&id);
        if id != first {
            run.target.guard.forget_captured(&first);
            return StagingError::new(format!(
                "{source} the id {id} a second time for another object, so that value does not name one object; take its \
                 capture out of `id`"
            ));
        }
        StagingError::new(format!(
            "{source} the id {id} a second time, so it may be the id of someone else's object, and the run does nothing with it"
        ))
    })
}

/// The error for an id that must not be used.
pub(crate) fn unusable(refusal: &Refusal) -> StagingError {
    StagingError::new(refusal.to_string())
}

/// Whether the target may have made an object without a usable answer: the answer was lost, the server failed, or it answered
/// with a success that makes no sense. A 503 says that the server was not ready to make it.
fn may_have_made(exchange: &Exchange) -> bool {
    let answer = &exchange.answer;
    !answer.is_complete() || matches!(answer.status(), None | Some(200..=299 | 500..=502 | 504..=599))
}
