//! Asking again: only where nothing can have been carried out, and no longer than is sensible.
//!
//! A connection that did not come about carried no request, and a 429 says that the request was not carried out
//! (RFC 6585 §4). Whatever else goes wrong may have made or removed something, so it is never sent a second time.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::states::Setback;
use crate::exchange::{Answer, Exchange};
use crate::transport::Failure;

/// How often a connection is tried.
const CONNECTIONS: u32 = 3;
/// How long is waited before the second try; before the third twice as long.
const PAUSE: Duration = Duration::from_millis(250);
/// How often a request is sent that is answered with 429.
const TRIES: u32 = 12;
/// How long is waited in all for a target that answers with 429.
const LONGEST: Duration = Duration::from_secs(60);
/// How long is waited at first where a 429 does not say how long; then twice as long each time.
const UNTOLD: Duration = Duration::from_secs(1);

/// Until when the target wants not to be asked, for all requests of a run.
#[derive(Debug, Default)]
pub struct Hold(Mutex<Option<Instant>>);

impl Hold {
    /// Waits until the target wants to be asked.
    pub async fn over(&self) {
        loop {
            let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match until {
                Some(until) if until > Instant::now() => sleep_until(until).await,
                _ => return,
            }
        }
    }

    fn until(&self, until: Instant) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(held.map_or(until, |held| held.max(until)));
    }
}

/// Sends a request until it has an answer that stands. `stop` ends every wait.
pub(super) async fn again<F: Future<Output = Result<Exchange, Failure>>>(
    hold: &Hold,
    stop: Option<&watch::Sender<bool>>,
    ask: impl Fn() -> F,
) -> Result<Exchange, Setback> {
    let mut waited = Duration::ZERO;
    let mut connections = 0;
    let mut tries = 0;
    loop {
        unless_stopped(stop, hold.over()).await?;
        match ask().await {
            Err(failure) if failure.may_pass() && connections + 1 < CONNECTIONS => {
                connections += 1;
                unless_stopped(stop, sleep(PAUSE * connections)).await?;
            }
            Err(failure) => return Err(Setback::failure(&failure)),
            Ok(exchange) if exchange.answer.status() == Some(429) => {
                tries += 1;
                let told = retry_after(&exchange.answer, SystemTime::now());
                let wait = told.unwrap_or(UNTOLD * 2u32.saturating_pow(tries - 1));
                if tries >= TRIES || waited + wait > LONGEST {
                    return Err(given_up(exchange, told, waited));
                }
                // To come back at once, as some say, would be a rush.
                waited += wait.max(PAUSE);
                hold.until(Instant::now() + wait.max(PAUSE));
            }
            Ok(exchange) => return Ok(exchange),
        }
    }
}

/// Waits for something, unless the run is to end first.
async fn unless_stopped(stop: Option<&watch::Sender<bool>>, wait: impl Future<Output = ()>) -> Result<(), Setback> {
    let Some(stop) = stop else {
        wait.await;
        return Ok(());
    };
    let mut asked = stop.subscribe();
    tokio::select! {
        () = wait => Ok(()),
        _ = asked.wait_for(|stop| *stop) => Err(Setback::new("the run was interrupted before the target was asked")),
    }
}

fn given_up(exchange: Exchange, told: Option<Duration>, waited: Duration) -> Setback {
    let request = &exchange.request;
    let wish = match told {
        Some(wait) if wait > LONGEST => format!("and asks to wait {} s", wait.as_secs()),
        _ => format!("still, after {} s of waiting", waited.as_secs()),
    };
    Setback {
        message: format!("{} {} answered 429 (too many requests) {wish}", request.method, request.url()),
        help: Some(format!(
            "no more than {} s are waited: ask more slowly with --rate, such as --rate 2/s, or run later",
            LONGEST.as_secs()
        )),
        exchange: Some(Box::new(exchange)),
        refused: false,
    }
}

/// How long Retry-After asks to wait: seconds, or a date (RFC 9110 §10.2.3), which is held against the answer's own
/// Date, because clocks differ.
fn retry_after(answer: &Answer, now: SystemTime) -> Option<Duration> {
    let value = answer.value("retry-after")?;
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX / 4)));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let date = answer.value("date").and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    Some(until.duration_since(date.unwrap_or(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Reader;

    fn asks(fields: &str) -> Option<u64> {
        let text = format!("HTTP/1.1 429 Too Many Requests\r\n{fields}Content-Length: 0\r\n\r\n");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        retry_after(&Reader::read("GET", text.as_bytes()), now).map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_in_any_of_its_forms() {
        assert_eq!(asks(""), None);
        assert_eq!(asks("Retry-After: 7\r\n"), Some(7));
        assert_eq!(asks("Retry-After: soon\r\n"), None);
        assert_eq!(asks("Retry-After: -1\r\n"), None);
        assert!(asks("Retry-After: 99999999999999999999999\r\n").is_some_and(|wait| wait > 1_000_000_000));
        for date in ["Sun, 06 Nov 1994 08:49:47 GMT", "Sunday, 06-Nov-94 08:49:47 GMT", "Sun Nov  6 08:49:47 1994"] {
            assert_eq!(asks(&format!("Retry-After: {date}\r\n")), Some(10), "{date}");
        }
        let past = "Retry-After: Sun, 06 Nov 1994 08:00:00 GMT\r\n";
        assert_eq!(asks(past), Some(0));
        let by_its_own_clock = "Date: Sun, 06 Nov 1994 07:59:30 GMT\r\n";
        assert_eq!(asks(&format!("{past}{by_its_own_clock}")), Some(30));
    }
}
