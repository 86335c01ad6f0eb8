//! What this machine may lack for a connection. That says nothing about the target: whoever wants a connection waits until
//! others are done with theirs.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{Client, Failure};

/// What is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// This process, or the machine, may open no further file.
    Files,
    /// Every port for a connection to there is in use.
    Ports,
    /// The system has no memory for a connection.
    Memory,
}

impl Lack {
    /// What an error of connecting says, if it is about this machine.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        #[cfg(unix)]
        {
            use rustix::io::Errno;
            let errno = Errno::from_io_error(error)?;
            match errno {
                Errno::MFILE | Errno::NFILE => Some(Self::Files),
                Errno::ADDRNOTAVAIL => Some(Self::Ports),
                Errno::NOBUFS | Errno::NOMEM => Some(Self::Memory),
                _ => None,
            }
        }
        #[cfg(not(unix))]
        {
            let _ = error;
            None
        }
    }

    /// What to do about it.
    pub(super) const fn help(self) -> &'static str {
        match self {
            Self::Files => "raise the limit of open files (`ulimit -n 1024`), or lower --jobs",
            Self::Ports => "wait a minute until ports are free again, and lower --jobs or --rate",
            Self::Memory => "end other programs, or lower --jobs",
        }
    }
}

impl std::fmt::Display for Lack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Files => "this process can open no further file",
            Self::Ports => "this machine has no free port for the connection",
            Self::Memory => "this machine has no memory for the connection",
        })
    }
}

/// How often a connection is tried while this machine lacks what it needs.
const PAUSE: Duration = Duration::from_millis(50);

/// What a client keeps for a shortage, and knows about one.
#[derive(Debug, Default)]
pub(super) struct Shortage {
    reserve: Reserve,
    /// Whether the target was reached.
    reached: AtomicBool,
}

impl Client {
    /// Asks for something that opens a connection. While this machine lacks what a connection needs, idle ones are closed, and
    /// others are waited for, at most as long as one exchange may take. What is urgent gets what was kept back.
    pub(super) async fn once_there_is_room<T, F>(&self, urgent: bool, ask: impl Fn() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let last = Instant::now() + self.options.total;
        loop {
            let asked = ask().await;
            let Err(Failure::Starved { lack, .. }) = &asked else {
                if asked.is_ok() {
                    self.shortage.reached.store(true, Ordering::Relaxed);
                    self.shortage.reserve.fill();
                }
                return asked;
            };
            // An address that this machine has no way to gives the same error as one to which every port is in use.
            let passes = *lack != Lack::Ports || self.shortage.reached.load(Ordering::Relaxed);
            if !passes || Instant::now() >= last {
                return asked;
            }
            Box::pin(self.close()).await;
            if !(urgent && *lack == Lack::Files && self.shortage.reserve.give_up()) {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Open files that are kept back, so that what must be removed can be asked for when nothing else can be opened.
#[derive(Debug, Default)]
struct Reserve(Mutex<Vec<File>>);

/// How many are kept back.
const KEPT_BACK: usize = 2;

impl Reserve {
    /// Keeps back what may be had.
    fn fill(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.len() < KEPT_BACK {
            let Ok(file) = File::open("/dev/null") else { return };
            kept.push(file);
        }
    }

    /// Gives one up. Whether there was one.
    fn give_up(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_what_is_about_this_machine_is_a_lack() {
        use rustix::io::Errno;
        let table = [
            (Errno::MFILE, Some(Lack::Files)),
            (Errno::NFILE, Some(Lack::Files)),
            (Errno::ADDRNOTAVAIL, Some(Lack::Ports)),
            (Errno::NOBUFS, Some(Lack::Memory)),
            (Errno::CONNREFUSED, None),
            (Errno::HOSTUNREACH, None),
        ];
        for (errno, lack) in table {
            assert_eq!(Lack::of(&errno.into()), lack, "{errno}");
        }
        assert_eq!(Lack::of(&io::Error::other("it has no address")), None);
    }

    #[test]
    fn what_is_kept_back_is_given_up_one_by_one() {
        let reserve = Reserve::default();
        assert!(!reserve.give_up());
        reserve.fill();
        reserve.fill();
        assert_eq!((0..=KEPT_BACK).filter(|_| reserve.give_up()).count(), if cfg!(unix) { KEPT_BACK } else { 0 });
    }
}
