//! What a world's API means: what comes of a request, and what is answered, before anything is written to a wire.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::body;
use crate::deviation::Deviation;
use crate::kind::Kind;
use crate::message::Message;
use crate::server::{Inner, lock};
use crate::suite::{KEYS, look_statuses};
use crate::world::{Auth, Ids, Place, Trouble};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Request {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What a path is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    WhoAmI,
    Create,
    Look { id: String, parent: Option<String> },
    Remove { id: String, parent: Option<String> },
    Nothing,
}

impl Inner {
    /// What a request is about.
    pub(crate) fn route(&self, request: &Request) -> Route {
        let names = &self.world.names;
        let Some(below) = request.path.strip_prefix(names.base) else { return Route::Nothing };
        let parts: Vec<&str> = below.split('/').skip(1).collect();
        let pair = self.world.ids == Ids::Pair;
        match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["whoami"]) => Route::WhoAmI,
            ("POST", [collection]) if *collection == names.collection => Route::Create,
            ("GET", [find]) if find.strip_prefix("find-") == Some(names.noun) => {
                Route::Look { id: request.query.get("id").cloned().unwrap_or_default(), parent: None }
            }
            (method, [collection, id]) if !pair && *collection == names.collection => {
                at(method, (*id).to_owned(), None)
            }
            (method, [parents, parent, collection, id])
                if pair && *parents == names.parents && *collection == names.collection =>
            {
                at(method, (*id).to_owned(), Some((*parent).to_owned()))
            }
            _ => Route::Nothing,
        }
    }

    /// The account of the key that was sent; none if there is no such key.
    fn account(&self, request: &Request) -> Option<usize> {
        let key = match self.world.auth {
            Auth::None => return Some(0),
            Auth::Bearer => request.field("Authorization").and_then(|value| value.strip_prefix("Bearer ")),
            Auth::Header(name) => request.field(name),
            Auth::Query(name) => request.query.get(name).map(String::as_str),
        };
        let of = |key: &str| KEYS.iter().position(|(_, known)| *known == key);
        match key {
            None if self.deviates(Deviation::NoKeyAccepted) => Some(0),
            Some(key) if self.deviates(Deviation::WrongKeyAccepted) => Some(of(key).unwrap_or(0)),
            key => key.and_then(of),
        }
    }

    /// The name of the user for whom a request asks.
    fn user_name(&self, request: &Request) -> Option<String> {
        let in_body = request.body["user"].as_str().map(str::to_owned);
        match self.world.user? {
            Place::Header => request.field("X-User").map(str::to_owned),
            Place::Query => request.query.get("user").cloned(),
            Place::Json => in_body.or_else(|| request.query.get("user").cloned()),
        }
    }

    /// The row of a user, made if it is not there. With a gap, as a server without a lock does it.
    async fn user(&self, name: &str) -> usize {
        let found = lock(&self.store).user(name);
        if let Some(row) = found {
            return row;
        }
        if let Some(gap) = self.world.times.gap {
            tokio::time::sleep(gap).await;
        }
        let mut store = lock(&self.store);
        match store.user(name) {
            // Whoever has looked already inserts, whatever others did meanwhile.
            Some(row) if self.world.times.gap.is_none() => row,
            _ => {
                store.users.push(name.to_owned());
                store.users.len() - 1
            }
        }
    }

    /// What comes of a request.
    pub(crate) async fn answer(&self, request: &Request, route: &Route) -> Message {
        if *route == Route::Nothing {
            return self.error(404);
        }
        let Some(account) = self.account(request) else {
            if let Route::Remove { id, parent } = route {
                self.remove_despite_refusal(id, parent.as_deref());
            }
            return self.unauthorized();
        };
        let user = match (self.world.user, self.user_name(request)) {
            (None, _) | (_, None) => None,
            (Some(_), Some(name)) => Some(self.user(&name).await),
        };
        match route {
            Route::WhoAmI => self.json(200, &json!({"account": if account == 0 { "owner" } else { "other" }})),
            Route::Create => self.create(account, user).await,
            Route::Look { id, parent } => self.look(id, parent.as_deref(), account, user),
            Route::Remove { id, parent } => self.remove(id, parent.as_deref(), account, user).await,
            Route::Nothing => self.error(404),
        }
    }

    async fn create(&self, account: usize, user: Option<usize>) -> Message {
        let (least, most) = self.world.times.creation;
        let takes = Duration::from_millis(self.between(least, most + 1));
        tokio::time::sleep(takes / 2).await;
        let object = {
            let mut store = lock(&self.store);
            let index = store.insert(&self.world, account, user);
            store.objects[index].clone()
        };
        tokio::time::sleep(takes / 2).await;
        if let Trouble::FailedCreations { every } = self.world.trouble
            && self.creations.fetch_add(1, Ordering::SeqCst).is_multiple_of(every)
        {
            return self.error(500);
        }
        let id = self.shown(&object.id);
        self.json(self.world.statuses.created, &body::object(&self.world, &id, object.parent.as_deref(), false))
    }

    fn look(&self, id: &str, parent: Option<&str>, account: usize, user: Option<usize>) -> Message {
        let now = Instant::now();
        let at = now.checked_sub(self.world.times.lag).unwrap_or(now);
        let marks = self.world.has(Kind::MarkedDeleted);
        let found = lock(&self.store).find_for(id, parent, at, account, user);
        let shown = |parent: Option<&str>, deleted| {
            self.json(200, &body::object(&self.world, &self.shown(id), parent, deleted))
        };
        let (never, gone) = look_statuses(&self.world);
        match found {
            Some((object, true)) => shown(object.parent.as_deref(), false),
            Some((object, false)) if marks || self.world.has(Kind::SoftDelete) => shown(object.parent.as_deref(), true),
            None if marks => shown(parent, true),
            None if self.world.has(Kind::SoftDelete) => self.error(400),
            None => self.error(never),
            Some(_) => self.error(gone),
        }
    }

    async fn remove(&self, id: &str, parent: Option<&str>, account: usize, user: Option<usize>) -> Message {
        let world = &self.world;
        let statuses = &world.statuses;
        let now = Instant::now();
        if account != 0 && !self.deviates(Deviation::OtherAccountAccepted) {
            self.remove_despite_refusal(id, parent);
            return self.error(statuses.other_account);
        }
        let refused = {
            let mut store = lock(&self.store);
            match store.find(id, parent, now) {
                None if self.deviates(Deviation::MissingAccepted) => None,
                None => Some(statuses.never),
                Some((index, alive)) => {
                    let object = &store.objects[index];
                    let others_account = object.account != account && !self.deviates(Deviation::OtherAccountAccepted);
                    let others = object.user != user && !self.deviates(Deviation::OtherUserAccepted);
                    // A user of the same name in another row is nobody whom a refusal could mean.
                    let same_name = match (object.user, user) {
                        (Some(own), Some(asks)) => store.users[own] == store.users[asks],
                        _ => false,
                    };
                    if others_account || others && (same_name || !alive) {
                        Some(statuses.never)
                    } else if others {
                        drop(store);
                        self.remove_despite_refusal(id, parent);
                        Some(statuses.other_user)
                    } else if !alive {
                        (!self.deviates(Deviation::RepeatAccepted)).then_some(statuses.gone)
                    } else {
                        self.carry_out(&mut store, index, now);
                        None
                    }
                }
            }
        };
        tokio::time::sleep(world.times.after_removal).await;
        match refused {
            Some(status) if status >= 400 => self.error(status),
            _ => self.removed(),
        }
    }

    /// Removes an object, or what a deviating server removes then.
    fn carry_out(&self, store: &mut crate::store::Store, index: usize, now: Instant) {
        let beside = store.newest_beside(index);
        let removed: Vec<usize> = if self.deviates(Deviation::RemovesNothing) {
            Vec::new()
        } else if self.deviates(Deviation::RemovesTheNewest) {
            vec![beside.unwrap_or(index)]
        } else if self.deviates(Deviation::RemovesAnotherToo) {
            [Some(index), beside].into_iter().flatten().collect()
        } else {
            vec![index]
        };
        for index in removed {
            let later = Duration::from_millis(self.between(0, self.world.times.removal + 1));
            store.objects[index].gone.get_or_insert(now + later);
        }
    }

    /// What a server does that refuses and removes all the same.
    fn remove_despite_refusal(&self, id: &str, parent: Option<&str>) {
        if self.deviates(Deviation::RemovesDespiteRefusal) {
            let mut store = lock(&self.store);
            let now = Instant::now();
            if let Some((index, true)) = store.find(id, parent, now) {
                store.objects[index].gone.get_or_insert(now);
            }
        }
    }

    /// An id as it stands in JSON.
    fn shown(&self, id: &str) -> Value {
        match self.world.ids {
            Ids::Number { .. } => id.parse::<u64>().map_or_else(|_| json!(id), |number| json!(number)),
            _ => json!(id),
        }
    }

    fn removed(&self) -> Message {
        let status = self.world.statuses.removed;
        match body::removed(&self.world) {
            None => Message::empty("204 No Content"),
            Some(body) => self.json(status, &body),
        }
    }

    fn json(&self, status: u16, body: &Value) -> Message {
        let media = if self.world.style.small_names { "application/json; charset=utf-8" } else { "application/json" };
        Message::new(line(status), media, &body.to_string())
    }

    pub(crate) fn error(&self, status: u16) -> Message {
        Message::new(line(status), body::error_type(&self.world), &body::error(&self.world, status).to_string())
    }

    fn unauthorized(&self) -> Message {
        self.error(401).and("WWW-Authenticate", if self.world.auth == Auth::Bearer { "Bearer" } else { "Key" })
    }
}

fn at(method: &str, id: String, parent: Option<String>) -> Route {
    match method {
        "GET" => Route::Look { id, parent },
        "DELETE" => Route::Remove { id, parent },
        _ => Route::Nothing,
    }
}

fn line(status: u16) -> &'static str {
    match status {
        200 => "200 OK",
        201 => "201 Created",
        202 => "202 Accepted",
        204 => "204 No Content",
        400 => "400 Bad Request",
        401 => "401 Unauthorized",
        403 => "403 Forbidden",
        410 => "410 Gone",
        429 => "429 Too Many Requests",
        500 => "500 Internal Server Error",
        503 => "503 Service Unavailable",
        _ => "404 Not Found",
    }
}
