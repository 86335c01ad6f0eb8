//! The document of a world: one operation, the removal of an object.

use serde_json::{Map, Value, json};

use crate::body;
use crate::world::{Auth, Contract, Ids, Place, World};

/// The OpenAPI document, as JSON.
pub(crate) fn write(world: &World) -> Value {
    let names = &world.names;
    let mut operation = json!({
        "summary": format!("Delete a {}", names.noun),
        "parameters": parameters(world),
        "responses": responses(world),
    });
    if let Some(id) = &names.operation {
        operation["operationId"] = json!(id);
    }
    if world.user == Some(Place::Json) {
        operation["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {"schema": {
                "type": "object", "required": ["user"], "properties": {"user": {"type": "string"}},
            }}},
        });
    }
    let mut components = Map::new();
    if matches!(world.contract, Contract::Schema | Contract::Both) {
        components.insert("schemas".to_owned(), json!({"Error": body::error_schema(world)}));
    }
    if let Some(scheme) = scheme(world) {
        components.insert("securitySchemes".to_owned(), json!({"key": scheme}));
        operation["security"] = json!([{"key": []}]);
    }
    json!({
        "openapi": "3.0.3",
        "info": {"title": format!("A world of {}", names.collection), "version": "1.0.0"},
        "servers": [{"url": format!("https://api.worlds.example{}", names.base)}],
        "paths": {path(world): {"delete": operation}},
        "components": components,
    })
}

/// The template of the path of an object.
pub(crate) fn path(world: &World) -> String {
    let names = &world.names;
    match world.ids {
        Ids::Pair => {
            format!("/{}/{{{}}}/{}/{{{}}}", names.parents, names.parent, names.collection, names.parameter)
        }
        _ => format!("/{}/{{{}}}", names.collection, names.parameter),
    }
}

/// How a suite names the operation.
pub(crate) fn operation(world: &World) -> String {
    world.names.operation.clone().unwrap_or_else(|| format!("DELETE {}", path(world)))
}

fn scheme(world: &World) -> Option<Value> {
    match world.auth {
        Auth::None => None,
        Auth::Bearer => Some(json!({"type": "http", "scheme": "bearer"})),
        Auth::Header(name) => Some(json!({"type": "apiKey", "in": "header", "name": name})),
        Auth::Query(name) => Some(json!({"type": "apiKey", "in": "query", "name": name})),
    }
}

fn parameters(world: &World) -> Value {
    let in_path = |name: &str| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}});
    let mut all = Vec::new();
    if world.ids == Ids::Pair {
        all.push(in_path(world.names.parent));
    }
    all.push(in_path(world.names.parameter));
    let place = match world.user {
        Some(Place::Header) => Some(("X-User", "header")),
        Some(Place::Query) => Some(("user", "query")),
        Some(Place::Json) | None => None,
    };
    if let Some((name, place)) = place {
        all.push(json!({"name": name, "in": place, "required": true, "schema": {"type": "string"}}));
    }
    Value::Array(all)
}

/// Every status that the server answers to a removal, but those of its troubles.
fn responses(world: &World) -> Value {
    let statuses = &world.statuses;
    let mut responses = Map::new();
    let removed = match body::removed(world) {
        None => json!({"description": "It was removed, or was not there."}),
        Some(value) => {
            json!({"description": "It is removed.", "content": {"application/json": match world.contract {
                Contract::Schema => json!({"schema": body::removed_schema()}),
                Contract::Example => json!({"example": value}),
                Contract::Examples => json!({"examples": {"removed": {"value": value}}}),
                Contract::Both => json!({"schema": body::removed_schema(), "example": value}),
            }}})
        }
    };
    responses.insert(statuses.removed.to_string(), removed);
    let mut errors = vec![statuses.never, statuses.gone, statuses.other_account, statuses.other_user];
    if world.auth != Auth::None {
        errors.push(401);
    }
    errors.sort_unstable();
    errors.dedup();
    for status in errors.into_iter().filter(|status| *status >= 400) {
        let value = body::error(world, status);
        let schema = json!({"$ref": "#/components/schemas/Error"});
        let media = match world.contract {
            Contract::Schema => json!({"schema": schema}),
            Contract::Example => json!({"example": value}),
            Contract::Examples => json!({"examples": {example(status): {"value": value}}}),
            Contract::Both => json!({"schema": schema, "example": value}),
        };
        let response = json!({"description": "It is refused.", "content": {body::error_type(world): media}});
        responses.insert(status.to_string(), response);
    }
    Value::Object(responses)
}

/// The name of the example of an error, where examples have names.
pub(crate) fn example(status: u16) -> String {
    format!("answer_{status}")
}
