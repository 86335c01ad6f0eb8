//! The embedded reference answers every recorded request as the recorded server did: interim responses, status,
//! reason phrase, fields and the bytes of the body, and afterwards the conversation is there or gone as it was then.
//!
//! What differs from run to run is set aside: the Date, the version number, ids and times made by the server.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use conformant::reference::{App, Keys, Options, Seed, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

/// The line between a recording's request and its answer.
const DIVIDER: &[u8] = b"\n=====8<===== RESPONSE BYTES BELOW =====8<=====\n";

/// What a recording needs.
struct Scene {
    /// The recording.
    name: &'static str,
    /// The conversation that exists, and its user.
    conversation: Option<(&'static str, &'static str)>,
    /// What happened before.
    before: Before,
}

enum Before {
    Nothing,
    /// Another recording.
    Recording(&'static str),
    /// The user deleted the conversation.
    Deletion,
}

const fn alone(name: &'static str) -> Scene {
    Scene { name, conversation: None, before: Before::Nothing }
}

const fn with(name: &'static str, id: &'static str, user: &'static str) -> Scene {
    Scene { name, conversation: Some((id, user)), before: Before::Nothing }
}

const fn after(name: &'static str, id: &'static str, user: &'static str, before: Before) -> Scene {
    Scene { name, conversation: Some((id, user)), before }
}

const SCENES: &[Scene] = &[
    with("basic_scheme", "8156fa35-be9b-45ab-918c-35f5e490e00e", "alice"),
    alone("chat_messages_blocking"),
    after("chat_messages_deleted_conversation", "c48b3e2c-a258-40ff-95e3-8ba4732614ba", "carol", Before::Deletion),
    alone("chat_messages_no_user"),
    alone("chat_messages_wrong_mode"),
    with("empty_json_body", "cb7a4292-118c-4ad1-8f6e-04d37c67fd79", "alice"),
    with("expect_continue", "f55ed97c-c836-481e-b16d-8a8443335029", "alice"),
    with("extra_field", "fd67f248-03be-463f-b089-4c207d01b066", "alice"),
    with("get_method", "41e0b0a4-28df-49bc-9305-f98cfea1050c", "alice"),
    alone("info"),
    with("invalid_key", "8156fa35-be9b-45ab-918c-35f5e490e00e", "alice"),
    with("json_array_body", "fd67f248-03be-463f-b089-4c207d01b066", "alice"),
    with("json_null_body", "fd67f248-03be-463f-b089-4c207d01b066", "alice"),
    with("list_conversations", "c48b3e2c-a258-40ff-95e3-8ba4732614ba", "carol"),
    after("list_conversations_empty", "c48b3e2c-a258-40ff-95e3-8ba4732614ba", "carol", Before::Deletion),
    with("malformed_json", "fd67f248-03be-463f-b089-4c207d01b066", "alice"),
    after("messages_after_delete", "c48b3e2c-a258-40ff-95e3-8ba4732614ba", "carol", Before::Deletion),
    with("messages_before", "c48b3e2c-a258-40ff-95e3-8ba4732614ba", "carol"),
    alone("missing"),
    with("no_authorization", "8d15c642-f694-4557-a6a8-de7474d59696", "alice"),
    with("no_body", "8d15c642-f694-4557-a6a8-de7474d59696", "alice"),
    alone("non_uuid_id"),
    with("other_app_key", "9725dbe8-a2b1-4d84-947a-60ee9658eea1", "alice"),
    with("other_user", "fba2382d-59e2-4a20-bab8-d84772e00920", "alice"),
    after("other_user_then_owner", "fba2382d-59e2-4a20-bab8-d84772e00920", "alice", Before::Recording("other_user")),
    after("repeat", "164996fc-e434-4dfa-b14e-998444ac3144", "alice", Before::Recording("success")),
    with("success", "164996fc-e434-4dfa-b14e-998444ac3144", "alice"),
    with("text_plain_body", "cb7a4292-118c-4ad1-8f6e-04d37c67fd79", "alice"),
    with("trailing_slash", "41e0b0a4-28df-49bc-9305-f98cfea1050c", "alice"),
    with("uppercase_uuid", "a7bf84ef-28b3-417e-a8dc-2f8d6bbc1a28", "alice"),
    with("user_null", "fd67f248-03be-463f-b089-4c207d01b066", "alice"),
    with("user_omitted", "8133726e-d33b-4488-a3c9-90518a803a57", "alice"),
    with("wrong_mode_existing", "8d15c642-f694-4557-a6a8-de7474d59696", "alice"),
    alone("wrong_mode_random"),
    with("wrong_mode_workflow", "8d15c642-f694-4557-a6a8-de7474d59696", "alice"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recordings")
}

/// The keys that the recordings used.
fn keys() -> Keys {
    Keys {
        chat: "app-ChatflowKey0000000000001".to_owned(),
        completion: "app-CompletionKey00000000030".to_owned(),
        other_chat: "app-Chatflow2Key000000000002".to_owned(),
        workflow: "app-WorkflowKey0000000000040".to_owned(),
    }
}

/// A recording: the request and the answer.
fn recording(name: &str) -> (Vec<u8>, Vec<u8>) {
    let bytes = std::fs::read(folder().join(format!("{name}.http"))).expect("the recording can be read");
    let at = bytes.windows(DIVIDER.len()).position(|window| window == DIVIDER).expect("a divider");
    (bytes[..at].to_vec(), bytes[at + DIVIDER.len()..].to_vec())
}

/// An answer, taken apart just so far that two can be compared.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    interim: Vec<String>,
    status_line: String,
    fields: BTreeSet<String>,
    body: String,
}

impl Answer {
    /// Takes the first answer in the bytes apart; returns it and how many bytes it had. None: it is not whole yet.
    fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut interim = Vec::new();
        let mut start = 0;
        loop {
            let end = start + bytes[start..].windows(4).position(|window| window == b"\r\n\r\n")? + 4;
            let head = std::str::from_utf8(&bytes[start..end]).expect("a head of text");
            if head.starts_with("HTTP/1.1 1") {
                interim.push(head.trim_end().to_owned());
                start = end;
                continue;
            }
            let mut lines = head.trim_end().split("\r\n");
            let status_line = lines.next().expect("a status line").to_owned();
            let mut length = 0;
            let mut fields = BTreeSet::new();
            for line in lines {
                let (name, value) = line.split_once(": ").expect("a field");
                let name = name.to_ascii_lowercase();
                let field = match name.as_str() {
                    "content-length" => {
                        length = value.parse().expect("a length");
                        name
                    }
                    "date" | "x-version" => name,
                    _ => format!("{name}: {value}"),
                };
                assert!(fields.insert(field), "{line:?} comes twice");
            }
            let body = bytes.get(end..end + length)?;
            let body = String::from_utf8(body.to_vec()).expect("a body of text");
            return Some((Self { interim, status_line, fields, body }, end + length));
        }
    }

    fn status(&self) -> &str {
        self.status_line.split(' ').nth(1).unwrap_or_default()
    }

    /// Sets aside the ids that no request named, and the times.
    fn without_what_was_made(mut self, named: &[&str]) -> Self {
        let mut kept = String::new();
        let mut rest = self.body.as_str();
        while let Some(first) = rest.chars().next() {
            let id = rest.get(..36).filter(|text| Uuid::try_parse(text).is_ok() && !named.contains(text));
            let time = ["_at\":", "\"time_to_first_token\":"].into_iter().find(|name| rest.starts_with(name));
            if id.is_some() {
                kept.push_str("ID");
                rest = &rest[36..];
            } else if let Some(name) = time {
                let value = &rest[name.len()..];
                kept.push_str(name);
                kept.push_str(if value.starts_with(' ') { " TIME" } else { "TIME" });
                rest = value.trim_start_matches(|c: char| c == ' ' || c == '.' || c.is_ascii_digit());
            } else {
                kept.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        self.body = kept;
        self
    }
}

/// Sends a request and reads one answer, after which the connection must hold nothing more.
async fn ask(stream: &mut TcpStream, request: &[u8]) -> Answer {
    let exchange = async {
        stream.write_all(request).await.expect("the request can be sent");
        let mut bytes = Vec::new();
        loop {
            if let Some((answer, size)) = Answer::read(&bytes) {
                assert_eq!(
                    size,
                    bytes.len(),
                    "bytes after the response: {:?}",
                    String::from_utf8_lossy(&bytes[size..])
                );
                return answer;
            }
            let read = stream.read_buf(&mut bytes).await.expect("the response can be read");
            assert!(read > 0, "closed after {:?}", String::from_utf8_lossy(&bytes));
        }
    };
    tokio::time::timeout(Duration::from_secs(30), exchange).await.expect("a response")
}

fn request(method: &str, target: &str, body: &str) -> Vec<u8> {
    let key = keys().chat;
    let length = body.len();
    format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

async fn replay(scene: &Scene) {
    let conversations = scene.conversation.map(|(id, user)| Seed {
        id: Uuid::try_parse(id).expect("a UUID"),
        app: App::Chat,
        user: user.to_owned(),
        query: "hi".to_owned(),
    });
    let options = Options { keys: keys(), conversations: conversations.into_iter().collect(), ..Options::default() };
    let server = Server::start(options).await.expect("a server");
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).await.expect("a connection");
    let mut there = true;
    match (&scene.before, scene.conversation) {
        (Before::Recording(name), _) => {
            let answer = ask(&mut stream, &recording(name).0).await;
            there = answer.status() != "204";
        }
        (Before::Deletion, Some((id, user))) => {
            let body = format!("{{\"user\":\"{user}\"}}");
            let answer = ask(&mut stream, &request("DELETE", &format!("/v1/conversations/{id}"), &body)).await;
            assert_eq!(answer.status(), "204");
            there = false;
        }
        _ => {}
    }

    let (sent, recorded) = recording(scene.name);
    let (recorded, size) = Answer::read(&recorded).filter(|(_, size)| *size == recorded.len()).expect("one response");
    assert!(size > 0);
    let named: Vec<&str> = scene.conversation.iter().map(|(id, _)| *id).chain([NIL]).collect();
    let recorded = recorded.without_what_was_made(&named);
    let answer = ask(&mut stream, &sent).await.without_what_was_made(&named);
    assert_eq!(answer, recorded, "{}", scene.name);

    // The same connection goes on, so nothing of the answer was left in it.
    if let Some((id, user)) = scene.conversation {
        let target = format!("/v1/messages?user={user}&conversation_id={id}");
        let looked = ask(&mut stream, &request("GET", &target, "")).await;
        let expected = if there && recorded.status() != "204" { "200" } else { "404" };
        assert_eq!(looked.status(), expected, "{}: whether the conversation is there", scene.name);
    } else {
        assert_eq!(ask(&mut stream, &request("GET", "/v1/info", "")).await.status(), "200", "{}", scene.name);
    }
    server.shutdown().await;
}

const NIL: &str = "00000000-0000-0000-0000-000000000000";

#[tokio::test]
async fn the_reference_answers_as_recorded() {
    for scene in SCENES {
        replay(scene).await;
    }
}

#[test]
fn every_recording_is_replayed_once() {
    let listed: Vec<String> = SCENES.iter().map(|scene| format!("{}.http", scene.name)).collect();
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .expect("the folder can be read")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name != "README.md")
        .collect();
    files.sort();
    assert_eq!(listed, files);
}
