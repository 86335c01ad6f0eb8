//! Reads a request of the reference: its key, its body and its query. `route` reads its path.

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Map, Value};

use super::answer::{ApiError, BAD_JSON, NO_SCHEME, NOT_JSON, WRONG_KEY, WRONG_SCHEME};
use super::route::decoded;

/// The key in a request's Authorization fields. Several fields are read as one, as the gateway of the real API does.
pub(super) fn key(fields: &HeaderMap) -> Result<&str, ApiError<'static>> {
    let mut values = fields.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(NO_SCHEME)?.to_str().map_err(|_| WRONG_KEY)?;
    let (scheme, key) = value.split_once([' ', '\t']).ok_or(NO_SCHEME)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(WRONG_SCHEME);
    }
    // Two fields joined are one long key that no app has.
    if values.next().is_some() { Err(WRONG_KEY) } else { Ok(key.trim_start()) }
}

/// Why a body cannot be used.
#[derive(Clone, Copy)]
pub(super) enum Unusable {
    /// The API responds with this error.
    Refused(ApiError<'static>),
    /// The API responds with 500.
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

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_key_needs_the_bearer_scheme_in_any_case() {
        let read = |values: &[&'static str]| {
            let mut fields = HeaderMap::new();
            for value in values {
                fields.append(AUTHORIZATION, HeaderValue::from_static(value));
            }
            key(&fields).map(str::to_owned).map_err(|refusal| serde_json::to_value(refusal).expect("an object"))
        };
        let refused = |refusal: ApiError<'_>| Err(serde_json::to_value(refusal).expect("an object"));
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
