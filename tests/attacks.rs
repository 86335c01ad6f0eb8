//! No suite reaches an object that the run did not make. It takes about a minute on two cores.
//!
//! One seed writes an API, a suite, and a server for both. One suite in ten is sound: it changes only what it made, and
//! must pass. Every other suite has one or two tricks (`attacks/tricks.rs`) to reach an object of others. The server
//! (`attacks/server.rs`) reads requests as carelessly as any server could, and notes what they could have changed. The
//! built command is run against it. Then
//!
//! - no object of others was reached,
//! - every sound suite passed.
//!
//! | variable | meaning |
//! |---|---|
//! | `ATTACKS_SEED` | the seed of the first suite; each further suite has the next number; `new` takes one from the clock |
//! | `ATTACKS_COUNT` | how many suites; without it 1000 |
//! | `ATTACKS_KEEP` | if set, the files of all suites are kept, not only of those that failed |
//!
//! A suite that fails prints its seed. `ATTACKS_SEED=N ATTACKS_COUNT=1 cargo test --test attacks` repeats it.

#![allow(dead_code, reason = "the modules that are shared with other test targets hold more than is used here")]

#[path = "attacks/api.rs"]
mod api;
#[path = "attacks/by_hand.rs"]
mod by_hand;
#[path = "deviant/chance.rs"]
mod chance;
#[path = "support/command.rs"]
mod command;
#[path = "attacks/reading.rs"]
mod reading;
#[path = "attacks/server.rs"]
mod server;
#[path = "attacks/suite.rs"]
mod suite;
#[path = "attacks/tricks.rs"]
mod tricks;
#[path = "support/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use api::{Api, Shape};
use chance::Chance;
use command::{Finished, conformant};
use server::{Request, Server};
use suite::{DOCUMENT, Draft};
use world::Seen;

/// How many suites there are in every run of the tests.
const SUITES: u64 = 1000;

/// How many suites are tried at the same time.
const SIDE_BY_SIDE: usize = 2;

#[allow(clippy::disallowed_methods, reason = "which suites a test writes is no setting of the command")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn number(name: &str) -> Option<u64> {
    variable(name).map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is {text}, which is no number")))
}

/// Says something that is to be seen of tests that pass, too.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// What came of one suite.
struct Tried {
    draft: Draft,
    seed: u64,
    folder: PathBuf,
    exit: i32,
    output: String,
    requests: usize,
    touched: Vec<String>,
}

impl Tried {
    /// What is wrong with it.
    fn complaint(&self) -> Option<String> {
        let why = if !self.touched.is_empty() {
            format!("an object of others was reached: {:?}", self.touched)
        } else if self.draft.sound && self.exit != 0 {
            format!("it is sound, and exits with {}", self.exit)
        } else if ![0, 1, 2, 3].contains(&self.exit) {
            format!("it exits with {}", self.exit)
        } else {
            return None;
        };
        Some(format!(
            "{why}\n    {:?}\n    ATTACKS_SEED={} ATTACKS_COUNT=1 cargo test --test attacks\n    files: {}\n{}",
            self.draft.tricks,
            self.seed,
            self.folder.display(),
            self.output
        ))
    }

    /// Who refused it.
    fn outcome(&self) -> &'static str {
        let says = |text: &str| self.output.contains(text);
        match self.exit {
            _ if self.draft.sound => "sound",
            2 if self.requests > 0 => "stopped in the run",
            2 if says("is not sent") || says("cannot make its object") || says("must not be set") => {
                "refused before anything is sent"
            }
            2 => "refused for another reason",
            _ => "sent, and reached nothing",
        }
    }
}

/// Runs the command with one suite against a server of its own.
fn tried(seed: u64, root: &Path) -> Tried {
    let draft = suite::write(seed);
    let mut chance = Chance::of(seed, 9);
    let folder = root.join(seed.to_string());
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let pretty = |value: &serde_json::Value| serde_json::to_string_pretty(value).expect("JSON can be written");
    std::fs::write(folder.join(DOCUMENT), pretty(&draft.document())).expect("a file can be written");
    let file = folder.join("suite.yaml");
    std::fs::write(&file, pretty(&draft.suite())).expect("a file can be written");
    let server = Server::start(draft.api.clone());
    let cases = file.to_str().expect("a path of plain characters");
    let mut command =
        conformant(&["run", "--base-url", &server.url, "--cases", cases, "--linger", "1ms", "--slow", "10m"]);
    command.args(["--jobs", chance.pick(&["1", "8"])]).current_dir(&folder);
    command.envs(draft.env.iter().map(|(name, value)| (name, value)));
    let finished = Finished::of(command);
    server.end();
    let output = format!("{}{}", finished.stdout, finished.stderr);
    let mut log = String::new();
    for seen in server.seen() {
        let _ = writeln!(log, "{} {} {:?} {}", seen.method, seen.target, seen.fields, seen.body);
    }
    let (requests, touched) = (server.seen().len(), server.touched());
    let said = format!("{:?}\nreached: {touched:?}\n{output}\n{log}", draft.tricks);
    let _ = std::fs::write(folder.join("output.txt"), said);
    Tried { draft, seed, folder, exit: finished.status, output, requests, touched }
}

#[test]
fn no_attack_by_hand_reaches_an_object_of_others() {
    let all = by_hand::ByHand::all("tests/attacks/by_hand.txt");
    assert!(all.len() >= 40, "{}", all.len());
    let only = variable("ATTACKS_TITLE").unwrap_or_default();
    let some = all.iter().filter(|one| one.title.contains(&only));
    let wrong: Vec<String> = some.filter_map(by_hand::ByHand::complaint).collect();
    assert!(wrong.is_empty(), "{} of {} are not as they must be:\n\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

#[test]
fn no_suite_reaches_an_object_of_others() {
    let root = std::env::temp_dir().join(format!("conformant-attacks-{}", std::process::id()));
    let first = chance::first_seed(variable("ATTACKS_SEED").as_deref());
    let count = number("ATTACKS_COUNT").unwrap_or(SUITES);
    say(&format!("ATTACKS_SEED={first} ATTACKS_COUNT={count}"));
    let next = AtomicU64::new(first);
    let failures: Mutex<Vec<String>> = Mutex::default();
    let outcomes: Mutex<BTreeMap<(&str, &str), usize>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= first + count {
                        return;
                    }
                    let tried = tried(seed, &root);
                    let complaint = tried.complaint();
                    if complaint.is_none() && variable("ATTACKS_KEEP").is_none() {
                        let _ = std::fs::remove_dir_all(&tried.folder);
                    }
                    let trick = tried.draft.tricks.first().copied().unwrap_or_default();
                    *outcomes.lock().expect("no thread failed").entry((tried.outcome(), trick)).or_default() += 1;
                    failures.lock().expect("no thread failed").extend(complaint);
                }
            });
        }
    });
    let _ = std::fs::remove_dir(&root);
    let outcomes = outcomes.into_inner().expect("no thread failed");
    let of = |wanted: &str| -> usize {
        outcomes.iter().filter(|((outcome, _), _)| *outcome == wanted).map(|(_, count)| count).sum()
    };
    // A test whose suites cannot be read, or are all sent, would show nothing.
    let refused = of("refused before anything is sent");
    assert!(
        count < 100
            || (refused * 2 > of("refused for another reason") + of("sent, and reached nothing") && of("sound") > 0)
    );
    for ((outcome, trick), count) in &outcomes {
        say(&format!("{count:>4} {outcome}: {trick}"));
    }
    let failures = failures.into_inner().expect("no thread failed");
    let some: Vec<&String> = failures.iter().take(8).collect();
    let text = some.iter().map(|one| one.as_str()).collect::<Vec<_>>().join("\n\n");
    assert!(failures.is_empty(), "{} suites are not as they must be; some:\n\n{text}", failures.len());
}

/// A request as the server sees it.
fn seen(line: &str, fields: &[(&str, &str)], body: &str) -> Seen {
    let (method, target) = line.split_once(' ').expect("a method and a target");
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Seen { method: method.to_owned(), target: target.to_owned(), fields, body: body.to_owned() }
}

/// The server would notice an attack that gets through.
#[test]
fn the_server_notices_a_request_that_reaches_an_object_of_others() {
    let numbers = Server::start(Api::fixed(Shape::Number, "417"));
    let words = Server::start(Api::fixed(Shape::Word, "production"));
    numbers.has_made("600");
    words.has_made("mine");
    let reached = |server: &Server, seen: &Seen| server.reached(&Request::of(seen));
    for (line, fields, body) in [
        ("DELETE /things/417", &[][..], ""),
        ("DELETE /things/00417.0", &[], ""),
        ("DELETE /things/%34%31%37", &[], ""),
        ("DELETE /things/%2534%2531%2537", &[], ""),
        ("DELETE /things/417;a=600", &[], ""),
        ("DELETE /things/600/members/417", &[], ""),
        ("DELETE /things/600/../417", &[], ""),
        ("DELETE /things", &[], ""),
        ("DELETE /things/all", &[], ""),
        ("POST /things/417/touch", &[], ""),
        ("POST /things/bulk-delete", &[], "{\"ids\": [600, 417.0]}"),
        ("DELETE /things/600", &[], "{\"417\": true}"),
        ("DELETE /things/600", &[], "also=%34%31%37"),
        ("DELETE /things/600?note=see+417", &[], ""),
        ("DELETE /things/600", &[("Cookie", "a=b; c=417")], ""),
        ("DELETE /things/600", &[("X_Original_URL", "/things/417")], ""),
        ("GET /things/417", &[("X-HTTP-Method-Override", "DELETE")], ""),
        ("GET /things/417?_method=delete", &[], ""),
        ("GET /things/417/delete", &[], ""),
        ("GET /things/417?action=delete", &[], ""),
        ("POST /things/417", &[("X-Making", "yes")], ""),
        ("POST /things/417/delete", &[("X-Making", "yes")], ""),
    ] {
        assert!(reached(&numbers, &seen(line, fields, body)).is_some(), "{line} {fields:?} {body}");
    }
    for (line, fields, body) in [
        ("GET /things/417", &[][..], ""),
        ("DELETE /things/600", &[], "{\"n\": 41, \"at\": \"2026-04-17\"}"),
        ("DELETE /spaces/417/things/600", &[], ""),
        ("DELETE /spaces/417/things/x-a1b2c3d4-0000-4000-8000-000000000001", &[], ""),
        ("POST /spaces/417/things", &[("X-Making", "yes")], "{\"owner\": 417}"),
    ] {
        assert_eq!(reached(&numbers, &seen(line, fields, body)), None, "{line} {fields:?} {body}");
    }
    assert!(reached(&words, &seen("PUT /things/Production", &[], "")).is_some());
    assert!(reached(&words, &seen("PUT /things/mine?filter[id]=production", &[], "")).is_some());
    assert_eq!(reached(&words, &seen("PUT /things/mine?note=production", &[], "")), None);
    numbers.end();
    words.end();
}

#[test]
fn one_seed_writes_one_suite() {
    for seed in 0..3000 {
        let (one, other) = (suite::write(seed), suite::write(seed));
        assert_eq!((one.suite(), one.document()), (other.suite(), other.document()));
    }
}
