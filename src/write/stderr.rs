//! What goes to stderr, by a thread of its own: whoever says something waits for a moment that it is out, and goes on
//! without where the reader does not read.

use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::patiently;

/// How long somebody who says something waits that it is out, so that it stands before what is printed next.
const MOMENT: Duration = Duration::from_millis(300);

/// What is to be said.
struct Desk {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    texts: VecDeque<String>,
    /// How many texts came, and how many of them are out, or nobody is there to read them.
    came: u64,
    out: u64,
    /// Whether there is a thread that writes.
    written_by_thread: bool,
    /// Somebody waited in vain: nobody waits until the reader reads again.
    stuck: bool,
}

static DESK: Desk = Desk {
    queue: Mutex::new(Queue { texts: VecDeque::new(), came: 0, out: 0, written_by_thread: false, stuck: false }),
    changed: Condvar::new(),
};

/// Writes a line to stderr. Whoever says something waits for a moment at most; when stderr is closed there is nobody to
/// tell.
pub fn complain(text: &str) {
    let mut queue = lock();
    queue.texts.push_back(format!("{text}\n"));
    queue.came += 1;
    let own = queue.came;
    if !queue.written_by_thread {
        let thread = thread::Builder::new().name("stderr".to_owned()).spawn(|| write());
        if thread.is_err() {
            let texts = std::mem::take(&mut queue.texts);
            queue.out = own;
            drop(queue);
            for text in texts {
                let _ = patiently(&mut io::stderr().lock(), text.as_bytes());
            }
            return;
        }
        queue.written_by_thread = true;
    }
    DESK.changed.notify_all();
    if queue.stuck {
        return;
    }
    let end = Instant::now() + MOMENT;
    let mut queue = until(queue, end, |queue| queue.out >= own);
    if queue.out < own {
        queue.stuck = true;
    }
}

/// Waits until everything that was said is out, at the end of a process: at most as long as any step of writing may take,
/// because a pipe takes 64 KiB before it waits for its reader.
pub fn drained() {
    drained_within(super::LIMIT);
}

/// Waits at most so long until everything that was said is out; whether it is.
pub fn drained_within(limit: Duration) -> bool {
    let queue = until(lock(), Instant::now() + limit, |queue| queue.out >= queue.came);
    queue.out >= queue.came
}

fn until(mut queue: MutexGuard<'_, Queue>, end: Instant, holds: impl Fn(&Queue) -> bool) -> MutexGuard<'_, Queue> {
    while !holds(&queue) {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        queue = DESK.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    queue
}

/// Writes what comes, for as long as the process lives.
fn write() -> ! {
    let mut queue = lock();
    loop {
        let Some(text) = queue.texts.pop_front() else {
            queue = DESK.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        drop(queue);
        // When stderr cannot be written to there is nobody left to tell.
        let _ = patiently(&mut io::stderr().lock(), text.as_bytes());
        queue = lock();
        queue.out += 1;
        queue.stuck = false;
        DESK.changed.notify_all();
    }
}

fn lock() -> MutexGuard<'static, Queue> {
    // Every change is whole before anything can panic.
    DESK.queue.lock().unwrap_or_else(PoisonError::into_inner)
}
