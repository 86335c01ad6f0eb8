//! What a sound server does under several requests at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::careful::careful;
use crate::command::{Folder, conformant};
use crate::served::Served;
use crate::shelf::{self, ALICE, CASES, GONE, LOOK, Shelf, id, missing, there, user};
use crate::world::{Seen, World, json};
use crate::{Ran, at};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A world that looks an end user up and then inserts it, with a gap between: several first requests of one user at once make
/// several end users of that name, and what belongs to any but the first is found by nobody.
pub(crate) fn racing(gap: Duration) -> Arc<World> {
    let users: Mutex<HashMap<String, usize>> = Mutex::default();
    careful(move |seen, world| {
        let user = if seen.method == "POST" {
            user(seen)
        } else if seen.target.contains("/messages") {
            seen.target.split("user=").nth(1).unwrap_or_default().to_owned()
        } else {
            return None;
        };
        let known = lock(&users).contains_key(&user);
        let mut which = 0;
        if !known {
            std::thread::sleep(gap);
            let mut users = lock(&users);
            let count = users.entry(user.clone()).or_default();
            which = *count;
            *count += 1;
        }
        (which > 0 && seen.method == "POST").then(|| {
            let id = world.make(&format!("{user}#{which}"));
            json(200, "OK", &format!(r#"{{"conversation_id":"{id}"}}"#))
        })
    })
}

#[test]
fn users_that_are_created_twice_cause_no_finding() {
    let world = racing(Duration::from_millis(15));
    for run in 0..10 {
        Ran::of(at(&world, &[])).green(&format!("run {run}"));
        assert_eq!(world.left(), [""; 0], "run {run}");
    }
    world.unharmed("end users that come to be twice");
}

#[test]
fn the_reference_with_its_gap_conforms() {
    let served = Served::start(conformant(&["serve", "--user-gap", "30ms", "--creation-time", "20ms"]), 4);
    for run in 0..10 {
        let mut command = conformant(&["run", "--format", "json"]);
        command.envs(served.variables.iter().cloned());
        Ran::of(command).green(&format!("run {run}"));
    }
}

/// A shelf that gives freed numbers again, and drops a row some time before it answers. It counts who removes what another
/// user made: only the query says that, and the server does not check it.
fn numbered(smallest: bool) -> (Arc<Shelf>, Arc<AtomicUsize>) {
    let foreign = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&foreign);
    let answers = AtomicUsize::new(0);
    let shelf = Shelf::start(move |seen, shelf| match seen.method.as_str() {
        "POST" => {
            let mut things = shelf.things();
            let taken = |id: &u64| things.contains_key(&id.to_string());
            let highest = things.keys().filter_map(|id| id.parse().ok()).max().unwrap_or(0);
            let next = if smallest { (1..=u64::MAX).find(|id| !taken(id)).unwrap_or(0) } else { highest + 1 };
            things.insert(next.to_string(), user(seen));
            drop(things);
            json(201, "Created", &format!(r#"{{"id":{next}}}"#))
        }
        "DELETE" => {
            let removed = shelf.things().remove(id(seen));
            let Some(owner) = removed else { return missing() };
            if owner != user(seen) {
                count.fetch_add(1, Ordering::SeqCst);
            }
            let pause = answers.fetch_add(1, Ordering::SeqCst) % 4;
            std::thread::sleep(Duration::from_millis(20) * u32::try_from(pause).unwrap_or(0));
            GONE.to_owned()
        }
        _ if shelf.things().contains_key(id(seen)) => there(),
        _ => missing(),
    });
    shelf.things().extend([(1.to_string(), ALICE.to_owned()), (2.to_string(), ALICE.to_owned())]);
    (shelf, foreign)
}

#[test]
fn reused_ids_cause_no_finding() {
    for (smallest, jobs) in
        [(false, "1"), (false, "2"), (true, "2"), (false, "4"), (true, "4"), (false, "8"), (true, "8"), (true, "32")]
    {
        let (shelf, foreign) = numbered(smallest);
        let folder = Folder::new();
        let what = format!("the smallest {smallest}, {jobs} jobs");
        let ran = Ran::of(shelf.run(&folder, LOOK, 204, CASES, &["--repeat", "20", "--jobs", jobs]));
        ran.green(&what);
        assert_eq!(shelf.left(), [""; 0], "{what}");
        assert_eq!(shelf.things().len(), 2, "{what}: Alice lost something");
        assert_eq!(foreign.load(Ordering::SeqCst), 0, "{what}: a case removed what another one had made\n{}", ran.said);
    }
}

/// A shelf on which a removal beside another one is answered 503.
fn busy() -> Arc<Shelf> {
    let writing = Mutex::new(());
    Shelf::start(move |seen: &Seen, shelf| {
        if seen.method != "DELETE" {
            return shelf.usual(seen);
        }
        let Ok(_writing) = writing.try_lock() else {
            return json(503, "Service Unavailable", r#"{"error":"database is locked"}"#);
        };
        std::thread::sleep(Duration::from_millis(10));
        shelf.usual(seen)
    })
}

#[test]
fn a_concurrent_write_that_is_refused_causes_no_finding() {
    let cases = format!(
        "{}{}",
        shelf::REMOVES,
        "  also: {given: {mine: thing, other: thing}, path: {id: \"{{mine.id}}\"}, expect: 204}\n  missing: {given: \
         {bystander: thing}, path: {id: no-such-thing}, expect: 404}\n"
    );
    for jobs in ["1", "2", "4", "8"] {
        let shelf = busy();
        let folder = Folder::new();
        let ran = Ran::of(shelf.run(&folder, LOOK, 204, &cases, &["--repeat", "20", "--jobs", jobs]));
        ran.green(&format!("{jobs} jobs"));
        assert_eq!(shelf.left(), [""; 0], "{jobs} jobs: {}", ran.said);
    }
}
