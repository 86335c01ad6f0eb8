//! What was tried before the first case: that a server answers, that it is this API, and that it accepts the credentials.

/// The name of the check that the API itself answers. It is tried whichever cases are selected.
pub const API: &str = "API";

/// Why something could not be judged.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// What is wrong, one sentence without a full stop; it names who answered if something did.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// What: `resolve`, `connect`, `TLS`, `API`, or a credential's name.
    pub what: String,
    /// How it stands.
    pub status: CheckStatus,
    /// What was found, one sentence without a full stop that says by itself what it is about.
    pub found: String,
    /// What to do.
    pub help: Option<String>,
    /// Whether a run rests on it although it was not verified: the target does not know the call, or the suite does not say
    /// how to try it.
    pub unverified: bool,
}

/// How something stands that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    /// As it should be.
    Good,
    /// Not as it should be, and no reason not to begin.
    Noted,
    /// So that no case could be judged.
    Wrong,
    /// It was not tried.
    Untried,
}

impl CheckStatus {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Noted => "note",
            Self::Wrong => "wrong",
            Self::Untried => "untried",
        }
    }
}

impl Tried {
    /// What a run rests on although it was not verified, by name.
    pub fn unverified(all: &[Self]) -> Vec<&str> {
        all.iter().filter(|one| one.unverified).map(|one| one.what.as_str()).collect()
    }

    /// Everything that is wrong, as the one reason why nothing can be judged.
    pub fn trouble(all: &[Self]) -> Option<Trouble> {
        let wrong = || all.iter().filter(|one| one.status == CheckStatus::Wrong);
        wrong().next()?;
        let helps: Vec<&str> = wrong().filter_map(|one| one.help.as_deref()).collect();
        Some(Trouble {
            message: wrong().map(|one| one.found.as_str()).collect::<Vec<_>>().join("; "),
            help: (!helps.is_empty()).then(|| helps.join("; ")),
        })
    }
}
