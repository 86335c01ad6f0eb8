//! The commands that need no target: `list`, `lint`, `rules`, `explain`.

#[path = "support/command.rs"]
mod command;

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
    assert!(lint.stdout.ends_with("all load and fit\n"), "{}", lint.stdout);
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
    assert!(lint.ends_with("1 suite, 1 case: all load and fit\n"), "{lint}");
}

#[test]
fn every_rule_of_the_table_has_a_page() {
    let table = run(&["rules"]).expect(0).stdout;
    assert!(table.lines().count() > 5, "{table}");
    for line in table.lines() {
        let id = line.split_whitespace().next().expect("an id");
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
fn a_reader_that_has_seen_enough_is_no_trouble() {
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
fn colour_is_for_terminals_and_for_those_who_ask() {
    assert!(!run(&["rules"]).expect(0).stdout.contains('\x1b'));
    let mut command = conformant(&["rules"]);
    command.env("CLICOLOR_FORCE", "1");
    assert!(command::Finished::of(command).expect(0).stdout.contains('\x1b'));
}
