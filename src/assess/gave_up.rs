//! Why an answer could not be judged to the end, if it could not.

use crate::spec::TooMuch;

/// The first reason why something was not judged. Later reasons are dropped: the first says enough.
#[derive(Debug, Default)]
pub(super) struct GaveUp(pub(super) Option<String>);

impl GaveUp {
    /// Keeps a reason, unless there is one already.
    pub(super) fn because(&mut self, reason: impl Into<String>) {
        self.0.get_or_insert_with(|| reason.into());
    }

    /// The result of a judgement by a schema. If the judgement was given up, the result is empty and the reason is kept.
    pub(super) fn result<T: Default>(&mut self, judged: Result<T, TooMuch>) -> T {
        judged.unwrap_or_else(|too_much| {
            self.because(too_much.to_string());
            T::default()
        })
    }
}
