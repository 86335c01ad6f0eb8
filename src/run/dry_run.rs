//! A dry run: the run itself over a client that sends nothing. The client answers every request with the first thing that the
//! suite expects. The result shows what the run would send, and what the guard would refuse.

use super::case_run::once::carry_out;
use super::object_life::provide::is_provided;
use super::object_life::state_check::check_states;
use super::opening::open::Opened;
use super::parts::test_run::TestRun;
use super::preflight::preflight;
use crate::location::InputErrors;
use crate::outcome::{Plan, PlannedCase};
use crate::transport::{Rehearsal, Reuse, Script};

/// The plan of a run that was opened, with all secrets masked, also in the errors.
pub(super) async fn plan_of(opened: &Opened) -> Result<Plan, InputErrors> {
    let secrets = &opened.setup.secrets;
    let run = opened.dry_run().map_err(|errors| errors.masked(secrets))?;
    Ok(Box::pin(plan(&run)).await.masked(secrets))
}

/// Every request that the selected cases would send. The client of the run must be one that sends nothing.
async fn plan(run: &TestRun) -> Plan {
    // Every refusal is kept where it happens.
    let _ = preflight(run).await;
    check_states(run).await;
    let Script { requests: checks, refused } = script(run);
    let mut plan = Plan { checks, refused, cases: Vec::new() };
    for index in 0..run.setup.selected.len() {
        plan.cases.push(plan_case(run, index).await);
    }
    plan
}

async fn plan_case(run: &TestRun, index: usize) -> PlannedCase {
    let (suite, case) = run.setup.case(index);
    let mut planned = PlannedCase {
        id: case.id.clone(),
        about: case.about.clone(),
        profile: case.profile,
        skip: run.setup.selected[index].skip.clone(),
        provided: Vec::new(),
        requests: Vec::new(),
        refused: Vec::new(),
    };
    if planned.skip.is_some() {
        return planned;
    }
    for given in &case.given {
        let state = &suite.states[given.state];
        if let Some(variable) = state.from_env.as_deref().filter(|_| is_provided(&run.record, state)) {
            planned.provided.push(format!("{} is one of the objects that {variable} names", given.name));
        }
    }
    let mut slot = run.target.slots.acquire().await;
    let attempt = carry_out(run, index, Reuse::Allowed, &mut slot).await;
    if let Some(rehearsal) = run.target.client.rehearsal() {
        // A provided object has brought its own user.
        rehearsal.name(attempt.values.user.clone(), "user".to_owned());
        rehearsal.name(attempt.values.run.clone(), "run".to_owned());
        for (number, uuid) in attempt.values.uuids.values().enumerate() {
            let name = if number == 0 { "uuid".to_owned() } else { format!("uuid {}", number + 1) };
            rehearsal.name(uuid.to_string(), name);
        }
        for (name, uuid) in &attempt.values.named_uuids {
            rehearsal.name(uuid.to_string(), format!("uuid.{name}"));
        }
    }
    let Script { requests, refused } = script(run);
    planned.requests = requests;
    planned.refused = refused;
    planned
}

/// Takes what the client has kept since the last call.
fn script(run: &TestRun) -> Script {
    run.target.client.rehearsal().map(Rehearsal::take).unwrap_or_default()
}
