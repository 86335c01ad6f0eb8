//! A text as a tree of values, each with its place: the one way in which YAML and JSON files are read.
//!
//! Documents and suites are decoded from this tree by hand, so that every error can say where; JSON bodies are read by
//! [`json`] too, because `serde_json::Value` loses duplicate keys and digits. It leaves out what the values mean.

mod beginning;
mod digits;
pub mod json;
mod measure;
mod scalar;
mod tab;
pub mod yaml;

use crate::location::{Place, Source, Span};

pub use beginning::Beginning;
pub use digits::Digits;

/// How many values a text may hold in all: each costs some hundred bytes until it is decoded, however few it is written
/// with. Large documents have one in 30 bytes or more, and without white space one in 20.
pub(crate) fn most_values(text: &str) -> usize {
    const ANY: usize = 150_000;
    const BYTES: usize = 32;
    const DENSE: usize = 17;
    (ANY + text.len() / BYTES).max(text.len() / DENSE)
}

/// What is said of a text with more.
fn too_many(most: usize) -> (String, &'static str) {
    (format!("the file holds more than {most} values"), "Split it, or leave out what is not needed here.")
}

/// A file, read into a tree.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The file that was read.
    pub source: Source,
    /// Its one top-level value.
    pub root: Node,
}

impl Tree {
    /// The place of a node of this tree.
    pub fn place(&self, node: &Node) -> Place {
        self.source.place(node.span)
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its bytes in the source; of an alias, the bytes of what it refers to.
    pub span: Span,
}

/// A value as written; numbers keep their digits.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// A sequence or array.
    Sequence(Vec<Node>),
    /// A mapping or object, in the order of the file.
    Mapping(Entries),
}

/// The entries of a mapping, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    all: Box<[Entry]>,
    /// Of many entries their indexes, sorted by key, so that each is found in a few steps.
    sorted: Option<Box<[u32]>>,
}

/// So many entries are looked through one by one.
const FEW_ENTRIES: usize = 16;

impl Entries {
    /// The entry of a key; of several the last, as most readers take it.
    fn find(&self, key: &str) -> Option<&Entry> {
        let Some(sorted) = &self.sorted else { return self.all.iter().rfind(|entry| entry.key == key) };
        let index = |at: usize| sorted[at] as usize;
        let behind = sorted.partition_point(|at| self.all[*at as usize].key.as_str() <= key);
        let entry = &self.all[index(behind.checked_sub(1)?)];
        (entry.key == key).then_some(entry)
    }
}

impl Entries {
    /// The indexes of every key that stands more than once, in the order of the file: of the first, and of another.
    fn doubles(&self) -> Vec<(usize, usize)> {
        let mut doubles = Vec::new();
        if let Some(sorted) = &self.sorted {
            for same in sorted.chunk_by(|a, b| self.all[*a as usize].key == self.all[*b as usize].key) {
                doubles.extend(same[1..].iter().map(|again| (same[0] as usize, *again as usize)));
            }
            doubles.sort_by_key(|(_, again)| *again);
            return doubles;
        }
        for (index, entry) in self.all.iter().enumerate() {
            let first = self.all[..index].iter().position(|earlier| earlier.key == entry.key);
            doubles.extend(first.map(|first| (first, index)));
        }
        doubles
    }
}

impl From<Vec<Entry>> for Entries {
    fn from(all: Vec<Entry>) -> Self {
        let all = all.into_boxed_slice();
        let count = u32::try_from(all.len()).ok().filter(|count| *count as usize > FEW_ENTRIES);
        let sorted = count.map(|count| {
            let mut sorted: Vec<u32> = (0..count).collect();
            // Equal keys stay in the order of the file.
            sorted.sort_by(|a, b| all[*a as usize].key.cmp(&all[*b as usize].key));
            sorted.into_boxed_slice()
        });
        Self { all, sorted }
    }
}

impl FromIterator<Entry> for Entries {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        entries.into_iter().collect::<Vec<_>>().into()
    }
}

impl<'a> IntoIterator for &'a Entries {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.iter()
    }
}

impl std::ops::Deref for Entries {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.all
    }
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key as text: `204` and `'204'` are the same key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// A number as written in JSON's grammar (YAML's further forms, such as `0x1F`, are turned into it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(pub Digits);

impl Node {
    /// The entries, if this is a mapping.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items, if this is a sequence.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// Whether this is a mapping or a sequence with nothing in it.
    pub fn is_empty(&self) -> bool {
        self.entries().is_some_and(<[_]>::is_empty) || self.items().is_some_and(<[_]>::is_empty)
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The entry of a key, if this is a mapping that has it; of several the last, as most readers take it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Mapping(entries) => entries.find(key),
            _ => None,
        }
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The node at a JSON pointer's segments.
    pub fn at<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Option<&Self> {
        segments.into_iter().try_fold(self, |node, segment| match &node.value {
            Value::Mapping(_) => node.get(segment),
            Value::Sequence(items) => items.get(segment.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The name of the type, with its article, for messages: `a mapping`, `a string` …
    pub const fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Sequence(_) => "a sequence",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// About how many bytes the value takes with all below it.
    pub(crate) fn weight(&self) -> usize {
        measure::measure(self).weight
    }

    /// A value that `serde_json` has, as one that stands nowhere.
    pub fn from_json(value: &serde_json::Value) -> Self {
        let value = match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(*value),
            serde_json::Value::Number(number) => Value::Number(Number(number.to_string().into())),
            serde_json::Value::String(text) => Value::String(text.clone()),
            serde_json::Value::Array(items) => Value::Sequence(items.iter().map(Self::from_json).collect()),
            serde_json::Value::Object(members) => {
                let entry = |(key, value): (&String, &serde_json::Value)| Entry {
                    key: key.clone(),
                    key_span: Span::default(),
                    value: Self::from_json(value),
                };
                Value::Mapping(members.iter().map(entry).collect())
            }
        };
        Self { value, span: Span::default() }
    }

    /// The value as `serde_json` has it. Of duplicate keys the last stays; digits beyond a double are lost.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(number) => number.to_json(),
            Value::String(text) => text.as_str().into(),
            Value::Sequence(items) => items.iter().map(Self::to_json).collect(),
            Value::Mapping(entries) => serde_json::Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect(),
            ),
        }
    }
}

impl Number {
    /// As `serde_json` has it: an integer where it fits 64 bits, else a double; the largest one for what is larger still.
    pub fn to_json(&self) -> serde_json::Value {
        let beyond = if self.0.starts_with('-') { f64::MIN } else { f64::MAX };
        serde_json::from_str(&self.0).unwrap_or_else(|_| beyond.into())
    }

    /// Whether [`Number::to_json`] is the same number.
    pub fn is_kept(&self) -> bool {
        !self.to_json().is_f64() || json::is_kept(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_found_among_few_and_many_and_of_several_the_last() {
        for count in [0, 1, FEW_ENTRIES, FEW_ENTRIES + 1, 100] {
            // Every third key stands a second time, and the keys come in no order.
            let numbers = (0..count).map(|i| i * 7 % 101).chain((0..count).step_by(3).map(|i| i * 7 % 101));
            let entries: Entries = numbers
                .enumerate()
                .map(|(at, number)| Entry {
                    key: format!("k{number}"),
                    key_span: Span::new(at, at),
                    value: Node { value: Value::Null, span: Span::default() },
                })
                .collect();
            for number in 0..102 {
                let key = format!("k{number}");
                let last = entries.iter().rfind(|entry| entry.key == key).map(|entry| entry.key_span.start);
                assert_eq!(entries.find(&key).map(|entry| entry.key_span.start), last, "{key} of {count}");
            }
            let doubles: Vec<(usize, usize)> =
                (0..count).step_by(3).enumerate().map(|(index, first)| (first, count + index)).collect();
            assert_eq!(entries.doubles(), doubles, "{count}");
        }
    }
}
