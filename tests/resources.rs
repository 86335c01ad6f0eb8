//! With few files, threads, disk or memory, a run slows down or names the shortage, and leaves nothing behind.

#![cfg(target_os = "linux")]

#[path = "support/answering.rs"]
mod answering;
#[path = "support/command.rs"]
mod command;
#[path = "support/served.rs"]
mod served;

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use command::{Finished, Folder, conformant};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::Value;
use served::{Served, program};

/// A server in another process, so that its files are not those of the run.
fn server() -> Served {
    Served::start(conformant(&["serve", "--creation-time", "20ms"]), 4)
}

/// The command with the server's keys and with a limit that `ulimit` of a shell sets.
fn limited(limit: &str, arguments: &[&str], server: Option<&Served>) -> Command {
    let plain = conformant(arguments);
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("ulimit {limit}; exec \"$0\" \"$@\""))
        .arg(plain.get_program())
        .args(plain.get_args());
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env_clear().stdin(Stdio::null());
    command.env("PATH", "/usr/bin:/bin").env("TMPDIR", env!("CARGO_TARGET_TMPDIR"));
    command.envs(server.iter().flat_map(|server| server.variables.iter().cloned()));
    command
}

/// The report of a run that judged every case, and left nothing.
#[track_caller]
fn whole(what: &str, finished: Finished) -> Value {
    let report: Value = serde_json::from_str(&finished.expect(0).stdout).expect("JSON");
    assert_eq!(report["left_behind"], Value::Array(Vec::new()), "{what}");
    assert_eq!(report["summary"]["error"], 0, "{what}: {report:#}");
    report
}

fn notes(report: &Value) -> String {
    report["notes"].to_string()
}

#[test]
fn with_few_open_files_fewer_cases_run_at_a_time_and_nothing_is_left() {
    let server = server();
    for (files, jobs, told) in [
        (24, "1", false),
        (24, "64", true),
        (32, "8", true),
        (64, "8", false),
        (64, "64", true),
        (64, "512", true),
        (128, "512", true),
    ] {
        let what = format!("{files} files, {jobs} jobs");
        let arguments = ["run", "--format", "json", "--jobs", jobs, "--repeat", "3"];
        let report = whole(&what, Finished::of(limited(&format!("-n {files}"), &arguments, Some(&server))));
        let note = format!(" at a time instead of {jobs}: this process may have {files} files open at once");
        assert_eq!(notes(&report).contains(&note), told, "{what}: {}", notes(&report));
    }
    // The reference inside holds the other end of every connection.
    let inside = Finished::of(limited("-n 64", &["run", "--format", "json", "--jobs", "64", "--repeat", "3"], None));
    assert!(notes(&whole("inside", inside)).contains(" at a time instead of 64"));
}

#[test]
fn too_few_open_files_are_bad_input_before_anything_is_sent() {
    for files in [6, 8, 10, 16] {
        for arguments in [&["run"][..], &["doctor"]] {
            let finished = Finished::of(limited(&format!("-n {files}"), arguments, None)).expect(2);
            let wanted = format!("error: this process may have {files} files open at once, and needs ");
            assert!(finished.stderr.starts_with(&wanted) && finished.stdout.is_empty(), "{finished:?}");
            assert!(finished.stderr.contains("help: raise the limit: `ulimit -n 1024`"), "{}", finished.stderr);
        }
    }
}

/// The limit is raised as far as the system allows, so that a low default costs nothing.
#[test]
fn a_limit_that_may_be_raised_is_raised() {
    let server = server();
    let arguments = ["run", "--format", "json", "--jobs", "64", "--repeat", "3"];
    let finished = Finished::of(limited("-S -n 24", &arguments, Some(&server)));
    assert!(!notes(&whole("a soft limit", finished)).contains("at a time instead of"));
}

/// Sets how many files a process may have open.
fn allow(child: &Child, files: u64) -> u64 {
    let pid = Pid::from_child(child);
    let before = prlimit(Some(pid), Resource::Nofile, Rlimit { current: Some(files), maximum: Some(1024) });
    before.expect("a child's limit can be set").current.unwrap_or(1024)
}

#[test]
fn a_temporary_shortage_is_waited_out() {
    let server = server();
    let mut command = limited("-n 1024", &["run", "--format", "json", "--jobs", "16", "--repeat", "20"], Some(&server));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let stdout = child.stdout.take().expect("its stdout");
    let reading = std::thread::spawn(move || std::io::read_to_string(stdout).expect("text"));
    // Once it has connections, it gets no more.
    let files = format!("/proc/{}/fd", child.id());
    let open = || std::fs::read_dir(&files).map_or(0, Iterator::count);
    while open() < 16 && child.try_wait().expect("its state").is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let before = allow(&child, 3);
    std::thread::sleep(Duration::from_secs(2));
    allow(&child, before);
    let status = command::waited(&mut child);
    let text = reading.join().expect("it was read");
    whole("a while", Finished { status, stdout: text, stderr: String::new() });
}

/// Who may do anything has no limit of processes, so this runs as another user.
#[test]
fn too_few_threads_are_an_error_and_no_panic() {
    let (Some(setpriv), Some(prlimit)) = (program("setpriv"), program("prlimit")) else { return };
    let folder = Folder::new();
    let copy = folder.path().join("conformant");
    std::fs::copy(env!("CARGO_BIN_EXE_conformant"), &copy).expect("a copy that others may start");
    // A user of its own: the limit counts all that a user runs.
    let user = (200_000 + std::process::id() % 100_000).to_string();
    let run = |threads: u32, arguments: &[&str]| {
        let mut command = Command::new(&setpriv);
        command.args(["--reuid", &user, "--regid", &user, "--clear-groups"]).arg(&prlimit);
        command.arg(format!("--nproc={threads}")).arg(&copy).args(arguments).current_dir("/").stdin(Stdio::null());
        Finished::of(command)
    };
    // Where this may not become another user, or that user may not start the copy, there is nothing to see.
    if run(1, &["rules"]).status != 0 {
        return;
    }
    for threads in 1..=5 {
        let finished = run(threads, &["serve"]).expect(2);
        let wanted = "error: the system gives this program too few threads: ";
        assert!(finished.stderr.starts_with(wanted) && !finished.stderr.contains("panicked"), "{}", finished.stderr);
    }
}

#[test]
fn what_cannot_be_written_is_an_error_of_the_run_and_nothing_is_lost() {
    let folder = Folder::new();
    let path = folder.path().join("report.json").display().to_string();
    let report = format!("json={path}");
    // A file of at most so many blocks; more is a signal that would end the process.
    let arguments = ["run", "--report", &report, "-v"];
    let finished = Finished::of(limited("-f 8", &arguments, None)).expect(3);
    assert!(finished.stderr.contains("report.json could not be written: File too large"), "{}", finished.stderr);
    assert!(finished.stdout.contains("conforms") && !std::path::Path::new(&path).exists(), "{}", finished.stdout);
    let full = || Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there"));
    for arguments in [&["run"][..], &["list"], &["lint"], &["doctor"], &["rules"]] {
        let mut child = conformant(arguments).stdout(full()).stderr(Stdio::piped()).spawn().expect("it starts");
        let stderr = std::io::read_to_string(child.stderr.take().expect("its stderr")).expect("text");
        assert_eq!(command::waited(&mut child), 3, "{arguments:?}: {stderr}");
        assert!(stderr.contains("No space left on device") && !stderr.contains("panicked"), "{stderr}");
        let mut child = conformant(arguments).stdout(Stdio::null()).stderr(full()).spawn().expect("it starts");
        assert_eq!(command::waited(&mut child), 0, "{arguments:?}");
    }
}

/// Answers of the largest size that is read, of kinds that cost to read, mask or show.
fn hostile(kind: usize) -> Vec<u8> {
    const SIZE: usize = 1024 * 1024 - 200;
    let body = match kind {
        0 => format!("{{\"code\":\"{}\"}}", "\\u001b".repeat(SIZE / 6)),
        1 => format!("\"{}\"", "a".repeat(SIZE)),
        2 => format!("{}1{}", "[".repeat(SIZE / 2), "]".repeat(SIZE / 2)),
        3 => "\u{9b}\u{202e}\n".repeat(SIZE / 6),
        4 => format!("[{}0]", "0,".repeat(SIZE / 2 - 2)),
        5 => {
            let members: Vec<String> = (0..SIZE / 16).map(|index| format!("\"key{index:06}\":0")).collect();
            format!("{{{}}}", members.join(","))
        }
        _ => "{\"a\":".repeat(SIZE / 5),
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// The most memory that a process has had, in KiB, as far as it was looked at.
fn peak(child: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().expect("its state").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        most = peak.unwrap_or(most).max(most);
        std::thread::sleep(Duration::from_millis(5));
    }
    most
}

/// Each case under way keeps its answer until it is judged, and one large answer is judged at a time: memory does not grow
/// with the length of a run.
#[test]
fn hostile_answers_to_many_at_a_time_take_bounded_memory() {
    /// The program itself, 64 answers, what judging one of them takes, and what the system keeps of what was freed, in KiB.
    const MOST: u64 = (32 + 64 + 64 + 64) * 1024;
    let folder = Folder::new();
    folder.file(
        "api.yaml",
        "openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: getA\n      responses:\n        \
         '200':\n          description: ok\n          content:\n            application/json:\n              schema: {type: \
         object, properties: {code: {type: string}}}\n              example: {code: a}\n",
    );
    let cases: String =
        (0..64).fold(String::new(), |all, case| all + &format!("  c{case}: {{expect: 200, query: {{n: {case}}}}}\n"));
    let suite = folder.file("a.yaml", &format!("spec: api.yaml\noperation: getA\ncases:\n{cases}"));
    let answers: Vec<String> = (0..7).map(|kind| String::from_utf8(hostile(kind)).expect("text")).collect();
    let url = answering::answering_to(move |request| {
        let number = request.split(['=', ' ']).find_map(|part| part.parse::<usize>().ok()).unwrap_or_default();
        answers[number % answers.len()].clone()
    });
    let report = format!("junit={}", folder.path().join("report.xml").display());
    let arguments =
        ["run", "--cases", &suite, "--base-url", &url, "--jobs", "64", "--repeat", "4", "--report", &report];
    let mut child = conformant(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let peak = peak(&mut child);
    assert_eq!(command::waited(&mut child), 1);
    assert!(peak > 0 && peak < MOST, "{} MiB", peak / 1024);
}
