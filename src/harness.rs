//! The door for `cargo test`: every case is a trial named `suite::case`, run by libtest-mimic.
//!
//! Settings come from the environment alone, because a test runner's flags are the runner's. Listing asks no network;
//! the target is tried once before the first trial. The same session judges here and in the command.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};

use crate::case::Suite;
use crate::location::{InputError, InputErrors};
use crate::outcome::{CaseOutcome, Exit, RunOutcome, TargetKind, Trouble, Verdict};
use crate::report::{self, View};
use crate::rule::Level;
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
    if settings.require_target && settings.base_url.is_none() {
        return Err(InputErrors::from(no_target()).into());
    }
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
    runtime.block_on(session.preflight()).map_err(Stop::Trouble)?;
    runtime.spawn(leave_on_signal(Arc::clone(&session)));
    let shared = Arc::new(Shared { session, runtime, passed: Mutex::default() });
    let trials = selected.iter().zip(names).enumerate().map(|(index, (one, name))| {
        let shared = Arc::clone(&shared);
        Trial::test(name, move || shared.trial(index)).with_ignored_flag(one.skip.is_some())
    });
    let conclusion = libtest_mimic::run(args, trials.collect());
    shared.runtime.block_on(shared.session.clean_up());
    shared.close();
    Ok(conclusion.exit_code())
}

/// `suite::case`.
fn trial_name(suites: &[Suite], one: &Selected) -> String {
    let suite = &suites[one.suite];
    format!("{}::{}", suite.id, suite.cases[one.case].name)
}

/// What a gate says when it has no target.
pub fn no_target() -> InputError {
    InputError::new("CONFORMANT_REQUIRE_TARGET is set and there is no target")
        .help("set API_BASE_URL to the target's base URL; on CI, check that the variable reaches this job")
}

fn banner(outcome: &RunOutcome) -> String {
    match outcome.target.kind {
        TargetKind::Reference => {
            format!("target: the embedded reference server (no API_BASE_URL set), {}", outcome.target.url)
        }
        TargetKind::Remote => format!("target: {}", outcome.target.url),
    }
}

/// Cleans up and leaves when the run is interrupted; a second signal leaves at once.
async fn leave_on_signal(session: Arc<Session>) {
    let mut signals = Signals::listen();
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
    /// Passing cases with something to tell, for the end.
    passed: Mutex<Vec<String>>,
}

impl Shared {
    fn trial(&self, index: usize) -> Result<(), Failed> {
        let outcome = self.runtime.block_on(self.session.run_case(index));
        let strict = self.session.settings().strict;
        let should = outcome.findings.iter().any(|found| found.known.is_none() && found.finding.level == Level::Should);
        let text = |outcome: CaseOutcome| {
            let view = View { color: false, verbose: self.session.settings().verbose, strict };
            let text = report::case_text(&self.session.outcome(), &outcome, view);
            self.session.secrets().mask_str(&text).into_owned()
        };
        match outcome.verdict {
            Verdict::Fail | Verdict::Error => Err(Failed::from(text(outcome))),
            Verdict::Pass | Verdict::Known if strict && should => Err(Failed::from(text(outcome))),
            Verdict::Pass | Verdict::Known => {
                if !outcome.findings.is_empty() || !outcome.notes.is_empty() {
                    self.passed.lock().unwrap_or_else(PoisonError::into_inner).push(text(outcome));
                }
                Ok(())
            }
            // Reached with `--ignored`, or when nothing is left to use up: it must not look like a pass.
            Verdict::Skipped => {
                Err(Failed::from(format!("skipped: {}", outcome.reason.unwrap_or_else(|| "it was not run".to_owned()))))
            }
        }
    }

    /// Says what belongs to the whole run.
    fn close(&self) {
        for text in self.passed.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            say(&text);
        }
        let outcome = self.session.outcome();
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
    }
}
