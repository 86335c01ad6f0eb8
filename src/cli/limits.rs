//! The options about what is waited for and how much is read of one answer.

use clap::Args;

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct LimitArguments {
    /// The longest the first byte of an answer is waited for [default: 10s, or a third of --timeout if that is longer]
    #[arg(long, value_name = "TIME")]
    pub(crate) first_byte: Option<String>,
    /// The longest one byte is waited for after another [default: 5s, or a sixth of --timeout if that is longer]
    #[arg(long, value_name = "TIME")]
    pub(crate) idle: Option<String>,
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
        let Self { first_byte, idle, slow, linger, max_body } = before;
        let pairs = [
            (&mut self.first_byte, first_byte),
            (&mut self.idle, idle),
            (&mut self.slow, slow),
            (&mut self.linger, linger),
            (&mut self.max_body, max_body),
        ];
        for (own, other) in pairs {
            if own.is_none() {
                *own = other;
            }
        }
    }

    /// Every option, and whether it was given.
    pub(crate) fn given(&self) -> [(&'static str, bool); 5] {
        [
            ("--first-byte", self.first_byte.is_some()),
            ("--idle", self.idle.is_some()),
            ("--slow", self.slow.is_some()),
            ("--linger", self.linger.is_some()),
            ("--max-body", self.max_body.is_some()),
        ]
    }
}
