//! The query, fields and body of a request that may change something: they may name objects as well as the path does.
//!
//! Values with a name (query parameters, JSON members, form fields, header fields) are checked under that name. All texts
//! are also searched for anything that looks like an id, so that an id inside a longer text, or in a body of an unknown
//! kind, is found too.

use std::collections::HashMap;

use super::decoded::{decoded, unescaped};
use super::id_texts::{canonical_number, looks_like_id, names_an_id, names_only_an_id};
use super::literal::{begins_with_digit, cannot_be_id, contains_id, is_word, looks_harmless};
use super::refusal::{Refusal, quoted};
use super::run_values::{Ownership, RunValues};
use super::shapes::Shapes;
use crate::exchange::Request;
use crate::tree::{Node, Value, json};

/// Fields about the format of the message, and the field of the credential.
const FIELDS_WITHOUT_OBJECTS: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "content-type",
    "date",
    "expect",
    "if-modified-since",
    "if-unmodified-since",
    "proxy-authorization",
];

/// Fields whose names say that they hold an id, but an id of the message. They are searched like any other text.
const FIELDS_OF_MESSAGES: &[&str] = &["x-correlation-id", "x-request-id", "x-trace-id"];

const HELP: &str = "use {{uuid}} for an id that does not exist, {{NAME.capture}} for an object of the case, or, if it is \
                    not an id, a value that does not look like one";

/// What the path of a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathSubject {
    /// An object of this run.
    Object,
    /// Something that does not exist.
    Nothing,
    /// A collection, in which the request creates something.
    Creation,
    /// A collection. The query or body says which object is meant.
    Query,
}

/// Which values of the run a request names outside its path.
#[derive(Default)]
pub(super) struct NamedObjects {
    /// Whether it names an object of this run.
    pub(super) object: bool,
    /// A companion that it names. Alone it does not make the request one about this run's objects.
    companion: Option<String>,
}

/// Checks query, fields and body.
///
/// `elements` are values that stand in it as parts of a list, a map or a JSON text, with their names: each is checked alone,
/// because the text around them may hide where it ends or what it is called.
pub(super) fn check(
    request: &Request,
    elements: &[(Option<String>, String)],
    known: &RunValues,
    subject: PathSubject,
) -> Result<NamedObjects, Refusal> {
    let mut reader = ValueReader { known, subject, named: NamedObjects::default(), part: "query", names_count: true };
    if let Some((_, query)) = request.target.split_once('?') {
        reader.pairs(query)?;
    }
    reader.part = "fields";
    for (name, value) in &request.fields {
        let is = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        if name.eq_ignore_ascii_case("cookie") {
            reader.pairs(value)?;
        } else if !is(FIELDS_WITHOUT_OBJECTS) {
            reader.value(None, name)?;
            reader.value(Some(name.as_str()).filter(|_| !is(FIELDS_OF_MESSAGES)), value)?;
        }
    }
    reader.part = "body";
    if let Some(body) = &request.body {
        if let Ok(read) = json::read(body) {
            reader.node(None, &read.root, false)?;
        } else {
            reader.names_count = is_form(request);
            reader.pairs(&String::from_utf8_lossy(body))?;
        }
    }
    reader.part = "parameters";
    for (name, value) in elements {
        // Each is one of several, whatever its name is.
        reader.one_of(name.as_deref(), value, true)?;
    }
    let named = reader.named;
    match &named.companion {
        Some(companion) if !named.object && subject != PathSubject::Object => Err(Refusal::new(format!(
            "it names {}, which was captured with an object of this run, but not the object itself",
            quoted(companion)
        ))
        .help("name the object itself too, by the capture that its state names with `id`")),
        _ => Ok(named),
    }
}

/// Refuses literals in the query of a call that look like an id or a pattern.
pub(super) fn literal_query(target: &str, known: &RunValues) -> Result<(), Refusal> {
    let Some((_, query)) = target.split_once('?') else { return Ok(()) };
    for pair in query.split(['&', ';']) {
        let value = pair.split_once('=').map_or(pair, |(_, value)| value);
        let refusal = |why: &str| {
            Refusal::new(format!("the query contains {}, which {why}", quoted(value)))
                .help("in a request that changes something, ids must be of this run: {{NAME.capture}} or {{uuid}}")
        };
        let text = decoded(value).map_err(|why| refusal(&why))?;
        if text.is_empty() || known.ownership(&text) != Ownership::Unknown {
            continue;
        }
        looks_harmless(&text).map_err(refusal)?;
    }
    Ok(())
}

struct ValueReader<'a> {
    known: &'a RunValues,
    subject: PathSubject,
    named: NamedObjects,
    part: &'static str,
    /// Whether the names in a text of pairs are those that the target reads. In a body of an unknown kind they may be anything.
    names_count: bool,
}

impl ValueReader<'_> {
    /// Reads `name=value` pairs, as in queries and forms. Any other text is cut at the same separators.
    fn pairs(&mut self, text: &str) -> Result<(), Refusal> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for pair in text.split('&') {
            *counts.entry(pair.split(['=', ':']).next().unwrap_or_default()).or_default() += 1;
        }
        // A name that has an index, or stands more than once, is that of a list: `ids[]`, `a=1&a=2`.
        let is_list = |name: &str| name.contains('[') || counts.get(name).is_some_and(|count| *count > 1);
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
            if let Some(name) = &name {
                self.value(None, name)?;
            }
            // A value without a name may mean one more object.
            let one_of_many = !self.names_count || name.as_deref().is_none_or(is_list);
            self.one_of(name.as_deref(), &value, one_of_many)?;
        }
        Ok(())
    }

    fn node(&mut self, name: Option<&str>, node: &Node, in_list: bool) -> Result<(), Refusal> {
        match &node.value {
            Value::Null | Value::Bool(_) => Ok(()),
            Value::Number(number) => self.one_of(name, &number.0, in_list),
            Value::String(text) => self.one_of(name, text, in_list),
            Value::Sequence(items) => {
                // A list with an object of the run is a list of objects, whatever its name says.
                let of_objects = items.iter().any(|item| {
                    matches!(&item.value, Value::String(text) if matches!(self.known.ownership(text), Ownership::Object(_)))
                });
                let name = if of_objects && !name.is_some_and(names_an_id) { Some("ids") } else { name };
                items.iter().try_for_each(|item| self.node(name, item, true))
            }
            Value::Mapping(entries) => entries.iter().try_for_each(|entry| {
                self.value(None, &entry.key)?;
                self.node(Some(&entry.key), &entry.value, in_list)
            }),
        }
    }

    /// Checks a value that may be an element of a list. In a list, what came with an object names one more object.
    fn one_of(&mut self, name: Option<&str>, text: &str, in_list: bool) -> Result<(), Refusal> {
        if in_list && self.known.ownership(text) == Ownership::Companion && !is_common(name, text) {
            let place =
                if self.names_count { "is in a list or has no name" } else { "is in a text of an unknown kind" };
            return Err(self.refusal(text, &format!("{place}, and this run did not make what it names")));
        }
        self.value(name, text)
    }

    /// Checks one value, with its name if it has one.
    fn value(&mut self, name: Option<&str>, text: &str) -> Result<(), Refusal> {
        match self.known.ownership(text) {
            Ownership::Object(_) => self.named.object = true,
            Ownership::Companion if name.is_some_and(names_only_an_id) => {
                return Err(
                    self.refusal(text, "is in the place of the object's id, and this run did not make what it names")
                );
            }
            Ownership::Companion if is_common(name, text) => {}
            Ownership::Companion => self.named.companion = Some(text.to_owned()),
            Ownership::Fresh | Ownership::Sendable | Ownership::Credential => {}
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
    fn id(&mut self, text: &str) -> Result<(), Refusal> {
        let list = |c: char| c.is_whitespace() || ",;|&+[]{}()\"'".contains(c);
        let pieces: Vec<&str> = text.split(list).filter(|piece| !piece.is_empty()).collect();
        if pieces.len() > 1 {
            return pieces.into_iter().try_for_each(|piece| self.one_of(Some("ids"), piece, true));
        }
        if let Some((before, whose, after)) = self.strip(text) {
            let part = &text[before.len()..text.len() - after.len()];
            let inside = |c: char| matches!(c, '-' | '_' | '.' | '~');
            let is_whole = !before.ends_with(inside) && !after.starts_with(inside);
            if whose == Ownership::Fresh || is_whole || looks_like_id(part, true) {
                return Ok(());
            }
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
        // A word may be the name of a tenant, if the ids that the run has seen are no words.
        let shapes = self.known.shapes();
        let about_own = matches!(self.subject, PathSubject::Object | PathSubject::Nothing);
        if !about_own || shapes.is_empty() || shapes.has(Shapes::OPEN) {
            cannot_be_id(text, shapes).map_err(|(why, help)| self.refusal(text, &why).help(help))?;
        }
        Ok(())
    }

    /// Refuses a text that contains something that looks like an id and is not of this run.
    fn search(&mut self, text: &str) -> Result<(), Refusal> {
        self.tokens(text)?;
        // Servers also read digits of other scripts as digits.
        let foreign_digit = |c: char| !c.is_ascii() && c.is_numeric();
        if !text.contains(['%', '\\', '&']) && !text.contains(foreign_digit) {
            return Ok(());
        }
        let read: String = unescaped(text).chars().map(|c| if foreign_digit(c) { '9' } else { c }).collect();
        if read == text { Ok(()) } else { self.tokens(&read) }
    }

    /// Checks every piece of a text that could be an id.
    fn tokens(&mut self, text: &str) -> Result<(), Refusal> {
        for token in text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~'))) {
            let number = || canonical_number(token).is_some_and(|digits| self.known.fits_number(&digits));
            let is_text = !is_content(text, token);
            if looks_like_id(token, is_text) || number() || (is_text && self.known.fits_random(token)) {
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
        let part = &token[before.len()..token.len() - after.len()];
        match whose {
            // A short id is part of many longer ones.
            Ownership::Object(_) | Ownership::Companion
                if part.len() < token.len()
                    && !looks_like_id(part, true)
                    && canonical_number(token) != canonical_number(part) =>
            {
                return Err(self.refusal(token, "could be an id that is not of this run"));
            }
            Ownership::Object(_) => self.named.object = true,
            Ownership::Companion => {
                self.named.companion = Some(part.to_owned());
            }
            Ownership::Fresh | Ownership::Sendable | Ownership::Credential | Ownership::Unknown => {}
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

/// Whether the body is a form, according to its media type.
fn is_form(request: &Request) -> bool {
    const FORM: &str = "application/x-www-form-urlencoded";
    request.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-type")).any(|(_, value)| {
        value.split(';').next().is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(FORM))
    })
}

/// Whether a value is a number of one or two digits whose name does not say that it is an id. Such numbers are common.
fn is_common(name: Option<&str>, text: &str) -> bool {
    text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_some_and(names_an_id)
}

/// Whether a token is a piece of encoded content, such as an image in base64: a long series of its characters around it.
fn is_content(text: &str, token: &str) -> bool {
    /// The longest series that is searched for every shape of id.
    const LONGEST: usize = 256;
    if text.len() <= LONGEST {
        return false;
    }
    let base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte);
    let start = token.as_ptr() as usize - text.as_ptr() as usize;
    let bytes = text.as_bytes();
    let before = bytes[..start].iter().rev().take(LONGEST).take_while(|byte| base64(byte)).count();
    let after = bytes[start..].iter().take(LONGEST).take_while(|byte| base64(byte)).count();
    before + after >= LONGEST
}
