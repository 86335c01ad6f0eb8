//! The product as a whole, in this process: what `conformant run` does, against a front.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use conformant::outcome::Verdict;
use conformant::rule::Level;
use conformant::run::{self, Session, Signals};
use conformant::settings::{Environment, Flags, Settings};
use conformant::suite::{self, Suite};

use crate::front::Front;

/// How the product is asked to run.
#[derive(Clone, Copy)]
pub(crate) struct Asking {
    /// Their names, or parts of them; none for all.
    pub(crate) cases: &'static [&'static str],
    pub(crate) jobs: &'static str,
    pub(crate) timeout: &'static str,
    pub(crate) linger: Option<&'static str>,
    pub(crate) max_body: Option<&'static str>,
}

impl Default for Asking {
    /// Every case, several at a time, with a wait that no sound answer comes near.
    fn default() -> Self {
        Self { cases: &[], jobs: "4", timeout: "60s", linger: None, max_body: None }
    }
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) exit: u8,
    pub(crate) trouble: Option<String>,
    pub(crate) cases: BTreeMap<String, Case>,
    pub(crate) left_behind: usize,
}

/// What came of a case.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Option<String>,
    /// Rule ids; with their level, where that is not `must`. Notes and known deviations are left out.
    pub(crate) finds: BTreeSet<String>,
    pub(crate) says: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) took: Duration,
}

/// The suites that the project ships, read once.
pub(crate) fn suites() -> &'static Arc<Vec<Suite>> {
    static SUITES: OnceLock<Arc<Vec<Suite>>> = OnceLock::new();
    SUITES.get_or_init(|| {
        Arc::new(suite::load(Path::new("cases"), None).unwrap_or_else(|errors| panic!("the shipped suites: {errors}")))
    })
}

/// Runs it. Whatever the front does, this ends.
pub(crate) async fn run(front: &Front, asking: Asking) -> Came {
    let filters: Vec<String> = asking.cases.iter().map(|case| format!("delete_conversation/{case}")).collect();
    let given = [
        ("CONFORMANT_BASE_URL", Some(front.base_url())),
        ("CONFORMANT_FILTER", Some(filters.join(",")).filter(|filters| !filters.is_empty())),
        ("CONFORMANT_JOBS", Some(asking.jobs.to_owned())),
        ("CONFORMANT_TIMEOUT", Some(asking.timeout.to_owned())),
        // A busy machine makes responses slow, and this is not about that.
        ("CONFORMANT_SLOW", Some("10m".to_owned())),
        ("CONFORMANT_LINGER", asking.linger.map(str::to_owned)),
        ("CONFORMANT_MAX_BODY", asking.max_body.map(str::to_owned)),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let env: Environment = front.world.keys.iter().map(|(name, key)| (*name, key.clone())).chain(given).collect();
    let settings = Settings::resolve(&Flags::default(), env).unwrap_or_else(|errors| panic!("{errors}"));
    let suites = Arc::clone(suites());
    let selected = Arc::new(run::select(&settings, &suites).unwrap_or_else(|errors| panic!("{errors}")));
    let session = Session::open(settings, suites, selected).await.unwrap_or_else(|errors| panic!("{errors}"));
    let mut signals = Signals::listen();
    let running = run::run(session, &mut signals);
    let outcome = tokio::time::timeout(Duration::from_secs(120), running).await.expect("the run ends");
    let cases = outcome.cases.iter().map(|case| {
        let name = case.id.strip_prefix("delete_conversation/").unwrap_or(&case.id).to_owned();
        let unknown = case.findings.iter().filter(|found| found.covered().is_none());
        let told = unknown.map(|found| &found.finding).filter(|finding| finding.level > Level::Note);
        let finds = told.clone().map(|finding| match finding.level {
            Level::Must => finding.rule.id.to_owned(),
            level => format!("{} {level}", finding.rule.id),
        });
        let says = told.clone().map(|finding| {
            format!("{}: {} | {:?} | {:?}", finding.rule.id, finding.message, finding.expected, finding.actual)
        });
        let came = Case {
            verdict: case.verdict,
            reason: case.reason.clone(),
            finds: finds.collect(),
            says: says.collect(),
            notes: case.notes.clone(),
            took: case.duration,
        };
        (name, came)
    });
    Came {
        exit: outcome.exit(false).code(),
        trouble: outcome.trouble.as_ref().map(|trouble| trouble.message.clone()),
        cases: cases.collect(),
        left_behind: outcome.left_behind.len(),
    }
}
