//! Asks everything that runs to come to an end.

use tokio::sync::watch;

/// Whether the run is to come to an end.
#[derive(Debug)]
pub(crate) struct Stop(watch::Sender<bool>);

impl Stop {
    /// Nobody has asked for it yet.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Asks for it.
    pub(crate) fn request(&self) {
        self.0.send_replace(true);
    }

    /// Whether somebody has asked for it.
    pub(crate) fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until somebody asks for it.
    pub(crate) async fn requested(&self) {
        // This cannot fail: the sender lives as long as `self`.
        let _ = self.0.subscribe().wait_for(|stop| *stop).await;
    }

    /// What other waits listen to.
    pub(crate) fn sender(&self) -> &watch::Sender<bool> {
        &self.0
    }
}
