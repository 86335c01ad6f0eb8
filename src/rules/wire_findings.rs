//! Findings about malformed HTTP. Each rule that uses them stands for one kind of fault.

use super::check::{Checked, each_answer};
use crate::assess::{AssessedAnswer, Assessment, Transfer, format};
use crate::exchange::{FAULTS_OF_A_KIND, Fault, FaultKind};
use crate::finding::Finding;
use crate::rule::Rule;

/// What a rule says about its kind of fault.
pub(super) struct FaultText {
    /// What is wrong.
    pub(super) message: String,
    /// What is right.
    pub(super) expected: &'static str,
    /// What came, if the bytes of the fault do not show it.
    pub(super) actual: Option<String>,
}

impl FaultText {
    pub(super) fn new(message: impl Into<String>, expected: &'static str) -> Self {
        Self { message: message.into(), expected, actual: None }
    }

    pub(super) fn actual(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }
}

/// Looks for a rule's kind of fault in every answer over HTTP/1.1. One answer gives one finding: it shows the first fault and
/// counts the others.
pub(super) fn faults(
    assessment: &Assessment<'_>,
    rule: &'static Rule,
    words: impl Fn(&AssessedAnswer<'_>, &FaultKind) -> Option<FaultText>,
) -> Checked {
    each_http1_answer(assessment, |assessed, findings| add_finding(assessed, rule, &words, findings))
}

/// As [`faults`], for faults that HTTP/2 can have too.
pub(super) fn faults_in_any_protocol(
    assessment: &Assessment<'_>,
    rule: &'static Rule,
    words: impl Fn(&AssessedAnswer<'_>, &FaultKind) -> Option<FaultText>,
) -> Checked {
    each_answer_read(assessment, |assessed, findings| add_finding(assessed, rule, &words, findings))
}

fn add_finding(
    assessed: &AssessedAnswer<'_>,
    rule: &'static Rule,
    words: impl Fn(&AssessedAnswer<'_>, &FaultKind) -> Option<FaultText>,
    findings: &mut Vec<Finding>,
) {
    let faults = &assessed.answer().faults;
    // If the answer is not HTTP at all, only the first fault means something.
    let faults =
        if assessed.transfer == Transfer::NotHttp { &faults[..faults.len().min(1)] } else { faults.as_slice() };
    let mut worded = faults.iter().filter_map(|fault| Some((fault, words(assessed, &fault.kind)?)));
    let Some((fault, first)) = worded.next() else {
        return;
    };
    let message = match worded.count() {
        0 => first.message,
        1 => format!("{} (and 1 more time)", first.message),
        more if more + 1 >= FAULTS_OF_A_KIND => format!("{} (and at least {more} more times)", first.message),
        more => format!("{} (and {more} more times)", first.message),
    };
    let actual = first.actual.unwrap_or_else(|| bytes(assessed, fault));
    findings.push(assessed.finding(rule, message).compared(first.expected, actual));
}

/// Looks at every answer that came over HTTP/1.1.
pub(super) fn each_http1_answer(
    assessment: &Assessment<'_>,
    mut look: impl FnMut(&AssessedAnswer<'_>, &mut Vec<Finding>),
) -> Checked {
    each_answer(assessment, "no response was read to the byte", |assessed, findings| {
        if !assessed.is_http1() {
            return false;
        }
        look(assessed, findings);
        true
    })
}

/// Looks at every answer that the judging client read, in whatever protocol.
pub(super) fn each_answer_read(
    assessment: &Assessment<'_>,
    mut look: impl FnMut(&AssessedAnswer<'_>, &mut Vec<Finding>),
) -> Checked {
    each_answer(assessment, "no response was read by the judging client", |assessed, findings| {
        if !assessed.is_read_by_judge() {
            return false;
        }
        look(assessed, findings);
        true
    })
}

/// The bytes of a fault.
fn bytes(assessed: &AssessedAnswer<'_>, fault: &Fault) -> String {
    let raw = &assessed.answer().raw;
    let end = fault.range.end.min(raw.len());
    let bytes = raw.get(fault.range.start.min(end)..end).unwrap_or_default();
    if bytes.is_empty() { "nothing".to_owned() } else { format::bytes(bytes) }
}
