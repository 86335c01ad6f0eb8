//! The only wiring: schedules cases, feeds the checks, collects outcomes.
//!
//! Both doors use it: [`run`] runs everything that is selected and cleans up, whatever happens; [`Session::run_case`]
//! runs one case for a door that schedules by itself.

mod attempt;
mod changes;
mod clean;
mod collect;
mod controls;
mod handed;
mod inputs;
mod judge;
mod literals;
mod look;
mod objects;
mod once;
mod parting;
mod places;
mod plan;
mod preflight;
mod printed;
mod progress;
mod rerun;
mod room;
mod select;
mod session;
mod settle;
mod signals;
mod steps;
mod together;
mod turns;
mod unserved;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::baseline;
use crate::case::{self, Suite};
use crate::check;
use crate::known;
use crate::location::{InputError, InputErrors};
use crate::outcome::{CaseOutcome, RunOutcome, Verdict};
use crate::rule::Rule;
use crate::settings::Settings;
use collect::Collected;
use places::Place;

pub use clean::{clean, needed};
pub use inputs::{Input, inputs};
pub use parting::Parting;
pub use printed::{hide_environment, hide_settings, in_words, mask_panics, printable, without_secrets};
pub use progress::{Moment, Progress};
pub use room::{runtime, threads};
pub use select::{Selected, in_profile, select};
pub use session::Session;
pub use signals::Signals;

/// How long answers under way are awaited once a run is interrupted.
const GRACE: Duration = Duration::from_secs(3);
/// How long an interrupted run goes on before its reports, its clean-up included: CI systems ask once more 7.5 s after
/// they asked first, and kill 2.5 s later.
const IN_ALL: Duration = Duration::from_millis(5_900);

/// Why a case is not run once another has failed, if the settings say so.
pub const FAILED_FAST: &str = "stopped after the first failure (--fail-fast)";
/// What a case is told of whose run panicked.
pub const PANICKED: &str = "running this case panicked, which is a fault of ours";
/// Why a case is not run that an interrupted run did not come to.
pub const INTERRUPTED: &str = "the run was interrupted before this case began";
/// Why nothing is said of a case that was under way when the run was interrupted.
pub const CUT_SHORT: &str = "the run was interrupted while this case was under way, so what it did is not judged";

/// Loads the suites that the settings name.
pub fn load(settings: &Settings) -> Result<Vec<Suite>, InputErrors> {
    case::load(&settings.cases, settings.spec.as_deref())
}

/// What a reader should know about how suites are found, one sentence each: what looks like one of their files and is not
/// read.
pub fn overlooked(settings: &Settings) -> Vec<String> {
    case::overlooked(&settings.cases)
}

/// What a reader should know about secrets that cannot be masked, one sentence each.
pub fn unmasked(settings: &Settings, suites: &[Suite]) -> Vec<String> {
    session::written::too_short(suites, |name| settings.env.get(name).map(str::to_owned))
}

/// Reads the known deviations of the suites that were loaded.
pub fn known(settings: &Settings, suites: &[Suite]) -> Result<Vec<known::Entry>, InputErrors> {
    let rules: Vec<&'static Rule> =
        check::RULES.iter().map(|check| check.rule).chain(baseline::RULES.iter().copied()).collect();
    known::load(&settings.cases, suites, &rules)
}

/// Refuses the path values of suites that a run would refuse because of how they are written, without a target.
pub fn literals(settings: &Settings, suites: &[Suite]) -> Result<(), InputErrors> {
    let env: BTreeMap<String, String> =
        settings.env.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let written = literals::written(suites, &env);
    let cases = suites.iter().flat_map(|suite| suite.cases.iter().map(move |case| (suite, case)));
    let refused: Vec<InputError> =
        cases.flat_map(|(suite, case)| literals::refused(suite, case, &env, &written)).collect();
    if refused.is_empty() { Ok(()) } else { Err(InputErrors(refused)) }
}

/// Runs every selected case and undoes what was made, also after failure and when `interrupted` ends.
///
/// The first of `signals` interrupts it, also while it cleans up; a second one of the same kind leaves at once.
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
            Box::pin(session.control_states()).await;
            work_off(&session, &collected, |session, index, collected, place| {
                Box::pin(session.run_once(index, collected, place))
            })
            .await;
        };
        tokio::pin!(work);
        tokio::select! {
            () = &mut work => {}
            at = signals.first() => {
                interrupted = Some(at);
                session.cancel();
                // What is under way may have made something: its answer says what, so it is awaited for a moment.
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
    // What became a secret on the way may stand in what was kept before.
    outcome.masked(&secrets)
}

/// Ends a run that was interrupted then and whose cases somebody else schedules: awaits the answers of makings under way
/// for a moment, then cleans up.
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
type RunOnce = for<'a> fn(
    &'a Session,
    usize,
    &'a [Collected],
    &'a mut Place<'_>,
) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// The work of a run: every selected case as often as asked, dealt out one by one.
struct Work {
    run_once: RunOnce,
    session: Arc<Session>,
    collected: Arc<Vec<Collected>>,
    next: AtomicUsize,
    /// `--fail-fast` has seen a failure.
    stop: AtomicBool,
}

async fn work_off(session: &Arc<Session>, collected: &Arc<Vec<Collected>>, run_once: RunOnce) {
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
    fn repeat(&self) -> usize {
        usize::try_from(self.session.settings().repeat).unwrap_or(usize::MAX).max(1)
    }

    async fn work(self: Arc<Self>) {
        let cases = self.collected.len();
        let total = cases.saturating_mul(self.repeat());
        loop {
            let mut place = self.session.places().take().await;
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
            let verdict = (self.run_once)(&self.session, index, &self.collected, &mut place).await;
            panicked.disarm();
            progress.end(verdict);
            let Settings { fail_fast, strict, repeat, .. } = *self.session.settings();
            if fail_fast && collected.fails(strict, repeat) {
                self.stop.store(true, Ordering::Relaxed);
            }
        }
    }
}

/// Marks the case as not judged if its run unwinds.
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

impl Session {
    /// Runs a selected case as often as the settings say, for a door that schedules by itself.
    pub async fn run_case(&self, index: usize) -> CaseOutcome {
        if let Some(reason) = &self.selected()[index].skip {
            return self.skip_case(index, reason);
        }
        let collected = self.collected(index);
        let mut place = self.places().take().await;
        let Settings { fail_fast, strict, repeat, .. } = *self.settings();
        if self.is_cancelled() {
            return self.skip_case(index, INTERRUPTED);
        }
        for _ in 0..repeat.max(1) {
            Box::pin(self.run_once(index, std::slice::from_ref(&collected), &mut place)).await;
            if self.is_cancelled() || (fail_fast && collected.fails(strict, repeat)) {
                break;
            }
        }
        collected.finish()
    }

    /// The outcome of a selected case that is not run, for a door that schedules by itself.
    pub fn skip_case(&self, index: usize, reason: &str) -> CaseOutcome {
        let collected = self.collected(index);
        collected.skip(reason);
        collected.finish()
    }

    /// The outcome of a selected case whose run panicked, for a door that schedules by itself.
    pub fn panicked_case(&self, index: usize) -> CaseOutcome {
        let collected = self.collected(index);
        collected.error(PANICKED);
        collected.finish()
    }

    /// Nothing yet, of a selected case.
    fn collected(&self, index: usize) -> Collected {
        let one = &self.selected()[index];
        let suite = &self.suites()[one.suite];
        let known = self.known().of(one.suite, one.case);
        Collected::new(suite, &suite.cases[one.case], self.document_index(one.suite), known)
    }
}
