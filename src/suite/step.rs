//! A step of a case: one request and what is expected of the response.

use std::time::Duration;

use super::expectation::Expected;
use super::parameter::{ParameterValue, StyledValue};
use super::template::{JsonTemplate, Text};
use crate::location::Span;
use crate::spec::Document;

/// A request with an expectation. Defaults and what it inherits are filled in.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it asks for.
    pub action: Action,
    /// The credential that it sends.
    pub auth: Auth,
    /// Path values by parameter name, in the order of the path template. Empty for a call.
    pub path: Vec<(String, PathValue)>,
    /// Query parameters in order. A list that the document does not declare is the name repeated.
    pub query: Vec<(String, ParameterValue)>,
    /// Header fields in order.
    pub header: Vec<(String, ParameterValue)>,
    /// Cookies in order.
    pub cookie: Vec<(String, ParameterValue)>,
    /// The body.
    pub body: Body,
    /// What is expected.
    pub expect: Expected,
    /// How long the run repeats it until the response is as expected (safe methods only).
    pub within: Option<Duration>,
    /// How many times it is sent at the same time; 1 is once.
    pub at_once: usize,
    /// Where a step of `then` says `invalid: true`: its request means to break the document.
    pub invalid: Option<Span>,
    /// Where it stands: its `expect` value if there is one, for findings.
    pub span: Span,
}

/// What a step asks for.
#[derive(Clone, Debug)]
pub enum Action {
    /// An operation of the document: an index into [`Document::operations`]. The rules judge its response.
    Operation(usize),
    /// A call that is not in the document. In a case, the rules of HTTP alone judge its response.
    Call {
        /// The method.
        method: String,
        /// The path, below the base URL. Values in it are percent-encoded.
        path: Text,
    },
}

/// How a step authenticates.
#[derive(Clone, Debug)]
pub enum Auth {
    /// It sends no credential.
    None,
    /// It sends a credential (an index into [`Suite::credentials`](super::Suite::credentials)) as the security scheme says.
    Credential(usize),
    /// It sends several credentials at once, each by its own scheme.
    Several(Vec<usize>),
    /// It sends this Authorization value, byte for byte.
    Header(Text),
}

/// A value in a path.
#[derive(Clone, Debug)]
pub enum PathValue {
    /// Percent-encoded once.
    Encoded(Text),
    /// Sent as written.
    Raw(Text),
    /// A list, a map, or a text with the separators of its style.
    Styled(StyledValue),
}

/// A request body.
#[derive(Clone, Debug)]
pub enum Body {
    /// None.
    None,
    /// JSON, sent as `application/json` unless a header says otherwise.
    Json(JsonTemplate),
    /// Names and values in order, sent as `application/x-www-form-urlencoded` unless a header says otherwise.
    Form(Vec<(String, Text)>),
    /// Text, byte for byte, with the Content-Type that a header gives, or without one.
    Raw(Text),
}

impl Auth {
    /// The credentials that it sends, by their indexes in the suite.
    pub fn credentials(&self) -> &[usize] {
        match self {
            Self::Credential(index) => std::slice::from_ref(index),
            Self::Several(all) => all,
            Self::None | Self::Header(_) => &[],
        }
    }
}

impl PathValue {
    /// Every text in it, except those of a JSON value without placeholders.
    pub fn texts(&self) -> Vec<&Text> {
        match self {
            Self::Encoded(text) | Self::Raw(text) => vec![text],
            Self::Styled(styled) => styled.texts(),
        }
    }
}

impl Step {
    /// The method of its request.
    pub fn method<'a>(&'a self, document: &'a Document) -> &'a str {
        match &self.action {
            Action::Call { method, .. } => method,
            Action::Operation(index) => document.operations.get(*index).map_or("", |operation| &operation.method),
        }
    }
}
