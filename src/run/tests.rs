use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::case_run::judge::Judged;
use super::object_life::make::{Purpose, make};
use super::reasons::PANICKED;
use super::schedule::run_cases::work_off;
use super::*;
use crate::event::Event;
use crate::finding::Finding;
use crate::outcome::{CaseOutcome, PinnedBy, Transcript, Verdict};
use crate::rules;
use crate::settings::table::{CASES, FILTER, REPEAT};
use crate::settings::{Environment, Flags, Settings};

/// A session with the embedded reference and some cases.
async fn session(cases: &[&str]) -> Session {
    let flags = cases.iter().fold(Flags::default(), |flags, filter| flags.with(&FILTER, filter));
    let settings = Settings::resolve(&flags, Environment::default()).expect("settings");
    let suites = Arc::new(load(&settings).expect("the suites"));
    let selected = Arc::new(select(&settings, &suites).expect("cases"));
    Session::open(settings, suites, selected).await.expect("a session")
}

/// A run of some cases of the embedded reference.
async fn record(cases: &[&str]) -> Arc<RunResults> {
    let session = session(cases).await;
    let wanted = vec![true; session.selected().len()];
    Arc::new(RunResults::begin(session, wanted))
}

#[tokio::test]
async fn what_a_case_made_is_removed_when_its_run_panics() {
    let record = record(&["delete_conversation/success", "delete_conversation/repeat"]).await;
    let session = record.session();
    work_off(&record, |session, _, _, _| {
        Box::pin(async move {
            let run = session.test_run();
            let purpose = Purpose { suite: 0, state: 0, case: "delete_conversation/success" };
            let made = make(run, purpose, &run.fresh_values().user).await;
            assert!(made.is_ok());
            panic!("in the middle of a case");
        })
    })
    .await;
    assert_eq!(session.test_run().record.ledger.all().len(), 2, "both were made and neither was undone");
    let made = session.test_run().record.ledger.all();
    session.clean_up().await;
    assert_eq!(session.test_run().record.ledger.all().len(), 0);
    assert_eq!(session.outcome().left_behind, []);
    let state = &session.suites()[0].states[0];
    let look = &state.exists.as_ref().expect("it can be asked").looks[0];
    for object in made {
        let mut values = object.values;
        let asked = session.test_run().staging_for_check(0).send(&look.call, &mut values).await;
        assert_eq!(asked.ok().and_then(|exchange| exchange.answer.status()), Some(404));
    }
    for case in &record.end(RunEnding::default()).cases {
        assert_eq!((case.verdict, case.reason.as_deref()), (Verdict::Error, Some(PANICKED)));
    }
}

#[tokio::test]
async fn a_finding_is_counted_once_in_each_run() {
    let record = record(&["delete_conversation/success"]).await;
    let collected = &record.cases()[0];
    let rule = rules::all().next().expect("a rule").rule;
    let run = |messages: &[&str]| {
        let findings = messages.iter().map(|message| Finding::new(rule, *message)).collect();
        let pinned_by = PinnedBy::Nothing;
        let judged = Judged { verdict: Verdict::Fail, reason: None, findings, notes: Vec::new(), pinned_by };
        collected.add(judged, Duration::ZERO, false, || Transcript { steps: Vec::new() });
    };
    for messages in [&["a", "b"][..], &["a"], &["a", "b", "c"], &[]] {
        run(messages);
    }
    let outcome = collected.end();
    let counts: Vec<_> = outcome.findings.iter().map(|found| (found.finding.message.as_str(), found.count)).collect();
    assert_eq!((outcome.runs, counts), (4, vec![("a", 3), ("b", 2), ("c", 1)]));
}

/// Keeps every event that a session's run emits.
fn kept(session: &Session) -> Arc<Mutex<Vec<Event>>> {
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let own = Arc::clone(&events);
    session.listen(Arc::new(move |event: &Event| own.lock().expect("nobody panics with it").push(event.clone())));
    events
}

/// Where the only event of a kind is.
fn place(events: &[Event], is: impl Fn(&Event) -> bool) -> usize {
    let places: Vec<usize> = (0..events.len()).filter(|at| is(&events[*at])).collect();
    assert_eq!(places.len(), 1, "{places:?} of {events:#?}");
    places[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_a_run_come_in_order() {
    let session = session(&["delete_conversation/success", "delete_conversation/other_user"]).await;
    let events = kept(&session);
    let outcome = run(session, &mut Signals::listen()).await;
    let events = events.lock().expect("nobody panics with it");
    assert!(matches!(&events[0], Event::RunStarted(start) if start.cases == 2 && start.case_runs == 2));
    assert!(matches!(events.last(), Some(Event::RunEnded(last)) if Arc::ptr_eq(last, &outcome)));
    let preflight = events.iter().filter(|event| matches!(event, Event::PreflightTried(_))).count();
    assert_eq!(preflight, outcome.preflight.len());
    let mut ended = Vec::new();
    for case in &outcome.cases {
        let started = place(&events, |event| matches!(event, Event::CaseStarted(id) if *id == case.id));
        let own = |event: &Event| matches!(event, Event::RequestSent(sent) if sent.case.as_ref() == Some(&case.id) && sent.role == "request");
        let request = place(&events, own);
        assert!(
            matches!(&events[request], Event::RequestSent(sent) if sent.method == "DELETE" && sent.path == "/conversations/{conversation_id}")
        );
        let run_ended = place(&events, |event| matches!(event, Event::CaseRunEnded { case: id, .. } if *id == case.id));
        let end = place(&events, |event| matches!(event, Event::CaseEnded(one) if one.id == case.id));
        assert!(started < request && request < run_ended && run_ended < end, "{}: {events:#?}", case.id);
        assert!(matches!(&events[end], Event::CaseEnded(one) if one.verdict == case.verdict && one.runs == 1));
        ended.push(end);
    }
    let in_order: Vec<&str> = outcome.as_they_ended().map(|case| case.id.as_str()).collect();
    assert_eq!(ended.is_sorted(), in_order == [outcome.cases[0].id.as_str(), outcome.cases[1].id.as_str()]);
    let making = |is: fn(&Event) -> bool| events.iter().filter(|event| is(event)).count();
    let requested = making(|event| matches!(event, Event::ObjectRequested));
    assert!(requested >= 2 && requested == making(|event| matches!(event, Event::ObjectAnswered)));
}

#[tokio::test]
async fn a_repeated_case_starts_and_ends_once_and_a_skipped_one_only_ends() {
    let flags = Flags::default().with(&CASES, "tests/data/doors").with(&REPEAT, "3");
    let settings = Settings::resolve(&flags, Environment::default()).expect("settings");
    let suites = Arc::new(load(&settings).expect("the suites"));
    let selected = Arc::new(select(&settings, &suites).expect("cases"));
    let session = Session::open(settings, suites, selected).await.expect("a session");
    let events = kept(&session);
    run(session, &mut Signals::listen()).await;
    let events = events.lock().expect("nobody panics with it");
    let count = |id: &str| {
        let of = |is: &dyn Fn(&Event) -> bool| events.iter().filter(|event| is(event)).count();
        let started = of(&|event| matches!(event, Event::CaseStarted(case) if case == id));
        let runs = of(&|event| matches!(event, Event::CaseRunEnded { case, .. } if case == id));
        (started, runs, of(&|event| matches!(event, Event::CaseEnded(case) if case.id == id)))
    };
    assert_eq!(count("doors/passes"), (1, 3, 1));
    assert_eq!(count("doors/fails"), (1, 3, 1));
    assert_eq!(count("doors/skipped"), (0, 3, 1));
}

#[tokio::test]
async fn a_case_that_is_found_at_fault_after_it_ended_is_amended_and_is_the_last_one() {
    let session = session(&["delete_conversation/success", "delete_conversation/other_user"]).await;
    let events = kept(&session);
    let wanted = vec![true; session.selected().len()];
    let record = RunResults::begin(session, wanted);
    let judged = |verdict| Judged {
        verdict,
        reason: None,
        findings: Vec::new(),
        notes: Vec::new(),
        pinned_by: PinnedBy::Nothing,
    };
    for case in record.cases() {
        case.add(judged(Verdict::Pass), Duration::ZERO, false, Transcript::default);
        case.end();
    }
    record.cases()[0].amend(judged(Verdict::Fail), Transcript::default);
    let outcome = record.end(RunEnding::default());
    let events = events.lock().expect("nobody panics with it");
    let amended: Vec<&CaseOutcome> = events
        .iter()
        .filter_map(|event| match event {
            Event::CaseAmended(case) => Some(&**case),
            _ => None,
        })
        .collect();
    assert_eq!(amended.len(), 1);
    assert_eq!((amended[0].id.as_str(), amended[0].verdict), (outcome.cases[0].id.as_str(), Verdict::Fail));
    assert_eq!(outcome.ended, [1, 0]);
}

#[tokio::test]
async fn a_run_that_is_interrupted_ends_every_case_and_emits_nothing_after_its_end() {
    let session = session(&["delete_conversation/success", "delete_conversation/other_user"]).await;
    let events = kept(&session);
    let wanted = vec![true; session.selected().len()];
    let record = RunResults::begin(session, wanted);
    record.cases()[0].begin();
    let outcome = record.end(RunEnding { trouble: None, interrupted: true });
    record.cases()[1].begin();
    let reasons: Vec<Option<&str>> = outcome.cases.iter().map(|case| case.reason.as_deref()).collect();
    assert!(reasons[0].is_some_and(|why| why.contains("under way")), "{reasons:?}");
    assert!(reasons[1].is_some_and(|why| why.contains("before this case began")), "{reasons:?}");
    let events = events.lock().expect("nobody panics with it");
    assert_eq!(events.iter().filter(|event| matches!(event, Event::CaseEnded(_))).count(), 2);
    assert!(matches!(events.last(), Some(Event::RunEnded(_))));
}
