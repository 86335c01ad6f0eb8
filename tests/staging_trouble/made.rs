//! Objects that were made for a case and are not there, and objects that another client's request removed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;

fn is_making(asked: &Asked) -> bool {
    asked.method == "POST"
}

fn is_asking(asked: &Asked) -> bool {
    asked.target.contains("/messages?")
}

fn not_found() -> Message {
    let body = json!({"code": "not_found", "message": "Conversation Not Exists.", "status": 404});
    Message::new("404 NOT FOUND", "application/json", &body.to_string())
}

fn made(id: &Value) -> Message {
    Message::new("200 OK", "application/json", &json!({"conversation_id": id}).to_string())
}

/// Makes everything for another user.
fn for_another(asked: &Asked) -> Plan {
    if is_making(asked) {
        let text = String::from_utf8(asked.raw.clone()).expect("a request of text");
        return Plan::Ask(text.replace("conformant-", "somebodies-").into_bytes());
    }
    Plan::Pass
}

/// The core profile, of which every case is given something. Gives how many judged requests came, too.
fn core(plan: impl Fn(&Asked) -> Plan + Send + Sync + 'static) -> (Finished, Value, usize) {
    let judged = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&judged);
    let plan = Box::new(move |asked: &Asked, _: &front::World| {
        if asked.judged && asked.method == "DELETE" {
            count.fetch_add(1, Ordering::SeqCst);
        }
        plan(asked)
    });
    let arguments = [CORE, &["--format", "json"]].concat();
    let finished = with(Behaviour { plan, ..Behaviour::none() }, |front| asking(front, &arguments));
    let report = serde_json::from_str(&finished.stdout).expect("JSON");
    (finished, report, judged.load(Ordering::SeqCst))
}

#[test]
fn a_created_object_that_is_missing_fails_no_case() {
    let nothing = |asked: &Asked| {
        if is_making(asked) { Plan::Say(made(&uuid::Uuid::new_v4().to_string().into())) } else { Plan::Pass }
    };
    let plans: [fn(&Asked) -> Plan; 2] = [nothing, for_another];
    for plan in plans {
        let (finished, report, judged) = core(plan);
        let finished = finished.expect(3);
        assert_eq!(judged, 0, "{}", finished.stdout);
        assert_eq!(report["summary"]["error"], 3, "{report}");
        let first = report["cases"][0]["reason"].as_str().expect("a reason");
        for part in [
            "a conversation that was made just now is not there: the target gave it the id ",
            ", but GET http://",
            " was answered 404, and the clean-up request DELETE http://",
            "may make none, make it for another user than conformant-",
            "only later",
        ] {
            assert!(finished.stdout.contains(part), "{part:?}: {first}");
        }
        // Another user has it, or it appears only after the run.
        assert!(!report["left_behind"].as_array().expect("a list").is_empty(), "{report}");
    }
}

#[test]
fn an_object_that_appears_late_is_waited_for() {
    let begun = std::sync::OnceLock::new();
    let later = Duration::from_millis(300);
    let (finished, report, judged) = core(move |asked| {
        let hidden = is_asking(asked) || asked.method == "DELETE";
        if is_making(asked) || hidden {
            let early = begun.get_or_init(Instant::now).elapsed() < later;
            return if early && hidden { Plan::Say(not_found()) } else { Plan::Pass };
        }
        Plan::Pass
    });
    let finished = finished.expect(0);
    assert_eq!((judged, &report["left_behind"]), (3, &json!([])), "{}", finished.stdout);
}

#[test]
fn without_exists_a_removal_proves_that_the_object_existed() {
    let making = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&making);
    let (finished, report, _) = core(move |asked| {
        count.fetch_add(usize::from(is_making(asked)), Ordering::SeqCst);
        if is_asking(asked) { Plan::Say(not_found()) } else { Plan::Pass }
    });
    let finished = finished.expect(0);
    assert_eq!(report["summary"]["pass"], 3, "{}", finished.stdout);
    assert_eq!(making.load(Ordering::SeqCst), 6, "the four that are given, and two that try the state");
    let notes = report["notes"].to_string();
    assert!(notes.contains("this target cannot say whether a conversation exists"), "{notes}");
}

#[test]
fn a_number_that_is_not_whole_is_no_id() {
    for id in [json!(4_711_000.0), json!(1.5)] {
        let answer = made(&id).bytes();
        let behaviour = acting(move |asked| is_making(asked).then(|| vec![Act::Send(answer.clone())]));
        let finished = with(behaviour, |front| asking(front, CORE)).expect(3);
        says(&finished, &[&format!("the id at /conversation_id of the response is the number {id}"), "a whole number"]);
    }
}

#[test]
fn every_byte_of_every_request_is_shown_as_it_was_sent() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let behaviour = acting(move |asked| {
        noted.lock().expect("what came").push(asked.raw.clone());
        None
    });
    let folder = command::Folder::new();
    let shipped = std::fs::read_to_string("cases/delete_conversation.yaml").expect("the shipped suite");
    let top = shipped.split("\ncases:\n").next().expect("a head");
    let spec = concat!("spec: ", env!("CARGO_MANIFEST_DIR"), "/spec/openapi_chatflow.yaml");
    let top = top.replace("spec: ../spec/openapi_chatflow.yaml", spec);
    let long = "é".repeat(5000);
    let suite = format!(
        "{top}\ncases:\n  long:\n    given: {{mine: conversation}}\n    path: {{conversation_id: \
         \"{{{{mine.conversation_id}}}}\"}}\n    header: {{X-Mixed-Case: 'a'}}\n    json: {{user: \"{{{{user}}}}\", more: \
         \"{long}\"}}\n    expect: 204\n"
    );
    let cases = folder.file("long.yaml", &suite);
    let mut keys = Vec::new();
    let finished = with(behaviour, |front| {
        keys = front.world.keys.iter().map(|(_, key)| key.clone()).collect();
        asking(front, &["run", "-vv", "--cases", &cases])
    })
    .expect(0);
    // As each request was shown, line ends and all; a line of the body is one line.
    let mut shown: Vec<String> = Vec::new();
    let mut before = "";
    for line in finished.stdout.lines() {
        if let Some(part) = line.strip_prefix("    > ") {
            match shown.last_mut().filter(|_| before.starts_with("    > ")) {
                Some(last) => last.push_str(part),
                None => shown.push(part.to_owned()),
            }
        }
        before = line;
    }
    let came: Vec<String> = seen.lock().expect("what came").iter().map(|raw| raw.escape_ascii().to_string()).collect();
    let came: Vec<String> = came
        .into_iter()
        .map(|text| keys.iter().fold(text, |text, key| text.replace(key, &"*".repeat(key.len()))))
        .collect();
    assert!(shown.len() >= 3, "{}", finished.stdout);
    for one in &shown {
        assert!(came.contains(one), "this was not sent so:\n{one}\nbut:\n{}", came.join("\n"));
    }
    assert!(shown.iter().any(|one| one.contains("X-Mixed-Case: a") && one.len() > 40_000), "{}", finished.stdout);
}
