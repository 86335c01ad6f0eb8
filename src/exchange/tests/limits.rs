use super::*;

const SMALL: Limits = Limits { head: 100, body: 20 };

fn small(bytes: impl AsRef<[u8]>) -> Answer {
    let mut reader = Reader::new("GET", SMALL);
    reader.feed(bytes.as_ref());
    reader.finish(End::Complete)
}

#[test]
fn a_head_may_be_as_large_as_its_limit_and_no_larger() {
    let head = |length: usize| {
        let start = "HTTP/1.1 204 x\r\nA: ";
        format!("{start}{}\r\n\r\n", "a".repeat(length - start.len() - 4))
    };
    let fits = small(head(100));
    assert_eq!((fits.end, fits.faults), (End::Complete, vec![]));
    let beyond = small(head(101));
    assert_eq!((kinds(&beyond), beyond.end), (vec!["HeadTooLarge".to_owned()], End::Limit));
    let endless = small("x".repeat(1000));
    assert_eq!((kinds(&endless), &endless.end), (vec!["HeadTooLarge".to_owned()], &End::Limit));
    assert_eq!(endless.raw.len(), 100);
    let many = small(format!("HTTP/1.1 404 x\r\n{}", "A: b\r\n".repeat(1000)));
    assert_eq!((many.status(), &many.end, many.raw.len()), (Some(404), &End::Limit, 100));
    assert_eq!(kinds(&small("\r\n".repeat(500))).last().map(String::as_str), Some("HeadTooLarge"));
}

#[test]
fn a_body_is_kept_up_to_its_limit() {
    let body = |length: usize| format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "b".repeat(length));
    let fits = small(body(20));
    assert_eq!((fits.end, fits.faults, fits.body.len()), (End::Complete, vec![], 20));
    let length = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", "b".repeat(length));
    let chunked = |length: usize| {
        format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{}\r\n0\r\n\r\n",
            "b".repeat(length)
        )
    };
    for text in [body(21), length(21), chunked(21), body(100_000)] {
        let answer = small(&text);
        assert_eq!(kinds(&answer), ["BodyTooLarge"], "{text:.90}");
        assert_eq!((answer.end, answer.body.len(), answer.body_size, answer.surplus), (End::Limit, 20, 20, None));
        assert!(answer.raw.len() < 120, "{}", answer.raw.len());
    }
    assert_eq!(small(length(20)).end, End::Complete);
    assert_eq!(small(chunked(20)).end, End::Complete);
}

#[test]
fn chunk_framing_and_trailers_are_limited_too() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long = small(format!("{head}1;{}\r\nx\r\n0\r\n\r\n", "e".repeat(10_000)));
    assert_eq!((kinds(&long), long.end), (vec!["Chunk".to_owned()], End::Lost));
    assert!(long.raw.len() < 9000, "{}", long.raw.len());
    assert_eq!(long.faults[0].range, head.len()..head.len() + 4096);
    let tiny = small(format!("{head}{}0\r\n\r\n", "1;eeeeeeeeee\r\nx\r\n".repeat(15)));
    assert_eq!((kinds(&tiny), tiny.end), (vec!["BodyTooLarge".to_owned()], End::Limit));
    let trailers = small(format!("{head}0\r\n{}\r\n", "A: b\r\n".repeat(1000)));
    assert_eq!((kinds(&trailers), trailers.end), (vec!["BodyTooLarge".to_owned()], End::Limit));
    assert!(trailers.raw.len() < 200, "{}", trailers.raw.len());
    let one = small(format!("{head}0\r\nA: {}", "b".repeat(3000)));
    assert_eq!((kinds(&one), one.end), (vec!["BodyTooLarge".to_owned()], End::Limit));
    assert!(one.raw.len() < 200, "{}", one.raw.len());
}

#[test]
fn interim_responses_are_limited() {
    let interim = |count: usize| format!("{}HTTP/1.1 204 x\r\n\r\n", "HTTP/1.1 103 x\r\n\r\n".repeat(count));
    let some = read(interim(32));
    assert_eq!((some.interim.len(), some.status(), &some.end), (32, Some(204), &End::Complete));
    assert_eq!(some.faults, []);
    let many = read(interim(33));
    assert_eq!((kinds(&many), many.head, many.end), (vec!["TooManyInterim".to_owned()], None, End::Limit));
}

#[test]
fn a_surplus_is_counted_but_not_kept_whole() {
    let mut reader = Reader::new("GET", Limits::default());
    reader.feed(b"HTTP/1.1 204 x\r\n\r\n");
    for _ in 0..1000 {
        reader.feed(&[b'z'; 1000]);
    }
    let answer = reader.finish(End::Complete);
    let surplus = answer.surplus.expect("a surplus");
    assert_eq!((surplus.bytes.len(), surplus.size, surplus.late), (4096, 1_000_000, false));
    assert_eq!(answer.raw.len(), 18 + 4096);
}

#[test]
fn faults_of_one_kind_do_not_pile_up() {
    let answer = read(format!("HTTP/1.1 200 OK\r\n{}Server : x\r\n\r\n", "no colon\n".repeat(5000)));
    assert_eq!(answer.faults.len(), 16 + 16 + 1);
    assert!(kinds(&answer).contains(&"SpaceBeforeColon".to_owned()));
}

#[test]
fn the_framing_of_chunks_may_be_as_large_as_body_and_head_together() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let limits = Limits { head: head.len(), body: 10 };
    let most = head.len() + 10;
    for (length, end) in [(most, End::Complete), (most + 1, End::Limit)] {
        // One size line takes all of it but the end of its data and the last chunk, which do not count before they come.
        let extension = "a".repeat(length - "1;\r\n".len());
        let mut reader = Reader::new("GET", limits);
        reader.feed(format!("{head}1;{extension}\r\nx").as_bytes());
        let came = reader.answer().body.clone();
        assert_eq!(came.is_empty(), end == End::Limit, "{length}");
        assert_eq!(reader.finish(End::Complete).end == End::Limit, end == End::Limit, "{length}");
    }
}

#[test]
fn the_data_of_chunks_is_no_part_of_their_framing() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let limits = Limits { head: head.len(), body: 10 };
    let first = "a\r\n0123456789\r\n";
    let most = head.len() + 10 - (first.len() - 10);
    for (length, end) in [(most, End::Complete), (most + 1, End::Limit)] {
        let last = format!("0;{}\r\n", "e".repeat(length - "0;\r\n".len()));
        let mut reader = Reader::new("GET", limits);
        reader.feed(format!("{head}{first}{last}\r\n").as_bytes());
        let answer = reader.finish(End::Complete);
        assert_eq!((answer.body.as_slice(), answer.end), (&b"0123456789"[..], end), "{length}");
    }
}
