//! Broken bodies.

use serde_json::{Map, Value};

use crate::answers::gzip;
use crate::chance::Chance;
use crate::message::Message;
use crate::mutants::{Generator, Mutant};

/// What is said of a body that is no JSON, by what is wrong with it.
const UNREADABLE: &[&str] = &[
    "body-not-json",
    "body-truncated",
    "body-trailing-garbage",
    "body-encoding-wrong",
    "body-missing",
    "number-lossy",
    "surrogate-unpaired should",
];
const SHAPE: &[&str] = &["example-shape"];

pub(crate) fn generators() -> Vec<Generator> {
    let of = |family, all: &[(&'static str, fn(&mut Chance, &Message) -> Option<Mutant>)]| {
        all.iter().map(|(name, make)| Generator { family, name, make: *make }).collect::<Vec<_>>()
    };
    let mut all = of(
        "body shape",
        &[
            ("a property left out", left_out),
            ("a property renamed", renamed),
            ("another type", other_type),
            ("the whole inside something", wrapped),
            ("something else altogether", something_else),
        ],
    );
    all.extend(of(
        "body value",
        &[
            ("another code", other_code),
            ("another status in the body", other_status),
            ("another message", other_message),
            ("a number in another spelling", other_spelling),
            ("a key twice", key_twice),
        ],
    ));
    all.extend(of(
        "body syntax",
        &[
            ("cut short", cut_short),
            ("something behind it", behind),
            ("a byte changed", byte_changed),
            ("a byte added", byte_added),
            ("bytes left out", bytes_left_out),
            ("JavaScript or Python", dialect),
        ],
    ));
    all.extend(of("body encoding", &[("another encoding", other_encoding), ("compressed", compressed)]));
    all
}

fn members(answer: &Message) -> Option<Map<String, Value>> {
    serde_json::from_slice(&answer.body).ok()
}

fn with_value(answer: &Message, value: &Value, rules: &'static [&'static str]) -> Option<Mutant> {
    let text = format!("{value}\n");
    Mutant::closed(answer.clone().with_body(text).bytes(), rules)
}

fn word(chance: &mut Chance) -> String {
    let letters: Vec<char> = "abcdefghijklmnopqrstuvwxyz_0ÄéЖ中".chars().collect();
    (0..chance.between(1, 12)).map(|_| chance.pick(&letters)).collect()
}

fn key(chance: &mut Chance) -> &'static str {
    chance.pick(&["code", "message", "status"])
}

fn left_out(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut members = members(answer)?;
    members.shift_remove(key(chance))?;
    with_value(answer, &members.into(), SHAPE)
}

fn renamed(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut members = members(answer)?;
    let key = key(chance);
    let value = members.shift_remove(key)?;
    let name = match chance.below(4) {
        0 => key.to_uppercase(),
        1 => format!("{key} "),
        2 => key[1..].to_owned(),
        _ => word(chance),
    };
    if members.insert(name.clone(), value).is_some() || name == key {
        return None;
    }
    with_value(answer, &members.into(), SHAPE)
}

/// A value of any type.
fn any(chance: &mut Chance) -> Value {
    match chance.below(6) {
        0 => Value::Null,
        1 => chance.once_in(2).into(),
        2 => chance.below(1000).into(),
        3 => word(chance).into(),
        4 => vec![Value::from(word(chance)); chance.below(3)].into(),
        _ => Map::from_iter([(word(chance), Value::Null)]).into(),
    }
}

fn same_type(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn other_type(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut members = members(answer)?;
    let key = key(chance);
    let before = members[key].clone();
    // The same in quotes is the most likely one.
    let after = if chance.once_in(3) { Value::from(before.to_string()) } else { any(chance) };
    if same_type(&before, &after) {
        return None;
    }
    members.insert(key.to_owned(), after);
    with_value(answer, &members.into(), SHAPE)
}

fn wrapped(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let value: Value = members(answer)?.into();
    let value = match chance.below(3) {
        0 => vec![value].into(),
        1 => Map::from_iter([(word(chance), value)]).into(),
        _ => value.to_string().into(),
    };
    with_value(answer, &value, SHAPE)
}

fn something_else(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    members(answer)?;
    with_value(answer, &any(chance), SHAPE)
}

fn other_code(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut members = members(answer)?;
    let before = members["code"].as_str().expect("a text").to_owned();
    let after = match chance.below(4) {
        0 => before.to_uppercase(),
        1 => format!("{before} "),
        2 => before[..chance.below(before.len())].to_owned(),
        _ => word(chance),
    };
    if after == before {
        return None;
    }
    members.insert("code".to_owned(), after.into());
    with_value(answer, &members.into(), &["example-value"])
}

fn other_status(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut members = members(answer)?;
    let after = match chance.below(2) {
        0 => chance_number(chance),
        _ => chance.pick(&[0, 200, 500, -404, 4040]),
    };
    if members["status"] == after {
        return None;
    }
    members.insert("status".to_owned(), after.into());
    with_value(answer, &members.into(), &["example-value"])
}

fn chance_number(chance: &mut Chance) -> i64 {
    i64::try_from(chance.below(1000)).expect("a small number")
}

fn other_message(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut members = members(answer)?;
    members.insert("message".to_owned(), word(chance).into());
    with_value(answer, &members.into(), &["free-text-changed should"])
}

fn replacing(answer: &Message, from: &str, to: &str, rules: &'static [&'static str]) -> Option<Mutant> {
    let text = String::from_utf8(answer.body.clone()).expect("text");
    assert!(text.contains(from), "{from} is not in {text}");
    Mutant::closed(answer.clone().with_body(text.replacen(from, to, 1)).bytes(), rules)
}

fn other_spelling(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    members(answer)?;
    let status = answer.status();
    let to = match chance.below(3) {
        0 => format!("{status}.0"),
        1 => format!("{status}e0"),
        _ => format!("{}.{:02}E2", status / 100, status % 100),
    };
    replacing(answer, &status.to_string(), &to, &["example-shape should"])
}

fn key_twice(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    members(answer)?;
    let (key, value) = (key(chance), any(chance));
    replacing(answer, "{", &format!("{{\"{key}\":{value},"), &["key-duplicated should"])
}

/// What another JSON reader makes of a body decides what must be found, and whether the break is one at all.
fn judged_by_another(answer: &Message, body: Vec<u8>) -> Option<Mutant> {
    let before: Value = serde_json::from_slice(&answer.body).ok()?;
    let rules: &[&str] = match serde_json::from_slice::<Value>(&body) {
        Err(_) => UNREADABLE,
        // It keeps the last of two equal keys and says nothing; none of the texts here is likely to become a key.
        Ok(after) => {
            let Some(after) = after.as_object() else { return Mutant::closed(sent(answer, body), SHAPE) };
            let before = before.as_object().expect("an object");
            let changed = |key: &str| after.get(key) != Some(&before[key]);
            let broken = before.keys().any(|key| !after.get(key).is_some_and(|value| same_type(value, &before[key])));
            if broken {
                SHAPE
            } else if changed("code") || changed("status") {
                &["example-value", "example-shape should"]
            } else if changed("message") {
                &["free-text-changed should"]
            } else {
                return None;
            }
        }
    };
    Mutant::closed(sent(answer, body), rules)
}

fn sent(answer: &Message, body: Vec<u8>) -> Vec<u8> {
    answer.clone().with_body(body).bytes()
}

fn cut_short(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    members(answer)?;
    let body = answer.body[..chance.below(answer.body.len())].to_vec();
    judged_by_another(answer, body)
}

fn behind(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    members(answer)?;
    let more = chance.pick(&["{}", "null", "}", ",", "x", "\0", "<!-- -->", ";", "//", "\u{FEFF}", "]"]);
    judged_by_another(answer, [&answer.body, more.as_bytes()].concat())
}

fn byte(chance: &mut Chance) -> u8 {
    let likely = b"{}[]:,\"'\\/ \n\t0-1.eE\0\x7F\x80\xC3\xFFntf";
    if chance.once_in(3) { u8::try_from(chance.below(256)).expect("a byte") } else { chance.pick(likely) }
}

fn byte_changed(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    members(answer)?;
    let mut body = answer.body.clone();
    let at = chance.below(body.len());
    body[at] = byte(chance);
    judged_by_another(answer, body)
}

fn byte_added(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    members(answer)?;
    let mut body = answer.body.clone();
    body.insert(chance.below(body.len() + 1), byte(chance));
    judged_by_another(answer, body)
}

fn bytes_left_out(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    members(answer)?;
    let mut body = answer.body.clone();
    let start = chance.below(body.len());
    let end = chance.between(start + 1, body.len().min(start + 8) + 1);
    body.drain(start..end);
    judged_by_another(answer, body)
}

fn dialect(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    members(answer)?;
    let text = String::from_utf8(answer.body.clone()).expect("text");
    let status = answer.status().to_string();
    let text = match chance.below(8) {
        0 => text.replace('"', "'"),
        1 => text.replacen("\"code\"", "code", 1),
        2 => text.replacen('}', ",}", 1),
        3 => text.replacen(&status, chance.pick(&["NaN", "Infinity", "-Infinity", "undefined", "None", "True"]), 1),
        4 => text.replacen(&status, &format!("{}{status}", chance.pick(&["0", "+", "0x", "."])), 1),
        5 => text.replacen('{', chance.pick(&["{// none\n", "{/**/", "({", ")]}'\n{", "[{"]), 1),
        6 => text.replacen(',', chance.pick(&[";", ",,", "", " "]), 1),
        _ => text.replacen(':', chance.pick(&["=", "=>", "", "::"]), 1),
    };
    Mutant::closed(sent(answer, text.into_bytes()), UNREADABLE)
}

fn other_encoding(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    members(answer)?;
    let text = String::from_utf8(answer.body.clone()).expect("text");
    let units = || text.encode_utf16();
    let mark = if chance.once_in(2) { "\u{FEFF}" } else { "" };
    let body: Vec<u8> = match chance.below(5) {
        0 => mark.encode_utf16().chain(units()).flat_map(u16::to_le_bytes).collect(),
        1 => mark.encode_utf16().chain(units()).flat_map(u16::to_be_bytes).collect(),
        2 => mark.chars().chain(text.chars()).flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        3 => mark.chars().chain(text.chars()).flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        _ => format!("\u{FEFF}{text}").into_bytes(),
    };
    Mutant::closed(sent(answer, body), &["body-encoding-wrong"])
}

fn compressed(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    members(answer)?;
    let packed = answer.clone().with_body(gzip(&answer.body));
    let (answer, rules): (_, &[&str]) = match chance.below(3) {
        0 => (packed, &["content-coding-mislabelled"]),
        1 => (packed.with("Content-Encoding", "gzip"), &["content-coding-unasked should"]),
        _ => (
            answer.clone().with("Content-Encoding", chance.pick(&["gzip", "br", "deflate", "zstd"])),
            &["content-coding-mislabelled"],
        ),
    };
    Mutant::closed(answer.bytes(), rules)
}
