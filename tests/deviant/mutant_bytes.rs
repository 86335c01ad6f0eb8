//! Heads with any byte changed, added or left out. Whether that breaks anything, and what, is decided by a strict reader of
//! its own, written after RFC 9112 §4 and §5 and nothing else.

use crate::chance::Chance;
use crate::message::Message;
use crate::mutant_heads::status_rules;
use crate::mutants::{Generator, Mutant};

/// What is said of a head that breaks the grammar.
const GRAMMAR: &[&str] = &[
    "status-line-malformed",
    "version-malformed",
    "status-code-malformed",
    "head-leading-space",
    "field-name-malformed",
    "field-value-malformed",
    "field-folded",
    "line-end-bare-lf should",
    "content-length-malformed",
    "cut-in-head",
    // A line end that comes early ends the head, and the rest of it is a body.
    "bodiless-status-with-body",
    "content-length-wrong",
    "body-not-json",
    "media-type-missing",
    // What stands in place of the CR belongs to the value before it.
    "media-type-undocumented",
    "media-type-ambiguous",
];

pub(crate) fn generators() -> Vec<Generator> {
    let all: [(&str, fn(&mut Chance, &Message) -> Option<Mutant>); 3] =
        [("a byte changed", changed), ("a byte added", added), ("a byte left out", left_out)];
    all.into_iter().map(|(name, make)| Generator { family: "any byte of the head", name, make }).collect()
}

fn byte(chance: &mut Chance) -> u8 {
    let likely = b" \t\r\n:;,\0\x0B\x7F\x80\xFF\"()/0149aZ-";
    if chance.once_in(3) { u8::try_from(chance.below(256)).expect("a byte") } else { chance.pick(likely) }
}

fn changed(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut head = answer.head();
    let at = chance.below(head.len());
    head[at] = byte(chance);
    judged_by_grammar(answer, &head)
}

fn added(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut head = answer.head();
    head.insert(chance.below(head.len()), byte(chance));
    judged_by_grammar(answer, &head)
}

fn left_out(chance: &mut Chance, answer: &Message) -> Option<Mutant> {
    let mut head = answer.head();
    head.remove(chance.below(head.len()));
    judged_by_grammar(answer, &head)
}

fn judged_by_grammar(answer: &Message, head: &[u8]) -> Option<Mutant> {
    let rules = match (Strict::read(head), Strict::read(&answer.head())) {
        (_, None) => panic!("the reference breaks the grammar"),
        (None, _) => GRAMMAR,
        (Some(after), Some(before)) => after.rules(&before, answer.body.len())?,
    };
    Mutant::closed([head, &answer.body].concat(), rules)
}

/// What a case needs of a head that keeps the grammar.
struct Strict {
    status: u16,
    media: Option<String>,
    length: Option<String>,
}

impl Strict {
    fn read(head: &[u8]) -> Option<Self> {
        let lines: Vec<&[u8]> = head.strip_suffix(b"\r\n\r\n")?.split(|byte| *byte == b'\n').collect();
        let last = lines.len() - 1;
        let mut lines = lines
            .into_iter()
            .enumerate()
            .map(|(index, line)| if index < last { line.strip_suffix(b"\r") } else { Some(line) });
        let text = |bytes: &[u8]| bytes.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~' | 0x80..));
        let status = match lines.next()?? {
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0' | b'1', b' ', a, b, c, b' ', reason @ ..]
                if [a, b, c].iter().all(|digit| digit.is_ascii_digit()) && text(reason) =>
            {
                [a, b, c].iter().fold(0, |status, digit| status * 10 + u16::from(**digit - b'0'))
            }
            _ => return None,
        };
        let mut strict = Self { status, media: None, length: None };
        for line in lines {
            let line = line?;
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
            if name.is_empty() || !name.iter().all(token) || !text(&line[colon + 1..]) {
                return None;
            }
            let value = || Some(String::from_utf8_lossy(value).to_ascii_lowercase());
            match name.to_ascii_lowercase().as_slice() {
                b"content-type" => strict.media = value(),
                b"content-length" => strict.length = value(),
                _ => {}
            }
        }
        Some(strict)
    }

    /// What must be found of this head; none where it says what the one before said, as far as the case needs it.
    fn rules(&self, before: &Self, body: usize) -> Option<&'static [&'static str]> {
        if self.status != before.status {
            return Some(status_rules(self.status));
        }
        let essence = |media: &Option<String>| media.as_ref().map(|media| media.split(';').next().map(str::to_owned));
        if before.media != self.media && before.status != 204 {
            return match &self.media {
                None => Some(&["media-type-missing"]),
                Some(_) if essence(&self.media) == essence(&before.media) => None,
                Some(_) => Some(&["media-type-undocumented", "media-type-ambiguous"]),
            };
        }
        match &self.length {
            // Then the connection's end tells it, as this one does.
            None => None,
            length if *length == before.length => None,
            Some(length) if length.bytes().all(|byte| byte.is_ascii_digit()) && !length.is_empty() => {
                // Zeros before it change nothing.
                (length.parse() != Ok(body)).then_some(&["content-length-wrong"])
            }
            Some(_) => Some(&["content-length-malformed", "content-length-conflicting"]),
        }
    }
}
