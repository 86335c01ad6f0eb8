//! What a build without the feature `progress` has instead of a bar: no terminal is wide enough for one, so plain lines
//! tell how far a run is.

/// No bar fits.
pub(super) const fn width() -> u16 {
    0
}

/// It shows nothing.
pub(super) struct Bar;

impl Bar {
    pub(super) const fn on_stderr() -> Self {
        Self
    }

    #[cfg(test)]
    pub(super) const fn hidden() -> Self {
        Self
    }

    #[allow(clippy::unused_self, reason = "a bar is shown so")]
    pub(super) fn show(&self, _all: usize, _ended: usize, _text: String) {}

    #[allow(clippy::unused_self, reason = "a bar is suspended so")]
    pub(super) fn suspend(&self, write: &mut dyn FnMut()) {
        write();
    }

    #[allow(clippy::unused_self, reason = "a bar is cleared so")]
    pub(super) const fn clear(self) {}
}
