//! Judged exchanges over HTTP/2 (RFC 9113), by hyper: status, fields, body and end are known, but not the frames.
//!
//! A connection carries one exchange at a time, so that a broken response does not affect another case. The limits are those of
//! HTTP/1.1.

mod greeting;

use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body as _, Bytes, Frame, Incoming, SizeHint};
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::base_url::BaseUrl;
use super::connection::Stream;
use super::failure::Failure;
use super::options::ClientOptions;
use super::tls::ClientCertificate;
use crate::exchange::{Answer, End, Fault, FaultKind, Field, Framing, Head, Protocol, Request, Stage, Surplus, Wait};
use greeting::Watched;

/// How many bytes are kept of a body that must not be there.
const SURPLUS: usize = 4 * 1024;

/// A connection that speaks HTTP/2.
pub(super) struct Http2Connection {
    sender: SendRequest<Whole>,
    driver: Driver,
    /// Whether it has carried an exchange.
    pub(super) carried: bool,
    idle_since: Instant,
}

/// The task that reads and writes the frames. It ends when this is dropped.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The idle connections to one target, the one that was used last at the end.
pub(super) struct Http2Pool {
    idle: Mutex<Vec<Http2Connection>>,
    limit: Duration,
}

/// The result of an exchange.
pub(super) struct Http2Outcome {
    pub(super) answer: Answer,
    /// From the start of sending.
    pub(super) first_byte: Option<Duration>,
    /// From the start of sending.
    pub(super) total: Duration,
    /// Whether the response allows another exchange on the same connection.
    pub(super) is_clean: bool,
}

impl Http2Connection {
    /// Starts HTTP/2 on a stream, and waits until the server does so too.
    pub(super) async fn open(
        stream: Stream,
        base: &BaseUrl,
        certificate: &ClientCertificate,
        options: &ClientOptions,
    ) -> Result<Self, Failure> {
        let asked = base.authority_with_port();
        let deadline = Instant::now() + options.connect;
        let no_http2 = |why: String| Failure::NoHttp2 { asked: asked.clone(), why };
        if !stream.may_speak_http2() {
            return Err(no_http2("in the TLS handshake it offers HTTP/1.1 only".to_owned()));
        }
        let (io, greeting) = Watched::new(stream);
        let mut builder = Builder::new(TokioExecutor::new());
        // A head beyond the limit is reported by its size. A much larger head is not read at all.
        builder.max_header_list_size(u32::try_from(options.limits.head.saturating_mul(4)).unwrap_or(u32::MAX));
        let handshake = timeout_at(deadline, builder.handshake(TokioIo::new(io))).await;
        let (sender, connection) = match handshake {
            Ok(Ok(both)) => both,
            Ok(Err(error)) => return Err(no_http2(format!("the connection broke: {}", chain(&error)))),
            Err(_) => return Err(no_http2(format!("it did not answer within {:?}", options.connect))),
        };
        let ends = Arc::clone(&greeting);
        let driver = Driver(tokio::spawn(async move {
            // An exchange that breaks is reported by itself. Writing may fail before anything was read.
            ends.end(match connection.await {
                Ok(()) => "it closed the connection".to_owned(),
                Err(error) => format!("the connection broke: {}", chain(&error)),
            });
        }));
        let opened = Self { sender, driver, carried: false, idle_since: Instant::now() };
        match timeout_at(deadline, greeting.heard()).await {
            Ok(Ok(())) => Ok(opened),
            Ok(Err((why, alert))) => Err(certificate.failure(&asked, alert).unwrap_or_else(|| no_http2(why))),
            Err(_) => Err(no_http2(format!("it said nothing within {:?}", options.connect))),
        }
    }

    /// Carries out one exchange.
    pub(super) async fn carry(
        &mut self,
        request: &Request,
        base: &BaseUrl,
        options: &ClientOptions,
    ) -> Result<Http2Outcome, Failure> {
        let sent = written(request, base, options)?;
        let mut answer = Answer { protocol: Protocol::Http2, ..Answer::default() };
        let start = Instant::now();
        let last = start + options.total;
        let mut first_byte = None;
        let deadline = last.min(start + options.first_byte);
        let response = pin!(self.sender.send_request(sent));
        let end = match timeout_at(deadline, response).await {
            Err(_) if deadline >= last => End::TimedOut(Stage::Nothing, Wait::Total(options.total)),
            Err(_) => End::TimedOut(Stage::Nothing, Wait::FirstByte(options.first_byte)),
            Ok(Err(error)) => broken(&error, Stage::Nothing),
            Ok(Ok(response)) => {
                first_byte = Some(start.elapsed());
                let (parts, body) = response.into_parts();
                let head_only = request.method == "HEAD";
                if head(parts.status.as_u16(), &parts.headers, head_only, options.limits.head, &mut answer) {
                    read(body, options, last, &mut answer).await
                } else {
                    End::Limit
                }
            }
        };
        answer.end = end;
        answer.unpack(options.limits.body);
        let total = start.elapsed();
        let is_clean = answer.end == End::Complete && answer.surplus.is_none() && answer.faults.is_empty();
        self.carried = true;
        Ok(Http2Outcome { answer, first_byte, total, is_clean })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.sender.is_closed() && !self.driver.0.is_finished()
    }

    /// Closes the connection in order.
    pub(super) async fn close(self, deadline: Instant) {
        let Self { sender, mut driver, .. } = self;
        // Without a sender, hyper sends GOAWAY and ends.
        drop(sender);
        let _ = timeout_at(deadline, &mut driver.0).await;
    }
}

impl Http2Pool {
    pub(super) fn new(limit: Duration) -> Self {
        Self { idle: Mutex::default(), limit }
    }

    /// The connection that was used last, if it is open and was not idle for too long.
    pub(super) fn take(&self) -> Option<Http2Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| connection.idle_since.elapsed() < self.limit && connection.is_open());
        idle.pop()
    }

    pub(super) fn put(&self, mut connection: Http2Connection) {
        connection.idle_since = Instant::now();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// Removes and gives all connections.
    pub(super) fn drain(&self) -> Vec<Http2Connection> {
        std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The request for hyper, with the default fields that it does not set itself.
fn written(request: &Request, base: &BaseUrl, options: &ClientOptions) -> Result<hyper::Request<Whole>, Failure> {
    let unsendable =
        |why: &str| Failure::Unsendable { why: format!("{} {} {why} over HTTP/2", request.method, request.target) };
    let url = format!("{}{}", base.origin(), request.target);
    let uri: hyper::Uri = url.parse().map_err(|_| unsendable("has a target that cannot be sent"))?;
    // The guard has checked the target as written.
    if uri.path_and_query().map(hyper::http::uri::PathAndQuery::as_str) != Some(request.target.as_str()) {
        return Err(unsendable("has a target that would become another"));
    }
    let mut sent = hyper::Request::new(Whole(request.body.clone().map(Bytes::from)));
    *sent.uri_mut() = uri;
    *sent.version_mut() = hyper::Version::HTTP_2;
    *sent.method_mut() = request.method.parse().map_err(|_| unsendable("has a method that cannot be sent"))?;
    let mut add = |name: &str, value: &str| {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        let (Ok(name), Ok(value)) = (name, value) else { return Err(unsendable("has a field that cannot be sent")) };
        sent.headers_mut().append(name, value);
        Ok(())
    };
    let defaults = [("user-agent", options.user_agent.as_str()), ("accept", "*/*"), ("accept-encoding", "identity")];
    for (name, value) in defaults {
        if !request.fields.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
            add(name, value)?;
        }
    }
    for (name, value) in &request.fields {
        add(name, value)?;
    }
    if let Some(body) = &request.body {
        add("content-length", &body.len().to_string())?;
    }
    Ok(sent)
}

/// Copies the head, and writes its bytes as in HTTP/1.1. False if it is beyond the limit.
fn head(status: u16, headers: &HeaderMap, head_only: bool, limit: usize, answer: &mut Answer) -> bool {
    let mut raw = format!("HTTP/2 {status}\r\n").into_bytes();
    let mut fields = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            raw.extend_from_slice(part);
        }
        fields.push(Field { name: name.as_str().to_owned(), value: value.as_bytes().to_vec() });
    }
    raw.extend_from_slice(b"\r\n");
    let range = 0..raw.len();
    answer.raw = raw;
    if range.end > limit {
        answer.raw.truncate(limit);
        answer.faults.push(Fault { kind: FaultKind::HeadTooLarge, range: 0..limit });
        return false;
    }
    let length = headers.get(hyper::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    answer.framing = match (status, length.map(str::parse)) {
        (204 | 304, _) => Framing::Bodiless,
        _ if head_only => Framing::Bodiless,
        (_, Some(Ok(length))) => Framing::Length(length),
        // The last frame marks the end.
        _ => Framing::Unknown,
    };
    if let (204, Some(length)) = (status, length) {
        answer.faults.push(Fault { kind: FaultKind::BodilessWithLength(length.to_owned()), range: range.clone() });
    }
    answer.head = Some(Head { version: "HTTP/2".to_owned(), status, reason: String::new(), fields, range });
    true
}

/// Reads the body, and gives its end.
async fn read(body: Incoming, options: &ClientOptions, last: Instant, answer: &mut Answer) -> End {
    let mut body = pin!(body);
    loop {
        let now = Instant::now();
        if now >= last {
            return End::TimedOut(Stage::Body, Wait::Total(options.total));
        }
        let deadline = last.min(now + options.idle);
        let frame = match timeout_at(deadline, poll_fn(|cx| body.as_mut().poll_frame(cx))).await {
            Err(_) if deadline >= last => return End::TimedOut(Stage::Body, Wait::Total(options.total)),
            Err(_) => return End::TimedOut(Stage::Body, Wait::Idle(options.idle)),
            Ok(None) => {
                if answer.framing == Framing::Unknown {
                    answer.framing = Framing::Length(answer.body_size);
                }
                return End::Complete;
            }
            Ok(Some(Err(error))) => return broken(&error, Stage::Body),
            Ok(Some(Ok(frame))) => frame,
        };
        match frame.into_data() {
            Ok(bytes) if answer.framing == Framing::Bodiless => beyond(&bytes, answer),
            Ok(bytes) => {
                if !within(&bytes, options.limits.body, answer) {
                    return End::Limit;
                }
            }
            Err(frame) => {
                for (name, value) in frame.trailers_ref().into_iter().flatten() {
                    answer.trailers.push(Field { name: name.as_str().to_owned(), value: value.as_bytes().to_vec() });
                }
            }
        }
        let surplus = answer.surplus.as_ref().map_or(0, |surplus| surplus.size);
        if surplus > options.limits.body as u64 {
            return End::Limit;
        }
    }
}

/// Adds bytes of a body. False if they are beyond the limit.
fn within(bytes: &[u8], limit: usize, answer: &mut Answer) -> bool {
    let kept = &bytes[..bytes.len().min(limit.saturating_sub(answer.body.len()))];
    answer.take(kept);
    if kept.len() == bytes.len() {
        return true;
    }
    let end = answer.raw.len();
    answer.faults.push(Fault { kind: FaultKind::BodyTooLarge, range: end..end });
    false
}

/// Adds bytes of a body that must not be there.
fn beyond(bytes: &[u8], answer: &mut Answer) {
    if bytes.is_empty() {
        return;
    }
    let surplus = answer.surplus.get_or_insert(Surplus { bytes: Vec::new(), size: 0, late: false });
    let kept = &bytes[..bytes.len().min(SURPLUS.saturating_sub(surplus.bytes.len()))];
    surplus.bytes.extend_from_slice(kept);
    answer.raw.extend_from_slice(kept);
    surplus.size += bytes.len() as u64;
}

/// The end of an exchange that broke. A server may refuse a request that it has not processed when it closes an idle connection
/// (RFC 9113 §8.7), so that counts as the end of the connection.
fn broken(error: &hyper::Error, stage: Stage) -> End {
    let Some(said) = cause::<h2::Error>(error) else {
        return match cause::<io::Error>(error) {
            Some(error) => by_socket(error, stage),
            None if error.is_closed() || error.is_canceled() => End::Closed(stage),
            None => End::Broken(stage, chain(error)),
        };
    };
    let reason = said.reason().unwrap_or(h2::Reason::INTERNAL_ERROR);
    match said.get_io() {
        Some(error) => by_socket(error, stage),
        None if said.is_remote() && said.is_go_away() && reason == h2::Reason::NO_ERROR => End::Closed(stage),
        None if said.is_remote() && reason == h2::Reason::REFUSED_STREAM => End::Reset(stage),
        None if said.is_remote() && said.is_go_away() => {
            End::Broken(stage, format!("the server ended the connection with {} ({reason})", name(reason)))
        }
        None if said.is_remote() => {
            End::Broken(stage, format!("the server reset the stream with {} ({reason})", name(reason)))
        }
        None => End::Broken(stage, format!("what came is malformed in HTTP/2: {} ({reason})", name(reason))),
    }
}

fn by_socket(error: &io::Error, stage: Stage) -> End {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            End::Reset(stage)
        }
        io::ErrorKind::UnexpectedEof => End::Closed(stage),
        _ => End::Broken(stage, error.to_string()),
    }
}

/// The name of an error code (RFC 9113 §7), as its `Debug` has it.
fn name(reason: h2::Reason) -> String {
    format!("{reason:?}")
}

/// The causes of an error, the nearest first.
fn causes(error: &hyper::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&inner| inner.source())
}

/// The first cause of a kind.
fn cause<E: Error + 'static>(error: &hyper::Error) -> Option<&E> {
    causes(error).find_map(|inner| inner.downcast_ref())
}

/// The messages of an error and its causes, each once.
fn chain(error: &hyper::Error) -> String {
    let mut texts = vec![error.to_string()];
    texts.extend(causes(error).map(ToString::to_string));
    texts.dedup();
    texts.join(": ")
}

/// The body of a request, sent in one piece, or none.
struct Whole(Option<Bytes>);

impl hyper::body::Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
