//! The bodies that a world's server answers, which are the examples of its document too.

use serde_json::{Value, json};

use crate::kind::Kind;
use crate::world::{Errors, World};

/// What an error says.
pub(crate) fn error(world: &World, status: u16) -> Value {
    let (code, text) = match status {
        400 => ("bad_request", "What was asked for cannot be."),
        401 => ("unauthorized", "A key is needed."),
        403 => ("forbidden", "This key or user may not do that."),
        410 => ("gone", "It is not here any more."),
        429 => ("too_many_requests", "Ask again later."),
        500 => ("internal_error", "Something went wrong."),
        503 => ("busy", "Another write goes on."),
        _ => ("not_found", "There is no such thing."),
    };
    match world.errors {
        Errors::Code => json!({"code": code, "message": text, "status": status}),
        Errors::Problem => {
            json!({"type": format!("/problems/{code}"), "title": code, "detail": text, "status": status})
        }
    }
}

/// The media type of errors.
pub(crate) fn error_type(world: &World) -> &'static str {
    match world.errors {
        Errors::Code => "application/json",
        Errors::Problem => "application/problem+json",
    }
}

/// The pointer to the text of an error that nobody promised.
pub(crate) fn free_text(world: &World) -> &'static str {
    match world.errors {
        Errors::Code => "/message",
        Errors::Problem => "/detail",
    }
}

/// The member of an error that a client reads, and that is always a text.
pub(crate) fn telling(world: &World) -> &'static str {
    match world.errors {
        Errors::Code => "code",
        Errors::Problem => "title",
    }
}

/// The schema of errors.
pub(crate) fn error_schema(world: &World) -> Value {
    let text = json!({"type": "string"});
    match world.errors {
        Errors::Code => json!({
            "type": "object", "required": ["code", "message"],
            "properties": {"code": text, "message": text, "status": {"type": "integer"}},
        }),
        Errors::Problem => json!({
            "type": "object", "required": ["type", "title"],
            "properties": {"type": text, "title": text, "detail": text, "status": {"type": "integer"}},
        }),
    }
}

/// What a removal answers, where its status has a body.
pub(crate) fn removed(world: &World) -> Option<Value> {
    match world.statuses.removed {
        204 => None,
        202 => Some(json!({"result": "accepted"})),
        _ => Some(json!({"result": "success"})),
    }
}

/// The schema of that.
pub(crate) fn removed_schema() -> Value {
    json!({"type": "object", "required": ["result"], "properties": {"result": {"type": "string"}}})
}

/// An object, as a creation and a look show it.
pub(crate) fn object(world: &World, id: &Value, parent: Option<&str>, deleted: bool) -> Value {
    let mut shown = json!({"id": id, "title": "conformance"});
    if let Some(parent) = parent {
        shown[world.names.parent] = json!(parent);
    }
    if world.has(Kind::MarkedDeleted) || world.has(Kind::SoftDelete) {
        shown["deleted"] = json!(deleted);
    }
    if world.wrapped { json!({"data": shown}) } else { shown }
}

/// Where a member of an object is in what [`object`] gives.
pub(crate) fn pointer(world: &World, member: &str) -> String {
    if world.wrapped { format!("/data/{member}") } else { format!("/{member}") }
}
