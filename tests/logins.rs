//! Logins: sent once per run, again when their secret has ended, masked everywhere, and refused in words when they fail.

#[path = "support/command.rs"]
mod command;
#[path = "support/door.rs"]
mod door;
#[path = "support/world.rs"]
mod world;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use command::{Finished, Folder, conformant};
use world::{Seen, World};

/// A document whose operations need a token, or a cookie.
const DOCUMENT: &str = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\nsecurity: [{Token: []}]\npaths:\n  \
    /things:\n    get: {operationId: list, responses: {'200': {description: ok}, '401': {description: no}}}\n    \
    post: {operationId: make, responses: {'201': {description: made}, '401': {description: no}, '403': {description: no}}}\n  \
    /things/{id}:\n    parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n    \
    delete: {operationId: remove, responses: {'204': {description: gone}, '401': {description: no}, '404': {description: no}}}\n\
    components: {securitySchemes: {Token: {type: http, scheme: bearer}}}\n";

/// A credential whose login gives a token.
const LOGIN: &str = "credentials:\n  user:\n    login:\n      call: POST /token\n      \
    form: {grant_type: password, username: \"{{env.NAME}}\", password: \"{{env.PASSWORD}}\"}\n      expect: 200\n      \
    token: /access_token\n      expires: /expires_in\n";

/// A state that makes a thing.
const STATE: &str = "states:\n  thing:\n    call: POST /staged\n    auth: user\n    json: {}\n    expect: 201\n    \
    capture: {id: /id}\n    exists: {call: \"GET /staged/{{id}}\", yes: 200, no: 404}\n    \
    undo: {operation: remove, path: {id: \"{{id}}\"}, expect: 204}\n    gone: 404\n";

const PASSWORD: &str = "pass word/0123456789";

fn command(world: &World, folder: &Folder, suite: &str, arguments: &[&str]) -> std::process::Command {
    folder.file("document.yaml", DOCUMENT);
    let cases = folder.file("logins.yaml", &format!("spec: document.yaml\n{suite}"));
    let (first, rest) = arguments.split_first().expect("a command");
    let mut command = conformant(&[*first, "--base-url", &world.url, "--cases", &cases]);
    command.args(rest).env("NAME", "synthetic").env("PASSWORD", PASSWORD);
    command
}

fn run(world: &World, suite: &str, arguments: &[&str]) -> Finished {
    Finished::of(command(world, &Folder::new(), suite, arguments))
}

/// How often the login was sent.
fn logins(world: &World) -> usize {
    world.seen().iter().filter(|seen| seen.target == "/v1/token").count()
}

fn empty(status: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")
}

fn unauthorized() -> String {
    empty("401 Unauthorized\r\nWWW-Authenticate: Bearer")
}

/// An API that hands out tokens and things.
struct Api {
    /// How long a token is good, by the server's clock.
    lasts: Duration,
    /// What the response to the login says about that.
    says: String,
    /// The good tokens, each with the moment in which it was given.
    tokens: Mutex<Vec<(String, Instant)>>,
    things: Mutex<BTreeSet<String>>,
    given: AtomicUsize,
}

impl Api {
    fn new(lasts: Duration, says: &str) -> Self {
        Self {
            lasts,
            says: says.to_owned(),
            tokens: Mutex::default(),
            things: Mutex::default(),
            given: AtomicUsize::new(0),
        }
    }

    fn start(lasts: Duration, says: &str) -> Arc<World> {
        let api = Self::new(lasts, says);
        World::start(move |seen, _| Some(api.answer(seen)))
    }

    fn answer(&self, seen: &Seen) -> String {
        if seen.target == "/v1/token" {
            assert!(seen.body.contains("password=pass%20word%2F0123456789"), "{}", seen.body);
            // Others have time to ask meanwhile.
            std::thread::sleep(Duration::from_millis(50));
            let number = self.given.fetch_add(1, Ordering::SeqCst);
            let token = format!("tok-secret-{number:012x}");
            self.tokens.lock().expect("whole").push((token.clone(), Instant::now()));
            let body = format!("{{\"access_token\":\"{token}\",\"expires_in\":{}}}", self.says);
            return world::json(200, "OK", &body);
        }
        let sent = seen.field("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let good = |(token, given): &(String, Instant)| token == sent && given.elapsed() < self.lasts;
        if !self.tokens.lock().expect("whole").iter().any(good) {
            return unauthorized();
        }
        let mut things = self.things.lock().expect("whole");
        let id = seen.target.rsplit('/').next().unwrap_or_default();
        match (seen.method.as_str(), seen.target.as_str()) {
            ("GET", "/v1/things?last=x") => {
                self.tokens.lock().expect("whole").clear();
                empty("200 OK")
            }
            ("GET", "/v1/things") => {
                std::thread::sleep(Duration::from_millis(20));
                empty("200 OK")
            }
            // It accepts its own token and refuses all the same.
            ("POST", "/v1/things") => unauthorized(),
            ("POST", _) => {
                let id = uuid::Uuid::new_v4().to_string();
                things.insert(id.clone());
                world::json(201, "Created", &format!("{{\"id\":\"{id}\"}}"))
            }
            ("DELETE", _) if things.remove(id) => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
            ("GET", _) if things.contains(id) => empty("200 OK"),
            _ => empty("404 Not Found"),
        }
    }
}

/// Cases that each make a thing and remove it.
fn removing(count: usize) -> String {
    (0..count).fold(String::from("cases:\n"), |cases, number| {
        cases
            + &format!(
                "  removes_{number}: {{auth: user, given: {{mine: thing}}, path: {{id: \"{{{{mine.id}}}}\"}}, expect: 204}}\n"
            )
    })
}

#[test]
fn a_run_logs_in_once_whatever_its_jobs_are() {
    let world = Api::start(Duration::from_secs(600), "\"3600\"");
    let suite = format!("operation: remove\n{LOGIN}{STATE}{}", removing(24));
    let finished = run(&world, &suite, &["run", "--jobs", "8"]).expect(0);
    assert!(finished.stdout.contains("24 pass"), "{}", finished.stdout);
    assert_eq!(logins(&world), 1);
}

#[test]
fn a_token_is_replaced_before_its_time_is_over() {
    let world = Api::start(Duration::from_secs(1), "1");
    let suite = format!("operation: list\n{LOGIN}cases: {{lists: {{auth: user, expect: 200}}}}\n");
    let finished = run(&world, &suite, &["run", "--repeat", "100", "--jobs", "1"]).expect(0);
    assert!(logins(&world) >= 2, "{}", finished.stdout);
    assert!(!finished.stdout.contains("401"), "no token was used after its time: {}", finished.stdout);
}

#[test]
fn a_token_that_ended_early_is_replaced_and_the_case_runs_once_more() {
    let world = Api::start(Duration::from_millis(700), "3600");
    let suite = format!("operation: remove\n{LOGIN}{STATE}{}", removing(4));
    let finished = run(&world, &suite, &["run", "--repeat", "60", "--jobs", "8", "-v"]).expect(0);
    assert!((2..60).contains(&logins(&world)), "{} logins", logins(&world));
    assert!(!finished.stdout.contains("left behind"), "{}", finished.stdout);
}

#[test]
fn a_token_that_one_case_ends_is_replaced_for_the_others() {
    let world = Api::start(Duration::from_secs(600), "3600");
    let suite = format!(
        "operation: list\n{LOGIN}cases:\n  \
         ends_it: {{auth: user, query: {{last: x}}, expect: 200, then: [{{operation: list, expect: 401}}]}}\n  \
         lists: {{auth: user, expect: 200}}\n"
    );
    let finished = run(&world, &suite, &["run", "--jobs", "1"]).expect(0);
    assert_eq!(logins(&world), 2, "the case that expects 401 causes no login, the next one does");
    assert!(finished.stdout.contains("2 pass"), "{}", finished.stdout);
}

#[test]
fn a_401_for_another_reason_is_a_finding_and_asks_for_one_login_at_most() {
    let world = Api::start(Duration::from_secs(600), "3600");
    let cases =
        (0..6).fold(String::new(), |cases, number| cases + &format!("  makes_{number}: {{auth: user, expect: 201}}\n"));
    let suite = format!("operation: make\n{LOGIN}cases:\n{cases}");
    let finished = run(&world, &suite, &["run", "--jobs", "4"]).expect(1);
    assert!(finished.stdout.contains("6 fail"), "{}", finished.stdout);
    assert!(finished.stdout.contains("status-unexpected"), "{}", finished.stdout);
    assert!(finished.stdout.contains("so the run logged in again"), "{}", finished.stdout);
    assert_eq!(logins(&world), 2);
}

#[test]
fn no_report_holds_a_token_that_the_server_repeats() {
    let given = AtomicUsize::new(0);
    let world = World::start(move |seen, _| {
        if seen.target == "/v1/token" {
            let number = given.fetch_add(1, Ordering::SeqCst);
            let body = format!("{{\"access_token\":\"tok-secret-{number:012x}\",\"expires_in\":3600}}");
            return Some(world::json(200, "OK", &body));
        }
        let token = seen.field("authorization").unwrap_or_default().to_owned();
        Some(format!(
            "HTTP/1.1 500 Oops\r\nX-Echo: {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{{\"token\":\"{token}\"}}",
            token.len() + 12
        ))
    });
    let folder = Folder::new();
    let suite = format!("operation: list\n{LOGIN}cases: {{lists: {{auth: user, expect: 200}}}}\n");
    let json = folder.path().join("report.json").display().to_string();
    let junit = folder.path().join("report.xml").display().to_string();
    let reports = [format!("json={json}"), format!("junit={junit}")];
    let arguments = ["run", "-vv", "--report", &reports[0], "--report", &reports[1]];
    let finished = Finished::of(command(&world, &folder, &suite, &arguments)).expect(1);
    let read = |path: &str| std::fs::read_to_string(path).expect("a report");
    for text in [&finished.stdout, &finished.stderr, &read(&json), &read(&junit)] {
        assert!(!text.contains("tok-secret") && !text.contains("0123456789"), "{text}");
    }
    assert!(finished.stdout.contains("X-Echo: Bearer ****"), "{}", finished.stdout);
}

#[test]
fn a_login_that_fails_ends_the_run_with_its_response() {
    let refusing = World::start(|seen, _| {
        Some(world::json(400, "Bad Request", &format!("{{\"error\":\"invalid_grant\",\"sent\":\"{}\"}}", seen.body)))
    });
    let suite = format!(
        "operation: list\n{LOGIN}cases: {{one: {{auth: user, expect: 200}}, two: {{auth: user, expect: 200}}}}\n"
    );
    for command in ["run", "doctor"] {
        let finished = run(&refusing, &suite, &[command]).expect(3);
        let text = format!("{}{}", finished.stdout, finished.stderr);
        assert!(text.contains("the login of user failed: POST"), "{text}");
        assert!(text.contains("answered 400; 200 was expected: {\"error\":\"invalid_grant\""), "{text}");
        assert!(text.contains("set NAME and PASSWORD to what the API accepts"), "{text}");
        assert!(!text.contains("0123456789"), "{text}");
    }
    assert_eq!(logins(&refusing), 2, "once for each command");
    let elsewhere = World::start(|_, _| {
        Some(world::json(200, "OK", "{\"data\":{\"token\":\"tok-secret-1234\"},\"expires_in\":1}"))
    });
    let finished = run(&elsewhere, &suite, &["run"]).expect(3);
    let text = format!("{}{}", finished.stdout, finished.stderr);
    assert!(text.contains("gave no secret: POST"), "{text}");
    assert!(text.contains("answered 200, and its body has no value at /access_token"), "{text}");
    assert!(text.contains("the body has texts at /data/token: write the pointer of the right one"), "{text}");
    assert!(!text.contains("tok-secret"), "{text}");
}

#[test]
fn a_session_sends_its_cookie_and_its_token_against_forged_requests() {
    for from in ["{header: X-CSRF-Token}", "/csrf", "{cookie: crumb}"] {
        let world = World::start(move |seen, _| {
            let cookies = seen.field("cookie").unwrap_or_default();
            let csrf = seen.field("x-csrf-token");
            let crumb = !from.contains("cookie") || cookies.contains("crumb=csrf-0123456789");
            Some(match (seen.method.as_str(), seen.target.as_str()) {
                ("POST", "/v1/token") => {
                    "HTTP/1.1 200 OK\r\nSet-Cookie: lang=en\r\nSet-Cookie: sid=session-0123456789; HttpOnly; Path=/\r\n\
                     Set-Cookie: crumb=csrf-0123456789\r\nX-CSRF-Token: csrf-0123456789\r\nContent-Length: 26\r\n\r\n\
                     {\"csrf\":\"csrf-0123456789\"}\n"
                        .to_owned()
                }
                _ if !cookies.contains("sid=session-0123456789") || !crumb => unauthorized(),
                ("GET", _) if csrf.is_none() => empty("200 OK\r\nSet-Cookie: sid=renewed-0123456789"),
                ("POST", _) if csrf == Some("csrf-0123456789") => empty("201 Created"),
                _ => empty("403 Forbidden"),
            })
        });
        let suite = format!(
            "operation: list\ncredentials:\n  user:\n    login:\n      call: POST /token\n      \
             json: {{name: \"{{{{env.NAME}}}}\", password: \"{{{{env.PASSWORD}}}}\"}}\n      expect: 200\n      cookie: sid\n      \
             csrf: {{header: X-CSRF-Token, from: {from}}}\ncases:\n  reads: {{auth: user, expect: 200}}\n  \
             makes: {{operation: make, auth: user, expect: 201}}\n  \
             forged: {{operation: make, auth: user, header: {{X-CSRF-Token: wrong}}, expect: 403}}\n"
        );
        let finished = run(&world, &suite, &["run", "-vv"]).expect(0);
        assert!(finished.stdout.contains("3 pass"), "{from}: {}", finished.stdout);
        assert!(!finished.stdout.contains("0123456789"), "{}", finished.stdout);
        assert_eq!(logins(&world), 1);
    }
}

#[test]
fn a_dry_run_shows_the_login_and_sends_nothing() {
    let world = Api::start(Duration::from_secs(600), "3600");
    let suite = format!("operation: remove\n{LOGIN}{STATE}{}", removing(2));
    let finished = run(&world, &suite, &["run", "--dry-run"]).expect(0);
    assert!(world.seen().is_empty());
    assert_eq!(finished.stdout.matches("log in for user").count(), 1, "{}", finished.stdout);
    assert!(finished.stdout.contains("grant_type=password&username="), "{}", finished.stdout);
    assert!(finished.stdout.contains("Bearer {token of user}"), "{}", finished.stdout);
    assert!(!finished.stdout.contains("0123456789"), "{}", finished.stdout);
    run(&world, &suite, &["lint"]);
    assert!(world.seen().is_empty());
}

#[test]
fn an_optional_login_without_its_variables_skips_and_another_is_bad_input() {
    let world = Api::start(Duration::from_secs(600), "3600");
    let optional = LOGIN.replace("    login:", "    optional: true\n    login:");
    let cases = "cases:\n  lists: {auth: user, expect: 200}\n  nobody: {auth: none, expect: 401}\n";
    let run = |login: &str, password: Option<&str>| {
        let folder = Folder::new();
        folder.file("document.yaml", DOCUMENT);
        let path = folder.file("l.yaml", &format!("spec: document.yaml\noperation: list\n{login}{cases}"));
        let mut command = conformant(&["run", "--base-url", &world.url, "--cases", &path]);
        command.env("NAME", "synthetic");
        password.map(|password| command.env("PASSWORD", password));
        Finished::of(command)
    };
    let finished = run(&optional, None).expect(0);
    assert!(finished.stdout.contains("PASSWORD is not set (credential user)"), "{}", finished.stdout);
    assert!(run(LOGIN, None).expect(2).stderr.contains("the variable PASSWORD is not set"));
    assert!(run(LOGIN, Some("")).expect(2).stderr.contains("PASSWORD is set but empty"));
    assert_eq!(logins(&world), 0);
}

#[test]
fn a_login_whose_path_says_that_it_removes_is_refused_before_anything_is_sent() {
    let world = Api::start(Duration::from_secs(600), "3600");
    let login = LOGIN.replace("POST /token", "POST /token/reset");
    let suite = format!("operation: list\n{login}cases: {{lists: {{auth: user, expect: 200}}}}\n");
    let finished = run(&world, &suite, &["run"]).expect(2);
    assert!(finished.stderr.contains("POST /v1/token/reset is not sent"), "{}", finished.stderr);
    assert!(world.seen().is_empty());
}

#[test]
fn suites_with_the_same_login_share_it() {
    let world = Api::start(Duration::from_secs(600), "3600");
    let folder = Folder::new();
    folder.file("document.yaml", DOCUMENT);
    let suite =
        format!("spec: ../document.yaml\noperation: list\n{LOGIN}cases: {{lists: {{auth: user, expect: 200}}}}\n");
    // The document is no suite, so the suites have a folder of their own.
    std::fs::create_dir(folder.path().join("cases")).expect("a folder");
    folder.file("cases/one.yaml", &suite);
    folder.file("cases/two.yaml", &suite);
    let path = folder.path().display().to_string();
    let mut command = conformant(&["run", "--base-url", &world.url, "--cases", &format!("{path}/cases")]);
    command.env("NAME", "synthetic").env("PASSWORD", PASSWORD);
    let finished = Finished::of(command).expect(0);
    assert!(finished.stdout.contains("2 pass"), "{}", finished.stdout);
    assert_eq!(logins(&world), 1);
}

#[test]
fn clean_logs_in_to_remove_what_a_journal_names() {
    let broken = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let api = Api::new(Duration::from_secs(600), "3600");
    let fails = Arc::clone(&broken);
    let world = World::start(move |seen, _| {
        let fails = seen.method == "DELETE" && fails.load(Ordering::SeqCst);
        Some(if fails { empty("500 Oops") } else { api.answer(seen) })
    });
    let folder = Folder::new();
    let suite = format!("operation: remove\n{LOGIN}{STATE}{}", removing(1));
    let journal = folder.path().join("a.journal").display().to_string();
    Finished::of(command(&world, &folder, &suite, &["run", "--journal", &journal]));
    let text = std::fs::read_to_string(&journal).expect("something is left");
    assert!(text.contains("\"made\"") && !text.contains("tok-secret"), "{text}");
    broken.store(false, Ordering::SeqCst);
    let cases = folder.path().join("logins.yaml").display().to_string();
    let mut clean = conformant(&["clean", &journal, "--base-url", &world.url, "--cases", &cases]);
    clean.env("NAME", "synthetic").env("PASSWORD", PASSWORD);
    let finished = Finished::of(clean).expect(0);
    assert!(finished.stdout.contains("nothing is left"), "{}", finished.stdout);
    assert_eq!(logins(&world), 2, "once for each command");
}

#[test]
fn each_process_of_a_test_runner_logs_in_for_itself() {
    let world = Api::start(Duration::from_secs(600), "3600");
    let folder = Folder::new();
    folder.file("document.yaml", DOCUMENT);
    let suite = format!("spec: document.yaml\noperation: remove\n{LOGIN}{STATE}{}", removing(2));
    let cases = folder.file("logins.yaml", &suite);
    for case in ["logins::removes_0", "logins::removes_1"] {
        let mut door = std::process::Command::new(door::conformance_test());
        door.args(["--exact", case]).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear();
        door.env("API_BASE_URL", &world.url).env("CONFORMANT_CASES", &cases);
        door.env("NAME", "synthetic").env("PASSWORD", PASSWORD).env("TMPDIR", env!("CARGO_TARGET_TMPDIR"));
        let finished = Finished::of(door).expect(0);
        assert!(finished.stdout.contains("1 passed"), "{}{}", finished.stdout, finished.stderr);
    }
    assert_eq!(logins(&world), 2);
}
