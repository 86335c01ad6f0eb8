//! After a run its objects are gone from the server, however the run ended. It takes about 50 s on two cores.

#![cfg(unix)]

#[path = "support/command.rs"]
mod command;
#[path = "support/door.rs"]
mod door;
#[path = "support/world.rs"]
mod world;

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use command::{Finished, Folder, conformant, waited};
use serde_json::Value;
use world::{KEYS, World, json};

/// Longer than the product waits for anything once it is interrupted.
const LONG: Duration = Duration::from_secs(40);

/// Both doors to the product, with a world as target: the command, and the test target.
fn doors(world: &World) -> [Command; 2] {
    let mut test = Command::new(door::conformance_test());
    test.env_clear();
    [conformant(&["run", "--format", "json"]), test].map(|mut command| {
        command.env("API_BASE_URL", &world.url).envs(KEYS);
        command
    })
}

fn interrupt(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.expect("kill is there").success());
}

fn started(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

/// What a child says until it ends, and how it ends.
fn ended(child: Child) -> Finished {
    let mut child = child;
    let stdout = reader(child.stdout.take().expect("its stdout"));
    let stderr = reader(child.stderr.take().expect("its stderr"));
    let status = waited(&mut child);
    Finished { status, stdout: stdout.join().expect("read"), stderr: stderr.join().expect("read") }
}

fn reader(mut from: impl std::io::Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = from.read_to_string(&mut text);
        text
    })
}

#[test]
fn a_run_that_ends_by_itself_leaves_nothing() {
    // Passing, failing and stopped after the first failure, through both doors.
    for (what, wrong, variables) in [
        ("as it should be", false, &[][..]),
        ("failing", true, &[]),
        ("stopped early", true, &[("CONFORMANT_FAIL_FAST", "1"), ("CONFORMANT_JOBS", "2")]),
        ("repeated", false, &[("CONFORMANT_REPEAT", "3")]),
    ] {
        let world = World::start(move |seen, _| {
            (wrong && seen.method == "DELETE" && seen.body.contains("-other")).then(|| json(500, "NO", "{}"))
        });
        for mut command in doors(&world) {
            command.envs(variables.iter().copied());
            let finished = Finished::of(command);
            assert!(world.made() > 0, "{what}: {}{}", finished.stdout, finished.stderr);
            assert_eq!(world.left(), [""; 0], "{what}: {}{}", finished.stdout, finished.stderr);
            world.unharmed(what);
        }
    }
}

#[test]
fn a_run_that_cannot_write_its_reports_leaves_nothing() {
    let world = World::plain();
    let mut command = conformant(&["run"]);
    command.env("API_BASE_URL", &world.url).envs(KEYS);
    let mut child = started(command);
    drop(child.stdout.take());
    waited(&mut child);
    assert!(world.made() > 0);
    assert_eq!(world.left(), [""; 0], "stdout was closed");
    let folder = Folder::new();
    let gone = folder.path().join("reports");
    let report = format!("json={}/r.json", gone.display());
    let removing = gone.clone();
    let world = World::start(move |seen, _| {
        if seen.method == "POST" {
            let _ = std::fs::remove_dir_all(&removing);
        }
        None
    });
    let mut command = conformant(&["run", "--report", &report]);
    command.env("API_BASE_URL", &world.url).envs(KEYS);
    let finished = Finished::of(command).expect(3);
    assert!(finished.stderr.contains("could not be written"), "{}", finished.stderr);
    assert!(world.made() > 0);
    assert_eq!(world.left(), [""; 0], "the report could not be written");
}

/// Whether this process was started so that it outlives its terminal, as by `nohup`: its children are too, and go on.
fn hangups_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(str::trim).map(str::to_owned);
    mask.and_then(|mask| u64::from_str_radix(&mask, 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    // Interrupted while an object is being made, while a judged request waits, and while an object is being removed.
    for (moment, method, signal) in [
        ("making", "POST", "-INT"),
        ("judging", "DELETE", "-TERM"),
        ("asking", "GET", "-INT"),
        ("hung up", "POST", "-HUP"),
    ] {
        if signal == "-HUP" && hangups_are_ignored() {
            continue;
        }
        for door in 0..2 {
            let held = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&held);
            let interrupted = Arc::new(AtomicBool::new(false));
            let told = Arc::clone(&interrupted);
            let world = World::start(move |seen, _| {
                let waits = seen.method == method && !seen.target.contains("/info");
                if waits && count.fetch_add(1, Ordering::SeqCst) < 4 {
                    // Until the signal was sent, and then for far less than an interrupted run waits for an answer.
                    let start = Instant::now();
                    while !told.load(Ordering::SeqCst) && start.elapsed() < LONG {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    std::thread::sleep(Duration::from_millis(300));
                }
                None
            });
            let [command, test] = doors(&world);
            let child = started(if door == 0 { command } else { test });
            world.until("a request is held", |_| held.load(Ordering::SeqCst) > 0);
            let start = Instant::now();
            interrupt(&child, signal);
            interrupted.store(true, Ordering::SeqCst);
            let finished = ended(child).expect(130);
            assert!(start.elapsed() < LONG, "{moment}: it took {:?}", start.elapsed());
            let all = format!("{}{}", finished.stdout, finished.stderr);
            assert_eq!(world.left(), [""; 0], "{moment}, door {door}: {all}");
            assert!(all.contains("interrupted"), "{moment}: {all}");
            world.unharmed(moment);
        }
    }
}

/// `nohup` says that a run is to outlive its terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_run_under_nohup_goes_on_when_its_terminal_is_closed() {
    let held = Arc::new(AtomicBool::new(false));
    let seen_one = Arc::clone(&held);
    let world = World::start(move |seen, _| {
        if seen.method == "DELETE" && !seen_one.swap(true, Ordering::SeqCst) {
            std::thread::sleep(Duration::from_secs(1));
        }
        None
    });
    let mut command = Command::new("nohup");
    let [mut plain, _] = doors(&world);
    plain.arg("delete_conversation/success");
    command.arg(plain.get_program()).args(plain.get_args()).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
    let child = started(command);
    world.until("a request is held", |_| held.load(Ordering::SeqCst));
    interrupt(&child, "-HUP");
    let finished = ended(child).expect(0);
    assert!(!finished.stderr.contains("interrupted"), "{}", finished.stderr);
    assert_eq!(world.left(), [""; 0]);
}

#[test]
fn nothing_is_made_once_a_run_was_interrupted() {
    for door in 0..2 {
        let interrupted = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&interrupted);
        let deletions = Arc::new(AtomicUsize::new(0));
        let holds = Arc::clone(&deletions);
        let late = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&late);
        let world = World::start(move |seen, _| {
            let deletion = if seen.method == "DELETE" { holds.fetch_add(1, Ordering::SeqCst) + 1 } else { 0 };
            if deletion == 1 {
                let start = Instant::now();
                while !told.load(Ordering::SeqCst) && start.elapsed() < LONG {
                    std::thread::sleep(Duration::from_millis(5));
                }
                // Until the signal has been heard.
                std::thread::sleep(Duration::from_millis(300));
            } else if deletion == 2 {
                // The removals take longer than the case that was under way.
                std::thread::sleep(Duration::from_secs(1));
            } else if seen.method == "POST" && told.load(Ordering::SeqCst) {
                count.fetch_add(1, Ordering::SeqCst);
            }
            None
        });
        // One case at a time: the others wait for its place, and get it when it has ended.
        let mut command = doors(&world).into_iter().nth(door).expect("a door");
        command.env("CONFORMANT_JOBS", "1");
        let child = started(command);
        world.until("a deletion is held", |_| deletions.load(Ordering::SeqCst) > 0);
        interrupt(&child, "-TERM");
        interrupted.store(true, Ordering::SeqCst);
        let finished = ended(child).expect(130);
        assert_eq!(world.left(), [""; 0], "door {door}: {}{}", finished.stdout, finished.stderr);
        assert_eq!(late.load(Ordering::SeqCst), 0, "door {door}: {}{}", finished.stdout, finished.stderr);
    }
}

#[test]
fn an_object_that_cannot_be_removed_is_reported() {
    // Removals are never answered: an interrupted run gives up and says what is left, and a second signal at once.
    for twice in [false, true] {
        let removing = Arc::new(AtomicBool::new(false));
        let seen_one = Arc::clone(&removing);
        let world = World::start(move |seen, _| {
            if seen.method == "DELETE" {
                seen_one.store(true, Ordering::SeqCst);
                std::thread::sleep(LONG);
            }
            None
        });
        let [command, _] = doors(&world);
        let child = started(command);
        world.until("a removal has come", |_| removing.load(Ordering::SeqCst));
        let start = Instant::now();
        interrupt(&child, "-INT");
        if twice {
            std::thread::sleep(Duration::from_millis(300));
            interrupt(&child, "-INT");
        }
        let finished = ended(child).expect(130);
        assert!(start.elapsed() < LONG, "it took {:?}", start.elapsed());
        let report: Value = serde_json::from_str(&finished.stdout).expect("JSON");
        let told: Vec<&str> =
            report["left_behind"].as_array().expect("a list").iter().filter_map(|one| one["id"].as_str()).collect();
        for id in world.left() {
            assert!(told.contains(&id.as_str()), "{id} is not told of: {told:?}");
        }
        assert!(!told.is_empty());
    }
}

#[test]
fn a_creation_whose_response_is_lost_is_reported() {
    // It is made, and the answer never comes, or breaks off.
    for cut in [false, true] {
        let making = Arc::new(AtomicBool::new(false));
        let seen_one = Arc::clone(&making);
        let world = World::start(move |seen, world| {
            if seen.method != "POST" {
                return None;
            }
            world.make("lost");
            seen_one.store(true, Ordering::SeqCst);
            if !cut {
                std::thread::sleep(LONG);
            }
            Some(if cut {
                "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"conversation_id\":".to_owned()
            } else {
                String::new()
            })
        });
        let [mut command, _] = doors(&world);
        command.arg("delete_conversation/success");
        let child = started(command);
        if !cut {
            world.until("a making has come", |_| making.load(Ordering::SeqCst));
            interrupt(&child, "-INT");
        }
        let finished = ended(child).expect(if cut { 3 } else { 130 });
        let report: Value = serde_json::from_str(&finished.stdout).expect("JSON");
        let told = report["left_behind"].as_array().expect("a list");
        assert_eq!(told.len(), 2, "cut {cut}: {told:?}");
        assert!(
            told.iter()
                .all(|one| one["id"] == "" && one["user"].as_str().is_some_and(|user| user.starts_with("conformant-")))
        );
    }
}

#[test]
fn a_removal_that_is_refused_for_now_is_tried_again() {
    let refused = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&refused);
    let world = World::start(move |seen, _| {
        let busy = seen.method == "DELETE" && count.fetch_add(1, Ordering::SeqCst) < 3;
        busy.then(|| json(503, "BUSY", "{}"))
    });
    let [mut command, _] = doors(&world);
    command.arg("delete_conversation/success");
    let finished = Finished::of(command);
    assert!(refused.load(Ordering::SeqCst) > 3, "{}", finished.stdout);
    assert_eq!(world.left(), [""; 0], "{}", finished.stdout);
    let report: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(report["left_behind"], serde_json::json!([]));
    // A removal that is refused for good is reported, and not tried again and again.
    let world = World::start(|seen, _| (seen.method == "DELETE").then(|| json(403, "NO", "{}")));
    let [mut command, _] = doors(&world);
    command.arg("delete_conversation/success");
    let finished = Finished::of(command);
    let report: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(report["left_behind"].as_array().map(Vec::len), Some(4), "{}", finished.stdout);
    let removals = world.seen().iter().filter(|seen| seen.method == "DELETE").count();
    assert_eq!(removals, 5, "two that tried the state, one judged, two to undo");
}
