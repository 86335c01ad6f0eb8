//! Colour for a terminal, or none.

use std::borrow::Cow;

/// Paints, or leaves text as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    /// All is well.
    pub(super) fn good(self, text: &str) -> Cow<'_, str> {
        self.ink("32", text)
    }

    /// Something is wrong.
    pub(super) fn bad(self, text: &str) -> Cow<'_, str> {
        self.ink("1;31", text)
    }

    /// Worth a look.
    pub(super) fn warn(self, text: &str) -> Cow<'_, str> {
        self.ink("33", text)
    }

    /// A heading or a name.
    pub(super) fn strong(self, text: &str) -> Cow<'_, str> {
        self.ink("1", text)
    }

    /// Beside the point.
    pub(super) fn faint(self, text: &str) -> Cow<'_, str> {
        self.ink("2", text)
    }

    /// Where something stands.
    pub(super) fn place(self, text: &str) -> Cow<'_, str> {
        self.ink("36", text)
    }

    fn ink<'a>(self, code: &str, text: &'a str) -> Cow<'a, str> {
        if self.0 && !text.is_empty() { Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m")) } else { Cow::Borrowed(text) }
    }
}
