//! Known deviations cover the findings that they name, in the command and in `cargo test`, and no others.

#[path = "support/command.rs"]
mod command;

use std::path::{Path, PathBuf};
use std::process::Command;

use command::{Finished, Folder, conformant};
use serde_json::Value;

/// Cases on the embedded reference, which answers 404, and a page for an id that is no UUID.
const CASES: &str = r#"
credentials: {chat_app: {env: API_KEY}, nobody: {env: KNOWN_UNSET_KEY, optional: true}}
defaults: {auth: chat_app, json: {user: "{{user}}"}, path: {conversation_id: "{{uuid}}"}}
cases:
  passes: {expect: 404}
  fails: {expect: 204}
  page: {path: {conversation_id: not-a-uuid}, expect: 404}
  both: {path: {conversation_id: not-a-uuid}, expect: 204}
  skipped: {auth: nobody, expect: 404}
"#;

/// A folder with the suite `cases/suite.yaml` and files beside it.
fn project(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/openapi_chatflow.yaml");
    let suite = format!("spec: {}\noperation: deleteAdvancedConversation\n{CASES}", spec.display());
    for (name, text) in [("cases/suite.yaml", suite.as_str())].iter().chain(files) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text.replace("SUITE", &suite)).expect("a file");
    }
    folder
}

/// An entry on a line of its own.
fn entry(case: &str, rule: &str, more: &str) -> String {
    let until = if more.contains("until:") { "" } else { ", until: 9999-12-31" };
    format!("- {{case: {case}, rule: {rule}, reason: So it is., link: https://example.com/7{until}{more}}}\n")
}

fn run(folder: &Folder, arguments: &[&str]) -> Finished {
    let mut command = conformant(&["run", "--format", "json"]);
    command.args(arguments).current_dir(folder.path());
    Finished::of(command)
}

fn report(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|error| panic!("{error}:\n{}{}", finished.stdout, finished.stderr))
}

fn case<'a>(report: &'a Value, name: &str) -> &'a Value {
    let cases = report["cases"].as_array().expect("cases");
    cases.iter().find(|case| case["id"].as_str().is_some_and(|id| id.ends_with(name))).expect("the case")
}

/// The verdict and the rules of a case; those that are known in brackets.
fn said(report: &Value, name: &str) -> String {
    let case = case(report, name);
    let rules = case["findings"].as_array().expect("findings").iter().map(|finding| {
        let rule = finding["rule"].as_str().expect("a rule");
        if finding["known"].is_null() { rule.to_owned() } else { format!("[{rule}]") }
    });
    format!("{} {}", case["verdict"].as_str().expect("a verdict"), rules.collect::<Vec<_>>().join(" "))
}

#[test]
fn what_is_listed_is_known_and_a_second_defect_in_the_same_case_fails() {
    let listed = entry("suite/fails", "status-unexpected", "") + &entry("suite/both", "status-unexpected", "");
    let folder = project(&[("cases/known_deviations.yaml", &listed)]);
    let found = report(&run(&folder, &["fails", "both"]).expect(1));
    assert_eq!(said(&found, "fails"), "known [status-unexpected]");
    assert_eq!(said(&found, "both"), "fail media-type-undocumented [status-unexpected]");
    let known = &case(&found, "fails")["findings"][0];
    assert_eq!(known["known"], "So it is.");
    assert_eq!(known["known_deviation"]["link"], "https://example.com/7");
    assert_eq!(known["known_deviation"]["until"], "9999-12-31");
    let place = &known["known_deviation"]["place"];
    assert_eq!((&place["file"], &place["line"]), (&Value::from("cases/known_deviations.yaml"), &Value::from(1)));

    let both = listed + &entry("suite/both", "media-type-undocumented", "");
    let folder = project(&[("cases/known_deviations.yaml", &both)]);
    let finished = run(&folder, &["fails", "both", "passes"]).expect(0);
    let found = report(&finished);
    assert_eq!(said(&found, "both"), "known [status-unexpected] [media-type-undocumented]");
    assert_eq!(found["summary"], serde_json::json!({"pass": 1, "fail": 0, "known": 2, "skipped": 0, "error": 0}));
    run(&folder, &["fails", "both", "passes", "--strict", "--fail-fast", "--jobs", "1"]).expect(0);
}

#[test]
fn an_entry_covers_only_what_came_when_it_was_written() {
    let folder =
        project(&[("cases/known_deviations.yaml", &entry("suite/fails", "status-unexpected", ", actual: 404"))]);
    assert_eq!(said(&report(&run(&folder, &["fails"]).expect(0)), "fails"), "known [status-unexpected]");
    let folder =
        project(&[("cases/known_deviations.yaml", &entry("suite/fails", "status-unexpected", ", actual: 415"))]);
    let found = report(&run(&folder, &["fails"]).expect(1));
    assert_eq!(said(&found, "fails"), "fail status-unexpected known-vanished");
    let note = &case(&found, "fails")["findings"][1];
    assert_eq!(note["actual"], "status-unexpected with 404", "{note}");
    let form = "the known deviation `status-unexpected` of this case occurred in another form than recorded";
    assert_eq!(note["message"], form, "{note}");
}

#[test]
fn what_did_not_come_is_noted_and_fails_a_strict_run() {
    let listed = entry("suite/passes", "status-unexpected", "") + &entry("suite/skipped", "status-unexpected", "");
    let folder = project(&[("cases/known_deviations.yaml", &listed)]);
    let found = report(&run(&folder, &["passes", "skipped", "--repeat", "3"]).expect(0));
    assert_eq!(said(&found, "passes"), "pass known-vanished");
    assert_eq!(said(&found, "skipped"), "skipped ", "it was not judged, so nothing is said");
    let note = &case(&found, "passes")["findings"][0];
    assert_eq!((&note["level"], &note["count"]), (&Value::from("note"), &Value::from(3)));
    assert_eq!((&note["case"]["file"], &note["case"]["line"]), (&"cases/known_deviations.yaml".into(), &1.into()));
    assert_eq!(note["known_deviation"]["reason"], "So it is.");
    let strict = report(&run(&folder, &["passes", "--strict"]).expect(1));
    assert_eq!((said(&strict, "passes").as_str(), &strict["summary"]["fail"]), ("pass known-vanished", &0.into()));

    let mut command = conformant(&["run", "--strict", "passes"]);
    command.current_dir(folder.path());
    let text = Finished::of(command).expect(1).stdout;
    for part in [
        "known-vanished (note, suite): the known deviation `status-unexpected` of this case did not occur",
        "--> cases/known_deviations.yaml:1:10",
        "listed as known: So it is.",
        "until 9999-12-31, https://example.com/7",
        "remove the entry",
        "fails only by --strict: 1 known deviation that did not occur as recorded",
        "does not conform under --strict: 1 known deviation that did not occur as recorded",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn an_entry_whose_day_has_passed_covers_nothing() {
    let listed = entry("suite/fails", "status-unexpected", ", until: 2020-02-29")
        + &entry("suite/passes", "status-unexpected", ", until: 2020-02-29");
    let folder = project(&[("cases/known_deviations.yaml", &listed)]);
    let found = report(&run(&folder, &["fails", "passes"]).expect(1));
    assert_eq!(said(&found, "fails"), "fail status-unexpected known-expired");
    assert_eq!(said(&found, "passes"), "pass known-expired");
    run(&folder, &["passes", "--strict"]).expect(0);
    let mut command = conformant(&["run", "fails"]);
    command.current_dir(folder.path());
    let text = Finished::of(command).expect(1).stdout;
    assert!(text.contains("was accepted only until 2020-02-29"), "{text}");
}

#[test]
fn an_entry_may_be_about_some_targets_only() {
    for (target, covers) in
        [("reference", true), ("127.0.0.*", true), ("staging.example.com", false), ("'*.example.com'", false)]
    {
        let listed = entry("suite/fails", "status-unexpected", &format!(", target: {target}"))
            + &entry("suite/passes", "status-unexpected", &format!(", target: {target}"));
        let folder = project(&[("cases/known_deviations.yaml", &listed)]);
        let found = report(&run(&folder, &["fails", "passes"]).expect(i32::from(!covers)));
        let expected = if covers {
            ["known [status-unexpected]", "pass known-vanished"]
        } else {
            ["fail status-unexpected", "pass "]
        };
        assert_eq!([said(&found, "fails"), said(&found, "passes")], expected, "{target}");
    }
}

#[test]
fn a_file_speaks_for_its_folder_and_below_whatever_part_is_run() {
    let (here, seen_from_there) =
        (entry("deep/er/suite/fails", "status-unexpected", ""), entry("er/suite/fails", "status-unexpected", ""));
    for (place, listed) in [
        ("cases/known_deviations.yaml", &here),
        ("cases/deep/known_deviations.yaml", &here),
        ("cases/deep/er/known_deviations.yaml", &here),
        ("cases/deep/known_deviations.yaml", &seen_from_there),
    ] {
        let folder = project(&[("cases/deep/er/suite.yaml", "SUITE"), (place, listed)]);
        for cases in ["cases", "cases/deep", "cases/deep/er", "cases/deep/er/suite.yaml", "./cases/../cases/deep"] {
            let mut arguments = vec!["--cases", cases];
            let filter = if cases == "cases" { "deep/er/suite/fails" } else { "suite/fails" };
            arguments.push(filter);
            let found = report(&run(&folder, &arguments).expect(0));
            assert_eq!(said(&found, filter), "known [status-unexpected]", "{place} {cases}");
        }
        // From elsewhere too.
        let path = folder.path().join("cases/deep/er/suite.yaml").display().to_string();
        let found =
            report(&Finished::of(conformant(&["run", "--format", "json", "--cases", &path, "suite/fails"])).expect(0));
        assert_eq!(said(&found, "fails"), "known [status-unexpected]", "{place} {path}");
        let found = report(&run(&folder, &["--cases", "cases/suite.yaml", "suite/fails"]).expect(1));
        assert_eq!(said(&found, "fails"), "fail status-unexpected", "a file above or beside speaks of other suites");
    }
}

#[test]
fn a_difference_from_the_record_can_be_known() {
    let listed = entry("suite/passes", "baseline-changed", "");
    let folder = project(&[("cases/known_deviations.yaml", &listed)]);
    std::fs::create_dir(folder.path().join("records")).expect("a folder");
    let found = report(&run(&folder, &["passes", "--baseline", "records"]).expect(0));
    assert_eq!(said(&found, "passes"), "known [baseline-changed]");
    let found = report(&run(&folder, &["passes", "--strict"]).expect(0));
    assert_eq!(said(&found, "passes"), "pass ", "without a baseline nothing can differ from it");
}

#[test]
fn a_mistake_in_the_list_is_bad_input_for_every_door() {
    let listed = entry("suite/fials", "status-unexpected", "");
    let folder = project(&[("cases/known_deviations.yaml", &listed)]);
    let mut lint = conformant(&["lint"]);
    lint.current_dir(folder.path());
    for finished in [run(&folder, &[]), Finished::of(lint), door(&folder, &[])] {
        let finished = finished.expect(2);
        let said = &finished.stderr;
        for part in ["no case `fials`", "cases/known_deviations.yaml:1:10", "^^^^", "Did you mean `fails`?"] {
            assert!(said.contains(part), "{part}\n{said}");
        }
    }
}

#[test]
fn trials_pass_with_known_deviations_and_fail_strictly_without_them() {
    let listed = entry("suite/fails", "status-unexpected", "")
        + &entry("suite/page", "media-type-undocumented", "")
        + &entry("suite/both", "media-type-undocumented", "")
        + &entry("suite/passes", "status-unexpected", "");
    let folder = project(&[("cases/known_deviations.yaml", &listed)]);
    let finished = door(&folder, &[("CONFORMANT_STRICT", "false")]).expect(101);
    assert_eq!(["passes", "fails", "page", "both"].map(|name| trial(&finished, name)), ["ok", "ok", "ok", "FAILED"]);
    for part in ["known suite/fails", "known deviation: So it is.", "known-vanished"] {
        assert!(finished.stderr.contains(part), "{part}\n{}", finished.stderr);
    }
    let strict = door(&folder, &[("CONFORMANT_STRICT", "true")]).expect(101);
    assert_eq!(["passes", "fails", "page", "both"].map(|name| trial(&strict, name)), ["FAILED", "ok", "ok", "FAILED"]);
}

/// How a trial ended.
fn trial(finished: &Finished, name: &str) -> String {
    let start = format!("test suite::{name} ");
    let line = finished.stdout.lines().find(|line| line.starts_with(&start));
    let line = line.unwrap_or_else(|| panic!("no trial {name}:\n{}", finished.stdout));
    line.rsplit(' ').next().unwrap_or_default().to_owned()
}

/// The test target `conformance` on a folder.
fn door(folder: &Folder, variables: &[(&str, &str)]) -> Finished {
    let mut command = Command::new(conformance_test());
    // It goes to its own package's folder, so the cases are named from the root on.
    command.env_clear().env("CONFORMANT_CASES", folder.path().join("cases")).envs(variables.iter().copied());
    Finished::of(command)
}

/// The newest build of the test target `conformance` beside this one.
fn conformance_test() -> PathBuf {
    let own = std::env::current_exe().expect("this test");
    let files = std::fs::read_dir(own.parent().expect("its folder")).expect("the folder of the tests").flatten();
    let built = files.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.starts_with("conformance-") && path.extension().is_none_or(|extension| extension == "exe")
    });
    let newest = built.max_by_key(|path| path.metadata().and_then(|data| data.modified()).ok());
    newest.expect("`cargo test` builds the test target conformance beside this one")
}
