//! The logins of a run: each is sent once, before the first request that needs its secret, and again when the secret has ended.
//!
//! A secret has ended when the response to the login says so (`expires`), or when a request with it was answered 401 although the
//! suite allows no 401 there. That request is then sent once more with a new secret. If it is answered 401 again, the secret was
//! not the reason: the answer stands, and no further login follows from that operation until it is answered otherwise.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::answers::{answered, differs};
use super::credentials::Credentials;
use super::expected_answer;
use super::login_answer::{self, LoginAnswer};
use super::retry::{RetryPolicy, retry};
use super::staging_error::StagingError;
use crate::assess;
use crate::exchange::Exchange;
use crate::secret::Secrets;
use crate::suite::{Credential, CredentialValue, Login, RenderError, Rendered, Step, Suite, Values, learn_secret};
use crate::transport::{BaseUrl, Client, Cue, Guard};

/// A secret is replaced when so much of its time is left, or a tenth of its time if that is less.
const MARGIN: Duration = Duration::from_secs(30);
/// How much of a body is quoted, in characters.
const QUOTED: usize = 160;

/// The logins of a run.
#[derive(Debug)]
pub struct Logins {
    all: Vec<OneLogin>,
    /// By suite and credential: the index of its login.
    by_credential: Vec<Vec<Option<usize>>>,
    guard: Arc<Guard>,
    secrets: Secrets,
    /// The number of the next secret.
    next: AtomicU64,
    /// The operations that were answered 401 and have not been answered otherwise since, each with the number of the secret.
    refusals: Mutex<HashMap<String, u64>>,
}

/// One login. Credentials with the same request, and with the same use of its response, share it.
#[derive(Debug)]
struct OneLogin {
    /// The suite and the credential that it was read from.
    from: (usize, usize),
    rendered: Result<Rendered, RenderError>,
    /// The name of the cookie that it gives, if it gives one.
    cookie: Option<String>,
    values: Values,
    state: tokio::sync::Mutex<LoginState>,
    /// Secrets up to this number have ended.
    ended: AtomicU64,
}

#[derive(Debug)]
enum LoginState {
    /// Nothing was sent.
    Out,
    /// The login gave a secret.
    In(GivenSecret),
    /// The API refused the login, or the response had no secret. The login is not sent again: some APIs lock an account.
    Failed(StagingError),
}

/// A secret that a login gave.
#[derive(Clone, Debug)]
struct GivenSecret {
    number: u64,
    value: CredentialValue,
    until: Option<Instant>,
}

/// The secrets that a request sends.
#[derive(Debug)]
pub struct SentSecrets<'a> {
    /// By the index of the credential.
    pub values: Cow<'a, [Option<CredentialValue>]>,
    /// The logins that gave some of them, with the numbers of these secrets.
    given: Vec<(usize, u64)>,
}

/// By what a login is sent.
#[derive(Clone, Copy)]
pub(super) struct LoginSender<'a> {
    pub(super) client: &'a Client,
    pub(super) retries: RetryPolicy<'a>,
}

impl Logins {
    /// The logins of all suites. Nothing is sent yet. `values` holds what the texts of a login may use.
    pub fn new(
        suites: &[Suite],
        credentials: &[Credentials],
        base: &BaseUrl,
        guard: &Arc<Guard>,
        secrets: &Secrets,
        values: &Values,
    ) -> Self {
        let mut all: Vec<OneLogin> = Vec::new();
        let mut by_credential = Vec::new();
        for (suite_index, suite) in suites.iter().enumerate() {
            let own = suite.credentials.iter().enumerate().map(|(index, credential)| {
                let login = credential.login()?;
                let known = credentials.get(suite_index).filter(|known| known.has(index))?;
                let mut values = values.clone();
                let rendered = login.call.render(suite, base.origin(), base.base_path(), known.values(), &mut values);
                let same = |other: &OneLogin| {
                    let of = |(suite, index): (usize, usize)| suites[suite].credentials[index].login();
                    let requests = (other.rendered.as_ref().ok(), rendered.as_ref().ok());
                    matches!(requests, (Some(one), Some(other)) if one.request == other.request)
                        && of(other.from).is_some_and(|other| other.gives == login.gives)
                };
                Some(all.iter().position(same).unwrap_or_else(|| {
                    all.push(OneLogin {
                        from: (suite_index, index),
                        rendered,
                        cookie: credential.cookie().map(str::to_owned),
                        values,
                        state: tokio::sync::Mutex::new(LoginState::Out),
                        ended: AtomicU64::new(0),
                    });
                    all.len() - 1
                }))
            });
            let own = own.collect();
            by_credential.push(own);
        }
        Self {
            all,
            by_credential,
            guard: Arc::clone(guard),
            secrets: secrets.clone(),
            next: AtomicU64::new(1),
            refusals: Mutex::default(),
        }
    }

    /// The index of the login of a credential. Credentials of several suites may have the same one.
    pub fn of(&self, suite: usize, credential: usize) -> Option<usize> {
        self.by_credential.get(suite)?.get(credential).copied().flatten()
    }

    /// The secrets that a step of a suite sends. Logs in for those that have no secret or whose secret has ended.
    pub(super) async fn secrets_of<'a>(
        &self,
        sender: LoginSender<'_>,
        (index, suite): (usize, &Suite),
        known: &'a [Option<CredentialValue>],
        step: &Step,
    ) -> Result<SentSecrets<'a>, StagingError> {
        let mut sent = SentSecrets { values: Cow::Borrowed(known), given: Vec::new() };
        for credential in step.auth.credentials() {
            let Some(login) = self.of(index, *credential) else { continue };
            let given = self.given(sender, suite, login, *credential).await?;
            if let Some(value) = sent.values.to_mut().get_mut(*credential) {
                *value = Some(given.value);
            }
            sent.given.push((login, given.number));
        }
        Ok(sent)
    }

    /// Logs in unless there is a secret that has not ended.
    pub(super) async fn log_in(
        &self,
        sender: LoginSender<'_>,
        suite: &Suite,
        login: usize,
        credential: usize,
    ) -> Result<(), StagingError> {
        self.given(sender, suite, login, credential).await.map(|_| ())
    }

    /// The secret of a login. Logs in if there is none or if it has ended; others that need it wait meanwhile.
    async fn given(
        &self,
        sender: LoginSender<'_>,
        suite: &Suite,
        login: usize,
        credential: usize,
    ) -> Result<GivenSecret, StagingError> {
        let one = &self.all[login];
        let mut state = one.state.lock().await;
        match &*state {
            LoginState::In(given) if !one.has_ended(given) => {
                show_as(sender.client, &suite.credentials[credential], &given.value);
                return Ok(given.clone());
            }
            LoginState::Failed(error) => return Err(error.clone()),
            LoginState::In(_) | LoginState::Out => {}
        }
        let credential = &suite.credentials[credential];
        let Some(login) = credential.login() else { return Err(StagingError::new("the credential has no login")) };
        match self.send(sender, suite, credential, login, one).await {
            Ok(given) => {
                *state = LoginState::In(given.clone());
                Ok(given)
            }
            Err(error) => {
                // A target that did not answer, or that failed, may answer the next time.
                let lasting =
                    error.exchange.as_ref().is_none_or(|sent| sent.answer.status().is_some_and(|it| it < 500));
                if lasting && error.is_answer {
                    *state = LoginState::Failed(error.clone());
                }
                Err(error)
            }
        }
    }

    /// Sends the login, and reads what its response gives.
    async fn send(
        &self,
        sender: LoginSender<'_>,
        suite: &Suite,
        credential: &Credential,
        login: &Login,
        one: &OneLogin,
    ) -> Result<GivenSecret, StagingError> {
        let LoginSender { client, retries } = sender;
        let rendered = one.rendered.as_ref().map_err(|error| {
            if let Some(rehearsal) = client.rehearsal() {
                rehearsal.refuse(suite.place(error.span()), &error.to_string());
            }
            StagingError::new(format!("the login of {} cannot be sent: {error}", credential.name))
        })?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let expectation = &login.call.expect.all()[0];
        let cue = || Cue { makes: true, ..expected_answer::cue(suite, &login.call, expectation, &one.values) };
        if client.rehearse(rendered, cue).is_some() {
            let stand_in = || format!("login{}", uuid::Uuid::new_v4().simple());
            let value = CredentialValue { secret: stand_in(), csrf: login.gives.csrf.as_ref().map(|_| stand_in()) };
            self.allow(&value);
            show_as(client, credential, &value);
            return Ok(GivenSecret { number, value, until: None });
        }
        let sent = retry(retries, rendered, || client.send_creation(rendered)).await;
        let exchange = sent.map_err(|error| StagingError {
            message: format!("the login of {} failed: {}", credential.name, error.message),
            ..error
        })?;
        if let Some(why) = differs(expectation, &exchange, &one.values) {
            return Err(self.refused(credential, client.base(), exchange, &why));
        }
        let LoginAnswer { value, lasts } = login_answer::read(&login.gives, &exchange, client.base().is_loopback())
            .map_err(|no_secret| StagingError {
                help: no_secret.help,
                is_answer: true,
                ..StagingError::new(format!(
                    "the login of {} gave no secret: {} answered {}, {}",
                    credential.name,
                    call(&exchange),
                    exchange.answer.status().unwrap_or_default(),
                    no_secret.why
                ))
            })?;
        let known = [client.base().origin(), client.base().base_path(), one.values.run.as_str()];
        for secret in std::iter::once(&value.secret).chain(&value.csrf) {
            learn_secret(suite, known, &self.secrets, secret);
        }
        self.allow(&value);
        let until = lasts.map(|lasts| Instant::now() + lasts.saturating_sub(MARGIN.min(lasts / 10)));
        Ok(GivenSecret { number, value, until })
    }

    /// The error for a login that was not answered as the suite expects. A success is not quoted: it may hold a secret.
    fn refused(&self, credential: &Credential, base: &BaseUrl, exchange: Exchange, why: &str) -> StagingError {
        let status = exchange.answer.status();
        let mut message = format!("the login of {} failed: {}", credential.name, answered(&exchange, why));
        let help = if let Some(who) = assess::intermediary(&exchange) {
            message = format!("the login of {} was answered by {who}, not by the API", credential.name);
            format!("check that {base} is the API's base URL")
        } else if matches!(status, Some(404 | 405)) {
            format!("check that {base} is the API's base URL, with its path, such as /v1")
        } else {
            format!("set {} to what the API accepts", credential.to_set())
        };
        let success = status.is_some_and(|status| (200..300).contains(&status));
        let body = String::from_utf8_lossy(exchange.answer.content());
        let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
        if !success && !body.is_empty() {
            let cut: String = body.chars().take(QUOTED).collect();
            let more = if cut.len() < body.len() { "…" } else { "" };
            message = format!("{message}: {cut}{more}");
        }
        let message = self.secrets.mask_str(&message).into_owned();
        StagingError {
            help: Some(help),
            exchange: (!success).then(|| Box::new(exchange)),
            is_answer: status.is_some(),
            ..StagingError::new(message)
        }
    }

    /// Lets the guard know a secret: it may stand in every request and names no object.
    fn allow(&self, value: &CredentialValue) {
        for secret in std::iter::once(&value.secret).chain(&value.csrf) {
            self.guard.note_credential(secret);
        }
    }

    /// Notes the answer to a request. Returns whether the request should be sent again because a secret that it sent may have
    /// ended: it was answered 401, and the suite allows no 401 there (`allowed`).
    pub fn note_answer(
        &self,
        sent: &SentSecrets<'_>,
        suite: usize,
        rendered: &Rendered,
        exchange: Option<&Exchange>,
        allowed: bool,
    ) -> bool {
        let (Some(exchange), [(_, first), ..]) = (exchange, sent.given.as_slice()) else { return false };
        for (login, _) in &sent.given {
            // Some servers give a new cookie with every answer. The old one is used on; the new one is a secret too.
            let cookie = self.all[*login].cookie.as_ref().and_then(|name| login_answer::cookie(exchange, name).ok());
            if let Some(cookie) = cookie {
                self.secrets.learn(&cookie);
            }
        }
        let Some(status) = exchange.answer.status().filter(|_| !allowed) else { return false };
        let operation = format!("{suite} {} {}", rendered.request.method, rendered.template);
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if status != 401 {
            refusals.remove(&operation);
            return false;
        }
        if refusals.get(&operation).is_some_and(|earlier| earlier != first) {
            return false;
        }
        refusals.insert(operation, *first);
        for (login, number) in &sent.given {
            self.all[*login].ended.fetch_max(*number, Ordering::AcqRel);
        }
        true
    }
}

impl OneLogin {
    fn has_ended(&self, given: &GivenSecret) -> bool {
        given.number <= self.ended.load(Ordering::Acquire) || given.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// In a dry run, says how a secret is shown.
fn show_as(client: &Client, credential: &Credential, value: &CredentialValue) {
    let Some(rehearsal) = client.rehearsal() else { return };
    let what = if credential.cookie().is_some() { "cookie" } else { "token" };
    rehearsal.name(value.secret.clone(), format!("{what} of {}", credential.name));
    if let Some(csrf) = &value.csrf {
        rehearsal.name(csrf.clone(), format!("CSRF token of {}", credential.name));
    }
}

/// `POST http://127.0.0.1:1/v1/token`.
fn call(exchange: &Exchange) -> String {
    format!("{} {}", exchange.request.method, exchange.request.url())
}
