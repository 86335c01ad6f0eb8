//! The embedded reference: the *Delete Conversation* of a chat API, with what its cases need around it, answering as
//! a real server was recorded to answer.
//!
//! It is the target of a run that names none, and `serve` shows it to others. It stands apart: nothing of the harness
//! is used here, so that the two cannot agree on a mistake, and this is the only part of the crate that knows the API.
//! It leaves out everything of the API that no case looks at: streaming, files, feedback, other lists, HTTP/2.
//!
//! It sends what the recorded server sent: status, fields, bytes of the body, and the order of its checks. What it
//! cannot repeat is the order of the fields and the spelling of their names (`Www-Authenticate`).

mod answer;
mod releases;
mod request;
mod service;
mod store;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::fmt;
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

use answer::Answers;
use service::Service;
use store::Store;

pub use releases::{RELEASES, Release, UnknownRelease, Version};
pub use store::App;

/// Whether this build has the embedded reference.
pub const BUILT_IN: bool = true;

/// The variables that suites take this API's credentials from: the key of the chat app, of the completion app, of the
/// other chat app.
pub const CREDENTIALS: [&str; 3] = ["API_KEY", "WRONG_MODE_API_KEY", "OTHER_APP_API_KEY"];

/// The gap between looking an end user up and making one, unless another is asked for: a bare yield, as the real API has one.
const USER_GAP: Option<Duration> = Some(Duration::ZERO);

/// What it is a reference of, for a sentence.
pub const SERVES: &str = "DELETE /conversations/{conversation_id} of the Chatflow App API";

/// Whether it serves an operation, its path as a document writes it, with a parameter of any name.
pub fn serves(method: &str, path: &str) -> bool {
    // Any parameter is an id here.
    let id = Uuid::nil().to_string();
    let filled = path.split('/').map(|segment| if segment.starts_with('{') { &id } else { segment });
    let path = format!("/v1{}", filled.collect::<Vec<_>>().join("/"));
    let route = request::Route::of(&path);
    route.is_some_and(|route| method.parse().is_ok_and(|method| route.takes(&method)))
}

/// How a server is to be.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port of 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Whose behaviour it shows.
    pub release: &'static Release,
    /// The keys of its apps.
    pub keys: Keys,
    /// What exists when it starts.
    pub conversations: Vec<Seed>,
    /// How long it takes to make a conversation, as a model would; zero does it at once.
    pub making: Duration,
    /// How long it takes between looking an end user up and making one, with no lock between, as in the real API: of
    /// several first requests at once each makes a user of that name, and what is made for any but the first is found by
    /// nobody. Zero is a bare yield; none makes one user a name, whatever comes at once.
    pub user_gap: Option<Duration>,
    /// How long a connection may stand without a request before it is closed; none: for ever.
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

/// The keys of the apps, one each.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// Of the chat app.
    pub chat: String,
    /// Of the completion app.
    pub completion: String,
    /// Of the other chat app.
    pub other_chat: String,
    /// Of the workflow app.
    pub workflow: String,
}

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    keys: Keys,
    release: &'static Release,
    accepting: JoinHandle<()>,
}

impl Default for Options {
    /// The newest release on a free port with new keys, empty, making conversations at once, closing idle connections
    /// after the recorded two seconds.
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

impl Keys {
    /// Keys that nobody else has, in the shape of the real ones.
    pub fn random() -> Self {
        let key = || format!("app-{}", Uuid::new_v4().simple());
        Self { chat: key(), completion: key(), other_chat: key(), workflow: key() }
    }

    /// The app that a key opens.
    fn app(&self, key: &str) -> Option<App> {
        App::ALL.into_iter().find(|app| self.of(*app) == key)
    }

    fn of(&self, app: App) -> &str {
        match app {
            App::Chat => &self.chat,
            App::Completion => &self.completion,
            App::OtherChat => &self.other_chat,
            App::Workflow => &self.workflow,
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Server {
    /// Starts a server on the tokio runtime of the caller; it answers while that runtime runs. Fails if the port cannot
    /// be had.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;

        let Options { release, keys, conversations, making, user_gap, idle, .. } = options;
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

    /// Its credentials by the names in [`CREDENTIALS`].
    pub fn credentials(&self) -> Vec<(&'static str, String)> {
        let keys = [&self.keys.chat, &self.keys.completion, &self.keys.other_chat];
        CREDENTIALS.into_iter().zip(keys.into_iter().cloned()).collect()
    }

    /// Stops it: the port is closed when this returns, and requests under way are cut off.
    pub async fn shutdown(mut self) {
        self.accepting.abort();
        // The only error is the abort just asked for.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, service: Arc<Service>, idle: Option<Duration>) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&service), idle));
                }
                // No descriptor is free, or the peer has gone already: the next one may do better.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves one connection to its end.
async fn serve(stream: TcpStream, service: Arc<Service>, idle: Option<Duration>) {
    // Answers are small and whole; waiting to fill a packet would only slow them. Failing changes nothing else.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(service.answer(request.map(Body::new)).await) }
    });
    let mut first = [0; 3];
    // No timer goes off in what is as good as for ever.
    let wait = idle.unwrap_or(Duration::from_secs(60 * 60 * 24 * 365));
    if !tokio::time::timeout(wait, stream.peek(&mut first)).await.is_ok_and(|peeked| peeked.is_ok()) {
        return;
    }
    // So a connection of HTTP/2 begins (RFC 9113 §3.4), and none of HTTP/1.1.
    if first == *b"PRI" {
        let _ = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer).await;
        return;
    }
    let mut builder = http1::Builder::new();
    // hyper counts this from the end of the answer before, so it closes idle connections too.
    builder.title_case_headers(true).timer(TokioTimer::new()).header_read_timeout(idle);
    // The only errors are the peer's: it closed, stood idle, or sent no HTTP, which hyper has answered itself.
    let _ = builder.serve_connection(TokioIo::new(stream), answer).await;
}
