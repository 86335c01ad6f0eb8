//! The lenient reader of HTTP/1.1 responses. It goes on after a violation of the grammar as long as the end of the response
//! can be found.
//!
//! It knows no socket and no clock. Its result does not depend on the pieces in which the bytes come, and its memory is
//! bounded whatever comes.

use super::answer::{Answer, Framing, Head, KEPT_TWICE, Surplus};
use super::chunked::{self, ChunkSize};
use super::end::{End, Stage, Wait};
use super::fault::{FaultKind, note};
use super::framing::{self, BodyEnd};
use super::head::{HttpLine, field_line, status_line};

/// How many interim responses are read.
const MAX_INTERIM: usize = 32;

/// How many bytes after the end are kept.
const KEPT_AFTER_END: usize = 4 * 1024;

/// The longest chunk size line, in bytes.
const MAX_CHUNK_LINE: usize = 4 * 1024;

/// The message for a bare LF in the framing of a chunk. Recipients may accept a bare LF only in the head (RFC 9112 §2.2).
const CHUNK_LF: &str = "a line ends in LF without CR";

/// Limits on what is read and kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest head, in bytes, with all heads of interim responses before it. The trailer section may be as large again.
    pub head: usize,
    /// The largest body, in bytes. The rest of a larger body is not read. The framing of a chunked body may be as large as a
    /// body and a head together.
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
    answer: Answer,
    limits: Limits,
    to_head: bool,
    state: ReaderState,
    /// The first byte of [`Answer::raw`] that was not read yet.
    at: usize,
    /// How far the end of the next line was looked for.
    scanned: usize,
    /// Whether the previous line was a field, which a folded line continues.
    continues: bool,
    /// The start of the head, body or trailers that are read now.
    part: usize,
    lingering: bool,
}

/// What comes next.
#[derive(Debug)]
enum ReaderState {
    StatusLine,
    Fields(Head),
    /// This many more bytes of the body.
    Length(u64),
    UntilClose,
    /// `doubtful`: no line break followed the last chunk. Unless the next size line is valid, the end is unknown.
    ChunkSize {
        doubtful: bool,
    },
    ChunkData(u64),
    ChunkEnd,
    Trailers,
    Over(End),
}

/// What the reader wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// More bytes.
    More,
    /// No more bytes: the response is complete, or cannot be read further.
    Done,
}

impl Reader {
    /// A reader for the response to a request of this method. A response to HEAD has no body.
    pub fn new(method: &str, limits: Limits) -> Self {
        Self {
            answer: Answer::default(),
            limits,
            to_head: method == "HEAD",
            state: ReaderState::StatusLine,
            at: 0,
            scanned: 0,
            continues: false,
            part: 0,
            lingering: false,
        }
    }

    /// Reads bytes as they came. Bytes after the end of the response become its surplus. More bytes may be fed after
    /// [`Next::Done`]: those in the buffer of the client, or those that come later.
    pub fn feed(&mut self, bytes: &[u8]) -> Next {
        if let ReaderState::Over(_) = self.state {
            self.after_end(bytes);
            return Next::Done;
        }
        self.answer.raw.extend_from_slice(bytes);
        while self.step() {}
        if let ReaderState::Over(_) = self.state {
            let rest = self.answer.raw.split_off(self.at);
            self.after_end(&rest);
            return Next::Done;
        }
        Next::More
    }

    /// From now on the client only waits for bytes that must not come. A surplus that begins now is late.
    pub fn linger(&mut self) {
        self.lingering = true;
    }

    /// The response as far as it was read. Its end is set by [`Reader::finish`].
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// How much of the response has come.
    pub fn stage(&self) -> Stage {
        match self.state {
            ReaderState::StatusLine | ReaderState::Fields(_) if self.answer.raw.is_empty() => Stage::Nothing,
            _ if self.answer.head.is_none() => Stage::Head,
            _ => Stage::Body,
        }
    }

    /// Ends the reading. `end` says why, for example because a time limit passed; its stage is replaced by the stage of the
    /// reader. `Complete` and `Closed` both mean that the connection was closed in order. That completes a response whose
    /// end is marked by it, and truncates any other response that is not complete.
    pub fn finish(mut self, end: End) -> Answer {
        let stage = self.stage();
        let cut = match end {
            End::Complete | End::Closed(_) => End::Closed(stage),
            End::Reset(_) => End::Reset(stage),
            End::Broken(_, how) => End::Broken(stage, how),
            // After the first byte, it is the limit between bytes that passed.
            End::TimedOut(_, Wait::FirstByte(limit)) if stage != Stage::Nothing => {
                End::TimedOut(stage, Wait::Idle(limit))
            }
            End::TimedOut(_, wait) => End::TimedOut(stage, wait),
            other @ (End::Limit | End::Switched | End::Lost) => other,
        };
        self.answer.end = match self.state {
            ReaderState::Over(end) => end,
            ReaderState::UntilClose if matches!(cut, End::Closed(_)) => End::Complete,
            ReaderState::Fields(mut head) => {
                head.range.end = self.at;
                keep_cut_head(&mut self.answer, head);
                cut
            }
            ReaderState::StatusLine => {
                let rest = &self.answer.raw[self.at..];
                if !rest.is_empty() && !could_be_status_line(rest) {
                    let range = self.at..self.answer.raw.len();
                    note(&mut self.answer.faults, FaultKind::StatusLine, range);
                }
                cut
            }
            _ => cut,
        };
        self.answer.raw.shrink_to_fit();
        self.answer.body.shrink_to_fit();
        self.answer.unpack(self.limits.body);
        // Violations in the framing fields are added after the whole head was read.
        self.answer.faults.sort_by_key(|fault| fault.range.start);
        self.answer
    }

    /// Reads stored bytes, followed by the end of the connection.
    pub fn read(method: &str, bytes: &[u8]) -> Answer {
        let mut reader = Self::new(method, Limits::default());
        reader.feed(bytes);
        reader.finish(End::Complete)
    }

    /// Reads one more line or run of bytes. False if more bytes are needed or the end is reached.
    fn step(&mut self) -> bool {
        match self.state {
            ReaderState::StatusLine | ReaderState::Fields(_) => self.head_line(),
            ReaderState::Length(0) => self.over(End::Complete),
            ReaderState::Length(left) => {
                let taken = self.take_body(left);
                if let ReaderState::Length(left) = &mut self.state {
                    *left -= taken;
                }
                taken > 0
            }
            ReaderState::UntilClose => self.take_body(u64::MAX) > 0,
            ReaderState::ChunkSize { doubtful } => self.chunk_size(doubtful),
            ReaderState::ChunkData(0) => {
                self.state = ReaderState::ChunkEnd;
                true
            }
            ReaderState::ChunkData(left) => {
                let taken = self.take_body(left);
                if let ReaderState::ChunkData(left) = &mut self.state {
                    *left -= taken;
                }
                taken > 0
            }
            ReaderState::ChunkEnd => self.chunk_end(),
            ReaderState::Trailers => self.trailer_line(),
            ReaderState::Over(_) => false,
        }
    }

    fn over(&mut self, end: End) -> bool {
        self.state = ReaderState::Over(end);
        false
    }

    /// Stops at a size limit. Nothing beyond it is kept.
    fn limit(&mut self, kind: FaultKind) -> bool {
        note(&mut self.answer.faults, kind, self.at..self.at);
        self.over(End::Limit)
    }

    /// The next line. `Err` if it does not end before byte `limit` of the response.
    fn line(&mut self, limit: usize) -> Result<Option<HttpLine>, ()> {
        let raw = &self.answer.raw;
        let line = HttpLine::find(&raw[..raw.len().min(limit)], self.at, &mut self.scanned);
        if line.is_none() && raw.len() >= limit { Err(()) } else { Ok(line) }
    }

    fn head_line(&mut self) -> bool {
        let Ok(line) = self.line(self.limits.head) else {
            self.at = self.limits.head;
            if let ReaderState::Fields(mut head) = std::mem::replace(&mut self.state, ReaderState::StatusLine) {
                head.range.end = self.at;
                keep_cut_head(&mut self.answer, head);
            }
            return self.limit(FaultKind::HeadTooLarge);
        };
        let Some(line) = line else { return false };
        self.at = line.next;
        let answer = &mut self.answer;
        let content = &answer.raw[line.content.clone()];
        match &mut self.state {
            ReaderState::Fields(head) => {
                if line.bare_lf {
                    note(&mut answer.faults, FaultKind::BareLf, line.ending());
                }
                if content.is_empty() {
                    return self.head_end();
                }
                let start = line.content.start;
                field_line(content, start, &mut head.fields, &mut self.continues, &mut answer.faults);
            }
            _ if content.is_empty() => note(&mut answer.faults, FaultKind::LeadingSpace, line.ending()),
            _ => {
                let head = status_line(content, line.content.start, &mut answer.faults);
                if line.bare_lf && head.is_some() {
                    note(&mut answer.faults, FaultKind::BareLf, line.ending());
                }
                let Some(mut head) = head else { return self.over(End::Lost) };
                head.range.start = self.part;
                self.continues = false;
                self.state = ReaderState::Fields(head);
            }
        }
        true
    }

    /// Decides, at the end of a head, what comes next.
    fn head_end(&mut self) -> bool {
        let ReaderState::Fields(mut head) = std::mem::replace(&mut self.state, ReaderState::StatusLine) else {
            return false;
        };
        head.range.end = self.at;
        self.part = self.at;
        let body = framing::decide(&mut self.answer, &head, self.to_head);
        if is_interim(head.status) {
            self.answer.interim.push(head);
            if self.answer.interim.len() > MAX_INTERIM {
                return self.limit(FaultKind::TooManyInterim);
            }
            return true;
        }
        let switched = head.status == 101;
        self.answer.head = Some(head);
        if switched {
            self.answer.framing = Framing::Bodiless;
            return self.over(End::Switched);
        }
        let BodyEnd::Framed(framing) = body else { return self.over(End::Lost) };
        self.answer.framing = framing;
        self.state = match framing {
            Framing::Length(length) => ReaderState::Length(length),
            Framing::Chunked => ReaderState::ChunkSize { doubtful: false },
            Framing::UntilClose => ReaderState::UntilClose,
            Framing::Bodiless | Framing::Unknown => ReaderState::Over(End::Complete),
        };
        true
    }

    /// Takes up to `wanted` bytes into the body; says how many. Stops at the limit.
    fn take_body(&mut self, wanted: u64) -> u64 {
        let rest = &self.answer.raw[self.at..];
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX).min(rest.len());
        let taken = wanted.min(self.limits.body.saturating_sub(self.answer.body.len()));
        // Once it is a large one there is room for all of it, and growing need not copy it again and again.
        if let Framing::Length(length) = self.answer.framing
            && self.answer.body.len() > KEPT_TWICE
        {
            let whole = usize::try_from(length).unwrap_or(usize::MAX).min(self.limits.body);
            self.answer.body.reserve_exact(whole.saturating_sub(self.answer.body.len()));
        }
        self.answer.body.extend_from_slice(&rest[..taken]);
        self.at += taken;
        self.answer.body_size += taken as u64;
        if !matches!(self.state, ReaderState::ChunkData(_)) {
            self.set_apart();
        }
        if taken < wanted {
            self.limit(FaultKind::BodyTooLarge);
        }
        taken as u64
    }

    /// Removes bytes of the body from the raw bytes that are kept in the body alone.
    fn set_apart(&mut self) {
        let end = self.part + KEPT_TWICE;
        if self.at > end {
            self.answer.apart += self.at - end;
            self.answer.raw.drain(end..self.at);
            self.at = end;
        }
    }

    fn chunk_size(&mut self, doubtful: bool) -> bool {
        // The end of a line that cannot be a size line might not come before a time limit passes.
        let impossible = doubtful && self.answer.raw.get(self.at).is_some_and(|byte| !byte.is_ascii_hexdigit());
        if impossible {
            return self.over(End::Lost);
        }
        let Ok(line) = self.line(self.at + MAX_CHUNK_LINE) else {
            let range = self.at..self.at + MAX_CHUNK_LINE;
            let message = format!("a chunk size line of more than {MAX_CHUNK_LINE} bytes");
            note(&mut self.answer.faults, FaultKind::Chunk(message), range);
            return self.over(End::Lost);
        };
        let Some(line) = line else { return false };
        let size = chunked::size(&self.answer.raw[line.content.clone()]);
        let faults = &mut self.answer.faults;
        let size = match size {
            ChunkSize::Sound(size) => size,
            ChunkSize::Odd(_, _) | ChunkSize::Lost(_) if doubtful => return self.over(End::Lost),
            ChunkSize::Odd(size, why) => {
                note(faults, FaultKind::Chunk(why.to_owned()), line.content.clone());
                size
            }
            ChunkSize::Lost(why) => {
                note(faults, FaultKind::Chunk(why.to_owned()), line.content.start..line.next);
                return self.over(End::Lost);
            }
        };
        if line.bare_lf {
            note(faults, FaultKind::Chunk(CHUNK_LF.to_owned()), line.ending());
        }
        self.at = line.next;
        let framing = self.at - self.part - self.answer.body.len();
        if framing > self.limits.body.saturating_add(self.limits.head) {
            return self.limit(FaultKind::BodyTooLarge);
        }
        self.state = if size > 0 {
            ReaderState::ChunkData(size)
        } else {
            self.part = self.at;
            self.continues = false;
            ReaderState::Trailers
        };
        true
    }

    /// Reads the line break after a chunk's data.
    fn chunk_end(&mut self) -> bool {
        let start = self.at;
        let missing = match &self.answer.raw[start..] {
            [] | [b'\r'] => return false,
            [b'\r', b'\n', ..] => {
                self.at += 2;
                false
            }
            [b'\n', ..] => {
                self.at += 1;
                // If the last byte of the data is a CR, the size is wrong by one.
                let off = self.answer.body.last() == Some(&b'\r');
                if !off {
                    note(&mut self.answer.faults, FaultKind::Chunk(CHUNK_LF.to_owned()), start..self.at);
                }
                off
            }
            _ => true,
        };
        if missing {
            let message = "no line break after the data: the size is wrong, or the line break is missing".to_owned();
            note(&mut self.answer.faults, FaultKind::Chunk(message), start..start + 1);
        }
        self.state = ReaderState::ChunkSize { doubtful: missing };
        true
    }

    fn trailer_line(&mut self) -> bool {
        let Ok(line) = self.line(self.part + self.limits.head) else {
            self.at = self.part + self.limits.head;
            return self.limit(FaultKind::BodyTooLarge);
        };
        let Some(line) = line else { return false };
        self.at = line.next;
        let answer = &mut self.answer;
        if line.bare_lf {
            note(&mut answer.faults, FaultKind::BareLf, line.ending());
        }
        let content = &answer.raw[line.content.clone()];
        if content.is_empty() {
            return self.over(End::Complete);
        }
        let mut faults = Vec::new();
        let known = answer.trailers.len();
        field_line(content, line.content.start, &mut answer.trailers, &mut self.continues, &mut faults);
        if !faults.is_empty() || answer.trailers[known..].iter().any(|field| belongs_in_head(&field.name)) {
            note(&mut answer.faults, FaultKind::Trailer, line.content);
        }
        true
    }

    /// Takes bytes that come after the end.
    fn after_end(&mut self, bytes: &[u8]) {
        let answer = &mut self.answer;
        let room = KEPT_AFTER_END.saturating_sub(answer.raw.len() - self.at);
        let kept = &bytes[..bytes.len().min(room)];
        match self.state {
            ReaderState::Over(End::Complete) if !bytes.is_empty() => {
                let late = self.lingering;
                let surplus = answer.surplus.get_or_insert_with(|| Surplus { bytes: Vec::new(), size: 0, late });
                surplus.bytes.extend_from_slice(kept);
                surplus.size += bytes.len() as u64;
                answer.raw.extend_from_slice(kept);
            }
            ReaderState::Over(End::Switched | End::Lost) => answer.raw.extend_from_slice(kept),
            _ => {}
        }
    }
}

fn is_interim(status: u16) -> bool {
    (100..200).contains(&status) && status != 101
}

/// Whether a field must be known before the content is read, and so must not be a trailer: framing, routing,
/// authentication, response control and the format of the content (RFC 9110 §6.5.1).
fn belongs_in_head(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "content-length",
        "transfer-encoding",
        "trailer",
        "connection",
        "upgrade",
        "host",
        "www-authenticate",
        "proxy-authenticate",
        "set-cookie",
        "cache-control",
        "expires",
        "location",
        "retry-after",
        "vary",
        "content-type",
        "content-encoding",
        "content-range",
    ];
    NAMES.iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// Keeps a head that was truncated.
fn keep_cut_head(answer: &mut Answer, head: Head) {
    if is_interim(head.status) { answer.interim.push(head) } else { answer.head = Some(head) }
}

/// Whether bytes without a line end could be the start of a status line: they begin like a version, and no CR without LF is
/// among them.
fn could_be_status_line(bytes: &[u8]) -> bool {
    let length = bytes.len().min(5);
    let cr = memchr::memchr(b'\r', bytes).unwrap_or(bytes.len());
    bytes[..length].eq_ignore_ascii_case(&b"HTTP/"[..length]) && cr + 1 >= bytes.len()
}
