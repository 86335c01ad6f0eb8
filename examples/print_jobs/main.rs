//! A small print room: the server of this example's document.
//!
//! It prints its base URL and its keys as `NAME=value` lines, then serves until it gets a signal or its standard input
//! is closed. Jobs live in memory; their ids are numbers.

#![allow(clippy::print_stdout, reason = "the address and the keys are what this program has to say")]

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use uuid::Uuid;

const QUEUES: [&str; 2] = ["letters", "posters"];

/// The print room: its jobs by number, and the keys to it.
struct Room {
    jobs: Mutex<Jobs>,
    print_key: String,
    read_key: String,
}

struct Jobs {
    /// The number of the job that came last.
    last: u64,
    waiting: BTreeMap<u64, Job>,
}

struct Job {
    queue: String,
    title: String,
    pages: u64,
}

impl Room {
    fn jobs(&self) -> std::sync::MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a request's key may do.
    fn may(&self, fields: &HeaderMap) -> Option<&'static str> {
        let key = fields.get("X-Press-Key")?.to_str().ok()?;
        [(&self.print_key, "print"), (&self.read_key, "read")]
            .into_iter()
            .find_map(|(known, may)| (known == key).then_some(may))
    }
}

impl Jobs {
    /// The number of a job, if it waits on the queue.
    fn find(&self, queue: &str, job: &str) -> Option<u64> {
        let number = job.parse().ok()?;
        self.waiting.get(&number).filter(|job| job.queue == queue).map(|_| number)
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn refuse(status: StatusCode, kind: &str, text: &str) -> Response {
    answer(status, &json!({"error": {"kind": kind, "text": text}}))
}

fn no_such_job() -> Response {
    refuse(StatusCode::NOT_FOUND, "no_such_job", "There is no such job on this queue.")
}

/// Lets nobody in without a key, and lets a reading key only read.
async fn guarded(State(room): State<Arc<Room>>, request: Request, next: Next) -> Response {
    match room.may(request.headers()) {
        None => {
            let text = "X-Press-Key holds no key that is known here.";
            let mut response = refuse(StatusCode::UNAUTHORIZED, "no_key", text);
            let challenge = HeaderValue::from_static("PressKey realm=\"print room\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            response
        }
        Some("read") if request.method() != Method::GET => {
            refuse(StatusCode::FORBIDDEN, "read_only", "This key only reads.")
        }
        Some(_) => next.run(request).await,
    }
}

async fn my_key(State(room): State<Arc<Room>>, fields: HeaderMap) -> Response {
    answer(StatusCode::OK, &json!({"may": room.may(&fields)}))
}

async fn put_on(State(room): State<Arc<Room>>, Path(queue): Path<String>, body: Bytes) -> Response {
    let wanted: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (Some(title), Some(pages)) = (wanted["title"].as_str(), wanted["pages"].as_u64()) else {
        return refuse(StatusCode::BAD_REQUEST, "no_job", "A job has a title and a number of pages.");
    };
    if !QUEUES.contains(&queue.as_str()) {
        return refuse(StatusCode::NOT_FOUND, "no_such_queue", "There is no such queue.");
    }
    let mut jobs = room.jobs();
    jobs.last += 1;
    let number = jobs.last;
    jobs.waiting.insert(number, Job { queue: queue.clone(), title: title.to_owned(), pages });
    answer(StatusCode::CREATED, &json!({"job": number, "queue": queue}))
}

async fn look_at(State(room): State<Arc<Room>>, Path((queue, job)): Path<(String, String)>) -> Response {
    let jobs = room.jobs();
    match jobs.find(&queue, &job).and_then(|number| Some((number, jobs.waiting.get(&number)?))) {
        Some((number, job)) => {
            let body = json!({"job": number, "queue": queue, "title": job.title, "pages": job.pages});
            answer(StatusCode::OK, &body)
        }
        None => no_such_job(),
    }
}

async fn call_back(State(room): State<Arc<Room>>, Path((queue, job)): Path<(String, String)>) -> Response {
    let mut jobs = room.jobs();
    let called_back = jobs.find(&queue, &job).and_then(|number| Some((number, jobs.waiting.remove(&number)?)));
    let Some((number, job)) = called_back else { return no_such_job() };
    let left = jobs.waiting.values().filter(|other| other.queue == queue).count();
    let body = json!({"job": number, "queue": queue, "pages_saved": job.pages, "refund": null});
    let mut response = answer(StatusCode::ACCEPTED, &body);
    response.headers_mut().insert("x-queue-length", HeaderValue::from(left));
    response
}

/// Waits for an interrupt, a request to terminate, or the end of standard input.
async fn told_to_stop() -> io::Result<()> {
    let (closed, input_closed) = oneshot::channel();
    // A thread of its own, because a read of standard input cannot be called off.
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut some = [0; 64];
        while !matches!(input.read(&mut some), Ok(0) | Err(_)) {}
        let _ = closed.send(());
    });
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    #[cfg(unix)]
    let terminated = terminate.recv();
    #[cfg(not(unix))]
    let terminated = std::future::pending::<Option<()>>();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
        _ = input_closed => {}
    }
    Ok(())
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let key = || format!("press-{}", Uuid::new_v4().simple());
    let room = Arc::new(Room {
        jobs: Mutex::new(Jobs { last: 1040, waiting: BTreeMap::new() }),
        print_key: key(),
        read_key: key(),
    });
    let api = Router::new()
        .route("/api/keys/mine", get(my_key))
        .route("/api/queues/{queue}/jobs", post(put_on))
        .route("/api/queues/{queue}/jobs/{job}", get(look_at).delete(call_back))
        .layer(middleware::from_fn_with_state(Arc::clone(&room), guarded))
        .with_state(Arc::clone(&room));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("API_BASE_URL=http://{}/api", listener.local_addr()?);
    println!("PRESS_KEY={}", room.print_key);
    println!("PRESS_READ_KEY={}", room.read_key);
    io::stdout().flush()?;
    tokio::select! {
        served = axum::serve(listener, api).into_future() => served,
        stopped = told_to_stop() => stopped,
    }
}
