//! Input errors are printed without secrets, from the moment the environment is read.

use super::command::{Finished, Folder, conformant};
use super::holds_any;

const SECRETS: [(&str, &str); 4] = [
    ("PROD_TOKEN", "tok-violet-canyon-1a2b3c"),
    ("NAMED", "violet-basket"),
    ("DATABASE_URL", "postgres://app:correct-horse@db.test/app"),
    ("API_KEY", "harbor-key-0123456789"),
];

#[track_caller]
fn refused(arguments: &[&str], more: &[(&str, &str)]) -> Finished {
    let mut command = conformant(arguments);
    command.envs(SECRETS).envs(more.iter().copied());
    let finished = Finished::of(command).expect(2);
    let said = format!("{}{}", finished.stdout, finished.stderr);
    let hidden = [SECRETS[0], SECRETS[1], ("password", "correct-horse"), SECRETS[3]];
    assert_eq!(holds_any(said.as_bytes(), &hidden), None, "{said}");
    for part in ["violet", "basket", "correct", "harbor"] {
        assert!(!said.contains(part), "{said}");
    }
    finished
}

#[test]
fn a_broken_suite_is_quoted_without_the_values_of_variables() {
    let folder = Folder::new();
    let lines = [
        "cases: {{one: {{header: {{A: VALUE}}, expct: 204}}}}",
        "VALUE: 1",
        "cases: {{one: {{expect: VALUE}}}}",
        "cases: [\"VALUE",
        "states: {{\"VALUE\": 1}}",
        "spec: VALUE.yaml",
        "operation: VALUE",
    ];
    for (index, line) in lines.iter().enumerate() {
        for (name, value) in SECRETS {
            let text = line.replace("{{", "{").replace("}}", "}").replace("VALUE", value);
            let long = format!("# {{{{env.NAMED}}}} env: API_KEY\n{}{text}\n", "");
            let file = folder.file(&format!("{index}-{name}.yaml"), &long);
            for command in ["run", "lint", "list", "doctor"] {
                refused(&[command, "--cases", &file], &[]);
            }
            // Of a long line only a part is shown, which may begin or end in the value.
            let pad = "x".repeat(95);
            let cut = format!("# {{{{env.NAMED}}}}\n{{\"{pad}{value}{pad}\": 1, \"{value}{pad}\": 1}}\n");
            refused(&["lint", "--cases", &folder.file(&format!("{index}-{name}-cut.yaml"), &cut)], &[]);
        }
    }
}

#[test]
fn flags_variables_and_paths_are_quoted_without_them() {
    for (_, value) in SECRETS {
        // The suites of this project name API_KEY; the others are known by name or by their login.
        if value == SECRETS[1].1 {
            continue;
        }
        let path = format!("/no/{value}/here");
        for arguments in [
            &["run", "--timeout", value][..],
            &["run", "--profile", value],
            &["run", "--cases", value],
            &["run", "--spec", value],
            &["run", "--spec", &path],
            &["run", "--release", value],
            &["run", "--base-url", value],
            &["run", "--format", value],
            &["run", "--baseline", value],
            &["run", "--report", value],
            &["run", "--env-file", value],
            &["run", "--ca-file", value],
            &["run", value],
            &["run", "--no-such-flag", value],
            &["run", &format!("--{value}")],
            &["explain", value],
            &["clean", value],
            &[value, "--strict"],
        ] {
            refused(arguments, &[]);
        }
        for name in
            ["CONFORMANT_TIMEOUT", "CONFORMANT_PROFILE", "CONFORMANT_BASE_URL", "API_BASE_URL", "CONFORMANT_REPORT"]
        {
            refused(&["run"], &[(name, value)]);
        }
    }
}

#[test]
fn the_values_of_a_file_of_variables_are_hidden_too() {
    let folder = Folder::new();
    let file = folder.file("staging.env", "API_BASE_URL=http://127.0.0.1:1/v1\nSTAGING_SECRET=lantern-meadow-77\n");
    let suite = folder.file("suite.yaml", "operation: x\nlantern-meadow-77: 1\n");
    let finished = refused(&["run", "--env-file", &file, "--cases", &suite], &[]);
    assert!(finished.stderr.contains("unknown key") && !finished.stderr.contains("lantern"), "{}", finished.stderr);
}

#[test]
fn a_value_that_the_guard_refuses_is_not_shown() {
    let folder = Folder::new();
    folder.file(
        "document.yaml",
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /things/{id}:\n    delete:\n      operationId: remove\n      \
         parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n      responses: {'204': {description: ok}}\n",
    );
    let suite = folder.file(
        "suite.yaml",
        "spec: document.yaml\noperation: remove\ncases:\n  one: {path: {id: \"{{env.NAMED}}-12345678901234567890\"}, expect: 204}\n",
    );
    for arguments in [&["run"][..], &["run", "--dry-run"], &["run", "--dry-run", "--format", "json"], &["lint"]] {
        let arguments = [arguments, &["--cases", &suite]].concat();
        let finished = refused(&arguments, &[("API_BASE_URL", "http://127.0.0.1:1/v1")]);
        let told = finished.stdout + &finished.stderr;
        assert!(told.contains("1234567890"), "{told}");
    }
}

#[test]
fn what_public_may_not_name_is_refused() {
    let folder = Folder::new();
    folder.file(
        "document.yaml",
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {operationId: a, responses: {'200': {description: ok}}}}}\n",
    );
    let rest = "spec: document.yaml\noperation: a\ncredentials: {app: {env: API_KEY}}\ncases:\n  one: {auth: {header: \"X {{env.AUTH_VALUE}}\"}, query: {q: \"{{env.MODE}}\"}, expect: 200}\n";
    for (public, message, help) in [
        ("public: [API_KEY]", "`public` names `API_KEY`, which holds the credential `app`", "always a secret"),
        ("public: [MODE, MODE]", "`public` names `MODE` twice", "Remove one"),
        ("public: [MDOE]", "`public` names `MDOE`, which the suite does not use", "Did you mean `MODE`?"),
        ("public: [AUTH_VALUE]", "which the suite sends as an Authorization value", "always a secret"),
        ("public: []", "`public` names no variable", "Write a list"),
        ("public: MODE", "`public` must be a sequence, not a string", "Write a list"),
        ("public: [\"$MODE\"]", "`$MODE` cannot be the name of a variable", "without `$`"),
        ("public: [{a: b}]", "a variable of `public` must be a string, not a mapping", "Write the name"),
    ] {
        let suite = folder.file("suite.yaml", &format!("{public}\n{rest}"));
        let finished = Finished::of(conformant(&["lint", "--cases", &suite])).expect(2);
        assert!(finished.stderr.contains(message) && finished.stderr.contains(help), "{public}: {}", finished.stderr);
        assert!(finished.stderr.contains("suite.yaml:1:"), "{}", finished.stderr);
    }
    let suite = folder.file("suite.yaml", &format!("public: [MODE]\n{rest}"));
    Finished::of(conformant(&["lint", "--cases", &suite])).expect(0);
}
