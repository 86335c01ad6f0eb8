//! Tells a target that answers nobody from a target that leaves one request unanswered: while one request waits, a second
//! request is sent that the target answered before.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::exchange::Exchange;
use crate::suite::Rendered;
use crate::transport::Client;

/// The shortest wait for the answer to the probe.
const SHORTEST: Duration = Duration::from_secs(1);
/// The answer to the probe may take this many times as long as the longest answer before.
const SLOWER: u32 = 4;

/// A request that changes nothing and that the target answered, with the longest time that such an answer took.
#[derive(Debug, Default)]
pub struct Probe(Mutex<Option<(Rendered, Duration)>>);

impl Probe {
    /// Remembers a request that was answered, if it changes nothing. Keeps the first request and the longest time.
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

    /// How long to wait for the answer to the probe.
    pub fn patience(&self) -> Duration {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().map_or(SHORTEST, |(_, usual)| SHORTEST.max(*usual * SLOWER))
    }

    /// Sends the probe. Whether the target answers it at its usual speed. Without an earlier answer there is no probe, and
    /// the result is `false`.
    pub async fn is_answered(&self, client: &Client) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some((rendered, _)) = known else { return false };
        let asked = client.send_call_within(&rendered, self.patience()).await;
        asked.is_ok_and(|exchange| exchange.answer.head.is_some())
    }
}
