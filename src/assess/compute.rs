//! Computes an assessment from an observation, once. The modules that it calls take observations and return values; none of
//! them reads an assessment.

use super::assessment::{AssessedAnswer, Assessment, SchemaAssessment, named_example};
use super::body::{self, BodyAssessment};
use super::evidence_strength::{self, EvidenceStrength};
use super::gave_up::GaveUp;
use super::intermediary::intermediary;
use super::status::StatusAssessment;
use super::transfer::Transfer;
use super::{effects, example, header_values, matching, status, unwarranted_success};
use crate::observation::{Observation, ObservedExchange, Role};
use crate::spec::Operation;
use crate::suite::Action;

/// What follows from what was observed in one run of a case.
pub fn assess<'a>(observation: &'a Observation<'a>) -> Assessment<'a> {
    let mut gave_up = GaveUp::default();
    let mut strength = EvidenceStrength::Nothing;
    let mut answers = Vec::with_capacity(1);
    for (index, observed) in observation.exchanges.iter().enumerate() {
        let (Role::Judged { step, .. }, Action::Operation(operation)) = (&observed.role, &observed.step.action) else {
            continue;
        };
        let Some(operation) = observation.suite.document.operations.get(*operation) else {
            continue;
        };
        let answer = answer(observation, (index, observed), *step, operation, &mut gave_up);
        let is_expected = answer.status_assessment == StatusAssessment::Expected;
        let document = &observation.suite.document;
        strength = strength.max(evidence_strength::of(document, answer.response, is_expected, &answer.body));
        answers.push(answer);
    }
    Assessment { observation, answers, objects: effects::objects(observation), gave_up: gave_up.0, strength }
}

/// What follows from the answers to the calls among the case's steps, without the document: only the rules of HTTP may read
/// it. An answer of something in between is left out.
pub fn assess_calls<'a>(observation: &'a Observation<'a>) -> Assessment<'a> {
    let called = observation.exchanges.iter().enumerate().filter(|(_, observed)| {
        matches!(observed.role, Role::Called { .. }) && intermediary(&observed.exchange).is_none()
    });
    let answers = called.map(|(index, observed)| called_answer(observation, index, observed)).collect();
    Assessment { observation, answers, objects: Vec::new(), gave_up: None, strength: EvidenceStrength::Nothing }
}

/// What follows from the answer to a call.
fn called_answer<'a>(
    observation: &'a Observation<'a>,
    index: usize,
    observed: &'a ObservedExchange<'a>,
) -> AssessedAnswer<'a> {
    let transfer = Transfer::of(observed);
    let (media_type, body) = body::assess(observed, transfer, None);
    AssessedAnswer {
        suite: observation.suite,
        index,
        observed,
        operation: observation.suite.security_of(observed.step),
        expectation: observed.step.expect.all().first(),
        lacks_credential: false,
        transfer,
        status: transfer.status(&observed.exchange.answer),
        status_assessment: StatusAssessment::NoStatus,
        response: None,
        media_type,
        body,
        schema: None,
        example: None,
        headers: Vec::new(),
    }
}

/// What follows from one judged answer.
fn answer<'a>(
    observation: &'a Observation<'a>,
    (index, observed): (usize, &'a ObservedExchange<'a>),
    step: usize,
    operation: &'a Operation,
    gave_up: &mut GaveUp,
) -> AssessedAnswer<'a> {
    let suite = observation.suite;
    let matched = matching::expectation(observation, index, step);
    let transfer = Transfer::of(observed);
    let status = transfer.status(&observed.exchange.answer);
    let response = status.and_then(|status| operation.response(status));
    let status_assessment = status::assess(observation, index, operation, &matched, status);
    let (media_type, body) = body::assess(observed, transfer, response);
    let mut schema = None;
    let mut example = None;
    if let BodyAssessment::Json(read, media) = &body {
        schema = media.schema.as_ref().map(|schema| SchemaAssessment {
            violations: gave_up.result(schema.violations_of(&read.root)),
            write_only: gave_up.result(schema.write_only_of(&read.root)),
        });
        let name = named_example(status_assessment, matched.expectation);
        let named = name.zip(response).and_then(|(name, response)| response.example(name));
        let named = named.map(|(_, example)| example).zip(matched.expectation);
        example = example::compare(&suite.document, media, &read.root, named, gave_up);
    }
    let headers = response
        .filter(|_| transfer.is_answered())
        .map(|response| header_values::assess(&observed.exchange.answer, response, gave_up))
        .unwrap_or_default();
    let lacks_credential = unwarranted_success::without_credential(suite, observed, operation).is_some();
    AssessedAnswer {
        suite,
        index,
        observed,
        operation,
        expectation: matched.expectation,
        lacks_credential,
        transfer,
        status,
        status_assessment,
        response,
        media_type,
        body,
        schema,
        example,
        headers,
    }
}
