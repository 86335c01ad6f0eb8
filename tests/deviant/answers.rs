//! Deviations of status, media type and body.

use crate::front::Act;
use crate::message::Message;
use crate::row::{Deviation, on, sent, then_closed};

/// Who is not held against an example by name: of two at once the second may be answered in two ways, so its 404 is held
/// against the shape of any documented one.
const BY_SHAPE: &str = "two_at_once";
/// A 400 that no example of the document is named for: it is held against the shape of the documented one, and a 422 would
/// do as well.
const OTHER_400: &str = "malformed_json";

pub(crate) fn all() -> Vec<Deviation> {
    let mut all = Vec::new();
    for (family, rows) in
        [("status", statuses()), ("media type", media_types()), ("body", bodies()), ("encoding", encodings())]
    {
        all.extend(rows.into_iter().map(|row| row.of(family)));
    }
    all
}

fn statuses() -> Vec<Deviation> {
    let instead = |line: &'static str| move |_| sent(&Message::empty(line));
    let json = |line: &'static str, body: &'static str| move |_| sent(&Message::new(line, "application/json", body));
    let redirect = |line: &'static str| {
        move |_: Message| sent(&Message::empty(line).with("Location", "http://127.0.0.1:9/v2/conversations"))
    };
    vec![
        on(204, "200 with a result instead of 204", &["status-unexpected"], json("200 OK", "{\"result\":\"success\"}")),
        on(204, "200 without a body instead of 204", &["status-unexpected"], instead("200 OK")),
        on(204, "200 with null instead of 204", &["status-unexpected"], json("200 OK", "null")),
        on(204, "202 instead of 204", &["status-unexpected"], instead("202 Accepted")),
        on(204, "205 instead of 204", &["status-unexpected"], instead("205 Reset Content")),
        on(204, "404 instead of 204", &["status-unexpected"], json("404 NOT FOUND", NOT_FOUND)),
        on(204, "500 as JSON instead of 204", &["status-unexpected"], json("500 INTERNAL SERVER ERROR", BROKEN)),
        on(204, "500 without a body instead of 204", &["status-unexpected"], instead("500 Internal Server Error")),
        on(
            204,
            "503 of the API itself",
            &["status-unexpected"],
            json("503 Service Unavailable", "{\"code\":\"busy\"}"),
        ),
        on(204, "405 without Allow", &["status-unexpected", "allow-missing"], instead("405 Method Not Allowed")),
        on(204, "a redirect, 301", &["redirect-answered"], redirect("301 Moved Permanently")),
        on(204, "a redirect, 307", &["redirect-answered"], redirect("307 Temporary Redirect")),
        on(204, "a redirect, 308", &["redirect-answered"], redirect("308 Permanent Redirect")),
        on(404, "a redirect to a page", &["redirect-answered"], redirect("302 Found")),
        on(404, "200 with null instead of 404", &["status-unexpected"], json("200 OK", "null"))
            .but(&["repeat"], &["repeat-accepted"]),
        on(404, "200 with the error instead of 404", &["status-unexpected"], |answer| {
            sent(&answer.with_line("200 OK"))
        })
        .but(&["repeat"], &["repeat-accepted"]),
        on(404, "204 instead of 404", &["status-unexpected"], instead("204 No Content"))
            .but(&["repeat"], &["repeat-accepted"])
            .but(&[BY_SHAPE], &[]),
        on(404, "410 instead of 404", &["status-unexpected"], |answer| sent(&answer.with_line("410 Gone"))),
        on(404, "403 instead of 404", &["status-unexpected"], |answer| sent(&answer.with_line("403 Forbidden"))),
        on(404, "400 with the body of the 404", &["status-unexpected"], |answer| {
            sent(&answer.with_line("400 Bad Request"))
        }),
        on(400, "404 with the body of the 400", &["status-unexpected"], |answer| {
            sent(&answer.with_line("404 Not Found"))
        }),
        on(400, "422 instead of 400", &["status-unexpected"], |answer| {
            sent(&answer.with_line("422 Unprocessable Content"))
        })
        .but(&[OTHER_400], &[]),
        // HTTP leaves it open which of the two a server gives to a key.
        on(401, "403 instead of 401, in other words", &[], |_| {
            sent(&Message::new("403 Forbidden", "text/plain", "no"))
        }),
        on(401, "404 instead of 401", &["status-unexpected"], |answer| sent(&answer.with_line("404 Not Found"))),
        on(401, "a 401 without a challenge", &["challenge-missing"], |answer| {
            sent(&answer.without("WWW-Authenticate"))
        }),
        on(401, "a 401 with an empty challenge", &["challenge-missing"], |answer| {
            sent(&answer.with("WWW-Authenticate", ""))
        }),
        on(415, "400 instead of 415", &["status-unexpected"], |answer| sent(&answer.with_line("400 Bad Request"))),
    ]
}

const NOT_FOUND: &str = "{\"code\":\"not_found\",\"message\":\"Conversation Not Exists.\",\"status\":404}";
const BROKEN: &str = "{\"message\":\"Internal Server Error\",\"code\":\"unknown\",\"status\":500}";
const PAGE: &str = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n\
    <p>The requested URL was not found on the server.</p>\n";

fn media_types() -> Vec<Deviation> {
    let typed = |value: &'static str| move |answer: Message| sent(&answer.with("Content-Type", value));
    vec![
        on(404, "a page as a page", &["media-type-undocumented"], |answer| {
            sent(&answer.with("Content-Type", "text/html; charset=utf-8").with_body(PAGE))
        }),
        on(404, "JSON as text/html", &["media-type-undocumented"], typed("text/html")),
        on(404, "JSON as text/plain", &["media-type-undocumented"], typed("text/plain; charset=utf-8")),
        on(400, "JSON as problem+json", &["media-type-undocumented"], typed("application/problem+json")),
        on(404, "JSON as octets", &["media-type-undocumented"], typed("application/octet-stream")),
        on(404, "no type", &["media-type-missing"], |answer| sent(&answer.without("Content-Type"))),
        on(404, "an empty type", &["media-type-ambiguous"], typed("")),
        on(404, "half a type", &["media-type-ambiguous"], typed("application")),
        on(404, "a type that is none", &["media-type-ambiguous"], typed("application/json/utf-8")),
        on(404, "two types in two fields", &["media-type-ambiguous"], |answer| {
            sent(&answer.and("Content-Type", "text/html"))
        }),
        on(404, "two types in one field", &["media-type-ambiguous"], typed("application/json, text/html")),
        on(404, "UTF-8 called UTF-16", &["charset-contradicted should"], typed("application/json; charset=utf-16")),
    ]
}

fn bodies() -> Vec<Deviation> {
    let body = |text: &'static str| move |answer: Message| sent(&answer.with_body(text));
    let with = |from: &'static str, to: &'static str| move |answer: Message| sent(&answer.replacing(from, to));
    let not_json = ["body-not-json"];
    let shape = ["example-shape"];
    let cut = |answer: Message, at: usize| {
        let body = answer.body[..at].to_vec();
        sent(&answer.with_body(body))
    };
    vec![
        on(404, "a page labelled as JSON", &not_json, body(PAGE)),
        on(404, "text labelled as JSON", &not_json, body("Conversation Not Exists.")),
        on(404, "another code", &["example-value"], with("not_found", "conversation_not_found")).but(&[BY_SHAPE], &[]),
        on(404, "a code in capitals", &["example-value"], with("not_found", "NOT_FOUND")).but(&[BY_SHAPE], &[]),
        on(400, "another code of the 400", &["example-value"], |answer| {
            let text = String::from_utf8(answer.body.clone()).expect("text");
            let code = text.split('"').nth(3).expect("a code").to_owned();
            sent(&answer.replacing(&code, "invalid_request"))
        })
        .but(&[OTHER_400], &[]),
        on(404, "the status as text", &shape, with("404", "\"404\"")),
        on(400, "the status of the 400 as text", &shape, with("400", "\"400\"")),
        on(404, "a status that contradicts the status line", &["example-value"], with("404", "400"))
            .but(&[BY_SHAPE], &["status-contradicted"]),
        on(404, "the status with a fraction", &["example-shape should"], with("404", "404.0")),
        on(404, "no code", &shape, with("\"code\":\"not_found\",", "")),
        on(404, "no message", &shape, with("\"message\":\"Conversation Not Exists.\",", "")),
        on(404, "no status", &shape, with(",\"status\":404", "")),
        on(404, "the message is null", &shape, with("\"Conversation Not Exists.\"", "null")),
        on(404, "the message is a number", &shape, with("\"Conversation Not Exists.\"", "404")),
        on(
            404,
            "the message is a list",
            &shape,
            with("\"Conversation Not Exists.\"", "[\"Conversation Not Exists.\"]"),
        ),
        on(404, "another message", &["free-text-changed should"], with("Conversation Not Exists.", "No such thing."))
            .but(&[BY_SHAPE], &[]),
        on(404, "keys in capitals", &shape, with("\"code\"", "\"Code\"")),
        on(404, "the error inside another object", &shape, |answer| {
            let text = String::from_utf8(answer.body.clone()).expect("text");
            sent(&answer.with_body(format!("{{\"error\":{}}}", text.trim())))
        }),
        on(404, "a list", &shape, |answer| {
            let text = String::from_utf8(answer.body.clone()).expect("text");
            sent(&answer.with_body(format!("[{}]", text.trim())))
        }),
        on(404, "an empty object", &shape, body("{}")),
        on(404, "an empty list", &shape, body("[]")),
        on(404, "null", &shape, body("null")),
        on(404, "a text", &shape, body("\"Conversation Not Exists.\"")),
        on(404, "a number", &shape, body("404")),
        on(404, "no body", &["body-missing"], body("")),
        on(404, "blanks", &["body-missing"], body(" \r\n ")),
        on(404, "no body before the end of the connection", &["body-missing"], |answer| {
            then_closed(answer.without("Content-Length").with_bare_body("").bytes())
        }),
        on(404, "JSON that ends early", &["body-truncated"], move |answer| cut(answer, 40)),
        on(404, "JSON without its last brace", &["body-truncated"], move |answer| {
            let end = answer.body.len() - 2;
            cut(answer, end)
        }),
        on(404, "a second value behind the first", &["body-trailing-garbage"], |answer| {
            let twice = answer.body.repeat(2);
            sent(&answer.with_body(twice))
        }),
        on(404, "a script behind the JSON", &["body-trailing-garbage"], with("404}", "404}<script></script>")),
        on(404, "zero bytes behind the JSON", &["body-trailing-garbage"], with("404}", "404}\0\0")),
        on(404, "a guard before the JSON", &not_json, with("{", ")]}',\n{")),
        on(404, "a call around the JSON", &not_json, with("{", "callback({")),
        on(404, "a comma too many", &not_json, with("404}", "404,}")),
        on(404, "a comma too few", &not_json, with("\",\"message", "\" \"message")),
        on(404, "a comment", &not_json, with("{", "{/* none */")),
        on(404, "NaN", &not_json, with("404", "NaN")),
        on(404, "a number in hex", &not_json, with("404", "0x194")),
        on(404, "a number with a zero before it", &not_json, with("404", "0404")),
        on(404, "a number with a plus", &not_json, with("404", "+404")),
        on(404, "single quotes", &not_json, |answer| {
            let text = String::from_utf8(answer.body.clone()).expect("text").replace('"', "'");
            sent(&answer.with_body(text))
        }),
        on(404, "keys without quotes", &not_json, with("\"code\"", "code")),
        on(404, "a line break inside a text", &not_json, with("Conversation Not", "Conversation\nNot")),
        on(404, "a bad escape", &not_json, with("Conversation Not", "Conversation\\ Not")),
        on(404, "JSON inside a JSON text", &shape, |answer| {
            let text = String::from_utf8(answer.body.clone()).expect("text");
            sent(&answer.with_body(serde_json::Value::from(text.trim()).to_string()))
        }),
        on(404, "True in Python's spelling", &not_json, with("404", "True")),
        on(404, "a code twice, and the last one right", &["key-duplicated should"], with("{", "{\"code\":\"other\",")),
        on(404, "a code twice, and the last one wrong", &["key-duplicated should", "example-value"], |answer| {
            sent(&answer.replacing("404", "404,\"code\":\"other\""))
        })
        .but(&[BY_SHAPE], &["key-duplicated should"]),
        on(404, "half an emoji", &["surrogate-unpaired should", "free-text-changed should"], |answer| {
            sent(&answer.replacing("Exists.", "Exists \\ud83d"))
        })
        .but(&[BY_SHAPE], &["surrogate-unpaired should"]),
        on(404, "a number that no reader keeps", &["number-lossy"], with("404", "404,\"id\":12345678901234567890123")),
        on(404, "a stack trace", &["internals-exposed should", "free-text-changed should"], |answer| {
            sent(&answer.replacing(
                "Conversation Not Exists.",
                "Traceback (most recent call last):\\n  File \\\"/app/api/controllers.py\\\", line 7, in delete",
            ))
        })
        .but(&[BY_SHAPE], &["internals-exposed should"]),
        on(204, "a 500 with a stack trace", &["status-unexpected", "internals-exposed should"], |_| {
            let trace =
                "Traceback (most recent call last):\n  File \"/app/api/app.py\", line 12, in delete\nKeyError\n";
            sent(&Message::new("500 INTERNAL SERVER ERROR", "text/plain", trace))
        }),
    ]
}

fn encodings() -> Vec<Deviation> {
    let wide = |answer: Message, mark: &[u16], bytes: fn(u16) -> [u8; 2]| {
        let text = String::from_utf8(answer.body.clone()).expect("text");
        let units = mark.iter().copied().chain(text.encode_utf16());
        sent(&answer.with_body(units.flat_map(bytes).collect::<Vec<u8>>()))
    };
    vec![
        on(404, "UTF-16 with a mark", &["body-encoding-wrong"], move |answer| {
            wide(answer, &[0xFEFF], u16::to_le_bytes)
        }),
        on(404, "UTF-16 without a mark", &["body-encoding-wrong"], move |answer| wide(answer, &[], u16::to_be_bytes)),
        on(404, "UTF-16, and labelled so", &["body-encoding-wrong"], move |answer| {
            wide(answer.with("Content-Type", "application/json; charset=utf-16"), &[0xFEFF], u16::to_le_bytes)
        }),
        on(404, "UTF-32", &["body-encoding-wrong"], |answer| {
            let text = String::from_utf8(answer.body.clone()).expect("text");
            sent(&answer.with_body(text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect::<Vec<u8>>()))
        }),
        on(404, "a byte order mark", &["body-encoding-wrong"], |answer| {
            let body = [b"\xEF\xBB\xBF".as_slice(), &answer.body].concat();
            sent(&answer.with_body(body))
        }),
        on(404, "Latin-1 in a text", &["body-encoding-wrong"], |answer| {
            let at = answer.body.windows(3).position(|three| three == b"Not").expect("a word");
            let mut body = answer.body.clone();
            body[at] = 0xE4;
            sent(&answer.with_body(body))
        }),
        on(404, "gzip without a label", &["content-coding-mislabelled"], |answer| {
            let packed = gzip(&answer.body);
            sent(&answer.with_body(packed))
        }),
        on(404, "gzip with a label, though nobody accepts it", &["content-coding-unasked should"], |answer| {
            let packed = gzip(&answer.body);
            sent(&answer.with_body(packed).with("Content-Encoding", "gzip"))
        }),
        on(404, "a label of gzip on plain JSON", &["content-coding-mislabelled"], |answer| {
            sent(&answer.with("Content-Encoding", "gzip"))
        }),
        on(404, "a body that never ends", &["body-too-large"], |answer| {
            let head = answer.without("Content-Length").and("Connection", "close").with_bare_body("").bytes();
            vec![Act::Send(head), Act::Forever(vec![b' '; 64 * 1024], std::time::Duration::ZERO)]
        }),
        on(404, "a body of two megabytes", &["body-too-large should"], |answer| {
            let body = [vec![b' '; 2 << 20], answer.body.clone()].concat();
            then_closed(answer.with_body(body).bytes())
        }),
    ]
}

/// Bytes in the gzip format, stored and not compressed (RFC 1951 §3.2.4, RFC 1952).
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("a short body");
    let mut packed = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend_from_slice(bytes);
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ if sum & 1 == 1 { 0xEDB8_8320 } else { 0 })
    });
    packed.extend((!sum).to_le_bytes());
    packed.extend(u32::from(length).to_le_bytes());
    packed
}
