//! Turns what happened in one run of a case into a verdict, through every rule.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::attempt::{Attempt, generated};
use crate::baseline;
use crate::case::{Case, Suite};
use crate::check::{self, Evidence, Pin, Proof, Role, Taken, settled};
use crate::finding::Finding;
use crate::known::OfCase;
use crate::object::answers::says_gone;
use crate::outcome::{PinnedBy, TargetKind, Verdict};
use crate::rule::Level;
use crate::run::object_life::provide::Unconfirmed;
use crate::run::parts::record::Record;
use crate::run::parts::test_run::TestRun;

/// What one run of a case came to.
#[derive(Debug)]
pub(crate) struct Judged {
    pub verdict: Verdict,
    pub reason: Option<String>,
    pub findings: Vec<Finding>,
    pub notes: Vec<String>,
    pub pinned_by: PinnedBy,
}

impl Judged {
    /// The judgement on a case that could not be carried out.
    pub(crate) fn trouble(attempt: &Attempt<'_>) -> Self {
        let reason = attempt.trouble_in_words();
        Self { verdict: Verdict::Error, reason, findings: Vec::new(), notes: Vec::new(), pinned_by: PinnedBy::Nothing }
    }
}

/// Runs every rule on what happened. Findings about the document go to the record of the run.
///
/// `others` are the requests of other cases that may have removed a lost object, where that did not happen again.
pub(crate) fn judge(
    run: &TestRun,
    selected: usize,
    attempt: &Attempt<'_>,
    others: &[(usize, Vec<String>)],
    known: &OfCase,
) -> Judged {
    let (suite, case) = run.setup.case(selected);
    let suite_index = run.setup.selected[selected].suite;
    let proofs = proofs(case, attempt);
    let evidence = Evidence::new(suite, case, &attempt.taken, &attempt.values, run.setup.settings.slow)
        .proven(&proofs)
        .beside(others);
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
    judged.reason = attempt.trouble_in_words();
    let intermediary = evidence
        .steps
        .iter()
        .filter(|taken| matches!(taken.role, Role::Judged { .. }))
        .find_map(|taken| check::intermediary(&taken.exchange));
    if let Some(who) = intermediary {
        judged.reason.get_or_insert(who);
    } else {
        add_findings(run, suite_index, &evidence, attempt, known, &mut judged);
    }
    let mut must = judged.findings.iter().filter(|finding| finding.level == Level::Must).peekable();
    let any = must.peek().is_some();
    judged.verdict = match (must.any(|finding| known.covering(finding).is_none()), &judged.reason) {
        (true, _) => Verdict::Fail,
        (false, Some(_)) => Verdict::Error,
        (false, None) if any => Verdict::Known,
        (false, None) => Verdict::Pass,
    };
    judged
}

/// Runs the rules, and adds their findings and the reasons why something could not be judged.
fn add_findings(
    run: &TestRun,
    suite_index: usize,
    evidence: &Evidence<'_>,
    attempt: &Attempt<'_>,
    known: &OfCase,
    judged: &mut Judged,
) {
    let reason = &mut judged.reason;
    // A defect in a rule must not pass for a verdict, nor end the other cases.
    let checked = catch_unwind(AssertUnwindSafe(|| run_rules(run, suite_index, evidence, known)));
    match checked {
        Ok((findings, baseline)) => {
            judged.findings = findings;
            if let Err(why) = baseline {
                reason.get_or_insert(why);
            }
        }
        Err(_) => {
            reason.get_or_insert_with(|| "a rule panicked on this answer; this is a defect of conformant".to_owned());
        }
    }
    if let Some(too_much) = evidence.too_much() {
        reason.get_or_insert_with(|| too_much.to_owned());
    }
    if let Some(gone) = used_up(&run.record, suite_index, evidence, &attempt.unconfirmed) {
        // Every finding is about an object that was not there to begin with.
        judged.findings.clear();
        *reason = Some(gone);
    }
    if let Some(why) = unproven(evidence) {
        // A case that fails anyway is no less wrong; a note says what is not known.
        if judged.findings.iter().any(|finding| finding.level == Level::Must) {
            judged.notes.push(why);
        } else {
            reason.get_or_insert(why);
        }
    }
}

/// What findings about a case's objects may rest on. Nothing is proven about an object that was not settled.
fn proofs(case: &Case, attempt: &Attempt<'_>) -> Vec<Proof> {
    let none =
        Proof { seen: false, exists_no: false, undo_yes: false, undo_no: false, released: false, looks_lag: false };
    let mut proofs = vec![none; case.given.len()];
    for object in &attempt.settled {
        proofs[object.given] = object.proof;
    }
    proofs
}

/// Why the first object could not be judged whose effect had to be proven and whose state says how.
fn unproven(evidence: &Evidence<'_>) -> Option<String> {
    let given = first_unproven(evidence)?;
    let name = &evidence.case.given[given].name;
    let state = &evidence.suite.states[evidence.case.given[given].state];
    let proof = evidence.proof(given);
    let lacks = match (&state.exists, &state.undo) {
        (Some(_), _) if proof.seen && !proof.exists_no => {
            "`exists` never said no on this target, so its yes proves nothing"
        }
        (Some(_), Some(_)) if !proof.seen && !proof.undo_no => {
            "`exists` and `undo` answered the same to everything on this target, so their answers prove nothing"
        }
        (None, Some(_)) if !proof.undo_no => "this target never refused an `undo`, so an accepted one proves nothing",
        _ => "no answer about it fits what the suite's state says",
    };
    Some(format!(
        "whether {name} is gone or still there could not be told: {lacks}; see `exists`, `undo` and `gone` of the state `{}`",
        state.name
    ))
}

fn first_unproven(evidence: &Evidence<'_>) -> Option<usize> {
    settled::duties(evidence.case, evidence.suite, evidence.steps)
        .into_iter()
        .filter(|duty| duty.must != settled::Must::Unknown)
        .find(|duty| {
            let state = &evidence.suite.states[evidence.case.given[duty.given].state];
            (state.exists.is_some() || state.undo.is_some())
                && settled::found(evidence, duty.given) == settled::Found::Unknown
        })
        .map(|duty| duty.given)
}

/// The objects that are gone and should be there, and whether only the answer to `undo` shows that.
pub(crate) fn lost(suite: &Suite, case: &Case, attempt: &Attempt<'_>, slow: std::time::Duration) -> Vec<(usize, bool)> {
    let proofs = proofs(case, attempt);
    let evidence = Evidence::new(suite, case, &attempt.taken, &attempt.values, slow).proven(&proofs);
    let duties = settled::duties(case, suite, &attempt.taken).into_iter();
    duties
        .filter(|duty| duty.must == settled::Must::There)
        .filter(|duty| settled::found(&evidence, duty.given) == settled::Found::Gone)
        .map(|duty| (duty.given, settled::rests_on_undo(&evidence, duty.given)))
        .collect()
}

/// The objects that are still seen after an accepted removal, by the case or by its clean-up.
pub(crate) fn remaining(suite: &Suite, case: &Case, attempt: &Attempt<'_>, slow: std::time::Duration) -> Vec<usize> {
    let proofs = proofs(case, attempt);
    let evidence = Evidence::new(suite, case, &attempt.taken, &attempt.values, slow).proven(&proofs);
    let duties = settled::duties(case, suite, &attempt.taken).into_iter();
    let remains = |duty: &settled::Duty| {
        let found = settled::found(&evidence, duty.given);
        (duty.must == settled::Must::Gone && found == settled::Found::There)
            || settled::outlived(&evidence, duty.given).is_some()
    };
    duties.filter(remains).map(|duty| duty.given).collect()
}

/// The reason for a provided object that was never seen and is gone, although the target accepted no request of the case that
/// removes it. The API may have been right to say that it is missing. That holds if `exists` works by now, or if the case's own
/// request was answered as if the object were gone.
fn used_up(
    record: &Record,
    suite: usize,
    evidence: &Evidence<'_>,
    unconfirmed: &[(usize, Unconfirmed)],
) -> Option<String> {
    let removed = |given: usize| {
        let mut judged = evidence.steps.iter().filter(|taken| matches!(taken.role, Role::Judged { .. }));
        judged.any(|taken| {
            settled::names(evidence.suite, evidence.case, taken.step, given)
                && matches!(taken.exchange.answer.status(), Some(200..=299))
        })
    };
    let never_there = |given: usize| {
        let of_case = &evidence.case.given[given];
        let state = &evidence.suite.states[of_case.state];
        let says_gone = |taken: &Taken<'_>| {
            let named = matches!(taken.role, Role::Judged { .. })
                && settled::names(evidence.suite, evidence.case, taken.step, given);
            named && says_gone(state, &taken.exchange, evidence.values)
        };
        let can_tell = record.facts(suite, of_case.state).exists_works() || evidence.steps.iter().any(says_gone);
        can_tell && !evidence.proof(given).seen
    };
    let is_gone = |given: usize, said_no: bool| settled::is_said_gone(evidence, given) || said_no && never_there(given);
    let mut unconfirmed = unconfirmed.iter();
    let gone = unconfirmed.find(|(given, one)| !removed(*given) && is_gone(*given, one.said_no));
    gone.map(|(_, one)| one.gone.clone())
}

/// The findings of all rules, and why the answers could not be compared with the baseline, if they could not.
fn run_rules(
    run: &TestRun,
    suite_index: usize,
    evidence: &Evidence<'_>,
    known: &OfCase,
) -> (Vec<Finding>, Result<(), String>) {
    let (about_document, mut findings): (Vec<Finding>, Vec<Finding>) =
        evidence.findings().into_iter().partition(|finding| finding.case.is_none() && finding.level == Level::Note);
    for finding in about_document {
        run.record.remark(&run.setup.suites, suite_index, finding);
    }
    if let Some(folder) = &run.setup.baseline {
        let generated = generated(evidence.values);
        // Only the newest behaviour may become a new snapshot.
        let target = &run.setup.target;
        let kind = if target.release.is_some() { TargetKind::Remote } else { target.kind };
        // A known deviation is part of the snapshot, so the rest of that answer is compared with the snapshot all the same.
        let broken: Vec<Finding> =
            findings.iter().filter(|finding| known.covering(finding).is_none()).cloned().collect();
        let review = run.setup.settings.review;
        match baseline::compare(folder, kind, review, evidence, &generated, &broken) {
            Ok(differences) => findings.extend(differences),
            Err(why) => return (findings, Err(why)),
        }
    }
    (findings, Ok(()))
}

/// The same in the words of the outcome, which the rules do not know.
fn pinned_by(pin: Pin) -> PinnedBy {
    match pin {
        Pin::Nothing => PinnedBy::Nothing,
        Pin::Status => PinnedBy::Status,
        Pin::Bodiless => PinnedBy::Bodiless,
        Pin::Example => PinnedBy::Example,
        Pin::Schema => PinnedBy::Schema,
    }
}
