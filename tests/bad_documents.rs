//! A document that cannot be used is refused with a message that names the place and the reason.

use conformant::location::{InputError, Position, Source};
use conformant::spec::Document;

fn errors(name: &str, text: &str) -> Vec<InputError> {
    Document::read(&Source::new(name, text)).map(|_| ()).expect_err(text).0
}

/// The one error of a text; every error must have a place and say what to do.
fn error(name: &str, text: &str) -> (String, usize, usize, String) {
    let errors = errors(name, text);
    assert_eq!(errors.len(), 1, "{errors:?}");
    let error = &errors[0];
    let Position { line, column } = error.place.as_ref().unwrap_or_else(|| panic!("{error}")).position();
    (error.message.clone(), line, column, error.help.clone().unwrap_or_else(|| panic!("{error}")))
}

/// A document with this operation (indented by six) and these components (indented by two).
fn with(operation: &str, components: &str) -> String {
    format!(
        "openapi: 3.0.1\ninfo: {{title: T, version: '1'}}\npaths:\n  /a:\n    delete:\n{operation}\ncomponents:\n{components}\n"
    )
}

const FINE: &str = "      responses: {'204': {description: Gone.}}";

#[test]
fn other_versions_and_other_files_are_refused_with_their_name() {
    for (text, message, line, column, help) in [
        ("- a\n- b\n", "this is a sequence, not an OpenAPI document", 1, 1, "Its first key is one of `openapi`"),
        ("just text\n", "this is a string, not an OpenAPI document", 1, 1, "Its first key is one of `openapi`"),
        ("a: 1\n", "this is not an OpenAPI document: it does not begin like one", 1, 1, "Its first key is one of"),
        ("OpenAPI: 3.0.1\n", "`OpenAPI` is not a first key of an OpenAPI document", 1, 1, "Did you mean `openapi`?"),
        ("opneapi: 3.0.1\n", "`opneapi` is not a first key of an OpenAPI document", 1, 1, "Did you mean `openapi`?"),
        (
            "info: {}\nswagger: '2.0'\n",
            "this is a Swagger 2.0 document; only OpenAPI 3.0 is read",
            2,
            1,
            "Convert it first",
        ),
        ("openapi: 3.1.0\n", "this is OpenAPI 3.1.0; only OpenAPI 3.0 is read", 1, 10, "Ask for the 3.0 document"),
        ("openapi: '3.2'\n", "this is OpenAPI 3.2; only OpenAPI 3.0 is read", 1, 10, "Ask for the 3.0 document"),
        ("openapi: 2.0.0\n", "this is OpenAPI 2.0.0 (Swagger); only OpenAPI 3.0 is read", 1, 10, "Convert it first"),
        ("openapi: 3.0\n", "the value of `openapi` is the number 3.0, not a version", 1, 10, "Write all three parts"),
        ("openapi: 3\n", "the value of `openapi` is the number 3, not a version", 1, 10, "Write all three parts"),
        ("openapi:\n", "the value of `openapi` is null, not a version", 1, 9, "Write the version"),
        ("openapi: latest\n", "`latest` is not a version of OpenAPI 3.0", 1, 10, "Write the version"),
        ("openapi: '4.0.0'\n", "`4.0.0` is not a version of OpenAPI 3.0", 1, 10, "Write the version"),
        ("", "the file is empty", 1, 1, "Write the text"),
    ] {
        let (found, at_line, at_column, found_help) = error("a.yaml", text);
        assert_eq!((found.as_str(), at_line, at_column), (message, line, column), "{text:?}");
        assert!(found_help.starts_with(help), "{found_help}");
    }
}

#[test]
fn faults_of_the_structure_are_found_where_they_are() {
    let op = |text: &str| with(text, "  {}");
    let schema = |text: &str| with(FINE, &format!("  schemas:\n    S: {text}"));
    for (text, message, line, column) in [
        ("openapi: 3.0.1\n".to_owned(), "the document has no `info`", 1, 1),
        ("openapi: 3.0.1\ninfo: {title: T, version: '1'}\n".to_owned(), "the document has no `paths`", 1, 1),
        (
            "openapi: 3.0.1\npaths: {}\ninfo:\n  title: T\n  version: 1.0\n".to_owned(),
            "`version` must be a string, and this is a number",
            5,
            12,
        ),
        ("openapi: 3.0.1\npaths: {}\ninfo:\n  version: '1'\n".to_owned(), "the info object has no `title`", 3, 1),
        ("openapi: 3.0.1\npaths: []\ninfo: {title: T, version: '1'}\n".to_owned(), "`paths` must be a mapping, and this is a sequence", 2, 8),
        (op("      responses: {'204': {}}"), "a response has no `description`", 6, 19),
        (op("      operationId: x"), "an operation has no `responses`", 5, 5),
        (op("      responses:\n        '200':"), "a response must be a mapping, and this is null", 7, 15),
        (op(&format!("{FINE}\n      deprecated: maybe")), "`deprecated` must be a boolean, and this is a string", 7, 19),
        (op(&format!("{FINE}\n      tags: one")), "`tags` must be a sequence, and this is a string", 7, 13),
        (op(&format!("{FINE}\n      parameters: {{a: 1}}")), "`parameters` must be a sequence, and this is a mapping", 7, 19),
        (op(&format!("{FINE}\n      parameters: [{{name: a, in: path}}]")), "a parameter has neither `schema` nor `content`", 7, 20),
        (op(&format!("{FINE}\n      parameters: [{{name: a, in: body, schema: {{}}}}]")), "`in` cannot be `body`", 7, 34),
        (op(&format!("{FINE}\n      parameters: [{{in: query, schema: {{}}}}]")), "a parameter has no `name`", 7, 20),
        (op(&format!("{FINE}\n      parameters: [{{$ref: 1}}]")), "a `$ref` must be a string, and this is a number", 7, 27),
        (schema("{type: [string, 'null']}"), "`type` must be a string, and this is a sequence", 9, 15),
        (schema("{minLength: -1}"), "`minLength` must be a whole number, not negative", 9, 20),
        (schema("{type: integer, exclusiveMinimum: 3}"), "`exclusiveMinimum` must be a boolean, and this is a number", 9, 42),
        (schema("{properties: {a: string}}"), "a schema must be a mapping, and this is a string", 9, 25),
        (schema("{items: [{}]}"), "a schema must be a mapping, and this is a sequence", 9, 16),
        (schema("{additionalProperties: 5}"), "a schema must be a mapping, and this is a number", 9, 31),
        (schema("{required: yes}"), "`required` must be a sequence, and this is a string", 9, 19),
        (with(FINE, "  securitySchemes:\n    a: {type: magic}"), "`type` cannot be `magic`", 9, 15),
        (with(FINE, "  securitySchemes:\n    a: {type: http}"), "a security scheme has no `scheme`", 9, 5),
        (with(FINE, "  securitySchemes:\n    a: {type: apiKey, name: k, in: body}"), "`in` cannot be `body`", 9, 36),
        (
            "openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths: {}\nservers:\n  - url: 'x{p}'\n    variables: {p: {default: 80}}\n".to_owned(),
            "`default` must be a string, and this is a number",
            6,
            30,
        ),
    ] {
        let (found, at_line, at_column, _) = error("a.yaml", &text);
        assert_eq!((found.as_str(), at_line, at_column), (message, line, column), "{text}");
    }
}

/// Checks the message, the line and the start of the help of each document's one error.
fn check<const N: usize>(rows: [(String, &str, usize, &str); N]) {
    for (text, message, line, help) in rows {
        let (found, at, _, found_help) = error("a.yaml", &text);
        assert_eq!((found.as_str(), at), (message, line), "{text}");
        assert!(found_help.starts_with(help), "{found_help}");
    }
}

#[test]
fn references_that_cannot_be_followed_are_refused() {
    let responses = |reference: &str, components: &str| {
        with(&format!("      responses: {{'204': {{$ref: '{reference}'}}}}"), components)
    };
    check([
        (
            responses("#/components/responses/Gon", "  responses: {Gone: {description: Gone.}}"),
            "`#/components/responses/Gon` refers to nothing",
            6,
            "Did you mean `#/components/responses/Gone`?",
        ),
        (responses("other.yaml#/x", "  {}"), "`other.yaml#/x` refers to another file", 6, "Only one file is read."),
        (
            responses("https://a.example/x.json", "  {}"),
            "`https://a.example/x.json` refers to another file",
            6,
            "Only one file is read.",
        ),
        (
            responses(
                "#/components/responses/A",
                "  responses:\n    A: {$ref: '#/components/responses/B'}\n    B: {$ref: '#/components/responses/A'}",
            ),
            "this `$ref` goes in a circle: `#/paths/~1a/delete/responses/204` → `#/components/responses/A` → \
             `#/components/responses/B` → `#/components/responses/A`",
            10,
            "Let one of them hold",
        ),
        (
            responses("#/openapi", "  {}"),
            "this `$ref` leads to a string, not to a response",
            6,
            "Correct the reference.",
        ),
        (responses("#/info", "  {}"), "a response has no `description`", 2, "Write `description`"),
    ]);
}

#[test]
fn schemas_that_cannot_be_applied_are_refused() {
    let body = |schema: &str, components: &str| {
        with(
            &format!(
                "      responses:\n        '200': {{description: D, content: {{application/json: {{schema: {schema}}}}}}}"
            ),
            components,
        )
    };
    check([
        (
            body("{$ref: '#/components/schemas/A'}", "  schemas:\n    A: {$ref: '#/components/schemas/A'}"),
            "this `$ref` goes in a circle: `#/paths/~1a/delete/responses/200/content/application~1json/schema` → \
             `#/components/schemas/A` → `#/components/schemas/A`",
            10,
            "Let one of them hold",
        ),
        (
            body(
                "{$ref: '#/components/schemas/A'}",
                "  schemas:\n    A:\n      properties:\n        x: {items: {$ref: '#/components/schemas/Gone'}}",
            ),
            "`#/components/schemas/Gone` refers to nothing",
            12,
            "`#/components/schemas` has no `Gone`.",
        ),
        (
            body("{allOf: [{$ref: 'common.json'}]}", "  {}"),
            "`common.json` refers to another file",
            7,
            "Only one file is read.",
        ),
        (body("{pattern: '('}", "  {}"), "`(` is not a regular expression", 7, "Write one as JavaScript"),
        (
            body("{$ref: '#/components/schemas/A'}", "  schemas:\n    A: {properties: {x: {type: strng}}}"),
            "`strng` is not a type of OpenAPI 3.0",
            10,
            "Correct it",
        ),
        (
            body("{type: 'null'}", "  {}"),
            "`null` is not a type of OpenAPI 3.0; write `nullable: true` beside another",
            7,
            "Correct it",
        ),
    ]);
}

#[test]
fn an_operation_id_stands_once() {
    let text = "openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get: {operationId: same, responses: {}}\n\
                \x20   delete:\n      operationId: same\n      responses: {}\n";
    let (message, line, column, _) = error("a.yaml", text);
    assert_eq!(message, "two operations have the id `same`: GET /a in line 5 and DELETE /a in line 7");
    assert_eq!((line, column), (7, 20));
}

#[test]
fn several_faults_come_together_in_the_order_of_the_file() {
    let text = with("      responses: {'204': {}}\n      tags: one", "  schemas: {A: {type: 5}}");
    let lines: Vec<usize> =
        errors("a.yaml", &text).iter().map(|error| error.place.as_ref().expect("a place").line()).collect();
    assert_eq!(lines, [6, 7, 9]);
}

#[test]
fn json_faults_have_line_and_column() {
    for (text, message, line, column) in [
        ("", "the file is empty", 1, 1),
        ("{\"openapi\": \"3.0.1\",\n  \"info\": {", "not readable as JSON: ", 2, 12),
        ("{\n  \"openapi\": 3.0.1\n}", "not readable as JSON: ", 2, 14),
        ("{\"openapi\": 1}\n}", "not readable as JSON: ", 2, 1),
        ("openapi: 3.0.1\n", "not readable as JSON: ", 1, 1),
        (
            "{\n \"openapi\": 1,\n \"b\": {\"c\": 1,\n  \"c\": 2}}",
            "the key `c` stands twice in one object: in line 3 and in line 4",
            4,
            3,
        ),
        ("[1]", "this is a sequence, not an OpenAPI document", 1, 1),
        ("{\"openapi\": 3.0}", "the value of `openapi` is the number 3.0, not a version", 1, 13),
    ] {
        let (found, at_line, at_column, _) = error("a.json", text);
        assert!(found.starts_with(message), "{text:?}: {found}");
        assert_eq!((at_line, at_column), (line, column), "{text:?}: {found}");
    }
}

#[test]
fn faults_in_a_page_are_reported_at_the_line_of_the_page() {
    let page = "# Ä\n\n```yaml\nopenapi: 3.0.1\ninfo: {title: T, version: 1}\npaths: {}\n```\n";
    let (message, line, column, _) = error("a.md", page);
    assert_eq!((message.as_str(), line, column), ("`version` must be a string, and this is a number", 5, 27));
    let (message, line, _, _) = error("a.md", "text\n\n~~~\nopenapi: 'open\npaths: {}\n~~~\n");
    assert!(message.starts_with("not readable as YAML: "), "{message}");
    assert_eq!(line, 4);
    assert_eq!(error("a.md", "no fence\n").0, "this page has no fenced code block");
}

#[test]
fn the_format_is_reported_by_the_content_where_the_name_does_not() {
    let yaml = with(FINE, "  {}");
    let json = "{\"openapi\": \"3.0.1\", \"info\": {\"title\": \"T\", \"version\": \"1\"}, \"paths\": {}}";
    for text in [yaml.clone(), json.to_owned(), format!("# Page\n\n```yaml\n{yaml}```\n"), format!("\u{feff}{json}")] {
        for name in ["document", "openapi.txt"] {
            let document =
                Document::read(&Source::new(name, text.as_str())).unwrap_or_else(|errors| panic!("{errors}"));
            assert_eq!(document.title, "T");
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = std::env::temp_dir().join(format!("conformant-documents-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let missing = folder.join("missing.yaml");
    let error = Document::load(&missing).map(|_| ()).expect_err("missing").0.remove(0);
    assert!(error.message.contains("missing.yaml") && error.help.is_some(), "{error}");
    let latin = folder.join("latin.yaml");
    std::fs::write(&latin, b"openapi: 3.0.1\ninfo: {title: \xe9}\n").expect("written");
    let error = Document::load(&latin).map(|_| ()).expect_err("not UTF-8").0.remove(0);
    assert_eq!(error.message, "the document is not UTF-8, from byte 29 on");
    assert_eq!(error.place.expect("a place").position(), Position { line: 2, column: 15 });
    assert!(Document::load(&folder).is_err());
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[test]
#[cfg(unix)]
fn an_endless_file_is_not_read_to_its_end() {
    let errors = Document::load(std::path::Path::new("/dev/zero")).expect_err("a device is no document");
    assert!(errors.to_string().contains("cannot read the document `/dev/zero`: it is a device"), "{errors}");
}

/// Every pointer of a value.
fn pointers(value: &serde_json::Value, here: &str, all: &mut Vec<String>) {
    all.push(here.to_owned());
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                pointers(value, &format!("{here}/{}", key.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointers(value, &format!("{here}/{index}"), all);
            }
        }
        _ => {}
    }
}

#[test]
fn any_value_anywhere_is_read_or_refused_with_a_place() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/documents/plain.json"));
    let whole: serde_json::Value = serde_json::from_str(&text.expect("a text")).expect("JSON");
    let mut all = Vec::new();
    pointers(&whole, "", &mut all);
    let replacements = [
        serde_json::json!(null),
        serde_json::json!(-1.5),
        serde_json::json!("("),
        serde_json::json!(true),
        serde_json::json!([[], {}]),
        serde_json::json!({"$ref": "#/info", "type": "object"}),
        serde_json::json!({"$ref": ["#"]}),
        serde_json::json!({"$ref": "#"}),
    ];
    for (index, pointer) in all.iter().enumerate() {
        // Half of them at each place, in turn, is enough and takes half the time.
        for replacement in replacements.iter().skip(index % 2).step_by(2) {
            let mut changed = whole.clone();
            *changed.pointer_mut(pointer).expect("there") = replacement.clone();
            if let Err(errors) = Document::read(&Source::new("a.json", changed.to_string())) {
                for error in errors.0 {
                    assert!(error.place.is_some() && error.help.is_some(), "{pointer} {replacement}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_fault_deep_in_a_schema_is_found_at_once() {
    let mut schema = serde_json::json!({"minLength": "x"});
    for level in 0..50 {
        schema = match level % 3 {
            0 => serde_json::json!({"not": schema}),
            1 => serde_json::json!({"properties": {"a": schema}}),
            _ => serde_json::json!({"anyOf": [schema]}),
        };
    }
    let text = with(FINE, &format!("  schemas:\n    S: {schema}"));
    let (message, line, ..) = error("a.yaml", &text);
    assert_eq!(message, "`minLength` must be a whole number, not negative, and this is a string");
    assert_eq!(line, 9);
}
