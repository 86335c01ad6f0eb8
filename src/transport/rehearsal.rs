//! The transport of a dry run: every request is put down in place of being sent, and answered as a sound API would.
//!
//! The guard judges it as it judges a request that is sent. One that it refuses is put down with the reason, and answered all
//! the same, so that everything that would be refused is told together.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::Options;
use crate::case::Rendered;
use crate::exchange::{Exchange, Reader, Request, Timing};
use crate::guard::{Guard, Refusal};
use crate::location::{InputError, Place};
use crate::outcome::PlannedRequest;
use crate::secret::Secrets;

/// What was put down so far.
#[derive(Debug, Default)]
pub struct Rehearsal(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// What the next request is for.
    role: String,
    /// The name under which what is made next is known.
    owner: String,
    script: Script,
    /// What stands in for a value that only the target can give, and its name.
    names: Vec<(String, String)>,
}

/// Requests that were put down, and why some would be refused.
#[derive(Debug, Default)]
pub struct Script {
    /// In the order in which they are sent.
    pub requests: Vec<PlannedRequest>,
    /// What would not be sent.
    pub refused: Vec<InputError>,
}

/// What a dry run must know of a request beside itself.
pub struct Cue {
    /// Where it stands in the suite.
    pub place: Place,
    /// How many times it is sent together.
    pub times: usize,
    /// Whether it makes an object, which the guard holds to less.
    pub makes: bool,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub body: Option<Value>,
}

impl Rehearsal {
    /// Says what the next request is for.
    pub fn role(&self, role: String) {
        self.lock().role = role;
    }

    /// Says under which name what is made next is known.
    pub fn owner(&self, owner: &str) {
        owner.clone_into(&mut self.lock().owner);
    }

    /// Gives a value a name that is shown in its place.
    pub fn name(&self, value: String, name: String) {
        let mut state = self.lock();
        if !value.is_empty() && !state.names.iter().any(|(other, _)| *other == value) {
            state.names.push((value, name));
        }
    }

    /// Gives a captured value the name of the capture.
    pub fn name_capture(&self, value: String, capture: &str) {
        let name = format!("{}.{capture}", self.lock().owner);
        self.name(value, name);
    }

    /// Why a request cannot even be put together.
    pub fn refuse(&self, place: Place, why: &str) {
        let mut state = self.lock();
        let message = format!("{} cannot be sent: {why}", state.role);
        state.script.refused.push(InputError::at(place, message));
    }

    /// What was put down since the last time, with the names that are known by now. The names are forgotten.
    pub fn take(&self) -> Script {
        let mut state = self.lock();
        let Script { requests, refused } = std::mem::take(&mut state.script);
        let mut names = std::mem::take(&mut state.names);
        // No value may be replaced inside another.
        names.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        let shown = |text: &str| named(text, &names);
        Script {
            requests: requests
                .into_iter()
                .map(|planned| PlannedRequest { request: with_names(planned.request, &names), ..planned })
                .collect(),
            refused: refused
                .into_iter()
                .map(|error| InputError {
                    message: shown(&error.message),
                    help: error.help.as_deref().map(shown),
                    place: error.place,
                })
                .collect(),
        }
    }

    /// Puts a request down, and answers it.
    pub(super) fn carry(
        &self,
        rendered: &Rendered,
        cue: Cue,
        guard: &Guard,
        options: &Options,
        secrets: &Secrets,
    ) -> Exchange {
        let permit = if cue.makes { Guard::permit_making } else { Guard::permit };
        let mut state = self.lock();
        if let Err(Refusal { message, help }) = permit(guard, rendered) {
            let mask = |text: &str| secrets.mask_str(text).into_owned();
            let error = InputError { message: mask(&message), place: Some(cue.place), help: help.as_deref().map(mask) };
            state.script.refused.push(error);
        }
        let mut request = rendered.request.clone();
        options.complete(&mut request);
        let request = request.masked(secrets);
        let role = state.role.clone();
        if cue.times > 0 {
            state.script.requests.push(PlannedRequest {
                role,
                judged: rendered.judged,
                times: cue.times,
                request: request.clone(),
            });
        }
        let answer = Reader::read(&request.method, &answer(cue.status, cue.body.as_ref()));
        Exchange {
            request: std::sync::Arc::new(request),
            answer,
            timing: Timing::default(),
            reused: false,
            leaked: Vec::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of an answer.
fn answer(status: u16, body: Option<&Value>) -> Vec<u8> {
    let body = body.filter(|_| !matches!(status, 204 | 304)).map(Value::to_string).unwrap_or_default();
    let length = body.len();
    format!("HTTP/1.1 {status} \r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// A request with every stand-in replaced by its name.
fn with_names(request: Request, names: &[(String, String)]) -> Request {
    let Request { method, origin, target, fields, body } = request;
    Request {
        method,
        origin,
        target: named(&target, names),
        fields: fields.into_iter().map(|(name, value)| (name, named(&value, names))).collect(),
        body: body.map(|body| match String::from_utf8(body) {
            Ok(text) => named(&text, names).into_bytes(),
            Err(bytes) => bytes.into_bytes(),
        }),
    }
}

/// A text with every stand-in replaced by its name in braces, also as the filters of placeholders write it.
fn named(text: &str, names: &[(String, String)]) -> String {
    let mut text = text.to_owned();
    for (stand_in, name) in names {
        let percent: String = stand_in.bytes().map(percent_encoding::percent_encode_byte).collect();
        text = text.replace(stand_in, &format!("{{{name}}}"));
        text = text.replace(&stand_in.to_ascii_uppercase(), &format!("{{{name} | upper}}"));
        text = text.replace(&percent, &format!("{{{name} | percent}}"));
    }
    text
}
