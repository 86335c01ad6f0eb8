//! Planted deviations: the kinds of the tables in `tests/deviations` and `tests/deviant`, as far as any API can have them.

use crate::body;
use crate::kind::Kind;
use crate::message::Message;
use crate::world::{Auth, Case, Trouble, World};

/// A way in which a server breaks its contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deviation {
    RemovesNothing,
    RemovesDespiteRefusal,
    RemovesTheNewest,
    RemovesAnotherToo,
    SuccessOfAnotherStatus,
    ErrorOfAnotherStatus,
    WrongMediaType,
    BodyMissing,
    SchemaViolated,
    LengthOnNoContent,
    BodyAfterNoContent,
    BytesAfterAnswer,
    NoKeyAccepted,
    WrongKeyAccepted,
    OtherAccountAccepted,
    OtherUserAccepted,
    MissingAccepted,
    RepeatAccepted,
    Hangs,
    CutBeforeAnswer,
    CutInBody,
}

impl Deviation {
    pub(crate) const ALL: [Self; 21] = [
        Self::RemovesNothing,
        Self::RemovesDespiteRefusal,
        Self::RemovesTheNewest,
        Self::RemovesAnotherToo,
        Self::SuccessOfAnotherStatus,
        Self::ErrorOfAnotherStatus,
        Self::WrongMediaType,
        Self::BodyMissing,
        Self::SchemaViolated,
        Self::LengthOnNoContent,
        Self::BodyAfterNoContent,
        Self::BytesAfterAnswer,
        Self::NoKeyAccepted,
        Self::WrongKeyAccepted,
        Self::OtherAccountAccepted,
        Self::OtherUserAccepted,
        Self::MissingAccepted,
        Self::RepeatAccepted,
        Self::Hangs,
        Self::CutBeforeAnswer,
        Self::CutInBody,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RemovesNothing => "a removal removes nothing",
            Self::RemovesDespiteRefusal => "a refused removal removes",
            Self::RemovesTheNewest => "a removal removes the newest instead",
            Self::RemovesAnotherToo => "a removal removes another too",
            Self::SuccessOfAnotherStatus => "a removal is answered with another status",
            Self::ErrorOfAnotherStatus => "a refusal is answered with another status",
            Self::WrongMediaType => "text/html for JSON",
            Self::BodyMissing => "no body",
            Self::SchemaViolated => "a number for a text",
            Self::LengthOnNoContent => "Content-Length on a 204",
            Self::BodyAfterNoContent => "a body after a 204",
            Self::BytesAfterAnswer => "bytes after the response",
            Self::NoKeyAccepted => "no key needed",
            Self::WrongKeyAccepted => "any key accepted",
            Self::OtherAccountAccepted => "another account's key accepted",
            Self::OtherUserAccepted => "another user accepted",
            Self::MissingAccepted => "what never was is removed",
            Self::RepeatAccepted => "what is gone is removed again",
            Self::Hangs => "a removal is never answered",
            Self::CutBeforeAnswer => "the connection ends before the response",
            Self::CutInBody => "the connection ends in the body",
        }
    }

    /// Whether some case of a world would meet it, and whether it would be none of what the world does anyway.
    pub(crate) fn fits(self, world: &World) -> bool {
        let some = |wanted: fn(&Case) -> bool| world.cases.iter().any(wanted);
        let refusals = some(|case| matches!(case, Case::NoKey | Case::WrongKey | Case::OtherAccount | Case::OtherUser));
        let missing = some(|case| matches!(case, Case::Missing { .. } | Case::NotAnId)) && world.statuses.never >= 400;
        let errors = refusals || missing;
        let bodies = errors || body::removed(world).is_some();
        let no_content = world.statuses.removed == 204;
        let beside = some(|case| {
            matches!(case, Case::Success { bystanders: 1.. } | Case::Repeat | Case::LookAfter | Case::Twice)
        });
        let steady = !matches!(world.trouble, Trouble::OneWorker { .. } | Trouble::Restart { .. });
        match self {
            // A world that answers nothing else than 500 to creations shows none of it.
            _ if world.has(Kind::MadeAndFailed) => false,
            Self::RemovesNothing | Self::SuccessOfAnotherStatus => true,
            // Where a read may be an old one and a removal of what is gone is accepted, no answer contradicts that it is there.
            Self::RemovesDespiteRefusal => refusals && !(world.has(Kind::LateReads) && world.has(Kind::GoneAccepted)),
            Self::RemovesTheNewest => beside,
            // What goes beside a removal that is carried out later may go after everybody has looked.
            Self::RemovesAnotherToo => beside && !world.has(Kind::Asynchronous),
            Self::ErrorOfAnotherStatus => errors,
            Self::WrongMediaType | Self::BodyMissing | Self::SchemaViolated | Self::CutInBody => bodies,
            Self::LengthOnNoContent | Self::BodyAfterNoContent => no_content,
            // A closed connection carries no more bytes, and a client is free not to look at those behind its end.
            Self::BytesAfterAnswer => world.trouble != Trouble::OneWorker { keeps: false },
            Self::NoKeyAccepted => some(|case| *case == Case::NoKey),
            Self::WrongKeyAccepted => some(|case| *case == Case::WrongKey) && world.auth != Auth::None,
            Self::OtherAccountAccepted => some(|case| *case == Case::OtherAccount),
            Self::OtherUserAccepted => some(|case| *case == Case::OtherUser),
            Self::MissingAccepted => missing,
            Self::RepeatAccepted => some(|case| *case == Case::Repeat) && world.statuses.gone >= 400,
            Self::Hangs | Self::CutBeforeAnswer => steady && !world.has(Kind::KeptEnd) && !world.has(Kind::FreshEnd),
        }
    }

    /// What it makes of the answer to a removal: the bytes, and whether the connection ends after them. None: no answer.
    pub(crate) fn bytes(
        self,
        world: &World,
        answer: Message,
        write: impl Fn(Message) -> Vec<u8>,
    ) -> Option<(Vec<u8>, bool)> {
        let status = answer.status();
        let has_body = !answer.body.is_empty();
        let whole = |answer: Message| Some((write(answer), false));
        match self {
            Self::SuccessOfAnotherStatus if status == world.statuses.removed => match status {
                200 => whole(Message::empty("204 No Content")),
                _ => whole(Message::new("200 OK", "application/json", r#"{"result":"success"}"#)),
            },
            Self::ErrorOfAnotherStatus if status == 422 || status >= 400 => {
                whole(answer.with_line("422 Unprocessable Content"))
            }
            Self::WrongMediaType if has_body => whole(answer.with("Content-Type", "text/html")),
            Self::BodyMissing if has_body => whole(answer.with_body("").without("Content-Type")),
            Self::SchemaViolated if has_body => {
                let mut body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
                let member = if status < 300 { "result" } else { body::telling(world) };
                body[member] = serde_json::json!(17);
                whole(answer.with_body(body.to_string()))
            }
            Self::LengthOnNoContent if status == 204 => Some((answer.with("Content-Length", "0").bytes(), false)),
            Self::BodyAfterNoContent if status == 204 => {
                let body = r#"{"result":"success"}"#;
                Some((answer.with("Content-Type", "application/json").with_bare_body(body).bytes(), false))
            }
            Self::BytesAfterAnswer => {
                let mut bytes = write(answer);
                bytes.extend_from_slice(b"\r\n<!-- served in 3 ms -->\r\n");
                Some((bytes, false))
            }
            Self::Hangs => None,
            Self::CutBeforeAnswer => Some((Vec::new(), true)),
            Self::CutInBody if has_body => {
                let mut bytes = answer.bytes();
                bytes.truncate(bytes.len() - 5);
                Some((bytes, true))
            }
            _ => whole(answer),
        }
    }
}
