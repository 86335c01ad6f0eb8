use serde_json::{Value, json};

use crate::location::Source;
use crate::spec::{Document, Schema, Violation};
use std::sync::Arc;

/// A document whose one response has this schema, and these component schemas.
fn document(schema: &Value, components: &Value) -> Document {
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {
            "description": "D", "content": {"application/json": {"schema": schema}}
        }}}}},
        "components": {"schemas": components}
    });
    let text = serde_json::to_string_pretty(&document).expect("JSON");
    Document::read(&Source::new("a.json", text)).unwrap_or_else(|errors| panic!("{errors}"))
}

fn compiled(schema: &Value, components: &Value) -> Arc<Schema> {
    let document = document(schema, components);
    document.operations[0].responses[0].content[0].schema.clone().expect("a schema")
}

fn violations(schema: &Value, value: &Value) -> Vec<Violation> {
    compiled(schema, &json!({})).violations(value).expect("a judgement")
}

#[test]
fn values_are_judged_in_the_dialect_of_3_0() {
    for (schema, value, holds) in [
        // Numbers.
        (json!({"type": "integer"}), json!(1), true),
        (json!({"type": "integer"}), json!(1.0), true),
        (json!({"type": "integer"}), json!(1.5), false),
        (json!({"type": "integer"}), json!("1"), false),
        (json!({"type": "number"}), json!(1), true),
        (json!({"type": "integer", "format": "int32"}), json!(3_000_000_000_u64), false),
        (json!({"minimum": 1, "exclusiveMinimum": true}), json!(1), false),
        (json!({"minimum": 1, "exclusiveMinimum": true}), json!(1.1), true),
        (json!({"minimum": 1, "exclusiveMinimum": false}), json!(1), true),
        (json!({"maximum": 1, "exclusiveMaximum": true}), json!(1), false),
        (json!({"multipleOf": 0.1}), json!(0.3), true),
        // Null.
        (json!({"type": "string"}), json!(null), false),
        (json!({"type": "string", "nullable": true}), json!(null), true),
        (json!({"type": "string", "nullable": false}), json!(null), false),
        (json!({"nullable": true, "allOf": [{"type": "string"}]}), json!(null), false),
        (json!({"type": "string", "nullable": true, "enum": ["a"]}), json!(null), true),
        (json!({"type": "string", "nullable": true, "enum": ["a"]}), json!("b"), false),
        (json!({"type": "string", "nullable": true, "minLength": 3}), json!(null), true),
        (json!({"enum": ["a"]}), json!(null), false),
        (json!({"enum": ["a", null]}), json!(null), true),
        (json!({"enum": [1, [{"a": 2.0}]]}), json!(1.0), true),
        (json!({"enum": [1, [{"a": 2.0}]]}), json!([{"a": 2}]), true),
        (json!({"enum": [9_007_199_254_740_993_i64]}), json!(9_007_199_254_740_992_i64), false),
        // Strings.
        (json!({"type": "string", "format": "uuid"}), json!("x"), false),
        (json!({"type": "string", "format": "made-up"}), json!("x"), true),
        (json!({"type": "string", "pattern": "^\\d+(?=x)"}), json!("12x"), true),
        (json!({"type": "string", "pattern": "\\d"}), json!("a1b"), true),
        (json!({"type": "string", "maxLength": 1}), json!("ü"), true),
        // Objects.
        (json!({"type": "object", "required": ["a", "b"]}), json!({"a": 1}), false),
        (json!({"required": ["a"]}), json!([]), true),
        (json!({"required": ["p"], "properties": {"p": {"writeOnly": true}}}), json!({}), true),
        (json!({"required": ["p"], "properties": {"p": {"readOnly": true}}}), json!({}), false),
        (json!({"required": ["p"], "allOf": [{"properties": {"p": {"writeOnly": true}}}]}), json!({}), true),
        (json!({"allOf": [{"required": ["p"]}, {"properties": {"p": {"writeOnly": true}}}]}), json!({}), true),
        (
            json!({"allOf": [{"allOf": [{"required": ["p"]}]}], "properties": {"p": {"writeOnly": true}}}),
            json!({}),
            true,
        ),
        (json!({"anyOf": [{"required": ["p"]}], "properties": {"p": {"writeOnly": true}}}), json!({}), false),
        (json!({"additionalProperties": false, "properties": {"a": {}}}), json!({"b": 1}), false),
        (json!({"additionalProperties": {"type": "string"}}), json!({"b": 1}), false),
        // What is not of 3.0 asserts nothing.
        (json!({"patternProperties": {"^a": {"type": "string"}}}), json!({"a": 1}), true),
        (json!({"dependencies": {"a": ["b"]}}), json!({"a": 1}), true),
        (json!({"const": 1, "if": {}, "then": {"type": "string"}, "contains": {"type": "null"}}), json!([2]), true),
        (json!({"type": "object", "discriminator": {"propertyName": "kind"}}), json!({}), true),
        // Combinations.
        (json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}), json!(1), true),
        (json!({"oneOf": [{"type": "number"}, {"type": "integer"}]}), json!(1), false),
        (json!({"not": {"type": "integer"}}), json!(1.0), false),
        (json!({"type": "array", "items": {"type": "string"}, "minItems": 1}), json!([1]), false),
        (json!({"type": "array", "items": {"type": "string"}, "minItems": 1, "nullable": true}), json!(null), true),
        (json!({}), json!({"any": ["thing"]}), true),
    ] {
        assert_eq!(violations(&schema, &value).is_empty(), holds, "{schema} {value}");
    }
}

/// Checks that each schema allows the first values and refuses the second ones.
///
/// The tests that use this hold what implementations of Draft 4 are known to get wrong, by the groups of the JSON Schema Test
/// Suite. All of its cases agree, except where OpenAPI 3.0 has another rule or no such keyword.
fn allows_and_refuses<const N: usize>(rows: [(Value, Vec<Value>, Vec<Value>); N]) {
    for (schema, allowed, refused) in rows {
        for value in allowed {
            assert!(violations(&schema, &value).is_empty(), "{schema} refuses {value}");
        }
        for value in refused {
            assert!(!violations(&schema, &value).is_empty(), "{schema} allows {value}");
        }
    }
}

#[test]
fn a_keyword_allows_values_of_other_types() {
    allows_and_refuses([
        (json!({"minimum": 3}), vec![json!("x"), json!(3)], vec![json!(2.9)]),
        (json!({"maxLength": 2}), vec![json!(1000), json!("ab")], vec![json!("abc")]),
        (json!({"pattern": "^b+$"}), vec![json!(true), json!("bb")], vec![json!("ab"), json!("")]),
        (json!({"maxItems": 1}), vec![json!("abc"), json!([1])], vec![json!([1, 2])]),
        (json!({"minProperties": 1}), vec![json!([]), json!({"a": null})], vec![json!({})]),
        (json!({"maxProperties": 1}), vec![json!("ab"), json!({"a": 1})], vec![json!({"a": 1, "b": 1})]),
        (json!({"multipleOf": 2}), vec![json!("x"), json!(10), json!(0)], vec![json!(7)]),
        (json!({"items": {"type": "integer"}}), vec![json!({"0": "x"}), json!([])], vec![json!([1, "x"])]),
        (json!({"uniqueItems": true}), vec![json!("aa"), json!([1, true])], vec![json!([1, 1])]),
        (
            json!({"properties": {"a": {"type": "integer"}}}),
            vec![json!([]), json!({"b": "x"})],
            vec![json!({"a": "x"})],
        ),
        (json!({"additionalProperties": false}), vec![json!([1]), json!({})], vec![json!({"a": 1})]),
        (json!({"required": ["a"]}), vec![json!("a"), json!({"a": null})], vec![json!({"b": 1})]),
        (json!({"format": "date-time"}), vec![json!(7), json!("1990-12-31T23:59:59Z")], vec![json!("1990-13-31")]),
    ]);
}

#[test]
fn values_are_compared_and_measured_as_in_draft_4() {
    allows_and_refuses([
        // Numbers are compared by value, also very large and very small ones.
        (json!({"multipleOf": 0.0001}), vec![json!(0.0075)], vec![json!(0.00751)]),
        (json!({"multipleOf": 1.5}), vec![json!(4.5), json!(-3)], vec![json!(35)]),
        (json!({"type": "integer"}), vec![json!(1e30), json!(-7.0)], vec![json!(1e-3)]),
        (
            json!({"maximum": 18_446_744_073_709_551_615_u64}),
            vec![json!(18_446_744_073_709_551_600_u64)],
            vec![json!(1e20)],
        ),
        (json!({"minimum": -1e30, "exclusiveMinimum": true}), vec![json!(-1e29)], vec![json!(-1e30)]),
        // Lengths are counted in characters.
        (json!({"minLength": 2}), vec![json!("\u{1F4A9}\u{1F4A9}")], vec![json!("\u{1F4A9}")]),
        (json!({"maxLength": 2}), vec![json!("\u{1F4A9}\u{1F4A9}")], vec![json!("\u{1F4A9}\u{1F4A9}\u{1F4A9}")]),
        // Values are equal by content at any depth, in any order of keys, and only if their types are equal.
        (
            json!({"uniqueItems": true}),
            vec![json!([{"a": [1]}, {"a": [2]}])],
            vec![json!([{"a": 1, "b": 2}, {"b": 2, "a": 1.0}])],
        ),
        (json!({"uniqueItems": true}), vec![json!([0, false, "", null, [], {}])], vec![json!([[null], [null]])]),
        (
            json!({"enum": [0, {"a": [false]}]}),
            vec![json!(0.0), json!({"a": [false]})],
            vec![json!(false), json!({"a": [0]})],
        ),
        (json!({"enum": ["", []]}), vec![json!("")], vec![json!(null), json!({})]),
        // A pattern without anchors matches anywhere.
        (json!({"pattern": "a+"}), vec![json!("xxaayy")], vec![json!("xyz")]),
        (json!({"pattern": "^\\p{L}+$"}), vec![json!("Straße")], vec![json!("a1")]),
    ]);
}

#[test]
fn schemas_are_combined_as_in_draft_4() {
    allows_and_refuses([
        // Each combination applies to the whole value.
        (
            json!({"allOf": [{"minimum": 2}, {"maximum": 4}], "type": "integer"}),
            vec![json!(3)],
            vec![json!(1), json!(5), json!(3.5)],
        ),
        (json!({"anyOf": [{"type": "integer"}, {"minimum": 2}]}), vec![json!(1), json!(2.5)], vec![json!(1.5)]),
        (
            json!({"oneOf": [{"type": "integer"}, {"minimum": 2}]}),
            vec![json!(1), json!(2.5)],
            vec![json!(3), json!(1.5)],
        ),
        (
            json!({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
            vec![json!({"a": 1})],
            vec![json!({"a": 1, "b": 1}), json!({})],
        ),
        (json!({"not": {"not": {"type": "string"}}}), vec![json!("x")], vec![json!(1)]),
        (json!({"not": {}}), vec![], vec![json!(1), json!(null)]),
        (
            json!({"properties": {"a": {}}, "additionalProperties": {"type": "boolean"}}),
            vec![json!({"a": 1, "b": true})],
            vec![json!({"a": 1, "b": 1})],
        ),
        // `additionalProperties` considers only the `properties` of its own schema, not those in an `allOf`.
        (
            json!({"allOf": [{"properties": {"a": {}}}], "additionalProperties": false}),
            vec![json!({})],
            vec![json!({"a": 1})],
        ),
        // A property may have the name of a keyword. A default asserts nothing.
        (json!({"properties": {"type": {"type": "string"}}}), vec![json!({"type": "x"})], vec![json!({"type": 1})]),
        (json!({"properties": {"a": {"type": "integer", "default": []}}}), vec![json!({})], vec![json!({"a": []})]),
    ]);
}

#[test]
fn a_violation_says_what_where_and_by_which_keyword() {
    let schema =
        json!({"type": "object", "required": ["a", "b"], "properties": {"x/y": {"type": "string", "nullable": true}}});
    let document = document(&schema, &json!({}));
    let schema = document.operations[0].responses[0].content[0].schema.clone().expect("a schema");
    let found = schema.violations(&json!({"x/y": 5})).expect("a judgement");
    let at = "/paths/~1a/get/responses/200/content/application~1json/schema";
    let shown: Vec<_> = found
        .iter()
        .map(|violation| {
            let pointer = violation.anchor.pointer.strip_prefix(at).expect("below the schema");
            (violation.instance.as_str(), pointer, violation.keyword.as_str(), violation.message.as_str())
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("/x~1y", "/properties/x~1y/type", "type", "5 is not of type string or null"),
            ("", "/required", "required", "the required property `a` is missing"),
            ("", "/required", "required", "the required property `b` is missing"),
        ]
    );
    for violation in &found {
        let line = document.source.line(violation.anchor.line);
        assert!(line.contains(&format!("\"{}\"", violation.keyword)), "{line}");
    }
}

#[test]
fn references_are_followed_and_their_siblings_ignored() {
    let components = json!({
        "Name": {"$ref": "#/components/schemas/a~1b %{c}"},
        "a/b %{c}": {"type": "string", "minLength": 2},
        "Secret": {"type": "string", "writeOnly": true},
        "Tree": {
            "type": "object", "required": ["name", "secret"], "additionalProperties": false,
            "properties": {
                "name": {"$ref": "#/components/schemas/Name", "maxLength": 1},
                "secret": {"$ref": "#/components/schemas/Secret"},
                "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
            }
        }
    });
    let mut components = components;
    components["Name"]["$ref"] = json!("#/components/schemas/a~1b%20%25%7Bc%7D");
    let schema = compiled(&json!({"$ref": "#/components/schemas/Tree"}), &components);
    assert_eq!(&*schema.anchor.pointer, "/components/schemas/Tree");
    assert_eq!(
        schema.violations(&json!({"name": "long enough", "children": [{"name": "ab"}]})).expect("a judgement"),
        []
    );
    let found =
        schema.violations(&json!({"name": "ab", "children": [{"name": "b", "children": [{}]}]})).expect("a judgement");
    let shown: Vec<_> = found.iter().map(|found| (found.instance.as_str(), &*found.anchor.pointer)).collect();
    assert!(shown.contains(&("/children/0/name", "/components/schemas/a~1b %{c}/minLength")), "{shown:?}");
    assert!(shown.contains(&("/children/0/children/0", "/components/schemas/Tree/required")), "{shown:?}");
    assert_eq!(shown.len(), 2, "{shown:?}");
}

#[test]
fn one_schema_is_compiled_for_all_that_refer_to_it() {
    let text = "openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get:\n      responses:\n\
        \x20       '200': {description: A, content: {a/b: {schema: {$ref: '#/components/schemas/S'}}}}\n\
        \x20       '201': {description: B, content: {a/b: {schema: {$ref: '#/components/schemas/R'}}}}\n\
        components: {schemas: {S: {type: string}, R: {$ref: '#/components/schemas/S'}}}\n";
    let document = Document::read(&Source::new("a.yaml", text)).expect("a document");
    let schemas: Vec<_> = document.operations[0]
        .responses
        .iter()
        .map(|response| response.content[0].schema.clone().expect("a schema"))
        .collect();
    assert!(Arc::ptr_eq(&schemas[0], &schemas[1]));
    assert_eq!(schemas[0].anchor.line, 9);
}

#[test]
fn large_values_are_not_repeated_in_messages() {
    let long = "x".repeat(5000);
    for (schema, value) in [
        (json!({"type": "integer"}), json!(long)),
        (json!({"maxLength": 3}), json!(long)),
        (json!({"type": "string"}), json!({"a": long})),
        (json!({"anyOf": [{"type": "string"}]}), json!([long])),
        (json!({"enum": [1]}), json!([long])),
        (json!({"type": "string", "format": "uuid"}), json!(long)),
    ] {
        let found = violations(&schema, &value);
        assert_eq!(found.len(), 1, "{schema}");
        assert!(found[0].message.len() < 200, "{}", found[0].message);
    }
    let many = violations(&json!({"type": "array", "items": {"type": "string"}}), &json!(vec![1; 1000]));
    assert_eq!(many.len(), 100);
}

#[test]
fn a_document_with_thousands_of_schemas_is_read_with_each_compiled_once() {
    let count = 2000;
    let components: serde_json::Map<String, Value> = (0..count)
        .map(|index| {
            let next = format!("#/components/schemas/S{}", (index + 1) % count);
            (format!("S{index}"), json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "next": {"$ref": next}}}))
        })
        .collect();
    let schema = compiled(&json!({"$ref": "#/components/schemas/S0"}), &json!(components));
    assert_eq!(schema.violations(&json!({"a": "x", "next": {"a": "y", "next": {"a": "z"}}})).expect("a judgement"), []);
    let found = schema.violations(&json!({"a": "x", "next": {"a": "y", "next": {"a": 1}}})).expect("a judgement");
    assert_eq!(&*found[0].anchor.pointer, "/components/schemas/S2/properties/a/type");
}

#[test]
fn a_combination_says_of_each_schema_why_it_does_not_fit() {
    let components = json!({
        "Cat": {"type": "object", "required": ["lives"], "properties": {"lives": {"type": "integer"}}},
        "Dog": {"type": "object", "required": ["bark"], "properties": {"bark": {"type": "string"}}}
    });
    let cat = json!({"$ref": "#/components/schemas/Cat"});
    let dog = json!({"$ref": "#/components/schemas/Dog"});
    let told = |schema: &Value, value: &Value| {
        let found = compiled(schema, &components).violations(value).expect("a judgement");
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].message.clone()
    };
    for keyword in ["oneOf", "anyOf"] {
        let schema = json!({"properties": {"pet": {keyword: [cat, dog, {"type": "string"}]}}});
        assert_eq!(
            told(&schema, &json!({"pet": {"lives": 9.5, "bark": 1}})),
            format!(
                "it fits none of the 3 schemas of `{keyword}`: #/components/schemas/Cat: /pet/lives: 9.5 is not of type \
                 integer; #/components/schemas/Dog: /pet/bark: 1 is not of type string; {keyword}/2: /pet: the value is \
                 not of type string"
            )
        );
    }
    assert_eq!(
        told(&json!({"oneOf": [cat, dog, {"type": "string"}]}), &json!({"lives": 9, "bark": "woof"})),
        "it fits 2 of the 3 schemas of `oneOf` and must fit exactly one: #/components/schemas/Cat, #/components/schemas/Dog"
    );
    assert_eq!(
        told(&json!({"anyOf": [{"required": ["a", "b"]}]}), &json!({})),
        "it does not fit the schema of `anyOf`: anyOf/0: the required property `a` is missing (and 1 more)"
    );
    assert_eq!(
        told(&json!({"oneOf": [{"anyOf": [cat, dog]}]}), &json!(5)),
        "it does not fit the schema of `oneOf`: oneOf/0: it does not fit `anyOf`"
    );
    // Of many the nearest are told, and never too much.
    let long = json!({"required": ["x".repeat(500)]});
    let many: Vec<Value> = (0..9).map(|_| json!({"allOf": [long, long]})).chain([long.clone()]).collect();
    let message = told(&json!({"oneOf": many}), &json!({}));
    assert!(message.starts_with("it fits none of the 10 schemas of `oneOf`: oneOf/9: "), "{message}");
    assert!(message.ends_with("and 7 more") && message.chars().count() < 350, "{message}");
}

#[test]
fn what_may_only_be_written_is_found_wherever_it_was_sent() {
    let components = json!({
        "Secret": {"type": "string", "writeOnly": true},
        "User": {"type": "object", "required": ["password", "id"], "properties": {
            "password": {"type": "string", "writeOnly": true},
            "id": {"type": "string", "readOnly": true},
            "token": {"$ref": "#/components/schemas/Secret"},
            "pin": {"allOf": [{"$ref": "#/components/schemas/Secret"}]},
            "friends": {"type": "array", "items": {"$ref": "#/components/schemas/User"}},
            "codes": {"type": "array", "items": {"type": "string", "writeOnly": true}}
        }},
        "Admin": {"allOf": [{"$ref": "#/components/schemas/User"}, {"properties": {"x/y": {"writeOnly": true}}}]},
        "Either": {"oneOf": [
            {"required": ["a"], "properties": {"a": {"writeOnly": true}, "s": {}}},
            {"required": ["b"], "properties": {"s": {"writeOnly": true}}}
        ]},
        "Named": {"oneOf": [{"$ref": "#/components/schemas/One"}, {"$ref": "#/components/schemas/Two"}],
            "discriminator": {"propertyName": "kind"}},
        "One": {"properties": {"s": {"writeOnly": true}}},
        "Two": {"properties": {"t": {"writeOnly": true}}},
        "Map": {"properties": {"plain": {}}, "additionalProperties": {"$ref": "#/components/schemas/Secret"}}
    });
    for (schema, value, places) in [
        ("User", json!({"id": "1"}), vec![]),
        ("User", json!({"id": "1", "password": "p"}), vec!["/password"]),
        ("User", json!({"id": "1", "password": null}), vec!["/password"]),
        ("User", json!({"id": "1", "token": "t", "pin": "p", "codes": ["c"]}), vec!["/pin", "/token"]),
        (
            "User",
            json!({"id": "1", "friends": [{"id": "2"}, {"id": "3", "password": "p"}]}),
            vec!["/friends/1/password"],
        ),
        ("Admin", json!({"id": "1", "x/y": 1, "password": 2}), vec!["/password", "/x~1y"]),
        ("Either", json!({"a": 1, "s": 2}), vec!["/a"]),
        ("Either", json!({"b": 1, "s": 2}), vec!["/s"]),
        ("Named", json!({"kind": "One", "s": 1, "t": 1}), vec!["/s"]),
        ("Named", json!({"kind": "Two", "s": 1, "t": 1}), vec!["/t"]),
        ("Named", json!({"kind": "Three", "s": 1, "t": 1}), vec![]),
        ("Map", json!({"plain": 1, "other": 2}), vec!["/other"]),
        ("Secret", json!("whole"), vec![]),
    ] {
        let compiled = compiled(&json!({"$ref": format!("#/components/schemas/{schema}")}), &components);
        let read = crate::tree::json::read(value.to_string().as_bytes()).expect("JSON");
        let mut found: Vec<String> =
            compiled.write_only_of(&read.root).expect("a judgement").into_iter().map(|(place, _)| place).collect();
        found.sort();
        assert_eq!(found, places, "{schema} {value}");
    }
    // Where the document says so, and what that leaves of `required`: the one is not missed, the other is.
    let user = compiled(&json!({"$ref": "#/components/schemas/User"}), &components);
    let read = crate::tree::json::read(br#"{"token":"t"}"#).expect("JSON");
    assert_eq!(
        &*user.write_only_of(&read.root).expect("a judgement")[0].1.pointer,
        "/components/schemas/Secret/writeOnly"
    );
    let missing = user.violations(&json!({})).expect("a judgement");
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0].message, "the required property `id` is missing");
    // Many are not told without end.
    let many: Vec<Value> = (0..500).map(|_| json!({"password": "p"})).collect();
    let read = crate::tree::json::read(json!({"friends": many}).to_string().as_bytes()).expect("JSON");
    assert_eq!(user.write_only_of(&read.root).expect("a judgement").len(), 100);
}

/// What asks about each level twice must not take twice as long with each: a body is read to 128 levels.
#[test]
fn schemas_that_refer_to_themselves_in_two_branches_are_judged_in_time() {
    let tree = |required: &str| json!({"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Tree"}}, "required": [required]});
    for (keyword, sound) in [("oneOf", false), ("anyOf", true)] {
        let components = json!({"Tree": {keyword: [tree("a"), tree("b")]}});
        let schema = compiled(&json!({"$ref": "#/components/schemas/Tree"}), &components);
        let mut deep = json!({"a": 1, "b": 1});
        for _ in 0..126 {
            deep = json!({"next": deep, "a": 1, "b": 1});
        }
        let thread = std::thread::Builder::new().stack_size(1024 * 1024);
        let found = thread
            .spawn(move || schema.violations(&deep).expect("a judgement"))
            .expect("a thread")
            .join()
            .expect("no overflow");
        assert_eq!(found.is_empty(), sound, "{keyword}: {found:?}");
    }
}

/// A copy of the rest of the value for each level that is wrong would be 120 times what came.
#[test]
fn a_value_that_is_wrong_at_every_level_is_told_without_copies_of_it() {
    let components = json!({"Tree": {
        "type": "object", "required": ["x"], "minProperties": 2,
        "properties": {"next": {"$ref": "#/components/schemas/Tree"}, "leaf": {"type": "string"}}
    }});
    let schema = compiled(&json!({"$ref": "#/components/schemas/Tree"}), &components);
    let mut deep = json!({"x": 1, "leaf": vec![0; 400_000]});
    for _ in 0..120 {
        deep = json!({"next": deep});
    }
    let found = schema.violations(&deep).expect("a judgement");
    assert_eq!(found.len(), 100);
    let leaf = found.iter().find(|it| it.keyword == "type").expect("the leaf");
    assert_eq!((leaf.instance.len(), leaf.message.as_str()), (120 * 5 + 5, "the value is not of type string"));
    assert!(
        found
            .iter()
            .filter(|it| it.keyword == "required")
            .all(|it| it.instance.ends_with("/next") || it.instance.is_empty())
    );
}
