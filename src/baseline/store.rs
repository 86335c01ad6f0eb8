//! The files of a baseline: insta's snapshots, one a case, at `<folder>/<suite>/<case>.snap`.
//!
//! They are insta's in form, so that `cargo insta review` shows and accepts what is proposed. insta itself is not asked:
//! in a program that stands alone it would look for the workspace that the program was built in, with cargo.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::file::{self, FileError, most};
use crate::settings::Update;
use crate::write;

/// The line before and after what is said about a snapshot.
const FENCE: &str = "---";

/// The file of a case.
pub(super) fn path(folder: &Path, case: &str) -> PathBuf {
    folder.join(format!("{case}.snap"))
}

/// Reads what was recorded of a case; `None` if nothing was.
pub(super) fn read(folder: &Path, case: &str) -> Result<Option<Value>, String> {
    let path = path(folder, case);
    let failed = |why: String| format!("{}: {why}", path.display());
    let bytes = match file::read(&path, most::SNAPSHOT) {
        Err(FileError::Unread(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|refused| failed(refused.to_string()))?,
    };
    let text = String::from_utf8(bytes).map_err(|_| failed("it is not UTF-8".to_owned()))?;
    let content = content(&text).ok_or_else(|| failed("it is not a snapshot file".to_owned()))?;
    let recorded: Value = serde_json::from_str(&content).map_err(|error| failed(error.to_string()))?;
    // Without answers it would hold nothing that can be missing, and everything would pass.
    if recorded["answers"].as_array().is_none_or(|answers| !answers.iter().all(Value::is_object)) {
        return Err(failed("it holds no responses".to_owned()));
    }
    Ok(Some(recorded))
}

/// What stands in a snapshot file below its head.
fn content(text: &str) -> Option<String> {
    let mut lines = text.lines();
    if lines.next()?.trim_end() != FENCE {
        return None;
    }
    lines.by_ref().find(|line| line.trim_end() == FENCE)?;
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// Writes a proposal beside the file, or the file itself, and gives the path of what was written. Where nothing can be
/// written the finding itself says what differs.
pub(super) fn propose(folder: &Path, case: &str, text: &str, description: &str, update: Update) -> Option<PathBuf> {
    // Several runs of one case may have something to propose at once.
    static WRITING: Mutex<()> = Mutex::new(());
    let record = path(folder, case);
    let proposal = record.with_file_name(format!("{}.new", record.file_name().unwrap_or_default().to_string_lossy()));
    let accepted = match update {
        // What is built into the command cannot change.
        _ if file::is_shipped(folder) => return None,
        Update::Nothing => return None,
        Update::Propose => false,
        Update::AcceptUnseen => !record.exists(),
        Update::Accept | Update::Rewrite => true,
    };
    // A string of JSON is one of YAML too.
    let head = format!("{FENCE}\ndescription: {}\n{FENCE}\n", json!(description));
    let _one = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = record.parent().map_or(Ok(()), fs::create_dir_all);
    let place = if accepted { &record } else { &proposal };
    let written = folder.and_then(|()| write::replace(place, (head + text + "\n").into_bytes()));
    written.ok()?;
    if accepted {
        // An older proposal is settled by this; mostly there is none.
        let _ = fs::remove_file(&proposal);
        return Some(record);
    }
    Some(proposal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insta_reads_what_is_written_and_what_ships() {
        let folder = std::env::temp_dir().join(format!("conformant-store-{}", std::process::id()));
        let text = "{\n  \"answers\": [\n    {}\n  ]\n}";
        propose(&folder, "things/success", text, "recorded: from \"a\" # b\nc", Update::Propose);
        assert_eq!(read(&folder, "things/success"), Ok(None), "a proposal is no record");
        let proposal = folder.join("things/success.snap.new");
        let snapshot = insta::Snapshot::from_file(&proposal).expect("insta reads it");
        assert_eq!(snapshot.metadata().description(), Some("recorded: from \"a\" # b\nc"));
        assert_eq!(snapshot.as_text().map(ToString::to_string).as_deref(), Some(text));
        propose(&folder, "things/success", text, "", Update::AcceptUnseen);
        assert_eq!(read(&folder, "things/success"), Ok(Some(json!({"answers": [{}]}))));
        assert!(!proposal.exists(), "what was proposed is the record now");
        propose(&folder, "things/other", text, "", Update::Nothing);
        assert!(!folder.join("things/other.snap.new").exists());
        fs::remove_dir_all(&folder).expect("it was made");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
        let snapshot =
            insta::Snapshot::from_file(&path(&shipped, "delete_conversation/repeat")).expect("insta reads it");
        let text = snapshot.as_text().map(ToString::to_string).unwrap_or_default();
        assert_eq!(serde_json::from_str(&text).ok(), read(&shipped, "delete_conversation/repeat").expect("readable"));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_the_place_of_a_proposal_is_not_waited_for() {
        let folder = std::env::temp_dir().join(format!("conformant-piped-{}", std::process::id()));
        fs::create_dir_all(folder.join("things")).expect("a folder");
        let pipe = folder.join("things/success.snap.new");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is there").success());
        propose(&folder, "things/success", "{}", "", Update::Propose);
        assert_eq!(fs::read_dir(folder.join("things")).expect("readable").count(), 1, "nothing else is left there");
        fs::remove_dir_all(&folder).expect("it was made");
    }

    #[test]
    fn what_is_no_record_is_told() {
        let folder = std::env::temp_dir().join(format!("conformant-damaged-{}", std::process::id()));
        fs::create_dir_all(folder.join("folder.snap")).expect("a folder");
        assert!(read(&folder, "folder").is_err());
        assert_eq!(read(&folder, "missing"), Ok(None));
        for (bytes, why) in [
            (&b""[..], "not a snapshot file"),
            (b"{\"answers\": []}", "not a snapshot file"),
            (b"---\ndescription: a\n{\"answers\": []}", "not a snapshot file"),
            (b"---\n---\n", "EOF"),
            (b"---\n---\n{\"answers\": [", "EOF"),
            (b"---\n---\n{}", "holds no responses"),
            (b"---\n---\n[]", "holds no responses"),
            (b"---\n---\n{\"answers\": [1]}", "holds no responses"),
            (b"---\n---\n\xff", "not UTF-8"),
        ] {
            fs::write(path(&folder, "one"), bytes).expect("written");
            let failed = read(&folder, "one").expect_err(why);
            assert!(failed.contains("one.snap: ") && failed.contains(why), "{failed}");
        }
        fs::remove_dir_all(&folder).expect("it was made");
    }
}
