//! Violations of the grammar of HTTP/1.1, and their messages.

use std::fmt;
use std::ops::Range;

/// How many violations of one kind are kept. One that repeats in every line is clear from the first ones.
pub const FAULTS_OF_A_KIND: usize = 16;

/// Adds a violation, unless enough of its kind are there.
pub(super) fn note(faults: &mut Vec<Fault>, kind: FaultKind, range: Range<usize>) {
    let same = std::mem::discriminant(&kind);
    let mut known = faults.iter().filter(|fault| std::mem::discriminant(&fault.kind) == same);
    if known.nth(FAULTS_OF_A_KIND - 1).is_none() {
        faults.push(Fault { kind, range });
    }
}

/// A violation of the grammar of HTTP/1.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its kind.
    pub kind: FaultKind,
    /// Its bytes in [`Answer::raw`](super::Answer::raw).
    pub range: Range<usize>,
}

/// The kinds of violation. Where possible, reading goes on after one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The first line is no status line (RFC 9112 §4). If there is a head, a status was found in it all the same.
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
    /// The same Content-Length more than once, in several fields or as a list. A recipient may accept it (RFC 9110 §8.6), but
    /// the grammar has one number in one field (RFC 9110 §5.3).
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
    /// The body, the framing of its chunks, or its trailers are larger than the limit. The first part is kept.
    BodyTooLarge,
    /// The decoded body is larger than the limit.
    ContentTooLarge,
    /// More interim responses than the limit.
    TooManyInterim,
}

impl fmt::Display for FaultKind {
    /// What is wrong: one clause that is safe to show, such as `a line ends in LF without CR`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StatusLine => f.write_str("the first line is not a status line"),
            Self::Version(text) => write!(f, "the version `{text}` is neither `HTTP/1.1` nor `HTTP/1.0`"),
            Self::StatusCode(text) => write!(f, "the status `{text}` is not three digits from 100 to 599"),
            Self::NoColon => f.write_str("a field line has no colon"),
            Self::SpaceBeforeColon => f.write_str("white space separates a field name from its colon"),
            Self::FieldName => f.write_str("a field name is not a token"),
            Self::FieldValue => f.write_str("a field value holds a control character"),
            Self::Folding => f.write_str("a field line is folded"),
            Self::BareLf => f.write_str("a line ends in LF without CR"),
            Self::LeadingSpace => f.write_str("white space or an empty line comes before the first line or field"),
            Self::ContentLengthInvalid(text) => write!(f, "Content-Length `{text}` is not a number"),
            Self::ContentLengthConflict(values) => {
                write!(f, "the values of Content-Length differ: `{}`", values.join("`, `"))
            }
            Self::ContentLengthRepeated(text) => write!(f, "Content-Length is repeated: `{text}`"),
            Self::LengthAndTransferEncoding => {
                f.write_str("the response has both Content-Length and Transfer-Encoding")
            }
            Self::TransferEncoding(text) => write!(f, "Transfer-Encoding `{text}` is not `chunked` alone"),
            Self::TransferEncodingHttp10 => f.write_str("an HTTP/1.0 response has Transfer-Encoding"),
            Self::BodilessWithLength(text) => {
                write!(f, "the status has no body, and Content-Length is `{text}`")
            }
            Self::BodilessWithTransferEncoding(text) => {
                write!(f, "the status has no body, and Transfer-Encoding is `{text}`")
            }
            Self::Chunk(text) => write!(f, "the chunked body is malformed: {text}"),
            Self::Trailer => f.write_str("a trailer field line is malformed"),
            Self::HeadTooLarge => f.write_str("the head is larger than the limit"),
            Self::BodyTooLarge => f.write_str("the body is larger than the limit"),
            Self::ContentTooLarge => f.write_str("the decoded body is larger than the limit"),
            Self::TooManyInterim => f.write_str("there are more interim responses than the limit"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_lists_the_values_that_differ() {
        let conflict = FaultKind::ContentLengthConflict(vec!["1".to_owned(), "2".to_owned()]);
        assert_eq!(conflict.to_string(), "the values of Content-Length differ: `1`, `2`");
    }
}
