//! The reader against tables of what is right, what is wrong, and what is only unusual.

mod deviations;
mod harmless;
mod limits;
mod peers;
mod pieces;

use std::time::Duration;

use super::*;

/// Reads an answer to a GET and the end of the connection after it.
fn read(bytes: impl AsRef<[u8]>) -> Answer {
    Reader::read("GET", bytes.as_ref())
}

/// The variant's name of every fault.
fn kinds(answer: &Answer) -> Vec<String> {
    let name = |fault: &Fault| format!("{:?}", fault.kind).split(['(', ' ', '{']).next().unwrap_or_default().to_owned();
    answer.faults.iter().map(name).collect()
}

/// What stands in the answer of a recording, and the method of its request.
fn recordings() -> Vec<(String, String, Vec<u8>)> {
    const MARK: &[u8] = b"\n=====8<===== RESPONSE BYTES BELOW =====8<=====\n";
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recordings");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the recordings") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "http") {
            continue;
        }
        let bytes = std::fs::read(&path).expect("a recording");
        let mark = memchr::memmem::find(&bytes, MARK).expect("the line between request and response");
        let method = String::from_utf8_lossy(&bytes).split(' ').next().unwrap_or_default().to_owned();
        all.push((path.display().to_string(), method, bytes[mark + MARK.len()..].to_vec()));
    }
    all.sort();
    assert!(all.len() > 30, "only {} recordings", all.len());
    all
}

/// A small generator, so that failures can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % (limit as u64)).unwrap_or(0)
    }
}

#[test]
fn recordings_read_without_a_fault() {
    for (name, method, bytes) in recordings() {
        let answer = Reader::read(&method, &bytes);
        assert_eq!(answer.faults, [], "{name}");
        assert_eq!(answer.end, End::Complete, "{name}");
        assert_eq!(answer.surplus, None, "{name}");
        assert_eq!(answer.raw, bytes, "{name}");
        let head = answer.head.as_ref().expect("a head");
        assert_eq!(answer.leaves_connection_clean(), answer.value("connection").as_deref() == Some("keep-alive"));
        match head.status {
            204 => assert_eq!((answer.framing, answer.body.len()), (Framing::Bodiless, 0), "{name}"),
            _ => assert_eq!(answer.framing, Framing::Length(answer.body.len() as u64), "{name}"),
        }
        assert_eq!(&answer.raw[head.range.end..], answer.body, "{name}");
        if answer.value("content-type").is_some_and(|value| value == "application/json") && head.status != 204 {
            crate::tree::json::read(&answer.body).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        }
    }
}

#[test]
fn a_head_is_kept_as_it_came() {
    let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 NOT FOUND\r\nX-A:  1\t\r\nx-a: \xE4\r\nEmpty:\r\n\
                  Content-Length: 2\r\n\r\n{}";
    let answer = read(bytes);
    assert_eq!(answer.interim.len(), 1);
    assert_eq!((answer.interim[0].status, answer.interim[0].range.clone()), (100, 0..25));
    let head = answer.head.as_ref().expect("a head");
    assert_eq!((head.version.as_str(), head.status, head.reason.as_str()), ("HTTP/1.1", 404, "NOT FOUND"));
    assert_eq!(head.range, 25..bytes.len() - 2);
    let fields: Vec<_> = head.fields.iter().map(|field| (field.name.as_str(), field.value.as_slice())).collect();
    let expected: [(&str, &[u8]); 4] = [("X-A", b"1"), ("x-a", b"\xE4"), ("Empty", b""), ("Content-Length", b"2")];
    assert_eq!(fields, expected);
    assert_eq!(answer.values("X-a").collect::<Vec<_>>(), ["1", "\u{FFFD}"]);
    assert_eq!((answer.body.as_slice(), answer.body_size), (&b"{}"[..], 2));
    assert_eq!(answer.raw, bytes);
}

#[test]
fn a_connection_is_clean_only_when_nothing_is_in_doubt() {
    for (bytes, clean) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", true),
        ("HTTP/1.1 204 No Content\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true),
        ("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 0\r\n\r\n", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false),
        ("HTTP/1.1 200 OK\r\n\r\n", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx", false),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", false),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", false),
        ("", false),
    ] {
        assert_eq!(read(bytes).leaves_connection_clean(), clean, "{bytes}");
    }
}

#[test]
fn late_bytes_are_told_from_those_that_came_at_once() {
    let mut reader = Reader::new("DELETE", Limits::default());
    assert_eq!(reader.feed(b"HTTP/1.1 204 No Content\r\n\r\n"), Next::Done);
    reader.linger();
    assert_eq!(reader.answer().surplus, None);
    reader.feed(b"");
    assert_eq!(reader.answer().surplus, None);
    reader.feed(b"{}");
    reader.feed(b"\r\n");
    let answer = reader.finish(End::Closed(Stage::Body));
    assert_eq!(answer.surplus, Some(Surplus { bytes: b"{}\r\n".to_vec(), size: 4, late: true }));
    assert_eq!(answer.end, End::Complete);
    assert!(answer.raw.ends_with(b"\r\n\r\n{}\r\n"));

    let mut reader = Reader::new("DELETE", Limits::default());
    reader.feed(b"HTTP/1.1 204 No Content\r\n\r\n{");
    reader.linger();
    reader.feed(b"}");
    let surplus = reader.finish(End::Complete).surplus;
    assert_eq!(surplus, Some(Surplus { bytes: b"{}".to_vec(), size: 2, late: false }));
}

#[test]
fn how_an_answer_ended_names_how_far_it_came() {
    use Stage::{Body, Head, Nothing};
    const LIMIT: Duration = Duration::from_secs(1);
    let length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12";
    let close = "HTTP/1.1 200 OK\r\n\r\n12";
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12";
    let idle = |stage| End::TimedOut(stage, Wait::Idle(LIMIT));
    let broken = |stage| End::Broken(stage, "how".to_owned());
    for (bytes, given, expected) in [
        ("", End::Complete, End::Closed(Nothing)),
        ("", End::Reset(Body), End::Reset(Nothing)),
        ("", End::TimedOut(Nothing, Wait::FirstByte(LIMIT)), End::TimedOut(Nothing, Wait::FirstByte(LIMIT))),
        ("", broken(Body), broken(Nothing)),
        ("H", End::Complete, End::Closed(Head)),
        ("HTTP/1.1 20", idle(Nothing), idle(Head)),
        ("HTTP/1.1 20", End::TimedOut(Nothing, Wait::FirstByte(LIMIT)), idle(Head)),
        ("HTTP/1.1 200 OK\r\nA", End::Closed(Nothing), End::Closed(Head)),
        ("HTTP/1.1 200 OK\r\nA: b\r\n", End::Reset(Nothing), End::Reset(Head)),
        ("HTTP/1.1 100 Continue\r\n\r\n", End::Complete, End::Closed(Head)),
        ("HTTP/1.1 100 Continue\r\nA:", End::Complete, End::Closed(Head)),
        (length, End::Complete, End::Closed(Body)),
        (length, End::TimedOut(Nothing, Wait::Total(LIMIT)), End::TimedOut(Body, Wait::Total(LIMIT))),
        (chunks, End::Closed(Nothing), End::Closed(Body)),
        (chunks, broken(Nothing), broken(Body)),
        (close, End::Complete, End::Complete),
        (close, End::Closed(Nothing), End::Complete),
        (close, End::Reset(Nothing), End::Reset(Body)),
        (close, idle(Nothing), idle(Body)),
        ("HTTP/1.1 204 No Content\r\n\r\n", End::Reset(Nothing), End::Complete),
        ("HTTP/1.1 204 No Content\r\n\r\n", idle(Nothing), End::Complete),
    ] {
        let mut reader = Reader::new("GET", Limits::default());
        reader.feed(bytes.as_bytes());
        let answer = reader.finish(given);
        assert_eq!(answer.end, expected, "{bytes}");
        assert_eq!(answer.faults, [], "{bytes}");
    }
}

#[test]
fn a_head_that_was_cut_keeps_what_had_come() {
    let answer = read("HTTP/1.1 404 NOT FOUND\r\nServer: x\r\nContent-Ty");
    let head = answer.head.as_ref().expect("the status line had come");
    assert_eq!((head.status, head.fields.len(), answer.end.clone()), (404, 1, End::Closed(Stage::Head)));
    assert_eq!(head.range, 0..35);
    let answer = read("HTTP/1.1 100 Continue\r\nServer: x\r\n");
    assert_eq!((answer.head, answer.interim.len()), (None, 1));
    assert_eq!(read("HTTP/1.1 404 NOT").head, None);
}

#[test]
fn how_far_an_answer_has_come_is_known_before_it_ends() {
    for (bytes, stage) in [
        ("", Stage::Nothing),
        ("H", Stage::Head),
        ("HTTP/1.1 200 OK\r\n", Stage::Head),
        ("HTTP/1.1 200 OK\r\nA: b\r\n", Stage::Head),
        ("HTTP/1.1 103 x\r\n\r\n", Stage::Head),
        ("HTTP/1.1 200 OK\r\n\r\n", Stage::Body),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA", Stage::Body),
    ] {
        let mut reader = Reader::new("GET", Limits::default());
        reader.feed(bytes.as_bytes());
        assert_eq!(reader.stage(), stage, "{bytes:?}");
    }
}
