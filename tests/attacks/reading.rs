//! How a careless server reads texts: decoded until nothing changes, numbers as numbers, UUIDs in any spelling.

use serde_json::Value;

/// A text, percent-decoded until nothing changes.
pub(crate) fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..6 {
        text = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    text
}

/// Whether a text is an id, in any spelling.
pub(crate) fn same(text: &str, id: &str) -> bool {
    let bare = text.trim_matches(|c: char| c.is_whitespace() || "\"'[]()/".contains(c));
    let bare = bare.split(';').next().unwrap_or_default();
    let bare = [".json", ".xml"].iter().find_map(|end| bare.strip_suffix(end)).unwrap_or(bare);
    if bare.eq_ignore_ascii_case(id) && (bare == id || !has_both_cases(id)) {
        return true;
    }
    let number = |text: &str| text.trim_start_matches('+').parse::<f64>().ok().filter(|number| number.is_finite());
    if let (Some(one), Some(other)) = (number(bare), number(id)) {
        return (one.abs() - other.abs()).abs() < 0.1;
    }
    // A lenient server reads the digits that a text begins with.
    if id.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits: String = bare.chars().take_while(char::is_ascii_digit).collect();
        return digits == id && !bare.contains('-');
    }
    match (uuid::Uuid::try_parse(bare), uuid::Uuid::try_parse(id)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn has_both_cases(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_lowercase()) && text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// The pieces of a text that could be ids.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || "-_.~+".contains(c))).filter(|token| !token.is_empty())
}

/// Every name and value in a query and a body.
pub(crate) fn texts(query: &str, body: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    pairs(query, &mut all);
    match serde_json::from_str::<Value>(body) {
        Ok(value) => members("", &value, &mut all),
        Err(_) => pairs(body, &mut all),
    }
    all
}

fn pairs(text: &str, all: &mut Vec<(String, String)>) {
    for pair in text.split(['&', '\n']).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once(['=', ':']).unwrap_or(("", pair));
        all.push((decoded(name), decoded(&value.replace('+', " "))));
        all.push((String::new(), decoded(name)));
    }
}

fn members(name: &str, value: &Value, all: &mut Vec<(String, String)>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                all.push((String::new(), decoded(key)));
                members(key, value, all);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(&format!("{name}[]"), item, all)),
        Value::String(text) => all.push((name.to_owned(), decoded(text))),
        Value::Null => {}
        other => all.push((name.to_owned(), other.to_string())),
    }
}
