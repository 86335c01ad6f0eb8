//! The client keeps every byte of a judged response, however a server misbehaves, and every wait ends. It takes about
//! 20 s on two cores.

#[path = "support/scripted.rs"]
mod scripted;

use std::time::Duration;

use conformant::exchange::{Answer, End, Exchange, FaultKind, Limits, Stage, Wait};
use conformant::transport::ClientOptions;
use scripted::{Scripted, ends, patient, read_request, request, send};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Reads until the client closes, so that closing here does not reset what was sent.
async fn until_closed(socket: &mut TcpStream) {
    let mut buffer = [0; 4096];
    while socket.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
}

/// Asks once a server that answers the first request with these pieces and then closes.
async fn ask(pieces: &[&'static [u8]], options: ClientOptions) -> Exchange {
    let pieces = pieces.to_vec();
    let server = Scripted::start(move |mut socket, _| {
        let pieces = pieces.clone();
        async move {
            read_request(&mut socket).await;
            send(&mut socket, &pieces).await;
        }
    })
    .await;
    let client = server.client(options);
    ends(client.send_judged(&request(&client, "DELETE", "/no-such-x"))).await.expect("an exchange")
}

/// Asks once a server that answers with these pieces and then keeps the connection open.
async fn ask_open(pieces: &[&'static [u8]], options: ClientOptions) -> Answer {
    let pieces = pieces.to_vec();
    let server = Scripted::start(move |mut socket, _| {
        let pieces = pieces.clone();
        async move {
            read_request(&mut socket).await;
            send(&mut socket, &pieces).await;
            until_closed(&mut socket).await;
        }
    })
    .await;
    let client = server.client(options);
    ends(client.send_judged(&request(&client, "DELETE", "/no-such-x"))).await.expect("an exchange").answer
}

#[tokio::test]
async fn requests_are_written_as_given() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let server = Scripted::start(move |mut socket, _| {
        let sender = sender.clone();
        async move {
            while let Some(bytes) = read_request(&mut socket).await {
                let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
                send(&mut socket, &[OK]).await;
            }
        }
    })
    .await;
    let port = server.port;
    let options = ClientOptions {
        user_agent: "tester/1".to_owned(),
        fields: vec![("X-Env".to_owned(), "staging".to_owned()), ("accept".to_owned(), "text/x".to_owned())],
        ..patient()
    };
    let client = server.client(options);
    let mut plain = request(&client, "DELETE", "/a%20b/no-such-x?c=d");
    ends(client.send_judged(&plain)).await.expect("an exchange");
    assert_eq!(
        receiver.recv().await.expect("a request"),
        format!(
            "DELETE /a%20b/no-such-x?c=d HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: tester/1\r\n\
             Accept-Encoding: identity\r\nX-Env: staging\r\naccept: text/x\r\n\r\n"
        )
    );
    plain.request.fields = vec![
        ("user-agent".to_owned(), "own".to_owned()),
        ("Accept".to_owned(), "own".to_owned()),
        ("ACCEPT-ENCODING".to_owned(), "own".to_owned()),
        ("x-env".to_owned(), "own".to_owned()),
    ];
    plain.request.body = Some(b"{}".to_vec());
    ends(client.send_judged(&plain)).await.expect("an exchange");
    assert_eq!(
        receiver.recv().await.expect("a request"),
        format!(
            "DELETE /a%20b/no-such-x?c=d HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nuser-agent: own\r\nAccept: own\r\n\
             ACCEPT-ENCODING: own\r\nx-env: own\r\nContent-Length: 2\r\n\r\n{{}}"
        )
    );
    ends(client.send_judged(&request(&client, "POST", "/p"))).await.expect("an exchange");
    let made = receiver.recv().await.expect("a request");
    assert!(made.ends_with("\r\nContent-Length: 0\r\n\r\n"), "{made}");
}

#[tokio::test]
async fn answers_come_back_whole_and_timed() {
    let exchange = ask(&[b"HTTP/1.1 20", b"0 OK\r\nX: y\r\nContent-Len", b"gth: 5\r\n\r\nhel", b"lo"], patient()).await;
    assert_eq!(exchange.answer.end, End::Complete);
    assert_eq!(exchange.answer.body, b"hello");
    assert_eq!(exchange.answer.faults, []);
    assert!(exchange.timing.first_byte.is_some_and(|first| first <= exchange.timing.total));
    let until_close = ask(&[b"HTTP/1.0 200 OK\r\n\r\nhello"], patient()).await.answer;
    assert_eq!((until_close.end, until_close.body), (End::Complete, b"hello".to_vec()));
}

#[tokio::test]
async fn interim_responses_are_kept_and_waited_behind() {
    let answer = ask(
        &[
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        ],
        patient(),
    )
    .await
    .answer;
    assert_eq!(answer.interim.iter().map(|head| head.status).collect::<Vec<_>>(), [100, 103]);
    assert_eq!((answer.status(), answer.end), (Some(200), End::Complete));
}

#[tokio::test]
async fn silence_ends() {
    let short = Duration::from_millis(100);
    let answer = ask_open(&[], ClientOptions { first_byte: short, ..patient() }).await;
    assert_eq!(answer.end, End::TimedOut(Stage::Nothing, Wait::FirstByte(short)));
    let answer = ask_open(&[], ClientOptions { total: short, ..patient() }).await;
    assert_eq!(answer.end, End::TimedOut(Stage::Nothing, Wait::Total(short)));
    let answer = ask_open(&[b"HTTP/1.1 200 OK\r\n"], ClientOptions { idle: short, ..patient() }).await;
    assert_eq!(answer.end, End::TimedOut(Stage::Head, Wait::Idle(short)));
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    let answer = ask_open(&[head], ClientOptions { idle: short, ..patient() }).await;
    assert_eq!(answer.end, End::TimedOut(Stage::Body, Wait::Idle(short)));
    assert_eq!(answer.body, b"half");
    let answer = ask_open(&[b"HTTP/1.1 103 x\r\n\r\n"], ClientOptions { idle: short, ..patient() }).await;
    assert_eq!(answer.end, End::TimedOut(Stage::Head, Wait::Idle(short)));
}

#[tokio::test]
async fn an_endless_drip_ends_at_the_total() {
    for start in
        ["HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]
    {
        let server = Scripted::start(move |mut socket, _| async move {
            read_request(&mut socket).await;
            send(&mut socket, &[start.as_bytes()]).await;
            while socket.write_all(b"1").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await;
        let client = server.client(ClientOptions { total: Duration::from_millis(300), ..patient() });
        let answer = ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange").answer;
        assert!(matches!(answer.end, End::TimedOut(Stage::Head | Stage::Body, Wait::Total(_))), "{:?}", answer.end);
    }
}

#[tokio::test]
async fn floods_end_in_bounded_memory() {
    let limits = Limits { head: 4096, body: 100_000 };
    for (start, piece) in [
        ("HTTP/1.1 200 OK\r\n\r\n", "x"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", "x"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        ("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
        ("", "HTTP/1.1 103 x\r\n\r\n"),
        ("HTTP/1.1 204 No Content\r\n\r\n", "x"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", "x"),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "x"),
        ("", "x"),
    ] {
        let server = Scripted::start(move |mut socket, _| async move {
            read_request(&mut socket).await;
            let flood = piece.repeat(10_000);
            send(&mut socket, &[start.as_bytes()]).await;
            while socket.write_all(flood.as_bytes()).await.is_ok() {}
        })
        .await;
        let client = server.client(ClientOptions { limits, ..patient() });
        let answer = ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange").answer;
        assert!(answer.raw.len() <= 2 * limits.body + 2 * limits.head + 40_000, "{start:?}: {}", answer.raw.len());
        assert!(!matches!(answer.end, End::TimedOut(Stage::Body, Wait::Total(_))), "{start:?}");
        ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange");
        assert_eq!(server.connections(), 2, "{start:?}");
    }
}

#[tokio::test]
async fn limits_on_head_and_body_are_said() {
    let limits = Limits { head: 100, body: 10 };
    let long = b"HTTP/1.1 200 OK\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n\r\n";
    let answer = ask(&[long], ClientOptions { limits, ..patient() }).await.answer;
    assert_eq!(answer.end, End::Limit);
    assert!(answer.faults.iter().any(|fault| fault.kind == FaultKind::HeadTooLarge));
    let big = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789";
    let answer = ask(&[big], ClientOptions { limits, ..patient() }).await.answer;
    assert_eq!((answer.end, answer.body), (End::Limit, b"0123456789".to_vec()));
}

#[tokio::test]
async fn cuts_are_told_apart() {
    for (pieces, send_call) in [
        (&[&b""[..]][..], Stage::Nothing),
        (&[b"HTT"], Stage::Head),
        (&[b"HTTP/1.1 200 OK\r\nX: y\r\n"], Stage::Head),
        (&[b"HTTP/1.1 100 Continue\r\n\r\n"], Stage::Head),
        (&[b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", b"half"], Stage::Body),
        (&[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"], Stage::Body),
    ] {
        let exchange = ask(pieces, patient()).await;
        assert_eq!(exchange.answer.end, End::Closed(send_call), "{pieces:?}");
        assert!(!exchange.reused);
    }
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let server = Scripted::start(|mut socket, _| async move {
        // Closing with bytes unread resets the connection.
        let mut one = [0; 1];
        let _ = socket.read_exact(&mut one).await;
    })
    .await;
    let client = server.client(patient());
    let exchange = ends(client.send_judged(&request(&client, "DELETE", "/no-such-x"))).await.expect("an exchange");
    assert_eq!(exchange.answer.end, End::Reset(Stage::Nothing));
    assert!(!exchange.reused);
}

#[tokio::test]
async fn bytes_after_a_bodiless_answer_are_waited_for() {
    let options = ClientOptions { linger: Duration::from_secs(60), ..patient() };
    let answer = ask(&[b"HTTP/1.1 204 No Content\r\n\r\n", b"lat", b"e"], options.clone()).await.answer;
    assert_eq!((answer.status(), &answer.end), (Some(204), &End::Complete));
    let surplus = answer.surplus.expect("late bytes");
    assert_eq!((&surplus.bytes[..], surplus.size, surplus.late), (&b"late"[..], 4, true));
    let answer = ask(&[b"HTTP/1.1 204 No Content\r\n\r\nat once"], options.clone()).await.answer;
    let surplus = answer.surplus.expect("bytes at once");
    assert_eq!((&surplus.bytes[..], surplus.late), (&b"at once"[..], false));
    let answer = ask(&[b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"], options).await.answer;
    assert_eq!((answer.end, answer.surplus), (End::Complete, None));
}

#[tokio::test]
async fn an_answer_that_comes_before_the_request_is_read_counts() {
    for hold in [true, false] {
        let server = Scripted::start(move |mut socket, _| async move {
            let mut some = [0; 1000];
            let _ = socket.read_exact(&mut some).await;
            let answer = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig";
            send(&mut socket, &[answer]).await;
            if hold {
                let _ = socket.shutdown().await;
                std::future::pending::<()>().await;
            }
        })
        .await;
        let client = server.client(patient());
        let mut upload = request(&client, "POST", "/x");
        upload.request.body = Some(vec![b'x'; 16 << 20]);
        let exchange = ends(client.send_judged(&upload)).await.expect("an exchange");
        assert_eq!((exchange.answer.status(), exchange.answer.end), (Some(413), End::Complete), "held open: {hold}");
        assert_eq!(exchange.answer.body, b"big");
    }
}

#[tokio::test]
async fn a_server_that_never_reads_does_not_hold_a_large_request() {
    let server = Scripted::start(|socket, _| async move {
        let _kept = socket;
        std::future::pending::<()>().await;
    })
    .await;
    let client = server.client(ClientOptions { first_byte: Duration::from_millis(200), ..patient() });
    let mut upload = request(&client, "POST", "/x");
    upload.request.body = Some(vec![b'x'; 16 << 20]);
    let exchange = ends(client.send_judged(&upload)).await.expect("an exchange");
    assert!(matches!(exchange.answer.end, End::TimedOut(Stage::Nothing, Wait::FirstByte(_))));
}

#[tokio::test]
async fn large_requests_arrive_whole() {
    let server = Scripted::start(|mut socket, _| async move {
        let length = read_request(&mut socket).await.map_or(0, |bytes| bytes.len());
        let body = length.to_string();
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        send(&mut socket, &[answer.as_bytes()]).await;
    })
    .await;
    let client = server.client(patient());
    let mut upload = request(&client, "POST", "/x");
    upload.request.body = Some(vec![b'x'; 3 << 20]);
    let exchange = ends(client.send_judged(&upload)).await.expect("an exchange");
    let got: usize = String::from_utf8_lossy(&exchange.answer.body).parse().expect("a number");
    assert!(got > 3 << 20, "{got}");
}

#[tokio::test]
async fn a_server_that_speaks_first_is_heard() {
    let server = Scripted::start(|mut socket, _| async move {
        send(&mut socket, &[b"220 mail ready\r\n"]).await;
        until_closed(&mut socket).await;
    })
    .await;
    let client = server.client(patient());
    let answer = ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange").answer;
    assert_eq!((answer.status(), &answer.end), (None, &End::Lost));
    assert!(answer.raw.starts_with(b"220 mail"), "{answer:?}");
}
