//! What the media type and the body of an answer are. Each gets exactly one value, so exactly one rule reports it.
//!
//! This module leaves out what a readable body holds (`example`, the schema, the case's `match`).

use super::transfer::{Transfer, fields_doubtful, framing_doubtful};
use crate::exchange::{Answer, Framing, Unpacked};
use crate::observation::ObservedExchange;
use crate::spec::{Media, MediaType, Response};
use crate::tree::json;

/// What the media type of an answer is.
#[derive(Debug)]
pub(crate) enum MediaTypeAssessment<'a> {
    /// The answer has no body, or no documented media type to compare with.
    NotJudged,
    /// A body of a documented response came without a media type.
    Missing,
    /// No single media type can be read: there are several that differ, or the value is malformed.
    Ambiguous,
    /// The response object does not list this media type.
    Undocumented(MediaType),
    /// The response object lists this media type.
    Documented(&'a Media),
}

/// What the body of an answer is.
#[derive(Debug)]
pub(crate) enum BodyAssessment<'a> {
    /// It is not judged: there is no body, nothing describes it, or other rules say why it cannot be read.
    NotJudged,
    /// The response object describes a body, and none came.
    Missing,
    /// The response object describes no body, and one came.
    Unexpected,
    /// It is compressed in this coding, and no Content-Encoding says so.
    CodingUnlabelled(&'static str),
    /// A Content-Encoding says that it is compressed, and it is not.
    CodingMissing,
    /// It is in a coding that is not decoded here, or decodes to more than the limit.
    StillCoded,
    /// It should be JSON and is not.
    NotJson(&'a json::JsonError),
    /// It is JSON, of this media type object.
    Json(&'a json::Read, &'a Media),
    /// It has a documented media type other than JSON.
    NotJsonType,
}

/// The media type and the body of one answer.
pub(super) fn assess<'a>(
    observed: &'a ObservedExchange<'a>,
    transfer: Transfer,
    response: Option<&'a Response>,
) -> (MediaTypeAssessment<'a>, BodyAssessment<'a>) {
    let answer = &observed.exchange.answer;
    let not_judged = (MediaTypeAssessment::NotJudged, BodyAssessment::NotJudged);
    if answer.head.is_none() {
        return not_judged;
    }
    match transfer {
        Transfer::Complete | Transfer::LengthTooLarge => {}
        _ => return not_judged,
    }
    if bodiless(answer) {
        return not_judged;
    }
    let coding = coded_body(answer);
    let Some(response) = response else {
        let content = coding.unwrap_or(BodyAssessment::NotJudged);
        return (MediaTypeAssessment::NotJudged, content);
    };
    if response.content.is_empty() {
        let unexpected = answer.body_size > 0;
        let content = if unexpected { BodyAssessment::Unexpected } else { BodyAssessment::NotJudged };
        return (MediaTypeAssessment::NotJudged, content);
    }
    if answer.body_size == 0 {
        let content = if framing_doubtful(answer) { BodyAssessment::NotJudged } else { BodyAssessment::Missing };
        return (MediaTypeAssessment::NotJudged, content);
    }
    if (answer.body.len() as u64) < answer.body_size {
        return not_judged;
    }
    let media = media_type(answer, response);
    if let Some(coding) = coding {
        return (media, coding);
    }
    let content = body(observed, response, &media);
    (media, content)
}

/// Whether the status never has a body (RFC 9110 §6.4.1), or has none here (205, §15.3.6).
fn bodiless(answer: &Answer) -> bool {
    answer.framing == Framing::Bodiless || answer.status() == Some(205)
}

fn media_type<'a>(answer: &Answer, response: &'a Response) -> MediaTypeAssessment<'a> {
    let mut values = answer.values("content-type");
    let Some(first) = values.next() else {
        let hidden = fields_doubtful(answer);
        return if hidden { MediaTypeAssessment::NotJudged } else { MediaTypeAssessment::Missing };
    };
    let second = values.next();
    // The usual answer has exactly the value of the document, and needs no parsing.
    if second.is_none()
        && let Some(media) = response.content.iter().find(|media| media.key == first && !media.key.contains('*'))
    {
        return MediaTypeAssessment::Documented(media);
    }
    let Some(came) = MediaType::parse(&first) else {
        // A control character in the value is reported by `field-value-malformed`.
        return if fields_doubtful(answer) { MediaTypeAssessment::NotJudged } else { MediaTypeAssessment::Ambiguous };
    };
    let same = |value: &str| MediaType::parse(value).is_some_and(|other| other.essence() == came.essence());
    if second.iter().any(|value| !same(value)) || !values.all(|value| same(&value)) {
        return MediaTypeAssessment::Ambiguous;
    }
    match response.media(&came) {
        Some(media) => MediaTypeAssessment::Documented(media),
        None => MediaTypeAssessment::Undocumented(came),
    }
}

fn body<'a>(
    observed: &'a ObservedExchange<'a>,
    response: &'a Response,
    state: &MediaTypeAssessment<'a>,
) -> BodyAssessment<'a> {
    let (media, labelled) = match state {
        MediaTypeAssessment::Undocumented(_) => return BodyAssessment::NotJudged,
        MediaTypeAssessment::Documented(media) => (Some(*media), true),
        MediaTypeAssessment::Missing | MediaTypeAssessment::Ambiguous | MediaTypeAssessment::NotJudged => {
            (response.content.iter().find(|media| media.range.is_json()), false)
        }
    };
    let Some(media) = media else {
        return BodyAssessment::NotJsonType;
    };
    let is_json = media.range.is_json()
        || (media.range.subtype.contains('*')
            && observed.exchange.answer.value("content-type").is_some_and(|value| json_type(&value)));
    if !is_json {
        return BodyAssessment::NotJsonType;
    }
    match observed.json() {
        Ok(read) => BodyAssessment::Json(read, media),
        Err(_) if !labelled || framing_doubtful(&observed.exchange.answer) => BodyAssessment::NotJudged,
        Err(fault) if fault.kind == json::JsonErrorKind::Empty => BodyAssessment::Missing,
        Err(fault) => BodyAssessment::NotJson(fault),
    }
}

fn json_type(value: &str) -> bool {
    MediaType::parse(value).is_some_and(|came| came.is_json())
}

/// What follows from a content coding, labelled or not; none if there is no sign of one.
fn coded_body(answer: &Answer) -> Option<BodyAssessment<'static>> {
    if answer.body_size == 0 {
        return None;
    }
    let looks = compressed(&answer.body);
    let Some(coding) = answer.codings().pop() else {
        return looks.map(BodyAssessment::CodingUnlabelled);
    };
    let plain = match &answer.unpacked {
        Unpacked::Content(content) => return compressed(content).map(BodyAssessment::CodingUnlabelled),
        Unpacked::Broken(_) => true,
        Unpacked::TooLarge => false,
        Unpacked::Plain | Unpacked::Unknown => match coding.as_str() {
            "gzip" | "x-gzip" => looks != Some("gzip"),
            "zstd" => looks != Some("zstd"),
            // The other codings have no mark. Only readable JSON shows that the body is not coded.
            _ => looks.is_none() && readable_json(&answer.body),
        },
    };
    Some(if plain { BodyAssessment::CodingMissing } else { BodyAssessment::StillCoded })
}

fn readable_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) && json::read(body).is_ok()
}

/// The coding that the first bytes of a body show. Text never begins like this.
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
