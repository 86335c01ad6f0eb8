//! The results of a run: what is kept of its cases from start to end, and the one place where its outcome is put together.
//!
//! Both doors use it. The command schedules the cases itself (`schedule`); a test runner schedules them as trials and calls
//! [`RunResults::run_case`] for each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::case_run::once::run_once;
use super::collect::{CaseEnds, Collected};
use super::reasons::{FAILED_FAST, INTERRUPTED, PANICKED};
use super::session::Session;
use crate::event::{Event, RunStart};
use crate::outcome::{CaseOutcome, RunOutcome, Trouble, Verdict};
use crate::settings::Settings;

/// A run and what is known of it so far.
#[derive(Debug)]
pub struct RunResults {
    session: Session,
    /// What is recorded of each selected case.
    cases: Vec<Collected>,
    ends: Arc<CaseEnds>,
    /// Which of the selected cases belong to the run.
    wanted: Vec<bool>,
    start: Arc<RunStart>,
    began: Instant,
    /// `--fail-fast` has seen a failure.
    stops: AtomicBool,
}

/// How a run ended.
#[derive(Debug, Default)]
pub struct RunEnding {
    /// Why no case was run, if so.
    pub trouble: Option<Trouble>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
}

impl RunResults {
    /// A run of those of the session's selected cases that are `wanted` begins.
    pub fn begin(session: Session, wanted: Vec<bool>) -> Self {
        let ends = Arc::new(CaseEnds::new(session.announcer(), session.secrets().clone()));
        let cases = (0..session.selected().len()).map(|index| collected(&session, index, &ends)).collect();
        let count = wanted.iter().filter(|wanted| **wanted).count();
        let repeat = usize::try_from(session.settings().repeat).unwrap_or(usize::MAX).max(1);
        let start = Arc::new(RunStart::new(session.outcome(), count, count.saturating_mul(repeat)));
        session.announcer().emit(|| Event::RunStarted(Arc::clone(&start)));
        Self { session, cases, ends, wanted, start, began: Instant::now(), stops: AtomicBool::new(false) }
    }

    /// The session of the run.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What was known when the run began.
    pub fn start(&self) -> &RunStart {
        &self.start
    }

    /// What is recorded of the selected cases.
    pub(super) fn cases(&self) -> &[Collected] {
        &self.cases
    }

    /// How often each case runs.
    pub(super) fn repeat(&self) -> usize {
        usize::try_from(self.session.settings().repeat).unwrap_or(usize::MAX).max(1)
    }

    /// Whether no case may begin any more, because one has failed and `--fail-fast` is given.
    pub(super) fn stops(&self) -> bool {
        self.stops.load(Ordering::Relaxed)
    }

    /// Sees whether the run stops with a case that has just run.
    pub(super) fn see_failure(&self, case: &Collected) {
        let Settings { fail_fast, strict, repeat, .. } = *self.session.settings();
        if fail_fast && case.fails(strict, repeat) {
            self.stops.store(true, Ordering::Relaxed);
        }
    }

    /// Runs a selected case as often as the settings say, for a door that schedules by itself, and gives its outcome. What a
    /// later case shows of this one comes too late: the outcome may be reported already.
    pub async fn run_case(&self, index: usize) -> Arc<CaseOutcome> {
        let case = &self.cases[index];
        if let Some(reason) = &self.session.selected()[index].skip {
            return self.skip(case, reason);
        }
        if self.stops() {
            return self.skip(case, FAILED_FAST);
        }
        let mut slot = self.session.slots().acquire().await;
        if self.session.is_cancelled() {
            return self.skip(case, INTERRUPTED);
        }
        for _ in 0..self.repeat() {
            let verdict =
                Box::pin(run_once(self.session.test_run(), index, std::slice::from_ref(case), &mut slot)).await;
            case.end_run(verdict);
            self.see_failure(case);
            if self.session.is_cancelled() || self.stops() {
                break;
            }
        }
        case.end()
    }

    fn skip(&self, case: &Collected, reason: &str) -> Arc<CaseOutcome> {
        case.skip(reason);
        for _ in 0..self.repeat() {
            case.end_run(Verdict::Skipped);
        }
        case.end()
    }

    /// A selected case whose run panicked could not be judged. Gives its outcome.
    pub fn panicked_case(&self, index: usize) -> Arc<CaseOutcome> {
        let case = &self.cases[index];
        case.error(PANICKED);
        case.end_run(Verdict::Error);
        self.see_failure(case);
        case.end()
    }

    /// The run ends: puts its outcome together, masked, and emits it. Cases that have not ended are skipped.
    pub fn end(&self, ending: RunEnding) -> Arc<RunOutcome> {
        self.session.end_journal();
        let RunEnding { trouble, interrupted } = ending;
        let mut outcome = RunOutcome { trouble, interrupted, ..self.session.outcome() };
        if outcome.trouble.is_none() {
            self.end_cases(&mut outcome);
        }
        outcome.elapsed = self.began.elapsed();
        // What became a secret on the way may stand in what was kept before.
        let outcome = Arc::new(outcome.masked(self.session.secrets()));
        self.session.announcer().emit(|| Event::RunEnded(Arc::clone(&outcome)));
        outcome
    }

    fn end_cases(&self, outcome: &mut RunOutcome) {
        let mut places = vec![None; self.cases.len()];
        let repeat = self.session.settings().repeat;
        for (index, case) in self.cases.iter().enumerate().filter(|(index, _)| self.wanted[*index]) {
            let reason = self.session.selected()[index].skip.as_deref();
            places[index] = Some(outcome.cases.len());
            outcome.cases.push(case.break_off(reason, outcome.interrupted, repeat));
        }
        outcome.ended = self.ends.order().into_iter().filter_map(|index| places[index]).collect();
    }
}

/// Nothing yet, of a selected case.
fn collected(session: &Session, index: usize, ends: &Arc<CaseEnds>) -> Collected {
    let setup = session.setup();
    let one = &setup.selected[index];
    let (suite, case) = setup.case(index);
    let known = setup.known.of(one.suite, one.case);
    Collected::new((index, Arc::clone(ends)), suite, case, setup.document_index(one.suite), known)
}
