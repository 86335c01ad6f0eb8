use super::End::{Closed, Complete, Lost, Switched};
use super::*;

/// One answer that breaks something: its bytes, the faults it must give, its end, and its status.
struct Row(&'static str, &'static [&'static str], End, Option<u16>);

fn check(rows: &[Row]) {
    for Row(text, faults, end, status) in rows {
        // As Latin-1, so that a byte above ASCII is no UTF-8.
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c).expect("Latin-1")).collect();
        let answer = read(&bytes);
        assert_eq!(kinds(&answer), *faults, "{text:?}: {:?}", answer.faults);
        assert_eq!(&answer.end, end, "{text:?}");
        assert_eq!(answer.status(), *status, "{text:?}");
        for fault in &answer.faults {
            assert!(fault.range.start <= fault.range.end && fault.range.end <= answer.raw.len(), "{text:?}: {fault:?}");
        }
    }
}

/// A 200 with these lines in its head (each with its line end), and a body of two bytes by Content-Length.
macro_rules! with {
    ($lines:literal) => {
        concat!("HTTP/1.1 200 OK\r\n", $lines, "Content-Length: 2\r\n\r\n{}")
    };
}

/// A 200 with these bytes as its chunked body.
macro_rules! chunks {
    ($bytes:literal) => {
        concat!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", $bytes)
    };
}

/// A 200 with these lines in its head and `12345` after it.
macro_rules! framed {
    ($lines:literal) => {
        concat!("HTTP/1.1 200 OK\r\n", $lines, "\r\n12345")
    };
}

/// What follows a status line in these tests.
const REST: &str = "\r\nContent-Length: 2\r\n\r\n{}";

#[test]
fn a_malformed_status_line_with_a_status_is_read() {
    let rows: &[(&str, &[&str], Option<u16>)] = &[
        ("http/1.1 200 OK", &["Version"], Some(200)),
        ("Http/1.1 200 OK", &["Version"], Some(200)),
        ("HTTP/1.2 200 OK", &["Version"], Some(200)),
        ("HTTP/2.0 200 OK", &["Version"], Some(200)),
        ("HTTP/2 200 OK", &["Version"], Some(200)),
        ("HTTP/0.9 200 OK", &["Version"], Some(200)),
        ("HTTP/1.10 200 OK", &["Version"], Some(200)),
        ("HTTP/01.1 200 OK", &["Version"], Some(200)),
        ("HTTP/ 200 OK", &["Version"], Some(200)),
        ("HTTP/1.1  200 OK", &["StatusLine"], Some(200)),
        ("HTTP/1.1\t200 OK", &["StatusLine"], Some(200)),
        ("HTTP/1.1 200\tOK", &["StatusLine"], Some(200)),
        ("HTTP/1.1 200 O\0K", &["StatusLine"], Some(200)),
        ("HTTP/1.1 200 OK\r", &["StatusLine"], Some(200)),
        ("HTTP 200 OK", &["StatusLine"], Some(200)),
        ("ICY 200 OK", &["StatusLine"], Some(200)),
        ("{\"x\":1}HTTP/1.1 200 OK", &["StatusLine"], Some(200)),
        ("\u{EF}\u{BB}\u{BF}HTTP/1.1 200 OK", &["StatusLine"], Some(200)),
        (" HTTP/1.1 200 OK", &["LeadingSpace"], Some(200)),
        ("\r\nHTTP/1.1 200 OK", &["LeadingSpace"], Some(200)),
        ("\n\nHTTP/1.1 200 OK", &["LeadingSpace", "LeadingSpace"], Some(200)),
        ("HTTP/1.1 99 Low", &["StatusCode"], Some(99)),
        ("HTTP/1.1 099 Low", &["StatusCode"], Some(99)),
        ("HTTP/1.1 600 High", &["StatusCode"], Some(600)),
        ("HTTP/1.1 999 High", &["StatusCode"], Some(999)),
        ("HTTP/1.1 20 Short", &["StatusCode"], Some(20)),
        ("HTTP/1.1 2040 Long", &["StatusCode"], Some(2040)),
        ("HTTP/1.1 200OK", &["StatusCode"], Some(200)),
        ("HTTP/1.1 200.0 OK", &["StatusCode"], Some(200)),
    ];
    for (line, faults, status) in rows {
        let text = format!("{line}{REST}");
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c).expect("Latin-1")).collect();
        let answer = read(&bytes);
        assert_eq!(kinds(&answer), *faults, "{line:?}");
        assert_eq!((answer.status(), &answer.end), (*status, &Complete), "{line:?}");
        assert_eq!(answer.body, b"{}", "{line:?}");
    }
}

#[test]
fn a_first_line_without_a_status_ends_the_reading() {
    for (line, faults) in [
        ("HTTP/1.1 2O4 No Content", "StatusCode"),
        ("HTTP/1.1 20400 No Content", "StatusCode"),
        ("HTTP/1.1 -204 No Content", "StatusCode"),
        ("HTTP/1.1 OK", "StatusCode"),
        ("HTTP/1.1", "StatusLine"),
        ("HTTP/1.1 ", "StatusLine"),
        ("GARBAGE", "StatusLine"),
        ("200 OK", "StatusLine"),
        ("SSH-2.0-OpenSSH_9.6", "StatusLine"),
        ("<html><body>404</body></html>", "StatusLine"),
        ("DELETE /x HTTP/1.1", "StatusLine"),
        ("\u{15}\u{3}\u{1}\0\u{2}", "StatusLine"),
    ] {
        let text = format!("{line}{REST}");
        let answer = read(&text);
        assert_eq!(kinds(&answer), [faults], "{line:?}");
        assert_eq!((answer.head, answer.end), (None, Lost), "{line:?}");
        assert_eq!(answer.raw, text.as_bytes(), "{line:?}");
    }
    // A first line without an end is a violation only when the connection ends.
    for text in ["{\"code\":\"not_found\"}", "HTTP/1.1 200 OK\rContent-Length: 2\r\r{}"] {
        let answer = read(text);
        assert_eq!((kinds(&answer), answer.end), (vec!["StatusLine".to_owned()], Closed(Stage::Head)), "{text}");
    }
    assert_eq!(kinds(&read("HTTP/1.1 200 OK\r")), Vec::<String>::new());
}

#[test]
fn field_lines() {
    check(&[
        Row(with!("no colon here\r\n"), &["NoColon"], Complete, Some(200)),
        Row(with!("no colon\r\n folded\r\n"), &["NoColon", "LeadingSpace"], Complete, Some(200)),
        Row(with!("Server : x\r\n"), &["SpaceBeforeColon"], Complete, Some(200)),
        Row(with!("Server\t: x\r\n"), &["SpaceBeforeColon"], Complete, Some(200)),
        Row(with!(": x\r\n"), &["FieldName"], Complete, Some(200)),
        Row(with!(" : x\r\n"), &["LeadingSpace"], Complete, Some(200)),
        Row(with!("Ser ver: x\r\n"), &["FieldName"], Complete, Some(200)),
        Row(with!("S\u{E4}rver: x\r\n"), &["FieldName"], Complete, Some(200)),
        Row(with!("(Server): x\r\n"), &["FieldName"], Complete, Some(200)),
        Row(with!("Ser\0ver: x\r\n"), &["FieldName"], Complete, Some(200)),
        Row(with!("A: x\0y\r\n"), &["FieldValue"], Complete, Some(200)),
        Row(with!("A: x\ry\r\n"), &["FieldValue"], Complete, Some(200)),
        Row(with!("A: x\r\r\n"), &["FieldValue"], Complete, Some(200)),
        Row(with!("A: x\u{1B}[31m\r\n"), &["FieldValue"], Complete, Some(200)),
        Row(with!("A: x\u{7F}\r\n"), &["FieldValue"], Complete, Some(200)),
        Row(with!("A: x\r\n y\r\n\tz\r\n"), &["Folding", "Folding"], Complete, Some(200)),
        Row(with!("A: x\r\n \r\n"), &["Folding"], Complete, Some(200)),
        Row(with!(" A: x\r\n"), &["LeadingSpace"], Complete, Some(200)),
        Row(with!("A: x\n"), &["BareLf"], Complete, Some(200)),
        Row("HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", &["BareLf", "BareLf", "BareLf"], Complete, Some(200)),
        Row("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\n{}", &["BareLf"], Complete, Some(200)),
        Row("HTTP/1.1 204 No Content\r\nServer : x\r\n\r\n", &["SpaceBeforeColon"], Complete, Some(204)),
        Row("HTTP/1.1 103 x\r\n: y\r\n\r\nHTTP/1.1 204 x\r\n\r\n", &["FieldName"], Complete, Some(204)),
    ]);
    let folded = read(with!("A: x\r\n  y \r\nB:\r\n z\r\n"));
    assert_eq!(folded.value("a").as_deref(), Some("x y"));
    assert_eq!(folded.value("b").as_deref(), Some("z"));
    assert_eq!(read(with!("Server : x\r\n")).value("server").as_deref(), Some("x"));
}

#[test]
fn content_lengths() {
    let cut = || Closed(Stage::Body);
    check(&[
        Row(framed!("Content-Length: 7\r\n"), &[], cut(), Some(200)),
        Row(framed!("Content-Length: five\r\n"), &["ContentLengthInvalid"], Lost, Some(200)),
        Row(framed!("Content-Length: -5\r\n"), &["ContentLengthInvalid"], Lost, Some(200)),
        Row(framed!("Content-Length: +5\r\n"), &["ContentLengthInvalid"], Lost, Some(200)),
        Row(framed!("Content-Length: 5.0\r\n"), &["ContentLengthInvalid"], Lost, Some(200)),
        Row(framed!("Content-Length: 0x5\r\n"), &["ContentLengthInvalid"], Lost, Some(200)),
        Row(framed!("Content-Length: 5 bytes\r\n"), &["ContentLengthInvalid"], Lost, Some(200)),
        Row(framed!("Content-Length: 1 2\r\n"), &["ContentLengthInvalid"], Lost, Some(200)),
        Row(framed!("Content-Length: \u{B2}\r\n"), &["ContentLengthInvalid"], Lost, Some(200)),
        Row(framed!("Content-Length:\r\n"), &["ContentLengthInvalid"], Lost, Some(200)),
        Row(framed!("Content-Length: 5,\r\n"), &["ContentLengthInvalid"], Lost, Some(200)),
        Row(framed!("Content-Length: 18446744073709551616\r\n"), &["ContentLengthInvalid"], Lost, Some(200)),
        Row(framed!("Content-Length: x\r\nConnection: close\r\n"), &["ContentLengthInvalid"], Complete, Some(200)),
        Row("HTTP/1.0 200 OK\r\nContent-Length: x\r\n\r\n1", &["ContentLengthInvalid"], Complete, Some(200)),
        Row(framed!("Content-Length: 5, 5\r\n"), &["ContentLengthRepeated"], Complete, Some(200)),
        Row(framed!("Content-Length: 5\r\nContent-Length: 05\r\n"), &["ContentLengthRepeated"], Complete, Some(200)),
        Row(framed!("Content-Length: 5\r\nContent-Length: 4\r\n"), &["ContentLengthConflict"], Lost, Some(200)),
        Row(framed!("Content-Length: 5, 6\r\n"), &["ContentLengthConflict"], Lost, Some(200)),
        Row("HTTP/1.1 304 x\r\nContent-Length: x\r\n\r\n", &["ContentLengthInvalid"], Complete, Some(304)),
    ]);
    let answer = read(framed!("Content-Length: 5\r\nContent-Length: 4\r\n"));
    assert_eq!(answer.faults[0].kind, FaultKind::ContentLengthConflict(vec!["5".into(), "4".into()]));
    assert_eq!(answer.faults[0].range, 17..17 + 38);
    let many = read(framed!("Content-Length: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10\r\n"));
    let FaultKind::ContentLengthConflict(values) = &many.faults[0].kind else { panic!("{:?}", many.faults) };
    assert_eq!((values.len(), values[8].as_str()), (9, "2 more"));
    assert!(answer.raw.ends_with(b"\r\n\r\n12345"));
    assert_eq!(read(framed!("Content-Length: 5, 5\r\n")).body, b"12345");
}

#[test]
fn content_length_too_small_leaves_a_surplus() {
    let answer = read(framed!("Content-Length: 3\r\n"));
    assert_eq!((answer.body.as_slice(), &answer.end), (&b"123"[..], &Complete));
    assert_eq!(answer.surplus, Some(Surplus { bytes: b"45".to_vec(), size: 2, late: false }));
    assert_eq!(answer.faults, []);
}

#[test]
fn bodiless_statuses() {
    for (text, faults, surplus) in [
        ("HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n", vec![FaultKind::BodilessWithLength("0".into())], ""),
        ("HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n12345", vec![FaultKind::BodilessWithLength("5".into())], "12345"),
        ("HTTP/1.1 204 x\r\nContent-Length: no\r\n\r\n", vec![FaultKind::BodilessWithLength("no".into())], ""),
        ("HTTP/1.1 204 x\r\n\r\n{\"result\":\"success\"}", vec![], "{\"result\":\"success\"}"),
        ("HTTP/1.1 204 x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", vec![], "HTTP/1.1 200 OK\r\n\r\n"),
        (
            "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            vec![FaultKind::BodilessWithTransferEncoding("chunked".into())],
            "0\r\n\r\n",
        ),
        ("HTTP/1.1 304 x\r\nContent-Length: 2\r\n\r\n{}", vec![], "{}"),
    ] {
        let answer = read(text);
        assert_eq!(answer.faults.into_iter().map(|fault| fault.kind).collect::<Vec<_>>(), faults, "{text}");
        assert_eq!((answer.end, answer.framing, answer.body.len()), (Complete, Framing::Bodiless, 0), "{text}");
        let bytes = answer.surplus.map(|surplus| surplus.bytes).unwrap_or_default();
        assert_eq!(String::from_utf8_lossy(&bytes), surplus, "{text}");
    }
    check(&[
        Row(
            "HTTP/1.1 100 x\r\nContent-Length: 3\r\n\r\nHTTP/1.1 204 x\r\n\r\n",
            &["BodilessWithLength"],
            Complete,
            Some(204),
        ),
        Row(
            "HTTP/1.1 103 x\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 204 x\r\n\r\n",
            &["BodilessWithTransferEncoding"],
            Complete,
            Some(204),
        ),
        Row("HTTP/1.1 101 x\r\nContent-Length: 3\r\n\r\nabc", &["BodilessWithLength"], Switched, Some(101)),
    ]);
}

#[test]
fn transfer_encodings() {
    const CHUNKS: &str = "\r\n2\r\n{}\r\n0\r\n\r\n";
    for (lines, faults, body) in [
        ("Transfer-Encoding: gzip, chunked\r\n", vec!["TransferEncoding"], "{}"),
        ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", vec!["TransferEncoding"], "{}"),
        ("Transfer-Encoding: chunked, chunked\r\n", vec!["TransferEncoding"], "{}"),
        ("Transfer-Encoding: chunked;a=b\r\n", vec!["TransferEncoding"], "{}"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", vec!["LengthAndTransferEncoding"], "{}"),
        (
            "Content-Length: 2\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n",
            vec!["ContentLengthConflict", "LengthAndTransferEncoding"],
            "{}",
        ),
        ("Transfer-Encoding: chunked, gzip\r\n", vec!["TransferEncoding"], "2\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: xchunked\r\n", vec!["TransferEncoding"], "2\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding:\r\n", vec!["TransferEncoding"], "2\r\n{}\r\n0\r\n\r\n"),
        (
            "Transfer-Encoding: identity\r\nContent-Length: 12\r\n",
            vec!["TransferEncoding", "LengthAndTransferEncoding"],
            "2\r\n{}\r\n0\r\n\r\n",
        ),
    ] {
        let answer = read(format!("HTTP/1.1 200 OK\r\n{lines}{CHUNKS}"));
        assert_eq!(kinds(&answer), faults, "{lines}");
        assert_eq!((answer.end, answer.surplus), (Complete, None), "{lines}");
        assert_eq!(String::from_utf8_lossy(&answer.body), body, "{lines}");
    }
    let answer = read(format!("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n{CHUNKS}"));
    assert_eq!((kinds(&answer), answer.body.as_slice()), (vec!["TransferEncodingHttp10".to_owned()], &b"{}"[..]));
}

#[test]
fn chunked_bodies() {
    let cut = || Closed(Stage::Body);
    check(&[
        Row(chunks!("2\r\n{}\r\n"), &[], cut(), Some(200)),
        Row(chunks!("2\r\n{}\r\n0\r\n"), &[], cut(), Some(200)),
        Row(chunks!("2\r\n{}\r\n0\r\nA: b\r\n"), &[], cut(), Some(200)),
        Row(chunks!("2\r\n{}"), &[], cut(), Some(200)),
        Row(chunks!("zz\r\n{}\r\n0\r\n\r\n"), &["Chunk"], Lost, Some(200)),
        Row(chunks!("-2\r\n{}\r\n0\r\n\r\n"), &["Chunk"], Lost, Some(200)),
        Row(chunks!("0x2\r\n{}\r\n0\r\n\r\n"), &["Chunk"], Lost, Some(200)),
        Row(chunks!("10000000000000000\r\n{}\r\n"), &["Chunk"], Lost, Some(200)),
        Row(chunks!("\r\n2\r\n{}\r\n0\r\n\r\n"), &["Chunk"], Lost, Some(200)),
        Row(chunks!("{\"a\":1}\r\n"), &["Chunk"], Lost, Some(200)),
        Row(chunks!("2 \r\n{}\r\n0\r\n\r\n"), &["Chunk"], Complete, Some(200)),
        Row(chunks!("2;\r\n{}\r\n0\r\n\r\n"), &["Chunk"], Complete, Some(200)),
        Row(chunks!("2;a=\"\r\n{}\r\n0\r\n\r\n"), &["Chunk"], Complete, Some(200)),
        Row(chunks!("2\n{}\r\n0\r\n\r\n"), &["Chunk"], Complete, Some(200)),
        Row(chunks!("2\n{}\n0\n\n"), &["Chunk", "Chunk", "Chunk", "BareLf"], Complete, Some(200)),
        // A line break is missing after the data.
        Row(chunks!("2\r\n{}0\r\n\r\n"), &["Chunk"], Complete, Some(200)),
        // The size is too small, then too large by one, two, three and more.
        Row(chunks!("1\r\n{}\r\n0\r\n\r\n"), &["Chunk"], Lost, Some(200)),
        Row(chunks!("3\r\n{}\r\n0\r\n\r\n"), &["Chunk"], Complete, Some(200)),
        Row(chunks!("4\r\n{}\r\n0\r\n\r\n"), &["Chunk"], Complete, Some(200)),
        Row(chunks!("5\r\n{}\r\n0\r\n\r\n"), &["Chunk"], Lost, Some(200)),
        Row(chunks!("6\r\n{}\r\n0\r\n\r\n"), &["Chunk"], Lost, Some(200)),
        Row(chunks!("f\r\n{}\r\n0\r\n\r\n"), &[], cut(), Some(200)),
        // Trailers.
        Row(chunks!("0\r\nno colon\r\n\r\n"), &["Trailer"], Complete, Some(200)),
        Row(chunks!("0\r\nA: b\r\n c\r\n\r\n"), &["Trailer"], Complete, Some(200)),
        Row(chunks!("0\r\nA : \0\r\n\r\n"), &["Trailer"], Complete, Some(200)),
        Row(chunks!("0\r\nContent-Length: 5\r\n\r\n"), &["Trailer"], Complete, Some(200)),
        Row(chunks!("0\r\nA: b\n\r\n"), &["BareLf"], Complete, Some(200)),
    ]);
    let answer = read(chunks!("2\r\n{}\r\n0\r\n\r\nmore"));
    assert_eq!(answer.surplus.map(|surplus| surplus.bytes), Some(b"more".to_vec()));
}

#[test]
fn texts_of_faults_are_safe_to_show() {
    let answer = read(framed!("Content-Length: \u{1B}[31m\0x\r\n"));
    let text = answer.faults.iter().find_map(|fault| match &fault.kind {
        FaultKind::ContentLengthInvalid(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(text.as_deref(), Some("\\x1B[31m\\x00x"));
    let answer = read(format!("HTTP/{} 200 OK\r\n\r\n", "9".repeat(5000)));
    assert!(matches!(&answer.faults[0].kind, FaultKind::Version(text) if text.len() < 100));
}

#[test]
fn the_faults_of_a_status_line_point_at_their_bytes() {
    for (line, expected) in [
        ("HTTP/1.1 40x OK", vec![("StatusCode", "40x")]),
        ("HTTP/1.1 4040", vec![("StatusCode", "4040")]),
        ("HTTP/3 99 x", vec![("Version", "HTTP/3"), ("StatusCode", "99")]),
        ("  HTTP/1.1 1000 x", vec![("LeadingSpace", "  "), ("StatusCode", "1000")]),
        ("{}HTTP/1.1 600 x", vec![("StatusLine", "{}HTTP/1.1 600 x"), ("StatusCode", "600")]),
        ("HTTP/1.1   404 x", vec![("StatusLine", "HTTP/1.1   404 x")]),
        ("HTTP/1.1  40x x", vec![("StatusLine", "HTTP/1.1  40x x"), ("StatusCode", "40x")]),
        ("ICY 2000 x", vec![("StatusLine", "ICY 2000 x"), ("StatusCode", "2000")]),
    ] {
        for before in ["", "HTTP/1.1 103 Early Hints\r\n\r\n"] {
            let answer = read(format!("{before}{line}\r\nContent-Length: 0\r\n\r\n"));
            let found: Vec<(String, String)> = kinds(&answer)
                .into_iter()
                .zip(&answer.faults)
                .map(|(kind, fault)| (kind, String::from_utf8_lossy(&answer.raw[fault.range.clone()]).into_owned()))
                .collect();
            let found: Vec<(&str, &str)> = found.iter().map(|(kind, bytes)| (kind.as_str(), bytes.as_str())).collect();
            assert_eq!(found, expected, "{line}");
        }
    }
}

#[test]
fn a_size_line_that_follows_a_missing_line_break_must_be_sound() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (chunks, body, end) in [
        ("5\r\nhello3\r\nabc\r\n0\r\n\r\n", "helloabc", Complete),
        ("5\r\nhello3 \r\nabc\r\n0\r\n\r\n", "hello", Lost),
        ("5\r\nhello3x\r\nabc\r\n0\r\n\r\n", "hello", Lost),
    ] {
        let answer = read(format!("{head}{chunks}"));
        assert_eq!((answer.body.as_slice(), answer.end.clone()), (body.as_bytes(), end), "{chunks:?}");
        assert_eq!(kinds(&answer), ["Chunk"], "{chunks:?}");
    }
}
