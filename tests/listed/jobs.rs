//! A server of jobs that are listed in pages of ten, and that can be removed only after they were stopped.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

use crate::world::{self, Seen, read};

/// The jobs that are there before a run.
pub(crate) const FOREIGN: [u64; 25] =
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25];

const PAGE: usize = 10;

pub(crate) const DOCUMENT: &str = r#"
openapi: 3.0.3
info: {title: Jobs, version: "1"}
paths:
  /jobs/{id}:
    delete:
      operationId: removeJob
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "204": {description: removed}
        "404": {description: none, content: {application/json: {schema: {type: object}}}}
        "409": {description: it runs, content: {application/json: {schema: {type: object}}}}
"#;

/// Whether a job runs.
type Rows = BTreeMap<u64, bool>;

pub(crate) struct Jobs {
    pub(crate) url: String,
    rows: Mutex<Rows>,
    next: Mutex<u64>,
    log: Mutex<Vec<String>>,
    keeps: AtomicBool,
    removes_what_runs: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Jobs {
    pub(crate) fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1", listener.local_addr().expect("its address"));
        let jobs = Arc::new(Self {
            url,
            rows: Mutex::new(FOREIGN.into_iter().map(|id| (id, true)).collect()),
            next: Mutex::new(1000),
            log: Mutex::default(),
            keeps: AtomicBool::new(false),
            removes_what_runs: AtomicBool::new(false),
        });
        let serving = Arc::clone(&jobs);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let jobs = Arc::clone(&serving);
                std::thread::spawn(move || jobs.serve(stream));
            }
        });
        jobs
    }

    /// From now on an accepted removal removes nothing.
    pub(crate) fn keeps(&self) {
        self.keeps.store(true, Ordering::SeqCst);
    }

    /// From now on a refused removal removes the job.
    pub(crate) fn removes_what_runs(&self) {
        self.removes_what_runs.store(true, Ordering::SeqCst);
    }

    /// The jobs that are there.
    pub(crate) fn left(&self) -> Vec<u64> {
        lock(&self.rows).keys().copied().collect()
    }

    /// The requests so far of which something holds, as `METHOD target`.
    pub(crate) fn seen(&self, holds: impl Fn(&str) -> bool) -> Vec<String> {
        lock(&self.log).iter().filter(|line| holds(line)).cloned().collect()
    }

    /// Whether a request is about a job that was there before.
    pub(crate) fn is_about_foreign(line: &str) -> bool {
        let id = line.split('/').nth(3).and_then(|id| id.parse().ok());
        id.is_some_and(|id| FOREIGN.contains(&id))
    }

    /// Makes a job.
    pub(crate) fn make(&self, _user: &str) -> u64 {
        let mut next = lock(&self.next);
        *next += 1;
        lock(&self.rows).insert(*next, true);
        *next
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        while let Some(seen) = read(&mut stream, &mut bytes) {
            lock(&self.log).push(format!("{} {}", seen.method, seen.target));
            if stream.write_all(self.answer(&seen).as_bytes()).is_err() {
                return;
            }
        }
    }

    fn answer(&self, seen: &Seen) -> String {
        let (path, query) = seen.target.split_once('?').unwrap_or((&seen.target, ""));
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').skip(1).collect();
        let id = |text: &str| text.parse::<u64>().unwrap_or(0);
        match (seen.method.as_str(), parts.as_slice()) {
            ("POST", ["jobs"]) => answer(201, &json!({"id": self.make(&seen.body)})),
            ("POST", ["jobs", job, "stop"]) => match lock(&self.rows).get_mut(&id(job)) {
                Some(runs) if *runs => {
                    *runs = false;
                    answer(200, &json!({}))
                }
                Some(_) => answer(409, &json!({})),
                None => answer(404, &json!({})),
            },
            ("POST", ["jobs", ..]) => answer(400, &json!({})),
            ("GET", ["jobs", job, "state"]) => match lock(&self.rows).get(&id(job)) {
                Some(_) => answer(200, &json!({"gone": false})),
                None => answer(404, &json!({})),
            },
            ("DELETE", ["jobs", job]) => self.remove(id(job)),
            ("GET", [way]) => self.list(way, query),
            _ => answer(404, &json!({})),
        }
    }

    fn remove(&self, id: u64) -> String {
        let mut rows = lock(&self.rows);
        match rows.get(&id) {
            None => answer(404, &json!({})),
            Some(true) => {
                if self.removes_what_runs.load(Ordering::SeqCst) {
                    rows.remove(&id);
                }
                answer(409, &json!({}))
            }
            Some(false) => {
                if !self.keeps.load(Ordering::SeqCst) {
                    rows.remove(&id);
                }
                "HTTP/1.1 204 No Content\r\n\r\n".to_owned()
            }
        }
    }

    /// One page of the list, and where it goes on in one of many ways.
    fn list(&self, way: &str, query: &str) -> String {
        let ids = self.left();
        let asked = |name: &str| {
            let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            value.and_then(|value| value.parse::<usize>().ok())
        };
        let last = ids.len().div_ceil(PAGE);
        let number = match way {
            "clamped" => asked("page").unwrap_or(1).min(last),
            "ignored" => 1,
            _ => asked("page").unwrap_or(1),
        };
        let start = match way {
            "offset" => asked("offset").unwrap_or(0),
            "cursor" => asked("after").map_or(0, |after| ids.iter().filter(|id| **id <= after as u64).count()),
            _ => (number.max(1) - 1) * PAGE,
        };
        let page: Vec<u64> = ids.iter().copied().skip(start).take(PAGE).collect();
        let items: Vec<_> = page.iter().map(|id| json!({"id": id, "name": id.to_string()})).collect();
        let goes_on = start + PAGE < ids.len();
        let url = format!("{}/{way}?page={}", self.url, number + 1);
        let relative = format!("/v1/{way}?page={}", number + 1);
        let mut fields = String::new();
        let mut body = json!({"items": items});
        match way {
            "link" if goes_on => fields = format!("Link: </v1/link>; rel=\"first\", <{relative}>; rel=\"next\"\r\n"),
            "field" if goes_on => fields = format!("Next-Page: {url}\r\n"),
            "next" => body["next_page_url"] = if goes_on { json!(url) } else { json!(null) },
            "cursor" => body["meta"] = json!({"next": page.last().filter(|_| goes_on)}),
            "counted" if page.is_empty() => return answer(404, &json!({})),
            "endless" => body = json!({"items": [], "next_page_url": relative}),
            "back" => body = json!({"items": [], "next_page_url": if number > 1 { "/v1/back" } else { "?page=2" }}),
            "away" => body = json!({"items": [], "next_page_url": "http://other.example/v1/jobs"}),
            "removes" => body = json!({"items": [], "next_page_url": "/v1/jobs/1/delete"}),
            "number" => body = json!({"items": [], "next_page_url": 7}),
            "ignored" => body = json!({"items": [{"id": 1}]}),
            _ => {}
        }
        world::json(200, "OK", &body.to_string()).replacen("Content-Type", &format!("{fields}Content-Type"), 1)
    }
}

fn answer(status: u16, body: &serde_json::Value) -> String {
    world::json(status, "Status", &body.to_string())
}
