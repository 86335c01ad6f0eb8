//! Being asked to stop: Ctrl-C and, on Unix, SIGTERM.

/// The signals that ask a process to stop, listened for from the moment this is made.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    asked: Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>,
}

impl Signals {
    /// Starts listening; until then a signal ends the process as it always does. Must be called inside a runtime.
    pub fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let asked = signal(SignalKind::interrupt()).and_then(|one| Ok((one, signal(SignalKind::terminate())?)));
            Self { asked: asked.ok() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Ends when one arrives that has not been waited for yet.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if let Some((interrupt, terminate)) = &mut self.asked {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_ok() {
            return;
        }
        // Nobody can ask.
        std::future::pending::<()>().await;
    }
}
