//! `conformant run` writes its reports to stdout and files, and exits with the documented status.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/command.rs"]
mod command;

use std::process::Stdio;

use command::{Finished, Folder, conformant, run, signal, waited};
use serde_json::Value;

/// Cases that the reference is known to keep, so that what is tested is the report.
const CASES: [&str; 2] = ["delete_conversation/success", "delete_conversation/wrong_app_mode"];

fn schema_errors(report: &Value) -> Vec<String> {
    let schema = serde_json::from_str(include_str!("../docs/report.schema.json")).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema compiles");
    validator.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_first_line_names_the_target_and_every_case_has_a_line() {
    let finished = run(&["--profile", "core", "--jobs", "1", CASES[0], CASES[1]]).expect(0);
    let text = &finished.stdout;
    assert!(
        text.starts_with("target: the embedded reference server (no API_BASE_URL set), http://127.0.0.1:"),
        "{text}"
    );
    let lines: Vec<&str> = text.lines().collect();
    let table: Vec<&&str> = lines.iter().filter(|line| line.starts_with("  pass ")).collect();
    assert_eq!(table.len(), 2, "{text}");
    for (line, id) in table.iter().zip(CASES) {
        assert!(line.contains(id) && line.contains("checked against "), "{line}");
    }
    assert_eq!(lines.last(), Some(&"conforms"));
    assert!(!text.contains('\x1b'), "no colour into a pipe");
    assert_eq!(finished.stderr, "");
}

#[test]
fn json_on_stdout_and_in_a_file_fits_the_schema() {
    let folder = Folder::new();
    let path = folder.path().join("made/report.json");
    let report = format!("json={}", path.display());
    let finished = run(&["--format", "json", "--report", &report, "--repeat", "3", CASES[0], "-v"]).expect(0);
    let written = std::fs::read_to_string(&path).expect("it was written");
    assert_eq!(finished.stdout, written);
    let json: Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(schema_errors(&json), [""; 0]);
    assert_eq!(json["target"]["kind"], "reference");
    assert_eq!((&json["exit"], &json["cases"][0]["runs"]), (&Value::from(0), &Value::from(3)));
    assert_eq!(json["cases"][0]["counts"]["pass"], 3);
    let curl = json["cases"][0]["transcript"][0]["curl"].as_str().expect("what was sent is shown");
    assert!(curl.starts_with("curl ") && curl.contains("DELETE") && !curl.contains("app-"), "{curl}");
}

#[test]
fn verbose_shows_what_a_passing_case_sent_and_got() {
    let quiet = run(&[CASES[1]]).expect(0).stdout;
    assert!(!quiet.contains("curl "), "{quiet}");
    let verbose = run(&["-v", CASES[1]]).expect(0).stdout;
    assert!(verbose.contains("curl ") && verbose.contains("    < HTTP/1.1 400 "), "{verbose}");
    let bytes = run(&["-vv", CASES[1]]).expect(0).stdout;
    assert!(bytes.contains("    < HTTP/1.1 400 BAD REQUEST\\r\\n"), "{bytes}");
    assert!(bytes.contains("    > DELETE /v1/conversations/") && bytes.contains(" HTTP/1.1\\r\\n"), "{bytes}");
    assert!(
        bytes.contains("\n    > \\r\\n\n    > {\\\"user\\\":\\\"conformant-"),
        "the head's end and the body: {bytes}"
    );
}

#[test]
fn every_byte_of_a_long_answer_is_there_when_it_is_asked_for() {
    let long = format!("{}\x1b[31mthe end\x07", "0123456789".repeat(5_000));
    let url = answering::answering(move || answering::json("404 NOT FOUND", &long));
    let shown = |verbose: &str| {
        let mut command =
            conformant(&["run", "--cases", "tests/data/doors", "--base-url", &url, verbose, "doors/passes"]);
        command.env("API_KEY", "app-0123456789");
        Finished::of(command).expect(1).stdout
    };
    let once = shown("-v");
    assert!(!once.contains("the end") && once.contains("more, not kept"), "{}", once.len());
    let twice = shown("-vv");
    assert!(twice.contains(r"0123456789\x1b[31mthe end\x07") && !twice.contains("not kept"), "{}", twice.len());
    let body = twice.lines().find_map(|line| line.strip_prefix("    < 0123456789")).expect("the body's line");
    assert_eq!(body.matches("0123456789").count(), 4_999);
}

#[test]
fn fail_fast_starts_nothing_more_and_lets_what_is_under_way_end() {
    for jobs in ["1", "8"] {
        // On this release several cases fail, and the first two do not.
        let arguments = ["--release", "1.8.0", "--fail-fast", "--jobs", jobs, "--format", "json"];
        let report: Value = serde_json::from_str(&run(&arguments).expect(1).stdout).expect("JSON");
        assert_eq!(schema_errors(&report), [""; 0]);
        let cases = report["cases"].as_array().expect("cases");
        let of = |verdict: &str| cases.iter().filter(|case| case["verdict"] == verdict).collect::<Vec<_>>();
        assert!(!of("fail").is_empty() && of("error").is_empty(), "{report}");
        for case in of("skipped") {
            assert_eq!(
                (&case["runs"], &case["reason"]),
                (&0.into(), &"stopped after the first failure (--fail-fast)".into())
            );
        }
        assert!(of("skipped").len() >= if jobs == "1" { cases.len() - 3 } else { 1 }, "{report}");
        assert_eq!(report["left_behind"], Value::Array(Vec::new()));
    }
    let text = run(&["--release", "1.8.0", "--fail-fast", "--jobs", "1"]).expect(1).stdout;
    assert!(text.contains("  skip  delete_conversation/repeat "), "{text}");
    assert!(text.contains("  stopped after the first failure (--fail-fast)\n"), "{text}");
    assert!(text.contains(" skipped, 1 fail\ndoes not conform\n"), "{text}");
}

/// With `--strict` a run also fails by findings of level should, and by known deviations that did not occur.
#[test]
fn fail_fast_stops_at_whatever_fails_the_run() {
    let body = r#"{"code":"not_found","message":"Another text.","status":404}"#;
    let url = answering::answering(move || answering::json("404 NOT FOUND", body));
    let folder = Folder::new();
    let case = "    path: {conversation_id: \"{{uuid}}\"}\n    expect: {status: 404, example: conversation_not_exists";
    let cases = |free: &str| ["one", "two", "three"].map(|name| format!("  {name}:\n{case}{free}}}\n")).concat();
    let spec = std::path::absolute("spec/openapi_chatflow.yaml").expect("a path");
    let head = format!(
        "spec: '{}'\noperation: deleteAdvancedConversation\ncredentials:\n  chat_app: {{env: API_KEY}}\n\
         defaults: {{auth: chat_app, json: {{user: x}}}}\ncases:\n",
        spec.display()
    );
    let suite = folder.file("free.yaml", &(head + &cases(", free: [/message]")));
    let counts = |more: &[&str], status: i32| {
        let arguments = ["run", "--cases", &suite, "--base-url", &url, "--jobs", "1", "--format", "json"];
        let mut command = conformant(&[&arguments[..], more].concat());
        command.env("API_KEY", "app-0123456789");
        let report: Value = serde_json::from_str(&Finished::of(command).expect(status).stdout).expect("JSON");
        let count = |name: &str| report["summary"][name].as_u64().expect("a count");
        (count("pass"), count("skipped"))
    };
    assert_eq!(counts(&["--strict", "--fail-fast"], 1), (1, 2));
    assert_eq!(counts(&["--strict"], 1), (3, 0));
    assert_eq!(counts(&["--fail-fast"], 0), (3, 0));
    let known = |case: &str, rule: &str| {
        format!("- {{case: free/{case}, rule: {rule}, reason: it is, link: https://x.test, until: 2999-01-01}}\n")
    };
    let all = ["one", "two", "three"].map(|case| known(case, "free-text-changed")).concat();
    folder.file("known_deviations.yaml", &all);
    assert_eq!(counts(&["--strict", "--fail-fast"], 0), (3, 0), "what is known fails nothing");
    folder.file("known_deviations.yaml", &(all + &known("two", "status-unexpected")));
    assert_eq!(counts(&["--strict", "--fail-fast", "--repeat", "2"], 1), (2, 1), "it did not occur in the second");
}

#[test]
fn the_verdict_survives_a_reader_that_stops_early() {
    let mut child =
        conformant(&["run", CASES[1]]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    assert_eq!(waited(&mut child), 0);
}

#[test]
fn bad_addresses_are_bad_input() {
    for url in ["not a url", "http://", "ftp://127.0.0.1/v1", "127.0.0.1:8080", "https://api.dify.ai/v1"] {
        let mut command = conformant(&["run", "--base-url", url]);
        command.env("API_KEY", "app-0123456789").env("WRONG_MODE_API_KEY", "app-9876543210");
        let finished = Finished::of(command).expect(2);
        assert!(finished.stderr.starts_with("error: ") && finished.stdout.is_empty(), "{url}: {}", finished.stderr);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_reports_and_says_so() {
    use std::io::Read as _;

    let silent = answering::Silent::start();
    let mut command = conformant(&["run", "--format", "json", "--base-url", &silent.url]);
    command.env("API_KEY", "app-0123456789").env("WRONG_MODE_API_KEY", "app-9876543210");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    // Once a request has come, the run is under way.
    silent.asked();
    signal(&child, "INT");
    let mut text = String::new();
    child.stdout.take().expect("its stdout").read_to_string(&mut text).expect("text");
    assert_eq!(waited(&mut child), 130, "{text}");
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(schema_errors(&json), [""; 0]);
    assert_eq!((&json["interrupted"], &json["exit"]), (&Value::from(true), &Value::from(130)));
}
