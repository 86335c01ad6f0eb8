//! Which response the reference gives. It checks in this order: path, method, key, body, user, mode, conversation.
//!
//! `answer` writes the response.

use std::time::Duration;

use axum::body::{self, Body};
use axum::extract::Request;
use axum::http::header::CONNECTION;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Version};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::answer::{
    Answers, ApiError, NO_CONVERSATION, NO_CONVERSATION_CHAT, NO_CONVERSATION_MESSAGES, NOT_CHAT_APP, TOO_LARGE,
    USER_WANTED, WRONG_KEY,
};
use super::keys::Keys;
use super::releases::Release;
use super::request::{Unusable, key, object, parameter};
use super::route::{Route, hyphenated};
use super::store::{App, Conversation, Message, Store, User};

/// The user of a request that names none.
const DEFAULT_USER: &str = "DEFAULT-USER";
/// The largest request body, in bytes.
const BODY_LIMIT: usize = 1 << 20;
/// The most entries of a list.
const LIMIT: usize = 20;

/// The API.
pub(super) struct Service {
    pub(super) release: &'static Release,
    pub(super) keys: Keys,
    pub(super) store: Store,
    pub(super) answers: Answers,
    pub(super) making: Duration,
    pub(super) user_gap: Option<Duration>,
}

impl Service {
    /// Answers a request.
    pub(super) async fn answer(&self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let mut response = self.decide(&head, body).await;
        if stays_open(&head) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("keep-alive"));
        }
        response
    }

    /// Finds the response, with the checks in the order of the recorded server.
    async fn decide(&self, head: &Parts, body: Body) -> Response {
        // The body is always read: unread bytes would end the connection.
        let body = body::to_bytes(body, BODY_LIMIT).await;
        let Some(route) = Route::of(head.uri.path()) else { return self.answers.not_found() };
        if !route.takes(&head.method) {
            return self.answers.wrong_method();
        }
        let app = match key(&head.headers).and_then(|key| self.keys.app(key).ok_or(WRONG_KEY)) {
            Ok(app) => app,
            Err(error) => return self.answers.unauthorized(error),
        };
        let Ok(body) = body else { return self.answers.refused(TOO_LARGE) };
        match route {
            Route::Info => self.info(app),
            Route::ChatMessages => self.chat(app, head, &body).await,
            Route::Messages => self.messages(app, head).await,
            Route::Conversations => self.conversations(app, head).await,
            Route::Conversation(id) => self.delete(app, head, &body, id).await,
        }
    }

    /// The end user of a name: looked up, and made if there is none. Like the real API, it takes no lock between the two steps,
    /// so two requests at the same time may each make a user.
    async fn user(&self, app: App, name: &str) -> User {
        let Some(gap) = self.user_gap else { return self.store.only_user(app, name) };
        if let Some(user) = self.store.user(app, name) {
            return user;
        }
        if gap.is_zero() {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(gap).await;
        }
        self.store.make_user(app, name)
    }

    async fn delete(&self, app: App, head: &Parts, body: &[u8], id: Uuid) -> Response {
        let mut body = match object(&head.headers, body) {
            Ok(body) => body,
            Err(unusable) => return self.unusable(unusable),
        };
        let user = text(body.remove("user"));
        let owner = self.user(app, user.as_deref().unwrap_or(DEFAULT_USER)).await;
        if !app.chats() {
            return self.answers.refused(NOT_CHAT_APP);
        }
        let deleted = self.store.delete(id, self.release.looks_first.then_some(owner));
        if deleted || !self.release.looks_first {
            self.answers.deleted(self.release.status, self.release.body)
        } else {
            self.answers.refused(NO_CONVERSATION)
        }
    }

    async fn chat(&self, app: App, head: &Parts, body: &[u8]) -> Response {
        let mut body = match object(&head.headers, body) {
            Ok(body) => body,
            Err(unusable) => return self.unusable(unusable),
        };
        let Some(user) = text(body.remove("user")) else { return self.answers.refused(USER_WANTED) };
        let owner = self.user(app, &user).await;
        if !app.chats() {
            return self.answers.refused(NOT_CHAT_APP);
        }
        let Some(Value::String(query)) = body.remove("query") else { return self.invalid("query must be a string.") };
        let Some(Value::Object(inputs)) = body.remove("inputs") else {
            return self.invalid("inputs must be an object.");
        };
        if body.get("response_mode").and_then(Value::as_str) != Some("blocking") {
            return self.invalid("response_mode: only blocking is answered here.");
        }
        let going_on = match text(body.remove("conversation_id")) {
            None => None,
            Some(id) => match hyphenated(&id) {
                None => return self.invalid("conversation_id must be a valid UUID."),
                Some(id) if !self.store.has(id, owner) => return self.answers.refused(NO_CONVERSATION_CHAT),
                found => found,
            },
        };
        if !self.making.is_zero() {
            tokio::time::sleep(self.making).await;
        }
        let (id, message) = if let Some(id) = going_on {
            (id, self.store.go_on(id, owner, query, inputs))
        } else {
            let id = Uuid::new_v4();
            (id, Some(self.store.open(id, owner, query, inputs)))
        };
        match message {
            Some(message) => self.answers.message(&ChatMessage::new(app, id, &message)),
            // The conversation was deleted in the meantime.
            None => self.answers.refused(NO_CONVERSATION_CHAT),
        }
    }

    async fn messages(&self, app: App, head: &Parts) -> Response {
        let query = head.uri.query().unwrap_or_default();
        let owner = self.user(app, &user_of(query)).await;
        if !app.chats() {
            return self.answers.refused(NOT_CHAT_APP);
        }
        let Some(id) = parameter(query, "conversation_id").as_deref().and_then(hyphenated) else {
            return self.invalid("conversation_id must be a valid UUID.");
        };
        match self.store.messages(id, owner, LIMIT) {
            Some((messages, has_more)) => {
                let data = messages.iter().map(|message| MessageRow::new(id, message)).collect();
                self.answers.found(&List { limit: LIMIT, has_more, data })
            }
            None => self.answers.refused(NO_CONVERSATION_MESSAGES),
        }
    }

    async fn conversations(&self, app: App, head: &Parts) -> Response {
        let owner = self.user(app, &user_of(head.uri.query().unwrap_or_default())).await;
        if !app.chats() {
            return self.answers.refused(NOT_CHAT_APP);
        }
        let (data, has_more) = self.store.list(owner, LIMIT, ConversationRow::new);
        self.answers.found(&List { limit: LIMIT, has_more, data })
    }

    fn info(&self, app: App) -> Response {
        #[derive(Serialize)]
        struct Info {
            name: &'static str,
            description: &'static str,
            tags: [&'static str; 0],
            mode: &'static str,
            author_name: &'static str,
        }
        self.answers.found(&Info {
            name: app.name(),
            description: "",
            tags: [],
            mode: app.mode(),
            author_name: "admin",
        })
    }

    fn invalid(&self, message: &str) -> Response {
        self.answers.refused(ApiError::new(400, "invalid_param", message))
    }

    fn unusable(&self, unusable: Unusable) -> Response {
        match unusable {
            Unusable::Refused(error) => self.answers.refused(error),
            Unusable::Breaks => self.answers.broken(),
        }
    }
}

/// Whether the client keeps the connection open after this request (RFC 9112 §9.3). Otherwise hyper writes the Connection
/// field.
fn stays_open(head: &Parts) -> bool {
    let options = head.headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let close = options.flat_map(|value| value.split(',')).any(|option| option.trim().eq_ignore_ascii_case("close"));
    head.version == Version::HTTP_11 && !close
}

/// A text that is not empty. Every other value counts as missing.
fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// The user that a query names.
fn user_of(query: &str) -> String {
    parameter(query, "user").filter(|user| !user.is_empty()).unwrap_or_else(|| DEFAULT_USER.to_owned())
}

#[derive(Serialize)]
struct List<T> {
    limit: usize,
    has_more: bool,
    data: Vec<T>,
}

#[derive(Serialize)]
struct ConversationRow {
    id: Uuid,
    name: String,
    inputs: Map<String, Value>,
    status: &'static str,
    introduction: &'static str,
    created_at: u64,
    updated_at: u64,
}

impl ConversationRow {
    fn new(id: Uuid, conversation: &Conversation) -> Self {
        Self {
            id,
            name: conversation.name.clone(),
            inputs: conversation.inputs.clone(),
            status: "normal",
            introduction: "",
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
        }
    }
}

#[derive(Serialize)]
struct MessageRow<'a> {
    id: Uuid,
    conversation_id: Uuid,
    parent_message_id: Uuid,
    inputs: &'a Map<String, Value>,
    query: &'a str,
    answer: &'a str,
    feedback: Option<()>,
    retriever_resources: [(); 0],
    created_at: u64,
    agent_thoughts: [(); 0],
    message_files: [(); 0],
    status: &'static str,
    error: Option<()>,
}

impl<'a> MessageRow<'a> {
    fn new(conversation: Uuid, message: &'a Message) -> Self {
        Self {
            id: message.id,
            conversation_id: conversation,
            parent_message_id: message.parent,
            inputs: &message.inputs,
            query: &message.query,
            answer: &message.answer,
            feedback: None,
            retriever_resources: [],
            created_at: message.created_at,
            agent_thoughts: [],
            message_files: [],
            status: "normal",
            error: None,
        }
    }
}

/// The answer to a blocking chat message.
#[derive(Serialize)]
struct ChatMessage<'a> {
    event: &'static str,
    task_id: Uuid,
    id: Uuid,
    message_id: Uuid,
    conversation_id: Uuid,
    mode: &'static str,
    answer: &'a str,
    metadata: Metadata,
    created_at: u64,
}

#[derive(Default, Serialize)]
struct Metadata {
    annotation_reply: Option<()>,
    retriever_resources: [(); 0],
    usage: Usage,
}

#[derive(Serialize)]
struct Usage {
    prompt_tokens: u32,
    prompt_unit_price: &'static str,
    prompt_price_unit: &'static str,
    prompt_price: &'static str,
    completion_tokens: u32,
    completion_unit_price: &'static str,
    completion_price_unit: &'static str,
    completion_price: &'static str,
    total_tokens: u32,
    total_price: &'static str,
    currency: &'static str,
    latency: f64,
    time_to_first_token: f64,
    time_to_generate: f64,
}

impl Default for Usage {
    fn default() -> Self {
        Self {
            prompt_tokens: 0,
            prompt_unit_price: "0.0",
            prompt_price_unit: "0.0",
            prompt_price: "0.0",
            completion_tokens: 0,
            completion_unit_price: "0.0",
            completion_price_unit: "0.0",
            completion_price: "0.0",
            total_tokens: 0,
            total_price: "0.0",
            currency: "USD",
            latency: 0.0,
            time_to_first_token: 0.0,
            time_to_generate: 0.0,
        }
    }
}

impl<'a> ChatMessage<'a> {
    fn new(app: App, conversation: Uuid, message: &'a Message) -> Self {
        Self {
            event: "message",
            task_id: Uuid::new_v4(),
            id: message.id,
            message_id: message.id,
            conversation_id: conversation,
            mode: app.mode(),
            answer: &message.answer,
            metadata: Metadata::default(),
            created_at: message.created_at,
        }
    }
}
