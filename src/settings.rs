//! The settings of a run: flag over variable over default, each resolved once, with where it came from kept for
//! messages. The only code that reads the environment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::case::Profile;

/// Everything that steers a run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `--base-url`, `CONFORMANT_BASE_URL`, `API_BASE_URL`; none: the embedded reference.
    pub base_url: Option<String>,
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
    /// `--slow`: an answer slower than this is reported.
    pub slow: Duration,
    /// `--rate`: requests a second at most.
    pub rate: Option<f64>,
    /// `--baseline`.
    pub baseline: Option<PathBuf>,
    /// `--strict`.
    pub strict: bool,
    /// `--fail-fast`.
    pub fail_fast: bool,
    /// `--allow-production`.
    pub allow_production: bool,
    /// `CONFORMANT_REQUIRE_TARGET=1`.
    pub require_target: bool,
    /// `-v` (1), `-vv` (2): also what passing cases sent and got; every byte.
    pub verbose: u8,
    /// FILTER.
    pub filters: Vec<String>,
    /// The environment as it was at the start, for credentials and `{{env.NAME}}`.
    pub env: BTreeMap<String, String>,
}
