//! From what happened in one run of a case to its verdict, through every check.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::attempt::{self, Attempt};
use super::session::Session;
use crate::baseline;
use crate::case::Case;
use crate::check::{self, Evidence, Pin, Role, settled};
use crate::finding::Finding;
use crate::known::OfCase;
use crate::outcome::{PinnedBy, TargetKind, Verdict};
use crate::rule::Level;

/// What one run of a case came to.
#[derive(Debug)]
pub(super) struct Judged {
    pub verdict: Verdict,
    pub reason: Option<String>,
    pub findings: Vec<Finding>,
    pub notes: Vec<String>,
    pub pinned_by: PinnedBy,
}

/// Runs every check on what happened. Findings about the document go to the session.
pub(super) fn judge(
    session: &Session,
    suite_index: usize,
    case: &Case,
    attempt: &Attempt<'_>,
    known: &OfCase,
) -> Judged {
    let suite = &session.suites()[suite_index];
    let evidence = Evidence::new(suite, case, &attempt.taken, &attempt.values, session.settings().slow)
        .not_alone(attempt.not_alone);
    let mut judged = Judged {
        verdict: Verdict::Pass,
        reason: None,
        findings: Vec::new(),
        notes: attempt.notes.clone(),
        pinned_by: pinned_by(check::pin(&evidence)),
    };
    if let Some(reason) = attempt.skipped.clone() {
        judged.verdict = Verdict::Skipped;
        judged.reason = Some(reason);
        return judged;
    }
    let mut reason = attempt.trouble.as_ref().map(|trouble| match &trouble.help {
        Some(help) => format!("{} ({help})", trouble.message),
        None => trouble.message.clone(),
    });
    let between = evidence
        .steps
        .iter()
        .filter(|taken| matches!(taken.role, Role::Judged { .. }))
        .find_map(|taken| check::intermediary(&taken.exchange));
    if let Some(who) = between {
        reason.get_or_insert(who);
    } else {
        // A fault in a check must not pass for a verdict, nor take the other cases with it.
        let checked = catch_unwind(AssertUnwindSafe(|| run_checks(session, suite_index, &evidence, known)));
        match checked {
            Ok((findings, baseline)) => {
                judged.findings = findings;
                if let Err(why) = baseline {
                    reason.get_or_insert(why);
                }
            }
            Err(_) => {
                reason.get_or_insert_with(|| "a check panicked on this answer, which is a fault of ours".to_owned());
            }
        }
        if let Some(gone) = used_up(&evidence, &attempt.unsure) {
            // Whatever was found is about an object that was not there to begin with.
            judged.findings.clear();
            reason = Some(gone);
        }
        if reason.is_none() {
            reason = unproven(&evidence).map(|name| {
                format!("whether {name} is gone or still there could not be told: no answer about it fits")
            });
        }
    }
    let mut must = judged.findings.iter().filter(|finding| finding.level == Level::Must).peekable();
    let any = must.peek().is_some();
    judged.verdict = match (must.any(|finding| known.covering(finding).is_none()), &reason) {
        (true, _) => Verdict::Fail,
        (false, Some(_)) => Verdict::Error,
        (false, None) if any => Verdict::Known,
        (false, None) => Verdict::Pass,
    };
    judged.reason = reason;
    judged
}

/// The first object of which something must be proven, and was not although its state says how.
fn unproven<'a>(evidence: &Evidence<'a>) -> Option<&'a str> {
    settled::duties(evidence.case, evidence.suite, evidence.steps)
        .into_iter()
        .filter(|duty| duty.must != settled::Must::Unknown)
        .find(|duty| {
            let state = &evidence.suite.states[evidence.case.given[duty.given].state];
            (state.exists.is_some() || state.undo.is_some())
                && settled::found(evidence, duty.given) == settled::Found::Unknown
        })
        .map(|duty| evidence.case.given[duty.given].name.as_str())
}

/// What to say of an object that was handed over, was not seen to be there, and is gone although no request of the case
/// was accepted that removes it: the API may well have been right to say that it is missing.
fn used_up(evidence: &Evidence<'_>, unsure: &[(usize, String)]) -> Option<String> {
    let removed = |given: usize| {
        let mut judged = evidence.steps.iter().filter(|taken| matches!(taken.role, Role::Judged { .. }));
        let name = &evidence.case.given[given].name;
        judged
            .any(|taken| settled::names(taken.step, name) && matches!(taken.exchange.answer.status(), Some(200..=299)))
    };
    unsure
        .iter()
        .find(|(given, _)| settled::found(evidence, *given) == settled::Found::Gone && !removed(*given))
        .map(|(_, gone)| gone.clone())
}

/// What was found, and why it could not be held against the baseline, if so.
fn run_checks(
    session: &Session,
    suite_index: usize,
    evidence: &Evidence<'_>,
    known: &OfCase,
) -> (Vec<Finding>, Result<(), String>) {
    let (about_document, mut findings): (Vec<Finding>, Vec<Finding>) =
        evidence.findings().into_iter().partition(|finding| finding.case.is_none() && finding.level == Level::Note);
    for finding in about_document {
        session.remark(suite_index, finding);
    }
    if let Some(folder) = session.baseline() {
        let generated = attempt::generated(evidence.values);
        // Only the newest behaviour may be offered as a new record.
        let target = session.target();
        let kind = if target.release.is_some() { TargetKind::Remote } else { target.kind };
        // What is known is what was recorded, so the rest of that answer is held against the record all the same.
        let broken: Vec<Finding> =
            findings.iter().filter(|finding| known.covering(finding).is_none()).cloned().collect();
        let review = session.settings().review;
        match baseline::compare(folder, kind, review, evidence, &generated, &broken) {
            Ok(told) => findings.extend(told),
            Err(why) => return (findings, Err(why)),
        }
    }
    (findings, Ok(()))
}

/// The two words for it: checks do not know outcomes.
fn pinned_by(pin: Pin) -> PinnedBy {
    match pin {
        Pin::Nothing => PinnedBy::Nothing,
        Pin::Status => PinnedBy::Status,
        Pin::Bodiless => PinnedBy::Bodiless,
        Pin::Example => PinnedBy::Example,
        Pin::Schema => PinnedBy::Schema,
    }
}
