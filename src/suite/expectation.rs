//! What a step expects of the response, or of several responses to requests that are sent at the same time.

use super::schema_expectation::SchemaExpectation;
use super::template::{JsonTemplate, Text};
use crate::location::{Pointer, Span};
use crate::spec::Operation;

/// What is expected of a step.
#[derive(Clone, Debug)]
pub enum Expected {
    /// One response, with this expectation.
    One(Expectation),
    /// Several responses to requests sent at once: each expectation is for one of them, in any order.
    AnyOrder(Vec<Expectation>),
}

/// What is expected of one response.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The status.
    pub status: Statuses,
    /// The example of the document, under that status, that the body must equal.
    pub example: Option<String>,
    /// Pointers to values that may differ from the example (their types may not), at and below; `*` matches one segment.
    pub free: Vec<Pointer>,
    /// Where each of them stands.
    pub free_spans: Vec<Span>,
    /// Header expectations.
    pub header: Vec<(String, HeaderExpectation, Span)>,
    /// Body expectations.
    pub matches: Vec<(Pointer, MatchExpectation, Span)>,
    /// Where it stands.
    pub span: Span,
}

/// Which statuses are expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statuses {
    /// Any of these; usually one.
    OneOf(Vec<u16>),
    /// Any that the document lists for the operation.
    Documented,
}

/// What is expected of a header.
#[derive(Clone, Debug)]
pub enum HeaderExpectation {
    /// This value.
    Value(Text),
    /// Any value.
    Present,
    /// No such header.
    Absent,
}

/// What is expected at a pointer of the body.
#[derive(Clone, Debug)]
pub enum MatchExpectation {
    /// One of these values.
    OneOf(Vec<JsonTemplate>),
    /// A value that fits a schema.
    Schema(SchemaExpectation),
    /// No value.
    Absent,
}

impl MatchExpectation {
    /// Whether one value could meet both. A value with placeholders may be any value.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Absent, Self::Absent) => true,
            (Self::OneOf(_) | Self::Schema(_), Self::Absent) | (Self::Absent, Self::OneOf(_) | Self::Schema(_)) => {
                false
            }
            (Self::Schema(own), Self::Schema(other)) => own.overlaps(other),
            (Self::Schema(schema), Self::OneOf(values)) | (Self::OneOf(values), Self::Schema(schema)) => {
                values.iter().any(|value| match value {
                    JsonTemplate::Fixed(value) => schema.misfit_of(value).is_none(),
                    _ => true,
                })
            }
            (Self::OneOf(own), Self::OneOf(others)) => own.iter().any(|own| {
                others.iter().any(|other| match (own, other) {
                    (JsonTemplate::Fixed(own), JsonTemplate::Fixed(other)) => own == other,
                    _ => true,
                })
            }),
        }
    }
}

impl Expectation {
    /// Whether it allows a status in an answer to an operation.
    pub fn allows(&self, operation: &Operation, status: u16) -> bool {
        match &self.status {
            Statuses::OneOf(list) => list.contains(&status),
            Statuses::Documented => operation.response(status).is_some(),
        }
    }

    /// Whether it allows any success (2xx) in an answer to an operation.
    pub fn may_allow_success(&self, operation: &Operation) -> bool {
        match &self.status {
            Statuses::OneOf(list) => list.iter().any(|status| (200..300).contains(status)),
            Statuses::Documented => (200..300).any(|status| operation.response(status).is_some()),
        }
    }

    /// Whether it may allow a status other than a success (2xx).
    pub fn may_allow_refusal(&self) -> bool {
        match &self.status {
            Statuses::OneOf(list) => list.iter().any(|status| !(200..300).contains(status)),
            Statuses::Documented => true,
        }
    }

    /// An expectation of nothing: an empty list of statuses. It stands for one that could not be read or is not used.
    pub(super) fn empty(span: Span) -> Self {
        Self {
            status: Statuses::OneOf(Vec::new()),
            example: None,
            free: Vec::new(),
            free_spans: Vec::new(),
            header: Vec::new(),
            matches: Vec::new(),
            span,
        }
    }

    /// The status, if it expects exactly one.
    pub fn single_status(&self) -> Option<u16> {
        match &self.status {
            Statuses::OneOf(list) if list.len() == 1 => Some(list[0]),
            _ => None,
        }
    }
}

impl Expected {
    /// All its expectations.
    pub fn all(&self) -> &[Expectation] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::AnyOrder(all) => all,
        }
    }
}
