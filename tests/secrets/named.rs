//! The value of a variable that a suite names stands in nothing that a run writes, wherever the suite uses it.

use std::sync::Arc;

use super::command::{Finished, Folder, conformant};
use super::world::{self, Seen, World};
use super::{holds_any, nothing_leaked};

/// A document with an operation that takes values in every place.
const DOCUMENT: &str = include_str!("../data/secrets/document.yaml");

/// A suite that uses a variable of its own in every place that may hold one.
const SUITE: &str = include_str!("../data/secrets/suite.yaml");

/// The variables of the suite, in its order.
fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = SUITE
        .split("env.")
        .skip(1)
        .map(|rest| &rest[..rest.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(rest.len())])
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A value of its own for every variable: a plain word, or one that can be nothing but a secret.
fn values(plain: bool) -> Vec<(&'static str, String)> {
    let words = ["violet", "canyon", "basket", "harbor", "meadow", "copper", "lantern"];
    let value = |(index, name): (usize, &'static str)| {
        let (one, two) = (words[index % 7], words[index / 7]);
        let end = if plain { "nowhere".to_owned() } else { format!("x{index:02}y") };
        (name, format!("not-a-{one}-{two}-{end}"))
    };
    names().into_iter().enumerate().map(value).chain([("THE_KEY", "app-the-key-0123456789".to_owned())]).collect()
}

/// A server that repeats whatever it is sent in what it answers.
fn echoing(values: &[(&'static str, String)]) -> Arc<World> {
    let value = |name: &str| values.iter().find(|(own, _)| *own == name).expect("a value").1.clone();
    let (there, gone, name, check) = (value("V_YES"), value("V_NO"), value("V_MAKE_JSON"), value("V_CHECK_MATCH"));
    let made = std::sync::atomic::AtomicUsize::new(0);
    let removed: std::sync::Mutex<Vec<String>> = std::sync::Mutex::default();
    World::start(move |seen: &Seen, _| {
        let echo = serde_json::json!(format!("{} {:?} {}", seen.target, seen.fields, seen.body)).to_string();
        let mut removed = removed.lock().expect("no test panics with it");
        let id = seen.target.split('/').nth(3).unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
        Some(match seen.method.as_str() {
            "POST" if seen.target.starts_with("/v1/things?") => {
                let id = made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let body = format!("{{\"id\":\"00000000-0000-4000-8000-{id:012}\",\"name\":{name:?},\"echo\":{echo}}}");
                world::json(200, "OK", &body)
            }
            "GET" if seen.target.starts_with("/v1/look/") => {
                let is_there = id.starts_with("0000") && !removed.contains(&id);
                let (status, there) = if is_there { (200, &there) } else { (404, &gone) };
                world::json(status, "OK", &format!("{{\"there\":{there:?},\"echo\":{echo}}}"))
            }
            "GET" if seen.target.starts_with("/v1/check/") => {
                world::json(200, "OK", &format!("{{\"never\":{check:?},\"odd\":1,\"echo\":{echo}}}"))
            }
            "DELETE" => {
                removed.push(id);
                world::json(204, &format!("Gone {}", seen.field("x-undo").unwrap_or_default()), "")
            }
            _ => world::json(200, &format!("OK {}", seen.target), &format!("{{\"mode\":\"other\",\"echo\":{echo}}}")),
        })
    })
}

fn suite(folder: &Folder, text: &str) -> String {
    folder.file("document.yaml", DOCUMENT);
    folder.file("suite.yaml", text)
}

#[test]
fn no_report_holds_the_value_of_a_variable_wherever_a_suite_uses_it() {
    assert!(names().len() > 25, "{:?}", names());
    for plain in [true, false] {
        let values = values(plain);
        let keys: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (own, folder) = (Folder::new(), Folder::new());
        let cases = suite(&own, SUITE);
        let world = echoing(&values);
        let report = |format: &str| format!("{format}={}/report.{format}", folder.path().display());
        let mut command = conformant(&["run", "-vv", "--cases", &cases, "--report", &report("json")]);
        command.args(["--report", &report("junit"), "--report", &report("text")]);
        command.env("API_BASE_URL", &world.url).envs(keys.iter().copied());
        let finished = Finished::of(command);
        assert!([1, 3].contains(&finished.status), "{}{}", finished.stdout, finished.stderr);
        assert!(finished.stdout.contains("curl ") && finished.stdout.contains("match-failed"), "{}", finished.stdout);
        assert!(!finished.stderr.contains("held a credential"), "{}", finished.stderr);
        nothing_leaked("a run", &finished, folder.path(), &keys);
        let json = std::fs::read_to_string(folder.path().join("report.json")).expect("a report");
        serde_json::from_str::<serde_json::Value>(&json).expect("JSON");
        let junit = std::fs::read_to_string(folder.path().join("report.junit")).expect("a report");
        roxmltree::Document::parse(&junit).expect("XML");
        for arguments in [
            &["run", "--dry-run", "--cases", &cases][..],
            &["run", "--dry-run", "--format", "json", "--cases", &cases],
            &["doctor", "-v", "--cases", &cases],
            &["doctor", "--format", "json", "--cases", &cases],
            &["lint", "--cases", &cases],
            &["list", "--cases", &cases],
        ] {
            let mut command = conformant(arguments);
            command.env("API_BASE_URL", &world.url).envs(keys.iter().copied());
            let finished = Finished::of(command);
            nothing_leaked(&arguments.join(" "), &finished, folder.path(), &keys);
            if arguments.contains(&"json") {
                serde_json::from_str::<serde_json::Value>(&finished.stdout).expect("JSON");
            }
        }
    }
}

/// A suite with one case, which expects a mode that a variable names.
const MODE: &str = "spec: document.yaml\noperation: ask\ndefaults: {auth: none}\ncases:\n  mode:\n    path: {id: \"{{uuid}}\", part: no-such-part}\n    \
    query: {mode: \"{{env.MODE}}\"}\n    expect: {status: 200, match: {/mode: \"{{env.MODE}}\"}}\n";

fn run_mode(text: &str, mode: &str, answered: &str, format: &str) -> Finished {
    let folder = Folder::new();
    let cases = suite(&folder, text);
    let body = format!("{{\"mode\":{answered:?}}}");
    let world = World::start(move |_, _| Some(world::json(200, "OK", &body)));
    let mut command = conformant(&["run", "-vv", "--format", format, "--cases", &cases]);
    command.env("API_BASE_URL", &world.url).env("MODE", mode);
    Finished::of(command)
}

#[test]
fn an_answer_is_judged_by_the_value_and_shown_without_it() {
    let finished = run_mode(MODE, "chat-flow", "chat-flow", "text").expect(0);
    assert!(
        !finished.stdout.contains("chat-flow") && finished.stdout.contains("mode\\\":\\\"*********"),
        "{}",
        finished.stdout
    );
    let finished = run_mode(MODE, "chat-flow", "other", "text").expect(1);
    assert!(!finished.stdout.contains("chat-flow") && finished.stdout.contains("match-failed"), "{}", finished.stdout);
}

#[test]
fn what_a_suite_declares_public_is_shown() {
    let public = format!("public: [MODE]\n{MODE}");
    let finished = run_mode(&public, "chat-flow", "other", "text").expect(1);
    assert!(finished.stdout.contains("chat-flow"), "{}", finished.stdout);
    assert!(finished.stderr.is_empty(), "{}", finished.stderr);
}

#[test]
fn a_value_that_is_a_word_of_the_report_tears_none_apart() {
    for word in [
        "true",
        "1234",
        "null",
        "case",
        "cases",
        "verdict",
        "findings",
        "fail",
        "failure",
        "testsuite",
        "testcase",
        "document",
        "suite/mode",
        "\"id\":",
        "conformant.report/1",
        "match-failed",
        "0.1.0",
        "message=\"",
    ] {
        for format in ["json", "junit", "text"] {
            let finished = run_mode(MODE, word, "other", format).expect(1);
            assert!(!finished.stderr.contains("held a credential"), "{word}: {}", finished.stderr);
            match format {
                "json" => {
                    let report: serde_json::Value = serde_json::from_str(&finished.stdout).expect("JSON");
                    assert_eq!(report["cases"][0]["id"], "suite/mode", "{word}");
                    let finding = &report["cases"][0]["findings"][0];
                    assert_eq!(finding["rule"], "match-failed", "{word}");
                    let expected = finding["expected"].as_str().expect("a text");
                    assert!(expected.starts_with("\"***") && !expected.contains(word), "{word}: {expected}");
                }
                "junit" => {
                    let report = roxmltree::Document::parse(&finished.stdout).expect("XML");
                    assert!(report.descendants().any(|node| node.attribute("type") == Some("match-failed")), "{word}");
                }
                _ => assert!(finished.stdout.contains("suite/mode"), "{word}: {}", finished.stdout),
            }
        }
    }
}

#[test]
fn a_value_too_short_to_be_masked_is_said_once() {
    let finished = run_mode(MODE, "abc", "abc", "text").expect(0);
    assert_eq!(finished.stderr.matches("the variable MODE holds fewer than 4 bytes").count(), 1, "{}", finished.stderr);
    assert!(finished.stderr.contains("`public: [MODE]`"), "{}", finished.stderr);
    let finished = run_mode(&format!("public: [MODE]\n{MODE}"), "abc", "abc", "text").expect(0);
    assert_eq!(finished.stderr, "");
}

#[test]
fn provided_ids_and_the_target_are_no_secrets_and_a_login_is_one() {
    let text = MODE.replace(
        "{mode: \"{{env.MODE}}\"}",
        "{mode: \"{{env.MODE}}\", a: \"{{env.API_BASE_URL}}\", b: \"{{env.ROW_USER}}\", c: \"{{env.DATABASE_URL}}\"}",
    );
    let text = format!(
        "{text}states: {{row: {{call: POST /rows, auth: none, expect: 200, capture: {{id: /id}}, from_env: ROW_IDS}}}}\n"
    );
    let folder = Folder::new();
    let cases = suite(&folder, &text);
    let database = "postgres://app:correct-horse@db.test/app";
    let body = "{\"mode\":\"other\",\"said\":\"app and correct-horse, app:correct-horse, cannot reach db.test as somebody-else\"}";
    let world = World::start(move |_, _| Some(world::json(200, "OK", body)));
    let mut command = conformant(&["run", "-vv", "--cases", &cases]);
    command.env("API_BASE_URL", &world.url).env("MODE", "chat-flow").env("ROW_IDS", "row-1@somebody");
    command.env("ROW_USER", "somebody-else").env("DATABASE_URL", database);
    let finished = Finished::of(command).expect(1);
    assert!(finished.stdout.starts_with(&format!("target: {}\n", world.url)), "{}", finished.stdout);
    assert!(finished.stdout.contains("reach db.test as somebody-else"), "{}", finished.stdout);
    assert_eq!(holds_any(finished.stdout.as_bytes(), &[("password", "correct-horse"), ("whole", database)]), None);
}

#[test]
fn a_value_that_chunks_tear_apart_is_masked_where_it_is_shown() {
    let folder = Folder::new();
    let cases = suite(&folder, MODE);
    let world = World::start(|_, _| {
        let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
        Some(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{}{}0\r\n\r\n",
            chunk("{\"mode\":\"other\",\"x\":\"violet-can"),
            chunk("yon-basket\"}")
        ))
    });
    let mut command = conformant(&["run", "-vv", "--cases", &cases]);
    command.env("API_BASE_URL", &world.url).env("MODE", "violet-canyon-basket");
    let finished = Finished::of(command).expect(1);
    assert!(!finished.stdout.contains("violet") && !finished.stdout.contains("basket"), "{}", finished.stdout);
}

#[test]
fn a_baseline_matches_the_value_and_its_mask() {
    let folder = Folder::new();
    let cases = suite(&folder, MODE);
    std::fs::create_dir_all(folder.path().join("kept/suite")).expect("a folder");
    let world = World::start(|_, _| Some(world::json(200, "OK", "{\"mode\":\"chat-flow\",\"chat-flow\":1}")));
    for (recorded, status) in [
        ("{\"mode\":\"chat-flow\",\"chat-flow\":1}", 0),
        ("{\"mode\":\"*********\",\"*********\":1}", 0),
        ("{\"mode\":\"other\",\"chat-flow\":1}", 1),
        ("{\"mode\":\"chat-flow\"}", 0),
    ] {
        let text = format!(
            "---\n---\n{{\"answers\":[{{\"status\":200,\"headers\":{{\"content-type\":\"application/json\"}},\"body\":{recorded}}}]}}\n"
        );
        folder.file("kept/suite/mode.snap", &text);
        let kept = folder.path().join("kept").display().to_string();
        let mut command = conformant(&["run", "-vv", "--cases", &cases, "--baseline", &kept]);
        command.env("API_BASE_URL", &world.url).env("MODE", "chat-flow");
        let finished = Finished::of(command).expect(status);
        assert!(!finished.stdout.contains("chat-flow"), "{recorded}: {}", finished.stdout);
        let added = finished.stdout.contains("baseline-added");
        assert_eq!(added, recorded == "{\"mode\":\"chat-flow\"}", "{recorded}: {}", finished.stdout);
    }
}
