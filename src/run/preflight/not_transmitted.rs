//! Whether a refused credential reaches the API at all: an intermediary may strip the header field that carries it, as squid does
//! by default. Then the API answers every key as it answers no key, and another key does not help.

use super::answer::{CheckAnswer, Checks, answer_in_words};
use super::candidates::Candidate;
use super::tried::{good, untried};
use crate::exchange::Exchange;
use crate::object::{Staging, StagingError};
use crate::outcome::{CheckStatus, Tried};
use crate::run::parts::test_run::TestRun;
use crate::suite::{Auth, CredentialValue, Step};

/// A made-up key that no API has given out.
const MADE_UP: &str = "conformance-no-such-key-0000";
/// The same as a login.
const MADE_UP_LOGIN: &str = "conformance:no-such-key-0000";

/// Credentials that the API refuses in the same way as a made-up one and as none.
pub(super) struct NotTransmitted {
    /// The candidates.
    which: Vec<usize>,
    /// What carries them, such as `the field Authorization`.
    carrier: String,
    /// The answer, in words.
    answered: String,
}

/// Finds the credentials that may not reach the API, by the check that they share. Sends each such check twice more: with a
/// made-up key, and with none.
pub(super) async fn find(run: &TestRun, checks: &Checks<'_>) -> Vec<NotTransmitted> {
    let Checks { candidates: all, answers, said } = checks;
    let mut found: Vec<NotTransmitted> = Vec::new();
    let mut asked = vec![false; all.len()];
    for at in 0..all.len() {
        let Some(own) = refused(&answers[at], &said[at]).filter(|_| !asked[at]) else { continue };
        let alike = |other: usize| {
            let answer = answers[other].as_ref().ok();
            all[other].suite == all[at].suite
                && answer.is_some_and(|answer| path(answer) == path(own) && answer.request.method == own.request.method)
        };
        let which: Vec<usize> = (0..all.len()).filter(|other| alike(*other)).collect();
        for other in &which {
            asked[*other] = true;
        }
        // If the API answers one of them in another way, it has arrived, and so have the others.
        let same = |other: &usize| refused(&answers[*other], &said[*other]).is_some_and(|it| is_same(it, own));
        if which.iter().all(same) {
            let without = ask_without(run, &all[at], own).await;
            found.extend(without.map(|(carrier, answered)| NotTransmitted { which, carrier, answered }));
        }
    }
    found
}

/// What carries the credential of a check, and the answer in words, if a made-up credential and none get the same answer.
async fn ask_without(run: &TestRun, one: &Candidate<'_>, own: &Exchange) -> Option<(String, String)> {
    // A second request must change nothing.
    if !matches!(own.request.method.as_str(), "GET" | "HEAD") {
        return None;
    }
    let Auth::Credential(index) = one.check.auth else { return None };
    let mut secrets = run.setup.credentials[one.suite].values().to_vec();
    let secret = secrets.get_mut(index)?;
    // A login that was accepted has shown that the API is reached.
    let known = secret.as_ref()?;
    let made_up = if known.secret.contains(':') { MADE_UP_LOGIN } else { MADE_UP };
    *secret = Some(CredentialValue::from(made_up.to_owned()));
    let made_up = Staging { secrets: &secrets, ..run.staging_for_check(one.suite) };
    let made_up = made_up.send(one.check, &mut one.values.clone()).await.ok()?;
    if !is_same(&made_up, own) {
        return None;
    }
    let without = Step { auth: Auth::None, ..one.check.clone() };
    let none = run.staging_for_check(one.suite).send(&without, &mut one.values.clone()).await.ok()?;
    is_same(&none, own).then(|| (carrier(own, &none), answer_in_words(own)))
}

impl NotTransmitted {
    /// The result for a candidate of this group. The first one has the whole message; the others refer to it.
    pub(super) fn result(&self, run: &TestRun, checks: &Checks<'_>, at: usize) -> Option<Tried> {
        let position = self.which.iter().position(|which| *which == at)?;
        let own = checks.credential(run, at);
        if position > 0 {
            let first = checks.credential(run, self.which[0]).origin();
            let found = format!("{} got the same response as {first}", own.origin());
            return Some(untried(&own.name, &found));
        }
        let names: Vec<String> = self.which.iter().map(|at| checks.credential(run, *at).to_set()).collect();
        let names = match names.as_slice() {
            [name] => name.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
            [] => return None,
        };
        let Self { carrier, answered, .. } = self;
        Some(Tried {
            status: CheckStatus::Wrong,
            help: Some(format!(
                "set {names} to what the API takes; if the values are right, check that every intermediary passes {carrier} on"
            )),
            ..good(
                &own.name,
                format!(
                    "the API refuses {names} with the response that a made-up key and a missing key get: {answered}; either \
                     the keys are wrong, or an intermediary removes {carrier}"
                ),
            )
        })
    }
}

/// The answer, if it says that the API does not accept the credential.
fn refused<'a>(answer: &'a Result<Exchange, StagingError>, said: &CheckAnswer) -> Option<&'a Exchange> {
    let answer = answer.as_ref().ok().filter(|_| matches!(said, CheckAnswer::Refused))?;
    matches!(answer.answer.status(), Some(401 | 403)).then_some(answer)
}

/// The path of the request. The query may hold a key.
fn path(exchange: &Exchange) -> &str {
    exchange.request.target.split('?').next().unwrap_or_default()
}

fn is_same(one: &Exchange, other: &Exchange) -> bool {
    one.answer.status() == other.answer.status() && one.answer.body == other.answer.body
}

/// The header field that only the request with the credential has; otherwise the query.
fn carrier(with: &Exchange, without: &Exchange) -> String {
    let fields = &without.request.fields;
    match with.request.fields.iter().find(|field| !fields.contains(field)) {
        Some((name, _)) => format!("the field {name}"),
        None => "the query".to_owned(),
    }
}
