//! Path templates (OpenAPI 3.0.3 §4.7.8.2), and remarks on them.

use std::collections::{HashMap, HashSet};

use super::document::Operation;
use super::raw::{RawDocument, escape};
use super::remark::{MAX_REMARKS, Remark};

/// The names in braces, in the order of the template.
pub(super) fn names(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        names.push(name);
        rest = after;
    }
    names
}

/// The template with each name replaced by its value. Braces in a value are not replaced again. A result that is longer than any
/// URL is cut.
pub(super) fn filled(template: &str, values: &HashMap<String, String>) -> String {
    const LONGEST: usize = 64 * 1024;
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        filled.push_str(before);
        match values.get(name) {
            Some(value) => filled.push_str(value),
            None => filled.extend(["{", name, "}"]),
        }
        if filled.len() > LONGEST {
            let end = (0..=LONGEST).rev().find(|end| filled.is_char_boundary(*end)).unwrap_or(0);
            filled.truncate(end);
            return filled;
        }
        rest = after;
    }
    filled + rest
}

/// The template without its names. Two templates of the same shape match the same paths.
fn shape(template: &str) -> String {
    let mut shape = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else { break };
        shape.push_str(before);
        shape.push_str("{}");
        rest = after;
    }
    shape + rest
}

/// Adds remarks on malformed templates, and on templates that differ only in the names of their parameters.
pub(super) fn remark_on(raw: &RawDocument, remarks: &mut Vec<Remark>) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    let paths = raw.get("/paths").and_then(serde_json::Value::as_object);
    for path in paths.into_iter().flat_map(|paths| paths.keys()).filter(|path| path.starts_with('/')) {
        let mut remark = |message: String| {
            if remarks.len() >= MAX_REMARKS {
                return;
            }
            remarks.push(Remark { message, anchor: raw.anchor(&format!("/paths/{}", escape(path))) });
        };
        let shape = shape(path);
        if shape.replace("{}", "").contains(['{', '}']) {
            remark(format!("the braces of the path `{path}` do not match"));
        }
        let names = names(path);
        let mut known = HashSet::new();
        if let Some(name) = names.iter().find(|name| !known.insert(**name)) {
            remark(format!("the path `{path}` has the parameter `{name}` twice"));
        }
        if let Some(first) = seen.get(&shape) {
            remark(format!("the paths `{first}` and `{path}` are the same but for the names of their parameters"));
        }
        seen.entry(shape).or_insert(path);
    }
}

/// Adds remarks on names of the template that no parameter declares, and on declared path parameters that the template lacks.
/// `in_path` has the indexes of the path parameters.
pub(super) fn remark_on_parameters(operation: &Operation, in_path: &[usize], remarks: &mut Vec<Remark>) {
    let names = names(&operation.path);
    let declared = || in_path.iter().filter_map(|index| operation.parameters.get(*index));
    let known: HashSet<&str> = declared().map(|parameter| parameter.name.as_str()).collect();
    for name in names.iter().take(MAX_REMARKS) {
        if !known.contains(name) {
            let message = format!("no parameter declares `{{{name}}}` of the path `{}`", operation.path);
            remarks.push(Remark { message, anchor: operation.anchor.clone() });
        }
    }
    let names: HashSet<&str> = names.into_iter().collect();
    for parameter in declared().filter(|parameter| !names.contains(parameter.name.as_str())).take(MAX_REMARKS) {
        let message = format!("the path `{}` has no `{{{}}}`", operation.path, parameter.name);
        remarks.push(Remark { message, anchor: parameter.anchor.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_shapes_of_templates() {
        assert_eq!(names("/a/{b}/c-{d}.{e}/{"), ["b", "d", "e"]);
        assert_eq!(shape("/a/{b}/{c}x"), "/a/{}/{}x");
        assert_eq!(shape("/a/{b"), "/a/{b");
        assert_eq!(shape("/a/b}"), "/a/b}");
    }
}
