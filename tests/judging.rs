//! Schemas that are expensive to evaluate end in a verdict or in an error of their case, and objects are removed.

#[path = "support/answering.rs"]
mod answering;
#[path = "support/command.rs"]
mod command;
#[path = "support/world.rs"]
mod world;

use std::fmt::Write as _;

use command::{Finished, Folder, conformant};
use serde_json::{Value, json};
use world::{KEYS, World};

fn component(name: impl std::fmt::Display) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// A line of components, each of which leads to the next by `step`.
fn line(length: usize, step: impl Fn(Value) -> Value) -> Value {
    let mut all = serde_json::Map::new();
    for index in 0..length {
        all.insert(format!("N{index}"), step(component(format!("N{}", index + 1))));
    }
    all.insert(format!("N{length}"), json!({"type": "object"}));
    Value::Object(all)
}

fn judged(components: &Value, body: &str) -> Finished {
    let folder = Folder::new();
    let document = json!({
        "openapi": "3.0.1", "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {
            "description": "d", "content": {"application/json": {"schema": component("N0")}}
        }}}}},
        "components": {"schemas": components}
    });
    folder.file("api.json", &document.to_string());
    let suite = folder.file("a.yaml", "spec: api.json\noperation: GET /a\ncases:\n  one: {auth: none, expect: 200}\n");
    let answer = world::json(200, "OK", body);
    let url = answering::answering(move || answer.clone());
    Finished::of(conformant(&["run", "--cases", &suite, "--base-url", &url]))
}

#[test]
fn schemas_that_lead_to_each_other_in_any_shape_come_to_a_verdict() {
    for keyword in ["anyOf", "oneOf", "allOf"] {
        let nested = line(60, |next| json!({keyword: [next, next]}));
        // An object fits both branches of each, so exactly one never does.
        judged(&nested, "{}").expect(i32::from(keyword == "oneOf"));
        let refused = judged(&nested, "[]").expect(1);
        assert!(refused.stdout.contains("schema-violated"), "{}", refused.stdout);
        let chain = line(8_000, |next| json!({keyword: [next]}));
        judged(&chain, "{}").expect(0);
        judged(&chain, "[]").expect(1);
    }
    let chain = line(8_000, |next| json!({"nullable": true, "not": {"not": next}}));
    judged(&chain, "{}").expect(0);
    let references = judged(&line(100_000, |next| next), "{}").expect(2);
    assert!(references.stderr.contains("this `$ref` leads on through more than 64 others"), "{}", references.stderr);
}

/// An `enum` that is asked for again and again, of which no branch takes what comes.
#[test]
fn a_body_that_takes_too_many_steps_is_an_error_of_its_case_and_nothing_stays_behind() {
    let folder = Folder::new();
    let listed = (0..50_000).fold(String::new(), |mut all, index| {
        let _ = write!(all, "x{index}, ");
        all
    });
    let document = std::fs::read_to_string("spec/openapi_chatflow.yaml").expect("the document");
    let branches = "{$ref: '#/components/schemas/Listed'}, ".repeat(200);
    let refused = "                not_chat_app:\n";
    assert!(document.contains(refused), "the document has changed");
    let at = document.find(refused).expect("it is there");
    let examples = document[..at].rfind("              examples:\n").expect("they stand around it");
    let mut text = document[..examples].to_owned();
    let _ = writeln!(text, "              schema: {{anyOf: [{branches}]}}");
    text.push_str(&document[examples..]);
    let listed = format!("  schemas:\n    Listed: {{enum: [{listed}]}}\n");
    let text = if text.contains("\ncomponents:\n") {
        text.replacen("\ncomponents:\n", &format!("\ncomponents:\n{listed}"), 1)
    } else {
        format!("{text}\ncomponents:\n{listed}")
    };
    let spec = folder.file("api.yaml", &text);
    let world = World::plain();
    let mut command = conformant(&["run", "--spec", &spec, "--base-url", &world.url, "wrong_app_mode"]);
    command.envs(KEYS);
    let finished = Finished::of(command).expect(3);
    let told = "takes more than 1000000 steps and 8 for each value in it";
    assert!(finished.stdout.contains(told), "{}{}", finished.stdout, finished.stderr);
    assert!(finished.stdout.contains("could not be judged by the schema `#/paths/"), "{}", finished.stdout);
    assert_eq!(world.left(), [""; 0]);
    assert!(world.made() > 0);
}
