//! Whether the server speaks HTTP/2: its first frame must be SETTINGS (RFC 9113 §3.4).

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use rustls::AlertDescription;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use super::super::connection::Stream;
use super::super::failure;
use crate::exchange::escape_bytes;

/// The length of the header of a frame, in bytes.
const FRAME_HEAD: usize = 9;
/// How many of the first bytes are kept.
const KEPT: usize = 80;

/// A stream that records the first bytes it reads.
pub(super) struct Watched {
    stream: Stream,
    greeting: Arc<Greeting>,
    /// Whether enough was recorded.
    noted: bool,
}

/// The first bytes of the server, for the task that waits for them.
#[derive(Default)]
pub(super) struct Greeting {
    heard: Mutex<FirstBytes>,
    news: Notify,
}

#[derive(Default)]
struct FirstBytes {
    bytes: Vec<u8>,
    /// How it ended, if it did.
    ended: Option<(String, Option<AlertDescription>)>,
}

impl Watched {
    pub(super) fn new(stream: Stream) -> (Self, Arc<Greeting>) {
        let greeting = Arc::<Greeting>::default();
        (Self { stream, greeting: Arc::clone(&greeting), noted: false }, greeting)
    }
}

impl Greeting {
    /// Waits for the first frame. The error says why it did not come, with the TLS alert if there was one.
    pub(super) async fn heard(&self) -> Result<(), (String, Option<AlertDescription>)> {
        loop {
            let news = self.news.notified();
            if let Some(result) = self.lock().judged() {
                return result;
            }
            news.await;
        }
    }

    /// Notes that the connection ended, unless an earlier reason is known.
    pub(super) fn end(&self, why: String) {
        self.lock().ended.get_or_insert((why, None));
        self.news.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, FirstBytes> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FirstBytes {
    fn judged(&self) -> Option<Result<(), (String, Option<AlertDescription>)>> {
        if self.bytes.len() >= FRAME_HEAD {
            // Type 4 on stream 0.
            if self.bytes[3] == 4 && self.bytes[5..FRAME_HEAD] == [0; 4] {
                return Some(Ok(()));
            }
            let line = self.bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
            return Some(Err((format!("it answers with `{}`", escape_bytes(line, KEPT)), None)));
        }
        self.ended.clone().map(Err)
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { stream, greeting, noted } = &mut *self;
        let result = ready!(stream.poll_read(cx, buffer.initialize_unfilled()));
        if let Ok(count) = result {
            let start = buffer.filled().len();
            buffer.advance(count);
            if !*noted {
                let mut heard = greeting.lock();
                heard.bytes.extend_from_slice(&buffer.filled()[start..start + count.min(KEPT)]);
                if count == 0 {
                    heard.ended = Some(("it closed the connection at the beginning of HTTP/2".to_owned(), None));
                }
                *noted = heard.bytes.len() >= FRAME_HEAD || count == 0;
            }
        } else if let Err(error) = &result {
            greeting
                .lock()
                .ended
                .get_or_insert_with(|| (format!("the connection broke: {error}"), failure::alert(error)));
        }
        greeting.news.notify_one();
        Poll::Ready(result.map(|_| ()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_shutdown(cx)
    }
}
