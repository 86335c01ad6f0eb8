//! The parts of a document. Section numbers are those of the OpenAPI specification 3.0.3.

use std::fmt;
use std::sync::Arc;

use super::media_type::MediaType;
use super::parameter::{Parameter, ParameterIn};
use super::raw::RawDocument;
use super::remark::Remark;
use super::schema::Schema;
use crate::location::{Anchor, Source};
use crate::tree::Tree;

/// An OpenAPI 3.0 document (specification 3.0.3 §4.7.1).
#[derive(Debug)]
pub struct Document {
    /// The file.
    pub source: Source,
    /// The tree of the file, which knows the place of each part.
    pub tree: Arc<Tree>,
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// The value of `openapi`, such as `3.0.1`.
    pub openapi: String,
    /// SHA-256 of the file's bytes, in lower-case hex.
    pub sha256: String,
    /// All operations, in the order of the file.
    pub operations: Vec<Operation>,
    /// The servers of the document.
    pub servers: Vec<Server>,
    /// The security schemes in `components.securitySchemes`.
    pub schemes: Vec<SecurityScheme>,
    /// Remarks on parts that are odd or ignored.
    pub remarks: Vec<Remark>,
}

/// A server (§4.7.5).
#[derive(Clone, Debug)]
pub struct Server {
    /// The URL as written.
    pub template: String,
    /// The URL with the default of every variable. It may be relative.
    pub default_url: String,
    /// The names of its variables, in the order of the file.
    pub variables: Vec<String>,
    /// The values of each variable, in the same order: its default, and those of its `enum`.
    pub values: Vec<Vec<String>>,
    /// Its place in the document.
    pub anchor: Anchor,
}

/// An operation (§4.7.10).
#[derive(Debug)]
pub struct Operation {
    /// `operationId`.
    pub id: Option<String>,
    /// The method in upper case.
    pub method: String,
    /// The path template as written, such as `/conversations/{conversation_id}`.
    pub path: String,
    /// The parameters of the operation, and those of its path item that the operation does not replace.
    pub parameters: Arc<[Parameter]>,
    /// The request body.
    pub request_body: Option<Arc<RequestBody>>,
    /// The responses, in the order of the file.
    pub responses: Arc<[Response]>,
    /// The security requirements of the operation, else those of the document (§4.7.30): one of the outer list must be
    /// met, with all schemes of its inner list. The outer list is empty if none is declared. An empty inner list allows
    /// anonymous access.
    pub security: Arc<[Vec<String>]>,
    /// The servers of the operation, else those of its path item. They replace the servers of the document.
    pub servers: Arc<[Server]>,
    /// Its place in the document.
    pub anchor: Anchor,
}

/// A request body (§4.7.13).
#[derive(Debug)]
pub struct RequestBody {
    /// Whether the document requires one.
    pub required: bool,
    /// Its media types.
    pub content: Arc<[Media]>,
    /// Its place in the document.
    pub anchor: Anchor,
}

/// The statuses that a response object describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusPattern {
    /// One status.
    Exact(u16),
    /// A class: `4XX` is 4.
    Class(u16),
    /// `default`.
    Default,
}

/// A response object (§4.7.17).
#[derive(Debug)]
pub struct Response {
    /// The statuses that it describes.
    pub status: StatusPattern,
    /// The key as written: `204`, `4XX`, `default`.
    pub key: String,
    /// The description.
    pub description: String,
    /// Its media types. Empty: the document describes no body.
    pub content: Arc<[Media]>,
    /// Its headers. A `Content-Type` entry is ignored, as OpenAPI says.
    pub headers: Arc<[ResponseHeader]>,
    /// Its place in the document.
    pub anchor: Anchor,
}

/// A media type object (§4.7.14) and its media range.
#[derive(Debug)]
pub struct Media {
    /// The range as parsed.
    pub range: MediaType,
    /// The key as written.
    pub key: String,
    /// The schema.
    pub schema: Option<Arc<Schema>>,
    /// The examples that have a value: `example` (under the name `example`), or those of `examples`, with references
    /// followed.
    pub examples: Vec<Example>,
    /// Its place in the document.
    pub anchor: Anchor,
}

/// An example (§4.7.19).
pub struct Example {
    /// Its name.
    pub name: String,
    /// The place of its value.
    pub anchor: Anchor,
    raw: RawDocument,
}

impl Example {
    pub(super) fn new(raw: &RawDocument, name: String, pointer: &str) -> Self {
        Self { name, anchor: raw.anchor(pointer), raw: raw.clone() }
    }

    /// Its value.
    pub fn value(&self) -> &serde_json::Value {
        // The value exists: the example was built from it.
        self.raw.get(&self.anchor.pointer).unwrap_or(&serde_json::Value::Null)
    }
}

impl fmt::Debug for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Example({}, {})", self.name, self.anchor.pointer)
    }
}

/// A header of a response (§4.7.21).
#[derive(Debug)]
pub struct ResponseHeader {
    /// Its name.
    pub name: String,
    /// Whether the document requires it.
    pub required: bool,
    /// The schema of its value in the style `simple`; none if `content` describes the value.
    pub schema: Option<Arc<Schema>>,
    /// The media type of its value, if `content` describes the value.
    pub content: Option<Media>,
    /// Its place in the document.
    pub anchor: Anchor,
}

/// A security scheme (§4.7.27).
#[derive(Clone, Debug)]
pub struct SecurityScheme {
    /// Its name in `components.securitySchemes`.
    pub name: String,
    /// Its kind.
    pub kind: SchemeKind,
    /// Its place in the document.
    pub anchor: Anchor,
}

/// The kinds of security scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeKind {
    /// `type: http, scheme: bearer` (the scheme's case does not matter).
    Bearer,
    /// `type: http, scheme: basic`; the credential is `user:password`.
    Basic,
    /// `type: apiKey`, with the place and the name of the parameter.
    ApiKey(ParameterIn, String),
    /// `type: oauth2` or `type: openIdConnect`, as written. The credential is an access token, sent as a bearer token.
    AccessToken(String),
    /// Any other scheme (other HTTP schemes, `mutualTLS`), as written.
    Other(String),
}

impl Document {
    /// The operation with an `operationId`, or `METHOD /path` with the path as the document writes it.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id.as_deref() == Some(name)).or_else(|| {
            let (method, path) = name.split_once(' ')?;
            let path = path.trim_start();
            self.operations
                .iter()
                .find(|operation| operation.path == path && operation.method.eq_ignore_ascii_case(method))
        })
    }

    /// The segments of a path, by index, for which the document has a parameter. Of several templates that fit, the one
    /// with the most fixed segments counts (OpenAPI 3.0.4 §4.8.8.2). `{…}` in the path fits any parameter. The method does
    /// not matter: a parameter in the path names the same thing for all methods. If no template fits the whole path, the longest
    /// that fits its beginning counts: in `/users/alice/touch`, `alice` is a value if the document has `/users/{id}`.
    pub fn parameter_segments(&self, path: &str) -> Vec<usize> {
        let wanted: Vec<&str> = path.trim_end_matches('/').split('/').skip(1).collect();
        let templates = self.operations.iter().filter_map(|operation| {
            let segments: Vec<&str> = operation.path.trim_end_matches('/').split('/').skip(1).collect();
            let is_beginning = segments.len() < wanted.len();
            let fits = segments.len() <= wanted.len()
                && (!is_beginning || segments.iter().any(|segment| !segment.contains('{')))
                && segments.iter().zip(&wanted).all(|(segment, wanted)| segment == wanted || segment.contains('{'));
            let values = || (0..segments.len()).filter(|at| segments[*at] != wanted[*at]).collect::<Vec<usize>>();
            fits.then(|| (segments.len(), values()))
        });
        let best = templates.max_by_key(|(length, values)| (*length, std::cmp::Reverse(values.len())));
        best.map(|(_, values)| values).unwrap_or_default()
    }

    /// The security scheme of a name.
    pub fn scheme(&self, name: &str) -> Option<&SecurityScheme> {
        self.schemes.iter().find(|scheme| scheme.name == name)
    }
}

impl Operation {
    /// The parameter of a name in a place. Upper and lower case do not matter in the names of headers.
    pub fn parameter(&self, place: ParameterIn, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| {
            parameter.place == place
                && match place {
                    ParameterIn::Header => parameter.name.eq_ignore_ascii_case(name),
                    ParameterIn::Path | ParameterIn::Query | ParameterIn::Cookie => parameter.name == name,
                }
        })
    }

    /// `METHOD /path`.
    pub fn title(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The names of the query parameters that must be sent.
    pub fn required_query(&self) -> Vec<String> {
        let required = self.parameters.iter().filter(|one| one.required && one.place == ParameterIn::Query);
        required.map(|one| one.name.clone()).collect()
    }

    /// The response object for a status: that of the status, else of its class, else `default` (§4.7.16).
    pub fn response(&self, status: u16) -> Option<&Response> {
        let find = |pattern| self.responses.iter().find(|response| response.status == pattern);
        find(StatusPattern::Exact(status))
            .or_else(|| find(StatusPattern::Class(status / 100)))
            .or_else(|| find(StatusPattern::Default))
    }
}

impl Response {
    /// The media type object for a content type: the one with the most specific range that matches. If no range matches with
    /// its parameters, parameters are ignored: `application/json; charset=utf-8` in the document then covers
    /// `application/json`.
    pub fn media(&self, content_type: &MediaType) -> Option<&Media> {
        // Of equal ranges the first is wanted, and `max_by_key` takes the last.
        let exact = self.content.iter().rev().filter(|media| media.range.covers(content_type));
        exact.max_by_key(|media| media.range.specificity()).or_else(|| {
            let alike = self.content.iter().rev().filter(|media| media.range.covers_essence(content_type));
            alike.max_by_key(|media| media.range.specificity().0)
        })
    }

    /// The example with a name, in any of its media types.
    pub fn example(&self, name: &str) -> Option<(&Media, &Example)> {
        self.content.iter().find_map(|media| {
            media.examples.iter().find(|example| example.name == name).map(|example| (media, example))
        })
    }
}

impl StatusPattern {
    /// Reads a key of `responses`. None if it is no status, class or `default`.
    pub(super) fn parse(key: &str) -> Option<Self> {
        if key == "default" {
            return Some(Self::Default);
        }
        let [first, rest @ ..] = key.as_bytes() else { return None };
        if key.len() != 3 || !matches!(first, b'1'..=b'5') {
            return None;
        }
        if rest.eq_ignore_ascii_case(b"XX") {
            return Some(Self::Class(u16::from(first - b'0')));
        }
        // A number with a sign is no status.
        rest.iter().all(u8::is_ascii_digit).then(|| key.parse().ok().map(Self::Exact)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_read_strictly() {
        for (key, expected) in [
            ("204", Some(StatusPattern::Exact(204))),
            ("4XX", Some(StatusPattern::Class(4))),
            ("5xx", Some(StatusPattern::Class(5))),
            ("default", Some(StatusPattern::Default)),
            ("Default", None),
            ("20X4", None),
            ("20X", None),
            ("666", None),
            ("099", None),
            ("0XX", None),
            ("6XX", None),
            ("2+4", None),
            ("2é", None),
            ("", None),
        ] {
            assert_eq!(StatusPattern::parse(key), expected, "{key:?}");
        }
    }
}
