//! Asking again: only where nothing can have been carried out, and no longer than is sensible.
//!
//! A connection that did not come about carried no request. A 429 says that the request was not carried out (RFC 6585 §4),
//! and a 503 that the server is not ready to (RFC 9110 §15.6.4). Whatever else goes wrong may have made or removed
//! something, so it is never sent a second time.
//!
//! A target that answers so to several at a time is asked for changes one after the other from then on.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::states::{Setback, Staging};
use crate::case::Rendered;
use crate::exchange::{Answer, Exchange};
use crate::transport::Failure;

/// How often a connection is tried.
const CONNECTIONS: u32 = 6;
/// How long is waited before the second try; then so much longer each time.
const PAUSE: Duration = Duration::from_millis(250);
/// How often a request is sent that is answered with 429.
const TRIES: u32 = 20;
/// How often a request is sent that is answered with 503.
const TRIES_BUSY: u32 = 40;
/// How long is waited in all for a target that answers with 429, or says how long it is busy.
const LONGEST: Duration = Duration::from_secs(60);
/// How long is waited in all for a target that answers with 503 and does not say how long.
const LONGEST_BUSY: Duration = Duration::from_secs(10);
/// How long is waited at first where a 429 does not say how long; then twice as long each time, up to [`UNTOLD_STEP`].
const UNTOLD: Duration = Duration::from_secs(1);
/// The longest single wait for such a target.
const UNTOLD_STEP: Duration = Duration::from_secs(4);
/// How long is waited in all for a target that was waited for in vain before.
const SHORTER: Duration = Duration::from_secs(1);
/// How long is waited at first where a 503 does not say how long; then half as long again each time, up to
/// [`BUSY_STEP`].
const BUSY: Duration = Duration::from_millis(20);
/// The longest single wait for such a target.
const BUSY_STEP: Duration = Duration::from_secs(1);

/// When and how the target wants to be asked, for all requests of a run.
#[derive(Debug, Default)]
pub struct Hold {
    until: Mutex<Option<Instant>>,
    /// Whether it was seen to refuse for being busy: then changes are asked for one after the other.
    is_busy: AtomicBool,
    /// Whether it was seen to answer 429: then everything is asked for one after the other.
    is_limited: AtomicBool,
    /// Whether it was waited for in vain, and has carried out nothing since.
    in_vain: AtomicBool,
    turn: tokio::sync::Mutex<()>,
    /// Tells waits apart, so that those who were refused together do not come back together.
    waits: AtomicU32,
}

impl Hold {
    /// Waits until the target wants to be asked.
    pub async fn over(&self) {
        loop {
            let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
            match until {
                Some(until) if until > Instant::now() => sleep_until(until).await,
                _ => return,
            }
        }
    }

    fn until(&self, until: Instant) {
        let mut held = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(held.map_or(until, |held| held.max(until)));
    }
}

/// How long to wait before a request is sent again that was answered with 429 or 503; none for any other answer. `tries` is
/// how often it was sent.
pub fn wait_before_another(answer: &Answer, tries: u32) -> Option<Duration> {
    let told = retry_after(answer, SystemTime::now());
    match answer.status()? {
        429 => Some(told.unwrap_or_else(|| untold(tries)).max(PAUSE)),
        503 => Some(told.map_or_else(|| busy(tries), |told| told.max(BUSY))),
        _ => None,
    }
}

/// How long is waited before a request is sent again that was answered 429 without saying how long.
fn untold(tries: u32) -> Duration {
    (UNTOLD * 2u32.saturating_pow(tries.saturating_sub(1))).min(UNTOLD_STEP)
}

/// How long is waited for a busy target that does not say how long.
fn busy(tries: u32) -> Duration {
    let grown = (1..tries.min(16)).fold(BUSY, |wait, _| wait * 3 / 2);
    grown.min(BUSY_STEP)
}

/// Sends a request until it has an answer that stands. The staging's `stop` ends every wait.
pub(super) async fn again<F: Future<Output = Result<Exchange, Failure>>>(
    staging: &Staging<'_>,
    rendered: &Rendered,
    ask: impl Fn() -> F,
) -> Result<Exchange, Setback> {
    let Staging { hold, stop, .. } = *staging;
    let changes = !matches!(rendered.request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    let mut waited = Duration::ZERO;
    let mut connections = 0;
    let mut tries = 0;
    loop {
        unless_stopped(stop, hold.over()).await?;
        let one_by_one = hold.is_limited.load(Ordering::Relaxed) || changes && hold.is_busy.load(Ordering::Relaxed);
        let turn = if one_by_one {
            let mut turn = None;
            unless_stopped(stop, async { turn = Some(hold.turn.lock().await) }).await?;
            turn
        } else {
            None
        };
        let asked = ask().await;
        drop(turn);
        match asked {
            Err(failure) if failure.may_pass() && connections + 1 < CONNECTIONS => {
                connections += 1;
                unless_stopped(stop, sleep(PAUSE * connections)).await?;
            }
            Err(failure) => return Err(Setback::failure(&failure)),
            Ok(exchange) if exchange.answer.status() == Some(429) => {
                tries += 1;
                hold.is_limited.store(true, Ordering::Relaxed);
                let told = retry_after(&exchange.answer, SystemTime::now());
                let wait = told.unwrap_or_else(|| untold(tries));
                if tries >= TRIES || waited + wait > LONGEST {
                    return Err(given_up(exchange, told, waited));
                }
                // To come back at once, as some say, would be a rush.
                waited += wait.max(PAUSE);
                hold.until(Instant::now() + wait.max(PAUSE));
            }
            Ok(exchange) if exchange.answer.status() == Some(503) && staging.waits_while_busy => {
                tries += 1;
                hold.is_busy.store(true, Ordering::Relaxed);
                let told = retry_after(&exchange.answer, SystemTime::now());
                let wait = wait_before_another(&exchange.answer, tries).unwrap_or(BUSY);
                let longest = match told {
                    _ if hold.in_vain.load(Ordering::Relaxed) => SHORTER,
                    Some(_) => LONGEST,
                    None => LONGEST_BUSY,
                };
                if tries >= TRIES_BUSY || waited + wait > longest {
                    hold.in_vain.store(true, Ordering::Relaxed);
                    return Ok(exchange);
                }
                waited += wait;
                // Those who were refused at the same moment would only meet again.
                let apart = BUSY * (hold.waits.fetch_add(1, Ordering::Relaxed) % 8) / 2;
                unless_stopped(stop, sleep(wait + apart)).await?;
            }
            Ok(exchange) => {
                if changes && exchange.answer.status().is_some_and(|status| status < 500) {
                    hold.in_vain.store(false, Ordering::Relaxed);
                }
                return Ok(exchange);
            }
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
        _ = asked.wait_for(|stop| *stop) => Err(Setback::new("the run was interrupted while the target was waited for")),
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
