//! The bar on a terminal.

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The width of the terminal that stderr is; 0 where it cannot be known.
pub(super) fn width() -> u16 {
    Term::stderr().size_checked().map_or(0, |(_, columns)| columns)
}

/// A bar that is shown.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn on_stderr() -> Self {
        Self::on(ProgressDrawTarget::stderr())
    }

    #[cfg(test)]
    pub(super) fn hidden() -> Self {
        Self::on(ProgressDrawTarget::hidden())
    }

    fn on(target: ProgressDrawTarget) -> Self {
        let style =
            ProgressStyle::with_template("{bar:20} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(ProgressBar::with_draw_target(None, target).with_style(style.progress_chars("##-")))
    }

    pub(super) fn show(&self, all: usize, ended: usize, text: String) {
        self.0.set_length(all as u64);
        self.0.set_position(ended as u64);
        self.0.set_message(text);
    }

    /// Writes without the bar in the text.
    pub(super) fn suspend(&self, write: &mut dyn FnMut()) {
        self.0.suspend(write);
    }

    pub(super) fn clear(self) {
        self.0.finish_and_clear();
    }
}
