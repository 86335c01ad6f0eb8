//! The test target takes the flags of libtest and behaves like it.

#[path = "support/command.rs"]
mod command;
#[path = "support/door.rs"]
mod door;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use command::{Finished, Folder};
use serde_json::Value;

/// The test target with the cases of `tests/data/doors`: one passes, one fails, one is skipped.
fn door(arguments: &[&str]) -> Finished {
    let mut command = Command::new(door::conformance_test());
    command.args(arguments).env_clear().env("CONFORMANT_CASES", "tests/data/doors");
    Finished::of(command)
}

#[test]
fn the_flags_of_libtest_are_taken() {
    for flag in ["--no-capture", "--nocapture", "--show-output", "--test-threads=1", "-Zunstable-options"] {
        let ended = door(&[flag, "doors::passes"]).expect(0);
        assert!(ended.stdout.contains("test doors::passes ... ok\n"), "{flag}: {}", ended.stdout);
    }
    let ended = door(&["--report-time", "-Z", "unstable-options", "doors::passes"]).expect(0);
    assert!(ended.stdout.contains("test doors::passes ... ok <") && ended.stdout.contains("s>\n"), "{}", ended.stdout);
    let ended = door(&["--color", "always", "--format=pretty", "doors::passes"]).expect(0);
    assert!(ended.stdout.contains("\x1b[32mok\x1b[0m"), "{}", ended.stdout);
    assert!(door(&["--format", "terse"]).expect(101).stdout.contains("\nrunning 3 tests\n"));
    let ended = door(&["--base-url", "http://127.0.0.1:1"]).expect(2);
    assert!(ended.stderr.contains("error: the flag --base-url is unknown to the test runner"), "{}", ended.stderr);
}

#[test]
fn filters_are_those_of_libtest() {
    let count = |arguments: &[&str], status| {
        let ended = door(arguments).expect(status);
        let line = ended.stdout.lines().find(|line| line.starts_with("test result: ")).expect("a result").to_owned();
        line.split("; finished").next().expect("a beginning").to_owned()
    };
    let both = "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 1 filtered out";
    assert_eq!(count(&["passes", "fails"], 101), both);
    assert_eq!(count(&["--exact", "doors::passes", "doors::fails"], 101), both);
    let one = "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out";
    assert_eq!(count(&["--skip", "fails", "--skip=skipped"], 0), one);
    let skipped = "test result: ok. 0 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out";
    assert_eq!(count(&["--include-ignored", "skipped"], 0), skipped);
}

#[test]
fn every_line_of_the_json_format_is_json() {
    let ended = door(&["--format", "json", "-Zunstable-options", "--report-time"]).expect(101);
    let lines: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let last = lines.last().expect("a line");
    assert_eq!((&last["type"], &last["event"], &last["passed"]), (&"suite".into(), &"failed".into(), &1.into()));
    let failed = lines.iter().find(|line| line["name"] == "doors::fails" && line["event"] == "failed");
    let stdout = failed.expect("it failed")["stdout"].as_str().expect("its text");
    assert!(stdout.contains("status-unexpected"), "{stdout}");
}

/// The sources that a runner names come before those of the build (`cargo nextest run --workspace-remap`).
#[test]
fn the_runners_folder_of_the_package_comes_first() {
    let folder = Folder::new();
    let text = fs::read_to_string("tests/data/doors/doors.yaml").expect("a suite");
    let spec = format!("{}/spec", env!("CARGO_MANIFEST_DIR"));
    fs::create_dir(folder.path().join("cases")).expect("a folder");
    folder.file("cases/moved.yaml", &text.replace("../../../spec", &spec));
    let mut command = Command::new(door::conformance_test());
    command.arg("--list").env_clear().env("CARGO_MANIFEST_DIR", folder.path());
    let ended = Finished::of(command).expect(0);
    assert!(ended.stdout.contains("moved::passes: test"), "{}", ended.stdout);
}

/// Without `harness = false` libtest would find no test, and be green.
#[test]
fn without_harness_false_the_macro_fails_and_says_what_to_write() {
    let folder = Folder::new();
    folder.file("contract.rs", "//! Every case as a test.\n\nconformant::conformance!();\n");
    let built = compiled(folder.path(), &["--test"]);
    let mut command = Command::new(built);
    command.env_clear();
    let ended = Finished::of(command).expect(101);
    let told = format!("{}{}", ended.stdout, ended.stderr);
    for expected in ["0 passed; 1 failed", "    [[test]]\n    name = \"contract\"\n    harness = false\n"] {
        assert!(told.contains(expected), "{told}");
    }
    // With it, Cargo compiles without libtest, and nothing of the failing test is left to warn about.
    let built = compiled(folder.path(), &["--cfg", "test"]);
    let mut command = Command::new(built);
    command.arg("--list").env_clear();
    let ended = Finished::of(command).expect(2);
    assert!(ended.stderr.contains("cases"), "{}", ended.stderr);
}

/// Compiles `contract.rs` as Cargo compiles a test target, against the newest build of the library beside this test.
fn compiled(folder: &Path, how: &[&str]) -> PathBuf {
    let own = std::env::current_exe().expect("this test");
    let libraries = own.parent().expect("its folder");
    let modified = |path: &Path| path.metadata().and_then(|about| about.modified()).ok();
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let newest = fs::read_dir(libraries)
        .expect("the folder of the tests")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| name(path).starts_with("libconformant-") && path.extension().is_some_and(|kind| kind == "rlib"))
        // The library that this test was linked with is older than the test.
        .filter(|path| modified(path) <= modified(&own))
        .max_by_key(|path| modified(path))
        .expect("`cargo test` builds the library beside this test");
    let built = folder.join("built");
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition=2024", "-Dwarnings", "contract.rs", "--extern"]);
    rustc.arg(format!("conformant={}", newest.display())).arg("-L").arg(format!("dependency={}", libraries.display()));
    rustc.args(how).arg("-o").arg(&built).env("CARGO_MANIFEST_DIR", folder).current_dir(folder);
    Finished::of(rustc).expect(0);
    built
}
