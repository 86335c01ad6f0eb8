//! The transport of a dry run: every request is recorded instead of sent, and gets the response of an API without defects.
//!
//! The guard checks each request as in a run. A request that it refuses is recorded with the reason and gets a response too, so
//! that all refusals are reported together.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::options::ClientOptions;
use crate::exchange::{Exchange, Reader, Request, Timing};
use crate::guard::{Guard, Refusal};
use crate::location::{InputError, Place};
use crate::outcome::PlannedRequest;
use crate::secret::Secrets;
use crate::suite::Rendered;

/// The record of a dry run.
#[derive(Debug, Default)]
pub struct Rehearsal(Mutex<RehearsalState>);

#[derive(Debug, Default)]
struct RehearsalState {
    /// The purpose of the next request.
    role: String,
    /// The name of the object that is created next.
    owner: String,
    script: Script,
    /// The placeholders for values that only the target can give, and their names.
    names: Vec<(String, String)>,
}

/// The recorded requests, and the refusals.
#[derive(Debug, Default)]
pub struct Script {
    /// The requests, in the order in which they would be sent.
    pub requests: Vec<PlannedRequest>,
    /// The requests that would not be sent.
    pub refused: Vec<InputError>,
}

/// What a dry run must know about a request.
pub struct Cue {
    /// Its place in the suite.
    pub place: Place,
    /// Where the values of its path stand in the suite, by parameter name.
    pub path_places: Vec<(String, Place)>,
    /// How many copies are sent at once.
    pub times: usize,
    /// Whether it creates an object, for which the guard has fewer conditions.
    pub makes: bool,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub body: Option<Value>,
}

impl Rehearsal {
    /// Sets the purpose of the next request.
    pub fn role(&self, role: String) {
        self.lock().role = role;
    }

    /// Sets the name of the object that is created next.
    pub fn owner(&self, owner: &str) {
        owner.clone_into(&mut self.lock().owner);
    }

    /// Gives a placeholder the name that is shown instead.
    pub fn name(&self, value: String, name: String) {
        let mut state = self.lock();
        if !value.is_empty() && !state.names.iter().any(|(other, _)| *other == value) {
            state.names.push((value, name));
        }
    }

    /// Gives a captured value the name of its capture.
    pub fn name_capture(&self, value: String, capture: &str) {
        let name = format!("{}.{capture}", self.lock().owner);
        self.name(value, name);
    }

    /// Records why a request cannot be built.
    pub fn refuse(&self, place: Place, why: &str) {
        let mut state = self.lock();
        let message = format!("{} cannot be sent: {why}", state.role);
        state.script.refused.push(InputError::at(place, message));
    }

    /// The record since the last call, with placeholders replaced by their names. Then the names are forgotten.
    pub fn take(&self) -> Script {
        let mut state = self.lock();
        let Script { requests, refused } = std::mem::take(&mut state.script);
        let mut names = std::mem::take(&mut state.names);
        // Long placeholders come first, so that none is replaced inside another.
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

    /// Records a request, and gives its response.
    pub(super) fn carry(
        &self,
        rendered: &Rendered,
        cue: &Cue,
        guard: &Guard,
        options: &ClientOptions,
        secrets: &Secrets,
    ) -> Exchange {
        let permit = if cue.makes { Guard::permit_making } else { Guard::permit };
        let mut state = self.lock();
        let permitted = permit(guard, rendered);
        let is_refused = permitted.is_err();
        if let Err(Refusal { message, help, path_value }) = permitted {
            let mask = |text: &str| secrets.mask_str(text).into_owned();
            let name = path_value.and_then(|value| rendered.path_values.iter().find(|(_, sent)| *sent == value));
            let places = &cue.path_places;
            let place =
                name.and_then(|(name, _)| places.iter().find(|(known, _)| known == name)).map(|(_, place)| place);
            let place = place.unwrap_or(&cue.place).clone();
            let error = InputError { message: mask(&message), place: Some(place), help: help.as_deref().map(mask) };
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
                is_refused,
                request: request.clone(),
            });
        }
        let answer = Reader::read(&request.method, &answer(cue.status, cue.body.as_ref()));
        Exchange {
            request: std::sync::Arc::new(request),
            answer,
            timing: Timing::default(),
            reused: false,
            repeated_credentials: Vec::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, RehearsalState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a response.
fn answer(status: u16, body: Option<&Value>) -> Vec<u8> {
    let body = body.filter(|_| !matches!(status, 204 | 304)).map(Value::to_string).unwrap_or_default();
    let length = body.len();
    format!("HTTP/1.1 {status} \r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// A request with every placeholder replaced by its name.
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

/// A text with every placeholder replaced by its name in braces, also in the forms that the filters `upper` and `percent` give.
fn named(text: &str, names: &[(String, String)]) -> String {
    let mut text = text.to_owned();
    for (placeholder, name) in names {
        let percent: String = placeholder.bytes().map(percent_encoding::percent_encode_byte).collect();
        text = text.replace(placeholder, &format!("{{{name}}}"));
        text = text.replace(&placeholder.to_ascii_uppercase(), &format!("{{{name} | upper}}"));
        text = text.replace(&percent, &format!("{{{name} | percent}}"));
    }
    text
}
