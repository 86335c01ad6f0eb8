//! A path that is no regular file is refused with status 2 wherever it is named, and nothing of the file is shown.
#![cfg(unix)]

#[path = "support/command.rs"]
mod command;
#[path = "support/door.rs"]
mod door;
#[path = "support/project.rs"]
mod project;

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use command::{Finished, Folder, conformant};
use project::project;

/// Stands in every file that is none of ours, and in a variable; nothing that is printed may hold it.
const SECRET: &str = "hunter22";

/// How long a command may take that must not wait: it ends at all.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a command says that is refused.
fn refused(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = conformant(arguments);
    command.current_dir(folder.path()).env("MY_TOKEN", SECRET).envs(variables.iter().copied());
    let finished = Finished::within(PATIENCE, command).expect(2);
    let said = format!("{}{}", finished.stdout, finished.stderr);
    assert!(!said.contains(SECRET) && !said.contains("unter22"), "{arguments:?}: {said}");
    said
}

fn at(folder: &Folder, path: &str) -> PathBuf {
    folder.path().join(path)
}

fn write(folder: &Folder, path: &str, text: impl AsRef<[u8]>) {
    fs::create_dir_all(at(folder, path).parent().expect("a folder")).expect("made");
    fs::write(at(folder, path), text).expect("written");
}

/// The shipped suite, naming this document.
fn suite(spec: &str) -> String {
    format!(
        "spec: {spec}\noperation: deleteAdvancedConversation\ncases:\n  one: {{auth: none, path: {{conversation_id: not-a-uuid}}, expect: 404}}\n"
    )
}

/// A project with everything that is no file, and what is said of each.
fn with_odd_files() -> (Folder, Vec<(String, &'static str)>, std::os::unix::net::UnixListener) {
    let folder = project();
    assert!(Command::new("mkfifo").arg(at(&folder, "pipe")).status().expect("mkfifo is there").success());
    let socket = std::os::unix::net::UnixListener::bind(at(&folder, "socket")).expect("a socket");
    let huge = File::create(at(&folder, "huge")).expect("a file");
    huge.set_len(100 * 1024 * 1024 * 1024).expect("it takes no room");
    fs::create_dir(at(&folder, "folder")).expect("a folder");
    symlink("/dev/zero", at(&folder, "to-zero")).expect("a link");
    let mut odd = vec![
        ("pipe".to_owned(), "it is a pipe, which may never end"),
        ("socket".to_owned(), "it is a socket"),
        ("huge".to_owned(), "it has more than"),
        ("folder".to_owned(), "it is a folder"),
        ("/dev/zero".to_owned(), "it is a device"),
        ("to-zero".to_owned(), "it is a device"),
    ];
    if cfg!(target_os = "linux") {
        for path in ["/proc/self/environ", "/proc/kmsg", "/proc/self/root/etc/passwd"] {
            odd.push((path.to_owned(), "it leads into /proc"));
        }
        odd.push(("/sys/kernel/uevent_seqnum".to_owned(), "it leads into /sys"));
        symlink("/proc/self/environ", at(&folder, "to-environ")).expect("a link");
        odd.push(("to-environ".to_owned(), "it leads into /proc"));
    }
    odd.retain(|(path, _)| at(&folder, path).exists());
    (folder, odd, socket)
}

#[test]
fn what_is_no_regular_file_is_refused_wherever_it_is_named() {
    let (folder, odd, _socket) = with_odd_files();
    for (path, why) in &odd {
        for arguments in [
            &["lint", "--spec", path][..],
            &["run", "--dry-run", "--spec", path],
            &["run", "--env-file", path],
            &["run", "--base-url", "https://staging.invalid/v1", "--ca-file", path],
            &["run", "--base-url", "https://staging.invalid/v1", "--client-cert", path],
            &["clean", path],
        ] {
            let keys = [("API_KEY", "app-0123456789"), ("WRONG_MODE_API_KEY", "app-9876543210")];
            let said = refused(&folder, arguments, &keys);
            let is_link = arguments[0] == "clean" && path.starts_with("to-");
            let why = if is_link { "is no regular file" } else { why };
            assert!(said.contains(why), "{arguments:?}: {said}");
        }
        write(&folder, "one/a.yaml", suite(&format!("../{path}").replace("..//", "/")));
        let said = refused(&folder, &["lint", "--cases", "one"], &[]);
        assert!(said.contains(why) && said.contains("one/a.yaml:1:7"), "{path}: {said}");
    }
}

#[test]
fn a_clients_key_must_be_a_file() {
    let (folder, odd, _socket) = with_odd_files();
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(vec!["client.test".to_owned()]).expect("parameters");
    write(&folder, "own.pem", params.self_signed(&key).expect("a certificate").pem());
    let arguments = ["run", "--base-url", "https://staging.invalid/v1", "--client-cert", "own.pem", "--client-key"];
    let keys = [("API_KEY", "app-0123456789"), ("WRONG_MODE_API_KEY", "app-9876543210")];
    for (path, why) in &odd {
        let said = refused(&folder, &[&arguments[..], &[path]].concat(), &keys);
        assert!(said.contains("--client-key names") && said.contains(why), "{path}: {said}");
    }
}

#[test]
fn what_a_suite_or_a_list_is_must_be_a_file_too() {
    let (folder, _, _socket) = with_odd_files();
    for (path, why) in [("pipe", "it is a pipe"), ("socket", "it is a socket"), ("huge", "it has more than 8 MiB")] {
        for name in ["a.yaml", "known_deviations.yaml"] {
            let cases = format!("cases-{path}");
            write(&folder, &format!("{cases}/b.yaml"), suite("../spec/openapi_chatflow.yaml"));
            fs::rename(at(&folder, path), at(&folder, &format!("{cases}/{name}"))).expect("moved");
            let said = refused(&folder, &["lint", "--cases", &cases], &[]);
            assert!(said.contains(why) && said.contains(&format!("`{cases}/{name}`")), "{name}: {said}");
            fs::rename(at(&folder, &format!("{cases}/{name}")), at(&folder, path)).expect("moved");
        }
    }
}

#[test]
fn a_pipe_of_a_shell_is_refused_with_what_to_do() {
    let folder = project();
    for path in ["/dev/stdin", "/dev/fd/0"] {
        for arguments in [&["run", "--env-file", path][..], &["lint", "--spec", path]] {
            let mut command = conformant(arguments);
            command.current_dir(folder.path()).stdin(Stdio::piped());
            let finished = Finished::within(PATIENCE, command).expect(2);
            let said = finished.stderr;
            assert!(said.contains("it leads into /"), "{said}");
            assert!(said.contains("Write the text to a file, and name that."), "{said}");
        }
    }
}

#[test]
fn snapshots_must_be_files() {
    let (folder, odd, _socket) = with_odd_files();
    for (path, why) in odd {
        let snapshot = at(&folder, "snapshots/delete_conversation/id_no_uuid.snap");
        fs::remove_file(&snapshot).ok();
        let real = if path.starts_with('/') { PathBuf::from(&path) } else { at(&folder, &path) };
        symlink(real, &snapshot).expect("a link");
        let mut command = conformant(&["run", "delete_conversation/id_no_uuid"]);
        command.current_dir(folder.path()).env("MY_TOKEN", SECRET);
        let finished = Finished::within(PATIENCE, command);
        let said = format!("{}{}", finished.stdout, finished.stderr);
        assert!(finished.status != 0 && said.contains(why), "{path}: {said}");
        assert!(!said.contains(SECRET), "{said}");
    }
}

#[test]
fn what_the_platform_reads_as_certificates_is_looked_at_before() {
    let (folder, odd, _socket) = with_odd_files();
    let keys = [("API_KEY", "app-0123456789"), ("WRONG_MODE_API_KEY", "app-9876543210")];
    let arguments = ["run", "--base-url", "https://staging.invalid/v1"];
    for (path, why) in &odd {
        let said = refused(&folder, &arguments, &[("SSL_CERT_FILE", path), keys[0], keys[1]]);
        assert!(said.contains("SSL_CERT_FILE names") && said.contains(why), "{path}: {said}");
    }
    fs::create_dir(at(&folder, "certificates")).expect("a folder");
    write(&folder, "certificates/a.pem", "");
    let said = |why: &str| {
        let folders = format!("{}::{}", at(&folder, "folder").display(), at(&folder, "certificates").display());
        let said = refused(&folder, &arguments, &[("SSL_CERT_DIR", &folders), keys[0], keys[1]]);
        assert!(said.contains("SSL_CERT_DIR names") && said.contains(why), "{said}");
    };
    symlink(at(&folder, "huge"), at(&folder, "certificates/huge")).expect("a link");
    said("more than 16 MiB are in its folders");
    fs::remove_file(at(&folder, "certificates/huge")).expect("it is there");
    if cfg!(target_os = "linux") {
        symlink("/proc/version", at(&folder, "certificates/link")).expect("a link");
        said("of link in it, it leads into /proc");
        fs::remove_file(at(&folder, "certificates/link")).expect("it is there");
    }
    for number in 0..10_000 {
        File::create(at(&folder, &format!("certificates/{number}"))).expect("a file");
    }
    said("more than 10000 entries are in its folders");
}

#[test]
fn a_link_that_leads_out_of_the_folder_of_suites_is_not_read() {
    let folder = project();
    write(&folder, "outside/suite.yaml", suite("../spec/openapi_chatflow.yaml"));
    write(
        &folder,
        "outside/known_deviations.yaml",
        format!("- {{case: a/b, rule: status-unexpected, link: {SECRET}}}\n"),
    );
    write(&folder, "cases/inner/note.txt", "");
    let document = fs::read(at(&folder, "spec/openapi_chatflow.yaml")).expect("it is there");
    write(&folder, "outside/document.yaml", &document);
    let root = fs::canonicalize(folder.path()).expect("it is there");
    for (goal, link) in [
        (PathBuf::from("../outside/suite.yaml"), "cases/linked.yaml"),
        (root.join("outside/suite.yaml"), "cases/linked.yaml"),
        (PathBuf::from("inner/../../outside/suite.yaml"), "cases/linked.yaml"),
        (PathBuf::from("../outside"), "cases/linked"),
        (PathBuf::from("../.."), "cases/inner/linked"),
        (PathBuf::from("../../outside/known_deviations.yaml"), "cases/inner/known_deviations.yaml"),
        (PathBuf::from("../outside/known_deviations.yaml"), "cases/known_deviations.yaml"),
    ] {
        let kept = fs::read(at(&folder, link)).ok();
        fs::remove_file(at(&folder, link)).ok();
        symlink(goal, at(&folder, link)).expect("a link");
        let inner = link.trim_start_matches("cases/");
        for cases in ["cases", "./spec/../cases"] {
            let expected =
                format!("`{cases}/{inner}` is not read: the link `{inner}` leads out of the folder of suites");
            for command in ["lint", "list", "run"] {
                let said = refused(&folder, &[command, "--cases", cases], &[]);
                assert!(said.contains(&expected), "{said}");
            }
        }
        // A second link to the first leads out as well.
        symlink(at(&folder, link), at(&folder, "cases/second.yaml")).expect("a link");
        if !link.contains("known") && Path::new(link).extension().is_some() {
            let said = refused(&folder, &["lint"], &[]);
            assert!(said.contains("the link `second.yaml` leads out"), "{said}");
        }
        fs::remove_file(at(&folder, "cases/second.yaml")).expect("it is there");
        fs::remove_file(at(&folder, link)).expect("it is there");
        if let Some(bytes) = kept {
            write(&folder, link, bytes);
        }
    }
    // A document may lie anywhere, but not behind a link that lies among the suites and leads out.
    for (goal, link, spec) in [
        ("../outside/document.yaml", "cases/contract.json", "contract.json"),
        ("../outside", "cases/.linked", ".linked/document.yaml"),
        ("../outside", "cases/.linked", "inner/../.linked/document.yaml"),
    ] {
        symlink(goal, at(&folder, link)).expect("a link");
        write(&folder, "cases/one.yaml", suite(spec));
        let said = refused(&folder, &["lint"], &[]);
        let link_name = link.trim_start_matches("cases/");
        let message =
            format!("the document `{spec}` is not read: the link `{link_name}` leads out of the folder of suites");
        assert!(said.contains(&message) && said.contains("cases/one.yaml:1:7"), "{said}");
        fs::remove_file(at(&folder, link)).expect("it is there");
    }
}

#[test]
fn links_that_stay_in_the_folder_or_are_named_themselves_are_read() {
    let folder = project();
    symlink("cases", at(&folder, "suites")).expect("a link");
    symlink("delete_conversation.yaml", at(&folder, "cases/again.yaml")).expect("a link");
    symlink("openapi_chatflow.yaml", at(&folder, "spec/again.yaml")).expect("a link");
    symlink("cases/delete_conversation.yaml", at(&folder, "one.yaml")).expect("a link");
    write(&folder, "cases/inner/more.yaml", suite("../../spec/again.yaml"));
    symlink("inner", at(&folder, "cases/twin")).expect("a link");
    for arguments in [&["list"][..], &["list", "--cases", "suites"], &["lint", "--cases", "suites"]] {
        let mut command = conformant(arguments);
        command.current_dir(folder.path());
        let finished = Finished::of(command).expect(0);
        assert!(finished.stdout.contains("again") || arguments[0] == "lint", "{}", finished.stdout);
        assert!(finished.stdout.contains("twin/more"), "{}", finished.stdout);
    }
    let mut command = conformant(&["list", "--cases", "one.yaml", "--spec", "spec/again.yaml"]);
    command.current_dir(folder.path());
    Finished::of(command).expect(0);
}

/// Files that people have, by name; every line holds the secret.
const STRANGERS: &[(&str, &str)] = &[
    (".env", "API_KEY=hunter22\nexport hunter22=1\n"),
    ("creds.json", "{\n  \"hunter22\": {\"hunter22\": \"hunter22\"},\n  \"hunter22\": 1\n}\n"),
    ("creds-one-line.json", "{\"type\":\"hunter22\",\"private_key\":\"hunter22\"}"),
    ("broken.json", "{\"hunter22\" \"hunter22\"}"),
    ("token.json", "\"hunter22\""),
    ("shadow", "root:hunter22:19000:0:99999:7:::\nhunter22:!:19000::::::\n"),
    ("netrc", "machine hunter22 login hunter22 password hunter22\n"),
    ("key.pem", "-----BEGIN hunter22-----\nhunter22\n-----END hunter22-----\n"),
    ("secret.yaml", "apiVersion: v1\nkind: Secret\ndata:\n  hunter22: hunter22\n  hunter22: hunter22\n"),
    ("tags.yaml", "hunter22: !hunter22 hunter22\n? [hunter22]\n: hunter22\n"),
    ("alias.yaml", "a: *hunter22\n"),
    ("config", "{\"auths\": {\"https://hunter22/\": {\"auth\": \"hunter22\"}}}"),
    ("bash_history", "curl -H 'Authorization: hunter22' http://x\nexport T=hunter22\n"),
    ("list.yaml", "- hunter22\n- {case: hunter22}\n"),
    ("links.yaml", "- link: https://me:hunter22@host\n"),
    ("number", "hunter22: 0x\n.inf: .nan\n"),
    ("comment.yaml", "# hunter22\n"),
    ("comments.yaml", "# hunter22\n--- # hunter22\n# hunter22\n"),
    ("directive.yaml", "%YAML 1.2 hunter22\n---\nhunter22\n"),
    ("tab.yaml", "hunter22:\n\thunter22: 1\n"),
    ("servers.yaml", "servers:\n  - password: hunter22\n  - hunter22\n"),
    ("credentials.yaml", "credentials:\n  hunter22: hunter22\nstates: hunter22\n"),
    ("info.yaml", "info: hunter22\n"),
    ("extension.yaml", "x-token: hunter22\nx-token: hunter22\n"),
    ("markup.html", "<html hunter22>"),
    ("notes.md", "# hunter22\n\n```yaml\nhunter22: openapi\n```\n"),
    ("page.md", "hunter22\n\n```yaml\nhunter22: 1\nopenapi: 3.0.1\nhunter22: 2\n```\n"),
    ("pages.md", "```\nhunter22:\n  openapi: 1\n```\n\n```\nhunter22:\n  openapi: 1\n```\n"),
    ("two.yaml", "hunter22\n---\nhunter22\n"),
    ("spec-like", "specification: hunter22\nhunter22: 1\n"),
    ("nul", "openapi\0: hunter22\0"),
    ("quote.yaml", "\"hunter22\nhunter22\n"),
];

#[test]
fn nothing_is_shown_of_a_file_that_does_not_begin_like_an_input() {
    let folder = project();
    let mut strangers: Vec<(String, Vec<u8>)> =
        STRANGERS.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    for (name, text) in STRANGERS.iter().take(6) {
        // Each encoding that text comes in, a mark before it, and bytes that are no text.
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        strangers.push((format!("{name}-utf16"), [&[0xff, 0xfe][..], &wide].concat()));
        strangers.push((format!("{name}-utf16-bare"), wide));
        strangers.push((format!("{name}-mark"), format!("\u{feff}{text}").into_bytes()));
        strangers.push((format!("{name}-bytes"), [text.as_bytes(), &[0xff, 0xc0], text.as_bytes()].concat()));
    }
    strangers.push(("long".to_owned(), SECRET.repeat(100_000).into_bytes()));
    strangers.push(("empty".to_owned(), Vec::new()));
    for (index, (name, bytes)) in strangers.iter().enumerate() {
        // How it is read depends on its name too.
        let endings = [".yaml", ".json", ".md"];
        for ending in ["", endings[index % 3]] {
            let path = format!("secret/{name}{ending}");
            write(&folder, &path, bytes);
            refused(&folder, &["lint", "--spec", &path], &[]);
        }
        let path = format!("secret/{name}");
        write(&folder, "named/a.yaml", suite(&format!("../{path}")));
        write(&folder, "one/b.yaml", suite("../spec/openapi_chatflow.yaml"));
        for (cases, file) in [("as-suite", "a.yaml"), ("one", "known_deviations.yaml")] {
            write(&folder, &format!("{cases}/{file}"), bytes);
        }
        for cases in ["named", "as-suite", "one"] {
            // A list of known deviations may say nothing.
            if cases == "one" && ["comment.yaml", "empty"].contains(&name.as_str()) {
                continue;
            }
            let said = refused(&folder, &["lint", "--cases", cases], &[]);
            assert!(said.contains("error: ") && said.contains("help: "), "{said}");
        }
        refused(&folder, &["run", "--dry-run", "--cases", "named", "--format", "json"], &[]);
        if name != ".env" {
            refused(&folder, &["run", "--base-url", "https://staging.invalid/v1", "--ca-file", &path], &[]);
            refused(&folder, &["run", "--base-url", "https://staging.invalid/v1", "--client-cert", &path], &[]);
            refused(&folder, &["clean", &path], &[]);
        }
    }
    // A file in which something is masked is none that may be quoted for that.
    let variables = format!("TOKEN=other-{SECRET}\nAPI_BASE_URL=http://127.0.0.1:9/v1\n");
    write(&folder, "variables", variables);
    write(&folder, "as-suite/a.yaml", format!("a: other-{SECRET}\nquite: secret\n"));
    let said = refused(&folder, &["run", "--cases", "as-suite", "--env-file", "variables"], &[]);
    assert!(said.contains("this is not a suite") && !said.contains("    1 |"), "{said}");
    let mut command = Command::new(door::conformance_test());
    command.env_clear().env("CONFORMANT_CASES", at(&folder, "as-suite"));
    let finished = Finished::of(command).expect(2);
    assert!(!finished.stderr.contains(SECRET), "{}", finished.stderr);
}

#[test]
fn a_file_that_has_begun_is_quoted_and_a_slip_in_its_first_key_is_reported() {
    let folder = project();
    for (text, parts) in [
        ("spec: x\noperatoin: y\n", &["unknown key `operatoin`", "    2 | operatoin: y"][..]),
        ("# mine\n\ncases:\n\tone: 1\n", &["not readable as YAML", "    4 |  one: 1"]),
        ("sepc: hunter22\n", &["`sepc` is not a first key of a suite", "Did you mean `spec`?", "as-suite/a.yaml:1:1"]),
        ("steps: hunter22\n", &["this is not a suite", "`spec`, `operation`", "as-suite/a.yaml:1:1"]),
        ("\n  - hunter22\n", &["this is a sequence, not a suite", "as-suite/a.yaml:2:3"]),
    ] {
        write(&folder, "as-suite/a.yaml", text);
        let said = refused(&folder, &["lint", "--cases", "as-suite"], &[]);
        for part in parts {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    write(&folder, "named/a.yaml", suite("../document.yaml"));
    for (text, parts) in [
        ("openapi: 3.0.1\ninfo: [\n", &["not readable as YAML", "info: ["][..]),
        ("{\n \"info\": 1, \"openapi\": 3.0.1}", &["the info object must be a mapping", "\"openapi\": 3.0.1}"]),
        ("opneapi: hunter22\n", &["`opneapi` is not a first key of an OpenAPI document", "Did you mean `openapi`?"]),
    ] {
        write(&folder, "document.yaml", text);
        let said = refused(&folder, &["lint", "--cases", "named"], &[]);
        for part in parts {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}

#[test]
fn a_file_of_variables_is_never_quoted_however_wrong_it_is() {
    let folder = project();
    for (name, text) in STRANGERS.iter().filter(|(name, _)| *name != ".env") {
        write(&folder, "secret/variables", text);
        let said = refused(&folder, &["run", "--env-file", "secret/variables"], &[]);
        assert!(said.contains("secret/variables"), "{name}: {said}");
    }
    write(&folder, "secret/variables", format!("{SECRET}\n").repeat(50_000));
    let said = refused(&folder, &["run", "--env-file", "secret/variables"], &[]);
    assert_eq!(said.lines().filter(|line| line.contains("there is no `=`")).count(), 20, "{said}");
    assert!(said.contains("has 49980 more lines that set no variable"), "{said}");
}
