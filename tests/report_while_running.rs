//! The text report grows while the run goes on, but not where a secret may become known later.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/command.rs"]
mod command;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use command::{Folder, conformant, signal, waited};

/// Longer than any of these tests waits for anything.
const LONG: Duration = Duration::from_secs(100);

/// The cases that every suite here has, one after the other: the second one is answered when the test lets it.
const CASES: &str = "  fails:\n    auth: {header: \"Bearer TOKEN\"}\n    expect: 200\n  held:\n    auth: {header: \"Bearer TOKEN\"}\n    \
                     query: {held: x}\n    expect: 404\n";

/// A server that answers 404, and the requests of the second case only once it is let.
struct Holding {
    url: String,
    /// Tells of each request that is held.
    came: Receiver<()>,
    let_go: Sender<()>,
}

impl Holding {
    fn start() -> Self {
        let (tell, came) = channel();
        let (let_go, wait) = channel::<()>();
        let shared = Mutex::new((tell, wait));
        let url = answering::answering_to(move |line| {
            if line.contains("held=x") {
                let shared = shared.lock().expect("nobody panics with it");
                let _ = shared.0.send(());
                let _ = shared.1.recv_timeout(LONG);
            }
            if line.starts_with("POST") {
                return answering::json("200 OK", "{\"token\":\"tok-0123456789abcdef\"}");
            }
            answering::json("404 NOT FOUND", "{}")
        });
        Self { url, came, let_go }
    }
}

/// A suite whose cases send a credential of this text, which may stand for what a state captures.
fn suite(folder: &Folder, states: &str, given: &str, token: &str) -> String {
    folder.file(
        "document.yaml",
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  \
         /me: {get: {operationId: me, security: [{Bearer: []}], responses: {'200': {description: ok}, '404': {description: none}}}}\n\
         components: {securitySchemes: {Bearer: {type: http, scheme: bearer}}}\n",
    );
    let cases = CASES.replace("TOKEN", token).replace("    auth", &format!("{given}    auth"));
    folder.file("live.yaml", &format!("spec: document.yaml\noperation: me\n{states}cases:\n{cases}"))
}

fn fixed(folder: &Folder) -> String {
    suite(folder, "", "", "not-a-secret-of-anybody")
}

/// The run, one case at a time.
fn running(cases: &str, url: &str) -> Command {
    let mut command = conformant(&["run", "--cases", cases, "--base-url", url, "--jobs", "1", "--timeout", "100s"]);
    command.args(["--first-byte", "100s"]).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// What a child writes from now on.
fn rest(child: &mut Child) -> String {
    let mut text = String::new();
    child.stdout.take().expect("its stdout").read_to_string(&mut text).expect("text");
    text
}

#[test]
fn a_failing_case_is_printed_while_another_one_still_runs() {
    let folder = Folder::new();
    let server = Holding::start();
    let mut child = running(&fixed(&folder), &server.url).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its stdout")).lines().map(|line| line.expect("text"));
    let early: Vec<String> = lines.by_ref().take_while(|line| !line.contains("more: conformant explain")).collect();
    server.came.recv_timeout(LONG).expect("the second case is asked for");
    assert!(early[0].starts_with("target: ") && early.iter().any(|line| line == "FAIL  live/fails"), "{early:?}");
    server.let_go.send(()).expect("the server is there");
    let late: Vec<String> = lines.collect();
    assert_eq!(waited(&mut child), 1);
    let at = |start: &str| late.iter().position(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{late:?}"));
    assert!(at("  FAIL  live/fails ") < at("2 cases in ") && at("2 cases in ") < at("does not conform"), "{late:?}");
    assert!(!late.iter().any(|line| line.starts_with("FAIL  live/fails")), "it is printed once: {late:?}");
}

#[test]
fn nothing_is_printed_early_where_an_answer_may_make_a_secret() {
    let folder = Folder::new();
    let states = "states:\n  session: {call: POST /token, auth: none, expect: 200, capture: {token: /token}}\n";
    let cases = suite(&folder, states, "    given: {s: session}\n", "{{s.token}}");
    // The first case has ended when the second one is asked for: one runs at a time.
    let server = Holding::start();
    let mut child = running(&cases, &server.url).spawn().expect("it starts");
    server.came.recv_timeout(LONG).expect("the second case is asked for");
    child.kill().expect("it can be ended");
    child.wait().expect("it ends");
    assert_eq!(rest(&mut child), "");
    let server = Holding::start();
    server.let_go.send(()).expect("the server is there");
    let mut child = running(&cases, &server.url).spawn().expect("it starts");
    let text = rest(&mut child);
    assert_eq!(waited(&mut child), 1, "{text}");
    assert!(text.contains("\nFAIL  live/fails\n") && text.contains("\n  FAIL  live/fails "), "{text}");
    assert!(!text.contains("tok-0123456789abcdef"), "{text}");
}

#[test]
fn a_reader_that_leaves_early_changes_no_verdict() {
    let folder = Folder::new();
    let server = Holding::start();
    let mut child = running(&fixed(&folder), &server.url).spawn().expect("it starts");
    drop(child.stdout.take());
    server.came.recv_timeout(LONG).expect("the second case is asked for");
    server.let_go.send(()).expect("the server is there");
    assert_eq!(waited(&mut child), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_stdout_that_takes_nothing_is_reported_once() {
    let folder = Folder::new();
    let server = Holding::start();
    server.let_go.send(()).expect("the server is there");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let mut command = running(&fixed(&folder), &server.url);
    let mut child = command.stdout(full).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut said = String::new();
    child.stderr.take().expect("its stderr").read_to_string(&mut said).expect("text");
    assert_eq!(waited(&mut child), 3, "{said}");
    assert_eq!(said.matches("the report could not be written to stdout").count(), 1, "{said}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_prints_the_rest_below_what_it_printed() {
    let folder = Folder::new();
    let server = Holding::start();
    let mut child = running(&fixed(&folder), &server.url).spawn().expect("it starts");
    server.came.recv_timeout(LONG).expect("the second case is asked for");
    signal(&child, "INT");
    let text = rest(&mut child);
    assert_eq!(waited(&mut child), 130, "{text}");
    let at = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} in {text}"));
    assert!(at("\nFAIL  live/fails\n") < at("\n  FAIL  live/fails "), "{text}");
    assert!(at("  skip  live/held ") < at("interrupted: 1 of 2 cases were judged, 1 were not"), "{text}");
}
