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
    /// of the first capture.
    pub from_env: Option<String>,
    /// Where it stands.
    pub span: Span,
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
