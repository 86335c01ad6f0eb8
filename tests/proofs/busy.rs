//! A target that is too busy for a judged request, once or always, and says how long or does not.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::world::World;
use crate::{Ran, at};

/// Runs one case at a target that answers judged requests so, the first time or always.
fn busy(status: u16, retry_after: &'static str, always: bool) -> Ran {
    let count = AtomicUsize::new(0);
    let world = World::start(move |seen, _| {
        let judged = seen.method == "DELETE" && seen.is_judged();
        (judged && (count.fetch_add(1, Ordering::SeqCst) == 0 || always))
            .then(|| format!("HTTP/1.1 {status} BUSY\r\n{retry_after}Content-Length: 0\r\n\r\n"))
    });
    let ran = Ran::of(at(&world, &["delete_conversation/missing_conversation"]));
    assert_eq!(world.left(), [""; 0], "{}", ran.said);
    assert_eq!(ran.left(), [""; 0], "{}", ran.said);
    ran
}

#[test]
fn a_case_runs_once_more_where_the_target_was_too_busy_for_it() {
    for status in [503, 429] {
        for retry_after in ["", "Retry-After: 1\r\n", "Retry-After: 0\r\n"] {
            let ran = busy(status, retry_after, false);
            ran.green(&format!("{status} {retry_after}"));
            let note = format!("the target answered {status}, so the case was run once more");
            assert!(ran.said.contains(&note), "{status} {retry_after}: {}", ran.said);
        }
    }
}

#[test]
fn a_target_that_is_always_too_busy_fails_or_cannot_be_judged() {
    for retry_after in ["", "Retry-After: 1\r\n"] {
        let ran = busy(503, retry_after, true).expect(1);
        let wrong = [("delete_conversation/missing_conversation", "status-unexpected")];
        assert_eq!(ran.rules("must"), wrong, "{}", ran.said);
        let ran = busy(429, retry_after, true).expect(3);
        assert_eq!(ran.rules("must"), [], "{}", ran.said);
        assert_eq!(ran.verdict("/missing_conversation"), "error", "{}", ran.said);
        assert!(ran.said.contains("answered 429 (too many requests) twice"), "{}", ran.said);
    }
}
