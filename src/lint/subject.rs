//! What the lint rules check: a document with its suites, and ways through them.

use std::collections::HashSet;
use std::fmt;

use crate::spec::{Document, Media, Operation, Response};
use crate::suite::{Action, Case, Step, Suite};

/// What the rules check: a document, and every suite of it.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The document.
    pub document: &'a Document,
    /// The suites, in the order in which they were loaded.
    pub suites: Vec<&'a Suite>,
}

impl<'a> Subject<'a> {
    /// Every documented response with its operation.
    pub(super) fn responses(&self) -> impl Iterator<Item = (&'a Operation, &'a Response)> {
        let document = self.document;
        document
            .operations
            .iter()
            .flat_map(|operation| operation.responses.iter().map(move |response| (operation, response)))
    }

    /// Every media type object of responses and request bodies, with its owner. One that several operations refer to comes
    /// once for each owner.
    pub(super) fn media(&self) -> impl Iterator<Item = (MediaOwner<'a>, &'a Media)> {
        let document = self.document;
        let mut seen = HashSet::new();
        let of_operation = |operation: &'a Operation| {
            let request = operation.request_body.iter().map(|body| (MediaOwner::Request, &*body.content));
            let responses = operation.responses.iter();
            request.chain(responses.map(|response| (MediaOwner::Response(&response.key), &*response.content)))
        };
        document
            .operations
            .iter()
            .flat_map(of_operation)
            .filter(move |(owner, content)| seen.insert((*owner, content.as_ptr())))
            .flat_map(|(owner, content)| content.iter().map(move |media| (owner, media)))
    }

    /// Every case with its suite.
    pub(super) fn cases(&self) -> impl Iterator<Item = (&'a Suite, &'a Case)> + '_ {
        self.suites.iter().flat_map(|suite| suite.cases.iter().map(|case| (*suite, case)))
    }
}

/// The owner of a media type object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum MediaOwner<'a> {
    /// A request body.
    Request,
    /// The response of this key.
    Response(&'a str),
}

impl fmt::Display for MediaOwner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => f.write_str("the request body"),
            Self::Response(key) => write!(f, "the {key} response"),
        }
    }
}

/// The operation of the document that a step asks for.
pub(super) fn operation<'a>(document: &'a Document, step: &Step) -> Option<&'a Operation> {
    match step.action {
        Action::Operation(index) => document.operations.get(index),
        Action::Call { .. } => None,
    }
}

/// A name from a file for a message: in backticks, and cut if it is long.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 80;
    let short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() { format!("`{short}…`") } else { format!("`{short}`") }
}
