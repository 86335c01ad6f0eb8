//! A server of things on a shelf, with a document and a suite of its own. A test says how it answers.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::command::{Folder, conformant};
use crate::world::{Seen, json, read};

/// Whose things stood there before.
pub(crate) const ALICE: &str = "alice";

/// The answer to a removal.
pub(crate) const GONE: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// The cases that most tests run: one that removes, one that removes twice, one that removes nothing, and one whose request
/// is refused.
pub(crate) const CASES: &str = r#"
  removes: {given: {mine: thing, bystander: thing}, path: {id: "{{mine.id}}"}, expect: 204}
  twice: {given: {mine: thing}, path: {id: "{{mine.id}}"}, expect: 204, then: [{expect: 404}]}
  at_once: {given: {mine: thing}, path: {id: "{{mine.id}}"}, at_once: 2, expect: [204, [204, 404]]}
  missing: {given: {bystander: thing}, path: {id: no-such-thing}, expect: 404}
"#;

/// The one case that removes something.
pub(crate) const REMOVES: &str = "\n  removes: {given: {mine: thing}, path: {id: \"{{mine.id}}\"}, expect: 204}\n";

/// Looking whether a thing is there.
pub(crate) const LOOK: &str = r#"{call: "GET /things/{{id}}", yes: 200, no: 404}"#;

const DOCUMENT: &str = r#"
openapi: 3.0.3
info: {title: Things, version: "1"}
paths:
  /things/{id}:
    delete:
      operationId: removeThing
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: user, in: query, schema: {type: string}}
      responses:
        "202": {description: will go}
        "204": {description: gone}
        "404": {description: none, content: {application/json: {schema: {type: object}}}}
"#;

type Answer = dyn Fn(&Seen, &Shelf) -> String + Send + Sync;

/// The server's state, shared with the test.
pub(crate) struct Shelf {
    pub(crate) url: String,
    things: Mutex<BTreeMap<String, String>>,
    answer: Box<Answer>,
}

impl Shelf {
    /// A shelf that answers what a test says; nothing: the connection is closed without a word.
    pub(crate) fn start(answer: impl Fn(&Seen, &Self) -> String + Send + Sync + 'static) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let shelf = Arc::new(Self { url, things: Mutex::default(), answer: Box::new(answer) });
        let serving = Arc::clone(&shelf);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shelf = Arc::clone(&serving);
                std::thread::spawn(move || shelf.serve(stream));
            }
        });
        shelf
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        while let Some(seen) = read(&mut stream, &mut bytes) {
            let answer = (self.answer)(&seen, self);
            if answer.is_empty() || stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    /// The things by their ids, and whose they are.
    pub(crate) fn things(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ids of the things that are not Alice's.
    pub(crate) fn left(&self) -> Vec<String> {
        self.things().iter().filter(|(_, user)| *user != ALICE).map(|(id, _)| id.clone()).collect()
    }

    /// What a sound server answers whose things have random ids.
    pub(crate) fn usual(&self, seen: &Seen) -> String {
        match seen.method.as_str() {
            "POST" => {
                let id = uuid::Uuid::new_v4().to_string();
                self.things().insert(id.clone(), user(seen));
                made(&id)
            }
            "DELETE" if self.things().remove(id(seen)).is_some() => GONE.to_owned(),
            "GET" if self.things().contains_key(id(seen)) => there(),
            _ => missing(),
        }
    }

    /// A run of these cases here. `exists` says how to look, `undo` what a removal is answered with.
    pub(crate) fn run(&self, folder: &Folder, exists: &str, undo: u16, cases: &str, arguments: &[&str]) -> Command {
        folder.file("things.yaml", DOCUMENT);
        let suite = format!(
            "spec: things.yaml\noperation: removeThing\nstates:\n  thing:\n    call: POST /things\n    auth: none\n    \
             json: {{user: \"{{{{user}}}}\"}}\n    expect: 201\n    capture: {{id: /id}}\n    exists: {exists}\n    \
             undo: {{path: {{id: \"{{{{id}}}}\"}}, expect: {undo}}}\n    gone: 404\ndefaults:\n  auth: none\n  \
             query: {{user: \"{{{{user}}}}\"}}\ncases:{cases}"
        );
        let suite = folder.file("suite.yaml", &suite);
        let mut all = vec!["run", "--format", "json", "--base-url", &self.url, "--cases", &suite];
        all.extend(arguments);
        conformant(&all)
    }
}

/// The id that a request names.
pub(crate) fn id(seen: &Seen) -> &str {
    let path = seen.target.split('?').next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// The user that a request names, in its query or body.
pub(crate) fn user(seen: &Seen) -> String {
    let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap_or_default();
    let query = seen.target.split("user=").nth(1).map(str::to_owned);
    query.or_else(|| body["user"].as_str().map(str::to_owned)).unwrap_or_default()
}

pub(crate) fn made(id: &str) -> String {
    json(201, "Created", &serde_json::json!({ "id": id }).to_string())
}

pub(crate) fn there() -> String {
    json(200, "OK", "{}")
}

pub(crate) fn missing() -> String {
    json(404, "Not Found", "{}")
}
