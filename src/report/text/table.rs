//! A line per case. A run may have ten thousand, and a person reads what is not well: past a length, what is well or repeats
//! itself is counted instead of listed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::page::{NAME, Page, time};
use super::verdict::{badge, fails_only_strict, has_more, weak};
use crate::outcome::{CaseOutcome, PinnedBy, Verdict};
use crate::printable::escaped_line;
use crate::report::format::View;

/// A run with more cases than this lists only what is not well.
const LISTED: usize = 200;
/// How many cases of one verdict such a run lists.
const OF_A_KIND: usize = 100;
/// The widest that the column of case ids becomes; a longer id moves only its own line.
const ID_COLUMN: usize = 56;

/// How much of a reason the table shows; an error's whole reason stands above.
const REASON_COLUMN: usize = 60;

/// Why a case has no line of its own.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Unlisted {
    Skipped(String),
    Verdict(Verdict),
}

/// A line per case.
pub(super) fn table(page: &mut Page, cases: &[CaseOutcome]) {
    if cases.is_empty() {
        return;
    }
    let (listed, unlisted) = listed(page.view, cases);
    let widest = listed.iter().map(|case| case.id.chars().count()).filter(|width| *width <= ID_COLUMN).max();
    let said: Vec<String> = listed.iter().map(|case| said(case)).collect();
    // Reasons are longer than what pins an answer, and must not push every time to the far right.
    let judged =
        listed.iter().zip(&said).filter(|(case, _)| !matches!(case.verdict, Verdict::Skipped | Verdict::Error));
    let wide = judged.map(|(_, said)| said.chars().count()).max().unwrap_or(0);
    let widest = widest.unwrap_or(ID_COLUMN);
    page.put("");
    for (case, said) in listed.iter().zip(said) {
        let id = escaped_line(&case.id, NAME);
        let runs = if case.runs > 1 { format!("  {}", counted(case)) } else { String::new() };
        // A case that failed before it sent anything took no time worth a figure.
        let is_instant = case.verdict == Verdict::Error && case.duration < Duration::from_micros(50);
        let took = if case.runs > 0 && !is_instant { format!("  {:>9}", time(case.duration)) } else { String::new() };
        let paint = page.paint;
        let said = if took.is_empty() { said } else { format!("{said:<wide$}") };
        let (said, took) = (paint.faint(&said), paint.faint(&took));
        let strict = if fails_only_strict(case, page.view) {
            format!("  {}", paint.bad("fails only by --strict"))
        } else {
            String::new()
        };
        page.put(format!("  {} {id:<widest$}  {said}{took}{runs}{strict}", badge(page, case)));
    }
    for (why, count) in unlisted {
        page.put(match why {
            Unlisted::Skipped(reason) => format!("  … {count} skipped: {reason}"),
            Unlisted::Verdict(Verdict::Pass) => format!("  … {count} pass; `-v` lists them"),
            Unlisted::Verdict(verdict) => format!("  … {count} more: {}; `-v` lists them", verdict.as_str()),
        });
    }
}

/// The cases that get a line, and how many do not, by why.
fn listed(view: View, cases: &[CaseOutcome]) -> (Vec<&CaseOutcome>, BTreeMap<Unlisted, usize>) {
    let mut unlisted = BTreeMap::new();
    if cases.len() <= LISTED || view.verbose > 0 {
        return (cases.iter().collect(), unlisted);
    }
    let mut kinds: BTreeMap<Verdict, usize> = BTreeMap::new();
    let listed = cases.iter().filter(|case| {
        let why = match case.verdict {
            Verdict::Skipped => Unlisted::Skipped(said(case)),
            Verdict::Pass if !weak(case) && !has_more(case, view) => Unlisted::Verdict(Verdict::Pass),
            verdict => {
                let of_a_kind = kinds.entry(verdict).or_default();
                *of_a_kind += 1;
                if *of_a_kind <= OF_A_KIND {
                    return true;
                }
                Unlisted::Verdict(verdict)
            }
        };
        *unlisted.entry(why).or_default() += 1;
        false
    });
    (listed.collect(), unlisted)
}

/// What the table says of a case: what pinned it, or the beginning of why it was not judged.
fn said(case: &CaseOutcome) -> String {
    match case.verdict {
        Verdict::Skipped | Verdict::Error => {
            escaped_line(case.reason.as_deref().unwrap_or("no reason given"), REASON_COLUMN)
        }
        Verdict::Pass | Verdict::Known | Verdict::Fail => checked_against(case),
    }
}

/// What the response was checked against. A case that did not pass says why there is nothing; where only some of its runs
/// did not, that is true of some.
fn checked_against(case: &CaseOutcome) -> String {
    let text = match case.pinned_by {
        PinnedBy::NoResponse if case.verdict != Verdict::Pass => "no response came that can be checked",
        PinnedBy::Undocumented if case.verdict != Verdict::Pass => "its response is not in the document",
        PinnedBy::Nothing | PinnedBy::NoResponse | PinnedBy::Undocumented => "checked against nothing in the document",
        PinnedBy::Status => "checked against the status alone",
        PinnedBy::Bodiless => "checked against a status without a body",
        PinnedBy::Example => "checked against an example",
        PinnedBy::Schema => "checked against a schema",
    };
    let in_some = case.verdict != Verdict::Pass && case.counts.pass > 0;
    let why = matches!(case.pinned_by, PinnedBy::NoResponse | PinnedBy::Undocumented);
    if in_some && why { format!("in some runs {text}") } else { text.to_owned() }
}

/// How a repeated case's runs came out: `18 of 20 pass, 2 fail`.
fn counted(case: &CaseOutcome) -> String {
    let counts = &case.counts;
    let rest = [(counts.known, "known"), (counts.fail, "fail"), (counts.error, "error"), (counts.skipped, "skipped")];
    let rest = rest.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!(", {count} {word}"));
    format!("{} of {} pass{}", counts.pass, case.runs, rest.collect::<String>())
}
