//! A provider state: how the run makes an object, asks whether it exists and removes it.

use std::time::Duration;

use super::expectation::Expectation;
use super::step::Step;
use crate::location::{Pointer, Span};

/// A provider state.
#[derive(Debug)]
pub struct State {
    /// Its name in the suite.
    pub name: String,
    /// The call that makes an object; its `expect` is the response that means success.
    pub make: Step,
    /// The values that are kept from the response to `make`: a name and a pointer into the JSON body.
    pub capture: Vec<(String, Pointer)>,
    /// The captures that name the object: each of them alone is the object. Empty if the state has no captures.
    pub id: Vec<String>,
    /// The call that asks whether the object exists.
    pub exists: Option<Exists>,
    /// The request (of the suite's operation, or a call) that removes the object; its `expect` is the response that means
    /// success.
    pub undo: Option<Step>,
    /// The response to `undo` when the object is already gone.
    pub gone: Option<Expectation>,
    /// How long the run repeats a call that contradicts what it expects: the longest `within` of the state, its `exists`,
    /// `undo` and `gone`, and where that one stands.
    pub within: Option<(Duration, Span)>,
    /// The variable with objects that the run may use up instead of making one: `ID[@USER],…`. The id becomes the value
    /// of the first name under `id`.
    pub from_env: Option<String>,
    /// Where it stands.
    pub span: Span,
}

impl State {
    /// Whether a capture names the object.
    pub fn is_id(&self, capture: &str) -> bool {
        self.id.iter().any(|id| id == capture)
    }

    /// The capture that is the object's id in reports and in the journal, with its pointer.
    pub fn first_id(&self) -> Option<&(String, Pointer)> {
        let id = self.id.first()?;
        self.capture.iter().find(|(name, _)| name == id)
    }
}

/// The call that asks whether an object exists.
#[derive(Debug)]
pub struct Exists {
    /// The call; its `expect` is not used.
    pub call: Step,
    /// The response that says yes: a status and, if the suite has them, values of the body.
    pub yes: Expectation,
    /// The response that says no.
    pub no: Expectation,
}
