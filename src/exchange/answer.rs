//! A response: head, body, framing, end, and the violations of the grammar in it.

use std::borrow::Cow;
use std::ops::Range;

use super::end::End;
use super::fault::Fault;

/// How many bytes of a body that is not chunked are kept in [`Answer::raw`] too.
pub(super) const KEPT_TWICE: usize = 64 * 1024;

/// A response as it was read, or as much of it as came.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The bytes in the order in which they came: interim responses, head, framed body. Kept up to the limits. Of a body that
    /// is not chunked, only the first 64 KiB are here; the other [`Answer::apart`] bytes are in [`Answer::body`] alone.
    pub raw: Vec<u8>,
    /// How many bytes at the end of the body are not in [`Answer::raw`].
    pub apart: usize,
    /// Interim (1xx) responses before the final one.
    pub interim: Vec<Head>,
    /// The head of the final response; none if no line with a status came.
    pub head: Option<Head>,
    /// The body without its framing, kept up to the limit.
    pub body: Vec<u8>,
    /// How many bytes of the body were read. A body beyond the limit is not read to its end ([`End::Limit`]).
    pub body_size: u64,
    /// The body without its content coding, where Content-Encoding names one.
    pub unpacked: Unpacked,
    /// How the end of the body is marked.
    pub framing: Framing,
    /// Trailer fields of a chunked body.
    pub trailers: Vec<Field>,
    /// Bytes after the end of the response.
    pub surplus: Option<Surplus>,
    /// Every violation of the grammar, in the order of the bytes. Of each kind the first 16 are kept.
    pub faults: Vec<Fault>,
    /// How the response ended.
    pub end: End,
    /// The protocol.
    pub protocol: Protocol,
}

/// The protocol of a response, and how much of the bytes on the wire is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.x, read by [`Reader`]: everything is known.
    #[default]
    Http1,
    /// HTTP/2: status, fields, body and end are known, but not the frames.
    Http2,
    /// Through a library (staged requests): status, fields and body are known, but not the bytes on the wire.
    Library,
}

/// The head of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The version as sent, such as `HTTP/1.1`.
    pub version: String,
    /// The status.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// The fields in the order in which they came.
    pub fields: Vec<Field>,
    /// Its bytes in [`Answer::raw`], with the empty line.
    pub range: Range<usize>,
}

/// A field line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name as sent, with bytes that are not UTF-8 replaced.
    pub name: String,
    /// The value without the white space around it.
    pub value: Vec<u8>,
}

/// How the end of a body is marked (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// There is no head, or its fields mark no end.
    #[default]
    Unknown,
    /// There is no body: the status is 1xx, 204 or 304, or the request was a HEAD.
    Bodiless,
    /// By Content-Length, in bytes.
    Length(u64),
    /// By the last chunk.
    Chunked,
    /// By the end of the connection.
    UntilClose,
}

/// Bytes after the end of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surplus {
    /// The bytes, kept up to 4 KiB.
    pub bytes: Vec<u8>,
    /// How many bytes there were.
    pub size: u64,
    /// Whether they came after the whole response had been read, while the client waited for such bytes.
    pub late: bool,
}

/// The body without its content coding (RFC 9110 §8.4.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Unpacked {
    /// The response names no coding, or has no body.
    #[default]
    Plain,
    /// The decoded body.
    Content(Vec<u8>),
    /// The body is not in the coding. The text says what is wrong.
    Broken(String),
    /// The decoded body is larger than the limit.
    TooLarge,
    /// The response names a coding that is not decoded here.
    Unknown,
}

impl Answer {
    /// The status, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.head.as_ref().map(|head| head.status)
    }

    /// The values of a field of the final head as text, in order. Bytes that are not UTF-8 are replaced.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> + 'a {
        self.head.iter().flat_map(move |head| head.values(name))
    }

    /// The first value of a field of the final head.
    pub fn value<'a>(&'a self, name: &'a str) -> Option<Cow<'a, str>> {
        self.values(name).next()
    }

    /// The body without its content coding, or as it came if it could not be decoded.
    pub fn content(&self) -> &[u8] {
        match &self.unpacked {
            Unpacked::Content(content) => content,
            _ => &self.body,
        }
    }

    /// Adds bytes of a body that is not chunked.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        let room = KEPT_TWICE.saturating_sub(self.body.len());
        let twice = &bytes[..bytes.len().min(room)];
        self.raw.extend_from_slice(twice);
        self.apart += bytes.len() - twice.len();
        self.body.extend_from_slice(bytes);
        self.body_size += bytes.len() as u64;
    }

    /// How many bytes of the response were kept: interim responses, head and framed body.
    pub fn size(&self) -> usize {
        self.raw.len() + self.apart
    }

    /// The first bytes of the response as they came, at most this many.
    pub fn first(&self, most: usize) -> Vec<u8> {
        let mut first = self.raw[..self.raw.len().min(most)].to_vec();
        let rest = &self.body[self.body.len() - self.apart..];
        first.extend_from_slice(&rest[..rest.len().min(most - first.len())]);
        first
    }

    /// Whether the whole response came: up to the end that its framing marks.
    pub fn is_complete(&self) -> bool {
        self.end == End::Complete
    }

    /// Whether another request may use the same connection: the response is complete, nothing follows it, it violates no
    /// grammar, and it does not announce the end of the connection.
    pub fn leaves_connection_clean(&self) -> bool {
        let clear = matches!(self.framing, Framing::Bodiless | Framing::Length(_) | Framing::Chunked);
        let stays = self.head.as_ref().is_some_and(|head| !head.says_close());
        self.is_complete() && clear && stays && self.surplus.is_none() && self.faults.is_empty()
    }
}

impl Head {
    /// The values of a field, in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> + 'a {
        self.fields
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name))
            .map(|field| String::from_utf8_lossy(&field.value))
    }

    /// Whether the connection ends after this response: `Connection: close`, or HTTP/1.0 without `keep-alive`
    /// (RFC 9112 §9.3).
    pub fn says_close(&self) -> bool {
        let says = |option: &str| {
            self.values("connection").any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(option)))
        };
        says("close") || (self.version == "HTTP/1.0" && !says("keep-alive"))
    }
}
