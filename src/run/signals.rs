//! Being asked to stop: Ctrl-C and, on Unix, SIGTERM and SIGHUP, which comes when the terminal is closed.
//!
//! A thread of its own listens, so that a signal is heard whatever else goes on: a judgement that takes long, a reader of
//! stdout that reads no more. The first signal asks the run to end. CI systems send SIGINT, a while later SIGTERM, and kill
//! at last; so another kind of signal says nothing new, and only a second one of the same kind means "at once".

#[cfg(unix)]
use std::task::Poll;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::outcome::Exit;

/// How long whoever must leave at once may take to say what stays behind.
const PARTING: Duration = Duration::from_secs(1);

/// The signals that ask a process to stop, listened for from the moment this is made.
#[derive(Debug)]
pub struct Signals {
    heard: watch::Receiver<Heard>,
    /// Whether there is nothing left to be ended in good order.
    done: watch::Sender<bool>,
}

/// What has been heard.
#[derive(Clone, Copy, Debug)]
enum Heard {
    Nothing,
    /// One, then; whatever else came is of another kind.
    Once(Instant),
    /// Two of one kind.
    Again(Instant),
}

impl Signals {
    /// Starts listening; until then a signal ends the process as it always does. `told` is called at the first one.
    pub fn listen(told: fn()) -> Self {
        let (hear, heard) = watch::channel(Heard::Nothing);
        let done = watch::Sender::new(false);
        let over = done.subscribe();
        let (ready, listening) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            // Where there is no such runtime nobody hears anything, and signals do what they always do.
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                let kinds = Kinds::listen();
                let _ = ready.send(());
                hear_all(kinds, &hear, over, told).await;
            });
        });
        // From here on they are heard; a thread that could not start says nothing, and closes the channel.
        if thread.is_ok() {
            let _ = listening.recv();
        }
        Self { heard, done }
    }

    /// Ends once the first has come; tells when that was.
    pub async fn first(&mut self) -> Instant {
        match self.heard.wait_for(|heard| !matches!(heard, Heard::Nothing)).await.map(|heard| *heard) {
            Ok(Heard::Once(at) | Heard::Again(at)) => at,
            // Nobody can ask.
            Ok(Heard::Nothing) | Err(_) => std::future::pending().await,
        }
    }

    /// Ends once a second one of the same kind has come.
    pub async fn again(&mut self) {
        if self.heard.wait_for(|heard| matches!(heard, Heard::Again(_))).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Nothing is left that must be ended in good order: from now on the first signal ends the process.
    pub fn done(&self) {
        self.done.send_replace(true);
    }
}

/// Listens as long as the process lives, and ends it when it has to.
async fn hear_all(mut kinds: Kinds, hear: &watch::Sender<Heard>, mut over: watch::Receiver<bool>, told: fn()) {
    let mut counts = [0_u32; 3];
    let mut first = None;
    loop {
        let kind = kinds.next().await;
        counts[kind] += 1;
        // The sender may be gone with the run; what it said last still counts.
        let is_over = *over.borrow_and_update();
        let at = *first.get_or_insert_with(Instant::now);
        if is_over {
            leave();
        }
        if counts[kind] > 1 {
            hear.send_replace(Heard::Again(at));
            // Whatever else goes on cannot hold it up any longer.
            tokio::time::sleep(PARTING).await;
            leave();
        }
        if matches!(*hear.borrow(), Heard::Nothing) {
            hear.send_replace(Heard::Once(at));
            // Whoever is told may not read, and nobody waits for that.
            let _ = std::thread::Builder::new().spawn(told);
        }
    }
}

/// Ends the process, whatever its other threads do.
fn leave() -> ! {
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// The kinds of signals that are heard.
struct Kinds {
    #[cfg(unix)]
    asked: Vec<tokio::signal::unix::Signal>,
}

impl Kinds {
    /// Must be called inside a runtime.
    fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let hangup = (!hangup_is_ignored()).then(SignalKind::hangup);
            let kinds = [SignalKind::interrupt(), SignalKind::terminate()].into_iter().chain(hangup);
            Self { asked: kinds.filter_map(|kind| signal(kind).ok()).collect() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// The next one: which kind it is of.
    async fn next(&mut self) -> usize {
        #[cfg(unix)]
        if !self.asked.is_empty() {
            let asked = &mut self.asked;
            return std::future::poll_fn(|context| {
                let came = asked.iter_mut().position(|one| matches!(one.poll_recv(context), Poll::Ready(Some(()))));
                came.map_or(Poll::Pending, Poll::Ready)
            })
            .await;
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_ok() {
            return 0;
        }
        // Nobody can ask.
        std::future::pending().await
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
