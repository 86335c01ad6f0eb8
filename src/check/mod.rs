//! The checks: one rule a file, each a pure function from what was observed to what was found.
//!
//! A check sees the document, the case and its steps' exchanges. It sees no socket, no clock and no environment, so
//! every rule runs on stored exchanges as on live ones. It leaves out verdicts (`outcome`) and texts for people
//! (`report`).

use std::cell::OnceCell;

use crate::case::{Case, Step, Suite};
use crate::exchange::Exchange;
use crate::finding::Finding;
use crate::rule::Rule;
use crate::spec::{Operation, Response};
use crate::tree::json;

/// A rule with the function that carries it out.
#[derive(Debug)]
pub struct Check {
    /// Its record.
    pub rule: &'static Rule,
    /// The function.
    pub run: fn(&Evidence<'_>) -> Checked,
}

/// What a check found.
#[derive(Debug)]
pub enum Checked {
    /// The rule says nothing about this case, because of this.
    NotApplicable(&'static str),
    /// What it found; empty when all is well.
    Findings(Vec<Finding>),
}

/// What was observed of one run of one case.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The suite, with its document.
    pub suite: &'a Suite,
    /// The case.
    pub case: &'a Case,
    /// What was sent and what came, in order.
    pub steps: &'a [Taken<'a>],
}

/// One exchange of a case run, with its part in it.
#[derive(Debug)]
pub struct Taken<'a> {
    /// Its part.
    pub role: Role,
    /// The step it carries out: one of the case's, or the state's `exists` call or `undo`.
    pub step: &'a Step,
    /// What was sent and what came.
    pub exchange: Exchange,
    /// The body read as JSON, once.
    pub json: OnceCell<Result<json::Read, json::Fault>>,
}

/// The part an exchange has in a case run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The case's own request: which of its steps, and which of those sent at once.
    Judged {
        /// Index into [`Case::steps`].
        step: usize,
        /// From 0; always 0 unless `at_once`.
        copy: usize,
    },
    /// A `call` among the case's steps: held against its expectation only.
    Called {
        /// Index into [`Case::steps`].
        step: usize,
    },
    /// The state's `exists` call about an object, after the case's steps.
    Exists {
        /// Index into [`Case::given`].
        given: usize,
    },
    /// The state's `undo` of an object, after the case's steps. It is proof where no `Exists` of the object stands
    /// before it.
    Undo {
        /// Index into [`Case::given`].
        given: usize,
    },
}

impl<'a> Taken<'a> {
    /// An exchange in its role.
    pub fn new(role: Role, step: &'a Step, exchange: Exchange) -> Self {
        Self { role, step, exchange, json: OnceCell::new() }
    }

    /// The body read as JSON.
    pub fn json(&self) -> Result<&json::Read, &json::Fault> {
        self.json.get_or_init(|| json::read(&self.exchange.answer.body)).as_ref()
    }
}

impl<'a> Evidence<'a> {
    /// The judged exchanges, with their index into [`Evidence::steps`] and the operation they are of.
    pub fn judged(&self) -> impl Iterator<Item = (usize, &Taken<'a>, &'a Operation)> + '_ {
        let document = &self.suite.document;
        self.steps.iter().enumerate().filter_map(move |(index, taken)| match (&taken.role, &taken.step.action) {
            (Role::Judged { .. }, crate::case::Action::Operation(operation)) => {
                Some((index, taken, &document.operations[*operation]))
            }
            _ => None,
        })
    }

    /// The response object for a judged exchange's status, if the document has one.
    pub fn response(&self, taken: &Taken<'_>, operation: &'a Operation) -> Option<&'a Response> {
        operation.response(taken.exchange.answer.status()?)
    }
}

/// Every rule, in the order in which reports list them.
pub static RULES: &[Check] = &[];
