//! What the answer to a credential's `check` says.

use super::candidates::Candidate;
use crate::assess;
use crate::exchange::Exchange;
use crate::object::{StagingError, answers};
use crate::run::parts::test_run::TestRun;
use crate::suite::Credential;

/// How much of a body is quoted, in characters.
const QUOTED: usize = 160;

/// Every credential that is tried, with the answer to its check.
pub(super) struct Checks<'a> {
    pub(super) candidates: Vec<Candidate<'a>>,
    /// By candidate.
    pub(super) answers: Vec<Result<Exchange, StagingError>>,
    /// What the answers say, by candidate.
    pub(super) said: Vec<CheckAnswer>,
}

impl Checks<'_> {
    /// The credential of a candidate.
    pub(super) fn credential<'b>(&self, run: &'b TestRun, at: usize) -> &'b Credential {
        let candidate = &self.candidates[at];
        &run.setup.suites[candidate.suite].credentials[candidate.index]
    }

    /// The answer to the check of a candidate, in words.
    pub(super) fn answered(&self, at: usize) -> String {
        self.answers[at].as_ref().map(answer_in_words).unwrap_or_default()
    }

    /// The request of the check of a candidate: `GET /v1/info`.
    pub(super) fn call(&self, at: usize) -> String {
        self.answers[at].as_ref().map(call).unwrap_or_default()
    }

    /// The status of the answer to the check of a candidate, in words: `GET /v1/info answered 404`.
    pub(super) fn answered_with_status(&self, at: usize) -> String {
        let exchange = self.answers[at].as_ref().ok();
        let in_words = |exchange: &Exchange| {
            format!("{} answered {}", call(exchange), exchange.answer.status().unwrap_or_default())
        };
        exchange.map(in_words).unwrap_or_default()
    }

    /// Whether any answer tells the kind of its credential.
    pub(super) fn any_tells_its_kind(&self) -> bool {
        self.said.iter().any(|one| matches!(one, CheckAnswer::Fits | CheckAnswer::OtherKind(_)))
    }

    /// Whether no check was answered by the API.
    pub(super) fn none_reached_the_api(&self) -> bool {
        self.said.iter().all(|one| {
            matches!(one, CheckAnswer::NotTheApi(..) | CheckAnswer::UnknownCall | CheckAnswer::NothingYet(_))
        })
    }
}

/// What the answer to a `check` says.
pub(super) enum CheckAnswer {
    /// It is as the suite expects.
    Fits,
    /// The API accepts the credential, and it is of another kind. Holds the reason.
    OtherKind(String),
    /// The API accepts the credential, and the answer does not tell its kind. Holds the reason.
    NoKind(String),
    /// The API does not accept the credential.
    Refused,
    /// The target does not know the call.
    UnknownCall,
    /// The answer is not from the API. Holds what it is, and what to do.
    NotTheApi(String, Option<String>),
    /// The API could not answer yet.
    NothingYet(String),
}

/// What an answer says.
pub(super) fn read(candidate: &Candidate<'_>, answer: &Result<Exchange, StagingError>) -> CheckAnswer {
    let exchange = match answer {
        Ok(exchange) => exchange,
        Err(error) => return CheckAnswer::NotTheApi(error.message.clone(), error.help.clone()),
    };
    let answered = answer_in_words(exchange);
    let Some(status) = exchange.answer.status() else { return CheckAnswer::NotTheApi(answered, None) };
    if let Some(who) = assess::intermediary(exchange) {
        return CheckAnswer::NotTheApi(format!("{} was answered by {who}, not by the API", call(exchange)), None);
    }
    let Some(why) = answers::differs(candidate.expectation(), exchange, &candidate.values) else {
        return CheckAnswer::Fits;
    };
    let is_json = serde_json::from_slice::<serde_json::Value>(&exchange.answer.body).is_ok();
    match status {
        200..=299 if is_json && answers::says_nothing(candidate.expectation(), exchange) => CheckAnswer::NoKind(why),
        200..=299 if is_json => CheckAnswer::OtherKind(why),
        200..=299 => CheckAnswer::NotTheApi(format!("{answered}, but the body is not JSON"), None),
        300..=399 => {
            let location =
                exchange.answer.value("location").map(|location| format!(" to {location}")).unwrap_or_default();
            CheckAnswer::NotTheApi(
                format!("the server redirected {}{location} ({status})", call(exchange)),
                Some("redirects are not followed: name the API's own address as the base URL".to_owned()),
            )
        }
        404 => CheckAnswer::UnknownCall,
        // Of these answers only one from the API says something about the credential.
        401 | 403 | 405..=428 | 430..=499 | 400 | 402 => {
            let page =
                exchange.answer.value("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
            if page && !matches!(status, 401 | 403) {
                CheckAnswer::NotTheApi(format!("{answered}: the body is a web page, not a response of an API"), None)
            } else {
                CheckAnswer::Refused
            }
        }
        _ => CheckAnswer::NothingYet(answered),
    }
}

/// `GET /v1/info`.
fn call(exchange: &Exchange) -> String {
    format!("{} {}", exchange.request.method, exchange.request.target)
}

/// `GET /v1/info answered 401: {"code":"unauthorized"…`. A success is not quoted.
pub(super) fn answer_in_words(exchange: &Exchange) -> String {
    let answer = &exchange.answer;
    let call = call(exchange);
    let Some(status) = answer.status() else {
        return answers::not_answered(&call, exchange, "no response came");
    };
    let body = String::from_utf8_lossy(&answer.body);
    let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if body.is_empty() || status < 300 {
        return format!("{call} answered {status}");
    }
    let cut: String = body.chars().take(QUOTED).collect();
    let more = if cut.len() < body.len() { "…" } else { "" };
    format!("{call} answered {status}: {cut}{more}")
}
