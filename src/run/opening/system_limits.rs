//! The system's limits: open files and threads. If they are too low for the settings, the run has fewer cases at a time and says
//! so. If they are too low for one case, the run says what is missing before it sends anything.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::location::InputError;
use crate::run::printed::without_panic_message;
use crate::settings::Settings;

/// The open files that are not for the connections of cases: the journal and its replacement, reports, name lookups, and the
/// connections that the client keeps for removing objects.
const OTHERS: u64 = 6;
/// The connections of a case besides those of its own step: one on which the last answer lingers, and one for staged calls.
const STAGED: u64 = 2;
/// The highest limit that the run asks the system for.
const MOST: u64 = 16 * 1024;

/// The most cases that may wait for an answer without a slot.
const WAITING: usize = 512;

/// How many cases the system allows at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// The cases with a slot.
    pub(crate) jobs: usize,
    /// The cases that wait for an answer without a slot.
    pub(crate) waiting: usize,
}

/// How many of the wanted cases the system allows. `at_once` is the largest number of copies of one step. An error if not even
/// one case can run.
pub(crate) fn capacity(settings: &Settings, at_once: usize, notes: &mut Vec<String>) -> Result<Capacity, InputError> {
    // The embedded reference holds the other end of every connection.
    let ends = if settings.base_url.is_none() { 2 } else { 1 };
    let per_case = ends * (at_once.max(1) as u64 + STAGED);
    let alone = ends * at_once.max(1) as u64;
    let (open, limit) = open_files();
    let all = Capacity { jobs: settings.jobs, waiting: WAITING };
    let Some(limit) = limit else { return Ok(all) };
    let free = limit.saturating_sub(open + OTHERS);
    if free < alone {
        return Err(too_few_files(limit, open + OTHERS + alone));
    }
    let fits = |count: u64| usize::try_from(count / per_case).unwrap_or(usize::MAX);
    let jobs = settings.jobs.min(fits(free)).max(1);
    if jobs < settings.jobs {
        notes.push(format!(
            "{jobs} {} at a time instead of {}: this process may have {limit} files open at once (`ulimit -n`)",
            if jobs == 1 { "case was run" } else { "cases were run" },
            settings.jobs
        ));
    }
    let waiting = fits(free.saturating_sub(per_case.saturating_mul(jobs as u64))).min(WAITING);
    Ok(Capacity { jobs, waiting })
}

fn too_few_files(limit: u64, needed: u64) -> InputError {
    InputError::new(format!("this process may have {limit} files open at once, and needs {needed}"))
        .help("raise the limit: `ulimit -n 1024`")
}

/// How many files are open, and how many may be.
#[cfg(unix)]
fn open_files() -> (u64, Option<u64>) {
    use rustix::process::{Resource, getrlimit};
    // The listing itself is one of them. Without a listing the number is a guess: three streams and what a runtime needs.
    let open = std::fs::read_dir("/proc/self/fd").map_or(16, |list| list.count() as u64 - 1);
    (open, getrlimit(Resource::Nofile).current)
}

#[cfg(not(unix))]
fn open_files() -> (u64, Option<u64>) {
    (0, None)
}

/// Raises the limit of open files of this process as far as the system allows.
#[cfg(unix)]
fn raise_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let goal = MOST.min(maximum.unwrap_or(MOST));
    if current.is_some_and(|current| current < goal) {
        // Some systems allow less than they say; then the limit stays what it is.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(goal), maximum });
    }
}

#[cfg(not(unix))]
fn raise_limit() {}

/// The threads besides those of the runtime: signals, progress, a name lookup and its spare.
const OTHER_THREADS: usize = 4;
/// The files that a runtime opens.
const OF_RUNTIME: u64 = 6;
/// The stack size of a thread. `RUST_MIN_STACK` does not change it.
const STACK: usize = 2 * 1024 * 1024;
/// How long an idle blocking thread is kept: the system might not give a new one.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The runtime of a door that owns its process, with as many threads as the system gives, up to one for each processor. Raises
/// the limit of open files. From then on a file that may not grow (`ulimit -f`) is an error of its write, and does not end the
/// process.
pub fn runtime() -> Result<Runtime, InputError> {
    raise_limit();
    let lacking = |why: String| {
        InputError::new(format!("the system gives this program too few threads: {why}"))
            .help("end other programs, or raise the limit of processes (`ulimit -u`, or the container's)")
    };
    let (open, limit) = open_files();
    if let Some(limit) = limit.filter(|limit| *limit < open + OF_RUNTIME) {
        return Err(too_few_files(limit, open + OF_RUNTIME));
    }
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let given = threads(processors + OTHER_THREADS);
    let workers = given.saturating_sub(OTHER_THREADS);
    if workers == 0 {
        return Err(lacking(format!("{given} can be started, and {} are needed", OTHER_THREADS + 1)));
    }
    let mut builder = Builder::new_multi_thread();
    builder.enable_all().worker_threads(workers).thread_keep_alive(KEPT).thread_stack_size(STACK);
    // The threads may be gone by now, and then the library panics.
    let built = without_panic_message(|| catch_unwind(AssertUnwindSafe(|| builder.build())));
    let runtime = built
        .map_err(|_| lacking("one could not be started".to_owned()))?
        .map_err(|error| lacking(error.to_string()))?;
    let ready = without_panic_message(|| {
        catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async {
                #[cfg(unix)]
                let _ = tokio::signal::unix::signal(too_large());
                // Starts the thread for name lookups while the system gives one.
                tokio::task::spawn_blocking(|| ()).await
            })
        }))
    });
    if matches!(ready, Ok(Ok(()))) {
        return Ok(runtime);
    }
    runtime.shutdown_background();
    Err(lacking("one could not be started".to_owned()))
}

/// The signal that comes when a file would grow beyond `ulimit -f`.
#[cfg(unix)]
fn too_large() -> tokio::signal::unix::SignalKind {
    tokio::signal::unix::SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())
}

/// How many of the wanted threads the system gives at once. All of them have ended when this returns.
pub fn threads(wanted: usize) -> usize {
    let (stop, _) = channel::<()>();
    let mut started = Vec::new();
    let mut stops = vec![stop];
    for _ in 0..wanted {
        let (stop, stopped) = channel::<()>();
        let spawned = thread::Builder::new().spawn(move || {
            // The thread ends when the other end is dropped.
            let _ = stopped.recv();
        });
        match spawned {
            Ok(thread) => started.push(thread),
            Err(_) => break,
        }
        stops.push(stop);
    }
    drop(stops);
    let given = started.len();
    for thread in started {
        // The thread cannot have panicked.
        let _ = thread.join();
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::table::{BASE_URL, JOBS};
    use crate::settings::{Environment, Flags};

    #[test]
    fn what_fits_is_run_as_it_was_asked_for() {
        let flags = Flags::default().with(&JOBS, "2").with(&BASE_URL, "http://x.test");
        let settings = Settings::resolve(&flags, Environment::default()).expect("settings");
        let mut notes = Vec::new();
        let capacity = capacity(&settings, 1, &mut notes).expect("a capacity");
        assert_eq!((capacity.jobs, notes.len()), (2, 0));
    }

    #[test]
    fn threads_are_given_and_gone_again() {
        assert_eq!(threads(3), 3);
        assert_eq!(threads(0), 0);
        assert_eq!(runtime().expect("a runtime").block_on(async { 1 }), 1);
    }
}
