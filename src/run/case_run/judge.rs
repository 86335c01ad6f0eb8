//! Turns what happened in one run of a case into a verdict, through every rule.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::attempt::{Attempt, generated};
use crate::assess::{self, Assessment, EvidenceStrength, Presence, effects, named_objects};
use crate::baseline;
use crate::finding::Finding;
use crate::known::CaseEntries;
use crate::object::answers::says_gone;
use crate::observation::{Observation, ObservedExchange, Proof, Role};
use crate::outcome::{PinnedBy, TargetKind, Verdict};
use crate::rule::Level;
use crate::rules;
use crate::run::object_life::provide::Unconfirmed;
use crate::run::parts::record::Record;
use crate::run::parts::test_run::TestRun;
use crate::suite::{Case, Suite};

/// An answer whose body has more bytes than this is large.
const LARGE: usize = 16 * 1024;

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

/// Judges what happened in one run of a selected case. Large answers are judged one at a time, because a parsed value takes
/// many times the memory of its text. Other tasks go on meanwhile.
pub(super) async fn judge_attempt(
    run: &TestRun,
    selected: usize,
    attempt: &mut Attempt<'_>,
    others: &[(usize, Vec<String>)],
    known: &CaseEntries,
) -> Judged {
    if attempt.exchanges.iter().all(|observed| observed.exchange.answer.content().len() <= LARGE) {
        return judge(run, selected, attempt, others, known);
    }
    let _alone = run.target.slots.acquire_for_large_answer().await;
    let judge_now = || judge(run, selected, attempt, others, known);
    // A thread of its own: the allocator keeps the memory that a thread has freed for that thread, so many threads would
    // each keep as much.
    let on_thread = || {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("judge".to_owned()).spawn_scoped(scope, judge_now);
            thread.ok().and_then(|thread| thread.join().ok())
        })
    };
    let judged = match tokio::runtime::Handle::current().runtime_flavor() {
        tokio::runtime::RuntimeFlavor::MultiThread => tokio::task::block_in_place(on_thread),
        // There is no other thread on which other tasks could go on.
        _ => on_thread(),
    };
    let judged = judged.unwrap_or_else(|| judge(run, selected, attempt, others, known));
    // The reports need the bytes. Nobody needs the value again.
    attempt.exchanges.iter_mut().for_each(|observed| drop(observed.json.take()));
    judged
}

/// Runs every rule on what happened. Findings about the document go to the record of the run.
///
/// `others` are the requests of other cases that may have removed a lost object, where that did not happen again.
fn judge(
    run: &TestRun,
    selected: usize,
    attempt: &Attempt<'_>,
    others: &[(usize, Vec<String>)],
    known: &CaseEntries,
) -> Judged {
    let (suite, case) = run.setup.case(selected);
    let suite_index = run.setup.selected[selected].suite;
    let proofs = proofs(case, attempt);
    let observation = Observation::new(suite, case, &attempt.exchanges, &attempt.values, run.setup.settings.slow)
        .proofs(&proofs)
        .requests_of_others(others);
    // A defect in judging must not pass for a verdict, nor end the other cases.
    let assessed = catch_unwind(AssertUnwindSafe(|| assess::assess(&observation))).ok();
    let mut judged = Judged {
        verdict: Verdict::Pass,
        reason: None,
        findings: Vec::new(),
        notes: attempt.notes.clone(),
        pinned_by: assessed.as_ref().map_or(PinnedBy::Nothing, pinned_by),
    };
    if let Some(reason) = attempt.skipped.clone() {
        judged.verdict = Verdict::Skipped;
        judged.reason = Some(reason);
        return judged;
    }
    judged.reason = attempt.trouble_in_words();
    let intermediary = observation
        .exchanges
        .iter()
        .filter(|observed| matches!(observed.role, Role::Judged { .. }))
        .find_map(|observed| assess::intermediary(&observed.exchange));
    if let Some(who) = intermediary {
        judged.reason.get_or_insert(who);
    } else {
        add_findings(run, suite_index, &observation, assessed.as_ref(), attempt, known, &mut judged);
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
    observation: &Observation<'_>,
    assessed: Option<&Assessment<'_>>,
    attempt: &Attempt<'_>,
    known: &CaseEntries,
    judged: &mut Judged,
) {
    let reason = &mut judged.reason;
    let checked = assessed
        .and_then(|assessment| catch_unwind(AssertUnwindSafe(|| run_rules(run, suite_index, assessment, known))).ok());
    match checked {
        Some((findings, baseline)) => {
            judged.findings = findings;
            if let Err(why) = baseline {
                reason.get_or_insert(why);
            }
        }
        None => {
            reason.get_or_insert_with(|| "a rule panicked on this response; this is a defect of conformant".to_owned());
        }
    }
    if let Some(gave_up) = assessed.and_then(|assessment| assessment.gave_up.as_ref()) {
        reason.get_or_insert_with(|| gave_up.clone());
    }
    if let Some(gone) = used_up(&run.record, suite_index, observation, &attempt.unconfirmed) {
        // Every finding is about an object that was not there to begin with.
        judged.findings.clear();
        *reason = Some(gone);
    }
    if let Some(why) = unproven(observation) {
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
fn unproven(observation: &Observation<'_>) -> Option<String> {
    let given = first_unproven(observation)?;
    let name = &observation.case.given[given].name;
    let state = &observation.suite.states[observation.case.given[given].state];
    let proof = observation.proof(given);
    let lacks = match (&state.exists, &state.undo) {
        (Some(_), _) if proof.seen && !proof.exists_no => {
            "this target never answered no to `exists`, so a yes proves nothing"
        }
        (Some(_), Some(_)) if !proof.seen && !proof.undo_no => {
            "this target answered every `exists` and every `undo` alike, so these responses prove nothing"
        }
        (None, Some(_)) if !proof.undo_no => "this target never refused an `undo`, so an accepted one proves nothing",
        _ => "no response about it fits the suite's state",
    };
    Some(format!(
        "no response proves whether {name} is gone or still there: {lacks}; see `exists`, `undo` and `gone` of the state `{}`",
        state.name
    ))
}

fn first_unproven(observation: &Observation<'_>) -> Option<usize> {
    effects::requirements(observation.case, observation.suite, observation.exchanges)
        .into_iter()
        .filter(|requirement| requirement.must_be != Presence::Unknown)
        .find(|requirement| {
            let state = &observation.suite.states[observation.case.given[requirement.given].state];
            (state.exists.is_some() || state.undo.is_some())
                && effects::presence(observation, requirement.given) == Presence::Unknown
        })
        .map(|requirement| requirement.given)
}

/// The objects that are gone and should be there, and whether only the answer to `undo` shows that.
pub(crate) fn lost(suite: &Suite, case: &Case, attempt: &Attempt<'_>, slow: std::time::Duration) -> Vec<(usize, bool)> {
    let proofs = proofs(case, attempt);
    let observation = Observation::new(suite, case, &attempt.exchanges, &attempt.values, slow).proofs(&proofs);
    let requirements = effects::requirements(case, suite, &attempt.exchanges).into_iter();
    requirements
        .filter(|requirement| requirement.must_be == Presence::Present)
        .filter(|requirement| effects::presence(&observation, requirement.given) == Presence::Gone)
        .map(|requirement| (requirement.given, effects::rests_on_undo(&observation, requirement.given)))
        .collect()
}

/// The objects that are still seen after an accepted removal, by the case or by its clean-up.
pub(crate) fn remaining(suite: &Suite, case: &Case, attempt: &Attempt<'_>, slow: std::time::Duration) -> Vec<usize> {
    let proofs = proofs(case, attempt);
    let observation = Observation::new(suite, case, &attempt.exchanges, &attempt.values, slow).proofs(&proofs);
    let requirements = effects::requirements(case, suite, &attempt.exchanges).into_iter();
    let remains = |requirement: &effects::Requirement| {
        let found = effects::presence(&observation, requirement.given);
        (requirement.must_be == Presence::Gone && found == Presence::Present)
            || effects::remains_after_undo(&observation, requirement.given).is_some()
    };
    requirements.filter(remains).map(|requirement| requirement.given).collect()
}

/// The reason for a provided object that was never seen and is gone, although the target accepted no request of the case that
/// removes it. The API may have been right to say that it is missing. That holds if `exists` works by now, or if the case's own
/// request was answered as if the object were gone.
fn used_up(
    record: &Record,
    suite: usize,
    observation: &Observation<'_>,
    unconfirmed: &[(usize, Unconfirmed)],
) -> Option<String> {
    let removed = |given: usize| {
        let mut judged = observation.exchanges.iter().filter(|observed| matches!(observed.role, Role::Judged { .. }));
        judged.any(|observed| {
            named_objects::names(observation.suite, observation.case, observed.step, given)
                && matches!(observed.exchange.answer.status(), Some(200..=299))
        })
    };
    let never_there = |given: usize| {
        let of_case = &observation.case.given[given];
        let state = &observation.suite.states[of_case.state];
        let says_gone = |observed: &ObservedExchange<'_>| {
            let named = matches!(observed.role, Role::Judged { .. })
                && named_objects::names(observation.suite, observation.case, observed.step, given);
            named && says_gone(state, &observed.exchange, observation.values)
        };
        let can_tell = record.facts(suite, of_case.state).exists_works() || observation.exchanges.iter().any(says_gone);
        can_tell && !observation.proof(given).seen
    };
    let is_gone =
        |given: usize, said_no: bool| effects::is_reported_gone(observation, given) || said_no && never_there(given);
    let mut unconfirmed = unconfirmed.iter();
    let gone = unconfirmed.find(|(given, one)| !removed(*given) && is_gone(*given, one.said_no));
    gone.map(|(_, one)| one.gone.clone())
}

/// The findings of all rules, and why the answers could not be compared with the baseline, if they could not.
fn run_rules(
    run: &TestRun,
    suite_index: usize,
    assessment: &Assessment<'_>,
    known: &CaseEntries,
) -> (Vec<Finding>, Result<(), String>) {
    let about_calls = rules::findings_about_calls(&assess::assess_calls(assessment.observation));
    let (about_document, mut findings): (Vec<Finding>, Vec<Finding>) = rules::findings(assessment)
        .into_iter()
        .chain(about_calls)
        .partition(|finding| finding.case.is_none() && finding.level == Level::Note);
    for finding in about_document {
        run.record.remark(&run.setup.suites, suite_index, finding);
    }
    if let Some(folder) = &run.setup.baseline {
        let generated = generated(assessment.observation.values);
        // Only the newest behaviour may become a new snapshot.
        let target = &run.setup.target;
        let kind = if target.release.is_some() { TargetKind::Remote } else { target.kind };
        // A known deviation is part of the snapshot, so the rest of that answer is compared with the snapshot all the same.
        let broken: Vec<Finding> =
            findings.iter().filter(|finding| known.covering(finding).is_none()).cloned().collect();
        let review = run.setup.settings.review;
        match baseline::compare(folder, kind, review, assessment.observation, &generated, &broken) {
            Ok(differences) => findings.extend(differences),
            Err(why) => return (findings, Err(why)),
        }
    }
    (findings, Ok(()))
}

/// The same in the words of the outcome, which the rules do not know.
fn pinned_by(assessment: &Assessment<'_>) -> PinnedBy {
    let answers = &assessment.answers;
    match assessment.strength {
        EvidenceStrength::Nothing if answers.is_empty() => PinnedBy::Nothing,
        EvidenceStrength::Nothing if answers.iter().all(|assessed| assessed.status.is_none()) => PinnedBy::NoResponse,
        EvidenceStrength::Nothing => PinnedBy::Undocumented,
        EvidenceStrength::Status => PinnedBy::Status,
        EvidenceStrength::Bodiless => PinnedBy::Bodiless,
        EvidenceStrength::Example => PinnedBy::Example,
        EvidenceStrength::Schema => PinnedBy::Schema,
    }
}
