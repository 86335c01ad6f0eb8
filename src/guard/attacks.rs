//! Path values that the guard must never let pass, as data for the tests.

use super::tests::{OWN, VICTIM};

/// Ids that this run did not make, as literals.
#[rustfmt::skip]
const IDS: &[&str] = &[
    "1", "0", "42", "-1", "%31", "+1", "1.0", "1e3", "0x1f", "00042", "42abc", "123456", "not-a-number-123456",
    "507f1f77bcf86cd799439011", "deadbeef1", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "cus_NffrFeUfNV2Hib9x",
];

/// Dot segments, in every spelling.
#[rustfmt::skip]
const DOT_SEGMENTS: &[&str] = &[
    ".", "..", "...", "%2e", "%2E%2E", ".%2e", "%2e.", "%252e%252e", "%25252e%25252e", ".. ", "%20..", "..%20",
    "..%2f..%2fapps", "../apps", "./", "%2e%2e%2f", "%c0%ae%c0%ae", "%e0%80%ae", "%u002e%u002e", "．．",
    "%EF%BC%8E%EF%BC%8E", "not-a-uuid/..", "not-a-uuid/../..", "not-a-uuid%2f..", "not-a-uuid..", "..not-a-uuid",
];

/// Other separators.
#[rustfmt::skip]
const SEPARATORS: &[&str] = &[
    "/", "//", "%2f", "%2F", "%252f", "%25252F", "a/b", "not-a-uuid/b", "not-a-uuid%2fb", "not-a-uuid%252fb", "\\",
    "%5c", "%255c", "not-a-uuid\\b", "..\\..\\apps", "..%5c..%5c", "\u{2215}", "\u{2044}apps", "%e2%88%95", "%c0%af",
    ";", ";a=b", "not-a-uuid;a", "not-a-uuid%3ba", "%3b",
];

/// A query or fragment in the path, and characters that end the path.
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "?", "?all=true", "not-a-uuid?all=true", "%3fall=true", "not-a-uuid%3Fx", "#", "not-a-uuid#x", "%23", "%00",
    "not-a-uuid%00", "not-a-uuid%0d%0aX:1", "not-a-uuid%09",
];

/// Patterns, lists, words with a meaning, other alphabets, and broken encodings.
#[rustfmt::skip]
const PATTERNS: &[&str] = &[
    "", "*", "%2a", "not-a-*", "not-a-uuid,b", "%", "%25", "%zz", "not-a-uuid%", "_all", "all", "ALL", "%61ll", "me",
    "@me", "self", "current", "latest", "null", "undefined", "$latest", "[not-a]", "not-a-'uuid'",
    "not-a-uuid%27or%271", "not-a-uuid:deleteAll", "not-a-<uuid>", "not-a-uuid|b", "not-a-ünicode", "%FF",
    "not-a-%ff", "%20", "%C2%A0", "~", "-", "_", "%25252525252525252525252E",
];

/// Path values that name an object of others, or that servers may read in more than one way. None may pass, whatever the
/// run has captured.
pub(super) fn attacks() -> Vec<String> {
    let literals = [IDS, DOT_SEGMENTS, SEPARATORS, ENDS, PATTERNS].concat().into_iter().map(str::to_owned);
    victim_spellings().into_iter().chain(literals).chain(around_own_id()).collect()
}

/// The id of an object that the run did not make, in every spelling.
fn victim_spellings() -> Vec<String> {
    let bare = VICTIM.replace('-', "");
    let upper = VICTIM.to_ascii_uppercase();
    let every_byte = every_byte(VICTIM).to_ascii_lowercase();
    let full_width: String = VICTIM.chars().map(|c| if c == '5' { '５' } else { c }).collect();
    [
        VICTIM,
        &upper,
        &bare,
        &bare.to_ascii_uppercase(),
        &every_byte,
        &every_byte.replace('%', "%25"),
        &full_width,
        &format!("{{{VICTIM}}}"),
        &format!("%7B{VICTIM}%7D"),
        &format!("urn:uuid:{VICTIM}"),
        &format!("%20{VICTIM}"),
        &format!("{VICTIM}%20"),
        &format!("{VICTIM}+"),
        &format!("{VICTIM}%00"),
        &format!("{VICTIM}%0a"),
        &format!("{VICTIM}.json"),
        &format!("{VICTIM}.xml"),
        &format!("{VICTIM}~"),
        &format!("not-a-uuid-{VICTIM}"),
        &format!("{VICTIM};v=1"),
        &format!("{VICTIM}%3Bv=1"),
        &format!("{VICTIM}/"),
        &format!("{VICTIM}//"),
        &format!("{OWN},{VICTIM}"),
        &format!("{OWN}%2C{VICTIM}"),
        &format!("{VICTIM}_{OWN}"),
        &bare[..24],
        &bare[..12],
    ]
    .map(str::to_owned)
    .to_vec()
}

/// An id of this run with other text around it, which does not make that text harmless.
fn around_own_id() -> Vec<String> {
    let ends = [
        "/..",
        "/../x",
        "%2f..",
        "%2fmessages",
        "/messages",
        ";x",
        "?x",
        "#x",
        "%00",
        "x",
        "%20",
        ".json",
        "//",
        "%2f",
    ];
    let starts = ["../", "./", "%2e%2e%2f", "x", "\\", "%20", "/"];
    let after = ends.map(|end| format!("{OWN}{end}"));
    after.into_iter().chain(starts.map(|start| format!("{start}{OWN}"))).collect()
}

/// A text with every byte percent-encoded.
pub(super) fn every_byte(text: &str) -> String {
    text.bytes().map(percent_encoding::percent_encode_byte).collect()
}
