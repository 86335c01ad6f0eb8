//! Which snapshots a folder holds, and which of them belong to a case.
//!
//! insta deletes snapshots that no test used (`cargo insta test --unreferenced=delete`), and knows of those that are
//! listed in the file that `INSTA_SNAPSHOT_REFERENCES_FILE` names, a path a line.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::store;

/// The variable with which `cargo insta` asks which snapshots are used.
pub const REFERENCES: &str = "INSTA_SNAPSHOT_REFERENCES_FILE";

/// How deep folders below a baseline may be: suites and cases are two.
const DEPTH: usize = 4;
/// How many snapshots are looked for at most.
const MOST: usize = 100_000;

/// The snapshots of a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SnapshotFiles {
    /// Those of a case, and those that may belong to a suite that was not loaded.
    pub used: Vec<PathBuf>,
    /// Those that belong to no case.
    pub unused: Vec<PathBuf>,
}

impl SnapshotFiles {
    /// Looks into `folder`. `cases` are the ids of all cases. With `suites`, only snapshots of these suites can be unused;
    /// without, every suite there is was loaded.
    pub fn of<'a>(folder: &Path, cases: impl IntoIterator<Item = &'a str>, suites: Option<&[&str]>) -> Self {
        let cases: BTreeSet<PathBuf> = cases.into_iter().map(|case| store::path(folder, case)).collect();
        let may_be_unused = |path: &Path| match suites {
            None => true,
            Some(suites) => suites.iter().any(|suite| path.parent() == Some(&folder.join(suite))),
        };
        let mut files = Vec::new();
        // A snapshot stands in the folder of its suite; what stands beside these folders is not from here.
        for suite in entries(folder).into_iter().filter(|(_, kind)| kind.is_dir()) {
            find(&suite.0, DEPTH, &mut files);
        }
        let (unused, used) = files.into_iter().partition(|path| !cases.contains(path) && may_be_unused(path));
        Self { used, unused }
    }

    /// Tells `cargo insta` which snapshots are used.
    pub fn list_used(&self, references: &Path) -> io::Result<()> {
        let paths = self.used.iter().filter_map(|path| std::path::absolute(path).ok());
        let lines = paths.fold(String::new(), |lines, path| lines + &path.display().to_string() + "\n");
        OpenOptions::new().append(true).create(true).open(references)?.write_all(lines.as_bytes())
    }
}

/// What is in a folder, in alphabetical order. A folder that cannot be read is empty.
fn entries(folder: &Path) -> Vec<(PathBuf, fs::FileType)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> =
        entries.filter_map(|entry| Some((entry.path(), entry.file_type().ok()?))).take(MOST).collect();
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found
}

fn find(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    for (path, kind) in entries(folder) {
        if kind.is_dir() && depth > 0 {
            find(&path, depth - 1, found);
        } else if kind.is_file() && found.len() < MOST && path.extension().is_some_and(|extension| extension == "snap")
        {
            found.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_without_a_case_is_unused() {
        let folder = std::env::temp_dir().join(format!("conformant-recorded-{}", std::process::id()));
        for file in ["things/a.snap", "things/b.snap", "things/b.snap.new", "other/c.snap", "not_ours.snap"] {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, "---\n---\n").expect("written");
        }
        let at = |names: &[&str]| names.iter().map(|name| folder.join(name)).collect::<Vec<_>>();
        let all = SnapshotFiles::of(&folder, ["things/a", "things/z"], None);
        assert_eq!(all.used, at(&["things/a.snap"]));
        assert_eq!(all.unused, at(&["other/c.snap", "things/b.snap"]));
        let one = SnapshotFiles::of(&folder, ["things/a"], Some(&["things"]));
        assert_eq!(one.used, at(&["other/c.snap", "things/a.snap"]));
        assert_eq!(one.unused, at(&["things/b.snap"]));
        let references = folder.join("references");
        one.list_used(&references).expect("written");
        all.list_used(&references).expect("appended");
        let lines = fs::read_to_string(&references).expect("a file");
        assert_eq!(lines.lines().count(), 3);
        assert!(lines.lines().all(|line| Path::new(line).is_absolute()), "{lines}");
        assert_eq!(SnapshotFiles::of(Path::new("no/such/folder"), ["a/b"], None), SnapshotFiles::default());
        fs::remove_dir_all(&folder).expect("it was made");
    }
}
