//! The guard: nothing is sent that could change what this run did not make.
//!
//! A judged request, whatever its method, and a call whose method is not GET, HEAD, OPTIONS or TRACE pass only if every
//! value in their path is one of these, told by the value itself and not by where it is said to come from:
//!
//! - an id that was captured in this run or handed over for it ([`Guard::note_captured`], [`Guard::note_from_env`]);
//! - a UUID that this run made up ([`RunIds`] recognises its own, so none is remembered);
//! - a literal that can be no real id (see below);
//! - beside one of these, a value that was captured with an id ([`Guard::note_companion`]), such as what the object
//!   belongs to; alone it would name what this run did not make.
//!
//! Values are judged as the most lenient server would read them: percent-decoded until nothing changes. A UUID is the
//! same in any case, with or without dashes, braces and `urn:uuid:`; other ids are told apart by case, as servers do.
//! A value that then holds `/`, `\`, `?`, `#`, `;`, `%`, `*`, `,` or a control character, or is empty or a dot
//! segment, is refused even if it was captured: servers disagree about which object such a path names. (One exception: a plain
//! slash after the last value, if that value is of this run.)
//!
//! **Literals.** A literal is refused if it has other characters than ASCII letters, digits, `-`, `_`, `.`, `~` and
//! inner spaces; if it begins with a digit (many servers read `12abc` as 12); if it holds what could be an id (a long
//! run of hex digits, of digits, or of letters mixed with digits); or if it is a word that servers give a meaning
//! (`all`, `me`, `latest`, `null` …). What remains passes if it says that it is none (it begins with `not-a-`,
//! `no-such-`, `does-not-exist`, `nonexistent`, or holds a `~` that no captured id holds), or if ids were captured, all
//! of them have a fixed shape (UUID, number, hex), and it does not fit it. So before the first capture only literals
//! that say what they are pass; there is no way to know what a real id looks like. A name that a POST, PUT or PATCH of any
//! loaded suite writes ([`Written`]) may exist and never passes. And words alone never let a request through to a
//! collection: where nothing in the path of a request that may change something is of this run, the last segment must be
//! such a literal itself (`/buckets/no-such-bucket`, not `/buckets/no-such-bucket/records`).
//!
//! **The target.** The decision is made again on the request target: it must be the base path, then the path template
//! with exactly these values, and decoding it must not give it other segments. In calls, the literal parts of path and
//! query must not look like ids either. Fields that rewrite method, host, path or framing are refused in every request,
//! and so is anything that would end the request line or a field line early.
//!
//! **Query, fields and body** of a request that may change something (any but GET, HEAD, OPTIONS and TRACE) may name
//! objects too. A value there whose name says that it is an id (`id`, `job_ids`, `conversationId`) must be of this run,
//! or plainly none; any other text must hold nothing that has the form of an id (a UUID, long hex, 15 digits or more, as
//! many digits as captured ids have, letters and digits as if at random) and is not of this run. A request with DELETE,
//! PUT or PATCH that names nothing of this run at all is refused: it would be about everything.
//!
//! **Making.** The POST by which a state makes an object is held to less ([`Guard::permit_making`]): it may name what is
//! there already, such as the app to make something in. If its path says that it removes something (`/x/delete`) it is
//! held like any other.
//!
//! It leaves out what cannot be told from a request: that a target does more than it was asked for, that a word in a body
//! is somebody's id, and which object the path of a making POST belongs to.

mod ledger;
mod literal;
mod target;
mod values;
mod written;

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod outside_path_tests;
#[cfg(test)]
mod tests;

use crate::case::{Rendered, RunIds};
use crate::location::InputError;
use ledger::Ledger;
use std::sync::Arc;
use target::Effect;
pub(crate) use target::fields_well_formed;
pub use written::Written;

/// What the guard knows of one run. Shared by all its tasks and clients.
pub struct Guard {
    ledger: Ledger,
}

/// Why a request is not sent, or a captured id not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Guard {
    /// A guard for a run that has made nothing yet, of suites that write nothing.
    pub fn new() -> Self {
        Self::beside(Arc::default())
    }

    /// A guard for a run that has made nothing yet, of suites that write these names.
    pub fn beside(written: Arc<Written>) -> Self {
        Self { ledger: Ledger::new(RunIds::new(), written) }
    }

    /// The source of the run's UUIDs: only those that come from here pass as the run's own.
    pub fn ids(&self) -> &RunIds {
        self.ledger.ids()
    }

    /// Adds an id that making an object gave. Refuses one that no path can carry safely; then the target answered
    /// something that must not be used.
    pub fn note_captured(&self, state: &str, id: &str) -> Result<(), Refusal> {
        self.ledger.add(id).map_err(|why| Refusal {
            message: format!("making a {state} gave the id {}, which {why}", quoted(id)),
            help: Some("a request with it could be about another object, so it is not used".to_owned()),
        })
    }

    /// Takes a captured id back: it has turned out that it may be somebody else's.
    pub fn disown(&self, id: &str) {
        self.ledger.remove(id);
    }

    /// Adds a value that was captured beside an object's id, such as what the object belongs to. It may stand in a path
    /// beside an id of this run, and never alone: what is above an object was not made by this run.
    pub fn note_companion(&self, value: &str) {
        self.ledger.add_companion(value);
    }

    /// Whether a value that a suite holds as it is may stand in the path of a request that changes something: it can be
    /// no real id, and is none of the names that the suites write. Asked before anything is sent, so nothing that the target
    /// says can change the answer.
    pub fn literal(value: &str, written: &Written) -> Result<(), Refusal> {
        ledger::literal_value(value, written)
    }

    /// Why a request that may change something is not sent where its path ends in fixed segments (`end`) and nothing in it
    /// is of this run.
    pub fn words_alone(end: &str) -> Refusal {
        target::words_alone(end)
    }

    /// Adds an id that may be used up, from the variable that a state's `from_env` names.
    pub fn note_from_env(&self, id: &str) -> Result<(), Refusal> {
        self.ledger.add(id).map_err(|why| Refusal {
            message: format!("the id {} from the environment {why}", quoted(id)),
            help: Some("a request with it could be about another object; give an id as the API shows it".to_owned()),
        })
    }

    /// Adds an id that may be used up, from the journal of a run that was killed.
    pub fn note_from_journal(&self, id: &str) -> Result<(), Refusal> {
        self.ledger.add(id).map_err(|why| Refusal {
            message: format!("the id {} from the journal {why}", quoted(id)),
            help: Some("a request with it could be about another object, so it is not used".to_owned()),
        })
    }

    /// Says what every name begins with that the run makes up, such as those of its users.
    pub fn note_run(&self, run: &str) {
        self.ledger.set_run(run);
    }

    /// Adds a value that the run itself set and that names no object, such as a user who was handed over.
    pub fn note_own(&self, value: &str) {
        self.ledger.add_own(value);
    }

    /// Adds a credential. It may stand anywhere in a request, and does not make it one about this run's objects.
    pub fn note_credential(&self, value: &str) {
        self.ledger.add_credential(value);
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

    /// Whether the call of a state that makes an object may be sent. A POST that does not say that it removes something
    /// may name what is there already: what is made belongs somewhere.
    pub fn permit_making(&self, rendered: &Rendered) -> Result<(), Refusal> {
        target::well_formed(&rendered.request)?;
        match target::effect(&rendered.request) {
            Effect::Destroys => self.judge(rendered, Effect::Destroys),
            Effect::None | Effect::Open => Ok(()),
        }
    }

    fn judge(&self, rendered: &Rendered, effect: Effect) -> Result<(), Refusal> {
        target::check(rendered, &self.ledger, effect).map_err(|refusal| Refusal {
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

impl Refusal {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for InputError {
    fn from(refusal: Refusal) -> Self {
        Self { message: refusal.message, place: None, help: refusal.help }
    }
}

/// A value in a message: quoted, and cut where it is long.
fn quoted(value: &str) -> String {
    const SHOWN: usize = 80;
    match value.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{:?}…", &value[..at]),
        None => format!("{value:?}"),
    }
}
