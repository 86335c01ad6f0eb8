//! What the tables of other HTTP/1.1 parsers try (llhttp's response tests, h11's reader tests, httparse's response
//! tests) and the tables beside this one do not: what this reader says of the same shapes, in its own bytes. Those
//! parsers refuse at the first fault; this one names it and reads on where what follows is beyond doubt.

use super::End::{Closed, Complete, Lost, Switched};
use super::*;

fn check(rows: &[(&str, &[&str], End, &str)]) {
    for (text, faults, end, body) in rows {
        let answer = read(text);
        assert_eq!(kinds(&answer), *faults, "{text:?}: {:?}", answer.faults);
        assert_eq!((&answer.end, answer.surplus), (end, None), "{text:?}");
        assert_eq!(String::from_utf8_lossy(&answer.body), *body, "{text:?}");
    }
}

#[test]
fn status_lines_of_other_tables() {
    check(&[
        ("HTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", &["StatusLine"], Lost, ""),
        ("HTTPER/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", &["StatusLine"], Complete, "{}"),
        ("RTSP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", &["StatusLine"], Lost, ""),
        ("ICE/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", &["StatusLine"], Lost, ""),
        ("HTTP/11.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", &["Version"], Complete, "{}"),
        ("HTTP/1.01 200 OK\r\nContent-Length: 2\r\n\r\n{}", &["Version"], Complete, "{}"),
        ("HTTP/5.6 200 OK\r\nContent-Length: 2\r\n\r\n{}", &["Version"], Complete, "{}"),
        ("HTTP/1.1 2 OK\r\nContent-Length: 2\r\n\r\n{}", &["StatusCode"], Complete, "{}"),
        ("HTTP/1.1\t200 OK\r\nContent-Length: 2\r\n\r\n{}", &["StatusLine"], Complete, "{}"),
        ("\rHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", &["StatusLine"], Complete, "{}"),
        ("\rHTTP/1.1\t200 OK\r\nContent-Length: 2\r\n\r\n{}", &["StatusLine"], Complete, "{}"),
        ("HTTP/1.0 200 OK\0xxxx\r\n\r\n{}", &["StatusLine"], Complete, "{}"),
        // No reason phrase, with and without the space before it.
        ("HTTP/1.1 301\r\n\r\n", &[], Complete, ""),
        ("HTTP/1.1 200 \r\n\r\n", &[], Complete, ""),
    ]);
}

#[test]
fn heads_of_other_tables() {
    check(&[
        // A line that begins with white space where no field stands before it.
        ("HTTP/1.1 200 OK\r\n Host: foo\r\nContent-Length: 2\r\n\r\n{}", &["LeadingSpace"], Complete, "{}"),
        ("HTTP/1.1 200 OK\r\nFoo: 1\rBar: 2\r\nContent-Length: 2\r\n\r\n{}", &["FieldValue"], Complete, "{}"),
        // A field whose name only begins as another's is another field.
        ("HTTP/1.1 200 OK\r\nContent-Length-X: 0\r\nContent-Length: 2\r\n\r\n{}", &[], Complete, "{}"),
        ("HTTP/1.1 200 OK\r\nX-$Odd: 1\r\n_eep-Alive: timeout=45\r\n.et-Cookie: a\r\n\r\n{}", &[], Complete, "{}"),
        // A field without a value does not take the next line for it.
        ("HTTP/1.0 301 Moved\r\nPragma: \r\nContent-Length: 2\r\nLocation: /\r\n\r\n{}", &[], Complete, "{}"),
        ("HTTP/1.0 200 OK\r\nFoo: \t \t \r\nContent-Length: \t2 \t\r\n\r\n{}", &[], Complete, "{}"),
        // Line ends of both kinds.
        ("HTTP/1.1 200 OK\r\nA: b\nContent-Length: 2\n\r\n{}", &["BareLf", "BareLf"], Complete, "{}"),
        ("HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\n\n{}", &["BareLf", "BareLf"], Complete, "{}"),
        // What other fields say of the connection does not frame the body.
        ("HTTP/1.1 200 OK\r\nProxy-Connection: close\r\nContent-Length: 2\r\n\r\n{}", &[], Complete, "{}"),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nHTTP/1.0 200 OK", &[], Complete, "HTTP/1.0 200 OK"),
        ("HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\nbody", &[], Complete, "body"),
    ]);
    let answer = read("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbodyproto");
    assert_eq!((kinds(&answer), answer.end), (vec!["BodilessWithLength".to_owned()], Switched));
}

#[test]
fn transfer_encodings_of_other_tables() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: ";
    for (rest, faults, end, body) in [
        (
            "\r\nContent-Length: 5\r\n\r\nhello",
            &["TransferEncoding", "LengthAndTransferEncoding"][..],
            Complete,
            "hello",
        ),
        ("chunked, deflate\r\n\r\nWorld", &["TransferEncoding"], Complete, "World"),
        ("chunked\r\nTransfer-Encoding: identity\r\n\r\nWorld", &["TransferEncoding"], Complete, "World"),
        ("chunkedchunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n", &["TransferEncoding"], Complete, "2\r\nOK\r\n0\r\n\r\n"),
        (
            "chunked\r\n  abc\r\n\r\n5\r\nWorld\r\n0\r\n\r\n",
            &["TransferEncoding", "Folding"],
            Complete,
            "5\r\nWorld\r\n0\r\n\r\n",
        ),
        // Chunk sizes.
        ("chunked\r\n\r\n5  \r\nhello\r\n0  \r\n\r\n", &["Chunk", "Chunk"], Complete, "hello"),
        ("chunked\r\n\r\n5   \t \r\nhello\r\n0\r\n\r\n", &["Chunk"], Complete, "hello"),
        ("chunked\r\n\r\n2 erfrferferf\r\naa\r\n0 rrrr\r\n\r\n", &["Chunk"], Lost, ""),
        ("chunked\r\n\r\n5\0\r\nhello\r\n0\r\n\r\n", &["Chunk"], Lost, ""),
        ("chunked\r\n\r\n99999999999999999999\r\nxxx", &["Chunk"], Lost, ""),
        ("chunked\r\n\r\n1\r\n\n\r\n0\r\n\r\n", &[], Complete, "\n"),
        // Extensions.
        ("chunked\r\n\r\n5;ilovew3;some=words\r\nhello\r\n0;last\r\n\r\n", &[], Complete, "hello"),
        ("chunked\r\n\r\n5;a=\"I love; extensions\";b=\"c\";d;e=f\r\nhello\r\n0\r\n\r\n", &[], Complete, "hello"),
        ("chunked\r\n\r\n5;a=\"b\";c=\"def; ghi\r\nhello\r\n0\r\n\r\n", &["Chunk"], Complete, "hello"),
        ("chunked\r\n\r\n2;\r\naa\r\n0\r\n\r\n", &["Chunk"], Complete, "aa"),
        // What must stand after a chunk's data: both bytes are looked at.
        ("chunked\r\n\r\n3\r\nxxx__1a\r\n", &["Chunk"], Lost, "xxx"),
        ("chunked\r\n\r\n3\r\nxxx\r_1a\r\n", &["Chunk"], Lost, "xxx"),
        ("chunked\r\n\r\n3\r\nxxx_\n1a\r\n", &["Chunk"], Lost, "xxx"),
        // Cut short.
        ("chunked\r\n\r\n5\r\nhel", &[], Closed(Stage::Body), "hel"),
    ] {
        let text = format!("{HEAD}{rest}");
        let answer = read(&text);
        assert_eq!(kinds(&answer), faults, "{text:?}: {:?}", answer.faults);
        assert_eq!(answer.end, end, "{text:?}");
        assert_eq!(String::from_utf8_lossy(&answer.body), body, "{text:?}");
    }
}
