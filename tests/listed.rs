//! States of an API that only lists its objects, page by page, and that removes them in two requests.

#![cfg(unix)]

#[path = "support/command.rs"]
mod command;
#[path = "listed/jobs.rs"]
mod jobs;
#[path = "support/world.rs"]
mod world;

use std::process::Command;

use command::{Finished, Folder, conformant};
use jobs::{FOREIGN, Jobs};
use serde_json::Value;

/// The ways of the server to say where a list goes on, and what the suite writes for each.
const WAYS: [(&str, &str); 7] = [
    ("link", ""),
    ("next", ", next: /next_page_url"),
    ("field", ", next: {header: Next-Page}"),
    ("counted", ", pages: {query: page, from: 1}"),
    ("clamped", ", pages: {query: page}"),
    ("offset", ", pages: {query: offset, from: 0, step: 10}"),
    ("cursor", ", pages: {cursor: /meta/next, query: after}"),
];

const CASES: &str = r#"
  running: {about: A running job is not removed., given: {mine: job, bystander: job}, path: {id: "{{mine.id}}"}, expect: 409}
  stopped:
    given: {mine: job, bystander: job}
    call: POST /jobs/{{mine.id}}/stop
    expect: 200
    then: [{operation: removeJob, path: {id: "{{mine.id}}"}, expect: 204}]
  missing: {given: {bystander: job}, path: {id: "no-such-{{uuid}}"}, expect: 404}
"#;

const UNDO: &str = r#"[{call: "POST /jobs/{{id}}/stop", expect: [200, 409]}, {path: {id: "{{id}}"}, expect: 204}]"#;

fn listed(way: &str, pages: &str) -> String {
    format!("{{call: GET /{way}, contains: {{/items/*/id: \"{{{{id}}}}\"}}{pages}}}")
}

/// A suite for the server, and where it is.
fn suite(folder: &Folder, exists: &str, undo: &str, cases: &str) -> String {
    folder.file("jobs.yaml", jobs::DOCUMENT);
    folder.file(
        "suite.yaml",
        &format!(
            "spec: jobs.yaml\noperation: removeJob\nstates:\n  job:\n    call: POST /jobs\n    json: {{user: \"{{{{user}}}}\"}}\n    \
             expect: 201\n    capture: {{id: /id}}\n    exists: {exists}\n    undo: {undo}\n    gone: 404\ncases:{cases}"
        ),
    )
}

fn run(jobs: &Jobs, suite: &str, arguments: &[&str]) -> Command {
    let mut all = vec!["run", "--format", "json", "--base-url", &jobs.url, "--cases", suite];
    all.extend(arguments);
    conformant(&all)
}

/// Runs a command to its end. Gives its status, its report, and all that it said.
fn ended(command: Command) -> (i32, Value, String) {
    let Finished { status, stdout, stderr } = Finished::of(command);
    let report = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("no report: {stdout}{stderr}"));
    (status, report, format!("exit {status}\n{stdout}{stderr}"))
}

/// The rules of all findings with a level that fails a case.
fn must(report: &Value) -> Vec<&str> {
    let cases = report["cases"].as_array().into_iter().flatten();
    let findings = cases.flat_map(|case| case["findings"].as_array().into_iter().flatten());
    let must = findings.filter(|finding| finding["level"] == "must");
    must.filter_map(|finding| finding["rule"].as_str()).collect()
}

#[test]
fn objects_that_are_only_listed_are_proven_whatever_way_the_list_goes_on() {
    let folder = Folder::new();
    for (way, pages) in WAYS {
        for jobs in ["1", "8"] {
            let server = Jobs::start();
            let suite = suite(&folder, &listed(way, pages), UNDO, CASES);
            let (status, report, said) = ended(run(&server, &suite, &["--jobs", jobs, "--repeat", "3"]));
            assert_eq!(status, 0, "{way} {jobs}: {said}");
            assert_eq!(report["cases"].as_array().map(Vec::len), Some(3), "{said}");
            assert_eq!(must(&report), [""; 0], "{way}: {said}");
            assert_eq!(server.left(), FOREIGN, "{way}: nothing of the run is left, nothing foreign is gone");
            let pages = server.seen(|line| line.starts_with(&format!("GET /v1/{way}?")));
            assert!(!pages.is_empty(), "{way}: further pages were read");
            let harmed = server.seen(|line| !line.starts_with("GET ") && Jobs::is_about_foreign(line));
            assert_eq!(harmed, [""; 0], "{way}: no request is about a foreign job");
        }
    }
}

#[test]
fn what_a_server_does_otherwise_is_found() {
    let folder = Folder::new();
    // The removal is accepted, and the job stays in the list.
    let server = Jobs::start();
    server.keeps();
    let listed = listed("link", "");
    let (status, report, said) = ended(run(&server, &suite(&folder, &listed, UNDO, CASES), &[]));
    assert_eq!(status, 1, "{said}");
    assert!(must(&report).iter().all(|rule| *rule == "effect-missing"), "{said}");
    assert!(said.contains("answered 200, and the object is there."), "{said}");
    // A refused removal removes all the same.
    let server = Jobs::start();
    server.removes_what_runs();
    let (status, report, said) = ended(run(&server, &suite(&folder, &listed, UNDO, CASES), &[]));
    assert_eq!(status, 1, "{said}");
    assert!(must(&report).contains(&"effect-despite-refusal"), "{said}");
    assert!(said.contains("answered 200, and the object is not there."), "{said}");
}

#[test]
fn a_list_without_an_end_is_an_error_that_counts_its_pages() {
    let folder = Folder::new();
    for (way, pages, why) in [
        ("endless", ", next: /next_page_url", "200 pages were read, and the list did not end"),
        ("back", ", next: /next_page_url", "page 2 leads back to /v1/back, which was read before"),
        (
            "away",
            ", next: /next_page_url",
            "page 1 leads to http://other.example/v1/jobs, which is not below the base URL",
        ),
        (
            "ignored",
            ", pages: {query: page}",
            "pages 1 and 2 are the same, so the target ignores the parameter of `pages`",
        ),
        ("number", ", next: /next_page_url", "/next_page_url of page 1 is 7, which is no URL"),
    ] {
        let server = Jobs::start();
        let suite = suite(&folder, &listed(way, pages), UNDO, CASES);
        let (status, report, said) = ended(run(&server, &suite, &["--jobs", "8"]));
        assert_eq!(status, 3, "{way}: {said}");
        let reason = report["cases"][0]["reason"].as_str().unwrap_or_default();
        assert!(reason.contains("the list that `exists` reads cannot be read to its end"), "{way}: {said}");
        assert!(reason.contains(why), "{way}: {said}");
        assert_eq!(server.left(), FOREIGN, "{way}: {said}");
    }
}

#[test]
fn the_guard_sees_the_request_for_every_page() {
    let folder = Folder::new();
    let server = Jobs::start();
    let suite = suite(&folder, &listed("removes", ", next: /next_page_url"), UNDO, CASES);
    let (_, _, said) = ended(run(&server, &suite, &[]));
    let removing = server.seen(|line| line.contains("/jobs/1/delete"));
    assert_eq!(removing, [""; 0], "{said}");
    assert_eq!(server.left(), FOREIGN, "{said}");
}

#[test]
fn a_body_without_the_list_says_nothing_about_an_object() {
    let folder = Folder::new();
    let server = Jobs::start();
    let exists = "{call: GET /link, contains: {/item/*/id: \"{{id}}\"}}";
    let (status, report, said) = ended(run(&server, &suite(&folder, exists, UNDO, CASES), &[]));
    assert!(said.contains("the body has no list at /item"), "{said}");
    // The ids are numbers, so an accepted removal that was never refused proves nothing.
    assert_ne!(status, 1, "{said}");
    assert_eq!(must(&report), [""; 0], "{said}");
    assert_eq!(server.left(), FOREIGN, "{said}");
}

#[test]
fn several_looks_say_yes_together_and_the_first_other_one_decides() {
    let folder = Folder::new();
    let one = r#"{call: "GET /jobs/{{id}}/state", yes: {status: 200, match: {/gone: false}}, no: 404}"#;
    let exists = format!("[{one}, {}]", listed("next", ", next: /next_page_url"));
    for jobs in ["1", "8"] {
        let server = Jobs::start();
        let (status, _, said) = ended(run(&server, &suite(&folder, &exists, UNDO, CASES), &["--jobs", jobs]));
        assert_eq!(status, 0, "{said}");
        assert_eq!(server.left(), FOREIGN);
    }
    // The list alone still has what was removed.
    let server = Jobs::start();
    server.keeps();
    let (status, report, said) = ended(run(&server, &suite(&folder, &exists, UNDO, CASES), &[]));
    assert_eq!(status, 1, "{said}");
    assert!(must(&report).iter().all(|rule| *rule == "effect-missing"), "{said}");
}

#[test]
fn an_undo_whose_first_request_is_refused_removes_nothing() {
    let folder = Folder::new();
    let listed = listed("link", "");
    let undo = r#"[{call: "POST /jobs/{{id}}/halt", expect: 200}, {path: {id: "{{id}}"}, expect: 204}]"#;
    let cases = "\n  missing: {given: {bystander: job}, path: {id: \"no-such-{{uuid}}\"}, expect: 404}\n";
    let server = Jobs::start();
    let (_, report, said) = ended(run(&server, &suite(&folder, &listed, undo, cases), &[]));
    let removals = server.seen(|line| line.starts_with("DELETE ") && !line.contains("no-such"));
    assert_eq!(removals, [""; 0], "{said}");
    let left = report["left_behind"].as_array().map_or(0, Vec::len);
    assert_eq!(left, server.left().len() - FOREIGN.len(), "{said}");
    assert!(left > 0 && said.contains("/halt answered 400"), "{said}");
}

#[test]
fn a_dry_run_shows_every_request_and_what_is_refused() {
    let folder = Folder::new();
    let server = Jobs::start();
    let exists = format!(
        "[{{call: \"GET /jobs/{{{{id}}}}/state\", yes: 200, no: 404}}, {}]",
        listed("counted", ", pages: {query: page}")
    );
    let path = suite(&folder, &exists, UNDO, CASES);
    let plan = |path: &str| Finished::of(conformant(&["run", "--dry-run", "--base-url", &server.url, "--cases", path]));
    let Finished { status, stdout, stderr } = plan(&path);
    assert_eq!(status, 0, "{stdout}{stderr}");
    for request in ["/v1/jobs/{mine.id}/state", "/v1/counted?page=1", "/v1/jobs/{mine.id}/stop", "/v1/jobs/{mine.id}\n"]
    {
        assert!(stdout.contains(request), "{request}: {stdout}");
    }
    assert_eq!(server.seen(|_| true), [""; 0], "nothing was sent");
    let undo = r#"[{call: "POST /jobs/17/stop/{{id}}/all/now", expect: 200}, {path: {id: "{{id}}"}, expect: 204}]"#;
    let path = suite(&folder, &exists, undo, CASES);
    let Finished { status, stdout, stderr } = plan(&path);
    assert_eq!(status, 2, "{stdout}{stderr}");
    assert!(stdout.contains("refused: POST /v1/jobs/17/stop/"), "{stdout}{stderr}");
}

#[test]
fn what_a_killed_run_left_is_removed_in_two_requests() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new();
    let server = Jobs::start();
    let suite = suite(&folder, &listed("link", ""), UNDO, CASES);
    let id = server.make("conformant-killed");
    let lines = [
        format!(r#"{{"journal":"conformant.journal/1","run":"abc","target":"{}","started":"2026-01-31"}}"#, server.url),
        r#"{"asked":1,"suite":"suite","state":"job","case":"suite/stopped","user":"conformant-killed"}"#.to_owned(),
        format!(r#"{{"made":1,"id":"{id}","captures":{{"id":{id}}}}}"#),
    ];
    let journal = folder.file("a.journal", &(lines.join("\n") + "\n"));
    std::fs::set_permissions(&journal, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    let command = conformant(&["clean", &journal, "--base-url", &server.url, "--cases", &suite]);
    let Finished { status, stdout, stderr } = Finished::of(command);
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert_eq!(server.left(), FOREIGN, "{stdout}{stderr}");
    let sent = server.seen(|line| !line.starts_with("GET "));
    assert_eq!(sent, [format!("POST /v1/jobs/{id}/stop"), format!("DELETE /v1/jobs/{id}")]);
}
