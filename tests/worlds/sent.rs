//! What was sent, held against the dry run: as multisets of method and path template, with what was asked again counted
//! apart.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::Route;
use crate::command::{Finished, conformant};
use crate::kind::Kind;
use crate::server::Seen;
use crate::suite::KEYS;
use crate::trial::Files;
use crate::world::World;

/// How what a server saw differs from the dry run; nothing if it does not.
pub(crate) fn differs(world: &World, files: &Files, seen: &[Seen], report: &Value) -> Vec<String> {
    let suite = files.suite.to_str().expect("a path of plain characters");
    let mut command = conformant(&["run", "--dry-run", "--format", "json", "--cases", suite, "--base-url"]);
    command.arg(format!("http://127.0.0.1:9{}", world.names.base)).envs(KEYS).current_dir(&files.folder);
    let finished = Finished::of(command);
    let plan: Value = serde_json::from_str(&finished.stdout).unwrap_or_default();
    if finished.status != 0 {
        return vec![format!("the dry run exits with {}: {}", finished.status, finished.stderr)];
    }
    let planned = planned(world, &plan);
    let sent = sent(seen);
    // A case that ran once more sent everything once more, and its report says so.
    let again = report["cases"]
        .as_array()
        .is_some_and(|cases| cases.iter().any(|case| case["notes"].as_array().is_some_and(|notes| !notes.is_empty())));
    let all: std::collections::BTreeSet<&&str> = planned.keys().chain(sent.keys()).collect();
    let count = |of: &BTreeMap<&'static str, usize>, what: &str| of.get(what).copied().unwrap_or(0);
    all.into_iter()
        .map(|what| (*what, count(&planned, what), count(&sent, what)))
        // Where ids come again, a look at one object cannot be told from one at another.
        .filter(|(what, ..)| *what != "GET" || !world.has(Kind::NumbersAgain))
        // Where a look at what never was says neither yes nor no, its removal is tried too, which depends on that answer.
        .map(|(what, planned, sent)| {
            let tried = usize::from(what == "DELETE" && world.has(Kind::SoftDelete));
            (what, planned, if sent > planned { sent - tried } else { sent })
        })
        .filter(|(_, planned, sent)| if again { sent < planned } else { sent != planned })
        .map(|(what, planned, sent)| format!("{what}: the dry run shows {planned}, {sent} were sent"))
        .collect()
}

/// The name of the object that a request of a dry run is about: the last that stands in its URL and is no user.
fn object_of(url: &str) -> String {
    let names = url.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let objects = names.map(|name| name.split(" | ").next().unwrap_or(name)).filter(|name| *name != "user");
    objects.last().unwrap_or_default().to_owned()
}

/// What a dry run shows, by method and path template. Looks at one object with no removal of it between are one, asked again.
fn planned(world: &World, plan: &Value) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    let of = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let cases = plan["cases"].as_array().cloned().unwrap_or_default();
    let lists = [of(&plan["checks"])].into_iter().chain(cases.iter().map(|case| of(&case["requests"])));
    for list in lists {
        let mut last: BTreeMap<String, &str> = BTreeMap::new();
        for request in list {
            let method = request["method"].as_str().unwrap_or_default();
            let url = request["url"].as_str().unwrap_or_default();
            let what = match method {
                "POST" => "POST",
                "DELETE" => "DELETE",
                _ if url.contains("/whoami") => "GET whoami",
                _ if url.contains(world.names.noun) => "GET",
                _ => "other",
            };
            let times = usize::try_from(request["times"].as_u64().unwrap_or(1)).expect("a small number");
            let object = object_of(url);
            let same = what == "GET" && last.get(&object) == Some(&what);
            last.insert(object, what);
            if !same {
                *counts.entry(what).or_default() += times;
            }
        }
    }
    counts
}

/// What came, likewise; what was put off or cut off is not counted, for it was asked again.
fn sent(seen: &[Seen]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    let mut last: BTreeMap<String, &str> = BTreeMap::new();
    for one in seen.iter().filter(|one| !matches!(one.status, None | Some(429 | 503))) {
        let (what, id) = match &one.route {
            Route::WhoAmI => ("GET whoami", String::new()),
            Route::Create => ("POST", String::new()),
            Route::Look { id, .. } => ("GET", id.clone()),
            Route::Remove { id, .. } => ("DELETE", id.clone()),
            Route::Nothing => ("other", String::new()),
        };
        let same = what == "GET" && last.get(&id) == Some(&what);
        last.insert(id, what);
        if !same {
            *counts.entry(what).or_default() += 1;
        }
    }
    counts
}
