//! How a response ended, and the messages for it.

use std::fmt;
use std::time::Duration;

/// How a response ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// Where its framing marks the end.
    #[default]
    Complete,
    /// The server closed the connection before the end.
    Closed(Stage),
    /// The connection was reset before the end.
    Reset(Stage),
    /// TLS or the socket failed in another manner, which the text names.
    Broken(Stage, String),
    /// A time limit passed.
    TimedOut(Stage, Wait),
    /// A size limit was reached. The rest was not read.
    Limit,
    /// The server switched protocols (101), so nothing after the head is HTTP.
    Switched,
    /// The end of the response is unknown: there is no status line, a chunk has no size, or the values of Content-Length
    /// differ or are no numbers. Reading stopped there. Up to 4 KiB of what had come are in
    /// [`Answer::raw`](super::Answer::raw).
    Lost,
}

/// How much of a response had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No byte had come.
    Nothing,
    /// Inside a head (or after interim responses only).
    Head,
    /// Inside the body.
    Body,
}

/// Which time limit passed, and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The limit for the first byte.
    FirstByte(Duration),
    /// The limit between bytes.
    Idle(Duration),
    /// The limit for the whole exchange.
    Total(Duration),
    /// A shorter limit for the whole exchange, for a question that needs no work: a part of the other.
    Part(Duration),
}

impl fmt::Display for Wait {
    /// The limit and the flag that sets it: `10 s (--first-byte)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (limit, flag) = match self {
            Self::FirstByte(limit) => (limit, "--first-byte"),
            Self::Idle(limit) => (limit, "--idle"),
            Self::Total(limit) => (limit, "--timeout"),
            Self::Part(limit) => (limit, "the part of --timeout for requests that need no work"),
        };
        if *limit < Duration::from_secs(1) {
            return write!(f, "{} ms ({flag})", limit.as_millis());
        }
        let tenths = (limit.as_secs_f64() * 10.0).round() / 10.0;
        write!(f, "{tenths} s ({flag})")
    }
}

impl End {
    /// Why the response did not end as it should; none if it did.
    pub fn description(&self) -> Option<String> {
        let at = |stage: &Stage| match stage {
            Stage::Nothing => "before the first byte of a response",
            Stage::Head => "inside the head",
            Stage::Body => "inside the body",
        };
        Some(match self {
            Self::Complete => return None,
            Self::Closed(stage) => format!("the server closed the connection {}", at(stage)),
            Self::Reset(stage) => format!("the connection was reset {}", at(stage)),
            Self::Broken(stage, how) => format!("the connection broke {}: {how}", at(stage)),
            Self::TimedOut(Stage::Nothing, wait) => format!("no byte of a response came within {wait}"),
            Self::TimedOut(stage, wait @ (Wait::Total(_) | Wait::Part(_))) => {
                format!("the response had not ended after {wait}; it stopped {}", at(stage))
            }
            Self::TimedOut(stage, wait) => {
                format!("no further byte came within {wait}; the response stopped {}", at(stage))
            }
            Self::Limit => "a size limit was reached; the rest was not read".to_owned(),
            Self::Switched => "the server switched protocols".to_owned(),
            Self::Lost => "its framing is broken, so its end is unknown".to_owned(),
        })
    }
}

impl fmt::Display for End {
    /// How the response ended: one clause, such as `the connection was closed in the body`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete => f.write_str("the response is complete"),
            Self::Closed(stage) => write!(f, "the connection was closed {stage}"),
            Self::Reset(stage) => write!(f, "the connection was reset {stage}"),
            Self::Broken(stage, how) => write!(f, "the connection broke {stage}: {how}"),
            Self::TimedOut(Stage::Nothing, wait) => write!(f, "no byte came within {wait}"),
            Self::TimedOut(stage, Wait::FirstByte(_) | Wait::Idle(_)) => {
                write!(f, "nothing more came {stage} in time")
            }
            Self::TimedOut(stage, wait @ (Wait::Total(_) | Wait::Part(_))) => {
                write!(f, "the response had not ended {stage} after {wait}")
            }
            Self::Limit => f.write_str("a limit was reached, and the rest was not read"),
            Self::Switched => f.write_str("the server switched to another protocol"),
            Self::Lost => f.write_str("the end of the response is unknown, and reading stopped"),
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
    fn every_end_has_a_message() {
        let limit = Duration::from_millis(1_500);
        for (end, words) in [
            (End::Closed(Stage::Nothing), "the connection was closed before the first byte"),
            (End::Broken(Stage::Head, "bad record".to_owned()), "the connection broke in the head: bad record"),
            (End::TimedOut(Stage::Nothing, Wait::FirstByte(limit)), "no byte came within 1.5 s (--first-byte)"),
            (End::TimedOut(Stage::Body, Wait::Idle(limit)), "nothing more came in the body in time"),
            (
                End::TimedOut(Stage::Body, Wait::Total(limit)),
                "the response had not ended in the body after 1.5 s (--timeout)",
            ),
        ] {
            assert_eq!(end.to_string(), words);
        }
    }
}
