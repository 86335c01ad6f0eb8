use std::path::PathBuf;

use super::*;
use crate::object::journal::RecordedJournal;

/// A folder of a test's own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("conformant-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(&path).expect("a folder can be made");
        Self(path)
    }

    fn journal(&self) -> PathBuf {
        self.0.join("a.journal")
    }

    /// A journal with this text, and what is said of it.
    #[track_caller]
    fn refused(&self, text: &[u8]) -> String {
        let path = self.journal();
        let _ = fs::remove_file(&path);
        drop(new_file(&path).expect("a file"));
        fs::write(&path, text).expect("it is written");
        RecordedJournal::open(&path).expect_err("it cannot be used").to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn begun(folder: &Folder, secrets: &Secrets) -> Journal {
    Journal::create(&folder.journal(), "abc", "http://x.test/v1", secrets).expect("a journal")
}

fn ask(journal: &Journal, number: u64) {
    journal.asked(number, "jobs", "job", "jobs/cancel", "me");
}

fn make(journal: &Journal, number: u64, id: &str) {
    ask(journal, number);
    journal.made(number, id, &captures(&[("job_id", json!(id))]));
}

fn captures(pairs: &[(&str, Value)]) -> BTreeMap<String, Value> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// As after a kill: the file stays as it is.
fn killed(journal: Journal) {
    let Journal { file, .. } = &journal;
    file.lock().expect("a lock").ended = true;
    drop(journal);
}

#[test]
fn what_is_not_gone_is_read_again() {
    let folder = Folder::new();
    let journal = begun(&folder, &Secrets::none());
    ask(&journal, 0);
    journal.made(0, "7", &captures(&[("job_id", json!(7)), ("queue", json!("a\nb"))]));
    journal.removing(0);
    journal.kept(0);
    journal.kept(0);
    journal.removing(0);
    journal.removing(0);
    make(&journal, 1, "8");
    journal.removed(1);
    ask(&journal, 2);
    ask(&journal, 3);
    journal.answered(3);
    make(&journal, 4, "9");
    journal.answered(4);
    journal.left(4, "it answered 500");
    ask(&journal, 5);
    journal.left(5, "nobody said");
    journal.answered(5);
    journal.removed(99);
    killed(journal);
    let recorded = RecordedJournal::open(&folder.journal()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((recorded.run.as_str(), recorded.target.as_str()), ("abc", "http://x.test/v1"));
    assert_eq!(recorded.started, Date::today().to_string());
    let numbers: Vec<u64> = recorded.entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [0, 2, 4, 5]);
    let first = &recorded.entries[0];
    assert_eq!((first.suite.as_str(), first.state.as_str(), first.case.as_str()), ("jobs", "job", "jobs/cancel"));
    assert_eq!((first.user.as_str(), first.id.as_deref()), ("me", Some("7")));
    assert_eq!(first.captures, captures(&[("job_id", json!(7)), ("queue", json!("a\nb"))]), "types are kept");
    assert!(first.removing && first.made && !first.doubted && first.left.is_none());
    assert!(!recorded.entries[1].made && recorded.entries[1].id.is_none());
    assert_eq!(recorded.entries[2].left.as_deref(), Some("it answered 500"));
    assert!(!recorded.entries[3].made);
    let text = fs::read_to_string(folder.journal()).expect("the file");
    assert_eq!(text.matches("removing").count(), 2, "each is said once:\n{text}");
    assert_eq!(text.matches("kept").count(), 1, "each is said once:\n{text}");
    let more = Journal::create(&folder.0.join("b"), "a", "b", &Secrets::none()).expect("a journal");
    make(&more, 0, "7");
    more.removing(0);
    more.kept(0);
    killed(more);
    assert!(!RecordedJournal::open(&folder.0.join("b")).unwrap_or_else(|error| panic!("{error}")).entries[0].removing);
}

#[test]
fn the_file_is_there_only_while_something_is() {
    let folder = Folder::new();
    let journal = begun(&folder, &Secrets::none());
    make(&journal, 0, "7");
    journal.removed(0);
    assert!(folder.journal().exists());
    assert_eq!(journal.end(), None);
    assert!(!folder.journal().exists());
    let journal = begun(&folder, &Secrets::none());
    make(&journal, 0, "7");
    assert_eq!(journal.end(), Some(folder.journal().as_path()));
    drop(journal);
    assert!(folder.journal().exists(), "something is left");
}

#[test]
fn a_file_of_another_user_is_neither_written_nor_removed() {
    let folder = Folder::new();
    fs::write(folder.journal(), "mine").expect("a file");
    let error = Journal::create(&folder.journal(), "a", "b", &Secrets::none()).expect_err("it is there");
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    #[cfg(unix)]
    {
        let link = folder.0.join("link");
        std::os::unix::fs::symlink(folder.0.join("nowhere"), &link).expect("a link");
        Journal::create(&link, "a", "b", &Secrets::none()).expect_err("a link is followed by nobody");
        assert!(!folder.0.join("nowhere").exists());
    }
    fs::remove_file(folder.journal()).expect("it is there");
    let journal = begun(&folder, &Secrets::none());
    fs::remove_file(folder.journal()).expect("it is there");
    fs::write(folder.journal(), "another").expect("a file");
    drop(journal);
    assert_eq!(fs::read_to_string(folder.journal()).expect("it stays"), "another");
}

#[test]
fn nothing_secret_is_written() {
    let folder = Folder::new();
    let mut secrets = Secrets::none();
    secrets.add("KEY", "hunter22hunter22");
    secrets.add("ID", "very-secret-id");
    let journal = Journal::create(&folder.journal(), "a", "http://x.test/hunter22hunter22", &secrets).expect("made");
    journal.asked(0, "s", "t", "s/c", "user-hunter22hunter22");
    let long = "x".repeat(LONGEST + 1);
    let captured = [
        ("a", json!("1")),
        ("b", json!("hunter22hunter22")),
        ("c", json!("aHVudGVyMjJodW50ZXIyMg==")),
        ("d", json!(long)),
    ];
    journal.made(0, "1", &captures(&captured));
    journal.left(0, "it answered hunter22hunter22");
    ask(&journal, 1);
    journal.made(1, "very-secret-id", &captures(&[("id", json!("very-secret-id"))]));
    killed(journal);
    let text = fs::read_to_string(folder.journal()).expect("the file");
    for secret in ["hunter22", "aHVudGVy", "very-secret", "xxxx"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let recorded = RecordedJournal::open(&folder.journal()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(recorded.entries[0].withheld, ["user", "b", "c", "d"]);
    assert_eq!((recorded.entries[1].made, recorded.entries[1].id.as_deref()), (true, None));
    assert_eq!(recorded.entries[1].withheld, ["id", "id"]);
}

#[test]
fn neither_file_nor_memory_grows_with_the_run() {
    let folder = Folder::new();
    let journal = begun(&folder, &Secrets::none());
    // One that stays from the beginning, so that the file is never without anything that matters.
    make(&journal, 0, "stays");
    let mut largest = 0;
    for number in 1..20_000 {
        make(&journal, number, &format!("c0ffee00-0000-4000-8000-{number:012}"));
        journal.removing(number);
        journal.removed(number);
        if number % 97 == 0 {
            largest = largest.max(fs::metadata(folder.journal()).expect("the file").len());
        }
    }
    assert!(largest < 2 * COMPACT_FROM, "{largest}");
    assert_eq!(journal.lock().live.len(), 1);
    assert!(journal.trouble().is_none());
    assert_eq!(fs::read_dir(&folder.0).expect("the folder").count(), 1, "nothing else is left there");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.journal()).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let error = RecordedJournal::open(&folder.journal()).expect_err("the run goes on").to_string();
    assert!(error.contains("its run is under way"), "{error}");
    killed(journal);
    let recorded = RecordedJournal::open(&folder.journal()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(recorded.entries.len(), 1);
    assert_eq!(recorded.entries[0].id.as_deref(), Some("stays"));
}

#[test]
fn what_was_being_written_is_no_error_and_what_follows_stands_on_its_own_line() {
    let folder = Folder::new();
    for cut in [&b"{\"remo"[..], b"{\"removed\":0", b"{\"asked\":1,\"suite\":\"\xc3", b"{\"removing\":0}"] {
        let _ = fs::remove_file(folder.journal());
        let journal = begun(&folder, &Secrets::none());
        make(&journal, 0, "7");
        killed(journal);
        let mut file = OpenOptions::new().append(true).open(folder.journal()).expect("the file");
        file.write_all(cut).expect("written");
        drop(file);
        let mut recorded = RecordedJournal::open(&folder.journal()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(recorded.entries.len(), 1);
        recorded.removing(0);
        recorded.removed(0);
        drop(recorded);
        let again = RecordedJournal::open(&folder.journal()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again.entries, []);
    }
}

#[test]
fn what_no_run_wrote_is_refused_with_its_line() {
    const HEAD: &str = "{\"journal\":\"conformant.journal/1\",\"run\":\"a\",\"target\":\"b\",\"started\":\"c\"}\n";
    const ASKED: &str = "{\"asked\":1,\"suite\":\"s\",\"state\":\"t\",\"case\":\"c\",\"user\":\"u\"}\n";
    let folder = Folder::new();
    for (text, part) in [
        ("", "is not a journal: it is empty"),
        ("hello\n", "is not a journal: its first line does not say so"),
        ("[]\n", "is not a journal"),
        ("{\"journal\":\"other/1\"}\n", "is not a journal"),
        ("{\"journal\":\"conformant.journal/2\",\"more\":1}\n", "has the format \"conformant.journal/2\""),
        ("{\"journal\":\"conformant.journal/1\"}\n", "line 1 is not whole: missing field `run`"),
    ] {
        let error = folder.refused(text.as_bytes());
        assert!(error.contains(part), "{text:?} gave {error}");
    }
    for (text, part) in [
        ("hello\n", "line 3 is not one that a run writes"),
        ("{\"removed\":1,\"id\":\"x\"}\n", "line 3 is not one"),
        ("{\"eaten\":1}\n", "line 3 is not one"),
        ("{\"removed\":-1}\n", "line 3 is not one"),
        ("{\"removed\":2}\n", "line 3 is about number 2, which was not asked for"),
        ("{\"removed\":1}\n{\"removing\":1}\n", "line 4 is about number 1, which was not asked for or is gone"),
        (ASKED, "line 3 asks for number 1 a second time"),
        (
            "{\"made\":1,\"id\":\"x\",\"captures\":{}}\n{\"made\":1,\"id\":\"y\",\"captures\":{}}\n",
            "line 4 makes number 1 a second time",
        ),
    ] {
        let error = folder.refused(format!("{HEAD}{ASKED}{text}").as_bytes());
        assert!(error.contains(part) && error.contains("a.journal"), "{text:?} gave {error}");
    }
    let error = folder.refused(&[HEAD.as_bytes(), b"\xff\n"].concat());
    assert!(error.contains("line 2 is no text"), "{error}");
    let error = folder.refused(&[HEAD.as_bytes(), &vec![b'x'; 2 << 20]].concat());
    assert!(error.contains("line 2 is longer than"), "{error}");
}

#[test]
fn an_id_that_is_there_twice_is_doubted() {
    let folder = Folder::new();
    let journal = begun(&folder, &Secrets::none());
    make(&journal, 0, "7");
    journal.removed(0);
    make(&journal, 1, "7");
    make(&journal, 2, "8");
    make(&journal, 3, "8");
    killed(journal);
    let recorded = RecordedJournal::open(&folder.journal()).unwrap_or_else(|error| panic!("{error}"));
    let doubted: Vec<(u64, bool)> = recorded.entries.iter().map(|entry| (entry.number, entry.doubted)).collect();
    assert_eq!(doubted, [(1, false), (2, true), (3, true)], "a number that is free again may be given again");
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_write_or_that_is_none_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let journal = begun(&folder, &Secrets::none());
    make(&journal, 0, "7");
    killed(journal);
    for mode in [0o620, 0o602, 0o666] {
        fs::set_permissions(folder.journal(), fs::Permissions::from_mode(mode)).expect("a mode");
        let error = RecordedJournal::open(&folder.journal()).expect_err("refused").to_string();
        assert!(error.contains("can be written by others"), "{error}");
    }
    fs::set_permissions(folder.journal(), fs::Permissions::from_mode(0o644)).expect("a mode");
    assert!(RecordedJournal::open(&folder.journal()).is_ok(), "others may read it");
    let link = folder.0.join("link");
    std::os::unix::fs::symlink(folder.journal(), &link).expect("a link");
    for (path, why) in [
        (link.as_path(), "is no regular file"),
        (&folder.0, "is not read: it is a folder"),
        (Path::new("/dev/null"), "is not read: it is a device"),
        (Path::new("/proc/self/environ"), "is not read: it leads into /proc"),
    ] {
        let error = RecordedJournal::open(path).expect_err("refused").to_string();
        assert!(error.contains(why) || !path.exists(), "{error}");
    }
    let error = RecordedJournal::open(&folder.0.join("nothing")).expect_err("refused").to_string();
    assert!(error.contains("cannot be opened"), "{error}");
}
