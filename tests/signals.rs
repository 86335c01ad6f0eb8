//! An interrupted run ends in time, and a second signal ends it at once, in the command and in `cargo test`. It takes
//! about 20 s on two cores.

#![cfg(unix)]

#[path = "support/command.rs"]
mod command;
#[path = "support/door.rs"]
mod door;
#[path = "support/world.rs"]
mod world;

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use command::{conformant, signal, waited};
use world::{KEYS, World, json};

/// Longer than any of these tests waits for anything.
const LONG: Duration = Duration::from_secs(40);
/// What an interrupted run takes at most: CI systems send SIGTERM 7.5 s after SIGINT.
const IN_TIME: Duration = Duration::from_secs(7);

/// Starts one of the doors to the product, with a world as target; nobody reads what it says.
fn started(door: usize, world: &World, arguments: &[&str]) -> Child {
    let mut command = match door {
        0 => conformant(&[&["run"], arguments].concat()),
        _ => Command::new(door::conformance_test()),
    };
    if door > 0 {
        command.env_clear();
    }
    command.env("API_BASE_URL", &world.url).envs(KEYS).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}

/// A world that answers no removal for so long, and how many removals have come.
fn slow_to_remove(time: Duration) -> (Arc<World>, Arc<AtomicUsize>) {
    let removals = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&removals);
    let world = World::start(move |seen, _| {
        if seen.method == "DELETE" {
            count.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(time);
        }
        None
    });
    (world, removals)
}

#[test]
fn another_kind_of_signal_is_no_second_one() {
    for door in 0..2 {
        let (world, removals) = slow_to_remove(Duration::from_millis(1_500));
        let mut child = started(door, &world, &[]);
        world.until("a removal has come", |_| removals.load(Ordering::SeqCst) > 0);
        signal(&child, "INT");
        std::thread::sleep(Duration::from_millis(300));
        signal(&child, "TERM");
        assert_eq!(waited(&mut child), 130, "door {door}");
        assert_eq!(world.left(), [""; 0], "door {door}: what was made is removed all the same");
    }
}

#[test]
fn a_second_signal_of_one_kind_leaves_at_once() {
    for door in 0..2 {
        for kind in ["INT", "TERM"] {
            let (world, removals) = slow_to_remove(LONG);
            let mut child = started(door, &world, &[]);
            world.until("a removal has come", |_| removals.load(Ordering::SeqCst) > 0);
            signal(&child, kind);
            std::thread::sleep(Duration::from_millis(300));
            let start = Instant::now();
            signal(&child, kind);
            assert_eq!(waited(&mut child), 130, "door {door}, {kind}");
            assert!(start.elapsed() < Duration::from_secs(2), "door {door}, {kind}: {:?}", start.elapsed());
        }
    }
}

#[test]
fn an_interrupted_run_ends_before_ci_systems_ask_again() {
    for door in 0..2 {
        let (world, removals) = slow_to_remove(LONG);
        let mut child = started(door, &world, &[]);
        world.until("a removal has come", |_| removals.load(Ordering::SeqCst) > 0);
        let start = Instant::now();
        signal(&child, "INT");
        assert_eq!(waited(&mut child), 130, "door {door}");
        assert!(start.elapsed() < IN_TIME, "door {door}: {:?}", start.elapsed());
    }
}

/// A run that has judged everything and only cleans up is interrupted like any other.
#[test]
fn the_last_cleaning_up_can_be_interrupted_too() {
    for door in 0..2 {
        let removals = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&removals);
        // The one judged removal is answered; those that clean up are not possible just now, and then not answered at all.
        let world = World::start(move |seen, _| {
            if seen.method != "DELETE" {
                return None;
            }
            if count.fetch_add(1, Ordering::SeqCst) < 3 {
                return Some(json(503, "BUSY", "{}"));
            }
            std::thread::sleep(LONG);
            None
        });
        let mut command = match door {
            0 => conformant(&["run", "delete_conversation/success"]),
            _ => Command::new(door::conformance_test()),
        };
        if door > 0 {
            command.env_clear().arg("delete_conversation::success").arg("--exact");
        }
        command.env("API_BASE_URL", &world.url).envs(KEYS).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        world.until("it cleans up", |_| removals.load(Ordering::SeqCst) > 3);
        let start = Instant::now();
        signal(&child, "INT");
        assert_eq!(waited(&mut child), 130, "door {door}");
        assert!(start.elapsed() < IN_TIME, "door {door}: {:?}", start.elapsed());
    }
}

/// Whoever reads the report reads no more of it: the run is over, and one signal ends it.
#[test]
fn a_reader_that_stops_does_not_delay_the_end() {
    let world = World::plain();
    let mut command = conformant(&["run", "-vv", "--format", "json"]);
    command.env("API_BASE_URL", &world.url).envs(KEYS).env("CONFORMANT_REPEAT", "2");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    // A pipe holds 64 KiB, the report is longer.
    world.until("something was made", |world| world.made() > 10);
    world.until("nothing is left", |world| world.left().is_empty());
    let mut still = 0;
    while still < 50 {
        let before = world.seen().len();
        std::thread::sleep(Duration::from_millis(20));
        still = if world.seen().len() == before { still + 1 } else { 0 };
    }
    assert!(child.try_wait().expect("its state").is_none(), "it waits for its reader");
    let start = Instant::now();
    signal(&child, "INT");
    assert_eq!(waited(&mut child), 130);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}
