//! One run of the built command against one world, and what must hold after it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::runtime::Handle;

use crate::command::{Finished, conformant};
use crate::deviation::Deviation;
use crate::document;

use crate::kind::{Allowed, Kind};
use crate::sent;
use crate::server::{Seen, Server, lock};
use crate::suite::{self, DOCUMENT, KEYS};
use crate::world::World;

/// How long a run may take before it is given up. The slowest takes a tenth of it on a machine that is not busy.
const PATIENCE: Duration = Duration::from_secs(300);

/// The files of a world, in a folder of their own.
pub(crate) struct Files {
    pub(crate) folder: PathBuf,
    pub(crate) suite: PathBuf,
}

impl Files {
    pub(crate) fn of(world: &World, root: &Path, name: &str) -> Self {
        let folder = root.join(format!("{}-{name}", world.seed));
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let pretty = |value: &Value| serde_json::to_string_pretty(value).expect("JSON can be written");
        std::fs::write(folder.join(DOCUMENT), pretty(&document::write(world))).expect("a file can be written");
        let suite = folder.join("world.yaml");
        std::fs::write(&suite, pretty(&suite::write(world))).expect("a file can be written");
        Self { folder, suite }
    }

    /// Removes them, unless they are to be looked into.
    pub(crate) fn clear(&self, keep: bool) {
        if !keep && crate::variable("WORLDS_KEEP").is_none() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }

    /// Keeps what a run said and what the server saw, to find the cause of a failure.
    fn keep(&self, ran: &Ran) {
        let mut log = String::new();
        for seen in &ran.seen {
            let status = seen.status.map_or_else(|| "no response".to_owned(), |status| status.to_string());
            let _ = writeln!(
                log,
                "{:>7} ms  #{:<3} {} {} {status}",
                seen.at.as_millis(),
                seen.connection,
                seen.method,
                seen.target
            );
        }
        for (name, text) in [("stdout.json", &ran.stdout), ("stderr.txt", &ran.stderr), ("server.log", &log)] {
            let _ = std::fs::write(self.folder.join(name), text);
        }
    }
}

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) jobs: usize,
    pub(crate) exit: i32,
    pub(crate) report: Value,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// What the run made and what is still there.
    left: Vec<String>,
    foreign_touched: Vec<String>,
    seen: Vec<Seen>,
    pub(crate) took: Duration,
}

/// Runs the command against a fresh server of a world.
pub(crate) fn run(world: &World, files: &Files, jobs: usize, deviation: Option<Deviation>, runtime: &Handle) -> Ran {
    let server = Server::start(world, deviation, runtime);
    let jobs_text = jobs.to_string();
    let cases = files.suite.to_str().expect("a path of plain characters");
    let mut command = conformant(&["run", "--format", "json", "--base-url", &server.url, "--cases", cases]);
    command.args(["--jobs", &jobs_text, "--slow", "10m"]).envs(KEYS);
    if deviation == Some(Deviation::Hangs) {
        command.args(["--timeout", "3s"]);
    }
    command.current_dir(&files.folder);
    let start = Instant::now();
    let finished = Finished::within(PATIENCE, command);
    let took = start.elapsed();
    let left = lock(&server.inner.store).left();
    let ran = Ran {
        jobs,
        exit: finished.status,
        report: serde_json::from_str(&finished.stdout).unwrap_or_default(),
        stdout: finished.stdout,
        stderr: finished.stderr,
        left,
        foreign_touched: server.inner.foreign_touched(),
        seen: server.inner.seen(),
        took,
    };
    files.keep(&ran);
    ran
}

impl Ran {
    fn cases(&self) -> &[Value] {
        self.report["cases"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Rules of level must that found something, by case.
    fn musts(&self) -> Vec<String> {
        let of = |case: &Value| {
            let findings = case["findings"].as_array().cloned().unwrap_or_default();
            let musts = findings.into_iter().filter(|finding| finding["level"] == "must");
            let id = case["id"].as_str().unwrap_or_default().to_owned();
            musts
                .map(move |finding| format!("{id}: {} ({})", text(&finding["rule"]), text(&finding["message"])))
                .collect::<Vec<_>>()
        };
        self.cases().iter().flat_map(of).collect()
    }

    /// Why a run came to nothing, as far as its report says.
    pub(crate) fn why(&self) -> String {
        let reasons = self
            .cases()
            .iter()
            .filter(|case| case["verdict"] != "pass")
            .map(|case| format!("{} {}: {}", text(&case["id"]), text(&case["verdict"]), text(&case["reason"])));
        let trouble = self.report["trouble"]["message"].as_str().map(str::to_owned);
        trouble.into_iter().chain(reasons).collect::<Vec<_>>().join("; ")
    }

    /// Whether a deviation was found: some case failed.
    pub(crate) fn found_something(&self) -> bool {
        self.cases().iter().any(|case| case["verdict"] == "fail") && !self.musts().is_empty()
    }

    /// What is wrong with a run against a world that keeps its contract; nothing if all is right.
    pub(crate) fn complaints(&self, world: &World, files: &Files) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.report.is_null() {
            return vec![format!("it exits with {} and no report: {}", self.exit, self.stderr.trim())];
        }
        let allowed = world.allowed(self.jobs);
        let exits: &[i32] = match allowed {
            Allowed::Conforms => &[0],
            Allowed::MustBeUnjudged => &[3],
            _ => &[0, 3],
        };
        if !exits.contains(&self.exit) {
            wrong.push(format!(
                "it exits with {}, not {exits:?}: {}",
                self.exit,
                text(&self.report["trouble"]["message"])
            ));
        }
        if self.cases().len() != world.cases.len() && self.report["trouble"].is_null() {
            wrong.push(format!("{} cases of {} were run", self.cases().len(), world.cases.len()));
        }
        wrong.extend(self.musts().into_iter().map(|must| format!("a finding: {must}")));
        for case in self.cases() {
            match case["verdict"].as_str().unwrap_or_default() {
                "pass" => {}
                "error" if allowed != Allowed::Conforms => {}
                verdict => wrong.push(format!("{} is {verdict}: {}", text(&case["id"]), text(&case["reason"]))),
            }
        }
        wrong.extend(self.untold(world));
        if !self.foreign_touched.is_empty() {
            wrong.push(format!("foreign objects were touched: {:?}", self.foreign_touched));
        }
        // A case that could not be judged may have ended before all was sent. Where connections end or nothing listens, what
        // was asked again cannot be told from the rest.
        let steady = ![Kind::KeptEnd, Kind::FreshEnd, Kind::Restart].into_iter().any(|kind| world.has(kind));
        if self.exit == 0 && steady {
            wrong.extend(sent::differs(world, files, &self.seen, &self.report));
        }
        wrong
    }

    /// What is left on the server and not reported, and what is reported without need.
    fn untold(&self, world: &World) -> Vec<String> {
        let told: Vec<String> = self.report["left_behind"]
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(|entry| text(&entry["id"]))
            .collect();
        let known: BTreeSet<&String> = told.iter().filter(|id| self.left.contains(id)).collect();
        let unnamed = told.len() - known.len();
        let untold: Vec<&String> = self.left.iter().filter(|id| !known.contains(id)).collect();
        let mut wrong = Vec::new();
        // A creation that failed did not say its id: then an entry without one tells it.
        let without_id = if world.has(Kind::MadeAndFailed) { unnamed } else { 0 };
        if untold.len() > without_id {
            wrong.push(format!("left on the server and not told: {untold:?}; told: {told:?}"));
        }
        // Where ids come again, a removal that was cut off is not repeated: its object is reported.
        let names = [Kind::NumbersAgain, Kind::Slugs, Kind::Capitals].into_iter().any(|kind| world.has(kind));
        let may_stay = world.has(Kind::KeptEnd) && names;
        if world.allowed(self.jobs) == Allowed::Conforms && !may_stay && !(self.left.is_empty() && told.is_empty()) {
            wrong.push(format!("something is left: {:?}; told: {told:?}", self.left));
        }
        wrong
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
