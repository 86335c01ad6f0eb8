//! A dry run: the run itself over a transport that sends nothing. It shows what would be sent to a target that answers every
//! request as a sound API does first, and what the guard would refuse.
//!
//! A run refuses what a dry run refuses, because it begins with one.

use super::session::Session;
use super::{attempt, literals};
use crate::outcome::{Plan, PlannedCase};
use crate::transport::{Reuse, Script};

impl Session {
    /// Everything that the selected cases would send. The session's client must be one that sends nothing.
    pub(super) async fn rehearse(&self) -> Plan {
        // Whatever is wrong is put down where it is refused.
        let _ = self.preflight().await;
        self.control_states().await;
        let Script { requests: checks, refused } = self.script();
        let mut plan = Plan { checks, refused, cases: Vec::new() };
        for index in 0..self.selected().len() {
            plan.cases.push(self.rehearse_case(index).await);
        }
        plan
    }

    async fn rehearse_case(&self, index: usize) -> PlannedCase {
        let one = &self.selected()[index];
        let suite = &self.suites()[one.suite];
        let case = &suite.cases[one.case];
        let mut planned = PlannedCase {
            id: case.id.clone(),
            about: case.about.clone(),
            profile: case.profile,
            skip: one.skip.clone(),
            taken: Vec::new(),
            requests: Vec::new(),
            refused: Vec::new(),
        };
        if planned.skip.is_some() {
            return planned;
        }
        for given in &case.given {
            let state = &suite.states[given.state];
            if let Some(variable) = state.from_env.as_deref().filter(|_| self.is_handed_over(state)) {
                planned.taken.push(format!("{} is one of the objects that {variable} names", given.name));
            }
        }
        let mut place = self.places().take().await;
        let attempt = attempt::attempt(self, index, Reuse::Allowed, &mut place).await;
        if let Some(rehearsal) = self.client().rehearsal() {
            // Which is another one where an object was handed over.
            rehearsal.name(attempt.values.user.clone(), "user".to_owned());
            rehearsal.name(attempt.values.run.clone(), "run".to_owned());
            for (number, uuid) in attempt.values.uuids.values().enumerate() {
                let name = if number == 0 { "uuid".to_owned() } else { format!("uuid {}", number + 1) };
                rehearsal.name(uuid.to_string(), name);
            }
        }
        let Script { requests, refused } = self.script();
        planned.requests = requests;
        planned.refused = literals::refused(suite, case, self.env(), self.written());
        if planned.refused.is_empty() {
            planned.refused = refused;
        }
        planned
    }

    fn script(&self) -> Script {
        self.client().rehearsal().map(crate::transport::Rehearsal::take).unwrap_or_default()
    }
}
