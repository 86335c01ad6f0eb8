//! The apps and their conversations, in memory.
//!
//! Conversations are stored in shards by id, each with its own lock, so that requests about different conversations do
//! not wait for each other. No lock is held during an `await`. After a deletion only the end user is left.
//!
//! A conversation belongs to the row of an end user. A name may have several rows; a look-up finds the first.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};
use uuid::Uuid;

const SHARDS: usize = 64;

/// An app of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum App {
    /// The chat app.
    Chat,
    /// A completion app, which has no conversations to delete.
    Completion,
    /// Another chat app.
    OtherChat,
    /// A workflow app, which has no conversations either.
    Workflow,
}

impl App {
    /// Every app.
    pub const ALL: [Self; 4] = [Self::Chat, Self::Completion, Self::OtherChat, Self::Workflow];

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chatflow",
            Self::Completion => "completion",
            Self::OtherChat => "chatflow-2",
            Self::Workflow => "workflow",
        }
    }

    /// Its mode, as `GET /info` returns it.
    pub(super) const fn mode(self) -> &'static str {
        match self {
            Self::Chat | Self::OtherChat => "advanced-chat",
            Self::Completion => "completion",
            Self::Workflow => "workflow",
        }
    }

    /// Whether it has conversations.
    pub(super) const fn chats(self) -> bool {
        matches!(self, Self::Chat | Self::OtherChat)
    }
}

/// The row of an end user of an app: the owner of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct User(u64);

pub(super) struct Conversation {
    user: User,
    pub(super) name: String,
    pub(super) inputs: Map<String, Value>,
    pub(super) created_at: u64,
    pub(super) updated_at: u64,
    pub(super) messages: Vec<Message>,
}

#[derive(Clone)]
pub(super) struct Message {
    pub(super) id: Uuid,
    pub(super) parent: Uuid,
    pub(super) inputs: Map<String, Value>,
    pub(super) query: String,
    pub(super) answer: String,
    pub(super) created_at: u64,
}

pub(super) struct Store {
    shards: Vec<Mutex<HashMap<Uuid, Conversation>>>,
    users: Mutex<Users>,
}

/// The rows of end users.
#[derive(Default)]
struct Users {
    /// The first row of each name.
    first: HashMap<(App, String), User>,
    made: u64,
}

impl Store {
    pub(super) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), users: Mutex::default() }
    }

    /// Looks up the end user of a name.
    pub(super) fn user(&self, app: App, name: &str) -> Option<User> {
        let users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        users.first.get(&(app, name.to_owned())).copied()
    }

    /// Makes a row for an end user, even if the name already has one.
    pub(super) fn make_user(&self, app: App, name: &str) -> User {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        users.make(app, name)
    }

    /// The end user of a name, made under the same lock if there is none.
    pub(super) fn only_user(&self, app: App, name: &str) -> User {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        let found = users.first.get(&(app, name.to_owned())).copied();
        found.unwrap_or_else(|| users.make(app, name))
    }

    fn shard(&self, id: Uuid) -> MutexGuard<'_, HashMap<Uuid, Conversation>> {
        // The last byte of an id is random, here and in recordings.
        let shard = &self.shards[usize::from(id.as_bytes()[15]) % SHARDS];
        // No code panics while it holds the lock, so the map is always valid.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a conversation with its first message; returns the message.
    pub(super) fn open(&self, id: Uuid, owner: User, query: String, inputs: Map<String, Value>) -> Message {
        let message = Message::answering(query, inputs, Uuid::nil());
        let conversation = Conversation {
            user: owner,
            name: message.query.clone(),
            inputs: message.inputs.clone(),
            created_at: message.created_at,
            updated_at: message.created_at,
            messages: vec![message.clone()],
        };
        self.shard(id).insert(id, conversation);
        message
    }

    /// Adds a message to an owner's conversation. `None` if the owner does not have it.
    pub(super) fn go_on(&self, id: Uuid, owner: User, query: String, inputs: Map<String, Value>) -> Option<Message> {
        let mut shard = self.shard(id);
        let conversation = shard.get_mut(&id).filter(|conversation| conversation.user == owner)?;
        let parent = conversation.messages.last().map_or(Uuid::nil(), |message| message.id);
        let message = Message::answering(query, inputs, parent);
        conversation.updated_at = message.created_at;
        conversation.messages.push(message.clone());
        Some(message)
    }

    /// Whether an owner has a conversation.
    pub(super) fn has(&self, id: Uuid, owner: User) -> bool {
        self.shard(id).get(&id).is_some_and(|conversation| conversation.user == owner)
    }

    /// The last `limit` messages of an owner's conversation, the oldest first, and whether there are more.
    pub(super) fn messages(&self, id: Uuid, owner: User, limit: usize) -> Option<(Vec<Message>, bool)> {
        let shard = self.shard(id);
        let messages = &shard.get(&id).filter(|conversation| conversation.user == owner)?.messages;
        let skipped = messages.len().saturating_sub(limit);
        Some((messages[skipped..].to_vec(), skipped > 0))
    }

    /// The owner's `limit` latest conversations, mapped by `seen`, the latest change first; and whether there are more.
    pub(super) fn list<T>(&self, owner: User, limit: usize, seen: impl Fn(Uuid, &Conversation) -> T) -> (Vec<T>, bool) {
        let mut found = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let of_owner = shard.iter().filter(|(_, conversation)| conversation.user == owner);
            found.extend(of_owner.map(|(id, conversation)| (conversation.updated_at, seen(*id, conversation))));
        }
        found.sort_by_key(|(updated_at, _)| Reverse(*updated_at));
        let more = found.len() > limit;
        (found.into_iter().take(limit).map(|(_, value)| value).collect(), more)
    }

    /// Deletes a conversation, if it belongs to `owner`; `None` deletes it for every owner. Returns whether it was deleted.
    pub(super) fn delete(&self, id: Uuid, owner: Option<User>) -> bool {
        let mut shard = self.shard(id);
        let there = shard.get(&id).is_some_and(|conversation| owner.is_none_or(|owner| conversation.user == owner));
        if there {
            shard.remove(&id);
        }
        there
    }
}

impl Users {
    fn make(&mut self, app: App, name: &str) -> User {
        self.made += 1;
        let user = User(self.made);
        self.first.entry((app, name.to_owned())).or_insert(user);
        user
    }
}

impl Message {
    /// The app's response to a query. The recorded app repeats the query.
    fn answering(query: String, inputs: Map<String, Value>, parent: Uuid) -> Self {
        let answer = format!("Hello from Dify. You said: {query}");
        Self { id: Uuid::new_v4(), parent, inputs, query, answer, created_at: now() }
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
