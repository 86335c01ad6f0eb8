//! Connections that wait for their next request.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::connection::Connection;

/// The idle connections to one target, the freshest last.
pub(super) struct Pool {
    idle: Mutex<Vec<Connection>>,
    watch: Duration,
    limit: Duration,
    /// Whether the target seems to serve one connection at a time, so that none may be kept idle.
    serial: AtomicBool,
}

impl Pool {
    /// A connection that has carried an exchange is used again when it has been idle for `watch`, and before `limit`.
    pub(super) fn new(watch: Duration, limit: Duration) -> Self {
        Self { idle: Mutex::default(), watch, limit, serial: AtomicBool::new(false) }
    }

    /// The freshest connection that has rested and is not too old, and on which nothing came and nothing ended
    /// meanwhile. One that has not rested may still get bytes of its last answer, which would look like the next one.
    pub(super) async fn take(&self) -> Option<Connection> {
        loop {
            let mut connection = self.freshest()?;
            if connection.at_once().await.is_none() {
                return Some(connection);
            }
        }
    }

    fn freshest(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let rested = |connection: &Connection| {
            !connection.carried || connection.watched || connection.idle_since.elapsed() >= self.watch
        };
        let at = idle.iter().rposition(rested)?;
        if idle[at].idle_since.elapsed() < self.limit {
            return Some(idle.remove(at));
        }
        // What lies below is older still.
        let old: Vec<Connection> = idle.drain(..=at).collect();
        drop(idle);
        drop(old);
        None
    }

    pub(super) fn put(&self, mut connection: Connection) {
        if self.serial.load(Ordering::Relaxed) {
            return;
        }
        connection.idle_since = Instant::now();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// A request waits long for its answer while connections are idle here: a server that serves one connection at a time
    /// waits on one of them. They are closed, and if there were any, none is kept from now on.
    pub(super) fn make_way(&self) {
        if !self.drain().is_empty() {
            self.serial.store(true, Ordering::Relaxed);
        }
    }

    /// All of them; none is left.
    pub(super) fn drain(&self) -> Vec<Connection> {
        std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
