//! JSON (RFC 8259) into nodes, seeing what other readers hide: duplicate keys, lost digits, a BOM, bytes after the end.
//!
//! The grammar is held to the letter; what it lets pass and readers still disagree about comes as an [`Oddity`]. Bodies
//! of answers and documents in JSON are read by this one function. It leaves out what the values mean. Anything may
//! use it.

mod encoding;
mod number;
mod parser;
mod string;
mod words;

#[cfg(test)]
mod tests;

use super::Node;
use crate::location::Span;

/// What was read, and what was odd about it.
#[derive(Clone, Debug)]
pub struct Read {
    /// The value; spans are byte offsets into the text that was given.
    pub root: Node,
    /// What a strict reader would not have told; the first [`MAX_ODDITIES`] of it.
    pub oddities: Vec<Oddity>,
    /// The first array or object that lies deeper than [`MAX_DEPTH`], of which nothing is in the value: an empty one
    /// stands in the place of each.
    pub too_deep: Option<Span>,
}

/// Something that JSON's grammar lets pass, or that readers disagree about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The text begins with a byte order mark (RFC 8259 §8.1: MUST NOT be added).
    ByteOrderMark,
    /// An object has this key more than once (RFC 8259 §4: names SHOULD be unique). Said once, however often it comes.
    DuplicateKey {
        /// The key.
        key: String,
        /// The JSON pointer of the object.
        pointer: String,
    },
    /// A number that a double cannot keep (RFC 8259 §6): the double nearest to it, written with as many digits, is
    /// another number. `0.1` and `1.10` are kept; `9007199254740993`, `1e400` and `1e-400` are not.
    NumberBeyondDouble {
        /// The digits as written.
        digits: String,
        /// The JSON pointer of the number.
        pointer: String,
    },
    /// An escape for half of a surrogate pair (RFC 8259 §8.2); U+FFFD stands in its place.
    LoneSurrogate {
        /// The JSON pointer of the string, or of the value whose key it is.
        pointer: String,
    },
}

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault.
    pub kind: FaultKind,
    /// What was expected or found, one phrase.
    pub message: String,
    /// Where, in bytes from the start.
    pub span: Span,
}

/// The kinds of fault that rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// No value at all: empty, or white space only.
    Empty,
    /// The text ends inside a value.
    Truncated,
    /// A value, then something else than white space.
    TrailingGarbage,
    /// A byte sequence that is not UTF-8, or UTF-16/32 or compressed data by its first bytes.
    Encoding,
    /// Anything else that the grammar does not allow.
    Syntax,
    /// JSON, and nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// More values than the reader was asked to take.
    TooMany,
}

/// How deep values may be nested.
pub const MAX_DEPTH: usize = 128;

/// How many oddities of one text are told; a text with more is odd enough.
pub const MAX_ODDITIES: usize = 64;

/// Reads bytes as one JSON text, in time linear in their number (an object's keys are sorted once).
///
/// Where a text has several faults, the first in the order of the bytes is told; only what shows in the first bytes of
/// the whole (UTF-16, UTF-32, compressed data) comes before it, and what lies too deep comes last.
pub fn read(bytes: &[u8]) -> Result<Read, Fault> {
    whole(read_to_depth(bytes)?)
}

/// The same of a text that may hold so many values at most.
pub(crate) fn read_few(text: &str, most: usize) -> Result<Read, Fault> {
    if let Some(fault) = encoding::foreign(text.as_bytes()) {
        return Err(fault);
    }
    whole(parser::Parser::new(text).taking(most).read()?)
}

fn whole(read: Read) -> Result<Read, Fault> {
    match read.too_deep {
        Some(span) => {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            Err(Fault::new(FaultKind::TooDeep, message, span.start, span.start + 1))
        }
        None => Ok(read),
    }
}

/// The same; what lies deeper than [`MAX_DEPTH`] is held against the grammar and left out of the value.
pub fn read_to_depth(bytes: &[u8]) -> Result<Read, Fault> {
    if let Some(fault) = encoding::foreign(bytes) {
        return Err(fault);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => parser::Parser::new(text).read(),
        Err(error) => Err(encoding::invalid(bytes, error)),
    }
}

/// Whether a double keeps a number, as [`Oddity::NumberBeyondDouble`] has it.
pub(super) fn is_kept(number: &str) -> bool {
    number::is_kept(number)
}

impl Fault {
    fn new(kind: FaultKind, message: impl Into<String>, start: usize, end: usize) -> Self {
        Self { kind, message: message.into(), span: Span::new(start, end) }
    }

    fn syntax(message: impl Into<String>, start: usize, end: usize) -> Self {
        Self::new(FaultKind::Syntax, message, start, end)
    }

    /// The text ends where it must not; `inside` is what it ends in, with its article.
    fn truncated(inside: &str, length: usize) -> Self {
        Self::new(FaultKind::Truncated, format!("the text ends {inside}"), length, length)
    }
}

impl std::fmt::Display for Fault {
    /// The message and the byte: `a trailing comma, at byte 12`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            FaultKind::Empty => f.write_str(&self.message),
            _ => write!(f, "{}, at byte {}", self.message, self.span.start),
        }
    }
}

impl std::error::Error for Fault {}
