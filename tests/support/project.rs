//! A copy of what this project ships for a user's own.

use std::fs;
use std::path::Path;

use super::command::Folder;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a readable folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// A project of a user's own: document, suite and snapshots.
pub(crate) fn project() -> Folder {
    let folder = Folder::new();
    for name in ["spec", "cases", "snapshots"] {
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name), &folder.path().join(name));
    }
    folder
}
