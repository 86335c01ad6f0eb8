use std::sync::Arc;

use roxmltree::{Document, Node};

use super::*;
use crate::finding::Finding;
use crate::outcome::{KnownStatus, LeftBehind, Transcript, Trouble};
use crate::report::sample::{self, case, failed, found, heavy, light, run, step};

/// What a reader of XML makes of a report; one that is not well-formed, or holds a character that XML forbids, is
/// refused.
fn read<T>(outcome: &RunOutcome, view: View, look: impl FnOnce(&Document<'_>) -> T) -> T {
    let text = render(outcome, view);
    let document = Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(document.root_element().has_tag_name("testsuites"), "{text}");
    look(&document)
}

fn test_case<'a>(document: &'a Document<'_>, name: &str) -> Node<'a, 'a> {
    let mut found = document.descendants().filter(|node| node.has_tag_name("testcase"));
    found.find(|node| node.attribute("name") == Some(name)).unwrap_or_else(|| panic!("no test case {name}"))
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// The properties of a test case or a suite.
fn property<'a>(node: Node<'a, 'a>, name: &str) -> Option<&'a str> {
    let properties = child(node, "properties")?;
    properties.children().find(|child| child.attribute("name") == Some(name))?.attribute("value")
}

fn known() -> CaseOutcome {
    let known = ReportedFinding { known: Some(KnownStatus::Covers(sample::known())), ..found(heavy()) };
    CaseOutcome { findings: vec![known], ..case("things/old", Verdict::Known) }
}

fn with_reason(id: &str, verdict: Verdict, reason: &str) -> CaseOutcome {
    CaseOutcome { reason: Some(reason.to_owned()), ..case(id, verdict) }
}

#[test]
fn every_verdict_becomes_what_viewers_know() {
    let light = CaseOutcome { findings: vec![found(light())], ..case("things/light", Verdict::Pass) };
    let outcome = run(vec![
        case("things/success", Verdict::Pass),
        failed(),
        known(),
        with_reason("things/other", Verdict::Skipped, "OTHER_KEY is not set"),
        with_reason("things/odd", Verdict::Error, "a proxy answered"),
        light,
        case("deep/down/more", Verdict::Pass),
    ]);
    read(&outcome, View::default(), |document| {
        let counts = |node: Node<'_, '_>| {
            ["tests", "failures", "errors", "skipped"].map(|name| node.attribute(name).expect(name).to_owned())
        };
        assert_eq!(counts(document.root_element()), ["7", "1", "1", "2"]);
        let suites: Vec<_> = document.root_element().children().filter(Node::is_element).collect();
        let names: Vec<_> = suites.iter().map(|suite| suite.attribute("name").expect("a name")).collect();
        assert_eq!(names, ["things (http://127.0.0.1:8080)", "deep/down (http://127.0.0.1:8080)"]);
        assert_eq!(counts(suites[0]), ["6", "1", "1", "2"]);
        assert!(!test_case(document, "success").children().any(|child| child.has_tag_name("failure")));
        assert_eq!(property(test_case(document, "success"), "pinned_by"), Some("example"));
        let known = child(test_case(document, "old"), "skipped").expect("no plain pass");
        assert_eq!(known.attribute("type"), Some("known-deviation"));
        assert_eq!(known.attribute("message"), Some("known deviation: ticket 12, fixed in May"));
        assert!(known.text().expect("all of it").contains("example-value (must, document)"), "{known:?}");
        let skipped = child(test_case(document, "other"), "skipped").expect("skipped");
        assert_eq!(skipped.attribute("message"), Some("OTHER_KEY is not set"));
        let error = child(test_case(document, "odd"), "error").expect("an error");
        assert_eq!(error.attribute("message"), Some("a proxy answered"));
        let said = child(test_case(document, "light"), "system-out").and_then(|out| out.text()).expect("what it says");
        assert!(said.contains("body-missing (should, http): no body came"), "{said}");
        assert_eq!(test_case(document, "more").attribute("classname"), Some("deep/down"));
    });
}

#[test]
fn a_failure_names_rule_level_and_both_places() {
    let mut failed = failed();
    failed.findings.insert(1, found(heavy()));
    read(&run(vec![failed]), View::default(), |document| {
        let case = test_case(document, "gone");
        assert_eq!(case.attribute("classname"), Some("things"));
        assert_eq!((case.attribute("file"), case.attribute("line")), (Some("cases/things.yaml"), Some("4")));
        assert_eq!(case.attribute("time"), Some("0.003"));
        for (name, value) in [
            ("verdict", "fail"),
            ("rule", "example-value"),
            ("level", "must"),
            ("origin", "document"),
            ("case", "cases/things.yaml:4:36"),
            ("document", "spec/things.yaml:77"),
            ("pointer", "#/paths/~1things/delete/responses/404"),
        ] {
            assert_eq!(property(case, name), Some(value), "{name}");
        }
        let failure = child(case, "failure").expect("a failure");
        assert_eq!(failure.attribute("type"), Some("example-value"));
        let message = "the value at /code differs from the example's (and 1 more)";
        assert_eq!(failure.attribute("message"), Some(message));
        let text = failure.text().expect("the whole story");
        for part in ["expected: \"not_there\" (string)", "--> cases/things.yaml:4:36", "spec/things.yaml:77", "curl -X"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        let suite = case.parent().expect("its suite");
        for (name, value) in [
            ("target", "http://127.0.0.1:8080"),
            ("target.kind", "remote"),
            ("document.title", "Things"),
            ("document.version", "1.2.0"),
            ("document.sha256", &"0123456789abcdef".repeat(4)),
            ("profile", "extended"),
        ] {
            assert_eq!(property(suite, name), Some(value), "{name}");
        }
    });
}

#[test]
fn a_known_deviation_that_did_not_occur_fails_a_strict_run_here_too() {
    let note = || found(light().level(Level::Note));
    let vanished = ReportedFinding { known: Some(KnownStatus::Vanished(sample::known())), ..note() };
    let expired = ReportedFinding { known: Some(KnownStatus::Expired(sample::known())), ..note() };
    let passing = CaseOutcome { findings: vec![vanished], ..case("things/old", Verdict::Pass) };
    let passing_still = CaseOutcome { findings: vec![expired], ..case("things/older", Verdict::Pass) };
    let outcome = run(vec![passing, passing_still]);
    let failures = |view| {
        read(&outcome, view, |document| {
            ["old", "older"].map(|name| child(test_case(document, name), "failure").is_some())
        })
    };
    assert_eq!(failures(View::default()), [false, false]);
    assert_eq!(failures(View { strict: true, ..View::default() }), [true, false]);
}

#[test]
fn a_finding_of_level_should_fails_a_strict_run_here_too() {
    let passing = CaseOutcome { findings: vec![found(light())], ..case("things/success", Verdict::Pass) };
    read(&run(vec![passing]), View { strict: true, ..View::default() }, |document| {
        let case = test_case(document, "success");
        assert_eq!(child(case, "failure").expect("a failure").attribute("type"), Some("body-missing"));
        assert_eq!(property(case, "level"), Some("should"));
        assert_eq!(property(case, "verdict"), Some("pass"), "the verdict is what it is in every report");
    });
}

#[test]
fn a_run_that_judged_nothing_is_never_an_empty_green_file() {
    let mut trouble = run(Vec::new());
    trouble.trouble = Some(Trouble { message: "nothing listens there".to_owned(), help: Some("start it".to_owned()) });
    read(&trouble, View::default(), |document| {
        assert_eq!(document.root_element().attribute("errors"), Some("1"));
        let error = child(test_case(document, "preflight"), "error").expect("an error");
        assert_eq!(error.attribute("message"), Some("nothing listens there"));
        assert_eq!(error.text(), Some("help: start it"));
        let suite = test_case(document, "preflight").parent().expect("its suite");
        assert_eq!(suite.attribute("name"), Some("the run (http://127.0.0.1:8080)"));
        assert_eq!(property(suite, "document.title"), Some("Things"));
    });
    let skipped = run(vec![with_reason("things/other", Verdict::Skipped, "OTHER_KEY is not set")]);
    read(&skipped, View::default(), |document| {
        let error = child(test_case(document, "judged"), "error").expect("an error");
        assert!(error.attribute("message").is_some_and(|message| message.contains("every one was skipped")));
    });
    let mut interrupted = run(vec![case("things/success", Verdict::Pass)]);
    interrupted.interrupted = true;
    read(&interrupted, View::default(), |document| {
        assert!(child(test_case(document, "interrupted"), "error").is_some());
        assert_eq!(document.root_element().attribute("tests"), Some("2"));
    });
}

#[test]
fn notes_and_what_was_left_behind_are_told() {
    let mut outcome = run(vec![case("things/success", Verdict::Pass)]);
    outcome.notes.push("the clock is slow".to_owned());
    outcome.documents[0].findings.push(light());
    read(&outcome, View::default(), |document| {
        assert_eq!(document.root_element().attribute("tests"), Some("1"), "a note is no test case");
        let suite = test_case(document, "success").parent().expect("its suite");
        let said = child(suite, "system-out").and_then(|out| out.text()).expect("what it says");
        assert!(said.contains("note: the clock is slow") && said.contains("no body came"), "{said}");
    });
    outcome.left_behind.push(LeftBehind {
        state: "thing".to_owned(),
        id: "17".to_owned(),
        user: "u".to_owned(),
        case: "things/gone".to_owned(),
        reason: "it answered 500".to_owned(),
    });
    read(&outcome, View::default(), |document| {
        let left = child(test_case(document, "left_behind"), "skipped").expect("it is seen, and changes no verdict");
        assert_eq!(left.attribute("type"), Some("left-behind"));
        let text = left.text().expect("which");
        assert!(text.contains("thing 17 of user u (for things/gone): it answered 500"), "{text}");
    });
}

#[test]
fn the_reference_is_called_the_same_whatever_its_port() {
    let mut outcome = run(vec![case("things/success", Verdict::Pass)]);
    outcome.target.kind = TargetKind::Reference;
    outcome.target.release = Some("1.8.0".to_owned());
    read(&outcome, View::default(), |document| {
        let suite = test_case(document, "success").parent().expect("its suite");
        assert_eq!(suite.attribute("name"), Some("things (embedded reference 1.8.0)"));
        assert_eq!(property(suite, "target.release"), Some("1.8.0"));
    });
}

#[test]
fn the_way_to_the_target_is_told() {
    let mut outcome = run(vec![case("things/success", Verdict::Pass)]);
    let way = |outcome: &RunOutcome| {
        read(outcome, View::default(), |document| {
            let suite = test_case(document, "success").parent().expect("its suite");
            ["http", "proxy", "insecure"].map(|name| property(suite, &format!("target.{name}")).map(str::to_owned))
        })
    };
    assert_eq!(way(&outcome), [Some("1.1".to_owned()), None, None]);
    outcome.target.route.http2 = true;
    outcome.target.route.insecure = true;
    outcome.target.route.proxy = Some("http://proxy.test:3128".to_owned());
    assert_eq!(way(&outcome), ["2", "http://proxy.test:3128", "yes"].map(|value| Some(value.to_owned())));
}

#[test]
fn a_case_that_ran_often_is_one_test_case() {
    let mut often = failed();
    often.runs = 20;
    read(&run(vec![often]), View::default(), |document| {
        assert_eq!(document.root_element().attribute("tests"), Some("1"));
        assert_eq!(property(test_case(document, "gone"), "runs"), Some("20"));
    });
}

#[test]
fn what_a_server_sent_cannot_break_the_file() {
    let hostile = "\0\u{1}\u{fffe}\u{ffff}]]> <!-- &amp; \"quoted\" 'too' \x1b[31mred\x1b[0m \u{9b}\u{85}\u{2028}\r\n\t</testcase> 会";
    let bad = CaseOutcome {
        about: Some(hostile.to_owned()),
        notes: vec![hostile.to_owned()],
        findings: vec![found(Finding::new(heavy().rule, hostile).compared(hostile, hostile).advice(hostile).step(0))],
        transcript: Some(Arc::new(Transcript { steps: vec![step("request", hostile.as_bytes())] })),
        ..failed()
    };
    let mut outcome = run(vec![
        bad,
        with_reason("things/odd", Verdict::Error, hostile),
        with_reason("things/other", Verdict::Skipped, hostile),
        case(hostile, Verdict::Pass),
    ]);
    outcome.notes.push(hostile.to_owned());
    outcome.target.url = hostile.to_owned();
    outcome.documents[0].title = hostile.to_owned();
    for verbose in 0..=2 {
        read(&outcome, View { verbose, ..View::default() }, |document| {
            let failure = child(test_case(document, "gone"), "failure").expect("a failure");
            let message = failure.attribute("message").expect("a message");
            assert!(message.contains(r"\x00\x01\u{fffe}\u{ffff}]]> <!-- &amp;") && message.contains('会'), "{message}");
            assert!(message.contains(r"\x1b[31mred"), "what came is shown, not dropped: {message}");
        });
    }
}

#[test]
fn what_could_not_be_written_is_red() {
    let document = Document::parse(BROKEN).expect("well-formed");
    assert_eq!(document.root_element().attribute("errors"), Some("1"));
    assert_eq!(Report::deserialize_from_str(BROKEN).map(|report| report.errors).ok(), Some(1));
}
