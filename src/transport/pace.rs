//! The rate limit over all tasks.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Spaces requests evenly in time. Unused time is not saved up, so there is never a burst.
#[derive(Debug)]
pub(super) struct Pace {
    distance: Option<Duration>,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// `rate` is in requests per second. None, or a rate that is no positive number, does not limit.
    pub(super) fn new(rate: Option<f64>) -> Self {
        let distance = rate.filter(|rate| *rate > 0.0).and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
        Self { distance, next: Mutex::new(None) }
    }

    /// Waits until the next request may be sent.
    pub(super) async fn wait(&self) {
        let Some(distance) = self.distance else { return };
        let time = self.time(Instant::now(), distance);
        tokio::time::sleep_until(time).await;
    }

    fn time(&self, now: Instant, distance: Duration) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let time = next.map_or(now, |next| next.max(now));
        *next = time.checked_add(distance).or(Some(time));
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_spaced_evenly_and_unused_time_is_not_saved() {
        let pace = Pace::new(Some(10.0));
        let (start, distance) = (Instant::now(), Duration::from_millis(100));
        assert_eq!(pace.distance, Some(distance));
        let times: Vec<_> = (0..3).map(|_| pace.time(start, distance) - start).collect();
        assert_eq!(times, [Duration::ZERO, distance, distance * 2]);
        let later = start + Duration::from_secs(5);
        assert_eq!(pace.time(later, distance), later);
        assert_eq!(pace.time(later, distance), later + distance);
    }

    #[test]
    fn what_is_no_rate_does_not_limit() {
        for rate in [None, Some(0.0), Some(-1.0), Some(f64::NAN), Some(1e-300)] {
            assert_eq!(Pace::new(rate).distance, None, "{rate:?}");
        }
    }
}
