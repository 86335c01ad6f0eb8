//! On awkward servers every verdict about an object rests on proof from the same run. It takes about 100 s on two
//! cores.

#![cfg(unix)]

#[path = "proofs/believing.rs"]
mod believing;
#[path = "proofs/busy.rs"]
mod busy;
#[path = "proofs/careful.rs"]
mod careful;
#[path = "support/command.rs"]
mod command;
#[path = "proofs/inputs.rs"]
mod inputs;
#[path = "proofs/interrupted.rs"]
mod interrupted;
#[path = "proofs/late.rs"]
mod late;
#[path = "proofs/one_worker.rs"]
mod one_worker;
#[path = "proofs/others.rs"]
mod others;
#[path = "proofs/races.rs"]
mod races;
#[path = "support/served.rs"]
mod served;
#[path = "proofs/shelf.rs"]
mod shelf;
#[path = "proofs/silence.rs"]
mod silence;
#[path = "proofs/told.rs"]
mod told;
#[path = "support/world.rs"]
mod world;

use std::process::Command;

use command::{Finished, conformant};
use serde_json::Value;
use world::{KEYS, World};

/// What a run came to.
struct Ran {
    status: i32,
    report: Value,
    /// All that was said.
    said: String,
}

impl Ran {
    /// Runs a command that reports in JSON.
    #[track_caller]
    fn of(command: Command) -> Self {
        Self::from(&Finished::of(command))
    }

    #[track_caller]
    fn from(finished: &Finished) -> Self {
        let Finished { status, stdout, stderr } = finished;
        let report: Value = serde_json::from_str(stdout).unwrap_or_else(|_| panic!("no report: {stdout}{stderr}"));
        let cases = report["cases"].as_array().into_iter().flatten().cloned().map(|mut case| {
            let shown = |name: &str| ["id", "verdict", "reason", "findings", "notes"].contains(&name);
            if let Value::Object(members) = &mut case {
                members.retain(|name, _| shown(name));
            }
            case.to_string()
        });
        let cases = cases.collect::<Vec<_>>().join("\n");
        let (left, notes) = (&report["left_behind"], &report["notes"]);
        let said = format!("exit {status}\n{cases}\nleft behind: {left}\nnotes: {notes}\n{stderr}");
        Self { status: *status, report, said }
    }

    /// Panics with everything that was said unless it ended so.
    #[track_caller]
    fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}", self.said);
        self
    }

    /// The cases.
    fn cases(&self) -> impl Iterator<Item = &Value> {
        self.report["cases"].as_array().into_iter().flatten()
    }

    /// Every finding with its case's id.
    fn findings(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.cases().flat_map(|case| {
            let findings = case["findings"].as_array().into_iter().flatten();
            findings.map(|finding| (case["id"].as_str().unwrap_or_default(), finding))
        })
    }

    /// The rules of the findings of one level that nobody knew of, each with its case.
    fn rules(&self, level: &str) -> Vec<(&str, &str)> {
        let of_level = self.findings().filter(|(_, finding)| finding["level"] == level && finding["known"].is_null());
        of_level.map(|(case, finding)| (case, finding["rule"].as_str().unwrap_or_default())).collect()
    }

    /// Whether a rule found anything.
    fn found(&self, rule: &str) -> bool {
        self.findings().any(|(_, finding)| finding["rule"] == rule)
    }

    /// The ids of what was told as left behind; empty for what has none.
    fn left(&self) -> Vec<String> {
        let left = self.report["left_behind"].as_array().into_iter().flatten();
        left.map(|one| one["id"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The verdict of the only case, or of the one with this name.
    #[track_caller]
    fn verdict(&self, name: &str) -> &str {
        let mut named = self.cases().filter(|case| case["id"].as_str().is_some_and(|id| id.ends_with(name)));
        let case = named.next().unwrap_or_else(|| panic!("no case {name}: {}", self.said));
        case["verdict"].as_str().unwrap_or_default()
    }

    /// Everything passed, nothing is wrong, and nothing was left.
    #[track_caller]
    fn green(&self, what: &str) {
        assert_eq!(self.status, 0, "{what}: {}", self.said);
        assert_eq!(self.rules("must"), [], "{what}: {}", self.said);
        assert_eq!(self.left(), [""; 0], "{what}: {}", self.said);
    }
}

/// The shipped suite at a world.
fn at(world: &World, arguments: &[&str]) -> Command {
    let mut command = conformant(&[&["run", "--format", "json"], arguments].concat());
    command.env("API_BASE_URL", &world.url).envs(KEYS);
    command
}
