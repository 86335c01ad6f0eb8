//! A killed run leaves a journal, and `conformant clean` removes exactly what the journal proves to be the run's own.

#![cfg(unix)]

#[path = "support/command.rs"]
mod command;
#[path = "support/door.rs"]
mod door;
#[path = "support/served.rs"]
mod served;
#[path = "support/world.rs"]
mod world;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use command::{Finished, Folder, conformant, signal, waited};
use served::Served;
use world::{FOREIGN, KEYS, World, json};

/// Longer than any of these tests waits for anything.
const LONG: Duration = Duration::from_secs(60);

fn of_world(mut command: Command, world: &World) -> Command {
    command.env("API_BASE_URL", &world.url).envs(KEYS).stdin(Stdio::null());
    command
}

fn clean(world: &World, journal: &str) -> Finished {
    Finished::of(of_world(conformant(&["clean", journal]), world))
}

/// Kills a run as soon as something holds.
fn killed(mut command: Command, holds: impl FnOnce()) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    holds();
    signal(&child, "KILL");
    assert_eq!(waited(&mut child), -1);
}

/// A journal of a run of `world`'s that knows its objects by these lines.
fn written(folder: &Folder, target: &str, lines: &[String]) -> String {
    let head =
        format!(r#"{{"journal":"conformant.journal/1","run":"abc","target":"{target}","started":"2026-01-31"}}"#);
    let text = lines.iter().fold(head + "\n", |text, line| text + line + "\n");
    let path = folder.file("a.journal", &text);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    path
}

fn asked(number: u64) -> String {
    format!(
        r#"{{"asked":{number},"suite":"delete_conversation","state":"conversation","case":"delete_conversation/success","user":"me"}}"#
    )
}

fn made(number: u64, id: &str) -> String {
    format!(r#"{{"made":{number},"id":"{id}","captures":{{"conversation_id":"{id}"}}}}"#)
}

#[test]
fn what_a_killed_run_left_is_removed() {
    // Killed while objects are made, while judged requests wait, and while objects are removed; through both doors.
    for (moment, method, which) in [("making", "POST", 9), ("judging", "DELETE", 1), ("removing", "DELETE", 20)] {
        for door in 0..2 {
            let count = Arc::new(AtomicUsize::new(0));
            let dead = Arc::new(AtomicBool::new(false));
            let (counted, over) = (Arc::clone(&count), Arc::clone(&dead));
            let world = World::start(move |seen, _| {
                // Nothing is carried out from the moment on, and no removal either.
                let own = seen.method == method && counted.fetch_add(1, Ordering::SeqCst) + 1 >= which;
                let late = seen.method == "DELETE" && counted.load(Ordering::SeqCst) >= which;
                if (own || late) && !over.load(Ordering::SeqCst) {
                    std::thread::sleep(LONG);
                }
                None
            });
            let folder = Folder::new();
            let journal = folder.path().join("a.journal");
            let mut command = if door == 0 { conformant(&["run"]) } else { Command::new(door::conformance_test()) };
            if door > 0 {
                command.env_clear();
            }
            command.env("CONFORMANT_JOURNAL", &journal);
            killed(of_world(command, &world), || {
                world.until("the moment has come", |world| {
                    count.load(Ordering::SeqCst) >= which && (method != "POST" || world.made() >= which - 1)
                });
                // Until what came before has been answered.
                std::thread::sleep(Duration::from_millis(50));
            });
            dead.store(true, Ordering::SeqCst);
            assert!(!world.left().is_empty(), "{moment}, door {door}");
            let mode = std::fs::metadata(&journal).expect("a journal").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let cleaned = clean(&world, journal.to_str().expect("a path"));
            // Nothing says what became of creations whose answer had not come; each is reported.
            let untold = cleaned.stdout.matches("LEFT          conversation with an unknown id of conformant-").count();
            let all = format!("{moment}, door {door}:\n{}{}", cleaned.stdout, cleaned.stderr);
            assert!(world.left().len() <= untold, "{:?} {all}", world.left());
            assert_eq!(cleaned.stdout.matches("LEFT").count(), untold, "{all}");
            assert!(untold <= 8 && cleaned.stdout.contains("  removed       conversation c0ffee00-"), "{all}");
            world.unharmed(moment);
            assert!(untold > 0 || method != "POST", "{all}");
            if untold > 0 {
                let cleaned = cleaned.expect(3);
                assert!(cleaned.stdout.contains("the journal stays"), "{}", cleaned.stdout);
                assert!(journal.exists());
            } else {
                let cleaned = cleaned.expect(0);
                assert!(cleaned.stdout.contains("nothing is left, and the journal is removed"), "{}", cleaned.stdout);
                assert!(!journal.exists());
            }
        }
    }
}

#[test]
fn the_reference_holds_nothing_after_a_kill_and_a_clean() {
    let served = Served::start(conformant(&["serve"]), 4);
    let folder = Folder::new();
    let keys = served.variables.iter().fold(String::new(), |all, (name, value)| format!("{all}{name}={value}\n"));
    let keys = folder.file("keys.env", &keys);
    for (number, wait) in [30, 90, 150, 210].into_iter().enumerate() {
        let journal = folder.path().join(format!("{number}.journal"));
        let journal = journal.to_str().expect("a path");
        let mut command = conformant(&["run", "--env-file", &keys, "--journal", journal, "--repeat", "500"]);
        command.env("CONFORMANT_RATE", "200/s");
        killed(command, || {
            while !Path::new(journal).exists() || !std::fs::read_to_string(journal).is_ok_and(|it| it.contains("made"))
            {
                std::thread::sleep(Duration::from_millis(2));
            }
            std::thread::sleep(Duration::from_millis(wait));
        });
        let cleaned = command::run(&["clean", journal, "--env-file", &keys]);
        // What was asked for and not answered may have been made: all else is gone.
        let told = cleaned.stdout.matches("LEFT ").count();
        assert_eq!(cleaned.stdout.matches("with an unknown id").count(), told, "{}", cleaned.stdout);
        assert_eq!(cleaned.status, if told > 0 { 3 } else { 0 }, "{}{}", cleaned.stdout, cleaned.stderr);
        assert!(cleaned.stdout.contains(" removed"), "{}", cleaned.stdout);
    }
}

#[test]
fn a_run_that_ends_leaves_no_journal_unless_something_is_left() {
    let folder = Folder::new();
    let journal = folder.path().join("a.journal");
    let seen = Arc::new(AtomicBool::new(false));
    let (watched, there) = (journal.clone(), Arc::clone(&seen));
    let world = World::start(move |request, _| {
        if request.method == "POST" {
            // It is written before the request is sent.
            let text = std::fs::read_to_string(&watched).expect("a journal");
            let user = serde_json::from_str::<serde_json::Value>(&request.body).expect("JSON")["user"].clone();
            assert!(text.contains(user.as_str().expect("a user")), "{text}");
            there.store(true, Ordering::SeqCst);
        }
        None
    });
    let path = journal.to_str().expect("a path");
    for door in 0..2 {
        let mut command = if door == 0 { conformant(&["run"]) } else { Command::new(door::conformance_test()) };
        command.env("CONFORMANT_JOURNAL", path);
        let finished = Finished::of(of_world(command, &world));
        assert!(seen.swap(false, Ordering::SeqCst), "{}{}", finished.stdout, finished.stderr);
        assert!(!journal.exists(), "{}{}", finished.stdout, finished.stderr);
        assert!(!finished.stdout.contains("journal"), "{}", finished.stdout);
    }
    // What is left is reported with the way to remove it.
    let refusing = Arc::new(AtomicBool::new(true));
    let refuses = Arc::clone(&refusing);
    let world = World::start(move |seen, _| {
        (seen.method == "DELETE" && refuses.load(Ordering::SeqCst)).then(|| json(403, "NO", "{}"))
    });
    let arguments = ["run", "delete_conversation/success", "--journal", path];
    let finished = Finished::of(of_world(conformant(&arguments), &world));
    let (_, command) = finished.stdout.split_once("run `conformant clean ").expect("a command");
    let (command, _) = command.split_once('`').expect("its end");
    assert_eq!(command, format!("{path} --base-url {}", world.url));
    let left = world.left();
    assert_eq!(left.len(), 4, "two that tried the state, two of the case");
    // Another run does not write over it.
    let again = Finished::of(of_world(conformant(&arguments), &world)).expect(2);
    assert!(again.stderr.contains("already exists") && again.stderr.contains("clean"), "{}", again.stderr);
    refusing.store(false, Ordering::SeqCst);
    // The command works as it is printed, where the keys are set.
    let words: Vec<&str> = ["clean"].into_iter().chain(command.split(' ')).collect();
    let mut pasted = conformant(&words);
    pasted.envs(KEYS);
    let cleaned = Finished::of(pasted).expect(0);
    assert!(cleaned.stdout.contains("4 removed\n"), "{}", cleaned.stdout);
    assert!(left.iter().all(|id| cleaned.stdout.contains(id)), "{}", cleaned.stdout);
    assert_eq!(world.left(), [""; 0]);
}

#[test]
fn the_default_journal_is_in_the_temporary_folder_and_named() {
    let folder = Folder::new();
    let world = World::start(|seen, _| (seen.method == "DELETE").then(|| json(403, "NO", "{}")));
    let doors = [
        {
            let mut command = conformant(&["run", "delete_conversation/success"]);
            command.env("TMPDIR", folder.path());
            command
        },
        {
            let mut command = Command::new(door::conformance_test());
            command.env_clear().env("TMPDIR", folder.path()).args(["delete_conversation::success", "--exact"]);
            command
        },
    ];
    for (door, command) in doors.into_iter().enumerate() {
        let finished = Finished::of(of_world(command, &world));
        let all = format!("{}{}", finished.stdout, finished.stderr);
        let name = std::fs::read_dir(folder.path()).expect("the folder").flatten().next().expect("a journal").path();
        assert!(all.contains(&format!("journal {}", name.display())), "door {door}: {all}");
        std::fs::remove_file(name).expect("it is there");
    }
    // Where none can be made, a run goes on and says so.
    let world = World::plain();
    let mut command = conformant(&["run", "delete_conversation/success"]);
    command.env("TMPDIR", folder.path().join("nowhere"));
    let finished = Finished::of(of_world(command, &world)).expect(0);
    assert!(finished.stdout.contains("no journal was kept"), "{}", finished.stdout);
    // One that was asked for and cannot be made is bad input.
    let nowhere = folder.path().join("nowhere/a.journal");
    let arguments = ["run", "--journal", nowhere.to_str().expect("a path")];
    let finished = Finished::of(of_world(conformant(&arguments), &world)).expect(2);
    assert!(finished.stderr.contains("cannot be made"), "{}", finished.stderr);
    // A process per case would find it there.
    let mut command = Command::new(door::conformance_test());
    command.env("CONFORMANT_JOURNAL", folder.path().join("b")).env("NEXTEST_EXECUTION_MODE", "process-per-test");
    let finished = Finished::of(of_world(command, &world)).expect(2);
    assert!(finished.stderr.contains("starts a process for every case"), "{}", finished.stderr);
}

#[test]
fn a_missing_object_counts_as_gone_only_if_the_run_had_asked_for_it() {
    let world = World::plain();
    let folder = Folder::new();
    let (one, other) = ("c0ffee00-0000-4000-8000-00000000000a", "c0ffee00-0000-4000-8000-00000000000b");
    let lines = [asked(0), made(0, one), asked(1), made(1, other), r#"{"removing":1}"#.to_owned()];
    let journal = written(&folder, &world.url, &lines);
    let cleaned = clean(&world, &journal).expect(3);
    assert!(cleaned.stdout.contains(&format!("gone already  conversation {other}")), "{}", cleaned.stdout);
    let left =
        format!("LEFT          conversation {one} of me (delete_conversation/success): it does not exist for this key");
    assert!(cleaned.stdout.contains(&left), "{}", cleaned.stdout);
    // What is settled is not asked for again.
    let before = world.seen().len();
    let again = clean(&world, &journal).expect(3);
    assert!(!again.stdout.contains(other), "{}", again.stdout);
    assert!(world.seen()[before..].iter().all(|seen| !seen.target.contains(other)));
    world.unharmed("a journal of what is gone");
}

#[test]
fn a_number_whose_removal_was_asked_for_is_not_removed_again() {
    // The number may have been given again: what is there now may belong to another client.
    let world = World::start(|seen, _| seen.target.contains("/messages").then(|| json(200, "OK", "{}")));
    let folder = Folder::new();
    let lines = [asked(0), made(0, "7"), r#"{"removing":0}"#.to_owned()];
    let cleaned = clean(&world, &written(&folder, &world.url, &lines)).expect(3);
    assert!(cleaned.stdout.contains("another object may have its id by now"), "{}", cleaned.stdout);
    assert!(world.seen().iter().all(|seen| seen.method != "DELETE"));
    world.unharmed("a number that was given again");
}

#[test]
fn a_removal_without_effect_is_reported() {
    for (what, part) in
        [("lies", "the target accepted the request to remove it, but it is still there"), ("refuses", "answered 403")]
    {
        let world = World::start(move |seen, _| {
            (seen.method == "DELETE").then(|| match what {
                "lies" => "HTTP/1.1 204 NO CONTENT\r\n\r\n".to_owned(),
                _ => json(403, "NO", "{}"),
            })
        });
        let id = world.make("me");
        let folder = Folder::new();
        let journal = written(&folder, &world.url, &[asked(0), made(0, &id)]);
        let cleaned = clean(&world, &journal).expect(3);
        assert!(cleaned.stdout.contains(part), "{what}: {}", cleaned.stdout);
        assert_eq!(world.left(), [id]);
    }
}

#[test]
fn an_unclear_journal_entry_is_reported_and_nothing_is_sent() {
    let world = World::plain();
    let (one, other) = (world.make("me"), world.make("me"));
    let folder = Folder::new();
    let lines = [
        asked(0),
        asked(1),
        r#"{"made":1,"captures":{},"withheld":["id"]}"#.to_owned(),
        asked(2),
        made(2, &one),
        asked(3),
        made(3, &one),
        asked(4),
        made(4, "../all"),
        asked(5),
        format!(r#"{{"made":5,"id":"{other}","captures":{{}},"withheld":["conversation_id"]}}"#),
    ];
    let cleaned = clean(&world, &written(&folder, &world.url, &lines)).expect(3);
    for part in [
        "the run ended before a response to its creation came; its id is not known",
        "its id is secret or too long",
        "the target gave its id to two objects",
        "which contains",
        "the journal does not hold what is secret or too long (conversation_id)",
        "0 removed, 6 left\n",
    ] {
        assert!(cleaned.stdout.contains(part), "{part}: {}", cleaned.stdout);
    }
    assert!(world.seen().iter().all(|seen| seen.method == "GET"), "{:?}", world.seen());
    world.unharmed("a journal that says too little");
}

#[test]
fn a_journal_of_something_else_is_bad_input() {
    let world = World::plain();
    let folder = Folder::new();
    let lines = [asked(0), made(0, FOREIGN[0])];
    let of_other = written(&folder, "https://other.test/v1", &lines);
    let finished = clean(&world, &of_other).expect(2);
    assert!(finished.stderr.contains("https://other.test/v1") && finished.stderr.contains(&world.url));
    let finished = command::run(&["clean", &of_other]).expect(2);
    assert!(
        finished.stderr.contains("no target is named; the journal is of https://other.test/v1"),
        "{}",
        finished.stderr
    );
    let strange = asked(0).replace("delete_conversation\",\"state", "jobs\",\"state");
    let finished = clean(&world, &written(&folder, &world.url, &[strange])).expect(2);
    assert!(finished.stderr.contains("the suite \"jobs\", which is not loaded"), "{}", finished.stderr);
    let strange = asked(0).replace("\"conversation\"", "\"job\"");
    let finished = clean(&world, &written(&folder, &world.url, &[strange])).expect(2);
    assert!(finished.stderr.contains("the state \"job\", which the suite"), "{}", finished.stderr);
    let finished = clean(&world, &written(&folder, &world.url, &["hello".to_owned(), "{}".to_owned()])).expect(2);
    assert!(finished.stderr.contains("line 2 is not one that a run writes"), "{}", finished.stderr);
    let open = written(&folder, &world.url, &lines);
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o666)).expect("a mode");
    let finished = clean(&world, &open).expect(2);
    assert!(finished.stderr.contains("can be written by others"), "{}", finished.stderr);
    let finished = clean(&world, "no/such.journal").expect(2);
    assert!(finished.stderr.contains("cannot be opened"), "{}", finished.stderr);
    let mut dry = of_world(conformant(&["clean", &written(&folder, &world.url, &lines)]), &world);
    dry.env("CONFORMANT_DRY_RUN", "1");
    assert!(Finished::of(dry).expect(2).stderr.contains("`clean` removes things"));
    assert!(world.seen().is_empty(), "{:?}", world.seen());
    // A wrong key is reported before anything is removed.
    let mut wrong = of_world(conformant(&["clean", &written(&folder, &world.url, &lines)]), &world);
    wrong.env("API_KEY", "app-00000000000000000");
    let finished = Finished::of(wrong).expect(3);
    assert!(finished.stdout.contains("API_KEY"), "{}", finished.stdout);
    world.unharmed("a wrong key");
    // One without anything needs no target.
    let finished = command::run(&["clean", &written(&folder, &world.url, &[])]).expect(0);
    assert_eq!(finished.stdout, "nothing is left, and the journal is removed\n");
}

#[test]
fn clean_without_a_journal_lists_those_of_runs_that_have_ended() {
    let folder = Folder::new();
    let list = || {
        let mut command = conformant(&["clean"]);
        command.env("TMPDIR", folder.path());
        Finished::of(command).expect(0).stdout
    };
    assert!(list().starts_with("no journal of a run that has ended is in "), "{}", list());
    let journal = written(&folder, "https://other.test/v1", &[asked(0), made(0, FOREIGN[0]), asked(1)]);
    assert!(list().starts_with("no journal "), "it has another name: {}", list());
    std::fs::rename(journal, folder.path().join("conformant-1.journal")).expect("a new name");
    let text = list();
    assert!(text.contains("conformant-1.journal: 2 objects, made on "), "{text}");
    assert!(text.contains(" at https://other.test/v1\n") && text.contains("run `conformant clean FILE`"), "{text}");
}

#[test]
fn a_clean_that_is_interrupted_keeps_the_rest_for_the_next() {
    let held = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&held);
    let world = World::start(move |seen, _| {
        if seen.method == "DELETE" && count.fetch_add(1, Ordering::SeqCst) == 0 {
            std::thread::sleep(Duration::from_millis(500));
        }
        None
    });
    let (one, other) = (world.make("me"), world.make("me"));
    let folder = Folder::new();
    let lines = [asked(0), made(0, &one), asked(1), made(1, &other)];
    let journal = written(&folder, &world.url, &lines);
    let mut command = of_world(conformant(&["clean", &journal]), &world);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    world.until("a removal is held", |_| held.load(Ordering::SeqCst) > 0);
    signal(&child, "INT");
    let output = child.wait_with_output().expect("its end");
    assert_eq!(output.status.code(), Some(130));
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains("interrupted: 1 removed, 1 left\n"), "{text}");
    assert_eq!(world.left(), [one]);
    clean(&world, &journal).expect(0);
    assert_eq!(world.left(), [""; 0]);
}
