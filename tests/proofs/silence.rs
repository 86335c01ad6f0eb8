//! A target that answers nobody is not the API's fault; a request that alone is left unanswered is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::careful::careful;
use crate::world::World;
use crate::{Ran, at};

/// Longer than any run waits.
const LONG: Duration = Duration::from_secs(60);
const LIMITS: [&str; 4] = ["--first-byte", "800ms", "--timeout", "3s"];

#[test]
fn a_target_that_answers_nobody_any_more_is_not_blamed() {
    for jobs in ["1", "8"] {
        let silent = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&silent);
        let world = World::start(move |seen, _| {
            if seen.method == "DELETE" && seen.is_judged() {
                stop.store(true, Ordering::SeqCst);
            }
            if stop.load(Ordering::SeqCst) {
                std::thread::sleep(LONG);
            }
            None
        });
        let ran = Ran::of(at(&world, &[&LIMITS[..], &["--jobs", jobs]].concat())).expect(3);
        assert!(!ran.found("answer-silent"), "{jobs} jobs: {}", ran.said);
        assert_eq!(ran.rules("must"), [], "{jobs} jobs: {}", ran.said);
        assert!(ran.said.contains("the target answered nobody"), "{jobs} jobs: {}", ran.said);
        assert!(silent.load(Ordering::SeqCst));
        for id in world.left() {
            assert!(ran.left().contains(&id), "{id} is not told of: {}", ran.said);
        }
    }
}

#[test]
fn a_target_that_restarts_is_not_blamed() {
    let silent = Arc::new(AtomicBool::new(false));
    let world = careful(move |seen, _| {
        // One restart, which answers nobody for longer than the first byte is awaited.
        if seen.method == "DELETE" && seen.is_judged() && !silent.swap(true, Ordering::SeqCst) {
            return Some(String::new());
        }
        None
    });
    Ran::of(at(&world, &LIMITS)).green("one connection was cut");
}

#[test]
fn a_target_that_leaves_only_removals_unanswered_is_found() {
    for jobs in ["1", "8"] {
        let world = World::start(|seen, _| {
            if seen.method == "DELETE" {
                std::thread::sleep(LONG);
            }
            None
        });
        let arguments = [&LIMITS[..], &["--jobs", jobs, "delete_conversation/success", "no_key"]].concat();
        let ran = Ran::of(at(&world, &arguments));
        assert!(ran.rules("must").contains(&("delete_conversation/success", "answer-silent")), "{}", ran.said);
        for id in world.left() {
            assert!(ran.left().contains(&id), "{id} is not told of: {}", ran.said);
        }
    }
}
