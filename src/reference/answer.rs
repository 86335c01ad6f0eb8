//! The responses of the reference, with the fields, reason phrases and JSON spelling of the recorded server.
//!
//! `service` decides which response is sent.

use std::io;

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CONTENT_TYPE, SERVER, VARY, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use hyper::ext::ReasonPhrase;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::releases::Version;

const X_VERSION: HeaderName = HeaderName::from_static("x-version");
const X_ENV: HeaderName = HeaderName::from_static("x-env");

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const JSON_UTF8: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

const NOT_FOUND_PAGE: &str = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n\
    <p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and \
    try again.</p>\n";

/// The part of the API that made a response. It decides the fields.
#[derive(Clone, Copy)]
enum AnsweredBy {
    /// The routing, before the application ran.
    Routing,
    /// The check of the key.
    KeyCheck,
    /// The application.
    Application,
}

/// The fields of each kind of response, made once.
pub(super) struct Answers {
    routing: HeaderMap,
    key: HeaderMap,
    application: HeaderMap,
}

/// An error of the API.
#[derive(Clone, Copy, Serialize)]
pub(super) struct ApiError<'a> {
    code: &'a str,
    message: &'a str,
    status: u16,
}

impl<'a> ApiError<'a> {
    pub(super) const fn new(status: u16, code: &'a str, message: &'a str) -> Self {
        Self { code, message, status }
    }
}

pub(super) const NO_SCHEME: ApiError<'static> =
    ApiError::new(401, "unauthorized", "Authorization header must be provided and start with 'Bearer'");
pub(super) const WRONG_SCHEME: ApiError<'static> =
    ApiError::new(401, "unauthorized", "Authorization scheme must be 'Bearer'");
pub(super) const WRONG_KEY: ApiError<'static> = ApiError::new(401, "unauthorized", "Access token is invalid");
pub(super) const NOT_JSON: ApiError<'static> = ApiError::new(
    415,
    "unsupported_media_type",
    "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.",
);
pub(super) const BAD_JSON: ApiError<'static> =
    ApiError::new(400, "bad_request", "The browser (or proxy) sent a request that this server could not understand.");
pub(super) const TOO_LARGE: ApiError<'static> =
    ApiError::new(413, "request_entity_too_large", "The data value transmitted exceeds the capacity limit.");
pub(super) const USER_WANTED: ApiError<'static> = ApiError::new(400, "invalid_param", "Arg user must be provided.");
pub(super) const NOT_CHAT_APP: ApiError<'static> =
    ApiError::new(400, "not_chat_app", "Please check if your app mode matches the right API route.");
pub(super) const NO_CONVERSATION: ApiError<'static> = ApiError::new(404, "not_found", "Conversation Not Exists.");
/// The real API suggests similar paths. For longer paths it finds none.
pub(super) const NO_CONVERSATION_MESSAGES: ApiError<'static> = ApiError::new(
    404,
    "not_found",
    "Conversation Not Exists. You have requested this URI [/v1/messages] but did you mean /v1/messages or \
     /v1/chat-messages or /api/messages ?",
);
pub(super) const NO_CONVERSATION_CHAT: ApiError<'static> = ApiError::new(
    404,
    "not_found",
    "Conversation Not Exists. You have requested this URI [/v1/chat-messages] but did you mean /v1/chat-messages or \
     /api/chat-messages or /v1/chat-messages/<string:task_id>/stop ?",
);

impl Answers {
    /// The fields for a release.
    pub(super) fn new(version: Version) -> Self {
        let mut routing = HeaderMap::with_capacity(12);
        routing.insert(SERVER, HeaderValue::from_static("gunicorn"));
        routing.insert(CONTENT_TYPE, JSON);
        // Digits and dots are always a field value, so the fallback is never used.
        let version = HeaderValue::try_from(version.to_string()).unwrap_or(HeaderValue::from_static("0.0.0"));
        routing.insert(X_VERSION, version);
        routing.insert(X_ENV, HeaderValue::from_static("PRODUCTION"));
        let mut shared = routing.clone();
        shared.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        let exposed = HeaderValue::from_static("X-Env, X-Trace-Id, X-Version");
        shared.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        let mut key = shared.clone();
        key.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"api\""));
        let mut application = shared;
        application.insert(VARY, HeaderValue::from_static("Cookie"));
        Self { routing, key, application }
    }

    /// The path does not exist.
    pub(super) fn not_found(&self) -> Response {
        let mut response = self.send(AnsweredBy::Routing, 404, Body::from(NOT_FOUND_PAGE));
        response.headers_mut().insert(CONTENT_TYPE, HTML);
        response
    }

    /// The path does not have the method. The real API sends no Allow field, although RFC 9110 §15.5.6 requires one.
    pub(super) fn wrong_method(&self) -> Response {
        let error = ApiError::new(405, "method_not_allowed", "The method is not allowed for the requested URL.");
        self.send(AnsweredBy::Routing, 405, line(&error))
    }

    /// The key was refused.
    pub(super) fn unauthorized(&self, error: ApiError<'_>) -> Response {
        self.send(AnsweredBy::KeyCheck, error.status, line(&error))
    }

    /// The application refused.
    pub(super) fn refused(&self, error: ApiError<'_>) -> Response {
        self.send(AnsweredBy::Application, error.status, line(&error))
    }

    /// The application failed. Its error handler writes the keys in another order.
    pub(super) fn broken(&self) -> Response {
        #[derive(Serialize)]
        struct InternalError {
            message: &'static str,
            code: &'static str,
            status: u16,
        }
        let broken = InternalError { message: "Internal Server Error", code: "unknown", status: 500 };
        self.send(AnsweredBy::Application, broken.status, line(&broken))
    }

    /// 200 with a value.
    pub(super) fn found(&self, value: &impl Serialize) -> Response {
        self.send(AnsweredBy::Application, 200, line(value))
    }

    /// 200 with a chat message. The real API writes its JSON with other spaces.
    pub(super) fn message(&self, value: &impl Serialize) -> Response {
        let mut response = self.send(AnsweredBy::Application, 200, Body::from(written(value, Style::Spaced)));
        response.headers_mut().insert(CONTENT_TYPE, JSON_UTF8);
        response
    }

    /// An accepted deletion: a status, and a body unless the status has none.
    pub(super) fn deleted(&self, status: u16, body: Option<&'static str>) -> Response {
        self.send(
            AnsweredBy::Application,
            status,
            body.map_or_else(Body::empty, |text| Body::from(format!("{text}\n"))),
        )
    }

    fn send(&self, by: AnsweredBy, status: u16, body: Body) -> Response {
        let fields = match by {
            AnsweredBy::Routing => &self.routing,
            AnsweredBy::KeyCheck => &self.key,
            AnsweredBy::Application => &self.application,
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = fields.clone();
        response.extensions_mut().insert(reason(status));
        response
    }
}

/// The recorded server writes reason phrases in upper case.
fn reason(status: u16) -> ReasonPhrase {
    ReasonPhrase::from_static(match status {
        200 => b"OK",
        204 => b"NO CONTENT",
        400 => b"BAD REQUEST",
        401 => b"UNAUTHORIZED",
        404 => b"NOT FOUND",
        405 => b"METHOD NOT ALLOWED",
        413 => b"REQUEST ENTITY TOO LARGE",
        415 => b"UNSUPPORTED MEDIA TYPE",
        _ => b"INTERNAL SERVER ERROR",
    })
}

/// How JSON is spelled. Both styles escape characters outside ASCII.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// No white space, `/` escaped.
    Dense,
    /// A space after `,` and `:`.
    Spaced,
}

/// A value and a line break.
fn line(value: &impl Serialize) -> Body {
    let mut bytes = written(value, Style::Dense);
    bytes.push(b'\n');
    Body::from(bytes)
}

fn written(value: &impl Serialize, style: Style) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    // Writing to memory cannot fail, and every key here is a text.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut bytes, style));
    bytes
}

impl Style {
    fn separate<W: ?Sized + io::Write>(self, writer: &mut W, first: bool) -> io::Result<()> {
        match (first, self) {
            (true, _) => Ok(()),
            (false, Self::Dense) => writer.write_all(b","),
            (false, Self::Spaced) => writer.write_all(b", "),
        }
    }
}

impl Formatter for Style {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.separate(writer, first)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.separate(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(if *self == Self::Spaced { b": " } else { b":" })
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let escaped = |character: char| !character.is_ascii() || (character == '/' && *self == Self::Dense);
        let mut rest = fragment;
        while let Some(at) = rest.find(escaped) {
            let (plain, tail) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut characters = tail.chars();
            match characters.next() {
                Some('/') => writer.write_all(b"\\/")?,
                Some(character) => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
                None => {}
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_escape_as_the_recorded_server_does() {
        let value = json!({"a/b": ["é", "😀", "\n\""], "n": {"x": 1, "y": null}});
        let text = |style| String::from_utf8(written(&value, style)).expect("ASCII");
        assert_eq!(text(Style::Dense), r#"{"a\/b":["\u00e9","\ud83d\ude00","\n\""],"n":{"x":1,"y":null}}"#);
        assert_eq!(text(Style::Spaced), r#"{"a/b": ["\u00e9", "\ud83d\ude00", "\n\""], "n": {"x": 1, "y": null}}"#);
    }
}
