//! A project of a test's own about things that are made, looked at and removed, and a server for it that keeps rows.

#![allow(dead_code, reason = "every test target uses its own part of this")]

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::command::Folder;
use super::world::{Seen, json, read};

/// The document; a test puts the schema of a thing in it.
const DOCUMENT: &str = r#"{"openapi": "3.0.3", "info": {"title": "Things", "version": "1"}, "paths": {
  "/things": {"post": {"operationId": "make", "responses": {"201": {"description": "made", "content":
    {"application/json": {"schema": {"type": "object"}}}}}}},
  "/things/{id}": {"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
    "get": {"operationId": "look", "responses": {"200": {"description": "it", "content":
      {"application/json": {"schema": SCHEMA}}}, "404": {"description": "none"}}},
    "delete": {"operationId": "remove", "responses": {"204": {"description": "gone"}, "404": {"description": "none"}}}}}}"#;

/// Writes the document and a suite with so many cases; gives the suite's path.
pub(crate) fn write(folder: &Folder, schema: &str, cases: usize) -> String {
    folder.file("things.json", &DOCUMENT.replace("SCHEMA", schema));
    let mut suite = String::from(
        "spec: things.json\noperation: look\nstates:\n  thing:\n    call: POST /things\n    json: {user: \"{{user}}\"}\n    \
         expect: 201\n    capture: {id: /id}\n    undo: {call: \"DELETE /things/{{id}}\", expect: 204}\n\
         cases:\n",
    );
    suite.extend((0..cases).map(|number| {
        format!(
            "  case_{number}:\n    given: {{mine: thing}}\n    path: {{id: \"{{{{mine.id}}}}\"}}\n    expect: 200\n"
        )
    }));
    folder.file("things.yaml", &suite)
}

/// A row: its id, and the user it was made for.
pub(crate) type Row = (String, String);

type Answer = dyn Fn(&Seen) -> Option<String> + Send + Sync;

/// The server's rows, shared with the test.
pub(crate) struct Things {
    pub(crate) url: String,
    rows: Mutex<Vec<Row>>,
    looked: AtomicUsize,
    next: AtomicUsize,
    answer: Box<Answer>,
}

impl Things {
    /// A server on which a test may answer otherwise, after the row was made or removed.
    pub(crate) fn start(answer: impl Fn(&Seen) -> Option<String> + Send + Sync + 'static) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let things = Arc::new(Self {
            url: format!("http://{}", listener.local_addr().expect("its address")),
            rows: Mutex::default(),
            looked: AtomicUsize::new(0),
            next: AtomicUsize::new(0),
            answer: Box::new(answer),
        });
        let serving = Arc::clone(&things);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let things = Arc::clone(&serving);
                std::thread::spawn(move || things.serve(stream));
            }
        });
        things
    }

    /// What is there.
    pub(crate) fn rows(&self) -> Vec<Row> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many things were made.
    pub(crate) fn made(&self) -> usize {
        self.next.load(Ordering::SeqCst)
    }

    /// How many looks have come.
    pub(crate) fn looked(&self) -> usize {
        self.looked.load(Ordering::SeqCst)
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        while let Some(seen) = read(&mut stream, &mut bytes) {
            let usual = self.usual(&seen);
            let answer = (self.answer)(&seen).unwrap_or(usual);
            if answer.is_empty() || stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    fn usual(&self, seen: &Seen) -> String {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let last = seen.target.rsplit('/').next().unwrap_or_default();
        let there = rows.iter().position(|(id, _)| id == last);
        match (seen.method.as_str(), there) {
            ("POST", _) => {
                let id = format!("7b1d0c5e-0000-4000-8000-{:012x}", self.next.fetch_add(1, Ordering::SeqCst));
                let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap_or_default();
                rows.push((id.clone(), body["user"].as_str().unwrap_or_default().to_owned()));
                json(201, "Created", &format!(r#"{{"id":"{id}"}}"#))
            }
            ("GET", found) => {
                self.looked.fetch_add(1, Ordering::SeqCst);
                let status = if found.is_some() { 200 } else { 404 };
                json(status, "", "{}")
            }
            ("DELETE", Some(at)) => {
                rows.remove(at);
                "HTTP/1.1 204 No Content\r\n\r\n".to_owned()
            }
            _ => json(404, "Not Found", "{}"),
        }
    }
}
