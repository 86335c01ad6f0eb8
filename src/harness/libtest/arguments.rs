//! The flags of a test binary, as libtest takes them. Those that are unstable there are taken with and without
//! `-Z unstable-options`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::trial::Trial;
use crate::settings::Environment;

/// What is printed for `--help`.
const HELP: &str = "\
Usage: [OPTIONS] [FILTERS...]

A test runs if its name contains one of the filters, or is one with --exact. Settings of the run are variables
(CONFORMANT_CASES, API_BASE_URL, ...), because the flags are the test runner's.

Options:
        --list              List the tests instead of running them
        --exact             A filter is the whole name of a test
        --skip FILTER       Leave out tests whose name contains FILTER (is FILTER, with --exact); may be repeated
        --ignored           Run only the tests that are ignored
        --include-ignored   Run the tests that are ignored, too
        --test-threads N    How many tests run at a time [variable: RUST_TEST_THREADS]
        --format FORMAT     pretty, terse or json [default: pretty]
    -q, --quiet             The same as --format terse
        --color WHEN        auto, always or never [default: auto]
        --report-time       Print how long each test took
        --shuffle           Run the tests in a random order
        --shuffle-seed N    Run the tests in the order of this seed
        --logfile PATH      Also write a line per test to a file
    -h, --help              Print this
        --no-capture, --nocapture, --show-output, --test, --bench, --exclude-should-panic, --ensure-time,
        --force-run-in-process, -Z unstable-options
                            Taken as libtest takes them
";

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A line per test.
    #[default]
    Pretty,
    /// A character per test.
    Terse,
    /// A JSON object per line.
    Json,
}

/// What a test binary was started with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of libtest")]
pub(crate) struct LibtestArguments {
    pub(crate) list: bool,
    pub(crate) exact: bool,
    pub(crate) ignored: bool,
    pub(crate) include_ignored: bool,
    pub(crate) test: bool,
    pub(crate) bench: bool,
    pub(crate) report_time: bool,
    pub(crate) filters: Vec<String>,
    pub(crate) skip: Vec<String>,
    pub(crate) test_threads: Option<usize>,
    pub(crate) layout: Layout,
    /// Whether colours are wanted; `None` leaves it to the terminal.
    pub(crate) color: Option<bool>,
    pub(crate) shuffle: Option<u64>,
    pub(crate) logfile: Option<PathBuf>,
}

/// What the flags ask for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Invocation {
    Tests(Box<LibtestArguments>),
    /// The text of `--help`.
    Help(&'static str),
}

impl Invocation {
    /// Reads the arguments of this process and the variable that libtest knows.
    pub(crate) fn of_process() -> Result<Self, String> {
        let given = std::env::args_os().skip(1);
        let given: Result<Vec<String>, _> = given.map(std::ffi::OsString::into_string).collect();
        let given = given.map_err(|wrong| format!("an argument is not UTF-8: {}", wrong.to_string_lossy()))?;
        Self::read(given, Environment::read().get("RUST_TEST_THREADS"))
    }

    /// `threads` is the value of `RUST_TEST_THREADS`.
    fn read(given: impl IntoIterator<Item = String>, threads: Option<&str>) -> Result<Self, String> {
        let mut arguments = LibtestArguments::default();
        let mut given = given.into_iter();
        while let Some(one) = given.next() {
            if one == "--" {
                arguments.filters.extend(given.by_ref());
            } else if one == "-h" || one == "--help" {
                return Ok(Self::Help(HELP));
            } else if one.len() > 1 && one.starts_with('-') {
                arguments.take(&one, &mut given)?;
            } else {
                arguments.filters.push(one);
            }
        }
        if let (None, Some(threads)) = (arguments.test_threads, threads) {
            arguments.test_threads = Some(count(threads).map_err(|why| format!("RUST_TEST_THREADS {why}"))?);
        }
        Ok(Self::Tests(Box::new(arguments)))
    }
}

impl LibtestArguments {
    /// Takes one flag, and what it needs of the rest.
    fn take(&mut self, one: &str, rest: &mut impl Iterator<Item = String>) -> Result<(), String> {
        let (name, value) = match one.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (one, None),
        };
        let has_value = value.is_some();
        let mut needed = || {
            let value = value.clone().or_else(|| rest.next());
            value.ok_or_else(|| format!("the flag {name} needs a value"))
        };
        match name {
            "--test-threads" => {
                self.test_threads = Some(count(&needed()?).map_err(|why| format!("--test-threads {why}"))?);
            }
            "--skip" => self.skip.push(needed()?),
            "--format" => self.layout = layout(&needed()?)?,
            "--color" => self.color = color(&needed()?)?,
            "--logfile" => self.logfile = Some(PathBuf::from(needed()?)),
            "--shuffle-seed" => {
                let seed = needed()?;
                self.shuffle = Some(seed.parse().map_err(|_| format!("--shuffle-seed is not a number: {seed}"))?);
            }
            "-Z" => return needed().and_then(|option| unstable(&option)),
            "--report-time" => self.report_time = true,
            _ if name.starts_with("-Z") => return unstable(&name[2..]),
            _ if has_value => return Err(unknown(one)),
            _ => return self.switch(name),
        }
        Ok(())
    }

    /// Takes a flag without a value.
    fn switch(&mut self, name: &str) -> Result<(), String> {
        match name {
            "--list" => self.list = true,
            "--exact" => self.exact = true,
            "--ignored" => self.ignored = true,
            "--include-ignored" => self.include_ignored = true,
            "--test" => self.test = true,
            "--bench" => self.bench = true,
            "-q" | "--quiet" => self.layout = Layout::Terse,
            "--shuffle" => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                self.shuffle.get_or_insert(u64::from(now.subsec_nanos()) ^ now.as_secs());
            }
            // Nothing is captured here: what belongs to a test is in its result, and the rest goes to stderr.
            "--no-capture"
            | "--nocapture"
            | "--show-output"
            | "--ensure-time"
            | "--exclude-should-panic"
            | "--force-run-in-process" => {}
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    /// Whether only some of the tests are asked for.
    pub(crate) fn filtered(&self) -> bool {
        !self.filters.is_empty() || !self.skip.is_empty() || self.ignored
    }

    /// Whether a test is not asked for. Such a test is neither run nor listed.
    pub(crate) fn is_filtered_out(&self, trial: &Trial) -> bool {
        let fits = |filter: &String| if self.exact { trial.name == *filter } else { trial.name.contains(filter) };
        let asked_for = self.filters.is_empty() || self.filters.iter().any(fits);
        !asked_for || self.skip.iter().any(fits) || (self.ignored && !trial.ignored)
    }

    /// Whether a test that is asked for is shown as ignored and not run.
    pub(crate) fn is_ignored(&self, trial: &Trial) -> bool {
        (trial.ignored && !self.ignored && !self.include_ignored) || (self.bench && !self.test)
    }
}

/// A number of threads.
fn count(text: &str) -> Result<usize, String> {
    let count: Option<NonZeroUsize> = text.parse().ok();
    count.map(NonZeroUsize::get).ok_or_else(|| format!("must be a number above 0, and is `{text}`"))
}

fn layout(text: &str) -> Result<Layout, String> {
    match text {
        "pretty" => Ok(Layout::Pretty),
        "terse" => Ok(Layout::Terse),
        "json" => Ok(Layout::Json),
        "junit" => Err("--format junit is not available; set CONFORMANT_REPORT=junit=PATH to get JUnit XML".to_owned()),
        other => Err(format!("--format must be pretty, terse or json, and is `{other}`")),
    }
}

fn color(text: &str) -> Result<Option<bool>, String> {
    match text {
        "auto" => Ok(None),
        "always" => Ok(Some(true)),
        "never" => Ok(Some(false)),
        other => Err(format!("--color must be auto, always or never, and is `{other}`")),
    }
}

fn unstable(option: &str) -> Result<(), String> {
    if option == "unstable-options" {
        Ok(())
    } else {
        Err(format!("-Z takes only unstable-options, and is `{option}`"))
    }
}

fn unknown(flag: &str) -> String {
    format!(
        "the flag {flag} is unknown to the test runner; --help lists the flags, and settings of the run are variables"
    )
}

#[cfg(test)]
mod tests {
    use super::super::trial::Completion;
    use super::*;

    fn read(given: &[&str]) -> Result<LibtestArguments, String> {
        match Invocation::read(given.iter().map(ToString::to_string), None)? {
            Invocation::Tests(arguments) => Ok(*arguments),
            Invocation::Help(_) => Err("help".to_owned()),
        }
    }

    fn names(given: &[&str]) -> Vec<&'static str> {
        let arguments = read(given).expect("flags of libtest");
        let trial = |name: &str| {
            Trial::new(name.to_owned(), || Ok(Completion::Completed)).with_ignored_flag(name == "suite::ignored")
        };
        let all = ["suite::one", "suite::one_more", "other::one", "suite::ignored"];
        all.into_iter().filter(|name| !arguments.is_filtered_out(&trial(name))).collect()
    }

    #[test]
    fn every_flag_of_libtest_is_taken() {
        for flag in [
            "--no-capture",
            "--nocapture",
            "--show-output",
            "--exclude-should-panic",
            "--force-run-in-process",
            "--ensure-time",
            "-Zunstable-options",
        ] {
            assert_eq!(read(&[flag]), Ok(LibtestArguments::default()), "{flag}");
        }
        assert_eq!(read(&["-Z", "unstable-options"]), Ok(LibtestArguments::default()));
        let given = read(&["--test-threads=1", "--format", "json", "--color=always", "--report-time", "--list"]);
        let expected = LibtestArguments {
            test_threads: Some(1),
            layout: Layout::Json,
            color: Some(true),
            report_time: true,
            list: true,
            ..LibtestArguments::default()
        };
        assert_eq!(given, Ok(expected));
        assert_eq!(read(&["--color", "auto", "-q"]).map(|one| (one.color, one.layout)), Ok((None, Layout::Terse)));
        assert_eq!(read(&["--shuffle-seed", "7"]).map(|one| one.shuffle), Ok(Some(7)));
        assert_eq!(read(&["--help"]), Err("help".to_owned()));
    }

    #[test]
    fn what_libtest_does_not_know_is_refused() {
        for (given, why) in [
            (&["--base-url=http://x"][..], "the flag --base-url=http://x is unknown"),
            (&["--list=yes"], "the flag --list=yes is unknown"),
            (&["--test-threads"], "the flag --test-threads needs a value"),
            (&["--test-threads", "0"], "--test-threads must be a number above 0, and is `0`"),
            (&["--format", "junit"], "CONFORMANT_REPORT=junit=PATH"),
            (&["--format=xml"], "--format must be pretty, terse or json, and is `xml`"),
            (&["--color=red"], "--color must be auto, always or never"),
            (&["-Z", "other"], "-Z takes only unstable-options"),
        ] {
            let message = read(given).expect_err(why);
            assert!(message.contains(why), "{message}");
        }
    }

    #[test]
    fn several_filters_ask_for_the_tests_of_each() {
        assert_eq!(names(&[]).len(), 4);
        assert_eq!(names(&["other", "more"]), ["suite::one_more", "other::one"]);
        assert_eq!(names(&["--exact", "suite::one", "other::one"]), ["suite::one", "other::one"]);
        assert_eq!(names(&["--", "--exact"]), [""; 0]);
        assert_eq!(names(&["one", "--skip", "other"]), ["suite::one", "suite::one_more"]);
        assert_eq!(names(&["--exact", "--skip=suite::one", "--skip", "other"]).len(), 3);
        assert_eq!(names(&["--ignored"]), ["suite::ignored"]);
        assert_eq!(names(&["--include-ignored", "ignored"]), ["suite::ignored"]);
    }

    #[test]
    fn the_variable_of_libtest_gives_the_threads_where_no_flag_does() {
        let threads = |given: &[&str]| match Invocation::read(given.iter().map(ToString::to_string), Some("3")) {
            Ok(Invocation::Tests(arguments)) => arguments.test_threads,
            other => panic!("{other:?}"),
        };
        assert_eq!(threads(&[]), Some(3));
        assert_eq!(threads(&["--test-threads=2"]), Some(2));
        let message = Invocation::read([], Some("many")).expect_err("no number");
        assert_eq!(message, "RUST_TEST_THREADS must be a number above 0, and is `many`");
    }
}
