//! What a suite says is what is sent and judged, from the file to the wire.

#[path = "support/command.rs"]
mod command;
#[path = "support/world.rs"]
mod world;

use std::sync::Arc;

use command::{Finished, Folder, conformant};
use world::World;

/// A folder with a document and a suite `s.yaml`.
fn folder(document: &str, suite: &str) -> (Folder, String) {
    let folder = Folder::new();
    folder.file("doc.yaml", document);
    let suite = folder.file("s.yaml", suite);
    (folder, suite)
}

/// Runs a suite against a server.
fn run(world: &Arc<World>, suite: &str) -> Finished {
    Finished::of(conformant(&["run", "--cases", suite, "--base-url", &world.url]))
}

fn lint(suite: &str) -> Finished {
    Finished::of(conformant(&["lint", "--cases", suite]))
}

/// A document with parameters in every place; `/list` is that of a report about lists in queries.
const PARAMETERS: &str = "\
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /list:
    get:
      parameters:
      - {in: query, name: ids_, style: form, explode: false, schema: {type: array, items: {type: string}}}
      - {in: query, name: pipe, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string}}}
      - {in: query, name: many, schema: {type: array, items: {type: string}}}
      - {in: query, name: filter, style: deepObject, schema: {type: object}}
      - {in: query, name: where, content: {application/json: {schema: {type: object}}}}
      - {in: query, name: next, allowReserved: true, schema: {type: string}}
      - {in: header, name: X-Tags, schema: {type: array, items: {type: string}}}
      - {in: cookie, name: theme, schema: {type: string}}
      responses: {'200': {description: ok}}
  /things/{ids}:
    parameters:
    - {in: path, name: ids, required: true, style: label, explode: true, schema: {type: array, items: {type: string}}}
    - {in: query, name: page, style: form, explode: false, schema: {type: object}}
    get: {responses: {'200': {description: ok}}}
";

#[test]
fn parameters_are_sent_as_the_document_says() {
    let world = World::start(|_, _| Some(world::json(200, "OK", "")));
    let (_folder, suite) = folder(
        PARAMETERS,
        "spec: doc.yaml\noperation: GET /list\ncases:\n  csv: {query: {ids_: [red, blue]}, expect: 200}\n  \
         pipe: {query: {pipe: [red, blue]}, expect: 200}\n  many: {query: {many: [red, blue]}, expect: 200}\n  \
         deep: {query: {filter: {name: a b, size: 5}}, expect: 200}\n  \
         json: {query: {where: {a: [1]}}, expect: 200}\n  \
         more: {query: {next: '/a?b', other: [x, y]}, header: {X-Tags: [a, b]}, cookie: {theme: dark, sid: x}, expect: 200}\n  \
         label: {operation: 'GET /things/{ids}', path: {ids: [not-a-thing, no-such-thing]}, query: {page: {size: 5}}, expect: 200}\n",
    );
    lint(&suite).expect(0);
    run(&world, &suite).expect(0);
    let seen = world.seen();
    let mut targets: Vec<&str> = seen.iter().map(|seen| seen.target.trim_start_matches("/v1")).collect();
    targets.sort_unstable();
    targets.dedup();
    for expected in [
        "/list?ids_=red,blue",
        "/list?pipe=red%7Cblue",
        "/list?many=red&many=blue",
        "/list?filter%5Bname%5D=a%20b&filter%5Bsize%5D=5",
        "/list?where=%7B%22a%22%3A%5B1%5D%7D",
        "/list?next=/a?b&other=x&other=y",
        "/things/.not-a-thing.no-such-thing?page=size,5",
    ] {
        assert!(targets.contains(&expected), "{expected} is not in {targets:#?}");
    }
    let more = seen.iter().find(|seen| seen.target.contains("next=")).expect("it was sent");
    assert_eq!(more.field("x-tags"), Some("a,b"));
    assert_eq!(more.field("cookie"), Some("theme=dark; sid=x"));
}

#[test]
fn a_list_names_no_object_of_another_in_any_style() {
    let world = World::start(|_, _| Some(world::json(200, "OK", "")));
    let document = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /things/{ids}:\n    parameters:\n    \
                    - {in: path, name: ids, required: true, schema: {type: array}}\n    \
                    - {in: query, name: other_ids, style: pipeDelimited, schema: {type: array}}\n    \
                    - {in: cookie, name: owner_id, schema: {type: string}}\n    \
                    - {in: header, name: X-Ids, schema: {type: array}}\n    \
                    delete: {responses: {'204': {description: gone}}}\n  \
                    /matrix/{ids}:\n    parameters:\n    \
                    - {in: path, name: ids, required: true, style: matrix, schema: {type: array}}\n    \
                    delete: {responses: {'204': {description: gone}}}\n";
    for case in [
        "path: {ids: ['{{uuid}}', '42']}",
        "path: {ids: {'42': '{{uuid}}'}}",
        "path: {ids: '{{uuid}}'}, query: {other_ids: ['{{uuid}}', '42']}",
        "path: {ids: '{{uuid}}'}, query: {other_ids: {a: '42'}}",
        "path: {ids: '{{uuid}}'}, cookie: {owner_id: '42'}",
        "path: {ids: '{{uuid}}'}, header: {X-Ids: ['{{uuid}}', '42']}",
        "operation: 'DELETE /matrix/{ids}', path: {ids: ['{{uuid}}']}",
    ] {
        let (_folder, suite) = folder(
            document,
            &format!("spec: doc.yaml\noperation: DELETE /things/{{ids}}\ncases:\n  one: {{{case}, expect: 204}}\n"),
        );
        let refused = run(&world, &suite).expect(2);
        assert!(
            refused.stderr.contains("DELETE /v1/") || refused.stderr.contains("the path value"),
            "{case}\n{}",
            refused.stderr
        );
    }
    assert!(world.seen().iter().all(|seen| seen.method != "DELETE"));
}

#[test]
fn a_value_that_its_style_cannot_write_is_an_error_with_its_place() {
    let (_folder, suite) = folder(
        PARAMETERS,
        "spec: doc.yaml\noperation: GET /list\ncases:\n  one: {query: {filter: {a: {b: c}}}, expect: 200}\n",
    );
    let refused = lint(&suite).expect(2);
    assert!(
        refused.stderr.contains("`filter` is nested, and the document writes it as `deepObject`"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("s.yaml:4:29"), "{}", refused.stderr);
}

#[test]
fn a_named_uuid_is_the_same_in_every_step_and_for_every_call_of_an_object() {
    let living = std::sync::Mutex::new(std::collections::BTreeSet::new());
    let world = World::start(move |seen, _| {
        let id = seen.target.rsplit('/').next().unwrap_or_default().to_owned();
        let mut living = living.lock().expect("the objects");
        let is_there = living.contains(&id);
        Some(match seen.method.as_str() {
            "PUT" => {
                living.insert(id.clone());
                world::json(201, "Created", &format!("{{\"id\":\"{id}\"}}"))
            }
            "DELETE" if living.remove(&id) => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
            "GET" if is_there => world::json(200, "OK", ""),
            _ => world::json(404, "Not Found", ""),
        })
    });
    let document = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /things/{id}:\n    parameters:\n    \
                    - {in: path, name: id, required: true, schema: {type: string}}\n    \
                    get: {responses: {'404': {description: no}}}\n";
    let (_folder, suite) = folder(
        document,
        "spec: doc.yaml\noperation: GET /things/{id}\nstates:\n  thing:\n    call: PUT /made/{{uuid.key}}\n    \
         expect: 201\n    capture: {id: /id}\n    exists: {call: \"GET /made/{{uuid.key}}\", yes: 200, no: 404}\n    undo: {call: \"DELETE /made/{{uuid.key}}\", expect: 204}\ncases:\n  \
         one:\n    given: {a: thing, b: thing}\n    path: {id: \"{{uuid.x}}\"}\n    query: {y: \"{{uuid.y}}\"}\n    \
         expect: 404\n    then: [{query: {x: \"{{uuid.x}}\"}, expect: 404}]\n",
    );
    lint(&suite).expect(0);
    Finished::of(conformant(&["run", "--repeat", "2", "--cases", &suite, "--base-url", &world.url])).expect(0);
    let seen = world.seen();
    let sent = |method: &str| -> Vec<&str> {
        let sent = seen.iter().filter(|seen| seen.method == method && !seen.target.contains("/info"));
        sent.map(|seen| seen.target.as_str()).collect()
    };
    let (mut made, mut removed) = (sent("PUT"), sent("DELETE"));
    made.sort_unstable();
    removed.sort_unstable();
    assert!(made.len() >= 4, "{made:?}");
    assert_eq!(made, removed, "the undo of an object names what made it");
    made.dedup();
    assert_eq!(made.len(), removed.len(), "each object has its own");
    let asked: Vec<(&str, &str)> = sent("GET").iter().filter_map(|target| target.split_once('?')).collect();
    assert_eq!(asked.len(), 4, "{asked:?}");
    let mut runs = std::collections::BTreeSet::new();
    for (path, query) in &asked {
        let x = path.rsplit('/').next().expect("an id");
        runs.insert(x);
        assert!(!query.contains("x=") || query.contains(&format!("x={x}")), "{path} {query}");
        assert!(!query.contains(&format!("y={x}")), "another name is another value: {path} {query}");
    }
    assert_eq!(runs.len(), 2, "each run of the case has its own");
}

#[test]
fn http_itself_is_judged_in_calls() {
    let answer = |text: &'static str| World::start(move |_, _| Some(text.to_owned()));
    let document = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    \
                    get: {responses: {'200': {description: ok}}}\n";
    for (expect, answered, finding) in [
        ("405", "HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n", Some("allow-missing")),
        ("405", "HTTP/1.1 405 No\r\nAllow: GET\r\nContent-Length: 0\r\n\r\n", None),
        ("204", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}", Some("bodiless-status-with-body")),
        ("204", "HTTP/1.1 204 No Content\r\n\r\n", None),
        (
            "200",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            Some("content-length-conflicting"),
        ),
        ("200", "HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\n{}", Some("line-end-bare-lf")),
        ("401", "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", Some("challenge-missing")),
        ("418", "HTTP/1.1 418 Tea\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", None),
        ("200", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", Some("status-unexpected")),
    ] {
        let world = answer(answered);
        let (_folder, suite) = folder(
            document,
            &format!(
                "spec: doc.yaml\noperation: GET /a\ncases:\n  one: {{call: GET /b, auth: none, expect: {expect}}}\n"
            ),
        );
        let finished = run(&world, &suite);
        let said = format!("{}{}", finished.stdout, finished.stderr);
        match finding {
            Some(rule) => assert!(said.contains(rule), "{answered:?}: {rule}\n{said}"),
            None => assert_eq!(finished.status, 0, "{answered:?}\n{said}"),
        }
        assert!(!said.contains("spec: ") || finding.is_none(), "no part of the document describes a call\n{said}");
        assert!(world.seen().iter().any(|seen| seen.target == "/v1/b" && seen.is_judged()), "{said}");
    }
}

#[test]
fn a_call_of_an_operation_is_told_with_what_to_write() {
    let document = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /notes/{id}:\n    \
                    parameters: [{in: path, name: id, required: true, schema: {type: string}}]\n    \
                    get: {responses: {'200': {description: ok}}}\n    delete: {responses: {'204': {description: gone}}}\n";
    let (_folder, suite) = folder(
        document,
        "spec: doc.yaml\noperation: DELETE /notes/{id}\nstates:\n  note:\n    call: POST /notes\n    auth: none\n    \
         expect: 201\n    capture: {id: /id}\n    exists: {call: \"GET /notes/{{id}}\", yes: 200, no: 404}\n    \
         undo: {path: {id: \"{{id}}\"}, expect: 204}\ncases:\n  \
         by_call: {given: {mine: note}, call: \"GET /notes/{{mine.id}}\", auth: none, expect: 200}\n",
    );
    let told = lint(&suite).expect(0).stdout;
    assert!(told.contains("s.yaml:12:40"), "{told}");
    assert!(told.contains("operation: GET /notes/{id}"), "{told}");
    assert_eq!(told.matches("call-of-operation (").count(), 1, "calls of states are left alone\n{told}");
}

#[test]
fn a_match_can_be_a_schema() {
    let world = World::start(|seen, _| {
        Some(match seen.target.as_str() {
            "/v1/info" => world::json(200, "OK", r#"{"plan":"free","limit":5}"#),
            "/v1/things/1" => world::json(200, "OK", r#"{"id":"x","gone":false,"tags":["a"],"schema":{"schema":1}}"#),
            _ => world::json(404, "Not Found", ""),
        })
    });
    let document = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\nsecurity: [{key: []}]\npaths:\n  /things/1:\n    \
                    get: {responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}}\n\
                    components: {securitySchemes: {key: {type: http, scheme: bearer}}}\n";
    let suite = |check: &str, matches: &str| {
        format!(
            "spec: doc.yaml\noperation: GET /things/1\ncredentials:\n  key: {{env: KEY, check: {{call: GET /info, expect: 200, \
             match: {{/limit: {check}}}}}}}\ncases:\n  one: {{auth: key, expect: {{status: 200, match: {matches}}}}}\n"
        )
    };
    let positive = "{schema: {type: integer, minimum: 1}}";
    let judged = |check: &str, matches: &str| {
        let (_folder, suite) = folder(document, &suite(check, matches));
        let mut command = conformant(&["run", "--cases", &suite, "--base-url", &world.url]);
        command.env("KEY", "a-key-for-the-test");
        Finished::of(command)
    };
    for matches in [
        "{/id: {schema: {type: string, minLength: 1}}}",
        "{/tags: {schema: {type: array, items: {type: string}}}}",
        "{'': {schema: {required: [id, tags]}}}",
        "{/schema: {schema: {enum: [{schema: 1}]}}}",
        "{/gone: {schema: {enum: [false]}}, /none: absent}",
    ] {
        judged(positive, matches).expect(0);
    }
    for (matches, why) in [
        ("{/id: {schema: {type: integer}}}", "is not of type integer"),
        ("{/tags: {schema: {type: array, items: {enum: [b]}}}}", "at /0"),
        ("{/none: {schema: {}}}", "a value that fits the schema"),
        ("{/schema: {schema: {type: string}}}", "is not of type string"),
    ] {
        let failed = judged(positive, matches).expect(1).stdout;
        assert!(failed.contains("match-failed") && failed.contains(why), "{matches}\n{failed}");
    }
    let wrong = judged("{schema: {type: integer, minimum: 6}}", "{/id: x}");
    let said = format!("{}{}", wrong.stdout, wrong.stderr);
    assert!(wrong.status == 3 && said.contains("/limit does not fit its schema"), "{said}");
}

#[test]
fn exists_can_ask_by_schema() {
    let living = std::sync::Mutex::new(std::collections::BTreeMap::new());
    let world = World::start(move |seen, _| {
        let mut living = living.lock().expect("the objects");
        let id = seen.target.rsplit('/').next().unwrap_or_default().to_owned();
        Some(match (seen.method.as_str(), living.get(&id).copied()) {
            ("PUT", _) => {
                living.insert(id.clone(), true);
                world::json(201, "Created", &format!("{{\"id\":\"{id}\"}}"))
            }
            ("DELETE", Some(true)) => {
                living.insert(id, false);
                "HTTP/1.1 204 No Content\r\n\r\n".to_owned()
            }
            ("GET", Some(true)) => world::json(200, "OK", "{\"deleted\":null}"),
            ("GET", Some(false)) => world::json(200, "OK", "{\"deleted\":\"2026-01-31\"}"),
            _ => world::json(404, "Not Found", ""),
        })
    });
    let document = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /things/{id}:\n    \
                    parameters: [{in: path, name: id, required: true, schema: {type: string}}]\n    \
                    delete: {responses: {'204': {description: gone}, '404': {description: none}}}\n";
    let (_folder, suite) = folder(
        document,
        "spec: doc.yaml\noperation: DELETE /things/{id}\nstates:\n  thing:\n    call: PUT /things/{{uuid.key}}\n    \
         expect: 201\n    capture: {id: /id}\n    exists:\n      call: GET /things/{{id}}\n      \
         yes: {status: 200, match: {/deleted: {schema: {enum: [null]}}}}\n      \
         no: {status: [200, 404], match: {/deleted: {schema: {type: string}}}}\n    \
         undo: {path: {id: \"{{id}}\"}, expect: 204}\ncases:\n  \
         removed: {given: {mine: thing}, path: {id: \"{{mine.id}}\"}, expect: 204}\n",
    );
    lint(&suite);
    run(&world, &suite).expect(0);
}
