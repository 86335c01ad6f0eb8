//! A run never overwrites a file that it reads, and it names the files that it ignores.

#[path = "support/command.rs"]
mod command;
#[path = "support/door.rs"]
mod door;
#[path = "support/project.rs"]
mod project;

use std::fs;
use std::process::Command;

use command::{Finished, Folder, conformant};
use project::project;

fn run(folder: &Folder, arguments: &[&str]) -> Finished {
    let mut command = conformant(arguments);
    command.current_dir(folder.path());
    Finished::of(command)
}

#[test]
fn no_report_replaces_what_the_run_reads() {
    let folder = project();
    let at = |path: &str| folder.path().join(path);
    fs::write(at("reference.env"), "CONFORMANT_JOBS=2\n").expect("written");
    let mut wanted = vec![
        "cases/delete_conversation.yaml".to_owned(),
        "./spec/../cases/delete_conversation.yaml".to_owned(),
        at("cases/delete_conversation.yaml").display().to_string(),
        "spec/openapi_chatflow.yaml".to_owned(),
        "cases/known_deviations.yaml".to_owned(),
        "snapshots/delete_conversation/success.snap".to_owned(),
        "snapshots/delete_conversation/new.json".to_owned(),
        "reference.env".to_owned(),
    ];
    if cfg!(unix) {
        #[cfg(unix)]
        std::os::unix::fs::symlink("spec/openapi_chatflow.yaml", at("report.json")).expect("a link");
        wanted.push("report.json".to_owned());
    }
    for path in &wanted {
        let before = fs::read(at(path)).ok();
        let report = format!("json={path}");
        let finished = run(&folder, &["run", "--env-file", "reference.env", "--report", &report, "success"]).expect(2);
        assert!(finished.stderr.contains("would be written over what is read"), "{path}: {}", finished.stderr);
        assert_eq!(finished.stdout, "", "{path}: nothing was judged");
        assert_eq!(fs::read(at(path)).ok(), before, "{path}");
    }
    for option in ["--ca-file", "--client-cert"] {
        fs::write(at("file.pem"), "a certificate").expect("written");
        let finished = run(&folder, &["run", option, "file.pem", "--report", "json=file.pem"]).expect(2);
        assert!(finished.stderr.contains("would be written over"), "{option}: {}", finished.stderr);
        assert_eq!(fs::read_to_string(at("file.pem")).expect("it is there"), "a certificate");
    }
    // Beside them is no trouble.
    run(&folder, &["run", "--report", "json=cases/report.json", "delete_conversation/success"]).expect(0);
}

#[test]
fn no_report_of_the_test_door_replaces_what_the_run_reads() {
    let folder = project();
    let suite = folder.path().join("cases/delete_conversation.yaml");
    let before = fs::read(&suite).expect("it is there");
    let mut command = Command::new(door::conformance_test());
    command.env_clear().env("CONFORMANT_CASES", folder.path().join("cases"));
    command.env("CONFORMANT_REPORT", format!("json={}", suite.display()));
    let finished = Finished::of(command).expect(2);
    assert!(finished.stderr.contains("would be written over what is read"), "{}", finished.stderr);
    assert_eq!(fs::read(&suite).expect("it is there"), before);
}

#[test]
fn a_file_that_looks_like_a_suite_and_is_not_read_is_reported() {
    let folder = project();
    let suite = fs::read(folder.path().join("cases/delete_conversation.yaml")).expect("it is there");
    for name in ["more.yml", "Other.YAML", ".hidden.yaml", "deeper/known_deviations.yml", "data.json", "notes.md"] {
        let path = folder.path().join("cases").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, &suite).expect("written");
    }
    for arguments in [&["list"][..], &["lint"], &["run", "delete_conversation/success"]] {
        let finished = run(&folder, arguments).expect(0);
        let notes: Vec<&str> = finished.stderr.lines().filter(|line| line.starts_with("note: ")).collect();
        assert_eq!(
            notes,
            [
                "note: cases/.hidden.yaml is not read: hidden files are left out",
                "note: cases/Other.YAML is not read: suite files end in `.yaml`",
                "note: cases/deeper/known_deviations.yml is not read: known deviations are read from a file \
                 `known_deviations.yaml`",
                "note: cases/more.yml is not read: suite files end in `.yaml`",
            ],
            "{arguments:?}"
        );
    }
    let mut command = Command::new(door::conformance_test());
    command.env_clear().env("CONFORMANT_CASES", folder.path().join("cases")).arg("delete_conversation::success");
    let finished = Finished::of(command).expect(0);
    assert!(finished.stderr.contains("more.yml is not read"), "{}", finished.stderr);
    // A folder with a hidden suite alone has none.
    for name in ["delete_conversation.yaml", "more.yml", "Other.YAML", "data.json", "deeper/known_deviations.yml"] {
        fs::remove_file(folder.path().join("cases").join(name)).expect("it is there");
    }
    let finished = run(&folder, &["list"]).expect(2);
    assert!(finished.stderr.contains(".hidden.yaml is a hidden file"), "{}", finished.stderr);
}

#[test]
fn a_gate_whose_name_is_mistyped_stops() {
    for arguments in [&["run"][..], &["doctor"]] {
        let mut command = conformant(arguments);
        command.env("CONFORMANT_REQUIRE_TARGTE", "1");
        let finished = Finished::of(command).expect(2);
        assert!(finished.stderr.contains("did you mean CONFORMANT_REQUIRE_TARGET?"), "{}", finished.stderr);
    }
    let mut command = Command::new(door::conformance_test());
    command.env_clear().env("CONFORMANT_REQUIRE_TARGTE", "1");
    Finished::of(command).expect(2);
}

#[test]
fn doctor_reads_a_file_of_variables() {
    let folder = project();
    fs::write(folder.path().join("staging.env"), format!("API_BASE_URL={}\n", command::nowhere())).expect("written");
    run(&folder, &["doctor"]).expect(0);
    let finished = run(&folder, &["doctor", "--env-file", "staging.env"]);
    assert!(finished.status == 2 || finished.status == 3, "{}{}", finished.stdout, finished.stderr);
    run(&folder, &["doctor", "--env-file", "missing.env"]).expect(2);
}
