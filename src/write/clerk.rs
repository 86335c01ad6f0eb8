//! A thread that does the slow things about one file, each within a time limit.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::held_up;

/// One thing to do with what the thread owns.
type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// Owns something slow, such as an open file, and does one thing after the other with it.
///
/// Once something has taken longer than the limit, nothing more is done: the file system is taken for stuck.
#[derive(Debug)]
pub struct Clerk<S> {
    limit: Duration,
    way: Way<S>,
}

#[derive(Debug)]
enum Way<S> {
    /// By a thread of its own.
    Thread(Mutex<Thread<S>>),
    /// Where no thread could be started: by who asks, without a limit.
    Here(Mutex<S>),
}

#[derive(Debug)]
struct Thread<S> {
    /// None any more once something got stuck.
    jobs: Option<Sender<Job<S>>>,
    /// Is closed when the thread has let go of what it owns.
    ended: Receiver<()>,
}

impl<S: Send + 'static> Clerk<S> {
    /// One that owns this, with a time limit for each thing to do.
    pub fn new(limit: Duration, owned: S) -> Self {
        let (jobs, came) = channel::<Job<S>>();
        // The thread is handed what it owns once it runs, so that it is not lost where none can be started.
        let (hand, handed) = channel::<S>();
        let (end, ended) = channel::<()>();
        let thread = thread::Builder::new().name("write".to_owned()).spawn(move || {
            if let Ok(owned) = handed.recv() {
                work_off(owned, &came);
            }
            drop(end);
        });
        if thread.is_err() {
            return Self { limit, way: Way::Here(Mutex::new(owned)) };
        }
        match hand.send(owned) {
            Ok(()) => Self { limit, way: Way::Thread(Mutex::new(Thread { jobs: Some(jobs), ended })) },
            Err(returned) => Self { limit, way: Way::Here(Mutex::new(returned.0)) },
        }
    }

    /// Does something and gives its result. It is an error of its own that the limit has passed, now or before.
    pub fn ask<T: Send + 'static>(&self, job: impl FnOnce(&mut S) -> io::Result<T> + Send + 'static) -> io::Result<T> {
        let thread = match &self.way {
            Way::Here(owned) => return job(&mut owned.lock().unwrap_or_else(PoisonError::into_inner)),
            Way::Thread(thread) => thread,
        };
        // Held while it is done: one thing after the other, and none after one that got stuck.
        let mut thread = thread.lock().unwrap_or_else(PoisonError::into_inner);
        let (done, came) = channel();
        let is_sent = thread.jobs.as_ref().is_some_and(|jobs| {
            jobs.send(Box::new(move |owned: &mut S| {
                // Who asked may have given up.
                let _ = done.send(job(owned));
            }))
            .is_ok()
        });
        if !is_sent {
            return Err(held_up(self.limit));
        }
        match came.recv_timeout(self.limit) {
            Ok(result) => result,
            Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("writing panicked")),
            Err(RecvTimeoutError::Timeout) => {
                thread.jobs = None;
                Err(held_up(self.limit))
            }
        }
    }
}

impl<S> Drop for Clerk<S> {
    /// Waits until what is owned is let go, within the limit.
    fn drop(&mut self) {
        if let Way::Thread(thread) = &mut self.way {
            let thread = thread.get_mut().unwrap_or_else(PoisonError::into_inner);
            if thread.jobs.take().is_some() {
                let _ = thread.ended.recv_timeout(self.limit);
            }
        }
    }
}

fn work_off<S>(mut owned: S, jobs: &Receiver<Job<S>>) {
    for job in jobs {
        job(&mut owned);
    }
}
