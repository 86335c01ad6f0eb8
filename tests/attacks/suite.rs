//! Writes suites: sound ones, and attacks, which are sound ones with a trick.

use serde_json::{Map, Value, json};

use crate::api::{Api, Shape};
use crate::chance::Chance;
use crate::server::MAKING;
use crate::tricks;

/// The name of the document.
pub(crate) const DOCUMENT: &str = "api.json";

/// A suite that is being written.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) api: Api,
    /// The paths of the document.
    pub(crate) paths: Map<String, Value>,
    /// The suite's operation.
    pub(crate) operation: String,
    pub(crate) state: Map<String, Value>,
    pub(crate) case: Map<String, Value>,
    /// Further cases.
    pub(crate) others: Map<String, Value>,
    /// Further keys of the suite.
    pub(crate) suite: Map<String, Value>,
    pub(crate) env: Vec<(String, String)>,
    /// What it does, in words.
    pub(crate) tricks: Vec<&'static str>,
    pub(crate) sound: bool,
}

/// One suite with its server's API.
pub(crate) fn write(seed: u64) -> Draft {
    let mut chance = Chance::of(seed, 7);
    let mut draft = sound(&mut chance);
    draft.sound = chance.once_in(10);
    if !draft.sound {
        let count = 1 + usize::from(chance.once_in(4));
        for _ in 0..count {
            tricks::apply(&mut draft, &mut chance);
        }
    }
    draft
}

impl Draft {
    /// The document.
    pub(crate) fn document(&self) -> Value {
        let info = json!({"title": "Things", "version": "1"});
        let mut document = json!({"openapi": "3.0.3", "info": info, "paths": self.paths});
        if self.suite.contains_key("credentials") {
            document["components"] = json!({"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}});
            document["security"] = json!([{"key": []}]);
        }
        document
    }

    /// The suite.
    pub(crate) fn suite(&self) -> Value {
        let mut cases = Map::new();
        cases.insert("one".to_owned(), Value::Object(self.case.clone()));
        cases.extend(self.others.clone());
        let mut suite = json!({
            "spec": DOCUMENT, "operation": self.operation, "states": {"thing": self.state}, "cases": cases,
        });
        suite.as_object_mut().expect("an object").extend(self.suite.clone());
        suite
    }

    /// Adds an operation to the document.
    pub(crate) fn operation(&mut self, method: &str, path: &str, query: Option<(&str, bool)>) -> String {
        let mut parameters: Vec<Value> = Vec::new();
        for part in path.split('{').skip(1) {
            let name = part.split('}').next().unwrap_or_default();
            parameters.push(json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
        }
        if let Some((name, required)) = query {
            parameters.push(json!({"name": name, "in": "query", "required": required, "schema": {"type": "string"}}));
        }
        let content = json!({"description": "it", "content": {"application/json": {"schema": {}}}});
        let mut responses = json!({"200": content, "201": content, "404": content});
        responses["204"] = json!({"description": "done"});
        let item = self.paths.entry(path.to_owned()).or_insert_with(|| json!({}));
        item[method.to_lowercase()] = json!({"parameters": parameters, "responses": responses});
        format!("{method} {path}")
    }

    /// Puts a member into an object under a key of the case, which is made if it is not there.
    pub(crate) fn add(&mut self, part: &str, name: &str, value: Value) {
        if part == "json" {
            self.case.remove("body");
        }
        let entry = self.case.entry(part.to_owned()).or_insert_with(|| json!({}));
        if let Some(entries) = entry.as_object_mut() {
            entries.insert(name.to_owned(), value);
        }
    }

    /// Takes a member out of a part of the case.
    pub(crate) fn remove_from(&mut self, part: &str, name: &str) {
        if let Some(entries) = self.case.get_mut(part).and_then(Value::as_object_mut) {
            entries.remove(name);
            if entries.is_empty() {
                self.case.remove(part);
            }
        }
    }

    /// A part of the state, which is made if it is not there.
    pub(crate) fn state_part(&mut self, part: &str) -> &mut Value {
        self.state.entry(part.to_owned()).or_insert_with(|| json!({}))
    }

    /// The parent as the suite names it.
    pub(crate) fn parent(&self) -> String {
        self.api.parent.as_ref().map(|(_, id)| id.clone()).unwrap_or_default()
    }

    /// The path of the collection in the document.
    pub(crate) fn documented(&self) -> String {
        self.api.path("{parent}")
    }
}

/// The key of the object in a case.
pub(crate) const MINE: &str = "{{mine.id}}";

/// A suite that reaches only what it made.
fn sound(chance: &mut Chance) -> Draft {
    let api = Api::of(chance);
    let mut draft = Draft {
        paths: Map::new(),
        operation: String::new(),
        state: Map::new(),
        case: Map::new(),
        others: Map::new(),
        suite: Map::new(),
        env: Vec::new(),
        tricks: Vec::new(),
        sound: true,
        api,
    };
    let collection = draft.documented();
    let item = format!("{collection}/{{id}}");
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        draft.operation(method, &item, None);
    }
    draft.operation("POST", &collection, None);
    draft.operation = format!("DELETE {item}");
    state(&mut draft, chance);
    case(&mut draft, chance);
    draft
}

/// The state that makes an object. The parent is a literal, or a variable.
fn state(draft: &mut Draft, chance: &mut Chance) {
    let mut parent = draft.parent();
    if !parent.is_empty() && chance.once_in(3) {
        draft.env.push(("PARENT".to_owned(), parent.clone()));
        "{{env.PARENT}}".clone_into(&mut parent);
        draft.suite.insert("public".to_owned(), json!(["PARENT"]));
    }
    let path = draft.api.path(&parent);
    let body = json!({"name": "x-{{uuid}}", "owner": draft.api.owner, "parent_id": draft.parent()});
    let state = json!({
        "call": format!("POST {path}"), "header": {MAKING: "yes"}, "json": body, "expect": 201,
        "capture": {"id": "/id"},
        "exists": {"call": format!("GET {path}/{{{{id}}}}"), "yes": 200, "no": 404},
        "undo": {"call": format!("DELETE {path}/{{{{id}}}}"), "expect": 204},
    });
    draft.state.clone_from(state.as_object().expect("an object"));
    draft.case.insert("given".to_owned(), json!({"mine": "thing"}));
    if !parent.is_empty() {
        if chance.once_in(3) {
            draft.state["capture"] = json!({"id": "/id", "parent": "/parent"});
            draft.state.insert("id".to_owned(), json!("id"));
            "{{mine.parent}}".clone_into(&mut parent);
        }
        draft.add("path", "parent", json!(parent));
    }
}

/// What the case does with its object.
fn case(draft: &mut Draft, chance: &mut Chance) {
    let collection = draft.documented();
    let item = format!("{collection}/{{id}}");
    let call = |draft: &Draft, end: &str| format!("{}{end}", draft.api.path(&draft.parent()));
    let kind = chance.below(11);
    // Without `exists` only a removal proves anything.
    if kind < 2 && chance.once_in(3) {
        draft.state.remove("exists");
    }
    if kind < 9 {
        draft.add("path", "id", json!(MINE));
    }
    let mut expect = 200;
    match kind {
        0 | 1 => expect = 204,
        2 | 3 => {
            let method = if kind == 2 { "PUT" } else { "PATCH" };
            draft.case.insert("operation".to_owned(), json!(format!("{method} {item}")));
            draft.add("json", "title", json!("another"));
        }
        4 => {
            let path = draft.operation("POST", &format!("{item}/touch"), None);
            draft.case.insert("operation".to_owned(), json!(path));
        }
        5 => {
            draft.add("path", "id", json!("none-{{uuid}}"));
            expect = 404;
        }
        6 => {
            draft.add("path", "id", json!("no-such-thing-at-all"));
            expect = 404;
        }
        7 => {
            draft.add("path", "id", json!({"raw": "{{mine.id | percent}}"}));
            expect = 204;
        }
        8 => {
            draft.case.remove("path");
            draft.case.insert("call".to_owned(), json!(format!("POST {}", call(draft, "/{{mine.id}}/touch"))));
        }
        9 => {
            draft.case.remove("path");
            draft.case.insert("call".to_owned(), json!(format!("POST /{}/bulk-delete", draft.api.collection)));
            draft.case.insert("json".to_owned(), json!({"ids": [MINE]}));
        }
        _ => {
            draft.case.remove("path");
            let operation = draft.operation("DELETE", &format!("/{}", draft.api.collection), Some(("id", true)));
            draft.case.insert("operation".to_owned(), json!(operation));
            draft.add("query", "id", json!(MINE));
            expect = 204;
        }
    }
    draft.case.insert("expect".to_owned(), json!(expect));
    if kind < 4 {
        add_harmless(draft, chance);
    }
}

/// Adds values that name nothing, or what came with the object.
fn add_harmless(draft: &mut Draft, chance: &mut Chance) {
    // What came with the object may stand beside it.
    if chance.once_in(4) {
        draft.state_part("capture")["owner"] = json!("/owner");
        draft.state.insert("id".to_owned(), json!("id"));
        draft.api.companions.push(("owner".to_owned(), draft.api.owner.clone()));
        draft.add("query", "owner", json!("{{mine.owner}}"));
    }
    if draft.api.shape == Shape::Word && chance.once_in(4) {
        draft.add("header", "X-Note", json!("for {{user}}"));
    }
}
