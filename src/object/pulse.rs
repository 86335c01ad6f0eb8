//! Telling a target that answers nobody from one that leaves one request unanswered: a request that was answered before is
//! asked beside the silent one.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::case::Rendered;
use crate::exchange::Exchange;
use crate::transport::Client;

/// An answer is awaited for at least so long.
const SHORTEST: Duration = Duration::from_secs(1);
/// An answer may take so many times as long as it took before.
const SLOWER: u32 = 4;

/// A request that changes nothing and was answered before, with the time that the answer took.
#[derive(Debug, Default)]
pub struct Pulse(Mutex<Option<(Rendered, Duration)>>);

impl Pulse {
    /// Remembers a request that was answered, if it changes nothing. The first one is kept, with the longest time that it
    /// or another one took.
    pub(super) fn note(&self, rendered: &Rendered, exchange: &Exchange) {
        let reads = matches!(rendered.request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        if !reads || exchange.answer.status().is_none_or(|status| status >= 500) {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.as_mut() {
            Some((_, usual)) => *usual = (*usual).max(exchange.timing.total),
            None => *known = Some((rendered.clone(), exchange.timing.total)),
        }
    }

    /// How long an answer is awaited when it is asked.
    pub fn patience(&self) -> Duration {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().map_or(SHORTEST, |(_, usual)| SHORTEST.max(*usual * SLOWER))
    }

    /// Asks what was answered before. Whether it is answered at its usual speed, and what was asked; no answer where nothing
    /// was answered before.
    pub async fn beats(&self, client: &Client) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some((rendered, _)) = known else { return false };
        let asked = client.stage_within(&rendered, self.patience()).await;
        asked.is_ok_and(|exchange| exchange.answer.head.is_some())
    }
}
