use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::scan::scanned;
use super::stdout::Output;
use super::{Published, Reports};
use crate::event::{Event, Listener, RunStart};
use crate::outcome::{Exit, RunOutcome, Verdict};
use crate::report::format::View;
use crate::report::formats::FORMATS;
use crate::report::sample::{case, failed, run};
use crate::secret::Secrets;
use crate::settings::table::{FORMAT, JOURNAL, REPORT};
use crate::settings::{Environment, Flags, Settings};

/// A folder of this test's own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("conformant-publish-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the folder can be made");
        Self(path)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the folder is there");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn settings(format: &str, reports: &[String]) -> Settings {
    let flags = Flags::default().with(&FORMAT, format);
    let flags = reports.iter().fold(flags, |flags, report| flags.with(&REPORT, report));
    Settings::resolve(&flags, Environment::default()).expect("these settings are right")
}

fn refused(format: &str, reports: &[String]) -> String {
    Reports::prepare(&settings(format, reports)).expect_err("this must be refused").to_string()
}

#[test]
fn every_format_has_a_name_of_its_own() {
    for (index, format) in FORMATS.iter().enumerate() {
        assert!(FORMATS[..index].iter().all(|other| other.name != format.name), "{}", format.name);
        assert!(!format.summary.is_empty());
    }
}

#[test]
fn reports_go_to_stdout_and_to_files() {
    let folder = Folder::new();
    let path = folder.0.join("deeper/report.json");
    let reports = Reports::prepare(&settings("text", &[format!("json={}", path.display())])).expect("writable");
    let stdout = TestOutput::default();
    let outcome = run(vec![case("things/success", Verdict::Pass)]);
    let published = publish(&reports, outcome, &Secrets::none(), &stdout, false);
    assert_eq!(published.problems, [""; 0]);
    assert_eq!(published.exit(Exit::Conforms), Exit::Conforms);
    assert!(stdout.text().starts_with("target: http://127.0.0.1:8080\n"));
    let json: Value = serde_json::from_str(&fs::read_to_string(&path).expect("it was written")).expect("JSON");
    assert_eq!(json["summary"]["pass"], 1);
    assert_eq!(folder.names(), ["deeper"], "nothing else is left there");
}

#[test]
fn folders_are_made_below_the_working_folder_and_else_one() {
    let folder = Folder::new();
    let at = |path: &str| format!("json={}", folder.0.join(path).display());
    for (path, why) in [
        ("a/b/report.json", "/a"),
        ("a/../b/report.json", "/a"),
        ("a/../report.json", "/a"),
        ("new/", "it is a folder"),
        ("..", "it is a folder"),
    ] {
        let error = refused("text", &[at(path)]);
        assert!(error.contains("cannot be written") && error.contains(why), "{path}: {error}");
        assert_eq!(folder.names(), [""; 0], "{path}: nothing was made");
    }
    assert!(refused("text", &["json=never/../../made/report.json".to_owned()]).contains("there is no folder never"));
    // The package's folder, where tests run.
    let below = format!("target/reports-{}", std::process::id());
    Reports::prepare(&settings("text", &[format!("json={below}/of/all/report.json")])).expect("it can be made");
    let whole = std::path::absolute(&below).expect("a path").join("of/some/others/report.json");
    Reports::prepare(&settings("text", &[format!("json={}", whole.display())])).expect("it is the same place");
    assert!(Path::new(&below).join("of/all").is_dir() && Path::new(&below).join("of/some/others").is_dir());
    fs::remove_dir_all(&below).expect("it was made");
}

#[test]
fn an_old_report_is_replaced_and_a_link_stays_a_link() {
    let folder = Folder::new();
    let (file, link) = (folder.0.join("real.txt"), folder.0.join("link.txt"));
    fs::write(&file, "old").expect("writable");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&file, &link).expect("a link");
    #[cfg(not(unix))]
    fs::copy(&file, &link).expect("a copy");
    let reports = Reports::prepare(&settings("json", &[format!("text={}", link.display())])).expect("writable");
    let published = reports.publish_files(&run(vec![failed()]), &Secrets::none());
    assert_eq!(published.problems, [""; 0]);
    assert!(fs::read_to_string(&link).expect("readable").contains("does not conform"));
    #[cfg(unix)]
    assert!(fs::read_to_string(&file).expect("readable").contains("does not conform"));
    assert_eq!(folder.names(), ["link.txt", "real.txt"]);
}

#[test]
fn mistakes_are_found_before_the_run() {
    let folder = Folder::new();
    let file = folder.0.join("file");
    fs::write(&file, "").expect("writable");
    assert!(refused("jsno", &[]).contains("did you mean json?"));
    assert!(refused("yaml-and-more", &[]).contains("the formats are text, json and junit"));
    let text = refused("text", &[format!("junti={}", file.display())]);
    assert!(text.contains("--report names the format `junti`") && text.contains("did you mean junit?"), "{text}");
    let text = refused("text", &[format!("json={}", folder.0.display())]);
    assert!(text.contains("cannot be written: it is a folder"), "{text}");
    let text = refused("text", &[format!("json={}/below", file.display())]);
    assert!(text.contains("cannot be written"), "{text}");
    let twice = format!("json={}", folder.0.join("a").display());
    let text = refused("text", &[twice.clone(), twice]);
    assert!(text.contains("twice"), "{text}");
}

/// A stdout that keeps what is written, or fails in one way.
#[derive(Clone, Default)]
struct TestOutput {
    written: Arc<Mutex<Vec<u8>>>,
    fails: Option<io::ErrorKind>,
}

impl Write for TestOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.fails {
            Some(kind) => Err(kind.into()),
            None => self.written.lock().expect("nobody panics with it").write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TestOutput {
    fn failing(kind: io::ErrorKind) -> Self {
        Self { fails: Some(kind), ..Self::default() }
    }

    fn text(&self) -> String {
        String::from_utf8(self.written.lock().expect("nobody panics with it").clone()).expect("text")
    }
}

/// The events of a run that came to this, without its end.
fn before_the_end(outcome: &RunOutcome, listener: &dyn Listener) {
    let start = RunStart {
        target: outcome.target.clone(),
        documents: outcome.documents.clone(),
        profile: outcome.profile,
        cases: outcome.cases.len(),
        case_runs: outcome.cases.len(),
    };
    listener.take(&Event::RunStarted(Arc::new(start)));
    for case in outcome.as_they_ended() {
        listener.take(&Event::CaseEnded(Arc::new(case.clone())));
    }
}

/// All reports of a run that came to this; the text is held back if that is wanted.
fn publish(
    reports: &Reports,
    outcome: RunOutcome,
    secrets: &Secrets,
    output: &TestOutput,
    held_back: bool,
) -> Published {
    let stdout =
        reports.to_output(secrets, held_back, Output::new(Box::new(output.clone()), false, Box::new(|write| write())));
    before_the_end(&outcome, &*stdout.listener());
    let outcome = Arc::new(outcome);
    stdout.listener().take(&Event::RunEnded(Arc::clone(&outcome)));
    let mut published = reports.publish_files(&outcome, secrets);
    published.merge(stdout.finish());
    published
}

#[test]
fn a_text_that_grows_is_the_text_that_is_written_whole() {
    let folder = Folder::new();
    let path = folder.0.join("report.txt");
    let reports = Reports::prepare(&settings("text", &[format!("text={}", path.display())])).expect("writable");
    let cases = || {
        let failures = (0..60).map(|number| crate::outcome::CaseOutcome { id: format!("things/{number}"), ..failed() });
        let mut outcome = run(failures.chain([case("things/success", Verdict::Pass)]).collect());
        outcome.ended.reverse();
        outcome.notes.push("a note".to_owned());
        outcome
    };
    let [grown, held_back] = [false, true].map(|held_back| {
        let output = TestOutput::default();
        assert_eq!(publish(&reports, cases(), &Secrets::none(), &output, held_back).problems, [""; 0]);
        output.text()
    });
    assert_eq!(grown, held_back);
    assert_eq!(grown, fs::read_to_string(&path).expect("it was written"));
    let at = |needle: &str| grown.find(needle).unwrap_or_else(|| panic!("{needle} in {grown}"));
    assert!(at("\nFAIL  things/59 ") < at("\nFAIL  things/58 "), "in the order in which they ended: {grown}");
    assert!(at("\n… 10 more cases: fail") < at("\n  FAIL  things/0 "), "the table stands below: {grown}");
    assert!(at("\n  FAIL  things/0 ") < at("\n  FAIL  things/1 "), "in the order of the files: {grown}");
}

#[test]
fn a_case_is_printed_when_it_ends_unless_the_text_is_held_back() {
    let reports = Reports::prepare(&settings("text", &[])).expect("right");
    let printed = |held_back: bool| {
        let output = TestOutput::default();
        let portions = Output::new(Box::new(output.clone()), false, Box::new(|write| write()));
        let stdout = reports.to_output(&Secrets::none(), held_back, portions);
        before_the_end(&run(vec![failed()]), &*stdout.listener());
        assert_eq!(stdout.finish().problems, [""; 0]);
        output.text()
    };
    let early = printed(false);
    assert!(early.starts_with("target: ") && early.contains("\nFAIL  things/gone  It is gone.\n"), "{early}");
    assert!(!early.contains("  FAIL  things/gone  pinned"), "the table comes at the end: {early}");
    assert_eq!(printed(true), "");
}

#[test]
fn a_closed_pipe_is_quiet_and_a_full_disk_is_not() {
    let reports = Reports::prepare(&settings("text", &[])).expect("right");
    let publish = |kind| publish(&reports, run(vec![failed()]), &Secrets::none(), &TestOutput::failing(kind), false);
    let published = publish(io::ErrorKind::BrokenPipe);
    assert_eq!(published.exit(Exit::Fails), Exit::Fails);
    let published = publish(io::ErrorKind::StorageFull);
    assert_eq!(published.problems.len(), 1);
    assert_eq!(published.exit(Exit::Conforms), Exit::NotJudged);
    assert_eq!(published.exit(Exit::Interrupted), Exit::Interrupted);
}

#[test]
fn a_file_that_vanished_under_the_run_is_said() {
    let folder = Folder::new();
    let path = folder.0.join("sub/report.json");
    let reports = Reports::prepare(&settings("text", &[format!("json={}", path.display())])).expect("writable");
    fs::remove_dir_all(folder.0.join("sub")).expect("removable");
    let published = reports.publish_files(&run(Vec::new()), &Secrets::none());
    assert!(published.problems[0].contains("report.json could not be written"), "{:?}", published.problems);
}

#[test]
fn a_credential_that_got_this_far_is_masked_and_said() {
    let folder = Folder::new();
    let path = folder.0.join("report.json");
    let reports = Reports::prepare(&settings("text", &[format!("json={}", path.display())])).expect("writable");
    let mut leaking = failed();
    leaking.notes.push("it answered app-fedcba9876543210 again".to_owned());
    let mut secrets = Secrets::none();
    secrets.add("chat_app", "app-fedcba9876543210");
    let stdout = TestOutput::default();
    let published = publish(&reports, run(vec![leaking]), &secrets, &stdout, false);
    assert_eq!(published.problems.len(), 2, "{:?}", published.problems);
    assert!(published.problems.iter().all(|problem| !problem.contains("fedcba9876543210")));
    assert_eq!(published.exit(Exit::Conforms), Exit::NotJudged);
    let text = stdout.text();
    assert!(text.contains("it answered **************") && !text.contains("fedcba9876543210"), "{text}");
    let json = fs::read_to_string(&path).expect("it was written");
    assert!(!json.contains("fedcba9876543210"), "{json}");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["cases"][0]["notes"][0].as_str().map(|note| note.contains("*****")), Some(true));
}

#[test]
fn masking_leaves_json_json_whatever_the_credential_is() {
    for secret in ["\"verdict\":", "things\",\n", "fail", "conformant.report/1"] {
        let mut secrets = Secrets::none();
        secrets.add("odd", secret);
        let format = &FORMATS[1];
        let text = (format.render)(&run(vec![failed()]), View::default());
        let text = scanned(format, text, &secrets, &mut Vec::new());
        assert!(serde_json::from_str::<Value>(&text).is_ok_and(|json| json.is_object()), "{secret}: {text}");
    }
}

#[test]
fn masking_leaves_xml_xml_whatever_the_credential_is() {
    let leaking = |secret: &str| {
        let mut case = failed();
        case.notes.push(format!("it answered {secret} again"));
        case.about = Some(secret.to_owned());
        case
    };
    let format = FORMATS.iter().find(|format| format.name == "junit").expect("there is such a format");
    for secret in ["testcase", "</failure>", "quot;", "&amp;", "a\"b<c>&d", "example-value", "=\"1\"", "\u{ffff}abc"] {
        let mut secrets = Secrets::none();
        secrets.add("odd", secret);
        let text = (format.render)(&run(vec![leaking(secret)]), View::default());
        let mut problems = Vec::new();
        let text = scanned(format, text, &secrets, &mut problems);
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{secret}: {error}: {text}"));
        let shown = |node: roxmltree::Node<'_, '_>| {
            node.attributes().any(|attribute| attribute.value().contains(secret))
                || node.is_text() && node.text().is_some_and(|text| text.contains(secret))
        };
        assert!(!document.descendants().any(shown), "{secret}: {text}");
        assert_eq!(problems.len(), 1, "{secret}");
    }
}

#[cfg(unix)]
#[test]
fn one_file_under_two_names_is_refused() {
    let folder = Folder::new();
    let at = |path: &str| folder.0.join(path).display().to_string();
    fs::create_dir(folder.0.join("real")).expect("a folder");
    for (link, goal) in [("linked", "real"), ("link.out", "real/there.out")] {
        std::os::unix::fs::symlink(goal, folder.0.join(link)).expect("a link");
    }
    fs::write(folder.0.join("real/there.out"), "").expect("a file");
    for (one, other) in [
        ("r.out", "./r.out"),
        ("r.out", "real/../r.out"),
        ("real/r.out", "linked/r.out"),
        ("real/there.out", "linked/there.out"),
        ("link.out", "linked/there.out"),
        ("real/there.out", "link.out"),
    ] {
        let error = refused("text", &[format!("json={}", at(one)), format!("junit={}", at(other))]);
        assert!(error.contains("twice, once as"), "{one} {other}: {error}");
    }
    let working = std::env::current_dir().expect("a folder");
    let name = format!("target/reports-{}.out", std::process::id());
    let error = refused("text", &[format!("json={name}"), format!("text={}", working.join(&name).display())]);
    assert!(error.contains("twice"), "{error}");
    let apart = [format!("json={}", at("real/a.out")), format!("text={}", at("linked/b.out"))];
    Reports::prepare(&settings("text", &apart)).expect("two files");
    let journal = at("a.journal");
    let flags = Flags::default().with(&REPORT, &format!("json={journal}")).with(&JOURNAL, &journal);
    let both = Settings::resolve(&flags, Environment::default()).expect("settings");
    let error = Reports::prepare(&both).expect_err("one file for two").to_string();
    assert!(error.contains("and the journal would be the same file"), "{error}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_and_never_opened() {
    let folder = Folder::new();
    let at = |path: &str| folder.0.join(path).display().to_string();
    let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().expect("mkfifo is there");
    assert!(made.success());
    let _listener = std::os::unix::net::UnixListener::bind(at("socket")).expect("a socket");
    for (link, goal) in [
        ("to_pipe", "pipe"),
        ("to_null", "/dev/null"),
        ("to_stdout", "/proc/self/fd/1"),
        ("dangling", "not_there"),
        ("round", "round"),
    ] {
        std::os::unix::fs::symlink(goal, folder.0.join(link)).expect("a link");
    }
    fs::create_dir(folder.0.join("folder")).expect("a folder");
    for (path, why, help) in [
        (at("pipe"), "it is a pipe", "`json=-` writes the report to stdout"),
        (at("to_pipe"), "it is a pipe", "name a regular file"),
        (at("socket"), "it is a socket", "name a regular file"),
        ("/dev/null".to_owned(), "it is a device", "`json=-`"),
        ("/dev/../dev/null".to_owned(), "it is a device", "`json=-`"),
        (at("to_null"), "it is a device", "name a regular file"),
        ("/dev/full".to_owned(), "it is a device", "name a regular file"),
        ("/dev/tty".to_owned(), "it is a device", "name a regular file"),
        ("/dev/stdout".to_owned(), "below /proc", "`json=-`"),
        ("/dev/stderr".to_owned(), "below /proc", "`json=-`"),
        ("/dev/fd/1".to_owned(), "below /proc", "`json=-`"),
        (at("to_stdout"), "below /proc", "`json=-`"),
        ("/proc/self/comm".to_owned(), "below /proc", "name a regular file"),
        ("/sys/power/state".to_owned(), "below /sys", "name a regular file"),
        (at("dangling"), "not_there, which is not there", "make the file"),
        (at("round"), "cannot be written", "name a regular file"),
        (at("folder"), "it is a folder", "name a file in it"),
        (at("nowhere/at/all"), "there is no folder", "make the folder first"),
    ] {
        if cfg!(not(target_os = "linux")) && !path.starts_with(&at("")) {
            continue;
        }
        let error = refused("text", &[format!("json={path}")]);
        assert!(error.contains(why) && error.contains(help), "{path}: {error}");
        assert!(error.contains("--report names "), "{path}: {error}");
    }
}

/// What was put in the place of a report while the run went on is not opened.
#[cfg(unix)]
#[test]
fn a_pipe_that_comes_later_is_not_waited_for() {
    let folder = Folder::new();
    let path = folder.0.join("report.json");
    let reports = Reports::prepare(&settings("text", &[format!("json={}", path.display())])).expect("writable");
    let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo is there");
    assert!(made.success());
    let published = reports.publish_files(&run(Vec::new()), &Secrets::none());
    assert!(published.problems[0].contains("it is no regular file any more"), "{:?}", published.problems);
    assert_eq!(folder.names(), ["report.json"], "nothing else is left there");
}

#[test]
fn one_report_goes_to_stdout() {
    let shown = |format: Option<&str>, reports: &[&str]| {
        let flags = format.map(|format| Flags::default().with(&FORMAT, format)).unwrap_or_default();
        let flags = reports.iter().fold(flags, |flags, report| flags.with(&REPORT, report));
        let settings = Settings::resolve(&flags, Environment::default()).expect("settings");
        Reports::prepare(&settings).map(|reports| {
            let stdout = TestOutput::default();
            let published = publish(&reports, run(Vec::new()), &Secrets::none(), &stdout, false);
            assert_eq!(published.problems, [""; 0]);
            stdout.text()
        })
    };
    assert!(shown(None, &["json=-"]).expect("one").starts_with("{\n"));
    assert!(shown(None, &["junit=-"]).expect("one").starts_with("<?xml"));
    assert!(shown(Some("text"), &[]).expect("one").starts_with("target: "));
    for (format, reports) in
        [(Some("text"), &["json=-"][..]), (Some("json"), &["json=-"]), (None, &["json=-", "junit=-"])]
    {
        let error = shown(format, reports).expect_err("two").to_string();
        assert!(error.contains("two reports would go to stdout") && error.contains("name a file"), "{error}");
    }
    let asked = settings("text", &["json=-".to_owned()]);
    let error = Reports::leave_stdout(&asked).expect_err("the runner's").to_string();
    assert!(error.contains("json=FILE"), "{error}");
    assert!(!Path::new("-").exists());
}

#[cfg(unix)]
#[test]
fn what_is_write_protected_or_without_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    if rustix::process::geteuid().is_root() {
        // Nothing is refused to this user.
        return;
    }
    let folder = Folder::new();
    let file = folder.0.join("report.json");
    fs::write(&file, "kept").expect("writable");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).expect("a mode");
    assert!(refused("text", &[format!("json={}", file.display())]).contains("cannot be written: Permission denied"));
    let below = folder.0.join("folder");
    fs::create_dir(&below).expect("a folder");
    fs::set_permissions(&below, fs::Permissions::from_mode(0o555)).expect("a mode");
    assert!(refused("text", &[format!("json={}/a", below.display())]).contains("Permission denied"));
    fs::set_permissions(&below, fs::Permissions::from_mode(0o755)).expect("a mode");
}
