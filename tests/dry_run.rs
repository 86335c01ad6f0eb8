//! `--dry-run` shows every request of a run and sends none.

#[path = "support/command.rs"]
mod command;
#[path = "dry_run/same.rs"]
mod same;
#[path = "support/served.rs"]
mod served;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use command::{Finished, Folder, conformant, run};
use serde_json::Value;

const KEYS: [(&str, &str); 2] = [("API_KEY", "app-0123456789"), ("WRONG_MODE_API_KEY", "app-9876543210")];

/// A listener that counts who comes.
struct Counting {
    url: String,
    came: Arc<AtomicUsize>,
}

impl Counting {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1", listener.local_addr().expect("its address"));
        let came = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&came);
        std::thread::spawn(move || {
            for _ in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { url, came }
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = conformant(arguments);
        command.env("API_BASE_URL", &self.url).envs(KEYS);
        command
    }
}

#[test]
fn every_request_is_shown_and_none_is_sent() {
    let target = Counting::start();
    let finished = Finished::of(target.command(&["run", "--dry-run"])).expect(0);
    let text = &finished.stdout;
    let url = &target.url;
    for part in [
        &format!("target: {url}\n")[..],
        "nothing is",
        "  try API_KEY (chat_app) (not judged)\n",
        &format!("    GET {url}/info\n    Authorization: Bearer **************\n"),
        &format!("    POST {url}/chat-messages\n"),
        &format!("    DELETE {url}/conversations/{{mine.conversation_id}}\n"),
        &format!("    DELETE {url}/conversations/{{mine.conversation_id | upper}}\n"),
        &format!("    DELETE {url}/conversations/{{mine.conversation_id | percent}}\n"),
        &format!("    DELETE {url}/conversations/{{uuid}}\n"),
        &format!("    GET {url}/messages?conversation_id={{theirs.conversation_id}}&user={{user}}\n"),
        "    {\"user\":\"{user}-other\"}\n",
        "  request, 2 times together\n",
        "  clean-up request for bystander\n",
        "  make a conversation (not judged)\n",
        "  skipped: OTHER_APP_API_KEY is not set (credential other_chat_app)\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("app-0123456789") && !text.contains("app-9876543210"), "{text}");
    assert_eq!(finished.stderr, "");
    assert_eq!(target.came.load(Ordering::SeqCst), 0, "a connection was opened");
    let by_variable = Finished::of({
        let mut command = target.command(&["run", "missing_conversation"]);
        command.env("CONFORMANT_DRY_RUN", "1");
        command
    });
    assert!(by_variable.expect(0).stdout.contains("/conversations/{uuid}\n"));
    assert_eq!(target.came.load(Ordering::SeqCst), 0, "a connection was opened");
}

#[test]
fn the_reference_and_the_example_can_be_planned_too() {
    let text = run(&["--dry-run", "--profile", "core"]).expect(0).stdout;
    assert!(
        text.starts_with("target: the embedded reference server (no API_BASE_URL set), http://127.0.0.1:"),
        "{text}"
    );
    let target = Counting::start();
    let mut command = target.command(&["run", "--dry-run", "--cases", "examples/print_jobs/cases"]);
    command.env("PRESS_KEY", "press-0123456789");
    let text = Finished::of(command).expect(0).stdout;
    assert!(text.contains("/queues/{mine.queue}/jobs/{mine.job}?reason=a%20typo"), "{text}");
    assert!(text.contains("/queues/{bystander.queue}/jobs/no-such-job\n"), "{text}");
}

#[test]
fn programs_can_read_it() {
    let target = Counting::start();
    let finished = Finished::of(target.command(&["run", "--dry-run", "--format", "json"])).expect(0);
    let plan: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let schema = serde_json::from_str(include_str!("../docs/plan.schema.json")).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema compiles");
    let errors: Vec<String> = validator.iter_errors(&plan).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    assert_eq!((&plan["schema"], &plan["exit"]), (&Value::from("conformant.plan/1"), &Value::from(0)));
    let case = &plan["cases"][0];
    assert_eq!(case["id"], "delete_conversation/success");
    assert_eq!(case["requests"][4]["method"], "DELETE");
    assert_eq!(case["requests"][4]["judged"], true);
    assert_eq!(case["requests"][0]["judged"], false);
    let skipped: Vec<&Value> =
        plan["cases"].as_array().expect("cases").iter().filter(|case| !case["skipped"].is_null()).collect();
    assert_eq!(skipped.len(), 2, "{skipped:?}");
    assert_eq!(target.came.load(Ordering::SeqCst), 0, "a connection was opened");
}

#[test]
fn fields_for_a_gateway_are_shown_without_their_secrets() {
    let target = Counting::start();
    let fields = ["--header", "X-Team: one", "--header", "X-Gateway-Token: a-token-of-a-gateway"];
    let arguments = [&["run", "--dry-run", "--profile", "core"][..], &fields].concat();
    let text = Finished::of(target.command(&arguments)).expect(0).stdout;
    let requests = text.lines().filter(|line| line.starts_with("    GET ") || line.starts_with("    POST ")).count()
        + text.lines().filter(|line| line.starts_with("    DELETE ")).count();
    assert!(requests > 10, "{text}");
    let token = format!("    X-Gateway-Token: {}\n", "*".repeat("a-token-of-a-gateway".len()));
    for field in ["    X-Team: one\n", &token] {
        assert_eq!(text.matches(field).count(), requests, "{field}{text}");
    }
    assert!(!text.contains("a-token-of-a-gateway"), "{text}");
    let json = [&arguments[..], &["--format", "json"]].concat();
    let plan: Value = serde_json::from_str(&Finished::of(target.command(&json)).expect(0).stdout).expect("JSON");
    let fields = plan["cases"][0]["requests"][2]["fields"].as_array().expect("fields");
    assert!(fields.contains(&serde_json::json!({"name": "X-Team", "value": "one"})), "{fields:?}");
    assert_eq!(target.came.load(Ordering::SeqCst), 0, "a connection was opened");
}

#[test]
fn objects_to_use_up_are_counted() {
    let target = Counting::start();
    let mut command = target.command(&["run", "--dry-run", "--profile", "core"]);
    command.env(
        "CONVERSATION_IDS",
        "5d3a9a4e-8f0b-4c1d-9e2f-77aa00bb11cc@alice, 5d3a9a4e-8f0b-4c1d-9e2f-77aa00bb11cd@alice",
    );
    let text = Finished::of(command).expect(0).stdout;
    assert!(text.contains("  mine is one of the objects that CONVERSATION_IDS names\n"), "{text}");
    assert!(text.contains("  skipped: CONVERSATION_IDS names too few objects"), "{text}");
    assert!(!text.contains("/chat-messages"), "nothing is made: {text}");
}

#[test]
fn what_would_be_refused_is_shown_and_is_bad_input() {
    let folder = Folder::new();
    let suite = std::fs::read_to_string("cases/delete_conversation.yaml").expect("the suite");
    let document = std::path::absolute("spec/openapi_chatflow.yaml").expect("a path");
    let suite = suite.replace("../spec/openapi_chatflow.yaml", &document.display().to_string()).replace(
        "  missing_conversation:\n",
        "  somebody_elses:\n    path: {conversation_id: \"{{uuid}}\"}\n    query: {also: 5d3a9a4e-8f0b-4c1d-9e2f-77aa00bb11cc}\n    expect: 404\n\n  missing_conversation:\n",
    );
    let cases = folder.file("cases.yaml", &suite);
    let target = Counting::start();
    for flags in [&["run", "--cases", &cases, "--dry-run"][..], &["run", "--cases", &cases]] {
        let finished = Finished::of(target.command(flags)).expect(2);
        let is_dry_run = flags.len() > 3;
        let text = if is_dry_run { &finished.stdout } else { &finished.stderr };
        assert_eq!(text.matches("its query contains \"5d3a9a4e-8f0b-4c1d-9e2f-77aa00bb11cc\"").count(), 1, "{text}");
        assert!(text.contains("cases.yaml:") && text.contains("help: "), "{text}");
        if is_dry_run {
            let refused = "  refused: DELETE /v1/conversations/{uuid}?also=5d3a9a4e";
            assert!(text.contains(refused), "{text}");
            let sent = text.lines().filter(|line| line.starts_with("    ") && line.contains("?also=")).count();
            assert_eq!(sent, 0, "it is not shown as sent: {text}");
            assert!(text.contains(" skipped, 1 refused\n"), "{text}");
            let listed = ["    GET ", "    POST ", "    DELETE "].map(|start| text.matches(start).count());
            let together = text.matches(", 2 times together").count();
            let requests = format!(" with {} requests, ", listed.iter().sum::<usize>() + together);
            assert!(text.contains(&requests), "{requests}: {text}");
            assert!(finished.stderr.contains("error: 1 request is refused, so a run would send nothing"));
        }
    }
    assert_eq!(target.came.load(Ordering::SeqCst), 0, "a connection was opened");
}

#[test]
fn bad_input_is_bad_input_in_a_dry_run_too() {
    for (flags, part) in [
        (&["--dry-run", "--format", "junit"][..], "which a dry run does not have"),
        (&["--dry-run", "--report", "json=never.json"], "asks for a report of a dry run"),
        (&["--dry-run", "no-such-case"], "matches no case"),
        (&["--dry-run", "--base-url", "https://api.dify.ai/v1"], "--allow-production"),
        (&["--dry-run", "--base-url", "http://127.0.0.1:1"], "the variable API_KEY is not set"),
        (&["--dry-run=maybe"], "not a yes or no"),
    ] {
        let finished = run(flags).expect(2);
        assert!(finished.stderr.contains(part), "{flags:?}: {}", finished.stderr);
        assert_eq!(finished.stdout, "", "{flags:?}");
    }
    assert!(!std::path::Path::new("never.json").exists());
}
