use serde_json::Value;

use super::*;
use crate::outcome::{KnownStatus, LeftBehind, Trouble, Verdict};
use crate::report::sample::{self, case, failed, found, heavy, light, run};

fn read(outcome: &RunOutcome) -> Value {
    serde_json::from_str(&render(outcome, View::default())).expect("the report is JSON")
}

/// Everything that a report can hold, in one outcome.
fn rich() -> RunOutcome {
    let known = ReportedFinding { known: Some(KnownStatus::Covers(sample::known())), ..found(heavy()) };
    let note = light().level(crate::rule::Level::Note);
    let vanished = ReportedFinding { known: Some(KnownStatus::Vanished(sample::known())), ..found(note) };
    let mut skipped = case("things/other", Verdict::Skipped);
    skipped.reason = Some("OTHER_KEY is not set".to_owned());
    let cases = vec![
        case("things/success", Verdict::Pass),
        failed(),
        CaseOutcome {
            findings: vec![known, vanished],
            notes: vec!["asked twice".to_owned()],
            ..case("things/old", Verdict::Known)
        },
        skipped,
    ];
    let mut outcome = run(cases);
    outcome.documents[0].findings.push(light());
    outcome.documents.push(DocumentInfo { file: "spec/more.yaml".to_owned(), ..outcome.documents[0].clone() });
    outcome.notes.push("a note".to_owned());
    outcome.trouble = Some(Trouble { message: "late".to_owned(), help: None });
    outcome.left_behind.push(LeftBehind {
        state: "thing".to_owned(),
        id: "17".to_owned(),
        user: "u".to_owned(),
        case: "things/gone".to_owned(),
        reason: "it answered 500".to_owned(),
    });
    outcome
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../docs/report.schema.json")).expect("the schema is JSON")
}

#[test]
fn every_report_fits_the_published_schema() {
    jsonschema::meta::validate(&schema()).expect("the schema is a schema");
    let validator = jsonschema::validator_for(&schema()).expect("the schema compiles");
    let mut bare = run(Vec::new());
    bare.documents.clear();
    bare.target.release = Some("1.8.0".to_owned());
    for outcome in [rich(), run(vec![case("things/success", Verdict::Pass)]), bare] {
        let report = read(&outcome);
        let errors: Vec<String> =
            validator.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, [""; 0], "{report:#}");
    }
}

#[test]
fn the_schema_is_not_a_blank_cheque() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema compiles");
    let good = read(&rich());
    let breaks: [(&str, Value); 8] = [
        ("/schema", json!("conformant.report/2")),
        ("/target/kind", json!("mock")),
        ("/summary/pass", json!("1")),
        ("/cases/1/verdict", json!("failed")),
        ("/cases/1/findings/0/level", json!("error")),
        ("/cases/1/findings/0/spec", json!({"pointer": "/paths"})),
        ("/cases/1/pinned_by", json!(null)),
        ("/left_behind/0", json!({})),
    ];
    for (pointer, value) in breaks {
        let mut report = good.clone();
        *report.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is in the report")) = value;
        assert!(!validator.is_valid(&report), "{pointer}");
    }
    for member in ["schema", "target", "document", "summary", "left_behind", "cases"] {
        let mut report = good.clone();
        report.as_object_mut().expect("an object").remove(member);
        assert!(!validator.is_valid(&report), "{member} is required");
    }
    for member in ["rule", "level", "origin", "known", "message", "expected", "actual", "count", "spec", "case"] {
        let mut report = good.clone();
        let finding = report.pointer_mut("/cases/1/findings/0").and_then(Value::as_object_mut).expect("a finding");
        finding.remove(member);
        assert!(!validator.is_valid(&report), "{member} is required");
    }
}

#[test]
fn a_case_and_its_finding_say_what_scripts_look_for() {
    let report = read(&rich());
    assert_eq!(report["schema"], "conformant.report/1");
    assert_eq!(
        report["target"],
        json!({"url": "http://127.0.0.1:8080", "kind": "remote", "release": null, "proxy": null, "insecure": false, "http": "1.1"})
    );
    assert_eq!(report["document"]["sha256"], "0123456789abcdef".repeat(4));
    assert_eq!(report["more_documents"][0]["file"], "spec/more.yaml");
    assert_eq!(report["summary"], json!({"pass": 1, "fail": 1, "known": 1, "skipped": 1, "error": 0}));
    assert_eq!(report["rules"]["example-value"]["clause"], "OpenAPI 3.0 Example Object");
    let case = &report["cases"][1];
    assert_eq!(
        (&case["id"], &case["verdict"], &case["pinned_by"]),
        (&json!("things/gone"), &json!("fail"), &json!("example"))
    );
    assert_eq!((&case["runs"], &case["duration_ms"], &case["profile"]), (&json!(1), &json!(3.1), &json!("core")));
    assert_eq!(
        case["findings"][0],
        json!({
            "rule": "example-value",
            "level": "must",
            "origin": "document",
            "known": null,
            "message": "the value at /code differs from the example's",
            "expected": "\"not_there\" (string)",
            "actual": "17 (number)",
            "count": 1,
            "spec": {"pointer": "/paths/~1things/delete/responses/404", "line": 77, "file": "spec/things.yaml"},
            "case": {"file": "cases/things.yaml", "line": 4, "column": 36},
            "advice": "answer with the documented code",
            "step": 1,
            "known_deviation": null,
        })
    );
    assert_eq!(case["transcript"][1]["role"], "request");
    assert_eq!(report["cases"][2]["findings"][0]["known"], "ticket 12, fixed in May");
    assert_eq!(
        report["cases"][2]["findings"][0]["known_deviation"],
        json!({
            "reason": "ticket 12, fixed in May",
            "link": "https://example.com/12",
            "until": "2026-05-31",
            "place": {"file": "cases/known_deviations.yaml", "line": 1, "column": 9},
        })
    );
    let note = &report["cases"][2]["findings"][1];
    assert_eq!((&note["known"], &note["known_deviation"]["until"]), (&Value::Null, &json!("2026-05-31")));
    assert_eq!(report["cases"][3]["reason"], "OTHER_KEY is not set");
}

#[test]
fn hostile_text_leaves_it_json_and_bounded() {
    let mut bad = failed();
    let huge = "\u{0}\x1b\"\\\u{2028}".repeat(2_000);
    bad.findings = (0..300).map(|_| found(heavy().compared(huge.clone(), "x"))).collect();
    let report = read(&run(vec![bad]));
    assert_eq!(report["cases"][0]["findings"].as_array().map(Vec::len), Some(200));
    assert_eq!(report["cases"][0]["findings_omitted"], 100);
    let expected = report["cases"][0]["findings"][0]["expected"].as_str().expect("a string");
    assert!(expected.len() < 5_000 && expected.ends_with('…'));
}

#[test]
fn the_exit_status_is_in_it_and_follows_strict() {
    let outcome = run(vec![CaseOutcome { findings: vec![found(light())], ..case("things/success", Verdict::Pass) }]);
    let exit = |strict| {
        let text = render(&outcome, View { strict, ..View::default() });
        serde_json::from_str::<Value>(&text).expect("JSON")["exit"].clone()
    };
    assert_eq!((exit(false), exit(true)), (json!(0), json!(1)));
}
