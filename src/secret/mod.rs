//! Values that must never be shown, and the mask that hides them in every form in which they could appear.
//!
//! Anything that keeps or writes text from a request, an answer or a file asks here first. It leaves out where the
//! values come from (`settings`, `object`).

mod forms;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretSlice};

/// Values shorter than this, in bytes, are not masked: they stand in too many texts that have nothing to do with them,
/// and hiding them would change what is judged. Credentials under 8 characters are refused anyway, unless the target is
/// this very host.
pub const SHORTEST: usize = 4;

/// The credentials of a run, ready to be found in bytes. Cloning is cheap.
///
/// A value is found plain, or as a whole in lower or upper case; with any of its characters percent-encoded (either case of the
/// digits), escaped as in JSON or JavaScript (`\u0041`, `\/`, `\x41`), or as in HTML (`&amp;`, `&#65;`, `&#x41;`); and
/// in hexadecimal digits of either case; and in base64, standard or URL-safe, wherever it begins in what was encoded (so
/// inside the `user:password` of Basic too), the base64 itself plain or escaped in these ways. Of base64 the characters that hold bits of a neighbour too
/// are left.
#[derive(Clone, Default)]
pub struct Secrets {
    inner: Arc<Inner>,
}

#[derive(Clone, Default)]
struct Inner {
    /// In the order in which they were added, each once.
    names: Vec<String>,
    /// Sorted by their first byte.
    patterns: Vec<Arc<Pattern>>,
    /// By first byte: where its patterns begin in `patterns`, and one past their end. Empty without patterns.
    starts: Vec<(usize, usize)>,
    /// By first byte: whether it begins a pattern, in so little memory that it stays at hand.
    begins: Vec<bool>,
    /// Whether a pattern holds a space, for which forms have a plus sign.
    has_space: bool,
}

/// One form of a value.
struct Pattern {
    bytes: SecretSlice<u8>,
    /// Its first bytes, so that most places are passed by without a call.
    start: [u8; SHORTEST],
    /// Index into [`Inner::names`].
    name: usize,
}

/// Where values were found.
pub(crate) struct Found {
    /// Sorted; they do not overlap.
    pub(crate) ranges: Vec<Range<usize>>,
    /// Indexes into the names, sorted, each once.
    names: Vec<usize>,
}

impl Secrets {
    /// No secrets.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a value under the name of the credential it belongs to. A value shorter than [`SHORTEST`] is ignored.
    pub fn add(&mut self, name: &str, value: &str) {
        if value.len() < SHORTEST {
            return;
        }
        let inner = Arc::make_mut(&mut self.inner);
        let index = inner.names.iter().position(|known| known == name).unwrap_or_else(|| {
            inner.names.push(name.to_owned());
            inner.names.len() - 1
        });
        for bytes in forms::of(value.as_bytes()) {
            // Many suites may take the same key.
            let is_this = |known: &Arc<Pattern>| known.name == index && known.bytes.expose_secret() == bytes;
            if inner.patterns.iter().any(is_this) {
                continue;
            }
            inner.has_space |= bytes.contains(&b' ');
            let mut start = [0; SHORTEST];
            start.copy_from_slice(&bytes[..SHORTEST]);
            inner.patterns.push(Arc::new(Pattern { bytes: SecretSlice::from(bytes), start, name: index }));
        }
        inner.patterns.sort_by_key(|pattern| pattern.start[0]);
        inner.starts = (0..=u8::MAX)
            .map(|byte| {
                let before = |pattern: &Arc<Pattern>| pattern.start[0] < byte;
                let up_to = |pattern: &Arc<Pattern>| pattern.start[0] <= byte;
                (inner.patterns.partition_point(before), inner.patterns.partition_point(up_to))
            })
            .collect();
        inner.begins = inner.starts.iter().map(|(from, to)| from < to).collect();
    }

    /// Adds a value that is masked like any other and is no credential of anybody: to repeat it gives nothing away.
    pub fn add_unnamed(&mut self, value: &str) {
        self.add("", value);
    }

    /// Whether there is nothing to mask.
    pub fn is_empty(&self) -> bool {
        self.inner.patterns.is_empty()
    }

    /// Overwrites every occurrence with as many `*`, so that lengths and offsets stay true. Returns the names of the
    /// credentials that were found, each once, in the order in which they were added.
    pub fn mask(&self, bytes: &mut [u8]) -> Vec<String> {
        let found = self.find(bytes);
        found.overwrite(bytes);
        self.names(&found)
    }

    /// The text with every occurrence overwritten.
    pub fn mask_str<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let found = self.find(text.as_bytes());
        if found.ranges.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut bytes = text.as_bytes().to_vec();
        found.overwrite(&mut bytes);
        Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The names of what was found.
    pub(crate) fn names(&self, found: &Found) -> Vec<String> {
        found.names.iter().map(|index| self.inner.names[*index].clone()).filter(|name| !name.is_empty()).collect()
    }

    /// Finds every occurrence, overlapping ones too, in one pass.
    pub(crate) fn find(&self, bytes: &[u8]) -> Found {
        let mut found = Found { ranges: Vec::new(), names: Vec::new() };
        let Inner { patterns, starts, begins, has_space, .. } = &*self.inner;
        if patterns.is_empty() {
            return found;
        }
        let escaped = memchr::memchr3(b'%', b'\\', b'&', bytes).is_some()
            || (*has_space && memchr::memchr(b'+', bytes).is_some());
        for (at, byte) in bytes.iter().enumerate() {
            let escape = escaped && matches!(byte, b'%' | b'\\' | b'&' | b'+');
            if !begins[usize::from(*byte)] && !escape {
                continue;
            }
            let rest = &bytes[at..];
            let (from, to) = starts[usize::from(*byte)];
            for pattern in &patterns[from..to] {
                if rest.first_chunk() == Some(&pattern.start) && rest.starts_with(pattern.bytes.expose_secret()) {
                    found.push(at..at + pattern.bytes.expose_secret().len(), pattern.name);
                }
            }
            if !escaped {
                continue;
            }
            for pattern in if escape { &patterns[..] } else { &patterns[from..to] } {
                if let Some(length) = forms::escaped_length(rest, pattern.bytes.expose_secret()) {
                    found.push(at..at + length, pattern.name);
                }
            }
        }
        found
    }
}

impl Found {
    /// Adds an occurrence that begins no earlier than those before it.
    fn push(&mut self, range: Range<usize>, name: usize) {
        if let Err(at) = self.names.binary_search(&name) {
            self.names.insert(at, name);
        }
        match self.ranges.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => self.ranges.push(range),
        }
    }

    pub(crate) fn overwrite(&self, bytes: &mut [u8]) {
        for range in &self.ranges {
            bytes[range.clone()].fill(b'*');
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}
