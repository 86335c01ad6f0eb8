//! The command: reads arguments, calls what they ask for, and says on stderr what went wrong.

mod arguments;
mod commands;
mod completions;
mod demo;
mod man;
mod output;
mod progress;
mod serve;
mod settings_page;

use std::io::{self, IsTerminal};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::lint;
use crate::location::{InputError, InputErrors};
use crate::object::journal::{self, RecordedJournal};
use crate::outcome::Exit;
use crate::printable::escaped;
use crate::report::{self, Reports, View, catalog, loaded};
use crate::run::{self, ExitNotice, Session, Signals};
use crate::secret::Secrets;
use crate::settings::{Environment, Flags, Settings};
use crate::suite::Suite;
use crate::write;
use arguments::Task;
use output::{write_stderr, write_stdout};
use progress::ProgressDisplay;

pub use settings_page::{flags_of_network, settings_page};

/// The whole of the command: reads the arguments of the process, does what they say, and gives its exit code.
pub fn main() -> ExitCode {
    // What panics tell may quote a file or an answer, so from here on it is printed safely.
    run::mask_panics(&Secrets::none());
    // A signal is heard while files are read, too.
    let mut signals = Signals::listen();
    // Any message from here on may hold a secret.
    let given: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    run::hide_environment(&given);
    // Mistakes on the command line exit with 2, `--help` and `--version` with 0.
    let task = arguments::read(std::env::args_os()).unwrap_or_else(|error| {
        // A mistyped command is taken for a filter, and then its flags are unknown.
        let first = std::env::args_os().nth(1).and_then(|first| first.into_string().ok());
        if let Some(command) = first.filter(|_| error.use_stderr()).and_then(|first| commands::like(&first)) {
            write_stderr(&format!("{error}\nDid you mean `conformant {command}`?"));
            write::flush_stderr();
            std::process::exit(error.exit_code());
        }
        refuse(&error)
    });
    let result = catch_unwind(AssertUnwindSafe(|| perform(task, &mut signals))).unwrap_or_else(|_| {
        write_stderr("error: this is a defect of conformant, and says nothing about the target; please report it");
        Ok(Exit::NotJudged)
    });
    let exit = result.unwrap_or_else(|errors| {
        write_stderr(&run::input_errors_text(&errors));
        Exit::BadInput
    });
    write::flush_stderr();
    ExitCode::from(exit.code())
}

/// Ends the program with the message about a mistake on the command line, or with the text that `--help` asks for.
fn refuse(error: &clap::Error) -> ! {
    if !error.use_stderr() {
        error.exit();
    }
    let text = error.render();
    let color = Environment::read().color().unwrap_or_else(|| io::stderr().is_terminal());
    write_stderr(if color { text.ansi().to_string() } else { text.to_string() }.trim_end());
    write::flush_stderr();
    std::process::exit(error.exit_code());
}

fn perform(task: Task, signals: &mut Signals) -> Result<Exit, InputErrors> {
    match task {
        Task::Run(flags) => run(&flags, signals),
        Task::List(flags) => list(&flags),
        Task::Lint(flags) => lint(&flags),
        Task::Doctor(flags) => doctor(&flags, signals),
        Task::Clean { journal: None, flags } => journals(&flags),
        Task::Clean { journal: Some(journal), flags } => clean(&journal, &flags, signals),
        Task::Rules => Ok(write_stdout(&catalog::rules(color()))),
        Task::Explain(rule) => Ok(write_stdout(&catalog::explain(&rule, color())?)),
        Task::Serve(flags) => serve::serve(&flags, signals),
        Task::WriteDemo(folder) => Ok(write_stdout(&demo::write(&folder)?)),
        Task::Completions(shell) => Ok(write_stdout(&completions::script(&shell)?)),
        Task::Man(command) => Ok(write_stdout(&man::page(command.as_deref())?)),
    }
}

/// `conformant run`: everything that can be wrong with the input is found before anything is sent.
fn run(flags: &Flags, signals: &mut Signals) -> Result<Exit, InputErrors> {
    let settings = settings(flags)?;
    settings.has_required_target()?;
    if settings.dry_run {
        return dry_run(settings);
    }
    let reports = Reports::prepare(&settings)?;
    let suites = Arc::new(load(&settings)?);
    reports.spare(&run::inputs(&settings, &suites)?)?;
    let selected = Arc::new(run::select(&settings, &suites)?);
    let strict = settings.strict;
    let runtime = run::runtime()?;
    let ran = runtime.block_on(async {
        let session = Session::open(settings, suites, selected).await?;
        let secrets = session.secrets().clone();
        run::mask_panics(&secrets);
        let shown = ProgressDisplay::begin(session.settings(), reports.stdout_is_text());
        // What the progress shows of an event is shown before the report.
        session.listen(shown.listener());
        let stdout = reports.to_stdout(&secrets, session.may_learn_secrets(), shown.apart());
        session.listen(stdout.listener());
        signals.attend(shown.interrupted(), ExitNotice::of(&session));
        session.keep_journal()?;
        Ok::<_, InputErrors>((run::run(session, signals).await, stdout, secrets))
    });
    signals.done();
    // All is judged. A server that never stops sending keeps a connection's task busy, and nobody waits for that.
    runtime.shutdown_background();
    let (outcome, stdout, secrets) = ran?;
    let mut published = reports.publish_files(&outcome, &secrets);
    published.merge(stdout.finish());
    signals.reported();
    for problem in &published.problems {
        write_stderr(&format!("error: {}", escaped(problem)));
    }
    Ok(published.exit(outcome.exit(strict)))
}

/// `conformant doctor`: whether a run could begin.
fn doctor(flags: &Flags, signals: &mut Signals) -> Result<Exit, InputErrors> {
    let settings = settings(flags)?;
    settings.has_required_target()?;
    let suites = Arc::new(load(&settings)?);
    let selected = Arc::new(run::select(&settings, &suites)?);
    let render = report::doctor(&settings.format)?;
    let color = settings.color.unwrap_or_else(|| io::stdout().is_terminal());
    let view = View { color, verbose: settings.verbose, strict: settings.strict };
    let runtime = run::runtime()?;
    let tried = runtime.block_on(async {
        let session = Session::open(settings, suites, selected).await?;
        run::mask_panics(session.secrets());
        signals.attend(|| write_stderr("interrupted"), ExitNotice::nothing());
        Ok::<_, InputErrors>(run::doctor(session, signals).await)
    });
    signals.done();
    // Whoever looks up a name may not have come back, and nobody waits for that.
    runtime.shutdown_background();
    let outcome = tried?;
    Ok(match write_stdout(&render(&outcome, view)) {
        Exit::Conforms => outcome.doctor_exit(),
        failed => failed,
    })
}

/// `conformant clean` without a journal: which journals there are.
fn journals(flags: &Flags) -> Result<Exit, InputErrors> {
    let folder = settings(flags)?.temporary;
    let text = report::journals(&folder, &journal::found_in(&folder));
    Ok(write_stdout(&run::printable(&text)))
}

/// `conformant clean JOURNAL`: removes what a run left behind, as its journal names it.
fn clean(journal: &Path, flags: &Flags, signals: &mut Signals) -> Result<Exit, InputErrors> {
    let settings = settings(flags)?;
    if settings.dry_run {
        return Err(InputError::new("CONFORMANT_DRY_RUN is set, and `clean` removes things")
            .help("unset it; the journal itself names what would be removed, a line each")
            .into());
    }
    let mut journal = RecordedJournal::open(journal)?;
    if !journal.entries.is_empty() && settings.base_url.is_none() {
        let message = format!("no target is named; the journal is of {}", journal.target);
        return Err(InputError::new(message)
            .help("set API_BASE_URL or --base-url, and the keys, as for the run")
            .into());
    }
    if journal.entries.is_empty() {
        journal.done().map_err(|error| InputError::new(format!("the journal cannot be removed: {error}")))?;
        return Ok(write_stdout("nothing is left, and the journal is removed\n"));
    }
    let suites = Arc::new(load(&settings)?);
    let selected = Arc::new(run::needed(&suites, &journal)?);
    let color = settings.color.unwrap_or_else(|| io::stdout().is_terminal());
    let view = View { color, verbose: settings.verbose, strict: settings.strict };
    let runtime = run::runtime()?;
    let cleaned = runtime.block_on(async {
        let session = Session::open(settings, suites, selected).await?;
        run::mask_panics(session.secrets());
        signals.attend(
            || write_stderr("interrupted: waiting for the open requests; interrupt again to stop at once"),
            ExitNotice::journal_of(&session, &journal.path),
        );
        let cleaned = Box::pin(run::clean(&session, &mut journal, signals)).await?;
        let (text, exit) = match cleaned {
            Ok(cleaned) => (report::cleaned(&cleaned), cleaned.exit()),
            Err(_) => (report::preflight_text(&session.outcome().masked(session.secrets()), view), Exit::NotJudged),
        };
        Ok::<_, InputErrors>((text, exit))
    });
    signals.done();
    runtime.shutdown_background();
    let (text, exit) = cleaned?;
    if exit == Exit::Conforms
        && let Err(error) = journal.done()
    {
        write_stderr(&format!("note: the journal cannot be removed: {error}"));
    }
    let said = write_stdout(&text);
    signals.reported();
    Ok(match said {
        Exit::Conforms => exit,
        failed => failed,
    })
}

/// `conformant run --dry-run`: what a run would send.
fn dry_run(settings: Settings) -> Result<Exit, InputErrors> {
    settings.has_no_reports()?;
    let suites = Arc::new(load(&settings)?);
    let selected = Arc::new(run::select(&settings, &suites)?);
    let color = settings.color.unwrap_or_else(|| io::stdout().is_terminal());
    let wish = settings.format.clone();
    let session = run::runtime()?.block_on(Session::open(settings, suites, selected))?;
    run::mask_panics(session.secrets());
    let (text, exit) = report::plan(&session.outcome(), session.plan(), session.secrets(), &wish, color)?;
    let said = write_stdout(&text);
    if exit != Exit::Conforms {
        let refusals = match session.plan().refusals().count() {
            1 => "1 request is refused".to_owned(),
            many => format!("{many} requests are refused"),
        };
        write_stderr(&format!("error: {refusals}, so a run would send nothing; the plan says why"));
        return Ok(exit);
    }
    Ok(said)
}

/// `conformant list`: what `run` would run.
fn list(flags: &Flags) -> Result<Exit, InputErrors> {
    let settings = settings(flags)?;
    let suites = load(&settings)?;
    let selected = run::select(&settings, &suites)?;
    Ok(write_stdout(&loaded::list(selected.iter().map(|one| &suites[one.suite].cases[one.case]))))
}

/// `conformant lint`: whether document, suites and known deviations load and fit, and what is wrong with document and
/// suites by themselves.
fn lint(flags: &Flags) -> Result<Exit, InputErrors> {
    let settings = settings(flags)?;
    let suites = Arc::new(load(&settings)?);
    run::known(&settings, &suites)?;
    run::runtime()?.block_on(run::refuse_unsendable(&settings, Arc::clone(&suites)))?;
    let color = settings.color.unwrap_or_else(|| io::stdout().is_terminal());
    let view = View { color, verbose: settings.verbose, strict: settings.strict };
    let mut linted = lint::lint(&suites);
    for one in &mut linted {
        run::without_secrets(&mut one.findings);
    }
    let (text, exit) = loaded::lint(&linted, &settings.format, view)?;
    Ok(match write_stdout(&text) {
        Exit::Conforms => exit,
        failed => failed,
    })
}

/// The settings, with what is odd about them on stderr.
fn settings(flags: &Flags) -> Result<Settings, InputErrors> {
    let settings = Settings::resolve(flags, Environment::read())?;
    run::hide_settings(&settings);
    for note in &settings.notes {
        write_stderr(&format!("note: {}", escaped(note)));
    }
    Ok(settings)
}

/// The suites. Writes notes about files that were not read to stderr.
fn load(settings: &Settings) -> Result<Vec<Suite>, InputErrors> {
    let suites = run::load(settings)?;
    for note in run::unread_files(settings)
        .into_iter()
        .chain(run::unmasked(settings, &suites))
        .chain(run::unused_snapshots(settings, &suites))
        .chain(run::list_used_snapshots(settings, &suites))
        .chain(run::allowed_servers(settings, &suites))
    {
        write_stderr(&format!("note: {}", escaped(&note)));
    }
    Ok(suites)
}

/// Whether stdout wants colours.
fn color() -> bool {
    Environment::read().color().unwrap_or_else(|| io::stdout().is_terminal())
}
