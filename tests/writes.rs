//! Reports go to regular files or stdout only, and a write that fails or hangs never stops the program.

#![cfg(unix)]

#[path = "support/command.rs"]
mod command;
#[path = "support/door.rs"]
mod door;
#[path = "support/world.rs"]
mod world;

use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};

use command::{Finished, Folder, conformant};
use serde_json::Value;
use world::{KEYS, World};

fn of_world(mut command: Command, world: &World) -> Command {
    command.env("API_BASE_URL", &world.url).envs(KEYS).stdin(Stdio::null());
    command
}

/// Both doors, with a report asked for.
fn doors(world: &World, report: &str) -> [Finished; 2] {
    let mut test = Command::new(door::conformance_test());
    test.env_clear();
    [conformant(&["run"]), test].map(|mut command| {
        command.env("CONFORMANT_REPORT", report).env("TMPDIR", env!("CARGO_TARGET_TMPDIR"));
        Finished::of(of_world(command, world))
    })
}

/// The command by a shell, which sets limits and redirects first.
fn by_shell(world: &World, line: &str) -> Finished {
    let mut command = Command::new("sh");
    let plain = of_world(conformant(&[]), world);
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.args(["-c", line]).env("conformant", plain.get_program()).current_dir(env!("CARGO_MANIFEST_DIR"));
    Finished::of(command)
}

#[test]
fn a_report_to_no_regular_file_is_bad_input_before_anything_is_sent() {
    let folder = Folder::new();
    let at = |name: &str| folder.path().join(name).display().to_string();
    assert!(Command::new("mkfifo").arg(at("pipe")).status().expect("mkfifo is there").success());
    let _listener = UnixListener::bind(at("socket")).expect("a socket");
    std::os::unix::fs::symlink(at("nowhere"), at("dangling")).expect("a link");
    let world = World::plain();
    for (path, why) in [
        (at("pipe"), "it is a pipe"),
        (at("socket"), "it is a socket"),
        (at("dangling"), "which is not there"),
        (folder.path().display().to_string(), "it is a folder"),
        ("/dev/full".to_owned(), "it is a device"),
        ("/dev/null".to_owned(), "it is a device"),
        ("/dev/stdout".to_owned(), "below /proc"),
        ("/dev/fd/2".to_owned(), "below /proc"),
        ("/proc/self/fd/1".to_owned(), "below /proc"),
        ("/proc/self/oom_score_adj".to_owned(), "below /proc"),
    ] {
        if path.starts_with("/proc") && cfg!(not(target_os = "linux")) {
            continue;
        }
        for finished in doors(&world, &format!("json={path}")) {
            let finished = finished.expect(2);
            assert!(finished.stderr.contains("CONFORMANT_REPORT names "), "{path}: {}", finished.stderr);
            assert!(finished.stderr.contains(why), "{path}: {}", finished.stderr);
        }
    }
    assert!(world.seen().is_empty(), "{:?}", world.seen());
}

#[test]
fn one_report_goes_to_stdout() {
    let world = World::plain();
    let run = |arguments: &[&str]| {
        let all = [&["run", "delete_conversation/success"], arguments].concat();
        Finished::of(of_world(conformant(&all), &world))
    };
    let finished = run(&["--report", "json=-"]).expect(0);
    let report: Value = serde_json::from_str(&finished.stdout).expect("nothing but the report");
    assert_eq!(report["summary"]["pass"], 1);
    for arguments in [&["--report", "json=-", "--report", "junit=-"][..], &["--format", "text", "--report", "json=-"]] {
        let finished = run(arguments).expect(2);
        assert!(finished.stderr.contains("two reports would go to stdout"), "{}", finished.stderr);
    }
    // The test runner's stdout is its own.
    let [_, test] = doors(&world, "json=-");
    assert!(test.expect(2).stderr.contains("which is the test runner's here"));
    let before = world.seen().len();
    // A report in the file that stdout goes to would be lost, or the text.
    let folder = Folder::new();
    let path = folder.path().join("out").display().to_string();
    let finished = by_shell(&world, &format!("exec $conformant run --report json={path} > {path}")).expect(2);
    assert!(finished.stderr.contains("stdout goes to the same file"), "{}", finished.stderr);
    let journal = format!("exec $conformant run --report json={path}.j --journal {path}.j");
    let finished = by_shell(&world, &journal).expect(2);
    assert!(finished.stderr.contains("the journal would be the same file"), "{}", finished.stderr);
    let own: Vec<_> = world.seen().into_iter().skip(before).collect();
    assert!(own.iter().all(|seen| seen.method != "POST"), "{own:?}");
}

#[test]
fn a_full_disk_is_bad_input_and_a_disk_that_fills_up_is_reported() {
    let folder = Folder::new();
    let path = folder.path().join("report.json").display().to_string();
    let world = World::plain();
    // As a full disk: no file may grow at all.
    let finished = by_shell(&world, &format!("ulimit -f 0; exec $conformant run --report json={path}")).expect(2);
    assert!(finished.stderr.contains("cannot be written: File too large"), "{}", finished.stderr);
    assert!(world.seen().is_empty(), "{:?}", world.seen());
    let journal = format!("ulimit -f 0; exec $conformant run --journal {path}");
    let finished = by_shell(&world, &journal).expect(2);
    assert!(
        finished.stderr.contains("the journal") && finished.stderr.contains("cannot be made"),
        "{}",
        finished.stderr
    );
    assert!(world.seen().is_empty(), "{:?}", world.seen());
    // The report is longer than what still fits.
    let line = format!("ulimit -f 16; exec $conformant run -vv --report json={path}");
    let finished = by_shell(&world, &line).expect(3);
    assert!(finished.stderr.contains("could not be written: File too large"), "{}", finished.stderr);
    assert!(finished.stdout.contains("success"), "what goes to stdout is there: {}", finished.stdout);
    assert!(world.made() > 0);
    assert_eq!(world.left(), [""; 0]);
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder").flatten().collect();
    assert!(left.is_empty(), "nothing half written is left: {left:?}");
}

#[test]
fn a_pipe_that_comes_while_the_run_goes_on_is_reported() {
    let folder = Folder::new();
    let path = folder.path().join("report.json");
    let own = path.clone();
    let world = World::start(move |seen, _| {
        if seen.method == "POST" && !own.exists() {
            assert!(Command::new("mkfifo").arg(&own).status().expect("mkfifo is there").success());
        }
        None
    });
    let report = format!("json={}", path.display());
    let arguments = ["run", "delete_conversation/success", "--report", &report];
    let finished = Finished::of(of_world(conformant(&arguments), &world)).expect(3);
    assert!(finished.stderr.contains("it is no regular file any more"), "{}", finished.stderr);
    assert_eq!(world.left(), [""; 0]);
}
