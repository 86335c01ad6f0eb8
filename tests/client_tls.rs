//! The client trusts the right servers, and a failure of TLS names its cause.

#[path = "support/scripted.rs"]
mod scripted;
#[path = "support/tls.rs"]
mod tls;

use std::time::Duration;

use conformant::exchange::End;
use conformant::secret::Secrets;
use conformant::transport::{ClientOptions, Failure};
use scripted::{Scripted, client, ends, patient, read_request, request};
use tls::{Authority, OK, acceptor, authority, certified, root, server};
use tokio::io::AsyncWriteExt as _;

fn options(roots: &[&Authority]) -> ClientOptions {
    ClientOptions { roots: Some(roots.iter().map(|authority| root(authority)).collect()), ..patient() }
}

#[tokio::test]
async fn a_trusted_server_answers_both_kinds_of_requests_on_kept_connections() {
    let authority = authority("ours");
    for name in ["localhost", "127.0.0.1"] {
        let server = server(acceptor(&authority, name, (2020, 2120)), OK, false).await;
        let at_once = ClientOptions { linger: Duration::ZERO, ..options(&[&authority]) };
        let client = client(&format!("https://{name}:{}", server.port), at_once, &Secrets::none());
        let rendered = request(&client, "GET", "/x");
        for reused in [false, true, true] {
            let exchange = ends(client.send_judged(&rendered)).await.expect("an exchange");
            assert_eq!((exchange.answer.status(), exchange.reused), (Some(200), reused));
        }
        let staged = ends(client.send_call(&rendered)).await.expect("an exchange");
        assert_eq!((staged.answer.status(), &staged.answer.body[..]), (Some(200), &b"ok"[..]));
        ends(client.close()).await;
    }
}

#[tokio::test]
async fn late_bytes_and_abrupt_ends_are_seen_through_tls() {
    let authority = authority("ours");
    let name = "localhost";
    let options = ClientOptions { linger: Duration::from_secs(60), ..options(&[&authority]) };
    let surplus = server(acceptor(&authority, name, (2020, 2120)), b"HTTP/1.1 204 No Content\r\n\r\nmore", true).await;
    let asking = client(&format!("https://{name}:{}", surplus.port), options.clone(), &Secrets::none());
    let answer = ends(asking.send_judged(&request(&asking, "DELETE", "/no-such-x"))).await.expect("an exchange").answer;
    assert_eq!(answer.surplus.map(|surplus| surplus.bytes), Some(b"more".to_vec()));
    let open = server(acceptor(&authority, name, (2020, 2120)), b"HTTP/1.1 200 OK\r\n\r\nto the end", true).await;
    let asking = client(&format!("https://{name}:{}", open.port), options, &Secrets::none());
    let answer = ends(asking.send_judged(&request(&asking, "GET", "/x"))).await.expect("an exchange").answer;
    assert_eq!((&answer.body[..], answer.end), (&b"to the end"[..], End::Complete));
}

/// Asks on both ways, and checks that both fail over TLS for this reason.
async fn refuses(base: &str, options: ClientOptions, why: &str) {
    let client = client(base, options, &Secrets::none());
    let rendered = request(&client, "GET", "/x");
    for failure in [
        ends(client.send_judged(&rendered)).await.expect_err(why),
        ends(client.send_call(&rendered)).await.expect_err(why),
        ends(client.reach()).await.expect_err(why),
    ] {
        assert!(matches!(failure, Failure::Tls { .. }), "{failure:?}");
        let text = failure.to_string();
        assert!(text.contains(why) && text.contains(&base["https://".len()..]), "{text}");
    }
}

#[tokio::test]
async fn an_unknown_authority_is_reported() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let server = server(acceptor(&theirs, "localhost", (2020, 2120)), OK, false).await;
    let base = format!("https://localhost:{}", server.port);
    refuses(&base, options(&[&ours]), "authority that this machine does not trust").await;
    refuses(&base, options(&[]), "authority that this machine does not trust").await;
    refuses(&base, options(&[&authority("theirs")]), "not signed by the authority that it names").await;
}

#[tokio::test]
async fn a_certificate_for_another_name_is_reported() {
    let authority = authority("ours");
    let server = server(acceptor(&authority, "other.example", (2020, 2120)), OK, false).await;
    let base = format!("https://localhost:{}", server.port);
    refuses(&base, options(&[&authority]), "is for another name").await;
}

#[tokio::test]
async fn a_certificate_outside_its_validity_is_reported() {
    let authority = authority("ours");
    let expired = server(acceptor(&authority, "localhost", (2010, 2011)), OK, false).await;
    refuses(&format!("https://localhost:{}", expired.port), options(&[&authority]), "has expired").await;
    let early = server(acceptor(&authority, "localhost", (2110, 2120)), OK, false).await;
    refuses(&format!("https://localhost:{}", early.port), options(&[&authority]), "is not valid yet").await;
}

#[tokio::test]
async fn a_server_without_tls_is_reported() {
    let authority = authority("ours");
    let plain = Scripted::start(|mut socket, _| async move {
        let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        let _ = read_request(&mut socket).await;
    })
    .await;
    let base = format!("https://127.0.0.1:{}", plain.port);
    refuses(&base, options(&[&authority]), "something that is not TLS").await;
    let closing = Scripted::start(|_, _| async {}).await;
    refuses(&format!("https://127.0.0.1:{}", closing.port), options(&[&authority]), "TLS with").await;
}

#[tokio::test]
async fn the_wait_for_an_endless_handshake_ends() {
    let authority = authority("ours");
    let silent = Scripted::start(|socket, _| async move {
        let _kept = socket;
        std::future::pending::<()>().await;
    })
    .await;
    let options = ClientOptions { connect: Duration::from_millis(300), ..options(&[&authority]) };
    let client = client(&format!("https://127.0.0.1:{}", silent.port), options, &Secrets::none());
    let rendered = request(&client, "GET", "/x");
    let failure = ends(client.send_judged(&rendered)).await.expect_err("no handshake");
    assert!(matches!(failure, Failure::Tls { .. }), "{failure:?}");
    let failure = ends(client.send_call(&rendered)).await.expect_err("no handshake");
    assert!(matches!(failure, Failure::Tls { .. } | Failure::ConnectTimedOut { .. }), "{failure:?}");
}

/// What a person makes who wants a certificate in one command: it signs itself, and says that it is an authority.
#[tokio::test]
async fn an_authority_as_server_certificate_is_reported() {
    let itself = certified(&["localhost"], true);
    let server = server(itself.acceptor(), OK, false).await;
    let base = format!("https://localhost:{}", server.port);
    let options = |roots: &[_]| ClientOptions { roots: Some(roots.to_vec()), ..patient() };
    refuses(
        &base,
        options(std::slice::from_ref(&itself.certificate)),
        "is that of an authority, which cannot identify a server",
    )
    .await;
    let anybody = ClientOptions { insecure: true, ..patient() };
    let asking = client(&base, anybody, &Secrets::none());
    let rendered = request(&asking, "GET", "/x");
    assert_eq!(ends(asking.send_judged(&rendered)).await.expect("an exchange").answer.status(), Some(200));
    assert_eq!(ends(asking.send_call(&rendered)).await.expect("an exchange").answer.status(), Some(200));
    // One that signs itself and is no authority can be trusted by itself.
    let itself = certified(&["localhost"], false);
    let server = tls::server(itself.acceptor(), OK, false).await;
    let asking = client(
        &format!("https://localhost:{}", server.port),
        options(std::slice::from_ref(&itself.certificate)),
        &Secrets::none(),
    );
    let rendered = request(&asking, "GET", "/x");
    assert_eq!(ends(asking.send_judged(&rendered)).await.expect("an exchange").answer.status(), Some(200));
}
