//! The lenient HTTP/1.1 response reader: fed with bytes, it never stops at the first fault while an end can be told.

use super::{Answer, End};

/// Limits on what is kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest head, in bytes.
    pub head: usize,
    /// How much of a body is kept, in bytes.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head: 64 * 1024, body: 1024 * 1024 }
    }
}

/// Reads one final response, with the interim ones before it.
#[derive(Debug)]
pub struct Reader {
    _answer: Answer,
}

/// What the reader wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// More bytes.
    More,
    /// Nothing: the response is complete, or cannot be read further.
    Done,
}

impl Reader {
    /// A reader for the answer to a request of this method (a HEAD has no body).
    pub fn new(method: &str, limits: Limits) -> Self {
        let _ = (method, limits);
        unimplemented!()
    }

    /// Takes bytes as they came. Bytes after the end of the response become its surplus.
    pub fn feed(&mut self, bytes: &[u8]) -> Next {
        let _ = bytes;
        unimplemented!()
    }

    /// Ends the reading: the connection ended, or a wait ran out, as `end` says; `Complete` where the response is
    /// delimited by the end of the connection is decided here.
    pub fn finish(self, end: End) -> Answer {
        let _ = end;
        unimplemented!()
    }

    /// Reads stored bytes, followed by the end of the connection.
    pub fn read(method: &str, bytes: &[u8]) -> Answer {
        let mut reader = Self::new(method, Limits::default());
        reader.feed(bytes);
        reader.finish(End::Complete)
    }
}
