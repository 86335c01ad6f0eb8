//! A server that does with each connection what a test says, byte by byte, and what tests of the client need around it.
// Every test binary takes this file as its own module and uses a part of it.
#![allow(dead_code)]

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conformant::exchange::Request;
use conformant::secret::Secrets;
use conformant::suite::{ElementValues, Rendered};
use conformant::transport::{BaseUrl, Client, ClientOptions, Guard};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A listening server; it stops with the test's runtime.
pub(crate) struct Scripted {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
}

impl Scripted {
    /// Listens on 127.0.0.1 and gives each connection, with its number from 0, to `script`.
    pub(crate) async fn start<F>(script: impl Fn(TcpStream, usize) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(script(socket, number));
            }
        });
        Self { port, connections }
    }

    /// How many connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn client(&self, options: ClientOptions) -> Client {
        client(&format!("http://127.0.0.1:{}", self.port), options, &Secrets::none())
    }
}

pub(crate) fn client(base: &str, options: ClientOptions, secrets: &Secrets) -> Client {
    let base = BaseUrl::parse(base).expect("a base URL");
    Client::new(base, options, Arc::new(Guard::new()), secrets.clone()).expect("a client")
}

/// Limits that no sound exchange comes near, however slow the machine.
pub(crate) fn patient() -> ClientOptions {
    let long = Duration::from_secs(60);
    ClientOptions {
        connect: long,
        first_byte: long,
        idle: long,
        total: long,
        pool_idle: long,
        ..ClientOptions::default()
    }
}

/// A request that the guard lets pass: judged; its last segment is a path value if it says that it is no id, as that of
/// a DELETE must.
pub(crate) fn request(client: &Client, method: &str, path: &str) -> Rendered {
    let plain = path.split('?').next().unwrap_or_default();
    let (above, last) = plain.rsplit_once('/').unwrap_or_default();
    let value = last.starts_with("no-such").then(|| ("id".to_owned(), last.to_owned()));
    Rendered {
        request: Request {
            method: method.to_owned(),
            origin: client.base().origin().to_owned(),
            target: format!("{}{path}", client.base().base_path()),
            fields: Vec::new(),
            body: None,
        },
        template: if value.is_some() { format!("{above}/{{id}}") } else { plain.to_owned() },
        path_values: value.into_iter().collect(),
        base_path: client.base().base_path().to_owned(),
        judged: true,
        required_query: Vec::new(),
        documented_values: Vec::new(),
        elements: ElementValues::default(),
    }
}

/// Reads one request, head and body by Content-Length; `None` when the other side has closed before.
pub(crate) async fn read_request(socket: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                return Some(bytes);
            }
        }
        let mut buffer = [0; 4096];
        match socket.read(&mut buffer).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}

/// Sends pieces with a pause before each but the first. A client that has gone is no matter.
pub(crate) async fn send(socket: &mut TcpStream, pieces: &[&[u8]]) {
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let _ = socket.write_all(piece).await;
    }
}

/// Ends a test that would hang. Long, because it says nothing about speed.
pub(crate) async fn ends<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(120), future).await.expect("it ends")
}
