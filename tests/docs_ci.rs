//! The CI jobs in `docs/ci.md` are valid, and their shell steps work.

#[path = "support/command.rs"]
mod command;
#[path = "support/served.rs"]
mod served;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use command::{Finished, conformant};
use conformant::location::Source;
use conformant::tree::yaml;
use roxmltree::Document;
use serde_json::Value;
use served::Served;

/// What a CI system knows: the names of its variables and secrets, and what they hold.
type Defined<'a> = &'a [(&'a str, &'a str)];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The YAML block of the page whose first line names that file.
fn file(name: &str) -> Value {
    let page = fs::read_to_string(root().join("docs/ci.md")).expect("the page");
    let block = page
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .find(|block| block.lines().next() == Some(&format!("# {name}")));
    let text = block.unwrap_or_else(|| panic!("the page has no {name}"));
    yaml::read(&Source::new(name, text)).unwrap_or_else(|errors| panic!("{errors}")).root.to_json()
}

/// A variable's value as GitHub Actions fills it in: what is not defined is empty.
fn filled(value: &Value, defined: Defined<'_>) -> String {
    let text = value.as_str().expect("a text");
    match text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).map(str::trim) {
        None => text.to_owned(),
        Some(expression) => {
            let (from, name) = expression.split_once('.').expect("context.name");
            assert!(["vars", "secrets"].contains(&from), "{text}");
            let found = defined.iter().find(|(defined, _)| *defined == name);
            found.map(|(_, value)| (*value).to_owned()).unwrap_or_default()
        }
    }
}

/// Runs a shell step in the repository, as both systems do.
fn shell(script: &str, variables: &[(String, String)]) -> Finished {
    let _ = fs::remove_file(report());
    let mut bash = bash(script);
    bash.envs(variables.iter().cloned());
    Finished::of(bash)
}

/// Bash as both systems start it: it stops at the first command that fails.
fn bash(script: &str) -> Command {
    let mut bash = Command::new("bash");
    bash.args(["-e", "-o", "pipefail", "-c", script]).current_dir(root()).env_clear().stdin(Stdio::null());
    // What builds this test must build what the step builds, or all would be compiled once more.
    let of_build = |name: &str| {
        ["PATH", "HOME", "TMPDIR", "RUSTFLAGS", "RUSTC_WRAPPER", "CARGO_HOME", "CARGO_TARGET_DIR"].contains(&name)
            || ["RUSTUP_", "CARGO_PROFILE_", "CARGO_BUILD_", "CARGO_NET_"].iter().any(|start| name.starts_with(start))
    };
    #[allow(clippy::disallowed_methods, reason = "what surrounds a test is no setting of the command")]
    bash.envs(std::env::vars().filter(|(name, _)| of_build(name)));
    bash
}

/// Where every job writes its report.
fn report() -> PathBuf {
    root().join("target/conformance.xml")
}

/// The names of the suites, and how many cases, failures and errors the report holds.
fn read_report() -> (Vec<String>, [usize; 3]) {
    let text = fs::read_to_string(report()).expect("the report was written");
    let document = Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let count = |name: &str| document.root_element().attribute(name).and_then(|text| text.parse().ok()).expect(name);
    let suites = document.descendants().filter(|node| node.has_tag_name("testsuite"));
    let names = suites.filter_map(|suite| suite.attribute("name")).map(str::to_owned).collect();
    (names, ["tests", "failures", "errors"].map(count))
}

/// The step of a GitHub job that runs something: its script, and its variables filled in.
fn github(job: &str, defined: Defined<'_>) -> (String, Vec<(String, String)>) {
    let workflow = file(".github/workflows/conformance.yml");
    let steps = workflow["jobs"][job]["steps"].as_array().expect("steps");
    let step = steps.iter().find(|step| step["run"].is_string()).expect("a step that runs something");
    let variables = step["env"].as_object().expect("variables");
    let variables = variables.iter().map(|(name, value)| (name.clone(), filled(value, defined))).collect();
    (step["run"].as_str().expect("a script").to_owned(), variables)
}

/// A GitLab job's script, and its variables with those that the project defines.
fn gitlab(job: &str, defined: Defined<'_>) -> (String, Vec<(String, String)>) {
    let jobs = file(".gitlab-ci.yml");
    let extended = jobs[job]["extends"].as_str().expect("what it extends");
    let lines = jobs[job]["script"].as_array().expect("a script");
    let script: Vec<&str> = lines.iter().map(|line| line.as_str().expect("a line")).collect();
    let own = [&jobs[extended]["variables"], &jobs[job]["variables"]].into_iter().filter_map(Value::as_object);
    let own = own.flatten().map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned()));
    let defined = defined.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    (script.join("\n"), defined.chain(own).collect())
}

/// One test, because every step writes the same report and builds in the same folder.
#[test]
fn the_steps_do_what_the_page_says() {
    let staging = Served::start(conformant(&["serve"]), 4);
    let value = |name: &str| {
        staging.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).expect("a key")
    };
    let url = staging.base_url();
    let at_staging = format!("delete_conversation ({url})");

    // Whatever has to be built first may take its time.
    assert!(bash("cargo test --locked --no-run --test conformance").status().expect("bash is there").success());

    // On every pull request: the reference inside, without any variable of staging.
    let (script, variables) = github("reference", &[]);
    let ended = shell(&script, &variables).expect(0);
    assert!(ended.stdout.contains("test delete_conversation::success"), "{}", ended.stdout);
    let (suites, counts) = read_report();
    assert_eq!(suites, ["delete_conversation (embedded reference)"]);
    assert!(counts[0] >= 20 && counts[1..] == [0, 0], "{counts:?}");
    let (script, variables) = gitlab("conformance-reference", &[("API_BASE_URL", "https://staging.example.com")]);
    shell(&script, &variables).expect(0);
    assert_eq!(read_report().0, ["delete_conversation (embedded reference)"]);

    // At night: staging, with its keys.
    let keys = [
        ("STAGING_API_BASE_URL", url),
        ("STAGING_API_KEY", value("API_KEY")),
        ("STAGING_WRONG_MODE_API_KEY", value("WRONG_MODE_API_KEY")),
    ];
    let (script, variables) = github("staging", &keys);
    shell(&script, &variables).expect(0);
    let (suites, counts) = read_report();
    assert_eq!((suites, counts[1], counts[2]), (vec![at_staging.clone()], 0, 0));
    let named = [("API_BASE_URL", url), ("API_KEY", keys[1].1), ("WRONG_MODE_API_KEY", keys[2].1)];
    let (script, variables) = gitlab("conformance-staging", &named);
    shell(&script, &variables).expect(0);
    assert_eq!(read_report().0, [at_staging]);

    // A secret that is not defined is empty on the one, and missing on the other: red on both, whichever it is.
    for lost in 0..3 {
        let mut less = keys.to_vec();
        less.remove(lost);
        let (script, variables) = github("staging", &less);
        let ended = shell(&script, &variables).expect(2);
        assert!(ended.stderr.contains(&format!("the variable {} is set but empty", named[lost].0)), "{}", ended.stderr);
        let mut less = named.to_vec();
        less.remove(lost);
        let (script, variables) = gitlab("conformance-staging", &less);
        let ended = shell(&script, &variables).expect(2);
        assert!(ended.stderr.contains(named[lost].0), "{}", ended.stderr);
        assert!(!report().exists(), "no report of a run that had bad input");
    }
    // A wrong key is not judged, and the report says so.
    let wrong = [keys[0], ("STAGING_API_KEY", "app-nobodys-key-at-all"), keys[2]];
    let (script, variables) = github("staging", &wrong);
    let ended = shell(&script, &variables).expect(3);
    assert!(ended.stderr.contains("API_KEY"), "{}", ended.stderr);
    assert_eq!(read_report().1, [1, 0, 1]);
}

#[test]
fn the_files_keep_the_report_and_ask_for_a_target_where_there_must_be_one() {
    let workflow = file(".github/workflows/conformance.yml");
    for job in ["reference", "staging"] {
        let steps = workflow["jobs"][job]["steps"].as_array().expect("steps");
        let upload = steps.iter().find(|step| step["with"]["path"] == "target/conformance.xml").expect("an upload");
        assert_eq!(upload["if"], "${{ !cancelled() }}", "also after a failure");
    }
    assert!(workflow["on"]["schedule"][0]["cron"].is_string() && workflow["on"].get("pull_request").is_some());
    let (_, variables) = github("staging", &[]);
    assert!(variables.contains(&("CONFORMANT_REQUIRE_TARGET".to_owned(), "1".to_owned())));
    let jobs = file(".gitlab-ci.yml");
    assert_eq!(jobs[".conformance"]["artifacts"]["reports"]["junit"], "target/conformance.xml");
    assert_eq!(jobs[".conformance"]["artifacts"]["when"], "always");
    let (_, variables) = gitlab("conformance-staging", &[]);
    assert!(variables.contains(&("CONFORMANT_REQUIRE_TARGET".to_owned(), "1".to_owned())));
}

#[test]
fn what_a_fork_may_start_has_no_secrets_and_no_target() {
    let workflow = file(".github/workflows/conformance.yml");
    assert!(workflow["on"].get("pull_request_target").is_none(), "it would have the secrets");
    assert_eq!(workflow["jobs"]["reference"]["if"], "github.event_name == 'pull_request'");
    assert_eq!(workflow["jobs"]["staging"]["if"], "github.event_name != 'pull_request'");
    let (text, jobs) = (workflow["jobs"]["reference"].to_string(), file(".gitlab-ci.yml"));
    for name in ["secrets.", "vars.", "API_BASE_URL", "API_KEY", "CONFORMANT_REQUIRE_TARGET"] {
        assert!(!text.contains(name), "{name}: {text}");
    }
    let reference = &jobs["conformance-reference"];
    assert!(reference.get("environment").is_none() && reference["script"][0] == "unset API_BASE_URL", "{reference}");
}
