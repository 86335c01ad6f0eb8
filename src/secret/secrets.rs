//! All secrets of a run, and the masking of them.

use std::borrow::Cow;
use std::sync::Arc;

use super::forms::SHORTEST;
use super::late::LateSecrets;
use super::search::{Matches, Patterns};

/// The secrets of a run, ready to be found in bytes. Cloning is cheap. All clones share the values that are learned later
/// ([`Secrets::learn`]).
///
/// A value is found in these forms:
///
/// - plain, or as a whole in lower or upper case;
/// - with any of its characters percent-encoded (digits in either case), escaped as in JSON or JavaScript (`\u0041`, `\/`,
///   `\x41`), or escaped as in HTML (`&amp;`, `&#65;`, `&#x41;`);
/// - in hexadecimal digits of either case;
/// - in base64, standard or URL-safe, at any offset of the encoded text (so also inside the `user:password` of Basic), plain
///   or escaped as above. Characters that also hold bits of a neighbour are not masked.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Known before the run.
    pub(super) given: Arc<Patterns>,
    /// Masked late; shared by all clones.
    late: Arc<LateSecrets>,
}

impl Secrets {
    /// No secrets.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a value under the name of its credential. A value shorter than [`SHORTEST`] is ignored.
    pub fn add(&mut self, name: &str, value: &str) {
        if value.len() >= SHORTEST {
            Arc::make_mut(&mut self.given).add(name, value);
        }
    }

    /// Adds a value that is masked like any other and is no credential: a response that repeats it is no defect.
    pub fn add_unnamed(&mut self, value: &str) {
        self.add("", value);
    }

    /// Whether there is nothing to mask.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty() && !self.has_learned()
    }

    /// Overwrites every occurrence with as many `*`, so that lengths and offsets do not change. Returns the names of the
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

    /// The names of the credentials that were found.
    pub(crate) fn names(&self, found: &Matches) -> Vec<String> {
        found.names.iter().map(|index| self.given.names[*index].clone()).filter(|name| !name.is_empty()).collect()
    }

    /// Finds every occurrence, overlapping ones too.
    pub(crate) fn find(&self, bytes: &[u8]) -> Matches {
        self.search(bytes, false)
    }

    /// Like [`Secrets::find`]. With `cut`, where a text was truncated, the start of a value that is masked late is found too.
    fn search(&self, bytes: &[u8], cut: bool) -> Matches {
        let mut found = self.given.find(bytes, false);
        if let Some(late) = self.late.known() {
            found.also(late.all.find(bytes, cut));
        }
        found
    }

    /// Adds a value that became known during the run, such as the token of a login, for every clone. A value that is too
    /// short to be distinguished from other text is ignored.
    pub fn learn(&self, value: &str) {
        self.late.learn(value);
    }

    /// Adds a value that is masked in everything that is stored or written, but not where responses are read: a response is
    /// judged as it came. A value shorter than [`SHORTEST`] is ignored.
    ///
    /// `expected` says that every report may hold the value, because it is a name or the target. It is then masked in
    /// quotations, and is no error where a report is scanned.
    pub fn mask_late(&self, value: &str, expected: bool) {
        self.late.mask_late(value, expected);
        // Files end in a line break, and a server may leave it out.
        self.late.mask_late(value.trim(), expected);
    }

    /// Whether there are values that are masked late.
    pub fn has_learned(&self) -> bool {
        self.late.known().is_some()
    }

    /// How many secrets are masked late so far. The number only grows.
    pub(crate) fn count_late(&self) -> usize {
        self.late.known().map_or(0, |state| state.count())
    }

    /// The secrets that were known before the run.
    #[must_use]
    pub fn from_the_start(&self) -> Self {
        Self { given: Arc::clone(&self.given), late: Arc::default() }
    }

    /// The secrets that a report holds only by mistake: all but late ones that may be an ordinary word.
    #[must_use]
    pub(crate) fn unmistakable(&self) -> Self {
        Self { given: Arc::clone(&self.given), late: Arc::new(self.late.sure()) }
    }

    /// Masks in a text that was stored already. Where the text was truncated (`…`), the start of a value is masked too.
    pub fn mask_again(&self, text: &mut String) {
        let found = self.search(text.as_bytes(), true);
        if !found.ranges.is_empty() {
            let mut bytes = std::mem::take(text).into_bytes();
            found.overwrite(&mut bytes);
            *text = String::from_utf8_lossy(&bytes).into_owned();
        }
    }

    /// Like [`Secrets::mask_again`], for bytes.
    pub(crate) fn mask_again_bytes(&self, bytes: &mut [u8]) {
        self.search(bytes, true).overwrite(bytes);
    }

    /// Masks in an id or the name of a user. A part that may be no secret, such as four digits of an id, is not masked: the
    /// id is needed to find an object that was left behind.
    pub(crate) fn mask_id<'a>(&self, id: &'a str) -> Cow<'a, str> {
        let is_whole = |found: &Matches| matches!(&found.ranges[..], [range] if range.len() == id.len());
        if is_whole(&self.find(id.as_bytes())) {
            Cow::Owned("*".repeat(id.len()))
        } else {
            self.unmistakable().mask_str(id)
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}
