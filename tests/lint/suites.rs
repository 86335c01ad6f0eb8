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
