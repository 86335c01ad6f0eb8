//! An example has a property that the schema next to it does not name.
//!
//! **Why it matters.** Readers see the property and use it, but clients generated from the schema do not have it. Often the
//! property was renamed in one of the two, or mistyped.
//!
//! **Noted.**
//!
//! ```yaml
//! schema: {type: object, properties: {id: {type: string}}}
//! example: {id: a1, nmae: First}
//! ```
//!
//! **Not noted.** The same if the schema has `additionalProperties`, names no properties, or has `oneOf`, `anyOf` or
//! `not`, which do not say which properties there are.
//!
//! **Limits.** Only JSON is checked. If `additionalProperties` is false, the example breaks the schema: see
//! `example-breaks-schema`.
//!
//! **Clause.** OpenAPI 3.0, Schema Object: more properties are allowed unless `additionalProperties` forbids them, so this
//! is a note.

use serde_json::Value;

use crate::finding::Finding;
use crate::lint::document_nodes::{followed, node};
use crate::lint::subject::{Subject, quoted};
use crate::rule::{Level, Origin, Rule};
use crate::spec::Document;
use crate::tree::Node;

pub(super) static RULE: Rule = Rule {
    id: "example-property-undescribed",
    summary: "An example has a property that the schema lacks",
    level: Level::Note,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Schema Object, additionalProperties",
    since: "0.1.0",
    source: include_str!("example_property_undescribed.rs"),
};

/// The most properties of one example that are listed.
const SHOWN: usize = 8;
/// The most parts of an `allOf` that are read, with those inside them: an `allOf` that refers to itself has no end.
const PARTS: usize = 500;

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let document = subject.document;
    let mut findings = Vec::new();
    for (owner, media) in subject.media() {
        let schema = media.schema.as_ref().filter(|_| media.range.is_json());
        let Some(schema) = schema.and_then(|schema| node(document, &schema.anchor)) else { continue };
        for example in &media.examples {
            let mut found = Vec::new();
            walk(document, schema, example.value(), "", &mut found);
            if found.is_empty() {
                continue;
            }
            let more = if found.len() > SHOWN { format!(" and {} more", found.len() - SHOWN) } else { String::new() };
            found.truncate(SHOWN);
            let list = found.join(", ");
            let message =
                format!("the example {} of {owner} has {list}{more}, which its schema lacks", quoted(&example.name));
            findings.push(Finding::new(&RULE, message).spec(&example.anchor));
        }
    }
    findings
}

/// Finds the properties of a value that the schema does not name, as pointers.
fn walk(document: &Document, schema: &Node, value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let (mut named, mut left) = (Vec::new(), PARTS);
            if !names(document, schema, &mut left, &mut named) || named.is_empty() {
                return;
            }
            for (name, member) in members {
                let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                match named.iter().find(|(known, _)| known == name) {
                    Some((_, schema)) => walk(document, schema, member, &at, found),
                    None => found.push(at),
                }
            }
        }
        Value::Array(elements) => {
            let Some(items) = followed(document, schema).and_then(|schema| schema.get("items")) else { return };
            for (index, element) in elements.iter().enumerate() {
                walk(document, items, element, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Collects the properties that a schema names. Returns false if the schema does not say which properties there are.
fn names<'a>(document: &'a Document, schema: &'a Node, left: &mut usize, named: &mut Vec<(&'a str, &'a Node)>) -> bool {
    let Some(schema) = followed(document, schema).filter(|_| *left > 0) else {
        return false;
    };
    *left -= 1;
    if ["oneOf", "anyOf", "not", "additionalProperties"].iter().any(|key| schema.get(key).is_some()) {
        return false;
    }
    let properties = schema.get("properties").and_then(Node::entries).unwrap_or_default();
    named.extend(properties.iter().map(|entry| (entry.key.as_str(), &entry.value)));
    let parts = schema.get("allOf").and_then(Node::items).unwrap_or_default();
    parts.iter().all(|part| names(document, part, left, named))
}
