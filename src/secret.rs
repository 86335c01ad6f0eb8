//! Values that must never be shown, and the mask that hides them in every form in which they could appear.
//!
//! Anything that keeps or writes text from a request, an answer or a file asks here first. It leaves out where the
//! values come from (`settings`, `target`).

use std::borrow::Cow;

/// The credentials of a run, ready to be found in bytes: plain, percent-encoded, base64 (each alignment) and
/// JSON-escaped. Cloning is cheap.
#[derive(Clone, Default)]
pub struct Secrets {}

impl Secrets {
    /// No secrets.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a value under the name of the credential it belongs to. An empty value is ignored.
    pub fn add(&mut self, name: &str, value: &str) {
        let _ = (name, value);
        unimplemented!()
    }

    /// Overwrites every occurrence with as many `*`, so that lengths and offsets stay true. Returns the names of the
    /// credentials that were found, each once.
    pub fn mask(&self, bytes: &mut [u8]) -> Vec<String> {
        let _ = bytes;
        unimplemented!()
    }

    /// The text with every occurrence overwritten.
    pub fn mask_str<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let _ = text;
        unimplemented!()
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}
