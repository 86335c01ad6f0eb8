//! Whether a request says, by the words in its target or body, that it removes, cancels, resets, moves or logs out. Such a
//! request neither creates nor reads, whatever its method.

use std::borrow::Cow;

use super::decoded::decoded;
use crate::exchange::Request;
use crate::tree::{Value, json};

/// Words that say so in any request.
const VERBS: &[&str] = &[
    "abort",
    "cancel",
    "clear",
    "deactivate",
    "del",
    "delete",
    "deregister",
    "destroy",
    "discard",
    "drop",
    "erase",
    "evict",
    "flush",
    "invalidate",
    "kill",
    "logoff",
    "logout",
    "move",
    "prune",
    "purge",
    "remove",
    "rename",
    "reset",
    "revert",
    "revoke",
    "rm",
    "rollback",
    "shutdown",
    "signoff",
    "signout",
    "terminate",
    "transfer",
    "truncate",
    "uninstall",
    "unlink",
    "unregister",
    "unsubscribe",
    "wipe",
];

/// Words that say so in a request that changes something, and that are ordinary names of things that one reads.
const VERBS_OR_NOUNS: &[&str] =
    &["archive", "ban", "block", "close", "disable", "empty", "merge", "restore", "stop", "suspend", "trash"];

/// Verbs that are also found inside a longer word: `bulkdelete`, `deleteall`.
const INSIDE: &[&str] = &["delete", "destroy", "erase", "logout", "purge", "remove", "signout"];

/// What may follow such a verb in one word. `deleted` and `remover` are other words.
const AFTER_INSIDE: &[&str] = &[
    "account", "all", "batch", "bulk", "by", "cache", "comment", "data", "document", "entr", "file", "folder", "group",
    "image", "item", "job", "key", "many", "message", "multiple", "note", "object", "one", "page", "post", "product",
    "project", "record", "task", "team", "thing", "token", "user",
];

/// Parameters and members that say what to do.
const ACTIONS: &[&str] = &[
    "act",
    "action",
    "actions",
    "cmd",
    "command",
    "do",
    "event",
    "function",
    "method",
    "mode",
    "op",
    "operation",
    "submit",
    "task",
    "verb",
];

/// Pairs of words that are one verb.
const PAIRS: &[(&str, &str)] =
    &[("log", "out"), ("log", "off"), ("sign", "out"), ("sign", "off"), ("roll", "back"), ("shut", "down")];

/// The word by which a request says that it removes something. `base_path` is the path of the base URL, which says nothing.
pub(super) fn removing_word(request: &Request, base_path: &str) -> Option<String> {
    let reads = matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let path = path.strip_prefix(base_path).unwrap_or(path);
    in_text(&text_of(path), reads)
        .or_else(|| in_query(query, reads))
        .or_else(|| request.body.as_deref().filter(|_| !reads).and_then(in_body))
}

/// Whether a segment of a path says that a request removes something.
pub(super) fn says_removal(segment: &str) -> bool {
    in_text(&text_of(segment), false).is_some()
}

/// The decoded text. One that cannot be decoded is refused elsewhere.
fn text_of(text: &str) -> Cow<'_, str> {
    decoded(text).unwrap_or(Cow::Borrowed(text))
}

fn in_query(query: &str, reads: bool) -> Option<String> {
    query.split(['&', ';']).find_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (text_of(name), text_of(value));
        if is_action(&name) {
            return in_text(&value, false);
        }
        let off = matches!(value.to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off");
        in_text(&name, reads).filter(|_| !off)
    })
}

fn in_body(body: &[u8]) -> Option<String> {
    let Ok(read) = json::read(body) else {
        let text = std::str::from_utf8(body).ok()?;
        return text.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            is_action(&text_of(name)).then(|| in_text(&text_of(value), false)).flatten()
        });
    };
    let Value::Mapping(members) = &read.root.value else { return None };
    members.iter().find_map(|member| match &member.value.value {
        Value::String(text) if is_action(&member.key) => in_text(text, false),
        _ => None,
    })
}

fn is_action(name: &str) -> bool {
    words(name).last().is_some_and(|word| ACTIONS.contains(&word.as_str()))
}

/// The first such word of a text.
fn in_text(text: &str, reads: bool) -> Option<String> {
    let words = words(text);
    let pair = words.windows(2).find(|two| PAIRS.iter().any(|(first, second)| two[0] == *first && two[1] == *second));
    if let Some([first, second]) = pair {
        return Some(format!("{first} {second}"));
    }
    let says = |word: &String| {
        VERBS.contains(&word.as_str()) || (!reads && VERBS_OR_NOUNS.contains(&word.as_str())) || has_verb_inside(word)
    };
    words.into_iter().find(says)
}

fn has_verb_inside(word: &str) -> bool {
    INSIDE.iter().any(|verb| {
        let starts = || {
            let rest = word.strip_prefix(verb);
            rest.is_some_and(|rest| AFTER_INSIDE.iter().any(|after| rest.starts_with(after)))
        };
        word.ends_with(verb) || starts()
    })
}

/// The words of a text in lower case: separated by other characters, and by capitals, as in `batchDelete` and `HTTPReset`.
pub(super) fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, c) in chars.iter().copied().enumerate() {
        if !c.is_alphabetic() {
            words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
            continue;
        }
        let before = at.checked_sub(1).map(|before| chars[before]);
        let next = chars.get(at + 1).copied();
        let after_small = before.is_some_and(char::is_lowercase);
        // `IDs` is one word.
        let plural = next == Some('s') && chars.get(at + 2).is_none_or(|c| !c.is_lowercase());
        let last_capital = before.is_some_and(char::is_uppercase) && next.is_some_and(char::is_lowercase) && !plural;
        if c.is_uppercase() && (after_small || last_capital) {
            words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
        }
        word.extend(c.to_lowercase());
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, target: &str, body: &str) -> Request {
        Request {
            method: method.to_owned(),
            origin: String::new(),
            target: target.to_owned(),
            fields: Vec::new(),
            body: Some(body.as_bytes().to_vec()).filter(|body| !body.is_empty()),
        }
    }

    #[test]
    fn a_request_says_that_it_removes_in_any_spelling() {
        for (method, target, body) in [
            ("POST", "/a/delete", ""),
            ("POST", "/a/batchDelete", ""),
            ("POST", "/a/%64elete", ""),
            ("POST", "/a/%2564elete", ""),
            ("POST", "/a:batchDelete", ""),
            ("POST", "/bulkdelete", ""),
            ("POST", "/deleteall", ""),
            ("POST", "/DELETE_ALL", ""),
            ("GET", "/a/delete", ""),
            ("GET", "/session/logout", ""),
            ("GET", "/session/log-out", ""),
            ("GET", "/a?action=delete", ""),
            ("GET", "/a?do=resetAll", ""),
            ("GET", "/a?delete=1", ""),
            ("OPTIONS", "/a/reset", ""),
            ("POST", "/a/archive", ""),
            ("POST", "/a", "{\"action\": \"delete\"}"),
            ("POST", "/a", "op=move&x=y"),
        ] {
            assert!(removing_word(&request(method, target, body), "").is_some(), "{method} {target} {body}");
        }
        for (method, target, body) in [
            ("GET", "/deleted-items", ""),
            ("GET", "/archive/2024", ""),
            ("GET", "/a?deleted=false&delete=false&q=delete", ""),
            ("GET", "/presets", ""),
            ("GET", "/preset/1", ""),
            ("POST", "/transfers", ""),
            ("POST", "/cancellations", ""),
            ("POST", "/removals", ""),
            ("POST", "/a", "{\"note\": \"delete\", \"payment_method\": \"card\"}"),
            ("POST", "/models", ""),
        ] {
            assert_eq!(removing_word(&request(method, target, body), ""), None, "{method} {target} {body}");
        }
    }

    #[test]
    fn the_base_url_says_nothing() {
        let request = request("POST", "/reset/v1/things", "");
        assert_eq!(removing_word(&request, "/reset/v1"), None);
        assert_eq!(removing_word(&request, "/reset").as_deref(), None);
        assert_eq!(removing_word(&request, "").as_deref(), Some("reset"));
    }

    #[test]
    fn words_end_at_capitals_and_other_characters() {
        for (text, wanted) in [
            ("batchDelete", &["batch", "delete"][..]),
            ("HTTPReset", &["http", "reset"]),
            ("conversationIDs", &["conversation", "ids"]),
            ("filter[id]", &["filter", "id"]),
            ("id__in", &["id", "in"]),
            ("ids[0]", &["ids"]),
            ("jobId2", &["job", "id"]),
            ("", &[]),
        ] {
            assert_eq!(words(text), wanted, "{text}");
        }
    }
}
