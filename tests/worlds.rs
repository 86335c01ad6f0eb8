//! Servers that keep their contract and are awkward conform, and planted deviations are found. It takes about 120 s on
//! two cores.
//!
//! One seed writes a world: an OpenAPI document, a suite, and a server for both. The server keeps the document, and does
//! what real servers do beside: it makes several users of one name, answers reads from a replica that lags behind, gives
//! freed numbers again, removes later than it says, refuses for a while, ends connections, serves one connection at a
//! time, restarts. The table in `worlds/kind.rs` lists these kinds. A world has one main kind, in turn, and up to three
//! more.
//!
//! The built command is run against each world with `--jobs` 1, 8 and 32. Then
//!
//! - every case passes and the exit is 0, but for the kinds of which the table says what else is allowed,
//! - nothing is left on the server that the report does not tell as `left_behind`,
//! - nothing that was there before the run is touched, or named by a removal.
//!
//! Each world is run once more with one deviation planted in its server (`worlds/deviation.rs`). Of each kind of
//! deviation at least 95 of 100 are found, and no such run ends in "conforms". (What could not be judged, in a world where
//! the table allows that, is not counted.)
//!
//! | variable | meaning |
//! |---|---|
//! | `WORLDS_SEED` | the seed of the first world; each further world has the next number; `new` takes one from the clock |
//! | `WORLDS_COUNT` | how many worlds; without it 110 |
//! | `WORLDS_KIND` | only worlds whose main kind has a name that holds this |
//! | `WORLDS_KEEP` | if set, the files of all runs are kept, not only of those that failed |
//! | `WORLDS_TABLE` | if set, the figures are printed as the tables of `docs/detection.md`, not in lines |
//!
//! A world that fails prints its seed. `WORLDS_SEED=N WORLDS_COUNT=1 cargo test --test worlds` repeats it.

#![allow(dead_code, reason = "the modules that are shared with other test targets hold more than is used here")]

#[path = "worlds/api.rs"]
mod api;
#[path = "worlds/body.rs"]
mod body;
#[path = "deviant/chance.rs"]
mod chance;
#[path = "support/command.rs"]
mod command;
#[path = "worlds/deviation.rs"]
mod deviation;
#[path = "worlds/document.rs"]
mod document;
#[path = "worlds/figures.rs"]
mod figures;
#[path = "worlds/kind.rs"]
mod kind;
#[path = "deviant/message.rs"]
mod message;
#[path = "worlds/sent.rs"]
mod sent;
#[path = "worlds/server.rs"]
mod server;
#[path = "worlds/store.rs"]
mod store;
#[path = "worlds/suite.rs"]
mod suite;
#[path = "worlds/trial.rs"]
mod trial;
#[path = "worlds/world.rs"]
mod world;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chance::Chance;
use deviation::Deviation;
use figures::Figures;
use kind::Allowed;
use trial::Files;
use world::World;

/// How many worlds there are in every run of the tests.
const WORLDS: u64 = 110;

/// How many jobs the command is given.
const JOBS: [usize; 3] = [1, 8, 32];

/// How many worlds are tried side by side: most of their time is waiting.
const SIDE_BY_SIDE: usize = 12;

/// How many failures are told in full.
const TOLD: usize = 8;

/// The part of the found deviations of a kind, in hundredths, below which it counts as missed.
const FOUND: usize = 95;

#[allow(clippy::disallowed_methods, reason = "which worlds a test makes is no setting of the command")]
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

/// The worlds of this run. Which they are is said, so that they can be had again.
fn worlds() -> Vec<World> {
    static FIRST: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    let first = *FIRST.get_or_init(|| chance::first_seed(variable("WORLDS_SEED").as_deref()));
    let count = number("WORLDS_COUNT").unwrap_or(WORLDS);
    let kind = variable("WORLDS_KIND").unwrap_or_default();
    say(&format!("WORLDS_SEED={first} WORLDS_COUNT={count}"));
    let all = (first..first + count).map(World::of);
    all.filter(|world| world.main.name().contains(&kind)).collect()
}

/// Does something with every world, several side by side, and gives all that came of it.
fn with_each<T: Send>(worlds: &[World], act: impl Fn(&World) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE.min(worlds.len()) {
            scope.spawn(|| {
                while let Some(world) = worlds.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let came = act(world);
                    server::lock(&done).push(came);
                }
            });
        }
    });
    done.into_inner().expect("no thread failed")
}

/// Where the servers run.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// The folder of a test's worlds. At its end it is gone, unless something in it is to be looked into.
struct Root(PathBuf);

impl Root {
    fn new(test: &str) -> Self {
        Self(std::env::temp_dir().join(format!("conformant-worlds-{}-{test}", std::process::id())))
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.0);
    }
}

/// What is printed about a run that was not as it must be.
fn told(world: &World, files: &Files, what: &str, wrong: &[String]) -> String {
    format!(
        "{} ({what})\n    WORLDS_SEED={} WORLDS_COUNT=1 cargo test --test worlds\n    files: {}\n    - {}\n",
        world.in_words(),
        world.seed,
        files.folder.display(),
        wrong.join("\n    - ")
    )
}

/// Some of the failures, and where all of them are.
fn some(root: &Path, failures: Vec<String>) -> String {
    let file = root.join("failures.txt");
    std::fs::write(&file, failures.join("\n")).expect("a file can be written");
    let mut some = failures;
    some.truncate(TOLD);
    format!("{}\nall of them: {}", some.join("\n"), file.display())
}

#[test]
fn worlds_that_keep_their_contract_conform() {
    let root = Root::new("sound");
    let runtime = runtime();
    let worlds = worlds();
    let came = with_each(&worlds, |world| {
        JOBS.map(|jobs| {
            let files = Files::of(world, &root.0, &format!("jobs-{jobs}"));
            let ran = trial::run(world, &files, jobs, None, runtime.handle());
            let wrong = ran.complaints(world, &files);
            let told = (!wrong.is_empty()).then(|| told(world, &files, &format!("--jobs {jobs}"), &wrong));
            files.clear(told.is_some());
            (world.main, jobs, ran.exit, told, ran.took)
        })
    });
    let mut figures = Figures::sound();
    let mut failures = Vec::new();
    for (kind, jobs, exit, told, took) in came.into_iter().flatten() {
        figures.sound_run(kind, jobs, exit, told.is_none(), took);
        failures.extend(told);
    }
    say(&figures.write(variable("WORLDS_TABLE").is_some()));
    let count = failures.len();
    assert!(count == 0, "{count} runs are not as they must be; some:\n\n{}", some(&root.0, failures));
}

#[test]
fn planted_deviations_are_found() {
    let root = Root::new("planted");
    let runtime = runtime();
    let worlds = worlds();
    let came = with_each(&worlds, |world| {
        let mut chance = Chance::of(world.seed, 4);
        let fitting: Vec<Deviation> = Deviation::ALL.into_iter().filter(|deviation| deviation.fits(world)).collect();
        if fitting.is_empty() {
            return None;
        }
        let deviation = chance.pick(&fitting);
        let jobs = chance.pick(&JOBS);
        let files = Files::of(world, &root.0, "deviating");
        let ran = trial::run(world, &files, jobs, Some(deviation), runtime.handle());
        let found = ran.found_something();
        // Where the table allows that cases cannot be judged, those that would show it may be among them.
        let excused = ran.exit == 3 && world.allowed(jobs) != Allowed::Conforms;
        if excused && !found {
            return None;
        }
        let wrong = [format!("exit {}: {}", ran.exit, ran.why())];
        let what = format!("--jobs {jobs}, {}", deviation.name());
        let told = (!found || ran.exit == 0).then(|| told(world, &files, &what, &wrong));
        files.clear(told.is_some());
        Some((deviation, ran.exit, found, told, ran.took))
    });
    let mut figures = Figures::planted();
    let mut missed = Vec::new();
    let mut conforming = 0;
    for (deviation, exit, found, told, took) in came.into_iter().flatten() {
        figures.planted_run(deviation, exit, found, took);
        conforming += usize::from(exit == 0);
        missed.extend(told);
    }
    say(&figures.write(variable("WORLDS_TABLE").is_some()));
    let below = figures.below(FOUND);
    assert!(
        conforming == 0 && below.is_empty(),
        "{conforming} deviating servers conform, and too few are found of {below:?}; some:\n\n{}",
        some(&root.0, missed)
    );
}

#[test]
fn one_seed_writes_one_world() {
    for seed in 0..200 {
        let (one, other) = (World::of(seed), World::of(seed));
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
        assert_eq!(suite::write(&one), suite::write(&other));
        assert_eq!(document::write(&one), document::write(&other));
        assert!((2..=12).contains(&one.cases.len()), "{:?}", one.cases);
    }
}

#[test]
fn every_kind_comes_and_every_deviation_fits_somewhere() {
    let worlds: Vec<World> = (0..WORLDS).map(World::of).collect();
    for kind in kind::Kind::all() {
        assert!(worlds.iter().filter(|world| world.main == kind).count() >= 4, "{}", kind.name());
    }
    for deviation in Deviation::ALL {
        assert!(worlds.iter().any(|world| deviation.fits(world)), "{}", deviation.name());
    }
}
