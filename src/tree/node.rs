//! The tree: values with their places.

use super::digits::Digits;
use super::double;
use crate::location::{Place, Source, Span};

/// A file that was read into a tree.
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

/// A value and its place in the source.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its bytes in the source. The span of an alias is that of the value which it repeats.
    pub span: Span,
}

/// A value as written. Numbers keep their digits.
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
    /// The indexes of the entries, sorted by key; absent where there are few entries.
    sorted: Option<Box<[u32]>>,
}

/// Up to this many entries are searched one by one.
const FEW_ENTRIES: usize = 16;

/// What a value takes beside its text, in bytes: about its size in memory.
const NODE_WEIGHT: usize = 64;

/// The size of a value with everything in it.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// About how many bytes of memory it takes.
    pub(super) weight: usize,
    /// How many collections deep it is.
    pub(super) height: usize,
    /// How many values it holds, itself included.
    pub(super) count: usize,
}

impl Entries {
    /// The entry of a key. Where the key stands more than once, the last entry counts, as for most readers.
    fn find(&self, key: &str) -> Option<&Entry> {
        let Some(sorted) = &self.sorted else { return self.all.iter().rfind(|entry| entry.key == key) };
        let index = |at: usize| sorted[at] as usize;
        let behind = sorted.partition_point(|at| self.all[*at as usize].key.as_str() <= key);
        let entry = &self.all[index(behind.checked_sub(1)?)];
        (entry.key == key).then_some(entry)
    }

    /// Every repetition of a key, in the order of the file: the index of the key's first entry, and that of the repetition.
    pub(super) fn doubles(&self) -> Vec<(usize, usize)> {
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

/// A number as written, in JSON's grammar. YAML's further forms, such as `0x1F`, are converted to it.
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

    /// The entry of a key, if this is a mapping that has it. Where the key stands more than once, the last entry counts.
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

    /// About how many bytes of memory the value takes, with everything in it.
    pub(crate) fn weight(&self) -> usize {
        self.size().weight
    }

    /// How much memory the value takes, how deep it is and how many values it holds.
    pub(super) fn size(&self) -> Size {
        let leaf = |text: usize| Size { weight: NODE_WEIGHT + text, height: 0, count: 1 };
        let around = |all: Size, (key, one): (usize, Size)| Size {
            weight: all.weight + one.weight + key,
            height: all.height.max(one.height + 1),
            count: all.count + one.count,
        };
        let empty = Size { height: 1, ..leaf(0) };
        match &self.value {
            Value::Null | Value::Bool(_) => leaf(0),
            Value::Number(number) => leaf(number.0.len()),
            Value::String(text) => leaf(text.len()),
            Value::Sequence(items) => items.iter().map(|item| (0, item.size())).fold(empty, around),
            Value::Mapping(entries) => {
                entries.iter().map(|entry| (entry.key.len(), entry.value.size())).fold(empty, around)
            }
        }
    }

    /// A node for a value of `serde_json`. Its spans are empty.
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

    /// The value for `serde_json`. Of duplicate keys the last stays; digits that a double cannot keep are lost.
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
    /// The number for `serde_json`: an integer if it fits 64 bits, else the nearest double. A number beyond the range of a
    /// double becomes the largest double.
    pub fn to_json(&self) -> serde_json::Value {
        let beyond = if self.0.starts_with('-') { f64::MIN } else { f64::MAX };
        serde_json::from_str(&self.0).unwrap_or_else(|_| beyond.into())
    }

    /// Whether [`Number::to_json`] gives the same number.
    pub fn is_kept(&self) -> bool {
        !self.to_json().is_f64() || double::is_kept(&self.0)
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
