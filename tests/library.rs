//! The library: a test starts a server and judges it with the builder.

#[path = "library/process.rs"]
mod process;
#[path = "library/public_items.rs"]
mod public_items;
#[path = "house/tokens.rs"]
mod tokens;

use std::fs;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conformant::reference::{ReferenceOptions, ReferenceServer, Release};
use conformant::{BadInput, Conformance, Level, Report, RunEvent, Verdict};
use tokio::sync::Notify;

/// The cases of the embedded reference.
const CASES: &str = "cases";
/// One case that passes, one that fails, one that is skipped.
const DOORS: &str = "tests/data/doors";
/// A release that answers a deletion with 200 and a body, against the contract.
const DEVIATING: &str = "0.11.1";

async fn server(release: &str) -> ReferenceServer {
    let release = Release::named(release).expect("a release");
    ReferenceServer::start(ReferenceOptions { release, ..ReferenceOptions::default() }).await.expect("a free port")
}

async fn conforming_server() -> ReferenceServer {
    ReferenceServer::start(ReferenceOptions::default()).await.expect("a free port")
}

/// A run of these cases against a server, with its keys.
fn judge(cases: &str, server: &ReferenceServer) -> Conformance {
    let builder = Conformance::new(cases).base_url(server.base_url());
    server.credentials().into_iter().fold(builder, |builder, (name, key)| builder.env(name, key))
}

/// The message of the panic of `assert_conforms`.
fn panic_text(report: &Report) -> String {
    let panic =
        catch_unwind(std::panic::AssertUnwindSafe(|| report.assert_conforms())).expect_err("it does not conform");
    panic.downcast_ref::<String>().expect("a text").clone()
}

#[tokio::test]
async fn a_server_that_conforms_passes_on_a_runtime_with_one_thread() -> Result<(), BadInput> {
    let server = conforming_server().await;
    let report = judge(CASES, &server).run().await?;
    report.assert_conforms();
    assert!(report.conforms() && report.not_judged().is_none() && report.left_behind().is_empty(), "{report:?}");
    let summary = report.summary();
    assert!(summary[&Verdict::Pass] > 10 && summary[&Verdict::Fail] == 0, "{summary:?}");
    assert_eq!(summary.values().sum::<u64>(), report.cases().len() as u64);
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).expect("JSON");
    assert_eq!((&json["schema"], &json["exit"]), (&"conformant.report/1".into(), &0.into()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_deviates_fails_with_the_text_of_the_report() -> Result<(), BadInput> {
    let server = server(DEVIATING).await;
    let report = judge(CASES, &server).filter("/success").run().await?;
    assert!(!report.conforms());
    let [case] = report.cases() else { panic!("one case: {report:?}") };
    assert_eq!((case.id.as_str(), case.verdict), ("delete_conversation/success", Verdict::Fail));
    let finding = case.findings.first().expect("a finding");
    assert_eq!((finding.rule.as_str(), finding.level), ("status-unexpected", Level::Must));
    assert!(finding.message.contains("200"), "{finding:?}");
    let document = finding.in_document.as_ref().expect("a place in the document");
    assert!(document.file.ends_with("openapi_chatflow.yaml") && document.line > 1, "{document:?}");
    assert!(document.pointer.as_deref().is_some_and(|pointer| pointer.starts_with("/paths/")), "{document:?}");
    let suite = finding.in_suite.as_ref().expect("a place in the suite");
    assert!(suite.file.ends_with("delete_conversation.yaml") && suite.pointer.is_none(), "{suite:?}");
    let text = panic_text(&report);
    assert!(text.starts_with("the target does not conform to its contract\n"), "{text}");
    assert!(text.contains("status-unexpected") && text.contains("delete_conversation/success"), "{text}");
    assert!(text.ends_with(&report.to_text()), "{text}");
    Ok(())
}

#[tokio::test]
async fn what_is_not_judged_does_not_conform() -> Result<(), BadInput> {
    let server = conforming_server().await;
    let skipped = judge(DOORS, &server).filter("skipped").run().await?;
    assert_eq!(skipped.not_judged().as_deref(), Some("every case was skipped"));
    assert!(skipped.cases()[0].reason.is_some(), "{skipped:?}");
    let unreachable = judge(DOORS, &server).base_url("http://127.0.0.1:1/v1").run().await?;
    assert!(!unreachable.conforms() && unreachable.not_judged().is_some(), "{unreachable:?}");
    assert!(panic_text(&unreachable).starts_with("the target could not be judged: "));
    let wrong_key = judge(CASES, &server).env("API_KEY", "app-0123456789-wrong").run().await?;
    assert!(wrong_key.not_judged().is_some_and(|why| !why.contains("0123456789")), "{wrong_key:?}");
    Ok(())
}

#[tokio::test]
async fn a_listener_gets_what_happens() -> Result<(), BadInput> {
    let server = conforming_server().await;
    let events = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&events);
    let listener = move |event: &RunEvent| taken.lock().expect("no panic").push(event.clone());
    let report = judge(DOORS, &server).jobs(1).on_event(listener).run().await?;
    let events = events.lock().expect("no panic");
    let ended: Vec<_> = events
        .iter()
        .filter_map(|event| if let RunEvent::CaseEnded(case) = event { Some(case) } else { None })
        .collect();
    assert_eq!(ended, report.cases().iter().collect::<Vec<_>>());
    let sent = "DELETE /conversations/{conversation_id}";
    assert!(
        events.iter().any(|event| matches!(event, RunEvent::RequestSent(request) if request == sent)),
        "{events:?}"
    );
    Ok(())
}

#[test]
fn bad_input_says_what_where_and_what_to_do() {
    let refused = |builder: Conformance| builder.run_blocking().expect_err("bad input");
    let mistyped = refused(Conformance::new(CASES).setting("rte", "10/s"));
    let [mistake] = mistyped.mistakes() else { panic!("{mistyped}") };
    assert_eq!(mistake.message, "there is no setting `rte`");
    assert_eq!(mistake.help.as_deref(), Some("did you mean `rate`?"));
    let wrong = refused(Conformance::new(CASES).base_url("http://127.0.0.1:1").setting("rate", "fast").jobs(0));
    assert_eq!(wrong.mistakes().len(), 2, "{wrong}");
    assert!(wrong.to_string().starts_with("error: --jobs is `0`, which is not"), "{wrong}");
    let targetless = refused(Conformance::new(CASES));
    assert!(targetless.to_string().contains("no base URL") && targetless.to_string().contains("call `base_url`"));
    for setting in ["report", "format", "dry-run", "write"] {
        let refused = refused(Conformance::new(CASES).setting(setting, "json"));
        assert!(refused.to_string().contains(setting), "{refused}");
    }
    let folder = std::env::temp_dir().join(format!("conformant-library-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let suite = folder.join("broken.yaml");
    fs::write(&suite, "a: 1\ncases: [app-0123456789-quoted\n").expect("a file");
    let broken =
        refused(Conformance::new(&suite).base_url("http://127.0.0.1:1").env("MY_KEY", "app-0123456789-quoted"));
    assert!(broken.mistakes()[0].place.as_ref().is_some_and(|place| place.file.ends_with("broken.yaml")), "{broken}");
    assert!(!format!("{broken}{broken:?}").contains("0123456789"), "{broken}");
    fs::remove_dir_all(&folder).expect("it was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_the_same_time_mask_only_their_own_secrets() -> Result<(), BadInput> {
    let servers = [conforming_server().await, conforming_server().await];
    let keys = [0, 1].map(|index: usize| servers[index].credentials()[0].1.clone());
    let folder = std::env::temp_dir().join(format!("conformant-library-keys-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let suite = folder.join("quoting.yaml");
    let document = fs::canonicalize("spec/openapi_chatflow.yaml").expect("the document");
    let text = format!(
        "spec: {}\noperation: deleteAdvancedConversation\ncredentials:\n  desk: {{env: API_KEY}}\ncases:\n  fails:\n    about: \
         {} and {}\n    auth: desk\n    path: {{conversation_id: \"{{{{uuid}}}}\"}}\n    json: {{user: \"{{{{user}}}}\"}}\n    \
         expect: 204\n",
        document.display(),
        keys[0],
        keys[1]
    );
    fs::write(&suite, text).expect("a file");
    let run =
        |index: usize| Conformance::new(&suite).base_url(servers[index].base_url()).env("API_KEY", &keys[index]).run();
    let (first, second) = tokio::join!(run(0), run(1));
    for (own, other, report) in [(&keys[0], &keys[1], first?), (&keys[1], &keys[0], second?)] {
        let text = report.to_text();
        assert!(!text.contains(own) && text.contains(other), "{text}");
    }
    fs::remove_dir_all(&folder).expect("it was made");
    Ok(())
}

#[tokio::test]
async fn a_run_can_move_between_threads_and_can_be_dropped() {
    fn moves<T: Send>(future: T) -> T {
        future
    }
    let server = conforming_server().await;
    let run = moves(judge(CASES, &server).run());
    assert!(tokio::time::timeout(Duration::from_millis(1), run).await.is_err(), "it takes longer");
    let shown = format!("{:?}", judge(CASES, &server).setting("header", "X-Token: hunter22"));
    assert!(!shown.contains("hunter22") && !shown.contains(&server.credentials()[0].1), "{shown}");
}

#[tokio::test]
async fn a_journal_names_what_a_dropped_run_left_and_a_finished_run_leaves_none() -> Result<(), BadInput> {
    let server = conforming_server().await;
    let journal = std::env::temp_dir().join(format!("conformant-library-{}.journal", std::process::id()));
    let run = || judge(CASES, &server).filter("/success").journal(&journal);
    run().run().await?.assert_conforms();
    assert!(!journal.exists());
    // When a deletion is sent, its object was made.
    let is_made = Arc::new(Notify::new());
    let notify = Arc::clone(&is_made);
    let dropped = run().on_event(move |event| {
        if matches!(event, RunEvent::RequestSent(request) if request.starts_with("DELETE")) {
            notify.notify_one();
        }
    });
    tokio::select! {
        report = dropped.run() => panic!("it was to be dropped: {report:?}"),
        () = is_made.notified() => {}
    }
    let text = fs::read_to_string(&journal).expect("the journal stays");
    assert!(text.contains(&server.base_url()) && text.contains("\"made\""), "{text}");
    let refused = run().run().await.expect_err("the journal exists");
    assert!(refused.to_string().contains("already exists") && refused.to_string().contains("conformant clean"));
    fs::remove_file(&journal).expect("it is there");
    Ok(())
}

#[tokio::test]
#[should_panic(expected = "write `run().await` there")]
async fn a_blocking_run_inside_a_runtime_says_what_to_write() {
    let _ = Conformance::new(CASES).run_blocking();
}

#[test]
fn every_public_item_is_listed() {
    let found = public_items::public_items();
    let listed: Vec<&str> = include_str!("library/public_items.txt").lines().collect();
    assert!(found.len() < 80, "{} items are public", found.len());
    let text = found.join("\n");
    assert_eq!(found, listed, "tests/library/public_items.txt lists the public items; now they are:\n{text}");
}

#[tokio::test]
async fn a_listener_that_panics_fails_the_test_after_the_clean_up() {
    let server = conforming_server().await;
    let run = judge(CASES, &server).filter("/success").on_event(|event| {
        assert!(!matches!(event, RunEvent::CaseEnded(_)), "seen by the listener");
    });
    let ended = tokio::spawn(async move { run.run().await.map(|report| report.conforms()) }).await;
    let panic = ended.expect_err("the run panics").into_panic();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"seen by the listener"));
}
