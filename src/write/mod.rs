//! Writing that ends. Files are made new and moved into place, so nothing that was there is opened and waited for. Every
//! step has a time limit, because a file system may not answer. What goes to stderr is written by a thread of its own, so
//! that nothing waits for a reader that does not read.
//!
//! It leaves out what is written, and where to.

mod clerk;
mod stderr;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

pub use clerk::Clerk;
pub use stderr::{complain, drained, drained_within};

/// How long a file system may take for one step.
pub const LIMIT: Duration = Duration::from_secs(10);
/// How much longer it may take for each so many bytes.
const A_SECOND: usize = 1024 * 1024;
/// How soon a reader that takes nothing just now is offered more.
const AGAIN: Duration = Duration::from_millis(10);

/// Does something that may be held up, in a thread of its own. After the limit its result is an error, and the thread is
/// left to itself. Where no thread can be started it is done without a limit.
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
            // Who asked may have given up.
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
fn held_up(limit: Duration) -> io::Error {
    io::Error::new(ErrorKind::TimedOut, format!("the file system has not answered for {limit:?}"))
}

/// Puts a file with these bytes in the place of what is there: whole or not at all, so a reader never sees half of it.
/// A link stays a link, and what it leads to is replaced. Anything else than a regular file is an error.
pub fn replace(path: &Path, bytes: Vec<u8>) -> io::Result<()> {
    let path = path.to_owned();
    let limit = LIMIT + Duration::from_secs((bytes.len() / A_SECOND) as u64);
    within(limit, move || {
        match fs::metadata(&path) {
            Ok(there) if !there.is_file() => {
                return Err(io::Error::other("it is no regular file any more"));
            }
            _ => {}
        }
        let path = path.canonicalize().unwrap_or(path);
        let fresh = Unfinished::beside(&path);
        new_file(&fresh.0)?.write_all(&bytes)?;
        fs::rename(&fresh.0, &path)
    })
}

/// A new file: nothing that was there is opened, not even behind a link.
pub fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create_new(true).open(path)
}

/// The files that are being written and not yet in their places.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The name of a file that is being written. The file is removed with this unless it was moved into its place.
#[derive(Debug)]
pub struct Unfinished(pub PathBuf);

impl Unfinished {
    /// A name in the folder of a file that no other file has.
    pub fn beside(path: &Path) -> Self {
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.tmp", uuid::Uuid::new_v4().simple()));
        let path = path.with_file_name(name);
        locked(&UNFINISHED).push(path.clone());
        Self(path)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Mostly it has been moved.
        let _ = fs::remove_file(&self.0);
        locked(&UNFINISHED).retain(|other| *other != self.0);
    }
}

/// Removes what is being written, for a process that must end at once.
pub fn remove_unfinished() {
    let unfinished = locked(&UNFINISHED).clone();
    for path in unfinished {
        // Nobody is left to tell.
        let _ = fs::remove_file(path);
    }
}

/// Writes all bytes, and waits as long as the reader takes no more of them, also where the system does not wait.
pub fn patiently(to: &mut dyn Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(AGAIN),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    loop {
        match to.flush() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(AGAIN),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Every change behind these locks is whole before anything can panic.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
