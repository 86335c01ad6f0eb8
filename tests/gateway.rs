//! The fields for a gateway are on every request, replace nothing that a case sends, and are masked in every report.

#[path = "support/command.rs"]
mod command;
#[path = "support/served.rs"]
mod served;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use command::{Finished, Folder, conformant};
use served::Served;

const TOKEN: &str = "gateway-token-0123456789";

/// A gateway that passes on what carries the token and repeats it in a field of every answer, and answers 403 to the
/// rest. One request a connection.
fn gateway(upstream: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        while let Ok((client, _)) = listener.accept() {
            std::thread::spawn(move || pass_on(client, upstream));
        }
    });
    port
}

fn pass_on(mut client: TcpStream, upstream: u16) -> Option<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|four| four == b"\r\n\r\n") {
        match client.read(&mut buffer).ok()? {
            0 => return None,
            count => request.extend_from_slice(&buffer[..count]),
        }
    }
    let head = String::from_utf8_lossy(&request).into_owned();
    if head.matches(&format!("X-Gateway: Token {TOKEN}\r\n")).count()
        + head.matches(&format!("x-gateway: Token {TOKEN}\r\n")).count()
        != 1
    {
        let _ = client.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return None;
    }
    let mut server = TcpStream::connect(("127.0.0.1", upstream)).expect("what is served");
    server.write_all(head.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes()).expect("it reads");
    let mut rest = client.try_clone().expect("one more handle");
    let mut on = server.try_clone().expect("one more handle");
    std::thread::spawn(move || std::io::copy(&mut rest, &mut on));
    let mut answer = Vec::new();
    let _ = server.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).expect("text").replacen("\r\n", &format!("\r\nX-Seen: {TOKEN}\r\n"), 1);
    client.write_all(answer.as_bytes()).ok()
}

#[test]
fn a_gateway_gets_its_token_and_no_report_shows_it() {
    let served = Served::start(conformant(&["serve"]), 4);
    let upstream = served.base_url().trim_start_matches("http://127.0.0.1:").trim_end_matches("/v1");
    let port = gateway(upstream.parse().expect("a port"));
    let folder = Folder::new();
    let [json, text] = ["a.json", "b.txt"].map(|name| folder.path().join(name));
    let run = |header: Option<&str>| {
        let mut command = conformant(&["run", "-vv"]);
        command.envs(served.variables.iter().cloned()).env("API_BASE_URL", format!("http://127.0.0.1:{port}/v1"));
        command.arg("--report").arg(format!("json={}", json.display()));
        command.arg("--report").arg(format!("text={}", text.display()));
        if let Some(header) = header {
            command.env("CONFORMANT_HEADER", header);
        }
        Finished::of(command)
    };
    let finished = run(Some(&format!("X-Other: a, b\nX-Gateway: Token {TOKEN}"))).expect(0);
    let files = [&json, &text].map(|path| std::fs::read_to_string(path).expect("a report"));
    for report in files.iter().chain([&finished.stdout, &finished.stderr]) {
        assert!(!report.contains(TOKEN), "{report}");
    }
    assert!(finished.stdout.contains("X-Gateway: ****"), "it is shown that there is one:\n{}", finished.stdout);
    run(Some("X-Gateway: Token of-somebody-else")).expect(3);
    run(None).expect(3);
}
