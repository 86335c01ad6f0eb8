//! No suite, document, target or response can make a run remove an object that it did not make.

#[path = "support/command.rs"]
mod command;
#[path = "support/world.rs"]
mod world;

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use command::{Finished, Folder, conformant};
use world::{FOREIGN, KEYS, World, json};

const VICTIM: &str = FOREIGN[0];

/// The suite with some of its text replaced, its document named by its whole path, and cases added.
fn suite(folder: &Folder, replace: &[(&str, &str)], cases: &str) -> String {
    let document = std::path::absolute("spec/openapi_chatflow.yaml").expect("a path");
    let mut text = std::fs::read_to_string("cases/delete_conversation.yaml")
        .expect("the suite")
        .replace("../spec/openapi_chatflow.yaml", &document.display().to_string());
    for (from, to) in replace {
        assert!(text.contains(from), "the suite has no {from}");
        text = text.replace(from, to);
    }
    folder.file("cases.yaml", &(text + cases))
}

fn run(world: &World, arguments: &[&str]) -> Command {
    let mut command = conformant(arguments);
    command.env("API_BASE_URL", &world.url).envs(KEYS);
    command
}

/// Cases that name an object of another user, in every part of a request.
fn attacks() -> Vec<String> {
    let given = "given: {mine: conversation}";
    let path = r#"path: {conversation_id: "{{mine.conversation_id}}"}"#;
    let bare = VICTIM.replace('-', "");
    let encoded: String = VICTIM.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02x}"));
    let twice = encoded.replace('%', "%25");
    vec![
        // In the path.
        format!("path: {{conversation_id: {VICTIM}}}"),
        format!("path: {{conversation_id: {}}}", VICTIM.to_uppercase()),
        format!("path: {{conversation_id: \"{bare}\"}}"),
        "path: {conversation_id: 7}".to_owned(),
        "path: {conversation_id: kept-for-alice}".to_owned(),
        format!("path: {{conversation_id: {{raw: \"{encoded}\"}}}}"),
        format!("path: {{conversation_id: {{raw: \"{twice}\"}}}}"),
        "path: {conversation_id: {raw: \"%252e%252e\"}}".to_owned(),
        "path: {conversation_id: {raw: \"%c0%ae%c0%ae\"}}".to_owned(),
        "path: {conversation_id: {raw: \"..\"}}".to_owned(),
        "path: {conversation_id: \"*\"}".to_owned(),
        "path: {conversation_id: all}".to_owned(),
        format!("{given}\n    path: {{conversation_id: {{raw: \"{{{{mine.conversation_id}}}}/../{VICTIM}\"}}}}"),
        format!("{given}\n    path: {{conversation_id: {{raw: \"{{{{mine.conversation_id}}}},{VICTIM}\"}}}}"),
        "path: {conversation_id: \"{{env.SOMEBODYS}}\"}".to_owned(),
        // Beside it.
        format!("{given}\n    {path}\n    query: {{also: {VICTIM}}}"),
        format!("{given}\n    {path}\n    query: {{id: 7}}"),
        format!("{given}\n    {path}\n    query: {{ids: [\"{{{{mine.conversation_id}}}}\", \"{bare}\"]}}"),
        format!("{given}\n    {path}\n    query: {{also: \"{{{{env.SOMEBODYS}}}}\"}}"),
        format!("{given}\n    {path}\n    json: {{ids: [{VICTIM}]}}"),
        format!("{given}\n    {path}\n    json: {{user: \"{{{{user}}}}\", id: 7}}"),
        format!("{given}\n    {path}\n    json: {{user: \"{{{{user}}}}\", note: {}}}", FOREIGN[2]),
        format!("{given}\n    {path}\n    json: {{note: \"{{{{env.SOMEBODYS}}}}\"}}"),
        format!("{given}\n    {path}\n    body: 'id={VICTIM}'"),
        format!("{given}\n    {path}\n    header: {{X-Conversation: {VICTIM}}}"),
        // By another method, or another address.
        format!("{given}\n    {path}\n    header: {{X-HTTP-Method-Override: PURGE}}"),
        format!("{given}\n    {path}\n    header: {{X-Original-URL: /v1/conversations/{VICTIM}}}"),
        format!("{given}\n    {path}\n    header: {{Host: api.dify.ai}}"),
        format!("call: DELETE /conversations/{VICTIM}"),
        "call: DELETE /conversations".to_owned(),
        "call: DELETE /conversations/7".to_owned(),
        format!("call: DELETE /conversations?id={VICTIM}"),
        format!("call: DELETE /conversations\n    json: {{ids: [{VICTIM}]}}"),
        format!("call: POST /conversations/{VICTIM}/delete"),
        format!("call: POST /conversations\n    query: {{_method: DELETE, id: {VICTIM}}}"),
        format!("call: POST /conversations/batch-delete\n    json: {{ids: [{VICTIM}]}}"),
        format!("call: PATCH /conversations/{VICTIM}\n    json: {{deleted: true}}"),
        format!("call: GET /conversations/{VICTIM}\n    header: {{X-HTTP-Method-Override: DELETE}}"),
        format!("call: GET /conversations/{VICTIM}\n    query: {{_method: delete}}"),
        format!("{given}\n    call: DELETE \"/conversations/{{{{mine.conversation_id}}}}/../{VICTIM}\""),
        "call: DELETE \"/conversations/{{env.SOMEBODYS}}\"".to_owned(),
    ]
}

#[test]
fn no_suite_gets_another_object_into_a_request() {
    let world = World::plain();
    let folder = Folder::new();
    for attack in attacks() {
        let auth = if attack.contains("call:") { "\n    auth: chat_app" } else { "" };
        let cases = suite(&folder, &[], &format!("\n  attack:\n    {attack}{auth}\n    expect: 204\n"));
        let mut command = run(&world, &["run", "--cases", &cases, "cases/attack"]);
        command.env("SOMEBODYS", VICTIM);
        let finished = Finished::of(command);
        world.unharmed(&attack);
        assert_eq!(world.seen().len(), 0, "{attack}: something was sent: {:?}", world.seen());
        let finished = finished.expect(2);
        assert!(finished.stderr.contains("error: "), "{attack}: {}", finished.stderr);
    }
}

#[test]
fn no_state_removes_what_it_did_not_make() {
    let undo = r#"undo:   {path: {conversation_id: "{{conversation_id}}"}, expect: 204}"#;
    let make = "call: POST /chat-messages    # not in the document: staged, not judged";
    let exists = r#"exists: {call: GET /messages, query: {conversation_id: "{{conversation_id}}", user: "{{user}}"}, yes: 200, no: 404}"#;
    let world = World::plain();
    let folder = Folder::new();
    for (from, to) in [
        (undo, format!("undo: {{path: {{conversation_id: {VICTIM}}}, expect: 204}}")),
        (
            undo,
            format!(
                "undo: {{path: {{conversation_id: \"{{{{conversation_id}}}}\"}}, json: {{ids: [{VICTIM}]}}, expect: 204}}"
            ),
        ),
        (undo, format!("undo: {{call: DELETE /conversations/{VICTIM}, expect: 204}}")),
        (undo, format!("undo: {{call: POST /conversations/delete, json: {{id: {VICTIM}}}, expect: 204}}")),
        (undo, "undo: {call: DELETE /conversations, expect: 204}".to_owned()),
        (exists, format!("exists: {{call: POST /delete/{VICTIM}, yes: 204, no: 404}}")),
        (exists, format!("exists: {{call: DELETE /conversations/{VICTIM}, yes: 204, no: 404}}")),
        (make, format!("call: DELETE /conversations/{VICTIM}")),
        (make, format!("call: POST /conversations/{VICTIM}/delete")),
        (make, "call: PUT /conversations/7".to_owned()),
    ] {
        let gone = r"    gone:   {status: 404, example: conversation_not_exists, free: [/message]}
";
        let plain =
            if to.contains("undo: {call") { &[(from, to.as_str()), (gone, "")][..] } else { &[(from, to.as_str())] };
        let cases = suite(&folder, plain, "");
        let finished = Finished::of(run(&world, &["run", "--cases", &cases, "cases/success"]));
        world.unharmed(&to);
        assert_eq!(world.seen().len(), 0, "{to}: something was sent: {:?}", world.seen());
        finished.expect(2);
    }
}

#[test]
fn no_answer_gets_another_object_removed() {
    let long = "x".repeat(700);
    let ids: Vec<String> = [
        "../all",
        "..",
        ".",
        "*",
        "",
        " ",
        "%2e%2e",
        "%2E%2E%2f7",
        "a/b",
        "7/../7",
        "all",
        "ALL",
        "me",
        "null",
        "kept-for-alice/",
        "x;id=7",
        "7?x=",
        "7#",
        "7,507f1f77bcf86cd799439011",
        "\\u0000",
        "\\u202e7",
        "７",
        "..\\\\7",
        &long,
    ]
    .iter()
    .map(|id| format!("\"{id}\""))
    .chain(["null", "[]", "{}", "true", "[7]"].map(str::to_owned))
    .collect();
    for id in ids {
        let answered = id.clone();
        let world = World::start(move |seen, _| {
            (seen.method == "POST").then(|| json(200, "OK", &format!("{{\"conversation_id\":{answered}}}")))
        });
        let finished = Finished::of(run(&world, &["run"]));
        world.unharmed(&id);
        // `true` and the full-width digit are ids like any other, and no object of anybody has them.
        let usable = ["true", "\"７\"", "\"\\u202e7\""].contains(&id.as_str());
        let destroyed = world.seen().iter().any(|seen| seen.destroys() && !seen.target.contains("-4"));
        assert!(usable || !destroyed, "{id}: {:?}", world.seen());
        assert_eq!(finished.status, 3, "{id}\n{}", finished.stdout);
        assert!(finished.stdout.contains("left behind") || usable, "{id}\n{}", finished.stdout);
    }
}

#[test]
fn an_id_that_is_given_twice_is_removed_by_nobody() {
    // The victim's id is in the first answer already, and nothing tells it from a new one until it comes again.
    let world = World::start(|seen, _| {
        (seen.method == "POST").then(|| json(200, "OK", &format!("{{\"conversation_id\":\"{VICTIM}\"}}")))
    });
    let finished = Finished::of(run(&world, &["run", "delete_conversation/success"])).expect(3);
    world.unharmed("the same id twice");
    assert!(finished.stdout.contains("a second time"), "{}", finished.stdout);
    assert!(finished.stdout.contains("left behind"), "{}", finished.stdout);
}

#[test]
fn no_redirect_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        for (what, method, path) in [
            ("make", "POST", "/chat-messages"),
            ("exists", "GET", "/messages"),
            ("judged or undo", "DELETE", "/conversations/"),
            ("check", "GET", "/info"),
        ] {
            let world = World::start(move |seen, world| {
                let fits = seen.method == method && seen.target.contains(path);
                let location = format!("{}/conversations/{VICTIM}", world.url);
                fits.then(|| format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"))
            });
            let finished = Finished::of(run(&world, &["run", "--profile", "core"]));
            let attack = format!("{status} to {what}");
            world.unharmed(&attack);
            let followed = world.seen().iter().any(|seen| seen.target.contains(VICTIM));
            assert!(!followed, "{attack}: {:?}", world.seen());
            // Where `exists` cannot be asked, the answers to `undo` are proof enough.
            assert_eq!(finished.status == 0, what == "exists", "{attack}\n{}", finished.stdout);
        }
    }
}

#[test]
fn no_base_url_and_no_document_changes_the_path() {
    let world = World::plain();
    for end in ["/conversations/7/%2e%2e", "/../v1/%2F", "/conversations;x", "//conversations", "/%5c", "/*"] {
        let mut command = conformant(&["run", "--profile", "core", "--base-url", &format!("{}{end}", world.url)]);
        command.envs(KEYS);
        let finished = Finished::of(command);
        world.unharmed(end);
        assert_ne!(finished.status, 0, "{end}");
    }
    // The operation's path in a replaced document names a foreign conversation by itself, or none at all.
    let folder = Folder::new();
    let document = std::fs::read_to_string("spec/openapi_chatflow.yaml").expect("the document");
    let path = "/conversations/{conversation_id}:";
    assert!(document.contains(path));
    for (attack, wanted) in [
        (format!("/conversations/{VICTIM}:"), "path: {}"),
        ("/conversations/all:".to_owned(), "path: {}"),
        ("/conversations:".to_owned(), "path: {}"),
        ("/conversations/{conversation_id}/..:".to_owned(), r#"path: {conversation_id: "{{mine.conversation_id}}"}"#),
    ] {
        let swapped = folder.file("swapped.yaml", &document.replace(path, &attack));
        let text = format!(
            "spec: none.yaml\noperation: deleteAdvancedConversation\ncredentials:\n  chat_app: {{env: API_KEY}}\nstates:\n  \
             conversation:\n    call: POST /chat-messages\n    auth: chat_app\n    json: {{user: \"{{{{user}}}}\"}}\n    expect: 200\n    \
             capture: {{conversation_id: /conversation_id}}\ncases:\n  attack:\n    given: {{mine: conversation}}\n    auth: chat_app\n    \
             {wanted}\n    expect: documented\n"
        );
        let cases = folder.file("swapped_cases.yaml", &text);
        let finished = Finished::of(run(&world, &["run", "--spec", &swapped, "--cases", &cases]));
        world.unharmed(&attack);
        assert_eq!(finished.status, 2, "{attack}\n{}{}", finished.stdout, finished.stderr);
        assert!(!world.seen().iter().any(world::Seen::destroys), "{attack}: {:?}", world.seen());
    }
}

/// A document of records in collections in buckets, and a suite of it with these cases, the first of which makes something.
fn buckets(folder: &Folder, name: &str, cases: &str) -> String {
    folder.file(
        "buckets.yaml",
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /buckets/{bucket}/collections/{collection}/records:\n    \
         parameters: &both\n    - {name: bucket, in: path, required: true, schema: {type: string}}\n    \
         - {name: collection, in: path, required: true, schema: {type: string}}\n    \
         delete: {operationId: empty, responses: {'204': {description: d}, '404': {description: n}}}\n    \
         get: {operationId: list, responses: {'200': {description: d}, '404': {description: n}}}\n  \
         /buckets/{bucket}/collections/{collection}:\n    parameters: *both\n    \
         delete: {operationId: drop, responses: {'204': {description: d}, '404': {description: n}}}\n    \
         patch: {operationId: change, responses: {'200': {description: d}, '404': {description: n}}}\n",
    );
    let state = "spec: buckets.yaml\noperation: empty\nstates:\n  made:\n    call: POST /buckets/no-such-bucket/collections\n    \
                 json: {name: \"{{user}}-job\", kept: [no-such-kept]}\n    expect: 201\n    capture: {id: /id}\ncases:\n";
    folder.file(name, &format!("{state}{cases}"))
}

#[test]
fn fixed_words_never_let_a_request_reach_an_existing_object() {
    let world = World::plain();
    let folder = Folder::new();
    let words = "path: {bucket: no-such-shelf, collection: no-such-collection}, expect: 404";
    for (case, said) in [
        // The path goes on behind what nothing has.
        (format!("  one: {{{words}}}\n"), "goes on with \"/records\" after the literals"),
        // The state's own POST has just made something in there, or made that.
        (
            "  one: {operation: drop, path: {bucket: no-such-shelf, collection: no-such-bucket}, expect: 404}\n".to_owned(),
            "it may exist because a POST, PUT or PATCH of the suites writes that name",
        ),
        (
            "  one: {operation: drop, path: {bucket: no-such-shelf, collection: No-Such-Kept}, expect: 404}\n".to_owned(),
            "it may exist because a POST, PUT or PATCH of the suites writes that name",
        ),
        (
            "  one: {operation: drop, path: {bucket: no-such-shelf, collection: no-such-env}, expect: 404}\n  \
             two: {operation: change, path: {bucket: \"{{uuid}}\", collection: \"{{uuid}}\"}, json: {to: \"{{env.NAMED}}\"}, \
             expect: 404}\n"
                .to_owned(),
            "it may exist because a POST, PUT or PATCH of the suites writes that name",
        ),
    ] {
        let cases = buckets(&folder, "words.yaml", &case);
        for arguments in [&["lint"][..], &["run", "--dry-run"], &["run"]] {
            let mut command = run(&world, &[arguments, &["--cases", &cases]].concat());
            command.env("NAMED", "no-such-env");
            let finished = Finished::of(command).expect(2);
            // A dry run shows its refusals in the plan.
            let told = finished.stdout + &finished.stderr;
            assert!(told.contains(said), "{arguments:?} {case}: {told}");
        }
        assert!(world.seen().is_empty(), "{case}: {:?}", world.seen());
    }
    // What passes: the name itself at the end, whatever is of the run, reading, and a change that finds nothing.
    let fine = format!(
        "  last: {{operation: drop, path: {{bucket: no-such-shelf, collection: no-such-collection}}, expect: 404}}\n  \
         own: {{path: {{bucket: no-such-shelf, collection: \"{{{{uuid}}}}\"}}, expect: 404}}\n  \
         read: {{operation: list, {words}}}\n  \
         change: {{operation: change, path: {{bucket: no-such-shelf, collection: no-such-collection}}, json: {{a: b}}, \
         expect: 404}}\n"
    );
    let cases = buckets(&folder, "fine.yaml", &fine);
    for arguments in [&["lint"][..], &["run", "--dry-run"]] {
        Finished::of(run(&world, &[arguments, &["--cases", &cases]].concat())).expect(0);
    }
}

#[test]
fn provided_ids_must_pass_the_same_checks() {
    let world = World::plain();
    for ids in ["..", "../x", "*", "all", "a/b", "7%2F..", "x;y", "?", "@alice", "7,7", " , ,", "%2e%2e@alice"] {
        let mut command = run(&world, &["run", "--profile", "core"]);
        command.env("CONVERSATION_IDS", ids);
        let finished = Finished::of(command);
        world.unharmed(ids);
        assert_eq!(world.seen().iter().filter(|seen| seen.destroys()).count(), 0, "{ids}: {:?}", world.seen());
        assert!(matches!(finished.status, 2 | 3), "{ids}\n{}{}", finished.stdout, finished.stderr);
    }
}

#[test]
fn the_production_host_is_refused_however_it_is_written_and_given() {
    for host in [
        "api.dify.ai",
        "API.Dify.AI",
        "api.dify.ai.",
        "api.dify.ai..",
        "api.dify.ai:8443",
        "%61pi.dify.ai",
        "api%2Edify%2eai",
        "ａｐｉ.dify.ai",
        "api。dify．ai",
        "api.dify.ai.:80",
        "a\u{ad}pi.dify.ai",
    ] {
        for scheme in ["https", "http", "HTTPS"] {
            let url = format!("{scheme}://{host}/other/path");
            for variable in ["API_BASE_URL", "CONFORMANT_BASE_URL"] {
                let mut command = conformant(&["run"]);
                command.env(variable, &url).envs(KEYS);
                let finished = Finished::of(command).expect(2);
                assert!(finished.stderr.contains("--allow-production"), "{url}: {}", finished.stderr);
            }
        }
        let mut command = conformant(&["run", "--base-url", &format!("https://{host}")]);
        command.envs(KEYS);
        assert!(Finished::of(command).expect(2).stderr.contains("--allow-production"), "{host}");
    }
    let with_user = Finished::of({
        let mut command = conformant(&["run", "--base-url", "https://x@api.dify.ai/v1"]);
        command.envs(KEYS);
        command
    });
    assert!(with_user.expect(2).stderr.contains("user name or password"));
    // Another document does not make it another server.
    let folder = Folder::new();
    let document = std::fs::read_to_string("spec/openapi_chatflow.yaml").expect("the document");
    let swapped = folder.file("swapped.yaml", &document.replace("api.dify.ai", "api.somewhere.example"));
    for url in ["https://api.dify.ai/v1", "https://api.somewhere.example/v1"] {
        let mut command = conformant(&["run", "--spec", &swapped, "--base-url", url]);
        command.envs(KEYS);
        assert!(Finished::of(command).expect(2).stderr.contains("--allow-production"), "{url}");
    }
}

#[test]
fn every_host_that_the_document_lists_is_refused_and_a_staging_host_can_be_named() {
    let folder = Folder::new();
    folder.file(
        "doc.yaml",
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\nservers:\n- url: https://{tenant}.api.example.com/{base}\n  \
         variables: {tenant: {default: acme, enum: [acme, umbrella]}, base: {default: v1}}\n- url: prod.example.com/v1\n\
         paths:\n  /a: {get: {responses: {'200': {description: ok}}}}\n",
    );
    let suite = "spec: doc.yaml\noperation: GET /a\ncases: {a: {expect: 200}}\n";
    let plain = folder.file("plain.yaml", suite);
    let staging = "staging: [umbrella.api.example.com, acme.api.example.com, prod.example.com]\n";
    let named = folder.file("named.yaml", &format!("{staging}{suite}"));
    for (cases, host, status, said) in [
        (&plain, "acme.api.example.com", 2, "--allow-production"),
        (&plain, "umbrella.api.example.com", 2, "`staging: [umbrella.api.example.com]`"),
        (&plain, "prod.example.com", 2, "--allow-production"),
        (&plain, "else.api.example.com", 0, ""),
        (&named, "umbrella.api.example.com", 0, ""),
        // What everybody asks who chooses nothing is no staging system, whatever a suite says.
        (&named, "acme.api.example.com", 2, "cannot allow a host that the document names by default"),
        (&named, "prod.example.com", 2, "cannot allow a host that the document names by default"),
    ] {
        let url = format!("https://{host}/v1");
        let finished = command::run(&["run", "--dry-run", "--base-url", &url, "--cases", cases]);
        assert_eq!(finished.status, status, "{host}: {}", finished.stderr);
        assert!(finished.stderr.contains(said), "{host}: {}", finished.stderr);
        command::run(&["run", "--dry-run", "--base-url", &url, "--cases", cases, "--allow-production"]).expect(0);
    }
    let lint = command::run(&["lint", "--cases", &plain]);
    assert!((lint.stdout + &lint.stderr).contains("has no scheme, so it is a path beside the document"));
}

#[test]
fn a_suite_allows_a_server_of_its_document_only_by_name_and_aloud() {
    let folder = Folder::new();
    let document = |servers: &str| {
        format!(
            "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\nservers: [{servers}]\n\
             paths:\n  /a: {{get: {{responses: {{'200': {{description: ok}}}}}}}}\n"
        )
    };
    folder.file("fetched.yaml", &document("{url: 'https://staging.example.com/v1'}"));
    folder.file("written.yaml", &document("{url: 'https://api.example.com'}, {url: 'https://eu.example.com'}"));
    let suite = |name: &str, spec: &str, hosts: &str| {
        folder.file(name, &format!("spec: {spec}\n{hosts}\noperation: GET /a\ncases: {{a: {{expect: 200}}}}\n"))
    };
    let plain = suite("plain.yaml", "fetched.yaml", "");
    let fetched = suite("fetched_suite.yaml", "fetched.yaml", "production: [api.example.com]");
    let any = suite("any.yaml", "written.yaml", "production: [nowhere.example]");
    let one = suite("one.yaml", "written.yaml", "production: [api.example.com]");
    let said = "so staging.example.com is allowed, although";
    for (cases, host, status, text) in [
        (&plain, "staging.example.com", 2, "--allow-production"),
        (&fetched, "staging.example.com", 0, said),
        (&fetched, "api.example.com", 2, "is a production host by"),
        (&fetched, "other.example.com", 0, ""),
        // A list of hosts that the document does not know frees none of its servers.
        (&any, "api.example.com", 2, "names none of them"),
        (&any, "eu.example.com", 2, "names none of them"),
        (&one, "eu.example.com", 0, "so eu.example.com is allowed, although"),
        (&one, "api.example.com", 2, "is a production host by"),
    ] {
        let url = format!("https://{host}/v1");
        let finished = command::run(&["run", "--dry-run", "--base-url", &url, "--cases", cases]);
        assert_eq!(finished.status, status, "{cases} {host}: {}", finished.stderr);
        assert!(finished.stderr.contains(text), "{cases} {host}: {}", finished.stderr);
        assert_eq!(
            finished.stderr.contains(" is allowed, although"),
            text.contains("is allowed"),
            "{}",
            finished.stderr
        );
    }
    // Another suite of the same folder does not say so, and its cases would be sent to that host too.
    let cases = folder.path().to_str().expect("a path");
    let finished = command::run(&["run", "--dry-run", "--base-url", "https://staging.example.com", "--cases", cases]);
    assert_eq!(finished.status, 2, "{}", finished.stderr);
}

#[test]
fn sound_requests_pass_the_guard() {
    // The same server, asked as a suite should ask: conversations are made and removed, and the rest is there.
    let posts = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&posts);
    let world = World::start(move |seen, _| {
        count.fetch_add(usize::from(seen.method == "POST"), Ordering::SeqCst);
        None
    });
    let finished = Finished::of(run(&world, &["run", "--profile", "core"])).expect(0);
    world.unharmed("nothing");
    assert_eq!(world.left(), [""; 0], "{}", finished.stdout);
    assert!(posts.load(Ordering::SeqCst) >= 4);
    assert_eq!(world.made(), posts.load(Ordering::SeqCst));
}

/// What a GET does is the target's affair: looks are no requests that may change something.
#[test]
fn a_look_may_name_what_this_run_did_not_make() {
    let world = World::plain();
    let folder = Folder::new();
    let case = format!("\n  look:\n    call: GET /conversations/{VICTIM}\n    auth: chat_app\n    expect: 404\n");
    let cases = suite(&folder, &[], &case);
    let planned = Finished::of(run(&world, &["run", "--dry-run", "--cases", &cases, "cases/look"])).expect(0);
    assert!(planned.stdout.contains(&format!("GET {}/conversations/{VICTIM}", world.url)), "{}", planned.stdout);
    let delete = suite(&folder, &[], &case.replace("GET", "DELETE"));
    Finished::of(run(&world, &["run", "--dry-run", "--cases", &delete, "cases/look"])).expect(2);
    assert_eq!(world.seen().len(), 0, "{:?}", world.seen());
}

/// The base URL comes from who starts the run alone.
#[test]
fn no_suite_chooses_whom_it_asks() {
    let world = World::plain();
    let folder = Folder::new();
    for call in [
        "https://evil.example.com/a",
        "@evil.example.com/a",
        "//evil.example.com/a",
        "/\\\\evil.example.com/a",
        ":99/a",
    ] {
        let case = format!("\n  evil:\n    call: 'GET {call}'\n    auth: none\n    expect: 404\n");
        let cases = suite(&folder, &[], &case);
        let planned = Finished::of(run(&world, &["run", "--dry-run", "--cases", &cases, "cases/evil"]));
        let sent: Vec<&str> = planned.stdout.lines().filter(|line| line.trim_start().starts_with("GET ")).collect();
        assert!(
            sent.iter().all(|line| line.trim_start().starts_with(&format!("GET {}/", world.url))),
            "{call}: {sent:?}"
        );
        assert!(planned.status == 2 || !sent.is_empty(), "{call}: {}{}", planned.stdout, planned.stderr);
    }
}
