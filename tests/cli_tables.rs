//! The commands `list`, `lint`, `rules` and `explain` print what they should, and need no target.

#[path = "support/command.rs"]
mod command;

use std::fmt::Write as _;
use std::io::Read as _;
use std::process::Stdio;

use command::{Folder, conformant, run, waited};

#[test]
fn list_prints_an_id_a_line_and_respects_profile_and_filter() {
    let all = run(&["list"]).expect(0).stdout;
    let core = run(&["list", "--profile", "core"]).expect(0).stdout;
    assert_eq!(
        core.lines().collect::<Vec<_>>(),
        ["success", "wrong_app_mode", "missing_conversation"].map(|name| format!("delete_conversation/{name}"))
    );
    assert!(all.lines().count() > core.lines().count());
    assert!(core.lines().all(|id| all.lines().any(|other| other == id)), "extended includes core");
    let some = run(&["list", "--profile", "core", "success", "missing"]).expect(0).stdout;
    assert_eq!(some, "delete_conversation/success\ndelete_conversation/missing_conversation\n");
    assert_eq!(run(&["--profile", "core", "list"]).expect(0).stdout, core, "flags may stand first");
}

#[test]
fn lint_says_what_was_loaded() {
    let lint = run(&["lint"]).expect(0);
    assert!(lint.stdout.starts_with("document "), "{}", lint.stdout);
    assert!(lint.stdout.contains("DELETE /conversations/{conversation_id}"), "{}", lint.stdout);
    assert!(lint.stdout.ends_with("all load\n"), "{}", lint.stdout);
}

#[test]
fn lint_shows_where_a_suite_is_wrong() {
    let folder = Folder::new();
    folder.file("api.yaml", "openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: getA\n      responses:\n        '200': {description: ok}\n");
    let suite = folder.file("a.yaml", "spec: api.yaml\noperation: getA\ncases:\n  one:\n    expcet: 200\n");
    let finished = run(&["lint", "--cases", &suite]).expect(2);
    assert!(finished.stderr.contains("a.yaml:5:5"), "{}", finished.stderr);
    assert!(finished.stderr.contains("expcet: 200") && finished.stderr.contains("^^^^^^"), "{}", finished.stderr);
    assert!(finished.stderr.contains("expect"), "the nearest name is named: {}", finished.stderr);
    assert_eq!(finished.stdout, "");
}

#[test]
fn lint_notes_a_state_that_cannot_be_undone() {
    let folder = Folder::new();
    folder.file("api.yaml", "openapi: 3.0.1\ninfo: {title: Things, version: '1'}\npaths:\n  /a/{id}:\n    delete:\n      operationId: deleteA\n      parameters:\n        - {name: id, in: path, required: true, schema: {type: string}}\n      responses:\n        '204': {description: gone}\n");
    let text = "spec: api.yaml\noperation: deleteA\nstates:\n  a: {call: POST /a, expect: 200, capture: {id: /id}}\n\
                cases:\n  one:\n    given: {mine: a}\n    path: {id: '{{mine.id}}'}\n    expect: 204\n";
    let suite = folder.file("a.yaml", text);
    let lint = run(&["lint", "--cases", &suite]).expect(0).stdout;
    assert!(lint.contains("the state `a` has no `undo`") && lint.contains("a.yaml:4:"), "{lint}");
    assert!(lint.ends_with("1 suite, 1 case: all load\n"), "{lint}");
}

/// A document whose example contradicts itself (must) where `status` is another than 404, and that pins no other body
/// (should).
fn contradictory(folder: &Folder, status: u16) -> String {
    let document = format!(
        "openapi: 3.0.1\ninfo: {{title: Things, version: '7'}}\npaths:\n  /a:\n    get:\n      operationId: getA\n      \
         responses:\n        '200': {{description: ok, content: {{application/json: {{}}}}}}\n        '404':\n          \
         description: none\n          content:\n            application/json:\n              example: {{status: {status}}}\n"
    );
    folder.file("api.yaml", &document);
    folder.file("a.yaml", "spec: api.yaml\noperation: getA\ncases:\n  one: {expect: [200, 404]}\n")
}

#[test]
fn lint_fails_on_what_contradicts_itself_and_shows_the_line() {
    let folder = Folder::new();
    let suite = contradictory(&folder, 400);
    let lint = run(&["lint", "--cases", &suite]).expect(1).stdout;
    for part in [
        "example-contradicts-status (must, document): the example `example` of the 404 response says 400 at /status",
        "api.yaml:13  #/paths/~1a/get/responses/404/content/application~1json/example\n",
        "   13 |               example: {status: 400}\n",
        "|               ^^^^^^^\n",
        "expected 404, found 400",
        "response-unpinned (should, document): ",
        "   8 |         '200': ",
        "found: 1 finding of level must, 1 finding of level should;",
    ] {
        assert!(lint.contains(part), "no {part:?} in:\n{lint}");
    }
    let position = |rule: &str| lint.find(rule).expect("it is there");
    assert!(position("example-contradicts-status") < position("response-unpinned"), "the heaviest first:\n{lint}");
    assert!(lint.ends_with("1 suite, 1 case: all load\n"), "{lint}");
}

#[test]
fn lint_fails_on_lower_levels_only_when_strict() {
    let folder = Folder::new();
    let suite = contradictory(&folder, 404);
    let lint = run(&["lint", "--cases", &suite]).expect(0).stdout;
    assert!(lint.contains("response-unpinned") && !lint.contains("must"), "{lint}");
    assert_eq!(run(&["lint", "--cases", &suite, "--strict"]).expect(1).stdout, lint);
    assert_eq!(run(&["--strict", "lint", "--cases", &suite]).expect(1).stdout, lint);
    run(&["lint", "--cases", &suite, "--strict=no"]).expect(0);
}

#[test]
fn lint_can_be_read_by_programs() {
    let folder = Folder::new();
    let suite = contradictory(&folder, 400);
    let text = run(&["lint", "--cases", &suite, "--format", "json"]).expect(1).stdout;
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(report["schema"], "conformant.lint/1");
    assert_eq!((&report["exit"], &report["strict"]), (&1.into(), &false.into()));
    assert_eq!(report["summary"], serde_json::json!({"must": 1, "should": 1, "note": 0}));
    let document = &report["documents"][0];
    assert_eq!((&document["title"], &document["version"]), (&"Things".into(), &"7".into()));
    assert_eq!(document["suites"][0]["cases"], 1);
    let first = &document["findings"][0];
    assert_eq!((&first["rule"], &first["level"]), (&"example-contradicts-status".into(), &"must".into()));
    assert_eq!(first["spec"]["line"], 13);
    let wrong = run(&["lint", "--cases", &suite, "--format", "xml"]).expect(2);
    assert!(wrong.stderr.contains("--format names the format `xml`"), "{}", wrong.stderr);
}

#[test]
fn lint_shows_the_first_findings_of_a_rule_and_counts_the_rest() {
    let folder = Folder::new();
    let mut document = String::from("openapi: 3.0.1\ninfo: {title: Many, version: '1'}\npaths:\n");
    for index in 0..30 {
        let id = "[{name: id, in: path, required: true, schema: {type: string}}]";
        let body = "requestBody: {content: {}}, responses: {'204': {description: gone}}";
        let _ =
            writeln!(document, "  /a{index}/{{id}}: {{parameters: {id}, delete: {{operationId: it{index}, {body}}}}}");
    }
    folder.file("api.yaml", &document);
    let suite = folder
        .file("a.yaml", "spec: api.yaml\noperation: it3\ncases:\n  one: {path: {id: no-such-thing}, expect: 204}\n");
    let lint = run(&["lint", "--cases", &suite]).expect(0).stdout;
    assert_eq!(lint.matches("request-body-ignored (should").count(), 20, "{lint}");
    assert!(
        lint.contains("… and 10 more of request-body-ignored") && lint.contains("found: 30 findings of level should"),
        "{lint}"
    );
}

#[test]
fn lint_points_into_a_document_of_one_line() {
    let folder = Folder::new();
    folder.file("api.json", r#"{"openapi":"3.0.1","info":{"title":"T","version":"1"},"paths":{"/a":{"get":{"operationId":"getA","responses":{"204":{"description":"d","content":{"application/json":{"example":{"a":1}}}}}}}}}"#);
    let suite = folder.file("a.yaml", "spec: api.json\noperation: getA\ncases:\n  one: {expect: 204}\n");
    let lint = run(&["lint", "--cases", &suite]).expect(1).stdout;
    let lines: Vec<&str> = lint.lines().collect();
    let carets = lines.iter().position(|line| line.contains("^^^^^")).expect("carets");
    let column = |line: &str, part: &str| line.find(part).map(|at| line[..at].chars().count());
    assert_eq!(column(lines[carets], "^"), column(lines[carets - 1], "\"204\""), "{lint}");
}

#[test]
fn every_rule_of_the_table_has_a_page() {
    let table = run(&["rules"]).expect(0).stdout;
    for id in ["status-unexpected", "baseline-changed", "response-unpinned"] {
        assert!(table.lines().any(|line| line.starts_with(&format!("{id} "))), "{table}");
    }
    for heading in ["Status", "Framing", "Documents and suites"] {
        assert!(table.lines().any(|line| line == heading), "{table}");
    }
    // An id has a hyphen, and no heading has one.
    for id in table.lines().filter_map(|line| line.split(' ').next()).filter(|word| word.contains('-')) {
        let page = run(&["explain", id]).expect(0).stdout;
        assert!(page.starts_with(&format!("{id}: ")), "{page}");
        assert!(page.lines().count() > 8, "a page says more than the record:\n{page}");
        assert!(!page.contains("//!"), "{page}");
    }
}

#[test]
fn an_unknown_rule_is_answered_with_the_nearest() {
    let finished = run(&["explain", "status-unexpcted"]).expect(2);
    assert!(finished.stderr.contains("there is no rule `status-unexpcted`"), "{}", finished.stderr);
    assert!(finished.stderr.contains("did you mean status-unexpected?"), "{}", finished.stderr);
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    for arguments in [&["rules"][..], &["list"], &["lint"]] {
        let mut child =
            conformant(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts");
        drop(child.stdout.take());
        let status = waited(&mut child);
        let mut stderr = String::new();
        child.stderr.take().expect("its stderr").read_to_string(&mut stderr).expect("text");
        assert_eq!((status, stderr.as_str()), (0, ""), "{arguments:?}");
    }
}

#[test]
fn colour_is_used_on_terminals_and_on_request() {
    assert!(!run(&["rules"]).expect(0).stdout.contains('\x1b'));
    let mut command = conformant(&["rules"]);
    command.env("CLICOLOR_FORCE", "1");
    assert!(command::Finished::of(command).expect(0).stdout.contains('\x1b'));
}
