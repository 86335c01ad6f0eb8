//! The framing of a body, by the fields of its head (RFC 9112 §6).

use std::borrow::Cow;

use super::answer::{Answer, Framing, Head};
use super::fault::{FaultKind, note};
use super::head::lines_of;
use super::show::{FAULT_TEXT, escape_bytes};

/// How many Content-Length values a fault lists.
const LISTED: usize = 8;

/// What the head says about the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyEnd {
    /// The end is marked.
    Framed(Framing),
    /// The end is unknown.
    Lost,
}

/// Whether a status has no body, whatever its head says (RFC 9112 §6.3).
pub(super) fn is_bodiless(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 304)
}

/// Adds the violations in the framing fields of a head, and gives the framing of the body. `to_head`: the request was a
/// HEAD.
///
/// Where the fields contradict each other, Transfer-Encoding wins, as RFC 9112 §6.3 says. This is more lenient in one point:
/// where a transfer coding other than chunked would end with the connection, a valid Content-Length wins, because that is
/// what such servers mean. Values of Content-Length that differ or are no numbers leave the end unknown, unless the head
/// announces the end of the connection.
pub(super) fn decide(answer: &mut Answer, head: &Head, to_head: bool) -> BodyEnd {
    let lengths: Vec<Cow<'_, str>> = head.values("content-length").collect();
    let codings: Vec<Cow<'_, str>> = head.values("transfer-encoding").collect();
    if lengths.is_empty() && codings.is_empty() {
        let bodiless = to_head || is_bodiless(head.status);
        return BodyEnd::Framed(if bodiless { Framing::Bodiless } else { Framing::UntilClose });
    }
    let mut fault = |kind, name: &str| {
        let range = lines_of(&answer.raw, &head.range, name);
        note(&mut answer.faults, kind, range);
    };
    let shown = |values: &[Cow<'_, str>]| escape_bytes(values.join(", ").as_bytes(), FAULT_TEXT);
    if is_bodiless(head.status) && head.status != 304 {
        if !lengths.is_empty() {
            fault(FaultKind::BodilessWithLength(shown(&lengths)), "content-length");
        }
        if !codings.is_empty() {
            fault(FaultKind::BodilessWithTransferEncoding(shown(&codings)), "transfer-encoding");
        }
        return BodyEnd::Framed(Framing::Bodiless);
    }
    let length = Length::of(&lengths);
    match &length {
        Length::None | Length::Sound(_) => {}
        Length::Repeated(_) => fault(FaultKind::ContentLengthRepeated(shown(&lengths)), "content-length"),
        Length::Invalid(text) => fault(FaultKind::ContentLengthInvalid(text.clone()), "content-length"),
        Length::Conflict(values) => fault(FaultKind::ContentLengthConflict(values.clone()), "content-length"),
    }
    let mut chunked = false;
    if !codings.is_empty() {
        let together = codings.join(",").to_ascii_lowercase();
        // A parameter may follow the name of a coding; `chunked` has none.
        let last = together.rsplit(',').next().and_then(|coding| coding.split(';').next()).unwrap_or_default();
        chunked = last.trim() == "chunked";
        if together.trim() != "chunked" {
            fault(FaultKind::TransferEncoding(shown(&codings)), "transfer-encoding");
        }
        if head.version == "HTTP/1.0" {
            fault(FaultKind::TransferEncodingHttp10, "transfer-encoding");
        }
        if !lengths.is_empty() {
            fault(FaultKind::LengthAndTransferEncoding, "content-length");
        }
    }
    if to_head || is_bodiless(head.status) {
        return BodyEnd::Framed(Framing::Bodiless);
    }
    match length {
        _ if chunked => BodyEnd::Framed(Framing::Chunked),
        Length::Sound(length) | Length::Repeated(length) => BodyEnd::Framed(Framing::Length(length)),
        Length::None => BodyEnd::Framed(Framing::UntilClose),
        _ if head.says_close() => BodyEnd::Framed(Framing::UntilClose),
        Length::Invalid(_) | Length::Conflict(_) => BodyEnd::Lost,
    }
}

/// The values of all Content-Length fields of a head.
enum Length {
    None,
    Sound(u64),
    /// The same number more than once, in several fields or as a list in one.
    Repeated(u64),
    /// Text that is no number.
    Invalid(String),
    /// Different numbers.
    Conflict(Vec<String>),
}

impl Length {
    fn of(values: &[Cow<'_, str>]) -> Self {
        let mut all = values.iter().flat_map(|value| value.split(',')).map(str::trim);
        let Some(first) = all.clone().next() else { return Self::None };
        if let Some(bad) = all.clone().find(|value| number(value).is_none()) {
            return Self::Invalid(escape_bytes(bad.as_bytes(), FAULT_TEXT));
        }
        let Some(length) = number(first) else { return Self::None };
        if !all.clone().all(|value| number(value) == Some(length)) {
            let more = all.clone().count().saturating_sub(LISTED);
            let mut listed: Vec<String> =
                all.take(LISTED).map(|value| escape_bytes(value.as_bytes(), FAULT_TEXT)).collect();
            if more > 0 {
                listed.push(format!("{more} more"));
            }
            return Self::Conflict(listed);
        }
        if all.nth(1).is_some() { Self::Repeated(length) } else { Self::Sound(length) }
    }
}

/// `1*DIGIT` (RFC 9110 §8.6), as far as it fits.
fn number(text: &str) -> Option<u64> {
    // `parse` alone would take a plus sign.
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}
