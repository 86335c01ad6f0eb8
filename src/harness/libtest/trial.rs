//! A test that was made at run time, and what became of it.

/// A test: its name, whether it is left out unless asked for, and how it runs.
pub(crate) struct Trial {
    pub(super) name: String,
    pub(super) ignored: bool,
    pub(super) run: Box<dyn FnOnce() -> Result<Completion, Failed> + Send>,
}

/// A test that did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// It passed.
    Completed,
    /// It was not run, for a reason that was found only then.
    Ignored { reason: String },
}

/// Why a test failed, as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) message: String,
}

impl Trial {
    pub(crate) fn new(name: String, run: impl FnOnce() -> Result<Completion, Failed> + Send + 'static) -> Self {
        Self { name, ignored: false, run: Box::new(run) }
    }

    /// The same test, to be run only with `--ignored` or `--include-ignored` if `ignored` is set.
    pub(crate) fn with_ignored_flag(self, ignored: bool) -> Self {
        Self { ignored, ..self }
    }
}
