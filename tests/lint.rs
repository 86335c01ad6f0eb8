//! Every lint rule reports its faulty document or suite, and leaves a similar sound one alone.
//!
//! Every rule runs on every input, and exactly the named findings must appear.

#[path = "support/command.rs"]
mod command;
#[path = "lint/suites.rs"]
mod suites;

use std::collections::BTreeSet;
use std::path::Path;

use command::{Folder, run};
use conformant::lint::{self, RULES};
use conformant::rule::Level::{self, Must, Note, Should};
use conformant::suite;

/// A document with one operation, whose members are given.
fn one(method: &str, members: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: Things, version: '1'}}\npaths:\n  /things/{{id}}:\n    parameters:\n      \
         - {{name: id, in: path, required: true, schema: {{type: string}}}}\n    {method}:\n      operationId: it\n{}\
         components:\n  securitySchemes:\n    key: {{type: http, scheme: bearer}}\n  schemas:\n    Thing: {{type: object, \
         required: [id], properties: {{id: {{type: string}}}}}}\n",
        indented(members, 6)
    )
}

/// A document whose one operation has these responses.
fn responses(members: &str) -> String {
    one("delete", &format!("responses:\n{}", indented(members, 2)))
}

/// A document whose one response is a 404 with a JSON body of this media type object.
fn media(members: &str) -> String {
    responses(&format!("'404':\n  description: none\n  content:\n    application/json:\n{}", indented(members, 6)))
}

fn indented(text: &str, by: usize) -> String {
    text.lines().fold(String::new(), |out, line| out + &" ".repeat(by) + line + "\n")
}

/// A suite whose one case has these members.
fn suite(case: &str) -> String {
    format!("cases:\n  one:\n    path: {{id: none}}\n{}", indented(case, 4))
}

/// What of a suite's one case reaches every response of the document, so that a test about documents hears nothing else.
const ALL: &str = "expect: [200, 204, 205, 304, 400, 404, 429, 500]";

/// What `lint` finds: rule, level and line of the file it is about.
#[track_caller]
fn findings(document: &str, suite: &str) -> Vec<(&'static str, Level, usize)> {
    found(document, suite).into_iter().map(|(rule, level, line, _)| (rule, level, line)).collect()
}

#[track_caller]
fn found(document: &str, suite: &str) -> Vec<(&'static str, Level, usize, String)> {
    let folder = Folder::new();
    folder.file("api.yaml", document);
    let suite = folder.file("a.yaml", &format!("spec: api.yaml\noperation: it\n{suite}"));
    let suites = suite::load(Path::new(&suite), None).unwrap_or_else(|errors| panic!("{errors}\n{document}"));
    let linted = lint::lint(&suites);
    assert_eq!(linted.len(), 1, "one document");
    linted[0]
        .findings
        .iter()
        .map(|finding| {
            let spec = finding.spec.as_ref().map(|anchor| anchor.line);
            let line = spec.or_else(|| finding.case.as_ref().map(conformant::location::Place::line));
            (finding.rule.id, finding.level, line.expect("a place"), finding.message.clone())
        })
        .collect()
}

/// The rules and levels found in a document beside a suite that asks for everything.
#[track_caller]
fn in_document(document: &str) -> Vec<(&'static str, Level)> {
    findings(document, &suite(ALL)).into_iter().map(|(rule, level, _)| (rule, level)).collect()
}

/// The rules and levels found in a suite; the document is sound.
#[track_caller]
fn in_suite(document: &str, suite: &str) -> Vec<(&'static str, Level)> {
    findings(document, suite).into_iter().map(|(rule, level, _)| (rule, level)).collect()
}

const SOUND: &str = "'204': {description: gone}\n'404':\n  description: none\n  content:\n    application/json:\n      \
                     example: {code: none}";

#[test]
fn a_sound_document_with_a_sound_suite_is_left_alone() {
    assert_eq!(in_document(&responses(SOUND)), []);
}

#[test]
fn example_contradicts_status() {
    let rule = "example-contradicts-status";
    assert_eq!(findings(&media("example: {status: 400}"), &suite(ALL)), [(rule, Must, 14)]);
    for (example, level) in [
        ("{statusCode: 500}", Must),
        ("{http_status: '400'}", Must),
        ("{error: {status: 403}}", Must),
        ("{code: 400}", Should),
        ("{error: {code: 500, status: NOT_FOUND}}", Should),
    ] {
        assert_eq!(in_document(&media(&format!("example: {example}"))), [(rule, level)], "{example}");
    }
    for example in [
        "{status: 404}",
        "{status: '404'}",
        "{status: archived}",
        "{status: 1}",
        "{status: 4040}",
        "{status: 404.5}",
        "{code: 215}",
        "{code: 40400}",
        "{code: none}",
        "{data: {status: 400}}",
        "[{status: 400}]",
        "status 400",
    ] {
        assert_eq!(in_document(&media(&format!("example: {example}"))), [], "{example}");
    }
}

#[test]
fn example_contradicts_status_by_the_response_that_it_is_of() {
    let rule = "example-contradicts-status";
    let of = |key: &str| {
        let document = responses(&format!(
            "'{key}': {{description: d, content: {{application/json: {{examples: {{a: {{value: {{status: 404}}}}}}}}}}}}"
        ));
        in_suite(&document, &suite("expect: [200, 404, 503]"))
    };
    assert_eq!(of("200"), [(rule, Should)], "there it may be a datum");
    assert_eq!(of("4XX"), []);
    assert_eq!(of("5XX"), [(rule, Must)]);
    assert_eq!(of("default"), []);
}

#[test]
fn a_response_of_several_statuses_has_an_example_for_each() {
    let rule = "example-contradicts-status";
    let of = |examples: &str| {
        let document =
            responses("'401': {$ref: '#/components/responses/Error'}\n'404': {$ref: '#/components/responses/Error'}");
        let document = document.replace(
            "components:\n",
            &format!(
                "components:\n  responses:\n    Error: {{description: e, content: {{application/json: {{examples: \
                 {{{examples}}}}}}}}}\n"
            ),
        );
        assert!(document.contains("Error: {"), "{document}");
        in_suite(&document, &suite("expect: [401, 404]"))
    };
    let (no_key, missing, other) =
        ("a: {value: {status: 401}}", "b: {value: {status: 404}}", "c: {value: {status: 409}}");
    assert_eq!(of(&format!("{no_key}, {missing}")), []);
    assert_eq!(of(&format!("{no_key}, {missing}, {other}")), [(rule, Must)], "one fits neither");
    assert_eq!(of(missing), [(rule, Must)], "none for 401");
    assert_eq!(of(&format!("{missing}, d: {{value: {{code: any}}}}")), [], "one fits everywhere");
    assert_eq!(of(other), [(rule, Must)], "said once");
}

#[test]
fn null_is_no_example() {
    let of = |examples: &str| in_document(&media(examples));
    assert_eq!(of("example: null"), [("response-unpinned", Should)]);
    assert_eq!(of("examples: {a: {value: null}, b: {value: {c: 1}}}"), []);
}

#[test]
fn example_breaks_schema() {
    let rule = "example-breaks-schema";
    let thing = "schema: {$ref: '#/components/schemas/Thing'}\n";
    assert_eq!(findings(&media(&format!("{thing}example: {{id: 17}}")), &suite(ALL)), [(rule, Must, 15)]);
    assert_eq!(in_document(&media(&format!("{thing}examples: {{a: {{value: {{}}}}}}"))), [(rule, Must)]);
    assert_eq!(in_document(&media(&format!("{thing}example: '{{\"id\":\"a\"}}'"))), [(rule, Must)], "a text is none");
    assert_eq!(in_document(&media(&format!("{thing}example: {{id: a}}"))), []);
    let own = "schema:\n  type: object\n  properties: {id: {type: string}}\n  example: {id: 17}";
    assert_eq!(findings(&media(own), &suite(ALL)), [(rule, Must, 17)], "the schema's own");
    assert_eq!(in_document(&media(&own.replace("17", "'17'"))), []);
    let nullable = |word: &str| {
        let schema = format!("{{type: object, properties: {{id: {{type: string, nullable: {word}}}}}}}");
        in_document(&media(&format!("schema: {schema}\nexample: {{id: null}}")))
    };
    assert_eq!((nullable("false"), nullable("true")), (vec![(rule, Must)], vec![]));
    let xml = media(&format!("{thing}example: <id>17</id>")).replace("application/json", "application/xml");
    assert_eq!(in_document(&xml), [], "XML is not read");
}

#[test]
fn the_last_of_many_violations_says_how_many_are_left_out() {
    let of = |count: usize| {
        let members = |value: &str| (0..count).map(|n| format!("p{n}: {value}")).collect::<Vec<_>>().join(", ");
        let text = format!("schema: {{properties: {{{}}}}}\nexample: {{{}}}", members("{type: string}"), members("1"));
        found(&media(&text), &suite(ALL)).into_iter().map(|(.., message)| message).collect::<Vec<_>>()
    };
    let told = |all: Vec<String>| {
        all.iter().filter_map(|one| one.split_once(" (and ")).map(|it| it.1.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((of(3).len(), told(of(3))), (3, vec![]));
    assert_eq!((of(7).len(), told(of(7))), (3, vec!["4 more)".to_owned()]));
}

#[test]
fn an_example_of_a_response_has_nothing_that_is_write_only() {
    let schema = "schema: {properties: {id: {type: string}, password: {type: string, writeOnly: true}}}";
    let of = |example: &str| in_document(&media(&format!("{schema}\nexample: {example}")));
    assert_eq!(of("{id: a, password: b}"), [("example-breaks-schema", Should)]);
    assert_eq!(of("{id: a}"), []);
    let request = format!(
        "requestBody:\n  content:\n    application/json:\n{}\nresponses: {{'204': {{description: gone}}}}",
        indented(&format!("{schema}\nexample: {{password: b}}"), 6)
    );
    assert_eq!(in_document(&one("put", &request)), []);
}

#[test]
fn example_breaks_schema_of_a_request_body() {
    let document = |schema: &str, example: &str| {
        one(
            "put",
            &format!(
                "requestBody:\n  content:\n    application/json:\n      schema: {schema}\n      example: {example}\n\
                 responses: {{'204': {{description: gone}}}}"
            ),
        )
    };
    let schema = "{type: object, required: [id, name], properties: {id: {type: string, readOnly: true}, name: {type: \
                  string}}}";
    assert_eq!(in_document(&document(schema, "{name: a}")), [], "what is only read need not be sent");
    assert_eq!(in_document(&document(schema, "{name: 1}")), [("example-breaks-schema", Must)]);
    let without = schema.replace(", readOnly: true", "");
    assert_eq!(in_document(&document(&without, "{name: a}")), [("example-breaks-schema", Must)]);
}

#[test]
fn content_on_bodiless_status() {
    let rule = "content-on-bodiless-status";
    let described = "{description: d, content: {application/json: {example: {code: a}}}}";
    for key in ["204", "205", "304"] {
        assert_eq!(in_document(&responses(&format!("'{key}': {described}"))), [(rule, Must)], "{key}");
    }
    assert_eq!(
        findings(&responses(&format!("'204': {{description: d}}\n'1XX': {described}")), &suite(ALL)),
        [(rule, Must, 11), ("response-unreached", Note, 11)]
    );
    let bare = responses("'204': {description: d, content: {text/plain: {}}}");
    assert_eq!(in_document(&bare), [(rule, Should)], "a generator's remains");
    for fine in ["'200': ", "'404': ", "'204': {description: d}\n'2XX': "] {
        let document = responses(&format!("{fine}{described}"));
        assert_eq!(in_document(&document), [], "{fine}");
    }
    assert_eq!(in_document(&responses("'204': {description: d, content: {}}")), [], "that is no body");
    let head = one("head", &format!("responses: {{'200': {described}}}"));
    assert_eq!(in_document(&head), [(rule, Note)]);
}

#[test]
fn document_part_doubtful() {
    let rule = "document-part-doubtful";
    let mistyped = responses(&format!("{SOUND}\n'4O4': {{description: none}}"));
    assert_eq!(findings(&mistyped, &suite(ALL)), [(rule, Should, 16)]);
    assert_eq!(in_document(&responses(&format!("{SOUND}\nx-4O4: {{description: none}}"))), []);
    let undeclared = responses(SOUND).replace("/things/{id}:", "/things/{id}/{part}:");
    let found = found(&undeclared, &suite(ALL).replace("{id: none}", "{id: none, part: none}"));
    let about: Vec<_> = found.iter().filter(|(.., message)| message.contains("{part}")).collect();
    assert_eq!((found.len(), about.len(), about[0].0), (1, 1, rule), "one cause is one finding: {found:?}");
}

#[test]
fn document_part_doubtful_in_headers() {
    let rule = "document-part-doubtful";
    let header = |header: &str| {
        let found =
            found(&responses(&format!("'204': {{description: gone, headers: {{X-A: {header}}}}}")), &suite(ALL));
        found
            .into_iter()
            .map(|(id, level, line, message)| (id, level, line, message.contains("`X-A`")))
            .collect::<Vec<_>>()
    };
    for unjudged in [
        "{schema: {type: object}}",
        "{content: {text/csv: {schema: {type: string}}}}",
        "{content: {application/json: {}, application/xml: {}}}",
    ] {
        assert_eq!(header(unjudged), [(rule, Should, 10, true)], "{unjudged}");
    }
    for judged in [
        "{schema: {type: string}}",
        "{schema: {type: array, items: {type: integer}}}",
        "{schema: {}}",
        "{content: {application/json: {schema: {type: object}}}}",
    ] {
        assert_eq!(header(judged), [], "{judged}");
    }
}

#[test]
fn document_part_doubtful_in_schemas() {
    let rule = "document-part-doubtful";
    let property = |schema: &str| in_document(&media(&format!("schema: {{properties: {{a: {schema}}}}}")));
    let thing = "{$ref: '#/components/schemas/Thing'}";
    for doubtful in [
        format!("{{nullable: true, allOf: [{thing}]}}"),
        format!("{{type: object, nullable: true, allOf: [{thing}]}}"),
        format!("{{type: object, nullable: true, oneOf: [{thing}, {{type: string}}]}}"),
        format!("{{type: object, nullable: true, allOf: [{{allOf: [{thing}]}}]}}"),
        "{type: string, readOnly: true, writeOnly: true}".to_owned(),
        "{type: object, discriminator: {propertyName: kind}}".to_owned(),
    ] {
        assert_eq!(property(&doubtful), [(rule, Should)], "{doubtful}");
    }
    for sound in [
        "{type: string, nullable: true}".to_owned(),
        "{type: object, nullable: true, allOf: [{type: object, nullable: true}, {required: [id]}]}".to_owned(),
        format!("{{type: object, nullable: true, anyOf: [{thing}, {{type: object, nullable: true}}]}}"),
        format!("{{allOf: [{thing}]}}"),
        "{type: string, writeOnly: true}".to_owned(),
    ] {
        assert_eq!(property(&sound), [], "{sound}");
    }
}

#[test]
fn scheme_ambiguous() {
    let rule = "scheme-ambiguous";
    let finds = |security: &str, credential: &str| {
        let document = one("delete", &format!("security: {security}\nresponses:\n{}", indented(SOUND, 2)))
            .replace("'204': {description: gone}", "'204': {description: gone}\n        '401': {description: who}")
            .replace(
                "  schemas:",
                "    login: {type: http, scheme: basic}\n    flow: {type: oauth2, flows: {}}\n  schemas:",
            );
        let credentials = format!("credentials:\n  {credential}: {{env: KEY, optional: true}}\n");
        let case = suite(&format!("auth: {credential}\nexpect: [204, 401, 404]"));
        findings(&document, &format!("{credentials}{case}"))
    };
    assert_eq!(finds("[{key: []}, {login: []}]", "app"), [(rule, Should, 4)]);
    assert_eq!(finds("[{login: []}, {flow: []}, {key: []}]", "app"), [(rule, Should, 4)]);
    for (security, credential) in [
        ("[{key: []}, {login: []}]", "login"),
        ("[{key: []}, {login: []}]", "key"),
        ("[{key: []}, {flow: []}]", "app"),
        ("[{key: []}]", "app"),
    ] {
        assert_eq!(finds(security, credential), [], "{security} {credential}");
    }
    assert_eq!(finds("[{flow: []}]", "app"), [], "a token is sent by the only scheme");
    let together = |first: &str| {
        let document = one("delete", &format!("security: [{{key: [], app: []}}]\nresponses:\n{}", indented(SOUND, 2)))
            .replace("'204': {description: gone}", "'204': {description: gone}\n        '401': {description: who}")
            .replace("  schemas:", "    app: {type: apiKey, in: header, name: X-App}\n  schemas:");
        let credentials =
            format!("credentials:\n  {first}: {{env: KEY, optional: true}}\n  b: {{env: LOGIN, optional: true}}\n");
        let case = suite(&format!("auth: [{first}, b]\nexpect: [204, 401, 404]"));
        findings(&document, &format!("{credentials}{case}"))
    };
    assert_eq!(together("a"), [(rule, Should, 10)]);
    assert_eq!(together("key"), []);
}

#[test]
fn response_unpinned() {
    let rule = "response-unpinned";
    for loose in ["schema: {}", "schema: {type: object}", "schema: {type: array, description: Things}", "x-none: 1"] {
        assert_eq!(findings(&media(loose), &suite(ALL)), [(rule, Should, 10)], "{loose}");
    }
    for pinned in [
        "example: {code: none}",
        "examples: {a: {value: {code: none}}}",
        "schema: {$ref: '#/components/schemas/Thing'}",
        "schema: {type: string, enum: [none]}",
        "schema: {type: string}",
        "schema: {type: integer, description: How many there are}",
    ] {
        assert_eq!(in_document(&media(pinned)), [], "{pinned}");
    }
    let text = media("schema: {type: string}").replace("application/json", "text/plain");
    assert_eq!(in_document(&text), [], "a text is not held against anything");
    let any = media("schema: {}").replace("application/json", "'*/*'");
    assert_eq!(in_document(&any), [(rule, Should)], "it may be JSON");
}

#[test]
fn security_without_401() {
    let document = |security: &str, more: &str| {
        one("delete", &format!("security: {security}\nresponses:\n{}", indented(&format!("{SOUND}\n{more}"), 2)))
    };
    let found = findings(&document("[{key: []}]", ""), &suite("auth: none\nexpect: [204, 404]"));
    assert_eq!(found, [("security-without-401", Should, 7)]);
    for (security, more) in [
        ("[]", ""),
        ("[{key: []}, {}]", ""),
        ("[{key: []}]", "'401': {description: who}"),
        ("[{key: []}]", "4XX: {description: who}"),
        ("[{key: []}]", "default: {description: who}"),
    ] {
        let found = in_suite(&document(security, more), &suite("auth: none\nexpect: [204, 401, 404, 403, 500]"));
        assert_eq!(found, [], "{security} {more}");
    }
}

#[test]
fn request_body_ignored() {
    let document = |method: &str| {
        let body = "requestBody: {content: {application/json: {schema: {type: object}}}}";
        one(method, &format!("{body}\nresponses: {{'204': {{description: gone}}}}"))
    };
    for method in ["delete", "get", "head", "trace"] {
        let found = findings(&document(method), &suite(ALL));
        assert_eq!(found, [("request-body-ignored", Should, 9)], "{method}");
    }
    for method in ["put", "patch", "post"] {
        assert_eq!(in_document(&document(method)), [], "{method}");
    }
}

#[test]
fn example_property_undescribed() {
    let rule = "example-property-undescribed";
    let thing = "schema: {$ref: '#/components/schemas/Thing'}\nexample: {id: a, nmae: b}";
    assert_eq!(findings(&media(thing), &suite(ALL)), [(rule, Note, 15)]);
    let schema = |schema: &str, example: &str| in_document(&media(&format!("schema: {schema}\nexample: {example}")));
    let thing = "{$ref: '#/components/schemas/Thing'}";
    assert_eq!(schema(&format!("{{type: array, items: {thing}}}"), "[{id: a}, {id: b, nmae: c}]"), [(rule, Note)]);
    assert_eq!(schema(&format!("{{properties: {{data: {thing}}}}}"), "{data: {id: a, nmae: b}}"), [(rule, Note)]);
    let both = format!("{{allOf: [{thing}, {{properties: {{name: {{type: string}}}}}}]}}");
    assert_eq!(schema(&both, "{id: a, name: b}"), []);
    assert_eq!(schema(&both, "{id: a, nmae: b}"), [(rule, Note)]);
    assert_eq!(schema(thing, "{id: a}"), []);
    for open in [
        "{properties: {id: {type: string}}, additionalProperties: true}",
        "{minProperties: 1}",
        "{properties: {id: {type: string}}, anyOf: [{required: [id]}]}",
    ] {
        assert_eq!(schema(open, "{id: a, nmae: b}"), [], "{open}");
    }
    let closed = "{properties: {id: {type: string}}, additionalProperties: false}";
    assert_eq!(schema(closed, "{id: a, nmae: b}"), [("example-breaks-schema", Must)], "one cause, one finding");
}

#[test]
fn a_schema_that_refers_to_itself_is_walked_as_deep_as_the_example() {
    let document = |schema: &str, example: &str| {
        let components = "    Tree: {properties: {next: {$ref: '#/components/schemas/Tree'}}}\n";
        media(&format!("schema: {{$ref: '#/components/schemas/{schema}'}}\nexample: {example}")) + components
    };
    let found = in_document(&document("Tree", "{next: {next: {next: {}, other: 1}}}"));
    assert_eq!(found, [("example-property-undescribed", Note)]);
    // Parts of itself, several times over: the ways through it have no end.
    let part = "{$ref: '#/components/schemas/Loop'}, ".repeat(20);
    let endless = media("schema: {properties: {a: {$ref: '#/components/schemas/Loop'}}}\nexample: {a: {c: 1}}")
        + &format!("    Loop: {{properties: {{b: {{type: string}}}}, allOf: [{part}]}}\n");
    assert_eq!(in_document(&endless), [], "it ends, and says nothing");
}

#[test]
fn what_several_operations_share_is_found_once() {
    let shared = "'404': {$ref: '#/components/responses/None'}";
    let document = responses(shared)
        .replace(
            "  schemas:",
            "  responses:\n    None: {description: none, content: {application/json: {}}}\n  schemas:",
        )
        .replace("components:", &format!("    get:\n      responses: {{{shared}}}\ncomponents:"));
    assert_eq!(in_document(&document), [("response-unpinned", Should)]);
}

#[test]
fn suites_of_one_document_are_looked_at_together() {
    let (folder, contract) = (Folder::new(), Folder::new());
    let spec = contract.file("api.yaml", &responses(SOUND));
    let suite = |expect: &str| format!("spec: api.yaml\noperation: it\n{}", suite(&format!("expect: {expect}")));
    folder.file("a.yaml", &suite("204"));
    let findings = || {
        let suites = suite::load(folder.path(), Some(Path::new(&spec))).expect("they load");
        let all = lint::lint(&suites);
        let found = all.iter().flat_map(|one| &one.findings).map(|finding| finding.rule.id).collect::<Vec<_>>();
        (all.len(), found)
    };
    assert_eq!(findings(), (1, vec!["response-unreached"]));
    folder.file("b.yaml", &suite("404"));
    assert_eq!(findings(), (1, vec![]), "what the one leaves out the other reaches");
}

#[test]
fn every_rule_finds_something_in_these_tests() {
    let text = concat!(include_str!("lint.rs"), include_str!("lint/suites.rs"));
    for lint in RULES {
        let named = format!("\"{}\"", lint.rule.id);
        assert!(text.contains(&named), "no test here names {}", lint.rule.id);
    }
    let ids: BTreeSet<&str> = RULES.iter().map(|lint| lint.rule.id).collect();
    assert_eq!(ids.len(), RULES.len());
}

#[test]
fn what_is_shipped_lints_without_a_must() {
    for cases in ["cases", "examples/print_jobs/cases"] {
        let suites = suite::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(cases), None).expect("they load");
        let all = lint::lint(&suites);
        let heavy: Vec<_> = all.iter().flat_map(|one| &one.findings).filter(|finding| finding.level == Must).collect();
        assert!(heavy.is_empty(), "{cases}: {heavy:?}");
    }
    let shipped = run(&["lint"]).expect(0).stdout;
    assert!(shipped.contains("security-without-401") && shipped.contains("request-body-ignored"), "{shipped}");
}
