//! From what happened in one run of a case to its verdict, through every check.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::attempt::Attempt;
use super::session::Session;
use crate::baseline::{self, Generated};
use crate::case::{Action, Case, Suite};
use crate::check::{self, Checked, Evidence, Role, settled};
use crate::finding::Finding;
use crate::outcome::{PinnedBy, Verdict};
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
pub(super) fn judge(session: &Session, suite_index: usize, case: &Case, attempt: &mut Attempt<'_>) -> Judged {
    let suite = &session.suites()[suite_index];
    let evidence = Evidence { suite, case, steps: &attempt.taken, slow: session.settings().slow };
    let mut judged = Judged {
        verdict: Verdict::Pass,
        reason: None,
        findings: Vec::new(),
        notes: std::mem::take(&mut attempt.notes),
        pinned_by: pinned_by(&evidence),
    };
    if let Some(reason) = attempt.skipped.take() {
        judged.verdict = Verdict::Skipped;
        judged.reason = Some(reason);
        return judged;
    }
    let mut reason = attempt.trouble.as_ref().map(|trouble| match &trouble.help {
        Some(help) => format!("{} ({help})", trouble.message),
        None => trouble.message.clone(),
    });
    let between = evidence.judged().find_map(|(_, taken, _)| check::intermediary(&taken.exchange.answer));
    if let Some(who) = between {
        reason.get_or_insert(who);
    } else {
        // A fault in a check must not pass for a verdict, nor take the other cases with it.
        let checked = catch_unwind(AssertUnwindSafe(|| run_checks(session, suite_index, &evidence, &attempt.generated)));
        match checked {
            Ok(findings) => judged.findings = findings,
            Err(_) => {
                reason.get_or_insert_with(|| "a check panicked on this answer, which is a fault of ours".to_owned());
            }
        }
        if reason.is_none() && !settles_nothing(attempt) {
            reason = settled::unproven(&evidence).map(|name| {
                format!("whether {name} is gone or still there could not be told: no answer about it fits")
            });
        }
    }
    let must = judged.findings.iter().any(|finding| finding.level == Level::Must);
    judged.verdict = match (must, &reason) {
        (true, _) => Verdict::Fail,
        (false, Some(_)) => Verdict::Error,
        (false, None) => Verdict::Pass,
    };
    judged.reason = reason;
    judged
}

fn settles_nothing(attempt: &Attempt<'_>) -> bool {
    attempt.taken.is_empty()
}

fn run_checks(
    session: &Session,
    suite_index: usize,
    evidence: &Evidence<'_>,
    generated: &[Generated],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in check::RULES {
        if let Checked::Findings(found) = (check.run)(evidence) {
            for finding in found {
                if finding.case.is_none() && finding.level == Level::Note && finding.step.is_none() {
                    session.remark(suite_index, finding);
                } else {
                    findings.push(finding);
                }
            }
        }
    }
    if let Some(folder) = session.baseline() {
        let told = baseline::compare(folder, session.target().kind, evidence, generated, &findings);
        findings.extend(told);
    }
    findings
}

/// What the document says of the answer to the case's own request.
fn pinned_by(evidence: &Evidence<'_>) -> PinnedBy {
    let main = evidence.steps.iter().find(|taken| matches!(taken.role, Role::Judged { .. } | Role::Called { .. }));
    let Some(taken) = main else { return PinnedBy::Nothing };
    let Some(status) = taken.exchange.answer.status() else { return PinnedBy::Nothing };
    let named = taken.step.expect.all().iter().any(|expectation| expectation.single_status().is_some());
    let undocumented = if named { PinnedBy::Status } else { PinnedBy::Nothing };
    let Action::Operation(operation) = &taken.step.action else { return undocumented };
    let document: &Suite = evidence.suite;
    let Some(response) = document.document.operations[*operation].response(status) else { return undocumented };
    if response.content.is_empty() {
        return PinnedBy::Bodiless;
    }
    if response.content.iter().any(|media| media.schema.is_some()) {
        PinnedBy::Schema
    } else if response.content.iter().any(|media| !media.examples.is_empty()) {
        PinnedBy::Example
    } else {
        PinnedBy::Status
    }
}
