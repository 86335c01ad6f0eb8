use std::sync::Arc;
use std::time::Duration;

use super::case_run::judge::Judged;
use super::collect::Collected;
use super::object_life::make::{Purpose, make};
use super::schedule::run_cases::work_off;
use super::*;
use crate::finding::Finding;
use crate::known::OfCase;
use crate::outcome::{PinnedBy, Transcript, Verdict};
use crate::rules;
use crate::settings::table::FILTER;
use crate::settings::{Environment, Flags, Settings};

/// A session with the embedded reference and some cases.
async fn session(cases: &[&str]) -> Arc<Session> {
    let flags = cases.iter().fold(Flags::default(), |flags, filter| flags.with(&FILTER, filter));
    let settings = Settings::resolve(&flags, Environment::default()).expect("settings");
    let suites = Arc::new(load(&settings).expect("the suites"));
    let selected = Arc::new(select(&settings, &suites).expect("cases"));
    Arc::new(Session::open(settings, suites, selected).await.expect("a session"))
}

fn collected(session: &Session) -> Arc<Vec<Collected>> {
    let suites = session.suites();
    let one =
        |one: &Selected| Collected::new(&suites[one.suite], &suites[one.suite].cases[one.case], 0, OfCase::default());
    Arc::new(session.selected().iter().map(one).collect())
}

#[tokio::test]
async fn what_a_case_made_is_removed_when_its_run_panics() {
    let session = session(&["delete_conversation/success", "delete_conversation/repeat"]).await;
    let collected = collected(&session);
    work_off(&session, &collected, |session, _, _, _| {
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
    let exists = state.exists.as_ref().expect("it can be asked");
    for object in made {
        let mut values = object.values;
        let asked = session.test_run().staging_for_check(0).send(&exists.call, &mut values).await;
        assert_eq!(asked.ok().and_then(|exchange| exchange.answer.status()), Some(404));
    }
    for one in Arc::into_inner(collected).expect("nobody else has it") {
        let outcome = one.finish();
        assert_eq!((outcome.verdict, outcome.reason.as_deref()), (Verdict::Error, Some(PANICKED)));
    }
}

#[tokio::test]
async fn a_finding_is_counted_once_in_each_run() {
    let session = session(&["delete_conversation/success"]).await;
    let collected = Arc::into_inner(collected(&session)).and_then(|mut all| all.pop()).expect("one case");
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
    let outcome = collected.finish();
    let counts: Vec<_> = outcome.findings.iter().map(|found| (found.finding.message.as_str(), found.count)).collect();
    assert_eq!((outcome.runs, counts), (4, vec![("a", 3), ("b", 2), ("c", 1)]));
}
