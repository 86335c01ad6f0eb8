//! The document as a contract: any OpenAPI 3.0 document, read from YAML, JSON or a Markdown page, with every `$ref`
//! inside it followed, values judged by schemas in the 3.0 dialect, and every part knowing its JSON pointer and line.
//!
//! It leaves out suites (`case`), what an answer is held against it for (`check`), callbacks and links. Everything but
//! `exchange` and the reference server may use it; it uses `tree` and `location` alone.

mod branches;
mod build;
mod compiler;
mod contents;
mod dialect;
mod discriminator;
mod formats;
mod gate;
mod judge;
mod load;
mod media_type;
mod objects;
mod page;
mod paths;
mod pattern;
mod raw;
mod schema;
mod telling;
mod walk;
mod write_only;

use std::fmt;
use std::sync::Arc;

use crate::location::{Anchor, InputErrors, Source};
use crate::tree::Tree;

pub use judge::STEPS;
pub use media_type::MediaType;
use raw::Raw;
pub use schema::{Schema, TooMuch};
pub use telling::MAX_VIOLATIONS;

/// An OpenAPI 3.0 document.
#[derive(Debug)]
pub struct Document {
    /// The file.
    pub source: Source,
    /// Its tree, for places.
    pub tree: Arc<Tree>,
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// The value of `openapi`, such as `3.0.1`.
    pub openapi: String,
    /// SHA-256 of the file's bytes, in lower-case hex.
    pub sha256: String,
    /// Every operation, in the order of the file.
    pub operations: Vec<Operation>,
    /// The document's own servers.
    pub servers: Vec<Server>,
    /// `components.securitySchemes`.
    pub schemes: Vec<SecurityScheme>,
    /// What is odd about the document without making it unreadable, such as what the typed gate silently drops.
    pub remarks: Vec<Remark>,
}

/// Something about the document that its reader should know.
#[derive(Clone, Debug)]
pub struct Remark {
    /// What, one sentence without a full stop.
    pub message: String,
    /// Where.
    pub anchor: Anchor,
}

/// A server object, its variables at their defaults.
#[derive(Clone, Debug)]
pub struct Server {
    /// The URL as written.
    pub template: String,
    /// The URL with every variable at its default; may be relative.
    pub default_url: String,
    /// The names of its variables, in the order of the file.
    pub variables: Vec<String>,
    /// Of each of them, in the same order, the values that it can have: its default, and those of its `enum`.
    pub values: Vec<Vec<String>>,
    /// Where.
    pub anchor: Anchor,
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// `operationId`.
    pub id: Option<String>,
    /// The method in upper case.
    pub method: String,
    /// The path template as written, such as `/conversations/{conversation_id}`.
    pub path: String,
    /// Parameters of the path item and the operation, the operation's own first where both name one.
    pub parameters: Arc<[Parameter]>,
    /// The request body.
    pub request_body: Option<Arc<RequestBody>>,
    /// The responses, in the order of the file.
    pub responses: Arc<[Response]>,
    /// Security requirements that apply (the operation's own, else the document's): any one of them suffices, and one
    /// asks for all its schemes. Empty: none is declared. An empty inner list: anonymous access is allowed.
    pub security: Arc<[Vec<String>]>,
    /// Servers of the operation or its path item, where they replace the document's.
    pub servers: Arc<[Server]>,
    /// Where.
    pub anchor: Anchor,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterIn {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// As a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it is sent.
    pub place: ParameterIn,
    /// Whether it must be sent.
    pub required: bool,
    /// Its schema.
    pub schema: Option<Arc<Schema>>,
    /// Where.
    pub anchor: Anchor,
}

/// A request body.
#[derive(Debug)]
pub struct RequestBody {
    /// Whether the document requires one.
    pub required: bool,
    /// By media range.
    pub content: Arc<[Media]>,
    /// Where.
    pub anchor: Anchor,
}

/// Which statuses a response object is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusPattern {
    /// One status.
    Exact(u16),
    /// A class: `4XX` is 4.
    Class(u16),
    /// `default`.
    Default,
}

/// A response object.
#[derive(Debug)]
pub struct Response {
    /// Which statuses it is for.
    pub status: StatusPattern,
    /// The key as written: `204`, `4XX`, `default`.
    pub key: String,
    /// Its description.
    pub description: String,
    /// By media range; empty means that the document describes no body.
    pub content: Arc<[Media]>,
    /// The headers it documents (a `Content-Type` entry is ignored, as OpenAPI says).
    pub headers: Arc<[ResponseHeader]>,
    /// Where.
    pub anchor: Anchor,
}

/// A media type object under its range.
#[derive(Debug)]
pub struct Media {
    /// The range as parsed.
    pub range: MediaType,
    /// The key as written.
    pub key: String,
    /// The schema.
    pub schema: Option<Arc<Schema>>,
    /// Examples that have a value: `example` (named `example`) or `examples`, component examples followed.
    pub examples: Vec<Example>,
    /// Where.
    pub anchor: Anchor,
}

/// A documented example.
pub struct Example {
    /// Its name.
    pub name: String,
    /// Where its value stands.
    pub anchor: Anchor,
    raw: Raw,
}

impl Example {
    fn new(raw: &Raw, name: String, pointer: &str) -> Self {
        Self { name, anchor: raw.anchor(pointer), raw: raw.clone() }
    }

    /// Its value.
    pub fn value(&self) -> &serde_json::Value {
        // It is there: the example was made of it.
        self.raw.get(&self.anchor.pointer).unwrap_or(&serde_json::Value::Null)
    }
}

impl fmt::Debug for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Example({}, {})", self.name, self.anchor.pointer)
    }
}

/// A documented response header.
#[derive(Debug)]
pub struct ResponseHeader {
    /// Its name.
    pub name: String,
    /// Whether the document requires it.
    pub required: bool,
    /// The schema of its value as style `simple` writes it; none if `content` describes it.
    pub schema: Option<Arc<Schema>>,
    /// The media type that its value is of, if `content` describes it.
    pub content: Option<Media>,
    /// Where.
    pub anchor: Anchor,
}

/// One way in which a value breaks a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer into the value.
    pub instance: String,
    /// Where in the document the broken keyword stands.
    pub anchor: Anchor,
    /// The keyword: `type`, `required`, …
    pub keyword: String,
    /// What is wrong, one sentence without a full stop; it may quote the value.
    pub message: String,
    /// How many levels of the value it rests on: what lies deeper could not undo it.
    pub depth: usize,
}

/// A security scheme.
#[derive(Clone, Debug)]
pub struct SecurityScheme {
    /// Its name under `components.securitySchemes`.
    pub name: String,
    /// What it is.
    pub kind: SchemeKind,
    /// Where.
    pub anchor: Anchor,
}

/// The kinds of security scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeKind {
    /// `type: http, scheme: bearer` (the scheme's case does not matter).
    Bearer,
    /// `type: http, scheme: basic`; the credential is `user:password`.
    Basic,
    /// `type: apiKey`: where, and the name.
    ApiKey(ParameterIn, String),
    /// Anything else (`oauth2`, `openIdConnect`, other HTTP schemes), as written.
    Other(String),
}

impl Document {
    /// Reads a document from a file: YAML, JSON, or a Markdown page with the document in a fenced block.
    pub fn load(path: &std::path::Path) -> Result<Self, InputErrors> {
        load::load(path)
    }

    /// Reads a document from a text; the name decides the format by its extension, else the content does.
    pub fn read(source: &Source) -> Result<Self, InputErrors> {
        load::read(source)
    }

    /// The operation of an `operationId`, or of `METHOD /path` as the document writes the path.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id.as_deref() == Some(name)).or_else(|| {
            let (method, path) = name.split_once(' ')?;
            let path = path.trim_start();
            self.operations
                .iter()
                .find(|operation| operation.path == path && operation.method.eq_ignore_ascii_case(method))
        })
    }

    /// The security scheme of a name.
    pub fn scheme(&self, name: &str) -> Option<&SecurityScheme> {
        self.schemes.iter().find(|scheme| scheme.name == name)
    }
}

impl Operation {
    /// `METHOD /path`.
    pub fn title(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The response object for a status: exact, else its class, else `default`.
    pub fn response(&self, status: u16) -> Option<&Response> {
        let find = |pattern| self.responses.iter().find(|response| response.status == pattern);
        find(StatusPattern::Exact(status))
            .or_else(|| find(StatusPattern::Class(status / 100)))
            .or_else(|| find(StatusPattern::Default))
    }
}

impl Response {
    /// The media type object for a content type: the most specific matching range. Where none has the same parameters they
    /// do not matter: `application/json; charset=utf-8` in the document covers `application/json` then.
    pub fn media(&self, content_type: &MediaType) -> Option<&Media> {
        // Of equals the first: `max_by_key` would take the last.
        let exact = self.content.iter().rev().filter(|media| media.range.covers(content_type));
        exact.max_by_key(|media| media.range.specificity()).or_else(|| {
            let alike = self.content.iter().rev().filter(|media| media.range.covers_essence(content_type));
            alike.max_by_key(|media| media.range.specificity().0)
        })
    }

    /// The example of a name, in any of its media types.
    pub fn example(&self, name: &str) -> Option<(&Media, &Example)> {
        self.content.iter().find_map(|media| {
            media.examples.iter().find(|example| example.name == name).map(|example| (media, example))
        })
    }
}
