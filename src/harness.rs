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
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::location::InputErrors;
use crate::outcome::{CaseOutcome, Exit, ReportedFinding, RunOutcome, Verdict};
use crate::printable::escaped;
use crate::report::{self, Reports, View};
use crate::run::{self, ExitNotice, RunEnding, RunResults, Selected, Session, Signals};
use crate::secret::Secrets;
use crate::settings::{Environment, Settings};
use crate::suite::Suite;
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
            write::flush_stderr();
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
        write::flush_stderr();
        return code;
    }
    run::hide_environment(&[]);
    let code = match trials(&args, signals) {
        Ok(code) => code,
        Err(CannotStart::Input(errors)) => stop(&run::input_errors_text(&errors), Exit::BadInput),
        Err(CannotStart::Trouble(screen)) => {
            stop(&format!("error: no case could be judged\n{screen}"), Exit::NotJudged)
        }
    };
    write::flush_stderr();
    code
}

/// How many threads wait for cases at most.
const THREADS: usize = 256;

/// How long a reader of stderr is waited for when the run was interrupted.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Prints the text of `--help`.
fn help(text: &str) -> ExitCode {
    match write::write_all_waiting(&mut io::stdout(), text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(Exit::NotJudged.code()),
    }
}

/// Why no trial starts.
enum CannotStart {
    /// The input is wrong.
    Input(InputErrors),
    /// The target is not as it must be: what was tried, as it is shown.
    Trouble(String),
}

impl From<InputErrors> for CannotStart {
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
    write::write_stderr(&report::to_stderr(&run::printable(message)));
}

fn trials(args: &LibtestArguments, signals: Signals) -> Result<ExitCode, CannotStart> {
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
    let runs = plain.iter().zip(&wanted).filter(|(trial, wanted)| **wanted && !args.is_ignored(trial)).count();
    if args.list || runs == 0 {
        return Ok(without_target(args, &suites, &selected, plain, &wanted));
    }
    let reports = prepared(&settings, &suites)?;
    let runtime = run::runtime().map_err(InputErrors::from)?;
    notes(&settings, &suites);
    let session = runtime.block_on(Session::open(settings, Arc::clone(&suites), Arc::clone(&selected)))?;
    attend(&session, &signals)?;
    let record = RunResults::begin(session, wanted.clone());
    say(report::head_text(record.start()).trim_end());
    skips(&suites, &selected, &wanted);
    let door = Arc::new(TestDoor { record, runtime, reports, open: AtomicUsize::new(runs) });
    door.runtime.spawn(leave_on_signal(Arc::clone(&door), signals));
    door.try_target()?;
    // Where stdout is closed this ends with an error, and what was made is still to be removed.
    let conclusion = run_trials(args, &door, &suites);
    Ok(conclude(door, conclusion.ok(), args.filtered()))
}

/// The reports, once all that a run needs of the settings is given.
fn prepared(settings: &Settings, suites: &[Suite]) -> Result<Reports, InputErrors> {
    settings.has_required_target().and_then(|()| settings.is_no_dry_run())?;
    settings.has_reports_of_one_process()?;
    settings.has_journal_of_one_process()?;
    Reports::leave_stdout(settings)?;
    let reports = Reports::prepare(settings)?;
    reports.spare(&run::inputs(settings, suites)?)?;
    Ok(reports)
}

/// From here on the session ends in good order: a signal asks it to, and what it makes is journalled.
fn attend(session: &Session, signals: &Signals) -> Result<(), InputErrors> {
    let interrupted = || say("interrupted: removing the objects that were made; interrupt again to stop at once");
    signals.attend(interrupted, ExitNotice::of(session));
    if let Err(error) = session.keep_journal() {
        signals.done();
        return Err(error.into());
    }
    run::mask_panics(session.secrets());
    Ok(())
}

/// Has the runner run the cases.
fn run_trials(args: &LibtestArguments, door: &Arc<TestDoor>, suites: &[Suite]) -> io::Result<ExitCode> {
    let selected = door.record.session().selected();
    let trials = selected.iter().enumerate().map(|(index, one)| {
        let door = Arc::clone(door);
        let name = trial_name(suites, one);
        Trial::new(name, move || door.trial(index)).with_ignored_flag(one.skip.is_some())
    });
    // The session's own places say how many run at a time (`--jobs`); a thread only waits for a case to end.
    let wanted = args.test_threads.unwrap_or(selected.len()).clamp(1, THREADS);
    let threads = Some(run::threads(wanted).max(1));
    libtest::run(&LibtestArguments { test_threads: threads, ..args.clone() }, trials.collect())
}

/// Removes what is left, says what the runner did not, writes the reports. `is_filtered` says whether only some of the cases
/// were asked for.
fn conclude(door: Arc<TestDoor>, conclusion: Option<ExitCode>, is_filtered: bool) -> ExitCode {
    let session = door.record.session();
    if !session.is_cancelled() {
        door.runtime.block_on(session.clean_up());
    }
    if session.is_cancelled() {
        // Whoever was told of the signal cleans up, reports and ends this process; it takes less than this.
        std::thread::sleep(Duration::from_secs(30));
        return ExitCode::from(Exit::Interrupted.code());
    }
    let outcome = door.record.end(RunEnding::default());
    door.tell(&outcome);
    let nothing_judged = outcome.exit(false) == Exit::NotJudged && outcome.summary().error == 0 && !is_filtered;
    if nothing_judged {
        say("error: no case was judged: every one was skipped");
    }
    // The runner counts what could not be judged among what failed.
    if let Some(both) = report::unjudged(&outcome, session.settings().strict) {
        say(&both);
    }
    let published = door.publish(&outcome);
    // A server that never stops sending keeps a connection's task busy, and nobody waits for that.
    if let Some(door) = Arc::into_inner(door) {
        door.runtime.shutdown_background();
    }
    match conclusion {
        Some(conclusion) if published && !nothing_judged => conclusion,
        _ => ExitCode::from(Exit::NotJudged.code()),
    }
}

/// Tells `cargo insta` which snapshots are in use, also where no case runs.
fn tell_insta(args: &LibtestArguments, settings: &Settings, suites: &[Suite]) {
    if !args.list
        && let Some(note) = run::list_used_snapshots(settings, suites)
    {
        say(&format!("note: {}", escaped(&note)));
    }
}

/// Says what is odd about the settings and about the folder of the suites.
fn notes(settings: &Settings, suites: &[Suite]) {
    let about_files = [
        run::unread_files(settings),
        run::unmasked(settings, suites),
        run::unused_snapshots(settings, suites),
        run::allowed_servers(settings, suites),
    ]
    .concat();
    for note in settings.notes.iter().chain(&about_files) {
        say(&format!("note: {}", escaped(note)));
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
            say(&format!("note: {} is skipped: {}", trial_name(suites, one), escaped(reason)));
        }
    }
}

/// `suite::case`.
fn trial_name(suites: &[Suite], one: &Selected) -> String {
    let suite = &suites[one.suite];
    format!("{}::{}", suite.id, suite.cases[one.case].name)
}

/// Cleans up and leaves when the run is interrupted; a second signal of the same kind leaves at once.
async fn leave_on_signal(door: Arc<TestDoor>, mut signals: Signals) {
    let at = signals.first().await;
    run::wind_down(door.record.session(), at, &mut signals).await;
    signals.done();
    let outcome = door.record.end(RunEnding { trouble: None, interrupted: true });
    door.tell(&outcome);
    door.publish(&outcome);
    if write::flush_stderr_within(LAST_WORDS) {
        signals.reported();
    }
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// A failure as the runner prints it, on stdout.
fn failed(text: &str) -> Failed {
    Failed { message: report::to_stdout(text).into_owned() }
}

/// What the trials share: the run, and what runs it and reports on it.
struct TestDoor {
    record: RunResults,
    runtime: tokio::runtime::Runtime,
    reports: Reports,
    /// How many of the trials have not ended.
    open: AtomicUsize,
}

impl TestDoor {
    /// Tries the target before the first trial.
    fn try_target(&self) -> Result<(), CannotStart> {
        let session = self.record.session();
        let ready = self.runtime.block_on(session.preflight());
        if session.is_cancelled() {
            // Whoever listens for signals reports and leaves; no trial begins meanwhile.
            self.runtime.block_on(std::future::pending::<()>());
        }
        let Err(trouble) = ready else { return Ok(()) };
        let outcome = self.record.end(RunEnding { trouble: Some(trouble), interrupted: false });
        self.publish(&outcome);
        Err(CannotStart::Trouble(report::preflight_text(&outcome, View::default())))
    }

    fn trial(&self, index: usize) -> Result<Completion, Failed> {
        let outcome = self.outcome_of(index, || self.runtime.block_on(self.record.run_case(index)));
        let result = self.result(&outcome);
        // The runner prints a result before it comes back, and its reader may not read.
        if self.open.fetch_sub(1, Ordering::SeqCst) == 1 && !self.record.session().is_cancelled() {
            self.runtime.block_on(self.record.session().clean_up());
        }
        result
    }

    /// The outcome of a case that is run so. The runner would print what a panic says, which may hold a credential; the hook
    /// has printed it masked.
    fn outcome_of(&self, index: usize, run: impl FnOnce() -> Arc<CaseOutcome>) -> Arc<CaseOutcome> {
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| self.record.panicked_case(index))
    }

    fn result(&self, outcome: &CaseOutcome) -> Result<Completion, Failed> {
        let settings = self.record.session().settings();
        let strictly = settings.strict && outcome.findings.iter().any(ReportedFinding::fails_strict);
        match outcome.verdict {
            Verdict::Fail | Verdict::Error => Err(failed(&self.text(outcome))),
            Verdict::Pass | Verdict::Known if strictly => Err(failed(&self.text(outcome))),
            Verdict::Pass | Verdict::Known => Ok(Completion::Completed),
            Verdict::Skipped => {
                let reason = outcome.reason.as_deref().unwrap_or("it was not run");
                // A runner that asks each process for one case takes this for a pass, which it must not look like.
                if settings.process_per_case {
                    return Err(failed(&format!("skipped: {}", escaped(reason))));
                }
                Ok(Completion::Ignored { reason: report::to_stdout(&escaped(reason)).into_owned() })
            }
        }
    }

    fn text(&self, outcome: &CaseOutcome) -> String {
        let session = self.record.session();
        let settings = session.settings();
        let view = View { color: false, verbose: settings.verbose, strict: settings.strict };
        let text = report::case_text(outcome, &self.record.start().documents, view);
        session.secrets().unmistakable().mask_str(&text).into_owned()
    }

    /// Says what the runner does not: what passing cases have to tell, and what belongs to the whole run.
    fn tell(&self, outcome: &RunOutcome) {
        let verbose = self.record.session().settings().verbose > 0;
        for case in outcome.cases.iter().filter(|case| matches!(case.verdict, Verdict::Pass | Verdict::Known)) {
            if !case.findings.is_empty() || !case.notes.is_empty() || verbose {
                say(&self.text(case));
            }
        }
        for document in &outcome.documents {
            for finding in &document.findings {
                say(&format!("note: {}: {}", escaped(&document.file), escaped(&finding.message)));
            }
        }
        for note in &outcome.notes {
            say(&format!("note: {}", escaped(note)));
        }
        if !outcome.left_behind.is_empty() {
            say(report::left_behind_lines(&outcome.left_behind).trim_end());
        }
    }

    /// Writes the reports that go to files. Whether each was written, and leaked nothing.
    fn publish(&self, outcome: &RunOutcome) -> bool {
        let published = self.reports.publish_files(outcome, self.record.session().secrets());
        for problem in &published.problems {
            say(&format!("error: {}", escaped(problem)));
        }
        published.problems.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Flags;
    use crate::settings::table::{CASES, FAIL_FAST};

    fn door(flags: Flags) -> TestDoor {
        let flags = flags.with(&CASES, "tests/data/doors");
        let settings = Settings::resolve(&flags, Environment::default()).expect("settings");
        let suites = Arc::new(run::load(&settings).expect("the suites"));
        let selected = Arc::new(run::select(&settings, &suites).expect("cases"));
        let reports = Reports::prepare(&settings).expect("reports");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let wanted = vec![true; selected.len()];
        let session = runtime.block_on(Session::open(settings, suites, selected)).expect("a session");
        let record = RunResults::begin(session, wanted);
        TestDoor { record, runtime, reports, open: AtomicUsize::new(usize::MAX) }
    }

    #[test]
    fn a_case_that_panics_is_an_error_of_its_own_and_repeats_nothing_of_the_panic() {
        let door = door(Flags::default());
        let panicked = door.outcome_of(1, || panic!("it was asked with app-0123456789"));
        let failed = door.result(&panicked).expect_err("no result");
        let text = failed.message;
        assert!(text.contains("doors/fails") && text.contains("panicked while it ran this case"), "{text}");
        assert!(!text.contains("app-0123456789"), "{text}");
        assert!(door.trial(0).is_ok(), "others run on");
        let outcome = door.record.end(RunEnding::default());
        let verdicts: Vec<(&str, Verdict)> =
            outcome.cases.iter().map(|case| (case.id.as_str(), case.verdict)).collect();
        let [passes, fails, skipped] = ["doors/passes", "doors/fails", "doors/skipped"];
        assert_eq!(verdicts, [(passes, Verdict::Pass), (fails, Verdict::Error), (skipped, Verdict::Skipped)]);
        assert_eq!(outcome.exit(false), Exit::NotJudged);
    }

    #[test]
    fn a_case_that_panics_ends_a_run_that_fails_fast() {
        let door = door(Flags::default().with(&FAIL_FAST, "yes"));
        door.outcome_of(0, || panic!("in the middle of a case"));
        let result = door.trial(1);
        assert!(matches!(result, Ok(Completion::Ignored { reason }) if reason.contains("first failure")));
    }
}
