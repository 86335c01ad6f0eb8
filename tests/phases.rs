//! A signal in any phase of any command ends the program in time, with status 130 and a report of what is left. It
//! takes about 40 s on two cores.

#![cfg(unix)]

#[allow(dead_code, reason = "a shared module holds more than is used here")]
#[path = "deviant/chance.rs"]
mod chance;
#[path = "phases/child.rs"]
mod child;
#[path = "support/command.rs"]
mod command;
#[path = "support/door.rs"]
mod door;
#[path = "phases/random.rs"]
mod random;
#[path = "support/things.rs"]
mod things;
#[path = "support/world.rs"]
mod world;

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use child::{Child, LONG, SIGNALS, full_pipe, hangups_are_ignored, of};
use command::{Folder, conformant};
use things::Things;
use world::{KEYS, World, json};

/// Does something with every way to be asked to stop, all at the same time.
fn with_each(test: impl Fn(&'static [&'static str]) + Sync) {
    std::thread::scope(|scope| {
        for signals in SIGNALS {
            if signals.contains(&"HUP") && hangups_are_ignored() {
                continue;
            }
            let test = &test;
            scope.spawn(move || test(signals));
        }
    });
}

/// A document that takes a while to read, and a suite for it.
fn large(folder: &Folder) -> String {
    let filler = "x y ".repeat(25_000);
    let path = |number: usize| {
        format!(
            r#""/things{number}/{{id}}": {{"get": {{"operationId": "look{number}", "description": "{filler}",
            "parameters": [{{"name": "id", "in": "path", "required": true, "schema": {{"type": "string"}}}}],
            "responses": {{"200": {{"description": "it"}}}}}}}}"#
        )
    };
    let paths: Vec<String> = (0..40).map(path).collect();
    let document = format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": "T", "version": "1"}}, "paths": {{{}}}}}"#,
        paths.join(",")
    );
    folder.file("large.json", &document);
    let suite = "spec: large.json\noperation: look0\ncases:\n  one: {path: {id: no-such-thing}, expect: 200}\n";
    folder.file("large.yaml", suite)
}

#[test]
fn a_signal_while_files_are_read_ends_at_once() {
    let folder = Folder::new();
    let suite = large(&folder);
    for arguments in [&["run"][..], &["list"], &["lint"], &["doctor"], &["run", "--dry-run"]] {
        for signal in ["INT", "TERM"] {
            let mut command = conformant(arguments);
            command.args(["--cases", &suite, "--base-url", "http://127.0.0.1:9"]);
            if matches!(arguments, ["list" | "lint"]) {
                command = conformant(arguments);
                command.args(["--cases", &suite]);
            }
            let child = Child::start(command);
            child.listens();
            std::thread::sleep(Duration::from_millis(50));
            child.signal(signal);
            let ended = child.ends(130);
            assert!(ended.stderr.contains("interrupted"), "{arguments:?}: {}", ended.stderr);
        }
    }
    // The test runner may only be listing.
    for list in [false, true] {
        let mut command = of(1, "http://127.0.0.1:9", &[]);
        command.env("CONFORMANT_CASES", &suite);
        if list {
            command.arg("--list");
        }
        let child = Child::start(command);
        child.listens();
        std::thread::sleep(Duration::from_millis(50));
        child.signal("TERM");
        child.ends(130);
    }
}

#[test]
fn a_signal_while_a_silent_target_is_tried_ends_it() {
    with_each(|signals| {
        for door in 0..3 {
            let asked = Arc::new(AtomicBool::new(false));
            let came = Arc::clone(&asked);
            let world = World::start(move |_, _| {
                came.store(true, Ordering::SeqCst);
                std::thread::sleep(LONG);
                Some(String::new())
            });
            let command = if door == 2 {
                let mut doctor = conformant(&["doctor"]);
                doctor.env("API_BASE_URL", &world.url).envs(KEYS);
                doctor
            } else {
                of(door, &world.url, &[])
            };
            let child = Child::start(command);
            world.until("it is tried", |_| asked.load(Ordering::SeqCst));
            child.signals(signals);
            child.ends(130);
        }
    });
}

/// One method is not answered, though it is carried out.
fn silent_to(method: &'static str) -> (Arc<World>, Arc<AtomicUsize>) {
    let held = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&held);
    let world = World::start(move |seen, world| {
        if seen.method == method && !seen.target.contains("/info") {
            if method == "POST" {
                // It is made, and nobody says so.
                world.usual(seen);
            }
            count.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(LONG);
        }
        None
    });
    (world, held)
}

#[test]
fn a_signal_while_objects_are_made_or_removed_loses_none() {
    for method in ["POST", "DELETE"] {
        with_each(|signals| {
            for door in 0..2 {
                let (world, held) = silent_to(method);
                let child = Child::start(of(door, &world.url, &[]));
                world.until("it is held", |_| held.load(Ordering::SeqCst) > 0);
                child.signals(signals);
                let ended = child.ends(130);
                let rows = world.owned();
                assert!(!rows.is_empty() && rows.len() == world.made(), "{method}: {rows:?}");
                ended.tells(&rows);
            }
        });
    }
}

#[test]
fn a_signal_during_a_wait_for_retry_after_ends_it() {
    with_each(|signals| {
        for door in 0..2 {
            let refused = Arc::new(AtomicBool::new(false));
            let came = Arc::clone(&refused);
            let world = World::start(move |seen, world| {
                if seen.method != "POST" || world.made() < 2 {
                    return None;
                }
                came.store(true, Ordering::SeqCst);
                Some(json(503, "BUSY", "{}").replace("Content-Type", "Retry-After: 30\r\nContent-Type"))
            });
            let child = Child::start(of(door, &world.url, &[]));
            world.until("it waits", |_| refused.load(Ordering::SeqCst));
            child.signals(signals);
            child.ends(130).tells(&world.owned());
        }
    });
}

/// Many long answers are held against their schema at once: nothing else comes to its turn on this machine.
#[test]
fn a_signal_while_answers_are_judged_loses_no_object() {
    let folder = Folder::new();
    let item = r#"{"type": "object", "required": ["a", "b"], "properties": {"a": {"anyOf": [{"type": "integer"},
        {"type": "string", "pattern": "^[a-z]+-[0-9]+$"}]}, "b": {"type": "array", "items": {"type": "number"}}}}"#;
    let each = vec![item; 20].join(",");
    let suite = things::write(&folder, &format!(r#"{{"type": "array", "items": {{"allOf": [{each}]}}}}"#), 24);
    let body = vec![r#"{"a":"abc-123","b":[1,2,3,4]}"#; 25_000].join(",");
    let answer = json(200, "OK", &format!("[{body}]"));
    // One after the other, because each takes all there is of the machine.
    for (door, signals) in [(0, SIGNALS[0]), (1, SIGNALS[1]), (0, SIGNALS[3]), (1, SIGNALS[4])] {
        let long = answer.clone();
        let things = Things::start(move |seen| (seen.method == "GET").then(|| long.clone()));
        let mut command = of(door, &things.url, &[]);
        command.env("CONFORMANT_CASES", &suite).env("CONFORMANT_JOBS", "24");
        let child = Child::start(command);
        child.until("answers are judged", || things.looked() >= 8);
        std::thread::sleep(Duration::from_millis(500));
        child.signals(signals);
        let ended = child.ends(130);
        // What was read and not answered when the program ended.
        std::thread::sleep(Duration::from_millis(300));
        assert!(things.made() > 0);
        ended.tells(&things.rows());
        if signals.len() == 1 {
            assert_eq!(things.rows(), [], "what was made is removed while others are judged");
        }
    }
}

/// The report of an interrupted run, or of one that is over, goes to a reader that does not read.
#[test]
fn a_signal_while_the_output_is_unread_ends_it() {
    with_each(|signals| {
        let world = World::start(|seen, _| (seen.method == "DELETE").then(|| json(403, "NO", "{}")));
        let mut command = of(0, &world.url, &["-vv", "--format", "json", "--repeat", "2"]);
        command.stdout(full_pipe()).stderr(Stdio::piped());
        let child = Child::as_it_is(command);
        world.until("something is left", |world| world.left().len() > 3);
        child.signals(signals);
        let ended = child.ends(130);
        assert_eq!(ended.stdout, "");
        // Nobody has read the report, so it is said on stderr.
        ended.tells(&world.owned());
    });
}

/// Nothing that is said on stderr is waited for before what was made is removed and reported.
#[test]
fn an_unread_stderr_does_not_hold_up_a_run() {
    let unread = |door: usize| {
        let world = World::start(|seen, _| {
            if seen.method == "DELETE" {
                std::thread::sleep(Duration::from_millis(150));
            }
            None
        });
        let mut command = of(door, &world.url, &[]);
        // Lines that say how far it is come after 5 s.
        command.env("CONFORMANT_JOBS", "1").stdout(Stdio::piped()).stderr(full_pipe());
        let ended = Child::as_it_is(command).ended();
        assert!(world.made() > 10);
        assert!([0, 1, 101].contains(&ended.status), "{}", ended.status);
        assert_eq!(world.left(), [""; 0]);
        assert!(ended.stdout.contains("success"), "{}", ended.stdout);
    };
    std::thread::scope(|scope| {
        scope.spawn(|| unread(0));
        scope.spawn(|| unread(1));
    });
    // The first signal is not waited for either.
    let (world, held) = silent_to("DELETE");
    let mut command = of(0, &world.url, &[]);
    command.stdout(Stdio::piped()).stderr(full_pipe());
    let child = Child::as_it_is(command);
    world.until("it is held", |_| held.load(Ordering::SeqCst) > 0);
    child.signal("INT");
    child.ends(130).tells(&world.owned());
}

/// The runner of the tests prints itself; where nobody reads that, what was made is removed all the same.
#[test]
fn a_test_runner_whose_output_is_unread_leaves_nothing() {
    for closed in [false, true] {
        let world = World::plain();
        let mut command = of(1, &world.url, &[]);
        command.stderr(Stdio::piped());
        if closed {
            let (reader, writer) = std::io::pipe().expect("a pipe");
            drop(reader);
            command.stdout(writer);
        } else {
            command.stdout(full_pipe());
        }
        let child = Child::as_it_is(command);
        if closed {
            let ended = child.ended();
            assert_eq!(ended.status, 3, "{}", ended.stderr);
            assert_eq!(world.left(), [""; 0]);
        } else {
            std::thread::sleep(Duration::from_millis(500));
            child.signal("TERM");
            child.ends(130).tells(&world.owned());
        }
    }
}

#[test]
fn a_signal_during_clean_keeps_the_journal() {
    with_each(|signals| {
        let (world, held) = silent_to("DELETE");
        let folder = Folder::new();
        let journal = folder.path().join("a.journal");
        let path = journal.to_str().expect("a path").to_owned();
        let child = Child::start(of(0, &world.url, &["--journal", &path]));
        world.until("something is there", |_| held.load(Ordering::SeqCst) > 0);
        child.signal("KILL");
        child.ends(-1);
        held.store(0, Ordering::SeqCst);
        let mut command = conformant(&["clean", &path]);
        command.env("API_BASE_URL", &world.url).envs(KEYS);
        let child = Child::start(command);
        world.until("a removal is held", |_| held.load(Ordering::SeqCst) > 0);
        child.signals(signals);
        let ended = child.ends(130);
        let all = format!("{}{}", ended.stdout, ended.stderr);
        assert!(journal.exists() && all.contains(&path), "{all}");
    });
}

#[test]
fn a_signal_ends_the_reference_server() {
    with_each(|signals| {
        let child = Child::start(conformant(&["serve"]));
        child.until("it listens", || child.said("API_BASE_URL="));
        child.signal(signals[0]);
        // That is how it is meant to end.
        child.ends(0);
    });
}
