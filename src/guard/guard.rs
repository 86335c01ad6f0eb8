//! The guard of one run. The run reports to it what it makes, and the guard decides about every request.

use std::sync::Arc;

use super::permission::{self, RequestPurpose};
use super::refusal::{Refusal, quoted};
use super::request;
use super::run_values::{ObjectOrigin, RunValues};
use super::scopes::{Scopes, StateKey};
use super::written_names::WrittenNames;
use crate::suite::{Rendered, RunIds};

/// Decides for one run which requests may be sent. All tasks and clients of the run share it.
pub struct Guard {
    known: RunValues,
}

impl Guard {
    /// A guard for a run that has made nothing yet, with suites that write nothing.
    pub fn new() -> Self {
        Self::with_suites(Arc::default(), Arc::default())
    }

    /// A guard for a run that has made nothing yet. `written` holds the names that the suites write, `scopes` says where the
    /// objects of their states are.
    pub fn with_suites(written: Arc<WrittenNames>, scopes: Arc<Scopes>) -> Self {
        Self { known: RunValues::new(RunIds::new(), written, scopes) }
    }

    /// The source of the run's UUIDs. Only a UUID from this source passes as one that the run made up.
    pub fn ids(&self) -> &RunIds {
        self.known.ids()
    }

    /// Adds the id of an object that the run made, with what was captured with it, such as the id of its parent. Refuses an
    /// id that no path can carry safely; the run must not use it.
    pub fn note_captured(&self, state: StateKey, name: &str, id: &str, companions: &[String]) -> Result<(), Refusal> {
        self.note(state, id, companions, || format!("the response to making a {name} has the id"))
    }

    /// Removes a captured id, because it may belong to an object that the run did not make.
    pub fn forget_captured(&self, id: &str) {
        self.known.remove(id);
    }

    /// Adds an id that the run may use up, from the variable that a state's `from_env` names.
    pub fn note_from_env(&self, state: StateKey, id: &str) -> Result<(), Refusal> {
        self.note(state, id, &[], || "the environment has the id".to_owned())
    }

    /// Adds an id that the run may remove, from the journal of a killed run, with what the journal has beside it.
    pub fn note_from_journal(&self, state: StateKey, id: &str, companions: &[String]) -> Result<(), Refusal> {
        self.note(state, id, companions, || "the journal has the id".to_owned())
    }

    fn note(
        &self,
        state: StateKey,
        id: &str,
        companions: &[String],
        source: impl Fn() -> String,
    ) -> Result<(), Refusal> {
        let origin = ObjectOrigin { state, companions: companions.iter().map(|value| value.as_str().into()).collect() };
        self.known.add(id, origin).map_err(|why| Refusal {
            message: format!("{} {}, which {why}", source(), quoted(id)),
            help: Some("a request with this id could mean another object, so the run does not use it".to_owned()),
            path_value: None,
        })?;
        for value in companions {
            self.known.add_companion(value);
        }
        Ok(())
    }

    /// Sets the prefix of every name that the run makes up, such as those of its users.
    pub fn note_run(&self, run: &str) {
        self.known.set_run(run);
    }

    /// Adds a value that the run may send and that is no object of the run, such as the user of an object from a variable.
    pub fn note_value(&self, value: &str) {
        self.known.add_sendable(value);
    }

    /// Adds a credential. It may stand anywhere in a request, but does not count as an object of this run.
    pub fn note_credential(&self, value: &str) {
        self.known.add_credential(value);
    }

    /// Whether this request may be sent.
    pub fn permit(&self, rendered: &Rendered) -> Result<(), Refusal> {
        self.judge(rendered, RequestPurpose::Any)
    }

    /// Whether the call that makes an object of a state may be sent. A POST may name existing objects, such as the parent of
    /// the new one, unless it says that it removes something.
    pub fn permit_making(&self, rendered: &Rendered) -> Result<(), Refusal> {
        self.judge(rendered, RequestPurpose::Creating)
    }

    fn judge(&self, rendered: &Rendered, purpose: RequestPurpose) -> Result<(), Refusal> {
        request::well_formed(&rendered.request)?;
        permission::check(rendered, &self.known, purpose).map_err(|refusal| Refusal {
            message: format!(
                "{} {} is not sent: {}",
                rendered.request.method, rendered.request.target, refusal.message
            ),
            ..refusal
        })
    }
}

impl Default for Guard {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard(…)")
    }
}
