//! What was observed in one run of a case: which requests were sent, what was answered, and what is known of each object.
//!
//! The runner fills it, `assess` reads it, and nothing here judges. So every rule works on stored exchanges as on live
//! ones. It leaves out sockets, clocks and the environment.

use std::sync::OnceLock;
use std::time::Duration;

use crate::exchange::Exchange;
use crate::suite::{Case, Step, Suite, Values};
use crate::tree::json;

/// What was observed in one run of one case.
#[derive(Debug)]
pub struct Observation<'a> {
    /// The suite, with its document.
    pub suite: &'a Suite,
    /// The case.
    pub case: &'a Case,
    /// The requests with their answers, in the order in which they were sent.
    pub exchanges: &'a [ObservedExchange<'a>],
    /// The values of the placeholders in this run.
    pub values: &'a Values,
    /// An answer that took longer is slow.
    pub slow: Duration,
    /// What is proven about each object of [`Case::given`], by index. An object without an entry counts as fully proven.
    pub proofs: &'a [Proof],
    /// Requests of other cases that may have removed an object of this case, in words, by index into [`Case::given`].
    pub requests_of_others: &'a [(usize, Vec<String>)],
}

/// Whether an object is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is gone.
    Gone,
    /// It is still there.
    Present,
    /// Nothing can be said: no answer came, or nothing follows from the answers.
    Unknown,
}

/// One request with its answer, and its part in the case run.
#[derive(Debug)]
pub struct ObservedExchange<'a> {
    /// Its part.
    pub role: Role,
    /// The step that it carries out: one of the case's, or the `exists` call or the `undo` of a state.
    pub step: &'a Step,
    /// The request and the answer.
    pub exchange: Exchange,
    /// What a look says of its object, if several exchanges say so together: the pages of a list, or several looks. This is
    /// the exchange that decides.
    pub said: Option<Presence>,
    /// The body, read as JSON once.
    pub json: OnceLock<Result<json::Read, json::JsonError>>,
}

/// The part of an exchange in a case run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// A request of the case to an operation of the document. Its answer is judged.
    Judged {
        /// Index into [`Case::steps`].
        step: usize,
        /// Which of the requests that are sent at once, from 0; always 0 without `at_once`.
        copy: usize,
    },
    /// A `call` among the case's steps. Its answer is compared with its expectation, and judged by the rules of HTTP alone.
    Called {
        /// Index into [`Case::steps`].
        step: usize,
    },
    /// A request of the case whose answer is not judged, because the answer is about the state of the target and not
    /// about the request. The target may have carried it out all the same.
    Unjudged {
        /// Index into [`Case::steps`].
        step: usize,
    },
    /// The state's `exists` call about an object, after the case's steps. If there are several, the last one counts.
    Exists {
        /// Index into [`Case::given`].
        given: usize,
    },
    /// The state's `undo` of an object, after the case's steps. It is proof where no `Exists` of the object says yes or
    /// no.
    Undo {
        /// Index into [`Case::given`].
        given: usize,
    },
    /// The state's `exists` call about an object, after its `undo` was answered.
    Removed {
        /// Index into [`Case::given`].
        given: usize,
    },
}

/// What is proven about one object in this run. A finding about the object rests on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one response that was or was not seen, and all may be")]
pub struct Proof {
    /// The object was seen: `exists` said yes about it, and does not say yes about everything.
    pub seen: bool,
    /// `exists` can say no. It said no about an object that cannot be there, or whose removal had been accepted.
    pub exists_no: bool,
    /// `undo` can say yes. It was accepted for an object that had just been made.
    pub undo_yes: bool,
    /// `undo` can say no. It refused an object that cannot be there, or whose removal had been accepted.
    pub undo_no: bool,
    /// The target gave the object's id to another object, so this one is gone.
    pub released: bool,
    /// Looks lag behind on this target, so a yes may be about the past.
    pub looks_lag: bool,
}

impl Proof {
    /// Everything is proven.
    pub const WHOLE: Self =
        Self { seen: true, exists_no: true, undo_yes: true, undo_no: true, released: false, looks_lag: false };
}

impl<'a> ObservedExchange<'a> {
    /// An exchange in its role.
    pub fn new(role: Role, step: &'a Step, exchange: Exchange) -> Self {
        Self { role, step, exchange, said: None, json: OnceLock::new() }
    }

    /// The same for a look that is one of several exchanges, which together say this.
    #[must_use]
    pub fn saying(mut self, presence: Presence) -> Self {
        self.said = Some(presence);
        self
    }

    /// The body read as JSON, down to the depth that is judged.
    pub fn json(&self) -> Result<&json::Read, &json::JsonError> {
        self.json.get_or_init(|| json::read_to_depth(self.exchange.answer.content())).as_ref()
    }
}

impl<'a> Observation<'a> {
    /// The observation of one run of one case.
    pub fn new(
        suite: &'a Suite,
        case: &'a Case,
        exchanges: &'a [ObservedExchange<'a>],
        values: &'a Values,
        slow: Duration,
    ) -> Self {
        Self { suite, case, exchanges, values, slow, proofs: &[], requests_of_others: &[] }
    }

    /// Adds what is proven about each object of the case, by index into [`Case::given`].
    #[must_use]
    pub fn proofs(mut self, proofs: &'a [Proof]) -> Self {
        self.proofs = proofs;
        self
    }

    /// Adds the requests of other cases that may have removed objects of this case.
    #[must_use]
    pub fn requests_of_others(mut self, requests: &'a [(usize, Vec<String>)]) -> Self {
        self.requests_of_others = requests;
        self
    }

    /// An object in a message: ``the object `mine` (state `conversation`)``. A name alone would not say what it names.
    pub(crate) fn named(&self, given: usize) -> String {
        let Some(given) = self.case.given.get(given) else { return "an object".to_owned() };
        match self.suite.states.get(given.state) {
            Some(state) => format!("the object `{}` (state `{}`)", given.name, state.name),
            None => format!("the object `{}`", given.name),
        }
    }

    /// Whether an exchange belongs to the clean-up after the case: its index in [`Self::exchanges`].
    pub(crate) fn is_clean_up(&self, exchange: usize) -> bool {
        let observed = self.exchanges.get(exchange);
        observed.is_some_and(|observed| matches!(observed.role, Role::Undo { .. } | Role::Removed { .. }))
    }

    /// What is proven about an object.
    pub(crate) fn proof(&self, given: usize) -> Proof {
        self.proofs.get(given).copied().unwrap_or(Proof::WHOLE)
    }
}
