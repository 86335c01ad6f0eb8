//! How many cases run at a time, and how a case that waits in vain makes room for others.
//!
//! `--jobs` keeps the target from being asked too much at once. Waiting for an answer that does not come asks nothing of
//! it, so a case whose request stays unanswered for long gives its place away until it goes on: otherwise a target that
//! never answers would cost one whole wait per `--jobs` cases. Making objects is left out: however long that takes, never
//! more of them are being made at once than there are places.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

use super::room::Room;
use crate::exchange::{Answer, End};

/// How often a waiting case looks whether it should make room.
const LOOK: Duration = Duration::from_millis(100);
/// The longest that a case keeps its place while an answer is awaited.
const KEPT: Duration = Duration::from_secs(1);

/// The places of a run.
#[derive(Debug)]
pub(super) struct Places {
    free: Semaphore,
    making: Semaphore,
    /// How many cases may wait without a place: what they hold is bounded.
    aside: Semaphore,
    /// How often room was made that nobody has used yet.
    room: Semaphore,
    /// How long a case keeps its place while it waits; none: for as long as the target has not been seen to be silent.
    kept: Option<Duration>,
    silent: AtomicBool,
}

/// One of them.
pub(super) struct Place<'a> {
    places: &'a Places,
    /// None while it is given away.
    held: Option<SemaphorePermit<'a>>,
}

impl Places {
    /// So many places, where one exchange may take so long. With `one_by_one`, what waits may wait for its turn, and
    /// makes no room before the target was seen to be silent.
    pub(super) fn new(room: Room, total: Duration, one_by_one: bool) -> Self {
        let jobs = room.jobs.max(1);
        Self {
            free: Semaphore::new(jobs),
            making: Semaphore::new(jobs),
            aside: Semaphore::new(room.aside),
            room: Semaphore::new(0),
            kept: (!one_by_one && jobs > 1).then(|| KEPT.min(total / 10)),
            silent: AtomicBool::new(false),
        }
    }

    /// Waits for a place.
    pub(super) async fn take(&self) -> Place<'_> {
        // It is never closed.
        Place { places: self, held: self.free.acquire().await.ok() }
    }

    /// Waits for a place among those that make an object.
    pub(super) async fn making(&self) -> Option<SemaphorePermit<'_>> {
        self.making.acquire().await.ok()
    }

    /// Ends once for every time that a case has made room.
    pub(super) async fn room(&self) {
        if let Ok(room) = self.room.acquire().await {
            room.forget();
        }
    }

    /// Remembers whether the target leaves requests unanswered.
    pub(super) fn notice(&self, answer: &Answer) {
        if matches!(answer.end, End::TimedOut(..)) {
            self.silent.store(true, Ordering::Relaxed);
        }
    }

    /// Whether it was seen to.
    pub(super) fn saw_silence(&self) -> bool {
        self.silent.load(Ordering::Relaxed)
    }

    fn kept(&self) -> Option<Duration> {
        if self.saw_silence() { Some(Duration::ZERO) } else { self.kept }
    }
}

impl Place<'_> {
    /// Waits for something without the place, and takes one again.
    pub(super) async fn aside<T>(&mut self, other: impl Future<Output = T>) -> T {
        drop(self.held.take());
        let other = other.await;
        self.held = self.places.free.acquire().await.ok();
        other
    }

    /// Waits for an answer, without the place if that takes long. Only what may well be waited for beside other work is
    /// waited for so, and nothing in it may wait for a place.
    pub(super) async fn wait<T>(&mut self, mut answer: impl Future<Output = T> + Unpin) -> T {
        let start = Instant::now();
        let aside = loop {
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                () = sleep(LOOK) => {}
            }
            if self.places.kept().is_some_and(|kept| start.elapsed() >= kept)
                && let Ok(aside) = self.places.aside.try_acquire()
            {
                break aside;
            }
        };
        drop(self.held.take());
        self.places.room.add_permits(1);
        let answer = answer.await;
        self.held = self.places.free.acquire().await.ok();
        drop(aside);
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::time::timeout;

    use super::*;
    use crate::exchange::{Stage, Wait};

    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test(start_paused = true)]
    async fn a_case_that_waits_long_makes_room_and_takes_a_place_again() {
        let places = Places::new(Room { jobs: 2, aside: 8 }, LONG, false);
        let (mut first, second) = (places.take().await, places.take().await);
        assert!(timeout(LONG, places.take()).await.is_err(), "both are taken");
        let waiting = first.wait(Box::pin(sleep(Duration::from_secs(10))));
        let other = async {
            places.room().await;
            let third = places.take().await;
            sleep(Duration::from_secs(100)).await;
            drop(third);
            Instant::now()
        };
        let start = Instant::now();
        let ((), freed) = tokio::join!(waiting, other);
        assert_eq!(start.elapsed(), freed - start, "it went on when there was a place for it, and not before");
        drop((first, second));
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_stays_so_until_the_target_was_silent() {
        let places = Places::new(Room { jobs: 1, aside: 8 }, LONG, false);
        let mut place = places.take().await;
        assert_eq!(place.wait(ready(1)).await, 1);
        assert!(timeout(LONG, place.wait(pending::<()>())).await.is_err());
        assert!(timeout(LONG, places.room()).await.is_err(), "no room was made");
        places.notice(&Answer { end: End::TimedOut(Stage::Nothing, Wait::FirstByte), ..Answer::default() });
        assert!(timeout(LONG, place.wait(pending::<()>())).await.is_err());
        assert!(timeout(LONG, places.room()).await.is_ok());
    }
}
