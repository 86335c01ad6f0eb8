//! However late a run is interrupted: what is on the server is what the report tells.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use crate::command::{signal, waited};
use crate::world::{World, json};
use crate::{Finished, Ran, at, races};

/// Interrupts a run after so many requests.
fn interrupted(world: &Arc<World>, after: usize, jobs: &str) -> Ran {
    let before = world.seen().len();
    let mut command = at(world, &["--jobs", jobs, "--repeat", "50"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut stdout = child.stdout.take().expect("its stdout");
    let reading = std::thread::spawn(move || std::io::read_to_string(&mut stdout).expect("text"));
    world.until("so many requests have come", |world| world.seen().len() >= before + after);
    signal(&child, "INT");
    let status = waited(&mut child);
    let stdout = reading.join().expect("it was read");
    Ran::from(&Finished { status, stdout, stderr: String::new() }).expect(130)
}

#[track_caller]
fn told(world: &World, ran: &Ran, what: &str) {
    let mut told = ran.left();
    told.sort();
    assert_eq!(told, world.left(), "{what}: {}", ran.said);
}

/// Holds two worlds to it, interrupted after so many requests.
fn holds(after: usize, jobs: &str) {
    // Some conversations nobody may remove.
    let world = World::start(|seen, world| {
        std::thread::sleep(Duration::from_millis(5));
        let kept = seen.method == "DELETE" && seen.target.ends_with(['1', '4', '7', 'a', 'd']);
        let known = world.left().iter().any(|id| seen.target.ends_with(id.as_str()));
        (kept && known).then(|| json(403, "NO", "{}"))
    });
    let ran = interrupted(&world, after, jobs);
    told(&world, &ran, &format!("after {after}, {jobs} jobs"));
    world.unharmed("interrupted");
    let world = races::racing(Duration::from_millis(10));
    let ran = interrupted(&world, after, jobs);
    told(&world, &ran, &format!("end users, after {after}, {jobs} jobs"));
}

#[test]
fn the_report_names_exactly_the_objects_that_are_left() {
    for (after, jobs) in [(3, "8"), (5, "1"), (8, "8"), (14, "2"), (25, "8"), (60, "8"), (150, "8"), (300, "4")] {
        holds(after, jobs);
    }
}

#[test]
#[ignore = "a few minutes, for a run by hand"]
fn the_report_names_exactly_the_objects_that_are_left_at_any_moment() {
    for after in 1..200 {
        holds(after, ["1", "2", "8", "32"][after % 4]);
    }
}
