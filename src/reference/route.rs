//! The paths of the API.

use axum::http::Method;
use uuid::Uuid;

/// The operation that the reference serves, for a sentence.
pub const SERVES: &str = "DELETE /conversations/{conversation_id} of the Chatflow App API";

/// Whether the reference serves an operation. `path` is a path template; the names of its parameters do not matter.
pub fn serves(method: &str, path: &str) -> bool {
    // Every parameter of the API is a UUID.
    let id = Uuid::nil().to_string();
    let filled = path.split('/').map(|segment| if segment.starts_with('{') { &id } else { segment });
    let path = format!("/v1{}", filled.collect::<Vec<_>>().join("/"));
    let route = Route::of(&path);
    route.is_some_and(|route| method.parse().is_ok_and(|method| route.takes(&method)))
}

/// A path of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Info,
    ChatMessages,
    Messages,
    Conversations,
    Conversation(Uuid),
}

impl Route {
    /// The route of a path as it was sent, percent-encoded. An id must be a UUID, with nothing after it.
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

    /// Whether the path has a method.
    pub(super) fn takes(self, method: &Method) -> bool {
        match self {
            Self::Info | Self::Messages | Self::Conversations => method == Method::GET || method == Method::HEAD,
            Self::ChatMessages => method == Method::POST,
            Self::Conversation(_) => method == Method::DELETE,
        }
    }
}

/// A UUID with hyphens, in upper or lower case. The API does not accept other forms.
pub(super) fn hyphenated(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

/// Decodes percent-encoding. A `%` without two hex digits stays. `form`: a `+` is a space.
pub(super) fn decoded(text: &str, form: bool) -> String {
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
}
