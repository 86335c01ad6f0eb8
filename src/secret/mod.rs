//! Values that must never be shown, and the mask that hides them in every form in which they could appear.
//!
//! Anything that keeps or writes text from a request, an answer or a file asks here first. It leaves out where the
//! values come from (`settings`, `object`).

#[cfg(test)]
mod cost;
mod forms;
mod learned;
mod search;
mod told;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

pub(crate) use search::Found;
use search::Patterns;
pub use told::{logins, logins_of_url, says_secret};

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
    inner: Arc<Patterns>,
    /// Shared by all clones.
    learned: Arc<learned::Learned>,
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
        self.inner.is_empty() && !self.has_learned()
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
        self.search(bytes, false)
    }

    /// As [`Secrets::find`]; with `cut` also, where a text was cut short, the beginning of a value that is masked late.
    fn search(&self, bytes: &[u8], cut: bool) -> Found {
        let mut found = self.inner.find(bytes, false);
        if let Some(learned) = self.learned.state() {
            found.also(learned.all.find(bytes, cut));
        }
        found
    }

    /// Adds a value that turned out to be a secret while the run goes on, for every clone. What could not be told from other
    /// text, because it is short, is left out.
    pub fn learn(&self, value: &str) {
        self.learned.learn(value);
    }

    /// Adds a value that is masked in all that is kept or written, and not where answers are read: an answer is judged as it
    /// came, whatever the value is. A value shorter than [`SHORTEST`] is ignored.
    ///
    /// One that `stands` in what every report says by right (a name, the target) is masked in what is quoted there, and is no
    /// sign of a defect where a report is scanned.
    pub fn keep_back(&self, value: &str, stands: bool) {
        self.learned.keep_back(value, stands);
        // Files end in a line break, and a server may leave it out.
        self.learned.keep_back(value.trim(), stands);
    }

    /// Whether anything is masked in what was kept already.
    pub fn has_learned(&self) -> bool {
        self.learned.state().is_some()
    }

    /// How many secrets are masked late so far. The number only grows.
    pub(crate) fn count_late(&self) -> usize {
        self.learned.state().map_or(0, |state| state.count())
    }

    /// The secrets that may be masked in what is still to be read.
    #[must_use]
    pub fn from_the_start(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), learned: Arc::default() }
    }

    /// The secrets that can stand in a report only by a mistake: all but those masked late that may be a word.
    #[must_use]
    pub(crate) fn unmistakable(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), learned: Arc::new(self.learned.sure()) }
    }

    /// Masks in a text that was kept already; where it was cut short (`…`), also the beginning of a value.
    pub fn mask_again(&self, text: &mut String) {
        let found = self.search(text.as_bytes(), true);
        if !found.ranges.is_empty() {
            let mut bytes = std::mem::take(text).into_bytes();
            found.overwrite(&mut bytes);
            *text = String::from_utf8_lossy(&bytes).into_owned();
        }
    }

    /// As [`Secrets::mask_again`], in bytes.
    pub(crate) fn mask_again_bytes(&self, bytes: &mut [u8]) {
        self.search(bytes, true).overwrite(bytes);
    }

    /// Masks in an id or a user's name. A part that only may be a secret, such as four digits of an id, is left: by the id
    /// somebody has to find what is left behind.
    pub(crate) fn mask_id<'a>(&self, id: &'a str) -> Cow<'a, str> {
        let is_whole = |found: &Found| matches!(&found.ranges[..], [range] if range.len() == id.len());
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
