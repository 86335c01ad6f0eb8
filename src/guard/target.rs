//! The request target and the fields, as the guard reads them.

use super::ledger::{Ledger, Whose, settled};
use super::literal::{begins_with_digit, holds_id, is_word};
use super::{Refusal, quoted, values};
use crate::case::Rendered;
use crate::exchange::Request;

/// Fields that the client writes itself, or by which servers and proxies are told to do something else than the
/// request line says.
const REFUSED_FIELDS: &[(&str, &str)] = &[
    ("host", "the client sends it, for the base URL that was given"),
    ("content-length", "the client sends it, so that a request is one request"),
    ("transfer-encoding", "the client frames requests itself, so that a request is one request"),
    ("x-http-method-override", "it would change the method"),
    ("x-http-method", "it would change the method"),
    ("x-method-override", "it would change the method"),
    ("x-original-url", "it would change the path"),
    ("x-original-uri", "it would change the path"),
    ("x-rewrite-url", "it would change the path"),
    ("x-rewrite-uri", "it would change the path"),
];

/// Refuses what would not be one HTTP/1.1 request for this target.
pub(super) fn well_formed(request: &Request) -> Result<(), Refusal> {
    let Request { method, target, fields, .. } = request;
    let refusal = |why: String| Err(Refusal::new(format!("{method:?} {target:?} is not sent: {why}")));
    if !is_token(method) {
        return refusal("the method is not made of the characters that HTTP allows".to_owned());
    }
    if !target.starts_with('/') {
        return refusal("the target does not begin with a slash".to_owned());
    }
    if target.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return refusal("the target holds a space or a control character, which would end the request line".to_owned());
    }
    fields_well_formed(fields).or_else(|refused| refusal(refused.message))
}

/// Refuses fields that would end early, or that would turn a request into another.
pub(crate) fn fields_well_formed(fields: &[(String, String)]) -> Result<(), Refusal> {
    for (name, value) in fields {
        if !is_token(name) {
            return Err(Refusal::new(format!(
                "the field name {name:?} is not made of the characters that HTTP allows"
            )));
        }
        if value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return Err(Refusal::new(format!("the field {name} holds a line break or a NUL, which would end it")));
        }
        if let Some((_, why)) = REFUSED_FIELDS.iter().find(|(refused, _)| name.eq_ignore_ascii_case(refused)) {
            return Err(Refusal::new(format!("a field {name} must not be set: {why}")));
        }
    }
    Ok(())
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// What a request can do to what exists.
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

/// What a request can do. A safe method or a POST with the parameter by which frameworks let it stand for another method
/// is that other one, and a POST whose path says that it removes something does.
pub(super) fn effect(request: &Request) -> Effect {
    let another =
        names_another_method(request.target.as_bytes()) || request.body.as_deref().is_some_and(names_another_method);
    match request.method.as_str() {
        _ if another => Effect::Destroys,
        "GET" | "HEAD" | "OPTIONS" | "TRACE" => Effect::None,
        "POST" if says_that_it_removes(&request.target) => Effect::Destroys,
        "POST" => Effect::Open,
        _ => Effect::Destroys,
    }
}

/// Whether the parameter `_method` stands somewhere (not only the end of a longer name, such as `payment_method`).
fn names_another_method(text: &[u8]) -> bool {
    const NAME: &[u8] = b"_method";
    let decoded: Vec<u8> = percent_encoding::percent_decode(text).map(|byte| byte.to_ascii_lowercase()).collect();
    memchr::memmem::find_iter(&decoded, NAME).any(|at| at == 0 || !decoded[at - 1].is_ascii_alphanumeric())
}

fn says_that_it_removes(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let words = path.split(|c: char| !c.is_ascii_alphanumeric());
    words.into_iter().any(|word| REMOVING.iter().any(|removing| word.eq_ignore_ascii_case(removing)))
}

/// Judges a judged request, or a call that may change something.
pub(super) fn check(rendered: &Rendered, ledger: &Ledger, effect: Effect) -> Result<(), Refusal> {
    let target = rendered.request.target.as_str();
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let Some(below) = path.strip_prefix(rendered.base_path.as_str()).filter(|below| below.starts_with('/')) else {
        return Err(Refusal::new(format!("its path does not lie below the base URL's, {}", rendered.base_path)));
    };
    let count = path_values(rendered, below, ledger, effect)?;
    same_segments(path)?;
    if effect == Effect::None {
        return Ok(());
    }
    let named = values::check(&rendered.request, ledger, count > 0)?;
    if effect == Effect::Open {
        return Ok(());
    }
    if count == 0 && !named.own {
        return Err(Refusal::new("a request that changes something names nothing of this run in path, query or body")
            .help("put an id of the run there: {{NAME.capture}} or {{uuid}}"));
    }
    match query {
        Some(query) if !rendered.judged => query_values(query, ledger),
        _ => Ok(()),
    }
}

/// Walks the path along its template, and judges every value (and, in a call, every literal segment). Says how many
/// values there were.
fn path_values(rendered: &Rendered, below: &str, ledger: &Ledger, effect: Effect) -> Result<usize, Refusal> {
    let other = || Refusal::new(format!("its path is not {} with the values of the case", rendered.template));
    let mut values = rendered.path_values.iter();
    let mut next = values.next();
    let mut count = 0;
    let mut own = false;
    let mut word = false;
    // The last value, and what of the path stands behind it.
    let mut last_value = Whose::Nobody;
    let mut end = "";
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
                    .help("a call that changes something takes whole segments from the run"));
            }
            // A slash at the very end is another spelling of the same path, if it is one that may be used at all.
            let last = after.is_empty() && whole;
            let bare = value.strip_suffix('/').filter(|_| last);
            let bare = bare.filter(|bare| settled(bare).is_ok_and(|bare| ledger.has(&bare)));
            last_value = ledger.path_value(bare.unwrap_or(value), effect != Effect::None)?;
            own |= last_value == Whose::Own;
            word |= last_value == Whose::Nobody;
            end = after;
            count += 1;
            template = after;
            next = values.next();
        } else {
            // A brace at the very beginning is text here, so the next one is looked for behind it.
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
    if count == 0 || own {
        return Ok(count);
    }
    if !word || (effect != Effect::None && last_value != Whose::Nobody) {
        return Err(Refusal::new("its path names only what the run's objects belong to, and none of them")
            .help("put the object's own id, the first thing its state captures, into the path"));
    }
    if effect != Effect::None && goes_on(end) {
        return Err(words_alone(end));
    }
    Ok(count)
}

/// Whether a path goes on for another segment behind its last value.
fn goes_on(end: &str) -> bool {
    end.split('/').skip(1).any(|segment| !segment.is_empty())
}

/// Words that say that nothing has their name are believed of the thing that they name, and not of all that would lie below
/// it: where such a thing exists after all, the request would be about everything in it.
pub(super) fn words_alone(end: &str) -> Refusal {
    Refusal::new(format!("nothing in its path is of this run, and it ends in {}, behind the names", quoted(end)))
        .help("put {{uuid}} or {{NAME.capture}} into the path, or end the path with the name that nothing has")
}

/// Refuses literal segments of a call's path that look like an id or a pattern, and a last one that means more than
/// itself.
fn literal_segments(literal: &str, last: bool) -> Result<(), Refusal> {
    let refusal = |segment: &str, why: &str| {
        Refusal::new(format!("the path holds {}, which {why}", quoted(segment)))
            .help("a call that changes something takes ids from the run: {{NAME.capture}} or {{uuid}}")
    };
    let mut segments = literal.split('/').filter(|segment| !segment.is_empty()).peekable();
    while let Some(segment) = segments.next() {
        let text = settled(segment).map_err(|why| refusal(segment, &why))?;
        looks_harmless(&text).map_err(|why| refusal(segment, why))?;
        if last && segments.peek().is_none() && is_word(&text) {
            return Err(refusal(segment, "servers may read as more than a name"));
        }
    }
    Ok(())
}

/// Refuses query values that could name an object which is not of this run.
fn query_values(query: &str, ledger: &Ledger) -> Result<(), Refusal> {
    for pair in query.split(['&', ';']) {
        let value = pair.split_once('=').map_or(pair, |(_, value)| value);
        let refusal = |why: &str| {
            Refusal::new(format!("the query holds {}, which {why}", quoted(value)))
                .help("a request that changes something takes ids from the run: {{NAME.capture}} or {{uuid}}")
        };
        let text = settled(value).map_err(|why| refusal(&why))?;
        if text.is_empty() || ledger.whose(&text) != Whose::Nobody {
            continue;
        }
        looks_harmless(&text).map_err(refusal)?;
    }
    Ok(())
}

/// Whether a literal looks neither like an id nor like a pattern; the error ends a sentence that names it.
fn looks_harmless(text: &str) -> Result<(), &'static str> {
    if begins_with_digit(text) || holds_id(text) {
        return Err("could be an id that is not of this run");
    }
    if text.contains(|c: char| !c.is_ascii() || c.is_ascii_control() || "*%?[]{}<>|^`\"'\\;,".contains(c)) {
        return Err("could be a pattern or another spelling");
    }
    Ok(())
}

/// Refuses a path that has other segments once a server or proxy has decoded it.
fn same_segments(path: &str) -> Result<(), Refusal> {
    let refusal = |why: &str| Refusal::new(format!("its path {why}"));
    let decoded = settled(path).map_err(|why| refusal(&why))?;
    if let Some(c) = decoded.chars().find(|c| matches!(c, '\\' | ';' | '?' | '#') || c.is_control()) {
        return Err(refusal(&format!("holds {c:?} when it is decoded, which servers read in different ways")));
    }
    if decoded.matches('/').count() != path.matches('/').count() {
        return Err(refusal("has more segments when it is decoded"));
    }
    let mut segments = decoded.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if segment.is_empty() && !last {
            return Err(refusal("has an empty segment, which servers drop or keep"));
        }
        if !segment.is_empty() && segment.chars().all(|c| c == '.' || c.is_whitespace()) {
            return Err(refusal("has a dot segment"));
        }
    }
    Ok(())
}
