//! How the transfer of an answer ended. Each answer gets exactly one value, so exactly one rule reports it.

use super::format;
use crate::exchange::{Answer, End, FaultKind, Framing, Stage, Wait};
use crate::observation::ObservedExchange;

/// How a transfer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// The answer is complete, as its framing says.
    Complete,
    /// No byte came before the timeout.
    Silent,
    /// The answer began, and its body did not end before the timeout.
    Endless,
    /// The answer began, and not even its head was complete before the timeout.
    EndlessHead,
    /// The connection ended before any byte.
    CutBefore,
    /// The connection ended inside a head.
    CutInHead,
    /// The connection ended inside the body.
    CutInBody,
    /// The body is complete JSON, but its Content-Length promises more bytes.
    LengthTooLarge,
    /// The head is larger than the limit.
    HeadTooLarge,
    /// The body is larger than the limit.
    BodyTooLarge,
    /// The server switched protocols (101), and the request did not ask for it.
    Switched,
    /// The bytes do not begin with a status line, and have no status.
    NotHttp,
    /// The end cannot be found: a chunk is malformed, or the status does not tell whether a body follows.
    EndUnknown,
}

impl Transfer {
    /// How the transfer of an answer ended.
    pub(crate) fn of(observed: &ObservedExchange<'_>) -> Self {
        let answer = &observed.exchange.answer;
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
            End::Complete => Self::Complete,
            End::Switched => Self::Switched,
            End::Limit => Self::BodyTooLarge,
            End::Lost => Self::EndUnknown,
            End::Closed(Stage::Head) | End::Reset(Stage::Head) | End::Broken(Stage::Head, _) => Self::CutInHead,
            End::Closed(_) | End::Reset(_) | End::Broken(..) => {
                Self::length_too_large(observed).unwrap_or(Self::CutInBody)
            }
            End::TimedOut(Stage::Head, _) => Self::EndlessHead,
            End::TimedOut(..)
                if answer.framing == Framing::UntilClose
                    && has(answer, |kind| matches!(kind, FaultKind::StatusCode(_))) =>
            {
                Self::EndUnknown
            }
            End::TimedOut(..) => Self::length_too_large(observed).unwrap_or(Self::Endless),
        }
    }

    /// Whether the complete head of a final response came, so that its fields can be judged.
    pub(crate) const fn is_answered(self) -> bool {
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

    /// The status, if one can be judged. Where none can, a rule about the head or the connection says why.
    pub(crate) fn status(self, answer: &Answer) -> Option<u16> {
        let broken = !self.is_answered() || has(answer, |kind| matches!(kind, FaultKind::StatusCode(_)));
        if broken { None } else { answer.status() }
    }

    fn without_head(answer: &Answer) -> Self {
        let is_of_status_line =
            |kind: &FaultKind| matches!(kind, FaultKind::StatusLine | FaultKind::StatusCode(_) | FaultKind::Version(_));
        if has(answer, is_of_status_line) {
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

    /// If the body stopped before its Content-Length and is complete JSON, the length is wrong and nothing was cut.
    fn length_too_large(observed: &ObservedExchange<'_>) -> Option<Self> {
        let answer = &observed.exchange.answer;
        let Framing::Length(_) = answer.framing else {
            return None;
        };
        let structured = matches!(answer.body.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'));
        (structured && observed.json().is_ok()).then_some(Self::LengthTooLarge)
    }
}

/// The status of an answer, if one can be judged.
pub(crate) fn status(observed: &ObservedExchange<'_>) -> Option<u16> {
    Transfer::of(observed).status(&observed.exchange.answer)
}

/// Whether an answer has a fault of a kind.
pub(crate) fn has(answer: &Answer, kind: impl Fn(&FaultKind) -> bool) -> bool {
    answer.faults.iter().any(|fault| kind(&fault.kind))
}

/// Whether it is uncertain which bytes are the body. The framing rules say why.
pub(crate) fn framing_doubtful(answer: &Answer) -> bool {
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

/// Whether a malformed line may hide a field that a rule looks for.
pub(crate) fn fields_doubtful(answer: &Answer) -> bool {
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

/// How a transfer ended, in words.
pub(crate) fn end_description(end: &End) -> String {
    match end {
        End::Complete => "the end of the connection".to_owned(),
        End::Closed(_) => "the server closed the connection".to_owned(),
        End::Reset(_) => "the connection was reset".to_owned(),
        End::Broken(_, how) => format!("the connection broke: {}", format::short(how)),
        End::TimedOut(_, Wait::FirstByte(_)) => {
            "no byte before the time limit for the first byte (--first-byte)".to_owned()
        }
        End::TimedOut(_, Wait::Idle(_)) => {
            "no further byte before the time limit between two bytes (--idle)".to_owned()
        }
        End::TimedOut(_, Wait::Total(_) | Wait::Part(_)) => {
            "the time limit for the exchange (--timeout) ran out".to_owned()
        }
        End::Limit => "a limit was reached".to_owned(),
        End::Switched => "the server switched protocols".to_owned(),
        End::Lost => "an end that the framing does not show".to_owned(),
    }
}
