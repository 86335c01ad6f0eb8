//! What happened in one run of a case.

use std::time::Duration;

use tokio::time::Instant;

use super::changes::Change;
use crate::baseline::Generated;
use crate::exchange::Exchange;
use crate::object::{StagingError, answers};
use crate::observation::{ObservedExchange, Proof};
use crate::outcome::Trouble;
use crate::run::object_life::provide::Unconfirmed;
use crate::suite::Values;
use crate::transport::Rest;

/// What happened in one run of a case.
#[derive(Default)]
pub(crate) struct Attempt<'a> {
    /// The case's own exchanges, and those that settled its objects.
    pub(crate) exchanges: Vec<ObservedExchange<'a>>,
    /// The exchanges that made its objects, by what they were for; and those that failed while staging.
    pub(crate) staged: Vec<(String, Exchange)>,
    /// Why the case could not be carried out, if it could not.
    pub(crate) trouble: Option<Trouble>,
    /// Why the case was not carried out at all, if it was not.
    pub(crate) skipped: Option<String>,
    /// Provided objects of which `exists` has not said that they are there, with their indexes into `given`.
    pub(crate) unconfirmed: Vec<(usize, Unconfirmed)>,
    /// What a reader should know.
    pub(crate) notes: Vec<String>,
    /// The values of the placeholders.
    pub(crate) values: Values,
    /// What became of its objects.
    pub(crate) settled: Vec<SettledObject>,
    /// For each lost object, what other cases had asked for while it was lost. By index into `given`.
    pub(crate) suspects: Vec<(usize, Vec<Change>)>,
    /// What must still arrive before exchanges can be judged. By index into `exchanges`.
    pub(crate) rests: Vec<(usize, Rest)>,
    /// Why the case should run once more, if it should.
    pub(crate) retry: Option<RetryReason>,
}

/// What became of one of a case's objects.
#[derive(Clone, Debug)]
pub(crate) struct SettledObject {
    /// Index into the case's `given`.
    pub(crate) given: usize,
    /// What a finding may rest on.
    pub(crate) proof: Proof,
    /// When it was last known to be there.
    pub(crate) last_known: Instant,
    /// When it was first missing, if it was.
    pub(crate) missed: Option<Instant>,
}

/// Why a case runs once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryReason {
    /// A request on a reused connection died without a byte of an answer. The server may have closed an idle connection.
    Stale,
    /// A request on a new connection died without a byte of an answer. That may not happen again.
    Cut,
    /// A judged request was answered 429 or 503, and the case did not expect that. Holds the status and how long to wait.
    Busy(u16, Duration),
    /// A request with the secret of a login was answered 401, and the case allows no 401. The secret may have ended.
    LoggedOut,
}

impl Attempt<'_> {
    /// Enters an error of a staged call. The first one is the reason why the case could not be carried out.
    pub(crate) fn fail(&mut self, what: &str, error: StagingError) {
        if let Some(exchange) = error.exchange {
            self.staged.push((what.to_owned(), *exchange));
        }
        self.trouble.get_or_insert(Trouble { message: error.message, help: error.help });
    }

    /// Why the case could not be carried out, with what to do about it.
    pub(crate) fn trouble_in_words(&self) -> Option<String> {
        self.trouble.as_ref().map(|trouble| match &trouble.help {
            Some(help) => format!("{} ({help})", trouble.message),
            None => trouble.message.clone(),
        })
    }

    /// Whether the case was not carried out to its end.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.trouble.is_some() || self.skipped.is_some()
    }
}

/// The values that are new in every run, longest first. So no value is replaced inside a longer one.
pub(crate) fn generated(values: &Values) -> Vec<Generated> {
    let captured = values.captures.iter().flat_map(|(given, captured)| {
        captured
            .iter()
            .map(move |(name, value)| Generated { value: answers::as_text(value), name: format!("{given}.{name}") })
    });
    let uuids = values.uuids.values().map(|uuid| Generated { value: uuid.to_string(), name: "uuid".to_owned() });
    let named = values.named_uuids.iter();
    let named = named.map(|(name, uuid)| Generated { value: uuid.to_string(), name: format!("uuid.{name}") });
    let user = Generated { value: values.user.clone(), name: "user".to_owned() };
    let run = Generated { value: values.run.clone(), name: "run".to_owned() };
    let mut all: Vec<Generated> = captured.chain(uuids).chain(named).chain([user, run]).collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.value.len()));
    all
}
