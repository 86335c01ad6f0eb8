//! What the reference reads from a request: its route, its key, its body and its query.
//!
//! It leaves out what is answered (`service`).

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::answer::{BAD_JSON, NO_SCHEME, NOT_JSON, Refusal, WRONG_KEY, WRONG_SCHEME};

/// A path that the API has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Info,
    ChatMessages,
    Messages,
    Conversations,
    Conversation(Uuid),
}

impl Route {
    /// The route of a path, percent-encoded as it was sent. An id must be a UUID, and nothing follows it.
    pub(super) fn of(path: &str) -> Option<Self> {
        let path = decoded(path, false);
        Some(match path.strip_prefix("/v1/")? {
            "info" => Self::Info,
            "chat-messages" => Self::ChatMessages,
            "messages" => Self::Messages,
            "conversations" => Self::Conversations,
            rest => Self::Conversation(hyphenated(rest.strip_prefix("conversations/")?)?),
        })
    }

    /// Whether it takes a method.
    pub(super) fn takes(self, method: &Method) -> bool {
        match self {
            Self::Info | Self::Messages | Self::Conversations => method == Method::GET || method == Method::HEAD,
            Self::ChatMessages => method == Method::POST,
            Self::Conversation(_) => method == Method::DELETE,
        }
    }
}

/// A UUID in its form with hyphens, in any case; the other forms are no ids here.
pub(super) fn hyphenated(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

/// The key in a request's Authorization fields, which a gateway interface joins into one.
pub(super) fn key(fields: &HeaderMap) -> Result<&str, Refusal<'static>> {
    let mut values = fields.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(NO_SCHEME)?.to_str().map_err(|_| WRONG_KEY)?;
    let (scheme, key) = value.split_once([' ', '\t']).ok_or(NO_SCHEME)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(WRONG_SCHEME);
    }
    // Two fields joined are one long key that no app has.
    if values.next().is_some() { Err(WRONG_KEY) } else { Ok(key.trim_start()) }
}

/// Why a body is no use.
#[derive(Clone, Copy)]
pub(super) enum Unusable {
    /// The API says why.
    Refused(Refusal<'static>),
    /// The API breaks on it.
    Breaks,
}

/// The JSON object in a body.
pub(super) fn object(fields: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Unusable> {
    let kind = fields.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
        return Err(Unusable::Refused(NOT_JSON));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Unusable::Breaks),
        Err(_) => Err(Unusable::Refused(BAD_JSON)),
    }
}

/// The last value of a query parameter.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.rev().find(|(key, _)| decoded(key, true) == name).map(|(_, value)| decoded(value, true))
}

/// Text without percent-encoding; what is no encoding stays as it is. `form`: a `+` is a space.
fn decoded(text: &str, form: bool) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let digit =
        |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = digit(bytes.get(at + 1)).zip(digit(bytes.get(at + 2)));
        match (byte, pair) {
            (b'%', Some((high, low))) => {
                plain.push(high << 4 | low);
                at += 2;
            }
            (b'+', _) if form => plain.push(b' '),
            _ => plain.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_uuid_with_hyphens_is_an_id_and_nothing_may_follow_it() {
        let id = "a7bf84ef-28b3-417e-a8dc-2f8d6bbc1a28";
        let route = Some(Route::Conversation(Uuid::try_parse(id).expect("a UUID")));
        assert_eq!(Route::of(&format!("/v1/conversations/{id}")), route);
        assert_eq!(Route::of(&format!("/v1/conversations/{}", id.to_uppercase())), route);
        assert_eq!(Route::of(&format!("/v1/conversations/%61{}", &id[1..])), route);
        for path in [
            format!("/v1/conversations/{id}/"),
            format!("/v1/conversations/{id}%2F"),
            format!("/v1/conversations/{{{id}}}"),
            format!("/v1/conversations/{}", id.replace('-', "")),
            format!("/conversations/{id}"),
            "/v1/conversations/".to_owned(),
            "/v1/conversations/%".to_owned(),
            "/v1".to_owned(),
            "*".to_owned(),
        ] {
            assert_eq!(Route::of(&path), None, "{path}");
        }
    }

    #[test]
    fn a_key_needs_the_bearer_scheme_in_any_case() {
        let read = |values: &[&'static str]| {
            let mut fields = HeaderMap::new();
            for value in values {
                fields.append(AUTHORIZATION, HeaderValue::from_static(value));
            }
            key(&fields).map(str::to_owned).map_err(|refusal| serde_json::to_value(refusal).expect("an object"))
        };
        let refused = |refusal: Refusal<'_>| Err(serde_json::to_value(refusal).expect("an object"));
        assert_eq!(read(&["Bearer app-1"]), Ok("app-1".to_owned()));
        assert_eq!(read(&["bEARER   app-1"]), Ok("app-1".to_owned()));
        assert_eq!(read(&[]), refused(NO_SCHEME));
        assert_eq!(read(&["Bearer"]), refused(NO_SCHEME));
        assert_eq!(read(&["Token app-1"]), refused(WRONG_SCHEME));
        assert_eq!(read(&["Bearer app-1", "Bearer app-1"]), refused(WRONG_KEY));
    }

    #[test]
    fn a_query_is_read_as_a_form() {
        assert_eq!(parameter("a=1&user=x%2By+z&user=", "user").as_deref(), Some(""));
        assert_eq!(parameter("a=1&user=x%2By+z", "user").as_deref(), Some("x+y z"));
        assert_eq!(parameter("user", "user").as_deref(), Some(""));
        assert_eq!(parameter("a=%zz%", "a").as_deref(), Some("%zz%"));
        assert_eq!(parameter("", "user"), None);
    }
}
