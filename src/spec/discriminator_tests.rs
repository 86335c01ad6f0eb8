use serde_json::{Value, json};

use crate::location::Source;
use crate::spec::Document;

/// A document whose one response is of this component.
fn document(response: &Value, components: &Value) -> Document {
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {
            "description": "D", "content": {"application/json": {"schema": response}}
        }}}}},
        "components": {"schemas": components}
    });
    let text = serde_json::to_string_pretty(&document).expect("JSON");
    Document::read(&Source::new("a.json", text)).unwrap_or_else(|errors| panic!("{errors}"))
}

fn component(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// What is wrong with a value: where in it, by which part of the document, in which words.
fn wrong(document: &Document, value: &Value) -> Vec<(String, String, String)> {
    let schema = document.operations[0].responses[0].content[0].schema.clone().expect("a schema");
    let found = schema.violations(value).expect("a judgement").into_iter();
    found.map(|it| (it.instance, it.anchor.pointer.to_string(), it.message)).collect()
}

/// The same without the words.
fn places(document: &Document, value: &Value) -> Vec<(String, String)> {
    wrong(document, value).into_iter().map(|(instance, pointer, _)| (instance, pointer)).collect()
}

fn remarks(document: &Document) -> Vec<&str> {
    document.remarks.iter().map(|remark| remark.message.as_str()).collect()
}

/// Cats and dogs that are told apart by `kind`, in a schema of this keyword.
fn pets(keyword: &str, discriminator: &Value) -> Value {
    json!({
        "Pet": {keyword: [component("Cat"), component("Dog")], "discriminator": discriminator},
        "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}},
        "Dog": {"type": "object", "required": ["kind", "bark"], "properties": {"bark": {"type": "string"}}},
        "Pack": {"type": "object", "properties": {"pets": {"type": "array", "items": component("Pet")}}}
    })
}

fn at(instance: &str, pointer: &str) -> (String, String) {
    (instance.to_owned(), pointer.to_owned())
}

#[test]
fn the_schema_that_a_value_names_is_the_one_it_is_held_against() {
    for keyword in ["oneOf", "anyOf"] {
        let document = document(&component("Pet"), &pets(keyword, &json!({"propertyName": "kind"})));
        assert_eq!(remarks(&document), [] as [&str; 0]);
        for sound in [
            json!({"kind": "Cat", "lives": 9}),
            // It fits the schema of cats too, and says that it is a dog.
            json!({"kind": "Dog", "bark": "woof"}),
        ] {
            assert_eq!(places(&document, &sound), [], "{keyword} {sound}");
        }
        // It would fit the other one, and says that it is this one.
        let dog = places(&document, &json!({"kind": "Dog", "lives": 9}));
        assert_eq!(dog, [at("", "/components/schemas/Dog/required")]);
        let cat = places(&document, &json!({"kind": "Cat", "lives": 9.5, "bark": "woof"}));
        assert_eq!(cat, [at("/lives", "/components/schemas/Cat/properties/lives/type")]);
    }
}

#[test]
fn a_value_that_names_none_is_told() {
    let document = document(&component("Pack"), &pets("oneOf", &json!({"propertyName": "kind"})));
    let found = wrong(&document, &json!({"pets": [{"kind": "Cat"}, {"kind": "Bird"}, {}, {"kind": [1]}, 5]}));
    let here = "/components/schemas/Pet/discriminator";
    let none = |instance: &str, message: &str| (instance.to_owned(), here.to_owned(), message.to_owned());
    assert_eq!(
        found[..3],
        [
            none("/pets/1/kind", "\"Bird\" names no schema here; `kind` may be `Cat`, `Dog`"),
            none("/pets/2", "the property `kind`, which names the schema, is missing; it may be `Cat`, `Dog`"),
            none("/pets/3/kind", "its value names no schema here; `kind` may be `Cat`, `Dog`"),
        ]
    );
    // What has no properties names nothing, and is held against all of them.
    assert_eq!((found.len(), found[3].0.as_str()), (4, "/pets/4"));
    assert!(found[3].2.starts_with("it fits none of the 2 schemas of `oneOf`"), "{}", found[3].2);
}

#[test]
fn names_are_those_of_the_mapping_and_of_the_schemas() {
    let mapping = json!({"cat": "#/components/schemas/Cat", "7": "Dog", "true": "Dog"});
    let document = document(&component("Pet"), &pets("oneOf", &json!({"propertyName": "kind", "mapping": mapping})));
    assert_eq!(remarks(&document), [] as [&str; 0]);
    for sound in [json!({"kind": "cat"}), json!({"kind": "7", "bark": "w"}), json!({"kind": "Cat"})] {
        assert_eq!(places(&document, &sound), [], "{sound}");
    }
    // Compared as strings.
    assert_eq!(places(&document, &json!({"kind": 7})), [at("", "/components/schemas/Dog/required")]);
    assert_eq!(places(&document, &json!({"kind": true})), [at("", "/components/schemas/Dog/required")]);
    let cow = places(&document, &json!({"kind": "cow"}));
    assert_eq!(cow, [at("/kind", "/components/schemas/Pet/discriminator")]);
}

/// Animals in which every kind has the general one in its `allOf`.
fn heirs() -> Value {
    json!({
        "Animal": {
            "type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}},
            "discriminator": {"propertyName": "kind", "mapping": {"feline": "Cat", "rock": "Stone"}}
        },
        "Cat": {"allOf": [component("Animal"), {"required": ["lives"]}]},
        "Kitten": {"allOf": [component("Cat"), {"properties": {"weeks": {"type": "integer"}}}]},
        "Stone": {"type": "object", "required": ["weight"]}
    })
}

#[test]
fn a_general_schema_chooses_from_those_that_have_it_in_their_all_of() {
    for whole in ["Animal", "Cat"] {
        let document = document(&component(whole), &heirs());
        assert_eq!(remarks(&document), [] as [&str; 0]);
        let sound = json!({"kind": "Kitten", "lives": 9, "weeks": 3});
        assert_eq!(places(&document, &sound), []);
        let weeks = at("/weeks", "/components/schemas/Kitten/allOf/1/properties/weeks/type");
        assert_eq!(places(&document, &json!({"kind": "Kitten", "lives": 9, "weeks": "3"})), [weeks]);
        assert_eq!(
            places(&document, &json!({"kind": "Stone", "lives": 9})),
            [at("/kind", "/components/schemas/Animal/discriminator")]
        );
    }
    let document = document(&component("Animal"), &heirs());
    let lives = at("", "/components/schemas/Cat/allOf/1/required");
    assert_eq!(places(&document, &json!({"kind": "feline"})), [lives]);
    assert_eq!(places(&document, &json!({"kind": "Animal"})), [], "the general one itself");
    // What `mapping` names need not have the general one in it.
    assert_eq!(places(&document, &json!({"kind": "rock"})), [at("", "/components/schemas/Stone/required")]);
    assert_eq!(places(&document, &json!("text")), [at("", "/components/schemas/Animal/type")]);
}

/// Many generators write both: the list of kinds in the general schema, and the general schema in every kind.
#[test]
fn schemas_that_choose_each_other_come_to_an_end() {
    let components = json!({
        "Animal": {
            "type": "object", "properties": {"kind": {"type": "string"}, "next": component("Animal")},
            "discriminator": {"propertyName": "kind"}, "oneOf": [component("Cat"), component("Dog")]
        },
        "Cat": {"allOf": [component("Animal"), {"required": ["lives"]}]},
        "Dog": {"allOf": [component("Animal")]}
    });
    let document = std::sync::Arc::new(document(&component("Animal"), &components));
    assert_eq!(places(&document, &json!({"kind": "Cat", "lives": 9, "next": {"kind": "Dog"}})), []);
    let found = places(&document, &json!({"kind": "Dog", "next": {"kind": "Cat"}}));
    assert!(found.contains(&at("/next", "/components/schemas/Cat/allOf/1/required")), "{found:?}");
    // Nested as deep as any body that is read, in a thread with little room; and in time, although every level is asked
    // about by the general schema and by the chosen one.
    for (innermost, sound) in [(json!({"kind": "Cat"}), false), (json!({"kind": "Dog"}), true)] {
        let mut deep = innermost;
        for _ in 0..126 {
            deep = json!({"kind": "Dog", "next": deep});
        }
        let document = std::sync::Arc::clone(&document);
        let thread = std::thread::Builder::new().stack_size(1024 * 1024);
        let judged = thread.spawn(move || places(&document, &deep)).expect("a thread").join().expect("no overflow");
        assert_eq!(judged.is_empty(), sound, "{judged:?}");
        assert!(judged.len() < 3, "{judged:?}");
    }
}

#[test]
fn what_another_schema_refers_to_inside_a_one_of_stays_there() {
    let mut components = pets("oneOf", &json!({"propertyName": "kind"}));
    components["Pack"] = json!({"type": "object", "properties": {"cat": {"$ref": "#/components/schemas/Pet/oneOf/0"}, "pet": component("Pet")}});
    let document = document(&component("Pack"), &components);
    let found = places(&document, &json!({"cat": {"kind": "x", "lives": "9"}, "pet": {"kind": "Cat", "lives": 9}}));
    assert_eq!(found, [at("/cat/lives", "/components/schemas/Cat/properties/lives/type")]);
}

#[test]
fn a_discriminator_that_cannot_choose_is_left_aside_and_told() {
    let mut components = pets("oneOf", &json!({"propertyName": "kind"}));
    components["Pet"]["oneOf"][1] = json!({"type": "object", "required": ["bark"]});
    let inline = document(&component("Pet"), &components);
    assert!(remarks(&inline)[0].starts_with("`discriminator` is ignored: schema 2 of `oneOf` is written out"));
    assert_eq!(places(&inline, &json!({"bark": "woof"})), []);

    let alone = json!({"Pet": {"type": "object", "discriminator": {"propertyName": "kind"}}});
    let alone = document(&component("Pet"), &alone);
    assert!(remarks(&alone)[0].starts_with("`discriminator` has nothing to choose from"));
    assert_eq!(places(&alone, &json!({})), []);

    let mapping = json!({"cow": "#/components/schemas/Pack", "bull": "Bull", "cat": "Cat"});
    let lost = document(&component("Pet"), &pets("oneOf", &json!({"propertyName": "kind", "mapping": mapping})));
    let none = |name: &str| format!("`mapping` sends `{name}` to what is none of the schemas that can be chosen here");
    assert_eq!(remarks(&lost), [none("cow"), none("bull")]);
    assert_eq!(places(&lost, &json!({"kind": "cow"})), [at("/kind", "/components/schemas/Pet/discriminator")]);

    let mut values = pets("oneOf", &json!({"propertyName": "kind"}));
    values["Cat"]["properties"]["kind"] = json!({"type": "string", "enum": ["Cat", "cat"]});
    let values = document(&component("Pet"), &values);
    assert_eq!(remarks(&values).len(), 1);
    assert!(remarks(&values)[0].starts_with("`kind` may be `cat` here, and no schema has this name"));
}

#[test]
fn what_is_under_a_discriminator_is_checked_when_the_document_is_read() {
    let mut components = pets("oneOf", &json!({"propertyName": "kind"}));
    components["Dog"]["properties"]["bark"]["pattern"] = json!("(");
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {
            "description": "D", "content": {"application/json": {"schema": component("Pet")}}
        }}}}},
        "components": {"schemas": components}
    });
    let errors = Document::read(&Source::new("a.json", document.to_string())).expect_err("no regular expression");
    assert!(errors.to_string().contains("`(` is not a regular expression"), "{errors}");
}
