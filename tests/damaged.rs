//! Every reader survives input that was damaged at random, and reads or refuses it correctly.
//!
//! `support/holds.rs` states what must hold; the fuzz targets in `fuzz/` check the same, led by coverage.
//! `DEVIANT_SEED` sets the seed.

#[path = "deviant/chance.rs"]
#[allow(dead_code, reason = "only numbers are needed here")]
mod chance;
#[path = "support/command.rs"]
mod command;
#[path = "damaged/crossed.rs"]
mod crossed;
#[path = "support/holds.rs"]
mod holds;

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use chance::Chance;
use command::Folder;

/// How many damaged inputs each test makes.
const ROUNDS: usize = 1500;

/// How long one input may take: it ends at all.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the readers give a meaning, so that chance meets it.
const WORDS: &[&[u8]] = &[
    b"\r\n\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b"\t",
    b" ",
    b"\0",
    b":",
    b",",
    b";",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"'",
    b"\\",
    b"\\u",
    b"\\uD83D",
    b"&a ",
    b"*a",
    b"!!str ",
    b"|\n",
    b">-\n",
    b"? ",
    b"- ",
    b"<<: *a",
    b"---\n",
    b"...\n",
    b"%YAML 1.2\n",
    b"#",
    b"~",
    b"null",
    b"1e999",
    b"-0.0",
    b"9007199254740993",
    b"0x1F",
    b".inf",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\xC3",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 100 \r\n\r\n",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffff",
    b"```yaml\n",
    b"```\n",
    b"$ref",
    b"#/components/schemas/A",
    b"allOf",
    b"nullable: true",
    b"{{",
    b"}}",
    b"{{user}}",
    b"{{env.A}}",
    b"expect: 204",
    b"within: 1s",
    b"at_once: 3",
    b"\"default\": {}",
    b"type: [string]",
    b"pattern: '('",
    b"format: int32",
    b"'204'",
    b"/*/",
    b"..",
    b"%2e",
    b"\xE2\x80\xAE",
    b"\xC2\x9B31m",
    b"\\u202e",
    b"\n::error::x",
    b"##[group]",
    b"##vso[a]b",
    b"section_start:1:x",
];

/// Pieces of a sound input, changed a few times; pieces of another one may come in.
fn damaged(chance: &mut Chance, one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = one.to_vec();
    for _ in 0..=chance.below(6) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + chance.below(40)).min(bytes.len());
        match chance.below(8) {
            0 => drop(bytes.splice(at..at, chance.pick(WORDS).iter().copied())),
            1 => drop(bytes.splice(at..end, chance.pick(WORDS).iter().copied())),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let again = bytes[at..end].repeat(1 + chance.below(30));
                drop(bytes.splice(at..at, again));
            }
            4 => bytes.truncate(at),
            5 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            6 if at < bytes.len() => bytes[at] = u8::try_from(chance.below(256)).expect("a byte"),
            _ => {
                let from = chance.below(other.len());
                let piece = &other[from..(from + chance.below(60)).min(other.len())];
                drop(bytes.splice(at..at, piece.iter().copied()));
            }
        }
    }
    bytes
}

/// Damages the inputs so often; whatever fails is shown with its seed and bytes.
fn survives(inputs: &[Vec<u8>], rounds: usize, holds: impl Fn(&mut Chance, &[u8])) {
    assert!(inputs.len() > 1, "too few inputs");
    let made = |chance: &mut Chance| {
        let (one, other) = (chance.pick(inputs), chance.pick(inputs));
        [damaged(chance, &one, &other)]
    };
    each_round(rounds, made, |chance, [bytes]| holds(chance, bytes));
}

/// Makes inputs so often, and holds them to something; whatever fails or does not end is shown with its seed and bytes.
fn each_round<const N: usize>(
    rounds: usize,
    made: impl Fn(&mut Chance) -> [Vec<u8>; N],
    holds: impl Fn(&mut Chance, &[Vec<u8>; N]),
) {
    let (seed, _) = chance::seed();
    let show = move |round: usize, inputs: &[Vec<u8>; N], what: &str| {
        let inputs: Vec<String> = inputs.iter().map(|bytes| bytes.escape_ascii().to_string()).collect();
        let told = format!("seed {seed}, round {round} {what}:\n{}\n", inputs.join("\n---\n"));
        std::io::stderr().write_all(told.as_bytes()).expect("stderr");
    };
    let (begins, begun) = mpsc::channel();
    let watch = std::thread::spawn(move || {
        let mut last = None;
        loop {
            match begun.recv_timeout(PATIENCE) {
                Ok(next) => last = Some(next),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    // A thread cannot be ended from outside.
                    if let Some((round, inputs)) = &last {
                        show(*round, inputs, "does not end");
                    }
                    std::process::abort();
                }
            }
        }
    });
    for round in 0..rounds {
        let mut chance = Chance::of(seed, round);
        let inputs = made(&mut chance);
        begins.send((round, inputs.clone())).expect("the watch goes on");
        if catch_unwind(AssertUnwindSafe(|| holds(&mut chance, &inputs))).is_err() {
            show(round, &inputs, "fails");
            panic!("seed {seed}, round {round}: see above");
        }
    }
    drop(begins);
    watch.join().expect("the watch ends");
}

/// With one more byte before, for those that choose by it.
fn chosen(chance: &mut Chance, bytes: &[u8], count: usize) -> Vec<u8> {
    let mut all: Vec<u8> = (0..count).map(|_| u8::try_from(chance.below(256)).expect("a byte")).collect();
    all.extend_from_slice(bytes);
    all
}

fn files(folder: &str, endings: &[&str]) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let ends = |path: &Path| path.extension().is_some_and(|ending| endings.iter().any(|one| ending == *one));
    paths.into_iter().filter(|path| ends(path)).map(|path| std::fs::read(path).expect("a file")).collect()
}

/// The answers of the recordings, and some that are framed otherwise.
fn answers() -> Vec<Vec<u8>> {
    const MARK: &[u8] = b"RESPONSE BYTES BELOW =====8<=====\n";
    let mut all: Vec<Vec<u8>> = files("tests/data/recordings", &["http"])
        .into_iter()
        .map(|bytes| {
            let at = bytes.windows(MARK.len()).position(|window| window == MARK).expect("the mark");
            bytes[at + MARK.len()..].to_vec()
        })
        .collect();
    all.push(
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
        5;a=\"b\"\r\nhello\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"
            .to_vec(),
    );
    all.push(b"HTTP/1.0 200 OK\r\n\r\nuntil the end".to_vec());
    all
}

fn bodies() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = answers()
        .into_iter()
        .filter_map(|bytes| {
            let at = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
            Some(bytes[at..].to_vec()).filter(|body| !body.is_empty())
        })
        .collect();
    all.push(br#"{"a":[0.1,-2e-3,1e400,9007199254740993,true,null,"\uD83D\uDE00\n\\"],"b":{"c":{},"c":[]}}"#.to_vec());
    all
}

fn documents() -> Vec<Vec<u8>> {
    let mut all = files("tests/data/documents", &["yaml", "json", "md"]);
    all.extend(files("spec", &["yaml"]));
    all
}

fn suites() -> Vec<Vec<u8>> {
    let mut all = files("tests/data/suites", &["yaml"]);
    all.extend(files("cases", &["yaml"]));
    all
}

#[test]
fn a_damaged_answer_is_read_the_same_in_whatever_pieces_it_comes() {
    survives(&answers(), ROUNDS, |chance, bytes| holds::response(&chosen(chance, bytes, 2)));
}

#[test]
fn a_damaged_body_is_read_as_another_reader_reads_it() {
    survives(&bodies(), ROUNDS, |_, bytes| holds::json(bytes));
}

#[test]
fn damaged_yaml_is_a_tree_or_errors_with_places() {
    survives(&[documents(), suites()].concat(), ROUNDS / 2, |_, bytes| {
        holds::yaml_text(&String::from_utf8_lossy(bytes));
    });
}

#[test]
fn a_damaged_document_is_a_document_or_errors_with_places() {
    survives(&documents(), ROUNDS / 5, |chance, bytes| holds::document(&chosen(chance, bytes, 1)));
}

#[test]
fn a_damaged_suite_is_a_suite_or_errors() {
    let folder = Folder::new();
    survives(&suites(), ROUNDS / 5, |_, bytes| {
        holds::suite(bytes, folder.path(), Path::new("spec/openapi_chatflow.yaml"));
    });
}

/// The hostile inputs of a kind, and what is sound of it.
fn hostile(kind: &str) -> Vec<Vec<u8>> {
    let all = files(&format!("tests/data/hostile/{kind}"), &["yaml"]);
    assert!(all.len() > 10, "only {} hostile {kind}", all.len());
    all
}

/// One of the inputs, damaged in its bytes or crossed with another one.
fn attack(chance: &mut Chance, inputs: &[Vec<u8>]) -> Vec<u8> {
    let (one, other) = (chance.pick(inputs), chance.pick(inputs));
    match chance.below(8) {
        0 => one,
        1..=3 => damaged(chance, &one, &other),
        _ => crossed::yaml(chance, &one, &other),
    }
}

#[test]
fn hostile_documents_and_suites_are_read_or_refused_in_few_words() {
    let folder = Folder::new();
    let documents = hostile("documents");
    let suites = hostile("suites");
    let sound = (crossed::DOCUMENT.as_bytes().to_vec(), crossed::SUITE.as_bytes().to_vec());
    let read = AtomicUsize::new(0);
    let made = |chance: &mut Chance| {
        let document = if chance.once_in(2) { attack(chance, &documents) } else { sound.0.clone() };
        let suite = if document != sound.0 && chance.once_in(2) { sound.1.clone() } else { attack(chance, &suites) };
        [document, suite]
    };
    each_round(ROUNDS, made, |_, [document, suite]| {
        read.fetch_add(usize::from(holds::project(document, suite, folder.path())), Ordering::Relaxed);
    });
    let read = read.into_inner();
    assert!(read > ROUNDS / 60, "only {read} are read at all");
}

#[test]
fn a_body_is_judged_to_an_end_and_as_another_judge_does_whatever_document_and_body_are() {
    let inputs: Vec<Vec<u8>> = {
        let mut paths: Vec<_> = std::fs::read_dir("tests/data/hostile/judged")
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        paths.into_iter().map(|path| std::fs::read(path).expect("a file")).collect()
    };
    assert!(inputs.len() > 20, "only {} inputs", inputs.len());
    let agreed = AtomicUsize::new(0);
    let made = |chance: &mut Chance| {
        let (one, other) = (chance.pick(&inputs), chance.pick(&inputs));
        [if chance.once_in(4) { damaged(chance, &one, &other) } else { crossed::judged(chance, &one, &other) }]
    };
    each_round(2 * ROUNDS, made, |_, [bytes]| {
        agreed.fetch_add(usize::from(holds::judge(bytes)), Ordering::Relaxed);
    });
    let agreed = agreed.into_inner();
    assert!(agreed > ROUNDS / 10, "another judge was asked only {agreed} times");
}
