//! The settings of a run, each resolved once, and how they are resolved.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::demo;
use super::env_file;
use super::environment::Environment;
use super::flag::CommandName;
use super::flags::Flags;
use super::mistyped;
use super::network::Network;
use super::parse;
use super::report_wish::ReportWish;
use super::rerun::Repeated;
use super::resolver::Resolver;
use super::review::Review;
use super::table::{
    ALLOW_PRODUCTION, API_BASE_URL, BASE_URL, BASELINE, CASES, DRY_RUN, ENV_FILE, FAIL_FAST, FIRST_BYTE, FLAGS, IDLE,
    JOBS, JOURNAL, LINGER, MAX_BODY, PROFILE, RATE, REPEAT, REQUIRE_TARGET, SLOW, SPEC, STRICT, TIMEOUT,
};
use crate::file;
use crate::location::InputErrors;
use crate::suite::Profile;

/// How long the first byte of a response is waited for at least, where no setting says it.
const FIRST_BYTE_AT_LEAST: Duration = Duration::from_secs(10);
/// How long one byte after another is waited for at least, where no setting says it.
const IDLE_AT_LEAST: Duration = Duration::from_secs(5);
/// Set by a test runner that starts a process for every test: the variable and its value.
const RUNNER: (&str, &str) = ("NEXTEST_EXECUTION_MODE", "process-per-test");

/// Everything that steers a run.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own; they exclude nothing")]
pub struct Settings {
    /// The command that they are for: `run` or `demo` where cases run.
    pub(crate) command: CommandName,
    /// `--base-url`, `CONFORMANT_BASE_URL`, `API_BASE_URL`; none: the embedded reference.
    pub base_url: Option<String>,
    /// Which of the three gave [`Settings::base_url`], for messages.
    pub base_url_from: &'static str,
    /// Whether that variable is set by the file of [`Settings::env_file`] and not by the environment.
    pub(crate) is_base_url_in_file: bool,
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
    /// `INSTA_UPDATE`: what becomes of a record that differs.
    pub review: Review,
    /// `--env-file`, whose variables are in [`Settings::env`].
    pub env_file: Option<PathBuf>,
    /// A variable of that file that means something to a target only, such as a key, if no target is named: see
    /// [`Settings::has_required_target`].
    pub(crate) key_without_target: Option<String>,
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
    /// The commands that the first filter may be a mistyped name of; none if filters came from a variable.
    pub commands: Vec<String>,
    /// What was given that the rerun command repeats: see [`Settings::rerun_words`].
    pub(crate) repeated: Vec<Repeated>,
    /// What a reader should know about how the settings were resolved, such as a mistyped variable; one sentence each.
    pub notes: Vec<String>,
    /// The environment as it was at the start, for credentials and `{{env.NAME}}`.
    pub env: Environment,
}

impl Settings {
    /// Resolves the settings of a run. All errors come together.
    pub fn resolve(flags: &Flags, env: Environment) -> Result<Self, InputErrors> {
        let is_demo = flags.command == CommandName::Demo;
        let is_set: Vec<&str> = [BASE_URL.flag.variable(), API_BASE_URL].into_iter().filter(|it| env.has(it)).collect();
        let (env, repeated, file) = if is_demo { (env, Vec::new(), None) } else { with_file(flags, env)? };
        let mut notes = mistyped::notes(&env);
        let gate = mistyped::gate(&env);
        let (flags, env) = if is_demo {
            let (flags, env, note) = demo::prepared(flags, &env);
            notes.extend(note);
            (flags, env)
        } else {
            (flags.clone(), env)
        };
        let mut resolver = Resolver::new(&flags, &env);
        resolver.errors.extend(gate);
        resolver.repeated = repeated;
        let file_of_url = file.as_ref().filter(|(_, names)| {
            let sets = |name: &&str| names.iter().any(|other| other == name);
            is_set.is_empty() && [BASE_URL.flag.variable(), API_BASE_URL].iter().any(sets)
        });
        let settings = Self::with(&mut resolver, &flags, file_of_url.map(|(path, _)| path.as_path()));
        let Resolver { errors, repeated, .. } = resolver;
        if !errors.is_empty() {
            return Err(InputErrors(errors));
        }
        notes.extend(Review::of(&env).1);
        let (env_file, in_file) = file.unzip();
        let has_target = settings.base_url.is_some() || settings.release.is_some();
        let in_file = in_file.unwrap_or_default();
        let from = settings.base_url_from;
        let is_base_url_in_file = in_file.iter().any(|name| name == from) && !is_set.contains(&from);
        let key_without_target = in_file.into_iter().find(|name| !has_target && !mistyped::is_setting(name));
        Ok(Self { is_base_url_in_file, env_file, key_without_target, repeated, notes, env, ..settings })
    }

    /// Every setting that one flag or variable gives. `file_of_url` is the file of variables if it alone sets the variable of the
    /// base URL.
    fn with(resolver: &mut Resolver<'_>, flags: &Flags, file_of_url: Option<&Path>) -> Self {
        let (base_url, base_url_from) = resolver.base_url();
        let named_by = base_url.as_ref().map(|_| match file_of_url {
            Some(file) if base_url_from != BASE_URL.flag.name => format!("{base_url_from} of {}", file.display()),
            _ => base_url_from.to_owned(),
        });
        let release = resolver.release(named_by.as_deref());
        let timeout = resolver.value(&TIMEOUT);
        // A longer wait for the whole is a longer wait for each part of it.
        let first_byte = resolver.within(&FIRST_BYTE, timeout);
        let first_byte = first_byte.unwrap_or_else(|| FIRST_BYTE_AT_LEAST.max(timeout / 3).min(timeout));
        let idle = resolver.within(&IDLE, timeout);
        let idle = idle.unwrap_or_else(|| IDLE_AT_LEAST.max(timeout / 6).min(timeout));
        let env = resolver.env;
        let is_demo = flags.command == CommandName::Demo;
        let filters = resolver.filters();
        Self {
            command: flags.command,
            base_url,
            base_url_from,
            is_base_url_in_file: false,
            release,
            spec: resolver.given(&SPEC),
            cases: resolver.value(&CASES),
            profile: resolver.value(&PROFILE),
            jobs: resolver.value(&JOBS),
            repeat: resolver.value(&REPEAT),
            timeout,
            first_byte,
            idle,
            slow: resolver.value(&SLOW),
            linger: resolver.value(&LINGER),
            max_body: resolver.value(&MAX_BODY),
            rate: resolver.given(&RATE),
            baseline: resolver.given(&BASELINE),
            journal: resolver.given(&JOURNAL),
            temporary: std::env::temp_dir(),
            // The snapshots of a demo are no files that could change.
            review: if is_demo { Review::nothing() } else { Review::of(env).0 },
            env_file: None,
            key_without_target: None,
            strict: resolver.value(&STRICT),
            fail_fast: resolver.value(&FAIL_FAST),
            dry_run: resolver.value(&DRY_RUN),
            allow_production: resolver.value(&ALLOW_PRODUCTION),
            require_target: resolver.variable(REQUIRE_TARGET, parse::boolean).unwrap_or(false),
            network: resolver.network(),
            process_per_case: env.get(RUNNER.0) == Some(RUNNER.1),
            format: resolver.format(),
            reports: resolver.reports(),
            color: env.color(),
            verbose: resolver.verbosity(),
            filters,
            commands: flags.commands_for_filter(),
            repeated: Vec::new(),
            notes: Vec::new(),
            env: Environment::default(),
        }
    }

    /// The settings of the test target, which has no flags of its own: variables and defaults only.
    pub fn from_env() -> Result<Self, InputErrors> {
        Self::resolve(&Flags::default(), Environment::read())
    }

    /// The folder with recorded behaviour beside the cases, if there is one.
    pub fn recorded_beside(&self) -> Option<PathBuf> {
        Some(self.cases.parent()?.join("snapshots")).filter(|folder| file::is_folder(folder))
    }

    /// The name of the command that runs a case again.
    pub fn rerun_command(&self) -> &'static str {
        self.command.word()
    }

    /// The words of a command line that repeat these settings. The target is left out, because it is known to the report, and
    /// so are header fields, which may be secret.
    pub fn rerun_words(&self) -> Vec<String> {
        let is_shipped = |word: &Repeated| self.command == CommandName::Demo && word.is_of(&CASES.flag);
        self.repeated.iter().filter(|word| !is_shipped(word)).flat_map(Repeated::words).collect()
    }

    /// Those of the same words that `clean` takes.
    pub(crate) fn clean_words(&self) -> Vec<String> {
        let is_taken = |word: &Repeated| FLAGS.iter().any(|flag| word.is_of(flag) && flag.is_for(CommandName::Clean));
        self.repeated.iter().filter(|word| is_taken(word)).flat_map(Repeated::words).collect()
    }

    /// What to do so that no target is named, and the embedded reference is judged: the start of a sentence.
    pub(crate) fn how_to_name_no_target(&self) -> String {
        let from = self.base_url_from;
        match &self.env_file {
            _ if from == BASE_URL.flag.name => format!("leave out {from}"),
            Some(file) if self.is_base_url_in_file => format!("remove {from} from {}", file.display()),
            _ => format!("unset {from}"),
        }
    }
}

/// A file of variables, and the names of those that it sets.
type VariableFile = (PathBuf, Vec<String>);

/// The environment with the variables of the file that `--env-file` names, if any, and that file. No other file of variables
/// is ever read.
fn with_file(
    flags: &Flags,
    env: Environment,
) -> Result<(Environment, Vec<Repeated>, Option<VariableFile>), InputErrors> {
    let mut resolver = Resolver::new(flags, &env);
    let path = resolver.given(&ENV_FILE);
    let source = resolver.source(&ENV_FILE);
    let Resolver { errors, repeated, .. } = resolver;
    if !errors.is_empty() {
        return Err(InputErrors(errors));
    }
    let Some(path) = path else { return Ok((env, repeated, None)) };
    let variables = env_file::read(&path, source)?;
    let names = variables.iter().map(|(name, _)| name.clone()).collect();
    Ok((env.over(variables), repeated, Some((path, names))))
}
