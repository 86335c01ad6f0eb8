//! The builder.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::bad_input::BadInput;
use super::builder_settings::BuilderSettings;
use super::report::Report;
use super::run::{Wishes, run};
use super::run_event::RunEvent;
use crate::location::InputError;
use crate::settings::table::{
    ALLOW_PRODUCTION, BASE_URL, BASELINE, CASES, FILTER, JOBS, JOURNAL, PROFILE, REPEAT, SPEC, STRICT, TIMEOUT,
};

/// How long [`Conformance::run_blocking`] waits at its end for threads that a server keeps busy.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Judges a server by its contract: a builder, and a run.
///
/// ```
/// use conformant::{Conformance, Verdict};
///
/// # fn main() -> Result<(), conformant::BadInput> {
/// # if !conformant::reference::BUILT_IN { return Ok(()) }
/// // The embedded reference server, as it was in a release.
/// let report = Conformance::new("cases").setting("release", "0.11.1").filter("success").run_blocking()?;
///
/// assert!(!report.conforms());
/// for case in report.cases().iter().filter(|case| case.verdict == Verdict::Fail) {
///     for finding in &case.findings {
///         println!("{}: {} ({})", case.id, finding.message, finding.rule);
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// Relative paths begin at the current directory, which is the package's folder in `cargo test`.
///
/// # What a run does to the process
///
/// Nothing, unless it is asked for: it reads no variable, prints nothing, sets no panic hook, listens for no signal, raises no
/// limit, and leaves no thread and no file. Runs may go on side by side. Two parts of the standard library and the system
/// remain: for an `https` target, the system's certificates are read, which `SSL_CERT_FILE` and `SSL_CERT_DIR` may name; and if
/// a case panics, the panic hook of the process prints it, without masking.
///
/// # What stays on the target
///
/// A run removes the objects that it made. If its future is dropped early, or the process is killed, they stay on the target,
/// and nothing names them. Ask for a [journal](Conformance::journal) if that matters.
#[derive(Clone)]
#[must_use = "nothing is judged before `run` or `run_blocking`"]
#[non_exhaustive]
pub struct Conformance {
    given: BuilderSettings,
    wishes: Wishes,
}

impl Conformance {
    /// With the suites in this file or folder.
    pub fn new(cases: impl Into<PathBuf>) -> Self {
        let builder = Self { given: BuilderSettings::default(), wishes: Wishes::default() };
        builder.with(|given| given.add_path(&CASES.flag, &cases.into()))
    }

    /// The server to judge, such as `http://127.0.0.1:8080/v1`.
    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.with(|given| given.add(&BASE_URL.flag, url))
    }

    /// The OpenAPI document, instead of the one that the suites name.
    pub fn spec(self, document: impl Into<PathBuf>) -> Self {
        self.with(|given| given.add_path(&SPEC.flag, &document.into()))
    }

    /// The value of a variable that a suite names, such as a key. Replaces a variable of the process.
    pub fn env(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(|given| given.set(name.into(), value.into()))
    }

    /// Reads the variables of the process too: keys, `API_BASE_URL` and every `CONFORMANT_…` setting, as the command does. What
    /// the builder is given wins.
    pub fn process_env(self) -> Self {
        self.with(|given| given.has_process_env = true)
    }

    /// Only cases with this text in their id. Of several texts, one is enough.
    pub fn filter(self, text: impl Into<String>) -> Self {
        self.with(|given| given.add(&FILTER.flag, text))
    }

    /// Only the cases that are marked as core.
    pub fn core_only(self) -> Self {
        self.with(|given| given.add(&PROFILE.flag, "core"))
    }

    /// How many cases run at the same time; 8 if this is not called.
    pub fn jobs(self, cases: usize) -> Self {
        self.with(|given| given.add(&JOBS.flag, cases.to_string()))
    }

    /// How many times each case runs; once if this is not called.
    pub fn repeat(self, times: u64) -> Self {
        self.with(|given| given.add(&REPEAT.flag, times.to_string()))
    }

    /// The longest time for one request and its response; 30 s if this is not called.
    pub fn timeout(self, longest: Duration) -> Self {
        self.with(|given| given.add(&TIMEOUT.flag, format!("{}ms", longest.as_millis())))
    }

    /// Fails also for findings of [`Level::Should`](crate::Level::Should).
    pub fn strict(self) -> Self {
        self.with(|given| given.add(&STRICT.flag, "yes"))
    }

    /// The folder of recorded responses that the target's responses must equal.
    pub fn baseline(self, folder: impl Into<PathBuf>) -> Self {
        self.with(|given| given.add_path(&BASELINE.flag, &folder.into()))
    }

    /// Allows a target that the document lists as its own server. Cases make and delete objects there.
    pub fn allow_production(self) -> Self {
        self.with(|given| given.add(&ALLOW_PRODUCTION.flag, "yes"))
    }

    /// Keeps a file that lists the objects that the run made and did not yet remove. It is removed at the end of the run, unless
    /// something is left behind. After a run that was dropped or killed, `conformant clean FILE` removes what it lists.
    pub fn journal(self, file: impl Into<PathBuf>) -> Self {
        self.with(|given| given.add_path(&JOURNAL.flag, &file.into()))
    }

    /// Any other setting, by the name of its flag: `.setting("rate", "10/s")`. docs/settings.md lists them. A switch is `yes` or
    /// `no`. A name that does not exist is an error of the run.
    pub fn setting(self, name: impl AsRef<str>, value: impl Into<String>) -> Self {
        self.with(|given| given.add_named(name.as_ref(), value.into()))
    }

    /// Calls a function for what happens in the run. The run waits for it, so it must return at once. If it panics, the run goes
    /// on and cleans up, and then panics with the same message.
    pub fn on_event(mut self, listener: impl Fn(&RunEvent) + Send + Sync + 'static) -> Self {
        self.wishes.listeners.push(Arc::new(listener));
        self
    }

    /// Handles the signals that ask the process to stop, from the run on until the process ends. The first one interrupts the
    /// run, which removes its objects and returns a report that does not conform. If that takes too long, or a second one comes,
    /// the process prints what is left at the target and ends with 130. A signal after the run ends the process.
    pub fn handle_signals(mut self) -> Self {
        self.wishes.handles_signals = true;
        self
    }

    /// Judges the server. Runs on any tokio runtime, also on one with a single thread.
    ///
    /// If the future is dropped early, the objects that the run made stay on the target.
    pub async fn run(self) -> Result<Report, BadInput> {
        run(self.given, self.wishes).await
    }

    /// Judges the server from a test without a runtime. The run has a runtime of its own, which ends with it.
    ///
    /// # Panics
    ///
    /// Panics inside an asynchronous runtime, which it would block. Await [`Conformance::run`] there.
    pub fn run_blocking(self) -> Result<Report, BadInput> {
        let is_inside = tokio::runtime::Handle::try_current().is_ok();
        assert!(!is_inside, "`run_blocking` was called inside an asynchronous runtime: write `run().await` there");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
            let message = format!("the system gives this program too few threads: {error}");
            BadInput::new(InputError::new(message).help("end other programs, or raise the limit of processes").into())
        })?;
        let report = runtime.block_on(self.run());
        // A server that never stops sending keeps a connection's task busy, and nobody waits for that.
        runtime.shutdown_timeout(LAST_WAIT);
        report
    }

    fn with(mut self, add: impl FnOnce(&mut BuilderSettings)) -> Self {
        add(&mut self.given);
        self
    }
}

impl fmt::Debug for Conformance {
    /// Values of variables, and of settings that may hold a secret, are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conformance").field("given", &self.given).finish_non_exhaustive()
    }
}
