//! At most so many requests a second, over all tasks.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Gives every request a place in time, an equal distance apart. What was not used is not saved up, so the target never
/// sees a burst.
#[derive(Debug)]
pub(super) struct Pace {
    distance: Option<Duration>,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// `rate` is in requests a second; none, or one that is no positive number, does not limit.
    pub(super) fn new(rate: Option<f64>) -> Self {
        let distance = rate.filter(|rate| *rate > 0.0).and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
        Self { distance, next: Mutex::new(None) }
    }

    /// Waits for the next place.
    pub(super) async fn wait(&self) {
        let Some(distance) = self.distance else { return };
        let place = self.place(Instant::now(), distance);
        tokio::time::sleep_until(place).await;
    }

    fn place(&self, now: Instant, distance: Duration) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let place = next.map_or(now, |next| next.max(now));
        *next = place.checked_add(distance).or(Some(place));
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_an_equal_distance_apart_and_none_is_saved_up() {
        let pace = Pace::new(Some(10.0));
        let (start, distance) = (Instant::now(), Duration::from_millis(100));
        assert_eq!(pace.distance, Some(distance));
        let places: Vec<_> = (0..3).map(|_| pace.place(start, distance) - start).collect();
        assert_eq!(places, [Duration::ZERO, distance, distance * 2]);
        let later = start + Duration::from_secs(5);
        assert_eq!(pace.place(later, distance), later);
        assert_eq!(pace.place(later, distance), later + distance);
    }

    #[test]
    fn what_is_no_rate_does_not_limit() {
        for rate in [None, Some(0.0), Some(-1.0), Some(f64::NAN), Some(1e-300)] {
            assert_eq!(Pace::new(rate).distance, None, "{rate:?}");
        }
    }
}
