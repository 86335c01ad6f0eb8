//! What became of the media type and the body of an answer: one word for each, so that exactly one rule speaks of it.
//!
//! It leaves out what a readable body is held against (`shape`, the schema, the case's `match`).

use super::Taken;
use super::ending::{Ending, fields_doubtful, framing_doubtful};
use crate::exchange::{Answer, Framing, Unpacked};
use crate::spec::{Media, MediaType, Response};
use crate::tree::json;

/// What became of the media type.
#[derive(Debug)]
pub(super) enum MediaState<'a> {
    /// There is nothing to hold it against, or no body that it would be of.
    NotJudged,
    /// A body of a documented response came without one.
    Missing,
    /// No single type can be read: several that differ, or a malformed value.
    Ambiguous,
    /// One that the response object does not have.
    Undocumented(MediaType),
    /// One that it has.
    Documented(&'a Media),
}

/// What became of the body.
#[derive(Debug)]
pub(super) enum Content<'a> {
    /// It is not held against anything: there is none, nothing describes it, or other rules say why it cannot be
    /// read.
    NotJudged,
    /// The response object describes a body, and none came.
    Missing,
    /// It describes none, and one came.
    Unexpected,
    /// It is compressed in this coding, and nothing says so.
    Compressed(&'static str),
    /// A Content-Encoding says that it is compressed, and it is not.
    NotCompressed,
    /// It is in a coding that is not undone here, or holds more than is read.
    Coded,
    /// It should be JSON and is not.
    NotJson(&'a json::Fault),
    /// JSON, and the media type object that it is of.
    Json(&'a json::Read, &'a Media),
    /// Of a documented type that is not JSON.
    Opaque,
}

/// Both states of one answer.
pub(super) fn states<'a>(
    taken: &'a Taken<'a>,
    ending: Ending,
    response: Option<&'a Response>,
) -> (MediaState<'a>, Content<'a>) {
    let answer = &taken.exchange.answer;
    let not_judged = (MediaState::NotJudged, Content::NotJudged);
    if answer.head.is_none() {
        return not_judged;
    }
    match ending {
        Ending::Whole | Ending::LengthTooLarge => {}
        _ => return not_judged,
    }
    if bodiless(answer) {
        return not_judged;
    }
    let coding = coding_state(answer);
    let Some(response) = response else {
        let content = coding.unwrap_or(Content::NotJudged);
        return (MediaState::NotJudged, content);
    };
    if response.content.is_empty() {
        let unexpected = answer.body_size > 0;
        let content = if unexpected { Content::Unexpected } else { Content::NotJudged };
        return (MediaState::NotJudged, content);
    }
    if answer.body_size == 0 {
        let content = if framing_doubtful(answer) { Content::NotJudged } else { Content::Missing };
        return (MediaState::NotJudged, content);
    }
    if (answer.body.len() as u64) < answer.body_size {
        return not_judged;
    }
    let media = media_state(answer, response);
    if let Some(coding) = coding {
        return (media, coding);
    }
    let content = content_state(taken, response, &media);
    (media, content)
}

/// Whether the status never has a body (RFC 9110 §6.4.1), or has none here (205, §15.3.6).
fn bodiless(answer: &Answer) -> bool {
    answer.framing == Framing::Bodiless || answer.status() == Some(205)
}

fn media_state<'a>(answer: &Answer, response: &'a Response) -> MediaState<'a> {
    let mut values = answer.values("content-type");
    let Some(first) = values.next() else {
        let hidden = fields_doubtful(answer);
        return if hidden { MediaState::NotJudged } else { MediaState::Missing };
    };
    let second = values.next();
    // The usual answer says exactly what the document says, and needs no parsing.
    if second.is_none()
        && let Some(media) = response.content.iter().find(|media| media.key == first && !media.key.contains('*'))
    {
        return MediaState::Documented(media);
    }
    let Some(came) = MediaType::parse(&first) else {
        // A NUL or the like in it is the wire's finding.
        return if fields_doubtful(answer) { MediaState::NotJudged } else { MediaState::Ambiguous };
    };
    let same = |value: &str| MediaType::parse(value).is_some_and(|other| other.essence() == came.essence());
    if second.iter().any(|value| !same(value)) || !values.all(|value| same(&value)) {
        return MediaState::Ambiguous;
    }
    match response.media(&came) {
        Some(media) => MediaState::Documented(media),
        None => MediaState::Undocumented(came),
    }
}

fn content_state<'a>(taken: &'a Taken<'a>, response: &'a Response, state: &MediaState<'a>) -> Content<'a> {
    let (media, labelled) = match state {
        MediaState::Undocumented(_) => return Content::NotJudged,
        MediaState::Documented(media) => (Some(*media), true),
        MediaState::Missing | MediaState::Ambiguous | MediaState::NotJudged => {
            (response.content.iter().find(|media| media.range.is_json()), false)
        }
    };
    let Some(media) = media else {
        return Content::Opaque;
    };
    let is_json = media.range.is_json()
        || (media.range.subtype.contains('*')
            && taken.exchange.answer.value("content-type").is_some_and(|value| json_type(&value)));
    if !is_json {
        return Content::Opaque;
    }
    match taken.json() {
        Ok(read) => Content::Json(read, media),
        Err(_) if !labelled || framing_doubtful(&taken.exchange.answer) => Content::NotJudged,
        Err(fault) if fault.kind == json::FaultKind::Empty => Content::Missing,
        Err(fault) => Content::NotJson(fault),
    }
}

fn json_type(value: &str) -> bool {
    MediaType::parse(value).is_some_and(|came| came.is_json())
}

/// What a content coding, labelled or not, makes of a body; none if there is no sign of one.
fn coding_state(answer: &Answer) -> Option<Content<'static>> {
    if answer.body_size == 0 {
        return None;
    }
    let looks = compressed(&answer.body);
    let Some(coding) = answer.codings().pop() else {
        return looks.map(Content::Compressed);
    };
    let plain = match &answer.unpacked {
        Unpacked::Content(content) => return compressed(content).map(Content::Compressed),
        Unpacked::Broken(_) => true,
        Unpacked::TooLarge => false,
        Unpacked::Plain | Unpacked::Unknown => match coding.as_str() {
            "gzip" | "x-gzip" => looks != Some("gzip"),
            "zstd" => looks != Some("zstd"),
            // The others have no mark of their own: only a readable text shows that they are not there.
            _ => looks.is_none() && readable_json(&answer.body),
        },
    };
    Some(if plain { Content::NotCompressed } else { Content::Coded })
}

fn readable_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) && json::read(body).is_ok()
}

/// The coding that a body's first bytes give away. Text never begins like this.
fn compressed(body: &[u8]) -> Option<&'static str> {
    match body {
        [0x1F, 0x8B, 0x08, ..] => Some("gzip"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Some("zstd"),
        // zlib: method 8, and header bytes that are a multiple of 31 (RFC 1950 §2.2).
        [0x78, flags, ..] if (0x7800 + u16::from(*flags)) % 31 == 0 && !readable_text(body) => Some("deflate"),
        _ => None,
    }
}

fn readable_text(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok_and(|text| !text.chars().any(|c| c.is_control() && !c.is_ascii_whitespace()))
}
