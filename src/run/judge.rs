//! From what happened in one run of a case to its verdict, through every check.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::attempt::{self, Attempt, Unsure};
use super::controls;
use super::session::Session;
use crate::assess::{self, Assessment, EvidenceStrength, Presence, effects, named_objects};
use crate::baseline;
use crate::case::Case;
use crate::finding::Finding;
use crate::known::OfCase;
use crate::observation::{Observation, ObservedExchange, Proof, Role};
use crate::outcome::{PinnedBy, TargetKind, Verdict};
use crate::rule::Level;
use crate::rules;

/// What one run of a case came to.
#[derive(Debug)]
pub(super) struct Judged {
    pub verdict: Verdict,
    pub reason: Option<String>,
    pub findings: Vec<Finding>,
    pub notes: Vec<String>,
    pub pinned_by: PinnedBy,
}

impl Judged {
    /// What comes of a case that could not be carried out.
    pub(super) fn trouble(attempt: &Attempt<'_>) -> Self {
        let reason = attempt.trouble.as_ref().map(|trouble| match &trouble.help {
            Some(help) => format!("{} ({help})", trouble.message),
            None => trouble.message.clone(),
        });
        Self { verdict: Verdict::Error, reason, findings: Vec::new(), notes: Vec::new(), pinned_by: PinnedBy::Nothing }
    }
}

/// Runs every check on what happened. Findings about the document go to the session.
///
/// `others` are the requests of other cases that may have done what is lost, where that did not repeat.
pub(super) fn judge(
    session: &Session,
    suite_index: usize,
    case: &Case,
    attempt: &Attempt<'_>,
    others: &[(usize, Vec<String>)],
    known: &OfCase,
) -> Judged {
    let suite = &session.suites()[suite_index];
    let proofs = proofs(case, attempt);
    let observation = Observation::new(suite, case, &attempt.taken, &attempt.values, session.settings().slow)
        .proofs(&proofs)
        .requests_of_others(others);
    // A fault in judging must not pass for a verdict, nor take the other cases with it.
    let assessed = catch_unwind(AssertUnwindSafe(|| assess::assess(&observation)));
    let mut judged = Judged {
        verdict: Verdict::Pass,
        reason: None,
        findings: Vec::new(),
        notes: attempt.notes.clone(),
        pinned_by: assessed.as_ref().map_or(PinnedBy::Nothing, |assessment| pinned_by(assessment.strength)),
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
    let between = observation
        .exchanges
        .iter()
        .filter(|taken| matches!(taken.role, Role::Judged { .. }))
        .find_map(|taken| assess::intermediary(&taken.exchange));
    if let Some(who) = between {
        reason.get_or_insert(who);
    } else {
        let checked = assessed
            .as_ref()
            .map(|assessment| catch_unwind(AssertUnwindSafe(|| run_checks(session, suite_index, assessment, known))));
        match checked.unwrap_or_else(|_| Err(Box::new(()))) {
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
        if let Some(gave_up) = assessed.as_ref().ok().and_then(|assessment| assessment.gave_up.as_ref()) {
            reason.get_or_insert_with(|| gave_up.clone());
        }
        if let Some(gone) = used_up(session, suite_index, &observation, &attempt.unsure) {
            // Whatever was found is about an object that was not there to begin with.
            judged.findings.clear();
            reason = Some(gone);
        }
        if let Some(why) = unproven(&observation) {
            // What fails anyway is no less wrong, and says in one line what is not known.
            if judged.findings.iter().any(|finding| finding.level == Level::Must) {
                judged.notes.push(why);
            } else {
                reason.get_or_insert(why);
            }
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

/// What findings about a case's objects may rest on. Of an object that was not settled nothing was proven.
pub(super) fn proofs(case: &Case, attempt: &Attempt<'_>) -> Vec<Proof> {
    let none =
        Proof { seen: false, exists_no: false, undo_yes: false, undo_no: false, released: false, looks_lag: false };
    let mut proofs = vec![none; case.given.len()];
    for fate in &attempt.fates {
        proofs[fate.given] = fate.proof;
    }
    proofs
}

/// Why nothing is known of an object of which something must be proven although its state says how: the first of them.
fn unproven(observation: &Observation<'_>) -> Option<String> {
    let given = first_unproven(observation)?;
    let name = &observation.case.given[given].name;
    let state = &observation.suite.states[observation.case.given[given].state];
    let proof = observation.proof(given);
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

fn first_unproven(observation: &Observation<'_>) -> Option<usize> {
    effects::requirements(observation.case, observation.suite, observation.exchanges)
        .into_iter()
        .filter(|duty| duty.must_be != Presence::Unknown)
        .find(|duty| {
            let state = &observation.suite.states[observation.case.given[duty.given].state];
            (state.exists.is_some() || state.undo.is_some())
                && effects::presence(observation, duty.given) == Presence::Unknown
        })
        .map(|duty| duty.given)
}

/// The objects that are gone and should not be, and whether only the answer to their `undo` shows that.
pub(super) fn lost(
    suite: &crate::case::Suite,
    case: &Case,
    attempt: &Attempt<'_>,
    slow: std::time::Duration,
) -> Vec<(usize, bool)> {
    let proofs = proofs(case, attempt);
    let observation = Observation::new(suite, case, &attempt.taken, &attempt.values, slow).proofs(&proofs);
    let duties = effects::requirements(case, suite, &attempt.taken).into_iter();
    duties
        .filter(|duty| duty.must_be == Presence::Present)
        .filter(|duty| effects::presence(&observation, duty.given) == Presence::Gone)
        .map(|duty| (duty.given, effects::rests_on_undo(&observation, duty.given)))
        .collect()
}

/// The objects whose removal was accepted and that are still seen, whether the case or its clean-up asked for it.
pub(super) fn remaining(
    suite: &crate::case::Suite,
    case: &Case,
    attempt: &Attempt<'_>,
    slow: std::time::Duration,
) -> Vec<usize> {
    let proofs = proofs(case, attempt);
    let observation = Observation::new(suite, case, &attempt.taken, &attempt.values, slow).proofs(&proofs);
    let duties = effects::requirements(case, suite, &attempt.taken).into_iter();
    let remains = |duty: &effects::Requirement| {
        let found = effects::presence(&observation, duty.given);
        (duty.must_be == Presence::Gone && found == Presence::Present)
            || effects::remains_after_undo(&observation, duty.given).is_some()
    };
    duties.filter(remains).map(|duty| duty.given).collect()
}

/// What to say of an object that was handed over, was not seen to be there, and is gone although no request of the case
/// was accepted that removes it: the API may well have been right to say that it is missing. So it is where looks tell by now,
/// or the case's own request was answered as if it were gone.
fn used_up(session: &Session, suite: usize, observation: &Observation<'_>, unsure: &[Unsure]) -> Option<String> {
    let removed = |given: usize| {
        let mut judged = observation.exchanges.iter().filter(|taken| matches!(taken.role, Role::Judged { .. }));
        judged.any(|taken| {
            named_objects::names(observation.suite, observation.case, taken.step, given)
                && matches!(taken.exchange.answer.status(), Some(200..=299))
        })
    };
    let never_there = |given: usize| {
        let of_case = &observation.case.given[given];
        let state = &observation.suite.states[of_case.state];
        let says_gone = |taken: &ObservedExchange<'_>| {
            let named = matches!(taken.role, Role::Judged { .. })
                && named_objects::names(observation.suite, observation.case, taken.step, given);
            named && controls::says_gone(state, &taken.exchange, observation.values)
        };
        let told = session.known_of(suite, of_case.state).looks_tell() || observation.exchanges.iter().any(says_gone);
        told && !observation.proof(given).seen
    };
    let is_gone =
        |one: &Unsure| effects::is_reported_gone(observation, one.given) || one.said_no && never_there(one.given);
    unsure.iter().find(|one| !removed(one.given) && is_gone(one)).map(|one| one.gone.clone())
}

/// What was found, and why it could not be held against the baseline, if so.
fn run_checks(
    session: &Session,
    suite_index: usize,
    assessment: &Assessment<'_>,
    known: &OfCase,
) -> (Vec<Finding>, Result<(), String>) {
    let (about_document, mut findings): (Vec<Finding>, Vec<Finding>) = rules::findings(assessment)
        .into_iter()
        .partition(|finding| finding.case.is_none() && finding.level == Level::Note);
    for finding in about_document {
        session.remark(suite_index, finding);
    }
    if let Some(folder) = session.baseline() {
        let generated = attempt::generated(assessment.observation.values);
        // Only the newest behaviour may be offered as a new record.
        let target = session.target();
        let kind = if target.release.is_some() { TargetKind::Remote } else { target.kind };
        // What is known is what was recorded, so the rest of that answer is held against the record all the same.
        let broken: Vec<Finding> =
            findings.iter().filter(|finding| known.covering(finding).is_none()).cloned().collect();
        let review = session.settings().review;
        match baseline::compare(folder, kind, review, assessment.observation, &generated, &broken) {
            Ok(told) => findings.extend(told),
            Err(why) => return (findings, Err(why)),
        }
    }
    (findings, Ok(()))
}

/// The two words for it: checks do not know outcomes.
fn pinned_by(strength: EvidenceStrength) -> PinnedBy {
    match strength {
        EvidenceStrength::Nothing => PinnedBy::Nothing,
        EvidenceStrength::Status => PinnedBy::Status,
        EvidenceStrength::Bodiless => PinnedBy::Bodiless,
        EvidenceStrength::Example => PinnedBy::Example,
        EvidenceStrength::Schema => PinnedBy::Schema,
    }
}
