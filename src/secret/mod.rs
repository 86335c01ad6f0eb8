//! Values that must never be shown, and the mask that hides them in every form in which they could appear.
//!
//! Anything that keeps or writes text from a request, an answer or a file asks here first. It leaves out where the
//! values come from (`settings`, `object`).

mod forms;
mod learned;

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

/// The credentials of a run, ready to be found in bytes. Cloning is cheap; what one clone learns later ([`Secrets::learn`]) all
/// of them know.
///
/// A value is found plain, or as a whole in lower or upper case; with any of its characters percent-encoded (either case of the
/// digits), escaped as in JSON or JavaScript (`\u0041`, `\/`, `\x41`), or as in HTML (`&amp;`, `&#65;`, `&#x41;`); and
/// in hexadecimal digits of either case; and in base64, standard or URL-safe, wherever it begins in what was encoded (so
/// inside the `user:password` of Basic too), the base64 itself plain or escaped in these ways. Of base64 the characters that hold bits of a neighbour too
/// are left.
#[derive(Clone, Default)]
pub struct Secrets {
    inner: Arc<Inner>,
    /// Shared by all clones.
    learned: Arc<learned::Learned>,
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
        if value.len() >= SHORTEST {
            Arc::make_mut(&mut self.inner).add(name, value);
        }
    }

    /// Adds a value that is masked like any other and is no credential of anybody: to repeat it gives nothing away.
    pub fn add_unnamed(&mut self, value: &str) {
        self.add("", value);
    }

    /// Whether there is nothing to mask.
    pub fn is_empty(&self) -> bool {
        self.inner.patterns.is_empty() && !self.has_learned()
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

    /// Finds every occurrence, overlapping ones too.
    pub(crate) fn find(&self, bytes: &[u8]) -> Found {
        let mut found = self.inner.find(bytes);
        if let Some(learned) = self.learned.state() {
            found.also(learned.all.find(bytes));
        }
        found
    }

    /// Adds a value that turned out to be a secret while the run goes on, for every clone. What could not be told from other
    /// text, because it is short, is left out.
    pub fn learn(&self, value: &str) {
        self.learned.add(value);
    }

    /// Whether anything was learned.
    pub fn has_learned(&self) -> bool {
        self.learned.state().is_some()
    }

    /// The secrets that were known from the start: all that may be masked in what is still to be read.
    #[must_use]
    pub fn from_the_start(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), learned: Arc::default() }
    }

    /// The secrets that can stand in a report only by a mistake: all but learned ones that may be a word.
    #[must_use]
    pub(crate) fn unmistakable(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), learned: Arc::new(self.learned.sure()) }
    }

    /// Masks in a text that was kept already; where it was cut short (`…`), also the beginning of a learned value.
    pub(crate) fn mask_again(&self, text: &mut String) {
        let mut bytes = std::mem::take(text).into_bytes();
        self.mask(&mut bytes);
        if let Some(learned) = self.learned.state() {
            for at in memchr::memmem::find_iter(&bytes.clone(), "…") {
                learned.mask_end(&mut bytes[..at]);
            }
            learned.mask_end(&mut bytes);
        }
        *text = String::from_utf8_lossy(&bytes).into_owned();
    }

    /// As [`Secrets::mask_again`], in bytes.
    pub(crate) fn mask_again_bytes(&self, bytes: &mut [u8]) {
        self.mask(bytes);
        if let Some(learned) = self.learned.state() {
            learned.mask_end(bytes);
        }
    }
}

impl Inner {
    /// Adds every form of a value.
    fn add(&mut self, name: &str, value: &str) {
        let index = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        for bytes in forms::of(value.as_bytes()) {
            // Many suites may take the same key.
            let is_this = |known: &Arc<Pattern>| known.name == index && known.bytes.expose_secret() == bytes;
            if self.patterns.iter().any(is_this) {
                continue;
            }
            self.has_space |= bytes.contains(&b' ');
            let mut start = [0; SHORTEST];
            start.copy_from_slice(&bytes[..SHORTEST]);
            self.patterns.push(Arc::new(Pattern { bytes: SecretSlice::from(bytes), start, name: index }));
        }
        self.patterns.sort_by_key(|pattern| pattern.start[0]);
        self.starts = (0..=u8::MAX)
            .map(|byte| {
                let before = |pattern: &Arc<Pattern>| pattern.start[0] < byte;
                let up_to = |pattern: &Arc<Pattern>| pattern.start[0] <= byte;
                (self.patterns.partition_point(before), self.patterns.partition_point(up_to))
            })
            .collect();
        self.begins = self.starts.iter().map(|(from, to)| from < to).collect();
    }

    /// Finds every occurrence, overlapping ones too, in one pass.
    fn find(&self, bytes: &[u8]) -> Found {
        let mut found = Found { ranges: Vec::new(), names: Vec::new() };
        let Inner { patterns, starts, begins, has_space, .. } = self;
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

    /// Adds the places of others.
    fn also(&mut self, other: Self) {
        if other.ranges.is_empty() {
            return;
        }
        let mut ranges = std::mem::take(&mut self.ranges);
        ranges.extend(other.ranges);
        ranges.sort_by_key(|range| range.start);
        for range in ranges {
            match self.ranges.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => self.ranges.push(range),
            }
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
