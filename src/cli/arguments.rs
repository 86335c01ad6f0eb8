//! The command line: what may be written there, and what it asks for. Values stay text; the library reads them.

use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue};
use clap::{ArgAction, Args, CommandFactory as _, Parser, Subcommand};

use super::limits::LimitArguments;
use super::network::NetworkArguments;
use super::serve::ServeArguments;
use crate::location::nearest;
use crate::printable::whole;
use crate::settings::Flags;

const EXAMPLES: &str = "\
Examples:
  conformant                             judge the reference server inside
  conformant --base-url https://x.test   judge a server; its keys are variables
  conformant --profile core missing      only core cases named `missing`
  conformant --report json=report.json   also write a report for programs
  conformant --release 1.8.0             the reference as it was in a release
  conformant doctor                      whether target and keys are ready
  conformant explain example-value       what a rule checks, and why
  conformant clean FILE                  remove what a killed run left behind

Every option is also a variable: CONFORMANT_JOBS=8 is --jobs 8. The option
wins. API_BASE_URL is the target when neither --base-url nor
CONFORMANT_BASE_URL is given. A variable that is set but empty is an error.

Exit status:
  0    conforms
  1    at least one case failed
  2    bad input: document, suite, option or variable
  3    could not be judged: unreachable, a wrong key, nothing judged
  130  interrupted";

/// Tells whether an HTTP API keeps its OpenAPI contract: what it answers, what it does, and what it puts on the wire.
#[derive(Debug, Parser)]
#[command(
    name = "conformant",
    version = env!("CONFORMANT_VERSION"),
    override_usage = "conformant [run] [OPTIONS] [FILTER]...\n       conformant <COMMAND>",
    after_help = EXAMPLES
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the cases against a target and report (also without this word)
    #[command(after_help = EXAMPLES)]
    Run(Box<RunArguments>),
    /// Print the ids of the cases that `run` would run
    List(ListArguments),
    /// Judge document and suites by themselves; needs no target
    ///
    /// Exits with 0, with 1 if something contradicts itself (level must; with --strict also should), and with 2 if the
    /// document or a suite cannot be read.
    Lint(LintArguments),
    /// Try target and credentials as `run` does before its first case, and run none
    ///
    /// Exits with 0 if a run could begin, with 3 if it could not, and with 2 on bad input.
    Doctor(Box<DoctorArguments>),
    /// Remove what a killed run left behind, as its journal names it
    ///
    /// Give it the suites, target and keys of that run. Exits with 0 if nothing is left, with 3 if something is, and with 2
    /// on bad input.
    Clean(Box<CleanArguments>),
    /// Print every rule: id, level, origin, summary
    Rules,
    /// Print the page of a rule
    Explain {
        /// The rule's id, as reports show it
        rule: String,
    },
    /// Serve the reference server until interrupted
    ///
    /// Prints `API_BASE_URL=…` and a `NAME=value` line per credential on stdout, in the form that a shell or an
    /// environment file takes, then serves.
    Serve(ServeArguments),
}

#[derive(Args, Clone, Debug, Default)]
struct InputArguments {
    /// A suite, or a folder of suites [default: cases]
    #[arg(long, value_name = "FILE|DIR")]
    cases: Option<String>,
    /// The OpenAPI document, in place of what the suites name
    #[arg(long, value_name = "FILE")]
    spec: Option<String>,
}

#[derive(Args, Clone, Debug, Default)]
struct SelectionArguments {
    /// The smallest set of cases that is wanted: core or extended [default: extended]
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// Only cases with this in their id; several are alternatives
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
}

#[derive(Args, Debug)]
struct LintArguments {
    #[command(flatten)]
    input: InputArguments,
    /// Let findings of level should fail the command
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_missing_value = "yes", require_equals = true)]
    strict: Option<String>,
    /// What to print on stdout: text or json [default: text]
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
}

#[derive(Args, Debug)]
struct DoctorArguments {
    /// The API's base URL [default: `API_BASE_URL`, else the reference server inside]
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The release of the real API that the reference server inside behaves as [default: the newest]
    #[arg(long, value_name = "X.Y.Z")]
    release: Option<String>,
    #[command(flatten)]
    input: InputArguments,
    /// What the cases need that these select is tried
    #[command(flatten)]
    selection: SelectionArguments,
    /// Read variables from a file of NAME=value lines; those that are set already win
    #[arg(long, value_name = "FILE")]
    env_file: Option<String>,
    /// The longest that one exchange may take [default: 30s]
    #[arg(long, value_name = "TIME")]
    timeout: Option<String>,
    /// The most requests a second, such as 10/s [default: no limit]
    #[arg(long, value_name = "N/s")]
    rate: Option<String>,
    /// Allow the host that the document names as its own server
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_missing_value = "yes", require_equals = true)]
    allow_production: Option<String>,
    #[command(flatten)]
    network: NetworkArguments,
    /// What to print on stdout: text or json [default: text]
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
}

#[derive(Args, Debug)]
struct CleanArguments {
    /// The file that the run wrote
    #[arg(value_name = "JOURNAL")]
    journal: PathBuf,
    /// The API's base URL, which must be the run's [default: `API_BASE_URL`]
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    input: InputArguments,
    /// Read variables from a file of NAME=value lines; those that are set already win
    #[arg(long, value_name = "FILE")]
    env_file: Option<String>,
    /// The longest that one exchange may take [default: 30s]
    #[arg(long, value_name = "TIME")]
    timeout: Option<String>,
    /// The most requests a second, such as 10/s [default: no limit]
    #[arg(long, value_name = "N/s")]
    rate: Option<String>,
    /// Allow the host that the document names as its own server
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_missing_value = "yes", require_equals = true)]
    allow_production: Option<String>,
    #[command(flatten)]
    network: NetworkArguments,
}

/// The flags before a command's name that mean something to `clean`.
const OF_CLEAN: &[&str] = &[
    "--base-url",
    "--cases",
    "--spec",
    "--env-file",
    "--timeout",
    "--rate",
    "--allow-production",
    "--ca-file",
    "--insecure",
    "--header",
    "--client-cert",
    "--client-key",
    "--http",
];

/// The flags before a command's name that mean something to `doctor`.
const OF_DOCTOR: &[&str] = &[
    "--base-url",
    "--release",
    "--cases",
    "--spec",
    "--profile",
    "FILTER",
    "--env-file",
    "--timeout",
    "--rate",
    "--allow-production",
    "--ca-file",
    "--insecure",
    "--header",
    "--client-cert",
    "--client-key",
    "--http",
    "--format",
];

#[derive(Args, Debug)]
struct ListArguments {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    selection: SelectionArguments,
}

#[derive(Args, Clone, Debug, Default)]
struct RunArguments {
    /// The API's base URL [default: `API_BASE_URL`, else the reference server inside]
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The release of the real API that the reference server inside behaves as [default: the newest]
    #[arg(long, value_name = "X.Y.Z")]
    release: Option<String>,
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    selection: SelectionArguments,
    /// Read variables from a file of NAME=value lines; those that are set already win
    #[arg(long, value_name = "FILE")]
    env_file: Option<String>,
    /// How many cases at a time [default: 8]
    #[arg(long, value_name = "N")]
    jobs: Option<String>,
    /// How many times each case runs, every time from fresh states [default: 1]
    #[arg(long, value_name = "N")]
    repeat: Option<String>,
    /// The longest that one exchange may take [default: 30s]
    #[arg(long, value_name = "TIME")]
    timeout: Option<String>,
    #[command(flatten)]
    limits: LimitArguments,
    /// The most requests a second, such as 10/s [default: no limit]
    #[arg(long, value_name = "N/s")]
    rate: Option<String>,
    /// Recorded behaviour that answers must also equal
    #[arg(long, value_name = "DIR")]
    baseline: Option<String>,
    /// Where to name what was made, for `clean` [default: a file in the folder of temporary files]
    #[arg(long, value_name = "FILE")]
    journal: Option<String>,
    /// Let findings of level should fail the run
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_missing_value = "yes", require_equals = true)]
    strict: Option<String>,
    /// Start no further case after the first that fails
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_missing_value = "yes", require_equals = true)]
    fail_fast: Option<String>,
    /// Show every request that would be sent, and send none
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_missing_value = "yes", require_equals = true)]
    dry_run: Option<String>,
    /// Allow the host that the document names as its own server
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_missing_value = "yes", require_equals = true)]
    allow_production: Option<String>,
    /// What to print on stdout: text, json or junit [default: text]
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Also write a report to a file (formats text, json and junit), or to stdout instead of the text (json=-); may be
    /// given several times
    #[arg(long = "report", value_name = "FORMAT=PATH")]
    reports: Vec<String>,
    /// Show what passing cases sent and got, too; twice: every byte of it
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,
    // Last, because its heading is that of whatever follows.
    #[command(flatten)]
    network: NetworkArguments,
}

/// What is to be done.
pub(crate) enum Task {
    Run(Flags),
    List(Flags),
    Lint(Flags),
    Doctor(Flags),
    Clean { journal: PathBuf, flags: Flags },
    Rules,
    Explain(String),
    Serve(ServeArguments),
}

/// A mistake on the command line with what was written there as it can be shown.
pub(crate) fn printable(mut error: clap::Error) -> clap::Error {
    let shown: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| {
            let value = match value {
                ContextValue::String(text) => ContextValue::String(whole(text)),
                ContextValue::Strings(texts) => ContextValue::Strings(texts.iter().map(|text| whole(text)).collect()),
                // A suggestion repeats what was written, and its own words are on one line.
                ContextValue::StyledStrs(texts) => {
                    ContextValue::StyledStrs(texts.iter().map(|text| whole(&text.to_string()).into()).collect())
                }
                _ => return None,
            };
            Some((kind, value))
        })
        .collect();
    for (kind, value) in shown {
        error.insert(kind, value);
    }
    error
}

impl Arguments {
    /// What is to be done. Flags may stand before a command's name, as in `conformant --cases a list`, but only those
    /// that mean something to it.
    pub(crate) fn task(self) -> Result<Task, String> {
        let before = self.run;
        Ok(match self.command {
            None => Task::Run(Flags { commands: commands(), ..before.into() }),
            Some(Command::Run(run)) => Task::Run(run.over(before).into()),
            Some(Command::List(ListArguments { input, selection })) => {
                before.only("list", &["--cases", "--spec", "--profile", "FILTER"])?;
                let list = RunArguments { input, selection, ..RunArguments::default() };
                Task::List(list.over(before).into())
            }
            Some(Command::Lint(LintArguments { input, strict, format })) => {
                before.only("lint", &["--cases", "--spec", "--strict", "--format"])?;
                let lint = RunArguments { input, strict, format, ..RunArguments::default() };
                Task::Lint(lint.over(before).into())
            }
            Some(Command::Doctor(doctor)) => {
                before.only("doctor", OF_DOCTOR)?;
                Task::Doctor(RunArguments::from(*doctor).over(before).into())
            }
            Some(Command::Clean(clean)) => {
                before.only("clean", OF_CLEAN)?;
                let journal = clean.journal.clone();
                Task::Clean { journal, flags: RunArguments::from(*clean).over(before).into() }
            }
            Some(Command::Rules) => before.only("rules", &[]).map(|()| Task::Rules)?,
            Some(Command::Explain { rule }) => before.only("explain", &[]).map(|()| Task::Explain(rule))?,
            Some(Command::Serve(serve)) => {
                before.only("serve", &["--release"])?;
                Task::Serve(ServeArguments { release: serve.release.or(before.release), ..serve })
            }
        })
    }
}

/// The name of every command.
fn commands() -> Vec<String> {
    Arguments::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

/// The command that a word is nearly the name of.
pub(crate) fn command_like(word: &str) -> Option<String> {
    let all = commands();
    nearest(word, all.iter().map(String::as_str)).filter(|near| *near != word).map(str::to_owned)
}

impl RunArguments {
    /// These, and where they say nothing, those that stood before the command's name.
    fn over(mut self, before: Self) -> Self {
        let Self { base_url, release, input, selection, jobs, repeat, timeout, rate, baseline, .. } = before;
        let pairs = [
            (&mut self.base_url, base_url),
            (&mut self.release, release),
            (&mut self.input.cases, input.cases),
            (&mut self.input.spec, input.spec),
            (&mut self.selection.profile, selection.profile),
            (&mut self.jobs, jobs),
            (&mut self.repeat, repeat),
            (&mut self.timeout, timeout),
            (&mut self.rate, rate),
            (&mut self.baseline, baseline),
            (&mut self.journal, before.journal),
            (&mut self.strict, before.strict),
            (&mut self.fail_fast, before.fail_fast),
            (&mut self.env_file, before.env_file),
            (&mut self.dry_run, before.dry_run),
            (&mut self.allow_production, before.allow_production),
            (&mut self.format, before.format),
        ];
        for (own, other) in pairs {
            if own.is_none() {
                *own = other;
            }
        }
        self.limits.over(before.limits);
        self.network.over(before.network);
        self.selection.filters.splice(0..0, selection.filters);
        self.reports.splice(0..0, before.reports);
        self.verbose = self.verbose.saturating_add(before.verbose);
        self
    }

    /// Refuses a flag that stands before a command that has no use for it.
    fn only(&self, command: &str, allowed: &[&str]) -> Result<(), String> {
        let given = [
            ("--base-url", self.base_url.is_some()),
            ("--release", self.release.is_some()),
            ("--cases", self.input.cases.is_some()),
            ("--spec", self.input.spec.is_some()),
            ("--profile", self.selection.profile.is_some()),
            ("FILTER", !self.selection.filters.is_empty()),
            ("--jobs", self.jobs.is_some()),
            ("--repeat", self.repeat.is_some()),
            ("--timeout", self.timeout.is_some()),
            ("--rate", self.rate.is_some()),
            ("--baseline", self.baseline.is_some()),
            ("--journal", self.journal.is_some()),
            ("--strict", self.strict.is_some()),
            ("--fail-fast", self.fail_fast.is_some()),
            ("--env-file", self.env_file.is_some()),
            ("--dry-run", self.dry_run.is_some()),
            ("--allow-production", self.allow_production.is_some()),
            ("--format", self.format.is_some()),
            ("--report", !self.reports.is_empty()),
            ("--verbose", self.verbose > 0),
        ];
        match given
            .iter()
            .chain(&self.limits.given())
            .chain(&self.network.given())
            .find(|(name, given)| *given && !allowed.contains(name))
        {
            Some((name, _)) => Err(format!("`{name}` means nothing to `{command}`")),
            None => Ok(()),
        }
    }
}

impl From<DoctorArguments> for RunArguments {
    fn from(doctor: DoctorArguments) -> Self {
        Self {
            base_url: doctor.base_url,
            release: doctor.release,
            input: doctor.input,
            selection: doctor.selection,
            env_file: doctor.env_file,
            timeout: doctor.timeout,
            rate: doctor.rate,
            allow_production: doctor.allow_production,
            format: doctor.format,
            network: doctor.network,
            ..Self::default()
        }
    }
}

impl From<CleanArguments> for RunArguments {
    fn from(clean: CleanArguments) -> Self {
        Self {
            base_url: clean.base_url,
            input: clean.input,
            env_file: clean.env_file,
            timeout: clean.timeout,
            rate: clean.rate,
            allow_production: clean.allow_production,
            network: clean.network,
            ..Self::default()
        }
    }
}

impl From<RunArguments> for Flags {
    fn from(arguments: RunArguments) -> Self {
        Self {
            base_url: arguments.base_url,
            release: arguments.release,
            spec: arguments.input.spec,
            cases: arguments.input.cases,
            profile: arguments.selection.profile,
            jobs: arguments.jobs,
            repeat: arguments.repeat,
            timeout: arguments.timeout,
            first_byte: arguments.limits.first_byte,
            idle: arguments.limits.idle,
            slow: arguments.limits.slow,
            linger: arguments.limits.linger,
            max_body: arguments.limits.max_body,
            rate: arguments.rate,
            baseline: arguments.baseline,
            journal: arguments.journal,
            strict: arguments.strict,
            fail_fast: arguments.fail_fast,
            env_file: arguments.env_file,
            dry_run: arguments.dry_run,
            allow_production: arguments.allow_production,
            network: arguments.network.into(),
            format: arguments.format,
            reports: arguments.reports,
            verbose: arguments.verbose,
            filters: arguments.selection.filters,
            commands: Vec::new(),
        }
    }
}

#[cfg(test)]
#[path = "arguments_tests.rs"]
mod tests;
