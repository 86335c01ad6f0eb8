//! An example breaks the schema next to it, or a schema's own `example` breaks the schema.
//!
//! **Why it matters.** The document contradicts itself: a response that equals the example breaks the schema, so a case
//! that names the example cannot pass. Readers follow the example, generated clients follow the schema.
//!
//! **Deviates.**
//!
//! ```yaml
//! schema:
//!   type: object
//!   required: [id]
//!   properties: {id: {type: string}}
//! example: {id: 17}
//! ```
//!
//! **Conforms.** `{id: '17'}`, with or without more properties; null if the schema says `nullable: true`.
//!
//! **Limits.** Only JSON is checked. The `example` of a schema is checked if the schema describes a complete body; the examples
//! of its properties are not checked. A request body may lack a required property that is `readOnly`, and a response may lack
//! one that is `writeOnly`. If the example of a response has a `writeOnly` property, the level is `should`: a response that
//! equals the example breaks `write-only-sent`. OpenAPI only says that an example should match the schema; the level is
//! `must` because no response can match both.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object: `example` and `examples` should match the specified schema.

use serde_json::Value;

use crate::finding::Finding;
use crate::lint::document_nodes::{followed, node};
use crate::lint::subject::{MediaOwner, Subject, quoted};
use crate::location::{Anchor, Pointer};
use crate::rule::{Level, Origin, Rule};
use crate::spec::{Document, MAX_VIOLATIONS, Schema, TooMuch, Violation};
use crate::tree::Node;

pub(super) static RULE: Rule = Rule {
    id: "example-breaks-schema",
    summary: "An example breaks the schema next to it",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Media Type Object, example",
    since: "0.1.0",
    source: include_str!("example_breaks_schema.rs"),
};

/// The most steps that judging all examples of a document may take.
const STEPS: u64 = 10_000_000;

/// The most violations of one example that are reported.
const SHOWN: usize = 3;

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let document = subject.document;
    let mut findings = Vec::new();
    let mut steps = STEPS;
    for (owner, media) in subject.media() {
        if steps == 0 {
            break;
        }
        let Some(schema) = media.schema.as_ref().filter(|_| media.range.is_json()) else { continue };
        for example in &media.examples {
            let what = format!("the example {} of {owner}", quoted(&example.name));
            check(document, schema, (example.value(), &example.anchor), owner, &what, (&mut findings, &mut steps));
        }
        let own = node(document, &schema.anchor).and_then(|node| node.entry("example"));
        if let Some(own) = own {
            let pointer: &str = &schema.anchor.pointer;
            let line = document.tree.source.position(own.key_span.start).line;
            let anchor = Anchor { pointer: format!("{pointer}/example").into(), line };
            check(
                document,
                schema,
                (&own.value.to_json(), &anchor),
                owner,
                "a schema's own example",
                (&mut findings, &mut steps),
            );
        }
    }
    findings
}

/// Checks one example against a schema.
fn check(
    document: &Document,
    schema: &Schema,
    (value, anchor): (&Value, &Anchor),
    owner: MediaOwner<'_>,
    what: &str,
    (findings, steps): (&mut Vec<Finding>, &mut u64),
) {
    if *steps == 0 {
        return;
    }
    if owner != MediaOwner::Request {
        check_write_only(schema, (value, anchor), what, findings);
    }
    let violations = match schema.violations_within(value, steps) {
        Ok(violations) => violations,
        Err(_) if *steps == 0 => {
            let message = format!("{what} and later examples are not judged, because earlier ones took {STEPS} steps");
            return findings.push(Finding::new(&RULE, message).level(Level::Should).spec(anchor));
        }
        Err(too_much) => return findings.push(not_judged(what, &too_much, anchor)),
    };
    let counts = |violation: &&Violation| owner != MediaOwner::Request || !only_read(document, value, violation);
    let violations: Vec<&Violation> = violations.iter().filter(counts).collect();
    let more = more(violations.len());
    for (index, violation) in violations.into_iter().enumerate().take(SHOWN) {
        let at = if violation.instance.is_empty() { "as a whole" } else { &violation.instance };
        let actual = value.pointer(&violation.instance).map_or_else(|| "nothing".to_owned(), shown);
        findings.push(
            Finding::new(&RULE, format!("{what} breaks its schema, {at}: {}{}", violation.message, rest(&more, index)))
                .compared(
                    format!("a value that `{}` in line {} allows", violation.keyword, violation.anchor.line),
                    actual,
                )
                .spec(anchor)
                .advice("Correct the example or the schema. To allow null, write `nullable: true`."),
        );
    }
}

/// The finding about an example that takes too many steps to judge.
fn not_judged(what: &str, too_much: &TooMuch, anchor: &Anchor) -> Finding {
    Finding::new(&RULE, format!("{what} is not judged: {too_much}"))
        .level(Level::Should)
        .spec(anchor)
        .advice("Let fewer schemas apply to one value. A run could not judge such a response either.")
}

/// Finds `writeOnly` properties, which a response should not have, in the example of a response.
fn check_write_only(schema: &Schema, (value, anchor): (&Value, &Anchor), what: &str, findings: &mut Vec<Finding>) {
    // If this takes too many steps, the search for violations does too, and reports it.
    let sent = schema.write_only(value).unwrap_or_default();
    let more = more(sent.len());
    for (index, (place, flag)) in sent.into_iter().enumerate().take(SHOWN) {
        let message =
            format!("{what} has {place}, which is writeOnly according to line {}{}", flag.line, rest(&more, index));
        findings.push(
            Finding::new(&RULE, message)
                .level(Level::Should)
                .compared("no such property in a response", "one")
                .spec(anchor)
                .advice("Remove it from the example, or remove `writeOnly` from the schema."),
        );
    }
}

/// The number of violations that are not shown, for the message.
fn more(count: usize) -> String {
    let least = if count < MAX_VIOLATIONS { "" } else { "at least " };
    if count > SHOWN { format!(" (and {least}{} more)", count - SHOWN) } else { String::new() }
}

/// The number of the others, at the last one that is shown.
fn rest(more: &str, index: usize) -> &str {
    if index + 1 == SHOWN { more } else { "" }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Object(members) if members.len() > 3 => format!("an object of {} members", members.len()),
        Value::Array(items) if items.len() > 3 => format!("an array of {} elements", items.len()),
        value => value.to_string(),
    }
}

/// Whether a violation only says that `readOnly` properties are missing, which a request may lack.
fn only_read(document: &Document, value: &Value, violation: &Violation) -> bool {
    if violation.keyword != "required" {
        return false;
    }
    let Some(schema) =
        violation.anchor.pointer.strip_suffix("/required").and_then(Pointer::parse).and_then(|pointer| {
            let segments: Vec<String> = pointer.segments().collect();
            document.tree.root.at(segments.iter().map(String::as_str))
        })
    else {
        return false;
    };
    let is_read_only = |name: &str| {
        let property = schema.get("properties").and_then(|properties| properties.get(name));
        let property = property.and_then(|property| followed(document, property));
        let flag = property.and_then(|property| property.get("readOnly"));
        flag.is_some_and(|flag| matches!(flag.value, crate::tree::Value::Bool(true)))
    };
    let required = schema.get("required").and_then(Node::items).unwrap_or_default();
    let missing = required
        .iter()
        .filter_map(Node::as_str)
        .filter(|name| value.pointer(&violation.instance).is_some_and(|object| object.get(name).is_none()));
    missing.into_iter().all(is_read_only)
}
