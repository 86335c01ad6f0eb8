//! The server: its settings, its start and its connections.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use serde_json::Map;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;

use super::answer::Answers;
use super::keys::{CREDENTIALS, Keys};
use super::releases::Release;
use super::service::Service;
use super::store::{App, Store};

/// The default of [`ReferenceOptions::user_gap`]: a bare yield, as the real API has one.
const USER_GAP: Option<Duration> = Some(Duration::ZERO);

/// The settings of a server.
#[derive(Clone, Debug)]
pub struct ReferenceOptions {
    /// The port on 127.0.0.1; 0 means any free port.
    pub port: u16,
    /// The release whose behaviour it shows.
    pub release: &'static Release,
    /// The keys of its apps.
    pub keys: Keys,
    /// The conversations that exist when it starts.
    pub conversations: Vec<Seed>,
    /// How long it takes to make a conversation, as a language model would; zero means at once.
    pub making: Duration,
    /// The time between looking an end user up and making one, without a lock, as in the real API. If the first requests of a
    /// user come at the same time, each makes a user of that name, and the conversations of all but one user are never found
    /// again. Zero is a bare yield; `None` makes exactly one user of each name.
    pub user_gap: Option<Duration>,
    /// How long a connection may be idle before the server closes it; `None` means forever.
    pub idle: Option<Duration>,
}

/// A conversation that exists when a server starts.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Its id.
    pub id: Uuid,
    /// Its app.
    pub app: App,
    /// Its user.
    pub user: String,
    /// What the user said.
    pub query: String,
}

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct ReferenceServer {
    address: SocketAddr,
    pub(super) keys: Keys,
    release: &'static Release,
    accepting: JoinHandle<()>,
}

impl Default for ReferenceOptions {
    /// The newest release on a free port, with new keys and no conversations. It makes conversations at once, and closes idle
    /// connections after two seconds, as the recorded server did.
    fn default() -> Self {
        Self {
            port: 0,
            release: Release::newest(),
            keys: Keys::random(),
            conversations: Vec::new(),
            making: Duration::ZERO,
            user_gap: USER_GAP,
            idle: Some(Duration::from_secs(2)),
        }
    }
}

impl ReferenceServer {
    /// Starts a server on the tokio runtime of the caller. It responds while that runtime runs. Fails if the port is not
    /// available.
    pub async fn start(options: ReferenceOptions) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;

        let ReferenceOptions { release, keys, conversations, making, user_gap, idle, .. } = options;
        let store = Store::new();
        for Seed { id, app, user, query } in conversations {
            let user = store.user(app, &user).unwrap_or_else(|| store.make_user(app, &user));
            store.open(id, user, query, Map::new());
        }
        let answers = Answers::new(release.version);
        let service = Arc::new(Service { release, keys: keys.clone(), store, answers, making, user_gap });
        let accepting = tokio::spawn(accept(listener, service, idle));
        Ok(Self { address, keys, release, accepting })
    }

    /// The base URL of its API: `http://127.0.0.1:PORT/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its release.
    pub fn release(&self) -> &'static Release {
        self.release
    }

    /// Its keys, by the variables in [`CREDENTIALS`].
    pub fn credentials(&self) -> Vec<(&'static str, String)> {
        let keys = [&self.keys.chat, &self.keys.completion, &self.keys.other_chat];
        CREDENTIALS.into_iter().zip(keys.into_iter().cloned()).collect()
    }

    /// Stops it. When this returns, the port is closed and open requests are cut off.
    pub async fn shutdown(mut self) {
        self.accepting.abort();
        // The only possible error is that the task was aborted.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for ReferenceServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, service: Arc<Service>, idle: Option<Duration>) {
    // Aborting this task drops the set, and with it every connection.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&service), idle));
                }
                // There is no free descriptor, or the client has already gone. Try again.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves one connection to its end.
async fn serve(stream: TcpStream, service: Arc<Service>, idle: Option<Duration>) {
    // Responses are small and complete, so waiting to fill a packet would only slow them. An error here does no harm.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(service.answer(request.map(Body::new)).await) }
    });
    let mut first = [0; 3];
    // A year stands for forever.
    let wait = idle.unwrap_or(Duration::from_secs(60 * 60 * 24 * 365));
    if !tokio::time::timeout(wait, stream.peek(&mut first)).await.is_ok_and(|peeked| peeked.is_ok()) {
        return;
    }
    // An HTTP/2 connection begins with these bytes (RFC 9113 §3.4); no HTTP/1.1 connection does.
    if first == *b"PRI" {
        let _ = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer).await;
        return;
    }
    let mut builder = http1::Builder::new();
    // hyper counts this time from the end of the previous response, so it also closes idle connections.
    builder.title_case_headers(true).timer(TokioTimer::new()).header_read_timeout(idle);
    // All errors are the client's: it closed the connection, was idle, or did not send HTTP, to which hyper has responded.
    let _ = builder.serve_connection(TokioIo::new(stream), answer).await;
}
