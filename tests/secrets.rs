//! No output of a run holds a credential in any form, even if a server repeats it. It takes about 80 s on two cores.
//!
//! Files of variables are read when they are named, and never otherwise.

#[path = "support/command.rs"]
mod command;
#[path = "secrets/input.rs"]
mod input;
#[path = "secrets/named.rs"]
mod named;
#[path = "support/world.rs"]
mod world;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use command::{Finished, Folder, conformant};
use world::{KEYS, Seen, World};

/// Keys with characters that encodings change.
const AWKWARD: [(&str, &str); 2] =
    [("API_KEY", "app-Chat/Flow+Key\"\\<a>&0001=="), ("WRONG_MODE_API_KEY", "app-Completion Key/00000000002")];

fn percent(text: &str, all: bool) -> String {
    text.bytes().fold(String::new(), |text, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' if !all => text + &char::from(byte).to_string(),
        byte => text + &format!("%{byte:02x}"),
    })
}

fn unicode(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |text, unit| text + &format!("\\u{unit:04x}"))
}

fn html(text: &str) -> String {
    text.chars().fold(String::new(), |text, c| text + &format!("&#{};", u32::from(c)))
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Every form in which this server repeats a key.
fn forms(key: &str) -> Vec<String> {
    let json = serde_json::to_string(key).expect("JSON");
    vec![
        key.to_owned(),
        json[1..json.len() - 1].to_owned(),
        json[1..json.len() - 1].replace('/', "\\/"),
        percent(key, false),
        key.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}")),
        percent(key, true),
        unicode(key),
        html(key),
        hex(key),
        hex(key).to_uppercase(),
        STANDARD.encode(key),
        STANDARD.encode(format!("user:{key}")),
        URL_SAFE.encode(format!("u:{key}:x")),
        percent(&STANDARD.encode(key), false),
    ]
}

/// An answer that repeats the key in every place there is, in one form.
fn echo(seen: &Seen, status: &str, form: &str) -> String {
    let (front, back) = form.split_at(3);
    let line = form.replace(['\r', '\n'], "");
    let chunks = |text: &str| format!("{:x};note={line}\r\n{text}\r\n", text.len());
    let padding = "x".repeat(4096 - 300);
    format!(
        "HTTP/1.1 103 Early Hints\r\nLink: <{line}>\r\n\r\n\
         HTTP/1.1 {status} Because {line}\r\nSet-Cookie: key={line}; Path=/\r\nX-Echo: {line}\r\n{line}: x\r\nLocation: /login?key={line}\r\n\
         WWW-Authenticate: Bearer error=\"{line}\"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n\
         {}{}{}0\r\nX-End: {line}\r\n\r\n{}",
        chunks(&format!("{{\"code\":\"echo\",\"target\":\"{}\",\"key\":\"", seen.target)),
        chunks(front),
        chunks(&format!("{back}\",\"again\":\"{form}\",\"padding\":\"{padding}{form}\",\"last\":\"{form}\"}}")),
        if seen.method == "DELETE" { form } else { "" },
    )
}

/// Whether a text holds a key in some form: decoded as often as anything changes, and looked for as a whole and in base64.
fn holds(text: &[u8], key: &str) -> Option<String> {
    holds_any(text, &[("", key)]).map(|(_, how)| how)
}

/// As [`holds`], for several keys by name.
fn holds_any(text: &[u8], keys: &[(&str, &str)]) -> Option<(String, String)> {
    let mut form = String::from_utf8_lossy(text).into_owned();
    for round in 0..4 {
        if let Some(found) =
            keys.iter().find_map(|(name, key)| Some(((*name).to_owned(), holds_now(&form, key, round)?)))
        {
            return Some(found);
        }
        let next = decoded(&form);
        if next == form {
            return None;
        }
        form = next;
    }
    None
}

/// Whether a text holds a key without being decoded any further.
fn holds_now(form: &str, key: &str, round: usize) -> Option<String> {
    let lower = form.to_lowercase();
    let core = |before: &str| {
        let encoded = STANDARD.encode(format!("{before}{key}"));
        // Without the characters that hold bits of what stands before and behind.
        encoded[(before.len() * 8).div_ceil(6)..(before.len() + key.len()) * 8 / 6].to_owned()
    };
    let plain = lower.contains(&key.to_lowercase());
    let in_hex = lower.contains(&hex(key));
    let in_base64 = ["", "u", "us"]
        .map(core)
        .iter()
        .any(|core| form.contains(core.as_str()) || form.contains(&core.replace('+', "-").replace('/', "_")));
    (plain || in_hex || in_base64)
        .then(|| format!("decoded {round} times: plain {plain}, hex {in_hex}, base64 {in_base64}"))
}

/// One layer of percent-encoding, JSON escapes and character references taken off.
fn decoded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let plain = rest.find(['\\', '&']).unwrap_or(rest.len());
        if plain > 0 {
            out.push_str(&rest[..plain]);
            rest = &rest[plain..];
            continue;
        }
        let number = |digits: &str, base| u32::from_str_radix(digits, base).ok().and_then(char::from_u32);
        let (decoded, taken) = if let Some(after) = rest.strip_prefix("\\u") {
            (after.get(..4).and_then(|digits| number(digits, 16)), 6)
        } else if let Some(after) = rest.strip_prefix("&#") {
            let end = after.bytes().take(8).position(|byte| byte == b';').unwrap_or(0);
            (number(&after[..end], 10), end + 3)
        } else if let Some(after) = rest.strip_prefix('\\') {
            (after.chars().next().filter(char::is_ascii_punctuation), 2)
        } else {
            (None, 0)
        };
        out.push(decoded.unwrap_or(c));
        rest = &rest[if decoded.is_some() { taken } else { c.len_utf8() }..];
    }
    percent_encoding::percent_decode_str(&out).decode_utf8_lossy().into_owned()
}

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() { files(&entry.path(), found) } else { found.push(entry.path()) }
    }
}

#[track_caller]
fn nothing_leaked(what: &str, finished: &Finished, folder: &Path, keys: &[(&str, &str)]) {
    let mut written = vec![
        ("stdout".to_owned(), finished.stdout.clone().into_bytes()),
        ("stderr".to_owned(), finished.stderr.clone().into_bytes()),
    ];
    let mut paths = Vec::new();
    files(folder, &mut paths);
    written.extend(paths.iter().map(|path| (path.display().to_string(), std::fs::read(path).expect("a file"))));
    for (place, text) in &written {
        if let Some((name, how)) = holds_any(text, keys) {
            panic!("{what}: {place} holds {name} ({how}):\n{}", String::from_utf8_lossy(text));
        }
    }
}

#[test]
fn the_search_finds_every_form() {
    for (_, key) in KEYS.iter().chain(&AWKWARD) {
        for form in forms(key) {
            assert!(holds(format!("{{\"a\":\"{form}\"}}").as_bytes(), key).is_some(), "{form}");
        }
        assert_eq!(holds(b"app-Chat and nothing else **** ", key), None);
    }
}

#[test]
fn no_report_of_a_failing_run_holds_a_key_that_the_server_repeats() {
    for keys in [KEYS, AWKWARD] {
        for status in ["400", "307"] {
            // A redirect is another way to the same places, so one form is enough there.
            for index in 0..if status == "400" { forms(keys[0].1).len() } else { 1 } {
                let world = World::start(move |seen, _| {
                    let asked = seen.field("authorization").and_then(|value| value.strip_prefix("Bearer "));
                    let key = keys.iter().find(|(_, key)| asked == Some(*key)).map_or(keys[0].1, |(_, key)| *key);
                    if seen.target.ends_with("/info") {
                        let mode = if key == keys[0].1 { "chat" } else { "workflow" };
                        return Some(world::json(200, "OK", &format!("{{\"mode\":\"{mode}\"}}")));
                    }
                    if seen.method == "POST" {
                        return Some(world::json(
                            200,
                            "OK",
                            &format!("{{\"conversation_id\":\"{}\"}}", uuid::Uuid::new_v4()),
                        ));
                    }
                    Some(echo(seen, status, &forms(key)[index]))
                });
                let folder = Folder::new();
                let report = |format: &str| format!("{format}={}/report.{format}", folder.path().display());
                let (json, text, junit) = (report("json"), report("text"), report("junit"));
                let mut command = conformant(&["run", "-vv", "--profile", "core", "--baseline", "snapshots"]);
                command.args(["delete_conversation/success", "--report", &json, "--report", &text, "--report", &junit]);
                command.env("API_BASE_URL", &world.url).envs(keys);
                let finished = Finished::of(command);
                let what = format!("{status}, form {index} of {}", keys[0].1);
                assert_eq!(finished.status, 1, "{what}\n{}{}", finished.stdout, finished.stderr);
                assert!(finished.stdout.contains("< Set-Cookie") && finished.stdout.contains("curl "), "{what}");
                assert!(!finished.stderr.contains("held a credential"), "{what}: {}", finished.stderr);
                nothing_leaked(&what, &finished, folder.path(), &keys);
            }
        }
    }
}

#[test]
fn no_error_and_no_set_up_that_fails_holds_a_key() {
    for status in ["400", "401", "500", "200", "302"] {
        for at in ["/info", "/chat-messages", "/messages"] {
            let world = World::start(move |seen, _| {
                let key =
                    seen.field("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
                seen.target.contains(at).then(|| echo(seen, status, key))
            });
            let folder = Folder::new();
            let json = format!("json={}/report.json", folder.path().display());
            let mut command = conformant(&["run", "-vv", "--profile", "core", "--report", &json]);
            command.env("API_BASE_URL", &world.url).envs(KEYS);
            let finished = Finished::of(command);
            nothing_leaked(&format!("{status} at {at}"), &finished, folder.path(), &KEYS);
        }
    }
    // Keys that cannot be sent, or are given twice, or too short; and where they do not belong.
    let folder = Folder::new();
    for (variables, flags) in [
        (&[("API_KEY", "app-broken\nkey0000001"), KEYS[1]][..], &["run", "--base-url", "http://127.0.0.1:1/v1"][..]),
        (&[("API_KEY", KEYS[1].1), KEYS[1]], &["run", "--base-url", "http://127.0.0.1:1/v1"]),
        (&[("API_KEY", "qqzzq"), KEYS[1]], &["run", "--base-url", "http://192.0.2.1/v1"]),
        (&[KEYS[0], KEYS[1]], &["run", "--dry-run", "--base-url", "http://127.0.0.1:1/v1"]),
        (&[KEYS[0], KEYS[1]], &["run", "--dry-run", "--format", "json", "--base-url", "http://127.0.0.1:1/v1"]),
        (&[KEYS[0], KEYS[1]], &["run", "--base-url", "http://user:app-ChatflowKey0000000000001@127.0.0.1:1/v1"]),
    ] {
        let mut command = conformant(flags);
        command.envs(variables.iter().copied());
        let finished = Finished::of(command);
        nothing_leaked(&flags.join(" "), &finished, folder.path(), variables);
        if variables[0].1 == "qqzzq" {
            assert!(finished.stderr.contains("fewer than 8 characters"), "{}", finished.stderr);
            assert_eq!(finished.status, 2);
        }
    }
}

#[test]
fn authorization_values_and_variables_of_a_suite_are_secrets_too() {
    let folder = Folder::new();
    let document = std::path::absolute("spec/openapi_chatflow.yaml").expect("a path");
    let suite = std::fs::read_to_string("cases/delete_conversation.yaml")
        .expect("the suite")
        .replace("../spec/openapi_chatflow.yaml", &document.display().to_string());
    let written = "app-writtenIntoTheSuite01";
    let cases = format!(
        "{suite}\n  written:\n    path: {{conversation_id: \"{{{{uuid}}}}\"}}\n    auth: {{header: Bearer {written}}}\n    expect: 204\n\n  \
         taken:\n    path: {{conversation_id: \"{{{{uuid}}}}\"}}\n    auth: {{header: \"Bearer {{{{env.OTHER}}}}\"}}\n    header: {{X-Gate: \
         \"{{{{env.GATE}}}}\"}}\n    json: {{password: \"{{{{env.MY_PASSWORD}}}}\"}}\n    expect: 204\n"
    );
    let own = Folder::new();
    let cases = own.file("cases.yaml", &cases);
    let keys = [
        ("OTHER", "other-key-of-nobody-1"),
        ("GATE", "gate-secret-00001"),
        ("MY_PASSWORD", "correct-horse-battery"),
        ("", written),
    ];
    let world = World::start(|seen, _| {
        let echoed = format!("{:?} {}", seen.fields, seen.body).replace(['"', '\\'], "'");
        (seen.method == "DELETE").then(|| world::json(418, "NO", &format!("{{\"echo\":\"{echoed}\"}}")))
    });
    let json = format!("json={}/report.json", folder.path().display());
    let mut command = conformant(&["run", "-vv", "--cases", &cases, "--report", &json, "cases/written", "cases/taken"]);
    command.env("API_BASE_URL", &world.url).envs(KEYS).envs(keys.iter().copied().filter(|(name, _)| !name.is_empty()));
    let finished = Finished::of(command).expect(1);
    nothing_leaked("a suite's own", &finished, folder.path(), &keys);
    assert!(finished.stdout.contains("credential-repeated") && finished.stdout.contains("GATE"), "{}", finished.stdout);
    // A short one is refused where the target is not on this machine.
    let mut command = conformant(&["run", "--cases", &cases, "--base-url", "http://192.0.2.1/v1", "cases/taken"]);
    command.envs(KEYS).envs([("OTHER", "short"), ("GATE", "g"), ("MY_PASSWORD", "p")]);
    let finished = Finished::of(command).expect(2);
    assert!(finished.stderr.contains("the variable OTHER holds fewer than 8 characters"), "{}", finished.stderr);
}

#[test]
fn a_file_of_variables_is_read_when_it_is_named_and_outranked_by_what_is_set() {
    let world = World::plain();
    let folder = Folder::new();
    let text = format!(
        "# staging\r\nexport API_BASE_URL='{}'\r\nAPI_KEY=\"{}\"\r\nWRONG_MODE_API_KEY={} # a workflow app\r\nCONFORMANT_PROFILE=core\r\n",
        world.url, KEYS[0].1, KEYS[1].1
    );
    let file = folder.file("staging.env", &text);
    for by_flag in [true, false] {
        let mut command = if by_flag { conformant(&["run", "--env-file", &file]) } else { conformant(&["run"]) };
        if !by_flag {
            command.env("CONFORMANT_ENV_FILE", &file);
        }
        let finished = Finished::of(command).expect(0);
        assert!(finished.stdout.starts_with(&format!("target: {}\n", world.url)), "{}", finished.stdout);
        assert!(finished.stdout.contains("profile: core") && finished.stderr.is_empty(), "{}", finished.stderr);
    }
    let mut command = conformant(&["run", "--env-file", &file]);
    command.env("CONFORMANT_PROFILE", "extended").env("WRONG_MODE_API_KEY", KEYS[0].1);
    let finished = Finished::of(command).expect(2);
    assert!(finished.stderr.contains("hold the same key"), "what is set wins: {}", finished.stderr);
    // Set and empty is a mistake there, not a gap to fill.
    let mut command = conformant(&["run", "--env-file", &file]);
    command.env("API_BASE_URL", "");
    assert!(Finished::of(command).expect(2).stderr.contains("API_BASE_URL is set but empty"));
}

#[test]
fn no_file_of_variables_is_read_unasked() {
    let folder = Folder::new();
    folder.file(".env", "API_BASE_URL=http://127.0.0.1:1/v1\nAPI_KEY=app-0123456789\n");
    let mut command = conformant(&["list", "--cases", concat!(env!("CARGO_MANIFEST_DIR"), "/cases")]);
    command.current_dir(folder.path());
    Finished::of(command).expect(0);
    let mut command =
        conformant(&["run", "--cases", concat!(env!("CARGO_MANIFEST_DIR"), "/cases"), "--profile", "core"]);
    command.current_dir(folder.path());
    let finished = Finished::of(command).expect(0);
    assert!(finished.stdout.contains("the embedded reference server"), "{}", finished.stdout);
}

#[test]
fn a_file_of_variables_that_is_wrong_is_bad_input_and_is_not_quoted() {
    let folder = Folder::new();
    let twice = folder.file("twice.env", "API_KEY=hunter2222\n\nAPI_KEY=hunter3333\nnonsense hunter4444\n");
    let missing = folder.path().join("missing.env").display().to_string();
    let binary = folder.path().join("binary.env").display().to_string();
    std::fs::write(&binary, b"API_KEY=\xff\xfe").expect("a file");
    let own = folder.path().display().to_string();
    let empty = folder.file("empty.env", "");
    let commented = folder.file("commented.env", "# API_BASE_URL=http://127.0.0.1:1/v1\n\n");
    let keys = folder.file("keys.env", "CONFORMANT_PROFILE=core\nAPI_KEY=hunter2222\n");
    let mistyped = folder.file("mistyped.env", "API_BASEURL=http://127.0.0.1:1/hunter\n");
    let nearly = folder.file("nearly.env", "CONFORMANT_BASEURL=http://127.0.0.1:1/hunter\n");
    for (file, parts) in [
        (&twice, &["twice.env:3: API_KEY is set in line 1 already", "twice.env:4: there is no `=`"][..]),
        (&missing, &["missing.env, which cannot be read"]),
        (&binary, &["it is not UTF-8"]),
        (&own, &["cannot be read"]),
        (&String::new(), &["--env-file is empty"]),
        (&empty, &["empty.env, which sets no variable"]),
        (&commented, &["commented.env, which sets no variable"]),
        (&keys, &["keys.env sets API_KEY, and neither it nor anything else names a target", "set API_BASE_URL there"]),
        (&mistyped, &["mistyped.env sets API_BASEURL, and neither it nor anything else names a target"]),
        (&nearly, &["nearly.env sets CONFORMANT_BASEURL, and neither it nor anything else names a target"]),
    ] {
        let finished = Finished::of(conformant(&["run", "--env-file", file])).expect(2);
        for part in parts {
            assert!(finished.stderr.contains(part), "{file}: {}", finished.stderr);
        }
        assert!(!finished.stderr.contains("hunter"), "{}", finished.stderr);
    }
}

#[test]
fn a_file_of_settings_or_with_another_word_about_the_target_needs_none() {
    let folder = Folder::new();
    let settings = folder.file("settings.env", "CONFORMANT_PROFILE=core\nCONFORMANT_JOBS=2\n");
    let keys = folder.file("keys.env", "API_KEY=app-0123456789\n");
    let finished = Finished::of(conformant(&["run", "--env-file", &settings])).expect(0);
    assert!(finished.stdout.contains("profile: core"), "{}", finished.stdout);
    Finished::of(conformant(&["run", "--env-file", &keys, "--release", "1.13.1", "--profile", "core"])).expect(0);
    for arguments in [&["doctor", "--env-file", &keys][..], &["run", "--dry-run", "--env-file", &keys]] {
        Finished::of(conformant(arguments)).expect(2);
    }
    let mut command = conformant(&["list"]);
    command.env("CONFORMANT_ENV_FILE", &keys);
    Finished::of(command).expect(0);
}

/// Reads a suite whose credential is a login, and tells the mask about it.
#[test]
fn of_a_login_the_password_alone_is_a_secret_too() {
    let folder = Folder::new();
    folder.file(
        "api.yaml",
        "openapi: 3.0.1\ninfo: {title: Logins, version: '1'}\npaths:\n  /me:\n    get:\n      operationId: me\n      \
         security: [{Login: []}]\n      responses: {'200': {description: It is you.}}\ncomponents:\n  \
         securitySchemes: {Login: {type: http, scheme: basic}}\n",
    );
    folder.file(
        "cases.yaml",
        "spec: api.yaml\noperation: me\ncredentials: {login: {env: LOGIN}}\ndefaults: {auth: login}\ncases:\n  me: {expect: \
         200}\n",
    );
    let suites = conformant::suite::load(&folder.path().join("cases.yaml"), None).expect("a suite");
    let login = "reader:pass word/99";
    let found = conformant::object::Credentials::resolve(&suites[0], |_| Some(login), false).expect("a login");
    let mut secrets = conformant::secret::Secrets::none();
    found.register(&suites[0], &mut secrets);
    let (sent, alone) = (format!("Basic {}", STANDARD.encode(login)), "no such password: pass word/99");
    assert_eq!(secrets.mask_str(&sent), format!("Basic {}", "*".repeat(sent.len() - 6)), "to its last character");
    assert_eq!(secrets.mask_str(alone), format!("no such password: {}", "*".repeat(12)));
    assert_eq!(secrets.mask_str("reader"), "reader", "the user's name is no secret");
}

/// A document with keys in every place, and a suite that takes them from a login.
fn logins(folder: &Folder, captured: &str, cases: &str) -> String {
    folder.file(
        "logins.yaml",
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  \
         /me: {get: {operationId: me, security: [{Bearer: []}], responses: {'200': {description: ok}}}}\n\
         components:\n  securitySchemes:\n    Bearer: {type: http, scheme: bearer}\n    \
         Key: {type: apiKey, in: header, name: X-Session}\n    Crumb: {type: apiKey, in: cookie, name: sid}\n    \
         Param: {type: apiKey, in: query, name: token}\n",
    );
    let suite = "spec: logins.yaml\noperation: me\nstates:\n  session:\n    call: POST /token\n    auth: none\n    \
                 json: {login: synthetic}\n    expect: 200\n    capture: {CAPTURED}\n    id: FIRST\ncases:\n";
    let first = captured.split(':').next().unwrap_or_default();
    folder.file("logged_in.yaml", &format!("{}{cases}", suite.replace("CAPTURED", captured).replace("FIRST", first)))
}

/// A server whose every login gives this token, and that refuses everything else with it.
fn giving(token: &'static str) -> std::sync::Arc<World> {
    let count = std::sync::atomic::AtomicUsize::new(0);
    World::start(move |seen, _| {
        let id = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let body = format!("{{\"id\":\"session-{id}\",\"access_token\":\"{token}\",\"full\":\"Bearer {token}\"}}");
        let line = if seen.method == "POST" { "200 OK" } else { "403 Forbidden" };
        Some(format!(
            "HTTP/1.1 {line}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    })
}

#[test]
fn a_token_of_a_login_is_a_secret_once_it_is_sent_and_where_it_came_from() {
    const TOKEN: &str = "tok-secret-1a2b3c4d5e6f";
    let folder = Folder::new();
    let written = "  bearer: {given: {s: session}, auth: {header: \"Bearer {{s.token}}\"}, expect: 200}\n  \
         whole: {given: {s: session}, auth: {header: \"{{s.full}}\"}, expect: 200}\n  \
         field: {given: {s: session}, auth: none, header: {X-Session: \"{{s.token}}\"}, expect: 200}\n  \
         cookie: {given: {s: session}, auth: none, header: {Cookie: \"a=b; sid={{s.token}}\"}, expect: 200}\n  \
         param: {given: {s: session}, auth: none, query: {token: \"{{s.token}}\"}, expect: {status: 200, match: {/full: x}}}\n";
    for only in ["", "bearer", "whole", "field", "cookie", "param"] {
        let world = giving(TOKEN);
        // One object's token is its id, too; several with one id would not be used.
        let captured = if only.is_empty() {
            "id: /id, token: /access_token, full: /full"
        } else {
            "token: /access_token, full: /full"
        };
        let cases = logins(&folder, captured, written);
        let (json, junit) = (folder.path().join("r.json"), folder.path().join("r.xml"));
        let reports = [format!("json={}", json.display()), format!("junit={}", junit.display())];
        let arguments = ["run", "--cases", &cases, "-vv", "--report", &reports[0], "--report", &reports[1], only];
        let count = if only.is_empty() { arguments.len() - 1 } else { arguments.len() };
        let mut command = conformant(&arguments[..count]);
        command.env("API_BASE_URL", &world.url);
        let finished = Finished::of(command).expect(1);
        // Every login gave the same token, and each was used as it is.
        let asked = world.seen().iter().filter(|seen| seen.method == "GET").count();
        assert_eq!(asked, if only.is_empty() { 5 } else { 1 });
        for (what, text) in [
            ("stdout", finished.stdout.clone()),
            ("stderr", finished.stderr.clone()),
            ("json", std::fs::read_to_string(&json).expect("a report")),
            ("junit", std::fs::read_to_string(&junit).expect("a report")),
        ] {
            assert_eq!(holds(text.as_bytes(), TOKEN), None, "{only} {what}: {text}");
            assert!(!text.contains("tok-sec"), "{only} {what}: {text}");
            assert!(!text.contains("held a credential"), "{text}");
        }
        assert!(finished.stdout.contains("making s"), "the login is shown: {}", finished.stdout);
        assert!(finished.stdout.contains("access_token"), "{}", finished.stdout);
    }
}

#[test]
fn a_token_that_is_a_word_of_the_suite_or_short_tears_no_report_apart() {
    let folder = Folder::new();
    let cases = logins(
        &folder,
        "id: /id, token: /access_token",
        "  bearer: {given: {s: session}, auth: {header: \"Bearer {{s.token}}\"}, expect: 200}\n",
    );
    for token in ["synthetic", "7", "logged_in", "document"] {
        let world = giving(token);
        let mut command = conformant(&["run", "--cases", &cases, "--format", "json"]);
        command.env("API_BASE_URL", &world.url);
        let finished = Finished::of(command).expect(1);
        let report: serde_json::Value = serde_json::from_str(&finished.stdout).expect("JSON");
        assert_eq!(report["cases"][0]["id"], "logged_in/bearer", "{token}");
        assert!(report["document"]["title"] == "T" || report["documents"].is_array(), "{token}: {report}");
        assert_eq!(finished.stderr.matches("held a credential").count(), 0, "{}", finished.stderr);
    }
}
