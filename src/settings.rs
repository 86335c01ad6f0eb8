//! The settings of a run: flag over variable over default, each resolved once. The only code that reads the
//! environment.
//!
//! Every flag of `run` is also the variable `CONFORMANT_<FLAG>`, read by the same parser, so that a value means the
//! same through both doors. Everything is resolved from an [`Environment`] that is handed in, so tests need no global
//! state. It leaves out whether files exist and whether an URL can be used (`case`, `transport`), and what the report
//! formats are (`report`).

mod again;
mod env_file;
mod environment;
mod hidden;
mod mistyped;
mod network;
mod parse;
mod refused;
mod review;

use std::path::PathBuf;
use std::time::Duration;

use crate::case::Profile;
use crate::location::{InputError, InputErrors};

pub use again::Given;
pub use environment::Environment;
pub use hidden::hidden;
pub use network::{Header, NamedFile, Network, NetworkFlags, Proxies, Variable};
use parse::Kind;
pub use review::{Review, Update};

/// Everything that steers a run.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own; they exclude nothing")]
pub struct Settings {
    /// `--base-url`, `CONFORMANT_BASE_URL`, `API_BASE_URL`; none: the embedded reference.
    pub base_url: Option<String>,
    /// Which of the three gave [`Settings::base_url`], for messages.
    pub base_url_from: &'static str,
    /// `--release`: the release of the embedded reference, as written; `run` knows which there are. Never together with
    /// [`Settings::base_url`].
    pub release: Option<String>,
    /// `--spec`: replaces what suites name.
    pub spec: Option<PathBuf>,
    /// `--cases`: a file or a folder.
    pub cases: PathBuf,
    /// `--profile`.
    pub profile: Profile,
    /// `--jobs`: how many cases at a time.
    pub jobs: usize,
    /// `--repeat`: how many times each.
    pub repeat: u64,
    /// `--timeout`: the longest one exchange may take.
    pub timeout: Duration,
    /// `--first-byte`: the longest the first byte of an answer is waited for; never longer than the timeout.
    pub first_byte: Duration,
    /// `--idle`: the longest one byte is waited for after another; never longer than the timeout.
    pub idle: Duration,
    /// `--slow`: an answer slower than this is reported.
    pub slow: Duration,
    /// `--linger`: how long bytes are waited for that must not follow an answer without a body.
    pub linger: Duration,
    /// `--max-body`: the most bytes of a body that are read.
    pub max_body: usize,
    /// `--rate`: requests a second at most.
    pub rate: Option<f64>,
    /// `--baseline`.
    pub baseline: Option<PathBuf>,
    /// `--journal`: the file that names what was made and is not gone; none: one in [`Settings::temporary`].
    pub journal: Option<PathBuf>,
    /// Where temporary files go on this system.
    pub temporary: PathBuf,
    /// What insta's variables ask for where a snapshot differs.
    pub review: Review,
    /// `--env-file`, whose variables are in [`Settings::env`].
    pub env_file: Option<PathBuf>,
    /// What that file sets that is no setting, such as a key, if it is for some target and none is named: see
    /// [`Settings::has_required_target`].
    pub meant_for_nobody: Option<String>,
    /// `--strict`.
    pub strict: bool,
    /// `--fail-fast`.
    pub fail_fast: bool,
    /// `--dry-run`: show what would be sent, and send nothing.
    pub dry_run: bool,
    /// `--allow-production`.
    pub allow_production: bool,
    /// `CONFORMANT_REQUIRE_TARGET=1`: running without a target is an error; listing is not.
    pub require_target: bool,
    /// The way to the target.
    pub network: Network,
    /// Whether a test runner starts a process for every case, as cargo-nextest does and says in its variable.
    pub process_per_case: bool,
    /// `--format`: what goes to stdout.
    pub format: ReportWish,
    /// `--report FORMAT=PATH`: what goes to files.
    pub reports: Vec<ReportWish>,
    /// Whether to colour stdout: `NO_COLOR` and `TERM=dumb` say no, `CLICOLOR_FORCE` says yes; else a terminal decides.
    pub color: Option<bool>,
    /// `-v` (1), `-vv` (2): also what passing cases sent and got; every byte.
    pub verbose: u8,
    /// FILTER.
    pub filters: Vec<String>,
    /// What the first filter may have been meant for: see [`Flags::commands`]. None if filters came from a variable.
    pub commands: Vec<String>,
    /// What was given that a rerun must give again: see [`Settings::again`].
    pub given: Vec<Given>,
    /// What a reader should know about how the settings were resolved, such as a mistyped variable; one sentence each.
    pub notes: Vec<String>,
    /// The environment as it was at the start, for credentials and `{{env.NAME}}`.
    pub env: Environment,
}

/// A report that somebody asked for. The name is checked by `report`, which knows the formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportWish {
    /// The format's name as given.
    pub format: String,
    /// Where to; `-` for stdout. None for what goes there because nobody asked for anything else.
    pub path: Option<PathBuf>,
    /// The flag or variable that asked for it, for messages.
    pub from: &'static str,
}

/// What a command line gave, as text; the test binary gives none of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--env-file`: a file of variables. What the process itself has set outranks it.
    pub env_file: Option<String>,
    /// `--base-url`.
    pub base_url: Option<String>,
    /// `--release`.
    pub release: Option<String>,
    /// `--spec`.
    pub spec: Option<String>,
    /// `--cases`.
    pub cases: Option<String>,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--jobs`.
    pub jobs: Option<String>,
    /// `--repeat`.
    pub repeat: Option<String>,
    /// `--timeout`.
    pub timeout: Option<String>,
    /// `--first-byte`.
    pub first_byte: Option<String>,
    /// `--idle`.
    pub idle: Option<String>,
    /// `--slow`.
    pub slow: Option<String>,
    /// `--linger`.
    pub linger: Option<String>,
    /// `--max-body`.
    pub max_body: Option<String>,
    /// `--rate`.
    pub rate: Option<String>,
    /// `--baseline`.
    pub baseline: Option<String>,
    /// `--journal`.
    pub journal: Option<String>,
    /// `--strict`, as `true` when it stands alone.
    pub strict: Option<String>,
    /// `--fail-fast`, likewise.
    pub fail_fast: Option<String>,
    /// `--dry-run`, likewise.
    pub dry_run: Option<String>,
    /// `--allow-production`, likewise.
    pub allow_production: Option<String>,
    /// The way to the target.
    pub network: NetworkFlags,
    /// `--format`.
    pub format: Option<String>,
    /// `--report`, as often as it was given.
    pub reports: Vec<String>,
    /// How many `-v` there were.
    pub verbose: u8,
    /// FILTER.
    pub filters: Vec<String>,
    /// The names of all commands, if none was given: the first filter may be a mistyped one.
    pub commands: Vec<String>,
}

/// The flags of a served reference, as text.
#[derive(Clone, Debug, Default)]
pub struct ServedFlags {
    /// `--release`.
    pub release: Option<String>,
    /// `--creation-time`.
    pub creation_time: Option<String>,
    /// `--user-gap`.
    pub user_gap: Option<String>,
}

/// How a served reference is to be; what is none is as ever.
#[derive(Clone, Debug)]
pub struct Served {
    /// The release of the real API.
    pub release: Option<String>,
    /// How long it takes to make a conversation.
    pub creation_time: Option<Duration>,
    /// How long it takes between looking a user up and making one.
    pub user_gap: Option<Duration>,
}

/// A setting: its flag and its variable.
#[derive(Clone, Copy)]
struct Name {
    flag: &'static str,
    variable: &'static str,
}

macro_rules! names {
    ($($constant:ident = $flag:literal, $variable:literal;)*) => {
        $(const $constant: Name = Name { flag: $flag, variable: $variable };)*
        /// The variable of every flag.
        const FLAG_VARIABLES: &[&str] = &[$($variable),*];
    };
}

names! {
    ENV_FILE = "--env-file", "CONFORMANT_ENV_FILE";
    BASE_URL = "--base-url", "CONFORMANT_BASE_URL";
    RELEASE = "--release", "CONFORMANT_RELEASE";
    SPEC = "--spec", "CONFORMANT_SPEC";
    CASES = "--cases", "CONFORMANT_CASES";
    PROFILE = "--profile", "CONFORMANT_PROFILE";
    JOBS = "--jobs", "CONFORMANT_JOBS";
    REPEAT = "--repeat", "CONFORMANT_REPEAT";
    TIMEOUT = "--timeout", "CONFORMANT_TIMEOUT";
    FIRST_BYTE = "--first-byte", "CONFORMANT_FIRST_BYTE";
    IDLE = "--idle", "CONFORMANT_IDLE";
    SLOW = "--slow", "CONFORMANT_SLOW";
    LINGER = "--linger", "CONFORMANT_LINGER";
    MAX_BODY = "--max-body", "CONFORMANT_MAX_BODY";
    RATE = "--rate", "CONFORMANT_RATE";
    BASELINE = "--baseline", "CONFORMANT_BASELINE";
    JOURNAL = "--journal", "CONFORMANT_JOURNAL";
    STRICT = "--strict", "CONFORMANT_STRICT";
    FAIL_FAST = "--fail-fast", "CONFORMANT_FAIL_FAST";
    DRY_RUN = "--dry-run", "CONFORMANT_DRY_RUN";
    ALLOW_PRODUCTION = "--allow-production", "CONFORMANT_ALLOW_PRODUCTION";
    CA_FILE = "--ca-file", "CONFORMANT_CA_FILE";
    INSECURE = "--insecure", "CONFORMANT_INSECURE";
    HEADER = "--header", "CONFORMANT_HEADER";
    CLIENT_CERT = "--client-cert", "CONFORMANT_CLIENT_CERT";
    CLIENT_KEY = "--client-key", "CONFORMANT_CLIENT_KEY";
    HTTP = "--http", "CONFORMANT_HTTP";
    FORMAT = "--format", "CONFORMANT_FORMAT";
    REPORT = "--report", "CONFORMANT_REPORT";
    VERBOSE = "-v", "CONFORMANT_VERBOSE";
    FILTER = "FILTER", "CONFORMANT_FILTER";
}

/// The target's variable, named after the document's server variable.
const API_BASE_URL: &str = "API_BASE_URL";
/// The gate's variable, which has no flag: a gate that can be switched off by its own command line is none.
const REQUIRE_TARGET: &str = "CONFORMANT_REQUIRE_TARGET";
/// Read by this project's own tests (external programs that must be there), and no setting of a run.
const REQUIRE_PROGRAMS: &str = "CONFORMANT_REQUIRE";

/// How long the first byte of an answer is waited for at least, where nobody says.
const FIRST_BYTE_AT_LEAST: Duration = Duration::from_secs(10);
/// How long one byte after another is waited for at least, where nobody says.
const IDLE_AT_LEAST: Duration = Duration::from_secs(5);
/// Where suites are when nobody says.
const USUAL_CASES: &str = "cases";
/// Set by a test runner that starts a process for every test: the variable and its value.
const RUNNER: (&str, &str) = ("NEXTEST_EXECUTION_MODE", "process-per-test");

/// Whether a variable names the target.
pub fn is_target(name: &str) -> bool {
    [API_BASE_URL, BASE_URL.variable].contains(&name)
}

impl Settings {
    /// Resolves the settings of a run. All errors come together.
    pub fn resolve(flags: &Flags, env: Environment) -> Result<Self, InputErrors> {
        let (env, given, file) = with_file(flags.env_file.as_deref(), env)?;
        let (env_file, in_file) = file.unzip();
        let (review, review_note) = Review::of(&env);
        let mut resolver = Resolver { env: &env, errors: Vec::new(), given };
        let (base_url, base_url_from) = resolver.base_url(flags.base_url.as_deref());
        let release = resolver.release(flags.release.as_deref(), base_url.as_ref().map(|_| base_url_from));
        let timeout =
            resolver.one(TIMEOUT, flags.timeout.as_deref(), parse::duration).unwrap_or(Duration::from_secs(30));
        let first_byte = resolver.within(FIRST_BYTE, flags.first_byte.as_deref(), timeout);
        let idle = resolver.within(IDLE, flags.idle.as_deref(), timeout);
        resolver.errors.extend(mistyped::gate(&env));
        let settings = Self {
            base_url,
            base_url_from,
            release,
            spec: resolver.one(SPEC, flags.spec.as_deref(), parse::path),
            cases: resolver
                .one(CASES, flags.cases.as_deref(), parse::path)
                .unwrap_or_else(|| PathBuf::from(USUAL_CASES)),
            profile: resolver.one(PROFILE, flags.profile.as_deref(), parse::profile).unwrap_or(Profile::Extended),
            jobs: resolver.one(JOBS, flags.jobs.as_deref(), parse::jobs).unwrap_or(8),
            repeat: resolver.one(REPEAT, flags.repeat.as_deref(), parse::repeat).unwrap_or(1),
            timeout,
            // Whoever waits longer for the whole waits longer for each part of it.
            first_byte: first_byte.unwrap_or_else(|| FIRST_BYTE_AT_LEAST.max(timeout / 3).min(timeout)),
            idle: idle.unwrap_or_else(|| IDLE_AT_LEAST.max(timeout / 6).min(timeout)),
            slow: resolver.one(SLOW, flags.slow.as_deref(), parse::duration).unwrap_or(Duration::from_secs(2)),
            linger: resolver.one(LINGER, flags.linger.as_deref(), parse::linger).unwrap_or(Duration::from_millis(20)),
            max_body: resolver.one(MAX_BODY, flags.max_body.as_deref(), parse::size).unwrap_or(1024 * 1024),
            rate: resolver.one(RATE, flags.rate.as_deref(), parse::rate),
            baseline: resolver.one(BASELINE, flags.baseline.as_deref(), parse::path),
            journal: resolver.one(JOURNAL, flags.journal.as_deref(), parse::path),
            temporary: std::env::temp_dir(),
            review,
            env_file,
            meant_for_nobody: None,
            strict: resolver.one(STRICT, flags.strict.as_deref(), parse::boolean).unwrap_or(false),
            fail_fast: resolver.one(FAIL_FAST, flags.fail_fast.as_deref(), parse::boolean).unwrap_or(false),
            dry_run: resolver.one(DRY_RUN, flags.dry_run.as_deref(), parse::boolean).unwrap_or(false),
            allow_production: resolver
                .one(ALLOW_PRODUCTION, flags.allow_production.as_deref(), parse::boolean)
                .unwrap_or(false),
            require_target: resolver.variable(REQUIRE_TARGET, parse::boolean).unwrap_or(false),
            network: resolver.network(&flags.network),
            process_per_case: env.get(RUNNER.0) == Some(RUNNER.1),
            format: resolver.format(flags.format.as_deref()),
            reports: resolver.reports(&flags.reports),
            color: env.color(),
            verbose: match flags.verbose {
                0 => resolver.variable(VERBOSE.variable, parse::verbosity).unwrap_or(0),
                given => given.min(2),
            },
            filters: resolver.filters(&flags.filters),
            commands: if flags.filters.is_empty() { Vec::new() } else { flags.commands.clone() },
            given: Vec::new(),
            notes: mistyped::notes(&env).into_iter().chain(review_note).collect(),
            env: Environment::default(),
        };
        let Resolver { errors, given, .. } = resolver;
        let has_target = settings.base_url.is_some() || settings.release.is_some();
        let meant_for_nobody =
            in_file.unwrap_or_default().into_iter().find(|name| !has_target && !mistyped::is_setting(name));
        if errors.is_empty() { Ok(Self { meant_for_nobody, given, env, ..settings }) } else { Err(InputErrors(errors)) }
    }

    /// The folder with recorded behaviour beside the cases, if there is one.
    pub fn recorded_beside(&self) -> Option<PathBuf> {
        Some(self.cases.parent()?.join("snapshots")).filter(|folder| folder.is_dir())
    }

    /// How a served reference is to be: the flags; the release also by its variable. No target is asked for here, so none can stand
    /// against it.
    pub fn served(flags: &ServedFlags, env: &Environment) -> Result<Served, InputErrors> {
        let mut resolver = Resolver { env, errors: Vec::new(), given: Vec::new() };
        let release = resolver.release(flags.release.as_deref(), None);
        let mut time =
            |flag, text: &Option<String>| text.as_deref().and_then(|text| resolver.parsed(flag, text, parse::duration));
        let creation_time = time("--creation-time", &flags.creation_time);
        let user_gap = time("--user-gap", &flags.user_gap);
        let served = Served { release, creation_time, user_gap };
        if resolver.errors.is_empty() { Ok(served) } else { Err(InputErrors(resolver.errors)) }
    }

    /// The settings of the test binary, which has no flags of its own: variables and defaults only.
    pub fn from_env() -> Result<Self, InputErrors> {
        Self::resolve(&Flags::default(), Environment::read())
    }
}

/// A file of variables, and the names of those that it sets.
type VariableFile = (PathBuf, Vec<String>);

/// The environment with the variables of the file that is named, if one is, which is given again then; and that file. A
/// file is never read unasked.
fn with_file(
    flag: Option<&str>,
    env: Environment,
) -> Result<(Environment, Vec<Given>, Option<VariableFile>), InputErrors> {
    let mut resolver = Resolver { env: &env, errors: Vec::new(), given: Vec::new() };
    let path = resolver.one(ENV_FILE, flag, parse::path);
    let Resolver { errors, given, .. } = resolver;
    if !errors.is_empty() {
        return Err(InputErrors(errors));
    }
    let Some(path) = path else { return Ok((env, given, None)) };
    let from = if flag.is_some() { ENV_FILE.flag } else { ENV_FILE.variable };
    let variables = env_file::read(&path, from)?;
    let names = variables.iter().map(|(name, _)| name.clone()).collect();
    Ok((env.over(variables), given, Some((path, names))))
}

/// Looks a value up by flag, then by variable, and gathers what is wrong with either.
struct Resolver<'a> {
    env: &'a Environment,
    errors: Vec<InputError>,
    given: Vec<Given>,
}

impl Resolver<'_> {
    /// A flag's value, else its variable's.
    fn one<T>(&mut self, name: Name, flag: Option<&str>, parse: Kind<T>) -> Option<T> {
        let value = match flag {
            Some(text) => self.parsed(name.flag, text, parse),
            None => self.variable(name.variable, parse),
        };
        if value.is_some() {
            self.given.extend(flag.or_else(|| self.env.get(name.variable)).and_then(|text| Given::new(name, text)));
        }
        value
    }

    /// A wait that is a part of the whole exchange's. A longer one could never come to its end, so whoever asks for it is
    /// mistaken about one of the two.
    fn within(&mut self, name: Name, flag: Option<&str>, timeout: Duration) -> Option<Duration> {
        let from = if flag.is_some() { name.flag } else { name.variable };
        let wait = self.one(name, flag, parse::duration)?;
        if wait > timeout {
            self.errors.push(
                InputError::new(format!("{from} is longer than the whole exchange may take, which is {timeout:?}"))
                    .help(format!("give {} at least as much, or {from} less", TIMEOUT.flag)),
            );
        }
        Some(wait)
    }

    /// A variable's value.
    fn variable<T>(&mut self, name: &'static str, parse: Kind<T>) -> Option<T> {
        match self.env.filled(name) {
            Ok(text) => text.and_then(|text| self.parsed(name, text, parse)),
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    fn parsed<T>(&mut self, from: &'static str, text: &str, parse: Kind<T>) -> Option<T> {
        let text = text.trim();
        let result = if text.is_empty() {
            Err(InputError::new(format!("{from} is empty"))
                .help(format!("give {from} a value, or leave it out; was a variable meant to fill it?")))
        } else {
            parse(text).map_err(|wrong| {
                InputError::new(format!("{from} is `{text}`, which is not {}", wrong.wanted)).help(wrong.help)
            })
        };
        result.map_err(|error| self.errors.push(error)).ok()
    }

    /// The target. An empty `API_BASE_URL` is an error whatever `CONFORMANT_BASE_URL` says: both come from the same
    /// place, and one of them is a mistake there. Only a flag, written by hand, outranks it.
    fn base_url(&mut self, flag: Option<&str>) -> (Option<String>, &'static str) {
        if let Some(text) = flag {
            return (self.parsed(BASE_URL.flag, text, parse::text), BASE_URL.flag);
        }
        let own = self.variable(BASE_URL.variable, parse::text);
        let general = self.variable(API_BASE_URL, parse::text);
        if own.is_some() { (own, BASE_URL.variable) } else { (general, API_BASE_URL) }
    }

    /// The release of the embedded reference. `target` is the flag or variable that names another target: the release
    /// would change nothing there, so whoever gave both is mistaken about one of them.
    fn release(&mut self, flag: Option<&str>, target: Option<&'static str>) -> Option<String> {
        let from = if flag.is_some() { RELEASE.flag } else { RELEASE.variable };
        let release = self.one(RELEASE, flag, parse::text)?;
        if let Some(target) = target {
            self.errors.push(
                InputError::new(format!(
                    "{from} is `{release}`, and {target} names a target: only the embedded reference has releases to \
                     pick from"
                ))
                .help(format!(
                    "leave {from} out to judge the target, or {target} to judge the reference as it was in {release}"
                )),
            );
        }
        Some(release)
    }

    fn format(&mut self, flag: Option<&str>) -> ReportWish {
        let from = if flag.is_some() { FORMAT.flag } else { FORMAT.variable };
        let asked = self.one(FORMAT, flag, parse::text);
        let path = asked.is_some().then(|| PathBuf::from("-"));
        ReportWish { format: asked.unwrap_or_else(|| "text".to_owned()), path, from }
    }

    fn reports(&mut self, flags: &[String]) -> Vec<ReportWish> {
        let (from, wishes) = self.list(REPORT, flags);
        let parsed = wishes.iter().filter_map(|wish| self.parsed(from, wish, parse::report));
        parsed.map(|(format, path)| ReportWish { format, path: Some(path), from }).collect()
    }

    fn filters(&mut self, flags: &[String]) -> Vec<String> {
        let (from, filters) = self.list(FILTER, flags);
        // An empty filter would fit every case: `conformant "$WANTED"` must not run all of them.
        filters.iter().filter_map(|filter| self.parsed(from, filter, parse::text)).collect()
    }

    /// What was given several times on a command line, or else is separated by commas in a variable.
    fn list(&mut self, name: Name, flags: &[String]) -> (&'static str, Vec<String>) {
        if flags.is_empty() {
            let text = self.variable(name.variable, parse::text);
            (name.variable, text.iter().flat_map(|text| text.split(',')).map(str::to_owned).collect())
        } else {
            (name.flag, flags.to_vec())
        }
    }
}

#[cfg(test)]
mod tests;
