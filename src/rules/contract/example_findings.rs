//! Findings about a body that a documented example describes, for the example rules.

use crate::assess::{AssessedAnswer, Assessment, ExampleAssessment, format};
use crate::finding::Finding;
use crate::rules::check::{Checked, each_answer};

/// The most findings of one rule about one answer.
const MAX_FINDINGS: usize = 12;

/// Looks at every judged answer whose body an example describes.
pub(super) fn each(
    assessment: &Assessment<'_>,
    mut look: impl FnMut(&AssessedAnswer<'_>, &ExampleAssessment<'_>, &mut Vec<Finding>),
) -> Checked {
    each_answer(assessment, "no body came that an example pins", |assessed, findings| {
        let Some(example) = &assessed.example else {
            return false;
        };
        let before = findings.len();
        look(assessed, example, findings);
        let count = findings.len() - before;
        findings.truncate(before + MAX_FINDINGS);
        if let Some(last) = findings.last_mut().filter(|_| count > MAX_FINDINGS) {
            last.message = format::of_many(std::mem::take(&mut last.message), MAX_FINDINGS - 1, MAX_FINDINGS, count);
        }
        true
    })
}
