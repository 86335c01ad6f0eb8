//! The options about what is waited for and how much is read of one answer.

use clap::Args;

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct LimitArguments {
    /// An answer slower than this is reported [default: 2s]
    #[arg(long, value_name = "TIME")]
    pub(crate) slow: Option<String>,
    /// How long bytes are waited for that must not follow an answer without a body [default: 20ms]
    #[arg(long, value_name = "TIME")]
    pub(crate) linger: Option<String>,
    /// The most of a body that is read and judged [default: 1MiB]
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_body: Option<String>,
}

impl LimitArguments {
    /// These, and where they say nothing, those that stood before the command's name.
    pub(crate) fn over(&mut self, before: Self) {
        let Self { slow, linger, max_body } = before;
        for (own, other) in [(&mut self.slow, slow), (&mut self.linger, linger), (&mut self.max_body, max_body)] {
            if own.is_none() {
                *own = other;
            }
        }
    }

    /// Every option, and whether it was given.
    pub(crate) fn given(&self) -> [(&'static str, bool); 3] {
        [("--slow", self.slow.is_some()), ("--linger", self.linger.is_some()), ("--max-body", self.max_body.is_some())]
    }
}
