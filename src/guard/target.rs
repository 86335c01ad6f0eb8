//! The request target and the fields, as the guard reads them.

use super::decoded::decoded;
use super::literal::{begins_with_digit, contains_id, is_word};
use super::refusal::{Refusal, quoted};
use super::run_values::{Ownership, RunValues};
use super::values;
use crate::exchange::Request;
use crate::suite::Rendered;

/// Fields that the client writes itself, and fields that make servers or proxies change the method or the path.
const REFUSED_FIELDS: &[(&str, &str)] = &[
    ("host", "the client sends it, for the given base URL"),
    ("content-length", "the client sends it, so that nothing can end the request early"),
    ("transfer-encoding", "the client frames requests itself, so that nothing can end the request early"),
    ("x-http-method-override", "it would change the method"),
    ("x-http-method", "it would change the method"),
    ("x-method-override", "it would change the method"),
    ("x-original-url", "it would change the path"),
    ("x-original-uri", "it would change the path"),
    ("x-rewrite-url", "it would change the path"),
    ("x-rewrite-uri", "it would change the path"),
];

/// Refuses a request that a server could read as several requests, or as one for another target.
pub(super) fn well_formed(request: &Request) -> Result<(), Refusal> {
    let Request { method, target, fields, .. } = request;
    let refusal = |why: String| Err(Refusal::new(format!("{method:?} {target:?} is not sent: {why}")));
    if !is_token(method) {
        return refusal("the method has characters that HTTP does not allow".to_owned());
    }
    if !target.starts_with('/') {
        return refusal("the target does not begin with a slash".to_owned());
    }
    if target.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return refusal(
            "the target contains a space or a control character, which would end the request line".to_owned(),
        );
    }
    fields_well_formed(fields).or_else(|refused| refusal(refused.message))
}

/// Refuses fields that would end early, or that would change what the request means.
pub(crate) fn fields_well_formed(fields: &[(String, String)]) -> Result<(), Refusal> {
    for (name, value) in fields {
        if !is_token(name) {
            return Err(Refusal::new(format!("the field name {name:?} has characters that HTTP does not allow")));
        }
        if value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return Err(Refusal::new(format!("the field {name} contains a line break or a NUL, which would end it")));
        }
        if let Some((_, why)) = REFUSED_FIELDS.iter().find(|(refused, _)| name.eq_ignore_ascii_case(refused)) {
            return Err(Refusal::new(format!("the field {name} must not be set: {why}")));
        }
    }
    Ok(())
}

/// Whether a text is a token (RFC 9110 §5.6.2).
fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// What a request can do to existing objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: its method is safe (RFC 9110 §9.2.1).
    None,
    /// It may do anything: a POST.
    Open,
    /// It changes or removes something.
    Destroys,
}

/// Words by which paths let a POST remove something.
const REMOVING: &[&str] = &[
    "cancel",
    "clear",
    "delete",
    "destroy",
    "drop",
    "empty",
    "erase",
    "purge",
    "remove",
    "reset",
    "revoke",
    "terminate",
    "trash",
    "wipe",
];

/// What a request can do. A request with a `_method` parameter counts as a destroying one, because some frameworks then use
/// that method. So does a POST whose path says that it removes something.
pub(super) fn effect(request: &Request) -> Effect {
    let another =
        names_another_method(request.target.as_bytes()) || request.body.as_deref().is_some_and(names_another_method);
    match request.method.as_str() {
        _ if another => Effect::Destroys,
        "GET" | "HEAD" | "OPTIONS" | "TRACE" => Effect::None,
        "POST" if says_it_removes(&request.target) => Effect::Destroys,
        "POST" => Effect::Open,
        _ => Effect::Destroys,
    }
}

/// Whether a text has the parameter `_method` (not as the end of a longer name, such as `payment_method`).
fn names_another_method(text: &[u8]) -> bool {
    const NAME: &[u8] = b"_method";
    let decoded: Vec<u8> = percent_encoding::percent_decode(text).map(|byte| byte.to_ascii_lowercase()).collect();
    memchr::memmem::find_iter(&decoded, NAME).any(|at| at == 0 || !decoded[at - 1].is_ascii_alphanumeric())
}

fn says_it_removes(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let words = path.split(|c: char| !c.is_ascii_alphanumeric());
    words.into_iter().any(|word| REMOVING.iter().any(|removing| word.eq_ignore_ascii_case(removing)))
}

/// Checks a request of an operation, or a call that may change something.
pub(super) fn check(rendered: &Rendered, known: &RunValues, effect: Effect) -> Result<(), Refusal> {
    let target = rendered.request.target.as_str();
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let Some(below) = path.strip_prefix(rendered.base_path.as_str()).filter(|below| below.starts_with('/')) else {
        return Err(Refusal::new(format!("its path is not below that of the base URL, {}", rendered.base_path)));
    };
    let count = path_values(rendered, below, known, effect)?;
    same_segments(path, rendered.elements.after_semicolon && rendered.judged && effect == Effect::None)?;
    if effect == Effect::None {
        return Ok(());
    }
    let named = values::check(&rendered.request, &rendered.elements.outside_path, known, count > 0)?;
    if effect == Effect::Open {
        return Ok(());
    }
    if count == 0 && !named.own {
        return Err(Refusal::new("it changes something, but its path, query and body have no id of this run")
            .help("add an id of the run: {{NAME.capture}} or {{uuid}}"));
    }
    match query {
        Some(query) if !rendered.judged => query_values(query, known),
        _ => Ok(()),
    }
}

/// Compares the path with its template, and checks every value (and, in a call, every literal segment). Returns the number
/// of values.
fn path_values(rendered: &Rendered, below: &str, known: &RunValues, effect: Effect) -> Result<usize, Refusal> {
    let other = || Refusal::new(format!("its path is not {} with the values of the case", rendered.template));
    let mut values = rendered.path_values.iter();
    let mut next = values.next();
    let mut seen = SeenValues::default();
    let mut template = rendered.template.as_str();
    let mut rest = below;
    while !template.is_empty() {
        if let Some((name, value)) = next
            && let Some(after) = template.strip_prefix('{').and_then(|t| t.strip_prefix(name.as_str()))
            && let Some(after) = after.strip_prefix('}')
        {
            rest = rest.strip_prefix(value.as_str()).ok_or_else(other)?;
            let whole = rendered.template[..rendered.template.len() - template.len()].ends_with('/')
                && (after.is_empty() || after.starts_with('/'));
            if !whole && !rendered.judged {
                return Err(Refusal::new(format!("the path value {} is only a part of a segment", quoted(value)))
                    .help("in a call that changes something, a value must be a whole segment"));
            }
            // A slash at the very end is another spelling of the same path, if the value is an id of the run.
            let last = after.is_empty() && whole;
            let bare = value.strip_suffix('/').filter(|_| last);
            let bare = bare.filter(|bare| decoded(bare).is_ok_and(|bare| known.has(&bare)));
            let ownership = known.path_value(bare.unwrap_or(value), effect != Effect::None)?;
            let index = rendered.path_values.len() - values.len() - 1;
            if ownership == Ownership::Companion && effect != Effect::None && rendered.elements.in_path.contains(&index)
            {
                return Err(Refusal::new(format!(
                    "the list in its path names {}, which was captured with an object of this run and is not of this run",
                    quoted(value)
                ))
                .help("name only objects of this run in the list"));
            }
            seen.add(ownership, after);
            template = after;
            next = values.next();
        } else {
            // A brace at the very beginning is literal text here, so the search begins after it.
            let brace = template.char_indices().skip(1).find(|(_, c)| *c == '{');
            let (literal, after) = template.split_at(brace.map_or(template.len(), |(at, _)| at));
            rest = rest.strip_prefix(literal).ok_or_else(other)?;
            if !rendered.judged {
                literal_segments(literal, after.is_empty())?;
            }
            template = after;
        }
    }
    if !rest.is_empty() {
        return Err(other());
    }
    seen.check(effect)?;
    Ok(seen.count)
}

/// The values of a path so far.
#[derive(Default)]
struct SeenValues<'t> {
    count: usize,
    /// Whether one of them is of this run.
    has_own: bool,
    /// Whether one of them is a literal.
    has_literal: bool,
    /// How the last one belongs to the run.
    last: Option<Ownership>,
    /// The template after the last one.
    end: &'t str,
}

impl<'t> SeenValues<'t> {
    fn add(&mut self, ownership: Ownership, after: &'t str) {
        self.count += 1;
        self.has_own |= ownership == Ownership::Run;
        self.has_literal |= ownership == Ownership::Unknown;
        self.last = Some(ownership);
        self.end = after;
    }

    /// Refuses a path whose values are not enough to say that it is about an object of this run, or about none.
    fn check(&self, effect: Effect) -> Result<(), Refusal> {
        if self.count == 0 || self.has_own {
            return Ok(());
        }
        if !self.has_literal || (effect != Effect::None && self.last != Some(Ownership::Unknown)) {
            return Err(Refusal::new("its path names only the parents of the run's objects, and no object of the run")
                .help("put the object's own id, the first capture of its state, into the path"));
        }
        if effect != Effect::None && has_segment(self.end) {
            return Err(words_alone(self.end));
        }
        Ok(())
    }
}

/// Whether the path has another segment after its last value.
fn has_segment(end: &str) -> bool {
    end.split('/').skip(1).any(|segment| !segment.is_empty())
}

/// The refusal of a path that goes on after a literal, such as `/buckets/no-such-bucket/records`. If such a bucket exists
/// after all, the request would be about everything in it.
pub(super) fn words_alone(end: &str) -> Refusal {
    Refusal::new(format!("its path has no id of this run, and goes on with {} after the literals", quoted(end)))
        .help("put {{uuid}} or {{NAME.capture}} into the path, or end the path with the literal")
}

/// Refuses literal segments of a call's path that look like an id or a pattern, and a last segment with a meaning for
/// servers, such as `all`.
fn literal_segments(literal: &str, last: bool) -> Result<(), Refusal> {
    let refusal = |segment: &str, why: &str| {
        Refusal::new(format!("the path contains {}, which {why}", quoted(segment)))
            .help("in a call that changes something, ids must be of this run: {{NAME.capture}} or {{uuid}}")
    };
    let mut segments = literal.split('/').filter(|segment| !segment.is_empty()).peekable();
    while let Some(segment) = segments.next() {
        let text = decoded(segment).map_err(|why| refusal(segment, &why))?;
        looks_harmless(&text).map_err(|why| refusal(segment, why))?;
        if last && segments.peek().is_none() && is_word(&text) {
            return Err(refusal(segment, "servers may read as more than one name"));
        }
    }
    Ok(())
}

/// Refuses query values that could name an object that is not of this run.
fn query_values(query: &str, known: &RunValues) -> Result<(), Refusal> {
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

/// Checks that a literal looks neither like an id nor like a pattern. The error is the end of a sentence that names it.
fn looks_harmless(text: &str) -> Result<(), &'static str> {
    if begins_with_digit(text) || contains_id(text) {
        return Err("could be an id that is not of this run");
    }
    if text.contains(|c: char| !c.is_ascii() || c.is_ascii_control() || "*%?[]{}<>|^`\"'\\;,".contains(c)) {
        return Err("could be a pattern or another spelling");
    }
    Ok(())
}

/// Refuses a path whose segments change when a server or proxy decodes it. `after_semicolon`: the document writes a
/// parameter after `;`, and the request changes nothing. Some servers drop everything after `;`, so a request that changes
/// something could be about the collection.
fn same_segments(path: &str, after_semicolon: bool) -> Result<(), Refusal> {
    if after_semicolon {
        let before = |segment: &'_ str| match segment.split_once(';') {
            Some(("", _)) => "-".to_owned(),
            Some((before, _)) => before.to_owned(),
            None => segment.to_owned(),
        };
        same_segments(&path.split('/').map(before).collect::<Vec<_>>().join("/"), false)?;
        return same_segments(&path.replace(';', ","), false);
    }
    let refusal = |why: &str| Refusal::new(format!("its path {why}"));
    let path_decoded = decoded(path).map_err(|why| refusal(&why))?;
    if let Some(c) = path_decoded.chars().find(|c| matches!(c, '\\' | ';' | '?' | '#') || c.is_control()) {
        return Err(refusal(&format!("contains {c:?} when it is decoded, and servers disagree about that character")));
    }
    if path_decoded.matches('/').count() != path.matches('/').count() {
        return Err(refusal("has more segments when it is decoded"));
    }
    let mut segments = path_decoded.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if segment.is_empty() && !last {
            return Err(refusal("has an empty segment, which some servers drop"));
        }
        if !segment.is_empty() && segment.chars().all(|c| c == '.' || c.is_whitespace()) {
            return Err(refusal("has a dot segment"));
        }
    }
    Ok(())
}
