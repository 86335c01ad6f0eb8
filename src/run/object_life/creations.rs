//! Stops asking for objects of a state after failures: each failed creation may leave an object behind.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::exchange::{End, Exchange, Stage};

/// How many creations may fail one after the other before the run asks for no more.
pub(crate) const TRIES: u32 = 3;

/// How the creations of one state go.
#[derive(Debug, Default)]
pub(crate) struct Creations {
    log: Mutex<CreationLog>,
    /// After a failure, held by the one creation that is under way.
    pub(crate) one_by_one: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct CreationLog {
    answered: Option<Instant>,
    given_up: Option<String>,
    /// How many in a row failed or may have made an object without a usable answer.
    failures: u32,
}

impl Creations {
    /// Enters how a creation ended. `begun` is when it began. If its time ran out and no other creation was answered since
    /// then, the run asks for no more: the next one would only wait as long.
    pub(crate) fn ended(&self, begun: Instant, exchange: &Exchange) {
        let mut log = self.lock();
        match &exchange.answer.end {
            End::TimedOut(_, wait) if log.answered.is_none_or(|answered| answered < begun) => {
                let request = &exchange.request;
                log.given_up =
                    Some(format!("an earlier {} {} got no response within {wait}", request.method, request.url()));
            }
            End::TimedOut(..) => {}
            _ => log.answered = Some(Instant::now()),
        }
    }

    /// Enters that a creation may have made an object without a usable answer. After some in a row the run asks for no more.
    pub(crate) fn failed(&self, exchange: &Exchange) {
        let mut log = self.lock();
        log.failures += 1;
        if log.failures >= TRIES {
            let request = &exchange.request;
            let came = match (exchange.answer.status(), &exchange.answer.end) {
                (Some(status), _) => format!("answered {status}"),
                (None, End::Closed(Stage::Nothing) | End::Reset(Stage::Nothing)) => {
                    "ended without a response".to_owned()
                }
                (None, _) => "gave no usable response".to_owned(),
            };
            log.given_up.get_or_insert(format!(
                "{TRIES} creations in a row had failed before; in the last of them {} {} {came}",
                request.method,
                request.url()
            ));
        }
    }

    /// Whether the last creation failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.lock().failures > 0
    }

    /// Enters that a creation succeeded.
    pub(crate) fn succeeded(&self) {
        self.lock().failures = 0;
    }

    /// Asks for no more objects.
    pub(crate) fn give_up(&self, why: String) {
        self.lock().given_up.get_or_insert(why);
    }

    /// Why the run asks for no more objects, if it does not.
    pub(crate) fn given_up(&self) -> Option<String> {
        self.lock().given_up.clone()
    }

    fn lock(&self) -> MutexGuard<'_, CreationLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
