//! A `call` of a case is a request of an operation that the document has.
//!
//! **Why it matters.** Only the rules of HTTP judge the response to a `call`. The document says more about this one: its
//! statuses, its headers, its body.
//!
//! **Deviates.** The document has `GET /notes/{id}`:
//!
//! ```yaml
//! cases:
//!   read: {call: "GET /notes/{{mine.id}}", expect: 200}
//! ```
//!
//! **Conforms.**
//!
//! ```yaml
//!   read: {operation: "GET /notes/{id}", path: {id: "{{mine.id}}"}, expect: 200}
//! ```
//!
//! **Limits.** If several paths match, the one with fixed segments counts (`/pets/mine` before `/pets/{petId}`). The calls
//! of states and checks set up and look; they are not judged, and the rule leaves them alone.
//!
//! **Clause.** OpenAPI 3.0, Paths Object: concrete paths are matched before their templated counterparts.

use std::fmt::Write as _;

use crate::finding::Finding;
use crate::lint::subject::{Subject, quoted};
use crate::rule::{Level, Origin, Rule};
use crate::spec::{Document, Operation};
use crate::suite::{Action, Filter, Part, Text};

pub(super) static RULE: Rule = Rule {
    id: "call-of-operation",
    summary: "A call is an operation of the document",
    level: Level::Should,
    origin: Origin::Suite,
    clause: "OpenAPI 3.0 Paths Object",
    since: "0.1.0",
    source: include_str!("call_of_operation.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (suite, case) in subject.cases() {
        for step in &case.steps {
            let Action::Call { method, path } = &step.action else { continue };
            let written = written(path);
            let Some((operation, values)) = operation_of(subject.document, method, &written) else { continue };
            let message = format!(
                "the case {} calls {}, which is the operation {} of the document, so the document does not judge the response",
                quoted(&case.name),
                quoted(&format!("{method} {written}")),
                quoted(&operation.title())
            );
            let advice = format!("Write {} instead of `call`.", instead(operation, &values));
            findings
                .push(Finding::new(&RULE, message).spec(&operation.anchor).case(suite.place(path.span)).advice(advice));
        }
    }
    findings
}

/// What to write for a call: the operation, and its path values.
fn instead(operation: &Operation, values: &[(&str, String)]) -> String {
    let mut out = format!("`operation: {}`", operation.title());
    for (index, (name, value)) in values.iter().enumerate() {
        let before = if index == 0 { " and `path: {" } else { ", " };
        let _ = write!(out, "{before}{name}: \"{value}\"");
    }
    if !values.is_empty() {
        out.push_str("}`");
    }
    out
}

/// The path of a call as the suite writes it.
fn written(path: &Text) -> String {
    let mut out = String::new();
    for part in &path.parts {
        let _ = match part {
            Part::Literal(literal) => write!(out, "{literal}"),
            Part::Value(reference, None) => write!(out, "{{{{{reference}}}}}"),
            Part::Value(reference, Some(Filter::Upper)) => write!(out, "{{{{{reference} | upper}}}}"),
            Part::Value(reference, Some(Filter::Percent)) => write!(out, "{{{{{reference} | percent}}}}"),
        };
    }
    out
}

/// The operation of a request with this path, and the values of its path parameters. Of several, the one whose first
/// segments are fixed.
fn operation_of<'d>(
    document: &'d Document,
    method: &str,
    path: &str,
) -> Option<(&'d Operation, Vec<(&'d str, String)>)> {
    let of_method = document.operations.iter().filter(|operation| operation.method == method);
    let matching = of_method.filter_map(|operation| Some((operation, values_of(&operation.path, path)?)));
    // `min_by_key` takes the first of equal ones; false comes before true.
    matching.min_by_key(|(operation, _)| {
        operation.path.split('/').map(|segment| segment.contains('{')).collect::<Vec<bool>>()
    })
}

/// The values that a path gives to the parameters of a template; none if it does not match.
fn values_of<'t>(template: &'t str, path: &str) -> Option<Vec<(&'t str, String)>> {
    let (templates, segments): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    if templates.len() != segments.len() {
        return None;
    }
    let mut values = Vec::new();
    for (template, segment) in templates.into_iter().zip(segments) {
        of_segment(template, segment, &mut values)?;
    }
    Some(values)
}

/// Adds the values of one segment: fixed text, and parameters between it.
fn of_segment<'t>(template: &'t str, segment: &str, values: &mut Vec<(&'t str, String)>) -> Option<()> {
    let decoded = percent_encoding::percent_decode_str(segment).decode_utf8().ok()?;
    let (mut template, mut rest) = (template, &*decoded);
    loop {
        let Some((before, after)) = template.split_once('{') else {
            return (template == rest).then_some(());
        };
        let (name, after) = after.split_once('}')?;
        rest = rest.strip_prefix(before)?;
        let next = after.split('{').next().unwrap_or_default();
        let end = if next.is_empty() { rest.len() } else { rest.find(next)? };
        // An empty value would be another path.
        if end == 0 {
            return None;
        }
        values.push((name, rest[..end].to_owned()));
        (template, rest) = (after, &rest[end..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_gives_its_values_to_a_template() {
        let of = |template, path| {
            let values = values_of(template, path)?;
            Some(values.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
        };
        for (template, path, expected) in [
            ("/notes", "/notes", Some("")),
            ("/notes/{id}", "/notes/{{mine.id}}", Some("id={{mine.id}}")),
            ("/notes/{id}", "/notes/a%20b", Some("id=a b")),
            ("/a b/{id}", "/a%20b/1", Some("id=1")),
            ("/notes/{id}.json", "/notes/{{mine.id}}.json", Some("id={{mine.id}}")),
            ("/{a}-{b}/x", "/1-2/x", Some("a=1 b=2")),
            ("/notes/{id}", "/notes", None),
            ("/notes/{id}", "/notes/", None),
            ("/notes/{id}", "/notes/1/2", None),
            ("/notes/{id}/text", "/notes/1/texts", None),
            ("/notes/mine", "/notes/{{mine.id}}", None),
            ("/{a}-{b}", "/12", None),
        ] {
            assert_eq!(of(template, path).as_deref(), expected, "{template} {path}");
        }
    }
}
