//! Idle connections.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::connection::Connection;

/// The idle connections to one target, the one that was used last at the end.
pub(super) struct Pool {
    idle: Mutex<Vec<Connection>>,
    watch: Duration,
    limit: Duration,
    /// Whether the target seems to serve one connection at a time, so that no idle connection may be kept.
    serial: AtomicBool,
}

impl Pool {
    /// A connection that has carried an exchange is reused after an idle time of at least `watch` and less than `limit`.
    pub(super) fn new(watch: Duration, limit: Duration) -> Self {
        Self { idle: Mutex::default(), watch, limit, serial: AtomicBool::new(false) }
    }

    /// The connection that was used last, if its idle time is right and nothing came on it meanwhile. If its idle time is too
    /// short, late bytes of its last response could come, and would be read as the next one.
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
        // Those before it are older.
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

    /// Closes the idle connections for a request that waits long for its response. The server may serve one connection at a
    /// time, so if there were any, no idle connection is kept from now on.
    pub(super) fn make_way(&self) {
        if !self.drain().is_empty() {
            self.serial.store(true, Ordering::Relaxed);
        }
    }

    /// Removes and gives all connections.
    pub(super) fn drain(&self) -> Vec<Connection> {
        std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
