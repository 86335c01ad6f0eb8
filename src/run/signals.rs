//! Handles the signals that ask the process to stop: Ctrl-C and, on Unix, SIGTERM and SIGHUP (the terminal was closed).
//!
//! A thread of its own listens from the first line of `main` on. So it receives a signal while a document is read, while a
//! judgement takes long, and while the reader of stdout reads no more. As long as the run can have made nothing, the first
//! signal ends the process. From [`Signals::attend`] on it asks the run to end; if the run takes too long, the process ends.
//! CI systems send SIGINT, then SIGTERM, then kill. So a signal of another kind says nothing new, and only a second signal of
//! the same kind means "at once".
//!
//! Before the process ends here, it prints what is left at the target ([`ExitNotice`]).

use std::panic::catch_unwind;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
#[cfg(unix)]
use std::task::Poll;
use std::thread;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::exit_notice::ExitNotice;
use super::printed::{printable, without_panic_message};
use crate::outcome::Exit;
use crate::write;

/// How long an interrupted run waits for the answers to what it has sent.
pub(crate) const GRACE: Duration = Duration::from_secs(3);
/// How long an interrupted run goes on before its reports, with its clean-up. CI systems send the second signal 7.5 s after the
/// first, and kill 2.5 s later.
pub(crate) const CLEAN_UP_END: Duration = Duration::from_millis(5_900);
/// After a second signal, how long the process may take to print what is left behind.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How long an interrupted process goes on at most. This is less than CI systems wait for their second signal (7.5 s), so the
/// process has printed what is left by then. The reports have the time after the clean-up ([`CLEAN_UP_END`]).
const HARD_END: Duration = Duration::from_millis(6_400);
/// How long it may take to find out what is left, and to remove half-written files.
const FINDING_OUT: Duration = Duration::from_millis(200);
/// How long to wait for the reader of stderr.
const SAYING: Duration = Duration::from_millis(100);
/// How long the system may take to end the process.
const ENDING: Duration = Duration::from_secs(1);

/// The signals that ask the process to stop. They are received from the moment this is made.
#[derive(Clone, Debug)]
pub struct Signals {
    received: watch::Receiver<Received>,
    reaction: Arc<Mutex<SignalReaction>>,
}

/// Which signals have come.
#[derive(Clone, Copy, Debug)]
enum Received {
    Nothing,
    /// One came at this time. Later ones, if any, were of another kind.
    Once(Instant),
    /// Two of the same kind came. The first signal of all came at this time.
    Twice(Instant),
}

/// What the next signal does.
#[derive(Debug, Default)]
struct SignalReaction {
    /// Called for the first signal; the run then ends in good order. Without it the first signal ends the process.
    on_first: Option<fn()>,
    /// What the process prints if it ends now.
    notice: Option<ExitNotice>,
}

impl Signals {
    /// Starts listening. Until [`Signals::attend`] is called, the first signal ends the process.
    pub fn listen() -> Self {
        let (send, received) = watch::channel(Received::Nothing);
        let reaction: Arc<Mutex<SignalReaction>> = Arc::default();
        let own = Arc::clone(&reaction);
        let (ready, listening) = sync_channel(1);
        let thread = thread::Builder::new().name("signals".to_owned()).spawn(move || {
            // Without this runtime no signal is received, and signals do what they do by default. The library panics if
            // too few files may be open; the run reports that by itself.
            let built = without_panic_message(|| {
                catch_unwind(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
                    let kinds = runtime.block_on(async { Kinds::listen() });
                    Some((runtime, kinds))
                })
            });
            let Ok(Some((runtime, kinds))) = built else { return };
            let _ = ready.send(());
            runtime.block_on(receive_all(kinds, &send, &own));
        });
        // From here on signals are received. If the thread did not start, the channel is closed.
        if thread.is_ok() {
            let _ = listening.recv();
        }
        Self { received, reaction }
    }

    /// Listens to nothing: the process belongs to another program, and no signal comes.
    pub fn none() -> Self {
        let (_, received) = watch::channel(Received::Nothing);
        Self { received, reaction: Arc::default() }
    }

    /// From now on the first signal asks the run to end in good order: `on_first` is called, and the task that waits for
    /// [`Signals::first`] cleans up and reports. If that takes too long, or a second signal of the same kind comes, the
    /// process prints the notice and ends.
    pub fn attend(&self, on_first: fn(), notice: ExitNotice) {
        *lock(&self.reaction) = SignalReaction { on_first: Some(on_first), notice: Some(notice) };
    }

    /// Waits for the first signal. Returns when it came.
    pub async fn first(&mut self) -> Instant {
        match self.received.wait_for(|received| !matches!(received, Received::Nothing)).await.map(|received| *received)
        {
            Ok(Received::Once(at) | Received::Twice(at)) => at,
            // No signal can come any more.
            Ok(Received::Nothing) | Err(_) => std::future::pending().await,
        }
    }

    /// Waits for a second signal of the same kind.
    pub async fn second(&mut self) {
        if self.received.wait_for(|received| matches!(received, Received::Twice(_))).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The run has ended in good order: from now on the next signal ends the process. A signal that came before still ends
    /// the process when its time is over.
    pub fn done(&self) {
        lock(&self.reaction).on_first = None;
    }

    /// The process has printed what is left at the target, so the notice is not needed.
    pub fn reported(&self) {
        lock(&self.reaction).notice = None;
    }
}

/// Listens as long as the process lives, and ends the process if a signal requires it.
async fn receive_all(mut kinds: Kinds, send: &watch::Sender<Received>, reaction: &Mutex<SignalReaction>) {
    let mut counts = [0_u32; 3];
    let mut first: Option<Instant> = None;
    loop {
        let kind = tokio::select! {
            kind = kinds.next() => kind,
            () = over(first) => leave(reaction, "interrupted, and there was no time to end in good order"),
        };
        counts[kind] += 1;
        let at = *first.get_or_insert_with(Instant::now);
        let Some(on_first) = lock(reaction).on_first else { leave(reaction, "interrupted") };
        if counts[kind] > 1 {
            send.send_replace(Received::Twice(at));
            // Nothing that the process still does may delay its end any longer.
            tokio::time::sleep(AT_ONCE).await;
            leave(reaction, "interrupted twice");
        }
        if matches!(*send.borrow(), Received::Nothing) {
            send.send_replace(Received::Once(at));
            // The reader of the message may not read, so the message has a thread of its own.
            let _ = thread::Builder::new().spawn(on_first);
        }
    }
}

/// Waits until the time of an interrupted process is over. `first` is when its first signal came.
async fn over(first: Option<Instant>) {
    match first {
        Some(at) => tokio::time::sleep_until(at + HARD_END).await,
        None => std::future::pending().await,
    }
}

/// Ends the process, whatever its other threads do. Prints why, and what is left at the target if that was not printed yet.
fn leave(reaction: &Mutex<SignalReaction>, why: &str) -> ! {
    let notice = lock(reaction).notice.take();
    let (text, came) = sync_channel(1);
    let journal = notice.as_ref().and_then(ExitNotice::journal_note).unwrap_or_default();
    let fallback = format!("{why}\n{journal}");
    let opening = format!("{why}\n");
    // In a thread of its own, because another thread may hold a lock that the notice needs.
    let finding_out = thread::Builder::new().spawn(move || {
        write::remove_unfinished();
        let _ = text.send(opening + &notice.map(|notice| notice.text()).unwrap_or_default());
    });
    let text = match finding_out {
        Ok(_) => came.recv_timeout(FINDING_OUT).unwrap_or(fallback),
        Err(_) => fallback,
    };
    write::write_stderr(&crate::report::to_stderr(&printable(text.trim_end())));
    write::flush_stderr_within(SAYING);
    #[cfg(unix)]
    {
        // The exit handlers of the process may wait for another thread.
        let _ = thread::Builder::new().spawn(|| {
            thread::sleep(ENDING);
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        });
    }
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// No panic can interrupt a change, so a poisoned lock holds whole data.
fn lock(reaction: &Mutex<SignalReaction>) -> MutexGuard<'_, SignalReaction> {
    reaction.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The kinds of signals that are received.
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
            // A write beyond the limit of file sizes (`ulimit -f`) is then an error, and does not end the process: a signal
            // that is received does nothing by default.
            let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()));
            let hangup = (!hangup_is_ignored()).then(SignalKind::hangup);
            let kinds = [SignalKind::interrupt(), SignalKind::terminate()].into_iter().chain(hangup);
            Self { asked: kinds.filter_map(|kind| signal(kind).ok()).collect() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Waits for the next signal. Returns its kind.
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
        // No signal can come.
        std::future::pending().await
    }
}

/// Whether the process was started to outlive its terminal, as `nohup` does. Only Linux says so.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Signal 1 is the lowest bit.
    ignored.is_some_and(|mask| mask & 1 == 1)
}
