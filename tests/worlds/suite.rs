//! The suite of a world: how its objects are made, looked at and removed, and its cases.

use serde_json::{Map, Value, json};

use crate::body;
use crate::chance::Chance;
use crate::document;
use crate::kind::Kind;
use crate::world::{Auth, Case, Contract, Ids, Look, Place, World};

/// The variables that hold the keys, and the keys, as the server knows them.
pub(crate) const KEYS: [(&str, &str); 2] =
    [("WORLD_KEY", "owner-of-the-world-9f31"), ("WORLD_OTHER_KEY", "other-account-of-it-70c4")];

/// The name under which the document of a world lies beside its suite.
pub(crate) const DOCUMENT: &str = "openapi.json";

/// The suite file, as JSON, which YAML is too.
pub(crate) fn write(world: &World) -> Value {
    let mut chance = Chance::of(world.seed, 1);
    let mut suite = json!({"spec": DOCUMENT, "operation": document::operation(world)});
    if world.auth != Auth::None {
        let check = |name: &str| json!({"call": "GET /whoami", "expect": 200, "match": {"/account": name}});
        suite["credentials"] = json!({
            "owner": {"env": KEYS[0].0, "check": check("owner")},
            "other": {"env": KEYS[1].0, "check": check("other")},
        });
    }
    suite["states"] = json!({"thing": state(world, &mut chance)});
    let mut defaults = Map::new();
    defaults.insert("auth".to_owned(), json!(if world.auth == Auth::None { "none" } else { "owner" }));
    for (key, value) in with_user(world, "{{user}}") {
        defaults.insert(key, value);
    }
    suite["defaults"] = Value::Object(defaults);
    let mut cases = Map::new();
    for (at, case) in world.cases.iter().enumerate() {
        cases.insert(format!("{}_{at}", name(*case)), write_case(world, *case, &mut chance));
    }
    suite["cases"] = Value::Object(cases);
    suite
}

fn name(case: Case) -> &'static str {
    match case {
        Case::Success { .. } => "success",
        Case::Repeat => "repeat",
        Case::Missing { .. } => "missing",
        Case::NotAnId => "not_an_id",
        Case::NoKey => "no_key",
        Case::WrongKey => "wrong_key",
        Case::OtherAccount => "other_account",
        Case::OtherUser => "other_user",
        Case::Twice => "twice",
        Case::LookAfter => "look_after",
        Case::Both => "both",
    }
}

/// The members of a request by which it says for which user it is.
fn with_user(world: &World, user: &str) -> Vec<(String, Value)> {
    let member = match world.user {
        None => return Vec::new(),
        Some(Place::Header) => ("header", json!({"X-User": user})),
        Some(Place::Query) => ("query", json!({"user": user})),
        Some(Place::Json) => ("json", json!({"user": user})),
    };
    vec![(member.0.to_owned(), member.1)]
}

/// A GET that looks at an object; `of` is put before the names of its captures.
fn look(world: &World, of: &str) -> Map<String, Value> {
    let names = &world.names;
    let id = format!("{{{{{of}id}}}}");
    let mut query = Map::new();
    let path = match (world.look, world.ids) {
        (Look::Path, Ids::Pair) => {
            format!("/{}/{{{{{of}{}}}}}/{}/{id}", names.parents, names.parent, names.collection)
        }
        (Look::Path, _) => format!("/{}/{id}", names.collection),
        (Look::Query, _) => {
            query.insert("id".to_owned(), json!(id));
            format!("/find-{}", names.noun)
        }
    };
    let mut request = Map::from_iter([("call".to_owned(), json!(format!("GET {path}")))]);
    match world.user {
        Some(Place::Header) => {
            request.insert("header".to_owned(), json!({"X-User": "{{user}}"}));
        }
        // A GET has no body, so there the user stands in the query.
        Some(Place::Query | Place::Json) => {
            query.insert("user".to_owned(), json!("{{user}}"));
        }
        None => {}
    }
    if !query.is_empty() {
        request.insert("query".to_owned(), Value::Object(query));
    }
    request
}

/// What a look answers for what is there, and for what is gone.
fn yes_and_no(world: &World) -> (Value, Value) {
    if world.has(Kind::MarkedDeleted) || world.has(Kind::SoftDelete) {
        let pointer = body::pointer(world, "deleted");
        let says = |deleted: bool| json!({"status": 200, "match": {pointer.clone(): deleted}});
        return (says(false), says(true));
    }
    let (never, gone) = look_statuses(world);
    (json!(200), if never == gone { json!(gone) } else { json!([never, gone]) })
}

/// What a look answers for what never was, and for what is gone, where no mark says it.
pub(crate) fn look_statuses(world: &World) -> (u16, u16) {
    if world.has(Kind::GoneStatus) { (world.statuses.never, world.statuses.gone) } else { (404, 404) }
}

/// The path values of an object; `of` is put before the names of its captures.
fn path(world: &World, of: &str) -> Value {
    path_with(world, of, &format!("{{{{{of}id}}}}"))
}

fn path_with(world: &World, of: &str, id: &str) -> Value {
    let mut values = Map::new();
    if world.ids == Ids::Pair {
        values.insert(world.names.parent.to_owned(), json!(format!("{{{{{of}{}}}}}", world.names.parent)));
    }
    values.insert(world.names.parameter.to_owned(), json!(id));
    Value::Object(values)
}

fn state(world: &World, chance: &mut Chance) -> Value {
    let names = &world.names;
    let mut json = json!({"title": "conformance"});
    let mut state = json!({
        "call": format!("POST /{}", names.collection),
        "expect": if chance.once_in(2) { json!(world.statuses.created) } else { json!([200, 201]) },
    });
    match world.user {
        Some(Place::Json) => json["user"] = json!("{{user}}"),
        Some(Place::Header) => state["header"] = json!({"X-User": "{{user}}"}),
        Some(Place::Query) => state["query"] = json!({"user": "{{user}}"}),
        None => {}
    }
    state["json"] = json;
    let mut capture = Map::from_iter([("id".to_owned(), json!(body::pointer(world, "id")))]);
    if world.ids == Ids::Pair {
        capture.insert(names.parent.to_owned(), json!(body::pointer(world, names.parent)));
    }
    if capture.len() > 1 {
        state["id"] = json!("id");
    }
    state["capture"] = Value::Object(capture);
    let mut exists = look(world, "");
    let (yes, no) = yes_and_no(world);
    exists.insert("yes".to_owned(), yes);
    exists.insert("no".to_owned(), no);
    // What takes its time is said to, here and there; without it two seconds are allowed.
    if (world.has(Kind::LateReads) || world.has(Kind::Asynchronous)) && chance.once_in(2) {
        let place = if chance.once_in(2) { &mut state } else { &mut Value::Null };
        if place.is_null() {
            exists.insert("within".to_owned(), json!("3s"));
        } else {
            place["within"] = json!("3s");
        }
    }
    state["exists"] = Value::Object(exists);
    state["undo"] = json!({"path": path(world, ""), "expect": world.statuses.removed});
    for (key, value) in with_user(world, "{{user}}") {
        state["undo"][key] = value;
    }
    let (never, gone) = (world.statuses.never, world.statuses.gone);
    if gone >= 400 {
        state["gone"] = if never == gone { json!({"status": gone}) } else { json!({"status": [never, gone]}) };
    }
    state
}

/// An expectation of an error, said in one of the ways in which it can be said.
fn refused(world: &World, status: u16, chance: &mut Chance) -> Value {
    if status < 400 {
        return json!(status);
    }
    match (chance.below(3), world.contract) {
        (0, Contract::Example | Contract::Both) => {
            json!({"status": status, "example": "example", "free": [body::free_text(world)]})
        }
        (0, Contract::Examples) => {
            json!({"status": status, "example": document::example(status), "free": [body::free_text(world)]})
        }
        (1, _) => {
            let telling = body::telling(world);
            json!({"status": status, "match": {format!("/{telling}"): body::error(world, status)[telling]}})
        }
        _ => json!(status),
    }
}

fn given(mine: &str, bystanders: usize) -> Value {
    let mut given = Map::from_iter([(mine.to_owned(), json!("thing"))]);
    for at in 0..bystanders {
        given.insert(format!("bystander{at}"), json!("thing"));
    }
    Value::Object(given)
}

fn write_case(world: &World, case: Case, chance: &mut Chance) -> Value {
    let statuses = &world.statuses;
    let about = format!("{case:?}");
    let removal = json!({
        "about": about,
        "given": given("mine", 1),
        "path": path(world, "mine."),
        "expect": statuses.removed,
    });
    let refusal = |status: u16, chance: &mut Chance| {
        json!({
            "about": about,
            "given": given("theirs", chance.below(2)),
            "path": path(world, "theirs."),
            "expect": refused(world, status, chance),
        })
    };
    match case {
        Case::Success { bystanders } => {
            let mut case = removal;
            case["profile"] = json!("core");
            case["given"] = given("mine", bystanders);
            case
        }
        Case::Repeat | Case::Both | Case::LookAfter | Case::Twice => removed_more(world, case, removal, chance),
        Case::Missing { bystander } => {
            let id = match world.ids {
                Ids::Number { .. } => format!("no-such-{}", world.names.noun),
                _ => "{{uuid}}".to_owned(),
            };
            missing(world, &about, bystander, &id, chance)
        }
        Case::NotAnId => missing(world, &about, true, &format!("not-a-{}", world.names.noun), chance),
        Case::NoKey => {
            let mut case = refusal(401, chance);
            case["auth"] = json!("none");
            case
        }
        Case::WrongKey => with_wrong_key(world, refusal(401, chance)),
        Case::OtherAccount => {
            let mut case = refusal(statuses.other_account, chance);
            case["auth"] = json!("other");
            case
        }
        Case::OtherUser => {
            let mut case = refusal(statuses.other_user, chance);
            for (key, value) in with_user(world, "{{user}}-other") {
                case[key] = value;
            }
            case
        }
    }
}

/// A removal that is followed by something, or sent twice at once.
fn removed_more(world: &World, case: Case, mut written: Value, chance: &mut Chance) -> Value {
    let statuses = &world.statuses;
    match case {
        Case::Repeat => {
            written["then"] = json!([{"expect": refused(world, statuses.gone, chance)}]);
        }
        Case::Both => {
            written["then"] = json!([{"path": path(world, "bystander0."), "expect": statuses.removed}]);
        }
        Case::LookAfter => {
            let mut step = look(world, "mine.");
            step.insert("expect".to_owned(), yes_and_no(world).1);
            step.insert("within".to_owned(), json!("3s"));
            written["then"] = json!([step]);
        }
        Case::Twice => {
            written["at_once"] = json!(2);
            written["expect"] = json!([statuses.removed, statuses.gone]);
        }
        _ => {}
    }
    written
}

fn with_wrong_key(world: &World, mut case: Value) -> Value {
    let (member, value) = match world.auth {
        Auth::Header(name) => ("header", json!({name: "not-a-key"})),
        Auth::Query(name) => ("query", json!({name: "not-a-key"})),
        Auth::Bearer | Auth::None => ("auth", json!({"header": "Bearer not-a-key"})),
    };
    case["auth"] = json!("none");
    case[member] = value;
    case
}

fn missing(world: &World, about: &str, bystander: bool, id: &str, chance: &mut Chance) -> Value {
    let mut case = json!({
        "about": about,
        "path": path_with(world, "bystander.", id),
        "expect": refused(world, world.statuses.never, chance),
    });
    if bystander {
        case["given"] = json!({"bystander": "thing"});
    }
    case
}
