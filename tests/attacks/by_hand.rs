//! Attacks that were written by hand, in `by_hand.txt`, and honest suites that look like some of them.

use serde_json::{Value, json};

use crate::api::{Api, Shape};
use crate::command::{Finished, Folder, conformant};
use crate::server::Server;
use crate::world::Seen;

/// When a suite is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// By `lint`, a dry run and a run, before anything is sent.
    Before,
    /// By the run, once the target has answered.
    InTheRun,
    /// By nobody.
    Never,
}

/// One suite.
pub(crate) struct ByHand {
    pub(crate) title: String,
    shape: Shape,
    pub(crate) refused: Refused,
    text: String,
}

/// The operations of the document.
const OPERATIONS: &[(&str, &str)] = &[
    ("POST", "/things"),
    ("DELETE", "/things?id"),
    ("PUT", "/things"),
    ("GET", "/things/{id}"),
    ("PUT", "/things/{id}"),
    ("DELETE", "/things/{id}"),
    ("POST", "/things/{id}"),
    ("POST", "/things/{id}/touch"),
    ("DELETE", "/things/{id}/members/{member}"),
    ("DELETE", "/pairs/{a},{b}"),
    ("DELETE", "/pairs/{a}:{b}"),
    ("DELETE", "/joined/{a}{b}"),
    ("DELETE", "/projects/production"),
    ("POST", "/customers/507f1f77bcf86cd799439011"),
    ("DELETE", "/spaces/{space}/things/{id}"),
];

/// A state for suites that have none.
const STATES: &str = r#"states:
  thing:
    call: POST /things
    header: {X-Making: "yes"}
    json: {name: "x-{{uuid}}"}
    expect: 201
    capture: {id: /id, owner: /owner}
    id: id
    exists: {call: "GET /things/{{id}}", yes: 200, no: 404}
    undo: {call: "DELETE /things/{{id}}", expect: 204}
"#;

impl ByHand {
    /// Reads the suites of a file.
    pub(crate) fn all(file: &str) -> Vec<Self> {
        let text = std::fs::read_to_string(file).expect("the file");
        text.split("\n=== ").skip(1).map(Self::read).collect()
    }

    fn read(text: &str) -> Self {
        let (head, text) = text.split_once('\n').expect("a suite after its title");
        let (words, title) = head.split_once(": ").expect("a title");
        let (shape, when) = words.split_once(' ').expect("a shape, and who refuses");
        let shape = match shape {
            "uuid" => Shape::Uuid,
            "number" => Shape::Number,
            "word" => Shape::Word,
            "hex" => Shape::Hex,
            "nano" => Shape::Nano,
            other => panic!("{other} is no shape"),
        };
        let refused = match when {
            "before" => Refused::Before,
            "run" => Refused::InTheRun,
            "nobody" => Refused::Never,
            other => panic!("{other} refuses nothing"),
        };
        Self { title: title.to_owned(), shape, refused, text: text.to_owned() }
    }

    fn victim(&self) -> &'static str {
        match self.shape {
            Shape::Number => "417",
            Shape::Word => "production",
            Shape::Hex => "507f1f77bcf86cd799439011",
            Shape::Nano => "EtsmYtwwjqHrzigVbKpQx",
            _ => "5d3a9a4e-8f0b-4c1d-9e2f-77aa00bb11cc",
        }
    }

    fn suite(&self) -> String {
        let text = self.text.replace("VICTIM", self.victim());
        if text.contains("cases:") {
            let states = if text.contains("states:") { "" } else { STATES };
            return format!("spec: api.json\n{states}{text}");
        }
        let case = text.lines().fold(String::new(), |case, line| case + "    " + line + "\n");
        format!("spec: api.json\noperation: DELETE /things/{{id}}\n{STATES}cases:\n  one:\n{case}")
    }

    /// What is wrong with it. `document` is the one that it is written for.
    pub(crate) fn complaint(&self) -> Option<String> {
        let folder = Folder::new();
        folder.file("api.json", &document().to_string());
        let suite = folder.file("suite.yaml", &self.suite());
        let server = Server::start(Api::fixed(self.shape, self.victim()));
        let act = |arguments: &[&str]| {
            let mut command = conformant(arguments);
            command.args(["--cases", &suite]).current_dir(folder.path()).env("SOMEBODYS", self.victim());
            Finished::of(command)
        };
        let lint = act(&["lint"]);
        let dry = act(&["run", "--dry-run", "--base-url", &server.url]);
        let run = act(&["run", "--base-url", &server.url, "--linger", "1ms", "--slow", "10m"]);
        server.end();
        let statuses = [lint.status, dry.status, run.status];
        let fits = match self.refused {
            Refused::Before => statuses == [2, 2, 2] && server.seen().is_empty() && says_why(&run.stderr),
            Refused::InTheRun => lint.status != 2 && dry.status == 0 && !matches!(run.status, 0 | 2),
            Refused::Never => lint.status != 2 && dry.status == 0 && run.status == 0,
        };
        if fits && server.touched().is_empty() {
            return None;
        }
        let seen: String = server.seen().iter().fold(String::new(), |all, seen| {
            let Seen { method, target, body, .. } = seen;
            format!("{all}{method} {target} {body}\n")
        });
        Some(format!(
            "{}: exits {statuses:?}, reached {:?}\n{}--- lint\n{}{}--- run\n{}{}--- requests\n{seen}",
            self.title,
            server.touched(),
            self.suite(),
            lint.stdout,
            lint.stderr,
            run.stdout,
            run.stderr
        ))
    }
}

/// Whether a refusal is one of the guard, or of what a state may make, and not of a text that cannot be read.
fn says_why(stderr: &str) -> bool {
    let refusals = [
        "is not sent",
        "cannot make its object",
        "dot segment",
        "has no `",
        "must not be",
        "is not a method",
        "writes the field",
        "query or a fragment",
    ];
    refusals.iter().any(|refusal| stderr.contains(refusal))
}

/// The document of the suites.
fn document() -> Value {
    let content = json!({"description": "it", "content": {"application/json": {"schema": {}}}});
    let mut paths = json!({});
    for (method, path) in OPERATIONS {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let names = path.split('{').skip(1).filter_map(|part| part.split('}').next());
        let mut parameters: Vec<Value> = names
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        if !query.is_empty() {
            parameters.push(json!({"name": query, "in": "query", "required": true, "schema": {"type": "string"}}));
        }
        let responses = json!({"200": content, "201": content, "404": content, "204": {"description": "done"}});
        let entry = paths.as_object_mut().expect("an object").entry((*path).to_owned()).or_insert_with(|| json!({}));
        entry[method.to_lowercase()] = json!({"parameters": parameters, "responses": responses});
    }
    json!({"openapi": "3.0.3", "info": {"title": "Things", "version": "1"}, "paths": paths})
}
