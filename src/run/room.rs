//! What the system gives this process: files that may be open at once, and threads. A run that would need more runs fewer
//! cases at a time and says so; one that cannot run at all says what is lacking, before anything is sent.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::location::InputError;
use crate::settings::Settings;

/// How many open files are left to everything but connections: the journal and its renewal, reports, looking names up, and
/// what the client keeps back for removing what was made.
const OTHERS: u64 = 6;
/// How many more connections than those of its own step a case may have open: one on which its last answer lingers, and one
/// that prepares or looks. One at a time, it has one.
const BESIDE: u64 = 2;
/// The most open files that are asked of the system.
const MOST: u64 = 16 * 1024;

/// How many cases may wait for an answer without a place, at most.
const ASIDE: usize = 512;

/// How many cases may run at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// With a place.
    pub(super) jobs: usize,
    /// Besides, waiting for an answer without one.
    pub(super) aside: usize,
}

/// How much room there is for the cases that the settings want, of which one step is sent so often together. Raises the limit
/// of open files towards what the system allows. Bad input where not even one case could run.
pub(super) fn room(settings: &Settings, at_once: usize, notes: &mut Vec<String>) -> Result<Room, InputError> {
    // The reference inside holds the other end of every connection.
    let ends = if settings.base_url.is_none() { 2 } else { 1 };
    let per_case = ends * (at_once.max(1) as u64 + BESIDE);
    let alone = ends * at_once.max(1) as u64;
    let (open, limit) = open_files(per_case.saturating_mul(settings.jobs.saturating_add(ASIDE) as u64));
    let all = Room { jobs: settings.jobs, aside: ASIDE };
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
    let aside = fits(free.saturating_sub(per_case.saturating_mul(jobs as u64))).min(ASIDE);
    Ok(Room { jobs, aside })
}

fn too_few_files(limit: u64, needed: u64) -> InputError {
    InputError::new(format!("this process may have {limit} files open at once, and needs {needed}"))
        .help("raise the limit: `ulimit -n 1024`")
}

/// How many files are open, and how many may be, after asking the system for so many more.
#[cfg(unix)]
fn open_files(wanted: u64) -> (u64, Option<u64>) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // The listing holds one itself. Where nothing lists them it is a guess: the three streams and what a runtime needs.
    let open = std::fs::read_dir("/proc/self/fd").map_or(16, |list| list.count() as u64 - 1);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let goal = (open + OTHERS).saturating_add(wanted).min(MOST).min(maximum.unwrap_or(MOST));
    if current.is_some_and(|current| current < goal) {
        // Some systems allow less than they say; then the limit stays what it is.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(goal), maximum });
    }
    (open, getrlimit(Resource::Nofile).current)
}

#[cfg(not(unix))]
fn open_files(_: u64) -> (u64, Option<u64>) {
    (0, None)
}

/// Threads beside those of the runtime: signals, progress, a look-up and its spare.
const THREADS_BESIDE: usize = 4;
/// How many files a runtime opens.
const OF_RUNTIME: u64 = 6;
/// How large the stack of a thread is, whatever `RUST_MIN_STACK` says.
const STACK: usize = 2 * 1024 * 1024;
/// How long a thread for what blocks is kept: one that could not be started anew would never come.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// A runtime with as many threads as the system gives, up to one for each processor. A file that may not grow is an error of
/// whoever writes it from then on, and no longer the end of the process.
pub fn runtime() -> Result<Runtime, InputError> {
    let lacking = |why: String| {
        InputError::new(format!("the system gives this program too few threads: {why}"))
            .help("end other programs, or raise the limit of processes (`ulimit -u`, or the container's)")
    };
    let (open, limit) = open_files(0);
    if let Some(limit) = limit.filter(|limit| *limit < open + OF_RUNTIME) {
        return Err(too_few_files(limit, open + OF_RUNTIME));
    }
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let given = threads(processors + THREADS_BESIDE);
    let workers = given.saturating_sub(THREADS_BESIDE);
    if workers == 0 {
        return Err(lacking(format!("{given} can be started, and {} are needed", THREADS_BESIDE + 1)));
    }
    let mut builder = Builder::new_multi_thread();
    builder.enable_all().worker_threads(workers).thread_keep_alive(KEPT).thread_stack_size(STACK);
    // What was given a moment ago may be gone, and the library panics then.
    let built = super::printed::unheard(|| catch_unwind(AssertUnwindSafe(|| builder.build())));
    let runtime = built
        .map_err(|_| lacking("one could not be started".to_owned()))?
        .map_err(|error| lacking(error.to_string()))?;
    let ready = super::printed::unheard(|| {
        catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async {
                #[cfg(unix)]
                let _ = tokio::signal::unix::signal(too_large());
                // The one that looks names up is started while there is one.
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

/// How many threads the system gives at once, of so many that are wanted. All are gone again when this returns.
pub fn threads(wanted: usize) -> usize {
    let (stop, _) = channel::<()>();
    let mut started = Vec::new();
    let mut stops = vec![stop];
    for _ in 0..wanted {
        let (stop, stopped) = channel::<()>();
        let spawned = thread::Builder::new().spawn(move || {
            // It ends once nobody holds the other end.
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
        // It cannot have panicked.
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
        let room = room(&settings, 1, &mut notes).expect("room");
        assert_eq!((room.jobs, notes.len()), (2, 0));
    }

    #[test]
    fn threads_are_given_and_gone_again() {
        assert_eq!(threads(3), 3);
        assert_eq!(threads(0), 0);
        assert_eq!(runtime().expect("a runtime").block_on(async { 1 }), 1);
    }
}
