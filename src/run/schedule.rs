//! The schedule of a run: the target is tried, cases are dealt out to workers, what was made is removed, and a signal ends it
//! all in time.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::collect::{Collected, FAILED_FAST, PANICKED};
use super::places::Place;
use super::record::{RunEnding, RunRecord};
use super::session::Session;
use super::signals::Signals;
use crate::outcome::{RunOutcome, Verdict};

/// How long answers under way are awaited once a run is interrupted.
pub(super) const GRACE: Duration = Duration::from_secs(3);
/// How long an interrupted run goes on before its reports, its clean-up included: CI systems ask once more 7.5 s after
/// they asked first, and kill 2.5 s later.
pub(super) const IN_ALL: Duration = Duration::from_millis(5_900);

/// Runs every selected case and undoes what was made, also after failure and when `interrupted` ends.
///
/// The first of `signals` interrupts it, also while it cleans up; a second one of the same kind leaves at once.
pub fn run(session: Session, signals: &mut Signals) -> impl Future<Output = Arc<RunOutcome>> + Send {
    let wanted = vec![true; session.selected().len()];
    run_to_the_end(Arc::new(RunRecord::begin(session, wanted)), signals)
}

async fn run_to_the_end(record: Arc<RunRecord>, signals: &mut Signals) -> Arc<RunOutcome> {
    let session = record.session();
    let mut trouble = None;
    let mut interrupted = None;
    {
        let work = async {
            if let Err(why) = session.preflight().await {
                trouble = Some(why);
                return;
            }
            Box::pin(session.control_states()).await;
            work_off(&record, |session, index, cases, place| Box::pin(session.run_once(index, cases, place))).await;
        };
        tokio::pin!(work);
        tokio::select! {
            () = &mut work => {}
            at = signals.first() => {
                interrupted = Some(at);
                session.cancel();
                // What is under way may have made something: its answer says what, so it is awaited for a moment.
                await_answers(session, at, work, signals).await;
            }
        }
    }
    clean_up(session, &mut interrupted, signals).await;
    record.end(RunEnding { trouble, interrupted: interrupted.is_some() })
}

/// Winds a run down that was interrupted at that moment and whose cases a test runner schedules: awaits the answers of makings
/// under way for a moment, then cleans up.
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
    try_target(Arc::new(RunRecord::begin(session, wanted)), signals)
}

async fn try_target(record: Arc<RunRecord>, signals: &mut Signals) -> Arc<RunOutcome> {
    let (trouble, interrupted) = tokio::select! {
        tried = record.session().preflight() => (tried.err(), false),
        _ = signals.first() => (None, true),
    };
    record.end(RunEnding { trouble, interrupted })
}

/// Waits for what is under way in a run that was interrupted then.
async fn await_answers(
    session: &Session,
    at: tokio::time::Instant,
    answers: impl Future<Output = ()>,
    signals: &mut Signals,
) {
    tokio::select! {
        () = answers => {}
        () = tokio::time::sleep_until(at + GRACE) => {}
        () = signals.again() => session.abandon("the run was interrupted twice"),
    }
}

/// Cleans up. After an interruption, be it while this goes on, what cannot be removed in time or before a second signal is
/// reported.
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
        () = tokio::time::sleep_until(at + IN_ALL) => "there was no time to remove it",
        () = signals.again() => "a second signal came before it was removed",
    };
    session.abandon(&format!("the run was interrupted and {why}"));
}

/// Runs a selected case once.
pub(super) type RunOnce = for<'a> fn(
    &'a Session,
    usize,
    &'a [Collected],
    &'a mut Place<'_>,
) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// The work of a run: every selected case as often as asked, dealt out one by one.
struct Work {
    run_once: RunOnce,
    record: Arc<RunRecord>,
    /// How many case runs were dealt out.
    dealt: AtomicUsize,
    /// How many runs of each case have not ended.
    open: Vec<AtomicUsize>,
}

/// Deals the work of a run out to as many workers as there are jobs, and to more while cases wait without a place.
pub(super) async fn work_off(record: &Arc<RunRecord>, run_once: RunOnce) {
    let session = record.session();
    let cases = record.cases().len();
    let work = Arc::new(Work {
        run_once,
        record: Arc::clone(record),
        dealt: AtomicUsize::new(0),
        open: (0..cases).map(|_| AtomicUsize::new(record.repeat())).collect(),
    });
    let jobs = session.settings().jobs.max(1).min(cases.saturating_mul(record.repeat()).max(1));
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..jobs {
        workers.spawn(Arc::clone(&work).work());
    }
    loop {
        let another = tokio::select! {
            ended = workers.join_next() => match ended {
                // A worker that panicked takes its case with it and nothing else: another one goes on.
                Some(ended) => ended.is_err(),
                None => return,
            },
            () = session.places().room() => true,
        };
        if another {
            workers.spawn(Arc::clone(&work).work());
        }
    }
}

impl Work {
    async fn work(self: Arc<Self>) {
        let session = self.record.session();
        let cases = self.open.len();
        let total = cases.saturating_mul(self.record.repeat());
        loop {
            let mut place = session.places().take().await;
            let number = self.dealt.fetch_add(1, Ordering::Relaxed);
            if number >= total || session.is_cancelled() {
                return;
            }
            let index = number % cases;
            let case = &self.record.cases()[index];
            if let Some(reason) = &session.selected()[index].skip {
                if number < cases {
                    case.skip(reason);
                }
                self.end_run(index, Verdict::Skipped);
            } else if self.record.stops() {
                case.skip(FAILED_FAST);
                self.end_run(index, Verdict::Skipped);
            } else {
                let unwinding = Unwinding { work: &self, index };
                let verdict = (self.run_once)(session, index, self.record.cases(), &mut place).await;
                drop(unwinding);
                self.record.see_failure(case);
                self.end_run(index, verdict);
            }
        }
    }

    /// A run of a case ended, and with the last one the case.
    fn end_run(&self, index: usize, verdict: Verdict) {
        let case = &self.record.cases()[index];
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
            self.work.record.cases()[self.index].error(PANICKED);
            self.work.end_run(self.index, Verdict::Error);
        }
    }
}
