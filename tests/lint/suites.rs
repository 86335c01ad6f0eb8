//! The lints about suites.

use super::*;

#[test]
fn response_unreached() {
    let rule = "response-unreached";
    let document = responses(&format!("{SOUND}\n'429': {{description: slow}}\ndefault: {{description: other}}"));
    let found = findings(&document, &suite("expect: 204"));
    assert_eq!(found, [(rule, Should, 11), (rule, Note, 16), (rule, Note, 17)]);
    assert_eq!(in_suite(&document, &suite("expect: [204, 404, 429, 500]")), []);
    let later = "expect: 204\nthen:\n  - expect: 404";
    assert_eq!(in_suite(&responses(SOUND), &suite(later)), [], "a later step counts");
    assert_eq!(in_suite(&responses(SOUND), &suite("expect: documented")), [(rule, Should), (rule, Should)]);
    let single = responses("'204': {description: gone}");
    assert_eq!(in_suite(&single, &suite("expect: documented")), []);
    let other = responses(SOUND)
        .replace("components:", "  /others:\n    get: {responses: {'418': {description: tea}}}\ncomponents:");
    assert_eq!(in_suite(&other, &suite("expect: [204, 404]")), [], "nobody asks for the other operation");
}

#[test]
fn case_asserts_nothing() {
    let rule = "case-asserts-nothing";
    let finds = |responses: &str, case: &str| {
        let document = self::responses(responses);
        let found = findings(&document, &suite(case));
        found.into_iter().filter(|(id, ..)| *id == rule).map(|(_, level, line)| (level, line)).collect::<Vec<_>>()
    };
    let open = "'204': {description: gone}\ndefault: {description: other}";
    let loose = "'200': {description: it, content: {application/json: {}}}";
    for document in [open, loose] {
        assert_eq!(finds(document, "expect: documented"), [(Should, 6)], "{document}");
        for case in [
            "expect: 204",
            "expect: {status: documented, match: {/a: 1}}",
            "expect: [200, 500]",
            "expect: {status: documented, header: {ETag: present}}",
            "expect: documented\nthen:\n  - expect: 404",
            "expect: documented\nthen:\n  - {call: GET /x, expect: 200}",
        ] {
            assert_eq!(finds(document, case), [], "{document} {case}");
        }
    }
    for document in [SOUND, "'200': {description: it, content: {application/json: {example: {a: 1}}}}"] {
        assert_eq!(finds(document, "expect: documented"), [], "{document}");
    }
}

const STATE: &str = "states:\n  thing: {call: POST /things, expect: 201, capture: {id: /id}UNDO}\ncases:\n  one:\n    given: \
                     {mine: thing}\n    path: {id: '{{mine.id}}'}\n    expect: [204, 404]\n";

#[test]
fn an_object_that_is_looked_at_is_an_assertion() {
    let suite = |more: &str| STATE.replace("UNDO", more).replace("[204, 404]", "documented");
    let document = responses("default: {description: other}");
    let undo = ", undo: {path: {id: '{{id}}'}, expect: 204}";
    assert_eq!(in_suite(&document, &suite(undo)), []);
    assert_eq!(in_suite(&document, &suite("")), [("case-asserts-nothing", Should), ("state-without-undo", Should)]);
}

#[test]
fn case_leaves_object() {
    let rule = "case-leaves-object";
    let document = |method: &str| one(method, "responses: {'201': {description: made}, '409': {description: there}}");
    let removing = "\nthen: [{call: DELETE /things/none, expect: 204}]";
    for (method, case, found) in [
        ("post", "expect: [201, 409]", true),
        ("put", "expect: [201, 409]", true),
        ("post", "expect: documented", true),
        ("post", "at_once: 2\nexpect: [201, 409]", true),
        ("post", "expect: 409\nthen: [{expect: 201}]", true),
        ("get", "expect: [201, 409]", false),
    ] {
        let told = |case: &str| {
            let found = in_suite(&document(method), &suite(case));
            found.into_iter().filter(|(id, _)| *id == rule).map(|(_, level)| level).collect::<Vec<_>>()
        };
        let expected = if found { vec![Note] } else { vec![] };
        assert_eq!(told(case), expected, "{method} {case}");
        if !case.contains("then") {
            assert_eq!(told(&format!("{case}{removing}")), [], "{method} {case}, and removed");
        }
    }
    let refused = in_suite(&document("post"), &suite("expect: 409"));
    assert!(refused.iter().all(|(id, _)| *id != rule), "{refused:?}");
}

#[test]
fn parent_not_made() {
    let rule = "parent-not-made";
    let document = |method: &str| {
        format!(
            "openapi: 3.0.3\ninfo: {{title: Books, version: '1'}}\npaths:\n  /shelves/{{shelf}}/books/{{book}}:\n    {method}:\n      \
             operationId: it\n      parameters:\n        - {{name: shelf, in: path, required: true, schema: {{type: string}}}}\n        \
             - {{name: book, in: path, required: true, schema: {{type: string}}}}\n      responses: {{'404': {{description: none}}}}\n"
        )
    };
    let states = "states:\n  shelf: {call: POST /shelves, expect: 201, capture: {id: /id, room: /room}, id: id, undo: {call: \
                  'DELETE /shelves/{{id}}', expect: 204}}\n";
    let found = |method: &str, case: &str| {
        let suite =
            format!("{states}cases:\n  one:\n    given: {{mine: shelf}}\n    expect: 404\n{}", indented(case, 4));
        let found = found(&document(method), &suite);
        let found = found.into_iter().filter(|(id, ..)| *id == rule);
        found.map(|(_, level, line, message)| (level, line, message)).collect::<Vec<_>>()
    };
    let path = |shelf: &str, book: &str| format!("path: {{shelf: '{shelf}', book: '{book}'}}");
    let told = found("delete", &path("41", "none-{{uuid}}"));
    let message = "the request names nothing, `none-{{uuid}}`, below `41`, which the run did not make: a server that ignores the \
                   last value would change `41`";
    assert_eq!(told, [(Should, 9, message.to_owned())]);
    for (shelf, book) in [
        ("main", "{{uuid}}"),
        ("{{env.SHELF}}", "no-such-book"),
        ("{{mine.room}}", "{{user}}"),
        ("41-{{mine.room}}", "not-a-book"),
    ] {
        assert_eq!(found("delete", &path(shelf, book)).len(), 1, "{shelf} {book}");
        assert_eq!(found("get", &path(shelf, book)), [], "{shelf} {book}: it only reads");
    }
    for (shelf, book) in [
        ("{{mine.id}}", "none-{{uuid}}"),
        ("none-{{uuid}}", "none-{{uuid}}"),
        ("no-such-shelf", "no-such-book"),
        ("41", "{{mine.id}}"),
    ] {
        assert_eq!(found("delete", &path(shelf, book)), [], "{shelf} {book}");
    }
    // In a call a fixed segment is a parent if the document has a parameter there, or if it looks like a number.
    for (call, is_told) in [
        ("DELETE /shelves/main/books/{{uuid}}", true),
        ("DELETE /shelves/main/books/no-such-book", true),
        ("DELETE /rooms/7/lamps/{{uuid}}", true),
        ("DELETE /rooms/{{mine.room}}/lamps/{{uuid}}", true),
        ("PUT /rooms/{{mine.id}}/lamps/{{uuid}}", false),
        ("DELETE /rooms/lamps/{{uuid}}", false),
        ("DELETE /lamps/{{uuid}}", false),
        ("POST /lamps", false),
        ("GET /rooms/7/lamps/{{uuid}}", false),
    ] {
        let case = format!("{}\nthen: [{{call: '{call}', expect: 404}}]", path("{{mine.id}}", "{{mine.id}}"));
        assert_eq!(found("get", &case).len(), usize::from(is_told), "{call}");
    }
}

#[test]
fn free_matches_nothing() {
    let rule = "free-matches-nothing";
    let example = "{code: none, message: There is none., items: [{id: 1}], more: null}";
    let document = responses(&format!(
        "'404':\n  description: none\n  content:\n    application/json:\n      examples:\n        none: {{value: {example}}}\n        \
         other: {{value: {{code: none, title: There is none.}}}}\n'204': {{description: gone}}"
    ));
    let freeing = |example: &str, free: &str| {
        suite(&format!("expect: {{status: 404{example}, free: {free}}}\nthen: [{{path: {{id: none}}, expect: 204}}]"))
    };
    for (free, level) in [
        ("[/mesage]", Should),
        ("[/items/0/di]", Should),
        ("[/items/1/id]", Should),
        ("[/code, /item]", Should),
        ("[/items/*/nothing/like/it]", Note),
        ("[/code/below]", Note),
        ("[/request_id]", Note),
        ("[/title]", Note),
    ] {
        assert_eq!(in_suite(&document, &freeing(", example: none", free)), [(rule, level)], "{free}");
    }
    for free in ["['']", "[/message, /code]", "[/items/*/id]", "[/*/0]", "[/items/0/id]", "[/more/or/less]"] {
        assert_eq!(in_suite(&document, &freeing(", example: none", free)), [], "{free}");
    }
    assert_eq!(in_suite(&document, &freeing(", example: other", "[/title]")), []);
    assert_eq!(in_suite(&document, &freeing("", "[/request_id]")), [], "no example is named");
    // Each pointer at its own place, also in a state.
    let state = "states:\n  thing:\n    call: POST /things\n    auth: none\n    expect: 201\n    capture: {id: /id}\n    \
                 undo: {path: {id: '{{id}}'}, auth: none, expect: 204}\n    \
                 gone: {status: 404, example: none, free: [/code,\n      /mesage]}\n";
    let both = state.to_owned() + &freeing(", example: none", "[/message,\n  /cod,\n  /item]");
    let found = findings(&document, &both);
    assert_eq!(
        found.iter().map(|(found, _, line)| (*found, *line)).collect::<Vec<_>>(),
        [(rule, 16), (rule, 17), (rule, 11)]
    );
}

#[test]
fn state_without_undo() {
    let found = found(&responses(SOUND), &STATE.replace("UNDO", ""));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0, found[0].1, found[0].2), ("state-without-undo", Should, 4));
    assert!(found[0].3.contains("`exists`"), "{found:?}");
    let undo = ", undo: {path: {id: '{{id}}'}, expect: 204}";
    assert_eq!(in_suite(&responses(SOUND), &STATE.replace("UNDO", undo)), []);
}

#[test]
fn credential_unverified() {
    let document = one("delete", &format!("security: [{{key: []}}]\nresponses:\n{}", indented(SOUND, 2)))
        .replace("'204': {description: gone}", "'204': {description: gone}\n        '401': {description: who}");
    let finds = |credential: &str| {
        let suite =
            format!("credentials:\n  app: {{env: KEY{credential}}}\n{}", suite("auth: app\nexpect: [204, 401, 404]"));
        findings(&document, &suite)
    };
    assert_eq!(finds(""), [("credential-unverified", Note, 4)]);
    assert_eq!(finds(", check: {call: GET /me, expect: 200}"), []);
    assert_eq!(finds(", optional: true"), []);
}

/// A document whose operation has parameters in every place and a JSON body.
fn requests() -> String {
    let parameter = |place: &str, name: &str, more: &str, schema: &str| {
        format!("  - {{name: {name}, in: {place}, {more} schema: {schema}}}\n")
    };
    let thing = "{type: object, required: [name, id], additionalProperties: false, properties: {id: {type: string, \
                 readOnly: true}, name: {type: string, maxLength: 40}, size: {type: integer}, owner: {type: string, \
                 pattern: '^conformant-'}}}";
    let members = [
        "parameters:\n".to_owned(),
        parameter("query", "limit", "required: true,", "{type: integer, maximum: 100}"),
        parameter("query", "tags", "explode: false,", "{type: array, items: {type: string, enum: [a, b]}}"),
        parameter(
            "query",
            "filter",
            "style: deepObject,",
            "{type: object, properties: {n: {type: integer}, s: {type: string}}}",
        ),
        parameter("query", "empty", "allowEmptyValue: true,", "{type: integer}"),
        "  - {name: where, in: query, content: {application/json: {schema: {type: object, required: [a]}}}}\n"
            .to_owned(),
        parameter("header", "X-Mode", "required: true,", "{type: string, enum: [fast, slow]}"),
        parameter("header", "User-Agent", "required: true,", "{type: string}"),
        parameter("cookie", "theme", "", "{type: string, format: uuid}"),
        format!("requestBody: {{required: true, content: {{application/json: {{schema: {thing}}}}}}}\n"),
        "responses: {'204': {description: done}, '404': {description: none}}\n".to_owned(),
    ];
    one("post", &members.concat())
}

const VALID: &str = "query: {limit: 10}\nheader: {X-Mode: fast}\njson: {name: x}\nexpect: [204, 404]\n";

/// What is told of a case that differs from a valid one.
fn told(valid: &str, instead: &str) -> Vec<(Level, String)> {
    told_with("", valid, instead)
}

/// Likewise, of a case that begins with `more`.
fn told_with(more: &str, valid: &str, instead: &str) -> Vec<(Level, String)> {
    assert!(VALID.contains(valid), "{valid}");
    let case = more.to_owned() + &VALID.replacen(valid, instead, 1);
    let found = found(&requests(), &suite(&case));
    let of_rule = found.into_iter().filter(|(rule, ..)| matches!(*rule, "request-invalid" | "invalid-unfounded"));
    of_rule.map(|(_, level, _, message)| (level, message)).collect()
}

#[test]
fn request_invalid() {
    for (valid, instead, level, message) in [
        ("query: {limit: 10}", "query: {}", Should, "lacks the required query parameter `limit`"),
        ("header: {X-Mode: fast}", "header: {}", Should, "lacks the required header `X-Mode`"),
        ("json: {name: x}", "body: none", Should, "lacks the body that the document requires"),
        ("limit: 10", "limit: many", Should, "`limit` that breaks its schema: \"many\" is not of type integer"),
        ("limit: 10", "limit: 101", Should, "`limit` that breaks its schema: 101 is greater than the maximum of 100"),
        ("limit: 10", "limit: '{{uuid}}'", Should, "`limit` that breaks its schema"),
        ("limit: 10", "limit: 10, tags: [a, c]", Should, "`tags` that breaks its schema"),
        ("limit: 10", "limit: 10, filter: {n: x}", Should, "`filter` that breaks its schema"),
        ("limit: 10", "limit: 10, where: {b: 1}", Should, "`where` that breaks its schema: the required property `a`"),
        (
            "limit: 10",
            "limit: 10, other: x",
            Note,
            "sends the query parameter `other`, which POST /things/{id} does not",
        ),
        ("X-Mode: fast", "x-mode: fastest", Should, "header `X-Mode` that breaks its schema"),
        ("json: {name: x}", "json: {name: x}\ncookie: {theme: dark}", Should, "cookie `theme` that breaks its schema"),
        (
            "json: {name: x}",
            "json: {}",
            Should,
            "a body that breaks its schema: the required property `name` is missing",
        ),
        ("json: {name: x}", "json: {name: 5}", Should, "a body that breaks its schema at `/name`"),
        ("json: {name: x}", "json: {name: x, size: '{{uuid}}'}", Should, "a body that breaks its schema at `/size`"),
        ("json: {name: x}", "json: {name: x, more: '{{env.MORE}}'}", Should, "`more` is not allowed"),
        (
            "X-Mode: fast",
            "X-Mode: fast, Content-Type: text/plain",
            Should,
            "sends the content type `text/plain`, and POST",
        ),
        (
            "json: {name: x}",
            "header: {X-Mode: fast, Content-Type: application/json}\nbody: '{'",
            Should,
            "a body that is not JSON",
        ),
    ] {
        let (valid, instead) = match instead.strip_prefix("header: {X-Mode: fast, Content-Type") {
            Some(_) => ("header: {X-Mode: fast}\njson: {name: x}", instead),
            None => (valid, instead),
        };
        let found = told(valid, instead);
        assert!(matches!(&found[..], [(of, text)] if *of == level && text.contains(message)), "{instead}: {found:?}");
        assert_eq!(told_with("invalid: true\n", valid, instead), [], "{instead}");
    }
}

#[test]
fn what_fits_or_is_not_known_is_not_invalid() {
    for (valid, instead) in [
        ("limit: 10", "limit: '10'"),
        ("limit: 10", "limit: '{{env.LIMIT}}'"),
        ("limit: 10", "limit: 10, tags: [a, b]"),
        ("limit: 10", "limit: 10, tags: a"),
        ("limit: 10", "limit: 10, tags: 'a,b'"),
        ("limit: 10", "limit: 10, tags: []"),
        ("limit: 10", "limit: 10, filter: {n: 5, s: 5}"),
        ("limit: 10", "limit: 10, 'filter[n]': 5"),
        ("limit: 10", "limit: 10, empty: ''"),
        ("limit: 10", "limit: 10, where: {a: 1}"),
        ("limit: 10", "limit: 10, where: '{\"a\":1}'"),
        ("X-Mode: fast", "x-mode: '{{env.MODE}}'"),
        ("X-Mode: fast", "X-Mode: fast, Content-Type: application/json;charset=utf-8"),
        ("json: {name: x}", "json: {name: '{{env.NAME}}', size: '{{env.SIZE}}'}"),
        ("json: {name: x}", "json: {name: '{{uuid}}', owner: '{{user}}'}\ncookie: {theme: '{{uuid.t}}'}"),
        ("json: {name: x}", "json: {name: 'more than forty letters and {{env.NAME}} after them all'}"),
    ] {
        assert_eq!(told(valid, instead), [], "{instead}");
    }
}

#[test]
fn invalid_unfounded() {
    let unfounded =
        |who: &str| vec![(Should, format!("{who} says `invalid: true`, and the document forbids nothing of it"))];
    assert_eq!(told("json: {name: x}", "json: {name: x}\ninvalid: true"), unfounded("the case `one`"));
    assert_eq!(told("json: {name: x}", "json: {name: x}\ninvalid: false"), []);
    let then = |step: &str| format!("expect: [204, 404]\nthen:\n  - {{{step}, expect: 404}}");
    let expect = "expect: [204, 404]";
    assert_eq!(told(expect, &then("invalid: true")), unfounded("step 2 of the case `one`"));
    assert_eq!(told(expect, &then("invalid: true, json: {}")), []);
    assert_eq!(
        told(expect, &format!("invalid: true\n{}", then("json: {}"))),
        [],
        "a later step is what the case means"
    );
    let found = told(expect, &then("json: {}"));
    assert!(
        matches!(&found[..], [(Should, text)] if text.starts_with("step 2 of the case `one` sends a body")),
        "{found:?}"
    );
    for (valid, instead) in [
        ("limit: 10", "limit: '{{env.LIMIT}}'"),
        ("json: {name: x}", "json: {name: x}\nauth: {header: Bearer x}"),
        ("json: {name: x}", "body: '{\"name\":\"x\"}'\nauth: none"),
    ] {
        assert_eq!(told_with("invalid: true\n", valid, instead), [], "{instead}");
    }
}

#[test]
fn call_of_operation() {
    let document = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /pets/{petId}:\n    parameters: [{in: path, \
                    name: petId, required: true, schema: {type: string}}]\n    get: {operationId: it, responses: {'200': \
                    {description: ok}}}\n  /pets/mine:\n    get: {responses: {'200': {description: ok}}}\n  \
                    /pets/{petId}/toys/{toy}:\n    parameters: [{in: path, name: petId, required: true, schema: {type: \
                    string}}, {in: path, name: toy, required: true, schema: {type: string}}]\n    put: {responses: {'200': \
                    {description: ok}}}\n";
    for (call, told) in [
        ("GET /pets/mine", Some("Write `operation: GET /pets/mine` instead of `call`.")),
        (
            "GET /pets/{{uuid}}",
            Some("Write `operation: GET /pets/{petId}` and `path: {petId: \"{{uuid}}\"}` instead of `call`."),
        ),
        (
            "PUT /pets/{{uuid.a}}/toys/{{user}}",
            Some(
                "Write `operation: PUT /pets/{petId}/toys/{toy}` and `path: {petId: \"{{uuid.a}}\", toy: \"{{user}}\"}` \
                 instead of `call`.",
            ),
        ),
        ("DELETE /pets/{{uuid}}", None),
        ("GET /pets", None),
        ("GET /pets/mine/toys", None),
    ] {
        let folder = Folder::new();
        folder.file("api.yaml", document);
        let suite = format!(
            "spec: api.yaml\noperation: it\nstates:\n  pet: {{call: POST /pets, expect: 200}}\ncases:\n  \
             one: {{call: \"{call}\", expect: 200}}\n"
        );
        let suite = folder.file("a.yaml", &suite);
        let printed = run(&["lint", "--cases", &suite]).stdout;
        match told {
            Some(advice) => {
                assert!(printed.contains("call-of-operation (should, suite): the case `one` calls"), "{printed}");
                assert!(printed.contains("a.yaml:6:15"), "{printed}");
                let joined = printed.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(joined.contains(advice), "{advice}\n{printed}");
            }
            None => assert!(!printed.contains("call-of-operation"), "{printed}"),
        }
    }
}
