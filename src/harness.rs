//! The door for `cargo test`: every case is a trial named `suite::case`, run as libtest runs tests.
//!
//! A test target with `harness = false` is the one line `conformant::conformance!();` ([`conformance!`]). Settings come
//! from the environment alone, because a test runner's flags are the runner's. Listing asks no network; the target is
//! tried once before the first trial. The same session judges here and in the command.
//!
//! [`conformance!`]: crate::conformance

mod folder;
mod libtest;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::case::Suite;
use crate::location::InputErrors;
use crate::outcome::{CaseOutcome, Exit, Found, RunOutcome, Verdict};
use crate::printable::whole;
use crate::report::{self, Reports, View};
use crate::run::{self, CUT_SHORT, FAILED_FAST, INTERRUPTED, Parting, Selected, Session, Signals};
use crate::secret::Secrets;
use crate::settings::{Environment, Settings};
use crate::write;
use libtest::{Completion, Failed, Invocation, LibtestArguments, Trial};

/// The whole of a test target with `harness = false`: every case of the package's `cases/` as a test, steered by the
/// same variables as the command.
///
/// ```
/// // tests/conformance.rs
/// # mod conformance {
/// conformant::conformance!();
/// # }
/// ```
///
/// The folder that relative paths are taken from, also those in variables such as `CONFORMANT_CASES`, is the one of the
/// caller's `Cargo.toml`, wherever the test is started.
#[macro_export]
macro_rules! conformance {
    () => {
        fn main() -> ::std::process::ExitCode {
            $crate::harness::main(::core::env!("CARGO_MANIFEST_DIR"))
        }

        // Where `harness = false` is missing, libtest runs this alone, and never `main`. Otherwise it is not compiled.
        #[test]
        fn harness_is_not_false() {
            $crate::harness::harness_is_not_false(::core::file!());
        }
    };
}

#[doc(hidden)]
pub use folder::harness_is_not_false;

/// Runs the trials of the package in `folder`: the whole `main` of a test target with `harness = false`.
pub fn main(folder: &str) -> ExitCode {
    // What panics tell may quote a file or an answer, so from here on it is printed safely.
    run::mask_panics(&Secrets::none());
    // A signal is heard while files are read, too.
    let signals = Signals::listen();
    let args = match Invocation::of_process() {
        Ok(Invocation::Tests(args)) => args,
        Ok(Invocation::Help(text)) => return help(text),
        Err(message) => {
            let code = stop(&format!("error: {message}"), Exit::BadInput);
            write::drained();
            return code;
        }
    };
    // Test runners start a test in its package's folder, and a person who starts it by hand may stand elsewhere. A
    // test that was built on another machine finds no such folder, and its runner knows where to start it.
    if let Some(folder) = folder::of_package(Environment::read().get("CARGO_MANIFEST_DIR"), folder)
        && let Err(error) = std::env::set_current_dir(&folder)
    {
        let message = format!("error: the package's folder {} cannot be entered: {error}", folder.display());
        let code = stop(&message, Exit::BadInput);
        write::drained();
        return code;
    }
    run::hide_environment(&[]);
    let code = match trials(&args, signals) {
        Ok(code) => code,
        Err(Stop::Input(errors)) => stop(&run::in_words(&errors), Exit::BadInput),
        Err(Stop::Trouble(screen)) => stop(&format!("error: no case could be judged\n{screen}"), Exit::NotJudged),
    };
    write::drained();
    code
}

/// How many threads wait for cases at most.
const THREADS: usize = 256;

/// How long a reader of stderr is waited for when the run was interrupted.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Prints the text of `--help`.
fn help(text: &str) -> ExitCode {
    match write::patiently(&mut io::stdout(), text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(Exit::NotJudged.code()),
    }
}

enum Stop {
    Input(InputErrors),
    /// What was tried before the first trial.
    Trouble(String),
}

impl From<InputErrors> for Stop {
    fn from(errors: InputErrors) -> Self {
        Self::Input(errors)
    }
}

fn stop(message: &str, exit: Exit) -> ExitCode {
    say(message);
    ExitCode::from(exit.code())
}

/// Everything that is not the runner's own goes to stderr, because `--list` and `--format json` own stdout.
fn say(message: &str) {
    write::complain(&report::to_stderr(&run::printable(message)));
}

fn trials(args: &LibtestArguments, signals: Signals) -> Result<ExitCode, Stop> {
    let settings = Settings::from_env()?;
    run::hide_settings(&settings);
    let suites = Arc::new(run::load(&settings)?);
    tell_insta(args, &settings, &suites);
    let selected = Arc::new(run::select(&settings, &suites)?);
    // What the runner knows of the cases before any of them has run.
    let plain: Vec<Trial> = selected
        .iter()
        .map(|one| {
            Trial::new(trial_name(&suites, one), || Ok(Completion::Completed)).with_ignored_flag(one.skip.is_some())
        })
        .collect();
    let wanted: Vec<bool> = plain.iter().map(|trial| !args.is_filtered_out(trial)).collect();
    let runs = plain.iter().zip(&wanted).any(|(trial, wanted)| *wanted && !args.is_ignored(trial));
    if args.list || !runs {
        return Ok(without_target(args, &suites, &selected, plain, &wanted));
    }
    settings.has_required_target().and_then(|()| settings.is_no_dry_run()).map_err(InputErrors::from)?;
    settings.has_reports_of_one_process().map_err(InputErrors::from)?;
    settings.has_journal_of_one_process().map_err(InputErrors::from)?;
    Reports::leave_stdout(&settings).map_err(InputErrors::from)?;
    let reports = Reports::prepare(&settings)?;
    reports.spare(&run::inputs(&settings, &suites)?)?;
    let runtime = run::runtime().map_err(InputErrors::from)?;
    notes(&settings, &suites);
    let start = Instant::now();
    let opened = Session::open(settings, Arc::clone(&suites), Arc::clone(&selected));
    let session = runtime.block_on(opened)?;
    let interrupted = || say("interrupted: removing what was made; once more to leave at once");
    signals.attend(interrupted, Parting::of(&session));
    if let Err(error) = session.keep_journal() {
        signals.done();
        return Err(InputErrors::from(error).into());
    }
    run::mask_panics(session.secrets());
    say(report::head_text(&session.outcome()).trim_end());
    skips(&suites, &selected, &wanted);
    let begun = selected.iter().map(|_| AtomicBool::new(false)).collect();
    let runs = plain.iter().zip(&wanted).filter(|(trial, wanted)| **wanted && !args.is_ignored(trial)).count();
    let shared = Arc::new(Shared {
        session,
        runtime,
        reports,
        wanted,
        start,
        failed: AtomicBool::new(false),
        begun,
        open: AtomicUsize::new(runs),
        ended: Mutex::default(),
    });
    shared.runtime.spawn(leave_on_signal(Arc::clone(&shared), signals));
    let ready = shared.runtime.block_on(shared.session.preflight());
    if shared.session.is_cancelled() {
        // Whoever listens for signals reports and leaves; no trial begins meanwhile.
        return Ok(shared.runtime.block_on(std::future::pending()));
    }
    if let Err(trouble) = ready {
        shared.session.end_journal();
        let outcome = RunOutcome { trouble: Some(trouble), ..shared.session.outcome() };
        let outcome = outcome.masked(shared.session.secrets());
        let screen = report::preflight_text(&outcome, View::default());
        shared.publish(outcome);
        return Err(Stop::Trouble(screen));
    }
    let trials = selected.iter().enumerate().map(|(index, one)| {
        let shared = Arc::clone(&shared);
        let name = trial_name(&suites, one);
        Trial::new(name, move || shared.trial(index)).with_ignored_flag(one.skip.is_some())
    });
    // The session's own places say how many run at a time (`--jobs`); a thread only waits for a case to end.
    let wanted = args.test_threads.unwrap_or(selected.len()).clamp(1, THREADS);
    let threads = Some(run::threads(wanted).max(1));
    let args = &LibtestArguments { test_threads: threads, ..args.clone() };
    let trials = trials.collect();
    // Where stdout is closed this ends with an error, and what was made is still to be removed.
    let conclusion = libtest::run(args, trials);
    if !shared.session.is_cancelled() {
        shared.runtime.block_on(shared.session.clean_up());
        shared.session.end_journal();
    }
    if shared.session.is_cancelled() {
        // Whoever was told of the signal cleans up, reports and ends this process; it takes less than this.
        std::thread::sleep(Duration::from_secs(30));
        return Ok(ExitCode::from(Exit::Interrupted.code()));
    }
    let outcome = shared.outcome(|_| "it was not run");
    shared.tell(&outcome);
    let nothing_judged = outcome.exit(false) == Exit::NotJudged && outcome.summary().error == 0 && !args.filtered();
    if nothing_judged {
        say("error: no case was judged: every one was skipped");
    }
    // The runner counts what could not be judged among what failed.
    if let Some(both) = report::unjudged(&outcome, shared.session.settings().strict) {
        say(&both);
    }
    let published = shared.publish(outcome);
    // A server that never stops sending keeps a connection's task busy, and nobody waits for that.
    if let Some(shared) = Arc::into_inner(shared) {
        shared.runtime.shutdown_background();
    }
    Ok(match conclusion {
        Ok(conclusion) if published && !nothing_judged => conclusion,
        _ => ExitCode::from(Exit::NotJudged.code()),
    })
}

/// Tells `cargo insta` which snapshots are in use, also where no case runs.
fn tell_insta(args: &LibtestArguments, settings: &Settings, suites: &[Suite]) {
    if !args.list
        && let Some(note) = run::list_used_snapshots(settings, suites)
    {
        say(&format!("note: {}", whole(&note)));
    }
}

/// Says what is odd about the settings and about the folder of the suites.
fn notes(settings: &Settings, suites: &[Suite]) {
    let about_files =
        [run::overlooked(settings), run::unmasked(settings, suites), run::unused_snapshots(settings, suites)].concat();
    for note in settings.notes.iter().chain(&about_files) {
        say(&format!("note: {}", whole(note)));
    }
    if settings.format.format != "text" {
        say(
            "note: CONFORMANT_FORMAT has no effect here, where stdout is the test runner's; CONFORMANT_REPORT writes a file",
        );
    }
}

/// Lists, or runs no case at all. As libtest does, a filter that matches nothing passes; it is said, because a gate may
/// have meant something. Without a filter, that nothing is judged is no pass.
fn without_target(
    args: &LibtestArguments,
    suites: &[Suite],
    selected: &[Selected],
    plain: Vec<Trial>,
    wanted: &[bool],
) -> ExitCode {
    if !args.list {
        if wanted.contains(&true) {
            skips(suites, selected, wanted);
        } else {
            say("note: no case matches the filter");
        }
    }
    let Ok(code) = libtest::run(args, plain) else { return ExitCode::from(Exit::NotJudged.code()) };
    if args.list || args.filtered() {
        return code;
    }
    stop("error: no case was judged: every one was skipped", Exit::NotJudged)
}

/// Says which cases are skipped and why; the runner only says `ignored`.
fn skips(suites: &[Suite], selected: &[Selected], wanted: &[bool]) {
    for (one, _) in selected.iter().zip(wanted).filter(|(_, wanted)| **wanted) {
        if let Some(reason) = &one.skip {
            say(&format!("note: {} is skipped: {}", trial_name(suites, one), whole(reason)));
        }
    }
}

/// `suite::case`.
fn trial_name(suites: &[Suite], one: &Selected) -> String {
    let suite = &suites[one.suite];
    format!("{}::{}", suite.id, suite.cases[one.case].name)
}

/// Cleans up and leaves when the run is interrupted; a second signal of the same kind leaves at once.
async fn leave_on_signal(shared: Arc<Shared>, mut signals: Signals) {
    let at = signals.first().await;
    run::wind_down(&shared.session, at, &mut signals).await;
    signals.done();
    let reason = |index: usize| if shared.begun[index].load(Ordering::Relaxed) { CUT_SHORT } else { INTERRUPTED };
    let outcome = RunOutcome { interrupted: true, ..shared.outcome(reason) };
    shared.tell(&outcome);
    shared.publish(outcome);
    if write::drained_within(LAST_WORDS) {
        signals.told();
    }
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// A failure as the runner prints it, on stdout.
fn failed(text: &str) -> Failed {
    Failed { message: report::to_stdout(text).into_owned() }
}

struct Shared {
    session: Session,
    runtime: tokio::runtime::Runtime,
    reports: Reports,
    /// Which of the selected cases were asked for.
    wanted: Vec<bool>,
    start: Instant,
    /// A case has failed.
    failed: AtomicBool,
    /// Which of the selected cases have begun.
    begun: Vec<AtomicBool>,
    /// How many of the trials have not ended.
    open: AtomicUsize,
    /// The cases that have run, by their place among the selected ones.
    ended: Mutex<Vec<(usize, CaseOutcome)>>,
}

impl Shared {
    fn trial(&self, index: usize) -> Result<Completion, Failed> {
        self.begun[index].store(true, Ordering::Relaxed);
        let result = self.ended_with(index, || self.runtime.block_on(self.session.run_case(index)));
        // The runner prints a result before it comes back, and its reader may not read.
        if self.open.fetch_sub(1, Ordering::SeqCst) == 1 && !self.session.is_cancelled() {
            self.runtime.block_on(self.session.clean_up());
        }
        result
    }

    /// The result of a case that is run so, unless it need not be run any more.
    fn ended_with(&self, index: usize, run: impl FnOnce() -> CaseOutcome) -> Result<Completion, Failed> {
        let mut outcome = if self.session.settings().fail_fast && self.failed.load(Ordering::Relaxed) {
            self.session.skip_case(index, FAILED_FAST)
        } else {
            // The runner would print what the panic says, which may hold a credential; the hook has printed it masked.
            catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| self.session.panicked_case(index))
        };
        // What became a secret on the way may stand in what was kept before.
        outcome.mask(self.session.secrets());
        let result = self.result(&outcome);
        self.failed.fetch_or(result.is_err(), Ordering::Relaxed);
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).push((index, outcome));
        result
    }

    fn result(&self, outcome: &CaseOutcome) -> Result<Completion, Failed> {
        let settings = self.session.settings();
        let strictly = settings.strict && outcome.findings.iter().any(Found::fails_strict);
        match outcome.verdict {
            Verdict::Fail | Verdict::Error => Err(failed(&self.text(outcome))),
            Verdict::Pass | Verdict::Known if strictly => Err(failed(&self.text(outcome))),
            Verdict::Pass | Verdict::Known => Ok(Completion::Completed),
            Verdict::Skipped => {
                let reason = outcome.reason.as_deref().unwrap_or("it was not run");
                // A runner that asks each process for one case takes this for a pass, which it must not look like.
                if settings.process_per_case {
                    return Err(failed(&format!("skipped: {}", whole(reason))));
                }
                Ok(Completion::Ignored { reason: report::to_stdout(&whole(reason)).into_owned() })
            }
        }
    }

    fn text(&self, outcome: &CaseOutcome) -> String {
        let settings = self.session.settings();
        let view = View { color: false, verbose: settings.verbose, strict: settings.strict };
        let text = report::case_text(&self.session.outcome(), outcome, view);
        self.session.secrets().unmistakable().mask_str(&text).into_owned()
    }

    /// What the run came to so far. Cases that were asked for and have not ended are skipped: for their own reason, or
    /// for the one that is given.
    fn outcome(&self, reason: impl Fn(usize) -> &'static str) -> RunOutcome {
        let mut ended = std::mem::take(&mut *self.ended.lock().unwrap_or_else(PoisonError::into_inner));
        for (index, one) in self.session.selected().iter().enumerate() {
            if self.wanted[index] && !ended.iter().any(|(other, _)| *other == index) {
                ended.push((index, self.session.skip_case(index, one.skip.as_deref().unwrap_or(reason(index)))));
            }
        }
        ended.sort_by_key(|(index, _)| *index);
        let cases = ended.into_iter().map(|(_, case)| case).collect();
        RunOutcome { cases, elapsed: self.start.elapsed(), ..self.session.outcome() }.masked(self.session.secrets())
    }

    /// Says what the runner does not: what passing cases have to tell, and what belongs to the whole run.
    fn tell(&self, outcome: &RunOutcome) {
        let verbose = self.session.settings().verbose > 0;
        for case in outcome.cases.iter().filter(|case| matches!(case.verdict, Verdict::Pass | Verdict::Known)) {
            if !case.findings.is_empty() || !case.notes.is_empty() || verbose {
                say(&self.text(case));
            }
        }
        for document in &outcome.documents {
            for finding in &document.findings {
                say(&format!("note: {}: {}", whole(&document.file), whole(&finding.message)));
            }
        }
        for note in &outcome.notes {
            say(&format!("note: {}", whole(note)));
        }
        if !outcome.left_behind.is_empty() {
            say(report::left_behind_lines(&outcome.left_behind).trim_end());
        }
    }

    /// Writes the reports that go to files. Whether each was written, and leaked nothing.
    fn publish(&self, outcome: RunOutcome) -> bool {
        let outcome = RunOutcome { elapsed: self.start.elapsed(), ..outcome };
        let published = self.reports.publish_files(&outcome, self.session.secrets());
        for problem in &published.problems {
            say(&format!("error: {}", whole(problem)));
        }
        published.problems.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Flags;

    fn shared(flags: Flags) -> Shared {
        let flags = Flags { cases: Some("tests/data/doors".to_owned()), ..flags };
        let settings = Settings::resolve(&flags, Environment::default()).expect("settings");
        let suites = Arc::new(run::load(&settings).expect("the suites"));
        let selected = Arc::new(run::select(&settings, &suites).expect("cases"));
        let reports = Reports::prepare(&settings).expect("reports");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let wanted = vec![true; selected.len()];
        let begun = selected.iter().map(|_| AtomicBool::new(false)).collect();
        let session = runtime.block_on(Session::open(settings, suites, selected)).expect("a session");
        Shared {
            session,
            runtime,
            reports,
            wanted,
            start: Instant::now(),
            failed: AtomicBool::new(false),
            begun,
            open: AtomicUsize::new(usize::MAX),
            ended: Mutex::default(),
        }
    }

    #[test]
    fn a_case_that_panics_is_an_error_of_its_own_and_repeats_nothing_of_the_panic() {
        let shared = shared(Flags::default());
        let failed = shared.ended_with(0, || panic!("it was asked with app-0123456789")).expect_err("no result");
        let text = failed.message;
        assert!(text.contains("doors/passes") && text.contains(run::PANICKED), "{text}");
        assert!(!text.contains("app-0123456789"), "{text}");
        assert!(shared.trial(0).is_ok(), "others run on");
        let outcome = shared.outcome(|_| "it was not run");
        let verdicts: Vec<(&str, Verdict)> =
            outcome.cases.iter().map(|case| (case.id.as_str(), case.verdict)).collect();
        let skipped = [("doors/fails", Verdict::Skipped), ("doors/skipped", Verdict::Skipped)];
        assert_eq!(verdicts[..2], [("doors/passes", Verdict::Error), ("doors/passes", Verdict::Pass)]);
        assert_eq!(verdicts[2..], skipped);
        assert_eq!(outcome.exit(false), Exit::NotJudged);
    }

    #[test]
    fn a_case_that_panics_ends_a_run_that_fails_fast() {
        let shared = shared(Flags { fail_fast: Some("yes".to_owned()), ..Flags::default() });
        shared.ended_with(0, || panic!("in the middle of a case")).expect_err("no result");
        let result = shared.ended_with(1, || panic!("it is not run"));
        assert!(matches!(result, Ok(Completion::Ignored { reason }) if reason == FAILED_FAST));
    }
}
