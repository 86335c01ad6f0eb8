//! Removals that come later than their answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Ran;
use crate::command::Folder;
use crate::shelf::{LOOK, Shelf, id, missing, there};

const LATE: Duration = Duration::from_millis(700);

/// What is on its way out, and since when.
type Going = Arc<Mutex<HashMap<String, Instant>>>;

/// A shelf from which things go some time after their removal was accepted with this answer.
fn late(accepted: &'static str) -> (Arc<Shelf>, Going) {
    let going = Going::default();
    let times = Arc::clone(&going);
    let shelf = Shelf::start(move |seen, shelf| {
        let id = id(seen).to_owned();
        let mut going = times.lock().unwrap_or_else(PoisonError::into_inner);
        if going.get(&id).is_some_and(|since| since.elapsed() >= LATE) {
            shelf.things().remove(&id);
        }
        let there_still = shelf.things().contains_key(&id);
        match seen.method.as_str() {
            "DELETE" if there_still => {
                going.entry(id).or_insert_with(Instant::now);
                accepted.to_owned()
            }
            "GET" if there_still => there(),
            "POST" => shelf.usual(seen),
            _ => missing(),
        }
    });
    (shelf, going)
}

const REMOVES: &str = r#"
  removes: {given: {mine: thing, bystander: thing}, path: {id: "{{mine.id}}"}, expect: STATUS}
  missing: {given: {bystander: thing}, path: {id: no-such-thing}, expect: 404}
"#;

#[test]
fn a_late_removal_after_a_documented_202_is_no_finding() {
    let (shelf, going) = late("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    let folder = Folder::new();
    for jobs in ["1", "8"] {
        let cases = REMOVES.replace("STATUS", "202");
        let ran = Ran::of(shelf.run(&folder, LOOK, 202, &cases, &["--jobs", jobs, "--repeat", "3"]));
        ran.green(jobs);
        assert!(!ran.said.contains("clean-up of the case"), "{}", ran.said);
        let going = going.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(shelf.left().iter().all(|id| going.contains_key(id)), "not all is on its way out: {}", ran.said);
    }
}

#[test]
fn a_late_removal_after_a_204_is_reported_and_fails_nothing() {
    let (shelf, _) = late(crate::shelf::GONE);
    let folder = Folder::new();
    let ran = Ran::of(shelf.run(&folder, LOOK, 204, &REMOVES.replace("STATUS", "204"), &[]));
    ran.green("late");
    assert!(ran.rules("should").contains(&("suite/removes", "effect-late")), "{}", ran.said);
    let ran = Ran::of(shelf.run(&folder, LOOK, 204, &REMOVES.replace("STATUS", "204"), &["--strict"]));
    ran.expect(1);
}
