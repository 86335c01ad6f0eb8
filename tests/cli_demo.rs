//! `conformant demo` judges the embedded reference in any folder, by files that are built into the command.

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::path::Path;

use command::{Finished, Folder, conformant};

/// Runs a command in a folder, with variables.
fn run_in(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Finished {
    let mut command = conformant(arguments);
    command.current_dir(folder).envs(variables.iter().copied());
    Finished::of(command)
}

#[test]
fn it_judges_the_reference_in_an_empty_folder() {
    let folder = Folder::new();
    let demo = run_in(folder.path(), &["demo"], &[]).expect(0);
    for part in ["delete_conversation/success", "demo:/spec/openapi_chatflow.yaml", "2 known", "\nconforms\n"] {
        assert!(demo.stdout.contains(part), "{part}: {}", demo.stdout);
    }
    assert_eq!(demo.stderr, "");
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0, "nothing was written");
}

#[test]
fn it_takes_the_flags_of_a_run_that_mean_something_to_it() {
    let folder = Folder::new();
    let arguments = ["demo", "--release", "1.8.0", "--profile", "core", "--repeat", "2", "--jobs", "1", "missing"];
    let failed = run_in(folder.path(), &[&arguments[..], &["--report", "json=a.json"]].concat(), &[]).expect(1);
    assert!(failed.stdout.contains("--> demo:/cases/delete_conversation.yaml:67:13"), "{}", failed.stdout);
    assert!(failed.stdout.contains("expect: {status: 404, example: conversation_not_exists"), "{}", failed.stdout);
    let next = failed.stdout.lines().last().and_then(|line| line.split_once(": conformant ")).expect("a next line").1;
    assert_eq!(next, "demo --release 1.8.0 -v delete_conversation/missing_conversation");
    let again: Vec<&str> = next.split(' ').collect();
    let again = run_in(folder.path(), &again, &[]).expect(1);
    assert!(again.stdout.contains("\n1 case in "), "{}", again.stdout);
    let report = fs::read_to_string(folder.path().join("a.json")).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["target"]["release"], "1.8.0");
    let json = run_in(folder.path(), &["demo", "--format", "json", "success"], &[]).expect(0).stdout;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("JSON")["exit"], 0);
    for arguments in
        [&["demo", "--base-url", "http://x.test"][..], &["--cases", "a", "demo"], &["demo", "--cases", "a"]]
    {
        run_in(folder.path(), arguments, &[]).expect(2);
    }
}

#[test]
fn it_judges_no_target_whatever_the_environment_says() {
    let folder = Folder::new();
    let nowhere = ("API_BASE_URL", "http://127.0.0.1:9/v1");
    let demo = run_in(folder.path(), &["demo", "success"], &[nowhere, ("CONFORMANT_CASES", "none"), ("API_KEY", "")]);
    let demo = demo.expect(0);
    assert!(demo.stdout.contains("the embedded reference server"), "{}", demo.stdout);
    let note = "note: the variables API_BASE_URL, CONFORMANT_CASES have no effect on `conformant demo`";
    assert!(demo.stderr.contains(note), "{}", demo.stderr);
    let gate = run_in(folder.path(), &["demo"], &[("CONFORMANT_REQUIRE_TARGET", "1")]).expect(2);
    assert!(gate.stderr.contains("a demo judges no target"), "{}", gate.stderr);
}

#[test]
fn without_that_word_and_without_cases_nothing_is_judged() {
    let folder = Folder::new();
    for arguments in [&[][..], &["run"], &["list"], &["lint"], &["doctor"]] {
        let finished = run_in(folder.path(), arguments, &[]).expect(2);
        for part in ["`cases` does not exist", "`conformant demo`", "--cases", "OpenAPI document"] {
            assert!(finished.stderr.contains(part), "{part}: {}", finished.stderr);
        }
        assert_eq!(finished.stdout, "");
    }
}

#[test]
fn the_shipped_suites_can_be_named_and_written() {
    let folder = Folder::new();
    let listed = run_in(folder.path(), &["list", "--cases", "demo:/cases"], &[]).expect(0).stdout;
    let wrote = run_in(folder.path(), &["demo", "--write", "mine"], &[]).expect(0).stdout;
    assert!(wrote.contains("conformant --cases mine/cases"), "{wrote}");
    assert_eq!(run_in(folder.path(), &["list", "--cases", "mine/cases"], &[]).expect(0).stdout, listed);
    let run = run_in(folder.path(), &["--cases", "mine/cases", "--profile", "core"], &[]).expect(0);
    assert!(run.stdout.contains("mine/spec/openapi_chatflow.yaml"), "{}", run.stdout);
    let twice = run_in(folder.path(), &["demo", "--write", "mine"], &[]).expect(2);
    assert!(twice.stderr.contains("cannot be written to mine"), "{}", twice.stderr);
    run_in(folder.path(), &["list", "--cases", "demo:/none"], &[]).expect(2);
    assert!(!folder.path().join("demo:").exists());
}
