//! A finding: one for each cause, with its place in the document and in the suite.
//!
//! Rules make findings, and reports show them. `outcome` makes verdicts of them.

use crate::location::{Anchor, Place};
use crate::rule::{Level, Origin, Rule};

/// One deviation that a rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// Its level: at most the rule's level.
    pub level: Level,
    /// What requires the expected behaviour: HTTP, the document or the suite.
    pub origin: Origin,
    /// What is wrong: one sentence without a full stop.
    pub message: String,
    /// What was expected, with its type where it has one: `"not_found" (string)`.
    pub expected: Option<String>,
    /// What was received, in the same form.
    pub actual: Option<String>,
    /// The place in the document.
    pub spec: Option<Anchor>,
    /// The place in the suite.
    pub case: Option<Place>,
    /// What to do about it, if the rule's page does not say it.
    pub advice: Option<String>,
    /// The step whose exchange it is about: an index into the steps that the case has run.
    pub step: Option<usize>,
}

/// How an advice begins that tells no more than the exchange that shows the finding.
pub const SHOWN_BY: &str = "Shown by: ";

impl Finding {
    /// A finding with the rule's own level and origin.
    pub fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            level: rule.level,
            origin: rule.origin,
            message: message.into(),
            expected: None,
            actual: None,
            spec: None,
            case: None,
            advice: None,
            step: None,
        }
    }

    /// Sets what was expected and what was received.
    #[must_use]
    pub fn compared(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self.actual = Some(actual.into());
        self
    }

    /// Sets another level.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Sets another origin.
    #[must_use]
    pub fn origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Sets the place in the document.
    #[must_use]
    pub fn spec(mut self, anchor: &Anchor) -> Self {
        self.spec = Some(anchor.clone());
        self
    }

    /// Sets the place in the suite.
    #[must_use]
    pub fn case(mut self, place: Place) -> Self {
        self.case = Some(place);
        self
    }

    /// Sets the step.
    #[must_use]
    pub fn step(mut self, index: usize) -> Self {
        self.step = Some(index);
        self
    }

    /// Sets what to do about it.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}
