//! Paths for messages and comparisons.

use std::path::{Component, Path, PathBuf};

use crate::file;

/// Shortens `a/b/../c` to `a/c` where both surely name the same file, so that messages are easy to read.
pub(super) fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            // `..` after a link is the parent of the link's target.
            Component::ParentDir
                if matches!(out.components().next_back(), Some(Component::Normal(_))) && !out.is_symlink() =>
            {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// The path of a file from the root.
pub(crate) fn full_path(path: &Path) -> PathBuf {
    tidy(&file::absolute(path))
}
