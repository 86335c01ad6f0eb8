//! Deviations of framing, head and connection.

use std::time::Duration;

use crate::front::Act;
use crate::message::Message;
use crate::row::{Deviation, on, on_judged, sent, then_closed};

pub(crate) fn all() -> Vec<Deviation> {
    let mut all = Vec::new();
    for (family, rows) in [("framing", bodiless()), ("framing", framed()), ("head", heads()), ("connection", endings())]
    {
        all.extend(rows.into_iter().map(|row| row.of(family)));
    }
    all
}

fn bodiless() -> Vec<Deviation> {
    let with_body = ["bodiless-status-with-body"];
    let with_length = ["bodiless-status-with-content-length"];
    let with_coding = ["bodiless-status-with-transfer-encoding"];
    vec![
        on(204, "a 204 with a body and its length", &with_body, |answer| {
            sent(&answer.with_body("{\"result\":\"success\"}"))
        }),
        on(204, "a 204 with a body and no length", &with_body, |answer| sent(&answer.with_bare_body("{}"))),
        on(204, "a 204 with null", &with_body, |answer| sent(&answer.with_body("null\n"))),
        on(204, "a 204 with a line break", &with_body, |answer| sent(&answer.with_bare_body("\r\n"))),
        on(204, "a 204 with a length of 0", &with_length, |answer| sent(&answer.with_body(""))),
        on(204, "a 204 with a length and no body", &with_length, |answer| sent(&answer.with("Content-Length", "20"))),
        on(204, "a 204 with a length that is none", &with_length, |answer| {
            sent(&answer.with("Content-Length", "none"))
        }),
        on(204, "a chunked 204 with the last chunk", &with_coding, |answer| {
            sent(&answer.and("Transfer-Encoding", "chunked").with_bare_body("0\r\n\r\n"))
        }),
        on(204, "a chunked 204 without a chunk", &with_coding, |answer| {
            sent(&answer.and("Transfer-Encoding", "chunked"))
        }),
        on(204, "a chunked 204 with a chunk", &with_body, |answer| {
            sent(&answer.and("Transfer-Encoding", "chunked").with_bare_body("2\r\n{}\r\n0\r\n\r\n"))
        }),
        on(204, "a 204 with a second answer behind it", &with_body, |answer| {
            sent(&answer.with_bare_body("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
        }),
        on_judged(204, "a 204 with late bytes", &with_body, |answer| {
            vec![Act::Send(answer.head()), Act::Pause(Duration::from_millis(2)), Act::Send(b"{}".to_vec())]
        })
        .within_tries(5),
        on_judged(204, "a 204 with late bytes before the end of the connection", &with_body, |answer| {
            let head = answer.with("Connection", "close").head();
            vec![Act::Send(head), Act::Pause(Duration::from_millis(2)), Act::Send(b"{}".to_vec()), Act::Close]
        })
        .within_tries(5),
        on(404, "a 205 with a body", &["status-unexpected", "bodiless-status-with-body"], |answer| {
            sent(&answer.with_line("205 Reset Content"))
        })
        .but(&["repeat"], &["repeat-accepted", "bodiless-status-with-body"]),
    ]
}

fn framed() -> Vec<Deviation> {
    let length = |value: &'static str| move |answer: Message| then_closed(answer.with("Content-Length", value).bytes());
    let off = |by: isize| {
        move |answer: Message| {
            let length = answer.body.len().checked_add_signed(by).expect("a length").to_string();
            then_closed(answer.with("Content-Length", &length).bytes())
        }
    };
    let malformed = ["content-length-malformed"];
    let chunk = ["chunk-malformed"];
    let chunked = |from: &'static str, to: &'static str| {
        move |answer: Message| {
            let text = String::from_utf8(answer.chunked(usize::MAX)).expect("text");
            let (head, body) = text.split_once("\r\n\r\n").expect("a head");
            assert!(body.contains(from), "{from:?} is not in {body:?}");
            then_closed(format!("{head}\r\n\r\n{}", body.replacen(from, to, 1)).into_bytes())
        }
    };
    vec![
        on(404, "a length too large, and the end", &["content-length-wrong"], off(10)),
        on(404, "a length too large by one", &["content-length-wrong"], off(1)),
        on(404, "a length too small", &["content-length-wrong"], off(-10)),
        on(404, "a length too small by one", &["content-length-wrong"], off(-1)),
        on(404, "a length of 0 before the body", &["content-length-wrong"], length("0")),
        on(404, "a length too large, and an open connection", &["content-length-wrong"], |answer| {
            sent(&answer.with("Content-Length", "400"))
        })
        .hanging(),
        on(404, "a length beyond what is counted", &["content-length-malformed"], length("99999999999999999999999")),
        on(404, "a negative length", &malformed, length("-1")),
        on(404, "a length in hex", &malformed, length("0x47")),
        on(404, "a length with a unit", &malformed, length("71 bytes")),
        on(404, "a length with a plus", &malformed, length("+71")),
        on(404, "an empty length", &malformed, length("")),
        on(404, "two lengths that differ", &["content-length-conflicting"], |answer| {
            then_closed(answer.and("Content-Length", "20").bytes())
        }),
        on(404, "two lengths that differ in one field", &["content-length-conflicting"], length("71, 20")),
        on(404, "the length twice", &["content-length-repeated should"], |answer| {
            let length = answer.value("Content-Length").expect("a length").to_owned();
            sent(&answer.and("Content-Length", &length))
        }),
        on(404, "a length beside chunks", &["content-length-with-transfer-encoding"], |answer| {
            let length = answer.body.len();
            let text = String::from_utf8(answer.chunked(20)).expect("text");
            then_closed(text.replacen("\r\n", &format!("\r\nContent-Length: {length}\r\n"), 1).into_bytes())
        }),
        on(
            404,
            "chunks announced, and none sent",
            &["chunk-malformed", "content-length-with-transfer-encoding"],
            |answer| then_closed(answer.and("Transfer-Encoding", "chunked").bytes()),
        ),
        on(404, "a coding that nobody knows", &["transfer-encoding-malformed"], |answer| {
            then_closed(answer.without("Content-Length").and("Transfer-Encoding", "x-own").bytes())
        }),
        on(404, "chunked, said twice", &["transfer-encoding-malformed"], |answer| {
            let text = String::from_utf8(answer.chunked(20)).expect("text");
            then_closed(text.replacen(": chunked", ": chunked, chunked", 1).into_bytes())
        }),
        on(404, "chunks of HTTP/1.0", &["transfer-encoding-malformed"], |answer| {
            let text = String::from_utf8(answer.chunked(20)).expect("text");
            then_closed(text.replacen("HTTP/1.1", "HTTP/1.0", 1).into_bytes())
        }),
        on(404, "a chunk size that is no number", &chunk, chunked("4", "zz")),
        on(404, "a chunk size with 0x", &chunk, chunked("4", "0x4")),
        on(404, "no chunk size", &chunk, chunked("47", "")),
        on(404, "a chunk size too small", &chunk, chunked("47", "40")),
        on(404, "a chunk size too large", &["cut-in-body"], chunked("47", "ffff")),
        on(404, "no line break after a chunk", &chunk, chunked("\r\n0\r\n", "0\r\n")),
        on(404, "no last chunk", &["cut-in-body"], chunked("0\r\n\r\n", "")),
        on(404, "a cut chunk", &["cut-in-body"], |answer| {
            let bytes = answer.chunked(usize::MAX);
            then_closed(bytes[..bytes.len() - 30].to_vec())
        }),
        on(
            404,
            "a length as a trailer",
            &["trailer-malformed"],
            chunked("0\r\n\r\n", "0\r\nContent-Length: 71\r\n\r\n"),
        ),
        on(404, "a second answer behind the first", &["bytes-after-answer"], |answer| {
            then_closed(answer.bytes().repeat(2))
        }),
        on(404, "bytes behind the last chunk", &["bytes-after-answer"], chunked("0\r\n\r\n", "0\r\n\r\nmore")),
        on(404, "no length, and an open connection", &["answer-endless"], |answer| {
            sent(&answer.without("Content-Length"))
        })
        .hanging(),
        on(204, "a 101 first", &["switching-protocols-unasked"], |_| {
            sent(&Message::empty("101 Switching Protocols").without("Content-Length").and("Upgrade", "websocket"))
        }),
    ]
}

fn heads() -> Vec<Deviation> {
    let line = |line: &'static str| {
        move |mut answer: Message| {
            line.clone_into(&mut answer.line);
            then_closed(answer.bytes())
        }
    };
    let raw = |from: &'static str, to: &'static str| {
        move |answer: Message| {
            let text = String::from_utf8(answer.bytes()).expect("text");
            assert!(text.contains(from), "{from:?} is not in {text:?}");
            then_closed(text.replacen(from, to, 1).into_bytes())
        }
    };
    vec![
        on(404, "words instead of a status line", &["status-line-malformed"], line("this is not HTTP")),
        on(404, "no status line", &["status-line-malformed"], |answer| {
            let head = answer.head();
            let at = head.windows(2).position(|two| two == b"\r\n").expect("a line") + 2;
            then_closed([&head[at..], &answer.body].concat())
        }),
        on(404, "no head, as in HTTP/0.9", &["status-line-malformed"], |answer| then_closed(answer.body.clone())),
        on(404, "a status line of ICY", &["status-line-malformed"], line("ICY 404 NOT FOUND")),
        on(404, "HTTP/2.0", &["version-malformed"], line("HTTP/2.0 404 NOT FOUND")),
        on(204, "HTTP/2", &["version-malformed"], line("HTTP/2 204")),
        on(404, "http/1.1", &["version-malformed"], line("http/1.1 404 Not Found")),
        on(404, "HTTP/1.2", &["version-malformed"], line("HTTP/1.2 404 Not Found")),
        on(404, "two spaces before the status", &["status-line-malformed"], line("HTTP/1.1  404 Not Found")),
        on(204, "a tab before the status", &["status-line-malformed"], line("HTTP/1.1\t204 No Content")),
        on(404, "a control character in the reason", &["status-line-malformed"], line("HTTP/1.1 404 Not\u{7}Found")),
        on(404, "a status of 99", &["status-code-malformed"], line("HTTP/1.1 99 Odd")),
        on(404, "a status of 604", &["status-code-malformed"], line("HTTP/1.1 604 Odd")),
        on(204, "a status of four digits", &["status-code-malformed"], line("HTTP/1.1 2040 No Content")),
        on(404, "a status in words", &["status-code-malformed"], line("HTTP/1.1 NotFound")),
        on(404, "an empty line before all", &["head-leading-space"], raw("HTTP/1.1", "\r\nHTTP/1.1")),
        on(204, "a space before all", &["head-leading-space"], raw("HTTP/1.1", " HTTP/1.1")),
        on(404, "a line without a colon", &["field-name-malformed"], raw("Server: gunicorn", "Server gunicorn")),
        on(404, "a space before a colon", &["field-name-malformed"], raw("Server:", "Server :")),
        on(404, "a space in a field name", &["field-name-malformed"], raw("X-Env:", "X Env:")),
        on(204, "a field without a name", &["field-name-malformed"], raw("X-Env:", ":")),
        on(404, "a NUL in a field", &["field-value-malformed"], raw("PRODUCTION", "PRODU\0CTION")),
        on(204, "a bare CR in a field", &["field-value-malformed"], raw("PRODUCTION", "PRODU\rCTION")),
        on(404, "a folded field", &["field-folded"], raw("X-Env: ", "X-Env:\r\n ")),
        on(404, "LF for all line ends", &["line-end-bare-lf should"], |answer| {
            let head = String::from_utf8(answer.head()).expect("text").replace("\r\n", "\n");
            then_closed([head.as_bytes(), &answer.body].concat())
        }),
        on(204, "LF for one line end", &["line-end-bare-lf should"], raw("\r\nX-Env", "\nX-Env")),
        on(
            404,
            "CR for all line ends",
            &["status-line-malformed", "cut-in-head", "line-end-bare-lf should"],
            |answer| {
                let head = String::from_utf8(answer.head()).expect("text").replace("\r\n", "\r");
                then_closed([head.as_bytes(), &answer.body].concat())
            },
        ),
        on(204, "a huge head", &["head-too-large"], |answer| sent(&answer.and("X-Long", &"a".repeat(70_000)))),
        on(404, "a head of very many fields", &["head-too-large"], |mut answer| {
            answer.fields.extend((0..6000).map(|number| (format!("X-{number}"), "abcdef".to_owned())));
            sent(&answer)
        }),
    ]
}

fn endings() -> Vec<Deviation> {
    let pause = || Act::Pause(Duration::from_millis(5));
    let part = |answer: &Message, of_body: bool| {
        let bytes = answer.bytes();
        let end = if of_body { answer.head().len() + 20 } else { answer.head().len() / 2 };
        bytes[..end].to_vec()
    };
    let before = ["cut-before-answer"];
    vec![
        on(404, "closed before the response", &before, |_| vec![Act::Close]),
        on(204, "closed before the 204", &before, |_| vec![Act::Close]),
        on(404, "reset before the response", &before, |_| vec![Act::Reset]),
        on(404, "closed in the head", &["cut-in-head"], move |answer| then_closed(part(&answer, false))),
        on(204, "closed in the head of the 204", &["cut-in-head"], move |answer| then_closed(part(&answer, false))),
        on(404, "reset in the head", &["cut-in-head"], move |answer| {
            vec![Act::Send(part(&answer, false)), pause(), Act::Reset]
        }),
        on(404, "closed after the head", &["cut-in-body"], |answer| then_closed(answer.head())),
        on(404, "closed in the body", &["cut-in-body"], move |answer| then_closed(part(&answer, true))),
        on(404, "reset in the body", &["cut-in-body"], move |answer| {
            vec![Act::Send(part(&answer, true)), pause(), Act::Reset]
        }),
        on(404, "closed after an interim response", &["cut-in-head"], |_| {
            then_closed(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".to_vec())
        }),
        on(404, "silence", &["answer-silent"], |_| vec![Act::Silence]).hanging(),
        on(204, "silence instead of a 204", &["answer-silent"], |_| vec![Act::Silence]).hanging(),
        on(404, "silence in the head", &["answer-endless"], move |answer| {
            vec![Act::Send(part(&answer, false)), Act::Silence]
        })
        .hanging(),
        on(404, "silence in the body", &["answer-endless"], move |answer| {
            vec![Act::Send(part(&answer, true)), Act::Silence]
        })
        .hanging(),
        on(404, "a head that drips without end", &["answer-endless"], move |answer| {
            vec![Act::Send(part(&answer, false)), Act::Forever(b"a".to_vec(), Duration::from_millis(20))]
        })
        .hanging(),
        on(404, "a body that drips without end", &["answer-endless"], |answer| {
            let head = answer.without("Content-Length").head();
            vec![Act::Send(head), Act::Forever(b" ".to_vec(), Duration::from_millis(20))]
        })
        .hanging(),
        on(404, "chunks that drip without end", &["answer-endless"], |answer| {
            let head = answer.without("Content-Length").and("Transfer-Encoding", "chunked").head();
            vec![Act::Send(head), Act::Forever(b"1\r\n \r\n".to_vec(), Duration::from_millis(20))]
        })
        .hanging(),
        on(204, "interim responses without end", &["answer-endless"], |_| {
            vec![Act::Forever(b"HTTP/1.1 102 Processing\r\n\r\n".to_vec(), Duration::from_millis(1))]
        })
        .hanging(),
        on(204, "header lines without end", &["head-too-large"], |_| {
            vec![
                Act::Send(b"HTTP/1.1 204 No Content\r\n".to_vec()),
                Act::Forever(b"X-More: and more\r\n".repeat(64), Duration::ZERO),
            ]
        }),
    ]
}
