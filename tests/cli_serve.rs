//! `conformant serve` prints the variables of its server and ends at a signal.

#![cfg(unix)]

#[path = "support/command.rs"]
mod command;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use command::{conformant, run, waited};

#[test]
fn it_prints_what_an_environment_file_takes_and_ends_at_a_signal() {
    for signal in ["-INT", "-TERM"] {
        let mut child = conformant(&["serve"]).stdout(Stdio::piped()).spawn().expect("the command starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("its stdout"));
        let mut names = Vec::new();
        while names.len() < 4 {
            let mut line = String::new();
            // The lines arrive while it serves, so they were flushed.
            assert_ne!(stdout.read_line(&mut line).expect("a line"), 0, "it ended after {names:?}");
            let (name, value) = line.trim_end().split_once('=').expect("NAME=value");
            assert!(!value.is_empty() && !value.contains(char::is_whitespace), "{line}");
            if name == "API_BASE_URL" {
                let address =
                    value.strip_prefix("http://").and_then(|rest| rest.split('/').next()).expect("an address");
                std::net::TcpStream::connect(address).expect("something listens there");
            }
            names.push(name.to_owned());
        }
        assert_eq!(names, ["API_BASE_URL", "API_KEY", "WRONG_MODE_API_KEY", "OTHER_APP_API_KEY"]);
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill is there");
        assert!(sent.success());
        assert_eq!(waited(&mut child), 0, "{signal}");
    }
}

#[test]
fn a_port_that_is_taken_is_bad_input() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let finished = run(&["serve", "--port", &port]).expect(2);
    assert!(finished.stderr.contains(&port) && finished.stdout.is_empty(), "{}", finished.stderr);
}

#[test]
fn a_time_that_is_none_is_bad_input() {
    for (flag, text) in [("--creation-time", "fast"), ("--user-gap", "50"), ("--user-gap", "")] {
        let finished = run(&["serve", flag, text]).expect(2);
        assert!(finished.stderr.contains(flag) && finished.stdout.is_empty(), "{}", finished.stderr);
    }
}

#[test]
fn a_creation_takes_as_long_as_is_wanted() {
    let mut child = conformant(&["serve", "--creation-time", "300ms", "--user-gap", "20ms"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its stdout")).lines().map_while(Result::ok);
    let mut next = || lines.next().and_then(|line| Some(line.split_once('=')?.1.to_owned())).expect("NAME=value");
    let (base, key) = (next(), next());
    let address = base.strip_prefix("http://").and_then(|rest| rest.split('/').next()).expect("an address");
    let body = r#"{"inputs":{},"query":"x","user":"ann","response_mode":"blocking"}"#;
    let request = format!(
        "POST /v1/chat-messages HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let start = std::time::Instant::now();
    let mut stream = std::net::TcpStream::connect(address).expect("something listens there");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("a response");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(start.elapsed() >= std::time::Duration::from_millis(300), "{:?}", start.elapsed());
    child.kill().expect("it runs");
    waited(&mut child);
}
