//! The command that runs a case again, as it can be copied into a POSIX shell: the `next:` line of a report.

use crate::outcome::{CaseOutcome, ReportedFinding, RerunWord, RunOutcome, TargetInfo, TargetKind, Verdict};
use crate::printable::{secret_field, shell_word};

/// The command that runs one case of this run again, with every exchange shown. `strict` adds `--strict`, for a case that
/// fails only by it.
pub(super) fn command(outcome: &RunOutcome, case: &CaseOutcome, strict: bool) -> String {
    let mut command = format!("conformant {}{}", outcome.rerun.command, target(&outcome.target));
    for word in &outcome.rerun.words {
        command.push(' ');
        command.push_str(&match word {
            RerunWord::Word(word) => shell_word(word),
            RerunWord::SecretField(name) => secret_field(name),
        });
    }
    if strict {
        command.push_str(" --strict");
    }
    if is_flaky(case) {
        command = format!("{command} --repeat {}", case.runs);
    }
    // An id that looks like a flag must not pass for one.
    let end = if case.id.starts_with('-') { " --" } else { "" };
    command + " -v" + end + " " + &shell_word(&case.id)
}

/// The flags that name a target again.
fn target(target: &TargetInfo) -> String {
    match target.kind {
        TargetKind::Reference => {
            let release = target.release.as_ref();
            release.map(|release| format!(" --release {}", shell_word(release))).unwrap_or_default()
        }
        TargetKind::Remote => format!(" --base-url {}", shell_word(&target.url)),
    }
}

/// Whether only some runs of the case went wrong, so that one run may not show it.
fn is_flaky(case: &CaseOutcome) -> bool {
    let bad = match case.verdict {
        Verdict::Fail => case.counts.fail,
        Verdict::Error => case.counts.error,
        _ => case
            .findings
            .iter()
            .filter(|found| found.fails_strict())
            .map(|found: &ReportedFinding| found.count)
            .max()
            .unwrap_or(0),
    };
    bad < case.runs
}
