//! Broken heads, framing and ends.

use crate::chance::Chance;
use crate::judged::Left;
use crate::message::Message;
use crate::mutants::{Generator, Lines, Mutant};

pub(crate) fn generators() -> Vec<Generator> {
    let of = |family, all: &[(&'static str, fn(&mut Chance, &Message) -> Option<Mutant>)]| {
        all.iter().map(|(name, make)| Generator { family, name, make: *make }).collect::<Vec<_>>()
    };
    let mut all = of(
        "status line",
        &[
            ("another digit in the status", status_digit),
            ("a character too many in the status", status_character),
            ("another character in the version", version_character),
            ("another separator", separator),
            ("a control character in the reason", reason_control),
            ("something before the status line", before_all),
        ],
    );
    all.extend(of(
        "fields",
        &[
            ("a character that no name has", name_character),
            ("white space before the colon", space_before_colon),
            ("no colon", no_colon),
            ("a control character in a value", value_control),
            ("a folded line", folded),
            ("a bare LF", bare_lf),
            ("a bare CR", bare_cr),
            ("the head ends early", early_end),
            ("the head has no end", no_end),
        ],
    ));
    all.extend(of(
        "framing",
        &[
            ("a length that is off", length_off),
            ("a length that is no number", length_no_number),
            ("a second length", second_length),
            ("a length on a 204", length_on_bodiless),
            ("a transfer coding that does not belong there", transfer_encoding),
            ("broken chunks", broken_chunks),
            ("bytes behind the response", surplus),
        ],
    ));
    all.extend(of(
        "end",
        &[("cut by a close", cut_closed), ("cut by a reset", cut_reset), ("cut by silence", cut_open)],
    ));
    all.extend(of("media type", &[("no type", no_type), ("another type", other_type), ("two types", two_types)]));
    all
}

/// With one character at a place replaced; a place behind the last one adds it.
fn with(text: &str, at: usize, character: char) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    if at < characters.len() {
        characters[at] = character;
    } else {
        characters.push(character);
    }
    characters.into_iter().collect()
}

/// With one character more.
fn inserted(text: &str, at: usize, character: char) -> String {
    let (before, after) = text.split_at(at);
    format!("{before}{character}{after}")
}

fn with_line(answer: &Message, line: String) -> Vec<u8> {
    let mut answer = answer.clone();
    answer.line = line;
    answer.bytes()
}

fn digit(chance: &mut Chance) -> char {
    char::from(b'0' + u8::try_from(chance.below(10)).expect("a digit"))
}

/// Of any kind but LF, which ends the line.
fn control(chance: &mut Chance) -> char {
    chance.pick(&['\0', '\u{1}', '\u{7}', '\u{8}', '\u{B}', '\u{C}', '\r', '\u{E}', '\u{1B}', '\u{1F}', '\u{7F}'])
}

fn status_digit(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let line = with(&answer.line, 9 + chance.below(3), digit(chance));
    let status: u16 = line[9..12].parse().expect("three digits");
    if line == answer.line {
        return None;
    }
    Mutant::closed(with_line(answer, line), status_rules(status))
}

/// What must be found of a status that is not the one that was due.
pub(crate) fn status_rules(status: u16) -> &'static [&'static str] {
    match status {
        101 => &["switching-protocols-unasked"],
        // An interim answer, and what was the body begins the next one.
        100..=199 => &["cut-in-head", "status-line-malformed", "bodiless-status-with-content-length"],
        301 | 302 | 303 | 307 | 308 => &["redirect-answered", "status-unexpected", "bodiless-status-with-body"],
        200..=599 => &[
            "status-unexpected",
            "bodiless-status-with-body",
            "challenge-missing",
            "allow-missing",
            "body-missing",
            "body-unexpected",
        ],
        _ => &["status-code-malformed"],
    }
}

fn status_character(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let character = chance.pick(&['x', '.', '-', '0', '4', '"', '\u{e9}']);
    let at = chance.between(9, 13);
    Mutant::closed(with_line(answer, inserted(&answer.line, at, character)), &["status-code-malformed"])
}

fn version_character(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let character = chance.pick(&['h', 'X', '0', '2', '9', '.', '/', '-', '\u{0}', '\u{ff}']);
    let line = with(&answer.line, chance.below(8), character);
    let sound = line == answer.line || line.starts_with("HTTP/1.0 ");
    let rules = &["version-malformed", "status-line-malformed"];
    if sound { None } else { Mutant::closed(with_line(answer, line), rules) }
}

fn separator(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let (version, rest) = answer.line.split_once(' ').expect("a space");
    let (status, reason) = rest.split_once(' ').expect("a space");
    let line = match chance.below(4) {
        0 => format!("{version}{status} {reason}"),
        1 => format!("{version}  {status} {reason}"),
        2 => format!("{version}\t{status} {reason}"),
        _ => format!("{version} {status}{reason}"),
    };
    Mutant::closed(with_line(answer, line), &["status-line-malformed", "version-malformed", "status-code-malformed"])
}

fn reason_control(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let at = chance.between(13, answer.line.len() + 1);
    let line = inserted(&answer.line, at, control(chance));
    Mutant::closed(with_line(answer, line), &["status-line-malformed"])
}

fn before_all(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let before =
        chance.pick(&[" ", "\t", "\r\n", "\n", "\r\n\r\n", "0\r\n\r\n", "x", "{}", "\0", "\u{FEFF}", "OK\r\n"]);
    let bytes = [before.as_bytes(), &answer.bytes()].concat();
    Mutant::closed(bytes, &["head-leading-space", "status-line-malformed", "version-malformed"])
}

fn name_character(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut lines = Lines::of(answer);
    let line = lines.field(chance);
    let colon = lines.lines[line].find(':').expect("a colon");
    let all: Vec<char> = "()<>@,;\\\"/[]?={} \t\0\u{1}\u{7F}\u{80}\u{ff}".chars().collect();
    // White space at the start of a line folds it into the one before, which may be one that is needed.
    lines.lines[line] = with(&lines.lines[line], chance.below(colon), chance.pick(&all));
    let rules = &[
        "field-name-malformed",
        "field-folded",
        "head-leading-space",
        "content-length-malformed",
        "media-type-undocumented",
        "media-type-ambiguous",
    ];
    Mutant::closed(lines.bytes(), rules)
}

fn space_before_colon(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut lines = Lines::of(answer);
    let line = lines.field(chance);
    let colon = lines.lines[line].find(':').expect("a colon");
    lines.lines[line] = inserted(&lines.lines[line], colon, chance.pick(&[' ', '\t']));
    Mutant::closed(lines.bytes(), &["field-name-malformed"])
}

fn no_colon(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut lines = Lines::of(answer);
    let line = lines.field(chance);
    let with = chance.pick(&["", " ", "=", ";"]);
    lines.lines[line] = lines.lines[line].replace(':', with);
    Mutant::closed(lines.bytes(), &["field-name-malformed"])
}

fn value_control(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut lines = Lines::of(answer);
    let line = lines.field(chance);
    let text = &lines.lines[line];
    let at = chance.between(text.find(':').expect("a colon") + 2, text.len() + 1);
    lines.lines[line] = inserted(text, at, control(chance));
    // A length that holds one is no number either.
    Mutant::closed(lines.bytes(), &["field-value-malformed", "content-length-malformed"])
}

fn folded(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut lines = Lines::of(answer);
    let line = lines.field(chance);
    let text = &lines.lines[line];
    let at = chance.between(text.find(':').expect("a colon") + 1, text.len() + 1);
    let (before, after) = text.split_at(at);
    lines.lines[line] = format!("{before}\r\n{}{after}", chance.pick(&[" ", "\t", "  "]));
    Mutant::closed(lines.bytes(), &["field-folded", "content-length-malformed", "media-type-ambiguous"])
}

fn bare_lf(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut lines = Lines::of(answer);
    let line = chance.below(lines.lines.len());
    lines.ends[line] = "\n";
    Mutant::closed(lines.bytes(), &["line-end-bare-lf should"])
}

fn bare_cr(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut lines = Lines::of(answer);
    let line = chance.below(lines.lines.len());
    lines.ends[line] = "\r";
    // The line runs into the next one; the last one into the body.
    Mutant::closed(
        lines.bytes(),
        &[
            "status-line-malformed",
            "field-value-malformed",
            "field-name-malformed",
            "content-length-malformed",
            "cut-in-head",
        ],
    )
}

fn early_end(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut lines = Lines::of(answer);
    let line = chance.between(1, lines.lines.len());
    lines.lines.insert(line, String::new());
    lines.ends.push("\r\n");
    // The rest of the head is a body then, or runs before it.
    Mutant::closed(
        lines.bytes(),
        &["bodiless-status-with-body", "content-length-wrong", "media-type-missing", "body-not-json", "body-truncated"],
    )
}

fn no_end(_: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut lines = Lines::of(answer);
    lines.lines.pop();
    Mutant::closed(lines.bytes(), &["cut-in-head", "field-name-malformed", "line-end-bare-lf should"])
}

fn length_off(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let length = answer.value("Content-Length")?.parse::<usize>().expect("a length");
    let other = match chance.below(3) {
        0 => chance.below(length),
        1 => length + chance.between(1, 12),
        _ => length + chance.between(1, 1_000_000),
    };
    // The body is whole JSON, so it is the length that is wrong, whether it is too large or too small.
    Mutant::closed(answer.clone().with("Content-Length", &other.to_string()).bytes(), &["content-length-wrong"])
}

fn length_no_number(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let length = answer.value("Content-Length")?;
    let character = chance.pick(&['x', '-', '+', '.', ' ', '_', ';', '\u{b2}', ',', 'e', '\'']);
    let value = inserted(length, chance.below(length.len()), character);
    if value.trim() == length {
        return None;
    }
    let rules = &["content-length-malformed", "content-length-conflicting", "field-value-malformed"];
    Mutant::closed(answer.clone().with("Content-Length", &value).bytes(), rules)
}

fn second_length(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let length = answer.value("Content-Length")?.to_owned();
    let other = chance.below(500).to_string();
    let rules: &[&str] =
        if other == length { &["content-length-repeated should"] } else { &["content-length-conflicting"] };
    let mut answer = answer.clone().and("Content-Length", &other);
    if chance.once_in(2) {
        answer = answer.with("Content-Length", &format!("{length}, {other}"));
    }
    Mutant::closed(answer.bytes(), rules)
}

fn length_on_bodiless(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    if answer.status() != 204 {
        return None;
    }
    let length = chance.below(40);
    let body = if chance.once_in(2) { vec![b'x'; length] } else { Vec::new() };
    let answer = answer.clone().with("Content-Length", &length.to_string()).with_bare_body(body);
    let rules: &[&str] =
        if answer.body.is_empty() { &["bodiless-status-with-content-length"] } else { &["bodiless-status-with-body"] };
    Mutant::closed(answer.bytes(), rules)
}

fn transfer_encoding(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let coding = chance.pick(&["chunked", "gzip, chunked", "identity", "x", "chunked, chunked", "chunked;q=1", ""]);
    let answer = answer.clone().and("Transfer-Encoding", coding);
    let rules: &[&str] = if answer.status() == 204 {
        &["bodiless-status-with-transfer-encoding"]
    } else {
        &["content-length-with-transfer-encoding", "transfer-encoding-malformed", "chunk-malformed"]
    };
    Mutant::closed(answer.bytes(), rules)
}

fn broken_chunks(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    if answer.status() == 204 {
        return None;
    }
    let size = chance.between(1, answer.body.len() + 1);
    let head = answer.clone().without("Content-Length").and("Transfer-Encoding", "chunked").head();
    let whole = answer.clone().chunked(size);
    let mut text = String::from_utf8(whole[head.len()..].to_vec()).expect("text");
    let first = text.find("\r\n").expect("a size");
    match chance.below(5) {
        // Another size.
        0 => {
            let other = format!("{:x}", chance.below(400));
            if usize::from_str_radix(&other, 16).ok() == Some(size.min(answer.body.len())) {
                return None;
            }
            text.replace_range(..first, &other);
        }
        // A size that is none.
        1 => text = inserted(&text, chance.below(first + 1), chance.pick(&['x', '-', ' ', 'g', '\0', '"'])),
        // No line break after the data.
        2 => {
            let at = first + 2 + size.min(answer.body.len());
            text.replace_range(at..at + 2, "");
        }
        // No last chunk.
        3 => text.truncate(text.len() - "0\r\n\r\n".len()),
        // Cut anywhere, but not only behind the last chunk's size, where nothing is missing but an empty line.
        _ => text.truncate(chance.below(text.len())),
    }
    let mut bytes = head;
    bytes.extend_from_slice(text.as_bytes());
    // A size of 0 makes trailers of the data, and one that ends where another chunk does makes data of the size line.
    Mutant::closed(
        bytes,
        &["chunk-malformed", "cut-in-body", "trailer-malformed", "bytes-after-answer", "body-missing", "body-not-json"],
    )
}

fn surplus(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let more: Vec<u8> = match chance.below(4) {
        0 => answer.bytes(),
        1 => b"\r\n".to_vec(),
        2 => b"HTTP/1.1 200 OK\r\n\r\n".to_vec(),
        _ => (0..chance.between(1, 40)).map(|_| u8::try_from(chance.below(256)).expect("a byte")).collect(),
    };
    let rules = &["bodiless-status-with-body", "content-length-wrong", "bytes-after-answer"];
    Mutant::closed([answer.bytes(), more].concat(), rules)
}

fn cut(chance: &mut Chance, answer: &Message, left: Left) -> Option<Mutant> {
    let (head, bytes) = (answer.head().len(), answer.bytes());
    let end = chance.below(bytes.len());
    let rules: &[&str] = match (end, left) {
        (0, Left::Open) => &["answer-silent"],
        (0, _) => &["cut-before-answer"],
        // Only the line break behind the JSON is missing.
        _ if end + 1 == bytes.len() && end > head => &["content-length-wrong"],
        (_, Left::Open) => &["answer-endless"],
        (end, _) if end < head => &["cut-in-head"],
        _ => &["cut-in-body"],
    };
    Some(Mutant { bytes: bytes[..end].to_vec(), left, rules })
}

fn cut_closed(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    cut(chance, answer, Left::Closed)
}

fn cut_reset(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    cut(chance, answer, Left::Reset)
}

fn cut_open(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    cut(chance, answer, Left::Open)
}

fn no_type(_: &mut Chance, answer: &Message) -> Option<Mutant> {
    let without = answer.clone().without("Content-Type");
    if answer.status() == 204 { None } else { Mutant::closed(without.bytes(), &["media-type-missing"]) }
}

fn other_type(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    if answer.status() == 204 {
        return None;
    }
    let sound = "application/json";
    let value = match chance.below(4) {
        0 => chance.pick(&["text/html", "text/plain; charset=utf-8", "text/json", "application/xml"]).to_owned(),
        1 => chance.pick(&["application/x-json", "application/jsonp", "application/json-seq", "*/*"]).to_owned(),
        2 => inserted(sound, chance.below(sound.len()), chance.pick(&['x', '/', '0', '-', ' ', ',', '@'])),
        _ => with(sound, chance.below(sound.len()), chance.pick(&['x', 'Z', '.', '~'])),
    };
    if value.trim() == sound {
        return None;
    }
    let changed = answer.clone().with("Content-Type", &value);
    Mutant::closed(changed.bytes(), &["media-type-undocumented", "media-type-ambiguous"])
}

fn two_types(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    if answer.status() == 204 {
        return None;
    }
    let other = chance.pick(&["text/html", "text/plain", "application/xml; charset=utf-8", "application"]);
    let changed = if chance.once_in(2) {
        answer.clone().and("Content-Type", other)
    } else {
        answer.clone().with("Content-Type", &format!("application/json, {other}"))
    };
    Mutant::closed(changed.bytes(), &["media-type-ambiguous"])
}
