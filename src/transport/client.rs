//! The client: judged requests, calls, and the connections for both.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::AlertDescription;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use super::base_url::BaseUrl;
use super::connection::{Connection, Stream};
use super::dial::{Addresses, Dialer};
use super::failure::Failure;
use super::http2::{Http2Connection, Http2Pool};
use super::library::Library;
use super::options::ClientOptions;
use super::pace::Pace;
use super::pool::Pool;
use super::proxy::Proxy;
use super::rehearsal::{Cue, Rehearsal};
use super::shortage::Shortage;
use super::tls::ClientCertificate;
use super::tunnel::Tunnel;
use super::wire::Preamble;
use super::{gateway, overhear, sent, tls, wire};
use crate::exchange::{Answer, End, Exchange, Framing, Protocol, Request, Timing};
use crate::guard::{Guard, Refusal};
use crate::location::InputError;
use crate::secret::Secrets;
use crate::suite::Rendered;

/// How long closing a connection may take.
const GOODBYE: Duration = Duration::from_millis(100);

/// How long a request waits for its response before idle connections are closed for it.
const MAKE_WAY: Duration = Duration::from_millis(250);

/// Sends requests to one target. All tasks of one Tokio runtime share it, and its connections belong to that runtime.
pub struct Client {
    base: BaseUrl,
    options: ClientOptions,
    guard: Arc<Guard>,
    secrets: Secrets,
    dialer: Dialer,
    certificate: Arc<ClientCertificate>,
    pool: Pool,
    http2_pool: Http2Pool,
    pace: Pace,
    preamble: Preamble,
    library: Library,
    /// The record of a dry run, which sends nothing.
    rehearsal: Option<Rehearsal>,
    /// How many judged requests wait for their responses.
    in_flight: AtomicUsize,
    shortage: Shortage,
}

/// The result of a trial connection.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The addresses of the host.
    pub addresses: Vec<SocketAddr>,
    /// The version of TLS, if TLS is used.
    pub tls: Option<String>,
}

/// Whether a request may use a connection that carried another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// If one is idle and clean.
    Allowed,
    /// Never. The request is repeated after a reused connection was closed, and the result must not depend on that again.
    Refused,
}

/// An exchange whose response has come.
pub struct Begun {
    /// The exchange as it is now.
    pub exchange: Exchange,
    /// What must be waited for before the exchange is judged, if anything.
    pub rest: Option<Rest>,
}

/// A connection on which further bytes may come, although none must.
pub struct Rest {
    connection: Connection,
    carried: wire::Carried,
    request: Arc<Request>,
    timing: Timing,
    reused: bool,
}

/// Counts a judged request while it waits for its response.
struct InFlight<'a>(&'a AtomicUsize);

impl<'a> InFlight<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }

    fn others(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 1
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Client {
    /// A client for a target. Nothing is sent yet, and no name is looked up.
    pub fn new(base: BaseUrl, options: ClientOptions, guard: Arc<Guard>, secrets: Secrets) -> Result<Self, InputError> {
        crate::guard::operator_fields_well_formed(&options.fields)?;
        if options.user_agent.bytes().any(|byte| byte.is_ascii_control()) {
            return Err(InputError::new("the User-Agent holds a connection break or a control character"));
        }
        let proxy = options.proxy.as_ref();
        let certificate = ClientCertificate::new(options.identity.as_ref());
        let config = tls::config(&base, &options, &certificate)?;
        let addresses = Arc::new(Addresses::new(&base, proxy, options.connect));
        let library = Library::new(&base, &options, Arc::clone(&addresses), config.clone(), Arc::clone(&certificate))?;
        let tunnel = proxy.filter(|_| base.is_https()).map(|proxy| Tunnel::new(proxy, &base, &options.user_agent));
        let tls =
            if base.is_https() { Some((TlsConnector::from(Arc::new(config)), tls::server_name(&base)?)) } else { None };
        Ok(Self {
            dialer: Dialer::new(&base, addresses, tunnel, tls, Arc::clone(&certificate)),
            certificate,
            pool: Pool::new(options.linger, options.pool_idle),
            http2_pool: Http2Pool::new(options.pool_idle),
            pace: Pace::new(options.rate),
            preamble: Preamble::new(&base, proxy, &options.user_agent),
            library,
            rehearsal: None,
            in_flight: AtomicUsize::new(0),
            shortage: Shortage::default(),
            base,
            options,
            guard,
            secrets,
        })
    }

    /// The same client, but one that sends nothing: see [`Rehearsal`].
    #[must_use]
    pub fn rehearsing(self) -> Self {
        Self { rehearsal: Some(Rehearsal::default()), ..self }
    }

    /// The record, if this client sends nothing.
    pub fn rehearsal(&self) -> Option<&Rehearsal> {
        self.rehearsal.as_ref()
    }

    /// Records a request, if this client sends nothing. The response is then that of the cue.
    pub fn rehearse(&self, rendered: &Rendered, cue: impl FnOnce() -> Cue) -> Option<Exchange> {
        let rehearsal = self.rehearsal.as_ref()?;
        Some(rehearsal.carry(rendered, &cue(), &self.guard, &self.options, &self.secrets))
    }

    /// The limit for the first byte of a judged response.
    pub fn first_byte(&self) -> Duration {
        self.options.first_byte
    }

    /// The target.
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Opens a connection to find out whether the target can be reached, and closes it. An API that serves one connection at a
    /// time would otherwise wait for a request on it.
    pub async fn reach(&self) -> Result<Reached, Failure> {
        if self.rehearsal.is_some() {
            return Ok(Reached { addresses: Vec::new(), tls: None });
        }
        let stream = self.stream().await?;
        let reached = Reached { addresses: self.dialer.addresses().await?, tls: stream.tls() };
        let deadline = || Instant::now() + GOODBYE;
        if self.options.http2 {
            self.http2_connection_on(stream).await?.close(deadline()).await;
        } else {
            Connection::new(stream).close(deadline()).await;
        }
        Ok(reached)
    }

    /// Whether the server speaks TLS, with any certificate. This is for a target without TLS whose responses make no sense.
    pub async fn speaks_tls(&self) -> bool {
        let Ok(name) = tls::server_name(&self.base) else { return false };
        let without_roots = ClientOptions { roots: Some(Vec::new()), ..ClientOptions::default() };
        let Ok(config) = tls::config(&self.base, &without_roots, &ClientCertificate::new(None)) else { return false };
        self.dialer.speaks_tls(&TlsConnector::from(Arc::new(config)), name).await
    }

    /// Sends a judged request over HTTP/1.1 (or HTTP/2, by the options) and reads its response to the byte. It follows no
    /// redirect, decodes nothing and repeats nothing.
    ///
    /// A response that is missing, truncated, reset, too large or malformed gives an exchange that says so. If no byte came on a
    /// reused connection ([`Exchange::reused`]), the server may only have closed it as idle. The caller decides whether to
    /// repeat the request.
    ///
    /// The recorded request has no Host, User-Agent, Accept, Accept-Encoding and Content-Length, which are added here.
    pub async fn send_judged(&self, rendered: &Rendered) -> Result<Exchange, Failure> {
        let begun = self.begin(rendered, Reuse::Allowed).await?;
        match begun.rest {
            Some(rest) => Ok(self.finish(rest).await),
            None => Ok(begun.exchange),
        }
    }

    /// Like [`Client::send_judged`], but it returns a response without a body as soon as it has come. [`Client::finish`] then waits
    /// for bytes that must not come, while the caller does other work.
    pub async fn begin(&self, rendered: &Rendered, reuse: Reuse) -> Result<Begun, Failure> {
        let request = self.admit(rendered, Guard::permit).await?;
        let in_flight = InFlight::new(&self.in_flight);
        if self.options.http2 {
            let exchange = Box::pin(self.over_http2(request, reuse)).await?;
            return Ok(Begun { exchange, rest: None });
        }
        let mut connect = Duration::ZERO;
        let pooled = match reuse {
            Reuse::Allowed => self.pool.take().await,
            Reuse::Refused => None,
        };
        let mut connection = if let Some(connection) = pooled {
            connection
        } else {
            self.leave_the_idle().await;
            let start = Instant::now();
            let stream = self.stream().await?;
            connect = start.elapsed();
            Connection::new(stream)
        };
        let reused = connection.carried;
        let carried = {
            let carrying = wire::carry(&mut connection, &request, &self.preamble, &self.options);
            tokio::pin!(carrying);
            self.making_way(carrying).await
        };
        let cut = if carried.is_cut_before() && !reused { self.uncertified(carried.alert) } else { None };
        if let Some(failure) = cut.or_else(|| self.answered_between(carried.reader.answer())) {
            return Err(self.masked(failure));
        }
        let timing = Timing { connect, first_byte: carried.first_byte, total: carried.total };
        let request = Arc::new(request);
        let lingers = carried.lingers() && !self.options.alone;
        let early = lingers.then(|| carried.reader.answer().clone());
        let rest = Rest { connection, carried, request: Arc::clone(&request), timing, reused };
        if let Some(answer) = early {
            let exchange = Exchange { request, answer, timing, reused, repeated_credentials: Vec::new() };
            return Ok(Begun { exchange: exchange.masked(&self.secrets), rest: Some(rest) });
        }
        let exchange = Box::pin(self.finish(rest)).await;
        // Another request may be waiting until this connection is closed.
        if self.options.alone && in_flight.others() {
            Box::pin(self.close()).await;
        }
        Ok(Begun { exchange, rest: None })
    }

    /// Closes the idle connections, if only one connection may be open.
    async fn leave_the_idle(&self) {
        if self.options.alone {
            Box::pin(self.close()).await;
        }
    }

    /// Like [`Client::begin`], over HTTP/2. It does not wait after a response, because the last frame marks its end.
    async fn over_http2(&self, request: Request, reuse: Reuse) -> Result<Exchange, Failure> {
        let start = Instant::now();
        let pooled = if reuse == Reuse::Allowed { self.http2_pool.take() } else { None };
        let (mut connection, connect) = if let Some(connection) = pooled {
            (connection, Duration::ZERO)
        } else {
            self.leave_the_idle().await;
            (self.http2_connection().await?, start.elapsed())
        };
        let reused = connection.carried;
        let outcome =
            connection.carry(&request, &self.base, &self.options).await.map_err(|failure| self.masked(failure))?;
        if outcome.is_clean && connection.is_open() {
            self.http2_pool.put(connection);
        }
        if let Some(failure) = self.answered_between(&outcome.answer) {
            return Err(self.masked(failure));
        }
        let timing = Timing { connect, first_byte: outcome.first_byte, total: outcome.total };
        let answer = outcome.answer;
        let exchange =
            Exchange { request: Arc::new(request), answer, timing, reused, repeated_credentials: Vec::new() };
        Ok(exchange.masked(&self.secrets))
    }

    /// Calls `ask`, which opens a connection. While this machine lacks what a connection needs, idle connections are closed and
    /// the call is repeated, at most for the limit of one exchange. An urgent call may use the reserve.
    async fn once_there_is_room<T, F>(&self, urgent: bool, ask: impl Fn() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let last = Instant::now() + self.options.total;
        loop {
            let asked = ask().await;
            let Err(Failure::Starved { lack, .. }) = &asked else {
                if asked.is_ok() {
                    self.shortage.note_success();
                }
                return asked;
            };
            if !self.shortage.may_pass(*lack) || Instant::now() >= last {
                return asked;
            }
            Box::pin(self.close()).await;
            self.shortage.pause(*lack, urgent).await;
        }
    }

    async fn stream(&self) -> Result<Stream, Failure> {
        Box::pin(self.once_there_is_room(false, || self.dialer.dial())).await.map_err(|failure| self.masked(failure))
    }

    async fn http2_connection(&self) -> Result<Http2Connection, Failure> {
        self.http2_connection_on(self.stream().await?).await
    }

    async fn http2_connection_on(&self, stream: Stream) -> Result<Http2Connection, Failure> {
        Http2Connection::open(stream, &self.base, &self.certificate, &self.options)
            .await
            .map_err(|failure| self.masked(failure))
    }

    /// Finishes an exchange: waits for bytes that must not come after a response without a body.
    pub async fn finish(&self, rest: Rest) -> Exchange {
        let Rest { mut connection, carried, request, timing, reused } = rest;
        let (answer, reusable) = carried.finish(&mut connection, &request).await;
        if reusable {
            connection.carried = true;
            connection.watched = answer.framing == Framing::Bodiless;
            self.pool.put(connection);
        }
        let exchange = Exchange { request, answer, timing, reused, repeated_credentials: Vec::new() };
        exchange.masked(&self.secrets)
    }

    /// Sends a call with an ordinary client. The bytes on the wire are unknown ([`Protocol::Library`]). The response is written
    /// as HTTP/1.1.
    pub async fn send_call(&self, rendered: &Rendered) -> Result<Exchange, Failure> {
        self.carry(self.admit(rendered, Guard::permit).await?, None).await
    }

    /// Like [`Client::send_call`], with a shorter limit for the whole exchange, from sending.
    pub async fn send_call_within(&self, rendered: &Rendered, limit: Duration) -> Result<Exchange, Failure> {
        self.carry(self.admit(rendered, Guard::permit).await?, Some(limit)).await
    }

    /// Like [`Client::send_call`], for the call that creates the object of a state.
    pub async fn send_creation(&self, rendered: &Rendered) -> Result<Exchange, Failure> {
        self.carry(self.admit(rendered, Guard::permit_making).await?, None).await
    }

    async fn carry(&self, request: Request, within: Option<Duration>) -> Result<Exchange, Failure> {
        self.leave_the_idle().await;
        let request = Arc::new(request);
        // Reads and removals have a limit and are urgent. Creating an object is not.
        let carry = || self.library.carry(Arc::clone(&request), within);
        let carrying = Box::pin(self.once_there_is_room(within.is_some(), carry));
        let exchange = self.making_way(carrying).await.map_err(|failure| self.masked(failure))?;
        let unread = exchange.answer.head.is_none() && matches!(exchange.answer.end, End::Broken(..));
        let other = if unread { self.speaks_otherwise().await } else { None };
        match other.or_else(|| self.answered_between(&exchange.answer)) {
            Some(failure) => Err(self.masked(failure)),
            None => Ok(exchange.masked(&self.secrets)),
        }
    }

    /// Waits for a response. If that takes long, idle connections are closed: a server that serves one connection at a time may
    /// be waiting on one of them, and would never read this request.
    async fn making_way<T>(&self, mut answer: impl Future<Output = T> + Unpin) -> T {
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                () = tokio::time::sleep(MAKE_WAY) => self.pool.make_way(),
            }
        }
    }

    /// The failure of a server that does not speak HTTP, after a response that the library cannot read.
    async fn speaks_otherwise(&self) -> Option<Failure> {
        let by_proxy = self.options.proxy.is_some() && !self.base.is_https();
        if by_proxy || self.options.http2 {
            return None;
        }
        overhear::failure(self.dialer.dial().await.ok()?, &self.base, &self.secrets).await
    }

    /// The failure of a connection that ended before any response, if the client certificate was the reason.
    fn uncertified(&self, alert: Option<AlertDescription>) -> Option<Failure> {
        self.certificate.failure(&self.base.authority_with_port(), alert)
    }

    /// The failure behind a response that a proxy or a gateway gave, and not the API.
    fn answered_between(&self, answer: &Answer) -> Option<Failure> {
        let asked = self.base.authority_with_port();
        if answer.head.is_some() {
            self.certificate.note_answer();
        }
        // The login of a proxy is checked when a tunnel is opened.
        let proxy = self.options.proxy.as_ref().filter(|_| !self.base.is_https() && Proxy::is_its_own(answer));
        proxy.map(|proxy| proxy.refused(answer, &asked)).or_else(|| gateway::certificate_refused(&asked, answer))
    }

    /// Closes the idle connections. Others are closed when their exchange is finished.
    pub async fn close(&self) {
        let deadline = Instant::now() + GOODBYE;
        for connection in self.pool.drain() {
            connection.close(deadline).await;
        }
        for connection in self.http2_pool.drain() {
            connection.close(deadline).await;
        }
    }

    /// The bytes of a request as they were sent; over HTTP/2, whose frames are not recorded, its fields as lines.
    pub fn as_sent(&self, request: &Request, protocol: Protocol) -> Vec<u8> {
        let mut out = sent::bytes(request, protocol, &self.preamble, self.base.authority(), &self.options);
        // The login for a proxy was added after the request was masked.
        self.secrets.mask(&mut out);
        out
    }

    /// Asks the guard, waits for the rate limit, and gives the request as it is sent. Every request passes here.
    async fn admit(
        &self,
        rendered: &Rendered,
        permit: fn(&Guard, &Rendered) -> Result<(), Refusal>,
    ) -> Result<Request, Failure> {
        permit(&self.guard, rendered)
            .and_then(|()| self.is_for_this_target(rendered))
            .map_err(|refusal| self.masked(refusal.into()))?;
        self.pace.wait().await;
        let mut request = rendered.request.clone();
        self.options.complete(&mut request);
        Ok(request)
    }

    fn is_for_this_target(&self, rendered: &Rendered) -> Result<(), Refusal> {
        let Rendered { request, base_path, .. } = rendered;
        if request.origin == self.base.origin() && base_path == self.base.base_path() {
            return Ok(());
        }
        Err(Refusal {
            message: format!("a request for {}{base_path} is not sent to {}", request.origin, self.base),
            help: None,
            path_value: None,
        })
    }

    /// Masks the secrets in a failure, which may quote the request.
    fn masked(&self, failure: Failure) -> Failure {
        let mask = |text: String| self.secrets.mask_str(&text).into_owned();
        match failure {
            Failure::Guarded(Refusal { message, help, path_value }) => {
                Failure::Guarded(Refusal { message: mask(message), help: help.map(mask), path_value })
            }
            Failure::Unsendable { why } => Failure::Unsendable { why: mask(why) },
            Failure::Proxy { proxy, why, help } => Failure::Proxy { proxy, why: mask(why), help },
            other => other,
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.base)
    }
}
