//! What writing and reading a journal share: the name of the format, a line, and how the file is locked and recognized.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use serde_json::Value;

/// The format that the first line names.
pub(super) const FORMAT: &str = "conformant.journal/1";
/// The start of the names of all versions of the format.
pub(super) const FORMATS: &str = "conformant.journal/";
/// How the name of a journal begins that the run chose.
pub(super) const NAME_START: &str = "conformant-";
/// How it ends.
pub(super) const NAME_END: &str = ".journal";

/// Locks a file for as long as it is open, so that `clean` leaves the objects of a live run alone. Some file systems have no
/// locks; there nothing prevents that.
pub(super) fn lock_alone(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Whether the open file is the one at this path.
pub(super) fn is_same(file: &File, path: &Path) -> bool {
    let (Ok(own), Ok(there)) = (file.metadata(), fs::symlink_metadata(path)) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        (own.dev(), own.ino()) == (there.dev(), there.ino())
    }
    #[cfg(not(unix))]
    {
        own.is_file() && there.is_file()
    }
}

/// A line of the file.
pub(super) fn line(value: &Value) -> String {
    format!("{value}\n")
}
