//! Outcomes made by hand, for the tests of the reports.

use std::sync::Arc;
use std::time::Duration;

use crate::date::Date;
use crate::exchange::Protocol;
use crate::finding::Finding;
use crate::location::{Anchor, Source, Span};
use crate::outcome::{
    CaseOutcome, Counts, DocumentInfo, KnownDeviation, PinnedBy, ReportedFinding, Rerun, RunOutcome, TargetInfo,
    TargetKind, TargetRoute, Transcript, TranscriptStep, Verdict,
};
use crate::rule::{Level, Origin, Rule};
use crate::suite::Profile;

pub(super) static EXAMPLE_VALUE: Rule = Rule {
    id: "example-value",
    summary: "a value differs from the example's",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Example Object",
    since: "0.1.0",
    source: "//! # Values\n//!\n//! They must be equal.\n\nuse nothing;\n",
};

pub(super) static BODY_MISSING: Rule = Rule {
    id: "body-missing",
    summary: "no body came",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9110 §6.4",
    since: "0.1.0",
    source: "//! Nothing came.\n",
};

const SUITE: &str = "cases:\n  gone:\n    about: It is gone.\n    expect: {status: 404, example: not_there}\n";

pub(super) fn suite() -> Source {
    Source::new("cases/things.yaml", SUITE)
}

/// A finding of level must with everything that a finding can have.
pub(super) fn heavy() -> Finding {
    let start = SUITE.find("not_there").expect("it stands in the suite");
    let anchor = Anchor { pointer: Arc::from("/paths/~1things/delete/responses/404"), line: 77 };
    Finding::new(&EXAMPLE_VALUE, "the value at /code differs from the example's")
        .compared("\"not_there\" (string)", "17 (number)")
        .spec(&anchor)
        .case(suite().place(Span::new(start, start + "not_there".len())))
        .advice("answer with the documented code")
        .step(1)
}

/// A finding of level should.
pub(super) fn light() -> Finding {
    let anchor = Anchor { pointer: Arc::from("/paths"), line: 12 };
    Finding::new(&BODY_MISSING, "no body came").compared("a body", "nothing").spec(&anchor)
}

pub(super) fn found(finding: Finding) -> ReportedFinding {
    ReportedFinding { finding, known: None, count: 1 }
}

/// A known deviation, listed in a file beside the suite.
pub(super) fn known() -> Arc<KnownDeviation> {
    let text = "- case: things/gone\n  rule: example-value\n";
    let at = text.find("things").expect("it stands there");
    Arc::new(KnownDeviation {
        reason: "ticket 12, fixed in May".to_owned(),
        link: "https://example.com/12".to_owned(),
        until: Date::parse("2026-05-31").expect("a date"),
        place: Source::new("cases/known_deviations.yaml", text).place(Span::new(at, at + 11)),
    })
}

pub(super) fn case(id: &str, verdict: Verdict) -> CaseOutcome {
    let mut counts = Counts::default();
    counts.add(verdict);
    CaseOutcome {
        id: id.to_owned(),
        about: None,
        profile: Profile::Core,
        place: suite().place(Span::new(9, 13)),
        document: 0,
        verdict,
        reason: None,
        pinned_by: PinnedBy::Example,
        runs: 1,
        counts,
        duration: Duration::from_micros(3_100),
        findings: Vec::new(),
        notes: Vec::new(),
        transcript: None,
    }
}

pub(super) fn step(role: &str, answer: &[u8]) -> TranscriptStep {
    TranscriptStep {
        role: role.to_owned(),
        curl: format!("curl -X DELETE -H 'Authorization: Bearer ****' 'http://127.0.0.1:8080/things/{role}'"),
        request: format!("DELETE /things/{role} HTTP/1.1\r\nAuthorization: Bearer ****\r\n\r\n").into_bytes(),
        request_size: 0,
        protocol: Protocol::Http1,
        answer: answer.to_vec(),
        answer_size: answer.len() as u64,
        end: None,
        elapsed: Duration::from_micros(1_500),
    }
}

/// A case that failed: two exchanges, one finding of each weight.
pub(super) fn failed() -> CaseOutcome {
    let answer = b"HTTP/1.1 404 NOT FOUND\r\nContent-Type: application/json\r\n\r\n{\"code\": 17}\n";
    CaseOutcome {
        about: Some("It is gone.".to_owned()),
        findings: vec![found(heavy()), found(light())],
        transcript: Some(Arc::new(Transcript {
            steps: vec![step("making", b"HTTP/1.1 200 OK\r\n\r\n"), step("request", answer)],
        })),
        ..case("things/gone", Verdict::Fail)
    }
}

pub(super) fn run(cases: Vec<CaseOutcome>) -> RunOutcome {
    RunOutcome {
        target: TargetInfo {
            url: "http://127.0.0.1:8080".to_owned(),
            kind: TargetKind::Remote,
            release: None,
            route: TargetRoute::default(),
        },
        documents: vec![DocumentInfo {
            file: "spec/things.yaml".to_owned(),
            title: "Things".to_owned(),
            version: "1.2.0".to_owned(),
            sha256: "0123456789abcdef".repeat(4),
            findings: Vec::new(),
        }],
        rerun: Rerun { command: "run", words: Vec::new() },
        profile: Profile::Extended,
        ended: (0..cases.len()).collect(),
        cases,
        left_behind: Vec::new(),
        notes: Vec::new(),
        preflight: Vec::new(),
        trouble: None,
        interrupted: false,
        elapsed: Duration::from_millis(120),
    }
}
