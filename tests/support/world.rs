//! A server that holds conversations, some of them other people's, and reads requests as carelessly as any server could:
//! what could be meant by a deletion is deleted. It keeps every request, and a test may have it answer otherwise.

#![allow(dead_code, reason = "every test target uses its own part of this")]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Conversations that nobody but their owner may touch.
pub(crate) const FOREIGN: [&str; 4] =
    ["5d3a9a4e-8f0b-4c1d-9e2f-77aa00bb11cc", "7", "507f1f77bcf86cd799439011", "kept-for-alice"];

/// The keys of its two apps.
pub(crate) const KEYS: [(&str, &str); 2] =
    [("API_KEY", "app-ChatflowKey0000000000001"), ("WRONG_MODE_API_KEY", "app-CompletionKey00000000002")];

/// A connection is closed after an answer that says so.
const CLOSES: &str = "Connection: close\r\n";

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The method that the most obliging framework would take it for.
    fn effective_method(&self) -> String {
        let field =
            ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"].iter().find_map(|name| self.field(name));
        if let Some(method) = field {
            return method.to_uppercase();
        }
        let says_so = |text: &str| decoded(text).to_lowercase().contains("_method=delete");
        if says_so(&self.target) || says_so(&self.body) { "DELETE".to_owned() } else { self.method.to_uppercase() }
    }

    /// Whether it is judged: the client that stages writes field names in small letters, the one that judges does not.
    pub(crate) fn is_judged(&self) -> bool {
        self.fields.iter().any(|(name, _)| name == "User-Agent")
    }

    /// Whether it could remove something.
    pub(crate) fn destroys(&self) -> bool {
        let method = self.effective_method();
        method == "DELETE"
            || method == "PUT"
            || method == "PATCH"
            || (method == "POST" && self.target.contains("delete"))
    }

    /// Everything it says, decoded.
    fn everything(&self) -> String {
        let fields = self.fields.iter().fold(String::new(), |all, (name, value)| all + name + ": " + value + "\n");
        decoded(&format!("{}\n{fields}\n{}", self.target, self.body))
    }
}

/// A text, percent-decoded until nothing changes, in lower case.
fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..6 {
        text = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    text.to_lowercase()
}

type Answer = dyn Fn(&Seen, &World) -> Option<String> + Send + Sync;

/// The server's state, shared with the test.
pub(crate) struct World {
    pub(crate) url: String,
    objects: Mutex<BTreeMap<String, String>>,
    seen: Mutex<Vec<Seen>>,
    next: AtomicUsize,
    made: AtomicUsize,
    answer: Box<Answer>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// A world that answers as the API does.
    pub(crate) fn plain() -> Arc<Self> {
        Self::start(|_, _| None)
    }

    /// A world in which a test answers what it wants to: raw bytes, none to close the connection without a word.
    pub(crate) fn start(answer: impl Fn(&Seen, &Self) -> Option<String> + Send + Sync + 'static) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1", listener.local_addr().expect("its address"));
        let objects = FOREIGN.iter().map(|id| ((*id).to_owned(), "alice".to_owned())).collect();
        let world = Arc::new(Self {
            url,
            objects: Mutex::new(objects),
            seen: Mutex::default(),
            next: AtomicUsize::new(1),
            made: AtomicUsize::new(0),
            answer: Box::new(answer),
        });
        let serving = Arc::clone(&world);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let world = Arc::clone(&serving);
                std::thread::spawn(move || world.serve(stream));
            }
        });
        world
    }

    /// What came, so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        lock(&self.seen).clone()
    }

    /// How many conversations were made here.
    pub(crate) fn made(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }

    /// The conversations that are nobody's but this run's and still here.
    pub(crate) fn left(&self) -> Vec<String> {
        lock(&self.objects).iter().filter(|(_, owner)| *owner != "alice").map(|(id, _)| id.clone()).collect()
    }

    /// The conversations that are nobody's but this run's, with their owners, in the order in which they were made.
    pub(crate) fn owned(&self) -> Vec<(String, String)> {
        let objects = lock(&self.objects);
        objects.iter().filter(|(_, owner)| *owner != "alice").map(|(id, owner)| (id.clone(), owner.clone())).collect()
    }

    /// Takes a conversation away that nobody asked to remove.
    pub(crate) fn take(&self, id: &str) {
        lock(&self.objects).remove(id);
    }

    /// Waits until something holds, at most a minute.
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..6000 {
            if holds(self) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it never came to this: {what}; seen: {:?}", self.seen());
    }

    /// Everything of other people is still here, and nothing that could remove something named any of it.
    #[track_caller]
    pub(crate) fn unharmed(&self, attack: &str) {
        let objects = lock(&self.objects).clone();
        for id in FOREIGN {
            assert_eq!(objects.get(id).map(String::as_str), Some("alice"), "{attack}: {id} was removed");
        }
        for seen in self.seen().iter().filter(|seen| seen.destroys()) {
            let everything = seen.everything();
            for id in FOREIGN.iter().filter(|id| id.len() > 1) {
                assert!(!everything.contains(id), "{attack}: sent {seen:?}");
            }
            let path = decoded(seen.target.split('?').next().unwrap_or_default());
            assert!(!path.ends_with("/7") && !path.contains("..") && !path.contains('*'), "{attack}: sent {seen:?}");
        }
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        while let Some(seen) = read(&mut stream, &mut bytes) {
            lock(&self.seen).push(seen.clone());
            let answer = (self.answer)(&seen, self).unwrap_or_else(|| self.usual(&seen));
            if answer.is_empty() || stream.write_all(answer.as_bytes()).is_err() || answer.contains(CLOSES) {
                return;
            }
        }
    }

    /// A conversation made here for this user.
    pub(crate) fn make(&self, user: &str) -> String {
        let id = format!("c0ffee00-0000-4000-8000-{:012x}", self.next.fetch_add(1, Ordering::SeqCst));
        lock(&self.objects).insert(id.clone(), user.to_owned());
        self.made.fetch_add(1, Ordering::SeqCst);
        id
    }

    /// What the API answers.
    pub(crate) fn usual(&self, seen: &Seen) -> String {
        let path = seen.target.split('?').next().unwrap_or_default();
        let key = seen.field("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let mode = if key == KEYS[0].1 { "advanced-chat" } else { "completion" };
        if !KEYS.iter().any(|(_, known)| *known == key) {
            return json(401, "Unauthorized", r#"{"code":"unauthorized","message":"no","status":401}"#);
        }
        match (seen.effective_method().as_str(), path) {
            ("GET", "/v1/info") => json(200, "OK", &format!(r#"{{"mode":"{mode}"}}"#)),
            ("POST", "/v1/chat-messages") => {
                let id = self.make(&user_of(&seen.body));
                json(200, "OK", &format!(r#"{{"conversation_id":"{id}"}}"#))
            }
            ("GET", "/v1/messages") => {
                let id = after(&seen.target, "conversation_id=");
                let there = lock(&self.objects).get(&id).is_some_and(|owner| *owner == after(&seen.target, "user="));
                if there { json(200, "OK", r#"{"data":[]}"#) } else { not_found() }
            }
            ("DELETE" | "PUT" | "PATCH", _) if mode == "completion" => json(
                400,
                "BAD REQUEST",
                r#"{"code":"not_chat_app","message":"Please check if your app mode matches the right API route.","status":400}"#,
            ),
            ("DELETE" | "PUT" | "PATCH" | "POST", _) => {
                if self.remove(seen) {
                    "HTTP/1.1 204 NO CONTENT\r\n\r\n".to_owned()
                } else {
                    not_found()
                }
            }
            _ => not_found(),
        }
    }

    /// Removes every object that could be meant: objects of other users for any sender, and own ones for their user.
    fn remove(&self, seen: &Seen) -> bool {
        let everything = seen.everything();
        let path = decoded(seen.target.split('?').next().unwrap_or_default());
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        let all = ["*", "all", "_all", "..", ".", "conversations", "", "null", "me"].contains(&last.as_str())
            || everything.contains("/..");
        let mut objects = lock(&self.objects);
        let before = objects.len();
        let named = |id: &str| {
            last.split([',', ';', '|']).any(|one| one.trim() == id)
                || (id.len() > 1 && everything.replace('-', "").contains(&id.replace('-', "")))
                || everything.contains(&format!("id={id}"))
                || everything.contains(&format!("\"id\":{id}"))
        };
        objects.retain(|id, owner| {
            !(all || named(id) && (owner == "alice" || everything.contains(&owner.to_lowercase())))
        });
        objects.len() < before
    }
}

/// The value after a name in a target, up to the next `&`.
fn after(target: &str, name: &str) -> String {
    decoded(target.split(name).nth(1).unwrap_or_default().split('&').next().unwrap_or_default())
}

fn user_of(body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    body["user"].as_str().unwrap_or("nobody").to_owned()
}

fn not_found() -> String {
    json(404, "NOT FOUND", r#"{"code":"not_found","message":"Conversation Not Exists.","status":404}"#)
}

/// An answer with a JSON body.
pub(crate) fn json(status: u16, reason: &str, body: &str) -> String {
    let challenge = if status == 401 { "WWW-Authenticate: Bearer\r\n" } else { "" };
    format!(
        "HTTP/1.1 {status} {reason}\r\n{challenge}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The next request of a connection; none once it is closed.
pub(crate) fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Seen> {
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let mut lines = head.lines();
            let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
            let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let fields: Vec<(String, String)> = lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
                .collect();
            let length = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
            let whole = end + 4 + length;
            if bytes.len() >= whole {
                let body = String::from_utf8_lossy(&bytes[end + 4..whole]).into_owned();
                bytes.drain(..whole);
                return Some(Seen { method, target, fields, body });
            }
        }
        let mut buffer = [0; 8192];
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}
