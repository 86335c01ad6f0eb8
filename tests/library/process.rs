//! What a run leaves of the process as it was. Each test runs in a process of its own.

use std::panic;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conformant::reference::{ReferenceOptions, ReferenceServer};
use conformant::{Conformance, RunEvent};
use tokio::runtime::{Builder, Runtime};

/// The variable that says to a process that it is the child.
const IS_CHILD: &str = "CONFORMANT_TEST_CHILD";

#[test]
fn a_run_prints_nothing_reads_no_variable_and_leaves_no_file() {
    let temporary = std::env::temp_dir().join(format!("conformant-library-tmp-{}", std::process::id()));
    std::fs::create_dir_all(&temporary).expect("a folder");
    let output = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "process::child", "--ignored", "--nocapture"])
        .env(IS_CHILD, "1")
        .env("TMPDIR", &temporary)
        .env("API_BASE_URL", "http://127.0.0.1:1")
        .env("CONFORMANT_JOBS", "nonsense")
        .output()
        .expect("this test starts again");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let printed: Vec<&str> =
        stdout.lines().filter(|line| !line.is_empty() && !line.starts_with("test result: ok")).collect();
    assert_eq!(printed, ["running 1 test", "test process::child ... ok"], "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let left: Vec<_> = std::fs::read_dir(&temporary).expect("the folder").flatten().map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "{left:?}");
    std::fs::remove_dir_all(&temporary).expect("it was made");
}

#[cfg(unix)]
#[test]
fn a_signal_interrupts_a_run_that_handles_signals() {
    let output = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "process::interrupted_child", "--ignored", "--nocapture"])
        .env(IS_CHILD, "1")
        .output()
        .expect("this test starts again");
    assert!(output.status.success(), "{output:?}");
}

#[cfg(unix)]
#[test]
#[ignore = "the test above starts it in a process of its own"]
fn interrupted_child() {
    use rustix::process::{Signal, getpid, kill_process};
    if !is_child() {
        return;
    }
    let (_runtime, builder) = served();
    let report = builder
        .handle_signals()
        .on_event(|event| {
            if matches!(event, RunEvent::CaseStarted(_)) {
                kill_process(getpid(), Signal::TERM).expect("a signal to this process");
            }
        })
        .jobs(1)
        .run_blocking()
        .unwrap_or_else(|bad| panic!("{bad}"));
    assert_eq!(report.not_judged().as_deref(), Some("the run was interrupted"));
    assert!(!report.conforms() && report.left_behind().is_empty(), "{report:?}");
}

#[allow(clippy::disallowed_methods, reason = "whether this is the child is no setting")]
fn is_child() -> bool {
    std::env::var_os(IS_CHILD).is_some()
}

/// The server on a runtime of its own, as an own server would have, and a run against it.
fn served() -> (Runtime, Conformance) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let server = runtime.block_on(ReferenceServer::start(ReferenceOptions::default())).expect("a free port");
    let builder = Conformance::new("cases").base_url(server.base_url());
    let builder = server.credentials().into_iter().fold(builder, |builder, (name, key)| builder.env(name, key));
    // It runs as long as the runtime.
    std::mem::forget(server);
    (runtime, builder)
}

/// What Linux says of this process: how many threads it has, and which signals it handles.
#[cfg(target_os = "linux")]
fn threads_and_signals() -> Vec<String> {
    let status = std::fs::read_to_string("/proc/self/status").expect("the status of this process");
    let wanted = |line: &&str| ["Threads:", "SigCgt:", "SigIgn:", "SigBlk:"].iter().any(|name| line.starts_with(name));
    status.lines().filter(wanted).map(str::to_owned).collect()
}

#[cfg(not(target_os = "linux"))]
fn threads_and_signals() -> Vec<String> {
    Vec::new()
}

#[cfg(unix)]
fn set_limit(files: u64) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = Some(files);
    setrlimit(Resource::Nofile, limit).expect("a lower limit");
}

#[cfg(unix)]
fn limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[test]
#[ignore = "the test above starts it in a process of its own"]
fn child() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    if !is_child() {
        return;
    }
    panic::set_hook(Box::new(|_| {
        CALLS.fetch_add(1, Ordering::SeqCst);
    }));
    #[cfg(unix)]
    set_limit(200);
    let (_runtime, builder) = served();
    let before = threads_and_signals();
    let report = builder.run_blocking().unwrap_or_else(|bad| panic!("{bad}"));
    assert!(report.conforms(), "{}", report.to_text());
    // A thread that has ended is listed for a moment more.
    for _ in 0..200 {
        if threads_and_signals() == before {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(threads_and_signals(), before);
    #[cfg(unix)]
    assert_eq!(limit(), Some(200));
    assert_eq!(CALLS.load(Ordering::SeqCst), 0);
    panic::catch_unwind(|| panic!("for the hook")).expect_err("a panic");
    assert_eq!(CALLS.load(Ordering::SeqCst), 1, "the hook is the one that was set");
}
