//! Every release of the real API gets exactly its verdicts and findings.
//!
//! `tests/data/releases/X.Y.Z.txt` holds them. If a file differs, the failure names the command that renews it. The
//! cases that fail are also listed here, so that a careless renewal cannot hide one.

#[path = "support/command.rs"]
mod command;
#[path = "support/served.rs"]
mod served;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use command::{Finished, Folder, conformant};
use conformant::reference::RELEASES;
use serde_json::Value;
use served::Served;

/// The cases in which a deletion is accepted: all that a release with another answer to it can get wrong.
const ACCEPTED: &[&str] =
    &["success", "repeat", "two_at_once", "unknown_property", "id_upper_case", "id_percent_encoded"];
/// The cases that rest on a 404 for a UUID.
const NOT_FOUND: &[&str] = &[
    "missing_conversation",
    "repeat",
    "other_user",
    "other_app",
    "user_omitted",
    "user_null",
    "missing_and_other_app",
];

/// The cases that show what the real API is known to do against its document, in every release.
const KNOWN: &[&str] = &["body_omitted", "id_no_uuid"];

/// Which cases fail.
const FAILING: &[(&str, &[&str])] = &[
    ("0.3.8", ACCEPTED),
    ("0.3.13", &[]),
    ("0.6.16", ACCEPTED),
    ("0.11.1", ACCEPTED),
    ("1.3.1", &[]),
    ("1.8.0", NOT_FOUND),
    ("1.13.1", &[]),
];

/// A run's exit status and its report.
fn run(arguments: &[&str]) -> (i32, Value) {
    let mut command = conformant(&["run", "--format", "json"]);
    command.args(arguments);
    read(&Finished::of(command))
}

fn read(finished: &Finished) -> (i32, Value) {
    let report = serde_json::from_str(&finished.stdout);
    let report = report.unwrap_or_else(|error| panic!("{error}:\n{}{}", finished.stdout, finished.stderr));
    (finished.status, report)
}

fn cases(report: &Value) -> &[Value] {
    report["cases"].as_array().expect("cases")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key} in {value}"))
}

/// A case's findings of level must and should.
fn findings(case: &Value) -> impl Iterator<Item = &Value> {
    case["findings"].as_array().expect("findings").iter().filter(|finding| finding["level"] != "note")
}

/// The names, without the suite, of the cases of a verdict.
fn of_verdict<'a>(report: &'a Value, verdict: &str) -> BTreeSet<&'a str> {
    let names = cases(report).iter().filter(|case| case["verdict"] == verdict).map(|case| text(case, "id"));
    names.map(|id| id.strip_prefix("delete_conversation/").expect("a case of the suite")).collect()
}

/// A report as a page for people.
fn page(release: &str, status: i32, report: &Value) -> String {
    let left = report["left_behind"].as_array().expect("a list").len();
    let mut page = format!(
        "What `conformant --release {release}` finds: every case, below it its findings of level must and should.\n\n\
         exit {status}, {left} left behind\n\n"
    );
    for case in cases(report) {
        page.extend([text(case, "verdict"), "  ", text(case, "id"), "\n"]);
        let mut lines: Vec<String> = findings(case)
            .map(|finding| {
                format!(
                    "        {}{} ({}, {}): expected {}, actual {}\n",
                    if finding["known"].is_null() { "" } else { "known: " },
                    text(finding, "rule"),
                    text(finding, "level"),
                    text(finding, "origin"),
                    text(finding, "expected"),
                    text(finding, "actual")
                )
            })
            .collect();
        lines.sort();
        page.extend(lines);
    }
    page
}

fn recorded(release: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/releases/{release}.txt"))
}

/// Compares a page with the recorded one; what to say if they differ.
fn differs(release: &str, page: &str) -> Option<String> {
    let path = recorded(release);
    let known = fs::read_to_string(&path).unwrap_or_default();
    if known == page {
        return None;
    }
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("release-{release}.txt"));
    fs::write(&fresh, page).expect("a writable folder for the new page");
    let (path, fresh) = (path.display(), fresh.display());
    Some(format!(
        "{release}: read the difference, and if it is right:\n  diff {path} {fresh}\n  cp {fresh} {path}\n{page}"
    ))
}

#[test]
fn every_release_gives_exactly_its_findings() {
    let mut wrong = Vec::new();
    for release in RELEASES {
        let release = release.version.to_string();
        let (status, report) = run(&["--release", &release]);
        assert_eq!((text(&report["target"], "kind"), text(&report["target"], "release")), ("reference", &*release));
        wrong.extend(differs(&release, &page(&release, status, &report)));
        let (_, expected) = FAILING.iter().find(|(known, _)| *known == release).expect("the table has every release");
        assert_eq!(of_verdict(&report, "fail"), expected.iter().copied().collect(), "{release}");
        assert_eq!(of_verdict(&report, "known"), KNOWN.iter().copied().collect(), "{release}");
        assert_eq!(status, i32::from(!expected.is_empty()), "{release}");
        assert_eq!(report["left_behind"], Value::Array(Vec::new()), "{release}");
    }
    assert!(wrong.is_empty(), "other findings than recorded:\n{}", wrong.join("\n"));
}

#[test]
fn the_files_and_the_table_are_those_of_the_releases() {
    let releases: BTreeSet<String> = RELEASES.iter().map(|release| release.version.to_string()).collect();
    let files = fs::read_dir(recorded("x").parent().expect("a folder")).expect("a readable folder").flatten();
    let names = files.map(|file| file.file_name().to_string_lossy().trim_end_matches(".txt").to_owned());
    assert_eq!(names.collect::<BTreeSet<_>>(), releases);
    assert_eq!(FAILING.iter().map(|(release, _)| (*release).to_owned()).collect::<BTreeSet<_>>(), releases);
}

#[test]
fn releases_that_answer_200_instead_of_204_have_no_other_finding() {
    for release in ["0.3.8", "0.6.16", "0.11.1"] {
        let (_, report) = run(&["--release", release, "-v"]);
        for case in cases(&report).iter().filter(|case| case["verdict"] == "fail") {
            let found: Vec<&Value> = findings(case).collect();
            assert_eq!(found.len(), 1, "one cause is one finding: {case}");
            assert_eq!((text(found[0], "rule"), text(found[0], "origin")), ("status-unexpected", "document"));
            let gone = case["transcript"].as_array().expect("what was sent and came").iter().any(|step| {
                text(step, "role") == "is mine there?" && text(step, "answer").starts_with("HTTP/1.1 404 ")
            });
            assert!(gone, "{release} did delete: {case}");
        }
    }
}

#[test]
fn a_served_release_is_judged_as_the_one_inside() {
    let served = Served::start(conformant(&["serve", "--release", "1.8.0"]), 4);
    let mut command = conformant(&["run", "--format", "json"]);
    let (status, report) = read(&Finished::of({
        command.envs(served.variables.iter().map(|(name, value)| (name, value)));
        command
    }));
    assert_eq!((&report["target"]["kind"], &report["target"]["release"]), (&"remote".into(), &Value::Null));
    assert_eq!(differs("1.8.0", &page("1.8.0", status, &report)), None);
}

#[test]
fn the_variable_picks_a_release_for_both_commands() {
    let with_variable = |arguments: &[&str]| {
        let mut command = conformant(arguments);
        command.env("CONFORMANT_RELEASE", "0.11.1");
        command
    };
    let (_, report) = read(&Finished::of(with_variable(&["--format", "json", "missing_and"])));
    assert_eq!(report["target"]["release"], "0.11.1");
    let (_, report) = read(&Finished::of(with_variable(&["--format", "json", "--release", "1.3.1", "missing_and"])));
    assert_eq!(report["target"]["release"], "1.3.1", "the flag wins");
    let served = Served::start(with_variable(&["serve"]), 4);
    let mut command = conformant(&["-v", "missing_and_no_key"]);
    command.envs(served.variables.iter().map(|(name, value)| (name, value)));
    let printed = Finished::of(command).expect(0).stdout;
    assert!(printed.contains("    < X-Version: 0.11.1\n"), "{printed}");
}

#[test]
fn a_version_between_two_listed_ones_behaves_as_the_older_and_says_so() {
    let (status, report) = run(&["--release", "1.12.9", "missing_conversation"]);
    assert_eq!((status, &report["target"]["release"]), (1, &"1.8.0".into()));
    let notes = report["notes"].to_string();
    assert!(notes.contains("1.12.9") && notes.contains("1.8.0"), "{notes}");
    let (_, report) = run(&["missing_conversation"]);
    assert_eq!((&report["target"]["release"], &report["notes"]), (&Value::Null, &Value::Array(Vec::new())));
}

#[test]
fn a_release_that_cannot_be_shown_is_bad_input() {
    for (arguments, said) in [
        (&["run", "--release", "1.8"][..], "is not a release"),
        (&["run", "--release", "v1.8.0"], "is not a release"),
        (&["run", "--release", "0.3.7"], "older than every known release"),
        (&["serve", "--release", "latest"], "is not a release"),
        (&["serve", "--release", "0.0.1"], "older than every known release"),
    ] {
        let finished = command::run(arguments).expect(2);
        assert!(finished.stdout.is_empty() && finished.stderr.contains(said), "{arguments:?}: {}", finished.stderr);
        for release in RELEASES {
            assert!(finished.stderr.contains(&release.version.to_string()), "{arguments:?}: {}", finished.stderr);
        }
    }
    let finished = command::run(&["--release", "1.8.0", "--base-url", "http://127.0.0.1:9/v1"]).expect(2);
    assert!(finished.stdout.is_empty() && finished.stderr.contains("--base-url names a target"), "{}", finished.stderr);
    let finished = command::run(&["list", "--release", "1.8.0"]).expect(2);
    assert!(finished.stdout.is_empty(), "list has no use for it: {}", finished.stdout);
}

#[test]
fn the_baseline_beside_the_cases_is_that_of_the_newest_release_only() {
    let folder = Folder::new();
    for name in ["spec/openapi_chatflow.yaml", "cases/delete_conversation.yaml"] {
        let copy = folder.path().join(name);
        fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder");
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), copy).expect("a copy");
    }
    // Nothing is recorded there, so where it is applied, every case lacks its snapshot.
    fs::create_dir(folder.path().join("snapshots")).expect("a folder");
    for (arguments, applied) in [
        (&[][..], true),
        (&["--release", "1.13.1"], true),
        (&["--release", "2.0.0"], true),
        (&["--release", "1.3.1"], false),
        (&["--release", "1.3.1", "--baseline", "snapshots"], true),
    ] {
        let mut command = conformant(&["--format", "json", "wrong_key"]);
        command.args(arguments).current_dir(folder.path());
        let (_, report) = read(&Finished::of(command));
        for case in cases(&report) {
            let found: Vec<&str> = findings(case).map(|finding| text(finding, "rule")).collect();
            assert_eq!(found, if applied { &["baseline-changed"][..] } else { &[] }, "{arguments:?}");
        }
    }
}

#[test]
fn the_page_names_the_cases_that_fail() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/releases.md")).expect("the page");
    for (release, failing) in FAILING {
        let start = format!("| {release} | ");
        let row = page.lines().find(|line| line.starts_with(&start)).expect("a row for every release");
        let cell = row.trim_end_matches(" |").rsplit(" | ").next().expect("a last cell");
        let named: BTreeSet<&str> = cell.split('`').skip(1).step_by(2).collect();
        assert_eq!(named, failing.iter().copied().collect(), "{row}");
    }
}
