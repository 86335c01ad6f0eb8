//! Whether the target answers as the suite expects of this API.

use super::answer::{CheckAnswer, Checks};
use super::candidates::Candidate;
use super::logins::TriedLogins;
use super::tried::{good, untried, unverified};
use crate::outcome::{API, CheckStatus, Tried};
use crate::run::parts::test_run::TestRun;

/// Whether the target answers as this API, from its answers to all checks and logins.
pub(super) async fn api(run: &TestRun, checks: &Checks<'_>, logins: &TriedLogins) -> Tried {
    let Checks { candidates: all, answers, said } = checks;
    if said.is_empty() {
        return without_checks(logins);
    }
    let call = |at: usize| {
        let suite = &run.setup.suites[all[at].suite];
        let method = all[at].check.method(&suite.document);
        match &answers[at] {
            Ok(exchange) => format!("{method} {}", exchange.request.target),
            Err(_) => method.to_owned(),
        }
    };
    let position = |fits: fn(&CheckAnswer) -> bool| said.iter().position(fits);
    if let Some(at) = position(|one| matches!(one, CheckAnswer::Fits | CheckAnswer::OtherKind(_))) {
        return good(API, format!("the API answered {} as the suite expects", call(at)));
    }
    if let Some(at) = position(|one| matches!(one, CheckAnswer::NoKind(_))) {
        let CheckAnswer::NoKind(why) = &said[at] else { return untried(API, "no request was sent to the API") };
        let found = format!("the API did not answer {} as the suite expects: {why}", call(at));
        let help = format!(
            "check that {} is the API's base URL; if it is, the suite's `check` does not fit this API",
            run.target.client.base()
        );
        return Tried { status: CheckStatus::Wrong, help: Some(help), ..good(API, found) };
    }
    if let Some(at) = position(|one| matches!(one, CheckAnswer::Refused)) {
        return good(API, format!("the server refused a key as an API does: {}", checks.answered_with_status(at)));
    }
    if let Some(at) = position(|one| matches!(one, CheckAnswer::NotTheApi(..))) {
        let CheckAnswer::NotTheApi(found, help) = &said[at] else {
            return untried(API, "no request was sent to the API");
        };
        // A TLS server that gets plain HTTP answers nothing, or 400.
        let odd = answers[at].as_ref().is_ok_and(|answer| matches!(answer.answer.status(), None | Some(400)));
        let tls = odd && !run.target.client.base().is_https() && run.target.client.speaks_tls().await;
        let help = if tls {
            Some(format!("{} expects TLS: write https:// in the base URL", run.target.client.base()))
        } else {
            let ask =
                format!("check that {} is the API's base URL, and that the API is running", run.target.client.base());
            Some(help.clone().unwrap_or(ask))
        };
        return Tried { status: CheckStatus::Wrong, help, ..good(API, found.clone()) };
    }
    if let Some(at) = position(|one| matches!(one, CheckAnswer::NothingYet(_))) {
        let found = format!("the server gave no usable answer: {}", checks.answered(at));
        let help = Some("try again when the API answers".to_owned());
        return Tried { status: CheckStatus::Wrong, help, ..good(API, found) };
    }
    unknown_call(run, all, &call(0))
}

/// The target answered every check with 404. `call` is the request of the first one.
fn unknown_call(run: &TestRun, all: &[Candidate<'_>], call: &str) -> Tried {
    if let Some(path) = other_path(run, all) {
        let own = shown_path(run.target.client.base().base_path());
        // A mock may have another base path and know only the operation of the contract.
        let found = format!(
            "the base URL may be wrong: it ends in {own}, but the document's server URL ends in {path}; and the target \
             does not know {call} (it answered 404)"
        );
        let help = format!("if cases fail, try a base URL that ends in {path}");
        return Tried { status: CheckStatus::Noted, help: Some(help), ..unverified(good(API, found)) };
    }
    let found = format!("the target does not know {call} (it answered 404), so no key could be checked");
    let help = format!("check that {} is the API's base URL, with its path, such as /v1", run.target.client.base());
    Tried { status: CheckStatus::Noted, help: Some(help), ..unverified(good(API, found)) }
}

/// Whether the target answers as this API, where no credential has a check.
fn without_checks(logins: &TriedLogins) -> Tried {
    if logins.any_gave() {
        return good(API, "the API answered the login as the suite expects".to_owned());
    }
    unverified(untried(API, "no request was sent: no credential that is needed has a check"))
}

/// The path of the first server in the documents of the checks, if no server has the path of the base URL. `None` if a server
/// has no path.
fn other_path(run: &TestRun, all: &[Candidate<'_>]) -> Option<String> {
    let mut other = None;
    for one in all {
        for server in &run.setup.suites[one.suite].document.servers {
            let path = server_path(&server.default_url)?;
            if path == run.target.client.base().base_path() {
                return None;
            }
            other.get_or_insert_with(|| shown_path(&path).to_owned());
        }
    }
    other
}

/// The path of a document's server without its last slash. `None` if the URL is relative to an unknown one, or holds a
/// placeholder without a default.
fn server_path(url: &str) -> Option<String> {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let path = match url.split_once("//") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None if url.starts_with('/') => url,
        None => return None,
    };
    (!path.contains('{')).then(|| path.trim_end_matches('/').to_owned())
}

/// A path that may be empty.
fn shown_path(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}
