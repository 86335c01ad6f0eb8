//! Connections are reused only when this is safe, and a failure to connect names the address.

#[path = "support/scripted.rs"]
mod scripted;

use std::sync::Arc;
use std::time::Duration;

use conformant::exchange::{End, Stage};
use conformant::secret::Secrets;
use conformant::transport::{ClientOptions, Failure};
use scripted::{Scripted, client, ends, patient, read_request, request, send};
use tokio::sync::Notify;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A server that answers every request on a connection with the same bytes.
async fn steady(answer: &'static [u8]) -> Scripted {
    Scripted::start(move |mut socket, _| async move {
        while read_request(&mut socket).await.is_some() {
            send(&mut socket, &[answer]).await;
        }
    })
    .await
}

/// Waits for no late bytes, so that a connection is used again at once.
fn at_once() -> ClientOptions {
    ClientOptions { linger: Duration::ZERO, ..patient() }
}

/// Asks twice; says whether the second request went over the connection of the first.
async fn asks_again_on_the_same(answer: &'static [u8], options: ClientOptions) -> bool {
    let server = steady(answer).await;
    let client = server.client(options);
    let first = ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange");
    assert!(!first.reused);
    let second = ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange");
    assert_eq!(second.reused, server.connections() == 1);
    second.reused
}

#[tokio::test]
async fn a_quiet_bodiless_answer_leaves_the_connection_usable() {
    let options = ClientOptions { linger: Duration::from_millis(5), ..patient() };
    assert!(asks_again_on_the_same(b"HTTP/1.1 204 No Content\r\n\r\n", options.clone()).await);
    assert!(!asks_again_on_the_same(b"HTTP/1.1 204 No Content\r\n\r\nx", options.clone()).await);
    assert!(
        asks_again_on_the_same(b"HTTP/1.1 204 No Content\r\n\r\n", ClientOptions { linger: Duration::ZERO, ..options })
            .await
    );
}

#[tokio::test]
async fn after_a_body_a_connection_rests_before_it_is_used_again() {
    let server = steady(OK).await;
    let client = server.client(ClientOptions { linger: Duration::from_millis(200), ..patient() });
    let rendered = request(&client, "GET", "/x");
    for (wait, reused) in [(0, false), (0, false), (300, true)] {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        assert_eq!(ends(client.send_judged(&rendered)).await.expect("an exchange").reused, reused);
    }
}

#[tokio::test]
async fn only_sound_connections_are_used_again() {
    for answer in [
        OK,
        b"HTTP/1.1 404 Not Found\r\nconnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nno",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ] {
        assert!(asks_again_on_the_same(answer, at_once()).await, "{}", String::from_utf8_lossy(answer));
        let none = ClientOptions { pool_idle: Duration::ZERO, ..at_once() };
        assert!(!asks_again_on_the_same(answer, none).await);
    }
    for answer in [
        &b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"[..],
        b"HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        b"HTTP/2 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    ] {
        assert!(!asks_again_on_the_same(answer, at_once()).await, "{}", String::from_utf8_lossy(answer));
    }
}

#[tokio::test]
async fn a_request_that_asks_to_close_ends_its_connection() {
    let server = steady(OK).await;
    let client = server.client(at_once());
    let mut closing = request(&client, "GET", "/x");
    closing.request.fields.push(("connection".to_owned(), "Close".to_owned()));
    for _ in 0..2 {
        assert!(!ends(client.send_judged(&closing)).await.expect("an exchange").reused);
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_reused_connection_that_dies_is_reported() {
    let server = Scripted::start(|mut socket, _| async move {
        read_request(&mut socket).await;
        send(&mut socket, &[OK]).await;
        read_request(&mut socket).await;
    })
    .await;
    let client = server.client(at_once());
    let rendered = request(&client, "GET", "/x");
    assert_eq!(ends(client.send_judged(&rendered)).await.expect("an exchange").answer.end, End::Complete);
    let second = ends(client.send_judged(&rendered)).await.expect("an exchange");
    assert!(second.reused);
    assert_eq!(second.answer.end, End::Closed(Stage::Nothing));
    assert_eq!(server.connections(), 1, "nothing is sent again");
}

#[tokio::test]
async fn a_connection_that_ended_or_spoke_while_idle_is_not_used_again() {
    for words in [&b""[..], b"HTTP/1.1 408 Request Timeout\r\n\r\n"] {
        let done = Arc::new(Notify::new());
        let tell = Arc::clone(&done);
        let server = Scripted::start(move |mut socket, number| {
            let tell = Arc::clone(&tell);
            async move {
                read_request(&mut socket).await;
                send(&mut socket, &[OK]).await;
                if number == 0 {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    send(&mut socket, &[words]).await;
                    drop(socket);
                    tell.notify_one();
                }
            }
        })
        .await;
        let client = server.client(patient());
        let rendered = request(&client, "GET", "/x");
        ends(client.send_judged(&rendered)).await.expect("an exchange");
        ends(done.notified()).await;
        // One turn of the runtime, so that it hears of what the system knows.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let second = ends(client.send_judged(&rendered)).await.expect("an exchange");
        assert_eq!((second.reused, second.answer.status()), (false, Some(200)));
    }
}

#[tokio::test]
async fn many_tasks_share_one_client() {
    let server = steady(OK).await;
    let client = Arc::new(server.client(at_once()));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let client = Arc::clone(&client);
        tasks.spawn(async move {
            let rendered = request(&client, "GET", "/x");
            for _ in 0..25 {
                let exchange = client.send_judged(&rendered).await.expect("an exchange");
                assert_eq!((exchange.answer.status(), exchange.answer.end), (Some(200), End::Complete));
            }
        });
    }
    ends(async { while tasks.join_next().await.transpose().expect("no panic").is_some() {} }).await;
    assert!(server.connections() <= 64, "{}", server.connections());
    client.close().await;
    assert!(!ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange").reused);
}

#[tokio::test]
async fn reaching_leaves_no_connection_open() {
    let server = steady(OK).await;
    let client = server.client(patient());
    ends(client.reach()).await.expect("a server listens");
    let exchange = ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange");
    assert!(!exchange.reused, "it had carried nothing");
    assert_eq!(server.connections(), 2, "one to reach it, which is closed, and one to ask");
}

#[tokio::test]
async fn a_refused_connection_names_the_address() {
    let port = {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        listener.local_addr().expect("an address").port()
    };
    let client = client(&format!("http://127.0.0.1:{port}/v1"), patient(), &Secrets::none());
    let rendered = request(&client, "GET", "/x");
    for failure in [
        ends(client.send_judged(&rendered)).await.expect_err("nobody listens"),
        ends(client.send_call(&rendered)).await.expect_err("nobody listens"),
        ends(client.reach()).await.expect_err("nobody listens"),
    ] {
        assert!(matches!(failure, Failure::Refused { .. }), "{failure:?}");
        assert!(failure.to_string().contains(&format!("127.0.0.1:{port}")), "{failure}");
        assert!(failure.help().is_some());
    }
}

#[tokio::test]
async fn a_host_without_an_address_is_a_failure_that_names_it() {
    let client = client("http://nothing.invalid/v1", patient(), &Secrets::none());
    let rendered = request(&client, "GET", "/x");
    for failure in [
        ends(client.send_judged(&rendered)).await.expect_err("no address"),
        ends(client.send_call(&rendered)).await.expect_err("no address"),
    ] {
        assert!(matches!(failure, Failure::Unresolved { .. }), "{failure:?}");
        assert!(failure.to_string().contains("nothing.invalid"), "{failure}");
    }
}

#[tokio::test]
async fn every_address_of_a_name_is_tried() {
    let server = steady(OK).await;
    let client = client(&format!("http://localhost:{}", server.port), patient(), &Secrets::none());
    let rendered = request(&client, "GET", "/x");
    assert_eq!(ends(client.send_judged(&rendered)).await.expect("an exchange").answer.status(), Some(200));
    assert_eq!(ends(client.send_call(&rendered)).await.expect("an exchange").answer.status(), Some(200));
}

#[tokio::test]
async fn secrets_are_masked_and_repeated_ones_are_reported() {
    let server = steady(
        b"HTTP/1.1 200 OK\r\nSet-Cookie: key=secret-key-0000001\r\nContent-Length: 24\r\n\r\n{\"k\":\"secret-key-0000001\"",
    )
    .await;
    let mut secrets = Secrets::none();
    secrets.add("chat_app", "secret-key-0000001");
    let client = client(&format!("http://127.0.0.1:{}", server.port), patient(), &secrets);
    let mut rendered = request(&client, "GET", "/x?key=secret-key-0000001");
    rendered.request.fields.push(("Authorization".to_owned(), "Bearer secret-key-0000001".to_owned()));
    for exchange in [
        ends(client.send_judged(&rendered)).await.expect("an exchange"),
        ends(client.send_call(&rendered)).await.expect("an exchange"),
    ] {
        assert_eq!(exchange.repeated_credentials, ["chat_app"]);
        let all = format!("{exchange:?}{}", String::from_utf8_lossy(&exchange.answer.raw));
        assert!(!all.contains("secret-key"), "{all}");
    }
    rendered.request.fields.push(("Host".to_owned(), "secret-key-0000001".to_owned()));
    let failure = ends(client.send_judged(&rendered)).await.expect_err("a refusal");
    assert!(!failure.to_string().contains("secret-key"), "{failure}");
}

#[tokio::test]
async fn the_guard_stops_both_kinds_of_requests() {
    let server = steady(OK).await;
    let client = server.client(patient());
    let mut foreign = request(&client, "DELETE", "/things/7");
    foreign.template = "/things/{id}".to_owned();
    foreign.path_values = vec![("id".to_owned(), "7".to_owned())];
    let mut call = request(&client, "DELETE", "/things/7");
    call.judged = false;
    let mut elsewhere = request(&client, "GET", "/x");
    elsewhere.request.origin = "http://127.0.0.1:1".to_owned();
    let mut outside = request(&client, "GET", "/v1/x");
    outside.base_path = "/v1".to_owned();
    for rendered in [&foreign, &call, &elsewhere, &outside] {
        for failure in [client.send_judged(rendered).await, client.send_call(rendered).await] {
            assert!(matches!(failure, Err(Failure::Guarded(_))), "{failure:?}");
        }
    }
    assert_eq!(server.connections(), 0, "nothing was sent");
}
