//! Faults and ends in words, for reports and findings.

use std::fmt;

use super::{End, FaultKind, Stage, Wait};

impl fmt::Display for FaultKind {
    /// What is wrong, one phrase that is safe to show: `a bare LF ends a line`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StatusLine => f.write_str("the first line is no status line"),
            Self::Version(text) => write!(f, "the version `{text}` is neither `HTTP/1.1` nor `HTTP/1.0`"),
            Self::StatusCode(text) => write!(f, "the status `{text}` is not three digits from 100 to 599"),
            Self::NoColon => f.write_str("a field line has no colon"),
            Self::SpaceBeforeColon => f.write_str("white space stands between a field name and its colon"),
            Self::FieldName => f.write_str("a field name is no token"),
            Self::FieldValue => f.write_str("a field value holds a control character"),
            Self::Folding => f.write_str("a field line is folded"),
            Self::BareLf => f.write_str("a line ends in LF without CR"),
            Self::LeadingSpace => f.write_str("white space or an empty line stands before the first line or field"),
            Self::ContentLengthInvalid(text) => write!(f, "Content-Length `{text}` is no number"),
            Self::ContentLengthConflict(values) => {
                write!(f, "Content-Length says different numbers: `{}`", values.join("`, `"))
            }
            Self::ContentLengthRepeated(text) => write!(f, "Content-Length is said more than once: `{text}`"),
            Self::LengthAndTransferEncoding => f.write_str("Content-Length stands beside Transfer-Encoding"),
            Self::TransferEncoding(text) => write!(f, "Transfer-Encoding `{text}` is not `chunked` alone"),
            Self::TransferEncodingHttp10 => f.write_str("Transfer-Encoding stands in an HTTP/1.0 response"),
            Self::BodilessWithLength(text) => {
                write!(f, "Content-Length `{text}` stands on a status that has no body")
            }
            Self::BodilessWithTransferEncoding(text) => {
                write!(f, "Transfer-Encoding `{text}` stands on a status that has no body")
            }
            Self::Chunk(text) => write!(f, "the chunked body is malformed: {text}"),
            Self::Trailer => f.write_str("a trailer field line is malformed"),
            Self::HeadTooLarge => f.write_str("the head is larger than the limit"),
            Self::BodyTooLarge => f.write_str("the body is larger than the limit"),
            Self::ContentTooLarge => f.write_str("the body unpacks to more than the limit"),
            Self::TooManyInterim => f.write_str("there are more interim responses than the limit"),
        }
    }
}

impl fmt::Display for End {
    /// How the answer ended, one phrase: `the connection was closed in the body`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete => f.write_str("the answer is complete"),
            Self::Closed(stage) => write!(f, "the connection was closed {stage}"),
            Self::Reset(stage) => write!(f, "the connection was reset {stage}"),
            Self::Broken(stage, how) => write!(f, "the connection broke {stage}: {how}"),
            Self::TimedOut(Stage::Nothing, Wait::FirstByte) => f.write_str("no byte came in time"),
            Self::TimedOut(stage, Wait::FirstByte | Wait::Idle) => write!(f, "nothing more came {stage} in time"),
            Self::TimedOut(stage, Wait::Total) => write!(f, "the time for the whole exchange ran out {stage}"),
            Self::Limit => f.write_str("a limit was reached, and the rest was not read"),
            Self::Switched => f.write_str("the server switched to another protocol"),
            Self::Lost => f.write_str("where the answer ends cannot be told, and reading stopped"),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "before the first byte",
            Self::Head => "in the head",
            Self::Body => "in the body",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_told_in_words() {
        for (end, words) in [
            (End::Closed(Stage::Nothing), "the connection was closed before the first byte"),
            (End::Broken(Stage::Head, "bad record".to_owned()), "the connection broke in the head: bad record"),
            (End::TimedOut(Stage::Nothing, Wait::FirstByte), "no byte came in time"),
            (End::TimedOut(Stage::Body, Wait::Idle), "nothing more came in the body in time"),
            (End::TimedOut(Stage::Body, Wait::Total), "the time for the whole exchange ran out in the body"),
        ] {
            assert_eq!(end.to_string(), words);
        }
        let conflict = FaultKind::ContentLengthConflict(vec!["1".to_owned(), "2".to_owned()]);
        assert_eq!(conflict.to_string(), "Content-Length says different numbers: `1`, `2`");
    }
}
