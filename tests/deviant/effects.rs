//! Deviations of what is done: effects, keys, owners; and liars, who do nothing at all.

use crate::front::{Act, Asked, Key, Plan, World};
use crate::message::Message;
use crate::row::{Deviation, doing};

const ACCEPTED: &[&str] = &["success", "unknown_property", "id_upper_case", "id_percent_encoded"];
const WITH_BYSTANDER: &[&str] = &[
    "success",
    "missing_conversation",
    "repeat",
    "two_at_once",
    "unknown_property",
    "id_upper_case",
    "id_percent_encoded",
];

/// Those whose objects must outlive their own request, and are removed by the owner when the case is over.
const KEEPING: &[&str] = &[
    "wrong_app_mode",
    "missing_conversation",
    "other_user",
    "other_app",
    "no_key",
    "malformed_key",
    "wrong_key",
    "basic_scheme",
    "user_omitted",
    "user_null",
    "body_omitted",
    "malformed_json",
    "id_no_uuid",
];

pub(crate) fn all() -> Vec<Deviation> {
    let mut all = Vec::new();
    for (family, rows) in [("effect", effects()), ("security", security()), ("liar", liars())] {
        all.extend(rows.into_iter().map(|row| row.of(family)));
    }
    all
}

fn accepted() -> Plan {
    Plan::Say(Message::empty("204 NO CONTENT"))
}

/// A refusal that is none: the conversation is deleted first, as its owner would.
fn deleted_and_refused(asked: &Asked, world: &World) -> Plan {
    match asked.id.as_ref().filter(|id| world.owner(id).is_some()) {
        Some(id) => Plan::Also(vec![world.deletion(id)], Box::new(Plan::Pass)),
        None => Plan::Pass,
    }
}

fn is_delete(asked: &Asked) -> bool {
    asked.method == "DELETE"
}

/// Whether this is a deletion that the reference refuses with this key, though the conversation exists.
fn with_key(asked: &Asked, key: Key) -> bool {
    is_delete(asked) && asked.key == key
}

fn effects() -> Vec<Deviation> {
    let gone = ["effect-despite-refusal"];
    vec![
        doing(
            "accepted and not carried out",
            |asked, world| if world.is_owners(asked) { accepted() } else { Plan::Pass },
        )
        .finding(204, &["effect-missing"])
        .also(KEEPING, &["effect-missing"])
        .but(&["repeat"], &["effect-missing", "repeat-accepted"]),
        doing("accepted, and carried out the second time only", |asked, world| {
            if world.is_owners_first(asked) { accepted() } else { Plan::Pass }
        })
        .but(ACCEPTED, &["effect-missing"])
        .also(KEEPING, &["effect-missing"])
        // Their bystanders.
        .but(&["two_at_once"], &["effect-missing"])
        .but(&["repeat"], &["effect-missing", "repeat-accepted"]),
        doing("the clean-up is accepted, and carried out the second time only", |asked, world| {
            if !asked.judged && world.is_owners_first(asked) { accepted() } else { Plan::Pass }
        })
        .also(KEEPING, &["effect-missing"])
        .also(WITH_BYSTANDER, &["effect-missing"]),
        doing("the clean-up is refused the first time", |asked, world| {
            if !asked.judged && world.is_owners_first(asked) { Plan::Say(busy()) } else { Plan::Pass }
        }),
        doing("every conversation of the user goes along", |asked, world| {
            if !world.is_owners(asked) {
                return Plan::Pass;
            }
            let user = asked.user.as_ref().expect("the owner");
            let others = world.of_user(user).into_iter().filter(|id| Some(id) != asked.id.as_ref());
            Plan::Also(others.map(|id| world.deletion(&id)).collect(), Box::new(Plan::Pass))
        })
        .but(&["success", "repeat", "two_at_once"], &["bystander-lost"])
        .but(&["unknown_property", "id_upper_case", "id_percent_encoded"], &["bystander-lost"]),
        doing("another conversation goes instead", |asked, world| {
            if !world.is_owners(asked) || !asked.judged {
                return Plan::Pass;
            }
            let user = asked.user.as_ref().expect("the owner");
            let others = world.of_user(user).into_iter().filter(|id| Some(id) != asked.id.as_ref());
            Plan::Also(others.map(|id| world.deletion(&id)).collect(), Box::new(accepted()))
        })
        .but(ACCEPTED, &["bystander-lost", "effect-missing"])
        .but(&["two_at_once"], &["bystander-lost", "effect-missing"])
        .but(&["repeat"], &["bystander-lost", "effect-missing", "repeat-accepted"]),
        doing("an unknown id takes another conversation along", |asked, world| {
            let unknown = is_delete(asked) && asked.id.as_ref().is_some_and(|id| world.owner(id).is_none());
            match asked.user.as_ref().filter(|_| unknown) {
                Some(user) => {
                    let others = world.of_user(user).iter().map(|id| world.deletion(id)).collect();
                    Plan::Also(others, Box::new(Plan::Pass))
                }
                None => Plan::Pass,
            }
        })
        .but(&["missing_conversation", "id_no_uuid"], &["bystander-lost"]),
        doing("a refused mode deletes", |asked, world| {
            if with_key(asked, Key::OtherMode) { deleted_and_refused(asked, world) } else { Plan::Pass }
        })
        .but(&["wrong_app_mode"], &gone),
        doing("a refused key deletes", |asked, world| {
            if with_key(asked, Key::Wrong) { deleted_and_refused(asked, world) } else { Plan::Pass }
        })
        .but(&["malformed_key", "wrong_key", "basic_scheme"], &gone),
        doing("a missing key deletes, and is refused", |asked, world| {
            if with_key(asked, Key::None) { deleted_and_refused(asked, world) } else { Plan::Pass }
        })
        .but(&["no_key"], &gone),
        doing("the key of another app deletes, and nothing is found", |asked, world| {
            if with_key(asked, Key::OtherChat) { deleted_and_refused(asked, world) } else { Plan::Pass }
        })
        .but(&["other_app"], &gone),
        doing("a user who is not the owner deletes, and finds nothing", |asked, world| {
            let other = with_key(asked, Key::Chat) && !world.is_owners(asked) && asked.raw.ends_with(b"}");
            if other { deleted_and_refused(asked, world) } else { Plan::Pass }
        })
        .but(&["other_user", "user_omitted", "user_null"], &gone),
        doing("a body that is refused deletes", |asked, world| {
            let refused = with_key(asked, Key::Chat) && asked.user.is_none() && !asked.raw.ends_with(b"}");
            if refused { deleted_and_refused(asked, world) } else { Plan::Pass }
        })
        .but(&["body_omitted", "malformed_json"], &gone),
        doing("the repeat is accepted", |asked, world| {
            let repeats = asked.judged && world.is_owners(asked) && !world.is_owners_first(asked);
            if repeats { accepted() } else { Plan::Pass }
        })
        .but(&["repeat"], &["repeat-accepted"]),
        doing("an unknown id is accepted", |asked, world| {
            let unknown = with_key(asked, Key::Chat) && asked.id.as_ref().is_some_and(|id| world.owner(id).is_none());
            if unknown { accepted() } else { Plan::Pass }
        })
        .but(&["missing_conversation", "id_no_uuid"], &["status-unexpected"]),
        doing("ids in capitals are not found", |asked, _| {
            let capitals = asked.target.chars().any(|c| ('A'..='F').contains(&c)) && !asked.target.contains('%');
            if is_delete(asked) && capitals { Plan::Say(not_found()) } else { Plan::Pass }
        })
        .but(&["id_upper_case"], &["status-unexpected"]),
        doing("encoded ids are a page that is not found", |asked, _| {
            let page =
                Message::new("404 NOT FOUND", "text/html; charset=utf-8", "<!doctype html>\n<h1>Not Found</h1>\n");
            if is_delete(asked) && asked.target.contains('%') { Plan::Say(page) } else { Plan::Pass }
        })
        .but(&["id_percent_encoded"], &["status-unexpected", "media-type-undocumented"]),
    ]
}

fn security() -> Vec<Deviation> {
    let as_chat = |asked: &Asked, world: &World| Plan::Ask(asked.with_key(world.key("API_KEY")));
    let as_owner = |asked: &Asked, world: &World| match asked.id.as_ref().filter(|id| world.owner(id).is_some()) {
        Some(id) => Plan::Ask(world.deletion(id)),
        None => Plan::Pass,
    };
    vec![
        doing(
            "no key is as good as one",
            move |asked, world| {
                if with_key(asked, Key::None) { as_chat(asked, world) } else { Plan::Pass }
            },
        )
        .but(&["no_key"], &["unauthenticated-accepted", "effect-despite-refusal"])
        .but(&["missing_and_no_key"], &["status-unexpected"]),
        doing(
            "no key is accepted, and nothing done",
            |asked, _| {
                if with_key(asked, Key::None) { accepted() } else { Plan::Pass }
            },
        )
        .but(&["no_key", "missing_and_no_key"], &["unauthenticated-accepted"]),
        doing("any key is as good as one", move |asked, world| {
            if with_key(asked, Key::Wrong) { as_chat(asked, world) } else { Plan::Pass }
        })
        .but(&["malformed_key", "wrong_key", "basic_scheme"], &["credential-not-checked", "effect-despite-refusal"])
        .but(&["missing_and_wrong_key"], &["status-unexpected"]),
        doing("any key is accepted, and nothing done", |asked, _| {
            if with_key(asked, Key::Wrong) { accepted() } else { Plan::Pass }
        })
        .but(&["malformed_key", "wrong_key", "basic_scheme", "missing_and_wrong_key"], &["credential-not-checked"]),
        doing("every user deletes for every other", move |asked, world| {
            let named = with_key(asked, Key::Chat) && asked.user.is_some() && !world.is_owners(asked);
            if named { as_owner(asked, world) } else { Plan::Pass }
        })
        .but(&["other_user"], &["foreign-object-reachable", "effect-despite-refusal"]),
        doing("another user is accepted, and nothing done", |asked, world| {
            let named = with_key(asked, Key::Chat) && asked.user.is_some() && !world.is_owners(asked);
            let known = asked.id.as_ref().is_some_and(|id| world.owner(id).is_some());
            if named && known { accepted() } else { Plan::Pass }
        })
        .but(&["other_user"], &["status-unexpected"]),
        doing("a request without a user deletes for all users", move |asked, world| {
            let nameless = with_key(asked, Key::Chat) && asked.user.is_none() && asked.raw.ends_with(b"}");
            if nameless { as_owner(asked, world) } else { Plan::Pass }
        })
        .but(&["user_omitted", "user_null"], &["foreign-object-reachable", "effect-despite-refusal"]),
        doing("every app deletes in every other", move |asked, world| {
            if with_key(asked, Key::OtherChat) { as_owner(asked, world) } else { Plan::Pass }
        })
        .but(&["other_app"], &["foreign-object-reachable", "effect-despite-refusal"]),
        doing("an app of another mode deletes", move |asked, world| {
            if with_key(asked, Key::OtherMode) { as_owner(asked, world) } else { Plan::Pass }
        })
        .but(&["wrong_app_mode"], &["status-unexpected", "effect-despite-refusal"]),
        doing("a request without a body deletes", move |asked, world| {
            let empty = with_key(asked, Key::Chat) && asked.raw.ends_with(b"\r\n\r\n");
            if empty { as_owner(asked, world) } else { Plan::Pass }
        })
        .but(&["body_omitted"], &["foreign-object-reachable", "effect-despite-refusal"]),
        doing("the id is looked at before the key", |asked, world| {
            let unknown = is_delete(asked) && asked.id.as_ref().is_some_and(|id| world.owner(id).is_none());
            if unknown { Plan::Say(not_found()) } else { Plan::Pass }
        })
        .but(&["missing_and_no_key", "missing_and_wrong_key"], &["status-unexpected"]),
        doing("the key comes back in a cookie", |_, _| Plan::Pass)
            .changing(|asked, answer| {
                let key = match asked.key {
                    Key::None | Key::Wrong => return vec![Act::Send(answer.bytes())],
                    _ => asked.authorization().replace("Bearer ", ""),
                };
                vec![Act::Send(answer.and("Set-Cookie", &format!("key={key}; Path=/")).bytes())]
            })
            .finding(204, &["credential-repeated should"])
            .finding(404, &["credential-repeated should"])
            .finding(400, &["credential-repeated should"])
            .finding(415, &["credential-repeated should"]),
    ]
}

fn busy() -> Message {
    error("503 SERVICE UNAVAILABLE", 503, "unavailable", "Later.")
}

fn not_found() -> Message {
    error("404 NOT FOUND", 404, "not_found", "Conversation Not Exists.")
}

fn error(line: &str, status: u16, code: &str, message: &str) -> Message {
    let body = serde_json::json!({"code": code, "message": message, "status": status});
    Message::new(line, "application/json", &body.to_string())
}

/// What each case wants to hear, told from the request alone.
fn as_expected(asked: &Asked, world: &World) -> Message {
    let refused =
        |message: &str| error("401 UNAUTHORIZED", 401, "unauthorized", message).and("WWW-Authenticate", "Bearer");
    match asked.key {
        Key::None | Key::Wrong => return refused("Access token is invalid"),
        Key::OtherMode => {
            let message = "Please check if your app mode matches the right API route.";
            return error("400 BAD REQUEST", 400, "not_chat_app", message);
        }
        Key::Chat | Key::OtherChat => {}
    }
    if asked.raw.ends_with(b"\r\n\r\n") {
        return error("415 UNSUPPORTED MEDIA TYPE", 415, "unsupported_media_type", "No JSON.");
    }
    if !asked.raw.ends_with(b"}") {
        return error("400 BAD REQUEST", 400, "bad_request", "No JSON.");
    }
    if world.is_owners(asked) { Message::empty("204 NO CONTENT") } else { not_found() }
}

fn liars() -> Vec<Deviation> {
    let refused = ["status-unexpected"];
    vec![
        doing("always 204, doing nothing", |asked, _| if is_delete(asked) { accepted() } else { Plan::Pass })
            .finding(204, &["effect-missing"])
            .finding(404, &refused)
            .finding(400, &refused)
            .finding(415, &refused)
            .but(&["repeat"], &["effect-missing", "repeat-accepted"])
            .but(&["two_at_once"], &["effect-missing"])
            .but(&["no_key", "missing_and_no_key"], &["unauthenticated-accepted"])
            .but(&["malformed_key", "wrong_key", "basic_scheme", "missing_and_wrong_key"], &["credential-not-checked"])
            .also(KEEPING, &["effect-missing"]),
        doing(
            "always 404, doing nothing",
            |asked, _| if is_delete(asked) { Plan::Say(not_found()) } else { Plan::Pass },
        )
        .finding(204, &refused)
        .finding(400, &refused)
        .finding(401, &refused)
        // Its id is missing too.
        .but(&["missing_and_wrong_mode"], &[]),
        doing("always as the case expects, doing nothing", |asked, world| {
            match (is_delete(asked), asked.judged && world.is_owners(asked) && !world.is_owners_first(asked)) {
                (true, true) => Plan::Say(not_found()),
                (true, false) => Plan::Say(as_expected(asked, world)),
                (false, _) => Plan::Pass,
            }
        })
        .finding(204, &["effect-missing"])
        .also(KEEPING, &["effect-missing"]),
        doing("always as the request looks, and nobody can ask for more", |asked, world| match asked.method.as_str() {
            "DELETE" => Plan::Say(as_expected(asked, world)),
            "GET" if asked.target.contains("/messages") => Plan::Say(error("500 BROKEN", 500, "unknown", "Broken.")),
            _ => Plan::Pass,
        })
        .finding(204, &["effect-missing"])
        .but(&["repeat"], &["effect-missing", "repeat-accepted"])
        .but(&["two_at_once"], &["effect-missing"]),
        doing("always 204 to the owner, and every look finds everything", |asked, world| match asked.method.as_str() {
            "DELETE" => Plan::Say(as_expected(asked, world)),
            _ => Plan::Pass,
        })
        .finding(204, &["effect-missing"])
        .also(KEEPING, &["effect-missing"])
        .but(&["repeat"], &["effect-missing", "repeat-accepted"]),
    ]
}
