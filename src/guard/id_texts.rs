//! Texts that name or look like ids, outside the path.

use super::removing::words;

/// Whether a name says that its value is an id: one of its words is `id`, `uuid`, `guid` or a plural of these, as in
/// `conversationId`, `filter[id]`, `ids[0]` and `id__in`.
pub(super) fn names_an_id(name: &str) -> bool {
    words(name).iter().any(|word| matches!(word.as_str(), "id" | "ids" | "uuid" | "uuids" | "guid" | "guids"))
}

/// Whether a name says nothing but that its value is an id: `id`, `ids[0]`, `_id`.
pub(super) fn names_only_an_id(name: &str) -> bool {
    let words = words(name);
    !words.is_empty()
        && words.iter().all(|word| matches!(word.as_str(), "id" | "ids" | "uuid" | "uuids" | "guid" | "guids" | "in"))
}

/// A whole number without sign, zeros at its beginning, and fraction: `01002`, `1002.0` and `1.002e3` are `1002`.
pub(super) fn canonical_number(token: &str) -> Option<String> {
    let text: String = token.trim_start_matches(['-', '+']).chars().filter(|c| *c != '_').collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok()?.to_string(),
        None => text,
    };
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if digits(whole) && fraction.bytes().all(|byte| byte == b'0') => whole.to_owned(),
        None if digits(&text) => text,
        _ => {
            let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite() && number.fract() == 0.0)?;
            (number.abs() < 9.0e15).then(|| format!("{number:.0}"))?
        }
    };
    let short = whole.trim_start_matches('0');
    Some(if short.is_empty() { "0".to_owned() } else { short.to_owned() })
}

/// Whether a token looks like an id: a UUID with or without dashes, other long hex, 15 or more digits, or 16 to 40 letters
/// and digits in random order. In encoded content only a UUID counts.
pub(super) fn looks_like_id(token: &str, is_text: bool) -> bool {
    if holds_uuid(token) {
        return true;
    }
    if !is_text {
        return false;
    }
    let together: String = token.chars().filter(char::is_ascii_alphanumeric).collect();
    if token.contains(['-', '_']) && at_random(&together) && has_both_cases(&together) {
        return true;
    }
    let mut joined = 0;
    let mut joined_digit = false;
    for part in token.split(['-', '_', '.', '~']) {
        let hex = part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        let has_digit = part.bytes().any(|byte| byte.is_ascii_digit());
        if (digits && part.len() >= 15) || (hex && has_digit && !digits && part.len() >= 12) || at_random(part) {
            return true;
        }
        (joined, joined_digit) = if hex { (joined + part.len(), joined_digit || has_digit) } else { (0, false) };
        if joined >= 16 && joined_digit && !token.bytes().all(|byte| !byte.is_ascii_alphabetic()) {
            return true;
        }
    }
    false
}

/// Whether letters and digits, or capitals and small letters, alternate as they do in random ids and hardly ever in words.
fn at_random(part: &str) -> bool {
    let turns = part.as_bytes().windows(2).filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit()).count();
    // A word begins with a capital or a digit: `HelloWorld2` has three. In a random text they are short.
    let starts = part.as_bytes().windows(2).filter(|two| kind(two[0]) != kind(two[1]) && kind(two[1]) != Kind::Small);
    let words = 1 + starts.count();
    let count = |is: fn(&u8) -> bool| part.bytes().filter(is).count();
    let (letters, digits) = (count(u8::is_ascii_alphabetic), count(u8::is_ascii_digit));
    // In words every second or third letter is a vowel.
    let few_vowels = count(|byte| b"aeiouAEIOU".contains(byte)) * 3 < letters;
    let mixed = part.len() < words * 4 || (digits >= 3 && letters >= 4 && turns >= 2);
    (16..=40).contains(&part.len()) && (turns >= 4 || part.len() < words * 3 || (few_vowels && mixed))
}

#[derive(PartialEq, Eq)]
enum Kind {
    Small,
    Capital,
    Digit,
}

fn kind(byte: u8) -> Kind {
    match byte {
        b'0'..=b'9' => Kind::Digit,
        b'A'..=b'Z' => Kind::Capital,
        _ => Kind::Small,
    }
}

fn has_both_cases(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_lowercase()) && text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Whether a token contains 32 hex digits, in one group or in the groups of a UUID.
fn holds_uuid(token: &str) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = token.split(['-', '_', '.', '~']).collect();
    let hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.iter().any(|part| part.len() == 32 && hex(part))
        || parts
            .windows(GROUPS.len())
            .any(|five| five.iter().zip(GROUPS).all(|(part, length)| hex(part) && part.len() == length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ids_are_told_from_words_that_end_alike() {
        for name in [
            "id",
            "ID",
            "ids",
            "conversation_id",
            "conversationId",
            "conversationIDs",
            "x-job-id",
            "job.uuid",
            "ids[]",
            "filter[id]",
            "ids[0]",
            "id__in",
        ] {
            assert!(names_an_id(name), "{name}");
        }
        for name in ["valid", "paid", "grid", "kids", "user", "identity", "ideas", "fluid", ""] {
            assert!(!names_an_id(name), "{name}");
        }
    }

    #[test]
    fn forms_of_ids_are_told_from_ordinary_values() {
        for token in [
            "5d3a9a4e-8f0b-4c1d-9e2f-77aa00bb11cc",
            "5D3A9A4E8F0B4C1D9E2F77AA00BB11CC",
            "x-5d3a9a4e-8f0b-4c1d-9e2f-77aa00bb11cc",
            "507f1f77bcf86cd799439011",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "cus_NffrFeUfNV2Hib9x",
            "175928847299117063",
            "V1StGXR8_Z5jdHi6B-myT",
            "IRFa-VaY2b_aBcDeFgHiJ",
            "aBcDeFgHiJkLmNoPqR",
            "01QJHRP0948056EPPBQDBZPKGW",
            "xNBHcssM_kPXipgBfBV-u",
            "cus_ECcCfV4yrNVYDPTT",
            "JEF5sjzZaVSzSibwpCiCn",
        ] {
            assert!(looks_like_id(token, true), "{token}");
        }
        for token in [
            "conformance",
            "2026-01-31",
            "2026-01-31T00",
            "20260131T000000Z",
            "1767225600000",
            "HelloWorldVersion2",
            "Content-Security-Policy-Report-Only",
            "sha256-base64-utf8",
            "page",
            "3",
            "application",
            "v1.2.3-beta.4",
            "getUserByIdAndName",
            "HELLOWORLD2026EDITION",
            "application2026release",
            "2026-01-31-2026-02-28",
            "",
        ] {
            assert!(!looks_like_id(token, true), "{token}");
        }
    }
}
