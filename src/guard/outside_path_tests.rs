//! What is judged outside the path: query, fields and body.

use super::attacks::every_byte;
use super::tests::{OWN, VICTIM, call, guard, judged, request, with_parent};
use crate::exchange::Request;
use crate::suite::Rendered;

/// A judged DELETE of an object of this run, with this query and body.
fn with_more(query: &str, body: &str) -> Rendered {
    let mut rendered = judged(OWN);
    rendered.request.target += query;
    rendered.request.body = Some(body.as_bytes().to_vec()).filter(|body| !body.is_empty());
    rendered
}

#[test]
fn what_is_not_of_this_run_is_found_outside_the_path_too() {
    let guard = guard(&[OWN, "40417"]);
    let bare = VICTIM.replace('-', "");
    let upper = VICTIM.to_ascii_uppercase();
    let encoded = every_byte(VICTIM);
    for (query, body) in [
        (format!("?id={VICTIM}"), String::new()),
        (format!("?ids[]={OWN}&ids[]={VICTIM}"), String::new()),
        (format!("?q={VICTIM}"), String::new()),
        (format!("?{VICTIM}"), String::new()),
        (format!("?q={encoded}"), String::new()),
        (format!("?q={}", encoded.replace('%', "%25")), String::new()),
        (format!("?filter=id+eq+{bare}"), String::new()),
        ("?conversationId=7".to_owned(), String::new()),
        ("?id=*".to_owned(), String::new()),
        ("?id=%2A".to_owned(), String::new()),
        ("?id=".to_owned(), String::new()),
        ("?id=all".to_owned(), String::new()),
        (String::new(), format!("{{\"ids\":[\"{OWN}\",\"{VICTIM}\"]}}")),
        (String::new(), format!("{{\"a\":{{\"b\":[[\"{upper}\"]]}}}}")),
        (String::new(), format!("{{\"{VICTIM}\":true}}")),
        (String::new(), format!("{{\"id\":\"{OWN}\",\"id\":\"{VICTIM}\"}}")),
        (String::new(), "{\"id\":7}".to_owned()),
        (String::new(), "{\"ids\":[40418]}".to_owned()),
        (String::new(), "{\"note\":\"40418\"}".to_owned()),
        (String::new(), "{\"note\":40418}".to_owned()),
        (String::new(), format!("{{\"note\":\"{OWN}-{VICTIM}\"}}")),
        (String::new(), format!("{{\"note\":\"{OWN}{VICTIM}\"}}")),
        (String::new(), "{\"id\":\"\\u0035d3a9a4e-8f0b-4c1d-9e2f-77aa00bb11cc\"}".to_owned()),
        (String::new(), format!("{{\"id\":\"{VICTIM}\"")),
        (String::new(), format!("id={VICTIM}")),
        (String::new(), format!("id={encoded}")),
        (String::new(), format!("<id>{VICTIM}</id>")),
        (String::new(), "id=7&x=y".to_owned()),
        (String::new(), "id: 7\n".to_owned()),
        ("?filter[id]=7".to_owned(), String::new()),
        ("?ids[0]=7".to_owned(), String::new()),
        ("?id__in=7".to_owned(), String::new()),
        (format!("?{VICTIM}=1"), String::new()),
        ("?40418=1".to_owned(), String::new()),
        (String::new(), "{\"note\":\"040418\"}".to_owned()),
        (String::new(), "{\"note\":40418.0}".to_owned()),
        (String::new(), "{\"note\":4.0418e4}".to_owned()),
        (String::new(), "{\"note\":-40418}".to_owned()),
        (String::new(), "{\"note\":\"V1StGXR8_Z5jdHi6B-myT\"}".to_owned()),
        (String::new(), format!("{{\"note\":\"{} 40418 {}\"}}", "word ".repeat(60), "word ".repeat(60))),
        (String::new(), format!("{{\"note\":\"{},507f1f77bcf86cd799439011\"}}", "word,".repeat(60))),
        (String::new(), format!("{VICTIM}=1")),
        (String::new(), format!("--b\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n{VICTIM}\r\n--b--")),
    ] {
        assert!(guard.permit(&with_more(&query, &body)).is_err(), "{query} {body}");
    }
    for name in
        ["X-Conversation-Id", "X-Target", "Destination", "If-Match", "User-Agent", "X-Request-Id", "Idempotency-Key"]
    {
        let mut rendered = with_more("", "");
        rendered.request.fields.push((name.to_owned(), format!("/v1/conversations/{VICTIM}")));
        assert!(guard.permit(&rendered).is_err(), "{name}");
    }
}

#[test]
fn ordinary_values_and_those_of_this_run_pass_outside_the_path() {
    let guard = guard(&[OWN, "40417"]);
    guard.note_value("conformant-1a2b3c4d5e6f7a8b");
    guard.note_credential("app-9f8e7d6c5b4a39281706");
    let made = guard.ids().uuid();
    for (query, body) in [
        ("?reason=a%20typo%20on%20page%203&key=app-9f8e7d6c5b4a39281706", String::new()),
        ("?force=true&limit=20&since=2026-01-31T00%3A00%3A00Z&tenant_id=acme", String::new()),
        ("", "{\"user\":\"conformant-1a2b3c4d5e6f7a8b\",\"conformance\":{\"unknown\":1}}".to_owned()),
        (
            "",
            "{\"user\":\"conformant-1a2b3c4d5e6f7a8b-other\",\"pages\":12,\"price\":19.95,\"cents\":250000}".to_owned(),
        ),
        ("", "{\"user\":\"conformant-1a2b3c4d5e6f7a8b\"".to_owned()),
        ("", "{\"user\":null,\"valid\":7,\"at\":\"20260131T000000Z\",\"ms\":1767225600000}".to_owned()),
        (
            "",
            format!("{{\"id\":\"{OWN}\",\"others\":[\"{made}\"],\"job_id\":40417,\"was\":\"job {made}, now {OWN}\"}}"),
        ),
        ("", format!("id={}&note=x", every_byte(OWN))),
        ("", "{\"id\":\"not-an-id\",\"ids\":[\"no-such-thing\"]}".to_owned()),
        ("", "[]".to_owned()),
        ("", "\u{0}\u{1}binary \u{fffd}".to_owned()),
    ] {
        assert_eq!(guard.permit(&with_more(query, &body)), Ok(()), "{query} {body}");
    }
    let mut rendered = with_more("", "{}");
    for (name, value) in [
        ("Authorization", "Bearer app-conformanceNoSuchKey0000"),
        ("X-Key", "app-9f8e7d6c5b4a39281706"),
        ("X-Request-Id", "conformance"),
        ("Cookie", "theme=dark; consent=yes"),
        ("User-Agent", "conformant/1.2.3 (Linux x86_64)"),
        ("X-Env", "staging-2"),
    ] {
        rendered.request.fields.push((name.to_owned(), value.to_owned()));
    }
    assert_eq!(guard.permit(&rendered), Ok(()));
}

#[test]
fn three_digits_are_an_id_where_ids_have_three() {
    let numbers = guard(&["417"]);
    let body = |body: &str| Rendered {
        request: Request { body: Some(body.as_bytes().to_vec()), ..judged("417").request },
        ..judged("417")
    };
    for foreign in ["{\"target\":418}", "{\"target\":\"0418\"}", "{\"target\":418.0}"] {
        assert!(numbers.permit(&body(foreign)).is_err(), "{foreign}");
    }
    for sound in ["{\"target\":417}", "{\"pages\":12}", "{\"cents\":4180}"] {
        assert_eq!(numbers.permit(&body(sound)), Ok(()), "{sound}");
    }
    let mut cookie = body("{}");
    cookie.request.fields.push(("Cookie".to_owned(), "theme=dark; conversation_id=418".to_owned()));
    assert!(numbers.permit(&cookie).is_err());
}

#[test]
fn a_word_is_an_id_where_ids_are_words() {
    let body = |value: &str| Rendered {
        request: Request {
            body: Some(format!("{{\"tenant_id\":\"{value}\"}}").into_bytes()),
            ..judged("my-chat").request
        },
        ..judged("my-chat")
    };
    let words = guard(&["my-chat"]);
    assert!(words.permit(&body("production")).is_err());
    assert_eq!(words.permit(&body("no-such-tenant")), Ok(()));
    assert_eq!(words.permit(&body("my-chat")), Ok(()));
}

#[test]
fn what_came_with_an_id_does_not_stand_alone_in_a_body_either() {
    let guard = guard(&[OWN]);
    with_parent(&guard, VICTIM);
    assert_eq!(guard.permit(&with_more("", &format!("{{\"queue_id\":\"{VICTIM}\"}}"))), Ok(()));
    let alone = |path: &str, body: String| Rendered {
        request: Request { body: Some(body.into_bytes()), ..request("POST", path) },
        judged: true,
        ..call("POST", path)
    };
    for path in ["/jobs", "/jobs/cancel"] {
        assert!(guard.permit(&alone(path, format!("{{\"queue_id\":\"{VICTIM}\"}}"))).is_err(), "{path}");
        let both = format!("{{\"queue_id\":\"{VICTIM}\",\"job_id\":\"{OWN}\"}}");
        assert_eq!(guard.permit(&alone(path, both)), Ok(()), "{path}");
        let list = format!("{{\"ids\":[\"{OWN}\",\"{VICTIM}\"]}}");
        assert!(guard.permit(&alone(path, list)).is_err(), "{path}: each element is an object");
        assert!(guard.permit(&alone(&format!("{path}?ids={OWN}&ids={VICTIM}"), String::new())).is_err(), "{path}");
    }
    assert!(guard.permit(&alone("/jobs/cancel", "{}".to_owned())).is_err(), "it would be about everything");
    // A request about nothing that exists names no parent either.
    let mut nothing = judged(&guard.ids().uuid().to_string());
    nothing.request.body = Some(format!("{{\"queue_id\":\"{VICTIM}\"}}").into_bytes());
    assert!(guard.permit(&nothing).is_err());
}

#[test]
fn a_query_that_cannot_be_decoded_is_refused_and_a_body_is_read_as_it_stands() {
    let guard = guard(&[OWN]);
    let latin = "note=caf%E9";
    let refusal = guard.permit(&with_more(&format!("?{latin}"), "")).expect_err(latin).to_string();
    assert!(refusal.contains("is not UTF-8 when it is decoded"), "{refusal}");
    assert_eq!(guard.permit(&with_more("", latin)), Ok(()));
}

#[test]
fn what_came_with_an_id_is_found_inside_a_longer_text_and_named() {
    let guard = guard(&[OWN]);
    with_parent(&guard, VICTIM);
    for text in [format!("queue {VICTIM}"), format!("q-{VICTIM}-x"), VICTIM.to_owned()] {
        let body = format!("{{\"note\":\"{text}\"}}");
        assert_eq!(guard.permit(&with_more("", &body)), Ok(()), "{text}");
        let rendered = Rendered {
            request: Request { body: Some(body.into_bytes()), ..request("POST", "/jobs") },
            judged: true,
            ..call("POST", "/jobs")
        };
        let refusal = guard.permit(&rendered).expect_err("nothing of this run is named").to_string();
        assert!(refusal.contains(&format!("it names \"{VICTIM}\", which was captured with")), "{refusal}");
    }
}

#[test]
fn a_value_that_could_be_more_than_one_thing_never_comes_with_an_id() {
    let guard = guard(&[OWN]);
    for odd in ["*", "%2A", "a/b", &"7".repeat(513), ""] {
        with_parent(&guard, odd);
        let body = format!("{{\"id\":\"{OWN}\",\"queue_id\":\"{odd}\"}}");
        assert!(guard.permit(&with_more("", &body)).is_err(), "{odd:?}");
    }
}

#[test]
fn what_came_with_an_id_has_no_place_in_a_text_of_an_unknown_kind() {
    let guard = guard(&[OWN]);
    with_parent(&guard, VICTIM);
    let sent = |media_type: &str, body: String| {
        let mut rendered = with_more("", &body);
        rendered.request.fields.push(("Content-Type".to_owned(), media_type.to_owned()));
        guard.permit(&rendered)
    };
    let named = format!("queue_id={VICTIM}&x=y");
    assert_eq!(sent("application/x-www-form-urlencoded; charset=utf-8", named.clone()), Ok(()));
    assert!(sent("application/xml", named).is_err(), "the target may read this as anything");
    let part = format!("--b\r\nContent-Disposition: form-data; name=\"queue_id\"\r\n\r\n{VICTIM}\r\n--b--");
    assert!(sent("application/x-www-form-urlencoded", part).is_err(), "the value has no name");
    assert!(guard.permit(&with_more(&format!("?{VICTIM}"), "")).is_err(), "the value has no name");
}
