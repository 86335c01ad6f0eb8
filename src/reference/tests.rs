//! What the recordings do not show: releases, users, connections, and two at once.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use uuid::Uuid;

use super::store::Store;
use super::{App, RELEASES, ReferenceOptions, ReferenceServer, Release, SERVES, serves};

/// A status and a body.
type Answer = (u16, String);

async fn connect(server: &ReferenceServer) -> TcpStream {
    TcpStream::connect(("127.0.0.1", server.port())).await.expect("a connection")
}

/// Reads until the server closes, or for far longer than any test takes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await;
    read.expect("the server closes").expect("readable");
    String::from_utf8(bytes).expect("text")
}

async fn ask(server: &ReferenceServer, method: &str, target: &str, key: &str, body: &str) -> Answer {
    let mut stream = connect(server).await;
    let length = body.len();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let answer = rest(&mut stream).await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains("Connection: close"), "{head}");
    (head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status"), body.to_owned())
}

async fn make(server: &ReferenceServer, key: &str, user: &Value) -> String {
    let body = json!({"inputs": {}, "query": "hello", "user": user, "response_mode": "blocking"}).to_string();
    let (status, body) = ask(server, "POST", "/v1/chat-messages", key, &body).await;
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    body["conversation_id"].as_str().expect("an id").to_owned()
}

async fn delete(server: &ReferenceServer, key: &str, id: &str, user: &Value) -> Answer {
    ask(server, "DELETE", &format!("/v1/conversations/{id}"), key, &json!({"user": user}).to_string()).await
}

async fn there(server: &ReferenceServer, key: &str, id: &str, user: &str) -> bool {
    let target = format!("/v1/messages?conversation_id={id}&user={user}");
    match ask(server, "GET", &target, key, "").await.0 {
        200 => true,
        404 => false,
        other => panic!("{other}"),
    }
}

async fn of_release(release: &'static Release) -> ReferenceServer {
    ReferenceServer::start(ReferenceOptions { release, ..ReferenceOptions::default() }).await.expect("a server")
}

#[tokio::test]
async fn every_release_deletes_and_answers_as_its_row_says() {
    for release in RELEASES {
        let server = of_release(release).await;
        let [chat, completion, other] = [server.keys.chat.as_str(), &server.keys.completion, &server.keys.other_chat];
        let version = release.version;
        let accepted = (release.status, release.body.map(|body| format!("{body}\n")).unwrap_or_default());
        let missing = if release.looks_first { 404 } else { accepted.0 };

        let id = make(&server, chat, &json!("ann")).await;
        assert_eq!(delete(&server, completion, &id, &json!("ann")).await.0, 400, "{version}: wrong mode");
        assert_eq!(delete(&server, "app-none", &id, &json!("ann")).await.0, 401, "{version}: wrong key");
        assert!(there(&server, chat, &id, "ann").await, "{version}");
        assert_eq!(delete(&server, chat, &id, &json!("ann")).await, accepted, "{version}: the owner");
        assert!(!there(&server, chat, &id, "ann").await, "{version}");
        assert_eq!(delete(&server, chat, &id, &json!("ann")).await.0, missing, "{version}: again");

        for (key, user) in [(chat, "bob"), (other, "ann")] {
            let id = make(&server, chat, &json!("ann")).await;
            assert_eq!(delete(&server, key, &id, &json!(user)).await.0, missing, "{version}: {user}");
            assert_eq!(there(&server, chat, &id, "ann").await, release.looks_first, "{version}: {user}");
        }
        assert_eq!(delete(&server, chat, "no-uuid", &json!("ann")).await.0, 404, "{version}: no UUID");
    }
}

#[tokio::test]
async fn a_request_without_a_user_is_of_the_default_user() {
    let server = of_release(Release::newest()).await;
    let key = &server.keys.chat;
    let text = |body: Value| body.to_string();
    for nobody in [json!({}), json!({"user": null}), json!({"user": ""}), json!({"user": 7}), json!({"user": ["x"]})] {
        let id = make(&server, key, &json!("DEFAULT-USER")).await;
        let target = format!("/v1/conversations/{id}");
        assert_eq!(ask(&server, "DELETE", &target, key, &text(nobody.clone())).await.0, 204, "{nobody}");
    }
    let list = ask(&server, "GET", "/v1/conversations", key, "").await;
    assert_eq!(list, (200, "{\"limit\":20,\"has_more\":false,\"data\":[]}\n".to_owned()));
}

#[tokio::test]
async fn a_conversation_goes_on_and_its_messages_are_listed_in_order() {
    let server = of_release(Release::newest()).await;
    let key = &server.keys.chat;
    let id = make(&server, key, &json!("ann")).await;
    let next =
        json!({"inputs": {}, "query": "more", "user": "ann", "response_mode": "blocking", "conversation_id": id});
    assert_eq!(ask(&server, "POST", "/v1/chat-messages", key, &next.to_string()).await.0, 200);
    let (_, body) = ask(&server, "GET", &format!("/v1/messages?user=ann&conversation_id={id}"), key, "").await;
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let queries: Vec<&Value> = body["data"].as_array().expect("a list").iter().map(|row| &row["query"]).collect();
    assert_eq!(queries, ["hello", "more"]);
    assert_eq!(body["data"][1]["parent_message_id"], body["data"][0]["id"]);
}

#[tokio::test]
async fn of_many_deletions_at_once_exactly_one_is_accepted() {
    let server = of_release(Release::newest()).await;
    let id = make(&server, &server.keys.chat, &json!("ann")).await;
    let user = json!("ann");
    let one = || delete(&server, &server.keys.chat, &id, &user);
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    let mut statuses = [a.0, b.0, c.0, d.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 404, 404, 404]);
}

/// The conversations that four first requests of a user at once make, and of which of them it is that user's.
async fn made_at_once(server: &ReferenceServer, user: &str) -> (Vec<String>, Vec<bool>) {
    let (key, name) = (server.keys.chat.as_str(), json!(user));
    let one = || make(server, key, &name);
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    let ids = vec![a, b, c, d];
    let mut found = Vec::new();
    for id in &ids {
        found.push(there(server, key, id, user).await);
    }
    (ids, found)
}

#[tokio::test]
async fn what_several_first_requests_of_a_user_make_is_found_once() {
    for release in RELEASES {
        let gap = Some(Duration::from_millis(50));
        let server = ReferenceServer::start(ReferenceOptions { release, user_gap: gap, ..ReferenceOptions::default() })
            .await
            .expect("a server");
        let key = &server.keys.chat;
        let (ids, found) = made_at_once(&server, "ann").await;
        assert_eq!(found.iter().filter(|found| **found).count(), 1, "{}: {found:?}", release.version);
        for (id, found) in ids.iter().zip(found) {
            let accepted = if found || !release.looks_first { release.status } else { 404 };
            assert_eq!(delete(&server, key, id, &json!("ann")).await.0, accepted, "{}", release.version);
        }
        // After one request there is one user, and every other finds it.
        let (status, _) = ask(&server, "GET", "/v1/conversations?user=bob", key, "").await;
        assert_eq!(status, 200);
        assert_eq!(made_at_once(&server, "bob").await.1, [true; 4], "{}", release.version);
    }
}

#[tokio::test]
async fn without_a_gap_a_user_is_one_row_whatever_comes_at_once() {
    let server = ReferenceServer::start(ReferenceOptions { user_gap: None, ..ReferenceOptions::default() })
        .await
        .expect("a server");
    assert_eq!(made_at_once(&server, "ann").await.1, [true; 4]);
}

#[test]
fn what_belongs_to_another_row_of_the_name_is_there_and_found_by_nobody() {
    let store = Store::new();
    let (first, second) = (store.make_user(App::Chat, "ann"), store.make_user(App::Chat, "ann"));
    assert_eq!(store.user(App::Chat, "ann"), Some(first));
    assert_eq!(store.user(App::OtherChat, "ann"), None);
    let id = Uuid::new_v4();
    store.open(id, second, "hello".to_owned(), Map::new());
    assert!(!store.has(id, first) && store.messages(id, first, 20).is_none() && !store.delete(id, Some(first)));
    assert!(store.has(id, second) && store.delete(id, None));
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_one_that_waits_for_an_answer_is_not() {
    let options = ReferenceOptions {
        idle: Some(Duration::from_millis(50)),
        making: Duration::from_millis(400),
        ..ReferenceOptions::default()
    };
    let server = ReferenceServer::start(options).await.expect("a server");
    make(&server, &server.keys.chat, &json!("ann")).await;

    let mut silent = connect(&server).await;
    assert_eq!(rest(&mut silent).await, "");

    let mut used = connect(&server).await;
    used.write_all(b"GET /v1/none HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
    let answer = rest(&mut used).await;
    assert!(answer.starts_with("HTTP/1.1 404 NOT FOUND\r\n") && answer.ends_with("again.</p>\n"), "{answer}");
    assert!(answer.contains("Connection: keep-alive"), "{answer}");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let server = of_release(Release::newest()).await;
    let mut stream = connect(&server).await;
    let key = &server.keys.chat;
    let head = format!(
        "POST /v1/chat-messages HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {key}\r\nContent-Length: 99999999\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = vec![0; 12];
    stream.write_all(&vec![b' '; (1 << 20) + 1]).await.expect("sent");
    stream.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 413");
}

#[tokio::test]
async fn a_stopped_server_frees_its_port_and_a_taken_one_is_an_error() {
    let server = of_release(Release::newest()).await;
    let port = server.port();
    assert_eq!(server.base_url(), format!("http://127.0.0.1:{port}/v1"));
    let taken = ReferenceServer::start(ReferenceOptions { port, ..ReferenceOptions::default() }).await;
    assert_eq!(taken.map(|_| ()).map_err(|error| error.kind()), Err(std::io::ErrorKind::AddrInUse));
    server.shutdown().await;
    ReferenceServer::start(ReferenceOptions { port, ..ReferenceOptions::default() })
        .await
        .expect("the port is free again");
}

#[test]
fn keys_are_new_at_every_start_and_never_shown() {
    let (one, two) = (ReferenceOptions::default(), ReferenceOptions::default());
    assert_ne!(one.keys, two.keys);
    assert!(one.keys.chat.starts_with("app-") && one.keys.chat.len() >= 24);
    assert!(!format!("{one:?}").contains("app-"));
}

#[test]
fn it_says_which_operations_it_serves() {
    for (method, path) in [("DELETE", "/conversations/{conversation_id}"), ("DELETE", "/conversations/{id}")] {
        assert!(serves(method, path), "{method} {path}");
    }
    for (method, path) in [
        ("DELETE", "/conversations"),
        ("GET", "/conversations/{conversation_id}"),
        ("DELETE", "/conversations/{conversation_id}/name"),
        ("DELETE", "/queues/{queue}/jobs/{job}"),
        ("NO METHOD", "/conversations/{conversation_id}"),
    ] {
        assert!(!serves(method, path), "{method} {path}");
    }
    let (method, path) = SERVES.split_once(" of ").and_then(|(what, _)| what.split_once(' ')).expect("it names one");
    assert!(serves(method, path));
}
