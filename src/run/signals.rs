//! Being asked to stop: Ctrl-C and, on Unix, SIGTERM and SIGHUP, which comes when the terminal is closed.

#[cfg(unix)]
use std::task::Poll;

/// The signals that ask a process to stop, listened for from the moment this is made.
#[derive(Debug)]
pub struct Signals {
    /// Called at the first one.
    told: Option<fn()>,
    #[cfg(unix)]
    asked: Vec<tokio::signal::unix::Signal>,
}

impl Signals {
    /// Starts listening; until then a signal ends the process as it always does. `told` is called at the first one.
    /// Must be called inside a runtime.
    pub fn listen(told: fn()) -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let hangup = (!hangup_is_ignored()).then(SignalKind::hangup);
            let kinds = [SignalKind::interrupt(), SignalKind::terminate()].into_iter().chain(hangup);
            Self { told: Some(told), asked: kinds.filter_map(|kind| signal(kind).ok()).collect() }
        }
        #[cfg(not(unix))]
        Self { told: Some(told) }
    }

    /// Ends when one arrives that has not been waited for yet.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if !self.asked.is_empty() {
            let asked = &mut self.asked;
            std::future::poll_fn(|context| {
                let came = asked.iter_mut().any(|one| matches!(one.poll_recv(context), Poll::Ready(Some(()))));
                if came { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
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

/// Whether whoever started this process wants it to outlive its terminal, as `nohup` does. Only Linux says.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Signal 1 is the lowest bit.
    ignored.is_some_and(|mask| mask & 1 == 1)
}
