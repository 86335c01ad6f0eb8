use std::sync::Arc;
use std::time::Duration;

use super::parts::whole as render;
use crate::exchange::Protocol;
use crate::finding::Finding;
use crate::outcome::{
    CaseOutcome, Counts, KnownStatus, LeftBehind, PinnedBy, ReportedFinding, RerunWord, RunOutcome, TargetKind,
    Transcript, TranscriptStep, Trouble, Verdict,
};
use crate::report::format::View;

use crate::report::sample::{case, failed, found, heavy, known, light, run, step};
use crate::rule::Level;

fn plain(outcome: &RunOutcome) -> String {
    render(outcome, View::default())
}

#[test]
fn a_failure_is_readable() {
    let outcome = run(vec![case("things/success", Verdict::Pass), failed()]);
    assert_eq!(
        plain(&outcome),
        r#"target: http://127.0.0.1:8080
document: Things 1.2.0, spec/things.yaml, sha256 0123456789ab
profile: extended

FAIL  things/gone  It is gone.
  example-value (must, document): the value at /code differs from the example's
    expected: "not_there" (string)
    actual:   17 (number)
    --> cases/things.yaml:4:36
        4 |     expect: {status: 404, example: not_there}
          |                                    ^^^^^^^^^
    spec: spec/things.yaml:77  #/paths/~1things/delete/responses/404
    help: answer with the documented code
    more: conformant explain example-value
  body-missing (should, http): no body came
    expected a body, got nothing
    --> spec/things.yaml:12
  request:
    curl -X DELETE -H 'Authorization: Bearer ****' 'http://127.0.0.1:8080/things/request'
  response (71 bytes after 1.5 ms):
    < HTTP/1.1 404 NOT FOUND
    < Content-Type: application/json
    <
    < {"code": 17}

  pass  things/success  checked against an example     3.1 ms
  FAIL  things/gone     checked against an example     3.1 ms

2 cases in 120.0 ms: 1 pass, 1 fail; 1 finding of level should
does not conform
next: run one case alone, and show its requests and responses: conformant run --base-url http://127.0.0.1:8080 -v things/gone
"#
    );
}

#[test]
fn all_well_is_short() {
    let mut outcome = run(vec![case("things/success", Verdict::Pass)]);
    outcome.target.kind = TargetKind::Reference;
    assert_eq!(
        plain(&outcome),
        "target: the embedded reference server (no API_BASE_URL set), http://127.0.0.1:8080\n\
         document: Things 1.2.0, spec/things.yaml, sha256 0123456789ab\nprofile: extended\n\n  \
         pass  things/success  checked against an example     3.1 ms\n\n1 case in 120.0 ms: 1 pass\nconforms\n"
    );
}

#[test]
fn a_release_that_was_picked_stands_in_the_first_line_and_in_the_next_command() {
    let mut outcome = run(vec![failed()]);
    outcome.target.kind = TargetKind::Reference;
    outcome.target.release = Some("1.8.0".to_owned());
    let text = plain(&outcome);
    let first = "target: the embedded reference server, release 1.8.0 (no API_BASE_URL set), http://127.0.0.1:8080\n";
    assert!(text.starts_with(first), "{text}");
    assert!(text.ends_with("conformant run --release 1.8.0 -v things/gone\n"), "{text}");
}

#[test]
fn the_next_command_says_again_what_the_run_was_told() {
    let mut outcome = run(vec![failed()]);
    let word = |text: &str| RerunWord::Word(text.to_owned());
    let secret = |name: &str| RerunWord::SecretField(name.to_owned());
    outcome.rerun.words = vec![word("--cases"), word("my cases, 'all' of $them"), word("--insecure"), word("")];
    outcome.rerun.words.extend([
        word("--header"),
        word("X-Team: a"),
        word("--header"),
        secret("X-Gate$way"),
        secret("9-x"),
    ]);
    let text = plain(&outcome);
    let next = r#"conformant run --base-url http://127.0.0.1:8080 --cases 'my cases, '\''all'\'' of $them' --insecure '' --header 'X-Team: a' --header 'X-Gate$way: '"${X_GATE_WAY:?}" '9-x: '"${_9_X:?}" -v things/gone
"#;
    assert!(text.ends_with(next), "{text}");
}

#[test]
fn the_next_command_is_about_the_first_of_the_weightiest_cases_and_finds_it_again() {
    let next = |cases: Vec<CaseOutcome>| {
        let text = render(&run(cases), View { strict: true, ..View::default() });
        let last = text.lines().last().and_then(|line| line.split_once("http://127.0.0.1:8080 "));
        last.unwrap_or_else(|| panic!("{text}")).1.to_owned()
    };
    let light = |id: &str| CaseOutcome { findings: vec![found(light())], ..case(id, Verdict::Pass) };
    let (one, two) = (case("things/one", Verdict::Fail), case("things/two", Verdict::Fail));
    assert_eq!(next(vec![light("things/a"), one, two]), "-v things/one");
    let cases = ["a", "b", "c", "d"].into_iter();
    let verdicts = [Verdict::Pass, Verdict::Fail, Verdict::Error, Verdict::Error];
    assert_eq!(next(cases.zip(verdicts).map(|(id, verdict)| case(id, verdict)).collect()), "-v c");
    assert_eq!(next(vec![case("a", Verdict::Pass), light("b"), light("c")]), "--strict -v b");
    // What came in only some of the runs may not come in one.
    let counts = Counts { fail: 2, pass: 18, ..Counts::default() };
    let flaky = CaseOutcome { runs: 20, counts, ..case("my things/one", Verdict::Fail) };
    assert_eq!(next(vec![flaky]), "--repeat 20 -v 'my things/one'");
    let counts = Counts { fail: 20, ..Counts::default() };
    let always = CaseOutcome { runs: 20, counts, ..case("-things/one", Verdict::Fail) };
    assert_eq!(next(vec![always]), "-v -- -things/one");
    let counts = Counts { pass: 20, ..Counts::default() };
    let sometimes = CaseOutcome { runs: 20, counts, ..light("b") };
    assert_eq!(next(vec![sometimes]), "--strict --repeat 20 -v b");
}

#[test]
fn a_case_that_asserted_nothing_is_no_plain_pass() {
    for (by, words) in [
        (PinnedBy::Nothing, "checked against nothing in the document"),
        (PinnedBy::NoResponse, "checked against nothing in the document"),
        (PinnedBy::Undocumented, "checked against nothing in the document"),
        (PinnedBy::Status, "checked against the status alone"),
    ] {
        let text = plain(&run(vec![CaseOutcome { pinned_by: by, ..case("things/odd", Verdict::Pass) }]));
        assert!(text.contains(&format!("  weak  things/odd  {words}")), "{text}");
        assert!(!text.contains("pass  things/odd"), "{text}");
        assert!(text.contains("1 pass (1 weak: no body was checked against the document)"), "{text}");
    }
}

#[test]
fn a_row_of_a_failing_case_says_why_nothing_was_checked_against_the_document() {
    for verdict in [Verdict::Fail, Verdict::Known] {
        for (by, words) in [
            (PinnedBy::Nothing, "checked against nothing in the document"),
            (PinnedBy::NoResponse, "no response came that can be checked"),
            (PinnedBy::Undocumented, "its response is not in the document"),
            (PinnedBy::Status, "checked against the status alone"),
            (PinnedBy::Bodiless, "checked against a status without a body"),
        ] {
            let one = CaseOutcome { pinned_by: by, ..case("things/odd", verdict) };
            let text = plain(&run(vec![one.clone()]));
            assert!(text.contains(&format!("things/odd  {words} ")), "{text}");
            let counts = Counts { pass: 1, fail: 1, ..Counts::default() };
            let text = plain(&run(vec![CaseOutcome { runs: 2, counts, ..one }]));
            let of_some = matches!(by, PinnedBy::NoResponse | PinnedBy::Undocumented);
            assert_eq!(text.contains(&format!("things/odd  in some runs {words} ")), of_some, "{text}");
        }
    }
}

#[test]
fn what_is_said_about_a_response_stands_above_the_response() {
    let shown = |step: TranscriptStep| {
        let transcript = Some(Arc::new(Transcript { steps: vec![step] }));
        plain(&run(vec![CaseOutcome { transcript, ..case("things/gone", Verdict::Error) }]))
    };
    let answer = b"HTTP/1.1 200 OK\r\n\r\n";
    for (protocol, form) in [
        (Protocol::Http1, ""),
        (Protocol::Http2, ", as read from the frames of HTTP/2"),
        (Protocol::Library, ", as parsed by the HTTP client reqwest"),
    ] {
        let text = shown(TranscriptStep { protocol, ..step("making mine", answer) });
        let head = format!("/making mine'\n  response (19 bytes after 1.5 ms{form}):\n    < HTTP/1.1 200 OK\n");
        assert!(text.contains("  making mine:\n    curl ") && text.contains(&head), "{text}");
    }
    let end = Some("the server closed the connection".to_owned());
    let text = shown(TranscriptStep { end: end.clone(), ..step("is mine there?", b"") });
    assert!(text.contains("  is mine there?\n    curl "), "{text}");
    assert!(text.contains("\n  no response after 1.5 ms: the server closed the connection\n"), "{text}");
    let text = shown(TranscriptStep { end, ..step("request", b"HTTP/1.1 20") });
    assert!(text.contains("\n    the response was not read to its end: the server closed the connection\n"), "{text}");
}

#[test]
fn a_set_up_request_that_failed_several_cases_is_shown_once() {
    let error = |id: &str, step: &TranscriptStep| CaseOutcome {
        transcript: Some(Arc::new(Transcript { steps: vec![step.clone()] })),
        duration: Duration::ZERO,
        ..case(id, Verdict::Error)
    };
    let failed = step("making an object", b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let other = TranscriptStep { elapsed: Duration::from_micros(1_501), ..failed.clone() };
    let cases = vec![error("things/a", &failed), error("things/b", &failed), error("things/c", &other)];
    let text = plain(&run(cases));
    assert_eq!(text.matches("    curl ").count(), 2, "{text}");
    let same = "\nERROR things/b\n  making an object: the same request and response as in things/a, above\n";
    assert!(text.contains(same), "{text}");
    assert!(!text.contains("   0.0 ms"), "a case that sent nothing took no time worth a figure: {text}");
}

#[test]
fn an_error_names_its_reason_and_shows_what_came_last() {
    let mut error = case("things/gone", Verdict::Error);
    error.reason = Some("a proxy answered in the API's place: 502 Bad Gateway".to_owned());
    let steps =
        vec![step("request", b"HTTP/1.1 502 Bad Gateway\r\n\r\n"), step("making mine", b"HTTP/1.1 200 OK\r\n\r\n")];
    error.transcript = Some(Arc::new(Transcript { steps }));
    let text = plain(&run(vec![error]));
    assert!(text.contains("  ERROR things/gone  a proxy answered in the API's place"), "{text}");
    assert!(text.contains("could not be judged: a proxy answered"), "{text}");
    assert!(text.contains("< HTTP/1.1 502 Bad Gateway") && !text.contains("200 OK"), "{text}");
    assert!(text.ends_with(
        "\n1 case in 120.0 ms: 1 error\ncould not be judged\n\
         next: correct the errors first, then run one case alone: conformant run --base-url http://127.0.0.1:8080 -v things/gone\n"
    ));
}

#[test]
fn the_last_line_tells_of_failures_beside_what_could_not_be_judged() {
    let failing = || CaseOutcome { findings: vec![found(heavy())], ..case("things/success", Verdict::Fail) };
    let error = || CaseOutcome { reason: Some("no response".to_owned()), ..case("things/gone", Verdict::Error) };
    for (cases, said) in [
        (
            vec![failing(), error(), failing(), failing()],
            "\n3 failed, 1 could not be judged\nnext: correct the errors first",
        ),
        (vec![failing(), error(), error()], "\n1 failed, 2 could not be judged\n"),
        (vec![error()], "\ncould not be judged\n"),
        (vec![failing()], "\ndoes not conform\n"),
    ] {
        let text = plain(&run(cases));
        assert!(text.contains(said), "{text}");
    }
    let warned = CaseOutcome { findings: vec![found(light())], ..case("things/success", Verdict::Pass) };
    let outcome = run(vec![warned, error()]);
    let strict = render(&outcome, View { strict: true, ..View::default() });
    assert!(
        strict.contains("\ndoes not conform under --strict: 1 finding of level should; 1 could not be judged\n"),
        "{strict}"
    );
    assert!(plain(&outcome).contains("\ncould not be judged\n"));
}

#[test]
fn skipped_cases_say_why_and_alone_are_no_result() {
    let mut skipped = case("things/other", Verdict::Skipped);
    skipped.reason = Some("OTHER_KEY is not set".to_owned());
    skipped.runs = 0;
    let text = plain(&run(vec![skipped]));
    assert!(text.contains("  skip  things/other  OTHER_KEY is not set\n"), "{text}");
    assert!(text.contains("could not be judged\nnext: every case was skipped"), "{text}");
}

#[test]
fn a_run_that_never_began_says_what_to_do() {
    let mut outcome = run(Vec::new());
    outcome.trouble =
        Some(Trouble { message: "nothing listens there".to_owned(), help: Some("start the server".to_owned()) });
    let text = plain(&outcome);
    assert!(text.contains("\ncould not judge: nothing listens there\n  help: start the server\n"), "{text}");
    assert!(text.ends_with("0 cases in 120.0 ms\ncould not be judged\n"), "{text}");
}

#[test]
fn should_shows_in_short_and_fails_only_when_strict() {
    let passing = CaseOutcome { findings: vec![found(light())], ..case("things/success", Verdict::Pass) };
    let outcome = run(vec![passing]);
    let text = plain(&outcome);
    assert!(text.contains("  body-missing (should, http): no body came\n    expected a body, got nothing\n"), "{text}");
    assert!(text.ends_with("conforms\n"), "{text}");
    let strict = render(&outcome, View { strict: true, ..View::default() });
    for part in [
        "\nFAIL  things/success\n  fails only by --strict: 1 finding of level should\n",
        "    expected: a body\n    actual:   nothing\n",
        "    more: conformant explain body-missing\n",
        "\n  FAIL  things/success  ",
        "  fails only by --strict\n",
        ": 1 fail (1 only by --strict); 1 finding of level should\n",
    ] {
        assert!(strict.contains(part), "{part}: {strict}");
    }
    let alone = render(&outcome, View { strict: true, verbose: 1, ..View::default() });
    assert!(!alone.contains("next:"), "this is that run: {alone}");
    assert!(
        strict.ends_with(
            "does not conform under --strict: 1 finding of level should\n\
             next: run one case alone, and show its requests and responses: conformant run --base-url http://127.0.0.1:8080 \
             --strict -v things/success\n"
        ),
        "{strict}"
    );
}

#[test]
fn a_known_deviation_says_so_in_short() {
    let covered = ReportedFinding { known: Some(KnownStatus::Covers(known())), ..found(heavy()) };
    let transcript = failed().transcript;
    let outcome = run(vec![CaseOutcome { findings: vec![covered], transcript, ..case("things/gone", Verdict::Known) }]);
    let text = plain(&outcome);
    let shown = r#"
known things/gone
  example-value (must, document): the value at /code differs from the example's
    expected "not_there" (string), got 17 (number)
    --> cases/things.yaml:4:36  spec/things.yaml:77
    known deviation: ticket 12, fixed in May
      until 2026-05-31, https://example.com/12
      --> cases/known_deviations.yaml:1:9

  known things/gone  checked against an example     3.1 ms

1 case in 120.0 ms: 1 known
conforms
"#;
    assert!(text.ends_with(shown), "{text}");
    let strict = render(&outcome, View { strict: true, ..View::default() });
    assert!(strict.ends_with("1 known\nconforms\n"), "{strict}");
}

#[test]
fn a_known_deviation_that_did_not_come_is_told_without_being_asked_for() {
    let place = known().place.clone();
    let note = Finding { spec: None, expected: None, ..light().level(Level::Note).case(place).advice("look again") };
    let about = |known| CaseOutcome {
        findings: vec![ReportedFinding { known: Some(known), ..found(note.clone()) }],
        ..case("things/gone", Verdict::Pass)
    };
    let (vanished, expired) =
        (run(vec![about(KnownStatus::Vanished(known()))]), run(vec![about(KnownStatus::Expired(known()))]));
    let shown = "  body-missing (note, http): no body came\n    --> cases/known_deviations.yaml:1:9\n    \
                 listed as known: ticket 12, fixed in May\n      until 2026-05-31, https://example.com/12\n    \
                 help: look again\n";
    for outcome in [&vanished, &expired] {
        let text = plain(outcome);
        assert!(text.contains(shown) && text.ends_with("1 pass\nconforms\n"), "{text}");
    }
    let strict = |outcome| render(outcome, View { strict: true, ..View::default() });
    let told = "does not conform under --strict: 1 known deviation that did not occur as recorded\n";
    assert!(
        strict(&vanished).contains(told) && strict(&expired).ends_with("1 pass\nconforms\n"),
        "{}",
        strict(&expired)
    );
}

#[test]
fn cases_stand_in_the_order_in_which_they_ended_and_the_table_in_that_of_the_files() {
    let noted = |id: &str, verdict| CaseOutcome { findings: vec![found(light())], ..case(id, verdict) };
    let cases = vec![noted("things/a", Verdict::Error), failed(), noted("things/b", Verdict::Pass)];
    let text = plain(&RunOutcome { ended: vec![1, 2, 0], ..run(cases) });
    let at = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} in {text}"));
    let blocks = ["\nFAIL  things/gone", "\npass  things/b", "\nERROR things/a"];
    let table = ["\n  ERROR things/a", "\n  FAIL  things/gone", "\n  pass  things/b"];
    let places: Vec<usize> = blocks.into_iter().chain(table).map(at).collect();
    assert!(places.is_sorted(), "{places:?}: {text}");
}

#[test]
fn repetitions_are_counted() {
    let mut flaky = failed();
    flaky.runs = 20;
    flaky.counts = Counts { pass: 17, fail: 2, error: 1, ..Counts::default() };
    flaky.findings[0].count = 2;
    let text = plain(&run(vec![flaky]));
    assert!(text.contains("checked against an example     3.1 ms  17 of 20 pass, 2 fail, 1 error\n"), "{text}");
    assert!(text.contains("    in 2 of 20 runs\n"), "{text}");
}

#[test]
fn what_a_server_sent_can_neither_steer_the_terminal_nor_forge_a_line() {
    let hostile = "\x1b[2J\u{202e}\r\nFAIL  forged/line";
    let mut bad = failed();
    bad.reason = Some(hostile.to_owned());
    bad.about = Some(hostile.to_owned());
    bad.notes.push(hostile.to_owned());
    bad.findings = vec![found(Finding::new(heavy().rule, hostile).compared(hostile, hostile).advice(hostile).step(0))];
    bad.transcript = Some(Arc::new(Transcript { steps: vec![step("request", hostile.as_bytes())] }));
    let mut outcome = run(vec![bad]);
    outcome.notes.push(hostile.to_owned());
    outcome.left_behind.push(LeftBehind {
        state: "thing".to_owned(),
        id: hostile.to_owned(),
        user: "u".to_owned(),
        case: "things/gone".to_owned(),
        reason: hostile.to_owned(),
    });
    for verbose in 0..=2 {
        let text = render(&outcome, View { verbose, ..View::default() });
        assert!(!text.contains(['\x1b', '\u{202e}', '\r']), "{text:?}");
        assert!(!text.lines().any(|line| line.starts_with("FAIL  forged")), "{text}");
    }
}

#[test]
fn size_is_bounded_whatever_came() {
    let huge = "x".repeat(20_000);
    let mut bad = failed();
    let finding = || Finding::new(heavy().rule, &huge).compared(&huge, &huge).step(0);
    bad.findings = (0..100).map(|_| found(finding())).collect();
    let answer = format!("{}{huge}", "line\n".repeat(10_000));
    let mut step = step("request", answer.as_bytes());
    step.answer_size = 9_999_999;
    bad.transcript = Some(Arc::new(Transcript { steps: vec![step] }));
    let text = plain(&run(vec![bad]));
    assert!(text.len() < 64 * 1024, "{}", text.len());
    assert!(text.lines().all(|line| line.chars().count() < 1000), "{text}");
    assert!(text.contains("… and 88 more") && text.contains("more lines") && text.contains("more, not kept"), "{text}");
}

#[test]
fn verbose_shows_what_passing_cases_sent_and_got() {
    let mut passing = case("things/success", Verdict::Pass);
    passing.transcript =
        Some(Arc::new(Transcript { steps: vec![step("request", b"HTTP/1.1 204 NO CONTENT\r\n\r\n")] }));
    let outcome = run(vec![passing]);
    assert!(!plain(&outcome).contains("curl"));
    let once = render(&outcome, View { verbose: 1, ..View::default() });
    assert!(
        once.contains("    > DELETE /things/request HTTP/1.1\n    > Authorization: Bearer ****\n    >\n"),
        "{once}"
    );
    assert!(once.contains("    < HTTP/1.1 204 NO CONTENT\n"), "{once}");
    let twice = render(&outcome, View { verbose: 2, ..View::default() });
    assert!(twice.contains("    < HTTP/1.1 204 NO CONTENT\\r\\n\n    < \\r\\n\n"), "{twice}");
}

#[test]
fn colours_are_only_there_when_asked_for() {
    let outcome = run(vec![case("things/success", Verdict::Pass), failed()]);
    let colored = render(&outcome, View { color: true, ..View::default() });
    assert!(colored.contains("\x1b[32mpass \x1b[0m") && colored.contains("\x1b[1;31mFAIL \x1b[0m"), "{colored:?}");
    let mut stripped = String::new();
    let mut rest = colored.as_str();
    while let Some(at) = rest.find('\x1b') {
        stripped.push_str(&rest[..at]);
        rest = &rest[at + rest[at..].find('m').expect("a colour ends with m") + 1..];
    }
    assert_eq!(stripped + rest, plain(&outcome), "colour changes nothing else");
}

#[test]
fn findings_of_the_document_and_notes_are_said_once() {
    let mut outcome = run(vec![case("things/success", Verdict::Pass)]);
    outcome.documents[0].findings.push(light());
    outcome.notes.push("the keys are not sent to the reference".to_owned());
    outcome.interrupted = true;
    let text = plain(&outcome);
    assert!(text.contains("\nthe document spec/things.yaml\n  body-missing (should, http): no body came\n"), "{text}");
    assert!(text.contains("\nnote: the keys are not sent to the reference\n"), "{text}");
    assert!(text.ends_with("interrupted, and every case was judged\n"), "{text}");
}

#[test]
fn an_interrupted_run_says_how_many_cases_were_judged() {
    let last = |verdicts: &[Verdict]| {
        let mut outcome = run(verdicts.iter().map(|verdict| case("things/one", *verdict)).collect());
        outcome.interrupted = true;
        plain(&outcome).lines().last().unwrap_or_default().to_owned()
    };
    let all = [Verdict::Pass, Verdict::Fail, Verdict::Known, Verdict::Skipped, Verdict::Skipped, Verdict::Error];
    assert_eq!(last(&all), "interrupted: 3 of 6 cases were judged, 3 were not");
    assert_eq!(last(&all[3..5]), "interrupted: none of 2 cases was judged");
    assert_eq!(last(&[]), "interrupted before any case began");
}

#[test]
fn ten_thousand_cases_are_read_in_a_moment() {
    let reason =
        |id: &str, verdict, reason: &str| CaseOutcome { reason: Some(reason.to_owned()), runs: 0, ..case(id, verdict) };
    let cases = (0..10_000).map(|number| {
        let id = format!("things/number_{number}");
        match number {
            0..9_000 => case(&id, Verdict::Pass),
            9_000..9_400 => CaseOutcome { id, ..failed() },
            9_400..9_401 => CaseOutcome { pinned_by: PinnedBy::Status, ..case(&id, Verdict::Pass) },
            9_401..9_900 => reason(&id, Verdict::Skipped, "stopped after the first failure (--fail-fast)"),
            _ => reason(&id, Verdict::Skipped, "OTHER_KEY is not set"),
        }
    });
    let outcome = run(cases.collect());
    let text = plain(&outcome);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() < 2_000, "{} lines", lines.len());
    assert_eq!(lines.iter().filter(|line| line.starts_with("  FAIL ")).count(), 100);
    assert_eq!(lines.iter().filter(|line| line.starts_with("FAIL ")).count(), 50);
    for line in [
        "  weak  things/number_9400  checked against the status alone     3.1 ms",
        "  … 9000 pass; `-v` lists them",
        "  … 300 more: fail; `-v` lists them",
        "  … 499 skipped: stopped after the first failure (--fail-fast)",
        "  … 100 skipped: OTHER_KEY is not set",
        "… 350 more cases: fail",
        "  350 example-value; `-v` or `--report json=FILE` has them all",
        "10000 cases in 120.0 ms: 9001 pass (1 weak: no body was checked against the document), 599 skipped, 400 fail; \
         400 findings of level should",
    ] {
        assert!(lines.contains(&line), "no line {line:?} in\n{text}");
    }
    let all = render(&outcome, View { verbose: 1, ..View::default() });
    assert!(all.contains("  pass  things/number_17 ") && all.matches("\nFAIL  things/").count() == 400);
}

#[test]
fn the_last_lines_say_what_was_left_behind() {
    let mut outcome = run(vec![case("things/success", Verdict::Pass)]);
    outcome.left_behind.push(LeftBehind {
        state: "thing".to_owned(),
        id: "17".to_owned(),
        user: "u".to_owned(),
        case: "things/success".to_owned(),
        reason: "it answered 500".to_owned(),
    });
    let text = plain(&outcome);
    assert!(text.contains("\nleft behind: 1 object of this run that may still exist\n"), "{text}");
    assert!(text.ends_with("1 case in 120.0 ms: 1 pass; 1 object left behind\nconforms\n"), "{text}");
    let unknown = LeftBehind { id: String::new(), ..outcome.left_behind[0].clone() };
    outcome.left_behind.extend([unknown.clone(), unknown]);
    let text = plain(&outcome);
    let heading = "\nleft behind: 1 object of this run that may still exist, 2 creations whose result is unknown\n";
    assert!(text.contains(heading), "{text}");
    assert!(text.contains("; 1 object left behind, 2 creations whose result is unknown\n"), "{text}");
}
