//! How many cases run at the same time, and when a case that waits for an answer gives its slot away.
//!
//! `--jobs` limits how many requests the target has at once. A case that waits for an answer sends nothing, so a case whose
//! request stays unanswered for long gives its slot to another case until it goes on. Otherwise a target that never answers
//! would cost one full wait for every `--jobs` cases. Creations are different: the target never makes more than `--jobs`
//! objects at once, however long that takes.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

use crate::exchange::{Answer, End};
use crate::run::opening::system_limits::Capacity;

/// How often a waiting case checks whether to give its slot away.
const CHECK: Duration = Duration::from_millis(100);
/// The longest time that a case keeps its slot while it waits for an answer.
const KEPT: Duration = Duration::from_secs(1);

/// The slots of a run.
#[derive(Debug)]
pub(crate) struct Slots {
    free: Semaphore,
    creations: Semaphore,
    /// How many cases may wait without a slot. They hold connections, so their number is limited.
    waiting: Semaphore,
    /// How many slots were given away that no new worker has taken up yet.
    given_away: Semaphore,
    /// How long a case keeps its slot while it waits. `None`: until the target leaves a request unanswered.
    kept: Option<Duration>,
    /// The target has left a request unanswered.
    is_silent: AtomicBool,
    /// Held while a large answer is judged, because its values take much memory.
    large_answer: Mutex<()>,
}

/// One slot.
pub(crate) struct Slot<'a> {
    slots: &'a Slots,
    /// `None` while the slot is given away.
    permit: Option<SemaphorePermit<'a>>,
}

impl Slots {
    /// Slots for so many cases. `timeout` is the longest time of one exchange. With `is_rated`, requests wait for their turn
    /// by `--rate`, so a case keeps its slot until the target leaves a request unanswered.
    pub(crate) fn new(capacity: Capacity, timeout: Duration, is_rated: bool) -> Self {
        let jobs = capacity.jobs.max(1);
        Self {
            free: Semaphore::new(jobs),
            creations: Semaphore::new(jobs),
            waiting: Semaphore::new(capacity.waiting),
            given_away: Semaphore::new(0),
            kept: (!is_rated && jobs > 1).then(|| KEPT.min(timeout / 10)),
            is_silent: AtomicBool::new(false),
            large_answer: Mutex::default(),
        }
    }

    /// Waits for a slot.
    pub(crate) async fn acquire(&self) -> Slot<'_> {
        // The semaphore is never closed.
        Slot { slots: self, permit: self.free.acquire().await.ok() }
    }

    /// Waits until the target may make another object.
    pub(crate) async fn acquire_for_creation(&self) -> Option<SemaphorePermit<'_>> {
        self.creations.acquire().await.ok()
    }

    /// Returns once for every slot that was given away.
    pub(crate) async fn given_away(&self) {
        if let Ok(given_away) = self.given_away.acquire().await {
            given_away.forget();
        }
    }

    /// Remembers if the target left a request unanswered.
    pub(crate) fn note_answer(&self, answer: &Answer) {
        if matches!(answer.end, End::TimedOut(..)) {
            self.is_silent.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the target has left a request unanswered.
    pub(crate) fn is_target_silent(&self) -> bool {
        self.is_silent.load(Ordering::Relaxed)
    }

    /// Waits until no other large answer is judged.
    pub(crate) async fn acquire_for_large_answer(&self) -> MutexGuard<'_, ()> {
        self.large_answer.lock().await
    }

    fn kept(&self) -> Option<Duration> {
        if self.is_target_silent() { Some(Duration::ZERO) } else { self.kept }
    }
}

impl Slot<'_> {
    /// Releases the slot, waits for something, and takes a slot again.
    pub(crate) async fn release_during<T>(&mut self, other: impl Future<Output = T>) -> T {
        drop(self.permit.take());
        let other = other.await;
        self.permit = self.slots.free.acquire().await.ok();
        other
    }

    /// Waits for an answer, and gives the slot away if that takes long. The future must not wait for a slot itself.
    pub(crate) async fn release_if_slow<T>(&mut self, mut answer: impl Future<Output = T> + Unpin) -> T {
        let start = Instant::now();
        let waiting = loop {
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                () = sleep(CHECK) => {}
            }
            if self.slots.kept().is_some_and(|kept| start.elapsed() >= kept)
                && let Ok(waiting) = self.slots.waiting.try_acquire()
            {
                break waiting;
            }
        };
        drop(self.permit.take());
        self.slots.given_away.add_permits(1);
        let answer = answer.await;
        self.permit = self.slots.free.acquire().await.ok();
        drop(waiting);
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
    async fn a_case_that_waits_long_gives_its_slot_away_and_takes_one_again() {
        let slots = Slots::new(Capacity { jobs: 2, waiting: 8 }, LONG, false);
        let (mut first, second) = (slots.acquire().await, slots.acquire().await);
        assert!(timeout(LONG, slots.acquire()).await.is_err(), "both are taken");
        let waiting = first.release_if_slow(Box::pin(sleep(Duration::from_secs(10))));
        let other = async {
            slots.given_away().await;
            let third = slots.acquire().await;
            sleep(Duration::from_secs(100)).await;
            drop(third);
            Instant::now()
        };
        let start = Instant::now();
        let ((), freed) = tokio::join!(waiting, other);
        assert_eq!(start.elapsed(), freed - start, "it went on when there was a slot for it, and not before");
        drop((first, second));
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_stays_so_until_the_target_was_silent() {
        let slots = Slots::new(Capacity { jobs: 1, waiting: 8 }, LONG, false);
        let mut slot = slots.acquire().await;
        assert_eq!(slot.release_if_slow(ready(1)).await, 1);
        assert!(timeout(LONG, slot.release_if_slow(pending::<()>())).await.is_err());
        assert!(timeout(LONG, slots.given_away()).await.is_err(), "no slot was given away");
        slots.note_answer(&Answer {
            end: End::TimedOut(Stage::Nothing, Wait::FirstByte(Duration::ZERO)),
            ..Answer::default()
        });
        assert!(timeout(LONG, slot.release_if_slow(pending::<()>())).await.is_err());
        assert!(timeout(LONG, slots.given_away()).await.is_ok());
    }
}
