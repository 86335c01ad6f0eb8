//! What was sent and came, on paper: a curl line to repeat it, and the start of the answer behind a margin.

use std::collections::BTreeSet;

use super::page::{NAME, Page, SENTENCE, time};
use crate::outcome::{CaseOutcome, TranscriptStep, Verdict};
use crate::printable::{bytes, escaped_line};

/// How much of an answer is shown.
#[derive(Clone, Copy)]
struct Extent {
    lines: usize,
    width: usize,
}

/// Enough for a head and the first lines of a body.
const START: Extent = Extent { lines: 24, width: 160 };
/// With `-v`.
const MORE: Extent = Extent { lines: 120, width: 1000 };
/// The longest curl line that is shown: one that is cut cannot be pasted, so there is room for a large body.
const CURL: usize = 8 * 1024;

/// The exchanges that a case's findings are about; with `-v`, all of them.
pub(super) fn exchanges(page: &mut Page, case: &CaseOutcome) {
    let Some(transcript) = &case.transcript else { return };
    let steps = &transcript.steps;
    let failed = matches!(case.verdict, Verdict::Fail | Verdict::Error);
    let shown: BTreeSet<usize> = if page.view.verbose > 0 {
        (0..steps.len()).collect()
    } else if failed {
        let about: BTreeSet<usize> = case.findings.iter().filter_map(|found| found.finding.step).collect();
        if about.iter().any(|index| *index < steps.len()) { about } else { telling(steps).into_iter().collect() }
    } else {
        BTreeSet::new()
    };
    for step in shown.iter().filter_map(|index| steps.get(*index)) {
        exchange(page, step);
    }
}

fn exchange(page: &mut Page, step: &TranscriptStep) {
    let role = escaped_line(&step.role, NAME);
    page.put(format!("  {} ({}, {}):", page.paint.strong(&role), size(step.answer_size), time(step.elapsed)));
    page.put(format!("    {}", escaped_line(&step.curl, CURL)));
    if page.view.verbose > 0 {
        wire(page, ">", &step.request);
        let kept = step.request.len() as u64;
        if step.request_size > kept {
            page.put(format!("    … {} more, not kept", size(step.request_size - kept)));
        }
    }
    if step.answer.is_empty() {
        page.put("    < (no byte came)");
    } else {
        wire(page, "<", &step.answer);
    }
    let kept = step.answer.len() as u64;
    if step.answer_size > kept {
        page.put(format!("    … {} more, not kept", size(step.answer_size - kept)));
    }
    if let Some(end) = &step.end {
        let what = if step.answer.is_empty() { "no response came" } else { "the response ended early" };
        page.put(format!("    {}", page.paint.warn(&format!("{what}: {}", escaped_line(end, SENTENCE)))));
    }
}

/// Bytes behind a margin. With `-vv` every byte, line ends included, is spelled out.
fn wire(page: &mut Page, margin: &str, text: &[u8]) {
    if page.view.verbose > 1 {
        for part in text.split_inclusive(|byte| *byte == b'\n') {
            page.put(format!("    {} {}", page.paint.faint(margin), part.escape_ascii()));
        }
        return;
    }
    let extent = if page.view.verbose > 0 { MORE } else { START };
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let lines = text.split(|byte| *byte == b'\n');
    let count = lines.clone().count();
    for part in lines.take(extent.lines) {
        let shown = bytes(part.strip_suffix(b"\r").unwrap_or(part), extent.width);
        page.put(format!("    {} {shown}", page.paint.faint(margin)).trim_end());
    }
    if count > extent.lines {
        page.put(format!("    … {} more lines", count - extent.lines));
    }
}

/// Where an error, or a finding about no exchange in particular, came to light: in the last of the case's own requests,
/// else in the last that made something for it.
fn telling(steps: &[TranscriptStep]) -> Option<usize> {
    let last = |role: &str| steps.iter().rposition(|step| step.role.starts_with(role));
    last("then").or_else(|| last("request")).or_else(|| last("making ")).or_else(|| steps.len().checked_sub(1))
}

fn size(bytes: u64) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}
