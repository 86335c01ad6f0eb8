//! Ways of saying the same: what HTTP and JSON leave open, one by one and together. None of them may be flagged.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::chance::Chance;
use crate::front::{Act, Asked, Behaviour};
use crate::message::{Message, latin, unlatin};

/// The variations by name. The index of one is its bit.
pub(crate) const VARIATIONS: &[&str] = &[
    "order of the fields",
    "case of field names",
    "white space around field values",
    "case and parameters of the media type",
    "more fields",
    "a long field",
    "JSON white space",
    "order of the keys",
    "escapes in texts",
    "more properties",
    "other words on statuses that the document does not list",
    "chunks",
    "chunk extensions",
    "trailers",
    "zeros before a length",
    "HTTP/1.0",
    "no length, and the end of the connection",
    "Connection: close",
    "the end of the connection while it is idle",
    "103 Early Hints",
    "100 Continue",
    "no reason phrase",
    "another reason phrase",
    "tiny writes",
    "head and body apart",
    "a response that takes its time",
    "a Content-Type on the 204",
    "an identity coding",
];

const FIELD_ORDER: usize = 0;
const FIELD_CASE: usize = 1;
const FIELD_SPACE: usize = 2;
const MEDIA_TYPE: usize = 3;
const MORE_FIELDS: usize = 4;
const LONG_FIELD: usize = 5;
const JSON_SPACE: usize = 6;
const KEY_ORDER: usize = 7;
const ESCAPES: usize = 8;
const MORE_PROPERTIES: usize = 9;
const OTHER_WORDS: usize = 10;
const CHUNKS: usize = 11;
const CHUNK_EXTENSIONS: usize = 12;
const TRAILERS: usize = 13;
const ZEROS: usize = 14;
const HTTP_1_0: usize = 15;
const UNTIL_CLOSE: usize = 16;
const CLOSE: usize = 17;
const IDLE_CLOSE: usize = 18;
const EARLY_HINTS: usize = 19;
const CONTINUE: usize = 20;
const NO_REASON: usize = 21;
const OTHER_REASON: usize = 22;
const TINY_WRITES: usize = 23;
const APART: usize = 24;
const TAKES_TIME: usize = 25;
const TYPED_204: usize = 26;
const IDENTITY: usize = 27;

/// A set of variations.
#[derive(Clone, Copy)]
pub(crate) struct Style(u32);

impl Style {
    pub(crate) fn only(variation: usize) -> Self {
        // Extensions and trailers are parts of chunks.
        let chunks = if matches!(variation, CHUNK_EXTENSIONS | TRAILERS) { 1 << CHUNKS } else { 0 };
        Self(1 << variation | chunks)
    }

    /// Any of them, each as often as not.
    pub(crate) fn some(chance: &mut Chance) -> Self {
        Self((0..VARIATIONS.len()).filter(|_| chance.once_in(2)).fold(0, |set, variation| set | 1 << variation))
    }

    fn has(self, variation: usize) -> bool {
        self.0 >> variation & 1 == 1
    }

    /// The names of its variations.
    pub(crate) fn names(self) -> String {
        let names = VARIATIONS.iter().enumerate().filter(|(variation, _)| self.has(*variation)).map(|(_, name)| *name);
        names.collect::<Vec<_>>().join(" + ")
    }

    /// A front that varies every answer so.
    pub(crate) fn behaviour(self, seed: u64) -> Behaviour {
        let number = AtomicUsize::new(0);
        let mut behaviour = Behaviour::none();
        behaviour.change = Box::new(move |asked, answer| {
            let mut chance = Chance::of(seed, number.fetch_add(1, Ordering::Relaxed));
            self.vary(&mut chance, asked, answer)
        });
        behaviour
    }

    fn vary(self, chance: &mut Chance, asked: &Asked, mut answer: Message) -> Vec<Act> {
        let bodiless = answer.status() == 204;
        if !bodiless {
            self.vary_body(chance, asked, &mut answer);
        }
        let (bytes, closes) = self.message(chance, answer, bodiless);
        let mut acts = Vec::new();
        if self.has(TAKES_TIME) {
            acts.push(Act::Pause(Duration::from_millis(chance.between(1, 15) as u64)));
        }
        // A client of HTTP/1.0 knows no interim answer, but the client here is none.
        let mut before = Vec::new();
        for (variation, interim) in [
            (CONTINUE, "HTTP/1.1 100 Continue\r\n\r\n"),
            (EARLY_HINTS, "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n"),
        ] {
            if self.has(variation) {
                before.extend_from_slice(interim.as_bytes());
            }
        }
        let bytes = [before, bytes].concat();
        let mut rest = bytes.as_slice();
        if self.has(APART) && !self.has(TINY_WRITES) {
            let end = bytes.windows(4).rposition(|four| four == b"\r\n\r\n").expect("a head") + 4;
            acts.extend([Act::Send(rest[..end].to_vec()), Act::Pause(Duration::from_millis(1))]);
            rest = &rest[end..];
        }
        while self.has(TINY_WRITES) && rest.len() > 4 && acts.len() < 40 {
            let (piece, after) = rest.split_at(chance.between(1, rest.len().min(24)));
            acts.extend([Act::Send(piece.to_vec()), Act::Pause(Duration::ZERO)]);
            rest = after;
        }
        if !rest.is_empty() {
            acts.push(Act::Send(rest.to_vec()));
        }
        if closes {
            acts.push(Act::Close);
        } else if self.has(IDLE_CLOSE) && asked.judged {
            acts.push(Act::CloseIdle(Duration::from_millis(chance.between(1, 30) as u64)));
        }
        acts
    }

    /// The bytes, and whether the connection ends after them.
    fn message(self, chance: &mut Chance, mut answer: Message, bodiless: bool) -> (Vec<u8>, bool) {
        let old = self.has(HTTP_1_0);
        let chunks = self.has(CHUNKS) && !old && !bodiless;
        let until_close = self.has(UNTIL_CLOSE) && !chunks && !bodiless;
        let closes = old || until_close || self.has(CLOSE);
        self.vary_line(chance, &mut answer, old);
        if chunks || until_close {
            answer = answer.without("Content-Length");
        }
        if chunks {
            answer = answer.and("Transfer-Encoding", chance.pick(&["chunked", "Chunked", "CHUNKED"]));
        } else if self.has(ZEROS)
            && let Some(length) = answer.value("Content-Length").map(|length| format!("00{length}"))
        {
            answer = answer.with("Content-Length", &length);
        }
        // HTTP/1.0 ends the connection without a word.
        if closes && !(old && chance.once_in(2)) {
            answer = answer.with("Connection", chance.pick(&["close", "Close"]));
        } else if old {
            answer = answer.without("Connection");
        }
        self.vary_fields(chance, &mut answer, bodiless);
        let mut text = format!("{}\r\n", answer.line);
        for (name, value) in &answer.fields {
            let (before, after) = if self.has(FIELD_SPACE) {
                (chance.pick(&["", " ", "  ", "\t", " \t "]), chance.pick(&["", " ", "\t"]))
            } else {
                (" ", "")
            };
            write!(text, "{name}:{before}{value}{after}\r\n").expect("a text takes text");
        }
        let mut bytes = unlatin(&(text + "\r\n"));
        if chunks {
            self.chunks(chance, &answer.body, &mut bytes);
        } else {
            bytes.extend_from_slice(&answer.body);
        }
        (bytes, closes)
    }

    fn vary_line(self, chance: &mut Chance, answer: &mut Message, old: bool) {
        let version = if old { "HTTP/1.0" } else { "HTTP/1.1" };
        let rest = answer.line.split_once(' ').expect("a status").1.to_owned();
        let (status, reason) = rest.split_once(' ').expect("a reason");
        answer.line = if self.has(OTHER_REASON) {
            let reason =
                chance.pick(&["Whatever", "ok", "Pas trouv\u{e9}", "a\tb", "404 200", "(none)", "\u{c3}\u{a9}"]);
            format!("{version} {status} {reason}")
        } else if self.has(NO_REASON) {
            // RFC 9112 §4 keeps the space; many servers leave it out.
            format!("{version} {status}{}", chance.pick(&[" ", ""]))
        } else {
            format!("{version} {status} {reason}")
        };
    }

    fn vary_fields(self, chance: &mut Chance, answer: &mut Message, bodiless: bool) {
        if bodiless {
            // What the reference sends has one: none is the other way.
            let types = ["application/json", "text/html; charset=utf-8", "application/octet-stream"];
            answer.fields.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            if self.has(TYPED_204) {
                answer.fields.push(("Content-Type".to_owned(), chance.pick(&types).to_owned()));
            }
        } else if self.has(MEDIA_TYPE) {
            let types = [
                "Application/JSON",
                "APPLICATION/JSON; CHARSET=UTF-8",
                "application/json; charset=utf-8",
                "application/json;charset=\"utf-8\"",
                "application/json ; Charset=\"UTF-8\"",
                "application/json;",
                "application/json; charset=us-ascii",
                "application/json; version=1; charset=utf-8",
                "application/json; profile=\"a;b, c\"",
            ];
            for (name, value) in &mut answer.fields {
                if name.eq_ignore_ascii_case("content-type") && value.starts_with("application/json") {
                    chance.pick(&types).clone_into(value);
                }
            }
        }
        if self.has(IDENTITY) && !bodiless {
            answer.fields.push(("Content-Encoding".to_owned(), chance.pick(&["identity", "Identity"]).to_owned()));
        }
        if self.has(MORE_FIELDS) {
            for (name, value) in MORE {
                if chance.once_in(2) {
                    answer.fields.push(((*name).to_owned(), (*value).to_owned()));
                }
            }
        }
        if self.has(LONG_FIELD) {
            answer.fields.push(("X-Long".to_owned(), "long ".repeat(chance.between(200, 1600)).trim().to_owned()));
        }
        if self.has(FIELD_CASE) {
            for (name, _) in &mut answer.fields {
                *name = match chance.below(3) {
                    0 => name.to_ascii_lowercase(),
                    1 => name.to_ascii_uppercase(),
                    _ => name.chars().map(|c| if chance.once_in(2) { c.to_ascii_uppercase() } else { c }).collect(),
                };
            }
        }
        if self.has(FIELD_ORDER) {
            chance.shuffle(&mut answer.fields);
        }
    }

    fn chunks(self, chance: &mut Chance, mut body: &[u8], bytes: &mut Vec<u8>) {
        let extension = |chance: &mut Chance| -> &str {
            let all = [";a", ";a=b", ";a=\"b;c\"", " ; a = b", ";a;b=1", ""];
            if self.has(CHUNK_EXTENSIONS) { chance.pick(&all) } else { "" }
        };
        while !body.is_empty() {
            let (chunk, rest) = body.split_at(chance.between(1, body.len() + 1));
            let zeros = if self.has(ZEROS) { "00" } else { "" };
            let size = if chance.once_in(2) { format!("{:x}", chunk.len()) } else { format!("{:X}", chunk.len()) };
            bytes.extend(format!("{zeros}{size}{}\r\n", extension(chance)).into_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
            body = rest;
        }
        bytes.extend(format!("0{}\r\n", extension(chance)).into_bytes());
        if self.has(TRAILERS) {
            bytes.extend_from_slice(b"X-Checksum: 9f0c\r\nServer-Timing: all;dur=3.1\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
    }

    fn vary_body(self, chance: &mut Chance, asked: &Asked, answer: &mut Message) {
        let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else { return };
        let judged = asked.method == "DELETE";
        if let Value::Object(members) = &mut body {
            if self.has(MORE_PROPERTIES) && judged {
                members.insert("params".to_owned(), chance.pick(&[Value::Null, 1.into(), "x".into()]));
            }
            // The cases expect `code` and `status` of such an answer, and leave its words open.
            if self.has(OTHER_WORDS) && matches!(answer.status(), 401 | 415) {
                members.insert("message".to_owned(), chance.pick(&["No.".into(), Value::Null, 7.into()]));
                if chance.once_in(2) {
                    members.shift_remove("message");
                }
            }
        }
        if self.has(JSON_SPACE)
            || self.has(KEY_ORDER)
            || self.has(ESCAPES)
            || self.has(MORE_PROPERTIES)
            || self.has(OTHER_WORDS)
        {
            let mut text = String::new();
            self.write(chance, &body, &mut text);
            let changed = answer.clone().with_body(text);
            *answer = changed;
        }
    }

    fn write(self, chance: &mut Chance, value: &Value, text: &mut String) {
        self.space(chance, text);
        match value {
            Value::Object(members) => {
                let mut members: Vec<(&String, &Value)> = members.iter().collect();
                if self.has(KEY_ORDER) {
                    chance.shuffle(&mut members);
                }
                text.push('{');
                for (index, (key, value)) in members.into_iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    self.space(chance, text);
                    self.text(chance, key, text);
                    self.space(chance, text);
                    text.push(':');
                    self.write(chance, value, text);
                }
                self.space(chance, text);
                text.push('}');
            }
            Value::Array(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    self.write(chance, item, text);
                }
                text.push(']');
            }
            Value::String(words) => self.text(chance, words, text),
            other => text.push_str(&other.to_string()),
        }
        self.space(chance, text);
    }

    fn space(self, chance: &mut Chance, text: &mut String) {
        if self.has(JSON_SPACE) {
            text.push_str(chance.pick(&["", " ", "  ", "\n", "\r\n\t", "\t"]));
        }
    }

    fn text(self, chance: &mut Chance, words: &str, text: &mut String) {
        if !self.has(ESCAPES) {
            text.push_str(&Value::from(words).to_string());
            return;
        }
        text.push('"');
        for c in words.chars() {
            match c {
                '/' if chance.once_in(2) => text.push_str("\\/"),
                '"' | '\\' | '\0'..='\u{1F}' => text.push_str(Value::from(c.to_string()).to_string().trim_matches('"')),
                c if chance.once_in(4) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        let digits = if chance.once_in(2) { format!("{unit:04x}") } else { format!("{unit:04X}") };
                        text.push_str("\\u");
                        text.push_str(&digits);
                    }
                }
                c => text.push(c),
            }
        }
        text.push('"');
    }
}

const MORE: &[(&str, &str)] = &[
    ("Date", "Sat, 11 Jul 2026 12:00:00 GMT"),
    ("Server", "nginx/1.26.2"),
    ("Via", "1.1 varnish, 1.1 cache (Squid)"),
    ("Set-Cookie", "a=1; Path=/; HttpOnly"),
    ("Set-Cookie", "b=\"2\"; Secure; SameSite=Lax"),
    ("Vary", "Accept-Encoding, Origin"),
    ("Cache-Control", "no-store, max-age=0"),
    ("ETag", "W/\"0-0\""),
    ("Strict-Transport-Security", "max-age=63072000"),
    ("Alt-Svc", "h3=\":443\"; ma=86400"),
    ("Keep-Alive", "timeout=5, max=100"),
    ("CF-RAY", "8a1b2c3d4e5f-FRA"),
    ("X-Empty", ""),
    ("X-Bytes", "caf\u{e9} \u{80}\u{ff}"),
    ("x!#$%&'*+-.^_`|~9", "a name of odd characters"),
    ("Trailer", "X-Checksum"),
    ("Link", "<https://api.example/docs>; rel=\"help\""),
];

#[test]
fn bytes_beyond_ascii_stay_as_they_are() {
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(unlatin(&latin(&bytes)), bytes);
}
