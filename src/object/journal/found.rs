//! Finds the journals that runs have left in the folder of temporary files.

use std::path::{Path, PathBuf};

use super::format::{NAME_END, NAME_START};
use super::reading::RecordedJournal;

/// The most journals that are listed.
const MOST: usize = 100;

/// A journal of a run that has ended.
#[derive(Debug)]
pub struct FoundJournal {
    /// Its path.
    pub path: PathBuf,
    /// The base URL of the target of its run.
    pub target: String,
    /// The day on which its run began.
    pub started: String,
    /// How many objects and creations it lists.
    pub listed: usize,
}

/// The journals in a folder, in the order of their names. Leaves out those that `clean` would refuse: the journals of live runs
/// and of other users.
pub fn found_in(folder: &Path) -> Vec<FoundJournal> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_journal = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(NAME_START) && name.ends_with(NAME_END)
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_journal).collect();
    paths.sort();
    let opened = paths.into_iter().filter_map(|path| RecordedJournal::open(&path).ok());
    let found = |journal: RecordedJournal| FoundJournal {
        listed: journal.entries.len(),
        path: journal.path,
        target: journal.target,
        started: journal.started,
    };
    opened.take(MOST).map(found).collect()
}
