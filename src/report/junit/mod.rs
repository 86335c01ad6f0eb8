//! The report for CI systems: JUnit XML, one test case per case, however often it ran.
//!
//! A suite is a suite file, and its name ends in the target's, so that runs against several targets stay apart. The
//! verdicts become what viewers know: `fail` a failure whose type is the rule; `error` an error; `skipped` skipped;
//! `known` skipped too, with the type `known-deviation`, because a viewer shows a pass as all well and a failure as
//! news. What belongs to no case (nothing could be judged, the run was interrupted, objects stayed behind) is a case of
//! a suite of its own, so that a file about a run that judged nothing is never an empty, green one.

use std::borrow::Cow;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite, XmlString};

use super::format::{Format, Syntax, View, profile_name};
use super::text;
use crate::outcome::{CaseOutcome, Exit, LeftBehind, ReportedFinding, RunOutcome, TargetInfo, TargetKind, Verdict};
use crate::printable::{escaped_line, without_commands};
use crate::rule::Level;
use crate::secret::Secrets;

pub(super) const FORMAT: Format =
    Format { name: "junit", summary: "for CI systems (JUnit XML)", render, syntax: Syntax::JUnit };

/// The longest sentence, in characters; the whole story stands in the element's text.
const SENTENCE: usize = 600;
/// The longest name or address, in characters.
const NAME: usize = 200;

fn render(outcome: &RunOutcome, view: View) -> String {
    let view = View { color: false, ..view };
    let mut report = Report::new("conformant");
    report.set_time(outcome.elapsed);
    report.add_test_suites(whole(outcome, view));
    for cases in outcome.cases.chunk_by(|one, next| names(one).0 == names(next).0) {
        let mut suite = suite(names(&cases[0]).0, outcome, view);
        suite.set_time(cases.iter().map(|case| case.duration).sum());
        suite.add_test_cases(cases.iter().map(|case| self::case(outcome, case, view)));
        report.add_test_suite(suite);
    }
    let said = text::around_text(outcome, view);
    if let Some(first) = report.test_suites.first_mut().filter(|_| !said.is_empty()) {
        first.set_system_out(said);
    }
    // CI systems print some of it into the log.
    rewrite(&mut report, without_commands);
    written(&report)
}

/// The report as a text. Writing to memory cannot fail; if it did, the file would say so and be red.
fn written(report: &Report) -> String {
    report.to_string().unwrap_or_else(|_| BROKEN.to_owned())
}

/// What is written if a report cannot be.
const BROKEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"conformant\" tests=\"1\" skipped=\"0\" \
    failures=\"0\" errors=\"1\">\n    <testsuite name=\"run\" tests=\"1\" skipped=\"0\" errors=\"1\" failures=\"0\">\n        \
    <testcase name=\"report\"><error message=\"the report could not be written\"/></testcase>\n    </testsuite>\n\
    </testsuites>\n";

/// Masks inside names and values only, so that the text stays XML whatever the credential is.
pub(super) fn masked(text: &str, secrets: &Secrets) -> String {
    let Ok(mut report) = Report::deserialize_from_str(text) else { return BROKEN.to_owned() };
    rewrite(&mut report, |text| secrets.mask_str(text));
    written(&report)
}

/// Writes every name, value and text of a report anew.
fn rewrite(report: &mut Report, write: impl for<'a> Fn(&'a str) -> Cow<'a, str>) {
    let anew = |text: &mut XmlString| {
        if let Cow::Owned(other) = write(text.as_str()) {
            *text = XmlString::new(other);
        }
    };
    let property = |property: &mut Property| anew(&mut property.value);
    for suite in &mut report.test_suites {
        anew(&mut suite.name);
        suite.properties.iter_mut().for_each(property);
        suite.system_out.iter_mut().chain(&mut suite.system_err).for_each(anew);
        for case in &mut suite.test_cases {
            anew(&mut case.name);
            case.classname.iter_mut().chain(&mut case.system_out).for_each(anew);
            case.extra.values_mut().for_each(anew);
            case.properties.iter_mut().for_each(property);
            match &mut case.status {
                TestCaseStatus::Success { .. } => {}
                TestCaseStatus::NonSuccess { message, ty, description, .. }
                | TestCaseStatus::Skipped { message, ty, description } => {
                    message.iter_mut().chain(ty).chain(description).for_each(anew);
                }
            }
        }
    }
}

/// A case's suite and its name in it.
fn names(case: &CaseOutcome) -> (&str, &str) {
    case.id.rsplit_once('/').unwrap_or(("", &case.id))
}

/// A suite without its cases: its name, and what it was run with.
fn suite(name: &str, outcome: &RunOutcome, view: View) -> TestSuite {
    let target = &outcome.target;
    let mut suite = TestSuite::new(format!("{} ({})", escaped_line(name, NAME), called(target)));
    let mut put = |name: &str, value: &str| {
        suite.add_property((name, escaped_line(value, NAME).as_str()));
    };
    put("target", &target.url);
    put("target.kind", if target.kind == TargetKind::Reference { "reference" } else { "remote" });
    if let Some(release) = &target.release {
        put("target.release", release);
    }
    put("target.http", if target.route.http2 { "2" } else { "1.1" });
    if let Some(proxy) = &target.route.proxy {
        put("target.proxy", proxy);
    }
    if target.route.insecure {
        put("target.insecure", "yes");
    }
    if let Some(proxy) = &target.route.proxy {
        put("target.proxy", proxy);
    }
    if target.route.http2 {
        put("target.http", "2");
    }
    if target.route.insecure {
        put("target.insecure", "yes");
    }
    let documents: Vec<_> = if name == RUN {
        outcome.documents.iter().collect()
    } else {
        let of_suite = outcome.cases.iter().find(|case| names(case).0 == name);
        of_suite.and_then(|case| outcome.documents.get(case.document)).into_iter().collect()
    };
    for document in documents {
        put("document.file", &document.file);
        put("document.title", &document.title);
        put("document.version", &document.version);
        put("document.sha256", &document.sha256);
    }
    put("profile", profile_name(outcome.profile));
    put("strict", if view.strict { "yes" } else { "no" });
    suite
}

/// What a target is called. The reference has another port every time, and a suite's name must not change with it:
/// viewers compare runs by it.
fn called(target: &TargetInfo) -> String {
    match (target.kind, &target.release) {
        (TargetKind::Remote, _) => escaped_line(&target.url, NAME),
        (TargetKind::Reference, None) => "embedded reference".to_owned(),
        (TargetKind::Reference, Some(release)) => format!("embedded reference {}", escaped_line(release, NAME)),
    }
}

fn case(outcome: &RunOutcome, case: &CaseOutcome, view: View) -> TestCase {
    let (suite, name) = names(case);
    let reported = reported_finding(case, view.strict);
    // As a person reads it: findings with both their places, requests and answers.
    let said = text::case_text(case, &outcome.documents, view);
    let has_more = text::has_more(case, view);
    let mut made = TestCase::new(escaped_line(name, NAME), status(case, reported, &said));
    if has_more && matches!(made.status, TestCaseStatus::Success { .. }) {
        made.set_system_out(said);
    }
    made.set_classname(escaped_line(suite, NAME));
    made.set_time(case.duration);
    let place = reported.and_then(|found| found.finding.case.as_ref()).unwrap_or(&case.place);
    made.extra.insert("file".into(), escaped_line(place.source.name(), NAME).into());
    made.extra.insert("line".into(), place.line().to_string().into());
    let mut put = |name: &str, value: &str| {
        made.add_property((name, escaped_line(value, NAME).as_str()));
    };
    put("verdict", case.verdict.as_str());
    put("pinned_by", case.pinned_by.as_str());
    put("profile", profile_name(case.profile));
    if case.runs > 1 {
        put("runs", &case.runs.to_string());
    }
    if let Some(ReportedFinding { finding, .. }) = reported {
        put("rule", finding.rule.id);
        put("level", finding.level.as_str());
        put("origin", finding.origin.as_str());
        put("case", &place.to_string());
        if let Some(anchor) = &finding.spec {
            let file = outcome.documents.get(case.document).map_or("", |document| document.file.as_str());
            put("document", &format!("{file}:{}", anchor.line));
            put("pointer", &format!("#{}", anchor.pointer));
        }
    }
    made
}

/// The finding that a case is about in short: what fails it, or what would if it were not known.
fn reported_finding(case: &CaseOutcome, strict: bool) -> Option<&ReportedFinding> {
    let known = case.verdict == Verdict::Known;
    let is_heavy = |found: &&ReportedFinding| found.finding.level == Level::Must && found.covered().is_some() == known;
    let heavy = case.findings.iter().find(is_heavy);
    let light = || case.findings.iter().find(|found| found.fails_strict());
    match case.verdict {
        // A strict run fails by findings of level should, and by known deviations that did not occur.
        Verdict::Pass | Verdict::Known if strict => light().or(heavy),
        Verdict::Fail | Verdict::Known => heavy,
        Verdict::Pass | Verdict::Skipped | Verdict::Error => None,
    }
}

fn status(case: &CaseOutcome, reported: Option<&ReportedFinding>, said: &str) -> TestCaseStatus {
    let message = reported.map(|found| escaped_line(&found.finding.message, SENTENCE)).unwrap_or_default();
    let (mut status, message, kind) = match case.verdict {
        Verdict::Error => {
            let reason = escaped_line(case.reason.as_deref().unwrap_or("it could not be judged"), SENTENCE);
            (TestCaseStatus::non_success(NonSuccessKind::Error), reason, "not-judged")
        }
        Verdict::Skipped => {
            let reason = escaped_line(case.reason.as_deref().unwrap_or("it was not run"), SENTENCE);
            let mut status = TestCaseStatus::skipped();
            status.set_message(reason);
            return status;
        }
        Verdict::Known if reported.is_none_or(|found| found.covered().is_some()) => {
            let reason =
                reported.and_then(ReportedFinding::covered).map_or("no reason given", |known| known.reason.as_str());
            let reason = escaped_line(&format!("known deviation: {reason}"), SENTENCE);
            (TestCaseStatus::skipped(), reason, "known-deviation")
        }
        Verdict::Fail | Verdict::Pass | Verdict::Known => match reported {
            Some(found) => {
                (TestCaseStatus::non_success(NonSuccessKind::Failure), others(case, &message), found.finding.rule.id)
            }
            None if case.verdict == Verdict::Fail => {
                (TestCaseStatus::non_success(NonSuccessKind::Failure), "it failed".to_owned(), "fail")
            }
            None => return TestCaseStatus::success(),
        },
    };
    status.set_message(message);
    status.set_type(kind);
    status.set_description(said);
    status
}

/// A finding's message, and how many more of its weight there are.
fn others(case: &CaseOutcome, message: &str) -> String {
    match case.findings.iter().filter(|found| found.finding.level == Level::Must && found.covered().is_none()).count() {
        0 | 1 => message.to_owned(),
        count => format!("{message} (and {} more)", count - 1),
    }
}

/// The name of the suite that holds what belongs to no case.
const RUN: &str = "the run";

/// What belongs to no case, if there is something.
fn whole(outcome: &RunOutcome, view: View) -> Option<TestSuite> {
    let error = |name: &str, kind: &str, message: &str, said: String| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(escaped_line(message, SENTENCE)).set_type(kind).set_description(said);
        TestCase::new(name, status)
    };
    let mut cases = Vec::new();
    if let Some(trouble) = &outcome.trouble {
        let help = trouble.help.as_deref().map(|help| format!("help: {}", escaped_line(help, SENTENCE)));
        cases.push(error("preflight", "not-judged", &trouble.message, help.unwrap_or_default()));
    }
    if outcome.interrupted {
        let message = "the run was interrupted; what had not ended by then was not judged";
        cases.push(error("interrupted", "interrupted", message, String::new()));
    }
    let counts = outcome.summary();
    if cases.is_empty() && counts.error == 0 && outcome.exit(view.strict) == Exit::NotJudged {
        cases.push(error("judged", "not-judged", "no case was judged: every one was skipped", String::new()));
    }
    if !outcome.left_behind.is_empty() {
        // It changes no verdict, so it is no failure; a viewer shows what is skipped, with its message.
        let mut status = TestCaseStatus::skipped();
        status.set_message(LeftBehind::counted(&outcome.left_behind, " of this run that may still exist"));
        status.set_type("left-behind");
        status.set_description(text::left_behind_text(&outcome.left_behind, view));
        cases.push(TestCase::new("left_behind", status));
    }
    if cases.is_empty() {
        return None;
    }
    for case in &mut cases {
        case.set_classname(RUN);
    }
    let mut suite = suite(RUN, outcome, view);
    suite.add_test_cases(cases);
    Some(suite)
}

#[cfg(test)]
mod tests;
