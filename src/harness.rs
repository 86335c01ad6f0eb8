//! The door for `cargo test`: every case is a trial named `suite::case`, run by libtest-mimic.
//!
//! Settings come from the environment alone, because a test runner's flags are the runner's. Listing asks no network;
//! the target is tried once before the first trial. The same session judges here and in the command.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Failed, Trial};

use crate::case::Suite;
use crate::location::{InputError, InputErrors};
use crate::outcome::{CaseOutcome, Exit, Found, RunOutcome, TargetKind, Trouble, Verdict};
use crate::report::{self, Reports, View};
use crate::run::{self, Selected, Session, Signals};
use crate::settings::Settings;

/// Runs the trials: the whole `main` of a test target with `harness = false`.
pub fn main() -> ExitCode {
    let args = Arguments::from_args();
    match trials(&args) {
        Ok(code) => code,
        Err(Stop::Input(errors)) => stop(&errors.to_string(), Exit::BadInput),
        Err(Stop::Trouble(trouble)) => {
            let help = trouble.help.map(|help| format!("\n  help: {help}")).unwrap_or_default();
            stop(&format!("error: {}{help}", trouble.message), Exit::NotJudged)
        }
    }
}

enum Stop {
    Input(InputErrors),
    Trouble(Trouble),
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
#[expect(clippy::print_stderr, reason = "a test binary's messages to people go to stderr")]
fn say(message: &str) {
    eprintln!("{message}");
}

fn trials(args: &Arguments) -> Result<ExitCode, Stop> {
    let settings = Settings::from_env()?;
    let suites = Arc::new(run::load(&settings)?);
    let selected = Arc::new(run::select(&settings, &suites)?);
    let names: Vec<String> = selected.iter().map(|one| trial_name(&suites, one)).collect();
    let plain: Vec<Trial> = names.iter().map(|name| Trial::test(name.clone(), || Ok(()))).collect();
    let wanted = plain.iter().any(|trial| !args.is_filtered_out(trial));
    if args.list || !wanted {
        // As libtest does, a filter that matches nothing passes; it is said, because a gate may have meant something.
        if !args.list {
            say("note: no case matches the filter");
        }
        let trials = selected.iter().zip(plain).map(|(one, trial)| trial.with_ignored_flag(one.skip.is_some()));
        return Ok(libtest_mimic::run(args, trials.collect()).exit_code());
    }
    settings.has_required_target().map_err(InputErrors::from)?;
    let reports = Reports::prepare(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| InputErrors::from(InputError::new(format!("no runtime could be started: {error}"))))?;
    for note in &settings.notes {
        say(&format!("note: {note}"));
    }
    let opened = Session::open(settings, Arc::clone(&suites), Arc::clone(&selected));
    let session = Arc::new(runtime.block_on(opened)?);
    say(&banner(&session.outcome()));
    for one in selected.iter() {
        if let Some(reason) = &one.skip {
            say(&format!("note: {} is skipped: {reason}", trial_name(&suites, one)));
        }
    }
    let start = Instant::now();
    runtime.block_on(session.preflight()).map_err(Stop::Trouble)?;
    runtime.spawn(leave_on_signal(Arc::clone(&session)));
    let shared = Arc::new(Shared { session, runtime, ended: Mutex::default() });
    let trials = selected.iter().zip(names).enumerate().map(|(index, (one, name))| {
        let shared = Arc::clone(&shared);
        Trial::test(name, move || shared.trial(index)).with_ignored_flag(one.skip.is_some())
    });
    let conclusion = libtest_mimic::run(args, trials.collect());
    shared.runtime.block_on(shared.session.clean_up());
    let problems = shared.close(&reports, start.elapsed());
    Ok(if problems { ExitCode::from(Exit::NotJudged.code()) } else { conclusion.exit_code() })
}

/// `suite::case`.
fn trial_name(suites: &[Suite], one: &Selected) -> String {
    let suite = &suites[one.suite];
    format!("{}::{}", suite.id, suite.cases[one.case].name)
}

fn banner(outcome: &RunOutcome) -> String {
    match outcome.target.kind {
        TargetKind::Reference => {
            let release = outcome.target.release.as_ref().map(|release| format!(", release {release}"));
            format!(
                "target: the embedded reference server{} (no API_BASE_URL set), {}",
                release.unwrap_or_default(),
                outcome.target.url
            )
        }
        TargetKind::Remote => format!("target: {}", outcome.target.url),
    }
}

/// Cleans up and leaves when the run is interrupted; a second signal leaves at once.
async fn leave_on_signal(session: Arc<Session>) {
    let mut signals = Signals::listen(|| say("interrupted: removing what was made; once more to leave at once"));
    signals.next().await;
    session.cancel();
    run::clean_up_in_time(&session, &mut signals).await;
    for left in session.outcome().left_behind {
        say(&format!("left behind: {} {} of {}: {}", left.state, left.id, left.user, left.reason));
    }
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

struct Shared {
    session: Arc<Session>,
    runtime: tokio::runtime::Runtime,
    /// The cases that have run, by their place among the selected ones.
    ended: Mutex<Vec<(usize, CaseOutcome)>>,
}

impl Shared {
    fn trial(&self, index: usize) -> Result<(), Failed> {
        let outcome = self.runtime.block_on(self.session.run_case(index));
        let result = self.result(&outcome);
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).push((index, outcome));
        result
    }

    fn result(&self, outcome: &CaseOutcome) -> Result<(), Failed> {
        let strictly = self.session.settings().strict && outcome.findings.iter().any(Found::fails_strict);
        match outcome.verdict {
            Verdict::Fail | Verdict::Error => Err(Failed::from(self.text(outcome))),
            Verdict::Pass | Verdict::Known if strictly => Err(Failed::from(self.text(outcome))),
            Verdict::Pass | Verdict::Known => Ok(()),
            // Reached with `--ignored`, or when nothing is left to use up: it must not look like a pass.
            Verdict::Skipped => {
                Err(Failed::from(format!("skipped: {}", outcome.reason.as_deref().unwrap_or("it was not run"))))
            }
        }
    }

    fn text(&self, outcome: &CaseOutcome) -> String {
        let settings = self.session.settings();
        let view = View { color: false, verbose: settings.verbose, strict: settings.strict };
        let text = report::case_text(&self.session.outcome(), outcome, view);
        self.session.secrets().mask_str(&text).into_owned()
    }

    /// Says what the runner does not: what passing cases have to tell, and what belongs to the whole run; and writes
    /// the reports that go to files. Whether a report leaked or could not be written.
    fn close(&self, reports: &Reports, elapsed: Duration) -> bool {
        let mut ended = std::mem::take(&mut *self.ended.lock().unwrap_or_else(PoisonError::into_inner));
        ended.sort_by_key(|(index, _)| *index);
        let mut outcome = self.session.outcome();
        outcome.elapsed = elapsed;
        outcome.cases = ended.into_iter().map(|(_, case)| case).collect();
        for case in outcome.cases.iter().filter(|case| matches!(case.verdict, Verdict::Pass | Verdict::Known)) {
            if !case.findings.is_empty() || !case.notes.is_empty() {
                say(&self.text(case));
            }
        }
        for document in &outcome.documents {
            for finding in &document.findings {
                say(&format!("note: {}: {}", document.file, finding.message));
            }
        }
        for note in &outcome.notes {
            say(&format!("note: {note}"));
        }
        for left in &outcome.left_behind {
            say(&format!("left behind: {} {} of {}: {}", left.state, left.id, left.user, left.reason));
        }
        let published = reports.publish_files(&outcome, self.session.secrets());
        for problem in &published.problems {
            say(&format!("error: {problem}"));
        }
        !published.problems.is_empty()
    }
}
