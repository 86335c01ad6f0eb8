//! A server of raw bytes in front of the embedded reference: it may ask the reference something else than it was asked,
//! and send something else than the reference answered, byte by byte.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conformant::reference::{ReferenceOptions, ReferenceServer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::message::Message;

/// A request that came, as far as deviations tell requests apart.
#[derive(Clone)]
pub(crate) struct Asked {
    /// Its bytes.
    pub(crate) raw: Vec<u8>,
    /// Its method.
    pub(crate) method: String,
    /// Its path and query.
    pub(crate) target: String,
    /// Whose key it carries.
    pub(crate) key: Key,
    /// The conversation it names in its path, as the reference reads it.
    pub(crate) id: Option<String>,
    /// The user it names in its body.
    pub(crate) user: Option<String>,
    /// Whether it is judged. The client that stages writes field names in small letters, the one that judges does not.
    pub(crate) judged: bool,
    /// How many requests came on this connection before.
    pub(crate) earlier: usize,
}

/// Whose key a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// None at all.
    None,
    /// The chat app's.
    Chat,
    /// The completion app's.
    OtherMode,
    /// The other chat app's.
    OtherChat,
    /// None that an app has.
    Wrong,
}

/// What the front has learnt and knows.
pub(crate) struct World {
    /// The keys by their variables.
    pub(crate) keys: Vec<(&'static str, String)>,
    /// The conversations that were made, and their users.
    made: Mutex<BTreeMap<String, String>>,
    /// The conversations whose deletion was asked for by their owner.
    asked_for: Mutex<Vec<String>>,
    address: SocketAddr,
}

/// What is asked of the reference.
pub(crate) enum Plan {
    /// What came.
    Pass,
    /// This instead.
    Ask(Vec<u8>),
    /// These beside, in this order, before the last one; their answers are dropped.
    Also(Vec<Vec<u8>>, Box<Plan>),
    /// Nothing: this is the answer.
    Say(Message),
}

/// What is done to the connection.
#[derive(Clone)]
pub(crate) enum Act {
    Send(Vec<u8>),
    Pause(Duration),
    /// Ends the connection in order, unless a request comes before this time is over.
    CloseIdle(Duration),
    /// Ends the connection in order.
    Close,
    /// Ends it with a reset.
    Reset,
    /// Says nothing more until the client leaves.
    Silence,
    /// Sends these bytes again and again, with a pause between, until the client leaves.
    Forever(Vec<u8>, Duration),
}

/// What a front does.
pub(crate) struct Behaviour {
    /// What it asks the reference.
    pub(crate) plan: Box<dyn Fn(&Asked, &World) -> Plan + Send + Sync>,
    /// What it makes of the answer.
    pub(crate) change: Box<dyn Fn(&Asked, Message) -> Vec<Act> + Send + Sync>,
}

impl Behaviour {
    /// Changes nothing.
    pub(crate) fn none() -> Self {
        Self { plan: Box::new(|_, _| Plan::Pass), change: Box::new(|_, answer| vec![Act::Send(answer.bytes())]) }
    }
}

/// A running front with its reference. Both stop when it is dropped.
pub(crate) struct Front {
    port: u16,
    pub(crate) world: Arc<World>,
    accepting: JoinHandle<()>,
    _reference: ReferenceServer,
}

impl Front {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        Self::before(ReferenceOptions::default(), behaviour).await
    }

    /// In front of a reference with these options.
    pub(crate) async fn before(options: ReferenceOptions, behaviour: Behaviour) -> Self {
        // The front's own connections to it may stand as long as its clients' do.
        let reference =
            ReferenceServer::start(ReferenceOptions { idle: None, ..options }).await.expect("the reference");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let world = Arc::new(World {
            keys: reference.credentials(),
            made: Mutex::default(),
            asked_for: Mutex::default(),
            address: SocketAddr::from(([127, 0, 0, 1], reference.port())),
        });
        let shared = Arc::clone(&world);
        let behaviour = Arc::new(behaviour);
        let accepting = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                connections.spawn(serve(socket, Arc::clone(&shared), Arc::clone(&behaviour)));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { port, world, accepting, _reference: reference }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl World {
    /// The key of a variable.
    pub(crate) fn key(&self, variable: &str) -> &str {
        &self.keys.iter().find(|(name, _)| *name == variable).expect("a key").1
    }

    /// The user of a conversation that was made here.
    pub(crate) fn owner(&self, id: &str) -> Option<String> {
        self.made.lock().expect("the ids").get(id).cloned()
    }

    /// Every conversation of a user, in the order of their ids.
    pub(crate) fn of_user(&self, user: &str) -> Vec<String> {
        let made = self.made.lock().expect("the ids");
        made.iter().filter(|(_, owner)| *owner == user).map(|(id, _)| id.clone()).collect()
    }

    /// Whether the owner asks for the deletion of a conversation, however the id is spelled.
    pub(crate) fn is_owners(&self, asked: &Asked) -> bool {
        asked.method == "DELETE"
            && asked.key == Key::Chat
            && asked.id.as_ref().and_then(|id| self.owner(id)).is_some_and(|owner| asked.user == Some(owner))
    }

    /// Whether the owner asks for it the first time. Says yes once for each.
    pub(crate) fn is_owners_first(&self, asked: &Asked) -> bool {
        let Some(id) = asked.id.clone().filter(|_| self.is_owners(asked)) else { return false };
        let mut asked_for = self.asked_for.lock().expect("the ids");
        let first = !asked_for.contains(&id);
        asked_for.push(id);
        first
    }

    /// The owner's own deletion of a conversation.
    pub(crate) fn deletion(&self, id: &str) -> Vec<u8> {
        let body = serde_json::json!({"user": self.owner(id).unwrap_or_default()}).to_string();
        format!(
            "DELETE /v1/conversations/{id} HTTP/1.1\r\nHost: reference\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.key("API_KEY"),
            body.len()
        )
        .into_bytes()
    }

    fn learn(&self, asked: &Asked, answer: &Message) {
        if asked.method != "POST" || answer.status() != 200 {
            return;
        }
        let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        let id = body["conversation_id"].as_str().expect("an id").to_owned();
        self.made.lock().expect("the ids").insert(id, asked.user.clone().expect("a user"));
    }
}

async fn serve(mut socket: TcpStream, world: Arc<World>, behaviour: Arc<Behaviour>) {
    let _ = socket.set_nodelay(true);
    let mut upstream = None;
    let mut earlier = 0;
    let mut patience = Duration::from_secs(600);
    while let Ok(Some(raw)) = tokio::time::timeout(patience, request(&mut socket)).await {
        let asked = Asked::read(raw, earlier, &world);
        earlier += 1;
        let mut plan = (behaviour.plan)(&asked, &world);
        let answer = loop {
            plan = match plan {
                Plan::Pass => break ask(&mut upstream, &world, &asked.raw).await,
                Plan::Ask(other) => break ask(&mut upstream, &world, &other).await,
                Plan::Say(answer) => break answer,
                Plan::Also(others, then) => {
                    for other in others {
                        ask(&mut upstream, &world, &other).await;
                    }
                    *then
                }
            };
        };
        world.learn(&asked, &answer);
        for act in (behaviour.change)(&asked, answer) {
            if let Act::CloseIdle(time) = act {
                patience = time;
            } else if !act.perform(&mut socket).await {
                return;
            }
        }
    }
}

impl Act {
    /// Says whether the connection goes on.
    async fn perform(self, socket: &mut TcpStream) -> bool {
        match self {
            Self::Send(bytes) => socket.write_all(&bytes).await.is_ok(),
            Self::Pause(time) => {
                tokio::time::sleep(time).await;
                true
            }
            // What comes next decides.
            Self::CloseIdle(_) => true,
            Self::Close => {
                let _ = socket.shutdown().await;
                false
            }
            Self::Reset => {
                let _ = socket.set_zero_linger();
                false
            }
            Self::Silence => {
                while matches!(socket.read(&mut [0; 512]).await, Ok(count) if count > 0) {}
                false
            }
            Self::Forever(bytes, pause) => {
                while socket.write_all(&bytes).await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
                false
            }
        }
    }
}

/// Reads one request, head and body by Content-Length; none when the client has left.
async fn request(socket: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = whole(&bytes, false) {
            assert_eq!(end, bytes.len(), "a client sends one request at a time");
            return Some(bytes);
        }
        let mut buffer = [0; 4096];
        match socket.read(&mut buffer).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}

/// Asks the reference, over the connection that is there or a new one.
async fn ask(upstream: &mut Option<TcpStream>, world: &World, request: &[u8]) -> Message {
    let mut socket = match upstream.take() {
        Some(socket) => socket,
        None => TcpStream::connect(world.address).await.expect("the reference listens"),
    };
    socket.write_all(request).await.expect("the reference takes a request");
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = whole(&bytes, true) {
            assert_eq!(end, bytes.len(), "the reference sends one response at a time");
            *upstream = Some(socket);
            return Message::read(&bytes);
        }
        let mut buffer = [0; 4096];
        let count = socket.read(&mut buffer).await.expect("the reference answers");
        assert!(count > 0, "the reference answers to the end");
        bytes.extend_from_slice(&buffer[..count]);
    }
}

/// Where a message ends, if it is whole. What the reference sends says its length, unless it is a 204.
fn whole(bytes: &[u8], answer: bool) -> Option<usize> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
    assert!(!answer || length.is_some() || head.contains(" 204 "), "a response without a length");
    let end = end + length.unwrap_or(0);
    (bytes.len() >= end).then_some(end)
}

impl Asked {
    fn read(raw: Vec<u8>, earlier: usize, world: &World) -> Self {
        let at = raw.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&raw[..at]).into_owned();
        let mut words = head.split(' ');
        let method = words.next().expect("a method").to_owned();
        let target = words.next().expect("a target").to_owned();
        let field = |name: &str| {
            head.lines().skip(1).find_map(|line| {
                let (own, value) = line.split_once(':')?;
                own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let key = match field("authorization") {
            None => Key::None,
            Some(value) if value == format!("Bearer {}", world.key("API_KEY")) => Key::Chat,
            Some(value) if value == format!("Bearer {}", world.key("WRONG_MODE_API_KEY")) => Key::OtherMode,
            Some(value) if value == format!("Bearer {}", world.key("OTHER_APP_API_KEY")) => Key::OtherChat,
            Some(_) => Key::Wrong,
        };
        let id = target.strip_prefix("/v1/conversations/").map(|id| percent_decoded(id).to_ascii_lowercase());
        let body: Option<serde_json::Value> = serde_json::from_slice(&raw[at + 4..]).ok();
        let user = body.and_then(|body| body["user"].as_str().map(str::to_owned));
        let judged = head.contains("\r\nUser-Agent: ");
        Self { raw, method, target, key, id, user, judged, earlier }
    }

    /// Its Authorization value.
    pub(crate) fn authorization(&self) -> String {
        let head = String::from_utf8_lossy(&self.raw).into_owned();
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("authorization:"));
        line.and_then(|line| line.split_once(": ")).map_or_else(String::new, |(_, value)| value.to_owned())
    }

    /// The request with another Authorization value.
    pub(crate) fn with_key(&self, key: &str) -> Vec<u8> {
        let text = String::from_utf8(self.raw.clone()).expect("a request of text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let kept = head.split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("authorization:"));
        let head = kept.collect::<Vec<_>>().join("\r\n");
        format!("{head}\r\nAuthorization: Bearer {key}\r\n\r\n{body}").into_bytes()
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let code = match (first, after) {
            (b'%', [high, low, ..]) => {
                let digits = [*high, *low];
                std::str::from_utf8(&digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok())
            }
            _ => None,
        };
        if code.is_some() {
            rest = &rest[2..];
        }
        bytes.push(code.unwrap_or(*first));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
