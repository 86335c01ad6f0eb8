use super::attacks::{attacks, every_byte};
use std::sync::Arc;

use super::*;
use crate::exchange::Request;
use crate::suite::{ElementValues, Rendered};

/// An object that somebody else made.
pub(super) const VICTIM: &str = "5d3a9a4e-8f0b-4c1d-9e2f-77aa00bb11cc";
/// An object that this run made.
pub(super) const OWN: &str = "a7bf84ef-28b3-417e-a8dc-2f8d6bbc1a28";

pub(super) fn guard(captured: &[&str]) -> Guard {
    let guard = Guard::new();
    for id in captured {
        assert_eq!(guard.note_captured((0, 0), "conversation", id, &[]), Ok(()));
    }
    guard
}

/// Has the run make another object, with which this value is captured.
pub(super) fn with_parent(guard: &Guard, parent: &str) {
    let id = "c9bf84ef-28b3-417e-a8dc-2f8d6bbc1a29";
    assert_eq!(guard.note_captured((9, 9), "thing", id, &[parent.to_owned()]), Ok(()));
}

pub(super) fn request(method: &str, target: &str) -> Request {
    Request {
        method: method.to_owned(),
        origin: "http://127.0.0.1:1".to_owned(),
        target: target.to_owned(),
        fields: Vec::new(),
        body: None,
    }
}

/// A judged DELETE with this value in its path, as sent.
pub(super) fn judged(value: &str) -> Rendered {
    Rendered {
        request: request("DELETE", &format!("/v1/conversations/{value}")),
        path_values: vec![("conversation_id".to_owned(), value.to_owned())],
        base_path: "/v1".to_owned(),
        template: "/conversations/{conversation_id}".to_owned(),
        judged: true,
        required_query: Vec::new(),
        documented_values: Vec::new(),
        elements: ElementValues::default(),
    }
}

/// A call without values: all of it is literal.
pub(super) fn call(method: &str, target: &str) -> Rendered {
    let template = target.split('?').next().unwrap_or_default().to_owned();
    Rendered {
        request: request(method, target),
        path_values: Vec::new(),
        base_path: String::new(),
        template,
        judged: false,
        required_query: Vec::new(),
        documented_values: Vec::new(),
        elements: ElementValues::default(),
    }
}

#[test]
fn no_attack_passes() {
    let attacks = attacks();
    assert!(attacks.len() > 150, "{}", attacks.len());
    for captured in [&[][..], &[OWN], &["42424242"], &["my-chat", OWN], &["65f0aa17bcf86cd799439011"]] {
        let guard = guard(captured);
        for attack in &attacks {
            let permitted = guard.permit(&judged(attack));
            assert!(permitted.is_err(), "{attack:?} passed after {captured:?} were captured");
        }
    }
}

#[test]
fn what_is_of_this_run_passes_in_every_spelling() {
    let guard = guard(&[OWN]);
    assert_eq!(guard.note_from_env((0, 0), "C0FFEE00-0000-4000-8000-000000000001"), Ok(()));
    let ids = guard.ids().clone();
    let made = ids.uuid().to_string();
    let every_byte = every_byte(OWN);
    for value in [
        OWN,
        &OWN.to_ascii_uppercase(),
        &every_byte,
        &every_byte.replace('%', "%25"),
        &OWN.replacen('a', "%61", 1),
        &OWN.replace('-', ""),
        &format!("{OWN}/"),
        "c0ffee00-0000-4000-8000-000000000001",
        &made,
        &made.to_ascii_uppercase(),
        &format!("{made}/"),
        &ids.uuid().to_string(),
    ] {
        assert_eq!(guard.permit(&judged(value)), Ok(()), "{value}");
    }
}

#[test]
fn ids_that_are_no_uuids_are_told_apart_by_case() {
    let guard = guard(&["aBcD", "café", "ab+c=", "7"]);
    for value in ["aBcD", "a%42cD", "caf%C3%A9", "caf%c3%a9", "ab+c=", "ab%2Bc%3D", "7", "%37"] {
        assert_eq!(guard.permit(&judged(value)), Ok(()), "{value}");
    }
    for value in ["abcd", "ABCD", "CAF%C3%89", "AB+C=", "77"] {
        assert!(guard.permit(&judged(value)).is_err(), "{value}");
    }
}

#[test]
fn literals_pass_that_say_that_they_are_no_ids() {
    let marked = [
        "not-a-uuid",
        "Not-A-UUID",
        "not%2Da%2Duuid",
        "not-an-id",
        "no-such-thing",
        "does-not-exist",
        "nonexistent",
        "not-a-%20uuid",
    ];
    let words = ["abc", "%61bc", "hello", "foo-bar", "x.y_z", "two%20words", "no~such~thing", "room-7"];
    for captured in [&[][..], &[OWN], &["1001"], &["65f0aa17bcf86cd799439011"], &["my-chat"], &["a~b"]] {
        let guard = guard(captured);
        for value in marked {
            assert_eq!(guard.permit(&judged(value)), Ok(()), "{value} after {captured:?}");
        }
        for value in words {
            assert!(guard.permit(&judged(value)).is_err(), "{value} after {captured:?}");
        }
    }
}

#[test]
fn a_value_that_holds_a_new_uuid_names_nothing_that_exists() {
    let guard = guard(&[OWN]);
    guard.note_run("conformant-0011223344556677");
    let fresh = guard.ids().uuid().to_string();
    let user = "conformant-0011223344556677-0000ab";
    for value in [
        fresh.clone(),
        format!("none-{fresh}"),
        format!("none-{}", fresh.to_ascii_uppercase()),
        format!("caf%C3%A9-{fresh}"),
        format!("{fresh}-x"),
        user.to_owned(),
        format!("note-{user}"),
        "conformant-0011223344556677".to_owned(),
    ] {
        assert_eq!(guard.permit(&judged(&value)), Ok(()), "{value}");
    }
    for value in [
        // A lenient server could read a number at the beginning.
        format!("7-{fresh}"),
        format!("-{fresh}"),
        format!("%37{fresh}"),
        // Something else in it could be an id.
        format!("x-{VICTIM}-{fresh}"),
        format!("{fresh}-{VICTIM}"),
        format!("x-{fresh}-{}", guard.ids().uuid()),
        // Servers disagree about these.
        format!("x,{fresh}"),
        format!("x;{fresh}"),
        format!("x%2F{fresh}"),
        // Not of this run.
        format!("none-{}", uuid::Uuid::new_v4()),
        "conformant-0011223344556678".to_owned(),
    ] {
        assert!(guard.permit(&judged(&value)).is_err(), "{value}");
    }
}

#[test]
fn ids_that_no_path_can_carry_are_refused_when_they_are_captured() {
    let guard = guard(&[]);
    let long = "x".repeat(600);
    for id in [
        "", " ", ".", "..", "a/b", "../x", "a\\b", "a?b", "a#b", "a;b", "50%", "%2e", "a\n", "*", "a,b", "all", "me",
        &long,
    ] {
        let refusal = guard.note_captured((0, 0), "thing", id, &[]).expect_err(id);
        assert!(refusal.message.starts_with("the response to making a thing has the id "), "{refusal}");
        assert!(refusal.message.len() < 300, "{refusal}");
        assert!(
            guard
                .permit(&judged(
                    &percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string()
                ))
                .is_err()
        );
    }
}

#[test]
fn the_target_must_be_the_template_with_these_values() {
    let guard = guard(&[OWN]);
    let with = |change: fn(&mut Rendered)| {
        let mut rendered = judged(OWN);
        change(&mut rendered);
        guard.permit(&rendered)
    };
    assert_eq!(with(|_| {}), Ok(()));
    assert_eq!(with(|r| r.request.target.push_str("?user=alice")), Ok(()));
    assert!(with(|r| r.request.target = format!("/v1/conversations/{VICTIM}")).is_err());
    assert!(with(|r| r.request.target = format!("/v2/conversations/{OWN}")).is_err());
    assert!(with(|r| r.request.target = format!("/conversations/{OWN}")).is_err());
    assert!(with(|r| r.request.target = format!("/v1conversations/{OWN}")).is_err());
    assert!(with(|r| r.request.target = format!("/v1/apps/{OWN}")).is_err());
    assert!(with(|r| r.request.target = format!("/v1//conversations/{OWN}")).is_err());
    assert!(with(|r| r.request.target.push_str("/messages")).is_err());
    assert!(with(|r| r.request.target = "/v1/conversations/".to_owned()).is_err());
    assert!(with(|r| r.request.target = format!("http://other/v1/conversations/{OWN}")).is_err());
    assert!(with(|r| r.path_values.clear()).is_err());
    assert!(with(|r| r.path_values[0].0 = "other".to_owned()).is_err());
    // Dots in the template or the base path itself.
    assert!(
        with(|r| {
            r.template = "/../conversations/{conversation_id}".to_owned();
            r.request.target = format!("/v1/../conversations/{OWN}");
        })
        .is_err()
    );
    assert!(
        with(|r| {
            r.base_path = "/v1/%2e%2e".to_owned();
            r.request.target = format!("/v1/%2e%2e/conversations/{OWN}");
        })
        .is_err()
    );
}

#[test]
fn templates_of_any_form_are_followed() {
    let guard = guard(&[OWN, "doc"]);
    for (template, values, path) in [
        ("/é/{id}/x", &[OWN][..], format!("/é/{OWN}/x")),
        ("/{id}", &[OWN], format!("/{OWN}")),
        ("/files/{id}.json", &["doc"], "/files/doc.json".to_owned()),
        ("/a/{id}/b/{id}/", &[OWN, OWN], format!("/a/{OWN}/b/{OWN}/")),
        ("/odd{/{id}", &[OWN], format!("/odd{{/{OWN}")),
    ] {
        let rendered = Rendered {
            request: request("DELETE", &path),
            path_values: values.iter().map(|value| ("id".to_owned(), (*value).to_owned())).collect(),
            base_path: String::new(),
            template: template.to_owned(),
            judged: true,
            required_query: Vec::new(),
            documented_values: Vec::new(),
            elements: ElementValues::default(),
        };
        assert_eq!(guard.permit(&rendered), Ok(()), "{template}");
    }
}

#[test]
fn reading_may_name_anything_below_the_base_url_and_other_methods_may_not() {
    let guard = guard(&[OWN]);
    let target = format!("/conversations/{VICTIM}");
    for method in ["GET", "HEAD", "OPTIONS"] {
        let mut rendered = judged(VICTIM);
        rendered.request.method = method.to_owned();
        assert_eq!(guard.permit(&rendered), Ok(()), "{method}");
        assert_eq!(guard.permit(&call(method, &target)), Ok(()), "{method}");
        assert_eq!(guard.permit(&call(method, "/files/a%2Fb")), Ok(()), "{method}");
    }
    for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "delete", "Put", "PURGE", "MOVE"] {
        let mut rendered = judged(VICTIM);
        rendered.request.method = method.to_owned();
        assert!(guard.permit(&rendered).is_err(), "{method}");
        assert!(guard.permit(&call(method, &target)).is_err(), "{method}");
    }
    for above in ["/../x", "/a/%2e%2e/%2e%2e/x", "/a/..%2f..%2fx", "/a/..\\..\\x", "/a/..;x=1/b"] {
        assert!(guard.permit(&call("GET", above)).is_err(), "{above}");
    }
    assert_eq!(guard.permit(&call("POST", "/search")), Ok(()), "a POST need not be about an object");
}

#[test]
fn a_path_that_says_that_it_removes_is_no_reading_and_no_creation() {
    let guard = guard(&[OWN]);
    for target in
        ["/conversations/1/delete", "/conversations/batchDelete", "/conversations/%64elete", "/x?action=delete"]
    {
        for method in ["GET", "HEAD", "OPTIONS", "POST"] {
            assert!(guard.permit(&call(method, target)).is_err(), "{method} {target}");
            assert!(guard.permit_making(&call(method, target)).is_err(), "{method} {target}");
        }
    }
    // About an object of the run it passes.
    for method in ["GET", "POST"] {
        let own = Rendered {
            path_values: vec![("mine.id".to_owned(), OWN.to_owned())],
            template: "/conversations/{mine.id}/delete".to_owned(),
            ..call(method, &format!("/conversations/{OWN}/delete"))
        };
        assert_eq!(guard.permit(&own), Ok(()), "{method}");
    }
    let batch = |body: String| Rendered {
        request: Request { body: Some(body.into_bytes()), ..request("POST", "/conversations/batch-delete") },
        ..call("POST", "/conversations/batch-delete")
    };
    assert_eq!(guard.permit(&batch(format!("{{\"ids\":[\"{OWN}\"]}}"))), Ok(()));
    let fresh = guard.ids().uuid();
    for body in [format!("{{\"ids\":[\"{fresh}\"]}}"), format!("{{\"ids\":[\"{OWN}\",\"{VICTIM}\"]}}"), "{}".to_owned()]
    {
        assert!(guard.permit(&batch(body.clone())).is_err(), "{body}");
    }
}

#[test]
fn a_method_in_a_parameter_is_the_method() {
    let guard = guard(&[OWN]);
    for method in ["GET", "POST"] {
        for (target, body) in [
            ("/conversations/1?_method=delete", ""),
            ("/conversations?%5Fmethod=delete", ""),
            ("/conversations", "_method=DELETE"),
            ("/conversations", "{\"_METHOD\":\"DELETE\"}"),
        ] {
            let mut rendered = call(method, target);
            rendered.request.body = Some(body.as_bytes().to_vec());
            assert!(guard.permit(&rendered).is_err(), "{method} {target} {body}");
            assert!(guard.permit_making(&rendered).is_err(), "making: {method} {target} {body}");
        }
    }
    let mut pay = call("POST", "/orders?payment_method=card");
    pay.request.body = Some(b"{\"payment_method\":\"card\"}".to_vec());
    assert_eq!(guard.permit_making(&pay), Ok(()));
}

#[test]
fn a_state_makes_its_object_beside_what_is_there_and_removes_nothing() {
    let guard = guard(&[]);
    for target in [format!("/apps/{VICTIM}/conversations"), format!("/conversations?app_id={VICTIM}")] {
        assert_eq!(guard.permit_making(&call("POST", &target)), Ok(()), "{target}");
        assert!(guard.permit_making(&call("DELETE", &target)).is_err(), "{target}");
    }
    for target in [
        format!("/conversations/{VICTIM}/delete"),
        format!("/conversations/{VICTIM}:cancel"),
        "/conversations/purge".to_owned(),
        format!("/delete-conversation?id={VICTIM}"),
    ] {
        assert!(guard.permit_making(&call("POST", &target)).is_err(), "{target}");
    }
}

#[test]
fn literal_parts_of_a_call_that_may_destroy_are_judged_too() {
    let guard = guard(&[OWN]);
    guard.note_value("conformant-user-1a2b3c4d5e6f7a8b");
    for target in [
        "/",
        "/conversations",
        "/v1/conversations/batch",
        "/conversations?force=true&user=alice",
        "/conversations?user=conformant-user-1a2b3c4d5e6f7a8b",
        &format!("/conversations?id={OWN}"),
        &format!("/conversations/{VICTIM}")[..],
        &format!("/conversations/{VICTIM}/messages"),
        &format!("/conversations?id={VICTIM}"),
        &format!("/conversations?id={}", VICTIM.replace('-', "%2D")),
        &format!("/conversations?ids={OWN},{VICTIM}"),
        "/conversations/7",
        "/conversations/7/messages",
        "/conversations?id=7",
        "/conversations?id=%37",
        "/conversations?7",
        "/conversations/*",
        "/conversations?id=*",
        "/conversations?name=%25",
        "/conversations/_all",
        "/users/me",
        "/conversations/../apps",
        "/conversations/%2e%2e/apps",
        "/conversations//x",
        "/conversations;x=1",
        "/conversations\\x",
    ] {
        assert!(guard.permit(&call("DELETE", target)).is_err(), "{target}");
    }
    let mixed = Rendered {
        request: request("DELETE", &format!("/c/x{OWN}")),
        path_values: vec![("mine.id".to_owned(), OWN.to_owned())],
        base_path: String::new(),
        template: "/c/x{mine.id}".to_owned(),
        judged: false,
        required_query: Vec::new(),
        documented_values: Vec::new(),
        elements: ElementValues::default(),
    };
    assert!(guard.permit(&mixed).is_err(), "a value is a whole segment");
    let whole =
        Rendered { request: request("DELETE", &format!("/c/{OWN}")), template: "/c/{mine.id}".to_owned(), ..mixed };
    assert_eq!(guard.permit(&whole), Ok(()));
}

#[test]
fn an_operation_without_path_values_must_name_an_object_in_a_query_parameter_that_the_document_requires() {
    let guard = guard(&[OWN]);
    let required = |method: &str, path: &str, query: &str| Rendered {
        judged: true,
        required_query: vec!["id".to_owned()],
        ..call(method, &format!("{path}?{query}"))
    };
    for method in ["DELETE", "PUT", "PATCH"] {
        let permit = |path: &str, query: &str| guard.permit(&required(method, path, query));
        assert_eq!(permit("/things", &format!("id={OWN}")), Ok(()));
        assert_eq!(permit("/things", &format!("id={OWN}&dry=true")), Ok(()));
        let fresh = guard.ids().uuid();
        for query in [
            "dry=true".to_owned(),
            format!("id={VICTIM}"),
            format!("id={fresh}"),
            format!("also={OWN}"),
            format!("id={OWN}&other={VICTIM}"),
            format!("id={OWN}&id={VICTIM}"),
        ] {
            assert!(permit("/things", &query).is_err(), "{method} {query}");
        }
        assert!(permit(&format!("/things/{VICTIM}"), &format!("id={OWN}")).is_err(), "{method}");
        let optional = Rendered { required_query: Vec::new(), ..required(method, "/things", &format!("id={OWN}")) };
        assert!(guard.permit(&optional).is_err(), "{method}: the server may ignore it");
        let undocumented = Rendered { judged: false, ..required(method, "/things", &format!("id={OWN}")) };
        assert!(guard.permit(&undocumented).is_err(), "{method}: the server may not know it");
    }
    let read = Rendered { judged: true, ..call("GET", "/things?limit=20") };
    assert_eq!(guard.permit(&read), Ok(()));
}

#[test]
fn a_call_has_its_query_judged_more_narrowly() {
    let guard = guard(&[OWN]);
    let query = |query: &str, judged: bool| {
        let rendered = Rendered {
            template: "/things/{mine.id}".to_owned(),
            path_values: vec![("mine.id".to_owned(), OWN.to_owned())],
            judged,
            ..call("DELETE", &format!("/things/{OWN}?{query}"))
        };
        guard.permit(&rendered)
    };
    for harmless in ["dry=true", "user=", &format!("also={OWN}"), "a=b;c=d", "because"] {
        assert_eq!(query(harmless, false), Ok(()), "{harmless}");
    }
    // No name says that these are ids; a suite's own request may try them, what it is staged with may not.
    for (odd, why) in [
        ("q=name%3A*", "a pattern"),
        ("dry=true&q=%5Ba-z%5D", "a pattern"),
        ("a=b;page=7", "an id"),
        ("7", "an id"),
        ("note=caf%C3%A9", "another spelling"),
    ] {
        let refusal = query(odd, false).expect_err(odd).to_string();
        assert!(refusal.contains("the query contains") && refusal.contains(why), "{odd}: {refusal}");
        assert_eq!(query(odd, true), Ok(()), "{odd}");
    }
}

#[test]
fn a_fixed_segment_of_the_document_is_no_random_id() {
    let guard = guard(&[OWN]);
    let documented = |path: &str| {
        let target = format!("{path}?name={}", guard.ids().uuid());
        guard.permit(&Rendered { judged: true, ..call("POST", &target) })
    };
    assert_eq!(documented("/things/touch"), Ok(()));
    assert!(documented("/things/pUfp2-7ke42MViQWbQZj2/touch").is_err());
}

#[test]
fn nothing_follows_the_word_by_which_a_call_removes() {
    let guard = guard(&[OWN]);
    let removing =
        |path: &str, judged: bool| guard.permit(&Rendered { judged, ..call("POST", &format!("{path}?id={OWN}")) });
    assert_eq!(removing("/things/cancel", false), Ok(()));
    assert!(removing("/things/cancel/production", false).is_err());
    assert_eq!(removing("/things/cancel/all-of-these", true), Ok(()), "the document has this path");
}

#[test]
fn a_word_at_the_end_of_a_call_means_more_than_itself() {
    let guard = guard(&[OWN]);
    let below = |rest: &str| Rendered {
        template: format!("/all/{{mine.id}}{rest}"),
        path_values: vec![("mine.id".to_owned(), OWN.to_owned())],
        ..call("POST", &format!("/all/{OWN}{rest}"))
    };
    for rest in ["", "/touch", "/rename"] {
        assert_eq!(guard.permit(&below(rest)), Ok(()), "{rest}");
    }
    for rest in ["/all", "/%61ll", "/notes/tidy", "/42", &format!("/{VICTIM}")] {
        assert!(guard.permit(&below(rest)).is_err(), "{rest}");
    }
}

#[test]
fn an_id_that_is_taken_back_is_nobodys() {
    let guard = guard(&[OWN, VICTIM]);
    assert_eq!(guard.permit(&judged(VICTIM)), Ok(()));
    guard.forget_captured(VICTIM);
    assert!(guard.permit(&judged(VICTIM)).is_err());
    assert_eq!(guard.permit(&judged(OWN)), Ok(()));
}

#[test]
fn nothing_may_end_the_request_early_or_turn_it_into_another() {
    let guard = guard(&[]);
    let with = |name: &str, value: &str| {
        let mut rendered = call("GET", "/info");
        rendered.request.fields.push((name.to_owned(), value.to_owned()));
        guard.permit(&rendered)
    };
    assert_eq!(with("X-Trace", "a b\tc é"), Ok(()));
    assert_eq!(with("X-Httpbin", "x"), Ok(()));
    assert_eq!(with("Connection", "close"), Ok(()));
    for (name, value) in [
        ("X-Trace", "a\r\nDELETE /x HTTP/1.1"),
        ("X-Trace", "a\nb"),
        ("X-Trace", "a\0b"),
        ("X Trace", "a"),
        ("", "a"),
        ("X:", "a"),
        ("Host", "api.vendor.example"),
        ("content-length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("x-original-url", "/conversations/1"),
        ("X_HTTP_METHOD_OVERRIDE", "DELETE"),
        ("X-HTTP-Anything", "DELETE"),
        ("Transfer_Encoding", "chunked"),
        ("X_Original-Host", "x"),
        ("Forwarded", "host=x"),
        ("X-Forwarded-Host", "x"),
        ("X-Forwarded_Prefix", "/x"),
        ("X-Envoy-Original-Path", "/x"),
        ("X-Rewrite-URL", "/x"),
        ("TE", "trailers"),
        ("Upgrade", "h2c"),
    ] {
        assert!(with(name, value).is_err(), "{name}: {value}");
    }
    for target in ["/info HTTP/1.1\r\n\r\nDELETE /x", "/a b", "/a\tb", "", "info", "http://other/", "/\u{7f}"] {
        assert!(guard.permit(&call("GET", target)).is_err(), "{target:?}");
    }
    for method in ["", "GET /x", "GET\r\n", "GÉT"] {
        assert!(guard.permit(&call(method, "/info")).is_err(), "{method:?}");
    }
}

#[test]
fn what_stands_before_an_object_is_its_scope() {
    let mut scopes = Scopes::default();
    scopes.add((0, 0), "projects", "production");
    let guard = Guard::with_suites(Arc::default(), Arc::new(scopes));
    let other = "b2c4d6e8-0000-4000-8000-000000000002";
    assert_eq!(guard.note_captured((0, 0), "task", OWN, &["app-7".to_owned()]), Ok(()));
    assert_eq!(guard.note_captured((0, 1), "note", other, &[VICTIM.to_owned()]), Ok(()));
    let below = |collection: &str, parent: &str, id: &str| Rendered {
        request: request("DELETE", &format!("/v1/{collection}/{parent}/tasks/{id}")),
        path_values: vec![("parent".to_owned(), parent.to_owned()), ("id".to_owned(), id.to_owned())],
        template: format!("/{collection}/{{parent}}/tasks/{{id}}"),
        ..judged(id)
    };
    for (collection, parent, id) in [
        // Captured with it, in the requests of its state, of the run, or nothing.
        ("apps", "app-7", OWN),
        ("projects", "production", OWN),
        ("projects", other, OWN),
        ("projects", "no-such-project", OWN),
        ("apps", VICTIM, other),
    ] {
        assert_eq!(guard.permit(&below(collection, parent, id)), Ok(()), "{collection} {parent} {id}");
    }
    let fresh = guard.ids().uuid().to_string();
    for (collection, parent, id) in
        [("apps", "app-7", fresh.as_str()), ("x", "anything", &fresh), ("x", "42", "not-a-task")]
    {
        assert_eq!(guard.permit(&below(collection, parent, id)), Ok(()), "{collection} {parent} {id}");
    }
    for (collection, parent, id) in [
        // The scope of another object, another place, or nobody's.
        ("apps", VICTIM, OWN),
        ("users", "production", OWN),
        ("projects", "production", other),
        ("projects", "staging", OWN),
        ("projects", "42", OWN),
        ("projects", "a%2Fb", OWN),
        ("projects", "a,b", fresh.as_str()),
        // A parent alone.
        ("projects", OWN, "production"),
        ("projects", "production", VICTIM),
    ] {
        assert!(guard.permit(&below(collection, parent, id)).is_err(), "{collection} {parent} {id}");
    }
    assert!(guard.permit(&judged("app-7")).is_err(), "it was not made by this run");
}

#[test]
fn a_case_creates_only_below_what_is_of_the_run() {
    let mut scopes = Scopes::default();
    scopes.add((0, 0), "projects", "production");
    let guard = Guard::with_suites(Arc::default(), Arc::new(scopes));
    assert_eq!(guard.note_captured((0, 0), "task", OWN, &["app-7".to_owned()]), Ok(()));
    let below = |parent: &str| Rendered {
        request: request("POST", &format!("/v1/projects/{parent}/tasks")),
        path_values: vec![("parent".to_owned(), parent.to_owned())],
        template: "/projects/{parent}/tasks".to_owned(),
        ..judged(parent)
    };
    let fresh = guard.ids().uuid().to_string();
    for parent in [OWN, "app-7", fresh.as_str()] {
        assert_eq!(guard.permit(&below(parent)), Ok(()), "{parent}");
    }
    for parent in ["production", VICTIM, "42", "no-such-project"] {
        assert!(guard.permit(&below(parent)).is_err(), "{parent}");
        assert_eq!(guard.permit_making(&below(parent)), Ok(()), "{parent}");
    }
    // A segment that the suite writes out is a value if the document has a parameter there.
    let documented = Rendered { documented_values: vec![1], ..call("POST", "/users/alice/notes") };
    assert!(guard.permit(&documented).is_err());
    assert_eq!(guard.permit_making(&documented), Ok(()));
    assert_eq!(guard.permit(&call("POST", "/users/notes")), Ok(()));
}

#[test]
fn words_alone_lead_to_no_collection() {
    let guard = guard(&[OWN]);
    let below = |method: &str, values: [&str; 2], end: &str| Rendered {
        request: request(method, &format!("/v1/buckets/{}/collections/{}{end}", values[0], values[1])),
        path_values: vec![("bucket".to_owned(), values[0].to_owned()), ("collection".to_owned(), values[1].to_owned())],
        base_path: "/v1".to_owned(),
        template: format!("/buckets/{{bucket}}/collections/{{collection}}{end}"),
        judged: true,
        required_query: Vec::new(),
        documented_values: Vec::new(),
        elements: ElementValues::default(),
    };
    let words = ["no-such-bucket", "no-such-collection"];
    for method in ["DELETE", "PUT", "PATCH", "POST"] {
        for end in ["/records", "/records/", "/a/b"] {
            let refusal = guard.permit(&below(method, words, end)).expect_err(method);
            assert!(refusal.message.contains("its path has no id of this run"), "{refusal}");
            assert!(refusal.help.is_some_and(|help| help.contains("{{uuid}}")));
            // What is of this run is no word.
            assert_eq!(guard.permit(&below(method, [words[0], OWN], end)), Ok(()), "{method}");
        }
        for end in ["", "/", ".json", ":touch"] {
            assert_eq!(guard.permit(&below(method, words, end)), Ok(()), "{method} {end}");
        }
    }
    // Reading changes nothing.
    assert_eq!(guard.permit(&below("GET", words, "/records")), Ok(()));
    // The parent of an object does not count as an object of the run, not even after a literal.
    with_parent(&guard, "shelf");
    assert_eq!(guard.permit(&below("DELETE", ["shelf", words[1]], "")), Ok(()));
    for (values, end) in [(["shelf", words[1]], "/records"), ([words[0], "shelf"], "")] {
        assert!(guard.permit(&below("DELETE", values, end)).is_err(), "{values:?} {end}");
    }
}

#[test]
fn a_name_that_the_suites_write_may_exist() {
    let mut written = WrittenNames::default();
    written.add("No-Such-Thing");
    let guard = Guard::with_suites(Arc::new(written), Arc::default());
    for value in ["no-such-thing", "no-such%2Dthing", "NO-SUCH-THING"] {
        let refusal = guard.permit(&judged(value)).expect_err(value);
        assert!(refusal.message.contains("writes that name"), "{refusal}");
        let mut reading = judged(value);
        reading.request.method = "GET".to_owned();
        assert_eq!(guard.permit(&reading), Ok(()), "{value}");
    }
    assert_eq!(guard.permit(&judged("no-such-other")), Ok(()));
    // A thing that this run made is its own, whatever it is called.
    assert_eq!(guard.note_captured((0, 0), "thing", "no-such-thing", &[]), Ok(()));
    assert_eq!(guard.permit(&judged("no-such-thing")), Ok(()));
}
