//! Generated deviations: a sound answer of the reference, broken in one way by chance.
//!
//! A break that is harmless must not be made. That is known so: what is done to a head is always against the grammar of
//! RFC 9112, or takes away or changes something that the case needs; what a generator could do without harm (another
//! reason phrase, a field that nobody needs, white space around a value, a length with zeros before it) it does not do.
//! What is done to the bytes of a body is held against another JSON reader (`serde_json`): if that reads the same value
//! as before, or one that has only more properties, the break is thrown away and another one is made.

use crate::chance::Chance;
use crate::judged::Left;
use crate::message::{Message, latin, unlatin};
use crate::{mutant_bodies, mutant_heads};

/// A broken answer.
pub(crate) struct Mutant {
    pub(crate) bytes: Vec<u8>,
    pub(crate) left: Left,
    /// The rules of the right family: at least one must be found, and nothing of level `must` beside.
    pub(crate) rules: &'static [&'static str],
}

/// Breaks answers in one way.
pub(crate) struct Generator {
    pub(crate) family: &'static str,
    pub(crate) name: &'static str,
    /// None where this answer cannot be broken so, or what chance made of it is harmless.
    pub(crate) make: fn(&mut Chance, &Message) -> Option<Mutant>,
}

pub(crate) fn generators() -> Vec<Generator> {
    let mut all = mutant_heads::generators();
    all.extend(mutant_bodies::generators());
    all
}

impl Generator {
    /// So many mutants of an answer, or none if it cannot be broken so.
    pub(crate) fn some(&self, chance: &mut Chance, answer: &Message, count: usize) -> Vec<Mutant> {
        // Chance makes something harmless, or nothing, at most a few times in a row.
        let made: Vec<Mutant> = (0..count * 50).filter_map(|_| (self.make)(chance, answer)).take(count).collect();
        assert!(made.is_empty() || made.len() == count, "{} mostly breaks nothing", self.name);
        made
    }
}

impl Mutant {
    pub(crate) fn closed(bytes: Vec<u8>, rules: &'static [&'static str]) -> Option<Self> {
        Some(Self { bytes, left: Left::Closed, rules })
    }
}

/// A head in lines, without their ends, and the body.
#[derive(Clone)]
pub(crate) struct Lines {
    pub(crate) lines: Vec<String>,
    pub(crate) ends: Vec<&'static str>,
    pub(crate) body: Vec<u8>,
}

impl Lines {
    pub(crate) fn of(answer: &Message) -> Self {
        let head = latin(&answer.head());
        let lines: Vec<String> = head.trim_end_matches("\r\n").split("\r\n").map(str::to_owned).collect();
        // The last one ends the head.
        let lines: Vec<String> = lines.into_iter().chain([String::new()]).collect();
        Self { ends: vec!["\r\n"; lines.len()], lines, body: answer.body.clone() }
    }

    /// The index of one of the field lines.
    pub(crate) fn field(&self, chance: &mut Chance) -> usize {
        chance.between(1, self.lines.len() - 1)
    }

    /// The index of the line of a field.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.lines.iter().position(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let head: String = self.lines.iter().zip(&self.ends).map(|(line, end)| format!("{line}{end}")).collect();
        let mut bytes = unlatin(&head);
        bytes.extend_from_slice(&self.body);
        bytes
    }
}
