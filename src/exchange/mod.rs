//! A request and its answer as they were: every byte kept (up to the limits), every departure from the grammar named.
//!
//! The reader here is fed with bytes and knows no socket, so stored bytes are read by the same code as live ones. It
//! leaves out connections (`transport`) and judgement (`check`).

mod chunked;
mod coding;
mod curl;
mod framing;
mod head;
mod mask;
mod reader;
mod show;
mod words;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

pub use coding::Unpacked;
pub use head::FAULTS_OF_A_KIND;
pub use reader::{Limits, Next, Reader};
pub use show::escape_bytes;

/// A request and what came back.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request, its secrets masked.
    pub request: Arc<Request>,
    /// The answer, its secrets masked.
    pub answer: Answer,
    /// How long things took.
    pub timing: Timing,
    /// Whether the connection had carried another exchange before.
    pub reused: bool,
    /// The names of credentials that the answer repeated (they are masked in it).
    pub leaked: Vec<String>,
}

/// A request as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// `http://host:port`, as in the base URL.
    pub origin: String,
    /// The request target: path and query, byte for byte.
    pub target: String,
    /// The fields in the order in which they are sent, without Host and framing, which the client adds.
    pub fields: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
}

/// How long an exchange took, from the start of sending.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timing {
    /// Until the connection stood (zero on a reused one); before sending.
    pub connect: Duration,
    /// Until the first byte of the answer.
    pub first_byte: Option<Duration>,
    /// Until the end of the answer.
    pub total: Duration,
}

/// So much of a body that comes in one piece stands among the bytes as they came too.
const KEPT_TWICE: usize = 64 * 1024;

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The bytes in the order in which they came: interim responses, head, body as framed. Kept up to the limits. Of a body
    /// that came in one piece only the first 64 KiB stand here; [`Answer::apart`] says how much is in [`Answer::body`]
    /// alone.
    pub raw: Vec<u8>,
    /// How many of the last bytes of the body do not stand in [`Answer::raw`].
    pub apart: usize,
    /// Interim (1xx) responses before the final one.
    pub interim: Vec<Head>,
    /// The head of the final response; none if no status line with a status came.
    pub head: Option<Head>,
    /// The body, taken out of its framing; kept up to the limit.
    pub body: Vec<u8>,
    /// How many bytes of the body were read; a body beyond the limit is not read to its end ([`End::Limit`]).
    pub body_size: u64,
    /// What the body holds where a Content-Encoding says that it is coded.
    pub unpacked: Unpacked,
    /// How the body's end was known.
    pub framing: Framing,
    /// Trailer fields of a chunked body.
    pub trailers: Vec<Field>,
    /// Bytes after the end of the response.
    pub surplus: Option<Surplus>,
    /// Every departure from the grammar, in the order of the bytes. Of one kind the first 16 are kept.
    pub faults: Vec<Fault>,
    /// How the answer ended.
    pub end: End,
    /// Which protocol carried it.
    pub protocol: Protocol,
}

/// Which protocol carried an answer, and how much of the wire is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.x, read by [`Reader`]: everything is known.
    #[default]
    Http1,
    /// HTTP/2: status, fields and body are known to the byte, and how it ended; the frames are not.
    Http2,
    /// Through a library (staged requests): status, fields and body are known, the wire is not.
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
    /// Its bytes in [`Answer::raw`], the empty line included.
    pub range: Range<usize>,
}

/// A field line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name as sent (bytes that are not UTF-8 replaced).
    pub name: String,
    /// The value without the white space around it.
    pub value: Vec<u8>,
}

/// How the end of a body was known (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// No head, or one whose fields tell no end.
    #[default]
    Unknown,
    /// A status that has no body (1xx, 204, 304), or the answer to a HEAD.
    Bodiless,
    /// By Content-Length.
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
    /// How many there were.
    pub size: u64,
    /// Whether they came after the response had been read, while the client lingered.
    pub late: bool,
}

/// A departure from HTTP/1.1's grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which.
    pub kind: FaultKind,
    /// Its bytes in [`Answer::raw`].
    pub range: Range<usize>,
}

/// The departures that are told apart. Each is read through where that is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The first line is no status line (RFC 9112 §4); a status was still found if there is a head.
    StatusLine,
    /// The version is not `HTTP/1.0` or `HTTP/1.1` in its exact spelling (RFC 9112 §2.3).
    Version(String),
    /// The status is not three digits from 100 to 599 (RFC 9110 §15).
    StatusCode(String),
    /// A field line without a colon (RFC 9112 §5).
    NoColon,
    /// White space between field name and colon (RFC 9112 §5.1).
    SpaceBeforeColon,
    /// A field name that is no token (RFC 9110 §5.1).
    FieldName,
    /// A NUL, bare CR or other control character in a field value (RFC 9110 §5.5).
    FieldValue,
    /// A folded field line (RFC 9112 §5.2).
    Folding,
    /// A line that ends in LF without CR (RFC 9112 §2.2).
    BareLf,
    /// White space or an empty line before the status line or before the first field (RFC 9112 §2.2).
    LeadingSpace,
    /// A Content-Length that is no number (RFC 9110 §8.6).
    ContentLengthInvalid(String),
    /// Content-Length values that differ (RFC 9112 §6.3).
    ContentLengthConflict(Vec<String>),
    /// The same Content-Length more than once, in several fields or as a list. A recipient may take it as one (RFC 9110
    /// §8.6), but the grammar has one number and one field (RFC 9110 §5.3).
    ContentLengthRepeated(String),
    /// Content-Length beside Transfer-Encoding (RFC 9112 §6.2).
    LengthAndTransferEncoding,
    /// A Transfer-Encoding that is not `chunked` alone, or chunked not last (RFC 9112 §6.1).
    TransferEncoding(String),
    /// Transfer-Encoding in an HTTP/1.0 response (RFC 9112 §6.1).
    TransferEncodingHttp10,
    /// Content-Length on a status that has no body: 1xx or 204 (RFC 9110 §8.6).
    BodilessWithLength(String),
    /// Transfer-Encoding on a status that has no body: 1xx or 204 (RFC 9112 §6.1).
    BodilessWithTransferEncoding(String),
    /// A chunk whose size line, or the line break after its data, is malformed (RFC 9112 §7.1).
    Chunk(String),
    /// A trailer field line that is malformed (RFC 9112 §7.1.2), or whose field must be known before the content is read
    /// (RFC 9110 §6.5.1).
    Trailer,
    /// The head is larger than the limit.
    HeadTooLarge,
    /// The body is larger than the limit, or its chunks' framing or its trailers are; its first part is kept.
    BodyTooLarge,
    /// What the body unpacks to is larger than the limit.
    ContentTooLarge,
    /// More interim responses than the limit.
    TooManyInterim,
}

/// How an answer ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// As its framing says.
    #[default]
    Complete,
    /// The server closed before the end.
    Closed(Stage),
    /// The connection was reset before the end.
    Reset(Stage),
    /// TLS or the socket failed otherwise; the text says how.
    Broken(Stage, String),
    /// A wait ran out.
    TimedOut(Stage, Wait),
    /// A limit was reached, and the rest was not read.
    Limit,
    /// The server switched protocols (101), so nothing after the head is HTTP.
    Switched,
    /// Where the response ends cannot be told: no status line, a chunk without a size, Content-Length values that
    /// differ or are no numbers. Reading stopped there; what had come after is in [`Answer::raw`], up to 4 KiB of it.
    Lost,
}

/// How far an answer had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No byte had come.
    Nothing,
    /// Inside a head (or after interim responses only).
    Head,
    /// Inside the body.
    Body,
}

/// Which wait ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// For the first byte.
    FirstByte,
    /// Between bytes.
    Idle,
    /// For the whole exchange.
    Total,
}

impl End {
    /// What kept the answer from ending as it should, in words; none if nothing did.
    pub fn in_words(&self) -> Option<String> {
        let at = |stage: &Stage| match stage {
            Stage::Nothing => "before any byte of an answer",
            Stage::Head => "inside the head",
            Stage::Body => "inside the body",
        };
        Some(match self {
            Self::Complete => return None,
            Self::Closed(stage) => format!("the server closed the connection {}", at(stage)),
            Self::Reset(stage) => format!("the connection was reset {}", at(stage)),
            Self::Broken(stage, how) => format!("the connection broke {}: {how}", at(stage)),
            Self::TimedOut(stage, wait) => {
                let wait = match wait {
                    Wait::FirstByte => "waiting for the first byte",
                    Wait::Idle => "waiting for the next byte",
                    Wait::Total => "the time for the whole exchange",
                };
                format!("{wait} ran out {}", at(stage))
            }
            Self::Limit => "a size limit was reached; the rest was not read".to_owned(),
            Self::Switched => "the server switched protocols".to_owned(),
            Self::Lost => "its framing is broken, so its end cannot be told".to_owned(),
        })
    }
}

impl Answer {
    /// The status, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.head.as_ref().map(|head| head.status)
    }

    /// The values of a field of the final head, as text, in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> + 'a {
        self.head.iter().flat_map(move |head| head.values(name))
    }

    /// The first value of a field of the final head.
    pub fn value<'a>(&'a self, name: &'a str) -> Option<Cow<'a, str>> {
        self.values(name).next()
    }

    /// What the answer says: the body, its content coding undone where that can be done.
    pub fn content(&self) -> &[u8] {
        match &self.unpacked {
            Unpacked::Content(content) => content,
            _ => &self.body,
        }
    }

    /// Takes bytes of a body that comes in one piece.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        let room = KEPT_TWICE.saturating_sub(self.body.len());
        let twice = &bytes[..bytes.len().min(room)];
        self.raw.extend_from_slice(twice);
        self.apart += bytes.len() - twice.len();
        self.body.extend_from_slice(bytes);
        self.body_size += bytes.len() as u64;
    }

    /// How many bytes of it were kept: head, body as framed, and what stands before them.
    pub fn size(&self) -> usize {
        self.raw.len() + self.apart
    }

    /// The first of its bytes, as they came.
    pub fn first(&self, most: usize) -> Vec<u8> {
        let mut first = self.raw[..self.raw.len().min(most)].to_vec();
        let rest = &self.body[self.body.len() - self.apart..];
        first.extend_from_slice(&rest[..rest.len().min(most - first.len())]);
        first
    }

    /// Undoes the content coding of a whole body, up to the limit. Whoever ends the reading of an answer does this once.
    pub fn unpack(&mut self, limit: usize) {
        if self.end == End::Complete {
            self.unpacked = coding::unpack(self, limit);
        }
        if self.unpacked == Unpacked::TooLarge {
            let end = self.raw.len();
            self.faults.push(Fault { kind: FaultKind::ContentTooLarge, range: end..end });
        }
    }

    /// The content codings that the answer names, in lower case, in the order in which they were applied; `identity` is
    /// none.
    pub fn codings(&self) -> Vec<String> {
        self.head.as_ref().map(coding::named).unwrap_or_default()
    }

    /// Whether the whole response came, its end told by its framing (or by the end of the connection, where that is
    /// its framing).
    pub fn is_complete(&self) -> bool {
        self.end == End::Complete
    }

    /// Whether another request may go over the same connection: the response is complete and followed by nothing, its
    /// framing is beyond doubt, and nobody said that the connection ends.
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

impl Request {
    /// The absolute URL.
    pub fn url(&self) -> String {
        format!("{}{}", self.origin, self.target)
    }
}
