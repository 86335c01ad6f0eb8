//! Whether a request is one request, for the target and with the method that it shows.

use super::decoded::unescaped;
use super::refusal::Refusal;
use crate::exchange::Request;

/// Why a field that rewrites the method is refused.
const METHOD: &str = "some servers take the method from it";
/// Why a field that rewrites the path is refused.
const PATH: &str = "some servers and proxies take the host or the path from it";
/// Why a field about the connection is refused.
const CONNECTION: &str = "it changes what the connection is used for";

/// Fields that the client writes itself, and fields that change the method, the path or the connection. `_` counts as `-`:
/// servers that pass fields on as variables do not tell them apart.
const REFUSED_FIELDS: &[(&str, &str)] = &[
    ("host", "the client sends it, for the given base URL"),
    ("content-length", "the client sends it, so that nothing can end the request early"),
    ("transfer-encoding", "the client frames requests itself, so that nothing can end the request early"),
    ("te", CONNECTION),
    ("trailer", CONNECTION),
    ("upgrade", CONNECTION),
    ("http2-settings", CONNECTION),
    ("proxy-connection", CONNECTION),
    ("destination", "it names another object, which the request would replace"),
    ("forwarded", PATH),
    ("x-host", PATH),
    ("x-url", PATH),
    ("x-uri", PATH),
    ("x-path", PATH),
    ("x-method", METHOD),
    ("method-override", METHOD),
    ("http-method-override", METHOD),
    ("x-request-method", METHOD),
    ("x-request-uri", PATH),
    ("original-url", PATH),
    ("request-uri", PATH),
];

/// The beginnings of the names of such fields.
const REFUSED_FAMILIES: &[(&str, &str)] = &[
    ("x-http-", METHOD),
    ("x-method-", METHOD),
    ("x-forwarded-", PATH),
    ("x-original-", PATH),
    ("x-rewrite-", PATH),
    ("x-envoy-", PATH),
    ("x-override-", PATH),
    ("x-waws-", PATH),
    ("x-sendfile-", PATH),
    ("x-accel-", PATH),
];

/// Fields of these families that only say where the request came from. An operator may set them for every request.
const FORWARDED_ORIGIN: &[&str] = &["x-forwarded-for", "x-forwarded-proto", "x-forwarded-port", "x-forwarded-ssl"];

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
    fields_well_formed(fields).or_else(|refused| refusal(refused.message))?;
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let body = request.body.as_deref().unwrap_or_default();
    match method_parameter(query.as_bytes()).or_else(|| method_parameter(body)) {
        Some(name) => refusal(format!("the parameter {name} would change the method")),
        None => Ok(()),
    }
}

/// The parameter of a query or body from which some frameworks take the method, if it has one. `_method` counts only at the
/// beginning of a word (`payment_method` is another name).
fn method_parameter(text: &[u8]) -> Option<&'static str> {
    const OTHERS: [&str; 3] = ["x-http-method", "x-method-override", "method-override"];
    let text = unescaped(&String::from_utf8_lossy(text)).to_ascii_lowercase();
    let decoded = text.as_bytes();
    let at_word = |at: usize| at == 0 || !decoded[at - 1].is_ascii_alphanumeric();
    if memchr::memmem::find_iter(decoded, "_method").any(at_word) {
        return Some("_method");
    }
    let dashes: Vec<u8> = decoded.iter().map(|byte| if *byte == b'_' { b'-' } else { *byte }).collect();
    OTHERS.into_iter().find(|name| memchr::memmem::find(&dashes, name.as_bytes()).is_some())
}

/// Refuses fields of a suite that would end early, or that would change what the request means.
pub(crate) fn fields_well_formed(fields: &[(String, String)]) -> Result<(), Refusal> {
    fields.iter().try_for_each(|(name, value)| field_well_formed(name, value, &[]))
}

/// As [`fields_well_formed`], for the fields that the operator sets for every request. Such a field may also say where the
/// request came from, which some servers behind a gateway require.
pub(crate) fn operator_fields_well_formed(fields: &[(String, String)]) -> Result<(), Refusal> {
    fields.iter().try_for_each(|(name, value)| field_well_formed(name, value, FORWARDED_ORIGIN))
}

fn field_well_formed(name: &str, value: &str, allowed: &[&str]) -> Result<(), Refusal> {
    if !is_token(name) {
        return Err(Refusal::new(format!("the field name {name:?} has characters that HTTP does not allow")));
    }
    if value.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return Err(Refusal::new(format!("the field {name} contains a line break or a NUL, which would end it")));
    }
    let option = value.trim().to_ascii_lowercase();
    if name.eq_ignore_ascii_case("connection") && !matches!(option.as_str(), "close" | "keep-alive") {
        return Err(Refusal::new(format!(
            "the field {name} may only say close or keep-alive: a proxy drops the fields that it names"
        )));
    }
    match why_refused(name) {
        Some(why) if !allowed.iter().any(|allowed| name.eq_ignore_ascii_case(allowed)) => {
            Err(Refusal::new(format!("the field {name} must not be set: {why}")))
        }
        _ => Ok(()),
    }
}

/// Whether a text is a token (RFC 9110 §5.6.2).
fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// Why a field may not be set.
fn why_refused(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let exact = REFUSED_FIELDS.iter().find(|(refused, _)| name == *refused);
    let family = || REFUSED_FAMILIES.iter().find(|(start, _)| name.starts_with(start));
    exact.or_else(family).map(|(_, why)| *why)
}
