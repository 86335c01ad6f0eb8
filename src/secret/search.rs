//! The search for many values at once, each in all its forms, in one pass over a text.
//!
//! The forms are sorted, so the forms that agree with the text so far are neighbours, and each further byte narrows the range.
//! The cost of a position in the text depends on how far it agrees with some form, and not on how many forms there are.

use std::ops::Range;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretSlice};

use super::forms;

/// How often one comparison may return to read an escape as plain characters.
const TURNS: u32 = 64;

/// How many bytes of a value must have come for its start to be masked at the end of a truncated text.
const LEAST_START: usize = 4;

/// The mark at the end of a truncated text.
const CUT: &[u8] = "…".as_bytes();

/// The forms of values, ready for a search.
#[derive(Clone, Default)]
pub(super) struct Patterns {
    /// In the order in which they were added, each once.
    pub(super) names: Vec<String>,
    /// Sorted by their bytes.
    pub(super) all: Vec<Arc<Pattern>>,
    /// For each first byte, the range of its patterns in `all`. Empty without patterns.
    starts: Vec<(usize, usize)>,
    /// For each pair of first bytes, one bit: whether a pattern begins so. Most positions are skipped by this.
    pairs: Vec<u64>,
    /// Whether a pattern holds a space, which HTML forms write as a plus sign.
    has_space: bool,
}

/// One form of a value.
pub(super) struct Pattern {
    bytes: SecretSlice<u8>,
    /// Index into [`Patterns::names`].
    name: usize,
}

impl Pattern {
    fn bytes(&self) -> &[u8] {
        self.bytes.expose_secret()
    }
}

/// The places where values were found.
#[derive(Default)]
pub(crate) struct Matches {
    /// Sorted; they do not overlap.
    pub(crate) ranges: Vec<Range<usize>>,
    /// Indexes into the names, sorted, each once.
    pub(super) names: Vec<usize>,
}

impl Patterns {
    /// Adds every form of a value.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        let index = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        for bytes in forms::of(value.as_bytes()) {
            let at = self.all.partition_point(|known| (known.bytes(), known.name) < (&bytes[..], index));
            // Several suites may use the same key.
            if self.all.get(at).is_some_and(|known| known.name == index && known.bytes() == bytes) {
                continue;
            }
            self.has_space |= bytes.contains(&b' ');
            self.all.insert(at, Arc::new(Pattern { bytes: SecretSlice::from(bytes), name: index }));
        }
        self.starts = (0..=u8::MAX)
            .map(|byte| {
                let first = |pattern: &Arc<Pattern>| pattern.bytes()[0];
                (
                    self.all.partition_point(|pattern| first(pattern) < byte),
                    self.all.partition_point(|pattern| first(pattern) <= byte),
                )
            })
            .collect();
        self.pairs = vec![0; 1 << 10];
        for pattern in &self.all {
            let (word, bit) = pair(pattern.bytes()[0], pattern.bytes()[1]);
            self.pairs[word] |= bit;
        }
    }

    /// Whether there are no patterns.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Finds every occurrence, overlapping ones too, in one pass. With `cut`, also the start of a value where the text was
    /// truncated: at its end and before `…`.
    pub(super) fn find(&self, bytes: &[u8], cut: bool) -> Matches {
        let mut found = Matches::default();
        if self.is_empty() {
            return found;
        }
        let escaped = memchr::memchr3(b'%', b'\\', b'&', bytes).is_some()
            || (self.has_space && memchr::memchr(b'+', bytes).is_some());
        let mut scan = Scan { patterns: self, bytes, escaped, cut, open: Vec::new() };
        let next = bytes.iter().skip(1).map(Some).chain([None]);
        for ((at, byte), next) in bytes.iter().enumerate().zip(next) {
            if !escaped || (!may_escape(*byte) && next.is_none_or(|next| !may_escape(*next))) {
                let Some(next) = next else { continue };
                let (word, bit) = pair(*byte, *next);
                if self.pairs[word] & bit == 0 {
                    continue;
                }
            }
            scan.from(at, &mut found);
        }
        found
    }

    /// From a range of patterns that agree up to `depth`, those that continue with this byte.
    fn narrow(&self, range: Range<usize>, depth: usize, byte: u8) -> Range<usize> {
        #[cfg(test)]
        STEPS.with(|steps| steps.set(steps.get() + 1));
        if depth == 0 {
            let (from, to) = self.starts[usize::from(byte)];
            return from..to;
        }
        let all = &self.all[range.clone()];
        let at = |pattern: &Arc<Pattern>| pattern.bytes().get(depth).copied();
        // Mostly one pattern is left, or all continue alike.
        let (Some(first), Some(last)) = (all.first().map(at), all.last().map(at)) else { return 0..0 };
        if first == Some(byte) && last == first {
            return range;
        }
        if first == last || last < Some(byte) || first > Some(byte) {
            return 0..0;
        }
        let from = all.partition_point(|pattern| at(pattern) < Some(byte));
        let count = all[from..].partition_point(|pattern| at(pattern) == Some(byte));
        range.start + from..range.start + from + count
    }
}

#[cfg(test)]
thread_local! {
    /// How often a byte narrowed a range of patterns on this thread. It measures the work of a search without a clock.
    pub(super) static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// The bit of a pair of bytes: the index of its word, and its mask.
fn pair(first: u8, second: u8) -> (usize, u64) {
    let place = usize::from(first) << 8 | usize::from(second);
    (place / 64, 1 << (place % 64))
}

/// Whether an escape may begin with this byte.
fn may_escape(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&' | b'+')
}

/// The search from one position on.
struct Scan<'a> {
    patterns: &'a Patterns,
    bytes: &'a [u8],
    escaped: bool,
    cut: bool,
    /// Alternative readings that are still to be followed.
    open: Vec<Reading>,
}

/// One reading of the text from a position on: escapes may be read as plain characters too.
struct Reading {
    /// The end of what was read.
    at: usize,
    /// How many bytes of a value were read.
    depth: usize,
    /// The patterns that begin with them.
    range: Range<usize>,
}

impl Scan<'_> {
    /// Finds the values that begin here. Any character may be escaped in any form.
    fn from(&mut self, start: usize, found: &mut Matches) {
        let mut turns = TURNS;
        self.open.push(Reading { at: start, depth: 0, range: 0..self.patterns.all.len() });
        while let Some(mut reading) = self.open.pop() {
            while let Some(next) = self.step(start, &mut reading, &mut turns, found) {
                reading = next;
            }
        }
    }

    /// Reads one more character.
    fn step(&mut self, start: usize, reading: &mut Reading, turns: &mut u32, found: &mut Matches) -> Option<Reading> {
        let Reading { at, depth, range } = reading;
        let (at, depth) = (*at, *depth);
        // The shortest patterns come first.
        while let Some(pattern) = self.patterns.all[range.clone()].first().filter(|one| one.bytes().len() == depth) {
            found.push(start..at, Some(pattern.name));
            range.start += 1;
        }
        if range.start == range.end {
            return None;
        }
        let rest = &self.bytes[at..];
        if self.cut && depth >= LEAST_START && (rest.is_empty() || rest.starts_with(CUT)) {
            found.push(start..at, None);
        }
        let next = *rest.first()?;
        let plain = self.patterns.narrow(range.clone(), depth, next);
        let plain = Reading { at: at + 1, depth: depth + 1, range: plain };
        if self.escaped
            && may_escape(next)
            && let Some(unit) = forms::unescape(rest)
        {
            let mut escaped = range.clone();
            for (further, byte) in unit.bytes().iter().enumerate() {
                if !escaped.is_empty() {
                    escaped = self.patterns.narrow(escaped, depth + further, *byte);
                }
            }
            let escaped = Reading { at: at + unit.consumed, depth: depth + unit.bytes().len(), range: escaped };
            if plain.range.is_empty() {
                return Some(escaped).filter(|reading| !reading.range.is_empty());
            }
            // Two backslashes may be one that is escaped, or two of the value.
            if !escaped.range.is_empty() && *turns > 0 {
                *turns -= 1;
                self.open.push(escaped);
            }
        }
        Some(plain).filter(|reading| !reading.range.is_empty())
    }
}

impl Matches {
    /// Adds an occurrence. It must not begin before the last one.
    fn push(&mut self, range: Range<usize>, name: Option<usize>) {
        if let Some(name) = name
            && let Err(at) = self.names.binary_search(&name)
        {
            self.names.insert(at, name);
        }
        match self.ranges.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => self.ranges.push(range),
        }
    }

    /// Adds the occurrences of another search.
    pub(super) fn also(&mut self, other: Self) {
        if other.ranges.is_empty() {
            return;
        }
        let mut ranges = std::mem::take(&mut self.ranges);
        ranges.extend(other.ranges);
        ranges.sort_by_key(|range| range.start);
        for range in ranges {
            self.push(range, None);
        }
    }

    /// Overwrites every occurrence with `*`.
    pub(crate) fn overwrite(&self, bytes: &mut [u8]) {
        for range in &self.ranges {
            bytes[range.clone()].fill(b'*');
        }
    }
}
