//! A run compares responses with the recorded snapshots, and only the embedded reference writes new ones.

#[path = "support/command.rs"]
mod command;
#[path = "support/project.rs"]
mod project;
#[path = "support/world.rs"]
mod world;

use std::fs;
use std::path::{Path, PathBuf};

use command::{Finished, Folder, conformant};
use project::project;
use serde_json::Value;
use world::World;

fn run(folder: &Folder, arguments: &[&str]) -> (i32, Value) {
    let mut command = conformant(&["run", "--format", "json"]);
    command.args(arguments).current_dir(folder.path());
    let finished = Finished::of(command);
    let report = serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {}", finished.stderr));
    (finished.status, report)
}

fn rules(report: &Value, case: &str) -> Vec<String> {
    let cases = report["cases"].as_array().expect("cases");
    let case = cases.iter().find(|one| one["id"] == case).unwrap_or_else(|| panic!("no {case} in {report}"));
    let findings = case["findings"].as_array().expect("findings");
    findings
        .iter()
        .filter(|finding| finding["level"] != "note")
        .map(|finding| format!("{} {}", finding["rule"], finding["message"]).replace('"', ""))
        .collect()
}

fn snapshot(folder: &Folder, case: &str) -> PathBuf {
    folder.path().join("snapshots").join(format!("{case}.snap"))
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("a snapshot");
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).expect("a changed snapshot");
}

#[test]
fn every_shipped_case_has_a_snapshot_and_nothing_else_has() {
    let list = command::run(&["list"]).expect(0);
    let mut cases: Vec<String> = list.stdout.lines().map(str::to_owned).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/delete_conversation");
    let mut recorded: Vec<String> = fs::read_dir(folder)
        .expect("snapshots")
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "snap"))
        .map(|entry| format!("delete_conversation/{}", entry.path().file_stem().expect("a name").to_string_lossy()))
        .collect();
    cases.sort();
    recorded.sort();
    assert_eq!(cases, recorded);
}

#[test]
fn a_changed_value_fails_and_leaves_a_proposal() {
    let folder = project();
    let path = snapshot(&folder, "delete_conversation/wrong_key");
    edit(&path, "Access token is invalid", "Access token is wrong");
    let (status, report) = run(&folder, &["wrong_key"]);
    assert_eq!(status, 1, "{report}");
    assert_eq!(
        rules(&report, "delete_conversation/wrong_key"),
        ["baseline-changed /answers/0/body/message is not as recorded"]
    );
    let proposal = fs::read_to_string(path.with_extension("snap.new")).expect("a proposal to review");
    assert!(proposal.contains("Access token is invalid"), "{proposal}");
}

#[test]
fn a_missing_value_fails_and_an_added_one_is_reported() {
    let folder = project();
    let path = snapshot(&folder, "delete_conversation/wrong_key");
    edit(&path, "\"code\": \"unauthorized\",", "\"trace\": \"0af7\",");
    let (status, report) = run(&folder, &["delete_conversation/wrong_key"]);
    assert_eq!(status, 1, "{report}");
    let mut found = rules(&report, "delete_conversation/wrong_key");
    found.sort();
    assert_eq!(
        found,
        [
            "baseline-added /answers/0/body/code was not recorded",
            "baseline-changed /answers/0/body/trace was recorded, but is missing"
        ]
    );
}

#[test]
fn answers_to_what_was_sent_at_once_are_alternatives() {
    let case = "delete_conversation/two_at_once";
    let both = "---\ndescription: both accepted\n---\n{\"answers\": [{\"status\": 204, \"headers\": {}}, \
                {\"status\": 204, \"headers\": {}}]}\n";
    let folder = project();
    let path = snapshot(&folder, case);
    let one = fs::read_to_string(&path).expect("a snapshot");
    assert!(one.contains("404"), "{one}");
    for record in [one.as_str(), both] {
        fs::write(&path, record).expect("a snapshot");
        // The newest release finds nothing the second time, an older one accepts both.
        for release in ["1.13.1", "1.8.0"] {
            let (status, report) = run(&folder, &["--strict", "--baseline", "snapshots", "--release", release, case]);
            let found = rules(&report, case).into_iter().filter(|rule| rule.starts_with("baseline-"));
            assert_eq!(found.collect::<Vec<_>>(), [""; 0], "{release}: {record}");
            assert_eq!(status, 0, "{release}: {report}");
        }
    }
    // What came is still held against the alternative that it is.
    fs::write(&path, one.replace("Conversation Not Exists.", "Gone.")).expect("a snapshot");
    let (status, report) = run(&folder, &["--release", "1.13.1", "--baseline", "snapshots", case]);
    assert_eq!(status, 1, "{report}");
    assert_eq!(rules(&report, case), ["baseline-changed /answers/1/body/message is not as recorded"]);
    fs::write(&path, both.replace("{}}]", "{\"retry-after\": \"1\"}}]").replacen("{}", "{\"allow\": \"GET\"}", 1))
        .expect("a snapshot");
    let (status, report) = run(&folder, &["--release", "1.8.0", "--baseline", "snapshots", case]);
    assert_eq!(status, 1, "{report}");
}

#[test]
fn an_addition_alone_fails_only_when_strict() {
    let folder = project();
    edit(
        &snapshot(&folder, "delete_conversation/wrong_key"),
        ",\n        \"www-authenticate\": \"Bearer realm=\\\"api\\\"\"",
        "",
    );
    let (status, report) = run(&folder, &["delete_conversation/wrong_key"]);
    assert_eq!(status, 0, "{report}");
    assert_eq!(
        rules(&report, "delete_conversation/wrong_key"),
        ["baseline-added /answers/0/headers/www-authenticate was not recorded"]
    );
    let (status, _) = run(&folder, &["--strict", "delete_conversation/wrong_key"]);
    assert_eq!(status, 1);
}

#[test]
fn a_case_without_a_snapshot_fails_and_is_recorded_on_request() {
    let folder = project();
    let path = snapshot(&folder, "delete_conversation/repeat");
    fs::remove_file(&path).expect("it is there");
    let (status, report) = run(&folder, &["delete_conversation/repeat"]);
    assert_eq!(status, 1, "{report}");
    assert_eq!(
        rules(&report, "delete_conversation/repeat"),
        ["baseline-changed the baseline has no snapshot of this case"]
    );
    let mut command = conformant(&["run", "repeat"]);
    command.current_dir(folder.path()).env("INSTA_UPDATE", "always");
    Finished::of(command).expect(0);
    assert!(path.is_file(), "INSTA_UPDATE=always accepts what the reference answers");
    let (status, report) = run(&folder, &["delete_conversation/repeat"]);
    assert_eq!(status, 0, "{report}");
}

#[test]
fn a_damaged_snapshot_is_bad_input_and_nothing_is_sent() {
    let folder = project();
    fs::write(snapshot(&folder, "delete_conversation/repeat"), "not a snapshot").expect("written");
    fs::write(snapshot(&folder, "delete_conversation/wrong_key"), "---\n---\n{}\n").expect("written");
    let target = command::nowhere();
    for target in [&[][..], &["--baseline", "snapshots", "--base-url", &target]] {
        let mut command = conformant(&["run", "delete_conversation/repeat", "wrong_key"]);
        command.args(target).envs(world::KEYS).current_dir(folder.path());
        let finished = Finished::of(command).expect(2);
        for told in ["repeat.snap: it is not a snapshot file", "wrong_key.snap: it holds no responses"] {
            assert!(finished.stderr.contains(told), "{}", finished.stderr);
        }
    }
    // A case that is not run needs none.
    let (status, report) = run(&folder, &["delete_conversation/success"]);
    assert_eq!(status, 0, "{report}");
}

#[test]
fn a_snapshot_that_is_damaged_meanwhile_is_no_finding() {
    let folder = project();
    let path = snapshot(&folder, "delete_conversation/success");
    let damaged = path.clone();
    let world = World::start(move |seen, _| {
        if seen.method == "DELETE" {
            fs::write(&damaged, "not a snapshot").expect("written");
        }
        None
    });
    let mut command =
        conformant(&["run", "--format", "json", "--baseline", "snapshots", "delete_conversation/success"]);
    command.env("API_BASE_URL", &world.url).envs(world::KEYS).current_dir(folder.path());
    let finished = Finished::of(command).expect(3);
    let report: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let case = &report["cases"][0];
    assert_eq!(case["verdict"], "error", "{case}");
    assert!(case["reason"].as_str().is_some_and(|reason| reason.contains("success.snap")), "{case}");
    assert_eq!(rules(&report, "delete_conversation/success"), [""; 0]);
}

#[cfg(unix)]
#[test]
fn no_other_program_is_run() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = project();
    let programs = folder.path().join("programs");
    let log = folder.path().join("log");
    fs::create_dir(&programs).expect("a folder");
    for name in ["cargo", "cargo-insta", "git", "sh"] {
        let path = programs.join(name);
        fs::write(&path, format!("#!/bin/sh\necho \"$0 $*\" >> {}\n", log.display())).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it may run");
    }
    edit(&snapshot(&folder, "delete_conversation/success"), "204", "205");
    fs::remove_file(snapshot(&folder, "delete_conversation/repeat")).expect("it is there");
    for (update, status) in [("new", 1), ("always", 0)] {
        let mut command = conformant(&["run", "delete_conversation/success", "delete_conversation/repeat"]);
        command.current_dir(folder.path()).env("PATH", &programs).env("INSTA_UPDATE", update);
        let finished = Finished::of(command).expect(status);
        assert!(!log.exists(), "{}", fs::read_to_string(&log).unwrap_or_default());
        assert_eq!(finished.stdout.contains("baseline-changed"), status == 1, "{}", finished.stdout);
    }
}

/// The variables of insta end as they do for insta's own assertions.
#[test]
fn instas_variables_say_what_is_written_and_how_it_ends() {
    let case = "delete_conversation/wrong_key";
    for (variables, status, is_proposed, is_accepted) in [
        (&[("INSTA_UPDATE", "no")][..], 1, false, false),
        (&[("INSTA_UPDATE", "new")], 1, true, false),
        (&[("INSTA_UPDATE", "unseen")], 1, true, false),
        (&[("INSTA_UPDATE", "auto"), ("CI", "true")], 1, false, false),
        (&[("INSTA_UPDATE", "new"), ("INSTA_FORCE_PASS", "1")], 0, true, false),
        (&[("INSTA_UPDATE", "always")], 0, false, true),
        (&[("INSTA_UPDATE", "force")], 0, false, true),
        (&[("INSTA_FORCE_UPDATE", "1")], 0, false, true),
    ] {
        let folder = project();
        let path = snapshot(&folder, case);
        edit(&path, "Access token is invalid", "Access token is wrong");
        let mut command = conformant(&["run", case]);
        command.current_dir(folder.path()).envs(variables.iter().copied());
        let finished = Finished::of(command).expect(status);
        let text = fs::read_to_string(&path).expect("a snapshot");
        assert_eq!(path.with_extension("snap.new").exists(), is_proposed, "{variables:?}");
        assert_eq!(text.contains("is invalid"), is_accepted, "{variables:?}");
        let advice = "snapshots/delete_conversation/wrong_key.snap.new; `cargo insta review` shows and accepts it";
        assert_eq!(finished.stdout.contains(advice), is_proposed && status == 1, "{}", finished.stdout);
    }
}

/// What a foreign target answers never becomes the record, so no variable makes a difference pass there.
#[test]
fn no_variable_of_insta_lets_a_foreign_target_pass() {
    let folder = project();
    let path = snapshot(&folder, "delete_conversation/success");
    edit(&path, "204", "205");
    let before = fs::read_to_string(&path).expect("a snapshot");
    let world = World::start(|_, _| None);
    for variable in [("INSTA_UPDATE", "always"), ("INSTA_FORCE_PASS", "1")] {
        let mut command = conformant(&["run", "--baseline", "snapshots", "delete_conversation/success"]);
        command.env("API_BASE_URL", &world.url).envs(world::KEYS).envs([variable]).current_dir(folder.path());
        Finished::of(command).expect(1);
        assert_eq!(fs::read_to_string(&path).expect("a snapshot"), before);
    }
}

#[test]
fn a_snapshot_that_no_case_has_is_noted_and_not_in_use() {
    let folder = project();
    let kept = snapshot(&folder, "delete_conversation/repeat");
    fs::copy(&kept, snapshot(&folder, "delete_conversation/renamed")).expect("copied");
    let references = folder.path().join("references");
    let mut command = conformant(&["run", "delete_conversation/success"]);
    command.current_dir(folder.path()).env("INSTA_SNAPSHOT_REFERENCES_FILE", &references);
    let finished = Finished::of(command).expect(0);
    let note = "note: no case has the snapshot snapshots/delete_conversation/renamed.snap; remove it";
    assert!(finished.stderr.contains(note), "{}", finished.stderr);
    // Also the snapshots of cases that this run leaves out are in use.
    let used = fs::read_to_string(&references).expect("it was asked for");
    let recorded = fs::read_dir(kept.parent().expect("a folder")).expect("readable").count();
    assert_eq!(used.lines().count(), recorded - 1, "{used}");
    assert!(used.contains("/repeat.snap") && !used.contains("/renamed.snap"), "{used}");
}

/// The repository of a team lies below this one, so `cargo insta test` looks at its snapshots, too.
#[test]
#[allow(clippy::disallowed_methods, reason = "cargo insta tells its tests so where to answer")]
fn the_snapshots_of_the_example_are_in_use() {
    const REFERENCES: &str = "INSTA_SNAPSHOT_REFERENCES_FILE";
    let folder = Folder::new();
    let references = std::env::var_os(REFERENCES).map_or_else(|| folder.path().join("references"), PathBuf::from);
    let mut command = conformant(&["list"]);
    command.env(REFERENCES, &references).current_dir("examples/team_repository");
    let finished = Finished::of(command).expect(0);
    assert!(!finished.stderr.contains("no case has the snapshot"), "{}", finished.stderr);
    let used = fs::read_to_string(&references).expect("they were asked for");
    assert_eq!(used.lines().filter(|line| line.contains("team_repository/snapshots")).count(), 3, "{used}");
}
