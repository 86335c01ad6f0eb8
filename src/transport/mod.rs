//! The only code that opens sockets, with the guard in front.
//!
//! A [`Client`] asks one target. [`Client::examine`] sends what is judged and keeps every byte of the answer;
//! [`Client::stage`] sends the calls around it. Both first ask the [`Guard`], so nothing is sent past it. It leaves out
//! what is sent when (`run`, `object`) and whether an answer is right (`check`).

mod authority;
mod base_url;
mod connection;
mod dial;
mod failure;
mod gateway;
#[cfg_attr(not(feature = "http2"), path = "http2/absent.rs")]
mod http2;
mod library;
mod overhear;
mod pace;
mod pem;
mod pool;
mod production;
mod proxy;
mod rehearsal;
mod sent;
mod shortage;
mod tls;
mod tunnel;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::AlertDescription;
use rustls::pki_types::CertificateDer;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

pub use crate::guard::{Guard, Refusal, Written};
pub use base_url::BaseUrl;
pub use failure::Failure;
pub use gateway::refuse_fields;
pub use pem::{Identity, MACHINE, authorities, machine};
pub use production::refuse_production;
pub use proxy::{Proxy, goes_direct};
pub use rehearsal::{Cue, Rehearsal, Script};
pub use shortage::Lack;

use crate::case::Rendered;
use crate::exchange::{Answer, End, Exchange, Framing, Limits, Request, Timing};
use crate::location::InputError;
use crate::secret::Secrets;
use connection::{Connection, Stream};
use dial::{Addresses, Dialer};
use http2::{Line, Lines};
use library::Library;
use pace::Pace;
use pool::Pool;
use shortage::Shortage;
use tls::Shown;
use tunnel::Tunnel;
use wire::Preamble;

/// How long the end of a connection may take that ends in order.
const GOODBYE: Duration = Duration::from_millis(100);

/// How a client asks: every wait and size has a limit here.
#[derive(Clone, Debug)]
pub struct Options {
    /// Until a connection stands, name look-up and TLS included each: 5 s.
    pub connect: Duration,
    /// From sending to the first byte of the answer: 10 s. Judged requests only.
    pub first_byte: Duration,
    /// Between bytes: 5 s. Judged requests only.
    pub idle: Duration,
    /// For the whole exchange, from sending: 30 s.
    pub total: Duration,
    /// How long bytes are waited for that must not come after a bodiless answer: 20 ms; zero does not wait.
    pub linger: Duration,
    /// How long an idle connection is used again, once it has been idle for as long as `linger`: 500 ms.
    pub pool_idle: Duration,
    /// How much of an answer is read.
    pub limits: Limits,
    /// The User-Agent, unless a request sets its own.
    pub user_agent: String,
    /// Fields for every request, unless it sets its own of that name.
    pub fields: Vec<(String, String)>,
    /// The authorities to trust instead of those that the machine trusts.
    pub roots: Option<Vec<CertificateDer<'static>>>,
    /// The authorities to trust beside them.
    pub authorities: Vec<CertificateDer<'static>>,
    /// Whether any certificate is accepted.
    pub insecure: bool,
    /// What is shown to a server that asks for a certificate.
    pub identity: Option<Identity>,
    /// The proxy to go through.
    pub proxy: Option<Proxy>,
    /// Whether to speak HTTP/2, over TLS or at once.
    pub http2: bool,
    /// Requests a second at most, over all tasks.
    pub rate: Option<f64>,
    /// Whether no connection is held open beside the one that asks, for an API that serves one at a time.
    pub alone: bool,
}

/// How long a request waits for its answer before idle connections make way for it.
const MAKE_WAY: Duration = Duration::from_millis(250);

impl Default for Options {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(10),
            idle: Duration::from_secs(5),
            total: Duration::from_secs(30),
            linger: Duration::from_millis(20),
            pool_idle: Duration::from_millis(500),
            limits: Limits::default(),
            user_agent: concat!("conformant/", env!("CARGO_PKG_VERSION")).to_owned(),
            fields: Vec::new(),
            roots: None,
            authorities: Vec::new(),
            insecure: false,
            identity: None,
            proxy: None,
            http2: false,
            rate: None,
            alone: false,
        }
    }
}

impl Options {
    /// Adds the fields for every request to one, unless it has its own of that name.
    pub fn complete(&self, request: &mut Request) {
        for (name, value) in &self.fields {
            if !request.fields.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
                request.fields.push((name.clone(), value.clone()));
            }
        }
    }
}

/// Asks one target. Shared by all tasks of one Tokio runtime; its connections belong to that runtime.
pub struct Client {
    base: BaseUrl,
    options: Options,
    guard: Arc<Guard>,
    secrets: Secrets,
    dialer: Dialer,
    shown: Arc<Shown>,
    pool: Pool,
    lines: Lines,
    pace: Pace,
    preamble: Preamble,
    library: Library,
    /// What a dry run puts down in place of sending it.
    rehearsal: Option<Rehearsal>,
    /// How many judged requests are under way.
    under_way: AtomicUsize,
    shortage: Shortage,
}

/// Who was reached.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The addresses of its host.
    pub addresses: Vec<SocketAddr>,
    /// The version of TLS that was agreed upon, where it is used.
    pub tls: Option<String>,
}

/// Whether a request may go out on a connection that carried another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// If a clean one is at hand.
    Allowed,
    /// Never: after a kept connection has died, what happens must be the answer's own doing.
    Refused,
}

/// An exchange whose answer has come.
pub struct Begun {
    /// The exchange as it is now.
    pub exchange: Exchange,
    /// What must be waited for before it is judged, if anything.
    pub rest: Option<Rest>,
}

/// A connection on which bytes may still come that must not.
pub struct Rest {
    connection: Connection,
    carried: wire::Carried,
    request: Arc<Request>,
    timing: Timing,
    reused: bool,
}

/// Counts a judged request as long as it is under way.
struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }

    fn others(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 1
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Client {
    /// A client for a target. Nothing is sent yet, and no name is looked up.
    pub fn new(base: BaseUrl, options: Options, guard: Arc<Guard>, secrets: Secrets) -> Result<Self, InputError> {
        crate::guard::fields_well_formed(&options.fields)?;
        if options.user_agent.bytes().any(|byte| byte.is_ascii_control()) {
            return Err(InputError::new("the User-Agent holds a line break or a control character"));
        }
        let proxy = options.proxy.as_ref();
        let shown = Shown::new(options.identity.as_ref());
        let config = tls::config(&base, &options, &shown)?;
        let addresses = Arc::new(Addresses::new(&base, proxy, options.connect));
        let library = Library::new(&base, &options, Arc::clone(&addresses), config.clone(), Arc::clone(&shown))?;
        let tunnel = proxy.filter(|_| base.is_https()).map(|proxy| Tunnel::new(proxy, &base, &options.user_agent));
        let tls =
            if base.is_https() { Some((TlsConnector::from(Arc::new(config)), tls::server_name(&base)?)) } else { None };
        Ok(Self {
            dialer: Dialer::new(&base, addresses, tunnel, tls, Arc::clone(&shown)),
            shown,
            pool: Pool::new(options.linger, options.pool_idle),
            lines: Lines::new(options.pool_idle),
            pace: Pace::new(options.rate),
            preamble: Preamble::new(&base, proxy, &options.user_agent),
            library,
            rehearsal: None,
            under_way: AtomicUsize::new(0),
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

    /// What was put down, if this client sends nothing.
    pub fn rehearsal(&self) -> Option<&Rehearsal> {
        self.rehearsal.as_ref()
    }

    /// Puts a request down in place of sending it, if this client sends nothing; then the answer is the cue's.
    pub fn rehearse(&self, rendered: &Rendered, cue: impl FnOnce() -> Cue) -> Option<Exchange> {
        let rehearsal = self.rehearsal.as_ref()?;
        Some(rehearsal.carry(rendered, cue(), &self.guard, &self.options, &self.secrets))
    }

    /// How long the first byte of a judged answer is awaited.
    pub fn first_byte(&self) -> Duration {
        self.options.first_byte
    }

    /// The target.
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Opens a connection, to tell whether there is anybody to ask, and closes it: an API that serves one connection at a
    /// time would wait for a request on it and answer nobody else.
    pub async fn reach(&self) -> Result<Reached, Failure> {
        if self.rehearsal.is_some() {
            return Ok(Reached { addresses: Vec::new(), tls: None });
        }
        let stream = self.stream().await?;
        let reached = Reached { addresses: self.dialer.addresses().await?, tls: stream.tls() };
        let deadline = || Instant::now() + GOODBYE;
        if self.options.http2 {
            self.line_on(stream).await?.close(deadline()).await;
        } else {
            Connection::new(stream).close(deadline()).await;
        }
        Ok(reached)
    }

    /// Whether whoever listens there speaks TLS, whatever certificate it shows. Asked of a target without TLS that
    /// answers nothing that makes sense.
    pub async fn speaks_tls(&self) -> bool {
        let Ok(name) = tls::server_name(&self.base) else { return false };
        let trusting_nobody = Options { roots: Some(Vec::new()), ..Options::default() };
        let Ok(config) = tls::config(&self.base, &trusting_nobody, &Shown::new(None)) else { return false };
        self.dialer.speaks_tls(&TlsConnector::from(Arc::new(config)), name).await
    }

    /// Sends a judged request over HTTP/1.1 (HTTP/2 where that is wanted) and reads its answer to the byte. It follows,
    /// decodes and retries nothing.
    ///
    /// A silent, cut, reset, oversized or malformed answer is an exchange that says so. On a connection that had
    /// carried another exchange, an answer without one byte may mean no more than that the server closed it as idle
    /// ([`Exchange::reused`]); asking again is left to the caller.
    ///
    /// The recorded request has no Host, User-Agent, Accept, Accept-Encoding and Content-Length, which are added here.
    pub async fn examine(&self, rendered: &Rendered) -> Result<Exchange, Failure> {
        let begun = self.begin(rendered, Reuse::Allowed).await?;
        match begun.rest {
            Some(rest) => Ok(self.finish(rest).await),
            None => Ok(begun.exchange),
        }
    }

    /// As [`Client::examine`], but gives an answer after which nothing may come as soon as it is there: what comes all
    /// the same is looked for in [`Client::finish`], beside other work.
    pub async fn begin(&self, rendered: &Rendered, reuse: Reuse) -> Result<Begun, Failure> {
        let request = self.admit(rendered, Guard::permit).await?;
        let under_way = UnderWay::new(&self.under_way);
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
            let exchange = Exchange { request, answer, timing, reused, leaked: Vec::new() };
            return Ok(Begun { exchange: exchange.masked(&self.secrets), rest: Some(rest) });
        }
        let exchange = Box::pin(self.finish(rest)).await;
        // Another one may wait until this connection is closed.
        if self.options.alone && under_way.others() {
            Box::pin(self.close()).await;
        }
        Ok(Begun { exchange, rest: None })
    }

    /// Closes the idle connections if none may be open beside another.
    async fn leave_the_idle(&self) {
        if self.options.alone {
            Box::pin(self.close()).await;
        }
    }

    /// As [`Client::begin`], over HTTP/2: nothing is waited for after an answer, because its last frame ends it.
    async fn over_http2(&self, request: Request, reuse: Reuse) -> Result<Exchange, Failure> {
        let start = Instant::now();
        let pooled = if reuse == Reuse::Allowed { self.lines.take() } else { None };
        let (mut line, connect) = if let Some(line) = pooled {
            (line, Duration::ZERO)
        } else {
            self.leave_the_idle().await;
            (self.line().await?, start.elapsed())
        };
        let reused = line.carried;
        let spoken = line.carry(&request, &self.base, &self.options).await.map_err(|failure| self.masked(failure))?;
        if spoken.is_clean && line.is_open() {
            self.lines.put(line);
        }
        if let Some(failure) = self.answered_between(&spoken.answer) {
            return Err(self.masked(failure));
        }
        let timing = Timing { connect, first_byte: spoken.first_byte, total: spoken.total };
        let answer = spoken.answer;
        let exchange = Exchange { request: Arc::new(request), answer, timing, reused, leaked: Vec::new() };
        Ok(exchange.masked(&self.secrets))
    }

    async fn stream(&self) -> Result<Stream, Failure> {
        Box::pin(self.once_there_is_room(false, || self.dialer.dial())).await.map_err(|failure| self.masked(failure))
    }

    async fn line(&self) -> Result<Line, Failure> {
        self.line_on(self.stream().await?).await
    }

    async fn line_on(&self, stream: Stream) -> Result<Line, Failure> {
        Line::open(stream, &self.base, &self.shown, &self.options).await.map_err(|failure| self.masked(failure))
    }

    /// Waits for the rest of an exchange: bytes that must not come after a bodiless answer.
    pub async fn finish(&self, rest: Rest) -> Exchange {
        let Rest { mut connection, carried, request, timing, reused } = rest;
        let (answer, reusable) = carried.finish(&mut connection, &request).await;
        if reusable {
            connection.carried = true;
            connection.watched = answer.framing == Framing::Bodiless;
            self.pool.put(connection);
        }
        let exchange = Exchange { request, answer, timing, reused, leaked: Vec::new() };
        exchange.masked(&self.secrets)
    }

    /// Sends a call with an ordinary client. The answer has no wire ([`Protocol::Library`]); its bytes are written down
    /// as HTTP/1.1 would have them.
    ///
    /// [`Protocol::Library`]: crate::exchange::Protocol::Library
    pub async fn stage(&self, rendered: &Rendered) -> Result<Exchange, Failure> {
        self.carry(self.admit(rendered, Guard::permit).await?, None).await
    }

    /// As [`Client::stage`], for a call whose answer should come at once: it is awaited so long, from sending.
    pub async fn stage_within(&self, rendered: &Rendered, limit: Duration) -> Result<Exchange, Failure> {
        self.carry(self.admit(rendered, Guard::permit).await?, Some(limit)).await
    }

    /// As [`Client::stage`], for the call that makes an object of a state.
    pub async fn make(&self, rendered: &Rendered) -> Result<Exchange, Failure> {
        self.carry(self.admit(rendered, Guard::permit_making).await?, None).await
    }

    async fn carry(&self, request: Request, within: Option<Duration>) -> Result<Exchange, Failure> {
        self.leave_the_idle().await;
        let request = Arc::new(request);
        // Looks and removals come with a limit; making something can wait.
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

    /// Waits for an answer. If that takes long, idle connections are closed meanwhile: a server that serves one connection
    /// at a time may be waiting on one of them, and would never come to this request.
    async fn making_way<T>(&self, mut answer: impl Future<Output = T> + Unpin) -> T {
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                () = tokio::time::sleep(MAKE_WAY) => self.pool.make_way(),
            }
        }
    }

    /// The failure to speak HTTP, asked about whoever gave an answer that cannot be read.
    async fn speaks_otherwise(&self) -> Option<Failure> {
        let by_proxy = self.options.proxy.is_some() && !self.base.is_https();
        if by_proxy || self.options.http2 {
            return None;
        }
        overhear::failure(self.dialer.dial().await.ok()?, &self.base, &self.secrets).await
    }

    /// Why a connection ended before any answer, if it was about the client's certificate.
    fn uncertified(&self, alert: Option<AlertDescription>) -> Option<Failure> {
        self.shown.failure(&self.base.authority_with_port(), alert)
    }

    /// The failure that an answer tells of which only what stands in between can have given.
    fn answered_between(&self, answer: &Answer) -> Option<Failure> {
        let asked = self.base.authority_with_port();
        if answer.head.is_some() {
            self.shown.note_answer();
        }
        // A tunnel was opened with the login already.
        let proxy = self.options.proxy.as_ref().filter(|_| !self.base.is_https() && Proxy::is_its_own(answer));
        proxy.map(|proxy| proxy.refused(answer, &asked)).or_else(|| gateway::certificate_refused(&asked, answer))
    }

    /// Closes the idle connections; those in use close when they are done.
    pub async fn close(&self) {
        let deadline = Instant::now() + GOODBYE;
        for connection in self.pool.drain() {
            connection.close(deadline).await;
        }
        for line in self.lines.drain() {
            line.close(deadline).await;
        }
    }

    /// The one way to the wire: asks the guard, waits for a place, and gives the request as it is sent.
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
        })
    }

    /// Without secrets: a refusal quotes what was to be sent.
    fn masked(&self, failure: Failure) -> Failure {
        let mask = |text: String| self.secrets.mask_str(&text).into_owned();
        match failure {
            Failure::Guarded(Refusal { message, help }) => Failure::Guarded(Refusal { message: mask(message), help }),
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
