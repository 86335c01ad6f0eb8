//! Requests that are not judged follow no redirect, are never repeated, and always end.

#[path = "support/scripted.rs"]
mod scripted;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conformant::exchange::{End, Exchange, Framing, Limits, Protocol, Stage, Wait};
use conformant::secret::Secrets;
use conformant::suite::Rendered;
use conformant::transport::{Client, ClientOptions, Failure};
use scripted::{Scripted, client, ends, patient, read_request, request};
use tokio::io::AsyncWriteExt as _;

fn call(client: &Client, method: &str, path: &str) -> Rendered {
    Rendered { judged: false, ..request(client, method, path) }
}

/// Stages one POST at a server that answers with these bytes and closes.
async fn send_call(answer: &'static [u8], options: ClientOptions) -> Exchange {
    let server = Scripted::start(move |mut socket, _| async move {
        read_request(&mut socket).await;
        let _ = socket.write_all(answer).await;
    })
    .await;
    let client = server.client(options);
    ends(client.send_call(&call(&client, "POST", "/make"))).await.expect("an exchange")
}

#[tokio::test]
async fn a_response_is_kept_as_it_came() {
    let raw = b"HTTP/1.1 201 Made\r\nContent-Type: application/json\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 8\r\n\r\n{\"id\":1}";
    let exchange = send_call(raw, patient()).await;
    let answer = &exchange.answer;
    assert_eq!((answer.status(), answer.protocol, &answer.end), (Some(201), Protocol::Library, &End::Complete));
    assert_eq!(answer.body, b"{\"id\":1}");
    assert_eq!(answer.value("content-type").as_deref(), Some("application/json"));
    assert_eq!(answer.values("Set-Cookie").collect::<Vec<_>>(), ["a", "b"]);
    let head = answer.head.as_ref().expect("a head");
    assert_eq!(&answer.raw[head.range.end..], b"{\"id\":1}");
    assert!(answer.raw.starts_with(b"HTTP/1.1 201 "));
    assert_eq!(exchange.request.target, "/make");
    let bodiless = send_call(b"HTTP/1.1 204 No Content\r\n\r\n", patient()).await.answer;
    assert_eq!((bodiless.status(), bodiless.framing), (Some(204), Framing::Bodiless));
}

#[tokio::test]
async fn the_request_is_sent_as_given() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let server = Scripted::start(move |mut socket, _| {
        let sender = sender.clone();
        async move {
            let bytes = read_request(&mut socket).await.unwrap_or_default();
            let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
            let _ = socket.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        }
    })
    .await;
    let options = ClientOptions { fields: vec![("X-Env".to_owned(), "staging".to_owned())], ..patient() };
    let client = server.client(options);
    let mut rendered = call(&client, "POST", "/a%20b?user=x%2By&q=");
    rendered.request.fields = vec![
        ("Authorization".to_owned(), "Bearer x".to_owned()),
        ("Content-Type".to_owned(), "application/json".to_owned()),
    ];
    rendered.request.body = Some(b"{}".to_vec());
    ends(client.send_call(&rendered)).await.expect("an exchange");
    let sent = receiver.recv().await.expect("a request");
    let lower = sent.to_ascii_lowercase();
    assert!(sent.starts_with("POST /a%20b?user=x%2By&q= HTTP/1.1\r\n"), "{sent}");
    for line in [
        "authorization: bearer x\r\n",
        "content-type: application/json\r\n",
        "x-env: staging\r\n",
        "user-agent: conformant/",
        "accept: */*\r\n",
        "accept-encoding: identity\r\n",
        "content-length: 2\r\n",
    ] {
        assert_eq!(lower.matches(line).count(), 1, "{line} in {sent}");
    }
    assert!(sent.ends_with("\r\n\r\n{}"), "{sent}");
}

#[tokio::test]
async fn redirects_are_answers() {
    let answer =
        send_call(b"HTTP/1.1 307 Elsewhere\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", patient()).await.answer;
    assert_eq!(answer.status(), Some(307));
    assert_eq!(answer.value("location").as_deref(), Some("/other"));
}

#[tokio::test]
async fn a_request_without_an_answer_is_not_repeated() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = Scripted::start(move |mut socket, _| {
        let count = Arc::clone(&count);
        async move {
            read_request(&mut socket).await;
            count.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let client = server.client(patient());
    let exchange = ends(client.send_call(&call(&client, "POST", "/make"))).await.expect("an exchange");
    assert!(exchange.answer.head.is_none());
    assert_ne!(exchange.answer.end, End::Complete);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn cut_silent_and_malformed_answers_end() {
    let cut = send_call(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", patient()).await.answer;
    assert_eq!((cut.status(), &cut.body[..]), (Some(200), &b"half"[..]));
    assert!(matches!(cut.end, End::Closed(Stage::Body) | End::Broken(Stage::Body, _)), "{:?}", cut.end);
    let garbage = send_call(b"HTTP/9.9 what\r\n\r\n", patient()).await.answer;
    assert!(matches!(garbage.end, End::Broken(Stage::Head, _)), "{:?}", garbage.end);
    let server = Scripted::start(|mut socket, _| async move {
        read_request(&mut socket).await;
        std::future::pending::<()>().await;
    })
    .await;
    let client = server.client(ClientOptions { total: Duration::from_millis(200), ..patient() });
    let silent = ends(client.send_call(&call(&client, "POST", "/make"))).await.expect("an exchange").answer;
    assert!(matches!(silent.end, End::TimedOut(Stage::Nothing, Wait::Total(_))));
}

#[tokio::test]
async fn a_server_without_http_is_recognised_by_its_bytes() {
    // Some speak first, some when they are spoken to.
    for (first, after, who, begins) in [
        (&b"SSH-2.0-OpenSSH_9.6\r\n"[..], &b"Invalid\r\n"[..], "it is an SSH server", r"SSH-2.0-OpenSSH_9.6\r\n"),
        (b"\x4a\x00\x00\x00\x0a8.0.36\x00", b"", "it is a MySQL server", r"J\x00\x00\x00\n8.0.36\x00"),
        (b"", b"\x15\x03\x01\x00\x02\x02\x46", "it speaks TLS", r"\x15\x03\x01\x00\x02\x02F"),
        (b"", b"-ERR unknown command `GET`\r\n", "it is a Redis or POP3 server", "-ERR unknown"),
        (b"", b"hello, secret-of-the-client\r\n", "it says something else", "hello, ***"),
    ] {
        let server = Scripted::start(move |mut socket, _| async move {
            let _ = socket.write_all(first).await;
            read_request(&mut socket).await;
            let _ = socket.write_all(after).await;
            let _ = socket.shutdown().await;
        })
        .await;
        let mut secrets = Secrets::none();
        secrets.add("KEY", "secret-of-the-client");
        let client = client(&format!("http://127.0.0.1:{}", server.port), patient(), &secrets);
        let failure = ends(client.send_call(&call(&client, "POST", "/make"))).await.expect_err(who);
        let Failure::NotHttp { asked, .. } = &failure else { panic!("{who}: {failure:?}") };
        let told = failure.to_string();
        assert!(told.starts_with(&format!("{asked} does not speak HTTP: {who}, and begins with \"{begins}")), "{told}");
        assert!(!told.contains("secret-of") && !told.chars().any(char::is_control) && told.len() < 500, "{told}");
        assert!(!failure.may_pass() && failure.help().is_some());
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_limit() {
    let server = Scripted::start(|mut socket, _| async move {
        read_request(&mut socket).await;
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while socket.write_all(&[b'x'; 10_000]).await.is_ok() {}
    })
    .await;
    let limits = Limits { head: 4096, body: 50_000 };
    let client = server.client(ClientOptions { limits, ..patient() });
    let answer = ends(client.send_call(&call(&client, "POST", "/make"))).await.expect("an exchange").answer;
    assert_eq!((answer.end, answer.body.len(), answer.body_size), (End::Limit, 50_000, 50_000));
}

#[tokio::test]
async fn a_target_that_a_url_would_change_is_not_sent() {
    let server = Scripted::start(|_, _| async {}).await;
    let client = server.client(patient());
    for path in ["/a/../b", "/a/%2e%2e/b", "/a\\b", "/a#b"] {
        let failure = ends(client.send_call(&call(&client, "GET", path))).await.expect_err(path);
        assert!(matches!(failure, Failure::Guarded(_)), "{failure:?}");
    }
    assert_eq!(server.connections(), 0);
}
