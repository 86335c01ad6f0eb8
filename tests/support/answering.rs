//! Servers that answer every request alike, when the test lets them, or not at all.

#![allow(dead_code, reason = "every test target uses its own part of this")]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Its base URL. `answer` is called once per request, after all of it has come, and may wait.
pub(crate) fn answering(answer: impl Fn() -> String + Send + Sync + 'static) -> String {
    answering_to(move |_| answer())
}

/// Likewise; `answer` gets the request line.
pub(crate) fn answering_to(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/v1", listener.local_addr().expect("its address"));
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                if let Some(request) = whole_request(&mut connection) {
                    let line = request.lines().next().unwrap_or_default();
                    let _ = connection.write_all(answer(line).as_bytes());
                    let _ = connection.shutdown(Shutdown::Write);
                }
            });
        }
    });
    url
}

/// A server that takes every request and answers none.
pub(crate) struct Silent {
    /// Its base URL.
    pub(crate) url: String,
    came: Receiver<()>,
}

impl Silent {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1", listener.local_addr().expect("its address"));
        let (tell, came) = channel();
        std::thread::spawn(move || {
            for mut connection in listener.incoming().flatten() {
                let tell = tell.clone();
                std::thread::spawn(move || {
                    let mut bytes = [0; 64];
                    while connection.read(&mut bytes).is_ok_and(|count| count > 0) {
                        let _ = tell.send(());
                    }
                });
            }
        });
        Self { url, came }
    }

    /// Waits until a request has come.
    pub(crate) fn asked(&self) {
        self.came.recv_timeout(Duration::from_secs(60)).expect("a request came");
    }
}

/// An answer of JSON with a status line, ending its connection.
pub(crate) fn json(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// Reads a request with its body; none if none comes.
fn whole_request(connection: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut bytes = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(String::from_utf8_lossy(&request).into_owned());
            }
        }
        match connection.read(&mut bytes) {
            Ok(0) | Err(_) => return None,
            Ok(count) => request.extend_from_slice(&bytes[..count]),
        }
    }
}
