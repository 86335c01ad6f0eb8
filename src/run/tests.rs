use super::*;
use crate::known::OfCase;
use crate::settings::{Environment, Flags};

/// A session with the embedded reference and some cases.
async fn session(cases: &[&str]) -> Arc<Session> {
    let filters = cases.iter().map(|case| (*case).to_owned()).collect();
    let flags = Flags { filters, ..Flags::default() };
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
            let made = session.make(0, 0, "delete_conversation/success", "conformant-somebody").await;
            assert!(made.is_ok());
            panic!("in the middle of a case");
        })
    })
    .await;
    assert_eq!(session.ledger().all().len(), 2, "both were made and neither was undone");
    let made = session.ledger().all();
    session.clean_up().await;
    assert_eq!(session.ledger().all().len(), 0);
    assert_eq!(session.outcome().left_behind, []);
    let state = &session.suites()[0].states[0];
    let exists = state.exists.as_ref().expect("it can be asked");
    for object in made {
        let mut values = object.values;
        let asked = session.staging(0).send(&exists.call, &mut values).await;
        assert_eq!(asked.ok().and_then(|exchange| exchange.answer.status()), Some(404));
    }
    for one in Arc::into_inner(collected).expect("nobody else has it") {
        let outcome = one.finish();
        assert_eq!((outcome.verdict, outcome.reason.as_deref()), (Verdict::Error, Some(PANICKED)));
    }
}
