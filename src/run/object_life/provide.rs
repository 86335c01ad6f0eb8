//! Gives a case an object that the environment provides, and takes it back if the case did not use it.

use super::ask_exists::ask_exists;
use super::make::{GivenObject, Purpose, enter, unusable};
use crate::object::journal::JournalEntry;
use crate::object::{ExistsAnswer, Life, Object, StagingError, answers};
use crate::run::opening::provided::Provided;
use crate::run::parts::record::Record;
use crate::run::parts::test_run::TestRun;
use crate::suite::{State, Values};
use crate::transport::Refusal;

/// A provided object of which `exists` has not said that it is there.
pub(crate) struct Unconfirmed {
    /// Whether `exists` said that it is not there. The target may only not know the call.
    pub(crate) said_no: bool,
    /// What the report says if the object turns out to be gone.
    pub(crate) gone: String,
}

/// Whether the environment provides the objects of a state.
pub(crate) fn is_provided(record: &Record, state: &State) -> bool {
    state.from_env.as_deref().is_some_and(|variable| record.provided.names(variable))
}

/// Takes a provided object for a case.
pub(crate) fn take_over(
    run: &TestRun,
    purpose: Purpose<'_>,
    provided: Provided,
    values: &Values,
) -> Result<GivenObject, StagingError> {
    let Purpose { suite, state, case } = purpose;
    let capture = run.setup.state(suite, state).first_id();
    let mut values = values.clone();
    if let Some(user) = &provided.user {
        run.target.guard.note_value(user);
        values.user.clone_from(user);
    }
    if let Some((name, _)) = capture {
        values.captures.entry(String::new()).or_default().insert(name.clone(), provided.id.clone().into());
    }
    run.target.guard.note_from_env((suite, state), &provided.id).map_err(|refusal| unusable(&refusal))?;
    if let (Some(rehearsal), Some((name, _))) = (run.target.client.rehearsal(), capture) {
        rehearsal.name_capture(provided.id.clone(), name);
    }
    let source = format!("{} names", provided.variable);
    let object = Object {
        number: 0,
        suite,
        state,
        case: case.to_owned(),
        id: provided.id.clone(),
        other_ids: Vec::new(),
        values,
    };
    let object = enter(run, object, Life::provided(), &source, None)?;
    Ok(GivenObject { object, exchange: None, provided: Some(provided) })
}

/// Takes a provided object back that the case did not use. It stays at the target, for another case. Returns an object that
/// the run made.
pub(crate) fn give_back(record: &Record, mut given: GivenObject) -> Option<GivenObject> {
    let Some(provided) = given.provided.take() else { return Some(given) };
    record.ledger.strike(given.object.number);
    record.provided.give_back(provided);
    None
}

/// Asks whether a provided object is there: another run may have used it up. An error says that it is not. `Some` where no
/// answer can tell.
pub(crate) async fn confirm(
    run: &TestRun,
    object: &Object,
    provided: &Provided,
) -> Result<Option<Unconfirmed>, StagingError> {
    let state = run.setup.state(object.suite, object.state);
    let gone = format!(
        "{} names {}, which the user {} does not have: another run may have used it up",
        provided.variable, object.id, object.values.user
    );
    let Some(exists) = &state.exists else { return Ok(Some(Unconfirmed { said_no: false, gone })) };
    let looked = ask_exists(run, object, exists, None).await;
    match looked.said {
        ExistsAnswer::Yes => return Ok(None),
        // If `exists` has never said yes, a no may mean that this target does not know the call.
        ExistsAnswer::No if run.record.facts(object.suite, object.state).exists_works() => {}
        said => return Ok(Some(Unconfirmed { said_no: said == ExistsAnswer::No, gone })),
    }
    run.record.ledger.strike(object.number);
    let help = match provided.user {
        Some(_) => format!(
            "give {} objects that are there and belong to the user behind the @, and each run others",
            provided.variable
        ),
        None => format!("if it belongs to another user, name it as ID@USER in {}", provided.variable),
    };
    Err(StagingError {
        help: Some(help),
        exchange: looked.last.ok().map(|asked| Box::new(asked.exchange)),
        ..StagingError::new(gone)
    })
}

/// Takes an object that another run made, as its journal describes it. The guard may refuse its id.
pub(crate) fn recall(
    run: &TestRun,
    (suite, state): (usize, usize),
    entry: &JournalEntry,
    id: &str,
) -> Result<Object, Refusal> {
    let described = run.setup.state(suite, state);
    let (ids, companions) = answers::names_and_companions(described, &entry.captures);
    for id in std::iter::once(id).chain(ids.iter().map(String::as_str).filter(|other| *other != id)) {
        run.target.guard.note_from_journal((suite, state), id, &companions)?;
    }
    run.target.guard.note_value(&entry.user);
    let mut values = run.fresh_values();
    values.user.clone_from(&entry.user);
    values.restore(&entry.captures);
    Ok(Object {
        number: entry.number,
        suite,
        state,
        case: entry.case.clone(),
        id: id.to_owned(),
        other_ids: Vec::new(),
        values,
    })
}
