//! Connections that wait for their next request.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::connection::Connection;

/// The idle connections to one target, the freshest last.
pub(super) struct Pool {
    idle: Mutex<Vec<Connection>>,
    limit: Duration,
}

impl Pool {
    pub(super) fn new(limit: Duration) -> Self {
        Self { idle: Mutex::default(), limit }
    }

    /// The freshest connection that is not too old and on which nothing came and nothing ended meanwhile.
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
        let connection = idle.pop()?;
        if connection.idle_since.elapsed() < self.limit {
            return Some(connection);
        }
        // What lies below is older still.
        let old = std::mem::take(&mut *idle);
        drop(idle);
        drop((connection, old));
        None
    }

    pub(super) fn put(&self, mut connection: Connection) {
        connection.idle_since = Instant::now();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// All of them; none is left.
    pub(super) fn drain(&self) -> Vec<Connection> {
        std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
