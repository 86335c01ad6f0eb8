//! Sends the staged calls of a suite's provider states: make an object, ask whether it exists, remove it.

use std::time::Duration;

use super::answers::{ExistsAnswer, answered, as_text, could_not_make, differs};
use super::expected_answer;
use super::probe::Probe;
use super::retry::{RetryPolicy, retry};
use super::staging_error::StagingError;
use crate::exchange::Exchange;
use crate::suite::{Exists, Expectation, Rendered, State, Step, Suite, Values};
use crate::transport::{Client, Cue};

/// What a staged call needs besides the step itself.
#[derive(Clone, Copy)]
pub struct Staging<'a> {
    /// The client.
    pub client: &'a Client,
    /// The suite that holds the step.
    pub suite: &'a Suite,
    /// The suite's credentials by index.
    pub secrets: &'a [Option<String>],
    /// How long to wait for an answer that should come at once.
    pub patience: Duration,
    /// Remembers requests that were answered.
    pub probe: &'a Probe,
    /// When a request is sent again.
    pub retries: RetryPolicy<'a>,
}

impl Staging<'_> {
    /// Sends a step whose answer should come at once, such as a check or a removal.
    pub async fn send(&self, step: &Step, values: &mut Values) -> Result<Exchange, StagingError> {
        self.send_for(step, values, &step.expect.all()[0]).await
    }

    /// Sends a step as [`Staging::send`] does. In a dry run the answer is `expected`, not what the step expects.
    pub async fn send_for(
        &self,
        step: &Step,
        values: &mut Values,
        expected: &Expectation,
    ) -> Result<Exchange, StagingError> {
        let rendered = self.render(step, values)?;
        self.at_once(&rendered, || expected_answer::cue(self.suite, step, expected, values)).await
    }

    /// Sends a request whose answer should come at once. Remembers the request if it was answered.
    async fn at_once(&self, rendered: &Rendered, cue: impl FnOnce() -> Cue) -> Result<Exchange, StagingError> {
        if let Some(exchange) = self.client.rehearse(rendered, cue) {
            return Ok(exchange);
        }
        let sent = retry(self.retries, rendered, || self.client.send_call_within(rendered, self.patience)).await;
        if let Ok(exchange) = &sent {
            self.probe.note(rendered, exchange);
        }
        sent
    }

    /// Asks whether an object exists, and asks for no cached answer (RFC 9111 §5.2.1.4). In a dry run the answer is
    /// `expected`.
    pub async fn ask_exists(
        &self,
        exists: &Exists,
        values: &mut Values,
        expected: ExistsAnswer,
    ) -> Result<Exchange, StagingError> {
        const FRESH: (&str, &str) = ("Cache-Control", "no-cache");
        let mut rendered = self.render(&exists.call, values)?;
        let fields = &mut rendered.request.fields;
        if !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case(FRESH.0)) {
            fields.push((FRESH.0.to_owned(), FRESH.1.to_owned()));
        }
        let answer = if expected == ExistsAnswer::Yes { &exists.yes } else { &exists.no };
        self.at_once(&rendered, || expected_answer::cue(self.suite, &exists.call, answer, values)).await
    }

    fn render(&self, step: &Step, values: &mut Values) -> Result<Rendered, StagingError> {
        let base = self.client.base();
        step.render(self.suite, base.origin(), base.base_path(), self.secrets, values).map_err(|unresolved| {
            if let Some(rehearsal) = self.client.rehearsal() {
                rehearsal.refuse(self.suite.place(unresolved.span()), &unresolved.to_string());
            }
            StagingError::new(unresolved.to_string())
        })
    }

    /// In a dry run, the answer to the call that makes an object. The captured values are made up; each bears the name
    /// of its capture.
    fn expected_object(&self, state: &State, values: &Values) -> Cue {
        let mut cue = expected_answer::cue(self.suite, &state.make, &state.make.expect.all()[0], values);
        cue.makes = true;
        for (name, pointer) in &state.capture {
            let stand_in = uuid::Uuid::new_v4().to_string();
            if let Some(rehearsal) = self.client.rehearsal() {
                rehearsal.name_capture(stand_in.clone(), name);
            }
            expected_answer::add(&mut cue, pointer, stand_in.into());
        }
        cue
    }

    /// Makes an object of a state. Puts its captures into `values` under the empty name, and returns its id.
    pub async fn make(&self, state: &State, values: &mut Values) -> Result<(String, Exchange), StagingError> {
        let rendered = self.render(&state.make, values)?;
        let exchange = match self.client.rehearse(&rendered, || self.expected_object(state, values)) {
            Some(exchange) => exchange,
            None => retry(self.retries, &rendered, || self.client.send_creation(&rendered)).await?,
        };
        let expectation = &state.make.expect.all()[0];
        if let Some(why) = differs(expectation, &exchange, values) {
            return Err(StagingError {
                message: answered(&exchange, &why) + &could_not_make(&state.name),
                help: matches!(exchange.answer.status(), Some(404 | 405)).then(|| {
                    format!("check that {} is the API's base URL, with its path, such as /v1", self.client.base())
                }),
                exchange: Some(Box::new(exchange)),
                refused: false,
            });
        }
        match capture(state, &exchange, values) {
            Ok(id) => Ok((id, exchange)),
            Err(error) => Err(StagingError { exchange: Some(Box::new(exchange)), ..error }),
        }
    }
}

/// Takes the captures of a state from the answer to its making. Returns the value of the first name under `id`.
fn capture(state: &State, exchange: &Exchange, values: &mut Values) -> Result<String, StagingError> {
    let body: Option<serde_json::Value> = serde_json::from_slice(&exchange.answer.body).ok();
    let mut id = None;
    for (name, pointer) in &state.capture {
        let found = body.as_ref().and_then(|body| body.pointer(pointer.as_str()));
        let Some(value) = found.filter(|value| !value.is_null() && !value.is_object() && !value.is_array()) else {
            return Err(StagingError::new(format!(
                "the target made a {}, but the response has no value at {pointer} to capture as {name}",
                state.name
            )));
        };
        if state.is_id(name) && value.as_number().is_some_and(serde_json::Number::is_f64) {
            return Err(StagingError {
                help: Some(
                    "no standard says how such a number is written in a path; an id is a string, or a whole number \
                     without fraction and exponent"
                        .to_owned(),
                ),
                ..StagingError::new(format!(
                    "the target made a {}, but the id at {pointer} of the response is the number {value}, which is not a whole \
                     number that can be kept exactly",
                    state.name
                ))
            });
        }
        if state.id.first() == Some(name) {
            id = Some(as_text(value));
        }
        values.captures.entry(String::new()).or_default().insert(name.clone(), value.clone());
    }
    Ok(id.unwrap_or_default())
}
