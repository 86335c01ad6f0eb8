//! The command judges servers in other processes: its own `serve`, a second API, and nginx in between.
//!
//! Tests that need nginx are ignored, with the reason, if it is not installed. If `CONFORMANT_REQUIRE` lists it, its
//! absence is a failure.

#[path = "support/command.rs"]
mod command;
#[path = "support/door.rs"]
mod door;
#[path = "support/served.rs"]
mod served;
#[path = "support/trials.rs"]
mod trials;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use command::{Finished, Folder, conformant, nowhere};
use libtest_mimic::Arguments;
use served::{Served, nginx as front};
use trials::{Parts, needing, run_at, serve, trial};

fn main() -> ExitCode {
    let args = Arguments::from_args();
    let trials = vec![
        trial("serve_in_another_process_conforms", conforms_directly),
        trial("the_second_contract_conforms", second_contract),
        trial("the_second_contract_skips_an_unset_optional_key", second_contract_without_key),
        trial("nothing_listening_is_not_judged", nothing_listening),
        trial("swapped_keys_are_named_before_any_case", swapped_keys),
        trial("both_doors_agree_case_by_case", both_doors_agree),
        needing("behind_nginx_it_conforms", &["nginx"], behind_nginx),
        needing("nginx_that_answers_404_with_its_page_fails", &["nginx"], nginx_with_its_own_page),
        needing("nginx_in_front_of_nothing_is_not_judged", &["nginx"], nginx_without_upstream),
    ];
    libtest_mimic::run(&args, trials).exit_code()
}

fn conforms_directly() {
    let served = serve();
    let finished = run_at(&served, served.base_url(), &[], &[]).expect(0);
    assert!(finished.stdout.contains("delete_conversation/success"), "{}", finished.stdout);
}

fn behind_nginx(parts: &Parts) {
    let served = serve();
    let folder = Folder::new();
    let upstream = served.base_url().trim_end_matches("/v1");
    let proxy = front(parts.of("nginx"), folder.path(), &format!("location / {{ proxy_pass {upstream}; }}"));
    run_at(&served, &format!("http://127.0.0.1:{}/v1", proxy.port), &[], &[]).expect(0);
}

fn nginx_with_its_own_page(parts: &Parts) {
    let served = serve();
    let folder = Folder::new();
    let upstream = served.base_url().trim_end_matches("/v1");
    // Everything passes; only the DELETE's 404 is answered by nginx itself.
    let rules = format!(
        "location / {{ proxy_pass {upstream}; }}\n    location /v1/conversations/ {{ proxy_pass {upstream}; \
         proxy_intercept_errors on; error_page 404 /missing.html; }}\n    \
         location = /missing.html {{ internal; return 404; }}"
    );
    let proxy = front(parts.of("nginx"), folder.path(), &rules);
    let finished =
        run_at(&served, &format!("http://127.0.0.1:{}/v1", proxy.port), &["--profile", "core"], &[]).expect(1);
    let told = finished.stdout.split("FAIL").find(|part| part.contains("media-type-undocumented"));
    let told = told.unwrap_or_else(|| panic!("no such finding:\n{}", finished.stdout));
    assert!(told.contains("cases/delete_conversation.yaml:"), "the case's line:\n{told}");
    assert!(told.contains("spec/openapi_chatflow.yaml:"), "the document's line:\n{told}");
    assert!(told.contains("curl "), "the request to repeat:\n{told}");
}

fn nginx_without_upstream(parts: &Parts) {
    let served = serve();
    let folder = Folder::new();
    let proxy = front(parts.of("nginx"), folder.path(), "location / { proxy_pass http://127.0.0.1:1; }");
    let finished = run_at(&served, &format!("http://127.0.0.1:{}/v1", proxy.port), &[], &[]).expect(3);
    assert!(finished.stdout.contains("502"), "{}", finished.stdout);
}

fn nothing_listening() {
    let served = serve();
    let url = nowhere();
    let finished = run_at(&served, &url, &[], &[]).expect(3);
    let address = url.trim_start_matches("http://").trim_end_matches("/v1");
    assert!(finished.stdout.contains(address), "{}", finished.stdout);
}

fn swapped_keys() {
    let served = serve();
    let value = |name: &str| {
        served.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).expect("a key")
    };
    let mut command = conformant(&["run"]);
    command
        .env("API_BASE_URL", served.base_url())
        .env("API_KEY", value("WRONG_MODE_API_KEY"))
        .env("WRONG_MODE_API_KEY", value("API_KEY"));
    let finished = Finished::of(command).expect(3);
    assert!(finished.stdout.contains("API_KEY"), "{}", finished.stdout);
    assert!(!finished.stdout.contains("FAIL"), "no case is blamed:\n{}", finished.stdout);
}

/// The example server of the second contract, as cargo builds it beside this test.
fn print_jobs() -> Served {
    let mut folder = PathBuf::from(env!("CARGO_BIN_EXE_conformant"));
    folder.pop();
    let server = folder.join("examples").join("print_jobs");
    assert!(server.is_file(), "{} is built by `cargo test` and `cargo build --examples`", server.display());
    Served::start(Command::new(server), 3)
}

fn second_contract() {
    let served = print_jobs();
    let finished = run_at(&served, served.base_url(), &["--cases", "examples/print_jobs/cases"], &[]).expect(0);
    assert!(finished.stdout.contains("checked against a schema"), "{}", finished.stdout);
}

fn second_contract_without_key() {
    let served = print_jobs();
    let mut command = conformant(&["run", "--cases", "examples/print_jobs/cases"]);
    command.envs(served.variables.iter().filter(|(name, _)| name != "PRESS_READ_KEY").cloned());
    let finished = Finished::of(command).expect(0);
    assert!(finished.stdout.contains("PRESS_READ_KEY is not set"), "{}", finished.stdout);
}

/// The verdicts of `cargo test --test conformance` and of the command, on a target where some cases fail.
fn both_doors_agree() {
    let served = serve();
    // The other chat app's key is unset (skipped), and the other user's cases fail because both keys are of one app.
    let mut door = Command::new(door::conformance_test());
    let mut own = conformant(&["run", "--format", "json"]);
    for command in [&mut door, &mut own] {
        command.env_clear().env("API_BASE_URL", served.base_url());
        let api_key = served.variables.iter().find(|(name, _)| name == "API_KEY").expect("a key").1.clone();
        let wrong = served.variables.iter().find(|(name, _)| name == "WRONG_MODE_API_KEY").expect("a key").1.clone();
        command.env("API_KEY", &api_key).env("WRONG_MODE_API_KEY", wrong).env("CONFORMANT_CASES", "tests/data/doors");
    }
    door.current_dir(env!("CARGO_MANIFEST_DIR"));
    let door = Finished::of(door);
    let own = Finished::of(own).expect(1);
    let report: serde_json::Value = serde_json::from_str(&own.stdout).expect("a JSON report");
    let cases = report["cases"].as_array().expect("cases");
    assert!(cases.len() >= 3, "{report}");
    for case in cases {
        let id = case["id"].as_str().expect("an id");
        let trial = id.replace('/', "::");
        let word = match case["verdict"].as_str().expect("a verdict") {
            "pass" => "ok",
            "fail" => "FAILED",
            "skipped" => "ignored",
            other => panic!("{id}: {other}"),
        };
        let line = door.stdout.lines().find(|line| line.starts_with(&format!("test {trial} ")));
        let line = line.unwrap_or_else(|| panic!("no trial {trial}:\n{}", door.stdout));
        assert!(line.ends_with(word), "{id}: the command says {word}, the trial: {line}");
    }
    assert_eq!(door.status, 101, "libtest's own status for failures");
}
