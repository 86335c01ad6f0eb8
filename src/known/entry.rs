//! An entry of a file of known deviations.

use std::sync::Arc;

use super::target::TargetPattern;
use crate::finding::Finding;
use crate::outcome::KnownDeviation;
use crate::rule::{Level, Rule};

/// One entry of a file of known deviations.
#[derive(Clone, Debug)]
pub struct KnownEntry {
    /// The suite: an index.
    pub suite: usize,
    /// The case: an index into the suite's cases.
    pub case: usize,
    /// The rule that finds it.
    pub rule: &'static Rule,
    /// The `actual` that the finding must have. `None` means every finding of the rule.
    pub actual: Option<String>,
    /// The targets for which it is accepted.
    pub target: TargetPattern,
    /// What reports show about it, and the last day on which it is accepted.
    pub deviation: Arc<KnownDeviation>,
}

impl KnownEntry {
    /// Whether a finding of the case is the known deviation. A note never is, because it fails nothing.
    pub(super) fn means(&self, finding: &Finding) -> bool {
        finding.level >= Level::Should
            && self.rule == finding.rule
            && self.actual.as_ref().is_none_or(|actual| finding.actual.as_ref() == Some(actual))
    }
}
