//! A world that removes what it is asked to by its owner, and nothing else.

use std::sync::Arc;

use crate::shelf::GONE;
use crate::world::{KEYS, Seen, World, json};

/// A careful world in which a test answers what it wants to.
pub(crate) fn careful(answer: impl Fn(&Seen, &World) -> Option<String> + Send + Sync + 'static) -> Arc<World> {
    World::start(move |seen, world| answer(seen, world).or_else(|| removal(seen, world)))
}

/// What a removal with the key of the chat app is answered; none for everything else.
pub(crate) fn removal(seen: &Seen, world: &World) -> Option<String> {
    let key = seen.field("authorization").and_then(|value| value.strip_prefix("Bearer "));
    if seen.method != "DELETE" || key != Some(KEYS[0].1) {
        return None;
    }
    let not_found = || json(404, "NO", r#"{"code":"not_found","message":"Conversation Not Exists.","status":404}"#);
    let body: serde_json::Value = match serde_json::from_str(&seen.body) {
        Ok(body) => body,
        Err(_) if seen.body.is_empty() => serde_json::Value::Null,
        Err(_) => return Some(json(400, "NO", r#"{"code":"bad_request","message":"no JSON","status":400}"#)),
    };
    let id = seen.target.rsplit('/').next().unwrap_or_default();
    let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy().to_lowercase();
    let own = world.owned().into_iter().find(|(other, owner)| *other == id && body["user"] == owner.as_str());
    if own.is_none() {
        return Some(not_found());
    }
    world.take(&id);
    Some(GONE.to_owned())
}
