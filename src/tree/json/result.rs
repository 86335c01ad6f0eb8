//! The results of reading JSON: a value with its oddities, or an error.

use crate::location::Span;
use crate::tree::node::Node;

/// A JSON text that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The value. Its spans are byte offsets into the text.
    pub root: Node,
    /// What readers disagree about, in the order of the text; at most [`MAX_ODDITIES`].
    pub oddities: Vec<Oddity>,
    /// The first array or object that lies deeper than [`MAX_DEPTH`]. In the value an empty one replaces each of them.
    pub too_deep: Option<Span>,
}

/// Something that JSON's grammar allows and that readers disagree about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The text begins with a byte order mark (RFC 8259 §8.1: MUST NOT be added).
    ByteOrderMark,
    /// An object has this key more than once (RFC 8259 §4: names SHOULD be unique). Listed once for each object and key.
    DuplicateKey {
        /// The key.
        key: String,
        /// The JSON pointer of the object.
        pointer: String,
    },
    /// A number that a double cannot keep (RFC 8259 §6): the nearest double, written with as many digits, is another
    /// number. `0.1` and `1.10` are kept; `9007199254740993`, `1e400` and `1e-400` are not.
    NumberBeyondDouble {
        /// The digits as written.
        digits: String,
        /// The JSON pointer of the number.
        pointer: String,
    },
    /// An escape for half of a surrogate pair (RFC 8259 §8.2). In the value U+FFFD replaces it.
    LoneSurrogate {
        /// The JSON pointer of the string; if the string is a key, that of the key's value.
        pointer: String,
    },
}

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The kind of error.
    pub kind: JsonErrorKind,
    /// What was expected or found: one phrase.
    pub message: String,
    /// Where, as byte offsets from the start.
    pub span: Span,
}

/// The kinds of error that rules distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonErrorKind {
    /// No value at all: empty, or white space only.
    Empty,
    /// The text ends inside a value.
    Truncated,
    /// More than white space follows the value.
    TrailingGarbage,
    /// A byte sequence is not UTF-8, or the first bytes are those of UTF-16, UTF-32 or compressed data.
    Encoding,
    /// Anything else that the grammar does not allow.
    Syntax,
    /// It is JSON, and nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// It holds more values than the caller allows.
    TooMany,
}

/// How deep values may be nested, in levels.
pub const MAX_DEPTH: usize = 128;

/// How many oddities of one text are listed.
pub const MAX_ODDITIES: usize = 64;

impl JsonError {
    pub(super) fn new(kind: JsonErrorKind, message: impl Into<String>, start: usize, end: usize) -> Self {
        Self { kind, message: message.into(), span: Span::new(start, end) }
    }

    pub(super) fn syntax(message: impl Into<String>, start: usize, end: usize) -> Self {
        Self::new(JsonErrorKind::Syntax, message, start, end)
    }

    /// The text of so many bytes ends too early; `inside` says where: `inside a string`.
    pub(super) fn truncated(inside: &str, length: usize) -> Self {
        Self::new(JsonErrorKind::Truncated, format!("the text ends {inside}"), length, length)
    }
}

impl std::fmt::Display for JsonError {
    /// The message and the byte: `a trailing comma, at byte 12`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            JsonErrorKind::Empty => f.write_str(&self.message),
            _ => write!(f, "{}, at byte {}", self.message, self.span.start),
        }
    }
}

impl std::error::Error for JsonError {}
