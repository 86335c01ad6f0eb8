//! How much of an answer the document describes. So a pass that rests on nothing does not look like a pass.

use super::body::BodyAssessment;
use crate::spec::{Document, Media, Response};

/// The strongest part of the document with which an answer was compared, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceStrength {
    /// Nothing: no documented answer came.
    Nothing,
    /// The status alone.
    Status,
    /// A documented status without a body.
    Bodiless,
    /// A documented example.
    Example,
    /// A schema (and examples, where there are some).
    Schema,
}

/// Whether an example says what a body holds. An example that is null says nothing.
pub(crate) fn has_example(media: &Media) -> bool {
    media.examples.iter().any(|example| !example.value().is_null())
}

/// The strength for one answer. `is_expected` says whether the case names its status.
pub(super) fn of(
    document: &Document,
    response: Option<&Response>,
    is_expected: bool,
    body: &BodyAssessment<'_>,
) -> EvidenceStrength {
    let Some(response) = response else {
        return if is_expected { EvidenceStrength::Status } else { EvidenceStrength::Nothing };
    };
    if response.content.is_empty() {
        return EvidenceStrength::Bodiless;
    }
    let has_schema =
        |media: &Media| media.schema.as_ref().is_some_and(|schema| schema.says_more_than_type(&document.tree.root));
    match body {
        BodyAssessment::Json(_, media) if has_schema(media) => EvidenceStrength::Schema,
        BodyAssessment::Json(_, media) if has_example(media) => EvidenceStrength::Example,
        // The body could not be read, but the document says what it should have been.
        BodyAssessment::Missing
        | BodyAssessment::NotJson(_)
        | BodyAssessment::CodingUnlabelled(_)
        | BodyAssessment::CodingMissing
            if response.content.iter().any(has_schema) =>
        {
            EvidenceStrength::Schema
        }
        BodyAssessment::Missing
        | BodyAssessment::NotJson(_)
        | BodyAssessment::CodingUnlabelled(_)
        | BodyAssessment::CodingMissing
            if response.content.iter().any(has_example) =>
        {
            EvidenceStrength::Example
        }
        BodyAssessment::Unexpected => EvidenceStrength::Bodiless,
        _ => EvidenceStrength::Status,
    }
}
