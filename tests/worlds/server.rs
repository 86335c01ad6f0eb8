//! The server of a world: sockets, connections, and the troubles that a sound server can have with them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::api::{Request, Route};
use crate::chance::Chance;
use crate::deviation::Deviation;
use crate::message::Message;
use crate::store::Store;
use crate::world::{Trouble, World};

/// How long nothing listens in a restart.
const RESTART: Duration = Duration::from_secs(1);

/// How long one worker that keeps its connections waits for the next request of one, before it turns to another.
const WORKER_WAITS: Duration = Duration::from_millis(400);

/// A request that came, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) route: Route,
    /// The status that was answered; none if the connection ended instead, or nothing was said.
    pub(crate) status: Option<u16>,
    /// When it came, counted from the start of the server.
    pub(crate) at: Duration,
    pub(crate) connection: usize,
}

/// What all connections share.
pub(crate) struct Inner {
    pub(crate) world: World,
    deviation: Option<Deviation>,
    pub(crate) store: Mutex<Store>,
    seen: Mutex<Vec<Seen>>,
    /// Removals that named what was there before the run.
    foreign_named: Mutex<Vec<String>>,
    chance: Mutex<Chance>,
    pub(crate) creations: AtomicUsize,
    served: AtomicUsize,
    kept: AtomicUsize,
    fresh: AtomicUsize,
    at_once: AtomicUsize,
    bucket: Mutex<(f64, Instant)>,
    writing: tokio::sync::Mutex<()>,
    restart: Notify,
    /// Counts restarts; connections of an earlier count end.
    epoch: watch::Sender<usize>,
    started: Instant,
}

/// A running server, which stops when it is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) inner: Arc<Inner>,
    accepting: JoinHandle<()>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    pub(crate) fn start(world: &World, deviation: Option<Deviation>, runtime: &Handle) -> Self {
        let _entered = runtime.enter();
        let (listener, spare) = sockets();
        let address = listener.local_addr().expect("its address");
        let inner = Arc::new(Inner {
            world: world.clone(),
            deviation,
            store: Mutex::new(Store::of(world)),
            seen: Mutex::default(),
            foreign_named: Mutex::default(),
            chance: Mutex::new(Chance::of(world.seed, 3)),
            creations: AtomicUsize::new(0),
            served: AtomicUsize::new(0),
            kept: AtomicUsize::new(0),
            fresh: AtomicUsize::new(0),
            at_once: AtomicUsize::new(0),
            bucket: Mutex::new((f64::MAX, Instant::now())),
            writing: tokio::sync::Mutex::new(()),
            restart: Notify::new(),
            epoch: watch::channel(0).0,
            started: Instant::now(),
        });
        let accepting = runtime.spawn(accept(Arc::clone(&inner), listener, spare));
        Self { url: format!("http://{address}{}", world.names.base), inner, accepting }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A socket that listens, and one that holds the same port for a restart, so that nobody else gets it meanwhile.
fn sockets() -> (TcpListener, TcpSocket) {
    let bound = |address: SocketAddr| {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("an option");
        socket.set_reuseport(true).expect("an option");
        socket.bind(address).expect("a port");
        socket
    };
    let listener = bound(SocketAddr::from(([127, 0, 0, 1], 0))).listen(1024).expect("it listens");
    let spare = bound(listener.local_addr().expect("its address"));
    (listener, spare)
}

async fn accept(inner: Arc<Inner>, listener: TcpListener, spare: TcpSocket) {
    let mut listener = Some(listener);
    let mut spare = Some(spare);
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        let accepted = tokio::select! {
            accepted = listener.as_ref().expect("it listens").accept() => accepted,
            () = inner.restart.notified() => {
                inner.epoch.send_modify(|epoch| *epoch += 1);
                drop(listener.take());
                tokio::time::sleep(RESTART).await;
                let again = spare.take().expect("one restart only");
                listener = Some(again.listen(1024).expect("it listens again"));
                continue;
            }
        };
        let Ok((socket, _)) = accepted else { continue };
        number += 1;
        let serving = serve(Arc::clone(&inner), socket, number);
        if let Trouble::OneWorker { .. } = inner.world.trouble {
            serving.await;
        } else {
            connections.spawn(serving);
            while connections.try_join_next().is_some() {}
        }
    }
}

/// What is done to the connection in the end.
enum Then {
    /// It goes on.
    Keep,
    Close,
}

async fn serve(inner: Arc<Inner>, mut socket: TcpStream, connection: usize) {
    let _ = socket.set_nodelay(true);
    let mut epoch = inner.epoch.subscribe();
    let mut earlier = 0;
    let patience = match inner.world.trouble {
        Trouble::IdleEnd(idle) => idle,
        Trouble::OneWorker { .. } => WORKER_WAITS,
        _ => Duration::from_secs(600),
    };
    loop {
        // The first request of a connection is awaited longer: it was opened for one.
        let patience = if earlier == 0 { patience.max(WORKER_WAITS) } else { patience };
        let request = tokio::select! {
            request = read(&mut socket, patience) => request,
            _ = epoch.changed() => None,
        };
        let Some(request) = request else { return };
        if matches!(inner.respond(request, &mut socket, earlier, connection).await, Then::Close)
            || epoch.has_changed().unwrap_or(true)
        {
            let _ = socket.shutdown().await;
            return;
        }
        earlier += 1;
    }
}

impl Inner {
    pub(crate) fn deviates(&self, deviation: Deviation) -> bool {
        self.deviation == Some(deviation)
    }

    /// A number by the seed, from `start` to below `end`.
    pub(crate) fn between(&self, start: usize, end: usize) -> u64 {
        lock(&self.chance).between(start, end) as u64
    }

    /// What came, so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        lock(&self.seen).clone()
    }

    /// Foreign objects that are gone, or that a removal named.
    pub(crate) fn foreign_touched(&self) -> Vec<String> {
        let mut touched = lock(&self.store).foreign_gone();
        touched.extend(lock(&self.foreign_named).iter().cloned());
        touched
    }

    async fn respond(&self, request: Request, socket: &mut TcpStream, earlier: usize, connection: usize) -> Then {
        let route = self.route(&request);
        let at = self.started.elapsed();
        if let Route::Remove { id, parent } = &route
            && lock(&self.store).is_foreign(id, parent.as_deref())
        {
            lock(&self.foreign_named).push(id.clone());
        }
        let log = |status| {
            let query: Vec<String> = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let target = format!("{}?{}", request.path, query.join("&"));
            let method = request.method.clone();
            lock(&self.seen).push(Seen { method, target, route: route.clone(), status, at, connection });
        };
        self.count_towards_restart();
        if self.ends_early(&route, earlier) {
            log(None);
            return Then::Close;
        }
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        let answer = match self.refused(&route, now) {
            Some(refused) => refused,
            None => self.guarded_answer(&request, &route).await,
        };
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        let closes = self.world.trouble == Trouble::OneWorker { keeps: false };
        let answer = if closes { answer.and("Connection", "close") } else { answer };
        let write = |answer: Message| self.write(answer);
        let status = answer.status();
        let sent = match (&route, self.deviation) {
            (Route::Remove { .. }, Some(deviation)) if !matches!(status, 429 | 503) => {
                deviation.bytes(&self.world, answer, write)
            }
            _ => Some((write(answer), false)),
        };
        let Some((bytes, ends)) = sent else {
            log(None);
            // It says nothing more, until the client leaves.
            while matches!(socket.read(&mut [0; 512]).await, Ok(count) if count > 0) {}
            return Then::Close;
        };
        log(Some(status));
        if socket.write_all(&bytes).await.is_err() || ends || closes { Then::Close } else { Then::Keep }
    }

    fn count_towards_restart(&self) {
        let served = self.served.fetch_add(1, Ordering::SeqCst) + 1;
        if self.world.trouble == (Trouble::Restart { after: served }) {
            self.restart.notify_one();
        }
    }

    /// Whether the connection ends now, with a request that was not carried out.
    fn ends_early(&self, route: &Route, earlier: usize) -> bool {
        let safe = matches!(route, Route::Look { .. } | Route::WhoAmI);
        let removal = matches!(route, Route::Remove { .. });
        match self.world.trouble {
            // A creation that was cut off cannot be told from one that made something.
            Trouble::KeptEnd { every } if earlier > 0 && (safe || removal) => {
                self.kept.fetch_add(1, Ordering::SeqCst) % every == every - 1
            }
            // A judged request that is cut off cannot be told from a deviation.
            Trouble::FreshEnd { every } if earlier == 0 && !removal => {
                self.fresh.fetch_add(1, Ordering::SeqCst) % every == every - 1
            }
            _ => false,
        }
    }

    /// A refusal for reasons that have nothing to do with what was asked.
    fn refused(&self, route: &Route, at_once: usize) -> Option<Message> {
        let refusal = |status, told| {
            let answer = self.error(status);
            if told { answer.and("Retry-After", "1") } else { answer }
        };
        match self.world.trouble {
            Trouble::AtOnce { most, told } => (at_once > most).then(|| refusal(429, told)),
            Trouble::Bucket { size, rate, told } => {
                let mut bucket = lock(&self.bucket);
                let now = Instant::now();
                let filled = bucket.0 + now.duration_since(bucket.1).as_secs_f64() * f64::from(rate);
                *bucket = (filled.min(f64::from(size)), now);
                if bucket.0 < 1.0 {
                    return Some(refusal(429, told));
                }
                bucket.0 -= 1.0;
                None
            }
            Trouble::BusyWrites { told } if is_write(route) => {
                self.writing.try_lock().is_err().then(|| refusal(503, told))
            }
            _ => None,
        }
    }

    /// The answer; where writes exclude each other, with the others kept out.
    async fn guarded_answer(&self, request: &Request, route: &Route) -> Message {
        let Trouble::BusyWrites { told } = self.world.trouble else { return self.answer(request, route).await };
        if !is_write(route) {
            return self.answer(request, route).await;
        }
        let Ok(_writing) = self.writing.try_lock() else {
            let answer = self.error(503);
            return if told { answer.and("Retry-After", "1") } else { answer };
        };
        tokio::time::sleep(Duration::from_millis(self.between(1, 12))).await;
        self.answer(request, route).await
    }

    /// An answer's bytes, in the style of the world.
    fn write(&self, answer: Message) -> Vec<u8> {
        let style = self.world.style;
        let mut answer = answer;
        if style.date {
            answer.fields.insert(0, ("Date".to_owned(), "Tue, 07 Jan 2025 10:00:00 GMT".to_owned()));
        }
        let chunked = style.chunked && !answer.body.is_empty();
        if style.small_names {
            for (name, _) in &mut answer.fields {
                name.make_ascii_lowercase();
            }
        }
        if chunked { answer.chunked(7) } else { answer.bytes() }
    }
}

fn is_write(route: &Route) -> bool {
    matches!(route, Route::Create | Route::Remove { .. })
}

/// Reads one request, head and body by Content-Length; none when the client has left or lets it wait for too long.
async fn read(socket: &mut TcpStream, patience: Duration) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let patience = if bytes.is_empty() { patience } else { Duration::from_secs(600) };
        match tokio::time::timeout(patience, socket.read(&mut buffer)).await {
            Ok(Ok(count)) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let fields: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        let length = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
        if bytes.len() < end + 4 + length {
            continue;
        }
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: BTreeMap<String, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        return Some(Request {
            method: method.to_owned(),
            path: decoded(path),
            query,
            fields,
            body: serde_json::from_slice(&bytes[end + 4..end + 4 + length]).unwrap_or_default(),
        });
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
