//! A thread that works on one file, each step within a time limit.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::limit::held_up;
use super::lock::locked;

/// One step with what the thread owns.
type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// Owns something slow, such as an open file, and carries out one step after the other with it.
///
/// After a step has taken longer than the limit, no further step is carried out: the file system seems to be stuck.
#[derive(Debug)]
pub struct FileWorker<S> {
    limit: Duration,
    owner: Owner<S>,
}

/// Who owns it.
#[derive(Debug)]
enum Owner<S> {
    /// A thread.
    Thread(Mutex<Thread<S>>),
    /// This value, where no thread could be started. The callers carry out the steps, without a limit.
    Here(Mutex<S>),
}

#[derive(Debug)]
struct Thread<S> {
    /// None after a step took too long.
    jobs: Option<Sender<Job<S>>>,
    /// Closed when the thread has dropped what it owns.
    ended: Receiver<()>,
}

impl<S: Send + 'static> FileWorker<S> {
    /// Takes what it shall own, and the time limit for each step.
    pub fn new(limit: Duration, owned: S) -> Self {
        let (jobs, came) = channel::<Job<S>>();
        // The thread receives what it owns when it runs, so that it is not lost where no thread can be started.
        let (hand, handed) = channel::<S>();
        let (end, ended) = channel::<()>();
        let thread = thread::Builder::new().name("write".to_owned()).spawn(move || {
            if let Ok(owned) = handed.recv() {
                work_off(owned, &came);
            }
            drop(end);
        });
        if thread.is_err() {
            return Self { limit, owner: Owner::Here(Mutex::new(owned)) };
        }
        match hand.send(owned) {
            Ok(()) => Self { limit, owner: Owner::Thread(Mutex::new(Thread { jobs: Some(jobs), ended })) },
            Err(returned) => Self { limit, owner: Owner::Here(Mutex::new(returned.0)) },
        }
    }

    /// Carries out a step and gives its result. If this step or an earlier one took longer than the limit, this is an error
    /// of the kind `TimedOut`.
    pub fn ask<T: Send + 'static>(&self, job: impl FnOnce(&mut S) -> io::Result<T> + Send + 'static) -> io::Result<T> {
        let thread = match &self.owner {
            Owner::Here(owned) => return job(&mut locked(owned)),
            Owner::Thread(thread) => thread,
        };
        // Locked during the step: steps follow each other, and none follows one that took too long.
        let mut thread = locked(thread);
        let (done, came) = channel();
        let is_sent = thread.jobs.as_ref().is_some_and(|jobs| {
            jobs.send(Box::new(move |owned: &mut S| {
                // The caller may have given up.
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

impl<S> Drop for FileWorker<S> {
    /// Waits until the thread has dropped what it owns, at most as long as the limit.
    fn drop(&mut self) {
        if let Owner::Thread(thread) = &mut self.owner {
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
