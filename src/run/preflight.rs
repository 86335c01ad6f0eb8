//! What is tried before the first case, so that a wrong address or key is one message and not a page of failing cases:
//! that the host has an address, takes a connection, keeps TLS, speaks as this API, and takes every credential for what
//! the suite's `check` says it is.
//!
//! Whatever can be told together is told together: two wrong keys are two lines. Only the checks send anything, as many
//! side by side as there are jobs, and they change nothing.

mod unheard;

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::announce;
use super::session::Session;
use super::together::together;
use crate::assess;
use crate::case::{Case, Expectation, Step, Values};
use crate::event::Event;
use crate::exchange::Exchange;
use crate::object::credentials;
use crate::object::states::{self, Setback};
use crate::outcome::{API, Standing, Tried, Trouble};
use crate::transport::Failure;

/// How much of a body is quoted, in characters.
const QUOTED: usize = 160;

/// A credential and the call that tells whether it is the right one.
struct Candidate<'a> {
    suite: usize,
    index: usize,
    check: &'a Step,
    values: Values,
}

/// What the answer to a `check` says.
enum Says {
    /// As expected.
    Fits,
    /// The API knows the credential, and it is of another kind; why.
    OtherKind(String),
    /// Accepted, and nothing is in the answer that would tell of which kind the credential is; why.
    NoKind(String),
    /// The API does not take the credential.
    Refused,
    /// This target does not know the call.
    UnknownCall,
    /// This was not the API: what it was, and what to do.
    NotTheApi(String, Option<String>),
    /// The API could not say.
    NothingYet(String),
}

impl Session {
    /// Tries the target before any case. What was found is kept for the reports; an error says all that is wrong.
    pub async fn preflight(&self) -> Result<(), Trouble> {
        let mut tried = tokio::select! {
            tried = self.try_target() => tried,
            // Nothing was made yet, so nothing needs to be waited for.
            () = self.cancelled() => Vec::new(),
        };
        for one in &mut tried {
            one.found = self.secrets().mask_str(&one.found).into_owned();
            one.help = one.help.take().map(|help| self.secrets().mask_str(&help).into_owned());
            if one.standing == Standing::Noted {
                self.note(&one.found);
            }
        }
        for one in &tried {
            self.announcer().emit(|| Event::PreflightTried(one.clone()));
        }
        self.tried(&tried);
        Tried::trouble(&tried).map_or(Ok(()), Err)
    }

    async fn try_target(&self) -> Vec<Tried> {
        let mut tried = Vec::new();
        let reached = self.reach(&mut tried).await;
        let candidates = self.candidates();
        if reached {
            let mut answers = Vec::with_capacity(candidates.len());
            for some in candidates.chunks(self.settings().jobs.max(1)) {
                let asked = some.iter().map(async |one| {
                    let mut values = one.values.clone();
                    let credential = &self.suites()[one.suite].credentials[one.index];
                    self.role(|| format!("try {} ({})", credential.env, credential.name));
                    announce::request(self, None, "try a credential", &self.suites()[one.suite], one.check);
                    self.staging(one.suite).send(one.check, &mut values).await
                });
                answers.extend(together(asked).await);
            }
            let said: Vec<Says> = candidates.iter().zip(&answers).map(|(one, answer)| says(one, answer)).collect();
            tried.push(self.api(&candidates, &answers, &said).await);
            let unheard = self.unheard(&candidates, &answers, &said).await;
            for at in 0..candidates.len() {
                let one = unheard.iter().find_map(|one| self.told_unheard(one, &candidates, at));
                tried.push(one.unwrap_or_else(|| self.credential(&candidates, &answers, &said, at)));
            }
        } else {
            tried.push(untried(API, "the API was not asked"));
            for one in &candidates {
                let credential = &self.suites()[one.suite].credentials[one.index];
                tried.push(untried(&credential.name, &format!("{} was not tried", credential.env)));
            }
        }
        tried.extend(self.unchecked());
        tried
    }

    /// The steps to a connection. Whether it stands.
    async fn reach(&self, tried: &mut Vec<Tried>) -> bool {
        let base = self.client().base();
        let asked = format!("{}:{}", base.host(), base.port());
        let steps = ["resolve", "connect", "TLS"];
        let (reached, failed) = match self.client().reach().await {
            Ok(reached) => (Some(reached), None),
            Err(failure) => (None, Some(failure)),
        };
        let wrong_at = failed.as_ref().map(|failure| match failure {
            Failure::Unresolved { .. } => 0,
            Failure::Tls { .. } => 2,
            _ => 1,
        });
        for (at, what) in steps.into_iter().enumerate() {
            let one = match (&failed, wrong_at) {
                (Some(failure), Some(wrong)) if at == wrong => {
                    Tried { standing: Standing::Wrong, help: failure.help(), ..good(what, failure.to_string()) }
                }
                (Some(_), Some(wrong)) if at > wrong => match what {
                    "TLS" if !base.is_https() => untried(what, "TLS is not used: the base URL begins with http://"),
                    _ => untried(what, &format!("{what} was not tried")),
                },
                _ => match what {
                    "resolve" if self.target().way.proxy.is_some() => {
                        untried(what, &format!("{} is looked up by the proxy", base.host()))
                    }
                    "resolve" if base.host().parse::<IpAddr>().is_ok() => {
                        good(what, format!("{} is an address", base.host()))
                    }
                    "resolve" => match reached.as_ref().map(|reached| reached.addresses.as_slice()) {
                        Some([first, rest @ ..]) => {
                            let more =
                                if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                            good(what, format!("{} is {}{more}", base.host(), first.ip()))
                        }
                        _ => good(what, format!("{} has an address", base.host())),
                    },
                    "connect" => good(what, format!("{asked} takes connections{}", self.target().way)),
                    _ => match reached.as_ref().and_then(|reached| reached.tls.as_ref()) {
                        Some(version) if self.target().way.insecure => {
                            good(what, format!("{version}, and any certificate would do (--insecure)"))
                        }
                        Some(version) => good(what, format!("{version}, and the certificate is for {}", base.host())),
                        None => untried(what, "TLS is not used: the base URL begins with http://"),
                    },
                },
            };
            tried.push(one);
        }
        failed.is_none()
    }

    /// The credentials that selected cases need, have a value, and say how they are checked; each check once, however
    /// many suites declare it.
    fn candidates(&self) -> Vec<Candidate<'_>> {
        let mut candidates: Vec<Candidate<'_>> = Vec::new();
        let mut seen = BTreeSet::new();
        for (suite, index) in self.wanted() {
            let credential = &self.suites()[suite].credentials[index];
            let Some(check) = credential.check.as_ref().filter(|_| self.credentials(suite).has(index)) else {
                continue;
            };
            let expect = &check.expect.all()[0];
            let matches: Vec<_> = expect.matches.iter().map(|(pointer, wanted, _)| (pointer, wanted)).collect();
            let key = format!("{} {:?} {:?} {matches:?}", credential.env, check.action, expect.status);
            if seen.insert(key) {
                candidates.push(Candidate { suite, index, check, values: self.fresh_values() });
            }
        }
        candidates
    }

    /// Every credential that a selected case needs: its suite and its index.
    fn wanted(&self) -> BTreeSet<(usize, usize)> {
        let cases = self.selected().iter().filter(|one| one.skip.is_none());
        cases
            .flat_map(|one| {
                let suite = &self.suites()[one.suite];
                let case: &Case = &suite.cases[one.case];
                credentials::needed(suite, case).into_iter().map(move |index| (one.suite, index))
            })
            .collect()
    }

    /// What is not tried, and why: nothing says how, or it is not set.
    fn unchecked(&self) -> Vec<Tried> {
        let mut tried: Vec<Tried> = Vec::new();
        let wanted = self.wanted();
        for (suite_index, suite) in self.suites().iter().enumerate() {
            for (index, credential) in suite.credentials.iter().enumerate() {
                let found = if !self.credentials(suite_index).has(index) {
                    format!("{} is not set; cases that need it are skipped", credential.env)
                } else if !wanted.contains(&(suite_index, index)) {
                    continue;
                } else if credential.check.is_none() {
                    format!("{} was not tried: the suite has no check for it", credential.env)
                } else {
                    continue;
                };
                let one = untried(&credential.name, &found);
                let one = if self.credentials(suite_index).has(index) { unverified(one) } else { one };
                if !tried.contains(&one) {
                    tried.push(one);
                }
            }
        }
        tried
    }

    /// Whether the target speaks as this API, from what it answered to all checks.
    async fn api(&self, all: &[Candidate<'_>], answers: &[Result<Exchange, Setback>], said: &[Says]) -> Tried {
        if said.is_empty() {
            return unverified(untried(API, "the API was not asked: no credential that is needed has a check"));
        }
        let call = |at: usize| {
            let suite = &self.suites()[all[at].suite];
            let method = all[at].check.method(&suite.document);
            match &answers[at] {
                Ok(exchange) => format!("{method} {}", exchange.request.target),
                Err(_) => method.to_owned(),
            }
        };
        let place = |fits: fn(&Says) -> bool| said.iter().position(fits);
        if let Some(at) = place(|one| matches!(one, Says::Fits | Says::OtherKind(_))) {
            return good(API, format!("{} is answered as the suite expects of this API", call(at)));
        }
        if let Some(at) = place(|one| matches!(one, Says::NoKind(_))) {
            let Says::NoKind(why) = &said[at] else { return untried(API, "the API was not asked") };
            let found = format!("{} is not answered as the suite expects of this API: {why}", call(at));
            let help = format!(
                "is {} the API's base URL? If it is, its answer is another than the suite's `check` is written for",
                self.client().base()
            );
            return Tried { standing: Standing::Wrong, help: Some(help), ..good(API, found) };
        }
        if place(|one| matches!(one, Says::Refused)).is_some() {
            return good(API, format!("{} speaks as an API", self.client().base()));
        }
        if let Some(at) = place(|one| matches!(one, Says::NotTheApi(..))) {
            let Says::NotTheApi(found, help) = &said[at] else { return untried(API, "the API was not asked") };
            // A server of TLS that is spoken to without it says nothing, or that this was a bad request.
            let odd = answers[at].as_ref().is_ok_and(|answer| matches!(answer.answer.status(), None | Some(400)));
            let tls = odd && !self.client().base().is_https() && self.client().speaks_tls().await;
            let help = if tls {
                Some(format!("TLS is spoken at {}: write https:// in the base URL", self.client().base()))
            } else {
                let ask = format!("is {} the API's base URL, and is the API up behind it?", self.client().base());
                Some(help.clone().unwrap_or(ask))
            };
            return Tried { standing: Standing::Wrong, help, ..good(API, found.clone()) };
        }
        if place(|one| matches!(one, Says::NothingYet(_))).is_some() {
            return good(API, format!("{} answers", self.client().base()));
        }
        if let Some(path) = self.other_path(all) {
            let own = shown_path(self.client().base().base_path());
            // A mock may well be served below another path and know nothing but the contract's own operation.
            let found =
                format!("every check was answered 404: the document's server ends in {path}, the base URL in {own}");
            let help = format!("if what follows is not as it should be, end the base URL in {path}");
            return Tried { standing: Standing::Noted, help: Some(help), ..unverified(good(API, found)) };
        }
        let found = format!("this target does not know {} (404), so no credential could be tried", call(0));
        let help = format!("is {} the API's base URL, with its path, such as /v1?", self.client().base());
        Tried { standing: Standing::Noted, help: Some(help), ..unverified(good(API, found)) }
    }

    /// The path of the first server of the documents behind the checks, if every one of them has another path than the
    /// base URL. None where no server has one.
    fn other_path(&self, all: &[Candidate<'_>]) -> Option<String> {
        let mut other = None;
        for one in all {
            for server in &self.suites()[one.suite].document.servers {
                let path = server_path(&server.default_url)?;
                if path == self.client().base().base_path() {
                    return None;
                }
                other.get_or_insert_with(|| shown_path(&path).to_owned());
            }
        }
        other
    }

    /// What one check says of its credential, beside what the others say of theirs.
    fn credential(
        &self,
        all: &[Candidate<'_>],
        answers: &[Result<Exchange, Setback>],
        said: &[Says],
        at: usize,
    ) -> Tried {
        let credential = |at: usize| &self.suites()[all[at].suite].credentials[all[at].index];
        let own = credential(at);
        let told = answers[at].as_ref().map(answer_in_words).unwrap_or_default();
        let (standing, found, help) = match &said[at] {
            Says::Fits => {
                let noted = own
                    .note
                    .as_ref()
                    .zip(answers[at].as_ref().ok())
                    .filter(|(note, answer)| states::differs(&note.when, answer, &all[at].values).is_none());
                let found = format!("{} is accepted: {told}", own.env);
                match noted {
                    Some((note, _)) => (Standing::Noted, format!("{found}; {}", note.say), None),
                    None => (Standing::Good, found, None),
                }
            }
            Says::OtherKind(why) => {
                let kinds = of_kinds(all, answers, at);
                let swapped = kinds.iter().copied().find(|other| of_kinds(all, answers, *other).contains(&at));
                if let Some(other) = swapped {
                    let other = credential(other);
                    let found = format!(
                        "{} and {} are swapped: {} holds the credential for {}",
                        own.env, other.env, own.env, other.name
                    );
                    (Standing::Wrong, found, Some(format!("exchange the values of {} and {}", own.env, other.env)))
                } else {
                    let kind = kinds.first().map(|kind| format!(" (it would do for {})", credential(*kind).name));
                    let found = format!(
                        "{} is accepted, and is no credential of the kind {}: {told}, {why}{}",
                        own.env,
                        own.name,
                        kind.unwrap_or_default()
                    );
                    (Standing::Wrong, found, Some(format!("set {} to one of that kind", own.env)))
                }
            }
            // Where others' answers tell, it is this credential's own; else it is the API's, and told once.
            Says::NoKind(why) if said.iter().any(|one| matches!(one, Says::Fits | Says::OtherKind(_))) => {
                let found = format!("{} is accepted, and of another kind than {}: {told}, {why}", own.env, own.name);
                (Standing::Wrong, found, Some(format!("set {} to one of that kind", own.env)))
            }
            Says::NoKind(_) => {
                let found = format!("{} is accepted, and the answer does not say of which kind it is", own.env);
                (Standing::Untried, found, None)
            }
            Says::Refused => (
                Standing::Wrong,
                format!("{} is not accepted as {}: {told}", own.env, own.name),
                Some(format!("set {} to a working credential of that kind", own.env)),
            ),
            Says::UnknownCall => {
                (Standing::Noted, format!("{} is not verified: this target does not know the call", own.env), None)
            }
            // Where nobody else's check reached the API either, that is one trouble, and told once.
            Says::NotTheApi(..) if said.iter().all(|one| matches!(one, Says::NotTheApi(..) | Says::UnknownCall)) => {
                (Standing::Untried, format!("{} was not tried: the API did not answer", own.env), None)
            }
            Says::NotTheApi(why, help) => {
                (Standing::Wrong, format!("{} could not be tried: {why}", own.env), help.clone())
            }
            Says::NothingYet(why) => (
                Standing::Wrong,
                format!("{} could not be tried: {why}", own.env),
                Some("try again when the API answers".to_owned()),
            ),
        };
        let unverified = matches!(said[at], Says::UnknownCall);
        Tried { standing, help, unverified, ..good(&own.name, found) }
    }
}

/// The path of a document's server, without a slash at its end; none where nobody knows what it is relative to, or a
/// placeholder stands in it that has no default.
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

/// Which other credentials' kind this one's answer fits, where both were asked the same.
fn of_kinds(all: &[Candidate<'_>], answers: &[Result<Exchange, Setback>], at: usize) -> Vec<usize> {
    let Ok(own) = &answers[at] else { return Vec::new() };
    (0..all.len())
        .filter(|other| *other != at && all[*other].suite == all[at].suite)
        .filter(|other| {
            let Ok(answer) = &answers[*other] else { return false };
            answer.request.method == own.request.method
                && answer.request.target == own.request.target
                && states::differs(expectation(&all[*other]), own, &all[*other].values).is_none()
        })
        .collect()
}

fn expectation<'a>(candidate: &Candidate<'a>) -> &'a Expectation {
    &candidate.check.expect.all()[0]
}

fn says(candidate: &Candidate<'_>, answer: &Result<Exchange, Setback>) -> Says {
    let exchange = match answer {
        Ok(exchange) => exchange,
        Err(setback) => return Says::NotTheApi(setback.message.clone(), setback.help.clone()),
    };
    let told = answer_in_words(exchange);
    let Some(status) = exchange.answer.status() else { return Says::NotTheApi(told, None) };
    if let Some(who) = assess::intermediary(exchange) {
        return Says::NotTheApi(format!("{} was answered by {who}, not by the API", call(exchange)), None);
    }
    let Some(why) = states::differs(expectation(candidate), exchange, &candidate.values) else { return Says::Fits };
    let is_json = serde_json::from_slice::<serde_json::Value>(&exchange.answer.body).is_ok();
    match status {
        200..=299 if is_json && states::says_nothing(expectation(candidate), exchange) => Says::NoKind(why),
        200..=299 if is_json => Says::OtherKind(why),
        200..=299 => Says::NotTheApi(format!("{told}, and its body is not JSON"), None),
        300..=399 => {
            let place = exchange.answer.value("location").map(|place| format!(" to {place}")).unwrap_or_default();
            Says::NotTheApi(
                format!("{} is redirected{place} ({status})", call(exchange)),
                Some("redirects are not followed: name the API's own address as the base URL".to_owned()),
            )
        }
        404 => Says::UnknownCall,
        // Only an answer of the API about the credential says something about the credential.
        401 | 403 | 405..=428 | 430..=499 | 400 | 402 => {
            let page =
                exchange.answer.value("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
            if page && !matches!(status, 401 | 403) {
                Says::NotTheApi(format!("{told}: a page and no answer of an API"), None)
            } else {
                Says::Refused
            }
        }
        _ => Says::NothingYet(told),
    }
}

/// `GET /v1/info`.
fn call(exchange: &Exchange) -> String {
    format!("{} {}", exchange.request.method, exchange.request.target)
}

/// `GET /v1/info answered 401: {"code":"unauthorized"…`; a good answer is not quoted.
fn answer_in_words(exchange: &Exchange) -> String {
    let answer = &exchange.answer;
    let call = call(exchange);
    let Some(status) = answer.status() else {
        let how = answer.end.in_words().unwrap_or_else(|| "no answer came".to_owned());
        return format!("{call} was not answered: {how}");
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

fn good(what: &str, found: String) -> Tried {
    Tried { what: what.to_owned(), standing: Standing::Good, found, help: None, unverified: false }
}

fn untried(what: &str, found: &str) -> Tried {
    Tried { standing: Standing::Untried, ..good(what, found.to_owned()) }
}

/// What nobody knows, or nothing says how to try.
fn unverified(one: Tried) -> Tried {
    Tried { unverified: true, ..one }
}
