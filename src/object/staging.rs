//! Sends staged calls of a suite, and makes the objects of its states. `asking` and `undoing` send the other calls of a state.

use std::time::Duration;

use super::answers::{answered, as_text, could_not_make, differs};
use super::expected_answer;
use super::logins::{LoginSender, Logins, SentSecrets};
use super::probe::Probe;
use super::retry::{RetryPolicy, retry};
use super::staging_error::StagingError;
use crate::exchange::Exchange;
use crate::suite::{CredentialValue, ElementValues, Expectation, Rendered, State, Statuses, Step, Suite, Values};
use crate::transport::{Client, Cue};

/// What a staged call needs besides the step itself.
#[derive(Clone, Copy)]
pub struct Staging<'a> {
    /// The client.
    pub client: &'a Client,
    /// The suite that holds the step.
    pub suite: &'a Suite,
    /// The index of this suite.
    pub suite_index: usize,
    /// The suite's credentials by index, without those of logins.
    pub secrets: &'a [Option<CredentialValue>],
    /// The logins of the run.
    pub logins: &'a Logins,
    /// How long to wait for an answer that should come at once.
    pub patience: Duration,
    /// Remembers requests that were answered.
    pub probe: &'a Probe,
    /// When a request is sent again.
    pub retries: RetryPolicy<'a>,
}

impl<'a> Staging<'a> {
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
        let allowed = allows_401(step.expect.all()) || allows_401(std::slice::from_ref(expected));
        let cue = |values: &Values| expected_answer::cue(self.suite, step, expected, values);
        self.deliver(step, values, Delivery { kind: DeliveryKind::AtOnce, allowed, page: None }, &cue).await
    }

    /// Sends a look, and asks for no cached answer (RFC 9111 §5.2.1.4). With `page`, asks for that target instead, which the
    /// page before gave.
    pub(super) async fn send_look(
        &self,
        step: &Step,
        values: &mut Values,
        (allowed, page): (bool, Option<&str>),
        cue: &(dyn Fn(&Values) -> Cue + Sync),
    ) -> Result<Exchange, StagingError> {
        self.deliver(step, values, Delivery { kind: DeliveryKind::Fresh, allowed, page }, cue).await
    }

    /// Sends a step with the secrets that it needs. If a secret of a login has ended, logs in again and sends the step once
    /// more: a request that was answered 401 was not carried out (RFC 9110 §15.5.2).
    async fn deliver(
        &self,
        step: &Step,
        values: &mut Values,
        delivery: Delivery<'_>,
        cue: &(dyn Fn(&Values) -> Cue + Sync),
    ) -> Result<Exchange, StagingError> {
        let mut again = false;
        loop {
            let secrets = self.secrets_of(step).await?;
            let mut rendered = self.render(step, &secrets, values, delivery.kind)?;
            if let Some(page) = delivery.page {
                follow(&mut rendered, page, &secrets);
            }
            let sent = match self.client.rehearse(&rendered, || cue(values)) {
                Some(exchange) => return Ok(exchange),
                None => self.carry(&rendered, delivery.kind).await,
            };
            let exchange = sent.as_ref().ok();
            let ended = self.logins.note_answer(&secrets, self.suite_index, &rendered, exchange, delivery.allowed);
            if !ended || again {
                return sent;
            }
            again = true;
        }
    }

    async fn carry(&self, rendered: &Rendered, kind: DeliveryKind) -> Result<Exchange, StagingError> {
        if kind == DeliveryKind::Creation {
            return retry(self.retries, rendered, || self.client.send_creation(rendered)).await;
        }
        let sent = retry(self.retries, rendered, || self.client.send_call_within(rendered, self.patience)).await;
        if let Ok(exchange) = &sent {
            self.probe.note(rendered, exchange);
        }
        sent
    }

    /// The secrets that a step sends. The run logs in for them if it must.
    pub async fn secrets_of(&self, step: &Step) -> Result<SentSecrets<'a>, StagingError> {
        let sender = LoginSender { client: self.client, retries: self.retries };
        self.logins.secrets_of(sender, (self.suite_index, self.suite), self.secrets, step).await
    }

    /// Logs in for a credential, unless that was done.
    pub async fn log_in(&self, login: usize, credential: usize) -> Result<(), StagingError> {
        let sender = LoginSender { client: self.client, retries: self.retries };
        self.logins.log_in(sender, self.suite, login, credential).await
    }

    fn render(
        &self,
        step: &Step,
        secrets: &SentSecrets<'_>,
        values: &mut Values,
        kind: DeliveryKind,
    ) -> Result<Rendered, StagingError> {
        const FRESH: (&str, &str) = ("Cache-Control", "no-cache");
        let base = self.client.base();
        let rendered = step.render(self.suite, base.origin(), base.base_path(), &secrets.values, values);
        let mut rendered = rendered.map_err(|unresolved| {
            if let Some(rehearsal) = self.client.rehearsal() {
                rehearsal.refuse(self.suite.place(unresolved.span()), &unresolved.to_string());
            }
            StagingError::new(unresolved.to_string())
        })?;
        let fields = &mut rendered.request.fields;
        if kind == DeliveryKind::Fresh && !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case(FRESH.0)) {
            fields.push((FRESH.0.to_owned(), FRESH.1.to_owned()));
        }
        Ok(rendered)
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
        let allowed = allows_401(state.make.expect.all());
        let cue = |values: &Values| self.expected_object(state, values);
        let exchange = self
            .deliver(&state.make, values, Delivery { kind: DeliveryKind::Creation, allowed, page: None }, &cue)
            .await?;
        let expectation = &state.make.expect.all()[0];
        if let Some(why) = differs(expectation, &exchange, values) {
            return Err(StagingError {
                message: answered(&exchange, &why) + &could_not_make(&state.name),
                help: matches!(exchange.answer.status(), Some(404 | 405)).then(|| {
                    format!("check that {} is the API's base URL, with its path, such as /v1", self.client.base())
                }),
                exchange: Some(Box::new(exchange)),
                ..StagingError::new("")
            });
        }
        match capture(state, &exchange, values) {
            Ok(id) => Ok((id, exchange)),
            Err(error) => Err(StagingError { exchange: Some(Box::new(exchange)), ..error }),
        }
    }
}

/// How a step is sent.
#[derive(Clone, Copy)]
struct Delivery<'a> {
    kind: DeliveryKind,
    /// Whether the suite allows a 401.
    allowed: bool,
    /// The target of a further page.
    page: Option<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum DeliveryKind {
    /// The answer should come at once. The request is remembered if it was answered.
    AtOnce,
    /// Likewise, and the answer must come from no cache.
    Fresh,
    /// It makes an object of a state.
    Creation,
}

/// Turns the request for a list into the request for a page at a target that the page before it gave. A credential in the query
/// goes along.
fn follow(rendered: &mut Rendered, page: &str, secrets: &SentSecrets<'_>) {
    let is_credential = |pair: &&str| {
        let value =
            pair.split_once('=').map(|(_, value)| percent_encoding::percent_decode_str(value).decode_utf8_lossy());
        value.is_some_and(|value| secrets.values.iter().flatten().any(|secret| secret.secret == value))
    };
    let mut target = page.to_owned();
    let query = rendered.request.target.split_once('?').map_or("", |(_, query)| query);
    for pair in query.split('&').filter(is_credential) {
        let name = pair.split('=').next().unwrap_or_default();
        let has_name = |query: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
        if !target.split_once('?').is_some_and(|(_, query)| has_name(query)) {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(pair);
        }
    }
    let path = target.split('?').next().unwrap_or_default();
    rendered.template = path.strip_prefix(rendered.base_path.as_str()).unwrap_or(path).to_owned();
    rendered.request.target = target;
    // The target gave the whole path, so no part of it is a value of the run.
    rendered.path_values.clear();
    rendered.documented_values.clear();
    rendered.elements = ElementValues::default();
}

/// Whether an expectation names the status 401.
pub(super) fn allows_401(expectations: &[Expectation]) -> bool {
    let names = |one: &Expectation| matches!(&one.status, Statuses::OneOf(list) if list.contains(&401));
    expectations.iter().any(names)
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
