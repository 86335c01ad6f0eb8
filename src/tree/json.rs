//! JSON (RFC 8259) into nodes, seeing what other readers hide: duplicate keys, lost digits, a BOM, bytes after the end.

use super::Node;
use crate::location::Span;

/// What was read, and what was odd about it.
#[derive(Clone, Debug)]
pub struct Read {
    /// The value; spans are byte offsets into the text that was given.
    pub root: Node,
    /// What a strict reader would not have told.
    pub oddities: Vec<Oddity>,
}

/// Something that JSON's grammar lets pass, or that readers disagree about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The text begins with a byte order mark (RFC 8259 §8.1: MUST NOT be added).
    ByteOrderMark,
    /// An object has this key more than once (RFC 8259 §4: names SHOULD be unique).
    DuplicateKey {
        /// The key.
        key: String,
        /// The JSON pointer of the object.
        pointer: String,
    },
    /// A number that a double cannot keep (RFC 8259 §6).
    NumberBeyondDouble {
        /// The digits as written.
        digits: String,
        /// The JSON pointer of the number.
        pointer: String,
    },
    /// An escape for half of a surrogate pair (RFC 8259 §8.2).
    LoneSurrogate {
        /// The JSON pointer of the string.
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
    /// A byte sequence that is not UTF-8, or UTF-16/32 by its first bytes.
    Encoding,
    /// Anything else that the grammar does not allow.
    Syntax,
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

/// How deep values may be nested.
pub const MAX_DEPTH: usize = 128;

/// Reads bytes as one JSON text.
pub fn read(bytes: &[u8]) -> Result<Read, Fault> {
    let _ = bytes;
    unimplemented!()
}
