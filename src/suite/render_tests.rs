use serde_json::json;

use super::*;
use crate::suite::path_template::parameters;
use crate::suite::testing::{EXAMPLE, chatflow, suite, things};

const ORIGIN: &str = "http://127.0.0.1:8080";

fn values() -> Values {
    let mut values = Values { user: "u 1".to_owned(), ..Values::default() };
    let captures = [
        ("id", json!("aB/9")),
        ("dots", json!("..")),
        ("empty", json!("")),
        ("number", json!(7)),
        ("line", json!("a\r\nX: y")),
    ];
    values.captures.insert("mine".to_owned(), captures.map(|(name, value)| (name.to_owned(), value)).into());
    values
}

/// A suite on this operation with one case.
fn one(operation: &str, case: &str) -> Suite {
    let text = format!(
        "spec: x\noperation: {operation}\ncredentials: {{key: {{env: KEY}}}}\nstates:\n  \
         thing: {{call: POST /t, auth: none, expect: 201, capture: {{id: /i, dots: /d, empty: /e, number: /n, line: /l}}, id: id}}\n\
         cases:\n  one: {{given: {{mine: thing}}, expect: 200, {case}}}\n"
    );
    suite(&text, &things())
}

fn render(suite: &Suite, base_path: &str) -> Result<Rendered, RenderError> {
    let secrets = vec![Some("s3:cr?t é".to_owned().into()); suite.credentials.len()];
    suite.cases[0].steps[0].render(suite, ORIGIN, base_path, &secrets, &mut values())
}

fn rendered(operation: &str, case: &str) -> Rendered {
    render(&one(operation, case), "").unwrap_or_else(|error| panic!("{error}"))
}

/// Why a case on `getPart` without credentials cannot be sent.
fn refusal(case: &str) -> String {
    let suite = one("getPart", &format!("auth: none, {case}"));
    let error = render(&suite, "").expect_err(case);
    let written = &suite.source.text()[error.span().start..error.span().end];
    format!("{error} [{written}]")
}

fn field<'r>(rendered: &'r Rendered, name: &str) -> Vec<&'r str> {
    let fields = rendered.request.fields.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    fields.map(|(_, value)| value.as_str()).collect()
}

fn target(path: &str) -> String {
    rendered("getPart", &format!("auth: none, path: {path}")).request.target
}

#[test]
fn the_first_case_of_the_example_becomes_its_request() {
    let suite = suite(EXAMPLE, &chatflow());
    let mut values = Values { user: "u-1".to_owned(), ..Values::default() };
    values.captures.insert("mine".to_owned(), [("conversation_id".to_owned(), json!("c-1"))].into());
    let secrets = [Some("app-key".to_owned().into()), None, None];
    let step = &suite.cases[0].steps[0];
    let rendered = step.render(&suite, ORIGIN, "/v1", &secrets, &mut values).unwrap_or_else(|error| panic!("{error}"));
    let expected = Request {
        method: "DELETE".to_owned(),
        origin: ORIGIN.to_owned(),
        target: "/v1/conversations/c-1".to_owned(),
        fields: vec![
            ("Authorization".to_owned(), "Bearer app-key".to_owned()),
            ("Content-Type".to_owned(), "application/json".to_owned()),
        ],
        body: Some(br#"{"user":"u-1"}"#.to_vec()),
    };
    assert_eq!(rendered.request, expected);
    assert_eq!(rendered.path_values, [("conversation_id".to_owned(), "c-1".to_owned())]);
    assert!(rendered.judged);

    let other = &suite.cases[1].steps[0];
    values.captures.insert("theirs".to_owned(), [("conversation_id".to_owned(), json!("c-2"))].into());
    let error = other.render(&suite, ORIGIN, "/v1", &secrets, &mut values).expect_err("the key is not set");
    assert_eq!(error.to_string(), "the credential `other_mode_app` is not set (variable WRONG_MODE_API_KEY)");
    assert_eq!(error.span(), other.span);
}

#[test]
fn a_state_is_made_and_undone_with_its_own_values() {
    let suite = suite(EXAMPLE, &chatflow());
    let state = &suite.states[0];
    let secrets = [Some("app-key".to_owned().into()), None, None];
    let mut values = Values { user: "u-1".to_owned(), ..Values::default() };
    let target = |step: &Step, values: &mut Values| {
        let rendered = step.render(&suite, ORIGIN, "", &secrets, values).unwrap_or_else(|error| panic!("{error}"));
        (rendered.request.method, rendered.request.target, rendered.path_values, rendered.judged)
    };
    let (method, path, named, judged) = target(&state.make, &mut values);
    assert_eq!((method.as_str(), path.as_str(), named.len(), judged), ("POST", "/chat-messages", 0, false));
    values.captures.insert(String::new(), [("conversation_id".to_owned(), json!("c/1"))].into());
    let (method, path, named, judged) =
        target(&state.exists.as_ref().expect("it has `exists`").looks[0].call, &mut values);
    assert_eq!((method.as_str(), path.as_str()), ("GET", "/messages?conversation_id=c%2F1&user=u-1"));
    let pairs =
        [("conversation_id", "c%2F1"), ("user", "u-1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(named, pairs);
    assert!(!judged);
    let (method, path, named, _) = target(&state.undo.as_ref().expect("it has `undo`").last, &mut values);
    assert_eq!((method.as_str(), path.as_str()), ("DELETE", "/conversations/c%2F1"));
    assert_eq!(named, [("conversation_id".to_owned(), "c%2F1".to_owned())]);
}

#[test]
fn path_values_are_percent_encoded_once() {
    let cases = [
        ("{thing: \"a-b.c_d~e\", part: p}", "/things/a-b.c_d~e/parts/p"),
        ("{thing: \"!$&'()*+,;=:@\", part: p}", "/things/!$&'()*+,;=:@/parts/p"),
        ("{thing: 'a/b?c#d', part: p}", "/things/a%2Fb%3Fc%23d/parts/p"),
        ("{thing: '%61', part: p}", "/things/%2561/parts/p"),
        ("{thing: 'a b\"<>`{}|\\^[]', part: p}", "/things/a%20b%22%3C%3E%60%7B%7D%7C%5C%5E%5B%5D/parts/p"),
        ("{thing: \"\\r\\n\\0\\x7f\", part: p}", "/things/%0D%0A%00%7F/parts/p"),
        ("{thing: é, part: 1.50}", "/things/%C3%A9/parts/1.50"),
        ("{thing: ., part: ..}", "/things/%2E/parts/%2E%2E"),
        ("{thing: ..., part: .a}", "/things/.../parts/.a"),
        ("{thing: \"{{mine.id}}\", part: \"{{mine.number}}\"}", "/things/aB%2F9/parts/7"),
        ("{thing: \"{{mine.id | upper}}-{{user}}\", part: \"{{mine.dots}}\"}", "/things/AB%2F9-u%201/parts/%2E%2E"),
        ("{thing: 007, part: true}", "/things/007/parts/true"),
    ];
    for (path, expected) in cases {
        assert_eq!(target(path), expected, "{path}");
    }
}

#[test]
fn raw_path_values_are_sent_as_written() {
    let cases = [
        ("{thing: {raw: '%61bc'}, part: p}", "/things/%61bc/parts/p"),
        ("{thing: {raw: ''}, part: p}", "/things//parts/p"),
        ("{thing: {raw: '../x?y'}, part: p}", "/things/../x?y/parts/p"),
        ("{thing: {raw: \"{{mine.id | percent}}\"}, part: p}", "/things/%61%42%2F%39/parts/p"),
        ("{thing: {raw: \"{{mine.id}}\"}, part: p}", "/things/aB/9/parts/p"),
    ];
    for (path, expected) in cases {
        assert_eq!(target(path), expected, "{path}");
    }
}

#[test]
fn path_values_are_told_as_sent() {
    let rendered = rendered("getPart", "auth: none, path: {thing: {raw: '%61'}, part: 'a b'}");
    let pairs = [("thing", "%61"), ("part", "a%20b")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(rendered.path_values, pairs);
    let called = self::rendered(
        "getPart",
        "auth: none, call: \"GET /x/{{mine.id}}/y-{{ user }}\", query: {a: 1, b: \"{{user}}!\"}",
    );
    assert_eq!(called.request.target, "/x/aB%2F9/y-u%201?a=1&b=u%201%21");
    let pairs = [("mine.id", "aB%2F9"), ("user", "u%201"), ("b", "u%201%21")];
    assert_eq!(called.path_values, pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn queries_are_encoded_and_lists_repeated() {
    let rendered = rendered("open", "auth: none, query: {a: 'b c&d=e+f', 'x[]': [1, true, é], empty: '', none: []}");
    assert_eq!(rendered.request.target, "/open?a=b%20c%26d%3De%2Bf&x%5B%5D=1&x%5B%5D=true&x%5B%5D=%C3%A9&empty=");
}

#[test]
fn the_base_path_comes_first() {
    let rendered = render(&one("open", "auth: none"), "/v1").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rendered.request.url(), "http://127.0.0.1:8080/v1/open");
}

#[test]
fn a_credential_with_the_name_of_a_scheme_is_applied_by_that_one() {
    for (name, operation, field_name, value) in [
        ("Token", "any", "Authorization", "Bearer s3:cr?t é"),
        ("Login", "any", "Authorization", "Basic czM6Y3I/dCDDqQ=="),
        ("Key", "any", "X-Key", "s3:cr?t é"),
        // Other names take the first; so do names of schemes that the operation does not take.
        ("other", "any", "X-Key", "s3:cr?t é"),
        ("Crumb", "any", "X-Key", "s3:cr?t é"),
        ("Login", "bearer", "Authorization", "Bearer s3:cr?t é"),
    ] {
        let text = format!(
            "spec: x\noperation: {operation}\ncredentials: {{{name}: {{env: KEY}}}}\ncases: {{one: {{auth: {name}, \
             expect: 200}}}}\n"
        );
        let rendered = render(&suite(&text, &things()), "").unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(field(&rendered, field_name), [value], "{name} {operation}");
        assert_eq!(rendered.request.fields.len(), 1, "{name} {operation}");
    }
}

#[test]
fn credentials_are_applied_as_the_scheme_says() {
    let authorization = |operation: &str| {
        let rendered = rendered(operation, "auth: key");
        (field(&rendered, "Authorization").join("|"), rendered.request.target)
    };
    assert_eq!(authorization("bearer"), ("Bearer s3:cr?t é".to_owned(), "/bearer".to_owned()));
    assert_eq!(authorization("basic"), ("Basic czM6Y3I/dCDDqQ==".to_owned(), "/basic".to_owned()));
    assert_eq!(authorization("either").0, "Bearer s3:cr?t é", "the first alternative that asks for one alone");
    assert_eq!(authorization("query"), (String::new(), "/query?api%20key=s3%3Acr%3Ft%20%C3%A9".to_owned()));
    let query = rendered("query", "auth: key, query: {a: b}");
    assert_eq!(query.request.target, "/query?a=b&api%20key=s3%3Acr%3Ft%20%C3%A9");
    let header = rendered("getPart", "auth: key, path: {thing: t, part: p}");
    assert_eq!(header.request.fields, [("X-Key".to_owned(), "s3:cr?t é".to_owned())]);
    let cookie = rendered("cookie", "auth: key");
    assert_eq!(field(&cookie, "cookie"), ["crumb=s3:cr?t é"]);
    let cookies = rendered("cookie", "auth: key, header: {COOKIE: a=b}");
    assert_eq!(field(&cookies, "cookie"), ["a=b; crumb=s3:cr?t é"]);
    let call = rendered("bearer", "auth: key, call: GET /x");
    assert_eq!(field(&call, "authorization"), ["Bearer s3:cr?t é"], "as the suite's operation");
}

#[test]
fn an_authorization_value_is_sent_byte_for_byte() {
    let rendered = rendered("bearer", "auth: {header: \" bEARER  {{user}}\\t\"}");
    assert_eq!(rendered.request.fields, [("Authorization".to_owned(), " bEARER  u 1\t".to_owned())]);
    assert!(self::rendered("bearer", "auth: none").request.fields.is_empty());
}

#[test]
fn bodies_are_sent_with_the_type_that_fits() {
    let body = |case: &str| {
        let rendered = rendered("open", &format!("auth: none, {case}"));
        let kind = field(&rendered, "content-type").join("|");
        (rendered.request.body.map(|body| String::from_utf8_lossy(&body).into_owned()), kind)
    };
    let json = "application/json".to_owned();
    assert_eq!(
        body("json: {z: 1, a: [\"{{user}}\", null]}"),
        (Some(r#"{"z":1,"a":["u 1",null]}"#.to_owned()), json.clone())
    );
    assert_eq!(body("json: null"), (Some("null".to_owned()), json));
    assert_eq!(body("json: {}, header: {content-type: text/plain}"), (Some("{}".to_owned()), "text/plain".to_owned()));
    assert_eq!(body("body: 'a {{{{b}}'"), (Some("a {{b}}".to_owned()), String::new()));
    assert_eq!(body("body: '', header: {Content-Type: x/y}"), (Some(String::new()), "x/y".to_owned()));
    assert_eq!(body("body: none"), (None, String::new()));
    assert_eq!(body("about: x"), (None, String::new()));
}

#[test]
fn what_cannot_be_sent_is_refused_with_its_place() {
    assert_eq!(
        refusal("path: {thing: \"{{mine.empty}}\", part: p}"),
        "`thing` is empty, so the request would have another path [\"{{mine.empty}}\"]"
    );
    assert_eq!(
        refusal("path: {thing: {raw: \"{{mine.line}}\"}, part: p}"),
        "`thing` contains a space or a control character, and is sent without encoding [\"{{mine.line}}\"]"
    );
    assert_eq!(
        refusal("path: {thing: t, part: p}, header: {X: \"{{mine.line}}\"}"),
        "the value of the field `X` contains a line break, which would end the field [\"{{mine.line}}\"]"
    );
    assert_eq!(
        refusal("path: {thing: t, part: p}, query: {a: \"{{env.NOWHERE}}\"}"),
        "`{{env.NOWHERE}}` has no value in this run [\"{{env.NOWHERE}}\"]"
    );
    for value in ["dots", "empty"] {
        assert_eq!(
            refusal(&format!("call: \"GET /x/{{{{mine.{value}}}}}\"")),
            format!(
                "`mine.{value}` is empty or a dot segment, so the call would have another path \
                 [\"GET /x/{{{{mine.{value}}}}}\"]"
            )
        );
    }
}

#[test]
fn a_credential_with_a_line_break_is_refused_without_showing_it() {
    let suite = one("bearer", "auth: key");
    let secrets = [Some("secret\n".to_owned().into())];
    let error = suite.cases[0].steps[0].render(&suite, ORIGIN, "", &secrets, &mut values()).expect_err("a line break");
    assert_eq!(error.to_string(), "the credential `key` contains a line break or a control character");
}

#[test]
fn a_list_of_credentials_is_sent_by_the_schemes_that_are_required_together() {
    let sent = |operation: &str, auth: &str| {
        let text = format!(
            "spec: x\noperation: {operation}\ncredentials: {{AppId: {{env: A}}, AppKey: {{env: B}}, one: {{env: C}}, two: {{env: D}}, \
             Token: {{env: E}}, Crumb: {{env: F}}, OAuth: {{env: G}}}}\ncases:\n  one: {{auth: {auth}, expect: 200}}\n"
        );
        let suite = suite(&text, &things());
        let secrets: Vec<Option<CredentialValue>> =
            suite.credentials.iter().map(|one| Some(format!("v-{}", one.name).into())).collect();
        let rendered = suite.cases[0].steps[0].render(&suite, ORIGIN, "", &secrets, &mut values());
        let request = rendered.unwrap_or_else(|error| panic!("{error}")).request;
        let fields = request.fields.iter().map(|(name, value)| format!("{name}: {value}"));
        std::iter::once(request.target).chain(fields).collect::<Vec<_>>().join("\n")
    };
    let both = |key: &str, id: &str| format!("/pair?app_key=v-{key}\nX-App-Id: v-{id}");
    // Names decide, then the order of the document.
    assert_eq!(sent("pair", "[AppId, AppKey]"), both("AppKey", "AppId"));
    assert_eq!(sent("pair", "[AppKey, AppId]"), both("AppKey", "AppId"));
    assert_eq!(sent("pair", "[one, AppId]"), both("one", "AppId"));
    assert_eq!(sent("pair", "[one, two]"), both("one", "two"));
    // A list may leave one out, to see that the API refuses that.
    assert_eq!(sent("pair", "[AppId]"), "/pair\nX-App-Id: v-AppId");
    assert_eq!(sent("both", "[Token, one]"), "/both\nAuthorization: Bearer v-Token\nX-Key: v-one");
    // Where nothing is required together, each is sent by its own scheme.
    assert_eq!(sent("any", "[Token, one]"), "/any\nAuthorization: Bearer v-Token\nX-Key: v-one");
    // A token for a scheme of another server is a bearer token; only its name prefers it to another scheme.
    assert_eq!(sent("odd", "one"), "/odd\nAuthorization: Bearer v-one");
    assert_eq!(sent("either", "OAuth"), "/either\nAuthorization: Bearer v-OAuth");
    assert_eq!(sent("either", "[one, Token]"), "/either\nX-Key: v-one\nAuthorization: Bearer v-Token");
}

#[test]
fn the_secret_of_a_login_is_sent_with_its_cookies_and_its_token_against_forged_requests() {
    let sent = |gives: &str, operation: &str, case: &str| {
        let text = format!(
            "spec: x\noperation: {operation}\ncredentials: {{user: {{login: {{call: POST /t, form: {{a b: \"c d&e\", list: [1, 2]}}, \
             expect: 200, {gives}}}}}}}\ncases:\n  one: {{auth: user, expect: 200, {case}}}\n"
        );
        let suite = suite(&text, &things());
        let value = CredentialValue { secret: "Bearer s-1".to_owned(), csrf: Some("c-1".to_owned()) };
        let rendered = suite.cases[0].steps[0].render(&suite, ORIGIN, "", &[Some(value)], &mut values());
        let fields = rendered.unwrap_or_else(|error| panic!("{error}")).request.fields;
        let login = &suite.credentials[0].login().expect("it has one").call;
        let login = login.render(&suite, ORIGIN, "", &[None], &mut values()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(login.request.body.as_deref(), Some(&b"a%20b=c%20d%26e&list=1&list=2"[..]));
        assert_eq!(field(&login, "content-type"), ["application/x-www-form-urlencoded"]);
        fields.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
    };
    let path = "path: {thing: t, part: p}";
    // The word of the scheme is not added twice.
    assert_eq!(sent("token: /a", "bearer", "about: x"), "Authorization: Bearer s-1");
    assert_eq!(sent("token: /a", "odd", "about: x"), "Authorization: Bearer s-1");
    // A cookie is sent whatever schemes the document names.
    assert_eq!(sent("cookie: sid", "getPart", path), "Cookie: sid=Bearer s-1");
    let csrf = "cookie: sid, csrf: {header: X-CSRF, from: {cookie: crumb}}";
    assert_eq!(sent(csrf, "getPart", path), "Cookie: sid=Bearer s-1; crumb=c-1");
    assert_eq!(sent(csrf, "deletePart", path), "X-CSRF: c-1\nCookie: sid=Bearer s-1; crumb=c-1");
    let header = "cookie: sid, csrf: {header: X-CSRF, from: /csrf}";
    assert_eq!(sent(header, "deletePart", path), "X-CSRF: c-1\nCookie: sid=Bearer s-1");
    let wrong = format!("{path}, header: {{x-csrf: wrong}}");
    assert_eq!(sent(header, "deletePart", &wrong), "x-csrf: wrong\nCookie: sid=Bearer s-1");
}

#[test]
fn uuids_are_the_same_for_all_requests_of_a_run_and_new_in_the_next() {
    let suite = one("getPart", "auth: none, path: {thing: \"{{uuid}}\", part: \"{{uuid}}\"}, then: [{expect: 200}]");
    let paths = |values: &mut Values| {
        let steps = suite.cases[0].steps.iter();
        let rendered = steps.map(|step| step.render(&suite, ORIGIN, "", &[], values).map(|one| one.path_values));
        rendered.collect::<Result<Vec<_>, _>>().unwrap_or_else(|error| panic!("{error}"))
    };
    let mut values = values();
    let first = paths(&mut values);
    assert_eq!(first[0], first[1], "the step inherits the place, and so the value");
    assert_ne!(first[0][0].1, first[0][1].1);
    assert_eq!(paths(&mut values), first);
    assert_ne!(paths(&mut self::values()), first);
}

#[test]
fn templates_are_split_at_their_parameters() {
    let cases: [(&str, &[&str]); 6] = [
        ("/a", &[]),
        ("/a/{b}/c/{d}.json", &["b", "d"]),
        ("/{a}{b}", &["a", "b"]),
        ("/a/{b", &[]),
        ("/a}/{b}", &["b"]),
        ("", &[]),
    ];
    for (template, expected) in cases {
        assert_eq!(parameters(template).collect::<Vec<_>>(), expected, "{template}");
    }
}
