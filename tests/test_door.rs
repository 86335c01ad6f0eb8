//! `cargo test` judges, reports and ends like the command.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/command.rs"]
mod command;
#[path = "support/door.rs"]
mod door;
#[path = "support/world.rs"]
mod world;

use std::process::{Command, Stdio};

use command::{Finished, Folder, conformant, nowhere, signal, waited};
use roxmltree::{Document, Node};
use serde_json::Value;

/// One case that passes, one that fails, one that is skipped; against the reference inside.
const DOORS: &str = "tests/data/doors";

/// The test target, with nothing of the caller's environment, started from a folder that is not the package's.
fn door(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(door::conformance_test());
    command.args(arguments).env_clear().envs(variables.iter().copied()).current_dir(std::env::temp_dir());
    command
}

fn finished(arguments: &[&str], variables: &[(&str, &str)]) -> Finished {
    Finished::of(door(arguments, variables))
}

/// The verdicts of a report by case id.
fn verdicts(json: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let cases = json["cases"].as_array().expect("cases");
    cases.iter().map(|case| (text(&case["id"]), text(&case["verdict"]))).collect()
}

/// A report without what is another in every run: times, ports, and what was sent and came.
fn lasting(mut json: Value) -> Value {
    json["duration_ms"].take();
    json["target"]["url"].take();
    json["preflight"].take();
    for case in json["cases"].as_array_mut().expect("cases") {
        case["duration_ms"].take();
        case["transcript"].take();
    }
    json
}

#[test]
fn paths_are_taken_from_the_packages_folder() {
    let ended = finished(&["delete_conversation::success"], &[]).expect(0);
    assert!(ended.stdout.contains("test delete_conversation::success ... ok"), "{}", ended.stdout);
    let ended = finished(&["--list"], &[("CONFORMANT_CASES", DOORS)]).expect(0);
    assert_eq!(ended.stdout.lines().count(), 3, "{}", ended.stdout);
    let ended = finished(&[], &[("CONFORMANT_CASES", "no/such/folder")]).expect(2);
    let tried = format!("{}/no/such/folder", env!("CARGO_MANIFEST_DIR"));
    assert!(ended.stderr.contains(&tried), "{}", ended.stderr);
}

#[test]
fn what_a_run_is_about_stands_first() {
    let ended = finished(&[], &[("CONFORMANT_CASES", DOORS), ("CONFORMANT_PROFILE", "extended")]).expect(101);
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert!(lines[0].starts_with("target: the embedded reference server (no API_BASE_URL set)"), "{}", ended.stderr);
    assert!(lines[1].starts_with("document: Chatflow App API 1.0.0, "), "{}", ended.stderr);
    assert!(lines[1].contains("sha256 89eade190811"), "{}", ended.stderr);
    assert_eq!(lines[2], "profile: extended");
    assert!(lines[3].starts_with("note: doors::skipped is skipped: DOORS_UNSET_KEY is not set"), "{}", ended.stderr);
}

#[test]
fn reports_hold_every_selected_case() {
    let folder = Folder::new();
    let (junit, json) = (folder.path().join("door.xml"), folder.path().join("door.json"));
    let wish = format!("junit={},json={}", junit.display(), json.display());
    finished(&[], &[("CONFORMANT_CASES", DOORS), ("CONFORMANT_REPORT", &wish)]).expect(101);
    let text = std::fs::read_to_string(&junit).expect("it was written");
    let document = Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let count = |name: &str| document.root_element().attribute(name).map(str::to_owned);
    assert_eq!(["tests", "failures", "skipped", "errors"].map(count).map(Option::unwrap), ["3", "1", "1", "0"]);
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).expect("a failure");
    assert_eq!(failure.attribute("type"), Some("status-unexpected"));
    let suite = failure.ancestors().find(|node| node.has_tag_name("testsuite"));
    assert_eq!(suite.and_then(|suite: Node<'_, '_>| suite.attribute("name")), Some("doors (embedded reference)"));
    let report: Value = serde_json::from_str(&std::fs::read_to_string(&json).expect("written")).expect("JSON");
    let own = conformant(&["run", "--cases", DOORS, "--format", "json"]);
    let own: Value = serde_json::from_str(&Finished::of(own).expect(1).stdout).expect("JSON");
    assert_eq!(lasting(report), lasting(own), "both doors write the same");

    finished(&["doors::passes"], &[("CONFORMANT_CASES", DOORS), ("CONFORMANT_REPORT", &wish)]).expect(0);
    let report: Value = serde_json::from_str(&std::fs::read_to_string(&json).expect("written")).expect("JSON");
    assert_eq!(verdicts(&report), [("doors/passes".to_owned(), "pass".to_owned())]);
}

#[test]
fn a_report_of_a_run_that_never_began_is_red() {
    let url = nowhere();
    let folder = Folder::new();
    let junit = folder.path().join("door.xml");
    let wish = format!("junit={}", junit.display());
    let variables =
        [("CONFORMANT_CASES", DOORS), ("CONFORMANT_REPORT", &wish), ("API_BASE_URL", &url), ("API_KEY", "k")];
    let ended = finished(&[], &variables).expect(3);
    assert!(ended.stderr.contains("error: "), "{}", ended.stderr);
    let text = std::fs::read_to_string(&junit).expect("it was written");
    let document = Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(document.root_element().attribute("errors"), Some("1"), "{text}");
    assert!(text.contains(&format!("({url})")), "the target's name in the suite's: {text}");
}

#[test]
fn after_a_failure_the_rest_is_ignored_when_that_is_wanted() {
    let folder = Folder::new();
    let json = folder.path().join("door.json");
    let wish = format!("json={}", json.display());
    let variables = [
        ("CONFORMANT_CASES", DOORS),
        ("CONFORMANT_FAIL_FAST", "1"),
        ("CONFORMANT_RELEASE", "1.8.0"),
        ("CONFORMANT_REPORT", &wish),
    ];
    // On this release every case of the suite fails, so the first one ends it.
    let ended = finished(&["--test-threads", "1"], &variables).expect(101);
    assert!(ended.stdout.contains("test doors::passes  ... FAILED"), "{}", ended.stdout);
    assert!(ended.stdout.contains("test doors::fails   ... ignored"), "{}", ended.stdout);
    let report: Value = serde_json::from_str(&std::fs::read_to_string(&json).expect("written")).expect("JSON");
    let fails = report["cases"].as_array().and_then(|cases| cases.iter().find(|case| case["id"] == "doors/fails"));
    let reason = fails.expect("it is there")["reason"].as_str().expect("a reason");
    assert!(reason.contains("--fail-fast"), "{reason}");
}

#[test]
fn as_many_cases_run_at_a_time_as_is_wanted() {
    const MANY: usize = 24;
    let suite = std::fs::read_to_string(format!("{DOORS}/doors.yaml")).expect("the suite");
    let spec = format!("{}/spec", env!("CARGO_MANIFEST_DIR"));
    let (head, rest) = suite.split_once("  passes:").expect("the first case");
    let (passes, _) = rest.split_once("\n\n").expect("the second case");
    let cases = (0..MANY).fold(head.replace("../../../spec", &spec), |all, number| {
        all + "  number_" + &number.to_string() + ":" + passes + "\n"
    });
    let folder = Folder::new();
    folder.file("many.yaml", &cases);
    // Nobody is answered until all have asked.
    let all = std::sync::Barrier::new(MANY);
    let body = r#"{"code":"not_found","message":"Conversation Not Exists.","status":404}"#;
    let url = answering::answering(move || {
        all.wait();
        answering::json("404 NOT FOUND", body)
    });
    let path = folder.path().display().to_string();
    let jobs = MANY.to_string();
    let variables =
        [("CONFORMANT_CASES", path.as_str()), ("API_BASE_URL", &url), ("API_KEY", "k"), ("CONFORMANT_JOBS", &jobs)];
    let ended = finished(&[], &variables).expect(0);
    assert!(ended.stdout.contains("24 passed; 0 failed"), "{}", ended.stdout);
}

#[test]
fn nothing_judged_is_no_pass() {
    let folder = Folder::new();
    let suite = std::fs::read_to_string(format!("{DOORS}/doors.yaml")).expect("the suite");
    let spec = format!("{}/spec", env!("CARGO_MANIFEST_DIR"));
    let (head, _) = suite.split_once("  passes:").expect("the first case");
    let (_, skipped) = suite.split_once("  skipped:").expect("the last case");
    folder.file("only.yaml", &format!("{}  skipped:{skipped}", head.replace("../../../spec", &spec)));
    let cases = folder.path().display().to_string();
    let ended = finished(&[], &[("CONFORMANT_CASES", &cases)]).expect(3);
    assert!(ended.stdout.contains("1 ignored") && ended.stderr.contains("no case was judged"), "{}", ended.stderr);
    let ended = finished(&["--ignored"], &[("CONFORMANT_CASES", &cases)]).expect(0);
    assert!(ended.stdout.contains("0 passed; 0 failed; 1 ignored"), "no pass either way: {}", ended.stdout);
    let ended = finished(&["fits-nothing"], &[("CONFORMANT_CASES", &cases)]).expect(0);
    assert!(ended.stderr.contains("no case matches the filter"), "{}", ended.stderr);
}

#[test]
fn failures_and_cases_without_a_verdict_are_both_reported() {
    let folder = Folder::new();
    let spec = std::path::absolute("spec/openapi_chatflow.yaml").expect("a path");
    let cases = folder.file(
        "both.yaml",
        &format!(
            "spec: {}\noperation: deleteAdvancedConversation\ncredentials: {{chat_app: {{env: API_KEY}}}}\nstates:\n  \
             broken: {{call: POST /nowhere, auth: chat_app, expect: 200, capture: {{id: /id}}}}\ndefaults: {{auth: chat_app, \
             path: {{conversation_id: \"{{{{uuid}}}}\"}}, json: {{user: u}}}}\ncases:\n  fails: {{expect: 204}}\n  \
             breaks: {{given: {{mine: broken}}, expect: 404}}\n",
            spec.display()
        ),
    );
    let said = "1 failed, 1 could not be judged";
    let ended = finished(&[], &[("CONFORMANT_CASES", &cases)]).expect(101);
    assert!(ended.stderr.lines().any(|line| line == said), "{}", ended.stderr);
    let ended = command::run(&["run", "--cases", &cases]).expect(3);
    assert!(ended.stdout.lines().any(|line| line == said), "{}", ended.stdout);
}

#[test]
fn verbose_shows_what_passing_cases_sent_and_got_here_too() {
    let shown = |verbose| {
        let variables = [("CONFORMANT_CASES", DOORS), ("CONFORMANT_VERBOSE", verbose)];
        finished(&["doors::passes"], &variables).expect(0).stderr
    };
    assert!(!shown("0").contains("curl "));
    let once = shown("1");
    assert!(once.contains("pass  doors/passes") && once.contains("    < HTTP/1.1 404 "), "{once}");
    assert!(shown("2").contains("    < HTTP/1.1 404 NOT FOUND\\r\\n"), "every byte");
    let without = finished(&["doors::passes"], &[("CONFORMANT_CASES", DOORS), ("CONFORMANT_FORMAT", "json")]).expect(0);
    assert!(without.stderr.contains("note: CONFORMANT_FORMAT has no effect here"), "{}", without.stderr);
}

#[test]
fn a_runner_with_a_process_per_case_gets_no_report_that_would_hold_one() {
    let runner = ("NEXTEST_EXECUTION_MODE", "process-per-test");
    let variables = [("CONFORMANT_CASES", DOORS), ("CONFORMANT_REPORT", "junit=target/never.xml"), runner];
    let ended = finished(&["doors::passes", "--exact"], &variables).expect(2);
    assert!(ended.stderr.contains("CONFORMANT_REPORT asks for a report of the run"), "{}", ended.stderr);
    finished(&["doors::passes", "--exact"], &[("CONFORMANT_CASES", DOORS), runner]).expect(0);
}

#[test]
fn a_contract_that_the_reference_does_not_serve_needs_a_target() {
    let other = [("CONFORMANT_CASES", "examples/print_jobs/cases")];
    let ended = finished(&[], &other).expect(2);
    let own = Finished::of(conformant(&["run", "--cases", "examples/print_jobs/cases"])).expect(2);
    for ended in [&ended, &own] {
        assert!(ended.stderr.contains("the embedded reference serves only DELETE /conversations/"), "{}", ended.stderr);
        assert!(ended.stderr.contains("call_back.yaml judges DELETE /queues/{queue}/jobs/{job}"), "{}", ended.stderr);
        assert!(ended.stderr.contains("set API_BASE_URL"), "{}", ended.stderr);
    }
    finished(&["--list"], &other).expect(0);
    // A suite that is not asked for is in nobody's way.
    let both = Folder::new();
    let root = env!("CARGO_MANIFEST_DIR");
    for (name, path) in
        [("own.yaml", "cases/delete_conversation.yaml"), ("other.yaml", "examples/print_jobs/cases/call_back.yaml")]
    {
        let folder = std::path::Path::new(root).join(path);
        let spec = folder.parent().and_then(|cases| cases.parent()).expect("its folder").join("spec");
        let text = std::fs::read_to_string(&folder).expect("a suite").replace("../spec", &spec.display().to_string());
        both.file(name, &text);
    }
    let cases = both.path().display().to_string();
    Finished::of(conformant(&["run", "--cases", &cases])).expect(2);
    Finished::of(conformant(&["run", "--cases", &cases, "own/success"])).expect(0);
}

#[test]
fn the_repository_of_a_team_is_whole() {
    // `.ci/run` builds it and runs its own `cargo test`; here is what that finds.
    let mut command = conformant(&["run", "--format", "json"]);
    command.current_dir(format!("{}/examples/team_repository", env!("CARGO_MANIFEST_DIR")));
    let report: Value = serde_json::from_str(&Finished::of(command).expect(0).stdout).expect("JSON");
    assert!(report["summary"]["pass"].as_u64() >= Some(3), "{report}");
    assert_eq!(report["document"]["file"], "spec/conversations.yaml");
    let code = |text: &'static str| text.lines().filter(|line| !line.starts_with("//")).collect::<Vec<_>>();
    assert_eq!(
        code(include_str!("../examples/team_repository/tests/conformance.rs")),
        code(include_str!("conformance.rs"))
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_a_red_report() {
    let silent = answering::Silent::start();
    let folder = Folder::new();
    let junit = folder.path().join("door.xml");
    let wish = format!("junit={}", junit.display());
    let variables =
        [("CONFORMANT_CASES", DOORS), ("CONFORMANT_REPORT", &wish), ("API_BASE_URL", &silent.url), ("API_KEY", "k")];
    let mut command = door(&[], &variables);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    silent.asked();
    signal(&child, "TERM");
    assert_eq!(waited(&mut child), 130);
    let text = std::fs::read_to_string(&junit).expect("it was written");
    let document = Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(document.root_element().attribute("errors"), Some("1"), "{text}");
    assert!(text.contains("type=\"interrupted\""), "{text}");
}

#[test]
fn no_value_of_a_variable_in_a_suite_is_shown() {
    let folder = Folder::new();
    folder.file("document.yaml", include_str!("data/secrets/document.yaml"));
    let suite = "spec: document.yaml\noperation: ask\ncases:\n  one:\n    auth: none\n    path: {id: \"{{uuid}}\", part: no-such-part}\n    \
                 query: {q: \"{{env.MODE}}\"}\n    expect: {status: 200, match: {/mode: \"{{env.MODE}}\"}}\n";
    let cases = folder.file("suite.yaml", suite);
    let world = world::World::start(|_, _| Some(world::json(200, "OK", "{\"mode\":\"other\",\"x\":\"chat-flow\"}")));
    let path = folder.path().join("report.xml").display().to_string();
    let variables = |cases| {
        [
            ("API_BASE_URL", world.url.clone()),
            ("MODE", "chat-flow".to_owned()),
            ("CONFORMANT_CASES", cases),
            ("CONFORMANT_VERBOSE", "2".to_owned()),
            ("CONFORMANT_REPORT", format!("junit={path}")),
        ]
    };
    let run = |cases: String, status| {
        let variables = variables(cases);
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let ended = finished(&[], &variables).expect(status);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!said.contains("chat-flow"), "{said}");
        said
    };
    let said = run(cases, 101);
    assert!(said.contains("match-failed") && said.contains("curl "), "{said}");
    let report = std::fs::read_to_string(&path).expect("a report");
    assert!(report.contains("match-failed") && !report.contains("chat-flow"), "{report}");
    let broken = folder.file("broken.yaml", "# {{env.MODE}}\noperation: x\nchat-flow: 1\n");
    assert!(run(broken, 2).contains("unknown key `*********`"));
}
