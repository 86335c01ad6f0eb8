//! What follows from an observation: each question about an answer or an object has one value here.
//!
//! So one cause gives one finding: a rule reports one value and stays silent about the others. Everything here is data.
//! It leaves out how the values are computed (`compute`) and how findings are worded (the rules).

use super::body::{BodyAssessment, MediaTypeAssessment};
use super::effects::AssessedObject;
use super::evidence_strength::EvidenceStrength;
use super::example::ExampleAssessment;
use super::header_values::HeaderAssessment;
use super::status::StatusAssessment;
use super::transfer::Transfer;
use crate::exchange::{Answer, Protocol};
use crate::finding::Finding;
use crate::location::Anchor;
use crate::observation::{Observation, ObservedExchange, Role};
use crate::rule::Rule;
use crate::spec::{Operation, Response, Violation};
use crate::suite::{Expectation, Suite};

/// What follows from the observation of one case run.
#[derive(Debug)]
pub struct Assessment<'a> {
    /// The observation.
    pub observation: &'a Observation<'a>,
    /// The judged answers, in order.
    pub(crate) answers: Vec<AssessedAnswer<'a>>,
    /// The objects of the case, in the order of [`Case::given`](crate::suite::Case::given).
    pub(crate) objects: Vec<AssessedObject<'a>>,
    /// Why an answer could not be judged to the end, if one could not.
    pub gave_up: Option<String>,
    /// The strongest part of the document with which an answer was compared.
    pub strength: EvidenceStrength,
}

/// A judged answer, with everything that follows from it.
#[derive(Debug)]
pub(crate) struct AssessedAnswer<'a> {
    /// The suite.
    pub(crate) suite: &'a Suite,
    /// Index into [`Observation::exchanges`].
    pub(crate) index: usize,
    /// The exchange.
    pub(crate) observed: &'a ObservedExchange<'a>,
    /// The operation that was requested; for a call, the one by which its credential was sent.
    pub(crate) operation: &'a Operation,
    /// The expectation of this answer. None if several requests were sent at once and the others took all that this answer
    /// could have met.
    pub(crate) expectation: Option<&'a Expectation>,
    /// Whether the operation requires a credential, and the request has none or a made-up one.
    pub(crate) lacks_credential: bool,
    /// How the transfer ended.
    pub(crate) transfer: Transfer,
    /// The status, if one can be judged.
    pub(crate) status: Option<u16>,
    /// How the status compares with the case and the document.
    pub(crate) status_assessment: StatusAssessment,
    /// The response object of the status.
    pub(crate) response: Option<&'a Response>,
    /// What the media type is.
    pub(crate) media_type: MediaTypeAssessment<'a>,
    /// What the body is.
    pub(crate) body: BodyAssessment<'a>,
    /// What the schema of the body says about it; none without a JSON body or a schema.
    pub(crate) schema: Option<SchemaAssessment>,
    /// How the body differs from a documented example; none if no example describes it.
    pub(crate) example: Option<ExampleAssessment<'a>>,
    /// The headers that a schema describes.
    pub(crate) headers: Vec<HeaderAssessment<'a>>,
}

/// What a schema says about a body.
#[derive(Debug)]
pub(crate) struct SchemaAssessment {
    /// How the body breaks it.
    pub(crate) violations: Vec<Violation>,
    /// The properties that are `writeOnly` and were sent: their pointers in the body, and where the document says so.
    pub(crate) write_only: Vec<(String, Anchor)>,
}

impl<'a> AssessedAnswer<'a> {
    /// The answer.
    pub(crate) fn answer(&self) -> &'a Answer {
        &self.observed.exchange.answer
    }

    /// Whether the answer came over HTTP/1.1 and every byte of it is known.
    pub(crate) fn is_http1(&self) -> bool {
        self.answer().protocol == Protocol::Http1
    }

    /// Whether the client that judges read the answer, in whatever protocol.
    pub(crate) fn is_read_by_judge(&self) -> bool {
        self.answer().protocol != Protocol::Library
    }

    /// Where the document describes the answer: the response object, else the operation.
    pub(crate) fn anchor(&self) -> &'a Anchor {
        self.response.map_or(&self.operation.anchor, |response| &response.anchor)
    }

    /// A finding about this answer, with its step and its places in the document and the case.
    pub(crate) fn finding(&self, rule: &'static Rule, message: impl Into<String>) -> Finding {
        let span = self.expectation.map_or(self.observed.step.span, |expectation| expectation.span);
        let finding = Finding::new(rule, message).step(self.index).case(self.suite.place(span));
        // The document does not describe the answer to a call.
        if matches!(self.observed.role, Role::Called { .. }) { finding } else { finding.spec(self.anchor()) }
    }

    /// The name of the documented example that the answer must equal: the case names it, and the status is expected.
    pub(crate) fn named_example(&self) -> Option<&'a str> {
        named_example(self.status_assessment, self.expectation)
    }
}

/// The name of the example that an answer must equal, if the status is expected.
pub(super) fn named_example(status: StatusAssessment, expectation: Option<&Expectation>) -> Option<&str> {
    match status {
        StatusAssessment::Expected => expectation?.example.as_deref(),
        _ => None,
    }
}
