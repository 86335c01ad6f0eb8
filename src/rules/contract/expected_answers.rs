//! The responses with an expected status, for the rules about what the case expects besides the status.

use crate::assess::{AssessedAnswer, Assessment, StatusAssessment};
use crate::finding::Finding;
use crate::observation::{ObservedExchange, Role};
use crate::rule::Rule;
use crate::rules::check::Checked;
use crate::suite::{Expectation, Statuses};

/// An answer with an expected status, and its expectation.
pub(super) struct ExpectedAnswer<'e, 'a> {
    pub(super) observed: &'e ObservedExchange<'a>,
    pub(super) expectation: &'e Expectation,
    /// The assessment, if the answer is judged; none for a `call`.
    pub(super) assessed: Option<&'e AssessedAnswer<'a>>,
    index: usize,
}

impl ExpectedAnswer<'_, '_> {
    /// A finding about this answer.
    pub(super) fn finding(&self, rule: &'static Rule, message: String) -> Finding {
        match self.assessed {
            Some(assessed) => assessed.finding(rule, message),
            None => Finding::new(rule, message).step(self.index),
        }
    }
}

/// Looks at every answer with an expected status, those to calls too. `look` adds its findings and tells whether the rule
/// applies.
pub(super) fn each<'a>(
    assessment: &Assessment<'a>,
    unless: &'static str,
    mut look: impl FnMut(&ExpectedAnswer<'_, 'a>, &mut Vec<Finding>) -> bool,
) -> Checked {
    let mut findings = Vec::new();
    let mut applies = false;
    for assessed in &assessment.answers {
        if let (StatusAssessment::Expected, Some(expectation)) = (assessed.status_assessment, assessed.expectation) {
            let observed = assessed.observed;
            let answer = ExpectedAnswer { observed, expectation, assessed: Some(assessed), index: assessed.index };
            applies |= look(&answer, &mut findings);
        }
    }
    for (index, observed) in assessment.observation.exchanges.iter().enumerate() {
        let (Role::Called { .. }, Some(expectation)) = (&observed.role, observed.step.expect.all().first()) else {
            continue;
        };
        let status = observed.exchange.answer.status();
        let expected = match &expectation.status {
            Statuses::OneOf(list) => status.is_some_and(|status| list.contains(&status)),
            Statuses::Documented => status.is_some(),
        };
        if expected {
            let answer = ExpectedAnswer { observed, expectation, assessed: None, index };
            applies |= look(&answer, &mut findings);
        }
    }
    if applies { Checked::Findings(findings) } else { Checked::NotApplicable(unless) }
}
