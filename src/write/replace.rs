//! Files that are written completely or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use super::limit::{LIMIT, within};
use super::lock::locked;

/// The time limit grows by one second for each so many bytes.
const BYTES_PER_SECOND: usize = 1024 * 1024;

/// Replaces a file by one with these bytes, completely or not at all: no reader ever sees half of it. A link stays a link,
/// and the file that it leads to is replaced. It is an error if the path leads to something other than a regular file.
pub fn replace(path: &Path, bytes: Vec<u8>) -> io::Result<()> {
    let path = path.to_owned();
    let limit = LIMIT + Duration::from_secs((bytes.len() / BYTES_PER_SECOND) as u64);
    within(limit, move || {
        match fs::metadata(&path) {
            Ok(there) if !there.is_file() => {
                return Err(io::Error::other("it is no regular file any more"));
            }
            _ => {}
        }
        let path = path.canonicalize().unwrap_or(path);
        let fresh = Unfinished::beside(&path);
        new_file(&fresh.0)?.write_all(&bytes)?;
        fs::rename(&fresh.0, &path)
    })
}

/// Creates a new file. It is an error if the path exists, be it as a link.
pub fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create_new(true).open(path)
}

/// The files that are being written and are not in their final places yet.
pub(super) static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The path of a file that is being written. Dropping this removes the file, unless it was renamed.
#[derive(Debug)]
pub struct Unfinished(pub PathBuf);

impl Unfinished {
    /// A path that no other file has, in the folder of a file.
    pub fn beside(path: &Path) -> Self {
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.tmp", uuid::Uuid::new_v4().simple()));
        let path = path.with_file_name(name);
        locked(&UNFINISHED).push(path.clone());
        Self(path)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Mostly it was renamed.
        let _ = fs::remove_file(&self.0);
        locked(&UNFINISHED).retain(|other| *other != self.0);
    }
}

/// Removes all files that are being written, before the process ends at once.
pub fn remove_unfinished() {
    let unfinished = locked(&UNFINISHED).clone();
    for path in unfinished {
        // An error could not be reported any more.
        let _ = fs::remove_file(path);
    }
}
