//! Text for stderr, written by a thread of its own. A caller waits a moment until its text is written, and then goes on, so
//! that a reader that does not read stops nothing.

use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::limit::LIMIT;
use super::lock::locked;
use super::waiting::write_all_waiting;

/// How long a caller waits for its text to be written, so that it comes before what is printed next.
const MOMENT: Duration = Duration::from_millis(300);

/// The texts for the thread.
struct Outbox {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    texts: VecDeque<String>,
    /// How many texts were added.
    added: u64,
    /// How many of them were written, or could not be written.
    written: u64,
    /// Whether the thread runs.
    has_thread: bool,
    /// A caller waited in vain. No caller waits until the reader reads again.
    stuck: bool,
}

static OUTBOX: Outbox = Outbox {
    queue: Mutex::new(Queue { texts: VecDeque::new(), added: 0, written: 0, has_thread: false, stuck: false }),
    changed: Condvar::new(),
};

/// Writes a line to stderr. The caller waits for a moment at most. If stderr is closed, the line is lost.
pub fn write_stderr(text: &str) {
    let mut queue = lock();
    queue.texts.push_back(format!("{text}\n"));
    queue.added += 1;
    let own = queue.added;
    if !queue.has_thread {
        let thread = thread::Builder::new().name("stderr".to_owned()).spawn(|| write());
        if thread.is_err() {
            let texts = std::mem::take(&mut queue.texts);
            queue.written = own;
            drop(queue);
            for text in texts {
                let _ = write_all_waiting(&mut io::stderr().lock(), text.as_bytes());
            }
            return;
        }
        queue.has_thread = true;
    }
    OUTBOX.changed.notify_all();
    if queue.stuck {
        return;
    }
    let end = Instant::now() + MOMENT;
    let mut queue = until(queue, end, |queue| queue.written >= own);
    if queue.written < own {
        queue.stuck = true;
    }
}

/// Waits until all text is written, at the end of a process: at most [`LIMIT`]. A pipe holds 64 KiB, so this waits only for a
/// reader that is far behind.
pub fn flush_stderr() {
    flush_stderr_within(LIMIT);
}

/// Waits until all text is written, at most this long. Whether all is written.
pub fn flush_stderr_within(limit: Duration) -> bool {
    let queue = until(lock(), Instant::now() + limit, |queue| queue.written >= queue.added);
    queue.written >= queue.added
}

fn until(mut queue: MutexGuard<'_, Queue>, end: Instant, holds: impl Fn(&Queue) -> bool) -> MutexGuard<'_, Queue> {
    while !holds(&queue) {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        queue = OUTBOX.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    queue
}

/// The thread: writes what is added, until the process ends.
fn write() -> ! {
    let mut queue = lock();
    loop {
        let Some(text) = queue.texts.pop_front() else {
            queue = OUTBOX.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        drop(queue);
        // An error of stderr cannot be reported anywhere.
        let _ = write_all_waiting(&mut io::stderr().lock(), text.as_bytes());
        queue = lock();
        queue.written += 1;
        queue.stuck = false;
        OUTBOX.changed.notify_all();
    }
}

fn lock() -> MutexGuard<'static, Queue> {
    locked(&OUTBOX.queue)
}
