//! An answer proves something only on a server that was seen to answer otherwise.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::command::Folder;
use crate::shelf::{ALICE, CASES, GONE, LOOK, REMOVES, Shelf, id, made, missing, there};
use crate::world::{FOREIGN, World, json};
use crate::{Ran, at};

fn broken() -> String {
    json(500, "Internal Server Error", "{}")
}

#[test]
fn a_server_that_tells_nothing_apart_cannot_be_judged() {
    for removes in [true, false] {
        let shelf = Shelf::start(move |seen, shelf| match seen.method.as_str() {
            "DELETE" => {
                if removes {
                    shelf.things().remove(id(seen));
                }
                GONE.to_owned()
            }
            "GET" => broken(),
            _ => shelf.usual(seen),
        });
        let folder = Folder::new();
        let ran = Ran::of(shelf.run(&folder, LOOK, 204, REMOVES, &[])).expect(3);
        assert_eq!(ran.rules("must"), [], "{}", ran.said);
        assert_eq!(ran.verdict("removes"), "error", "{}", ran.said);
        assert!(
            ran.said.contains("answered every `exists` and every `undo` alike"),
            "it says why nothing is proven: {}",
            ran.said
        );
    }
}

#[test]
fn the_shipped_suite_blames_no_effect_on_a_server_that_tells_nothing_apart() {
    let world = World::start(|seen, world| {
        let key = seen.field("authorization").unwrap_or_default();
        if seen.target.contains("/messages") {
            return Some(broken());
        }
        if seen.method == "DELETE" && key.ends_with(crate::KEYS[0].1) {
            world.usual(seen);
            return Some(GONE.to_owned());
        }
        None
    });
    let ran = Ran::of(at(&world, &["delete_conversation/success", "unknown_property"])).expect(3);
    assert_eq!(ran.rules("must"), [], "{}", ran.said);
    assert_eq!(ran.verdict("/success"), "error", "{}", ran.said);
}

#[test]
fn a_liar_whose_looks_fail_and_whose_removals_tell_things_apart_is_found() {
    let shelf = Shelf::start(|seen, shelf| match seen.method.as_str() {
        "DELETE" if shelf.things().contains_key(id(seen)) => GONE.to_owned(),
        "GET" => broken(),
        "POST" => shelf.usual(seen),
        _ => missing(),
    });
    let folder = Folder::new();
    for jobs in ["1", "8"] {
        let ran = Ran::of(shelf.run(&folder, LOOK, 204, REMOVES, &["--jobs", jobs])).expect(1);
        assert!(ran.rules("must").contains(&("suite/removes", "effect-missing")), "{}", ran.said);
    }
}

#[test]
fn a_look_that_always_says_yes_proves_nothing() {
    // Where removals tell things apart they are the proof, and nothing is wrong; where they do not, nothing is known.
    for tells in [true, false] {
        let shelf = Shelf::start(move |seen, shelf| match seen.method.as_str() {
            "GET" => there(),
            "DELETE" if !tells => {
                shelf.things().remove(id(seen));
                GONE.to_owned()
            }
            _ => shelf.usual(seen),
        });
        let folder = Folder::new();
        let ran = Ran::of(shelf.run(&folder, LOOK, 204, REMOVES, &[])).expect(if tells { 0 } else { 3 });
        assert_eq!(ran.rules("must"), [], "{}", ran.said);
        assert_eq!(ran.verdict("removes"), if tells { "pass" } else { "error" }, "{}", ran.said);
        assert_eq!(shelf.left(), [""; 0], "{}", ran.said);
    }
}

/// A shelf that keeps what was removed and shows it as such; about an id that nothing ever had it says neither.
fn keeping(removes: bool) -> Arc<Shelf> {
    let deleted: Mutex<HashSet<String>> = Mutex::default();
    Shelf::start(move |seen, shelf| {
        let mut deleted = deleted.lock().unwrap_or_else(PoisonError::into_inner);
        let id = id(seen).to_owned();
        let known = shelf.things().contains_key(&id);
        match seen.method.as_str() {
            "POST" => shelf.usual(seen),
            "DELETE" if known => {
                if removes {
                    deleted.insert(id);
                }
                GONE.to_owned()
            }
            "DELETE" => missing(),
            _ if !known => json(403, "Forbidden", "{}"),
            _ => json(200, "OK", &format!(r#"{{"deleted":{}}}"#, deleted.contains(&id))),
        }
    })
}

const SOFT: &str = r#"{call: "GET /things/{{id}}", yes: {status: 200, match: {/deleted: false}}, no: {status: 200, match: {/deleted: true}}}"#;

#[test]
fn an_object_that_is_shown_as_deleted_counts_as_gone() {
    let cases = r#"
  removes: {given: {mine: thing, bystander: thing}, path: {id: "{{mine.id}}"}, expect: 204}
  missing: {given: {bystander: thing}, path: {id: no-such-thing}, expect: 404}
"#;
    for jobs in ["1", "8"] {
        let folder = Folder::new();
        Ran::of(keeping(true).run(&folder, SOFT, 204, cases, &["--jobs", jobs])).green(jobs);
        let ran = Ran::of(keeping(false).run(&folder, SOFT, 204, cases, &["--jobs", jobs]));
        assert_ne!(ran.status, 0, "{}", ran.said);
        assert_ne!(ran.verdict("removes"), "pass", "{}", ran.said);
    }
}

#[test]
fn a_creation_that_returns_an_existing_object_removes_nothing() {
    for existing in [FOREIGN[0], FOREIGN[1]] {
        for jobs in ["1", "8"] {
            let shelf = Shelf::start(move |seen, shelf| match seen.method.as_str() {
                "POST" => match existing.parse::<u64>() {
                    Ok(number) => json(201, "Created", &format!(r#"{{"id":{number}}}"#)),
                    Err(_) => made(existing),
                },
                _ => shelf.usual(seen),
            });
            shelf.things().insert(existing.to_owned(), ALICE.to_owned());
            let folder = Folder::new();
            let ran = Ran::of(shelf.run(&folder, LOOK, 204, CASES, &["--jobs", jobs])).expect(3);
            assert!(shelf.things().contains_key(existing), "{existing}, {jobs} jobs: {}", ran.said);
            assert_eq!(ran.rules("must"), [], "{}", ran.said);
            let world = World::start(move |seen, _| {
                let found = || json(200, "OK", &format!(r#"{{"conversation_id":"{existing}"}}"#));
                (seen.method == "POST").then(found)
            });
            Ran::of(at(&world, &["--jobs", jobs])).expect(3);
            world.unharmed(existing);
        }
    }
}
