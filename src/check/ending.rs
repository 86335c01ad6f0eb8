//! How the transfer of an answer ended: exactly one word for each answer, so that exactly one rule speaks of it.

use super::Taken;
use crate::exchange::{Answer, End, FaultKind, Framing, Stage, Wait};

/// How a transfer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// As its framing says.
    Whole,
    /// No byte came until the wait ran out.
    Silent,
    /// It began, and did not end while anybody would wait.
    Endless,
    /// As before, and not even its head is whole.
    EndlessHead,
    /// The connection ended before any byte.
    CutBefore,
    /// The connection ended inside a head.
    CutInHead,
    /// The connection ended inside the body.
    CutInBody,
    /// The body is whole by itself, but its Content-Length promises more.
    LengthTooLarge,
    /// The head is larger than the limit.
    HeadTooLarge,
    /// The body is larger than the limit.
    BodyTooLarge,
    /// A 101 that nobody asked for.
    Switched,
    /// What came begins with no status line, and no status was found.
    NotHttp,
    /// A malformed chunk hides the end.
    Lost,
}

impl Ending {
    /// How an answer ended.
    pub(super) fn of(taken: &Taken<'_>) -> Self {
        let answer = &taken.exchange.answer;
        if !answer.faults.is_empty() {
            if has(answer, |kind| matches!(kind, FaultKind::TooManyInterim)) {
                return Self::EndlessHead;
            }
            if has(answer, |kind| matches!(kind, FaultKind::HeadTooLarge)) {
                return Self::HeadTooLarge;
            }
        }
        let Some(head) = &answer.head else {
            return Self::without_head(answer);
        };
        if head.status == 101 {
            return Self::Switched;
        }
        match &answer.end {
            End::Complete => Self::Whole,
            End::Switched => Self::Switched,
            End::Limit => Self::BodyTooLarge,
            End::Lost => Self::Lost,
            End::Closed(Stage::Head) | End::Reset(Stage::Head) | End::Broken(Stage::Head, _) => Self::CutInHead,
            End::Closed(_) | End::Reset(_) | End::Broken(..) => Self::short(taken).unwrap_or(Self::CutInBody),
            End::TimedOut(Stage::Head, _) => Self::EndlessHead,
            End::TimedOut(..) => Self::short(taken).unwrap_or(Self::Endless),
        }
    }

    /// Whether a whole head of a final response came, so that its fields can be looked at.
    pub(super) const fn is_answered(self) -> bool {
        !matches!(
            self,
            Self::Silent
                | Self::EndlessHead
                | Self::CutBefore
                | Self::CutInHead
                | Self::HeadTooLarge
                | Self::Switched
                | Self::NotHttp
        )
    }

    /// The status, unless the wire already says why it counts for nothing.
    pub(super) fn status(self, answer: &Answer) -> Option<u16> {
        let broken = !self.is_answered() || has(answer, |kind| matches!(kind, FaultKind::StatusCode(_)));
        if broken { None } else { answer.status() }
    }

    fn without_head(answer: &Answer) -> Self {
        let told =
            |kind: &FaultKind| matches!(kind, FaultKind::StatusLine | FaultKind::StatusCode(_) | FaultKind::Version(_));
        if has(answer, told) {
            return Self::NotHttp;
        }
        match &answer.end {
            End::TimedOut(Stage::Nothing, _) => Self::Silent,
            End::TimedOut(..) => Self::EndlessHead,
            End::Closed(Stage::Nothing) | End::Reset(Stage::Nothing) | End::Broken(Stage::Nothing, _) => {
                Self::CutBefore
            }
            _ => Self::CutInHead,
        }
    }

    /// A body that stopped before its Content-Length but is whole JSON: the length is wrong, nothing was cut.
    fn short(taken: &Taken<'_>) -> Option<Self> {
        let answer = &taken.exchange.answer;
        let Framing::Length(_) = answer.framing else {
            return None;
        };
        let structured = matches!(answer.body.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'));
        (structured && taken.json().is_ok()).then_some(Self::LengthTooLarge)
    }
}

/// The status of a judged answer, where one counts.
pub(super) fn status(taken: &Taken<'_>) -> Option<u16> {
    Ending::of(taken).status(&taken.exchange.answer)
}

/// Whether an answer has a fault of a kind.
pub(super) fn has(answer: &Answer, kind: impl Fn(&FaultKind) -> bool) -> bool {
    answer.faults.iter().any(|fault| kind(&fault.kind))
}

/// Whether it cannot be told for sure which bytes are the body; the wire's rules say why.
pub(super) fn framing_doubtful(answer: &Answer) -> bool {
    answer.surplus.is_some()
        || has(answer, |kind| {
            matches!(
                kind,
                FaultKind::ContentLengthInvalid(_)
                    | FaultKind::ContentLengthConflict(_)
                    | FaultKind::LengthAndTransferEncoding
                    | FaultKind::TransferEncoding(_)
                    | FaultKind::TransferEncodingHttp10
                    | FaultKind::Chunk(_)
                    | FaultKind::NoColon
                    | FaultKind::SpaceBeforeColon
                    | FaultKind::FieldName
                    | FaultKind::Folding
            )
        })
}

/// Whether the fields cannot be trusted to be all there: a malformed line may hide the one that is looked for.
pub(super) fn fields_doubtful(answer: &Answer) -> bool {
    has(answer, |kind| {
        matches!(
            kind,
            FaultKind::NoColon
                | FaultKind::SpaceBeforeColon
                | FaultKind::FieldName
                | FaultKind::FieldValue
                | FaultKind::Folding
                | FaultKind::LeadingSpace
        )
    })
}

/// How a connection ended, in words.
pub(super) fn in_words(end: &End) -> String {
    match end {
        End::Complete => "the end of the connection".to_owned(),
        End::Closed(_) => "the server closed the connection".to_owned(),
        End::Reset(_) => "the connection was reset".to_owned(),
        End::Broken(_, how) => format!("the connection broke: {}", super::shown::short(how)),
        End::TimedOut(_, Wait::FirstByte) => "silence until the wait for the first byte ran out".to_owned(),
        End::TimedOut(_, Wait::Idle) => "silence until the wait between bytes ran out".to_owned(),
        End::TimedOut(_, Wait::Total) => "the wait for the whole exchange ran out".to_owned(),
        End::Limit => "a limit was reached".to_owned(),
        End::Switched => "the server switched protocols".to_owned(),
        End::Lost => "an end that cannot be told".to_owned(),
    }
}
