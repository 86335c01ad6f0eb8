use std::time::Duration;

use serde_json::{Value, json};

use crate::location::{Pointer, Span};
use crate::suite::testing::{EXAMPLE, chatflow, suite, things};
use crate::suite::{
    Action, Auth, Body, Case, Expected, HeaderExpectation, MatchExpectation, ParameterValue, PathValue, Profile,
    Statuses, Step, Suite, Text, Values,
};

fn case<'a>(suite: &'a Suite, name: &str) -> &'a Case {
    suite.cases.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no case {name}"))
}

/// The suite of a document with these cases, on `getPart`, with defaults that every case inherits.
fn parts(cases: &str) -> Suite {
    let head = "spec: x\noperation: getPart\ncredentials: {key: {env: KEY}, other: {env: OTHER}}\n\
                states:\n  thing: {call: POST /things, expect: 201, capture: {id: /id, count: /count}, id: id}\n\
                defaults:\n  auth: key\n  path: {thing: t, part: p}\n  query: {a: 1, b: [x, y], c: z}\n  \
                header: {X-A: one, X-B: two}\n  json: {default: true}\n  within: 3s\n\ncases:\n";
    suite(&format!("{head}{cases}"), &things())
}

fn pairs(values: &[(String, ParameterValue)]) -> Vec<(&str, &str)> {
    let all = values.iter().map(|(name, value)| (name, value.text().and_then(Text::literal)));
    all.map(|(name, text)| (name.as_str(), text.unwrap_or("{{}}"))).collect()
}

fn json_of(step: &Step) -> Option<Value> {
    match &step.body {
        Body::Json(json) => json.resolve(&Values { user: "u".to_owned(), ..Values::default() }).ok(),
        Body::None | Body::Form(_) | Body::Raw(_) => None,
    }
}

fn one_of(statuses: &[u16]) -> Statuses {
    Statuses::OneOf(statuses.to_vec())
}

#[test]
fn the_example_suite_is_read_whole() {
    let suite = suite(EXAMPLE, &chatflow());
    assert_eq!(suite.operation().title(), "DELETE /conversations/{conversation_id}");
    let credentials: Vec<(&str, &str, bool)> =
        suite.credentials.iter().map(|one| (one.name.as_str(), one.env().unwrap_or_default(), one.optional)).collect();
    assert_eq!(
        credentials,
        [
            ("chat_app", "API_KEY", false),
            ("other_mode_app", "WRONG_MODE_API_KEY", false),
            ("other_chat_app", "OTHER_APP_API_KEY", true)
        ]
    );
    let ids: Vec<&str> = suite.cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, ["suite/success", "suite/wrong_app_mode", "suite/missing_conversation"], "in the file's order");
    assert!(suite.cases.iter().all(|case| case.profile == Profile::Core && case.about.is_some()));

    let check = suite.credentials[1].check.as_ref().expect("it has a check");
    assert!(matches!(check.auth, Auth::Credential(1)));
    assert!(
        matches!(&check.action, Action::Call { method, path } if method == "GET" && path.literal() == Some("/info"))
    );
    let expect = &check.expect.all()[0];
    assert_eq!(expect.single_status(), Some(200));
    let (pointer, matches, _) = &expect.matches[0];
    assert_eq!(pointer.as_str(), "/mode");
    assert!(matches!(matches, MatchExpectation::OneOf(all) if all.len() == 2));
    assert!(suite.credentials[2].check.is_none());
}

#[test]
fn the_state_of_the_example_is_read_whole() {
    let suite = suite(EXAMPLE, &chatflow());
    let state = &suite.states[0];
    assert_eq!(state.name, "conversation");
    assert!(matches!(&state.make.action, Action::Call { method, .. } if method == "POST"));
    assert!(matches!(state.make.auth, Auth::Credential(0)));
    let made = json!({"inputs": {}, "query": "conformance", "user": "u", "response_mode": "blocking"});
    assert_eq!(json_of(&state.make), Some(made));
    assert_eq!(state.capture[0].0, "conversation_id");
    assert_eq!(state.capture[0].1.as_str(), "/conversation_id");
    assert_eq!(state.from_env.as_deref(), Some("CONVERSATION_IDS"));

    let exists = &state.exists.as_ref().expect("it has `exists`").looks[0];
    assert_eq!((exists.yes.single_status(), exists.no.single_status()), (Some(200), Some(404)));
    assert!(matches!(exists.call.auth, Auth::Credential(0)), "as the state itself");
    assert!(matches!(exists.call.body, Body::None), "a call of its own takes over `auth` alone");
    assert_eq!(pairs(&exists.call.query), [("conversation_id", "{{}}"), ("user", "{{}}")]);

    let undo = &state.undo.as_ref().expect("it has `undo`").last;
    assert!(matches!(undo.action, Action::Operation(index) if index == suite.operation));
    assert!(matches!(undo.auth, Auth::Credential(0)));
    assert_eq!(json_of(undo), Some(json!({"user": "u"})), "the default body");
    assert_eq!(undo.expect.all()[0].single_status(), Some(204));

    let gone = state.gone.as_ref().expect("it has `gone`");
    assert_eq!(gone.single_status(), Some(404));
    assert_eq!(gone.example.as_deref(), Some("conversation_not_exists"));
    assert_eq!(gone.free[0].as_str(), "/message");
}

#[test]
fn a_case_knows_which_steps_name_its_objects() {
    let suite = parts(
        "  one:\n    given: {mine: thing, other: thing}\n    path: {thing: \"x{{mine.id}}\"}\n    expect: 200\n    then:\n    \
         - {path: {thing: plain, part: {raw: \"{{other.id | percent}}\"}}, expect: 200}\n    \
         - {call: \"GET /t/{{mine.id}}\", expect: 200}\n    \
         - {path: {thing: t}, query: {x: \"{{mine.id}}\"}, expect: 200}\n",
    );
    let case = &suite.cases[0];
    let named: Vec<(bool, bool)> = (0..5).map(|step| (case.names(step, 0), case.names(step, 1))).collect();
    assert_eq!(named, [(true, false), (false, true), (true, false), (false, false), (false, false)]);
    assert!(!case.names(0, 9));
}

#[test]
fn an_object_of_a_given_is_the_right_state() {
    let suite = suite(EXAMPLE, &chatflow());
    let given = &case(&suite, "success").given;
    let names: Vec<(&str, usize)> = given.iter().map(|one| (one.name.as_str(), one.state)).collect();
    assert_eq!(names, [("mine", 0), ("bystander", 0)]);
}

#[test]
fn defaults_are_inherited_by_a_case_and_its_steps() {
    let suite = parts("  one: {expect: 200, then: [{expect: 404}]}\n");
    for step in &suite.cases[0].steps {
        assert!(matches!(step.auth, Auth::Credential(0)));
        assert_eq!(step.path.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["thing", "part"]);
        assert_eq!(pairs(&step.query), [("a", "1"), ("b", "x"), ("b", "y"), ("c", "z")]);
        assert_eq!(pairs(&step.header), [("X-A", "one"), ("X-B", "two")]);
        assert_eq!(json_of(step), Some(json!({"default": true})));
        assert_eq!(step.within, Some(Duration::from_secs(3)));
    }
    let statuses: Vec<&Statuses> = suite.cases[0].steps.iter().map(|step| &step.expect.all()[0].status).collect();
    assert_eq!(statuses, [&one_of(&[200]), &one_of(&[404])]);
}

#[test]
fn names_merge_and_null_removes_and_a_step_inherits_from_the_case_not_from_the_step_before() {
    let suite = parts(
        "  one:\n    query: {b: null, c: w, d: 1.50}\n    header: {x-a: uno, X-C: three}\n    path: {part: q}\n    \
         within: 500ms\n    expect: 200\n    then:\n    \
         - {query: {c: null, e: true}, header: {x-B: null}, auth: none, within: 1s, expect: 200}\n    \
         - {expect: 200}\n",
    );
    let [first, second, third] = suite.cases[0].steps.as_slice() else { panic!("three steps") };
    assert_eq!(pairs(&first.query), [("a", "1"), ("c", "w"), ("d", "1.50")]);
    assert_eq!(pairs(&first.header), [("x-a", "uno"), ("X-B", "two"), ("X-C", "three")]);
    assert_eq!(pairs(&second.query), [("a", "1"), ("d", "1.50"), ("e", "true")]);
    assert_eq!(pairs(&second.header), [("x-a", "uno"), ("X-C", "three")]);
    assert!(matches!(second.auth, Auth::None));
    assert_eq!(second.within, Some(Duration::from_secs(1)));
    assert_eq!(pairs(&third.query), pairs(&first.query));
    assert_eq!(pairs(&third.header), pairs(&first.header));
    assert!(matches!(third.auth, Auth::Credential(0)));
    assert_eq!(third.within, Some(Duration::from_millis(500)));
    for step in [first, second, third] {
        assert!(matches!(&step.path[1].1, PathValue::Encoded(text) if text.literal() == Some("q")));
    }
}

#[test]
fn json_and_body_replace_each_other_and_are_replaced_whole() {
    let suite = parts(
        "  one:\n    json: {own: 1}\n    expect: 200\n    then:\n    - {body: text, expect: 200}\n    \
         - {body: none, expect: 200}\n    - {body: '', expect: 200}\n    - {json: null, expect: 200}\n    \
         - {json: [\"{{user}}\"], expect: 200}\n",
    );
    let bodies: Vec<String> = suite.cases[0]
        .steps
        .iter()
        .map(|step| match &step.body {
            Body::Form(_) | Body::None => "none".to_owned(),
            Body::Raw(text) => format!("raw {}", text.literal().unwrap_or_default()),
            Body::Json(_) => format!("json {}", json_of(step).unwrap_or_default()),
        })
        .collect();
    assert_eq!(bodies, ["json {\"own\":1}", "raw text", "none", "raw ", "json null", "json [\"u\"]"]);
}

#[test]
fn a_request_with_its_own_action_inherits_only_auth() {
    let suite = parts(
        "  called: {call: GET /info, expect: 200}\n  other: {operation: open, auth: other, expect: 200, then: [{expect: 200}]}\n  \
         steps: {expect: 200, auth: other, then: [{call: \"POST /a/{{uuid}}\", expect: 200}, {operation: GET /open, expect: 200}]}\n",
    );
    let called = &case(&suite, "called").steps[0];
    let other = &case(&suite, "other").steps;
    let steps = &case(&suite, "steps").steps;
    for step in [called, &other[0], &steps[1], &steps[2]] {
        assert!(step.path.is_empty() && step.query.is_empty() && step.header.is_empty(), "{step:?}");
        assert!(matches!(step.body, Body::None) && step.within.is_none());
    }
    let open = suite.document.operations.iter().position(|one| one.id.as_deref() == Some("open"));
    for step in [&other[0], &other[1], &steps[2]] {
        assert!(matches!(step.action, Action::Operation(index) if Some(index) == open), "{step:?}");
    }
    assert!(matches!(called.auth, Auth::Credential(0)));
    assert!([&other[0], &other[1], &steps[1], &steps[2]].iter().all(|step| matches!(step.auth, Auth::Credential(1))));
    assert_eq!(steps[1].method(&suite.document), "POST");
    assert_eq!(steps[2].method(&suite.document), "GET");
}

#[test]
fn every_form_of_expectation_is_read() {
    let suite = parts(
        "  number: {expect: 404}\n  list: {expect: [200, 404]}\n  documented: {expect: documented}\n  \
         map:\n    given: {mine: thing}\n    expect:\n      status: 404\n      example: no_thing\n      free: [/a/*/b, '']\n      \
         header: {X-A: 7, X-B: present, X-C: absent, X-D: \"{{user}}\"}\n      \
         match: {/a: 1, /b: [x, null], /c: absent, /d: [absent], /e: \"{{mine.count}}\", /f: [[]], '': {}}\n  \
         many: {expect: {status: [401, 403]}}\n  any: {expect: {status: documented}}\n",
    );
    let expect = |name: &str| case(&suite, name).steps[0].expect.all()[0].clone();
    assert_eq!(expect("number").status, one_of(&[404]));
    assert_eq!(expect("number").single_status(), Some(404));
    assert_eq!(expect("list").status, one_of(&[200, 404]));
    assert_eq!(expect("list").single_status(), None);
    assert_eq!(expect("documented").status, Statuses::Documented);
    assert_eq!(expect("many").status, one_of(&[401, 403]));
    assert_eq!(expect("any").status, Statuses::Documented);

    let map = expect("map");
    assert_eq!(map.example.as_deref(), Some("no_thing"));
    assert_eq!(map.free.iter().map(Pointer::as_str).collect::<Vec<_>>(), ["/a/*/b", ""]);
    let headers: Vec<String> = map
        .header
        .iter()
        .map(|(name, header, _)| match header {
            HeaderExpectation::Value(text) => format!("{name}={}", text.literal().unwrap_or("{{}}")),
            HeaderExpectation::Present => format!("{name} present"),
            HeaderExpectation::Absent => format!("{name} absent"),
        })
        .collect();
    assert_eq!(headers, ["X-A=7", "X-B present", "X-C absent", "X-D={{}}"]);
    let mut values = Values::default();
    values.captures.insert("mine".to_owned(), [("count".to_owned(), json!(12))].into());
    let matches: Vec<(String, Option<Vec<Value>>)> = map
        .matches
        .iter()
        .map(|(pointer, matches, _)| match matches {
            MatchExpectation::OneOf(all) => {
                let all = all.iter().map(|one| one.resolve(&values).expect("it has a value")).collect();
                (pointer.to_string(), Some(all))
            }
            MatchExpectation::Schema(_) => panic!("no schema"),
            MatchExpectation::Absent => (pointer.to_string(), None),
        })
        .collect();
    let expected = [
        ("/a", Some(vec![json!(1)])),
        ("/b", Some(vec![json!("x"), Value::Null])),
        ("/c", None),
        ("/d", Some(vec![json!("absent")])),
        ("/e", Some(vec![json!(12)])),
        ("/f", Some(vec![json!([])])),
        ("", Some(vec![json!({})])),
    ];
    assert_eq!(matches, expected.map(|(pointer, value)| (pointer.to_owned(), value)));
}

#[test]
fn spans_point_at_the_text_they_are_about() {
    let suite = suite(EXAMPLE, &chatflow());
    let written = |span: Span| &suite.source.text()[span.start..span.end];
    let wrong_mode = case(&suite, "wrong_app_mode");
    assert_eq!(written(wrong_mode.span), "wrong_app_mode");
    assert_eq!(written(wrong_mode.steps[0].span), "{status: 400, example: not_chat_app, free: [/message]}");
    assert_eq!(written(case(&suite, "success").steps[0].span), "204");
    assert_eq!(written(case(&suite, "success").given[1].span), "bystander");
    assert_eq!(written(suite.states[0].span), "conversation");
    let matches = &suite.credentials[0].check.as_ref().expect("it has a check").expect.all()[0].matches;
    assert_eq!(written(matches[0].2), "/mode: [advanced-chat, chat, agent-chat]");
    assert_eq!(suite.place(wrong_mode.span).to_string(), "suite.yaml:37:3");
}

#[test]
fn answers_of_requests_sent_at_once_are_expected_in_any_order() {
    let suite = parts("  two: {operation: open, at_once: 2, expect: [204, [204, 404]]}\n");
    let step = &suite.cases[0].steps[0];
    assert_eq!(step.at_once, 2);
    let Expected::AnyOrder(all) = &step.expect else { panic!("{:?}", step.expect) };
    assert_eq!(all.iter().map(|one| one.status.clone()).collect::<Vec<_>>(), [one_of(&[204]), one_of(&[204, 404])]);
}

#[test]
fn a_list_with_at_once_takes_every_form() {
    let suite = suite(
        "spec: x\noperation: deletePart\ndefaults: {auth: none, path: {thing: t, part: p}}\ncases:\n  \
         three: {at_once: 3, expect: [documented, {status: 404, match: {/code: x}}, [204, 404]], then: [{expect: 204}]}\n  \
         once: {at_once: 1, expect: [204, 404]}\n",
        &things(),
    );
    let [three, after] = suite.cases[0].steps.as_slice() else { panic!("two steps") };
    assert_eq!(three.expect.all().len(), 3);
    assert_eq!(three.expect.all()[0].status, Statuses::Documented);
    assert_eq!(three.expect.all()[1].matches.len(), 1);
    assert_eq!(after.at_once, 1, "how often it is sent is not inherited");
    assert!(matches!(&suite.cases[1].steps[0].expect, Expected::One(one) if one.status == one_of(&[204, 404])));
}

#[test]
fn an_example_is_found_under_its_status_its_class_and_the_default() {
    for expect in [
        "{status: 404, example: no_part}",
        "{status: 409, example: example}",
        "{status: 500, example: broken}",
        "{status: [404], example: no_thing}",
    ] {
        parts(&format!("  one: {{expect: {expect}}}\n"));
    }
}

#[test]
fn security_may_be_left_open_only_where_none_is_declared() {
    for operation in ["open", "anonymous"] {
        let text = format!(
            "spec: x\noperation: {operation}\ncases: {{one: {{expect: 200, then: [{{call: GET /x, expect: 200}}]}}}}\n"
        );
        let suite = suite(&text, &things());
        assert!(suite.cases[0].steps.iter().all(|step| matches!(step.auth, Auth::None)));
    }
}

#[test]
fn an_undo_with_its_own_call_inherits_only_auth_and_the_states_own_first() {
    let suite = suite(
        "spec: x\noperation: deletePart\ncredentials: {a: {env: A}, b: {env: B}}\n\
         defaults: {auth: a, json: {x: 1}, path: {thing: t, part: p}, header: {H: h}}\nstates:\n  \
         called: {call: POST /t, auth: b, expect: 201, capture: {id: /id}, undo: {call: \"DELETE /t/{{ id }}\", expect: [204, 404]}}\n  \
         operated: {operation: putPart, path: {thing: t, part: p}, expect: 200, undo: {header: {H: null}, expect: 204}}\n\
         cases: {one: {expect: 204}}\n",
        &things(),
    );
    let called = &suite.states[0].undo.as_ref().expect("it has `undo`").last;
    assert!(matches!(called.auth, Auth::Credential(1)));
    assert!(matches!(called.body, Body::None) && called.header.is_empty());
    let operated = &suite.states[1];
    assert!(matches!(operated.make.action, Action::Operation(_)) && matches!(operated.make.body, Body::None));
    let undo = &operated.undo.as_ref().expect("it has `undo`").last;
    assert!(matches!(undo.auth, Auth::Credential(0)));
    assert_eq!(json_of(undo), Some(json!({"x": 1})));
    assert!(undo.header.is_empty() && undo.path.len() == 2);
}

#[test]
fn a_uuid_that_is_sent_may_be_expected_again() {
    let suite = parts("  one: {query: {id: &id \"{{uuid}}\"}, expect: {status: 200, match: {/id: *id}}}\n");
    let step = &suite.cases[0].steps[0];
    let mut values = Values::default();
    let id = step.query.iter().find(|(name, _)| name == "id").expect("it is sent");
    let sent = id.1.text().expect("a text").render(&mut values).expect("uuids can always be made");
    let MatchExpectation::OneOf(expected) = &step.expect.all()[0].matches[0].1 else { panic!("a value") };
    assert_eq!(expected[0].resolve(&values), Ok(Value::String(sent)));
}
