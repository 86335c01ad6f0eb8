//! What is kept of a case run: per answer of its own requests the status, the headers that matter and the body, with
//! everything that is new in every run replaced by its name.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::generated::Generated;
use crate::location::Pointer;
use crate::observation::{Observation, ObservedExchange, Role};
use crate::secret::Secrets;
use crate::spec::MediaType;
use crate::suite::{Action, Expectation};
use crate::tree::{self, Node};

/// Headers that clients act on.
const HEADERS: &[&str] = &["content-type", "www-authenticate", "allow", "location", "retry-after", "content-encoding"];

/// A case run as it is recorded.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// `{"answers": […]}`.
    pub value: Value,
    /// Which observed step each answer is of.
    pub steps: Vec<usize>,
}

impl Snapshot {
    /// The same as it may be kept: without secrets, also in the names of members.
    pub(super) fn masked(&self, secrets: &Secrets) -> Self {
        Self { value: masked(&self.value, secrets), steps: self.steps.clone() }
    }

    /// The text of the file.
    pub(super) fn text(&self) -> String {
        serde_json::to_string_pretty(&self.value).unwrap_or_default()
    }
}

/// The snapshot of a case run.
pub(super) fn of(observation: &Observation<'_>, generated: &[Generated]) -> Snapshot {
    let mut answers: Vec<(usize, u16, usize, Value)> = Vec::new();
    for (index, observed) in observation.exchanges.iter().enumerate() {
        if let Role::Judged { step, .. } = observed.role {
            let status = observed.exchange.answer.status().unwrap_or(0);
            answers.push((step, status, index, answer(observation, observed, generated)));
        }
    }
    // Requests sent at once are answered in any order; by status the record is the same every time.
    answers.sort_by_key(|(step, status, index, _)| (*step, *status, *index));
    let steps = answers.iter().map(|(_, _, index, _)| *index).collect();
    let answers: Vec<Value> = answers.into_iter().map(|(_, _, _, value)| value).collect();
    Snapshot { value: json!({ "answers": answers }), steps }
}

fn answer(observation: &Observation<'_>, observed: &ObservedExchange<'_>, generated: &[Generated]) -> Value {
    let answer = &observed.exchange.answer;
    let mut headers = Map::new();
    let documented: Vec<String> = match (&observed.step.action, answer.status()) {
        (Action::Operation(operation), Some(status)) => observation.suite.document.operations[*operation]
            .response(status)
            .map(|response| response.headers.iter().map(|header| header.name.to_ascii_lowercase()).collect())
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    for name in HEADERS.iter().copied().chain(documented.iter().map(String::as_str)) {
        if name == "content-type" && answer.body.is_empty() {
            continue;
        }
        let values: Vec<String> = answer.values(name).map(|value| named(&value, generated)).collect();
        if values.is_empty() || headers.contains_key(name) {
            continue;
        }
        let mut value = values.join(", ");
        if name == "content-type" {
            value = MediaType::parse(&value).map_or(value, |kind| kind.essence());
        }
        headers.insert(name.to_owned(), value.into());
    }
    let mut value = json!({ "status": answer.status(), "headers": headers });
    if !answer.body.is_empty() {
        let mut body = match observed.json() {
            Ok(read) if read.too_deep.is_none() => read.root.to_json(),
            _ => String::from_utf8_lossy(answer.content()).into_owned().into(),
        };
        rename(&mut body, generated);
        for expectation in observed.step.expect.all() {
            free(&mut body, expectation, answer.status());
        }
        if let Ok(read) = observed.json() {
            as_sent(&mut body, &read.root);
        }
        value["body"] = body;
    }
    value
}

/// A value without secrets. A number that is one becomes a text.
pub(super) fn masked(value: &Value, secrets: &Secrets) -> Value {
    match value {
        Value::String(text) => secrets.mask_str(text).into_owned().into(),
        Value::Array(items) => items.iter().map(|item| masked(item, secrets)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            let member =
                |(name, value): (&String, &Value)| (secrets.mask_str(name).into_owned(), masked(value, secrets));
            Value::Object(members.map(member).collect())
        }
        Value::Number(number) => {
            let text = number.to_string();
            match secrets.mask_str(&text) {
                Cow::Owned(masked) if masked.bytes().all(|byte| byte == b'*') => masked.into(),
                _ => value.clone(),
            }
        }
        Value::Null | Value::Bool(_) => value.clone(),
    }
}

/// A text with every generated value replaced by its name.
fn named(text: &str, generated: &[Generated]) -> String {
    let mut text = text.to_owned();
    for one in generated.iter().filter(|one| !one.value.is_empty()) {
        if text.contains(&one.value) {
            text = text.replace(&one.value, &format!("[{}]", one.name));
        }
    }
    text
}

fn rename(value: &mut Value, generated: &[Generated]) {
    match value {
        Value::String(text) => *text = named(text, generated),
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, generated)),
        Value::Object(members) => members.values_mut().for_each(|member| rename(member, generated)),
        Value::Number(number) => {
            if let Some(one) = generated.iter().find(|one| one.value == number.to_string()) {
                *value = format!("[{}]", one.name).into();
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Replaces numbers that no double keeps by their digits: others would look the same.
fn as_sent(value: &mut Value, node: &Node) {
    match (&mut *value, &node.value) {
        (Value::Number(_), tree::Value::Number(number)) if !number.is_kept() => {
            *value = format!("[number: {}]", number.0).into();
        }
        (Value::Array(items), tree::Value::Sequence(nodes)) => {
            items.iter_mut().zip(nodes).for_each(|(item, node)| as_sent(item, node));
        }
        (Value::Object(members), tree::Value::Mapping(_)) => {
            for (key, member) in members {
                if let Some(node) = node.get(key) {
                    as_sent(member, node);
                }
            }
        }
        _ => {}
    }
}

/// Replaces freed values by their type: another text is as good, another type is not.
fn free(body: &mut Value, expectation: &Expectation, status: Option<u16>) {
    let fits = expectation.single_status().is_none() || expectation.single_status() == status;
    for pointer in expectation.free.iter().filter(|_| fits) {
        let segments: Vec<String> = Pointer::segments(pointer).collect();
        free_at(body, &segments);
    }
}

fn free_at(value: &mut Value, segments: &[String]) {
    let Some((first, rest)) = segments.split_first() else {
        *value = match value {
            Value::Null => "[free: null]",
            Value::Bool(_) => "[free: boolean]",
            Value::Number(_) => "[free: number]",
            Value::String(_) => "[free: string]",
            Value::Array(_) => "[free: array]",
            Value::Object(_) => "[free: object]",
        }
        .into();
        return;
    };
    match value {
        Value::Object(members) if first == "*" => members.values_mut().for_each(|member| free_at(member, rest)),
        Value::Array(items) if first == "*" => items.iter_mut().for_each(|item| free_at(item, rest)),
        Value::Object(members) => members.get_mut(first).into_iter().for_each(|member| free_at(member, rest)),
        Value::Array(items) => {
            first.parse().ok().and_then(|index: usize| items.get_mut(index)).into_iter().for_each(|item| {
                free_at(item, rest);
            });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::json;

    #[test]
    fn numbers_that_no_double_keeps_have_their_digits() {
        let kept = |text: &str| {
            let read = json::read(text.as_bytes()).expect("JSON");
            let mut value = read.root.to_json();
            as_sent(&mut value, &read.root);
            value
        };
        assert_eq!(
            kept(r#"{"a":[12345678901234567890123,1],"b":{"c":1e400,"d":0.1}}"#),
            json!({"a": ["[number: 12345678901234567890123]", 1], "b": {"c": "[number: 1e400]", "d": 0.1}})
        );
        // A whole number of 64 bits is kept here, whatever doubles do to it.
        assert_eq!(kept("[9007199254740993]"), json!([9_007_199_254_740_993_i64]));
        assert_ne!(kept("[12345678901234567890123]"), kept("[12345678901234567890124]"));
    }
}
