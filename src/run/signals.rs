//! Being asked to stop: Ctrl-C and, on Unix, SIGTERM.

/// The signals that ask a process to stop, listened for from the moment this is made.
#[derive(Debug)]
pub struct Signals {
    /// Called at the first one.
    told: Option<fn()>,
    #[cfg(unix)]
    asked: Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>,
}

impl Signals {
    /// Starts listening; until then a signal ends the process as it always does. `told` is called at the first one.
    /// Must be called inside a runtime.
    pub fn listen(told: fn()) -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let asked = signal(SignalKind::interrupt()).and_then(|one| Ok((one, signal(SignalKind::terminate())?)));
            Self { told: Some(told), asked: asked.ok() }
        }
        #[cfg(not(unix))]
        Self { told: Some(told) }
    }

    /// Ends when one arrives that has not been waited for yet.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if let Some((interrupt, terminate)) = &mut self.asked {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            return self.tell();
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_ok() {
            return self.tell();
        }
        // Nobody can ask.
        std::future::pending::<()>().await;
    }

    fn tell(&mut self) {
        if let Some(told) = self.told.take() {
            told();
        }
    }
}
