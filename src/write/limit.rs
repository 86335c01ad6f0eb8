//! Steps with a time limit, because a file system may not answer.

use std::io::{self, ErrorKind};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::lock::locked;

/// How long a file system may take for one step.
pub const LIMIT: Duration = Duration::from_secs(10);

/// Carries out a step in a thread of its own. If the step takes longer than the limit, this returns an error of the kind
/// `TimedOut`, and the thread goes on alone. Where no thread can be started, the step is carried out without a limit.
pub fn within<T: Send + 'static>(
    limit: Duration,
    step: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (send, came) = sync_channel(1);
    let step = Arc::new(Mutex::new(Some(step)));
    let own = Arc::clone(&step);
    let thread = thread::Builder::new().name("write".to_owned()).spawn(move || {
        let step = locked(&own).take();
        if let Some(step) = step {
            // The caller may have given up.
            let _ = send.send(step());
        }
    });
    if thread.is_err()
        && let Some(step) = locked(&step).take()
    {
        return step();
    }
    came.recv_timeout(limit).unwrap_or_else(|_| Err(held_up(limit)))
}

/// The error of a step that took too long.
pub(super) fn held_up(limit: Duration) -> io::Error {
    io::Error::new(ErrorKind::TimedOut, format!("the file system has not answered for {limit:?}"))
}
