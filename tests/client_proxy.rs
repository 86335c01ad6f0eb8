//! Requests go through a proxy as they should, and a failure of the proxy is not blamed on the target.

#[path = "support/scripted.rs"]
mod scripted;
#[path = "support/tls.rs"]
mod tls;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use conformant::secret::Secrets;
use conformant::transport::{Client, ClientOptions, Failure, Proxy};
use scripted::{Scripted, client, ends, patient, read_request, request};
use tls::{OK, acceptor, authority, root, server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a proxy was asked, head by head.
type Heads = Arc<Mutex<Vec<String>>>;

fn through(port: u16, login: &str) -> ClientOptions {
    let proxy = Proxy::parse(&format!("http://{login}127.0.0.1:{port}"), "HTTPS_PROXY").expect("a proxy");
    ClientOptions { proxy: Some(proxy), ..patient() }
}

/// A proxy that opens a tunnel to a port, whatever host it is asked for, and notes what it was asked.
async fn tunnel(to: u16, heads: Heads) -> Scripted {
    Scripted::start(move |mut socket, _| {
        let heads = Arc::clone(&heads);
        async move {
            let Some(head) = read_request(&mut socket).await else { return };
            heads.lock().expect("no panic").push(String::from_utf8(head).expect("text"));
            let mut target = TcpStream::connect(("127.0.0.1", to)).await.expect("the target");
            let _ = socket.write_all(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n").await;
            let _ = tokio::io::copy_bidirectional(&mut socket, &mut target).await;
        }
    })
    .await
}

/// A proxy that answers every request with these bytes and closes.
async fn answering(answer: &'static [u8]) -> Scripted {
    Scripted::start(move |mut socket, _| async move {
        if read_request(&mut socket).await.is_some() {
            let _ = socket.write_all(answer).await;
            let _ = socket.shutdown().await;
            let _ = socket.read(&mut [0; 1]).await;
        }
    })
    .await
}

/// What each way of asking fails with: by the judging client, by the staging client, by only connecting.
async fn failures(client: &Client) -> Vec<Failure> {
    let rendered = request(client, "GET", "/x");
    vec![
        ends(client.reach()).await.expect_err("no connection"),
        ends(client.send_judged(&rendered)).await.expect_err("no exchange"),
        ends(client.send_call(&rendered)).await.expect_err("no exchange"),
    ]
}

#[tokio::test]
async fn a_tls_target_is_asked_through_a_tunnel_by_a_name_that_only_the_proxy_knows() {
    let authority = authority("ours");
    let target = server(acceptor(&authority, "staging.invalid", (2020, 2120)), OK, false).await;
    let heads = Heads::default();
    let proxy = tunnel(target.port, Arc::clone(&heads)).await;
    let roots = Some(vec![root(&authority)]);
    // No rest between two requests: the second finds the connection of the first.
    let options = ClientOptions { roots, linger: Duration::ZERO, ..through(proxy.port, "me:hunter22@") };
    let client = client("https://staging.invalid/v1", options, &Secrets::none());
    let rendered = request(&client, "GET", "/x");
    ends(client.reach()).await.expect("a tunnel");
    for reused in [false, true] {
        let exchange = ends(client.send_judged(&rendered)).await.expect("an exchange");
        assert_eq!((exchange.answer.status(), exchange.reused), (Some(200), reused));
    }
    let staged = ends(client.send_call(&rendered)).await.expect("an exchange");
    assert_eq!((staged.answer.status(), &staged.answer.body[..]), (Some(200), &b"ok"[..]));
    let heads = heads.lock().expect("no panic");
    assert_eq!(heads.len(), 3, "one tunnel to reach it, one for the judged requests, one for the staged: {heads:?}");
    for head in heads.iter() {
        assert!(head.starts_with("CONNECT staging.invalid:443 HTTP/1.1\r\n"), "{head}");
        let lower = head.to_ascii_lowercase();
        assert!(lower.contains("\r\nhost: staging.invalid:443\r\n"), "{head}");
        assert!(lower.contains("\r\nproxy-authorization: basic bwu6ahvudgvymji=\r\n"), "{head}");
        assert!(!lower.contains("\r\nauthorization:"), "{head}");
    }
}

#[tokio::test]
async fn a_plain_target_is_asked_for_by_its_whole_url() {
    let heads = Heads::default();
    let noted = Arc::clone(&heads);
    let proxy = Scripted::start(move |mut socket, _| {
        let heads = Arc::clone(&noted);
        async move {
            while let Some(head) = read_request(&mut socket).await {
                heads.lock().expect("no panic").push(String::from_utf8(head).expect("text"));
                let _ = socket.write_all(OK).await;
            }
        }
    })
    .await;
    let client = client("http://staging.invalid:8080/v1", through(proxy.port, "me:hunter22@"), &Secrets::none());
    let rendered = request(&client, "GET", "/x?a=b");
    for asked in [ends(client.send_judged(&rendered)).await, ends(client.send_call(&rendered)).await] {
        let exchange = asked.expect("an exchange");
        assert_eq!(exchange.answer.status(), Some(200));
        assert!(!format!("{exchange:?}").contains("hunter22"), "what is the proxy's is not the request's");
    }
    for head in heads.lock().expect("no panic").iter() {
        assert!(head.starts_with("GET http://staging.invalid:8080/v1/x?a=b HTTP/1.1\r\n"), "{head}");
        let lower = head.to_ascii_lowercase();
        assert!(lower.contains("\r\nhost: staging.invalid:8080\r\n"), "{head}");
        assert!(lower.contains("\r\nproxy-authorization: basic bwu6ahvudgvymji=\r\n"), "{head}");
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_a_tunnel_is_named_with_its_answer() {
    let cases: [(&'static [u8], &str, &str, &str); 8] = [
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
            "",
            "requires a login (407 Proxy Authentication Required)",
            "put it into HTTPS_PROXY: http://user:password@127.0.0.1:",
        ),
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
            "me:hunter22@",
            "does not accept the user and password",
            "correct them in HTTPS_PROXY",
        ),
        (
            b"HTTP/1.1 403 Forbidden\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\nContent-Length: 5\r\n\r\nno no",
            "",
            "answered 403 Forbidden when asked for a tunnel to staging.invalid:443, ERR_ACCESS_DENIED 0",
            "must allow a tunnel to staging.invalid:443",
        ),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "", "answered 502 Bad Gateway", "check the host in the base URL"),
        (b"HTTP/1.0 200 OK\r\n\r\nsurprise", "", "opened it and sent something of its own", "NO_PROXY"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "", "something that is not HTTP", "correct HTTPS_PROXY"),
        (b"HTTP/1.1 2", "", "ended the connection without a response", "NO_PROXY"),
        (b"", "", "ended the connection without a response", "NO_PROXY"),
    ];
    for (answer, login, why, help) in cases {
        let proxy = answering(answer).await;
        let client = client("https://staging.invalid", through(proxy.port, login), &Secrets::none());
        for (index, failure) in failures(&client).await.into_iter().enumerate() {
            let text = failure.to_string();
            let named = format!("the proxy http://127.0.0.1:{} (HTTPS_PROXY) ", proxy.port);
            assert!(matches!(failure, Failure::Proxy { .. }) && text.starts_with(&named), "{text}");
            assert!(!text.contains("hunter22"), "{text}");
            // The library of the staged requests keeps to itself what the proxy said.
            if index < 2 {
                assert!(text.contains(why), "{text}");
                assert!(failure.help().is_some_and(|told| told.contains(help)), "{failure:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_proxy_that_cannot_be_reached_is_not_taken_for_the_target() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = free.local_addr().expect("its address").port();
    drop(free);
    for base in ["https://staging.invalid", "http://staging.invalid"] {
        let client = client(base, through(port, ""), &Secrets::none());
        for failure in failures(&client).await {
            let text = failure.to_string();
            assert!(text.contains("the proxy http://127.0.0.1:") && text.contains("nothing listens there"), "{text}");
            assert!(failure.help().is_some_and(|help| help.contains("NO_PROXY")), "{failure:?}");
        }
    }
    let proxy = Proxy::parse("http://no-such-proxy.invalid:1", "ALL_PROXY").expect("a proxy");
    let options = ClientOptions { proxy: Some(proxy), ..patient() };
    let client = client("https://staging.invalid", options, &Secrets::none());
    for failure in failures(&client).await {
        let text = failure.to_string();
        assert!(text.contains("(ALL_PROXY) has a host without an address"), "{text}");
    }
}

#[tokio::test]
async fn a_proxy_that_wants_a_login_for_a_plain_target_is_named() {
    let proxy = answering(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n").await;
    let client = client("http://staging.invalid", through(proxy.port, ""), &Secrets::none());
    let rendered = request(&client, "GET", "/x");
    for failure in [
        ends(client.send_judged(&rendered)).await.expect_err("no exchange"),
        ends(client.send_call(&rendered)).await.expect_err("no exchange"),
    ] {
        let text = failure.to_string();
        assert!(text.contains("(HTTPS_PROXY) requires a login (407 Proxy Authentication Required)"), "{text}");
    }
}

#[tokio::test]
async fn a_gateway_error_is_blamed_on_the_proxy_unless_it_was_forwarded() {
    let own = answering(b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno").await;
    let client_of = |port| client("http://staging.invalid", through(port, ""), &Secrets::none());
    let asking = client_of(own.port);
    let failure = ends(asking.send_judged(&request(&asking, "GET", "/x"))).await.expect_err("no exchange");
    let text = failure.to_string();
    assert!(text.contains("answered 502 Bad Gateway when asked for staging.invalid:80"), "{text}");
    for answer in [
        &b"HTTP/1.1 502 Bad Gateway\r\nVia: 1.1 proxy\r\nContent-Length: 2\r\n\r\nno"[..],
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno",
    ] {
        let passed_on = answering(answer).await;
        let asking = client_of(passed_on.port);
        ends(asking.send_judged(&request(&asking, "GET", "/x"))).await.expect("a response of the API");
    }
}

#[tokio::test]
async fn the_wait_for_a_silent_proxy_ends() {
    let proxy = Scripted::start(|socket, _| async move {
        let _kept = socket;
        std::future::pending::<()>().await;
    })
    .await;
    let options = ClientOptions { connect: Duration::from_millis(300), ..through(proxy.port, "") };
    let client = client("https://staging.invalid", options, &Secrets::none());
    let failures = failures(&client).await;
    assert!(failures[0].to_string().contains("did not answer in time"), "{:?}", failures[0]);
    assert!(matches!(failures[2], Failure::Proxy { .. }), "{:?}", failures[2]);
}
