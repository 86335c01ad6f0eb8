//! How the status of an answer compares with the case and the document.

use super::matching::Matched;
use super::unwarranted_success::{self, UnwarrantedSuccess};
use crate::observation::Observation;
use crate::spec::Operation;
use crate::suite::Statuses;

/// How a status compares with what the case expects and the document lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusAssessment {
    /// There is no status to compare. Another rule says why (a 101, or a status that is no number from 100 to 599).
    NoStatus,
    /// The case expects it.
    Expected,
    /// The case expects a documented status, and the document does not list this one.
    Undocumented,
    /// The case names other statuses.
    Unexpected,
    /// Of several requests sent at once, some answers meet no expectation. This is the first of them, and the finding about
    /// it speaks for all.
    UnexpectedInGroup,
    /// As before, but the finding is about an earlier answer.
    ReportedByAnother,
    /// A redirect that the document does not list and the case does not expect.
    UndocumentedRedirect,
    /// A success (2xx) where the request had to be refused, and more is known about the reason.
    UnwarrantedSuccess(UnwarrantedSuccess),
}

/// Compares the status of the answer at `index` of the exchanges.
pub(super) fn assess(
    observation: &Observation<'_>,
    index: usize,
    operation: &Operation,
    matched: &Matched<'_>,
    status: Option<u16>,
) -> StatusAssessment {
    let Some(status) = status else {
        return StatusAssessment::NoStatus;
    };
    if (200..300).contains(&status)
        && let Some(success) = unwarranted_success::find(observation, index, operation, matched.expectation)
    {
        return StatusAssessment::UnwarrantedSuccess(success);
    }
    let redirects = matches!(status, 301 | 302 | 303 | 307 | 308) && operation.response(status).is_none();
    let Some(expectation) = matched.expectation else {
        return match matched.is_first_without {
            true if redirects => StatusAssessment::UndocumentedRedirect,
            true => StatusAssessment::UnexpectedInGroup,
            false => StatusAssessment::ReportedByAnother,
        };
    };
    if expectation.allows(operation, status) {
        StatusAssessment::Expected
    } else if redirects {
        StatusAssessment::UndocumentedRedirect
    } else if expectation.status == Statuses::Documented {
        StatusAssessment::Undocumented
    } else {
        StatusAssessment::Unexpected
    }
}
