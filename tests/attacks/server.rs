//! A server that holds objects that the run did not make, and reads requests as carelessly as any server could. It notes
//! every request that could have changed one of these objects.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::api::Api;
use crate::reading::{decoded, same, texts, tokens};
use crate::world::{Seen, json as answer, read};

/// The field by which a suite marks the POST that makes an object of a state. Such a request may name existing objects.
pub(crate) const MAKING: &str = "X-Making";

/// Words by which a request says that it removes.
const REMOVING: &[&str] = &[
    "batchdelete",
    "cancel",
    "clear",
    "delete",
    "destroy",
    "drop",
    "erase",
    "logout",
    "move",
    "purge",
    "remove",
    "reset",
    "revoke",
    "terminate",
    "unlink",
    "wipe",
];

/// Segments that mean more than one object.
const ALL: &[&str] = &["*", "_all", "all", "me", "self", "latest", "null", "undefined", "..", "."];

/// A running server.
pub(crate) struct Server {
    pub(crate) url: String,
    api: Api,
    /// The objects that the run made and that are still there.
    own: Mutex<BTreeSet<String>>,
    /// All objects that the run made.
    made: Mutex<BTreeSet<String>>,
    next: AtomicUsize,
    seen: Mutex<Vec<Seen>>,
    touched: Mutex<Vec<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    pub(crate) fn start(api: Api) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Arc::new(Self {
            url: format!("http://{}", listener.local_addr().expect("its address")),
            api,
            own: Mutex::default(),
            made: Mutex::default(),
            next: AtomicUsize::new(0),
            seen: Mutex::default(),
            touched: Mutex::default(),
        });
        let serving = Arc::downgrade(&server);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(server) = serving.upgrade().filter(|server| !server.has_ended()) else { return };
                std::thread::spawn(move || server.serve(stream));
            }
        });
        server
    }

    /// Ends the server: no thread stays.
    pub(crate) fn end(&self) {
        self.next.store(ENDED, Ordering::SeqCst);
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }

    fn has_ended(&self) -> bool {
        self.next.load(Ordering::SeqCst) == ENDED
    }

    /// Says that the run made an object.
    pub(crate) fn has_made(&self, id: &str) {
        lock(&self.made).insert(id.to_owned());
    }

    /// What could have changed an object that the run did not make.
    pub(crate) fn touched(&self) -> Vec<String> {
        lock(&self.touched).clone()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        lock(&self.seen).clone()
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        while let Some(seen) = read(&mut stream, &mut bytes) {
            let request = Request::of(&seen);
            lock(&self.touched)
                .extend(self.reached(&request).map(|why| format!("{} {}: {why}", seen.method, seen.target)));
            lock(&self.seen).push(seen);
            if stream.write_all(self.respond(&request).as_bytes()).is_err() {
                return;
            }
        }
    }

    /// The object of others that a request could change.
    pub(crate) fn reached(&self, request: &Request) -> Option<String> {
        if !request.changes() || (request.making && !request.removes()) {
            let last = request.segments.last().filter(|_| request.changes());
            let changed = last.and_then(|last| self.foreign(last, false)).map(|id| format!("the path ends with {id}"));
            return request.framing.clone().filter(|_| request.changes()).or(changed);
        }
        request.framing.clone().or_else(|| self.reached_by_path(request)).or_else(|| self.reached_by_values(request))
    }

    fn reached_by_path(&self, request: &Request) -> Option<String> {
        let own = lock(&self.made).clone();
        let names_own = |(_, text): &(String, String)| own.iter().any(|own| tokens(text).any(|token| same(token, own)));
        let named = request.texts.iter().any(names_own);
        let creates = request.method == "POST" && !request.removes();
        let last = request.segments.last().map_or("", String::as_str);
        let below = named || self.api.collections.iter().any(|collection| collection == last);
        for segment in request.segments.iter().rev() {
            let mut parts = segment.split([',', ';', '/']).map(str::trim);
            if let Some(foreign) = parts.find_map(|part| self.foreign(part, true)) {
                // Where something is created, or where an object of the run is named, it is scope.
                if creates && below && segment != last {
                    return None;
                }
                return Some(format!("the path names {foreign}"));
            }
            if ALL.contains(&segment.as_str()) {
                return Some(format!("the path says {segment}"));
            }
            if own.iter().any(|own| same(segment, own)) || is_fresh(segment) {
                return None;
            }
        }
        (!named && !creates).then(|| "the path is that of a collection".to_owned())
    }

    fn reached_by_values(&self, request: &Request) -> Option<String> {
        request.texts.iter().find_map(|(name, text)| {
            let id_name = name.to_lowercase().contains("id");
            let found = tokens(text).chain([text.as_str()]).find_map(|token| self.foreign(token, id_name))?;
            // What came with the object may stand beside it, if its name says that it is something else.
            let beside = self.api.companions.iter().any(|(known, id)| known == name && *id == found);
            (!beside).then(|| format!("{name:?} names {found}"))
        })
    }

    /// The object of others that a text names. A word names one only where an id is expected.
    fn foreign(&self, text: &str, id_expected: bool) -> Option<String> {
        let found = self.api.foreign.iter().find(|foreign| same(text, foreign))?;
        (id_expected || !self.api.is_word(found)).then(|| found.clone())
    }

    fn respond(&self, request: &Request) -> String {
        let last = request.segments.last().cloned().unwrap_or_default();
        let mut own = lock(&self.own);
        let is_own = own.contains(&last);
        let is_foreign = self.api.foreign.iter().any(|foreign| same(&last, foreign));
        let is_collection = self.api.collections.contains(&last);
        match request.method.as_str() {
            "POST" if request.removes() => {
                let named: Vec<String> = own
                    .iter()
                    .filter(|own| request.everything().any(|text| text.contains(own.as_str())))
                    .cloned()
                    .collect();
                for id in &named {
                    own.remove(id);
                }
                answer(if named.is_empty() { 404 } else { 200 }, "", "{}")
            }
            "POST" if is_collection || request.making => {
                let id = self.api.own_id(self.next.fetch_add(1, Ordering::SeqCst), &request.body);
                own.insert(id.clone());
                lock(&self.made).insert(id.clone());
                answer(201, "", &self.api.shown(&id).to_string())
            }
            "PUT" if !is_own && !is_foreign && !is_collection && is_fresh(&last) && request.making => {
                own.insert(last.clone());
                lock(&self.made).insert(last.clone());
                answer(201, "", &self.api.shown(&last).to_string())
            }
            "GET" | "HEAD" | "OPTIONS" if is_collection => {
                let items: Vec<Value> = self.api.foreign.iter().map(|id| json!({"id": id})).collect();
                answer(200, "", &json!({"items": items}).to_string())
            }
            "GET" | "HEAD" | "OPTIONS" => {
                answer(if is_own || is_foreign { 200 } else { 404 }, "", &self.api.shown(&last).to_string())
            }
            "DELETE" => {
                let named: Vec<String> = own
                    .iter()
                    .filter(|own| **own == last || (is_collection && request.everything().any(|text| text == *own)))
                    .cloned()
                    .collect();
                for id in &named {
                    own.remove(id);
                }
                if named.is_empty() { answer(404, "", "{}") } else { "HTTP/1.1 204 No Content\r\n\r\n".to_owned() }
            }
            _ => {
                let there = request.segments.iter().any(|segment| own.contains(segment));
                answer(if there { 200 } else { 404 }, "", "{}")
            }
        }
    }
}

/// The number of the next object of a server that has ended.
const ENDED: usize = usize::MAX / 2;

/// Whether a segment is a name that the run made up, or says that it is no id.
fn is_fresh(segment: &str) -> bool {
    let uuid = |start: usize| segment.get(start..start + 36).is_some_and(|part| uuid::Uuid::try_parse(part).is_ok());
    let marked = ["not-a-", "no-such-"].iter().any(|mark| segment.to_lowercase().starts_with(mark));
    marked || segment.contains("conformant-") || (0..segment.len().saturating_sub(35)).any(uuid)
}

/// A request as a careless server reads it.
#[derive(Debug)]
pub(crate) struct Request {
    method: String,
    /// The decoded segments of the path.
    segments: Vec<String>,
    /// Every name and value in query, fields and body, decoded.
    texts: Vec<(String, String)>,
    body: String,
    making: bool,
    action: bool,
    framing: Option<String>,
}

impl Request {
    pub(crate) fn of(seen: &Seen) -> Self {
        let mut method = seen.method.to_uppercase();
        let mut target = seen.target.clone();
        let mut framing = None;
        let (_, query) = seen.target.split_once('?').unwrap_or_default();
        let mut all = texts(query, &seen.body);
        for (name, value) in &seen.fields {
            let plain = name.to_lowercase().replace('_', "-");
            let rewrites =
                ["original", "rewrite", "forwarded-path", "forwarded-uri", "forwarded-prefix", "envoy", "x-url"];
            if plain.contains("method") {
                method = value.to_uppercase();
            } else if rewrites.iter().any(|part| plain.contains(part)) {
                target.clone_from(value);
            } else if (plain == "transfer-encoding" || plain == "te" || plain == "upgrade") && method != "GET" {
                framing = Some(format!("the field {name} changes the framing"));
            }
            let standard = ["host", "accept", "accept-encoding", "content-type", "content-length", "connection"];
            if !standard.contains(&plain.as_str()) {
                all.push((name.clone(), decoded(value)));
                all.push((String::new(), decoded(name)));
            }
        }
        if let Some((_, other)) = all.iter().find(|(name, _)| name.to_lowercase().starts_with("_method")) {
            method = other.to_uppercase();
        }
        let path = decoded(target.split('?').next().unwrap_or_default());
        let segments: Vec<String> =
            path.split(['/', '\\']).filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let action = all.iter().any(|(name, value)| {
            ["action", "op", "do", "cmd", "operation", "command"].contains(&name.to_lowercase().as_str())
                && says_removal(value)
                || says_removal(name) && value != "false"
        });
        let making = seen.field(MAKING).is_some();
        Self { method, segments, texts: all, body: seen.body.clone(), making, action, framing }
    }

    /// Whether it could change something.
    fn changes(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS") || self.removes()
    }

    fn removes(&self) -> bool {
        self.action || self.segments.iter().any(|segment| says_removal(segment))
    }

    fn everything(&self) -> impl Iterator<Item = &String> {
        self.segments.iter().chain(self.texts.iter().map(|(_, text)| text))
    }
}

fn says_removal(text: &str) -> bool {
    let bare: String = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    REMOVING.iter().any(|word| bare.contains(word))
}
