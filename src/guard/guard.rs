//! The guard of one run. The run reports to it what it makes, and the guard decides about every request.

use std::sync::Arc;

use super::refusal::{Refusal, quoted};
use super::run_values::{self, RunValues};
use super::target::{self, Effect};
use super::written_names::WrittenNames;
use crate::suite::{Rendered, RunIds};

/// Decides for one run which requests may be sent. All tasks and clients of the run share it.
pub struct Guard {
    known: RunValues,
}

impl Guard {
    /// A guard for a run that has made nothing yet, with suites that write nothing.
    pub fn new() -> Self {
        Self::with_names(Arc::default())
    }

    /// A guard for a run that has made nothing yet, with suites that write these names.
    pub fn with_names(written: Arc<WrittenNames>) -> Self {
        Self { known: RunValues::new(RunIds::new(), written) }
    }

    /// The source of the run's UUIDs. Only a UUID from this source passes as one that the run made up.
    pub fn ids(&self) -> &RunIds {
        self.known.ids()
    }

    /// Adds the id of an object that the run made. Refuses an id that no path can carry safely; the run must not use it.
    pub fn note_captured(&self, state: &str, id: &str) -> Result<(), Refusal> {
        self.known.add(id).map_err(|why| Refusal {
            message: format!("the response to making a {state} has the id {}, which {why}", quoted(id)),
            help: Some("a request with this id could mean another object, so the run does not use it".to_owned()),
        })
    }

    /// Removes a captured id, because it may belong to an object that the run did not make.
    pub fn forget_captured(&self, id: &str) {
        self.known.remove(id);
    }

    /// Adds a value that was captured with an object's id, such as the id of its parent. It may stand in a path together
    /// with an id of this run, but never alone: the run did not make the parent.
    pub fn note_companion(&self, value: &str) {
        self.known.add_companion(value);
    }

    /// Whether a literal of a suite may stand in the path of a request that changes something: it cannot be a real id, and
    /// no request of the suites writes that name. This is decided before anything is sent, so no response can change it.
    pub fn literal(value: &str, written: &WrittenNames) -> Result<(), Refusal> {
        run_values::literal_value(value, written)
    }

    /// The refusal of a request that may change something, if its path ends in fixed segments (`end`) and has no value of
    /// this run.
    pub fn words_alone(end: &str) -> Refusal {
        target::words_alone(end)
    }

    /// Adds an id that the run may use up, from the variable that a state's `from_env` names.
    pub fn note_from_env(&self, id: &str) -> Result<(), Refusal> {
        self.known.add(id).map_err(|why| Refusal {
            message: format!("the id {} from the environment {why}", quoted(id)),
            help: Some("a request with this id could mean another object; write the id as the API shows it".to_owned()),
        })
    }

    /// Adds an id that the run may remove, from the journal of a killed run.
    pub fn note_from_journal(&self, id: &str) -> Result<(), Refusal> {
        self.known.add(id).map_err(|why| Refusal {
            message: format!("the id {} from the journal {why}", quoted(id)),
            help: Some("a request with this id could mean another object, so the run does not use it".to_owned()),
        })
    }

    /// Sets the prefix of every name that the run makes up, such as those of its users.
    pub fn note_run(&self, run: &str) {
        self.known.set_run(run);
    }

    /// Adds a value that the run may send and that is not an object, such as the user of an object from a variable.
    pub fn note_value(&self, value: &str) {
        self.known.add_own(value);
    }

    /// Adds a credential. It may stand anywhere in a request, but does not count as an object of this run.
    pub fn note_credential(&self, value: &str) {
        self.known.add_credential(value);
    }

    /// Whether this request may be sent.
    pub fn permit(&self, rendered: &Rendered) -> Result<(), Refusal> {
        target::well_formed(&rendered.request)?;
        let effect = target::effect(&rendered.request);
        if !rendered.judged && effect == Effect::None {
            return Ok(());
        }
        self.judge(rendered, effect)
    }

    /// Whether the call that makes an object of a state may be sent. A POST may name existing objects, such as the parent of
    /// the new one, unless its path says that it removes something.
    pub fn permit_making(&self, rendered: &Rendered) -> Result<(), Refusal> {
        target::well_formed(&rendered.request)?;
        match target::effect(&rendered.request) {
            Effect::Destroys => self.judge(rendered, Effect::Destroys),
            Effect::None | Effect::Open => Ok(()),
        }
    }

    fn judge(&self, rendered: &Rendered, effect: Effect) -> Result<(), Refusal> {
        target::check(rendered, &self.known, effect).map_err(|refusal| Refusal {
            message: format!(
                "{} {} is not sent: {}",
                rendered.request.method, rendered.request.target, refusal.message
            ),
            help: refusal.help,
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
