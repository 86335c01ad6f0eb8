//! The lenient HTTP/1.1 response reader: fed with bytes, it never stops at the first fault while an end can be told.
//!
//! It knows no socket and no clock. What it makes of some bytes does not depend on the pieces in which they come, and
//! its memory is bounded whatever comes.

use super::chunked::{self, Size};
use super::framing::{self, Body};
use super::head::{Line, field_line, note, status_line};
use super::{Answer, End, FaultKind, Framing, Head, KEPT_TWICE, Stage, Surplus, Wait};

/// How many interim responses are read.
const MAX_INTERIM: usize = 32;

/// How many bytes are kept of what comes after the end.
const KEPT_AFTER_END: usize = 4 * 1024;

/// The longest chunk size line.
const MAX_CHUNK_LINE: usize = 4 * 1024;

/// Recipients may take a bare LF as the end of a line of the head (RFC 9112 §2.2), and nowhere else.
const CHUNK_LF: &str = "a line ends in LF without CR";

/// Limits on what is read and kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest head, in bytes; heads of interim responses and what stands before them count with it. The trailer
    /// section may be as large again.
    pub head: usize,
    /// The largest body, in bytes. What comes beyond is not read. The framing of a chunked body may be as large again,
    /// with the size of a head added.
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
    state: State,
    /// The first byte of [`Answer::raw`] that is not understood yet.
    at: usize,
    /// Up to where the end of the next line was looked for.
    scanned: usize,
    /// Whether the line before was a field line that a folded line continues.
    continues: bool,
    /// Where the head that is read now, or the body or its trailers, begins.
    part: usize,
    lingering: bool,
}

/// What comes next.
#[derive(Debug)]
enum State {
    StatusLine,
    Fields(Head),
    /// So many more bytes of the body.
    Length(u64),
    UntilClose,
    /// After a chunk without its line break the next size line must be sound, or all is lost.
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
    /// Nothing: the response is complete, or cannot be read further.
    Done,
}

impl Reader {
    /// A reader for the answer to a request of this method (a HEAD has no body).
    pub fn new(method: &str, limits: Limits) -> Self {
        Self {
            answer: Answer::default(),
            limits,
            to_head: method == "HEAD",
            state: State::StatusLine,
            at: 0,
            scanned: 0,
            continues: false,
            part: 0,
            lingering: false,
        }
    }

    /// Takes bytes as they came. Bytes after the end of the response become its surplus. After [`Next::Done`] more may
    /// be fed: what a client finds in its buffer, or what comes while it lingers.
    pub fn feed(&mut self, bytes: &[u8]) -> Next {
        if let State::Over(_) = self.state {
            self.after_end(bytes);
            return Next::Done;
        }
        self.answer.raw.extend_from_slice(bytes);
        while self.step() {}
        if let State::Over(_) = self.state {
            let rest = self.answer.raw.split_off(self.at);
            self.after_end(&rest);
            return Next::Done;
        }
        Next::More
    }

    /// Says that from now on the client only waits for bytes that should not come: a surplus that begins now is late.
    pub fn linger(&mut self) {
        self.lingering = true;
    }

    /// The answer as far as it is read. How it ended is not known before [`Reader::finish`].
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// How far the answer has come, which is what a wait that runs out now is about.
    pub fn stage(&self) -> Stage {
        match self.state {
            State::StatusLine | State::Fields(_) if self.answer.raw.is_empty() => Stage::Nothing,
            _ if self.answer.head.is_none() => Stage::Head,
            _ => Stage::Body,
        }
    }

    /// Ends the reading: the connection ended, or a wait ran out, as `end` says. Its stage is replaced by how far the
    /// reader has come. `Complete` and `Closed` both say that the connection ended in order: that completes a response
    /// which is delimited by it, and cuts any other that is not complete by itself.
    pub fn finish(mut self, end: End) -> Answer {
        let stage = self.stage();
        let cut = match end {
            End::Complete | End::Closed(_) => End::Closed(stage),
            End::Reset(_) => End::Reset(stage),
            End::Broken(_, how) => End::Broken(stage, how),
            // Nothing but a first byte can be waited for before the first byte.
            End::TimedOut(_, Wait::FirstByte) if stage != Stage::Nothing => End::TimedOut(stage, Wait::Idle),
            End::TimedOut(_, wait) => End::TimedOut(stage, wait),
            other @ (End::Limit | End::Switched | End::Lost) => other,
        };
        self.answer.end = match self.state {
            State::Over(end) => end,
            State::UntilClose if matches!(cut, End::Closed(_)) => End::Complete,
            State::Fields(mut head) => {
                head.range.end = self.at;
                keep_cut_head(&mut self.answer, head);
                cut
            }
            State::StatusLine => {
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
        // What the framing fields break is noted when the head is complete, after what its later lines break.
        self.answer.faults.sort_by_key(|fault| fault.range.start);
        self.answer
    }

    /// Reads stored bytes, followed by the end of the connection.
    pub fn read(method: &str, bytes: &[u8]) -> Answer {
        let mut reader = Self::new(method, Limits::default());
        reader.feed(bytes);
        reader.finish(End::Complete)
    }

    /// Reads one more line or run of bytes; false when more bytes are needed or the end is reached.
    fn step(&mut self) -> bool {
        match self.state {
            State::StatusLine | State::Fields(_) => self.head_line(),
            State::Length(0) => self.over(End::Complete),
            State::Length(left) => {
                let taken = self.take_body(left);
                if let State::Length(left) = &mut self.state {
                    *left -= taken;
                }
                taken > 0
            }
            State::UntilClose => self.take_body(u64::MAX) > 0,
            State::ChunkSize { doubtful } => self.chunk_size(doubtful),
            State::ChunkData(0) => {
                self.state = State::ChunkEnd;
                true
            }
            State::ChunkData(left) => {
                let taken = self.take_body(left);
                if let State::ChunkData(left) = &mut self.state {
                    *left -= taken;
                }
                taken > 0
            }
            State::ChunkEnd => self.chunk_end(),
            State::Trailers => self.trailer_line(),
            State::Over(_) => false,
        }
    }

    fn over(&mut self, end: End) -> bool {
        self.state = State::Over(end);
        false
    }

    /// Stops at a limit, which is reached here; nothing beyond is kept.
    fn limit(&mut self, kind: FaultKind) -> bool {
        note(&mut self.answer.faults, kind, self.at..self.at);
        self.over(End::Limit)
    }

    /// The next line up to byte `limit` of all; `Err` if its end does not come before.
    fn line(&mut self, limit: usize) -> Result<Option<Line>, ()> {
        let raw = &self.answer.raw;
        let line = Line::find(&raw[..raw.len().min(limit)], self.at, &mut self.scanned);
        if line.is_none() && raw.len() >= limit { Err(()) } else { Ok(line) }
    }

    fn head_line(&mut self) -> bool {
        let Ok(line) = self.line(self.limits.head) else {
            self.at = self.limits.head;
            if let State::Fields(mut head) = std::mem::replace(&mut self.state, State::StatusLine) {
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
            State::Fields(head) => {
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
                self.state = State::Fields(head);
            }
        }
        true
    }

    /// Decides, at the end of a head, what comes next.
    fn head_end(&mut self) -> bool {
        let State::Fields(mut head) = std::mem::replace(&mut self.state, State::StatusLine) else { return false };
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
        let Body::Framed(framing) = body else { return self.over(End::Lost) };
        self.answer.framing = framing;
        self.state = match framing {
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::ChunkSize { doubtful: false },
            Framing::UntilClose => State::UntilClose,
            Framing::Bodiless | Framing::Unknown => State::Over(End::Complete),
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
        if !matches!(self.state, State::ChunkData(_)) {
            self.set_apart();
        }
        if taken < wanted {
            self.limit(FaultKind::BodyTooLarge);
        }
        taken as u64
    }

    /// Lets go of what a body in one piece would hold twice.
    fn set_apart(&mut self) {
        let end = self.part + KEPT_TWICE;
        if self.at > end {
            self.answer.apart += self.at - end;
            self.answer.raw.drain(end..self.at);
            self.at = end;
        }
    }

    fn chunk_size(&mut self, doubtful: bool) -> bool {
        // Waiting for the end of a line that cannot be a size line anyway would take until a wait runs out.
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
            Size::Sound(size) => size,
            Size::Odd(_, _) | Size::Lost(_) if doubtful => return self.over(End::Lost),
            Size::Odd(size, why) => {
                note(faults, FaultKind::Chunk(why.to_owned()), line.content.clone());
                size
            }
            Size::Lost(why) => {
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
            State::ChunkData(size)
        } else {
            self.part = self.at;
            self.continues = false;
            State::Trailers
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
                // A CR that is the last byte of the data says that the size is off by one.
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
        self.state = State::ChunkSize { doubtful: missing };
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

    /// Takes bytes that come when all is over.
    fn after_end(&mut self, bytes: &[u8]) {
        let answer = &mut self.answer;
        let room = KEPT_AFTER_END.saturating_sub(answer.raw.len() - self.at);
        let kept = &bytes[..bytes.len().min(room)];
        match self.state {
            State::Over(End::Complete) if !bytes.is_empty() => {
                let late = self.lingering;
                let surplus = answer.surplus.get_or_insert_with(|| Surplus { bytes: Vec::new(), size: 0, late });
                surplus.bytes.extend_from_slice(kept);
                surplus.size += bytes.len() as u64;
                answer.raw.extend_from_slice(kept);
            }
            State::Over(End::Switched | End::Lost) => answer.raw.extend_from_slice(kept),
            _ => {}
        }
    }
}

fn is_interim(status: u16) -> bool {
    (100..200).contains(&status) && status != 101
}

/// Whether a field is of those that cannot wait until the content has been read: framing, routing, authentication,
/// response control and the content's format (RFC 9110 §6.5.1). The definition of none of them allows it in trailers.
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

/// Keeps a head that was cut before its end, if it says enough.
fn keep_cut_head(answer: &mut Answer, head: Head) {
    if is_interim(head.status) { answer.interim.push(head) } else { answer.head = Some(head) }
}

/// Whether bytes without a line end could go on to be a status line: not after other bytes than those of a version,
/// and not with a CR that no LF follows.
fn could_be_status_line(bytes: &[u8]) -> bool {
    let length = bytes.len().min(5);
    let cr = memchr::memchr(b'\r', bytes).unwrap_or(bytes.len());
    bytes[..length].eq_ignore_ascii_case(&b"HTTP/"[..length]) && cr + 1 >= bytes.len()
}
