//! Targets that take a request and do not answer: every run ends, after few waits, whichever request gets no answer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;

/// How many requests of a kind lie unanswered at most at one time, and how the whole suite ended.
fn kept_waiting(silent: impl Fn(&Asked) -> bool + Send + Sync + 'static, timeout: &str) -> (Finished, usize) {
    let waiting = Arc::new(Mutex::new(Vec::new()));
    let most = Arc::new(AtomicUsize::new(0));
    let (began, highest) = (Arc::clone(&waiting), Arc::clone(&most));
    let limit: f64 = timeout.trim_end_matches('s').parse().expect("seconds");
    // No request is waited for longer than the whole time; what began within a quarter of it lies beside it.
    let window = Duration::from_secs_f64(limit / 4.0);
    let silent = Arc::new(silent);
    let unheard = Arc::clone(&silent);
    let behaviour = acting(move |asked| {
        silent(asked).then(|| {
            let now = std::time::Instant::now();
            let mut all = began.lock().expect("the times");
            all.retain(|then: &std::time::Instant| now - *then < window);
            all.push(now);
            highest.fetch_max(all.len(), Ordering::SeqCst);
            vec![Act::Silence]
        })
    });
    // What is not answered is not carried out either.
    let plan = move |asked: &Asked, _: &front::World| {
        if unheard(asked) { Plan::Say(Message::empty("204 No Content")) } else { Plan::Pass }
    };
    let behaviour = Behaviour { plan: Box::new(plan), ..behaviour };
    let finished = with(behaviour, |front| asking(front, &["run", "--timeout", timeout]));
    let most = most.load(Ordering::SeqCst);
    (finished, most)
}

#[test]
fn silent_to_deletions() {
    let (finished, most) = kept_waiting(|asked| asked.method == "DELETE" && asked.judged, "4s");
    let finished = finished.expect(1);
    says(&finished, &["answer-silent"]);
    assert!(most > 8, "only {most} waited at a time, no more than --jobs");
}

#[test]
fn silent_to_every_deletion() {
    let finished = kept_waiting(|asked| asked.method == "DELETE", "2s").0.expect(1);
    says(&finished, &["answer-silent", "left behind: "]);
}

#[test]
fn silent_to_the_clean_up() {
    let finished = kept_waiting(|asked| asked.method == "DELETE" && !asked.judged, "2s").0;
    says(&finished, &["left behind: "]);
}

#[test]
fn silent_to_exists_requests() {
    let finished = kept_waiting(|asked| asked.target.contains("/messages"), "2s").0.expect(0);
    says(&finished, &["this target cannot say whether"]);
}

#[test]
fn silent_to_creations() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let behaviour = acting(move |asked| {
        (asked.method == "POST").then(|| {
            counted.fetch_add(1, Ordering::SeqCst);
            vec![Act::Silence]
        })
    });
    let finished = with(behaviour, |front| asking(front, &["run", "--timeout", "1s", "--jobs", "4"])).expect(3);
    says(&finished, &["got no response within 1 s (--timeout)"]);
    assert_eq!(count.load(Ordering::SeqCst), 2, "nobody waits once more for what did not come");
}

#[test]
fn the_wait_for_the_first_byte_can_be_set() {
    let silent = acting(|asked| (asked.method == "DELETE" && asked.judged).then(|| vec![Act::Silence]));
    let began = std::time::Instant::now();
    let finished = with(silent, |front| {
        asking(front, &["run", "--first-byte", "300ms", "wrong_app_mode", "missing_conversation"])
    });
    says(&finished.expect(1), &["answer-silent"]);
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
}

#[test]
fn a_byte_now_and_then_for_ever() {
    let drip = || vec![Act::Forever(b"H".to_vec(), Duration::from_millis(100))];
    let behaviour = acting(move |asked| (asked.method == "DELETE" && asked.judged).then(drip));
    with(behaviour, |front| asking(front, &["run", "--timeout", "2s"])).expect(1);
    let behaviour = acting(move |asked| (asked.method == "POST").then(drip));
    with(behaviour, |front| asking(front, &["run", "--timeout", "1s"])).expect(3);
}

#[test]
fn connections_that_are_taken_and_never_read() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}/v1", silent.local_addr().expect("its address"));
    let finished = Finished::of(against(&base, &["run", "--timeout", "1s"])).expect(3);
    says(&finished, &["  WRONG API ", "got no response"]);
}
