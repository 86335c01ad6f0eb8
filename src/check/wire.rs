//! The wire's departures from the grammar as findings: shared by the rules that each stand for one kind of fault.

use super::ending::Ending;
use super::held::Held;
use super::{Checked, Evidence, shown};
use crate::exchange::{FAULTS_OF_A_KIND, Fault, FaultKind};
use crate::finding::Finding;
use crate::rule::Rule;

/// What a rule says of a fault that is its own.
pub(super) struct Told {
    /// What is wrong.
    pub(super) message: String,
    /// What should have been.
    pub(super) expected: &'static str,
    /// What came, where the fault's bytes alone do not show it.
    pub(super) actual: Option<String>,
}

impl Told {
    pub(super) fn new(message: impl Into<String>, expected: &'static str) -> Self {
        Self { message: message.into(), expected, actual: None }
    }

    pub(super) fn actual(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }
}

/// Looks for a rule's kind of fault in every answer that was read to the byte. One answer gives one finding, of the
/// first fault, with the number of the others.
pub(super) fn faults(
    evidence: &Evidence<'_>,
    rule: &'static Rule,
    tell: impl Fn(&Held<'_>, &FaultKind) -> Option<Told>,
) -> Checked {
    over(evidence, |held, findings| told(held, rule, &tell, findings))
}

/// As [`faults`], for what is wrong in HTTP/2 too.
pub(super) fn faults_in_any(
    evidence: &Evidence<'_>,
    rule: &'static Rule,
    tell: impl Fn(&Held<'_>, &FaultKind) -> Option<Told>,
) -> Checked {
    over_any(evidence, |held, findings| told(held, rule, &tell, findings))
}

fn told(
    held: &Held<'_>,
    rule: &'static Rule,
    tell: impl Fn(&Held<'_>, &FaultKind) -> Option<Told>,
    findings: &mut Vec<Finding>,
) {
    let faults = &held.answer().faults;
    // Where nothing is HTTP, only the first fault means anything.
    let faults = if held.ending == Ending::NotHttp { &faults[..faults.len().min(1)] } else { faults.as_slice() };
    let mut told = faults.iter().filter_map(|fault| Some((fault, tell(held, &fault.kind)?)));
    let Some((fault, first)) = told.next() else {
        return;
    };
    let message = match told.count() {
        0 => first.message,
        1 => format!("{} (and once more)", first.message),
        more if more + 1 >= FAULTS_OF_A_KIND => format!("{} (and at least {more} times more)", first.message),
        more => format!("{} (and {more} times more)", first.message),
    };
    let actual = first.actual.unwrap_or_else(|| bytes(held, fault));
    findings.push(held.finding(rule, message).compared(first.expected, actual));
}

/// Looks at every answer that was read to the byte.
pub(super) fn over(evidence: &Evidence<'_>, mut look: impl FnMut(&Held<'_>, &mut Vec<Finding>)) -> Checked {
    evidence.over("no answer was read to the byte", |held, findings| {
        if !held.wire_known() {
            return false;
        }
        look(held, findings);
        true
    })
}

/// Looks at every answer that was read to its end or its limits, in whatever protocol.
pub(super) fn over_any(evidence: &Evidence<'_>, mut look: impl FnMut(&Held<'_>, &mut Vec<Finding>)) -> Checked {
    evidence.over("no answer was read by the judging client", |held, findings| {
        if !held.bytes_known() {
            return false;
        }
        look(held, findings);
        true
    })
}

/// The bytes of a fault.
fn bytes(held: &Held<'_>, fault: &Fault) -> String {
    let raw = &held.answer().raw;
    let end = fault.range.end.min(raw.len());
    let bytes = raw.get(fault.range.start.min(end)..end).unwrap_or_default();
    if bytes.is_empty() { "nothing".to_owned() } else { shown::bytes(bytes) }
}
