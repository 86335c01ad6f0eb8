//! Collecting: the runs of one case become one outcome, and its exchanges a bounded transcript.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::case_run::attempt::Attempt;
use super::case_run::judge::Judged;
use super::parts::record::lock;
use super::parts::test_run::TestRun;
use super::reasons::{CUT_SHORT, INTERRUPTED, NOT_RUN};
use crate::event::{Announcer, Event};
use crate::exchange::Exchange;
use crate::finding::Finding;
use crate::known::CaseEntries;
use crate::observation::Role;
use crate::outcome::{
    CaseOutcome, Counts, OutcomeMasker, PinnedBy, ReportedFinding, Transcript, TranscriptStep, Verdict,
};
use crate::secret::Secrets;
use crate::suite::{Case, Suite};

/// How much of a body or an answer a transcript keeps, in bytes.
const KEPT: usize = 4 * 1024;
/// How much it keeps when every byte is to be shown.
const KEPT_WHOLE: usize = 128 * 1024;

/// What the cases of a run share: who takes their events, and the order in which they ended.
#[derive(Debug)]
pub(super) struct CaseEnds {
    announcer: Arc<Announcer>,
    masker: Mutex<OutcomeMasker>,
    order: Mutex<Vec<usize>>,
}

impl CaseEnds {
    /// No case has ended.
    pub(super) fn new(announcer: Arc<Announcer>, secrets: Secrets) -> Self {
        Self { announcer, masker: Mutex::new(OutcomeMasker::new(secrets)), order: Mutex::default() }
    }

    /// The cases that have ended, by index, the first one first.
    pub(super) fn order(&self) -> Vec<usize> {
        lock(&self.order).clone()
    }

    /// A case has ended, or was amended: it is now the last one.
    fn note(&self, index: usize) {
        let mut order = lock(&self.order);
        order.retain(|other| *other != index);
        order.push(index);
    }

    /// The outcome without secrets that came to be after it was kept.
    fn masked(&self, mut outcome: CaseOutcome) -> Arc<CaseOutcome> {
        lock(&self.masker).case(&mut outcome);
        Arc::new(outcome)
    }
}

/// What is recorded of one selected case. It grows with the case's runs and emits the events of the case.
#[derive(Debug)]
pub(super) struct Collected {
    /// Which of the selected cases it is.
    index: usize,
    id: String,
    kept: Mutex<KeptOutcome>,
    /// Whether a run of it has begun.
    begun: AtomicBool,
    /// The known deviations of the case.
    known: CaseEntries,
    ends: Arc<CaseEnds>,
}

/// The outcome so far.
#[derive(Debug)]
struct KeptOutcome {
    outcome: CaseOutcome,
    /// Whether the case has ended.
    has_ended: bool,
}

impl Collected {
    /// Nothing yet, of the selected case with this index.
    pub(super) fn new(
        (index, ends): (usize, Arc<CaseEnds>),
        suite: &Suite,
        case: &Case,
        document: usize,
        known: CaseEntries,
    ) -> Self {
        let outcome = CaseOutcome {
            id: case.id.clone(),
            about: case.about.clone(),
            profile: case.profile,
            place: suite.place(case.span),
            document,
            verdict: Verdict::Pass,
            reason: None,
            pinned_by: PinnedBy::Nothing,
            runs: 0,
            counts: Counts::default(),
            duration: Duration::ZERO,
            findings: Vec::new(),
            notes: Vec::new(),
            transcript: None,
        };
        let kept = Mutex::new(KeptOutcome { outcome, has_ended: false });
        Self { index, id: case.id.clone(), kept, begun: AtomicBool::new(false), known, ends }
    }

    /// The known deviations of the case.
    pub(super) fn known(&self) -> &CaseEntries {
        &self.known
    }

    /// It was not run.
    pub(super) fn skip(&self, reason: &str) {
        skip(&mut lock(&self.kept).outcome, reason);
    }

    /// A run of it begins.
    pub(super) fn begin(&self) {
        if !self.begun.swap(true, Ordering::Relaxed) {
            self.ends.announcer.emit(|| Event::CaseStarted(self.id.clone()));
        }
    }

    /// One of its runs ended, or will not take place.
    pub(super) fn end_run(&self, verdict: Verdict) {
        self.ends.announcer.emit(|| Event::CaseRunEnded { case: self.id.clone(), verdict });
    }

    /// All its runs ended. Gives its outcome, masked.
    pub(super) fn end(&self) -> Arc<CaseOutcome> {
        self.end_as(&mut lock(&self.kept))
    }

    /// The run ends before the case did. One that was not run says why: `skip` is its own reason, if it has one. One that was to
    /// be run more often says how often it was. Gives the outcome as [`Collected::outcome`] does.
    pub(super) fn break_off(&self, skip_reason: Option<&str>, interrupted: bool, repeat: u64) -> CaseOutcome {
        let kept = &mut *lock(&self.kept);
        if !kept.has_ended {
            let outcome = &mut kept.outcome;
            if outcome.runs == 0 && outcome.reason.is_none() {
                let why = match skip_reason {
                    Some(reason) => reason,
                    None if !interrupted => NOT_RUN,
                    None if self.begun.load(Ordering::Relaxed) => CUT_SHORT,
                    None => INTERRUPTED,
                };
                skip(outcome, why);
            } else if interrupted && outcome.runs > 0 && outcome.runs < repeat {
                let ended = outcome.runs;
                outcome.notes.push(format!("the run was interrupted: {ended} of {repeat} runs of this case had ended"));
            }
            self.end_as(kept);
        }
        self.whole(&kept.outcome)
    }

    /// It could not be judged, and there is nothing to show for it.
    pub(super) fn error(&self, reason: &str) {
        let outcome = &mut lock(&self.kept).outcome;
        outcome.runs += 1;
        outcome.verdict = Verdict::Error;
        outcome.counts.add(Verdict::Error);
        outcome.reason = Some(reason.to_owned());
    }

    /// Adds what a run showed that was made to see whether this case is at fault, in place of a run that passed.
    pub(super) fn amend(&self, judged: Judged, transcript: impl FnOnce() -> Transcript) {
        let kept = &mut *lock(&self.kept);
        let outcome = &mut kept.outcome;
        outcome.runs = outcome.runs.saturating_sub(1);
        outcome.counts.pass = outcome.counts.pass.saturating_sub(1);
        // What is kept of a passing run has nothing to show.
        if outcome.verdict == Verdict::Pass {
            outcome.transcript = None;
        }
        self.add_to(outcome, judged, Duration::ZERO, false, transcript);
        if kept.has_ended {
            self.ends.note(self.index);
            self.ends.announcer.emit(|| Event::CaseAmended(self.ends.masked(self.whole(&kept.outcome))));
        }
    }

    /// Whether its runs have all passed.
    pub(super) fn passed(&self) -> bool {
        let outcome = &lock(&self.kept).outcome;
        outcome.runs > 0 && outcome.counts.pass == outcome.runs
    }

    /// Takes one run. `transcript` is asked for only if it will be kept.
    pub(super) fn add(
        &self,
        judged: Judged,
        elapsed: Duration,
        always: bool,
        transcript: impl FnOnce() -> Transcript,
    ) -> Verdict {
        self.add_to(&mut lock(&self.kept).outcome, judged, elapsed, always, transcript)
    }

    fn add_to(
        &self,
        outcome: &mut CaseOutcome,
        judged: Judged,
        elapsed: Duration,
        always: bool,
        transcript: impl FnOnce() -> Transcript,
    ) -> Verdict {
        let verdict = judged.verdict;
        let first = outcome.runs == 0;
        outcome.runs += 1;
        outcome.counts.add(verdict);
        outcome.duration += elapsed;
        outcome.pinned_by = if first { judged.pinned_by } else { outcome.pinned_by.min(judged.pinned_by) };
        let worse = verdict > outcome.verdict;
        if worse && judged.reason.is_some() || outcome.reason.is_none() {
            outcome.reason = judged.reason;
        }
        let telling = verdict >= Verdict::Known || !judged.findings.is_empty();
        if worse || (outcome.transcript.is_none() && (telling || always)) {
            outcome.transcript = Some(Arc::new(transcript()));
        }
        outcome.verdict = outcome.verdict.max(verdict);
        for note in judged.notes {
            if !outcome.notes.contains(&note) {
                outcome.notes.push(note);
            }
        }
        self.add_findings(outcome, judged.findings);
        verdict
    }

    /// Over several runs the same finding is counted; within one run every finding stands for itself, so that a count is one
    /// of runs.
    fn add_findings(&self, outcome: &mut CaseOutcome, findings: Vec<Finding>) {
        let mut of_this_run = vec![false; outcome.findings.len()];
        for finding in findings {
            let known = self.known.covering(&finding);
            let same =
                |(at, other): &(usize, &mut ReportedFinding)| !of_this_run[*at] && other.is(&finding, known.as_ref());
            if let Some((at, other)) = outcome.findings.iter_mut().enumerate().find(same) {
                other.count += 1;
                of_this_run[at] = true;
            } else {
                outcome.findings.push(ReportedFinding::once(finding, known));
                of_this_run.push(true);
            }
        }
    }

    /// Whether the case fails by what is known of it so far. A known deviation that did not occur is reported after the last of
    /// its runs, of which there are to be `repeat`.
    pub(super) fn fails(&self, strict: bool, repeat: u64) -> bool {
        let outcome = &lock(&self.kept).outcome;
        outcome.verdict >= Verdict::Fail
            || strict
                && (outcome.findings.iter().any(ReportedFinding::fails_strict)
                    || outcome.runs >= repeat && self.vanished(outcome).iter().any(ReportedFinding::fails_strict))
    }

    /// What there is to tell of known deviations that did not occur: nothing unless every run was judged.
    fn vanished(&self, outcome: &CaseOutcome) -> Vec<ReportedFinding> {
        let counts = &outcome.counts;
        if outcome.runs > 0 && counts.skipped == 0 && counts.error == 0 {
            self.known.notes(&outcome.findings, outcome.runs)
        } else {
            Vec::new()
        }
    }

    /// A copy of the outcome with the weightiest findings first. If every run was judged, it tells of the known deviations
    /// that did not occur.
    fn whole(&self, outcome: &CaseOutcome) -> CaseOutcome {
        let mut outcome = outcome.clone();
        let notes = self.vanished(&outcome);
        outcome.findings.extend(notes);
        outcome.findings.sort_by_key(|found| (std::cmp::Reverse(found.finding.level), found.covered().is_some()));
        outcome
    }

    /// The case has ended with what is kept. It ends once.
    fn end_as(&self, kept: &mut KeptOutcome) -> Arc<CaseOutcome> {
        let outcome = self.ends.masked(self.whole(&kept.outcome));
        if !std::mem::replace(&mut kept.has_ended, true) {
            self.ends.note(self.index);
            self.ends.announcer.emit(|| Event::CaseEnded(Arc::clone(&outcome)));
        }
        outcome
    }
}

fn skip(outcome: &mut CaseOutcome, reason: &str) {
    outcome.verdict = outcome.verdict.max(Verdict::Skipped);
    outcome.counts.add(Verdict::Skipped);
    outcome.reason.get_or_insert_with(|| reason.to_owned());
}

/// How far a case had come when the run was interrupted.
pub(super) fn how_far(attempt: &Attempt<'_>) -> String {
    let requests = |count: usize| if count == 1 { "1 request".to_owned() } else { format!("{count} requests") };
    let own = |role: &Role| matches!(role, Role::Judged { .. } | Role::Called { .. });
    let own = attempt.exchanges.iter().filter(|observed| own(&observed.role)).count();
    match (own, attempt.staged.len()) {
        (0, 0) => "the run was interrupted before this case had sent anything".to_owned(),
        // The table of a report shows the first 60 characters.
        (0, staged) => format!("the run was interrupted after {} to set up this case", requests(staged)),
        _ => format!("the run was interrupted after {} of this case", requests(own)),
    }
}

/// The exchanges of a run for people: first those that a finding can point to, then what staged them.
pub(super) fn transcript(run: &TestRun, case: &Case, attempt: &Attempt<'_>, every_byte: bool) -> Transcript {
    let kept = if every_byte { KEPT_WHOLE } else { KEPT };
    let observed = attempt.exchanges.iter().map(|observed| {
        let role = match &observed.role {
            Role::Judged { step, copy } => {
                let at_once = case.steps.get(*step).map_or(1, |step| step.at_once);
                let which = if *step == 0 { "request".to_owned() } else { format!("then, step {step}") };
                if at_once > 1 { format!("{which}, {} of {at_once} sent at once", copy + 1) } else { which }
            }
            Role::Called { step: 0 } => "request".to_owned(),
            Role::Called { step } => format!("then, step {step}"),
            Role::Unjudged { step: 0 } => "request, not judged".to_owned(),
            Role::Unjudged { step } => format!("then, step {step}, not judged"),
            Role::Exists { given } => format!("is {} there?", case.given[*given].name),
            Role::Undo { given } => format!("{} for {}", TranscriptStep::CLEAN_UP, case.given[*given].name),
            Role::Removed { given } => format!("is {} gone?", case.given[*given].name),
        };
        step(run, role, &observed.exchange, kept)
    });
    let staged = attempt.staged.iter().map(|(role, exchange)| step(run, role.clone(), exchange, kept));
    Transcript { steps: observed.chain(staged).collect() }
}

fn step(run: &TestRun, role: String, exchange: &Exchange, kept: usize) -> TranscriptStep {
    // What is masked late is masked here, while chunks and codings can still be seen through.
    let exchange = &exchange.clone().masked(&run.setup.secrets);
    let answer = &exchange.answer;
    let mut request = run.target.client.as_sent(&exchange.request, answer.protocol);
    let request_size = request.len() as u64;
    // What was sent stands in a suite, so all of it is at hand; an answer can be as large as its server likes.
    if kept < KEPT_WHOLE {
        request.truncate(kept);
    }
    TranscriptStep {
        role,
        curl: exchange.request.curl(),
        request,
        request_size,
        protocol: answer.protocol,
        answer: answer.first(kept),
        answer_size: answer.size() as u64 + answer.body_size.saturating_sub(answer.body.len() as u64),
        end: answer.end.description(),
        elapsed: exchange.timing.total,
    }
}
