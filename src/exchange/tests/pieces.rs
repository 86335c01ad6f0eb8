use super::*;

/// Pieces from which answers are thrown together: what is usual, what is wrong, and what only looks like something.
const PIECES: &[&[u8]] = &[
    b"HTTP/1.1 ",
    b"HTTP/1.0 200 OK\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\n",
    b"HTTP/1.1 404 NOT FOUND\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
    b"http/2 200\n",
    b"ICY 99 x\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b"\0",
    b":",
    b";a=\"b\"",
    b"Content-Length: 5\r\n",
    b"Content-Length: 9, 9\r\n",
    b"Content-Length: -1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Connection: close\r\n",
    b"X : y\r\n",
    b" folded\r\n",
    b"\r\n\r\n",
    b"5\r\nhello\r\n",
    b"1\r\n",
    b"0\r\n\r\n",
    b"0\r\nT: v\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"hello",
    b"\xFF\xFE\x80",
    b"{\"code\":\"not_found\"}",
];

fn throw(random: &mut Random) -> Vec<u8> {
    let count = random.below(12) + 1;
    (0..count).flat_map(|_| PIECES[random.below(PIECES.len())]).copied().collect()
}

/// Feeds bytes in random pieces, all of them, as a client would that reads its buffer to the end.
fn read_in_pieces(bytes: &[u8], limits: Limits, random: &mut Random) -> Answer {
    let mut reader = Reader::new("GET", limits);
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = match random.below(3) {
            0 => 1,
            1 => random.below(7) + 1,
            _ => random.below(200) + 1,
        };
        let (piece, after) = rest.split_at(length.min(rest.len()));
        reader.feed(piece);
        rest = after;
    }
    reader.finish(End::Complete)
}

fn read_at_once(bytes: &[u8], limits: Limits) -> Answer {
    let mut reader = Reader::new("GET", limits);
    reader.feed(bytes);
    reader.finish(End::Complete)
}

#[test]
fn the_pieces_in_which_bytes_come_do_not_matter() {
    let mut random = Random(3);
    let mut ends = std::collections::BTreeSet::new();
    for round in 0..4000 {
        let bytes = throw(&mut random);
        let limits = if round % 3 == 0 { Limits { head: 60, body: 10 } } else { Limits::default() };
        let whole = read_at_once(&bytes, limits);
        ends.insert(format!("{:?}", whole.end));
        let expected = format!("{whole:?}");
        for _ in 0..3 {
            let pieces = read_in_pieces(&bytes, limits, &mut random);
            assert_eq!(format!("{pieces:?}"), expected, "round {round}: {}", bytes.escape_ascii());
        }
    }
    // The pieces must reach every kind of end, or this test says little.
    for end in ["Complete", "Closed(Head)", "Closed(Body)", "Limit", "Lost"] {
        assert!(ends.contains(end), "{end} is not in {ends:?}");
    }
}

#[test]
fn recordings_may_come_byte_by_byte() {
    let mut random = Random(5);
    for (name, method, bytes) in recordings() {
        let mut reader = Reader::new(&method, Limits::default());
        for byte in &bytes {
            reader.feed(std::slice::from_ref(byte));
        }
        let expected = format!("{:?}", Reader::read(&method, &bytes));
        assert_eq!(format!("{:?}", reader.finish(End::Complete)), expected, "{name}");
        let pieces = read_in_pieces(&bytes, Limits::default(), &mut random);
        assert_eq!(format!("{pieces:?}"), expected, "{name}");
    }
}

#[test]
fn random_bytes_never_panic_and_stay_within_bounds() {
    let mut random = Random(7);
    let limits = Limits { head: 300, body: 200 };
    for round in 0..4000 {
        let mut bytes = throw(&mut random);
        match round % 3 {
            // Noise after a sound beginning, noise alone, and changes in between.
            0 => bytes.extend((0..random.below(2000)).map(|_| u8::try_from(random.below(256)).unwrap_or(0))),
            1 => bytes = (0..random.below(2000)).map(|_| u8::try_from(random.below(256)).unwrap_or(0)).collect(),
            _ => {
                for _ in 0..random.below(5) {
                    let at = random.below(bytes.len());
                    bytes[at] = u8::try_from(random.below(256)).unwrap_or(0);
                }
            }
        }
        let answer = read_in_pieces(&bytes, limits, &mut random);
        let message = bytes.escape_ascii();
        assert!(answer.body.len() <= 200 && answer.raw.len() <= 300 + 2 * 200 + 300 + 300 + 4096 + 4096, "{message}");
        assert!(answer.body_size >= answer.body.len() as u64, "{message}");
        assert!(answer.raw.len() <= bytes.len(), "{message}");
        assert_eq!(answer.raw, bytes[..answer.raw.len()], "{message}");
        assert!(answer.faults.iter().all(|fault| fault.range.end <= answer.raw.len()), "{message}");
        assert!(answer.faults.is_sorted_by_key(|fault| fault.range.start), "{message}");
        assert!(answer.head.iter().all(|head| head.range.end <= answer.raw.len()), "{message}");
    }
}
