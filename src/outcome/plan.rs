//! What a run would send, shown without sending any of it.

use crate::exchange::Request;
use crate::location::InputError;
use crate::suite::Profile;

/// Everything that a run would send. Masked already; what only the target can say stands as `{name.capture}`.
#[derive(Debug, Default)]
pub struct Plan {
    /// The requests before any case: each credential's `check`, and what tries each state.
    pub checks: Vec<PlannedRequest>,
    /// Why something of these is not sent at all.
    pub refused: Vec<InputError>,
    /// The selected cases.
    pub cases: Vec<PlannedCase>,
}

/// What one case would send.
#[derive(Debug)]
pub struct PlannedCase {
    /// `suite/case`.
    pub id: String,
    /// What it is about.
    pub about: Option<String>,
    /// Its profile.
    pub profile: Profile,
    /// Why it would be skipped, if it would.
    pub skip: Option<String>,
    /// What it takes instead of making it, one sentence each.
    pub provided: Vec<String>,
    /// In the order in which they are sent.
    pub requests: Vec<PlannedRequest>,
    /// Why something of it is not sent at all.
    pub refused: Vec<InputError>,
}

/// One request that would be sent.
#[derive(Debug)]
pub struct PlannedRequest {
    /// What it is for, in words.
    pub role: String,
    /// Whether it is an operation of the document.
    pub judged: bool,
    /// How many times it is sent together.
    pub times: usize,
    /// Whether the guard refuses it, so that it is not sent.
    pub is_refused: bool,
    /// The request, without what the client adds to every one (Host, User-Agent, Accept, Content-Length).
    pub request: Request,
}

impl Plan {
    /// Everything that would not be sent, for the error of a run.
    pub fn refusals(&self) -> impl Iterator<Item = &InputError> {
        self.refused_before_cases().chain(self.cases.iter().flat_map(|case| &case.refused))
    }

    /// What is refused before any case, and in no case. What a state's own requests are refused for, every case that needs it
    /// is refused for, too.
    pub fn refused_before_cases(&self) -> impl Iterator<Item = &InputError> {
        let cases: Vec<String> = self.cases.iter().flat_map(|case| &case.refused).map(InputError::to_string).collect();
        self.refused.iter().filter(move |error| !cases.contains(&error.to_string()))
    }

    /// How many requests would be sent, without repetitions.
    pub fn requests(&self) -> usize {
        let of_cases = self.cases.iter().flat_map(|case| &case.requests);
        let sent = self.checks.iter().chain(of_cases).filter(|request| !request.is_refused);
        sent.map(|request| request.times).sum()
    }
}
