//! Whether a credential that is refused arrives at all: something in between may strip the field that carries it, as squid
//! does unless it is told not to. Then the API answers every key as it answers none, and to set another key helps nobody.

use super::{Candidate, Says, answer_in_words, good, untried};
use crate::case::{Auth, Step};
use crate::exchange::Exchange;
use crate::object::states::{Setback, Staging};
use crate::outcome::{Standing, Tried};
use crate::run::session::Session;

/// A key that no API gave to anybody.
const NOBODYS: &str = "conformance-no-such-key-0000";
/// The same as a login.
const NOBODYS_LOGIN: &str = "conformance:no-such-key-0000";

/// Credentials that are refused as no credential and a made-up one are.
pub(super) struct Unheard {
    /// Which candidates.
    which: Vec<usize>,
    /// What carries them, such as `the field Authorization`.
    carrier: String,
    /// What was answered, in words.
    told: String,
}

impl Session {
    /// The credentials that may not arrive, by the check that they share. Each such check is asked twice more: with a
    /// made-up key, and with none.
    pub(super) async fn unheard(
        &self,
        all: &[Candidate<'_>],
        answers: &[Result<Exchange, Setback>],
        said: &[Says],
    ) -> Vec<Unheard> {
        let mut found: Vec<Unheard> = Vec::new();
        let mut asked = vec![false; all.len()];
        for at in 0..all.len() {
            let Some(own) = refused(&answers[at], &said[at]).filter(|_| !asked[at]) else { continue };
            let alike = |other: usize| {
                let answer = answers[other].as_ref().ok();
                all[other].suite == all[at].suite
                    && answer
                        .is_some_and(|answer| path(answer) == path(own) && answer.request.method == own.request.method)
            };
            let which: Vec<usize> = (0..all.len()).filter(|other| alike(*other)).collect();
            for other in &which {
                asked[*other] = true;
            }
            // One that is told apart has arrived, and so did the others.
            let same = |other: &usize| refused(&answers[*other], &said[*other]).is_some_and(|it| is_same(it, own));
            if which.iter().all(same) {
                found.extend(self.ask_without(&all[at], own).await.map(|(carrier, told)| Unheard {
                    which,
                    carrier,
                    told,
                }));
            }
        }
        found
    }

    /// What carries the credential of a check and what is answered, if a made-up one and none are answered the same.
    async fn ask_without(&self, one: &Candidate<'_>, own: &Exchange) -> Option<(String, String)> {
        // Asking again must change nothing.
        if !matches!(own.request.method.as_str(), "GET" | "HEAD") {
            return None;
        }
        let Auth::Credential(index) = one.check.auth else { return None };
        let mut secrets = self.credentials(one.suite).values().to_vec();
        let secret = secrets.get_mut(index)?;
        let login = secret.as_ref().is_some_and(|secret| secret.contains(':'));
        *secret = Some(if login { NOBODYS_LOGIN } else { NOBODYS }.to_owned());
        let made_up = Staging { secrets: &secrets, ..self.staging(one.suite) };
        let made_up = made_up.send(one.check, &mut one.values.clone()).await.ok()?;
        if !is_same(&made_up, own) {
            return None;
        }
        let without = Step { auth: Auth::None, ..one.check.clone() };
        let none = self.staging(one.suite).send(&without, &mut one.values.clone()).await.ok()?;
        is_same(&none, own).then(|| (carrier(own, &none), answer_in_words(own)))
    }

    /// What is said of a candidate that may not arrive: of the first everything, of the others that they are told there.
    pub(super) fn told_unheard(&self, one: &Unheard, all: &[Candidate<'_>], at: usize) -> Option<Tried> {
        let place = one.which.iter().position(|which| *which == at)?;
        let credential = |at: usize| &self.suites()[all[at].suite].credentials[all[at].index];
        let own = credential(at);
        if place > 0 {
            let found = format!("{} is answered as {} is", own.env, credential(one.which[0]).env);
            return Some(untried(&own.name, &found));
        }
        let names: Vec<&str> = one.which.iter().map(|at| credential(*at).env.as_str()).collect();
        let names = match names.as_slice() {
            [name] => (*name).to_owned(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
            [] => return None,
        };
        Some(Tried {
            standing: Standing::Wrong,
            help: Some(format!(
                "see that whatever stands in between passes {} on; if it does, set {names} to what the API takes",
                one.carrier
            )),
            ..good(
                &own.name,
                format!(
                    "{names} may not arrive at the API: {}, and the same to a made-up key and to none; something in between \
                     may strip {}",
                    one.told, one.carrier
                ),
            )
        })
    }
}

/// An answer that says that the credential is not taken.
fn refused<'a>(answer: &'a Result<Exchange, Setback>, said: &Says) -> Option<&'a Exchange> {
    let answer = answer.as_ref().ok().filter(|_| matches!(said, Says::Refused))?;
    matches!(answer.answer.status(), Some(401 | 403)).then_some(answer)
}

/// What is asked for; a key may stand behind it.
fn path(exchange: &Exchange) -> &str {
    exchange.request.target.split('?').next().unwrap_or_default()
}

fn is_same(one: &Exchange, other: &Exchange) -> bool {
    one.answer.status() == other.answer.status() && one.answer.body == other.answer.body
}

/// What a request has that another one without its credential has not.
fn carrier(with: &Exchange, without: &Exchange) -> String {
    let fields = &without.request.fields;
    match with.request.fields.iter().find(|field| !fields.contains(field)) {
        Some((name, _)) => format!("the field {name}"),
        None => "the query".to_owned(),
    }
}
