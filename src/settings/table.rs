//! The table of all flags: each is defined here, once.
//!
//! A new flag is a record here and a field of [`Settings`](super::Settings) where its value is resolved. Everything else
//! comes from the record: `--help`, the variable, the rerun command, docs/settings.md, shell completions, man pages.

use std::path::PathBuf;
use std::time::Duration;

use super::flag::CommandName::{Clean, Demo, Doctor, Lint, List, Run, Serve};
use super::flag::{CommandName, Completes, Flag, FlagGroup, InRerun, SecretIn, Setting, Takes, Unset};
use super::parse;
use crate::suite::Profile;

/// The commands that read suites.
const READING: &[CommandName] = &[Run, List, Lint, Doctor, Clean];
/// The commands that ask a target.
const ASKING: &[CommandName] = &[Run, Doctor, Clean];
/// The commands that run cases.
const RUNNING: &[CommandName] = &[Run, Demo];

/// Makes a static of each record, and the list of all.
macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $parse:path, $record:expr;)*) => {
        $($(#[$doc])* pub(crate) static $name: Setting<$type> = Setting { flag: $record, parse: $parse };)*
        /// Every flag, in the order of help.
        pub(crate) static FLAGS: &[&Flag] = &[$(&$name.flag),*];
    };
}

flags! {
    /// The target.
    BASE_URL: String = parse::text, Flag {
        name: "--base-url",
        variable: Some("CONFORMANT_BASE_URL"),
        takes: Takes::Value("URL"),
        group: FlagGroup::Target,
        commands: ASKING,
        about: "Base URL of the API",
        details: "Without one, the embedded reference server is judged. `clean` needs the one that the run had.",
        unset: Unset::Words("API_BASE_URL, else the embedded reference server"),
        completes: Completes::Url,
        rerun: InRerun::FromOutcome,
        secret: SecretIn::Url,
        ..Flag::PLAIN
    };
    /// The release of the embedded reference.
    RELEASE: String = parse::text, Flag {
        name: "--release",
        variable: Some("CONFORMANT_RELEASE"),
        takes: Takes::Value("X.Y.Z"),
        group: FlagGroup::Target,
        commands: &[Run, Demo, Doctor, Serve],
        about: "Release of the real API that the embedded reference server behaves as",
        details: "A release that is not in the list behaves as the latest one before it. A target that is named has no \
                  releases to pick from.",
        unset: Unset::Words("the newest"),
        rerun: InRerun::FromOutcome,
        ..Flag::PLAIN
    };
    /// The file of variables.
    ENV_FILE: PathBuf = parse::path, Flag {
        name: "--env-file",
        variable: Some("CONFORMANT_ENV_FILE"),
        takes: Takes::Value("FILE"),
        group: FlagGroup::Target,
        commands: ASKING,
        about: "Read variables from a file of NAME=value lines",
        details: "A variable that is already set wins over the file.",
        completes: Completes::File,
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// Whether the document's own servers may be asked.
    ALLOW_PRODUCTION: bool = parse::boolean, Flag {
        name: "--allow-production",
        variable: Some("CONFORMANT_ALLOW_PRODUCTION"),
        group: FlagGroup::Target,
        commands: ASKING,
        about: "Allow a target that the document lists as its own server",
        details: "Cases make and delete objects. That is why the servers of the document are refused without this flag, \
                  except one that the suite names as staging.",
        unset: Unset::Value("no"),
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// The suites.
    CASES: PathBuf = parse::path, Flag {
        name: "--cases",
        variable: Some("CONFORMANT_CASES"),
        takes: Takes::Value("FILE|DIR"),
        group: FlagGroup::Cases,
        commands: READING,
        about: "Suite file, or folder of suite files",
        details: "`demo:/cases` names the suites that are built into the command.",
        unset: Unset::Value("cases"),
        completes: Completes::Path,
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// The document.
    SPEC: PathBuf = parse::path, Flag {
        name: "--spec",
        variable: Some("CONFORMANT_SPEC"),
        takes: Takes::Value("FILE"),
        group: FlagGroup::Cases,
        commands: READING,
        about: "OpenAPI document to use instead of the one that the suites name",
        completes: Completes::File,
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// The profile.
    PROFILE: Profile = parse::profile, Flag {
        name: "--profile",
        variable: Some("CONFORMANT_PROFILE"),
        takes: Takes::Value("PROFILE"),
        group: FlagGroup::Cases,
        commands: &[Run, Demo, List, Doctor],
        about: "Which cases to take: core (only those marked as core) or extended (all)",
        unset: Unset::Value("extended"),
        completes: Completes::Words(&["core", "extended"]),
        // One case is in the default profile in any case, unless a variable asks for a smaller one.
        rerun: InRerun::RepeatedIf("extended"),
        ..Flag::PLAIN
    };
    /// The recorded behaviour.
    BASELINE: PathBuf = parse::path, Flag {
        name: "--baseline",
        variable: Some("CONFORMANT_BASELINE"),
        takes: Takes::Value("DIR"),
        group: FlagGroup::Cases,
        commands: &[Run],
        about: "Folder of recorded responses that the target's responses must equal",
        details: "The newest release of the embedded reference is always compared with the folder `snapshots` beside the \
                  cases. An older release, and any other target, is compared only with the folder that this flag names.",
        completes: Completes::Folder,
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// The filters.
    FILTER: String = parse::text, Flag {
        name: "FILTER",
        variable: Some("CONFORMANT_FILTER"),
        takes: Takes::Values { name: "FILTER", apart: ',' },
        group: FlagGroup::Cases,
        commands: &[Run, Demo, List, Doctor],
        about: "Only cases with this text in their id; of several texts, one is enough",
        rerun: InRerun::FromOutcome,
        ..Flag::PLAIN
    };
    /// The folder that `demo` writes its files to.
    WRITE: PathBuf = parse::path, Flag {
        name: "--write",
        takes: Takes::Value("DIR"),
        group: FlagGroup::Cases,
        commands: &[Demo],
        about: "Write the document, suite and snapshots of the demo to a new folder, and run nothing",
        completes: Completes::Folder,
        ..Flag::PLAIN
    };
    /// How many cases at a time.
    JOBS: usize = parse::jobs, Flag {
        name: "--jobs",
        variable: Some("CONFORMANT_JOBS"),
        takes: Takes::Value("N"),
        commands: RUNNING,
        about: "How many cases run at the same time",
        unset: Unset::Value("8"),
        ..Flag::PLAIN
    };
    /// How many times each.
    REPEAT: u64 = parse::repeat, Flag {
        name: "--repeat",
        variable: Some("CONFORMANT_REPEAT"),
        takes: Takes::Value("N"),
        commands: RUNNING,
        about: "How many times each case runs, each time with new objects",
        unset: Unset::Value("1"),
        rerun: InRerun::FromOutcome,
        ..Flag::PLAIN
    };
    /// Whether findings of level should fail.
    STRICT: bool = parse::boolean, Flag {
        name: "--strict",
        variable: Some("CONFORMANT_STRICT"),
        commands: &[Run, Demo, Lint],
        about: "Fail also for findings of level `should`",
        details: "A run also fails if a listed known deviation did not occur (`known-vanished`, a note).",
        unset: Unset::Value("no"),
        rerun: InRerun::FromOutcome,
        ..Flag::PLAIN
    };
    /// Whether the first failure ends the run.
    FAIL_FAST: bool = parse::boolean, Flag {
        name: "--fail-fast",
        variable: Some("CONFORMANT_FAIL_FAST"),
        commands: RUNNING,
        about: "Start no more cases after the first failure",
        unset: Unset::Value("no"),
        ..Flag::PLAIN
    };
    /// Whether requests are only shown.
    DRY_RUN: bool = parse::boolean, Flag {
        name: "--dry-run",
        variable: Some("CONFORMANT_DRY_RUN"),
        commands: RUNNING,
        about: "Print every request that a run would send, and send none",
        unset: Unset::Value("no"),
        ..Flag::PLAIN
    };
    /// The journal.
    JOURNAL: PathBuf = parse::path, Flag {
        name: "--journal",
        variable: Some("CONFORMANT_JOURNAL"),
        takes: Takes::Value("FILE"),
        commands: &[Run],
        about: "File that lists the objects that the run made and did not yet remove",
        details: "If the run is killed, `conformant clean FILE` removes them.",
        unset: Unset::Words("a file in the folder for temporary files"),
        completes: Completes::File,
        ..Flag::PLAIN
    };
    /// The longest exchange.
    TIMEOUT: Duration = parse::duration, Flag {
        name: "--timeout",
        variable: Some("CONFORMANT_TIMEOUT"),
        takes: Takes::Value("TIME"),
        group: FlagGroup::Limits,
        commands: ASKING,
        about: "Longest time for one request and its response, such as 500ms, 30s or 2m",
        unset: Unset::Value("30s"),
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// The longest wait for the first byte.
    FIRST_BYTE: Duration = parse::duration, Flag {
        name: "--first-byte",
        variable: Some("CONFORMANT_FIRST_BYTE"),
        takes: Takes::Value("TIME"),
        group: FlagGroup::Limits,
        commands: &[Run],
        about: "Longest wait for the first byte of a response; at most --timeout",
        unset: Unset::Words("10s, or a third of --timeout if that is longer"),
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// The longest wait between bytes.
    IDLE: Duration = parse::duration, Flag {
        name: "--idle",
        variable: Some("CONFORMANT_IDLE"),
        takes: Takes::Value("TIME"),
        group: FlagGroup::Limits,
        commands: &[Run],
        about: "Longest wait between two bytes of a response; at most --timeout",
        unset: Unset::Words("5s, or a sixth of --timeout if that is longer"),
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// From when on a response is slow.
    SLOW: Duration = parse::duration, Flag {
        name: "--slow",
        variable: Some("CONFORMANT_SLOW"),
        takes: Takes::Value("TIME"),
        group: FlagGroup::Limits,
        commands: &[Run],
        about: "Report responses that take longer than this",
        unset: Unset::Value("2s"),
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// The wait for stray bytes.
    LINGER: Duration = parse::linger, Flag {
        name: "--linger",
        variable: Some("CONFORMANT_LINGER"),
        takes: Takes::Value("TIME"),
        group: FlagGroup::Limits,
        commands: &[Run],
        about: "How long to listen for stray bytes after a response that has no body",
        unset: Unset::Value("20ms"),
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// The largest body.
    MAX_BODY: usize = parse::size, Flag {
        name: "--max-body",
        variable: Some("CONFORMANT_MAX_BODY"),
        takes: Takes::Value("SIZE"),
        group: FlagGroup::Limits,
        commands: &[Run],
        about: "How much of a response body is read and judged at most, such as 500KiB or 10MiB",
        unset: Unset::Value("1MiB"),
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// The most requests a second.
    RATE: f64 = parse::rate, Flag {
        name: "--rate",
        variable: Some("CONFORMANT_RATE"),
        takes: Takes::Value("N/s"),
        group: FlagGroup::Limits,
        commands: ASKING,
        about: "How many requests a second are sent at most, such as 10/s",
        unset: Unset::Words("no limit"),
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// What goes to stdout.
    FORMAT: String = parse::text, Flag {
        name: "--format",
        variable: Some("CONFORMANT_FORMAT"),
        takes: Takes::Value("FORMAT"),
        group: FlagGroup::Output,
        commands: &[Run, Demo, Lint, Doctor],
        about: "What to print on stdout: text or json; for a run also junit",
        unset: Unset::Value("text"),
        completes: Completes::Words(&["text", "json", "junit"]),
        ..Flag::PLAIN
    };
    /// The reports in files.
    REPORT: (String, PathBuf) = parse::report, Flag {
        name: "--report",
        variable: Some("CONFORMANT_REPORT"),
        takes: Takes::Values { name: "FORMAT=PATH", apart: ',' },
        group: FlagGroup::Output,
        commands: RUNNING,
        about: "Also write a report to a file, such as junit=report.xml; may be given several times",
        details: "The formats are text, json and junit. The path `-` is stdout: `json=-` prints JSON instead of the text.",
        ..Flag::PLAIN
    };
    /// How much is shown.
    VERBOSE: u8 = parse::verbosity, Flag {
        name: "--verbose",
        short: Some('v'),
        variable: Some("CONFORMANT_VERBOSE"),
        takes: Takes::Count,
        group: FlagGroup::Output,
        commands: RUNNING,
        about: "Show also what passing cases sent and received; -vv shows every byte",
        unset: Unset::Value("0"),
        ..Flag::PLAIN
    };
    /// Certificates to trust.
    CA_FILE: PathBuf = parse::path, Flag {
        name: "--ca-file",
        variable: Some("CONFORMANT_CA_FILE"),
        takes: Takes::Value("FILE"),
        group: FlagGroup::Network,
        commands: ASKING,
        about: "Certificates to trust besides those that this machine trusts (PEM)",
        details: "The file may hold several certificates.",
        completes: Completes::File,
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// Whether any certificate is accepted.
    INSECURE: bool = parse::boolean, Flag {
        name: "--insecure",
        variable: Some("CONFORMANT_INSECURE"),
        group: FlagGroup::Network,
        commands: ASKING,
        about: "Accept any certificate: another server may then answer for the target and see the keys",
        details: "Every report of such a run says so.",
        unset: Unset::Value("no"),
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// Fields for gateways.
    HEADER: String = parse::text, Flag {
        name: "--header",
        variable: Some("CONFORMANT_HEADER"),
        takes: Takes::Values { name: "NAME: VALUE", apart: '\n' },
        group: FlagGroup::Network,
        commands: ASKING,
        about: "Header field to add to every request, for a gateway before the API; may be given several times",
        rerun: InRerun::HeaderField,
        secret: SecretIn::HeaderField,
        ..Flag::PLAIN
    };
    /// The client's certificate.
    CLIENT_CERT: PathBuf = parse::path, Flag {
        name: "--client-cert",
        variable: Some("CONFORMANT_CLIENT_CERT"),
        takes: Takes::Value("FILE"),
        group: FlagGroup::Network,
        commands: ASKING,
        about: "Client certificate, for a server that asks for one (PEM)",
        details: "The file also holds the certificates that lead to its authority, if the server needs them.",
        completes: Completes::File,
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// The client's key.
    CLIENT_KEY: PathBuf = parse::path, Flag {
        name: "--client-key",
        variable: Some("CONFORMANT_CLIENT_KEY"),
        takes: Takes::Value("FILE"),
        group: FlagGroup::Network,
        commands: ASKING,
        about: "Key of the client certificate (PEM)",
        details: "PKCS#8, PKCS#1 or SEC1, and not encrypted.",
        unset: Unset::Words("the key in the file of --client-cert"),
        completes: Completes::File,
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// The version of HTTP.
    HTTP: bool = parse::http2, Flag {
        name: "--http",
        variable: Some("CONFORMANT_HTTP"),
        takes: Takes::Value("VERSION"),
        group: FlagGroup::Network,
        commands: ASKING,
        about: "Version of HTTP to use: 1.1, where every byte is judged, or 2",
        unset: Unset::Value("1.1"),
        completes: Completes::Words(&["1.1", "2"]),
        rerun: InRerun::Repeated,
        ..Flag::PLAIN
    };
    /// The port of the served reference.
    PORT: u16 = parse::port, Flag {
        name: "--port",
        takes: Takes::Value("N"),
        group: FlagGroup::Serve,
        commands: &[Serve],
        about: "Port on the loopback interface; 0 takes a free one",
        unset: Unset::Value("0"),
        ..Flag::PLAIN
    };
    /// How long the served reference takes to make a conversation.
    CREATION_TIME: Duration = parse::duration, Flag {
        name: "--creation-time",
        takes: Takes::Value("TIME"),
        group: FlagGroup::Serve,
        commands: &[Serve],
        about: "How long the server takes to make a conversation, as a language model would",
        unset: Unset::Words("no time"),
        ..Flag::PLAIN
    };
    /// How long the served reference takes between looking a user up and making one.
    USER_GAP: Duration = parse::duration, Flag {
        name: "--user-gap",
        takes: Takes::Value("TIME"),
        group: FlagGroup::Serve,
        commands: &[Serve],
        about: "How long the server waits between finding no user of a name and making one",
        details: "The real API has such a gap: requests that arrive in it make several users of one name.",
        unset: Unset::Words("no time"),
        ..Flag::PLAIN
    };
}

/// The target's variable, named after the document's server variable.
pub(crate) const API_BASE_URL: &str = "API_BASE_URL";
/// The variable that makes a run without a target an error. It has no flag: a command line must not switch a gate off.
pub(crate) const REQUIRE_TARGET: &str = "CONFORMANT_REQUIRE_TARGET";
/// Names programs that this project's own tests need; no setting of a run.
pub(super) const REQUIRE_PROGRAMS: &str = "CONFORMANT_REQUIRE";

/// Every variable that is a setting.
pub(super) fn variables() -> impl Iterator<Item = &'static str> {
    FLAGS.iter().filter_map(|flag| flag.variable).chain([REQUIRE_TARGET, REQUIRE_PROGRAMS])
}

/// Whether a variable names the target.
pub fn is_target(name: &str) -> bool {
    name == API_BASE_URL || name == BASE_URL.flag.variable()
}
