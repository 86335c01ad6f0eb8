use super::*;

/// Answers that differ from the usual one and break nothing, with the body that they carry.
#[test]
fn harmless_variation_has_no_fault() {
    let body = "{\"a\":1}";
    for text in [
        // Heads.
        "HTTP/1.1 404 NOT FOUND\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404 \r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404 Caf\u{E9}\tnot found\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404  two spaces\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404 x\r\ncontent-length:7\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404 x\r\nCONTENT-LENGTH: \t 7 \t\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404 x\r\nContent-Length: 0007\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404 x\r\nX-Empty:\r\nX-Blank:   \r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404 x\r\nX-Text: \u{E4}\u{20AC} \"q\"; a=b, c:d\tz\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404 x\r\n!#$%&'*+-.^_`|~09aZ: odd but a token\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404 x\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        // The end of the connection.
        "HTTP/1.0 404 x\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        "HTTP/1.0 404 x\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404 x\r\nConnection: close\r\n\r\n{\"a\":1}",
        "HTTP/1.1 404 x\r\nConnection: close\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        // Interim responses.
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 x\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n\
         HTTP/1.1 404 x\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        // Chunks.
        "HTTP/1.1 404 x\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n",
        "HTTP/1.1 404 x\r\ntransfer-encoding: Chunked\r\n\r\n007\r\n{\"a\":1}\r\n000\r\n\r\n",
        "HTTP/1.1 404 x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n5\r\n\"a\":1\r\n1\r\n}\r\n0\r\n\r\n",
        "HTTP/1.1 404 x\r\nTransfer-Encoding: chunked\r\n\r\n7;a;b=c;d=\"e\"\r\n{\"a\":1}\r\n0;last\r\n\r\n",
        "HTTP/1.1 404 x\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\nX-T: v\r\nX-U:\r\n\r\n",
    ] {
        // As Latin-1, so that bytes above ASCII are no UTF-8; the euro sign becomes one such byte too.
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap_or(0x80)).collect();
        let answer = read(&bytes);
        assert_eq!(answer.faults, [], "{text}");
        assert_eq!(answer.end, End::Complete, "{text}");
        assert_eq!(answer.surplus, None, "{text}");
        assert_eq!(answer.status(), Some(404), "{text}");
        assert_eq!(String::from_utf8_lossy(&answer.body), body, "{text}");
        assert_eq!(answer.raw, bytes, "{text}");
    }
}

#[test]
fn a_bodiless_answer_may_say_much() {
    for (method, text) in [
        ("DELETE", "HTTP/1.1 204 NO CONTENT\r\nContent-Type: application/json\r\n\r\n"),
        ("DELETE", "HTTP/1.1 204\r\n\r\n"),
        ("DELETE", "HTTP/1.0 204 No Content\r\nConnection: close\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 71\r\nETag: \"x\"\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 71\r\n\r\n"),
        ("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("HEAD", "HTTP/1.1 404 Not Found\r\n\r\n"),
    ] {
        let mut reader = Reader::new(method, Limits::default());
        assert_eq!(reader.feed(text.as_bytes()), Next::Done, "{text}");
        let answer = reader.finish(End::TimedOut(Stage::Nothing, Wait::Idle(Duration::ZERO)));
        assert_eq!(answer.faults, [], "{text}");
        let read = (answer.end, answer.framing, answer.body.len(), answer.surplus);
        assert_eq!(read, (End::Complete, Framing::Bodiless, 0, None), "{text}");
    }
}

#[test]
fn trailers_are_kept() {
    let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n0\r\nX-Sum: 1 \r\nX-Two:2\r\n\r\n";
    let answer = read(text);
    let field = |name: &str, value: &str| Field { name: name.to_owned(), value: value.as_bytes().to_vec() };
    assert_eq!(answer.trailers, [field("X-Sum", "1"), field("X-Two", "2")]);
    assert_eq!((answer.framing, answer.body.as_slice()), (Framing::Chunked, &b"ab"[..]));
    assert_eq!(answer.head.map(|head| head.fields.len()), Some(1));
}

#[test]
fn switching_protocols_ends_what_is_http() {
    let answer = read("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n\x01\x02");
    assert_eq!((answer.status(), &answer.end, answer.surplus), (Some(101), &End::Switched, None));
    assert_eq!(answer.faults, []);
    assert!(answer.raw.ends_with(b"\x01\x02"));
}
