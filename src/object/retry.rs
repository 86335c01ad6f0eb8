//! Decides when a staged call is sent again. It is sent again only where the target cannot have carried it out, and only for
//! a limited time.
//!
//! A connection that was never made carried no request. A 429 says that the request was not carried out (RFC 6585 §4). A 503
//! says that the server is not ready to carry it out (RFC 9110 §15.6.4). After any other failure the target may have made or
//! removed something, so the call is never sent a second time.
//!
//! When a target answers 429 or 503 to calls sent at the same time, later calls are sent one after the other.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::{MutexGuard, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::staging_error::StagingError;
use crate::exchange::{Answer, Exchange};
use crate::suite::Rendered;
use crate::transport::Failure;

/// How often a connection is tried.
const CONNECTIONS: u32 = 6;
/// The pause before the second try of a connection. Each further pause is longer by this much.
const PAUSE: Duration = Duration::from_millis(250);
/// How often a call is sent that is answered 429.
const TRIES_LIMITED: u32 = 20;
/// How often a call is sent that is answered 503.
const TRIES_BUSY: u32 = 40;
/// The longest total wait after 429, and after 503 with Retry-After.
const LONGEST: Duration = Duration::from_secs(60);
/// The longest total wait after 503 without Retry-After.
const LONGEST_BUSY: Duration = Duration::from_secs(10);
/// The first wait after 429 without Retry-After. Each further wait is twice as long, up to [`LIMITED_STEP`].
const LIMITED: Duration = Duration::from_secs(1);
/// The longest single wait after 429 without Retry-After.
const LIMITED_STEP: Duration = Duration::from_secs(4);
/// The longest total wait for a target that stayed busy through an earlier wait.
const SHORTER: Duration = Duration::from_secs(1);
/// The first wait after 503 without Retry-After. Each further wait is half as long again, up to [`BUSY_STEP`].
const BUSY: Duration = Duration::from_millis(20);
/// The longest single wait after 503 without Retry-After.
const BUSY_STEP: Duration = Duration::from_secs(1);

/// What a run has learned about when the target accepts calls. All calls of the run share it.
#[derive(Debug, Default)]
pub struct Backoff {
    until: Mutex<Option<Instant>>,
    /// The target answered 503: calls that change something go one after the other.
    is_busy: AtomicBool,
    /// The target answered 429: all calls go one after the other.
    is_limited: AtomicBool,
    /// The target stayed busy through a whole wait, and has carried out nothing since.
    in_vain: AtomicBool,
    one_by_one: tokio::sync::Mutex<()>,
    /// Counts waits. Calls that were refused at the same moment then return at different moments.
    waits: AtomicU32,
}

impl Backoff {
    /// Waits until the target accepts calls again.
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
        let mut latest = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = Some(latest.map_or(until, |latest| latest.max(until)));
    }
}

/// When one staged call is sent again.
#[derive(Clone, Copy)]
pub struct RetryPolicy<'a> {
    /// What the run has learned about the target.
    pub backoff: &'a Backoff,
    /// Whether the call is sent again after a 503.
    pub waits_while_busy: bool,
    /// Ends every wait. `None` where the call must be tried although the run is being stopped.
    pub stop: Option<&'a watch::Sender<bool>>,
}

/// How long to wait before a request is sent again that was answered 429 or 503. `None` for any other answer. `tries` is how
/// often the request was sent.
pub fn wait_before_retry(answer: &Answer, tries: u32) -> Option<Duration> {
    let asked = retry_after(answer, SystemTime::now());
    match answer.status()? {
        429 => Some(asked.unwrap_or_else(|| limited(tries)).max(PAUSE)),
        503 => Some(asked.map_or_else(|| busy(tries), |asked| asked.max(BUSY))),
        _ => None,
    }
}

/// The wait after a 429 without Retry-After.
fn limited(tries: u32) -> Duration {
    (LIMITED * 2u32.saturating_pow(tries.saturating_sub(1))).min(LIMITED_STEP)
}

/// The wait after a 503 without Retry-After.
fn busy(tries: u32) -> Duration {
    let grown = (1..tries.min(16)).fold(BUSY, |wait, _| wait * 3 / 2);
    grown.min(BUSY_STEP)
}

/// How often one call was sent, and how long it has waited.
#[derive(Default)]
struct RetryCount {
    waited: Duration,
    connections: u32,
    tries: u32,
}

/// Sends a call until it has an answer that stands. The policy's `stop` ends every wait.
pub(super) async fn retry<F: Future<Output = Result<Exchange, Failure>>>(
    policy: RetryPolicy<'_>,
    rendered: &Rendered,
    call: impl Fn() -> F,
) -> Result<Exchange, StagingError> {
    let RetryPolicy { backoff, stop, .. } = policy;
    let changes = !matches!(rendered.request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    let mut progress = RetryCount::default();
    loop {
        unless_stopped(stop, backoff.over()).await?;
        let one_by_one = one_by_one(policy, changes).await?;
        let sent = call().await;
        drop(one_by_one);
        match sent {
            Err(failure) if failure.may_pass() && progress.connections + 1 < CONNECTIONS => {
                progress.connections += 1;
                unless_stopped(stop, sleep(PAUSE * progress.connections)).await?;
            }
            Err(failure) => return Err(StagingError::failure(&failure)),
            Ok(exchange) if exchange.answer.status() == Some(429) => {
                wait_while_limited(backoff, exchange, &mut progress)?;
            }
            Ok(exchange) if exchange.answer.status() == Some(503) && policy.waits_while_busy => {
                match wait_while_busy(backoff, &exchange, &mut progress) {
                    Some(wait) => unless_stopped(stop, sleep(wait)).await?,
                    None => return Ok(exchange),
                }
            }
            Ok(exchange) => {
                if changes && exchange.answer.status().is_some_and(|status| status < 500) {
                    backoff.in_vain.store(false, Ordering::Relaxed);
                }
                return Ok(exchange);
            }
        }
    }
}

/// Waits for its turn where the target takes one call at a time.
async fn one_by_one(policy: RetryPolicy<'_>, changes: bool) -> Result<Option<MutexGuard<'_, ()>>, StagingError> {
    let RetryPolicy { backoff, stop, .. } = policy;
    let mut turn = None;
    if backoff.is_limited.load(Ordering::Relaxed) || changes && backoff.is_busy.load(Ordering::Relaxed) {
        unless_stopped(stop, async { turn = Some(backoff.one_by_one.lock().await) }).await?;
    }
    Ok(turn)
}

/// After a 429, keeps every call back for as long as the target asks. An error if that takes too long.
fn wait_while_limited(backoff: &Backoff, exchange: Exchange, progress: &mut RetryCount) -> Result<(), StagingError> {
    progress.tries += 1;
    backoff.is_limited.store(true, Ordering::Relaxed);
    let asked = retry_after(&exchange.answer, SystemTime::now());
    let wait = asked.unwrap_or_else(|| limited(progress.tries));
    if progress.tries >= TRIES_LIMITED || progress.waited + wait > LONGEST {
        return Err(given_up(exchange, asked, progress.waited));
    }
    // Some targets ask for no wait at all; that would send everything at once again.
    progress.waited += wait.max(PAUSE);
    backoff.until(Instant::now() + wait.max(PAUSE));
    Ok(())
}

/// How long to wait after a 503. `None` if that takes too long: then the 503 stands.
fn wait_while_busy(backoff: &Backoff, exchange: &Exchange, progress: &mut RetryCount) -> Option<Duration> {
    progress.tries += 1;
    backoff.is_busy.store(true, Ordering::Relaxed);
    let asked = retry_after(&exchange.answer, SystemTime::now());
    let wait = wait_before_retry(&exchange.answer, progress.tries).unwrap_or(BUSY);
    let longest = match asked {
        _ if backoff.in_vain.load(Ordering::Relaxed) => SHORTER,
        Some(_) => LONGEST,
        None => LONGEST_BUSY,
    };
    if progress.tries >= TRIES_BUSY || progress.waited + wait > longest {
        backoff.in_vain.store(true, Ordering::Relaxed);
        return None;
    }
    progress.waited += wait;
    // Calls that were refused at the same moment would only meet again.
    let apart = BUSY * (backoff.waits.fetch_add(1, Ordering::Relaxed) % 8) / 2;
    Some(wait + apart)
}

/// Waits for something, unless the run is stopped first.
async fn unless_stopped(
    stop: Option<&watch::Sender<bool>>,
    wait: impl Future<Output = ()>,
) -> Result<(), StagingError> {
    let Some(stop) = stop else {
        wait.await;
        return Ok(());
    };
    let mut stopped = stop.subscribe();
    tokio::select! {
        () = wait => Ok(()),
        _ = stopped.wait_for(|stop| *stop) => {
            Err(StagingError::new("the run was interrupted while it waited for the target"))
        }
    }
}

fn given_up(exchange: Exchange, asked: Option<Duration>, waited: Duration) -> StagingError {
    let request = &exchange.request;
    let wish = match asked {
        Some(wait) if wait > LONGEST => format!("and asks to wait {} s", wait.as_secs()),
        _ => format!("still, after {} s of waiting", waited.as_secs()),
    };
    StagingError {
        message: format!("{} {} answered 429 (too many requests) {wish}", request.method, request.url()),
        help: Some(format!(
            "conformant waits {} s at most: send requests more slowly with --rate, such as --rate 2/s, or run later",
            LONGEST.as_secs()
        )),
        exchange: Some(Box::new(exchange)),
        refused: false,
        is_answer: false,
        is_final: false,
    }
}

/// How long Retry-After asks to wait: a number of seconds, or a date (RFC 9110 §10.2.3). A date is compared with the
/// answer's own Date, because clocks differ.
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
