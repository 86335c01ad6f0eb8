//! What was loaded: the ids of the cases (`list`), and documents and suites with what was found in them (`lint`).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::format::View;
use super::paint::Paint;
use crate::finding::Finding;
use crate::lint::LintResult;
use crate::location::{Anchor, InputError, Place, Pointer};
use crate::outcome::Exit;
use crate::printable::escaped_line;
use crate::rule::Level;
use crate::settings::ReportWish;
use crate::spec::Document;
use crate::suite::{Case, Suite};
use crate::tree;

/// The longest text that is shown, in characters.
const TEXT: usize = 600;
/// The longest quoted line, in characters (quotes are windows around the place already).
const QUOTE: usize = 160;
/// How many findings of one rule are shown for one document; `--format json` has them all.
const SHOWN: usize = 20;

/// The ids of cases, one a line.
pub fn list<'a>(cases: impl IntoIterator<Item = &'a Case>) -> String {
    cases.into_iter().fold(String::new(), |out, case| out + &escaped_line(&case.id, TEXT) + "\n")
}

/// What `lint` found, in the wished format, and how the command ends: a finding of level `must` fails it, and when it is
/// strict one of level `should` too.
pub fn lint(linted: &[LintResult<'_>], wish: &ReportWish, view: View) -> Result<(String, Exit), InputError> {
    let fails = |finding: &Finding| finding.level == Level::Must || (view.strict && finding.level == Level::Should);
    let exit = if findings(linted).any(fails) { Exit::Fails } else { Exit::Conforms };
    match wish.format.as_str() {
        "text" => Ok((text(linted, Paint(view.color)), exit)),
        "json" => Ok((super::json::written(&report(linted, view.strict, exit)), exit)),
        other => {
            let message = format!("{} names the format `{other}`, which `lint` does not have", wish.from);
            Err(InputError::new(message).help("the formats are text and json"))
        }
    }
}

fn findings<'a>(linted: &'a [LintResult<'_>]) -> impl Iterator<Item = &'a Finding> {
    linted.iter().flat_map(|one| &one.findings)
}

fn suites<'a>(linted: &'a [LintResult<'_>]) -> impl Iterator<Item = &'a Suite> {
    linted.iter().flat_map(|one| one.subject.suites.iter().copied())
}

fn text(linted: &[LintResult<'_>], paint: Paint) -> String {
    let mut out = String::new();
    for one in linted {
        about(&mut out, one);
        let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &one.findings {
            let count = shown.entry(finding.rule.id).or_default();
            *count += 1;
            if *count <= SHOWN {
                self::finding(&mut out, one.subject.document, finding, paint);
            }
        }
        for (rule, count) in shown.iter().filter(|(_, count)| **count > SHOWN) {
            let _ = writeln!(out, "  … and {} more of {rule}; `--format json` has them", count - SHOWN);
        }
    }
    let cases = suites(linted).map(|suite| suite.cases.len()).sum();
    let mut by_level: BTreeMap<Level, usize> = BTreeMap::new();
    for finding in findings(linted) {
        *by_level.entry(finding.level).or_default() += 1;
    }
    if !by_level.is_empty() {
        let counts: Vec<String> = by_level
            .iter()
            .rev()
            .map(|(level, number)| format!("{} of level {level}", count(*number, "finding")))
            .collect();
        let _ = writeln!(out, "found: {}; `conformant explain RULE` says more", counts.join(", "));
    }
    let suites = suites(linted).count();
    let _ = writeln!(out, "{}, {}: all load", count(suites, "suite"), count(cases, "case"));
    out
}

/// A document and its suites: what they are.
fn about(out: &mut String, one: &LintResult<'_>) {
    let document = one.subject.document;
    let file = escaped_line(document.source.name(), TEXT);
    let _ = writeln!(
        out,
        "document {file}: {} {}, OpenAPI {}, {}",
        escaped_line(&document.title, TEXT),
        escaped_line(&document.version, TEXT),
        escaped_line(&document.openapi, TEXT),
        count(document.operations.len(), "operation")
    );
    for suite in &one.subject.suites {
        let _ = writeln!(
            out,
            "suite {}: {} of {file}, {}",
            escaped_line(suite.source.name(), TEXT),
            escaped_line(&suite.operation().title(), TEXT),
            count(suite.cases.len(), "case")
        );
    }
}

/// A finding: what, where, the line itself, what to do.
fn finding(out: &mut String, document: &Document, finding: &Finding, paint: Paint) {
    let rule = match finding.level {
        Level::Must => paint.bad(finding.rule.id),
        Level::Should => paint.warn(finding.rule.id),
        Level::Note => paint.faint(finding.rule.id),
    };
    let _ = writeln!(out, "  {rule} ({}, {}): {}", finding.level, finding.origin, escaped_line(&finding.message, TEXT));
    if let Some(place) = &finding.case {
        at(out, place, None, paint);
    }
    if let Some(anchor) = &finding.spec {
        at(out, &place(document, anchor), Some(&anchor.pointer), paint);
    }
    if let (Some(expected), Some(actual)) = (&finding.expected, &finding.actual) {
        let _ = writeln!(out, "    expected {}, found {}", escaped_line(expected, TEXT), escaped_line(actual, TEXT));
    }
    if let Some(advice) = &finding.advice {
        let _ = writeln!(out, "    help: {}", escaped_line(advice, TEXT));
    }
}

/// A place with its line; of a document the pointer stands for the column.
fn at(out: &mut String, place: &Place, pointer: Option<&str>, paint: Paint) {
    let shown = match pointer {
        Some(_) => format!("{}:{}", place.source.name(), place.line()),
        None => place.to_string(),
    };
    let shown = escaped_line(&shown, TEXT);
    let pointer = pointer.map_or_else(String::new, |pointer| escaped_line(&format!("  #{pointer}"), TEXT));
    let _ = writeln!(out, "    --> {}{}", paint.place(&shown), paint.faint(&pointer));
    for quoted in place.quote().lines() {
        let _ = writeln!(out, "    {}", escaped_line(quoted, QUOTE));
    }
}

/// Where an anchor's key stands (its value, in a sequence), or its line if the pointer leads nowhere.
fn place(document: &Document, anchor: &Anchor) -> Place {
    let source = &document.tree.source;
    let mut span = None;
    let mut node = &document.tree.root;
    for segment in Pointer::parse(&anchor.pointer).unwrap_or_default().segments() {
        let found = match &node.value {
            tree::Value::Mapping(_) => node.entry(&segment).map(|entry| (entry.key_span, &entry.value)),
            tree::Value::Sequence(items) => {
                segment.parse().ok().and_then(|index: usize| items.get(index)).map(|item| (item.span, item))
            }
            _ => None,
        };
        let Some((at, next)) = found else { break };
        (span, node) = (Some(at), next);
    }
    let is_there = |span: &crate::location::Span| source.position(span.start).line == anchor.line;
    let span = span.filter(is_there).unwrap_or_else(|| {
        let text = source.line(anchor.line);
        let indent = text.chars().take_while(|c| c.is_whitespace()).count();
        let start = source.offset(anchor.line, indent + 1);
        crate::location::Span::new(start, start + text.trim().len())
    });
    source.place(span)
}

/// The same for programs: `conformant.lint/1`.
fn report(linted: &[LintResult<'_>], strict: bool, exit: Exit) -> Value {
    let level = |level: Level| findings(linted).filter(|finding| finding.level == level).count();
    let documents = linted.iter().map(|one| {
        let document = one.subject.document;
        let file = document.source.name();
        let suites = one.subject.suites.iter().map(|suite| {
            json!({
                "id": suite.id,
                "file": suite.source.name(),
                "operation": suite.operation().title(),
                "cases": suite.cases.len(),
            })
        });
        json!({
            "file": file,
            "title": document.title,
            "version": document.version,
            "openapi": document.openapi,
            "sha256": document.sha256,
            "operations": document.operations.len(),
            "suites": suites.collect::<Vec<_>>(),
            "findings": one.findings.iter().map(|found| super::json::finding(found, None, 1, file)).collect::<Vec<_>>(),
        })
    });
    json!({
        "schema": "conformant.lint/1",
        "generator": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
        "strict": strict,
        "exit": exit.code(),
        "summary": {"must": level(Level::Must), "should": level(Level::Should), "note": level(Level::Note)},
        "documents": documents.collect::<Vec<_>>(),
    })
}

fn count(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
