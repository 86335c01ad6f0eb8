//! One connection: its stream, its buffers and its timer. They are reused, so that an exchange allocates little.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustls::ProtocolVersion;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};
use tokio_rustls::client::TlsStream;

/// How many bytes are read at a time, at most.
const INPUT: usize = 16 * 1024;

/// A plain or a TLS stream.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// The version of TLS for people: `TLS 1.3`.
    pub(super) fn tls(&self) -> Option<String> {
        match self {
            Self::Plain(_) => None,
            Self::Tls(stream) => stream.get_ref().1.protocol_version().map(|version| match version {
                ProtocolVersion::TLSv1_2 => "TLS 1.2".to_owned(),
                ProtocolVersion::TLSv1_3 => "TLS 1.3".to_owned(),
                other => format!("{other:?}"),
            }),
        }
    }

    /// Whether HTTP/2 may be used. Over TLS the handshake decides that (ALPN).
    pub(super) fn may_speak_http2(&self) -> bool {
        match self {
            Self::Plain(_) => true,
            Self::Tls(stream) => stream.get_ref().1.alpn_protocol() == Some(b"h2"),
        }
    }

    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, input: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(input);
        ready!(match self {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, &mut buffer),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, &mut buffer),
        })?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        }
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(_) => Poll::Ready(Ok(())),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}

/// A connection to the target.
pub(super) struct Connection {
    stream: Stream,
    timer: Timer,
    input: Box<[u8]>,
    /// The bytes of the request.
    pub(super) output: Vec<u8>,
    /// How many bytes of `output` are written; none after a write failed.
    written: Option<usize>,
    /// Whether it has carried an exchange.
    pub(super) carried: bool,
    /// Whether bytes after its last response were waited for.
    pub(super) watched: bool,
    /// Since when it has been idle.
    pub(super) idle_since: Instant,
}

/// What happened next on a connection.
pub(super) enum ConnectionEvent {
    /// This many bytes came: see [`Connection::bytes`]. 0: the other side closed the connection.
    Read(usize),
    /// The connection broke.
    Failed(io::Error),
    /// The deadline passed.
    Elapsed,
}

impl Connection {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            timer: Timer(None),
            input: vec![0; INPUT].into_boxed_slice(),
            output: Vec::with_capacity(1024),
            written: None,
            carried: false,
            watched: false,
            idle_since: Instant::now(),
        }
    }

    /// Begins to write `output`.
    pub(super) fn start(&mut self) {
        self.written = Some(0);
    }

    /// Whether `output` has been written to its end.
    pub(super) fn is_sent(&self) -> bool {
        self.written == Some(self.output.len())
    }

    /// The first bytes of those read last.
    pub(super) fn bytes(&self, count: usize) -> &[u8] {
        self.input.get(..count).unwrap_or_default()
    }

    /// Writes the rest of `output`, and waits for bytes until the deadline. Reading does not wait for writing, because a server
    /// may respond before it has read everything.
    pub(super) async fn next(&mut self, deadline: Instant) -> ConnectionEvent {
        poll_fn(|cx| self.poll_next(cx, deadline)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<ConnectionEvent> {
        self.poll_send(cx);
        match self.stream.poll_read(cx, &mut self.input) {
            Poll::Ready(Ok(count)) => return Poll::Ready(ConnectionEvent::Read(count)),
            Poll::Ready(Err(error)) => return Poll::Ready(ConnectionEvent::Failed(error)),
            Poll::Pending => {}
        }
        self.timer.poll(cx, deadline).map(|()| ConnectionEvent::Elapsed)
    }

    /// A failed write does not end the exchange, because a response that explains it may have come. Otherwise reading fails
    /// too.
    fn poll_send(&mut self, cx: &mut Context<'_>) {
        let Some(mut at) = self.written else { return };
        while at < self.output.len() {
            match self.stream.poll_write(cx, &self.output[at..]) {
                Poll::Ready(Ok(count)) if count > 0 => at += count,
                Poll::Ready(_) => {
                    self.written = None;
                    return;
                }
                Poll::Pending => break,
            }
        }
        self.written = Some(at);
        // TLS may hold back the last records. An error shows in reading.
        let _ = self.stream.poll_flush(cx);
    }

    /// What has come already; none if nothing has. It does not wait.
    pub(super) async fn at_once(&mut self) -> Option<ConnectionEvent> {
        poll_fn(|cx| {
            Poll::Ready(match self.stream.poll_read(cx, &mut self.input) {
                Poll::Ready(Ok(count)) => Some(ConnectionEvent::Read(count)),
                Poll::Ready(Err(error)) => Some(ConnectionEvent::Failed(error)),
                Poll::Pending => None,
            })
        })
        .await
    }

    /// Ends it in order: TLS says goodbye.
    pub(super) async fn close(mut self, deadline: Instant) {
        poll_fn(|cx| {
            let done = match &mut self.stream {
                Stream::Plain(_) => return Poll::Ready(()),
                Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
            };
            if done.is_ready() { Poll::Ready(()) } else { self.timer.poll(cx, deadline) }
        })
        .await;
    }
}

/// A timer that is hardly ever set anew: it stays at a deadline that is early enough, and only when it goes off looks
/// whether the deadline of the moment has really passed. So a quick exchange sets no timer at all.
struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    fn poll(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
    }
}
