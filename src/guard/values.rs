//! The query, fields and body of a request that may change something: they may name objects as well as the path does.
//!
//! Values with a name (query parameters, JSON members, form fields, header fields) are checked under that name. All texts
//! are also searched for anything that looks like an id, so that an id inside a longer text, or in a body of an unknown
//! kind, is found too.

use super::decoded::decoded;
use super::literal::{begins_with_digit, cannot_be_id, contains_id, is_word};
use super::refusal::{Refusal, quoted};
use super::run_values::{Ownership, RunValues};
use crate::exchange::Request;
use crate::tree::{Node, Value, json};

/// Fields that are about the message (its format, caching, tracing or credential), not about an object.
const FIELDS_WITHOUT_OBJECTS: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "content-type",
    "cookie",
    "date",
    "expect",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "proxy-authorization",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-correlation-id",
    "x-request-id",
    "x-trace-id",
];

/// The longest text that is searched for every shape of id. A longer text is content; only UUIDs are looked for in it.
const LONGEST_TEXT: usize = 256;

const HELP: &str = "use {{uuid}} for an id that does not exist, {{NAME.capture}} for an object of the case, or, if it is \
                    not an id, a value that does not look like one";

/// Which values of the run a request names outside its path.
#[derive(Default)]
pub(super) struct NamedObjects {
    /// Whether it names something that this run made or set itself.
    pub(super) own: bool,
    /// A companion that it names. Alone it does not make the request one about this run's objects.
    companion: Option<String>,
}

/// Checks query, fields and body. `about_own` says whether the path already has values: then a word under the name of an id
/// may be anything, such as the name of a tenant.
///
/// `elements` are values that stand in it as parts of a list, a map or a JSON text, with their names: each is checked alone,
/// because the text around them may hide where it ends or what it is called.
pub(super) fn check(
    request: &Request,
    elements: &[(Option<String>, String)],
    known: &RunValues,
    about_own: bool,
) -> Result<NamedObjects, Refusal> {
    let mut reader = ValueReader { known, about_own, named: NamedObjects::default(), part: "query" };
    if let Some((_, query)) = request.target.split_once('?') {
        reader.pairs(query)?;
    }
    reader.part = "fields";
    for (name, value) in &request.fields {
        if !FIELDS_WITHOUT_OBJECTS.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            reader.value(Some(name), value)?;
        }
    }
    reader.part = "body";
    if let Some(body) = &request.body {
        match json::read(body) {
            Ok(read) => reader.node(None, &read.root)?,
            Err(_) => reader.pairs(&String::from_utf8_lossy(body))?,
        }
    }
    reader.part = "parameters";
    for (name, value) in elements {
        reader.value(name.as_deref(), value)?;
    }
    let named = reader.named;
    match &named.companion {
        Some(companion) if !named.own && !about_own => Err(Refusal::new(format!(
            "it names {}, which was captured with an object of this run, but not the object itself",
            quoted(companion)
        ))
        .help("name the object itself too: the first capture of its state")),
        _ => Ok(named),
    }
}

struct ValueReader<'a> {
    known: &'a RunValues,
    about_own: bool,
    named: NamedObjects,
    part: &'static str,
}

impl ValueReader<'_> {
    /// Reads `name=value` pairs, as in queries and forms. Any other text is cut at the same separators.
    fn pairs(&mut self, text: &str) -> Result<(), Refusal> {
        for pair in text.split(['&', ';', '\n', '\r', ',', '{', '}']) {
            let at = pair.find(['=', ':']);
            let (name, value) = at.map_or((None, pair), |at| (Some(&pair[..at]), &pair[at + 1..]));
            let bare = |text: &str| {
                let text = decoded(text).map_err(|why| self.refusal(text, &why))?.into_owned();
                Ok::<_, Refusal>(text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).to_owned())
            };
            // A name that cannot be decoded says nothing about its value.
            let name = name.and_then(|name| bare(name).ok());
            let value = match bare(value) {
                Err(refusal) if self.part == "query" => return Err(refusal),
                read => read.unwrap_or_else(|_| value.to_owned()),
            };
            self.value(name.as_deref(), &value)?;
        }
        Ok(())
    }

    fn node(&mut self, name: Option<&str>, node: &Node) -> Result<(), Refusal> {
        match &node.value {
            Value::Null | Value::Bool(_) => Ok(()),
            Value::Number(number) => self.value(name, &number.0),
            Value::String(text) => self.value(name, text),
            Value::Sequence(items) => items.iter().try_for_each(|item| self.node(name, item)),
            Value::Mapping(entries) => entries.iter().try_for_each(|entry| {
                self.value(None, &entry.key)?;
                self.node(Some(&entry.key), &entry.value)
            }),
        }
    }

    /// Checks one value, with its name if it has one.
    fn value(&mut self, name: Option<&str>, text: &str) -> Result<(), Refusal> {
        match self.known.ownership(text) {
            Ownership::Run => self.named.own = true,
            Ownership::Companion => self.named.companion = Some(text.to_owned()),
            Ownership::Credential => {}
            Ownership::Unknown => {
                if name.is_some_and(names_an_id) {
                    self.id(text)?;
                }
                self.search(text)?;
            }
        }
        Ok(())
    }

    /// Checks a value that is an id according to its name, and does not belong to the run.
    fn id(&self, text: &str) -> Result<(), Refusal> {
        if self.strip(text).is_some() {
            return Ok(());
        }
        if text.trim().is_empty() || is_word(text) {
            return Err(self.refusal(text, "is in the place of an id and could mean more than one object"));
        }
        if text.contains(['*', '%', '?', ',', '/', '\\', '|']) {
            return Err(self.refusal(text, "is in the place of an id and could be a pattern or a list"));
        }
        if begins_with_digit(text) || contains_id(text) {
            return Err(self.refusal(text, "is in the place of an id and is not of this run"));
        }
        if !self.about_own {
            cannot_be_id(text, self.known.shapes()).map_err(|(why, help)| self.refusal(text, &why).help(help))?;
        }
        Ok(())
    }

    /// Refuses a text that contains something that looks like an id and is not of this run.
    fn search(&mut self, text: &str) -> Result<(), Refusal> {
        for token in text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~'))) {
            if looks_like_id(token, text.len() <= LONGEST_TEXT) || self.known.fits_number(token) {
                self.token(token)?;
            }
        }
        Ok(())
    }

    /// Checks a piece of a text that looks like an id. It passes if, without the values of this run, nothing in it looks
    /// like an id.
    fn token(&mut self, token: &str) -> Result<(), Refusal> {
        let Some((before, whose, after)) = self.strip(token) else {
            return Err(self.refusal(token, "could be an id that is not of this run"));
        };
        match whose {
            Ownership::Run => self.named.own = true,
            Ownership::Companion => {
                self.named.companion = Some(token[before.len()..token.len() - after.len()].to_owned());
            }
            Ownership::Credential | Ownership::Unknown => {}
        }
        for rest in [before, after] {
            if looks_like_id(rest, true) {
                self.token(rest)?;
            }
        }
        Ok(())
    }

    /// The longest part of a text that belongs to the run, with the text before and after it. Parts begin and end at the
    /// edges of words.
    fn strip<'t>(&self, text: &'t str) -> Option<(&'t str, Ownership, &'t str)> {
        /// The most words of a text that is searched; no id has more.
        const PARTS: usize = 24;
        let bytes = text.as_bytes();
        let part = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
        let starts: Vec<usize> = (0..bytes.len()).filter(|at| part(*at) && (*at == 0 || !part(at - 1))).collect();
        let ends: Vec<usize> = (1..=bytes.len()).filter(|at| part(at - 1) && !part(*at)).collect();
        if starts.len() > PARTS {
            return None;
        }
        let mut spans: Vec<(usize, usize)> = starts
            .iter()
            .flat_map(|start| ends.iter().filter(move |end| *end > start).map(|end| (*start, *end)))
            .collect();
        spans.sort_by_key(|(start, end)| std::cmp::Reverse(end - start));
        spans.into_iter().find_map(|(start, end)| match self.known.ownership(&text[start..end]) {
            Ownership::Unknown => None,
            whose => Some((&text[..start], whose, &text[end..])),
        })
    }

    fn refusal(&self, value: &str, why: &str) -> Refusal {
        let verb = if matches!(self.part, "fields" | "parameters") { "contain" } else { "contains" };
        Refusal::new(format!("its {} {verb} {}, which {why}", self.part, quoted(value))).help(HELP)
    }
}

/// Whether a name says that its value is an id: its last word is `id`, `uuid`, `guid` or a plural of these.
fn names_an_id(name: &str) -> bool {
    let name = name.trim_end_matches("[]");
    let ends = |end: &str| {
        let Some(before) = name.len().checked_sub(end.len()).filter(|at| name.is_char_boundary(*at)) else {
            return false;
        };
        let (front, back) = name.split_at(before);
        if !back.eq_ignore_ascii_case(end) {
            return false;
        }
        // `valid` ends with the letters `id`, but not with that word.
        let capital =
            back.starts_with(|c: char| c.is_ascii_uppercase()) && front.ends_with(|c: char| !c.is_ascii_uppercase());
        front.is_empty() || capital || front.ends_with(|c: char| !c.is_alphanumeric())
    };
    ["id", "ids", "uuid", "uuids", "guid", "guids"].into_iter().any(ends)
}

/// Whether a token looks like an id: a UUID with or without dashes, other long hex, 15 or more digits, or 16 to 40 letters
/// and digits in random order. In long texts only a UUID counts.
fn looks_like_id(token: &str, short_text: bool) -> bool {
    if holds_uuid(token) {
        return true;
    }
    if !short_text {
        return false;
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

/// Whether letters and digits alternate at least four times, as they do in random ids and hardly ever in words.
fn at_random(part: &str) -> bool {
    let turns = part.as_bytes().windows(2).filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit()).count();
    (16..=40).contains(&part.len()) && turns >= 4
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
        for name in
            ["id", "ID", "ids", "conversation_id", "conversationId", "conversationIDs", "x-job-id", "job.uuid", "ids[]"]
        {
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
            "page",
            "3",
            "application",
            "v1.2.3-beta.4",
            "2026-01-31-2026-02-28",
            "",
        ] {
            assert!(!looks_like_id(token, true), "{token}");
        }
    }
}
