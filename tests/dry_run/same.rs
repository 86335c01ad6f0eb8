//! What a dry run shows is what a run sends: both against the same servers, the run through a tap that keeps every request.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::command::{Finished, conformant};
use crate::served::Served;

/// A request as far as it must be the same: method, path with query, who asks, and body.
type Sent = (String, String, String, String);

/// A relay that keeps every request in the order in which it came.
struct Tap {
    url: String,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Tap {
    fn before(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (authority, path) = upstream.trim_start_matches("http://").split_once('/').expect("a path");
        let url = format!("http://{}/{path}", listener.local_addr().expect("its address"));
        let authority = authority.to_owned();
        let sent = Arc::new(Mutex::default());
        let kept = Arc::clone(&sent);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (authority, kept) = (authority.clone(), Arc::clone(&kept));
                std::thread::spawn(move || relay(stream, &authority, &kept));
            }
        });
        Self { url, sent }
    }

    /// What has come since the last time.
    fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn relay(mut client: TcpStream, authority: &str, kept: &Mutex<Vec<Sent>>) {
    while let Some(request) = message(&mut client) {
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(read(&request));
        // A connection of its own: an idle one might be closed by the server when it is needed.
        let Ok(mut server) = TcpStream::connect(authority) else { return };
        server.write_all(&request).expect("it takes a request");
        let Some(answer) = message(&mut server) else { return };
        if client.write_all(&answer).is_err() {
            return;
        }
    }
}

/// The next message of a connection, whose body is as long as it says.
fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                return Some(bytes);
            }
        }
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}

fn read(request: &[u8]) -> Sent {
    let text = String::from_utf8_lossy(request);
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    (method.to_owned(), target.to_owned(), own_fields(fields), body.to_owned())
}

/// The fields that a suite decides: only their names, because credentials are hidden in a dry run.
fn own_fields<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let names = fields.map(|(name, _)| name.to_ascii_lowercase());
    let own = |name: &String| {
        let own = ["authorization", "content-type", "cache-control"];
        own.contains(&name.as_str()) || name.starts_with("x-")
    };
    let mut names: Vec<String> = names.filter(own).collect();
    names.sort();
    names.join(" ")
}

/// The requests of a plan, one for each time that it is sent.
fn planned(requests: &Value, base: &str) -> Vec<Sent> {
    let mut sent = Vec::new();
    for request in requests.as_array().expect("requests") {
        let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
        // The one queue that the suite's own call names is captured, too.
        let queues = ["mine", "bystander", "theirs", "checks", "other"].map(|owner| format!("{{{owner}.queue}}"));
        let url = queues.iter().fold(text("url"), |url, queue| url.replace(queue, "letters"));
        let path = base.trim_start_matches("http://").split_once('/').map_or("", |(_, path)| path);
        let target = url.strip_prefix(base).unwrap_or_else(|| panic!("{url} is not at {base}"));
        let fields = request["fields"].as_array().expect("fields");
        let names = fields.iter().map(|field| (field["name"].as_str().unwrap_or_default(), ""));
        let one = (text("method"), format!("/{path}{target}"), own_fields(names), text("body"));
        let times = usize::try_from(request["times"].as_u64().expect("a number")).expect("a small one");
        sent.extend(std::iter::repeat_n(one, times));
    }
    sent
}

/// A value that only the target or the run can say: where it stands in a text, and its name.
type Named = (std::ops::Range<usize>, String);

/// Requests with such values replaced by `<0>`, `<1>` and so on, in the order in which they come.
fn numbered(requests: Vec<Sent>, names: impl Fn(&str) -> Vec<Named>) -> Vec<Sent> {
    let mut known: Vec<String> = Vec::new();
    let mut number = |text: String| {
        let mut out = String::new();
        let mut end = 0;
        for (range, name) in names(&text) {
            let (name, filter) = name.split_once(" | ").unwrap_or((&name, ""));
            let which = known.iter().position(|other| other == name).unwrap_or_else(|| {
                known.push(name.to_owned());
                known.len() - 1
            });
            out += &text[end..range.start];
            let _ = write!(out, "<{which}{filter}>");
            end = range.end;
        }
        out + &text[end..]
    };
    let all = requests.into_iter();
    all.map(|(method, target, fields, body)| (method, number(target), fields, number(body))).collect()
}

/// In a plan they stand in braces, such as `{mine.conversation_id | upper}`.
fn in_braces(text: &str) -> Vec<Named> {
    let opening = text.match_indices('{');
    let all = opening.filter_map(|(at, _)| Some(at..at + text[at..].find('}')? + 1));
    let names = all.map(|range| (range.clone(), text[range.start + 1..range.end - 1].to_owned()));
    // What else stands in braces is JSON.
    names
        .filter(|(_, name)| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_.| ".contains(c)))
        .collect()
}

/// In what was sent they are users and UUIDs, in any of their spellings.
fn values(text: &str) -> Vec<Named> {
    const USER: usize = "conformant-0123456789abcdef-000000".len();
    // A plan calls the user of every case so.
    let users = text.match_indices("conformant-").map(|(at, _)| (at..at + USER, "user".to_owned()));
    let mut found: Vec<Named> = users.collect();
    let mut at = 0;
    while at < text.len() {
        let step = if text[at..].starts_with('%') { 3 } else { 1 };
        let range = at..at + 36 * step;
        let decoded =
            text.get(range.clone()).map(|part| percent_encoding::percent_decode_str(part).decode_utf8_lossy());
        match decoded {
            Some(id) if is_uuid(&id) => {
                let is_upper = id.chars().any(|c| c.is_ascii_uppercase());
                let filter = if step == 3 { " | percent" } else { "" };
                let filter = if is_upper { " | upper" } else { filter };
                at = range.end;
                found.push((range, format!("{}{filter}", id.to_ascii_lowercase())));
            }
            _ => at += 1,
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

fn is_uuid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// What a dry run of a suite shows.
fn plan(command: impl Fn(&[&str]) -> Command, filter: &[&str]) -> Value {
    let arguments = [&["--dry-run", "--format", "json", "--jobs", "1"], filter].concat();
    let plan: Value = serde_json::from_str(&Finished::of(command(&arguments)).expect(0).stdout).expect("JSON");
    let schema = serde_json::from_str(include_str!("../../docs/plan.schema.json")).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema compiles");
    let errors: Vec<String> = validator.iter_errors(&plan).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    plan
}

/// Holds every case of a suite, run alone and one request at a time, against its dry run; gives how many requests there were.
fn holds(tap: &Tap, command: impl Fn(&[&str]) -> Command, form: fn(&str) -> Vec<Named>) -> usize {
    let all = plan(&command, &[]);
    let cases = all["cases"].as_array().expect("cases");
    assert!(!cases.is_empty());
    let mut count = 0;
    for case in cases {
        let id = case["id"].as_str().expect("an id");
        let plan = plan(&command, &[id]);
        let of_id = |case: &&Value| case["id"] == id;
        let alone = plan["cases"].as_array().expect("cases").iter().find(of_id).expect("the case");
        assert_eq!(alone["requests"], case["requests"], "{id}: alone it is another");
        assert_eq!(case["skipped"], Value::Null, "{id}");
        tap.take();
        Finished::of(command(&["--jobs", "1", id])).expect(0);
        let mut sent = tap.take();
        // The checks first.
        let checks = planned(&plan["checks"], &tap.url);
        assert!(sent.len() >= checks.len(), "{id}: {sent:#?}");
        let rest = sent.split_off(checks.len());
        assert_eq!(numbered(checks, in_braces), numbered(sent, form), "{id}: the checks");
        let requests = planned(&alone["requests"], &tap.url);
        count += requests.len();
        assert_eq!(numbered(requests, in_braces), numbered(rest, form), "{id}");
    }
    count
}

fn serve() -> Served {
    Served::start(conformant(&["serve"]), 4)
}

#[test]
fn every_case_of_the_shipped_suite_sends_what_its_dry_run_shows() {
    let served = serve();
    let tap = Tap::before(served.base_url());
    let command = |arguments: &[&str]| {
        let mut command = conformant(&[&["run"], arguments].concat());
        command.envs(served.variables.iter().cloned()).env("API_BASE_URL", &tap.url);
        command
    };
    let count = holds(&tap, command, values);
    assert!(count > 80, "{count}");
}

#[test]
fn a_whole_run_sends_as_many_requests_as_its_dry_run_shows() {
    let served = serve();
    let tap = Tap::before(served.base_url());
    let command = |arguments: &[&str]| {
        let mut command = conformant(&[&["run"], arguments].concat());
        command.envs(served.variables.iter().cloned()).env("API_BASE_URL", &tap.url);
        command
    };
    let plan = plan(command, &[]);
    let mut shown = planned(&plan["checks"], &tap.url);
    for case in plan["cases"].as_array().expect("cases") {
        shown.extend(planned(&case["requests"], &tap.url));
    }
    // Beside each other they come in another order.
    let sorted = |requests: Vec<Sent>, names: fn(&str) -> Vec<Named>| {
        let unnamed = requests.into_iter().map(|one| numbered(vec![one], names).remove(0));
        let mut all: Vec<Sent> = unnamed.collect();
        all.sort();
        all
    };
    for jobs in ["1", "8", "32"] {
        tap.take();
        Finished::of(command(&["--jobs", jobs])).expect(0);
        let sent = sorted(tap.take(), values);
        assert_eq!(sorted(shown.clone(), in_braces), sent, "{jobs} jobs");
    }
}

/// The numbers of jobs, beside the others.
fn jobs(text: &str) -> Vec<Named> {
    let mut found = values(text);
    for (at, before) in text.match_indices("/jobs/") {
        let start = at + before.len();
        let digits = text[start..].chars().take_while(char::is_ascii_digit).count();
        if digits > 0 {
            found.push((start..start + digits, text[start..start + digits].to_owned()));
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

#[test]
fn every_case_of_the_examples_sends_what_its_dry_run_shows() {
    let served = serve();
    let tap = Tap::before(served.base_url());
    let command = |arguments: &[&str]| {
        let mut command = conformant(&[&["run", "--cases", "examples/team_repository/cases"], arguments].concat());
        command.envs(served.variables.iter().cloned()).env("API_BASE_URL", &tap.url);
        command
    };
    assert!(holds(&tap, command, values) > 8);
    let mut folder = PathBuf::from(env!("CARGO_BIN_EXE_conformant"));
    folder.pop();
    let room = folder.join("examples").join("print_jobs");
    assert!(room.is_file(), "{} is built by `cargo test` and `cargo build --examples`", room.display());
    let served = Served::start(Command::new(room), 3);
    let tap = Tap::before(served.base_url());
    let command = |arguments: &[&str]| {
        let mut command = conformant(&[&["run", "--cases", "examples/print_jobs/cases"], arguments].concat());
        command.envs(served.variables.iter().cloned()).env("API_BASE_URL", &tap.url);
        command
    };
    assert!(holds(&tap, command, jobs) > 20);
}
