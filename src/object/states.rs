//! Provider states: making an object, asking whether it is there, and removing it, all through staged calls.

use std::time::Duration;

use tokio::sync::watch;

use super::again::{Hold, again};
use super::{Pulse, sound};
use crate::case::{Exists, Expectation, MatchExpectation, Rendered, State, Statuses, Step, Suite, Values};
use crate::exchange::Exchange;
use crate::location::Pointer;
use crate::transport::{Client, Cue, Failure};

/// What a staged step needs beside itself.
#[derive(Clone, Copy)]
pub struct Staging<'a> {
    /// The client.
    pub client: &'a Client,
    /// The suite the step is from.
    pub suite: &'a Suite,
    /// The suite's credentials by index.
    pub secrets: &'a [Option<String>],
    /// How long an answer is awaited that should come at once.
    pub patience: Duration,
    /// Until when the target wants not to be asked.
    pub hold: &'a Hold,
    /// What tells whether the target answers anybody.
    pub pulse: &'a Pulse,
    /// Whether a target is waited for that answers 503.
    pub waits_while_busy: bool,
    /// What ends every wait for another try; none where what is asked must be tried all the same.
    pub stop: Option<&'a watch::Sender<bool>>,
}

/// Why a staged step did not do what it should.
#[derive(Debug)]
pub struct Setback {
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do, if there is something to say.
    pub help: Option<String>,
    /// What was sent and came, if anything was.
    pub exchange: Option<Box<Exchange>>,
    /// Whether the guard refused it, as it would every time.
    pub refused: bool,
}

impl Setback {
    /// One of which nothing more is known; nothing was sent.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, exchange: None, refused: false }
    }

    /// What kept a request from being answered.
    pub fn failure(failure: &Failure) -> Self {
        let refused = matches!(failure, Failure::Guarded(_));
        Self { help: failure.help(), refused, ..Self::new(failure.to_string()) }
    }
}

/// What the answer to a state's `exists` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The object is there.
    Yes,
    /// It is not.
    No,
    /// Neither; nothing follows from it.
    Neither,
}

impl Said {
    /// What an answer says.
    pub fn of(exists: &Exists, exchange: &Exchange, values: &Values) -> Self {
        if differs(&exists.yes, exchange, values).is_none() {
            Self::Yes
        } else if differs(&exists.no, exchange, values).is_none() {
            Self::No
        } else {
            Self::Neither
        }
    }
}

impl Staging<'_> {
    /// Sends a step whose answer should come at once: a check, a removal.
    pub async fn send(&self, step: &Step, values: &mut Values) -> Result<Exchange, Setback> {
        self.send_for(step, values, &step.expect.all()[0]).await
    }

    /// As [`Staging::send`], where a sound API answers something else than the step expects.
    pub async fn send_for(&self, step: &Step, values: &mut Values, sound: &Expectation) -> Result<Exchange, Setback> {
        let rendered = self.render(step, values)?;
        self.at_once(&rendered, || sound::cue(self.suite, step, sound, values)).await
    }

    /// Sends a request whose answer should come at once, and remembers one that was answered.
    async fn at_once(&self, rendered: &Rendered, cue: impl FnOnce() -> Cue) -> Result<Exchange, Setback> {
        if let Some(exchange) = self.client.rehearse(rendered, cue) {
            return Ok(exchange);
        }
        let sent = again(self, rendered, || self.client.stage_within(rendered, self.patience)).await;
        if let Ok(exchange) = &sent {
            self.pulse.note(rendered, exchange);
        }
        sent
    }

    /// Asks whether an object is there, and wants no stored answer (RFC 9111 §5.2.1.4). `sound` is what a sound API says.
    pub async fn look(&self, exists: &Exists, values: &mut Values, sound: Said) -> Result<Exchange, Setback> {
        const FRESH: (&str, &str) = ("Cache-Control", "no-cache");
        let mut rendered = self.render(&exists.call, values)?;
        let fields = &mut rendered.request.fields;
        if !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case(FRESH.0)) {
            fields.push((FRESH.0.to_owned(), FRESH.1.to_owned()));
        }
        let answer = if sound == Said::Yes { &exists.yes } else { &exists.no };
        self.at_once(&rendered, || sound::cue(self.suite, &exists.call, answer, values)).await
    }

    fn render(&self, step: &Step, values: &mut Values) -> Result<Rendered, Setback> {
        let base = self.client.base();
        step.render(self.suite, base.origin(), base.base_path(), self.secrets, values).map_err(|unresolved| {
            if let Some(rehearsal) = self.client.rehearsal() {
                rehearsal.refuse(self.suite.place(unresolved.span()), &unresolved.to_string());
            }
            Setback::new(unresolved.to_string())
        })
    }

    /// The answer of a sound API to the call that makes an object: what is captured is made up, and has the capture's name.
    fn made(&self, state: &State, values: &Values) -> Cue {
        let mut cue = sound::cue(self.suite, &state.make, &state.make.expect.all()[0], values);
        cue.makes = true;
        for (name, pointer) in &state.capture {
            let stand_in = uuid::Uuid::new_v4().to_string();
            if let Some(rehearsal) = self.client.rehearsal() {
                rehearsal.name_capture(stand_in.clone(), name);
            }
            sound::add(&mut cue, pointer, stand_in.into());
        }
        cue
    }

    /// Makes an object of a state: its captures are put into `values` under the empty name, and its id is returned.
    pub async fn make(&self, state: &State, values: &mut Values) -> Result<(String, Exchange), Setback> {
        let rendered = self.render(&state.make, values)?;
        let exchange = match self.client.rehearse(&rendered, || self.made(state, values)) {
            Some(exchange) => exchange,
            None => again(self, &rendered, || self.client.make(&rendered)).await?,
        };
        let expectation = &state.make.expect.all()[0];
        if let Some(why) = differs(expectation, &exchange, values) {
            return Err(Setback {
                message: format!("a {} could not be made: {}", state.name, answered(&exchange, &why)),
                help: matches!(exchange.answer.status(), Some(404 | 405))
                    .then(|| format!("is {} the API's base URL, with its path, such as /v1?", self.client.base())),
                exchange: Some(Box::new(exchange)),
                refused: false,
            });
        }
        let body: Option<serde_json::Value> = serde_json::from_slice(&exchange.answer.body).ok();
        let mut id = None;
        for (name, pointer) in &state.capture {
            let found = body.as_ref().and_then(|body| body.pointer(pointer.as_str()));
            let Some(value) = found.filter(|value| !value.is_null() && !value.is_object() && !value.is_array()) else {
                return Err(Setback {
                    message: format!(
                        "a {} was made, but the answer has no value at {pointer} to capture as {name}",
                        state.name
                    ),
                    help: None,
                    exchange: Some(Box::new(exchange)),
                    refused: false,
                });
            };
            if id.is_none() && value.as_number().is_some_and(serde_json::Number::is_f64) {
                return Err(Setback {
                    message: format!(
                        "a {} was made, but the id at {pointer} of the answer is the number {value}, which is no whole \
                         number that can be kept exactly",
                        state.name
                    ),
                    help: Some(
                        "how such a number is written in a path is anybody's guess; an id is a string, or a whole number \
                         without fraction and exponent"
                            .to_owned(),
                    ),
                    exchange: Some(Box::new(exchange)),
                    refused: false,
                });
            }
            id.get_or_insert_with(|| as_text(value));
            values.captures.entry(String::new()).or_default().insert(name.clone(), value.clone());
        }
        Ok((id.unwrap_or_default(), exchange))
    }
}

/// A value as it stands in a path or a message.
pub fn as_text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// How an answer differs from an expectation of its status and body, in words; `None` if it fits.
pub fn differs(expectation: &Expectation, exchange: &Exchange, values: &Values) -> Option<String> {
    let status = exchange.answer.status();
    match (&expectation.status, status) {
        (_, None) => return Some("no answer came".to_owned()),
        (Statuses::OneOf(list), Some(status)) if !list.contains(&status) => {
            let list: Vec<String> = list.iter().map(u16::to_string).collect();
            return Some(format!("{} was expected", list.join(" or ")));
        }
        _ => {}
    }
    if expectation.matches.is_empty() {
        return None;
    }
    let Ok(body) = serde_json::from_slice::<serde_json::Value>(&exchange.answer.body) else {
        return Some("its body is not JSON".to_owned());
    };
    let mut values = values.clone();
    expectation.matches.iter().find_map(|(pointer, wanted, _)| mismatch(&body, pointer, wanted, &mut values))
}

/// Whether an answer has none of the values that an expectation looks at, so that it says nothing of them.
pub fn says_nothing(expectation: &Expectation, exchange: &Exchange) -> bool {
    let wanted = expectation.matches.iter().filter(|(_, wanted, _)| matches!(wanted, MatchExpectation::OneOf(_)));
    let mut wanted = wanted.map(|(pointer, ..)| pointer.as_str()).peekable();
    let body: Option<serde_json::Value> = serde_json::from_slice(&exchange.answer.body).ok();
    wanted.peek().is_some() && body.is_some_and(|body| wanted.all(|pointer| body.pointer(pointer).is_none()))
}

fn mismatch(
    body: &serde_json::Value,
    pointer: &Pointer,
    wanted: &MatchExpectation,
    values: &mut Values,
) -> Option<String> {
    let found = body.pointer(pointer.as_str());
    match (wanted, found) {
        (MatchExpectation::Absent, None) => None,
        (MatchExpectation::Absent, Some(value)) => Some(format!("{pointer} is {value}, and should be absent")),
        (MatchExpectation::OneOf(list), found) => {
            let list: Vec<serde_json::Value> =
                list.iter().filter_map(|template| template.render(values).ok()).collect();
            match found {
                Some(value) if list.contains(value) => None,
                found => {
                    let list: Vec<String> = list.iter().map(ToString::to_string).collect();
                    let found = found.map_or_else(|| "absent".to_owned(), ToString::to_string);
                    Some(format!("{pointer} is {found}, and should be {}", list.join(" or ")))
                }
            }
        }
    }
}

/// `POST /chat-messages answered 400, 200 was expected`.
pub fn answered(exchange: &Exchange, why: &str) -> String {
    let request = &exchange.request;
    if let Some(status) = exchange.answer.status() {
        return format!("{} {} answered {status}; {why}", request.method, request.url());
    }
    let how = exchange.answer.end.in_words().unwrap_or_else(|| why.to_owned());
    format!("{} {} was not answered: {how}", request.method, request.url())
}
