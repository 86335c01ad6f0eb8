//! The report lists the objects that may be left, and no others.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::careful::removal;
use crate::world::{World, json};
use crate::{Ran, at};

/// A world that makes a conversation whenever it is asked to, and then answers this.
fn failing(answer: &'static str) -> (Arc<World>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let world = World::start(move |seen, world| {
        (seen.method == "POST").then(|| {
            count.fetch_add(1, Ordering::SeqCst);
            world.make("somebody");
            answer.to_owned()
        })
    });
    (world, asked)
}

#[test]
fn a_creation_that_fails_or_breaks_off_may_have_made_something() {
    const FAILED: &str = "HTTP/1.1 500 NO\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    const CUT: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 90\r\n\r\n{\"conversation_id\":";
    for (what, answer) in [("failed", FAILED), ("cut", CUT), ("closed", "")] {
        for jobs in ["1", "8"] {
            let (world, asked) = failing(answer);
            let ran = Ran::of(at(&world, &["--jobs", jobs])).expect(3);
            assert_eq!(ran.rules("must"), [], "{what}: {}", ran.said);
            assert_eq!(ran.left().len(), asked.load(Ordering::SeqCst), "{what}, {jobs} jobs: {}", ran.said);
            assert_eq!(ran.left().len(), world.left().len(), "{what}, {jobs} jobs: {}", ran.said);
            assert_eq!(ran.left().len(), 3, "{what}, {jobs} jobs: {}", ran.said);
            let left = ran.report["left_behind"].as_array().expect("a list");
            // `clean` could remove nothing without an id, so the run does not advise it.
            assert!(!ran.said.contains("run `conformant clean"), "{what}: {}", ran.said);
            assert!(ran.said.contains("look for it at the target, remove it by hand"), "{what}: {}", ran.said);
            assert!(left.iter().all(|one| one["user"].as_str().is_some_and(|user| user.starts_with("conformant-"))));
        }
    }
}

#[test]
fn a_removal_that_fails_after_it_was_carried_out_leaves_nothing() {
    let world = World::start(|seen, world| {
        if seen.method != "DELETE" {
            return None;
        }
        let answer = removal(seen, world)?;
        Some(if answer.contains(" 204 ") { json(500, "NO", "{}") } else { answer })
    });
    for jobs in ["1", "8"] {
        let ran = Ran::of(at(&world, &["--jobs", jobs]));
        assert_eq!(world.left(), [""; 0], "{jobs} jobs: {}", ran.said);
        assert_eq!(ran.left(), [""; 0], "{jobs} jobs: {}", ran.said);
        assert_ne!(ran.status, 0, "{}", ran.said);
        assert_eq!(ran.verdict("/success"), "fail", "{}", ran.said);
        assert!(ran.rules("must").iter().all(|(_, rule)| *rule == "status-unexpected"), "{}", ran.said);
    }
}

#[test]
fn an_object_that_was_never_seen_is_left_behind_whatever_is_answered() {
    // All that is made belongs to another end user of the same name: nobody finds it, and it is there.
    let world = World::start(|seen, world| {
        (seen.method == "POST").then(|| {
            let id = world.make("nobody#2");
            json(200, "OK", &format!(r#"{{"conversation_id":"{id}"}}"#))
        })
    });
    for arguments in [&["--jobs", "1"][..], &["--jobs", "8"], &["success"]] {
        let before = world.left();
        let ran = Ran::of(at(&world, arguments)).expect(3);
        let mut told = ran.left();
        told.sort();
        let left: Vec<String> = world.left().into_iter().filter(|id| !before.contains(id)).collect();
        assert!(!left.is_empty());
        assert_eq!(told, left, "{arguments:?}: {}", ran.said);
        assert_eq!(ran.rules("must"), [], "{arguments:?}: {}", ran.said);
    }
}
