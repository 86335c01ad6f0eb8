//! Bringing the target into the state that a case needs: side by side, asked again only where nothing can have happened,
//! and with objects that are handed over.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conformant::reference::{App, ReferenceOptions, Seed};
use serde_json::Value;

use super::*;

fn is_making(asked: &Asked) -> bool {
    asked.method == "POST"
}

/// How many requests that make something came; each is answered as `answer` says, by its number from 0.
fn making(answer: impl Fn(usize) -> Option<Message> + Send + Sync + 'static) -> (Behaviour, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let behaviour =
        answering(move |asked| is_making(asked).then(|| counted.fetch_add(1, Ordering::SeqCst)).and_then(&answer));
    (behaviour, count)
}

fn too_many(wait: &str) -> Message {
    Message::new("429 Too Many Requests", "application/json", "{}").and("Retry-After", wait)
}

#[test]
fn objects_are_made_side_by_side_and_never_more_than_jobs() {
    let now = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (begun, ended, highest) = (Arc::clone(&now), Arc::clone(&now), Arc::clone(&most));
    let behaviour = Behaviour {
        plan: Box::new(move |asked, _| {
            if is_making(asked) {
                highest.fetch_max(begun.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            }
            Plan::Pass
        }),
        change: Box::new(move |asked, answer| {
            if is_making(asked) {
                ended.fetch_sub(1, Ordering::SeqCst);
            }
            vec![Act::Send(answer.bytes())]
        }),
    };
    let runtime = runtime();
    let slow = ReferenceOptions { making: Duration::from_millis(100), ..ReferenceOptions::default() };
    let front = runtime.block_on(Front::before(slow, behaviour));
    Finished::of(asking(&front, &["run", "--jobs", "4"])).expect(0);
    assert_eq!(most.load(Ordering::SeqCst), 4);
}

#[test]
fn too_many_requests_are_asked_again_as_retry_after_says() {
    let (behaviour, count) = making(|number| match number {
        0 => Some(too_many("1")),
        1 => Some(too_many("Sun, 06 Nov 1994 08:49:38 GMT").and("Date", "Sun, 06 Nov 1994 08:49:37 GMT")),
        _ => None,
    });
    let finished = with(behaviour, |front| asking(front, &["run", "missing_conversation"])).expect(0);
    assert_eq!(count.load(Ordering::SeqCst), 5, "two that try the state, one of the case: {}", finished.stdout);
}

#[test]
fn a_wait_that_is_too_long_is_reported_and_nothing_is_waited_for() {
    let (behaviour, count) = making(|_| Some(too_many("3600")));
    let finished = with(behaviour, |front| asking(front, &["run", "missing_conversation"])).expect(3);
    says(
        &finished,
        &[
            "ERROR delete_conversation/missing_conversation",
            "answered 429 (too many requests) and asks to wait 3600 s",
            "send requests more slowly with --rate",
            "< HTTP/1.1 429 Too Many Requests",
        ],
    );
    assert_eq!(count.load(Ordering::SeqCst), 2, "two that try the state, and no more");
}

#[test]
fn a_429_to_what_is_judged_is_no_finding() {
    let finished =
        with(answering(|asked| (asked.judged && asked.method == "DELETE").then(|| too_many("1"))), |front| {
            asking(front, &["run", "missing_conversation"])
        })
        .expect(3);
    says(&finished, &["answered 429 (too many requests) twice", "send requests more slowly with --rate"]);
    assert!(!finished.stdout.contains("status-unexpected"), "{}", finished.stdout);
}

#[test]
fn what_may_have_been_carried_out_is_not_asked_again() {
    for (answer, part) in [
        (None, "the connection was reset before the first byte of a response"),
        (Some(Message::new("500 Internal Server Error", "application/json", "{}")), "answered 500; 200 was expected"),
        (Some(Message::new("503 Service Unavailable", "application/json", "{}")), "answered 503; 200 was expected"),
    ] {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let behaviour = acting(move |asked| {
            is_making(asked).then(|| {
                counted.fetch_add(1, Ordering::SeqCst);
                answer.as_ref().map_or_else(|| vec![Act::Reset], |answer| vec![Act::Send(answer.bytes())])
            })
        });
        let finished = with(behaviour, |front| asking(front, &["run", "missing_conversation"])).expect(3);
        says(
            &finished,
            &[
                "ERROR delete_conversation/missing_conversation",
                part,
                "making an object in the checks before the first case:",
                "curl ",
            ],
        );
        let told = finished.stdout.matches("the target may have made it: POST ").count();
        let busy = part.contains("503");
        assert_eq!(told, if busy { 0 } else { 3 }, "{}", finished.stdout);
        assert!(busy || count.load(Ordering::SeqCst) == 3, "{}", finished.stdout);
    }
}

/// A front before a reference that has these conversations of a user, and their ids.
fn seeded(runtime: &tokio::runtime::Runtime, count: usize, behaviour: Behaviour) -> (Front, Vec<String>) {
    let seeds = (0..count).map(|_| Seed {
        id: uuid::Uuid::new_v4(),
        app: App::Chat,
        user: "somebody".to_owned(),
        query: "before".to_owned(),
    });
    let conversations: Vec<Seed> = seeds.collect();
    let ids = conversations.iter().map(|seed| seed.id.to_string()).collect();
    (runtime.block_on(Front::before(ReferenceOptions { conversations, ..ReferenceOptions::default() }, behaviour)), ids)
}

/// Runs the core profile with conversations that are handed over; gives the report too.
fn handed(front: &Front, ids: &str, status: i32) -> (Finished, Value) {
    let mut command = asking(front, &["run", "--profile", "core", "--format", "json"]);
    command.env("CONVERSATION_IDS", ids).env("CONVERSATION_USER", "somebody");
    let finished = Finished::of(command).expect(status);
    let json = serde_json::from_str(&finished.stdout).expect("JSON");
    (finished, json)
}

fn case<'a>(report: &'a Value, name: &str) -> (&'a str, &'a str) {
    let cases = report["cases"].as_array().expect("cases");
    let id = format!("delete_conversation/{name}");
    let case = cases.iter().find(|case| case["id"] == id.as_str()).expect("the case");
    (case["verdict"].as_str().expect("a verdict"), case["reason"].as_str().unwrap_or_default())
}

/// A front that makes nothing, and notes which conversations it is asked to delete.
fn making_nothing() -> (Behaviour, Arc<Mutex<Vec<String>>>) {
    let deleted = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&deleted);
    let behaviour = answering(move |asked| {
        if let Some(id) = asked.id.clone().filter(|_| asked.method == "DELETE") {
            seen.lock().expect("the ids").push(id);
        }
        is_making(asked).then(|| Message::new("403 Forbidden", "application/json", "{}"))
    });
    (behaviour, deleted)
}

#[test]
fn provided_objects_are_each_used_once() {
    let runtime = runtime();
    let (behaviour, deleted) = making_nothing();
    let (front, ids) = seeded(&runtime, 5, behaviour);
    let (_, report) = handed(&front, &ids.join(","), 0);
    assert_eq!(report["summary"]["pass"], 3);
    let deleted = deleted.lock().expect("the ids");
    let used: Vec<&String> = ids.iter().filter(|id| deleted.contains(id)).collect();
    assert_eq!(used, [&ids[0], &ids[1], &ids[2], &ids[3]], "success two, the others one each");
}

#[test]
fn with_too_few_provided_objects_the_remaining_cases_are_skipped() {
    let runtime = runtime();
    let (behaviour, deleted) = making_nothing();
    let (front, ids) = seeded(&runtime, 2, behaviour);
    let (_, report) = handed(&front, &ids.join(","), 0);
    assert_eq!(case(&report, "success").0, "pass");
    for name in ["wrong_app_mode", "missing_conversation"] {
        let reason = "CONVERSATION_IDS names too few objects: this case needs one, and none is left";
        assert_eq!(case(&report, name), ("skipped", reason));
    }
    assert!(deleted.lock().expect("the ids").iter().all(|id| ids.contains(id)));
}

#[test]
fn objects_of_one_user_are_given_to_one_case() {
    let runtime = runtime();
    let (behaviour, _) = making_nothing();
    let (front, ids) = seeded(&runtime, 3, behaviour);
    let mixed = format!("{},{}@nobody,{}", ids[0], ids[1], ids[2]);
    let mut command = asking(&front, &["run", "/success"]);
    command.env("CONVERSATION_IDS", mixed).env("CONVERSATION_USER", "somebody");
    Finished::of(command).expect(0);
}

#[test]
fn of_two_runs_with_the_same_objects_the_second_says_that_they_are_gone() {
    let runtime = runtime();
    let (behaviour, _) = making_nothing();
    let (front, ids) = seeded(&runtime, 4, behaviour);
    handed(&front, &ids.join(","), 0);
    let (_, report) = handed(&front, &ids.join(","), 3);
    assert_eq!(report["summary"]["fail"], 0, "it is not the API's fault");
    for (name, at) in [("wrong_app_mode", 2), ("missing_conversation", 3)] {
        let (verdict, reason) = case(&report, name);
        assert_eq!(verdict, "error", "{name}");
        let sentence = format!(
            "CONVERSATION_IDS names {}, which the user somebody does not have: another run may have used it up",
            ids[at]
        );
        assert!(reason.starts_with(&sentence), "{reason}");
    }
    assert_eq!(case(&report, "success").0, "error");
    assert_eq!(report["left_behind"].as_array().map(Vec::len), Some(0));
}

#[test]
fn also_where_nobody_can_be_asked_whether_they_are_there() {
    let mute =
        || answering(|asked| asked.target.contains("/messages").then(|| Message::empty("405 Method Not Allowed")));
    let runtime = runtime();
    let (front, ids) = seeded(&runtime, 4, mute());
    let (_, report) = handed(&front, &ids.join(","), 0);
    assert_eq!(report["summary"]["pass"], 3, "each is believed to be there");
    let (_, report) = handed(&front, &ids.join(","), 3);
    assert_eq!((&report["summary"]["fail"], &report["summary"]["error"]), (&Value::from(0), &Value::from(3)));
    assert!(case(&report, "success").1.contains("another run may have used it up"), "{report}");
}

#[test]
fn an_unused_object_stays_for_another_case() {
    let runtime = runtime();
    let (behaviour, deleted) = making_nothing();
    let (front, ids) = seeded(&runtime, 4, behaviour);
    // The first exists, so that it can be asked; the second is nobody's.
    let missing = uuid::Uuid::new_v4().to_string();
    let list = format!("{},{},{},{missing},{}", ids[0], ids[1], ids[2], ids[3]);
    let mut command = asking(&front, &["run", "/success", "/repeat", "--format", "json", "--jobs", "1"]);
    command.env("CONVERSATION_IDS", list).env("CONVERSATION_USER", "somebody");
    let finished = Finished::of(command).expect(3);
    let report: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(case(&report, "success").0, "pass");
    assert_eq!(case(&report, "repeat").0, "error");
    let deleted = deleted.lock().expect("the ids");
    assert!(!deleted.contains(&ids[2]), "its case never ran, so it is left alone");
}

#[test]
fn a_list_that_cannot_be_right_is_bad_input() {
    let id = uuid::Uuid::new_v4().to_string();
    for (list, part) in [
        (format!("{id},{id}@somebody"), "twice"),
        (String::new(), "CONVERSATION_IDS is set but empty"),
        ("a/../b".to_owned(), "CONVERSATION_IDS"),
        (format!("{id}@"), "without a user behind the @"),
    ] {
        let mut command = against("http://127.0.0.1:1/v1", CORE);
        command.env("CONVERSATION_IDS", list);
        says(&Finished::of(command).expect(2), &[part]);
    }
}

#[test]
fn the_embedded_reference_makes_its_own() {
    let mut command = conformant(CORE);
    command.env("CONVERSATION_IDS", uuid::Uuid::new_v4().to_string());
    says(&Finished::of(command).expect(0), &["note: CONVERSATION_IDS is set and ignored"]);
}

#[cfg(unix)]
#[test]
fn an_interruption_ends_a_wait_for_another_try() {
    let runtime = runtime();
    let (came, asked) = std::sync::mpsc::channel();
    let front = runtime.block_on(Front::start(answering(move |asked| {
        is_making(asked).then(|| {
            let _ = came.send(());
            too_many("50")
        })
    })));
    let mut command = asking(&front, &["run"]);
    let mut child = command.stdout(std::process::Stdio::null()).spawn().expect("it starts");
    asked.recv_timeout(Duration::from_secs(60)).expect("a request came");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill is there").success());
    assert_eq!(command::waited(&mut child), 130);
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_says_of_each_case_how_far_it_came() {
    use std::io::Read as _;

    let runtime = runtime();
    let (came, asked) = std::sync::mpsc::channel();
    let front = runtime.block_on(Front::start(acting(move |asked| {
        (asked.method == "DELETE" && asked.judged).then(|| {
            let _ = came.send(());
            vec![Act::Silence]
        })
    })));
    let cases = ["wrong_app_mode", "missing_conversation"];
    let arguments = ["run", "--jobs", "1", "--first-byte", "1s", "--format", "json"];
    let mut command = asking(&front, &[&arguments[..], &cases].concat());
    let folder = command::Folder::new();
    let report = folder.path().join("report.txt");
    command.arg("--report").arg(format!("text={}", report.display()));
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    asked.recv_timeout(Duration::from_secs(60)).expect("a request came");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill is there").success());
    let mut text = String::new();
    child.stdout.take().expect("its stdout").read_to_string(&mut text).expect("text");
    assert_eq!(command::waited(&mut child), 130, "{text}");
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let reasons: Vec<&str> =
        json["cases"].as_array().expect("cases").iter().filter_map(|case| case["reason"].as_str()).collect();
    let began = "the run was interrupted after 1 request of this case";
    assert_eq!(reasons, [began, "the run was interrupted before this case began"], "{text}");
    let text = std::fs::read_to_string(report).expect("a report");
    assert!(text.ends_with("interrupted: none of 2 cases was judged\n"), "{text}");
}
