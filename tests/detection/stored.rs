//! Stored exchanges: what a case sent and got, as a readable file.
//!
//! ```text
//! # What is wrong here, one sentence.
//! case: delete_conversation/missing_conversation
//! finds: status-unexpected, effect-missing        (rule ids, or `none`; then a level or origin, if not the rule's own)
//! settled: mine there, theirs gone by undo        (objects that are not as they must be, or how it was learnt;
//!          `theirs undo 204 then there`: what its undo was answered, and how it was found after that; `mine late`:
//!          the first look says the contrary of what must be, the second what must be)
//! --- end=closed took=3s repeated=chat_app reused   (one block for each answer to the case's own requests, in order)
//! HTTP/1.1 404 Not Found
//! Content-Length: {length}
//!
//! {"code":"not_found"}
//! --- more                                        (more bytes of the same answer, such as the next message)
//! ```
//!
//! Lines of a head end in CR LF, those of a body in LF, the last one of a block in nothing. `␀`, `␍`, `␊` stand for
//! those bytes, `‹1F 8B›` for any bytes, `«a*70000»` for a repeated text, `{length}` for the length of the body. A
//! head line that ends in `␊` ends in LF alone. A block without an empty line is a head that was cut.

use std::path::Path;
use std::time::Duration;

use conformant::exchange::{Answer, End, Reader, Stage, Wait};

/// One stored case run.
pub(crate) struct Stored {
    /// `rule/name`.
    pub(crate) name: String,
    /// What is wrong, or why nothing is.
    pub(crate) about: String,
    /// `suite/case`.
    pub(crate) case: String,
    /// The findings it must give, sorted: rule id, then level and origin where they are not the rule's own.
    pub(crate) finds: Vec<String>,
    /// Objects that are not as they must be.
    pub(crate) settled: Vec<Settled>,
    /// The answers.
    pub(crate) answers: Vec<StoredAnswer>,
}

/// What became of an object.
#[derive(Clone)]
pub(crate) struct Settled {
    pub(crate) given: String,
    /// `gone`, `there`, `unclear` (a 404 that says something else) or `unknown`; none: as it must be.
    pub(crate) found: Option<String>,
    pub(crate) by_undo: bool,
    /// Whether a first look said the contrary.
    pub(crate) late: bool,
    /// What its `undo` was answered, and whether it was there after that, where both were asked.
    pub(crate) undone: Option<(u16, bool)>,
}

/// One answer.
pub(crate) struct StoredAnswer {
    bytes: Vec<u8>,
    late: Option<Vec<u8>>,
    end: String,
    pub(crate) took: Duration,
    pub(crate) repeated: Vec<String>,
    /// Whether the connection had carried a request before.
    pub(crate) reused: bool,
}

impl Stored {
    pub(crate) fn read(name: &str, path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut stored = Self {
            name: name.to_owned(),
            about: String::new(),
            case: String::new(),
            finds: Vec::new(),
            settled: Vec::new(),
            answers: Vec::new(),
        };
        let mut blocks = text.split("\n--- ").map(|block| block.strip_suffix('\n').unwrap_or(block));
        for line in blocks.next().unwrap_or_default().lines() {
            stored.front(line);
        }
        for block in blocks {
            stored.block(block);
        }
        assert!(!stored.about.is_empty(), "{name}: the first line says what it is about");
        assert!(!stored.case.is_empty() && !stored.answers.is_empty(), "{name}: no case or no response");
        stored
    }

    /// A case run with one answer, given as in a file.
    pub(crate) fn answered(case: &str, text: &str, end: &str) -> Self {
        let mut stored = Self {
            name: format!("{case}, {end}"),
            about: String::new(),
            case: case.to_owned(),
            finds: Vec::new(),
            settled: Vec::new(),
            answers: Vec::new(),
        };
        stored.block(&format!("answer end={end}\n{text}"));
        stored
    }

    fn front(&mut self, line: &str) {
        let words = |value: &str| value.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>();
        if let Some(about) = line.strip_prefix("# ") {
            let joined = [self.about.as_str(), about].join(" ");
            joined.trim().clone_into(&mut self.about);
            return;
        }
        match line.split_once(": ") {
            Some(("case", value)) => value.clone_into(&mut self.case),
            Some(("finds", "none")) => {}
            Some(("finds", value)) => {
                self.finds = words(value);
                self.finds.sort();
            }
            Some(("settled", value)) => self.settled = words(value).iter().map(|words| settled(words)).collect(),
            _ => panic!("{}: cannot read {line:?}", self.name),
        }
    }

    fn block(&mut self, block: &str) {
        let (line, text) = block.split_once('\n').unwrap_or((block, ""));
        if line.starts_with("more") || line.starts_with("late") {
            let answer = self.answers.last_mut().unwrap_or_else(|| panic!("{}: {line} after nothing", self.name));
            let bytes = message(text);
            if line.starts_with("late") {
                answer.late = Some(bytes);
            } else {
                answer.bytes.extend(bytes);
            }
            return;
        }
        let mut answer = StoredAnswer {
            bytes: message(text),
            late: None,
            end: "open".to_owned(),
            took: Duration::from_millis(8),
            repeated: Vec::new(),
            reused: false,
        };
        for word in line.split_whitespace() {
            match word.split_once('=') {
                Some(("end", value)) => value.clone_into(&mut answer.end),
                Some(("took", value)) => {
                    let seconds = value.strip_suffix('s').and_then(|value| value.parse().ok());
                    answer.took = Duration::from_secs_f64(seconds.unwrap_or_else(|| panic!("{}: {word}", self.name)));
                }
                Some(("repeated", value)) => answer.repeated.push(value.to_owned()),
                None if word == "answer" => {}
                None if word == "reused" => answer.reused = true,
                _ => panic!("{}: cannot read {word:?}", self.name),
            }
        }
        self.answers.push(answer);
    }
}

impl StoredAnswer {
    pub(crate) fn length(&self) -> usize {
        self.bytes.len()
    }

    /// Replaces the bytes.
    pub(crate) fn set(&mut self, bytes: Vec<u8>) {
        self.bytes = bytes;
    }

    /// Drops all bytes from the given one.
    pub(crate) fn cut(&mut self, at: usize) {
        self.bytes.truncate(at);
    }

    /// Reads the bytes as they would have been read from a connection.
    pub(crate) fn answer(&self, method: &str) -> Answer {
        let mut reader = Reader::new(method, conformant::exchange::Limits::default());
        reader.feed(&self.bytes);
        if let Some(late) = &self.late {
            reader.linger();
            reader.feed(late);
        }
        // How far the answer had come is the reader's own word.
        let stage = Stage::Nothing;
        reader.finish(match self.end.as_str() {
            "open" | "closed" => End::Complete,
            "reset" => End::Reset(stage),
            "silent" => End::TimedOut(stage, Wait::FirstByte(Duration::from_secs(10))),
            "idle" => End::TimedOut(stage, Wait::Idle(Duration::from_secs(5))),
            "total" => End::TimedOut(stage, Wait::Total(Duration::from_secs(30))),
            other => panic!("no end is called {other}"),
        })
    }
}

fn as_it_must_be(given: &str) -> Settled {
    Settled { given: given.to_owned(), found: None, by_undo: false, late: false, undone: None }
}

fn settled(text: &str) -> Settled {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [given, "late"] => Settled { late: true, ..as_it_must_be(given) },
        [given, "by", "undo"] => Settled { by_undo: true, ..as_it_must_be(given) },
        [given, "undo", status, "then", after @ ("there" | "gone")] => {
            Settled { undone: Some((status.parse().expect("a status"), *after == "there")), ..as_it_must_be(given) }
        }
        [given, found, rest @ ..] if matches!(*found, "gone" | "there" | "unclear" | "unknown") => {
            let found = Some((*found).to_owned());
            Settled { found, by_undo: rest == ["by", "undo"], ..as_it_must_be(given) }
        }
        _ => panic!("cannot read {text:?}"),
    }
}

/// A message's bytes from its readable form.
fn message(text: &str) -> Vec<u8> {
    if text.is_empty() {
        return Vec::new();
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let empty = lines.iter().position(|line| line.is_empty());
    let (head, body) = match empty {
        Some(at) => (&lines[..at], Some(decode(&lines[at + 1..].join("\n")))),
        None => (lines.as_slice(), None),
    };
    let length = body.as_ref().map_or(0, Vec::len).to_string();
    let mut bytes = Vec::new();
    for (index, line) in head.iter().enumerate() {
        bytes.extend(decode(&line.replace("{length}", &length)));
        let cut = body.is_none() && index + 1 == head.len();
        if !line.ends_with('␊') && !cut {
            bytes.extend(b"\r\n");
        }
    }
    if let Some(body) = body {
        let bare = head.last().is_some_and(|line| line.ends_with('␊'));
        bytes.extend_from_slice(if bare { b"\n" } else { b"\r\n" });
        bytes.extend(body);
    }
    bytes
}

fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        rest = match character {
            '␀' => push(&mut bytes, 0, after),
            '␍' => push(&mut bytes, b'\r', after),
            '␊' => push(&mut bytes, b'\n', after),
            '‹' => {
                let (hex, after) = after.split_once('›').expect("a closing ›");
                bytes.extend(hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect("a byte")));
                after
            }
            '«' => {
                let (repeated, after) = after.split_once('»').expect("a closing »");
                let (text, times) = repeated.rsplit_once('*').expect("TEXT*TIMES");
                bytes.extend(text.repeat(times.parse().expect("a number")).into_bytes());
                after
            }
            other => {
                bytes.extend(other.encode_utf8(&mut [0; 4]).as_bytes());
                after
            }
        };
    }
    bytes
}

fn push<'t>(bytes: &mut Vec<u8>, byte: u8, after: &'t str) -> &'t str {
    bytes.push(byte);
    after
}
