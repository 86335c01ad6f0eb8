//! Runs all selected cases: preflight, checks of states, the cases, clean-up. Ends early after a signal.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::slots::Slot;
use crate::outcome::{RunOutcome, Verdict};
use crate::run::case_run::once::run_once;
use crate::run::collect::Collected;
use crate::run::reasons::{FAILED_FAST, PANICKED};
use crate::run::results::{RunEnding, RunResults};
use crate::run::session::Session;
use crate::run::signals::{CLEAN_UP_END, GRACE, Signals};

/// Runs every selected case. Then removes what the run made, also after a failure or an interruption.
///
/// The first of `signals` interrupts the run, also while it cleans up. A second signal of the same kind ends it at once.
pub fn run(session: Session, signals: &mut Signals) -> impl Future<Output = Arc<RunOutcome>> + Send {
    let wanted = vec![true; session.selected().len()];
    run_to_the_end(Arc::new(RunResults::begin(session, wanted)), signals)
}

async fn run_to_the_end(results: Arc<RunResults>, signals: &mut Signals) -> Arc<RunOutcome> {
    let session = results.session();
    let mut trouble = None;
    let mut interrupted = None;
    {
        let work = async {
            if let Err(why) = session.preflight().await {
                trouble = Some(why);
                return;
            }
            Box::pin(session.check_states()).await;
            work_off(&results, |session, index, cases, slot| {
                Box::pin(run_once(session.test_run(), index, cases, slot))
            })
            .await;
        };
        tokio::pin!(work);
        tokio::select! {
            () = &mut work => {}
            at = signals.first() => {
                interrupted = Some(at);
                session.cancel();
                // A request under way may have made an object. Its answer says which, so it is awaited for a moment.
                await_answers(session, at, work, signals).await;
            }
        }
    }
    clean_up(session, &mut interrupted, signals).await;
    results.end(RunEnding { trouble, interrupted: interrupted.is_some() })
}

/// Ends an interrupted run whose cases the door schedules: waits a moment for the creations under way, then cleans up. `at` is
/// when the signal came.
pub async fn wind_down(session: &Session, at: tokio::time::Instant, signals: &mut Signals) {
    session.cancel();
    let answered = async {
        while session.is_making() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    await_answers(session, at, answered, signals).await;
    clean_up(session, &mut Some(at), signals).await;
}

/// Tries the target and runs no case. The first of `signals` ends it.
pub fn doctor(session: Session, signals: &mut Signals) -> impl Future<Output = Arc<RunOutcome>> + Send {
    let wanted = vec![false; session.selected().len()];
    try_target(Arc::new(RunResults::begin(session, wanted)), signals)
}

async fn try_target(results: Arc<RunResults>, signals: &mut Signals) -> Arc<RunOutcome> {
    let (trouble, interrupted) = tokio::select! {
        tried = results.session().preflight() => (tried.err(), false),
        _ = signals.first() => (None, true),
    };
    results.end(RunEnding { trouble, interrupted })
}

/// Waits for the answers under way in an interrupted run. `at` is when the signal came.
async fn await_answers(
    session: &Session,
    at: tokio::time::Instant,
    answers: impl Future<Output = ()>,
    signals: &mut Signals,
) {
    tokio::select! {
        () = answers => {}
        () = tokio::time::sleep_until(at + GRACE) => {}
        () = signals.second() => session.abandon("the run was interrupted twice"),
    }
}

/// Cleans up. If the run is interrupted, before or meanwhile, reports what it could not remove in time or before a second
/// signal.
async fn clean_up(session: &Session, interrupted: &mut Option<tokio::time::Instant>, signals: &mut Signals) {
    let cleaning = session.clean_up();
    tokio::pin!(cleaning);
    if interrupted.is_none() {
        tokio::select! {
            () = &mut cleaning => return,
            at = signals.first() => {
                *interrupted = Some(at);
                session.cancel();
            }
        }
    }
    let Some(at) = *interrupted else { return };
    let why = tokio::select! {
        () = cleaning => return,
        () = tokio::time::sleep_until(at + CLEAN_UP_END) => "there was no time to remove it",
        () = signals.second() => "a second signal came before it was removed",
    };
    session.abandon(&format!("the run was interrupted and {why}"));
}

/// Runs a selected case once.
type RunOnce = for<'a> fn(
    &'a Session,
    usize,
    &'a [Collected],
    &'a mut Slot<'_>,
) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// The work of a run: every selected case as often as the settings say. Each worker takes the next one.
struct Work {
    run_once: RunOnce,
    results: Arc<RunResults>,
    /// How many case runs were dealt out.
    dealt: AtomicUsize,
    /// How many runs of each case have not ended.
    open: Vec<AtomicUsize>,
}

/// Runs all cases with as many workers as jobs. Starts a further worker for each slot that a waiting case gives away.
pub(crate) async fn work_off(results: &Arc<RunResults>, run_once: RunOnce) {
    let session = results.session();
    let cases = results.cases().len();
    let work = Arc::new(Work {
        run_once,
        results: Arc::clone(results),
        dealt: AtomicUsize::new(0),
        open: (0..cases).map(|_| AtomicUsize::new(results.repeat())).collect(),
    });
    let jobs = session.settings().jobs.max(1).min(cases.saturating_mul(results.repeat()).max(1));
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..jobs {
        workers.spawn(Arc::clone(&work).work());
    }
    loop {
        let another = tokio::select! {
            ended = workers.join_next() => match ended {
                // A worker that panicked loses its case and nothing else. Another worker goes on.
                Some(ended) => ended.is_err(),
                None => return,
            },
            () = session.slots().given_away() => true,
        };
        if another {
            workers.spawn(Arc::clone(&work).work());
        }
    }
}

impl Work {
    async fn work(self: Arc<Self>) {
        let session = self.results.session();
        let cases = self.open.len();
        let total = cases.saturating_mul(self.results.repeat());
        loop {
            let mut slot = session.slots().acquire().await;
            let number = self.dealt.fetch_add(1, Ordering::Relaxed);
            if number >= total || session.is_cancelled() {
                return;
            }
            let index = number % cases;
            let case = &self.results.cases()[index];
            if let Some(reason) = &session.selected()[index].skip {
                if number < cases {
                    case.skip(reason);
                }
                self.end_run(index, Verdict::Skipped);
            } else if self.results.stops() {
                case.skip(FAILED_FAST);
                self.end_run(index, Verdict::Skipped);
            } else {
                let unwinding = Unwinding { work: &self, index };
                let verdict = (self.run_once)(session, index, self.results.cases(), &mut slot).await;
                drop(unwinding);
                self.results.see_failure(case);
                self.end_run(index, verdict);
            }
        }
    }

    /// A run of a case ended, and with the last one the case.
    fn end_run(&self, index: usize, verdict: Verdict) {
        let case = &self.results.cases()[index];
        case.end_run(verdict);
        if self.open[index].fetch_sub(1, Ordering::AcqRel) == 1 {
            case.end();
        }
    }
}

/// Ends the run of a case as not judged if it panics.
struct Unwinding<'a> {
    work: &'a Work,
    index: usize,
}

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.work.results.cases()[self.index].error(PANICKED);
            self.work.end_run(self.index, Verdict::Error);
        }
    }
}
