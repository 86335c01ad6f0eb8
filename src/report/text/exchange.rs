//! An exchange in the report for people: a curl line that repeats the request, and the start of the response behind a margin.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::page::{NAME, Page, SENTENCE, time};
use super::verdict::fails_only_strict;
use crate::exchange::Protocol;
use crate::outcome::{CaseOutcome, TranscriptStep, Verdict};
use crate::printable::{bytes, escaped_line};

/// How the role of a request begins that makes an object.
const MAKING: &str = "making ";

/// How much of a request or response is shown.
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

/// Set-up requests that failed and were printed, each with the first case that it failed. One such request can fail many
/// cases: the later ones name the first.
#[derive(Default)]
pub(super) struct PrintedFailures(HashMap<PrintedFailure, String>);

/// What tells a set-up request that failed from every other: its time has nanoseconds.
#[derive(PartialEq, Eq, Hash)]
struct PrintedFailure {
    curl: String,
    answer: Vec<u8>,
    elapsed: Duration,
}

impl PrintedFailures {
    /// The earlier case under which an exchange was printed, if there is one. Otherwise it is now printed under this case.
    fn earlier(&mut self, step: &TranscriptStep, case: &str) -> Option<String> {
        let key = PrintedFailure { curl: step.curl.clone(), answer: step.answer.clone(), elapsed: step.elapsed };
        match self.0.entry(key) {
            // A case can make two objects, and shows each.
            Entry::Occupied(first) => Some(first.get().clone()).filter(|first| first != case),
            Entry::Vacant(entry) => {
                entry.insert(case.to_owned());
                None
            }
        }
    }
}

/// The exchanges that a case's findings are about; with `-v`, all of them.
pub(super) fn exchanges(page: &mut Page, case: &CaseOutcome, printed: &mut PrintedFailures) {
    let Some(transcript) = &case.transcript else { return };
    let steps = &transcript.steps;
    let failed = matches!(case.verdict, Verdict::Fail | Verdict::Error) || fails_only_strict(case, page.view);
    let shown: BTreeSet<usize> = if page.view.verbose > 0 {
        (0..steps.len()).collect()
    } else if failed {
        let about: BTreeSet<usize> = case.findings.iter().filter_map(|found| found.finding.step).collect();
        if about.iter().any(|index| *index < steps.len()) { about } else { telling(steps).into_iter().collect() }
    } else {
        BTreeSet::new()
    };
    let mut shown: Vec<&TranscriptStep> = shown.iter().filter_map(|index| steps.get(*index)).collect();
    // The transcript lists them last, because findings count the others. They were sent first.
    shown.sort_by_key(|step| !step.role.starts_with(MAKING));
    for step in shown {
        let earlier = if case.verdict == Verdict::Error { printed.earlier(step, &case.id) } else { None };
        exchange(page, step, earlier.as_deref());
    }
}

/// One exchange: the request, then what came. `earlier` is the case under which it was printed before.
fn exchange(page: &mut Page, step: &TranscriptStep, earlier: Option<&str>) {
    let role = escaped_line(&step.role, NAME);
    let colon = if role.ends_with('?') { "" } else { ":" };
    let head = format!("  {}{colon}", page.paint.strong(&role));
    if let Some(case) = earlier {
        page.put(format!("{head} the same request and response as in {}, above", escaped_line(case, NAME)));
        return;
    }
    page.put(head);
    page.put(format!("    {}", escaped_line(&step.curl, CURL)));
    if page.view.verbose > 0 {
        wire(page, ">", &step.request);
        not_shown(page, step.request_size, step.request.len());
    }
    response(page, step);
}

/// What came. Its head says how much that was and how long it took: neither is about the request above it.
fn response(page: &mut Page, step: &TranscriptStep) {
    let end = step.end.as_deref().map(|end| escaped_line(end, SENTENCE));
    let after = time(step.elapsed);
    if step.answer.is_empty() {
        let why = end.map(|end| format!(": {end}")).unwrap_or_default();
        page.put(format!("  {}{why}", page.paint.warn(&format!("no response after {after}"))));
        return;
    }
    let form = match step.protocol {
        Protocol::Http1 => "",
        Protocol::Http2 => ", as read from the frames of HTTP/2",
        Protocol::Library => ", as parsed by the HTTP client reqwest",
    };
    page.put(format!("  {} ({} after {after}{form}):", page.paint.strong("response"), size(step.answer_size)));
    wire(page, "<", &step.answer);
    not_shown(page, step.answer_size, step.answer.len());
    if let Some(end) = end {
        page.put(format!("    {}", page.paint.warn(&format!("the response was not read to its end: {end}"))));
    }
}

/// How many bytes follow those that were kept.
fn not_shown(page: &mut Page, all: u64, kept: usize) {
    let more = all.saturating_sub(kept as u64);
    if more > 0 {
        page.put(format!("    … {} more, not kept", size(more)));
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
    last("then").or_else(|| last("request")).or_else(|| last(MAKING)).or_else(|| steps.len().checked_sub(1))
}

fn size(bytes: u64) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}
