//! A target that serves one connection at a time, and closes none by itself.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::Ran;
use crate::command::conformant;
use crate::served::Served;

/// Between two looks whether something came.
const TICK: Duration = Duration::from_millis(1);

/// A relay that takes the next connection when the last one has been closed by its client.
struct Worker {
    url: String,
    /// The requests that came on a connection while another one waited.
    beside: Arc<Mutex<Vec<String>>>,
}

impl Worker {
    fn before(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("it need not wait");
        let url = format!("http://{}/v1", listener.local_addr().expect("its address"));
        let beside = Arc::new(Mutex::default());
        let told = Arc::clone(&beside);
        let authority = upstream.trim_start_matches("http://").split('/').next().expect("an authority").to_owned();
        std::thread::spawn(move || serve(&listener, &authority, &told));
        Self { url, beside }
    }

    fn beside(&self) -> Vec<String> {
        self.beside.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve(listener: &TcpListener, upstream: &str, beside: &Mutex<Vec<String>>) {
    let mut waiting: VecDeque<TcpStream> = VecDeque::new();
    loop {
        waiting.extend(came(listener));
        let Some(mut current) = waiting.pop_front() else {
            std::thread::sleep(TICK);
            continue;
        };
        current.set_nonblocking(true).expect("it need not wait");
        let mut request = Vec::new();
        // Until its client closes it, however many wait.
        loop {
            waiting.extend(came(listener));
            let mut buffer = [0; 4096];
            match current.read(&mut buffer) {
                Ok(count) if count > 0 => request.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    std::thread::sleep(TICK);
                    continue;
                }
                _ => break,
            }
            if !is_whole(&request, false) {
                continue;
            }
            let answer = asked(upstream, &request);
            waiting.extend(came(listener));
            if !waiting.is_empty() {
                let line = String::from_utf8_lossy(&request).lines().next().unwrap_or_default().to_owned();
                beside.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
            request.clear();
            current.set_nonblocking(false).expect("it may wait");
            if current.write_all(&answer).is_err() {
                break;
            }
            current.set_nonblocking(true).expect("it need not wait");
        }
    }
}

/// The connections that have come meanwhile.
fn came(listener: &TcpListener) -> Vec<TcpStream> {
    std::iter::from_fn(|| listener.accept().ok().map(|(next, _)| next)).collect()
}

/// Asks the server behind, over a connection of its own.
fn asked(upstream: &str, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(upstream).expect("it listens");
    stream.write_all(request).expect("it takes a request");
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&answer, true) {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => answer.extend_from_slice(&buffer[..count]),
            _ => break,
        }
    }
    answer
}

/// Whether a message is there to its end. What the server sends says its length, unless it is a 204.
fn is_whole(bytes: &[u8], answer: bool) -> bool {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
    assert!(!answer || length.is_some() || head.contains(" 204 "), "a response without a length: {head}");
    bytes.len() >= end + 4 + length.unwrap_or(0)
}

#[test]
fn the_whole_suite_works_where_one_connection_is_served_at_a_time() {
    let served = Served::start(conformant(&["serve"]), 4);
    for jobs in ["1", "8"] {
        let worker = Worker::before(served.base_url());
        let mut command = conformant(&["run", "--format", "json", "--jobs", jobs]);
        command.envs(served.variables.iter().cloned()).env("API_BASE_URL", &worker.url);
        Ran::of(command).green(&format!("{jobs} jobs"));
        // One case sends two requests at once, whatever the jobs; the others open no connection beside another.
        let beside = worker.beside();
        let twice = |line: &String| line.starts_with("DELETE ") && *line == beside[0];
        assert!(jobs != "1" || beside.len() <= 2 && beside.iter().all(twice), "{beside:?}");
    }
}
