//! The report for programs, `conformant.report/1`, described by `docs/report.schema.json`.
//!
//! The shape is fixed: members may be added, never renamed, removed or given another type. Its size is bounded: long
//! texts are cut, and a case lists its first findings only and says how many more there were.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::format::{Format, Syntax, View, profile_name};
use crate::finding::Finding;
use crate::location::{Anchor, Place};
use crate::outcome::{
    CaseOutcome, Counts, DocumentInfo, KnownDeviation, LeftBehind, ReportedFinding, RunOutcome, TargetKind, Transcript,
    Tried, Trouble,
};
use crate::printable::{self, truncated};
use crate::rule::Rule;

pub(super) const FORMAT: Format = Format { name: "json", summary: "for programs", render, syntax: Syntax::Json };

/// The longest text, in bytes.
const TEXT: usize = 4 * 1024;
/// The longest curl line, in bytes.
const CURL: usize = 16 * 1024;
/// The most findings of one case.
const FINDINGS: usize = 200;

fn render(outcome: &RunOutcome, view: View) -> String {
    let mut documents = outcome.documents.iter().map(document);
    let report = json!({
        "schema": "conformant.report/1",
        "generator": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
        "target": target(outcome),
        "document": documents.next(),
        "more_documents": documents.collect::<Vec<_>>(),
        "profile": profile_name(outcome.profile),
        "strict": view.strict,
        "exit": outcome.exit(view.strict).code(),
        "interrupted": outcome.interrupted,
        "preflight": outcome.preflight.iter().map(tried).collect::<Vec<_>>(),
        "trouble": outcome.trouble.as_ref().map(trouble),
        "duration_ms": milliseconds(outcome.elapsed),
        "summary": counts(&outcome.summary()),
        "left_behind": outcome.left_behind.iter().map(left_behind).collect::<Vec<_>>(),
        "notes": texts(&outcome.notes),
        "rules": rules(outcome),
        "cases": outcome.cases.iter().map(|case| self::case(case, &outcome.documents)).collect::<Vec<_>>(),
    });
    written(&report)
}

/// A value as every output in JSON has it: indented, and with nothing in it that does not print or that a log takes for a
/// command.
pub(super) fn written(value: &Value) -> String {
    // The alternate form of `Display` is indented, and cannot fail.
    printable::for_json(&format!("{value:#}\n")).into_owned()
}

/// What `doctor` found, `conformant.doctor/1`.
pub(super) fn doctor(outcome: &RunOutcome) -> String {
    let report = json!({
        "schema": "conformant.doctor/1",
        "target": target(outcome),
        "exit": outcome.doctor_exit().code(),
        "not_verified": Tried::unverified(&outcome.preflight),
        "preflight": outcome.preflight.iter().map(tried).collect::<Vec<_>>(),
    });
    written(&report)
}

fn tried(tried: &Tried) -> Value {
    json!({
        "what": truncated(&tried.what, TEXT),
        "standing": tried.status.as_str(),
        "found": truncated(&tried.found, TEXT),
        "help": optional(tried.help.as_deref()),
        "unverified": tried.unverified,
    })
}

fn target(outcome: &RunOutcome) -> Value {
    json!({
        "url": truncated(&outcome.target.url, TEXT),
        "kind": match outcome.target.kind {
            TargetKind::Reference => "reference",
            TargetKind::Remote => "remote",
        },
        "release": optional(outcome.target.release.as_deref()),
        "proxy": optional(outcome.target.route.proxy.as_deref()),
        "insecure": outcome.target.route.insecure,
        "http": if outcome.target.route.http2 { "2" } else { "1.1" },
    })
}

fn document(document: &DocumentInfo) -> Value {
    let findings = document.findings.iter().take(FINDINGS);
    json!({
        "file": truncated(&document.file, TEXT),
        "title": truncated(&document.title, TEXT),
        "version": truncated(&document.version, TEXT),
        "sha256": document.sha256,
        "findings": findings.map(|finding| self::finding(finding, None, 1, &document.file)).collect::<Vec<_>>(),
        "findings_omitted": document.findings.len().saturating_sub(FINDINGS),
    })
}

fn case(case: &CaseOutcome, documents: &[DocumentInfo]) -> Value {
    let file = documents.get(case.document).map_or("", |document| document.file.as_str());
    let findings = case.findings.iter().take(FINDINGS);
    json!({
        "id": truncated(&case.id, TEXT),
        "about": optional(case.about.as_deref()),
        "profile": profile_name(case.profile),
        "place": place(&case.place),
        "verdict": case.verdict.as_str(),
        "reason": optional(case.reason.as_deref()),
        "pinned_by": case.pinned_by.as_str(),
        "runs": case.runs,
        "counts": counts(&case.counts),
        "duration_ms": milliseconds(case.duration),
        "findings": findings.map(|found| self::found(found, file)).collect::<Vec<_>>(),
        "findings_omitted": case.findings.len().saturating_sub(FINDINGS),
        "notes": texts(&case.notes),
        "transcript": case.transcript.as_ref().map(transcript),
    })
}

fn found(found: &ReportedFinding, file: &str) -> Value {
    let mut value = finding(&found.finding, found.covered().map(|known| known.reason.as_str()), found.count, file);
    value["known_deviation"] = found.deviation().map(known_deviation).into();
    value
}

fn known_deviation(known: &KnownDeviation) -> Value {
    json!({
        "reason": truncated(&known.reason, TEXT),
        "link": truncated(&known.link, TEXT),
        "until": known.until.to_string(),
        "place": place(&known.place),
    })
}

pub(super) fn finding(finding: &Finding, known: Option<&str>, count: u64, file: &str) -> Value {
    json!({
        "rule": finding.rule.id,
        "level": finding.level.as_str(),
        "origin": finding.origin.as_str(),
        "known": optional(known),
        "message": truncated(&finding.message, TEXT),
        "expected": optional(finding.expected.as_deref()),
        "actual": optional(finding.actual.as_deref()),
        "count": count,
        "spec": finding.spec.as_ref().map(|anchor| spec(anchor, file)),
        "case": finding.case.as_ref().map(place),
        "advice": optional(finding.advice.as_deref()),
        "step": finding.step,
    })
}

fn spec(anchor: &Anchor, file: &str) -> Value {
    json!({"pointer": truncated(&anchor.pointer, TEXT), "line": anchor.line, "file": truncated(file, TEXT)})
}

fn place(place: &Place) -> Value {
    let position = place.position();
    json!({"file": truncated(place.source.name(), TEXT), "line": position.line, "column": position.column})
}

fn transcript(transcript: &Arc<Transcript>) -> Value {
    let steps = transcript.steps.iter().map(|step| {
        json!({
            "role": truncated(&step.role, TEXT),
            "curl": truncated(&step.curl, CURL),
            "answer": truncated(&String::from_utf8_lossy(&step.answer), TEXT),
            "answer_size": step.answer_size,
            "end": optional(step.end.as_deref()),
            "duration_ms": milliseconds(step.elapsed),
        })
    });
    steps.collect()
}

fn left_behind(left: &LeftBehind) -> Value {
    json!({
        "state": truncated(&left.state, TEXT),
        "id": truncated(&left.id, TEXT),
        "user": truncated(&left.user, TEXT),
        "case": truncated(&left.case, TEXT),
        "reason": truncated(&left.reason, TEXT),
    })
}

fn trouble(trouble: &Trouble) -> Value {
    json!({"message": truncated(&trouble.message, TEXT), "help": optional(trouble.help.as_deref())})
}

fn counts(counts: &Counts) -> Value {
    json!({
        "pass": counts.pass,
        "fail": counts.fail,
        "known": counts.known,
        "skipped": counts.skipped,
        "error": counts.error,
    })
}

/// The records of the rules that found something, by id.
fn rules(outcome: &RunOutcome) -> Value {
    let of_documents = outcome.documents.iter().flat_map(|document| &document.findings);
    let of_cases = outcome.cases.iter().flat_map(|case| &case.findings).map(|found| &found.finding);
    let rules: BTreeMap<&str, &Rule> = of_documents.chain(of_cases).map(|found| (found.rule.id, found.rule)).collect();
    let records = rules.into_iter().map(|(id, rule)| {
        let record = json!({
            "summary": rule.summary,
            "level": rule.level.as_str(),
            "origin": rule.origin.as_str(),
            "clause": rule.clause,
            "since": rule.since,
        });
        (id.to_owned(), record)
    });
    Value::Object(records.collect::<Map<_, _>>())
}

fn texts(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| truncated(text, TEXT)).collect()
}

fn optional(text: Option<&str>) -> Option<String> {
    text.map(|text| truncated(text, TEXT))
}

/// Milliseconds with three digits after the point.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

#[cfg(test)]
mod tests;
