//! Schemas and values that would be judged for ever, or until the stack ends.

use serde_json::{Map, Value, json};

use crate::location::Source;
use crate::spec::STEPS;
use crate::spec::{Document, Schema, TooMuch, Violation};
use std::sync::Arc;

/// The schema that the one response of a document has, beside these components.
fn schema(schema: &Value, components: &Value) -> Arc<Schema> {
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {
            "description": "D", "content": {"application/json": {"schema": schema}}
        }}}}},
        "components": {"schemas": components}
    });
    let document = Document::read(&Source::new("a.json", document.to_string())).unwrap_or_else(|it| panic!("{it}"));
    document.operations[0].responses[0].content[0].schema.clone().expect("a schema")
}

fn component(name: impl std::fmt::Display) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// `N0`, each of which leads to the next, and the last one.
fn line(length: usize, step: impl Fn(Value) -> Value, last: &Value) -> Value {
    let name = |index: usize| format!("N{index}");
    let mut all: Map<String, Value> =
        (0..length).map(|index| (name(index), step(component(name(index + 1))))).collect();
    all.insert(name(length), last.clone());
    Value::Object(all)
}

/// Judges in a thread with as little room as any that judges.
fn judged(schema: Arc<Schema>, value: Value) -> Result<Vec<Violation>, TooMuch> {
    let thread = std::thread::Builder::new().stack_size(512 * 1024);
    thread.spawn(move || schema.violations(&value)).expect("a thread").join().expect("no overflow")
}

#[test]
fn schemas_that_ask_the_same_in_both_branches_cost_no_more_than_one() {
    for keyword in ["anyOf", "oneOf", "allOf"] {
        for (last, value) in [
            (json!({"type": "object"}), json!({})),
            (json!({"type": "object"}), json!([])),
            (json!({"required": ["a"]}), json!({"b": {"c": []}})),
        ] {
            let components = line(60, |next| json!({keyword: [next, next]}), &last);
            let found = judged(schema(&component("N0"), &components), value.clone()).expect("a judgement");
            let fits = keyword != "oneOf" && value == json!({}) && last["type"] == "object";
            assert_eq!(found.is_empty(), fits, "{keyword} {last} {value}: {found:?}");
        }
    }
    // The same one level of the value further each time, and through `not` and `properties` in turn.
    let components = line(
        60,
        |next| json!({"allOf": [{"properties": {"a": next}}, {"properties": {"a": next}}]}),
        &json!({"type": "string"}),
    );
    let value = (0..60).fold(json!("x"), |value, _| json!({"a": value}));
    assert_eq!(judged(schema(&component("N0"), &components), value), Ok(vec![]));
    let components =
        line(60, |next| json!({"not": {"anyOf": [{"not": next}, {"not": next}]}}), &json!({"type": "string"}));
    assert_eq!(judged(schema(&component("N0"), &components), json!("x")), Ok(vec![]));
    assert_eq!(judged(schema(&component("N0"), &components), json!(1)).map(|found| found.len()), Ok(1));
}

#[test]
fn a_long_line_of_schemas_needs_no_room_on_the_stack() {
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let components = line(20_000, |next| json!({keyword: [next]}), &json!({"type": "string"}));
        let schema = schema(&component("N0"), &components);
        assert_eq!(judged(Arc::clone(&schema), json!("x")), Ok(vec![]), "{keyword}");
        let found = judged(schema, json!(1)).expect("a judgement");
        assert_eq!(found.len(), 1, "{keyword}: {found:?}");
    }
    // And one that has properties which are only written, looked for through all of it.
    let components = line(
        3_000,
        |next| json!({"required": ["p"], "properties": {"p": {"writeOnly": true}}, "allOf": [next]}),
        &json!({}),
    );
    let schema = schema(&component("N0"), &components);
    let thread = std::thread::Builder::new().stack_size(512 * 1024);
    let found =
        thread.spawn(move || schema.write_only(&json!({"p": 1}))).expect("a thread").join().expect("no overflow");
    assert_eq!(found.map(|found| found.len()), Ok(1));
}

/// Every order of schemas that each lead to all others would be another question.
#[test]
fn what_cannot_be_answered_within_the_steps_is_told_with_the_schema() {
    let count = 14;
    let all: Vec<Value> = (0..count).map(|index| component(format!("N{index}"))).collect();
    let components: Map<String, Value> = (0..count)
        .map(|index| (format!("N{index}"), json!({"anyOf": [{"allOf": all}, {"not": {"allOf": all}}], "minLength": 2})))
        .collect();
    // The last branch needs every one of the others to be refused first.
    let mut components = Value::Object(components);
    components["N0"] = json!({"oneOf": all});
    let schema = schema(&component("N0"), &components);
    match schema.violations(&json!("abc")) {
        Ok(found) => assert!(found.len() < 3, "{found:?}"),
        Err(too_much) => {
            assert_eq!(&*too_much.schema.pointer, "/components/schemas/N0");
            let message = too_much.to_string();
            assert!(message.contains(&format!("takes more than {STEPS} steps")), "{message}");
        }
    }
    // A body that asks a costly question for each of its elements.
    let listed: Vec<Value> = (0..20_000).map(|number| json!({"number": number})).collect();
    let schema = self::schema(&json!({"type": "array", "items": {"enum": listed}}), &json!({}));
    let items: Vec<Value> = (0..2_000).map(|_| json!({"number": -1})).collect();
    let message = schema.violations(&Value::from(items)).expect_err("too much").to_string();
    assert!(message.starts_with("the value could not be judged by the schema `#/paths/~1a/get"), "{message}");
    assert!(message.contains("line 1 of the document"), "{message}");
}

#[test]
fn a_pattern_that_is_too_much_is_refused_when_the_document_is_read() {
    let read = |pattern: &str| {
        let document = json!({
            "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"get": {"responses": {"200": {
                "description": "D", "content": {"application/json": {"schema": {"type": "string", "pattern": pattern}}}
            }}}}}
        });
        Document::read(&Source::new("a.json", document.to_string())).map(drop).map_err(|errors| errors.to_string())
    };
    for (pattern, why) in [
        ("x".repeat(2_000_000), "has 2000000 bytes, and at most 32768 are read"),
        (r"(\w{999}){999}".to_owned(), "repeats so much"),
        ("(".repeat(5_000) + &")".repeat(5_000), "nests its groups 5000 deep"),
    ] {
        let message = read(&pattern).expect_err("refused");
        assert!(message.starts_with(&format!("error: this pattern {why}")), "{}", &message[..300.min(message.len())]);
        assert!(message.contains("--> a.json:1:") && message.len() < 1_000, "{}", message.len());
    }
    assert_eq!(read(r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$"), Ok(()));
}

/// An engine that goes back and tries again takes a time that doubles with each character.
#[test]
fn a_pattern_that_goes_back_comes_to_an_end() {
    let schema = schema(&json!({"type": "array", "items": {"pattern": "^(?=(a+)+$)(a|aa)+$(?<!b)"}}), &json!({}));
    let items: Vec<String> = (0..500).map(|index| format!("{}!{index}", "a".repeat(60))).collect();
    // Whether it could be judged is not the matter.
    drop(schema.violations(&json!(items)));
    // The engine gives up, which is no violation.
    let schema = self::schema(&json!({"pattern": r"^(a|aa)+\1c$"}), &json!({}));
    let message = schema.violations(&json!("a".repeat(60))).expect_err("given up").to_string();
    assert!(message.contains("matching its `pattern` needs too much backtracking"), "{message}");
    assert_eq!(schema.violations(&json!("x")).map(|found| found.len()), Ok(1));
    // It begins anew at each character and reads on to the end.
    let schema = self::schema(&json!({"pattern": "(?=.*a)(?=.*b).*"}), &json!({}));
    assert!(schema.violations(&json!("a".repeat(500_000))).is_err());
    assert!(schema.violations(&json!("ab12")).is_ok_and(|found| found.is_empty()));
}

#[test]
fn what_many_values_take_together_can_be_bounded() {
    let schema = schema(&json!({"type": "array", "items": {"type": "integer"}}), &json!({}));
    let mut steps = 250;
    assert!(schema.violations_within(&json!([1, 2, 3]), &mut steps).is_ok());
    assert!(steps < 250 && steps > 200, "{steps}");
    let many: Vec<u32> = (0..1_000).collect();
    assert!(schema.violations_within(&json!(many), &mut steps).is_err());
    assert_eq!(steps, 0);
}

#[test]
fn what_a_schema_asks_of_itself_adds_nothing() {
    let components = json!({
        "A": {"allOf": [component("B"), {"type": "object"}]},
        "B": {"anyOf": [component("A"), component("C")]},
        "C": {"not": component("C")}
    });
    let schema = schema(&component("A"), &components);
    assert_eq!(judged(Arc::clone(&schema), json!({})), Ok(vec![]));
    let found = judged(schema, json!([])).expect("a judgement");
    assert_eq!(found.last().map(|it| it.keyword.as_str()), Some("type"));
}

#[test]
fn of_several_equal_elements_the_first_are_told_each_time() {
    let schema = schema(&json!({"type": "array", "uniqueItems": true}), &json!({}));
    let value: Value = (0..40).map(|index| json!(index % 20)).collect();
    for _ in 0..20 {
        let found = schema.violations(&value).expect("a judgement");
        assert_eq!(found[0].message, "its elements 0 and 20 are the same, and must not be");
    }
}
