//! No output holds a command for a CI system or a character that controls a terminal, whatever the inputs and responses
//! hold.
//!
//! `tests/data/logs/attacks.json` is the data. Each text is put in every place at once, marked with the name of the
//! place. The rules that judge the outputs are written here, independently of the code.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/command.rs"]
mod command;
#[path = "support/door.rs"]
mod door;

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use command::{Finished, Folder, conformant};
use serde_json::Value;

fn attacks() -> Vec<String> {
    serde_json::from_str(include_str!("data/logs/attacks.json")).expect("a list of texts")
}

/// An attack that says where it stands.
fn at(attack: &str, place: &str) -> String {
    attack.replace("owned", &format!("owned-{place}"))
}

/// A scalar of YAML with everything but letters and digits escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else {
            let _ = write!(out, "\\U{:08X}", u32::from(c));
        }
    }
    out + "\""
}

/// What is wrong with a text for a log, if anything.
fn fault(text: &str) -> Option<String> {
    let unseen = |c: char| {
        matches!(u32::from(c),
            0..=8 | 0xb..=0x1f | 0x7f..=0x9f | 0xad | 0x34f | 0x61c | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202e
            | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xfff9..=0xfffb | 0x1d173..=0x1d17a | 0xe0000..=0xe007f)
    };
    if let Some(c) = text.chars().find(|c| unseen(*c)) {
        return Some(format!("the character U+{:04X}", u32::from(c)));
    }
    text.lines().find_map(command_of).map(|(line, command)| format!("{command} in the line {line:?}"))
}

/// The command that a line holds.
fn command_of(line: &str) -> Option<(&str, &'static str)> {
    let lower = line.to_lowercase();
    let words = ["section_start:", "section_end:", "travis_fold:", "travis_time:", "##[", "##vso[", "##teamcity["];
    let start = lower.trim_start();
    let headings = ["---", "+++", "~~~", "^^^"];
    let is_heading =
        |mark: &&str| start.strip_prefix(*mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let found = words.into_iter().find(|word| lower.contains(word)).or_else(|| start.starts_with("::").then_some("::"));
    found.or_else(|| headings.into_iter().find(|mark| is_heading(mark))).map(|command| (line, command))
}

/// Panics unless an output is fit for a log and shows what stood at these places.
#[track_caller]
fn judge(what: &str, text: &str, places: &[&str]) {
    if let Some(fault) = fault(text) {
        panic!("{what}: {fault}\n{}", text.escape_debug().to_string().replace("\\n", "\n"));
    }
    for place in places {
        assert!(text.contains(&format!("owned-{place}")), "{what} does not show the {place}:\n{text}");
    }
}

/// The texts and values of XML, each as a log would have it that prints it alone.
fn judge_xml(what: &str, text: &str) {
    let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{what}: {error}\n{text}"));
    for node in document.descendants() {
        let values = node.attributes().map(|attribute| attribute.value()).chain(node.text().filter(|_| node.is_text()));
        for value in values {
            judge(what, value, &[]);
        }
    }
}

/// Whether a string of a JSON value holds a text.
fn holds(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text.contains(wanted),
        Value::Array(items) => items.iter().any(|item| holds(item, wanted)),
        Value::Object(members) => members.values().any(|member| holds(member, wanted)),
        _ => false,
    }
}

/// Panics unless an output is JSON, fit for a log, in which each of these texts stands as it is.
#[track_caller]
fn judge_json(what: &str, text: &str, wanted: &[String]) {
    judge(what, text, &[]);
    for line in text.lines() {
        assert!(!line.contains("::"), "{what}: {line}");
    }
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}\n{text}"));
    for wanted in wanted {
        assert!(holds(&value, wanted), "{what} holds no {wanted:?}:\n{text}");
    }
}

/// Suite and document that hold an attack wherever they can, and a target that answers with it.
struct World {
    folder: Folder,
    suite: String,
    url: String,
}

impl World {
    fn new(attack: &str) -> Self {
        let folder = Folder::new();
        let text = |place: &str| quoted(&at(attack, place));
        folder.file(
            "api.yaml",
            &format!(
                "openapi: 3.0.1\ninfo: {{title: {}, version: {}}}\npaths:\n  /a:\n    get:\n      operationId: getA\n      \
                 summary: {}\n      responses:\n        '200':\n          description: {}\n          content:\n            \
                 application/json: {{example: {{code: {}}}}}\n",
                text("title"),
                text("version"),
                text("summary"),
                text("description"),
                text("example")
            ),
        );
        let about = [text("about"), text("bare")];
        let suite = folder.file(
            "hostile.yaml",
            &format!(
                "spec: api.yaml\noperation: getA\ncases:\n  one:\n    about: {}\n    query: {{q: {}}}\n    expect: {{status: \
                 200, example: example, match: {{/code: {}}}}}\n  two: {{about: {}, query: {{raw: 1}}, expect: 200}}\n",
                about[0],
                text("query"),
                text("match"),
                about[1]
            ),
        );
        let body = serde_json::json!({"code": at(attack, "body"), "more": at(attack, "more")}).to_string();
        let raw = format!("{body}\n{}\n", at(attack, "raw"));
        let flat: String = attack.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        let (reason, field) = (at(&flat, "reason"), at(&flat, "field"));
        let url = answering::answering_to(move |request| {
            let body = if request.contains("raw=1") { &raw } else { &body };
            format!(
                "HTTP/1.1 200 {reason}\r\nContent-Type: application/json\r\nX-Field: {field}\r\nConnection: \
                 close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        });
        Self { folder, suite, url }
    }

    fn command(&self, arguments: &[&str]) -> Finished {
        let mut command = conformant(arguments);
        command.args(["--cases", &self.suite]);
        if !matches!(arguments[0], "lint" | "list") {
            command.args(["--base-url", &self.url]);
        }
        Finished::of(command)
    }
}

#[test]
fn no_report_holds_a_command_whatever_target_document_and_suite_say() {
    for attack in attacks() {
        let world = World::new(&attack);
        let said = |arguments: &[&str], status: i32| {
            let finished = world.command(arguments).expect(status);
            judge(&format!("stderr of {arguments:?} with {attack:?}"), &finished.stderr, &[]);
            (format!("{arguments:?} with {attack:?}"), finished.stdout)
        };
        let places = ["title", "version", "about", "match", "body", "raw", "reason", "field"];
        let (what, text) = said(&["run"], 1);
        judge(&what, &text, &places);
        let (what, text) = said(&["run", "-vv"], 1);
        judge(&what, &text, &places);
        let file = world.folder.path().join("report.txt").display().to_string();
        let (what, text) = said(&["run", "--format", "junit", "--report", &format!("text={file}")], 1);
        judge(&what, &text, &places);
        judge_xml(&what, &text);
        judge("the report in a file", &fs::read_to_string(&file).expect("a report"), &places);
        let exact = |places: &[&str]| places.iter().map(|place| at(attack.trim(), place)).collect::<Vec<_>>();
        let (what, text) = said(&["run", "--format", "json"], 1);
        judge_json(&what, &text, &exact(&["title", "version", "about", "raw"]));
        let (what, text) = said(&["run", "--dry-run"], 0);
        judge(&what, &text, &["about"]);
        let (what, text) = said(&["run", "--dry-run", "--format", "json"], 0);
        judge_json(&what, &text, &[]);
        let (what, text) = said(&["lint"], 0);
        judge(&what, &text, &["title", "version"]);
        let (what, text) = said(&["lint", "--format", "json"], 0);
        judge_json(&what, &text, &exact(&["title", "version"]));
    }
}

#[test]
fn neither_the_doctor_nor_the_test_door_prints_a_command() {
    for attack in attacks() {
        let world = World::new(&attack);
        let mut doctor = world.command(&["doctor"]);
        judge("doctor", &doctor.stdout, &[]);
        doctor = world.command(&["doctor", "--format", "json"]);
        judge_json("doctor", &doctor.stdout, &[]);
        let mut command = Command::new(door::conformance_test());
        command.env_clear().env("CONFORMANT_CASES", &world.suite).env("API_BASE_URL", &world.url);
        command.env("TMPDIR", env!("CARGO_TARGET_TMPDIR"));
        let ended = Finished::of(command).expect(101);
        judge("the runner's stdout", &ended.stdout, &["about", "match", "body", "raw", "reason", "field"]);
        judge("the runner's stderr", &ended.stderr, &["title", "version"]);
    }
}

/// What a caller may write anywhere, in the command and in variables: all of it is bad input, and shown.
#[test]
fn no_message_about_flags_and_variables_holds_a_command() {
    let (suite, listed) = ("tests/data/doors", "--cases=tests/data/doors");
    for attack in attacks() {
        let attack = at(&attack, "flag");
        let flag = format!("--{}", attack.trim_start());
        let equal = format!("--jobs={attack}");
        let report = format!("{attack}=x");
        let header = format!("{attack}: x");
        let missing = format!("tests/no/{attack}");
        let lines: [&[&str]; 19] = [
            &["run", &flag],
            &[&flag],
            &["serve", "--port", &attack],
            &["list", listed, "--profile", &attack],
            &["run", "--cases", suite, &equal],
            &["run", "--cases", &missing],
            &["run", "--cases", suite, "--spec", &missing],
            &["run", "--cases", suite, "--base-url", &attack],
            &["run", "--cases", suite, "--release", &attack],
            &["run", "--cases", suite, "--timeout", &attack],
            &["run", "--cases", suite, "--format", &attack],
            &["run", "--cases", suite, "--report", &report],
            &["run", "--cases", suite, "--ca-file", &missing],
            &["run", "--cases", suite, "--header", &header],
            &["run", "--cases", suite, "--env-file", &missing],
            &["run", "--cases", suite, "--baseline", &missing],
            &["list", listed, &attack],
            &["explain", &attack],
            &["clean", &missing],
        ];
        for arguments in lines {
            let ended = Finished::of(conformant(arguments));
            let what = format!("{arguments:?}");
            // What follows a line break may well be a field.
            let expected = if arguments.contains(&"--header") { 1..=2 } else { 2..=2 };
            assert!(expected.contains(&ended.status), "{what}: {}{}", ended.stdout, ended.stderr);
            judge(&what, &ended.stderr, &[]);
            judge(&what, &ended.stdout, &[]);
        }
        for (name, value) in [
            ("API_BASE_URL".to_owned(), attack.clone()),
            ("CONFORMANT_JOBS".to_owned(), attack.clone()),
            (format!("CONFORMANT_{}", attack.replace('=', "-")), "1".to_owned()),
            ("HTTPS_PROXY".to_owned(), attack.clone()),
        ] {
            let mut command = conformant(&["run", "--cases", suite, "--base-url", "https://x.invalid"]);
            if name == "API_BASE_URL" {
                command = conformant(&["run", "--cases", suite]);
            }
            command.env("API_KEY", "app-0123456789").env(&name, value);
            let ended = Finished::of(command);
            assert!(ended.status == 2 || ended.status == 3, "{name:?}: {ended:?}");
            judge(&format!("{name:?}"), &ended.stderr, &[]);
            judge(&format!("{name:?}"), &ended.stdout, &[]);
        }
    }
}

#[cfg(unix)]
#[test]
fn no_message_about_a_file_holds_a_command() {
    for attack in attacks() {
        let name = at(&attack, "file").replace('/', "_");
        let folder = Folder::new();
        let api = r#"{"openapi": "3.0.1", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": {"operationId": "getA",
            "responses": {"200": {"description": "ok"}}}}}}"#;
        let suite = |spec: &str| format!("spec: {}\noperation: getA\ncases: {{one: {{expect: 200}}}}\n", quoted(spec));
        folder.file("api.yaml", api);
        folder.file(&format!("{name}.json"), api);
        folder.file("named.yaml", &suite(&format!("{name}.json")));
        let named = folder.path().join("named.yaml").display().to_string();
        let run = |arguments: &[&str]| {
            let ended = Finished::of(conformant(arguments));
            judge(&format!("stderr of {arguments:?}"), &ended.stderr, &[]);
            judge(&format!("stdout of {arguments:?}"), &ended.stdout, &[]);
            ended
        };
        // The document's name stands in every report.
        let linted = run(&["lint", "--cases", &named]).expect(0);
        judge("lint", &linted.stdout, &["file"]);
        run(&["run", "--cases", &named, "--base-url", &command::nowhere()]).expect(3);
        // The suite's name is part of every id, so it is refused.
        let below = folder.path().join("below");
        fs::create_dir(&below).expect("a folder");
        fs::write(below.join(format!("{name}.yaml")), suite("../api.yaml")).expect("a suite");
        for cases in [below.display().to_string(), below.join(format!("{name}.yaml")).display().to_string()] {
            let ids = run(&["list", "--cases", &cases]).expect(2);
            assert!(ids.stderr.contains("cannot name a suite"), "{}", ids.stderr);
        }
        // What is passed over is named in a note, and what cannot be read in an error with its place.
        fs::remove_file(below.join(format!("{name}.yaml"))).expect("it is there");
        fs::write(below.join(format!("{name}.yml")), suite("../api.yaml")).expect("a suite");
        fs::write(below.join("good.yaml"), suite("../api.yaml")).expect("a suite");
        let ids = run(&["list", "--cases", &below.display().to_string()]).expect(0);
        judge("the note", &ids.stderr, &["file"]);
        fs::write(folder.path().join(format!("{name}.json")), "{\"openapi\": [\n").expect("a document");
        judge("the error", &run(&["list", "--cases", &named]).expect(2).stderr, &["file"]);
        let journal = folder.path().join(format!("{name}.journal"));
        let mut command = conformant(&["run", "--cases", &below.display().to_string(), "--journal"]);
        command.arg(&journal).args(["--base-url", &command::nowhere()]);
        judge("the journal's name", &Finished::of(command).expect(3).stdout, &[]);
        run(&[
            "run",
            "--cases",
            &below.display().to_string(),
            "--report",
            &format!("json={}", folder.path().join(&name).join("a/b").display()),
        ])
        .expect(2);
    }
}

/// What is no command is left alone.
#[test]
fn text_without_commands_is_not_changed() {
    let text = "naïve 会话 🙂 suite::case std::io http://[::1]:1 # a ## b --- c";
    let world = World::new(text);
    let finished = world.command(&["run"]).expect(1);
    assert!(finished.stdout.contains(text), "{}", finished.stdout);
}
