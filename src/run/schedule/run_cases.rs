//! Runs all selected cases: preflight, checks of states, the cases, clean-up. Ends early after a signal.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::slots::Slot;
use crate::outcome::{RunOutcome, Verdict};
use crate::run::collect::Collected;
use crate::run::reasons::{FAILED_FAST, PANICKED};
use crate::run::session::Session;
use crate::run::signals::{CLEAN_UP_END, GRACE, Signals};
use crate::settings::Settings;

/// Runs every selected case. Then removes what the run made, also after a failure or an interruption.
///
/// The first of `signals` interrupts the run, also while it cleans up. A second signal of the same kind ends it at once.
pub async fn run(session: Session, signals: &mut Signals) -> RunOutcome {
    let start = Instant::now();
    let session = Arc::new(session);
    let collected: Arc<Vec<Collected>> =
        Arc::new((0..session.selected().len()).map(|index| session.collected(index)).collect());
    let repeat = usize::try_from(session.settings().repeat).unwrap_or(usize::MAX);
    session.progress().expect(collected.len().saturating_mul(repeat));
    let mut trouble = None;
    let mut interrupted = None;
    {
        let work = async {
            if let Err(why) = session.preflight().await {
                trouble = Some(why);
                return;
            }
            Box::pin(session.check_states()).await;
            work_off(&session, &collected, |session, index, collected, slot| {
                Box::pin(session.run_once(index, collected, slot))
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
                await_answers(&session, at, work, signals).await;
            }
        }
    }
    clean_up(&session, &mut interrupted, signals).await;
    session.end_journal();
    let mut outcome = session.outcome();
    let secrets = session.secrets().clone();
    drop(session);
    outcome.trouble = trouble;
    outcome.interrupted = interrupted.is_some();
    if outcome.trouble.is_none() {
        if outcome.interrupted {
            for one in collected.iter() {
                one.not_run(repeat as u64);
            }
        }
        outcome.cases = collected.iter().map(Collected::finish).collect();
    }
    outcome.elapsed = start.elapsed();
    // A value may have become a secret after it was kept.
    outcome.masked(&secrets)
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
    session.end_journal();
}

/// Tries the target and runs no case. The first of `signals` ends it.
pub async fn doctor(session: &Session, signals: &mut Signals) -> RunOutcome {
    let start = Instant::now();
    let (trouble, interrupted) = tokio::select! {
        tried = session.preflight() => (tried.err(), false),
        _ = signals.first() => (None, true),
    };
    RunOutcome { trouble, interrupted, elapsed: start.elapsed(), ..session.outcome() }.masked(session.secrets())
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
    session: Arc<Session>,
    collected: Arc<Vec<Collected>>,
    next: AtomicUsize,
    /// A case failed, and `--fail-fast` is set.
    stop: AtomicBool,
}

/// Runs all cases with as many workers as jobs. Starts a further worker for each slot that a waiting case gives away.
pub(crate) async fn work_off(session: &Arc<Session>, collected: &Arc<Vec<Collected>>, run_once: RunOnce) {
    let work = Arc::new(Work {
        run_once,
        session: Arc::clone(session),
        collected: Arc::clone(collected),
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
    });
    let jobs = session.settings().jobs.max(1).min(collected.len().saturating_mul(work.repeat()).max(1));
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
    fn repeat(&self) -> usize {
        usize::try_from(self.session.settings().repeat).unwrap_or(usize::MAX).max(1)
    }

    async fn work(self: Arc<Self>) {
        let cases = self.collected.len();
        let total = cases.saturating_mul(self.repeat());
        loop {
            let mut slot = self.session.slots().acquire().await;
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= total || self.session.is_cancelled() {
                return;
            }
            let index = number % cases;
            let collected = &self.collected[index];
            let progress = self.session.progress();
            if let Some(reason) = &self.session.selected()[index].skip {
                if number < cases {
                    collected.skip(reason);
                }
                progress.end(Verdict::Skipped);
                continue;
            }
            if self.stop.load(Ordering::Relaxed) {
                collected.skip(FAILED_FAST);
                progress.end(Verdict::Skipped);
                continue;
            }
            let panicked = PanicMark { collected, armed: true };
            let verdict = (self.run_once)(&self.session, index, &self.collected, &mut slot).await;
            panicked.disarm();
            progress.end(verdict);
            let Settings { fail_fast, strict, repeat, .. } = *self.session.settings();
            if fail_fast && collected.fails(strict, repeat) {
                self.stop.store(true, Ordering::Relaxed);
            }
        }
    }
}

/// Marks the case as not judged if its run panics.
struct PanicMark<'a> {
    collected: &'a Collected,
    armed: bool,
}

impl PanicMark<'_> {
    fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for PanicMark<'_> {
    fn drop(&mut self) {
        if self.armed && std::thread::panicking() {
            self.collected.error(PANICKED);
        }
    }
}
