//! The tricks by which a suite tries to reach an object that the run did not make.

use serde_json::{Value, json};

use crate::api::Shape;
use crate::chance::Chance;
use crate::suite::{Draft, MINE};

type Trick = (&'static str, fn(&mut Draft, &mut Chance));

/// Every trick. A suite has one or two.
const TRICKS: &[Trick] = &[
    ("another id in the path", path_value),
    ("the shared owner in the path", shared_in_path),
    ("another id beside", beside),
    ("what came with the object beside it", companion_beside),
    ("a list in a text", list_in_text),
    ("an escape", escaped),
    ("a creation at another object", creation_at_object),
    ("a name that is another id", name_beside),
    ("a list with another id", list),
    ("another id in a field", field),
    ("another id in a cookie", cookie),
    ("another id in a long text", long_text),
    ("another body", raw_body),
    ("a call with a literal", literal_call),
    ("a documented path with a literal", literal_document),
    ("a path that removes", removing_path),
    ("a query that removes", removing_query),
    ("_method", method_parameter),
    ("a field that rewrites", rewriting_field),
    ("a state that reads", reading_state),
    ("a state that adopts", adopting_state),
    ("a state with another undo", other_undo),
    ("a state with another exists", other_exists),
    ("a state whose id is shared", shared_identity),
    ("a relation", relation),
    ("a bulk request", bulk),
    ("a literal that is written elsewhere", written_mark),
    ("a step after", step_after),
    ("a whole collection", whole_collection),
    ("a nonce only", nonce_only),
    ("a check that changes", check),
];

/// Applies one trick.
pub(crate) fn apply(draft: &mut Draft, chance: &mut Chance) {
    let (name, act) = chance.pick(TRICKS);
    draft.tricks.push(name);
    act(draft, chance);
}

/// The id of an object that others made, in one of its spellings.
fn spelled(draft: &mut Draft, chance: &mut Chance) -> Value {
    let id = draft.api.victim.clone();
    let hex = |byte: u8| format!("%{byte:02x}");
    let kind = chance.below(16);
    let text = match (kind, draft.api.shape) {
        (0, _) => {
            draft.env.push(("SOMEBODYS".to_owned(), id));
            "{{env.SOMEBODYS}}".to_owned()
        }
        (1, _) => id.bytes().map(hex).collect(),
        (2, _) => format!("{}{}", hex(id.as_bytes()[0]), &id[1..]),
        (3, Shape::Uuid | Shape::Hex | Shape::Word) => id.to_uppercase(),
        (4, Shape::Uuid) => id.replace('-', ""),
        (5, Shape::Uuid) => format!("{{{id}}}"),
        (6, Shape::Uuid) => format!("urn:uuid:{id}"),
        (3, Shape::Number | Shape::LongNumber) => format!("{id}.0"),
        (4, Shape::Number | Shape::LongNumber) => format!("00{id}"),
        (5, Shape::Number | Shape::LongNumber) => format!("+{id}"),
        (6, Shape::Number | Shape::LongNumber) => format!("{id}e0"),
        (7, _) => format!(" {id}"),
        (8, _) => format!("{id} "),
        (9, _) => id.bytes().map(|byte| hex(byte).replace('%', "%25")).collect(),
        (10, Shape::Number | Shape::LongNumber) => return json!(id.parse::<u64>().unwrap_or_default()),
        (11, Shape::Number | Shape::LongNumber) => return json!(id.parse::<f64>().unwrap_or_default()),
        _ => id,
    };
    json!(text)
}

/// A text with every byte percent-encoded.
fn every_byte(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02x}"))
}

/// The name of a parameter or member that holds an id.
fn id_name(chance: &mut Chance) -> String {
    let names = [
        "id",
        "ids",
        "ID",
        "Id",
        "thing_id",
        "thingIds",
        "targetId",
        "filter[id]",
        "ids[0]",
        "id__in",
        "id[]",
        "uuid",
        "x.id",
        "thing-id",
        "_id",
        "$id",
        "guid",
    ];
    chance.pick(&names).to_owned()
}

/// The name of a parameter that does not say that it holds an id. An id that is a word is not looked for there.
fn any_name(draft: &Draft, chance: &mut Chance) -> String {
    let word = draft.api.shape == Shape::Word;
    if word || chance.once_in(2) {
        id_name(chance)
    } else {
        chance.pick(&["also", "note", "q", "filter", "name"]).to_owned()
    }
}

/// A path value in the place of the object.
fn path_value(draft: &mut Draft, chance: &mut Chance) {
    let spelled = spelled(draft, chance);
    let id = draft.api.victim.clone();
    let encoded = every_byte(&id).to_uppercase();
    let value = match chance.below(20) {
        0 => json!({"raw": encoded}),
        1 => json!({"raw": encoded.replace('%', "%25")}),
        2 => json!({"raw": format!("{MINE}/../{id}")}),
        3 => json!({"raw": format!("{MINE}%2f..%2f{id}")}),
        4 => json!({"raw": format!("{id};v={MINE}")}),
        5 => json!({"raw": format!("{MINE},{id}")}),
        6 => json!(format!("{id},{MINE}")),
        7 => json!({"raw": format!("{id}%00{MINE}")}),
        8 => json!(format!("{id}.json")),
        9 => json!(format!("{id}?x={MINE}")),
        10 => json!({"raw": format!("{id}?x={MINE}")}),
        11 => json!({"raw": format!("{id}%23{MINE}")}),
        12 => json!(format!("{id}/")),
        13 => json!({"raw": format!("./{id}")}),
        14 => json!({"raw": format!("%2e%2e/{}/{id}", draft.api.collection)}),
        15 => json!({"raw": format!("{id}/{MINE}")}),
        16 => json!({"raw": format!("{id}\\{MINE}")}),
        17 => json!({"raw": format!("{MINE}/{id}")}),
        _ => spelled,
    };
    reset_to_item(draft);
    draft.add("path", "id", value);
}

/// Makes the case a request for the item.
fn reset_to_item(draft: &mut Draft) {
    draft.case.remove("call");
    let item = format!("{}/{{id}}", draft.documented());
    draft.case.insert("operation".to_owned(), json!(format!("DELETE {item}")));
    draft.case.remove("query");
    draft.case.remove("json");
    draft.case.remove("body");
    if draft.api.parent.is_some() && draft.case.get("path").is_none_or(|path| path["parent"].is_null()) {
        let parent = draft.parent();
        draft.add("path", "parent", json!(parent));
    }
    draft.add("path", "id", json!(MINE));
}

/// Captures what all objects share.
fn capture_shared(draft: &mut Draft, chance: &mut Chance) -> &'static str {
    let (name, pointer) = chance.pick(&[("owner", "/owner"), ("other", "/neighbours/0"), ("other", "/items/0/id")]);
    draft.state_part("capture")["id"] = json!("/id");
    draft.state_part("capture")[name] = json!(pointer);
    draft.state.insert("id".to_owned(), json!("id"));
    name
}

fn shared_in_path(draft: &mut Draft, chance: &mut Chance) {
    let name = capture_shared(draft, chance);
    let value = format!("{{{{mine.{name}}}}}");
    if chance.once_in(2) {
        reset_to_item(draft);
        draft.add("path", "id", json!(value));
    } else {
        draft.case.remove("path");
        draft.case.remove("operation");
        let method = chance.pick(&["DELETE", "PUT", "PATCH"]);
        let end = chance.pick(&["", "/touch", "/x-{{uuid}}/.."]);
        draft.case.insert("call".to_owned(), json!(format!("{method} /people/{value}{end}")));
    }
}

/// Another id in query or body, beside the object of the case.
fn beside(draft: &mut Draft, chance: &mut Chance) {
    let value = spelled(draft, chance);
    let name = any_name(draft, chance);
    let part = chance.pick(&["query", "json"]);
    if part == "json" && chance.once_in(3) {
        draft.add(part, "where", json!({"all": [{name: value}]}));
    } else {
        draft.add(part, &name, value);
    }
}

/// What came with the object, in the place of its id.
fn companion_beside(draft: &mut Draft, chance: &mut Chance) {
    let name = capture_shared(draft, chance);
    let part = chance.pick(&["query", "json"]);
    draft.add(part, chance.pick(&["id", "ids", "_id", "id[]", "uuid"]), json!(format!("{{{{mine.{name}}}}}")));
}

/// Several ids in one text.
fn list_in_text(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let between = chance.pick(&[",", ", ", ";", "|", " ", "&", "+", "\n"]);
    let own = chance.pick(&[MINE, "{{uuid}}", "x-{{uuid}}", "{{user}}"]);
    let text = if chance.once_in(2) { format!("{id}{between}{own}") } else { format!("{own}{between}{id}") };
    draft.add(chance.pick(&["json", "query"]), &id_name(chance), json!(text));
}

/// An id that only a decoded text shows.
fn escaped(draft: &mut Draft, chance: &mut Chance) {
    if draft.api.shape == Shape::Word {
        return beside(draft, chance);
    }
    let id = draft.api.victim.clone();
    let kind = chance.below(4);
    let escape = |byte: u8| match kind {
        0 => format!("\\u{byte:04x}"),
        1 => format!("&#{byte};"),
        2 => format!("&#x{byte:x};"),
        _ => format!("%25{byte:02x}"),
    };
    let text: String = id.bytes().map(escape).collect();
    draft.case.remove("json");
    let body = chance.pick(&[
        "{\"also\": [\"x\", \"ID\"],}",
        "<x><also>ID</also></x>",
        "[\"ID\",]",
        "also: ID",
        "{\"note\": \"see ID\"}",
        "note=ID",
    ]);
    draft.case.insert("body".to_owned(), json!(body.replace("ID", &text)));
    draft.add("header", "Content-Type", json!("application/json"));
}

/// A POST to the path of an object changes it.
fn creation_at_object(draft: &mut Draft, chance: &mut Chance) {
    let name = capture_shared(draft, chance);
    let path = draft.api.path(&draft.parent());
    if chance.once_in(2) && draft.api.shape != Shape::Word {
        draft.state.insert("call".to_owned(), json!(format!("POST {path}/{}", draft.api.victim)));
    } else if chance.once_in(2) {
        let operation = draft.operation("POST", &format!("{}/{{id}}", draft.documented()), None);
        reset_to_item(draft);
        draft.case.insert("operation".to_owned(), json!(operation));
        draft.add("path", "id", json!(format!("{{{{mine.{name}}}}}")));
    } else {
        to_call(draft, &format!("POST {path}/{{{{mine.{name}}}}}"));
    }
}

fn name_beside(draft: &mut Draft, chance: &mut Chance) {
    // A word as a name cannot be told from any other name.
    if draft.api.shape == Shape::Word {
        return beside(draft, chance);
    }
    let id = draft.api.victim.clone();
    let part = chance.pick(&["query", "json", "header"]);
    draft.add(part, &id, json!("on"));
}

fn list(draft: &mut Draft, chance: &mut Chance) {
    let name = id_name(chance);
    if chance.once_in(2) {
        let other = capture_shared(draft, chance);
        draft.add("json", &name, json!([MINE, format!("{{{{mine.{other}}}}}")]));
    } else {
        let value = spelled(draft, chance);
        draft.add("json", &name, json!([MINE, value]));
    }
}

fn field(draft: &mut Draft, chance: &mut Chance) {
    let word = draft.api.shape == Shape::Word;
    let names: &[&str] = if word {
        &["X-Thing-Id", "X_THING_ID", "X-Ids"]
    } else {
        &[
            "X-Thing-Id",
            "If-Match",
            "User-Agent",
            "Referer",
            "X-Note",
            "Origin",
            "If-None-Match",
            "X-Request-Id",
            "From",
            "Range",
        ]
    };
    let value = draft.api.victim.clone();
    let text =
        chance.pick(&["ID", "\"ID\"", "a;ID", "W/\"ID\"", "https://example.com/things/ID"]).replace("ID", &value);
    draft.add("header", chance.pick(names), json!(text));
}

fn cookie(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let name = any_name(draft, chance);
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let text = chance.pick(&["NAME=ID", "a=b; NAME=ID", "NAME=\"ID\"", "x=1;NAME=ID; y=2"]);
    draft.add("header", "Cookie", json!(text.replace("NAME", &name).replace("ID", &id)));
}

fn long_text(draft: &mut Draft, chance: &mut Chance) {
    if draft.api.shape == Shape::Word {
        return beside(draft, chance);
    }
    let filler = "some words about nothing at all, ".repeat(chance.between(9, 30));
    let text = format!("{filler}{} {filler}", draft.api.victim);
    draft.add("json", chance.pick(&["note", "text", "query"]), json!(text));
}

fn raw_body(draft: &mut Draft, chance: &mut Chance) {
    let value = spelled(draft, chance);
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let name = id_name(chance);
    draft.case.remove("json");
    let text = match chance.below(6) {
        0 => format!("{name}={value}"),
        1 => format!("a=b&{name}={value}&c=d"),
        2 => format!("{{\"{name}\": \"{value}\""),
        3 => format!("<x><{name}>{value}</{name}></x>"),
        4 => format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b--"),
        _ => format!("{name}: {value}\n"),
    };
    // A word in a text of an unknown kind cannot be told from any other word.
    let text = if draft.api.shape == Shape::Word && !text.contains('=') { format!("{name}={value}") } else { text };
    draft.case.insert("body".to_owned(), json!(text));
    draft.case.remove("json");
    let kind = chance.pick(&["application/x-www-form-urlencoded", "text/plain", "application/json", "application/xml"]);
    draft.add("header", "Content-Type", json!(kind));
}

/// Makes the case a call.
fn to_call(draft: &mut Draft, call: &str) {
    draft.case.remove("operation");
    draft.case.remove("path");
    draft.case.insert("call".to_owned(), json!(call));
}

fn literal_call(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let collection = draft.api.path(&draft.parent());
    let method = chance.pick(&["DELETE", "PUT", "PATCH", "POST"]);
    let end = chance.pick(&["", "", "/touch", "/{{mine.id}}/..", "/", "?"]);
    // A POST to something that exists is checked by what its path says.
    let end = if method == "POST" { "/touch" } else { end };
    let id = if chance.once_in(4) { every_byte(&id) } else { id };
    to_call(draft, &format!("{method} {collection}/{id}{}", end.trim_end_matches('?')));
    if end == "?" {
        draft.add("query", "x", json!(MINE));
    }
    nonce(draft, chance);
}

fn literal_document(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    // A POST of the document creates. A word in its path cannot be told from the name of a collection.
    let method = chance.pick(&["DELETE", "PUT", "PATCH", "POST"]);
    let method = if draft.api.shape == Shape::Word && method == "POST" { "PUT" } else { method };
    let end = chance.pick(&["", "/touch", "/tags/{tag}"]);
    let path = format!("/{}/{id}{end}", draft.api.collection);
    let operation = draft.operation(method, &path, chance.pick(&[None, Some(("name", true)), Some(("name", false))]));
    draft.case.remove("call");
    draft.case.remove("path");
    draft.case.insert("operation".to_owned(), json!(operation));
    if end.contains('{') {
        // A name that the run made up is sent below whatever stands before it.
        draft.add("path", "tag", json!(id));
    } else {
        draft.add("query", "name", json!("{{uuid}}"));
    }
}

/// A value that the run makes up, in any part of the request. It names nothing.
fn nonce(draft: &mut Draft, chance: &mut Chance) {
    let value = chance.pick(&["{{uuid}}", "{{user}}", "x-{{uuid}}", "{{run}}"]);
    match chance.below(3) {
        0 => draft.add("header", "X-Nonce", json!(value)),
        1 => draft.add("query", "nonce", json!(value)),
        _ => draft.add("json", "id", json!(value)),
    }
}

fn removing_path(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let word = chance.pick(&[
        "delete",
        "batchDelete",
        "%64elete",
        "bulk_delete",
        "remove",
        "destroy",
        "DELETE",
        "delete-all",
        "purge",
        "logout",
        "deleteById",
        "reset",
        "cancel",
        "%2564elete",
        "d%65lete",
        "doDelete",
    ]);
    let method = chance.pick(&["POST", "GET", "HEAD", "OPTIONS"]);
    let collection = draft.api.path(&draft.parent());
    let path = match chance.below(3) {
        0 => format!("{collection}/{id}/{word}"),
        1 => format!("{collection}/{word}/{id}"),
        _ => format!("{collection}/{word}"),
    };
    if path.ends_with(word) && !path.contains(&format!("{id}/")) {
        draft.case.remove("json");
        if method == "POST" { draft.add("json", "ids", json!([id])) } else { draft.add("query", "ids", json!(id)) }
    }
    to_call(draft, &format!("{method} {path}"));
    if chance.once_in(2) && method == "POST" {
        draft.add("json", "nonce", json!("{{uuid}}"));
    } else {
        draft.case.remove("json");
        draft.case.remove("body");
    }
}

fn removing_query(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let (name, value) = chance.pick(&[
        ("action", "delete"),
        ("action", "DELETE"),
        ("op", "remove"),
        ("do", "batchDelete"),
        ("delete", "1"),
        ("delete", "true"),
        ("cmd", "purge"),
        ("Action", "DeleteObject"),
        ("action", "%64elete"),
        ("command", "reset"),
    ]);
    let method = chance.pick(&["GET", "POST", "HEAD"]);
    let collection = draft.api.path(&draft.parent());
    draft.case.remove("json");
    draft.case.remove("body");
    draft.case.remove("query");
    if chance.once_in(2) {
        to_call(draft, &format!("{method} {collection}/{id}"));
        draft.add("query", name, json!(value));
    } else {
        to_call(draft, &format!("{method} {collection}/{{{{mine.id}}}}x{id}"));
        draft.add("query", name, json!(value));
    }
}

fn method_parameter(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let collection = draft.api.path(&draft.parent());
    let name = chance.pick(&[
        "_method",
        "_METHOD",
        "%5fmethod",
        "_method[]",
        "x-http-method-override",
        "X_HTTP_METHOD_OVERRIDE",
    ]);
    let value = chance.pick(&["DELETE", "delete", "PUT"]);
    draft.case.remove("json");
    draft.case.remove("body");
    if chance.once_in(4) {
        // In the call that makes an object.
        draft.state.insert("call".to_owned(), json!(format!("POST {collection}/{id}")));
        draft.state_part("json")[name] = json!(value);
        return;
    }
    let method = chance.pick(&["GET", "POST"]);
    to_call(draft, &format!("{method} {collection}/{id}"));
    match chance.below(4) {
        1 if method == "POST" => draft.add("json", name, json!(value)),
        2 if method == "POST" => {
            draft.case.insert("body".to_owned(), json!(format!("a=b&{name}={value}")));
        }
        _ => draft.add("query", name, json!(value)),
    }
}

fn rewriting_field(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let target = format!("{}/{id}", draft.api.path(&draft.parent()));
    let (name, value) = chance.pick(&[
        ("X-HTTP-Method-Override", "DELETE"),
        ("X_HTTP_METHOD_OVERRIDE", "DELETE"),
        ("x-http-method", "DELETE"),
        ("X-Method-Override", "PUT"),
        ("X-HTTP-Method_Override", "DELETE"),
        ("X-Method", "DELETE"),
        ("X-Original-URL", "TARGET"),
        ("X_ORIGINAL_URL", "TARGET"),
        ("X-Rewrite-URL", "TARGET"),
        ("X-Original-Uri", "TARGET"),
        ("X-Envoy-Original-Path", "TARGET"),
        ("X-Forwarded-Prefix", "TARGET"),
        ("X_Forwarded_Path", "TARGET"),
        ("X-Forwarded-Uri", "TARGET"),
        ("Transfer_Encoding", "chunked"),
        ("TE", "trailers"),
        ("Upgrade", "h2c"),
        ("Transfer-Encoding", "chunked"),
        ("X-Envoy-Decorator-Path", "TARGET"),
    ]);
    if value == "DELETE" || value == "PUT" {
        draft.case.remove("json");
        draft.case.remove("body");
        draft.case.remove("query");
        let method = chance.pick(&["GET", "POST"]);
        to_call(draft, &format!("{method} {target}"));
    }
    draft.add("header", name, json!(value.replace("TARGET", &target)));
}

fn reading_state(draft: &mut Draft, chance: &mut Chance) {
    let method = chance.pick(&["GET", "OPTIONS", "HEAD"]);
    let path = draft.api.path(&draft.parent());
    let target = if chance.once_in(2) { path } else { format!("{path}/{}", draft.api.victim) };
    draft.state.insert("call".to_owned(), json!(format!("{method} {target}")));
    draft.state.remove("json");
    draft.state.insert("expect".to_owned(), json!(200));
    draft.state_part("capture")["id"] = json!(chance.pick(&["/items/0/id", "/id"]));
    draft.state.insert("id".to_owned(), json!("id"));
}

/// The state claims an object that exists.
fn adopting_state(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let path = draft.api.path(&draft.parent());
    let method = chance.pick(&["PUT", "PUT", "PATCH", "DELETE"]);
    draft.state.insert("call".to_owned(), json!(format!("{method} {path}/{id}")));
    draft.state.insert("expect".to_owned(), json!([200, 201, 204, 404]));
    if chance.once_in(2) {
        draft.state.insert("json".to_owned(), json!({"name": "x-{{uuid}}"}));
    }
}

fn other_undo(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let name = capture_shared(draft, chance);
    let path = draft.api.path(&draft.parent());
    let undo = match chance.below(6) {
        0 => json!({"call": format!("DELETE {path}/{id}")}),
        1 => json!({"call": format!("DELETE /people/{{{{{name}}}}}")}),
        2 => json!({"call": format!("DELETE {path}/{{{{id}}}}"), "json": {"ids": ["{{id}}", id]}}),
        3 => json!({"call": format!("POST {path}/delete"), "json": {"ids": ["{{id}}", format!("{{{{{name}}}}}")]}}),
        4 => json!({"call": format!("DELETE {path}"), "query": {"x": "{{id}}"}}),
        _ => json!({"call": format!("DELETE {path}/{{{{{name}}}}}/x/{{{{id}}}}/..")}),
    };
    draft.state.insert("undo".to_owned(), undo);
    draft.state_part("undo")["expect"] = json!([200, 204]);
}

fn other_exists(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let path = draft.api.path(&draft.parent());
    let call = match chance.below(4) {
        0 => format!("DELETE {path}/{id}"),
        1 => format!("POST {path}/{id}/delete"),
        2 => format!("GET {path}/{id}/delete"),
        _ => format!("PUT {path}/{id}"),
    };
    draft.state.insert("exists".to_owned(), json!({"call": call, "yes": 200, "no": 404}));
}

/// Every object of the state gets the same owner: a value that living objects share is no identity.
fn shared_identity(draft: &mut Draft, chance: &mut Chance) {
    let name = capture_shared(draft, chance);
    draft.state.insert("id".to_owned(), chance.pick(&[json!(name), json!([name, "id"]), json!(["id", name])]));
    let value = format!("{{{{mine.{name}}}}}");
    if chance.once_in(2) {
        to_call(draft, &format!("DELETE /people/{value}"));
    }
    if chance.once_in(2) {
        let undo = json!({"call": format!("DELETE /people/{{{{{name}}}}}"), "expect": [200, 204, 404]});
        draft.state.insert("undo".to_owned(), undo);
    }
}

fn relation(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let name = capture_shared(draft, chance);
    let collection = draft.documented();
    let method = chance.pick(&["PUT", "DELETE", "PATCH"]);
    let value = chance.pick(&[id, format!("{{{{mine.{name}}}}}")]);
    let operation = draft.operation(method, &format!("{collection}/{{id}}/members/{{member}}"), None);
    reset_to_item(draft);
    draft.case.insert("operation".to_owned(), json!(operation));
    draft.add("path", "member", json!(value));
}

fn bulk(draft: &mut Draft, chance: &mut Chance) {
    let value = spelled(draft, chance);
    let collection = draft.documented();
    let path = chance.pick(&["/bulk-delete", "/batch", "/bulk", ""]);
    let method = if path.is_empty() { chance.pick(&["DELETE", "PATCH", "PUT"]) } else { "POST" };
    let operation = draft.operation(method, &format!("{collection}{path}"), Some(("id", chance.once_in(2))));
    reset_to_item(draft);
    draft.case.insert("operation".to_owned(), json!(operation));
    draft.remove_from("path", "id");
    let name = id_name(chance);
    match chance.below(4) {
        0 => draft.add("json", &name, json!([MINE, value])),
        1 => draft.add("json", "items", json!([{"id": MINE}, {name: value}])),
        2 => draft.add("query", "id", value),
        _ => draft.case.insert("json".to_owned(), json!([MINE, value])).map_or((), drop),
    }
    // A word in a list without a name cannot be told from any other word.
    if draft.api.shape == Shape::Word && draft.case.get("json").is_some_and(Value::is_array) {
        draft.case.insert("json".to_owned(), json!({"ids": [MINE, draft.api.victim]}));
    }
}

/// A literal that says that it is no id exists, because another case writes it.
fn written_mark(draft: &mut Draft, chance: &mut Chance) {
    let name = chance.pick(&["no-such-thing", "not-a-thing", "does-not-exist", "nonexistent"]).to_owned();
    draft.api.foreign.push(name.clone());
    reset_to_item(draft);
    let written = chance.pick(&[name.clone(), name.to_uppercase(), format!("a {name} b")]);
    draft.add("path", "id", json!(name));
    let path = draft.api.path(&draft.parent());
    let body = if chance.once_in(2) { json!({"name": written}) } else { json!({"names": {written: {}}}) };
    let other = json!({"call": format!("POST {path}"), "json": body, "expect": 201});
    if chance.once_in(2) {
        draft.others.insert("two".to_owned(), other);
    } else {
        draft.state_part("json")["also"] = body;
    }
}

fn step_after(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let path = draft.api.path(&draft.parent());
    let step = match chance.below(4) {
        0 => json!({"call": format!("DELETE {path}/{id}"), "expect": 204}),
        1 => json!({"call": format!("GET {path}/{id}/delete"), "expect": 200}),
        2 => json!({"call": format!("POST {path}/bulk-delete"), "json": {"ids": [id]}, "expect": 200}),
        _ => json!({"call": format!("PATCH {path}/{{{{mine.id}}}}"), "json": {"ids": [id]}, "expect": 200}),
    };
    let mut step = step;
    if chance.once_in(4) {
        step = json!({"call": format!("GET {path}/{id}"), "query": {"action": "delete"}, "expect": 200});
    }
    draft.case.insert("then".to_owned(), json!([step]));
}

fn whole_collection(draft: &mut Draft, chance: &mut Chance) {
    let path = draft.api.path(&draft.parent());
    let end = chance
        .pick(&["", "/", "/*", "/all", "/_all", "/me", "/.", "/%2e", "/..", "/%2a", "/self", "/latest", "/null", "//"]);
    draft.case.remove("json");
    draft.case.remove("body");
    draft.case.remove("query");
    if chance.once_in(2) || end.is_empty() || end.contains("//") {
        to_call(draft, &format!("{} {path}{end}", chance.pick(&["DELETE", "PUT", "PATCH"])));
        nonce(draft, chance);
    } else {
        reset_to_item(draft);
        let raw = end.trim_start_matches('/');
        let raw = if raw.is_empty() { "/" } else { raw };
        draft.add("path", "id", json!({"raw": raw}));
    }
}

/// The request names another object, and a value that the run made up stands anywhere.
fn nonce_only(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    reset_to_item(draft);
    draft.add("path", "id", json!(id));
    nonce(draft, chance);
}

/// A credential is checked by a request that changes something.
fn check(draft: &mut Draft, chance: &mut Chance) {
    let id = draft.api.victim.clone();
    let path = draft.api.path(&draft.parent());
    let call = match chance.below(4) {
        0 => format!("DELETE {path}/{id}"),
        1 => format!("GET {path}/{id}/delete"),
        2 => format!("HEAD {path}/{id}/purge"),
        _ => format!("GET {path}/{id}/remove"),
    };
    draft.suite.insert("defaults".to_owned(), json!({"auth": "one"}));
    draft.env.push(("KEY".to_owned(), "key-0123456789abcdef".to_owned()));
    let credentials =
        json!({"one": {"env": "KEY", "check": {"call": call, "header": {"X-A": "b"}, "expect": [200, 204, 404]}}});
    draft.suite.insert("credentials".to_owned(), credentials);
}
