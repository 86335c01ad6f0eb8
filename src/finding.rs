//! What was found: one finding per cause, fully typed, with both places where it rests.
//!
//! Checks make findings, reports show them. It leaves out verdicts (`outcome`).

use crate::location::{Anchor, Place};
use crate::rule::{Level, Origin, Rule};

/// One thing that was found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How much it weighs; at most the rule's level.
    pub level: Level,
    /// On whose authority.
    pub origin: Origin,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What was expected, with its type where it has one: `"not_found" (string)`.
    pub expected: Option<String>,
    /// What came, likewise.
    pub actual: Option<String>,
    /// Where in the document.
    pub spec: Option<Anchor>,
    /// Where in the suite.
    pub case: Option<Place>,
    /// What to do about it, if there is something to say beyond the rule's page.
    pub advice: Option<String>,
    /// Which step's exchange it is about: an index into the case's taken steps.
    pub step: Option<usize>,
}

impl Finding {
    /// A finding at the rule's own level and origin.
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

    /// Says what was expected and what came.
    #[must_use]
    pub fn compared(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self.actual = Some(actual.into());
        self
    }

    /// Gives it another level.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Gives it another origin.
    #[must_use]
    pub fn origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Says where in the document it rests.
    #[must_use]
    pub fn spec(mut self, anchor: &Anchor) -> Self {
        self.spec = Some(anchor.clone());
        self
    }

    /// Says where in the suite it rests.
    #[must_use]
    pub fn case(mut self, place: Place) -> Self {
        self.case = Some(place);
        self
    }

    /// Says which step it is about.
    #[must_use]
    pub fn step(mut self, index: usize) -> Self {
        self.step = Some(index);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}
