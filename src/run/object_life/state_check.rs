//! Checks each state once per run, before any case: do the answers of `exists` and `undo` prove anything on this target?
//!
//! A target that answers yes to every `exists`, or accepts every `undo`, proves nothing by it. So the check makes two objects,
//! asks about them, removes them, and asks about an id that nothing has. Answers to later calls add to what is known.

use super::ask_exists::{ExistsResult, ask_exists};
use super::facts::{CheckFailure, CheckResult, StateFacts};
use super::leave::settle_removed;
use super::make::{Purpose, make};
use super::provide::is_provided;
use super::remove::{exists_works, remove};
use crate::exchange::Exchange;
use crate::object::answers::{self, says_gone};
use crate::object::life::is_random;
use crate::object::{ExistsAnswer, Object, StagingError};
use crate::outcome::LeftBehind;
use crate::run::parts::test_run::TestRun;
use crate::run::schedule::join_all::join_all;
use crate::suite::{State, Values};

/// Stands for the case of the objects of the checks.
const CHECKS: &str = LeftBehind::CHECKS;

/// A state: the index of its suite, and its index there.
type StateIndex = (usize, usize);

/// Checks every state that a selected case needs, one after the other. If an object cannot be made now, the cases that need
/// the state try again.
pub(crate) async fn check_states(run: &TestRun) {
    let mut states: Vec<StateIndex> = Vec::new();
    for one in run.setup.selected.iter().filter(|one| one.skip.is_none()) {
        let given = &run.setup.suites[one.suite].cases[one.case].given;
        states.extend(given.iter().map(|given| (one.suite, given.state)));
    }
    states.sort_unstable();
    states.dedup();
    for state in states {
        if run.target.stop.is_requested() {
            return;
        }
        // The cases that need the state report what is wrong.
        let _ = check_state(run, state).await;
    }
}

/// Checks a state, unless that was done. An error says that its objects cannot be made.
pub(crate) async fn check_state(run: &TestRun, (suite, state): StateIndex) -> Result<(), StagingError> {
    let mut check = run.record.state(suite, state).check.lock().await;
    match &*check {
        CheckResult::Passed => return Ok(()),
        CheckResult::Failed(failure) => return Err(failure.error()),
        CheckResult::Open => {}
    }
    let result = try_state(run, (suite, state)).await;
    match &result {
        Ok(()) => *check = CheckResult::Passed,
        // The target may answer better next time after no answer, or after a failure of the server.
        Err(error) if error.exchange.as_ref().is_some_and(|exchange| may_pass(exchange)) => {}
        Err(error) if error.exchange.is_none() && run.record.creations(suite, state).given_up().is_none() => {}
        Err(StagingError { message, help, exchange, .. }) => {
            let (message, help, exchange) = (message.clone(), help.clone(), exchange.clone());
            *check = CheckResult::Failed(CheckFailure { message, help, exchange });
        }
    }
    result
}

async fn try_state(run: &TestRun, (suite, state_index): StateIndex) -> Result<(), StagingError> {
    let state = run.setup.state(suite, state_index);
    if state.exists.is_none() && state.undo.is_none() {
        return Ok(());
    }
    if is_provided(&run.record, state) || state.undo.is_none() {
        // The check makes no object that it could not remove. It asks only about an id that nothing has. If that takes more
        // than an id, such as the id of a parent, the first object that a case makes brings it.
        if !state.needs_only_ids() {
            return Ok(());
        }
        ask_about_nothing(run, (suite, state_index), None).await;
        if !run.record.facts(suite, state_index).exists_no {
            undo_nothing(run, (suite, state_index), None).await;
        }
        return Ok(());
    }
    let (object, other) = make_two(run, (suite, state_index)).await?;
    run.record.learn(suite, state_index, |facts| facts.ids_may_repeat |= !is_random(&object.id));
    let looked = match &state.exists {
        Some(exists) => {
            run.target.role(|| format!("is the {} there?", state.name));
            let looked = ask_exists(run, &object, exists, Some(ExistsAnswer::Yes)).await;
            run.record.learn(suite, state_index, |facts| facts.was_tried = true);
            if let Err(error) = &looked.last
                && error.is_final
            {
                // The clean-up removes both objects.
                return Err(error.again());
            }
            ask_about_nothing(run, (suite, state_index), Some(&object)).await;
            // If its removal fails, the other object can be reported as gone only if it was seen.
            if exists_works(&run.record, &other) {
                run.target.role(|| format!("is the other {} there?", state.name));
                ask_exists(run, &other, exists, Some(ExistsAnswer::Yes)).await;
            }
            Some(looked)
        }
        None => None,
    };
    let facts = run.record.facts(suite, state_index);
    let exists_suffices = facts.exists_works() && facts.exists_no;
    if !exists_suffices && is_random(&object.id) {
        undo_nothing(run, (suite, state_index), Some(&object)).await;
    }
    let seen = looked.as_ref().is_some_and(|looked| looked.said == ExistsAnswer::Yes);
    let result = remove_checked(run, state, &object, looked.as_ref()).await;
    if let Some(undo) = state.undo.as_ref().filter(|_| result.is_ok()) {
        run.target.role(|| format!("clean-up request for the other {}", state.name));
        let removal = remove(run, undo, &other, seen).await;
        settle_removed(&run.setup, &run.record, &other, &removal, false);
    }
    result
}

/// Makes two objects before either is removed. A target that returns an existing object, or another user's, gives the same id
/// for both. Then the run does nothing with it.
async fn make_two(run: &TestRun, (suite, state): StateIndex) -> Result<(Object, Object), StagingError> {
    let name = &run.setup.state(suite, state).name;
    // Two users: what a target does for the first request of a user does not touch the other.
    let users = [run.fresh_values().user, run.fresh_values().user];
    let make_one = async |number: usize| {
        run.target.role(|| format!("make {} {name}", ["a", "another"][number]));
        run.target.owner([CHECKS, "other"][number]);
        make(run, Purpose { suite, state, case: CHECKS }, &users[number]).await
    };
    let side_by_side = run.setup.settings.jobs > 1 && run.target.client.rehearsal().is_none();
    let made = if side_by_side {
        join_all(vec![make_one(0), make_one(1)]).await
    } else {
        let first = make_one(0).await;
        if first.is_err() { vec![first] } else { vec![first, make_one(1).await] }
    };
    let two = made.into_iter().map(|made| made.map(|given| given.object));
    let mut two = two.collect::<Result<Vec<Object>, StagingError>>()?.into_iter();
    match (two.next(), two.next()) {
        (Some(first), Some(second)) => Ok((first, second)),
        _ => Err(StagingError::new(format!("no {name} was made"))),
    }
}

/// Asks `exists` about an id that nothing has: a new UUID, or an id of the same form as one that the target gave.
async fn ask_about_nothing(run: &TestRun, (suite, state_index): StateIndex, like: Option<&Object>) {
    let state = run.setup.state(suite, state_index);
    let Some(exists) = &state.exists else { return };
    let mut values = nothing_like(run, state, like);
    run.target.role(|| format!("is a {} there that nobody made?", state.name));
    let asked = run.staging_for_setup(suite).ask_exists(exists, &mut values, ExistsAnswer::No).await;
    let Ok(asked) = asked else { return };
    run.target.slots.note_answer(&asked.exchange.answer);
    match asked.said {
        ExistsAnswer::No => run.record.learn(suite, state_index, |facts| facts.exists_no = true),
        ExistsAnswer::Yes => {
            run.record.learn(suite, state_index, |facts| facts.exists_always_yes = true);
            run.record.note(&format!(
                "this target cannot say whether a {} exists: {}, for an id that no object has",
                state.name,
                answers::answered(&asked.exchange, "that says yes")
            ));
        }
        ExistsAnswer::Unclear => {}
    }
}

/// Asks about an id that nothing has if that has to wait until an object is made, and was not done yet.
pub(crate) async fn ask_about_nothing_like(run: &TestRun, object: &Object) {
    let state = run.setup.state(object.suite, object.state);
    let facts = run.record.facts(object.suite, object.state);
    if state.undo.is_none() && !state.needs_only_ids() && !facts.exists_no && !facts.exists_always_yes {
        ask_about_nothing(run, (object.suite, object.state), Some(object)).await;
    }
}

/// Tries whether `undo` is refused for an id that nothing has.
async fn undo_nothing(run: &TestRun, (suite, state_index): StateIndex, like: Option<&Object>) {
    let state = run.setup.state(suite, state_index);
    let Some(undo) = &state.undo else { return };
    let mut values = nothing_like(run, state, like);
    run.target.role(|| format!("clean-up request for a {} that nobody made", state.name));
    let undone = run.staging_for_setup(suite).undo(undo, &mut values, state.gone.as_ref()).await;
    let Ok(exchange) = undone.answer else { return };
    run.target.slots.note_answer(&exchange.answer);
    if says_gone(state, &exchange, &values) {
        run.record.learn(suite, state_index, |facts| facts.undo_no = true);
    }
}

/// The values of an object that cannot exist. Its id is a new UUID. If the ids of the target have another form, the id has that
/// form and lies far from every real one; such an id is used for questions only, not for `undo`.
fn nothing_like(run: &TestRun, state: &State, like: Option<&Object>) -> Values {
    let mut values = run.fresh_values();
    let fresh = values.ids.uuid();
    if let Some(rehearsal) = run.target.client.rehearsal() {
        rehearsal.name(fresh.to_string(), "uuid".to_owned());
    }
    let mut captured = like.and_then(|like| like.values.captures.get("").cloned()).unwrap_or_default();
    if let Some(like) = like {
        values.user.clone_from(&like.values.user);
    }
    for name in &state.id {
        let id = match captured.get(name) {
            Some(serde_json::Value::Number(number)) => {
                // Far above every real id, and within 64 bits with a sign.
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

/// Removes the first object of the check. An error says that the object is not there although it was made.
async fn remove_checked(
    run: &TestRun,
    state: &State,
    object: &Object,
    looked: Option<&ExistsResult>,
) -> Result<(), StagingError> {
    let Some(undo) = &state.undo else { return Ok(()) };
    let seen = looked.is_some_and(|looked| looked.said == ExistsAnswer::Yes);
    let unseen = looked.and_then(|looked| why_unseen(state, looked));
    run.target.role(|| format!("clean-up request for the {}", state.name));
    let removal = remove(run, undo, object, seen).await;
    let facts = run.record.facts(object.suite, object.state);
    match &removal.undone.answer {
        Ok(_) if removal.accepted => {
            run.record.learn(object.suite, object.state, |facts| facts.undo_yes = true);
        }
        Ok(undone) if !seen && says_gone(state, undone, &object.values) => {
            if let Some(ExistsResult { last: Ok(asked), .. }) = looked {
                return Err(never_there(run, state, object, &asked.exchange, undone));
            }
        }
        _ => {}
    }
    if let Some(unseen) = unseen.filter(|_| !facts.exists_always_yes) {
        let instead = match run.record.facts(object.suite, object.state) {
            StateFacts { undo_yes: true, undo_no: true, .. } => "an accepted undo is the proof instead",
            _ => "the response to the undo decides instead",
        };
        let name = &state.name;
        run.record.note(&format!("this target cannot say whether a {name} exists ({unseen}); {instead}"));
    }
    settle_removed(&run.setup, &run.record, object, &removal, false);
    Ok(())
}

/// Why `exists` does not show an object that was made. `None` if it shows the object.
fn why_unseen(state: &State, looked: &ExistsResult) -> Option<String> {
    if state.exists.is_none() || looked.said == ExistsAnswer::Yes {
        return None;
    }
    Some(match &looked.last {
        Ok(asked) => answers::answered(&asked.exchange, asked.why.as_deref().unwrap_or_default()),
        Err(error) => error.message.clone(),
    })
}

/// The error for an object that was made and is not there. The run asks for no more objects of the state.
fn never_there(run: &TestRun, state: &State, object: &Object, asked: &Exchange, undone: &Exchange) -> StagingError {
    let answered = |exchange: &Exchange| {
        let request = &exchange.request;
        let status = exchange.answer.status().unwrap_or_default();
        format!("{} {} was answered {status}", request.method, request.url())
    };
    run.record
        .creations(object.suite, object.state)
        .give_up(format!("one that was made before, {}, was not there", object.id));
    StagingError {
        help: Some(format!(
            "the call that makes a {0} may make none, make it for another user than {1}, or only later; see the suite's \
             state `{0}`",
            state.name, object.values.user
        )),
        ..StagingError::new(format!(
            "a {} that was made just now is not there: the target gave it the id {}, but {}, and the clean-up request {}",
            state.name,
            object.id,
            answered(asked),
            answered(undone)
        ))
    }
}

/// Whether the target may answer better the next time.
fn may_pass(exchange: &Exchange) -> bool {
    !exchange.answer.is_complete() || exchange.answer.status().is_none_or(|status| status >= 500)
}
