//! Being asked to stop: Ctrl-C and, on Unix, SIGTERM and SIGHUP, which comes when the terminal is closed.
//!
//! A thread of its own listens from the first line of `main` on, so that a signal is heard whatever else goes on: a
//! document that is read, a judgement that takes long, a reader of stdout that reads no more. Until something may have been
//! made, the first signal ends the process. From then on ([`Signals::attend`]) it asks the run to end, which it does in
//! time or is ended. CI systems send SIGINT, a while later SIGTERM, and kill at last; so another kind of signal says nothing
//! new, and only a second one of the same kind means "at once".
//!
//! Whoever ends the process here says before what is left at the target and was not told yet ([`Parting`]).

use std::panic::catch_unwind;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
#[cfg(unix)]
use std::task::Poll;
use std::thread;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::parting::{Parting, named_in};
use crate::outcome::Exit;
use crate::write;

/// How long whoever must leave at once may take to say what stays behind.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How long an interrupted process goes on in all: less than CI systems wait before they ask once more (7.5 s), so that
/// what is left is told by then. Its reports have what its clean-up ([`super::schedule::IN_ALL`]) does not take.
const HARD_END: Duration = Duration::from_millis(6_400);
/// How long it may take to find out what is left, and to remove files that are half written.
const FINDING_OUT: Duration = Duration::from_millis(200);
/// How long a reader of stderr is waited for.
const SAYING: Duration = Duration::from_millis(100);
/// How long the system may take to end the process.
const ENDING: Duration = Duration::from_secs(1);

/// The signals that ask a process to stop, listened for from the moment this is made.
#[derive(Debug)]
pub struct Signals {
    heard: watch::Receiver<Heard>,
    duty: Arc<Mutex<Duty>>,
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

/// What a signal means just now.
#[derive(Debug, Default)]
struct Duty {
    /// Whether somebody ends in good order once the first one has come; else it ends the process. What to call then.
    in_order: Option<fn()>,
    /// What would be untold if the process ended now.
    parting: Option<Parting>,
}

impl Signals {
    /// Starts listening. Until somebody attends to it, the first signal ends the process.
    pub fn listen() -> Self {
        let (hear, heard) = watch::channel(Heard::Nothing);
        let duty: Arc<Mutex<Duty>> = Arc::default();
        let own = Arc::clone(&duty);
        let (ready, listening) = sync_channel(1);
        let thread = thread::Builder::new().name("signals".to_owned()).spawn(move || {
            // Where there is no such runtime nobody hears anything, and signals do what they always do. The library panics
            // where too few files may be open; whoever needs more of them says so.
            let built = super::printed::unheard(|| {
                catch_unwind(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
                    let kinds = runtime.block_on(async { Kinds::listen() });
                    Some((runtime, kinds))
                })
            });
            let Ok(Some((runtime, kinds))) = built else { return };
            let _ = ready.send(());
            runtime.block_on(hear_all(kinds, &hear, &own));
        });
        // From here on they are heard; a thread that could not start says nothing, and closes the channel.
        if thread.is_ok() {
            let _ = listening.recv();
        }
        Self { heard, duty }
    }

    /// From now on the first signal asks to end in good order: `told` is called, and whoever waits for [`Signals::first`]
    /// cleans up and reports. If that takes too long, or a second signal of the same kind comes, the process ends and says
    /// what `parting` knows.
    pub fn attend(&self, told: fn(), parting: Parting) {
        *lock(&self.duty) = Duty { in_order: Some(told), parting: Some(parting) };
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

    /// Nothing is left that must be ended in good order: from now on the next signal ends the process. One that has come
    /// already still ends it when its time is over.
    pub fn done(&self) {
        lock(&self.duty).in_order = None;
    }

    /// All that is left at the target was told.
    pub fn told(&self) {
        lock(&self.duty).parting = None;
    }
}

/// Listens as long as the process lives, and ends it when it has to.
async fn hear_all(mut kinds: Kinds, hear: &watch::Sender<Heard>, duty: &Mutex<Duty>) {
    let mut counts = [0_u32; 3];
    let mut first: Option<Instant> = None;
    loop {
        let kind = tokio::select! {
            kind = kinds.next() => kind,
            () = over(first) => leave(duty, "interrupted, and there was no time to end in good order"),
        };
        counts[kind] += 1;
        let at = *first.get_or_insert_with(Instant::now);
        let Some(told) = lock(duty).in_order else { leave(duty, "interrupted") };
        if counts[kind] > 1 {
            hear.send_replace(Heard::Again(at));
            // Whatever else goes on cannot hold it up any longer.
            tokio::time::sleep(AT_ONCE).await;
            leave(duty, "interrupted twice");
        }
        if matches!(*hear.borrow(), Heard::Nothing) {
            hear.send_replace(Heard::Once(at));
            // Whoever is told may not read, and nobody waits for that.
            let _ = thread::Builder::new().spawn(told);
        }
    }
}

/// Ends when the time of a process is over that was asked then.
async fn over(first: Option<Instant>) {
    match first {
        Some(at) => tokio::time::sleep_until(at + HARD_END).await,
        None => std::future::pending().await,
    }
}

/// Ends the process, whatever its other threads do, and says why and what is left if nobody else did.
fn leave(duty: &Mutex<Duty>, why: &str) -> ! {
    let parting = lock(duty).parting.take();
    let (text, came) = sync_channel(1);
    let journal = parting.as_ref().and_then(Parting::journal).map(named_in).unwrap_or_default();
    let fallback = format!("{why}\n{journal}");
    let opening = format!("{why}\n");
    // In a thread of its own, because another one may hold what is looked into.
    let finding_out = thread::Builder::new().spawn(move || {
        write::remove_unfinished();
        let _ = text.send(opening + &parting.map(|parting| parting.text()).unwrap_or_default());
    });
    let text = match finding_out {
        Ok(_) => came.recv_timeout(FINDING_OUT).unwrap_or(fallback),
        Err(_) => fallback,
    };
    write::complain(&crate::report::to_stderr(&super::printed::printable(text.trim_end())));
    write::drained_within(SAYING);
    #[cfg(unix)]
    {
        // What runs at the end of a process may wait for another thread.
        let _ = thread::Builder::new().spawn(|| {
            thread::sleep(ENDING);
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        });
    }
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// Every change is whole before anything can panic.
fn lock(duty: &Mutex<Duty>) -> MutexGuard<'_, Duty> {
    duty.lock().unwrap_or_else(PoisonError::into_inner)
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
            // A file that grows beyond what the system allows (`ulimit -f`) is an error of that write, and ends nothing:
            // heard once, the signal does nothing more.
            let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()));
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
