//! Obtains the objects of a case, one after the other: makes each, or takes one that the environment provides, and asks whether
//! it is there.

use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use super::attempt::Attempt;
use crate::object::{ExistsAnswer, StagingError, answers};
use crate::run::object_life::ask_exists::ask_exists;
use crate::run::object_life::make::{GivenObject, Purpose, make};
use crate::run::object_life::provide::{Unconfirmed, confirm, take_over};
use crate::run::object_life::state_check::ask_about_nothing_like;
use crate::run::opening::provided::Provided;
use crate::run::parts::test_run::TestRun;
use crate::run::schedule::slots::Slot;
use crate::suite::{Case, Given};

/// An object of a case.
pub(crate) struct CaseObject {
    /// The object.
    pub(crate) given: GivenObject,
    /// When it was first known to be there.
    pub(crate) since: Instant,
}

/// The objects of a case by index into `given`, and what keeps other cases from their users.
type Objects = (Vec<Option<CaseObject>>, Vec<OwnedMutexGuard<()>>);

/// Obtains the objects of a case, one after the other.
pub(super) async fn obtain_objects(
    run: &TestRun,
    selected: usize,
    attempt: &mut Attempt<'_>,
    slot: &mut Slot<'_>,
) -> Objects {
    let suite_index = run.setup.selected[selected].suite;
    let (suite, case) = run.setup.case(selected);
    let mut provided = match run.record.provided.take(selected, suite, case) {
        Ok(provided) => provided.unwrap_or_else(|| vec![None; case.given.len()]),
        Err(reason) => {
            attempt.skipped = Some(reason);
            return (Vec::new(), Vec::new());
        }
    };
    let mut shared: Vec<String> = provided.iter().flatten().filter_map(|one| one.user.clone()).collect();
    // Every case waits for users in the same order, so no two cases wait for each other.
    shared.sort_unstable();
    shared.dedup();
    let mut users = Vec::new();
    for user in &shared {
        users.push(run.target.isolation.user(user, slot).await);
    }
    let mut objects: Vec<Option<CaseObject>> = Vec::new();
    for (given, provided) in case.given.iter().zip(&mut provided) {
        // If one object is missing, the case does nothing with the others.
        if attempt.trouble.is_some() || run.target.stop.is_requested() {
            if let Some(provided) = provided.take() {
                run.record.provided.give_back(provided);
            }
            objects.push(None);
            continue;
        }
        objects.push(obtain(run, (suite_index, case, given), provided.take(), attempt, slot).await);
    }
    (objects, users)
}

/// Obtains one object. If there is none, the attempt says why.
async fn obtain(
    run: &TestRun,
    (suite, case, given): (usize, &Case, &Given),
    provided: Option<Provided>,
    attempt: &mut Attempt<'_>,
    slot: &mut Slot<'_>,
) -> Option<CaseObject> {
    run.target.role(|| format!("make {}", given.name));
    run.target.owner(&given.name);
    let purpose = Purpose { suite, state: given.state, case: &case.id };
    let result = match provided {
        Some(provided) => take_over(run, purpose, provided, &attempt.values),
        None => make(run, purpose, &attempt.values.user).await,
    };
    let mut obtained = match result {
        Ok(obtained) => obtained,
        Err(error) => {
            attempt.fail(&format!("making {}", given.name), error);
            return None;
        }
    };
    let since = Instant::now();
    if let Some(captured) = obtained.object.values.captures.get("") {
        attempt.values.captures.insert(given.name.clone(), captured.clone());
    }
    attempt.values.user.clone_from(&obtained.object.values.user);
    let made = obtained.exchange.take();
    attempt.staged.extend(made.map(|exchange| (format!("making {}", given.name), exchange)));
    if obtained.provided.is_none() {
        slot.release_if_slow(Box::pin(ask_about_nothing_like(run, &obtained.object))).await;
    }
    run.target.role(|| format!("is {} there?", given.name));
    let confirmed = match &obtained.provided {
        Some(provided) => slot.release_if_slow(Box::pin(confirm(run, &obtained.object, provided))).await,
        None => slot.release_if_slow(Box::pin(confirm_made(run, &obtained))).await.map(|()| None),
    };
    match confirmed {
        Ok(unconfirmed) => {
            attempt.unconfirmed.extend(unconfirmed.map(|one: Unconfirmed| (index_of(case, given), one)));
        }
        Err(error) => {
            attempt.fail(&format!("is {} there?", given.name), error);
            // A provided object is gone, so there is nothing to give back. An object that was made and not seen stays in
            // the ledger: it may appear later.
            return None;
        }
    }
    Some(CaseObject { given: obtained, since })
}

fn index_of(case: &Case, given: &Given) -> usize {
    case.given.iter().position(|other| std::ptr::eq(other, given)).unwrap_or_default()
}

/// Asks whether an object that was made is there, if `exists` works on this target.
async fn confirm_made(run: &TestRun, made: &GivenObject) -> Result<(), StagingError> {
    let object = &made.object;
    let state = run.setup.state(object.suite, object.state);
    let Some(exists) = state.exists.as_ref() else { return Ok(()) };
    let facts = run.record.facts(object.suite, object.state);
    if !facts.exists_works() && (facts.undo_yes || facts.exists_always_yes) {
        return Ok(());
    }
    let looked = ask_exists(run, object, exists, Some(ExistsAnswer::Yes)).await;
    // If `exists` has never said yes, a no may mean that this target does not know the call.
    if looked.said == ExistsAnswer::Yes || !facts.exists_works() || run.target.stop.is_requested() {
        return Ok(());
    }
    let is_answered = looked.is_answered();
    let answer = match &looked.last {
        Ok(asked) => answers::answered(&asked.exchange, "so the target may not have made it, or shows it only later"),
        Err(error) => error.message.clone(),
    };
    Err(StagingError {
        exchange: looked.last.ok().map(|asked| Box::new(asked.exchange)),
        // Without an answer nothing is known about when the object appears.
        help: is_answered.then(|| {
            format!(
                "if the target shows it only later, say how long that takes: `within: 5s` in the suite's state `{}`",
                state.name
            )
        }),
        ..StagingError::new(format!(
            "`exists` did not show the {} that was made just now, {}: {answer}",
            state.name, object.id
        ))
    })
}
