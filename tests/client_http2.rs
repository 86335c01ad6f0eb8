//! Over HTTP/2 the client sends and reads judged exchanges, and reports every way in which a server breaks the
//! protocol.

#[path = "support/scripted.rs"]
mod scripted;
#[path = "support/tls.rs"]
mod tls;

use std::convert::Infallible;
use std::time::Duration;

use conformant::exchange::{Answer, End, FaultKind, Framing, Protocol, Stage, Wait};
use conformant::secret::Secrets;
use conformant::transport::{Client, ClientOptions, Failure};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use scripted::{Scripted, client, ends, patient, read_request, request};
use tls::{OK, acceptor, authority, root, server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn over_http2() -> ClientOptions {
    ClientOptions { http2: true, ..patient() }
}

fn of_port(port: u16, options: ClientOptions) -> Client {
    client(&format!("http://127.0.0.1:{port}/v1"), options, &Secrets::none())
}

/// A server that speaks HTTP/2 in order, and tells in its answer what it was asked.
async fn orderly() -> Scripted {
    Scripted::start(|socket, _| async move {
        let answer = service_fn(|request: hyper::Request<Incoming>| async move {
            let mut answer = hyper::Response::builder();
            for (name, value) in request.headers() {
                answer = answer.header(format!("x-{name}"), value);
            }
            let (status, body) = match request.uri().path() {
                "/v1/none" => (204, String::new()),
                "/v1/wide" => {
                    answer = answer.header("x-wide", "w".repeat(70_000));
                    (200, String::new())
                }
                _ => (200, format!("{} {}", request.method(), request.uri())),
            };
            Ok::<_, Infallible>(answer.status(status).body(body).expect("a response"))
        });
        let _ = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), answer).await;
    })
    .await
}

#[tokio::test]
async fn requests_go_out_and_answers_come_back() {
    let server = orderly().await;
    let client = of_port(server.port, over_http2());
    ends(client.reach()).await.expect("HTTP/2");
    let mut rendered = request(&client, "GET", "/x?a=b");
    rendered.request.fields.push(("X-Own".to_owned(), "1".to_owned()));
    rendered.request.body = Some(b"{}".to_vec());
    for reused in [false, true] {
        let exchange = ends(client.send_judged(&rendered)).await.expect("an exchange");
        let Answer { protocol, end, framing, body, .. } = &exchange.answer;
        assert_eq!(
            (exchange.answer.status(), *protocol, end, exchange.reused),
            (Some(200), Protocol::Http2, &End::Complete, reused)
        );
        let url = format!("GET http://127.0.0.1:{}/v1/x?a=b", server.port);
        assert_eq!(
            (String::from_utf8_lossy(body).into_owned(), *framing),
            (url.clone(), Framing::Length(url.len() as u64))
        );
        for (name, value) in [("x-x-own", "1"), ("x-accept-encoding", "identity"), ("x-content-length", "2")] {
            assert_eq!(exchange.answer.value(name).as_deref(), Some(value), "{name}");
        }
        assert!(exchange.answer.raw.starts_with(b"HTTP/2 200\r\n"), "{:?}", exchange.answer.raw);
        assert!(exchange.timing.first_byte.is_some());
    }
    let none = ends(client.send_judged(&request(&client, "GET", "/none"))).await.expect("an exchange").answer;
    assert_eq!((none.status(), none.framing, none.surplus, none.faults), (Some(204), Framing::Bodiless, None, vec![]));
    let staged = ends(client.send_call(&request(&client, "GET", "/x"))).await.expect("an exchange").answer;
    assert_eq!((staged.status(), staged.protocol), (Some(200), Protocol::Library));
    assert_eq!(server.connections(), 3, "one to reach it, one for the judged requests, one for the staged");
    ends(client.close()).await;
}

#[tokio::test]
async fn heads_and_bodies_beyond_the_limits_are_reported() {
    let server = orderly().await;
    let client = of_port(server.port, over_http2());
    let wide = ends(client.send_judged(&request(&client, "GET", "/wide"))).await.expect("an exchange").answer;
    assert_eq!(
        (wide.faults.first().map(|fault| &fault.kind), &wide.end),
        (Some(&FaultKind::HeadTooLarge), &End::Limit)
    );
    let mut options = over_http2();
    options.limits.body = 10;
    let client = of_port(server.port, options);
    let long = ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange").answer;
    assert_eq!((long.body.len(), &long.end), (10, &End::Limit));
    assert_eq!(long.faults.first().map(|fault| &fault.kind), Some(&FaultKind::BodyTooLarge));
}

/// Whom it fails with, on every way of asking that needs HTTP/2.
async fn refuses(client: &Client, why: &str) {
    let rendered = request(client, "GET", "/x");
    for failure in
        [ends(client.reach()).await.expect_err(why), ends(client.send_judged(&rendered)).await.expect_err(why)]
    {
        let text = failure.to_string();
        assert!(matches!(failure, Failure::NoHttp2 { .. }) && text.contains(why), "{text}");
        assert!(failure.help().is_some_and(|help| help.contains("--http 2")), "{failure:?}");
    }
}

#[tokio::test]
async fn a_target_without_http2_is_reported() {
    let plain = Scripted::start(|mut socket, _| async move {
        let _ = socket.read(&mut [0; 100]).await;
        let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        let _ = read_request(&mut socket).await;
    })
    .await;
    refuses(&of_port(plain.port, over_http2()), "it answers with `HTTP/1.1 400 Bad Request`").await;
    let closing = Scripted::start(|mut socket, _| async move {
        let _ = socket.read(&mut [0; 100]).await;
    })
    .await;
    refuses(&of_port(closing.port, over_http2()), "does not speak HTTP/2").await;
    let silent = Scripted::start(|socket, _| async move {
        let _kept = socket;
        std::future::pending::<()>().await;
    })
    .await;
    let options = ClientOptions { connect: Duration::from_millis(300), ..over_http2() };
    refuses(&of_port(silent.port, options), "it said nothing within").await;
    let authority = authority("ours");
    let tls = server(acceptor(&authority, "localhost", (2020, 2120)), OK, false).await;
    let options = ClientOptions { roots: Some(vec![root(&authority)]), ..over_http2() };
    let client = client(&format!("https://localhost:{}", tls.port), options, &Secrets::none());
    refuses(&client, "it offers HTTP/1.1 only").await;
}

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags, 0, 0, 0, stream];
    frame.extend_from_slice(payload);
    frame
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const GO_AWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// `:status` 200 and 204, from the static table of HPACK.
const STATUS_200: &[u8] = &[0x88];
const STATUS_204: &[u8] = &[0x89];

/// A server that answers the first request, on stream 1, with these bytes; then closes, or waits.
async fn raw(answer: Vec<u8>, closes: bool) -> Scripted {
    Scripted::start(move |mut socket, _| {
        let answer = answer.clone();
        async move {
            let _ = socket.write_all(&frame(SETTINGS, 0, 0, &[])).await;
            if wait_for_headers(&mut socket).await.is_some() {
                let _ = socket.write_all(&answer).await;
            }
            if closes {
                let _ = socket.shutdown().await;
            }
            while socket.read(&mut [0; 1024]).await.is_ok_and(|count| count > 0) {}
        }
    })
    .await
}

/// Reads the preface and frames up to the first that holds fields.
async fn wait_for_headers(socket: &mut TcpStream) -> Option<()> {
    let mut preface = [0; 24];
    socket.read_exact(&mut preface).await.ok()?;
    loop {
        let mut head = [0; 9];
        socket.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        socket.read_exact(&mut payload).await.ok()?;
        if head[3] == HEADERS {
            return Some(());
        }
    }
}

async fn answered(answer: Vec<u8>, closes: bool) -> Answer {
    let server = raw(answer, closes).await;
    let options = ClientOptions { idle: Duration::from_millis(300), ..over_http2() };
    let client = of_port(server.port, options);
    ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange").answer
}

#[tokio::test]
async fn every_broken_response_says_how_it_broke() {
    let head = |fields: &[u8], flags: u8| frame(HEADERS, END_HEADERS | flags, 1, fields);
    let data = |bytes: &[u8], flags: u8| frame(DATA, flags, 1, bytes);
    let length = |text: &[u8]| [&[0x0F, 0x0D, u8::try_from(text.len()).expect("short")], text].concat();
    let broken_off = |end: &End, at: Stage| matches!(end, End::Broken(send_call, _) | End::Closed(send_call) | End::Reset(send_call) if *send_call == at);
    let connection = [STATUS_200, &[0x00, 10], b"connection", &[5], b"close"].concat();
    for (name, answer, closes, at) in [
        ("reset", frame(RESET, 0, 1, &[0, 0, 0, 2]), false, Stage::Nothing),
        ("refused", frame(RESET, 0, 1, &[0, 0, 0, 7]), false, Stage::Nothing),
        ("goodbye", frame(GO_AWAY, 0, 0, &[0; 8]), true, Stage::Nothing),
        ("angry goodbye", frame(GO_AWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 1]), true, Stage::Nothing),
        ("closed", Vec::new(), true, Stage::Nothing),
        ("no frame", b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), false, Stage::Nothing),
        ("a field about the connection", head(&connection, END_STREAM), false, Stage::Nothing),
        ("no status", head(&[], END_STREAM), false, Stage::Nothing),
        ("no fields at all", head(&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF], END_STREAM), false, Stage::Nothing),
        ("a length and no body", head(&[STATUS_200, &length(b"10")].concat(), END_STREAM), false, Stage::Nothing),
        (
            "reset in the body",
            [head(STATUS_200, 0), data(b"{", 0), frame(RESET, 0, 1, &[0, 0, 0, 2])].concat(),
            false,
            Stage::Body,
        ),
        ("closed in the body", [head(STATUS_200, 0), data(b"{", 0)].concat(), true, Stage::Body),
        (
            "too short for its length",
            [head(&[STATUS_200, &length(b"10")].concat(), 0), data(b"{", END_STREAM)].concat(),
            false,
            Stage::Body,
        ),
        (
            "too long for its length",
            [head(&[STATUS_200, &length(b"1")].concat(), 0), data(b"{}", END_STREAM)].concat(),
            false,
            Stage::Body,
        ),
    ] {
        let answer = answered(answer, closes).await;
        assert!(broken_off(&answer.end, at), "{name}: {:?}", answer.end);
        let said = match name {
            "reset" | "reset in the body" => "the server reset the stream with INTERNAL_ERROR (",
            "angry goodbye" => "the server ended the connection with PROTOCOL_ERROR (",
            "no frame" => "what came is malformed in HTTP/2: FRAME_SIZE_ERROR (",
            _ => "what came is malformed in HTTP/2: PROTOCOL_ERROR (",
        };
        if let End::Broken(_, how) = &answer.end {
            assert!(how.starts_with(said), "{name}: {how}");
        }
        // As it closes an idle connection, a server may say so; then the case is run once more.
        let is_closing = matches!(answer.end, End::Closed(_) | End::Reset(_));
        assert_eq!(is_closing, ["refused", "goodbye", "closed", "closed in the body"].contains(&name), "{name}");
        assert_eq!(answer.head.is_some(), at == Stage::Body, "{name}");
        assert_eq!(answer.protocol, Protocol::Http2, "{name}");
    }
}

#[tokio::test]
async fn forbidden_and_unfinished_bodies_are_reported() {
    let head = |fields: &[u8], flags: u8| frame(HEADERS, END_HEADERS | flags, 1, fields);
    let answer = answered([head(STATUS_204, 0), frame(DATA, END_STREAM, 1, b"gone")].concat(), false).await;
    assert_eq!((answer.framing, &answer.end), (Framing::Bodiless, &End::Complete));
    assert_eq!(answer.surplus.map(|surplus| (surplus.bytes, surplus.late)), Some((b"gone".to_vec(), false)));
    let length = [STATUS_204, &[0x0F, 0x0D, 1], b"0"].concat();
    let answer = answered(head(&length, END_STREAM), false).await;
    assert_eq!(
        answer.faults.first().map(|fault| fault.kind.clone()),
        Some(FaultKind::BodilessWithLength("0".to_owned()))
    );
    let answer = answered([head(STATUS_200, 0), frame(DATA, 0, 1, b"{")].concat(), false).await;
    assert!(matches!(answer.end, End::TimedOut(Stage::Body, Wait::Idle(_))));
    assert_eq!(answer.body, b"{");
    let silent = raw(Vec::new(), false).await;
    let client = of_port(silent.port, ClientOptions { first_byte: Duration::from_millis(300), ..over_http2() });
    let answer = ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange").answer;
    assert!(matches!(answer.end, End::TimedOut(Stage::Nothing, Wait::FirstByte(_))));
}

#[tokio::test]
async fn parts_in_several_frames_are_counted_once() {
    let head = |fields: &[u8]| frame(HEADERS, END_HEADERS, 1, fields);
    let frames =
        [head(STATUS_200), frame(DATA, 0, 1, b"abc"), frame(DATA, 0, 1, b""), frame(DATA, END_STREAM, 1, b"defg")];
    let answer = answered(frames.concat(), false).await;
    assert_eq!((answer.body.as_slice(), answer.body_size, answer.framing), (&b"abcdefg"[..], 7, Framing::Length(7)));
    let frames =
        [head(STATUS_204), frame(DATA, 0, 1, b"abc"), frame(DATA, 0, 1, b""), frame(DATA, END_STREAM, 1, b"defg")];
    let surplus = answered(frames.concat(), false).await.surplus.expect("a surplus");
    assert_eq!((surplus.bytes.as_slice(), surplus.size), (&b"abcdefg"[..], 7));
}

#[tokio::test]
async fn limits_are_reached_only_beyond_them() {
    let head = |fields: &[u8], flags: u8| frame(HEADERS, END_HEADERS | flags, 1, fields);
    let limited = |answer: Vec<u8>, head: usize, body: usize| async move {
        let server = raw(answer, false).await;
        let mut options = over_http2();
        options.limits.head = head;
        options.limits.body = body;
        let client = of_port(server.port, options);
        ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange").answer
    };
    let plain = head(STATUS_200, END_STREAM);
    let length = "HTTP/2 200\r\n\r\n".len();
    let fits = limited(plain.clone(), length, 10).await;
    assert_eq!((fits.raw.len(), &fits.end, fits.faults), (length, &End::Complete, vec![]));
    let beyond = limited(plain, length - 1, 10).await;
    assert_eq!((beyond.head, &beyond.end), (None, &End::Limit));
    for (size, end) in [(10, End::Complete), (11, End::Limit)] {
        // In two frames, of which the first is within the limit.
        let data = [frame(DATA, 0, 1, b"abcd"), frame(DATA, END_STREAM, 1, &vec![b'x'; size - 4])].concat();
        let body = limited([head(STATUS_200, 0), data.clone()].concat(), 1000, 10).await;
        assert_eq!((body.body.len(), &body.end), (10, &end), "{size}");
        let surplus = limited([head(STATUS_204, 0), data].concat(), 1000, 10).await;
        assert_eq!((surplus.surplus.map(|surplus| surplus.size), &surplus.end), (Some(size as u64), &end), "{size}");
    }
}

#[tokio::test]
async fn a_connection_is_used_again_only_after_an_answer_in_order() {
    let head = |fields: &[u8], flags: u8| frame(HEADERS, END_HEADERS | flags, 1, fields);
    let length = [STATUS_204, &[0x0F, 0x0D, 1], b"0"].concat();
    for (name, answer) in [
        ("bytes that must not be there", [head(STATUS_204, 0), frame(DATA, END_STREAM, 1, b"gone")].concat()),
        ("a field that must not be there", head(&length, END_STREAM)),
        ("an end of the stream that is a reset", [head(STATUS_200, 0), frame(RESET, 0, 1, &[0, 0, 0, 2])].concat()),
        ("a goodbye", [head(STATUS_204, END_STREAM), frame(GO_AWAY, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0])].concat()),
    ] {
        let server = raw(answer, false).await;
        let client = of_port(server.port, over_http2());
        for _ in 0..2 {
            let exchange = ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect(name);
            assert!(!exchange.reused && exchange.answer.head.is_some(), "{name}: {:?}", exchange.answer.end);
        }
        assert_eq!(server.connections(), 2, "{name}");
        ends(client.close()).await;
    }
}

#[tokio::test]
async fn a_first_frame_other_than_settings_is_reported() {
    let greeted = |greeting: Vec<u8>| async move {
        Scripted::start(move |mut socket, _| {
            let greeting = greeting.clone();
            async move {
                let _ = socket.write_all(&greeting).await;
                while socket.read(&mut [0; 1024]).await.is_ok_and(|count| count > 0) {}
            }
        })
        .await
    };
    for greeting in [frame(SETTINGS, 0, 1, &[]), frame(6, 0, 0, &[0; 8])] {
        refuses(&of_port(greeted(greeting).await.port, over_http2()), "it answers with").await;
    }
    // A part of a frame, and then nothing.
    let options = ClientOptions { connect: Duration::from_millis(300), ..over_http2() };
    let part = frame(SETTINGS, 0, 0, &[])[..5].to_vec();
    refuses(&of_port(greeted(part).await.port, options), "it said nothing within").await;
}

#[tokio::test]
async fn closing_ends_connections_in_order() {
    let (said, mut frames) = tokio::sync::mpsc::unbounded_channel();
    let server = Scripted::start(move |mut socket, _| {
        let said = said.clone();
        async move {
            let _ = socket.write_all(&frame(SETTINGS, 0, 0, &[])).await;
            if wait_for_headers(&mut socket).await.is_some() {
                let _ = socket.write_all(&frame(HEADERS, END_HEADERS | END_STREAM, 1, STATUS_204)).await;
            }
            let mut head = [0; 9];
            while socket.read_exact(&mut head).await.is_ok() {
                let mut payload = vec![0; usize::from(head[2])];
                let _ = socket.read_exact(&mut payload).await;
                let _ = said.send(head[3]);
            }
        }
    })
    .await;
    let client = of_port(server.port, over_http2());
    ends(client.send_judged(&request(&client, "GET", "/x"))).await.expect("an exchange");
    ends(client.close()).await;
    let mut kinds = Vec::new();
    while let Ok(kind) = frames.try_recv() {
        kinds.push(kind);
    }
    // The server's reader may be a moment behind.
    while !kinds.contains(&GO_AWAY) {
        kinds.push(ends(frames.recv()).await.expect("a goodbye before the end"));
    }
}
