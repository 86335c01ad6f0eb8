//! One exchange on one connection over HTTP/1.1. The request is written in one piece, the response is read to the byte, and
//! every wait is limited.

use std::io::{self, Write as _};
use std::time::Duration;

use rustls::AlertDescription;
use tokio::time::Instant;

use super::base_url::BaseUrl;
use super::connection::{Connection, ConnectionEvent};
use super::failure;
use super::options::ClientOptions;
use super::proxy::Proxy;
use crate::exchange::{Answer, End, Framing, Next, Reader, Request, Stage, Wait};

/// How often bytes after a response are read, at most.
const SURPLUS_READS: usize = 16;

/// The result of an exchange.
pub(super) struct Carried {
    pub(super) reader: Reader,
    /// Why reading ended before the end of the response; none if it did not.
    end: Option<End>,
    /// The TLS alert of the server, if it sent one.
    pub(super) alert: Option<AlertDescription>,
    /// Whether the connection seems to be open.
    open: bool,
    /// Until when to wait for bytes that must not come.
    deadline: Option<Instant>,
    /// From the start of sending.
    pub(super) first_byte: Option<Duration>,
    /// From the start of sending to the end of the answer, without lingering.
    pub(super) total: Duration,
}

/// The parts that all requests to one target share.
#[derive(Debug)]
pub(super) struct Preamble {
    /// The origin before the path in the request line; empty, unless the request goes to a proxy.
    origin: String,
    host: String,
    defaults: Vec<(&'static str, String)>,
}

impl Preamble {
    /// A request to a proxy without a tunnel has the whole URL in its request line (RFC 9112 §3.2.2).
    pub(super) fn new(base: &BaseUrl, proxy: Option<&Proxy>, user_agent: &str) -> Self {
        let proxy = proxy.filter(|_| !base.is_https());
        let login = proxy.and_then(Proxy::authorization).map(|login| format!("Proxy-Authorization: {login}\r\n"));
        Self {
            origin: proxy.map_or("", |_| base.origin()).to_owned(),
            host: format!(" HTTP/1.1\r\nHost: {}\r\n{}", base.authority(), login.unwrap_or_default()),
            defaults: [("User-Agent", user_agent), ("Accept", "*/*"), ("Accept-Encoding", "identity")]
                .map(|(name, value)| (name, format!("{name}: {value}\r\n")))
                .into(),
        }
    }

    /// The origin before the path in the request line.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether the request goes to a proxy.
    pub(super) fn names_origin(&self) -> bool {
        !self.origin.is_empty()
    }

    /// Writes a request: Host, the default fields that it does not set itself, its own fields, Content-Length, body.
    pub(super) fn write(&self, request: &Request, out: &mut Vec<u8>) {
        out.clear();
        for part in [&request.method, " ", &self.origin, &request.target, &self.host] {
            out.extend_from_slice(part.as_bytes());
        }
        for (name, line) in &self.defaults {
            if !request.fields.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
                out.extend_from_slice(line.as_bytes());
            }
        }
        for (name, value) in &request.fields {
            for part in [name, ": ", value, "\r\n"] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        let body = request.body.as_deref();
        // A method that anticipates content has a Content-Length even without content (RFC 9110 §8.6).
        let anticipated = matches!(request.method.as_str(), "POST" | "PUT" | "PATCH");
        if body.is_some() || anticipated {
            // Writing into memory cannot fail.
            let _ = write!(out, "Content-Length: {}\r\n", body.map_or(0, <[u8]>::len));
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(body.unwrap_or_default());
    }
}

/// Carries out one exchange, up to the end of the response and the bytes after it that have come already.
pub(super) async fn carry(
    connection: &mut Connection,
    request: &Request,
    preamble: &Preamble,
    options: &ClientOptions,
) -> Carried {
    preamble.write(request, &mut connection.output);
    connection.start();
    let mut reader = Reader::new(&request.method, options.limits);
    let start = Instant::now();
    let last = start + options.total;
    let mut deadline = last.min(start + options.first_byte);
    let mut first_byte = None;
    let mut alert = None;
    let (end, total) = loop {
        match connection.next(deadline).await {
            ConnectionEvent::Read(0) => break (Some(End::Closed(Stage::Nothing)), start.elapsed()),
            ConnectionEvent::Read(count) => {
                let now = Instant::now();
                first_byte.get_or_insert(now - start);
                if reader.feed(connection.bytes(count)) == Next::Done {
                    break (None, now - start);
                }
                // The timer is not polled while a server sends without a pause.
                if now >= last {
                    break (Some(End::TimedOut(Stage::Nothing, Wait::Total(options.total))), now - start);
                }
                deadline = last.min(now + options.idle);
            }
            ConnectionEvent::Failed(error) => {
                alert = failure::alert(&error);
                break (Some(broken(&error)), start.elapsed());
            }
            ConnectionEvent::Elapsed => {
                let wait = match first_byte {
                    _ if deadline >= last => Wait::Total(options.total),
                    None => Wait::FirstByte(options.first_byte),
                    Some(_) => Wait::Idle(options.idle),
                };
                break (Some(End::TimedOut(Stage::Nothing, wait)), start.elapsed());
            }
        }
    };
    let open = end.is_none() && at_hand(connection, &mut reader).await;
    let deadline = match reader.answer() {
        _ if !open || options.linger.is_zero() => None,
        answer if answer.framing == Framing::Bodiless => Some(Instant::now() + options.linger),
        // Late bytes after a body are rare, so there is no wait for them. What has come when the connection is reused is
        // seen.
        answer if answer.leaves_connection_clean() => Some(Instant::now()),
        _ => None,
    };
    Carried { reader, end, alert, open, deadline, first_byte, total }
}

impl Carried {
    /// Whether the connection ended before any byte.
    pub(super) fn is_cut_before(&self) -> bool {
        self.first_byte.is_none() && !matches!(self.end, None | Some(End::TimedOut(..)))
    }

    /// Whether to wait for bytes that must not come.
    pub(super) fn lingers(&self) -> bool {
        self.deadline.is_some()
    }

    /// Waits for late bytes if there is a deadline. Gives the response, and whether the connection can be reused.
    pub(super) async fn finish(mut self, connection: &mut Connection, request: &Request) -> (Answer, bool) {
        if let Some(deadline) = self.deadline {
            self.open = linger(connection, &mut self.reader, deadline).await;
        }
        let answer = self.reader.finish(self.end.unwrap_or(End::Complete));
        let reusable = self.open && connection.is_sent() && leaves_it_clean(&answer) && persists(&answer, request);
        (answer, reusable)
    }
}

/// Reads the bytes after the end of a response that have come already. Whether the connection is still open.
async fn at_hand(connection: &mut Connection, reader: &mut Reader) -> bool {
    for _ in 0..SURPLUS_READS {
        match connection.at_once().await {
            None => break,
            Some(ConnectionEvent::Read(count)) if count > 0 => {
                reader.feed(connection.bytes(count));
            }
            Some(_) => return false,
        }
    }
    true
}

/// Reads what comes after a response without a body, until the deadline. Whether the connection is still open.
async fn linger(connection: &mut Connection, reader: &mut Reader, deadline: Instant) -> bool {
    reader.linger();
    if !at_hand(connection, reader).await {
        return false;
    }
    loop {
        match connection.next(deadline).await {
            ConnectionEvent::Elapsed => return true,
            ConnectionEvent::Read(count) if count > 0 => {
                reader.feed(connection.bytes(count));
                if Instant::now() >= deadline {
                    return true;
                }
            }
            ConnectionEvent::Read(_) | ConnectionEvent::Failed(_) => return false,
        }
    }
}

/// Whether it is certain where the next response begins. After any violation it is not, so that a broken response does not affect
/// another case.
fn leaves_it_clean(answer: &Answer) -> bool {
    answer.end == End::Complete && answer.surplus.is_none() && answer.faults.is_empty()
}

/// Whether both sides let the connection persist (RFC 9112 §9.3).
fn persists(answer: &Answer, request: &Request) -> bool {
    let Some(head) = &answer.head else { return false };
    let says = |option: &str| {
        head.values("Connection").any(|value| value.split(',').any(|one| one.trim().eq_ignore_ascii_case(option)))
    };
    let asked_to_close = request
        .fields
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("Connection") && value.to_ascii_lowercase().contains("close"));
    let allowed = match head.version.as_str() {
        "HTTP/1.1" => !says("close"),
        "HTTP/1.0" => says("keep-alive") && !says("close"),
        _ => false,
    };
    allowed && !asked_to_close && answer.framing != Framing::UntilClose
}

/// The end for a connection that broke. The reader replaces its stage.
fn broken(error: &io::Error) -> End {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            End::Reset(Stage::Nothing)
        }
        // Many servers close TLS without a close_notify alert. The framing tells whether the response is complete.
        io::ErrorKind::UnexpectedEof => End::Closed(Stage::Nothing),
        _ => End::Broken(Stage::Nothing, error.to_string()),
    }
}
