//! JSON (RFC 8259) into nodes. It finds what other readers hide: duplicate keys, lost digits, a byte order mark, bytes
//! after the end.
//!
//! The grammar is checked to the letter. What the grammar allows and readers disagree about is listed as an [`Oddity`].
//! Bodies of responses and documents in JSON are read by the same function. Any module may use it.

mod encoding;
mod mistakes;
mod number;
mod parser;
mod read;
mod result;
mod string;

#[cfg(test)]
mod tests;

pub(crate) use read::read_few;
pub use read::{read, read_to_depth};
pub use result::{JsonError, JsonErrorKind, MAX_DEPTH, MAX_ODDITIES, Oddity, Read};
