//! The report for people: who was asked, a line per case, what was wrong in full, what to do next.
//!
//! Its shape depends on the outcome only, never on a terminal's width. Whatever a server or a file sent is escaped and
//! cut before it gets here, and stands behind a margin, so that it cannot pass for a line of the report.

mod exchange;
mod finding;
mod many;
mod preflight;
mod rerun;

use std::time::Duration;

use super::paint::Paint;
use super::{Format, Syntax, View, profile_name};
use crate::outcome::{
    CaseOutcome, DocumentInfo, Exit, Found, LeftBehind, PinnedBy, RunOutcome, Standing, TargetKind, Verdict,
};
use crate::printable::line;
use crate::rule::Level;

pub(super) use preflight::{lines, screen};

pub(super) const FORMAT: Format = Format { name: "text", summary: "for people", render, syntax: Syntax::Plain };

/// The longest sentence that is shown, in characters.
const SENTENCE: usize = 600;
/// The longest name or address that is shown, in characters.
const NAME: usize = 200;
/// How much of a reason the table shows; an error's whole reason stands below.
const REASON_COLUMN: usize = 60;

fn render(outcome: &RunOutcome, view: View) -> String {
    let mut page = Page::new(view);
    page.head(outcome);
    page.table(&outcome.cases);
    page.cases(outcome);
    page.documents(&outcome.documents);
    page.left_behind(&outcome.left_behind);
    page.notes(&outcome.notes);
    page.end(outcome);
    page.out
}

/// What a run is about.
pub(super) fn head_text(outcome: &RunOutcome) -> String {
    let mut page = Page::new(View::default());
    page.head(outcome);
    page.out
}

/// What there is to say about one case.
pub(super) fn case_text(case: &CaseOutcome, documents: &[DocumentInfo], view: View) -> String {
    let mut page = Page::new(view);
    page.case(case, documents);
    page.out
}

/// Whether there is more to say about a case than its line in the table.
pub(super) fn has_more(case: &CaseOutcome, view: View) -> bool {
    Page::new(view).has_more(case)
}

/// What belongs to no case: findings of the documents, notes.
pub(super) fn around_text(outcome: &RunOutcome, view: View) -> String {
    let mut page = Page::new(view);
    page.documents(&outcome.documents);
    page.notes(&outcome.notes);
    page.out
}

/// What was left behind.
pub(super) fn left_behind_text(left: &[LeftBehind], view: View) -> String {
    let mut page = Page::new(view);
    page.left_behind(left);
    page.out
}

/// The report as it grows.
struct Page {
    view: View,
    paint: Paint,
    out: String,
}

impl Page {
    fn new(view: View) -> Self {
        Self { view, paint: Paint(view.color), out: String::new() }
    }

    fn put(&mut self, text: impl AsRef<str>) {
        self.out.push_str(text.as_ref());
        self.out.push('\n');
    }

    fn head(&mut self, outcome: &RunOutcome) {
        self.target(outcome);
        self.put(format!("profile: {}", profile_name(outcome.profile)));
        self.trouble(outcome);
    }

    /// Who is asked, and what for.
    fn target(&mut self, outcome: &RunOutcome) {
        let url = line(&outcome.target.url, NAME);
        let way = &outcome.target.way;
        self.put(match outcome.target.kind {
            TargetKind::Remote => format!("target: {}{}", self.paint.strong(&url), line(&way.to_string(), NAME)),
            TargetKind::Reference => {
                let name = match &outcome.target.release {
                    Some(release) => format!("the embedded reference server, release {}", line(release, NAME)),
                    None => "the embedded reference server".to_owned(),
                };
                format!(
                    "target: {} (no API_BASE_URL set), {url}{}",
                    self.paint.strong(&name),
                    line(&way.to_string(), NAME)
                )
            }
        });
        if way.insecure {
            let warning = self.paint.bad("warning:");
            self.put(format!(
                "{warning} any certificate is accepted (--insecure): whoever answers may not be the target"
            ));
        }
        for document in &outcome.documents {
            let digest: String = document.sha256.chars().take(12).collect();
            self.put(format!(
                "document: {} {}, {}, sha256 {digest}",
                line(&document.title, NAME),
                line(&document.version, NAME),
                line(&document.file, NAME)
            ));
        }
    }

    /// Why no case was run, if so.
    fn trouble(&mut self, outcome: &RunOutcome) {
        if outcome.trouble.is_some() && outcome.preflight.iter().any(|tried| tried.standing == Standing::Wrong) {
            self.put(format!("\n{}", self.paint.bad("could not judge: before any case was run")));
            self.preflight(&outcome.preflight);
        } else if let Some(trouble) = &outcome.trouble {
            let message = line(&trouble.message, SENTENCE);
            self.put(format!("\n{} {message}", self.paint.bad("could not judge:")));
            if let Some(help) = &trouble.help {
                self.put(format!("  help: {}", line(help, SENTENCE)));
            }
        }
    }

    /// A verdict as a word of fixed width. A pass that nothing in the document backs is not shown as one.
    fn badge(&self, case: &CaseOutcome) -> String {
        let paint = self.paint;
        match case.verdict {
            Verdict::Pass if weak(case) => paint.warn("weak "),
            Verdict::Pass => paint.good("pass "),
            Verdict::Skipped => paint.warn("skip "),
            Verdict::Known => paint.warn("known"),
            Verdict::Fail => paint.bad("FAIL "),
            Verdict::Error => paint.bad("ERROR"),
        }
        .into_owned()
    }

    fn case(&mut self, case: &CaseOutcome, documents: &[DocumentInfo]) {
        let id = line(&case.id, NAME);
        let about = case.about.as_deref().map(|about| line(about, SENTENCE)).unwrap_or_default();
        let gap = if about.is_empty() { "" } else { "  " };
        self.put(format!("{} {}{gap}{about}", self.badge(case), self.paint.strong(&id)));
        match (case.verdict, &case.reason) {
            (Verdict::Error, Some(reason)) => self.put(format!("  could not be judged: {}", line(reason, SENTENCE))),
            (Verdict::Skipped, Some(reason)) => self.put(format!("  skipped: {}", line(reason, SENTENCE))),
            _ => {}
        }
        self.findings(case, documents.get(case.document));
        for note in &case.notes {
            self.put(format!("  note: {}", line(note, SENTENCE)));
        }
        self.exchanges(case);
    }

    fn has_more(&self, case: &CaseOutcome) -> bool {
        let spoken = case.findings.iter().any(|found| finding::told(found) || self.view.verbose > 0);
        let asked = self.view.verbose > 0 && case.transcript.is_some();
        matches!(case.verdict, Verdict::Fail | Verdict::Error) || spoken || asked || !case.notes.is_empty()
    }

    fn documents(&mut self, documents: &[DocumentInfo]) {
        for document in documents.iter().filter(|document| !document.findings.is_empty()) {
            self.put(format!("\n{} {}", self.paint.strong("the document"), line(&document.file, NAME)));
            for finding in &document.findings {
                self.brief(finding, &document.file);
            }
        }
    }

    fn left_behind(&mut self, left: &[LeftBehind]) {
        if left.is_empty() {
            return;
        }
        let heading = format!("left behind: {} made for this run and not removed; remove by hand", objects(left.len()));
        self.put(format!("\n{}", self.paint.warn(&heading)));
        for object in left {
            self.put(format!(
                "  {} {} of user {} (for {}): {}",
                line(&object.state, NAME),
                line(&object.id, NAME),
                line(&object.user, NAME),
                line(&object.case, NAME),
                line(&object.reason, SENTENCE)
            ));
        }
    }

    fn notes(&mut self, notes: &[String]) {
        if !notes.is_empty() {
            self.put("");
        }
        for note in notes {
            self.put(format!("note: {}", line(note, SENTENCE)));
        }
    }

    fn end(&mut self, outcome: &RunOutcome) {
        let counts = outcome.summary();
        let weak = outcome.cases.iter().filter(|case| case.verdict == Verdict::Pass && weak(case)).count();
        let parts: Vec<String> = [
            (counts.pass, "pass"),
            (counts.known, "known"),
            (counts.skipped, "skipped"),
            (counts.fail, "fail"),
            (counts.error, "error"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| match (word, weak) {
            ("pass", 1..) => format!("{count} pass ({weak} weak: no body was held against the document)"),
            _ => format!("{count} {word}"),
        })
        .collect();
        let cases = outcome.cases.len();
        let total = format!("{cases} {} in {}", if cases == 1 { "case" } else { "cases" }, time(outcome.elapsed));
        let left = match outcome.left_behind.len() {
            0 => String::new(),
            count => format!("; {} left behind", objects(count)),
        };
        self.put(format!("\n{total}{}{}{left}", if parts.is_empty() { "" } else { ": " }, parts.join(", ")));
        self.verdict(outcome, cases > 0 && counts.skipped == cases as u64, counts.fail > 0);
    }

    fn verdict(&mut self, outcome: &RunOutcome, all_skipped: bool, failed: bool) {
        let paint = self.paint;
        let first = |verdict| outcome.cases.iter().find(|case| case.verdict == verdict);
        let alone = "next: one case alone, with all that was sent and came:";
        match outcome.exit(self.view.strict) {
            Exit::Conforms => self.put(paint.good("conforms")),
            Exit::Fails if failed => {
                self.put(paint.bad("does not conform"));
                if let Some(case) = first(Verdict::Fail) {
                    self.put(format!("{alone} {}", rerun::command(outcome, case, false)));
                }
            }
            Exit::Fails => {
                self.put(paint.bad(&format!("does not conform under --strict: {}", strictly(outcome))));
                let light = outcome.cases.iter().find(|case| case.findings.iter().any(Found::fails_strict));
                if let Some(case) = light {
                    self.put(format!("{alone} {}", rerun::command(outcome, case, true)));
                }
            }
            Exit::BadInput => self.put(paint.bad("bad input")),
            Exit::NotJudged => {
                let both = unjudged(outcome, self.view.strict);
                self.put(paint.bad(both.as_deref().unwrap_or("could not be judged")));
                if let Some(case) = first(Verdict::Error) {
                    let again = rerun::command(outcome, case, false);
                    self.put(format!("next: settle the errors first, then judge again: {again}"));
                } else if all_skipped {
                    self.put("next: every case was skipped; give what the reasons above name");
                }
            }
            Exit::Interrupted => {
                let counts = outcome.summary();
                let judged = counts.pass + counts.known + counts.fail;
                let told = match outcome.cases.len() as u64 {
                    0 => "interrupted before any case began".to_owned(),
                    all if judged == 0 => format!("interrupted: none of {all} cases was judged"),
                    all if judged == all => "interrupted, and every case was judged".to_owned(),
                    all => format!("interrupted: {judged} of {all} cases were judged, {} were not", all - judged),
                };
                self.put(paint.warn(&told));
            }
        }
    }
}

/// Both things that a run came to of which some cases could not be judged and others fail it: whoever asks again because of
/// the first must not miss the second. None where nothing failed.
pub fn unjudged(outcome: &RunOutcome, strict: bool) -> Option<String> {
    let counts = outcome.summary();
    let light = || outcome.cases.iter().flat_map(|case| &case.findings).any(Found::fails_strict);
    let failed = match counts.fail {
        0 if strict && light() => format!("does not conform under --strict: {}", strictly(outcome)),
        0 => return None,
        fail => format!("{fail} failed"),
    };
    Some(match counts.error {
        0 => format!("{failed}, the rest could not be judged"),
        error => format!("{failed}, {error} could not be judged"),
    })
}

/// What a strict run fails by although no case does.
fn strictly(outcome: &RunOutcome) -> &'static str {
    let mut by = outcome.cases.iter().flat_map(|case| &case.findings).filter(|found| found.fails_strict());
    if by.any(|found| found.finding.level >= Level::Should) {
        "a finding of level should"
    } else {
        "a known deviation that did not occur"
    }
}

/// Whether a case passed without the document saying anything about what came beyond, at most, its status.
fn weak(case: &CaseOutcome) -> bool {
    matches!(case.pinned_by, PinnedBy::Nothing | PinnedBy::Status)
}

/// What the table says of a case: what pinned it, or the beginning of why it was not judged.
fn said(case: &CaseOutcome) -> String {
    match case.verdict {
        Verdict::Skipped | Verdict::Error => line(case.reason.as_deref().unwrap_or("no reason given"), REASON_COLUMN),
        Verdict::Pass | Verdict::Known | Verdict::Fail => pinned(case.pinned_by).to_owned(),
    }
}

fn pinned(by: PinnedBy) -> &'static str {
    match by {
        PinnedBy::Nothing => "pinned by nothing in the document",
        PinnedBy::Status => "pinned by status alone",
        PinnedBy::Bodiless => "pinned by bodiless status",
        PinnedBy::Example => "pinned by example",
        PinnedBy::Schema => "pinned by schema",
    }
}

/// How a repeated case's runs came out: `18 of 20 pass, 2 fail`.
fn counted(case: &CaseOutcome) -> String {
    let counts = &case.counts;
    let rest = [(counts.known, "known"), (counts.fail, "fail"), (counts.error, "error"), (counts.skipped, "skipped")];
    let rest = rest.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!(", {count} {word}"));
    format!("{} of {} pass{}", counts.pass, case.runs, rest.collect::<String>())
}

fn objects(count: usize) -> String {
    if count == 1 { "1 object".to_owned() } else { format!("{count} objects") }
}

/// A time for people.
fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 1.0 {
        format!("{:.1} ms", seconds * 1000.0)
    } else if seconds < 120.0 {
        format!("{seconds:.2} s")
    } else {
        format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60)
    }
}

#[cfg(test)]
mod tests;
