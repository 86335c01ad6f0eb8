//! The journal: a line in a file before each creation and after each step of an object's life, so that what a killed run
//! left behind can still be removed (`conformant clean`).
//!
//! It is JSON Lines. The first line says what it is and who was asked; each further one is about one object, by number:
//!
//! ```text
//! {"journal":"conformant.journal/1","run":"3718aebf8f874bee","target":"https://staging.test/v1","started":"2026-01-31"}
//! {"asked":1,"suite":"jobs","state":"job","case":"jobs/cancel","user":"conformant-3718aebf8f874bee"}
//! {"made":1,"id":"42","captures":{"job_id":42}}
//! {"removing":1}
//! {"removed":1}
//! ```
//!
//! Instead of `made`, `unmade` says that nothing was. `removing` stands before a request that could remove it, `kept` after
//! an answer by which it did not; `left` gives the reason why an object was told of as left behind.
//! What is masked elsewhere is not written here at all: it is named under `withheld`. A line is written before the request
//! is sent that it is about; the system keeps it when the process is killed, though not when the power fails.
//!
//! The file is nobody else's (mode 0600, never one that was there), is locked while the run lives, and is removed at its
//! end unless something is left. Objects that are gone are dropped from it when it has grown, so neither file nor memory
//! grows with the length of a run.

mod reading;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

pub use reading::{Entry, Recorded};

use super::states::as_text;
use crate::date::Date;
use crate::secret::Secrets;
use crate::write::{self, Clerk, Unfinished};

/// What the first line says of the format.
const FORMAT: &str = "conformant.journal/1";
/// What it says of formats of other versions.
const FORMATS: &str = "conformant.journal/";
/// From which size on a file is worth being written anew without what is gone.
const WORTH: u64 = 64 * 1024;
/// A longer value is withheld: no id is as long, and no answer may fill the disk.
const LONGEST: usize = 4 * 1024;
/// A longer reason is cut.
const LONGEST_REASON: usize = 2 * 1024;

/// What a run has asked a target to make and not seen gone, in a file.
///
/// Nothing here fails: where a line cannot be written, [`Journal::trouble`] says so once, and the run goes on.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    secrets: Secrets,
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    /// Writes: a file system that does not answer holds nobody up for longer than it may.
    clerk: Clerk<Disk>,
    head: String,
    /// The size of the file.
    size: u64,
    /// What is not gone, by number.
    live: BTreeMap<u64, Live>,
    /// The size of its lines.
    live_size: u64,
    trouble: Option<String>,
    /// Whether the file was removed.
    ended: bool,
}

/// The file, and where it is.
#[derive(Debug)]
struct Disk {
    file: File,
    path: PathBuf,
}

/// An object that is not gone.
#[derive(Debug)]
struct Live {
    /// Its lines.
    lines: String,
    /// Whether the target has said its id.
    made: bool,
    /// Whether its removal was asked for.
    removing: bool,
    /// Whether it was told of as left behind.
    left: bool,
}

impl Journal {
    /// Makes the file, which must not be there, with its first line. `target` is the base URL.
    pub fn create(path: &Path, run: &str, target: &str, secrets: &Secrets) -> io::Result<Self> {
        let started = Date::today().to_string();
        let target = secrets.mask_id(target);
        let head = line(&json!({"journal": FORMAT, "run": run, "target": target, "started": started}));
        // Whoever is told of it may stand in another folder.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (own, first) = (path.clone(), head.clone());
        let file = write::within(write::LIMIT, move || {
            let mut file = new_file(&own)?;
            if let Err(error) = file.write_all(first.as_bytes()) {
                // Nobody could use it.
                let _ = fs::remove_file(&own);
                return Err(error);
            }
            Ok(file)
        })?;
        let size = head.len() as u64;
        let clerk = Clerk::new(write::LIMIT, Disk { file, path: path.clone() });
        let written = Written { clerk, head, size, live: BTreeMap::new(), live_size: 0, trouble: None, ended: false };
        Ok(Self { path, secrets: secrets.clone(), written: Mutex::new(written) })
    }

    /// A name that no other run has given a journal, for the folder of temporary files.
    pub fn usual_name() -> String {
        format!("conformant-{}.journal", uuid::Uuid::new_v4().simple())
    }

    /// An object is about to be asked for.
    pub fn asked(&self, number: u64, suite: &str, state: &str, case: &str, user: &str) {
        let shown = self.secrets.mask_id(user);
        let mut asked = json!({"asked": number, "suite": suite, "state": state, "case": case, "user": shown});
        if shown != user {
            asked["withheld"] = json!(["user"]);
        }
        let mut written = self.lock();
        let live = Live { lines: String::new(), made: false, removing: false, left: false };
        written.live.insert(number, live);
        written.add(number, &asked);
    }

    /// The target has said the id of what was asked for; with everything that was captured.
    pub fn made<'a>(&self, number: u64, id: &str, captures: impl IntoIterator<Item = (&'a String, &'a Value)>) {
        // Without its id an object cannot be removed, so four digits in it that may be a secret's do not hide it.
        let hidden = |text: &str| {
            let masked = if text == id { self.secrets.mask_id(text) } else { self.secrets.mask_str(text) };
            text.len() > LONGEST || masked != text
        };
        let mut kept = Map::new();
        let mut withheld = Vec::new();
        for (name, value) in captures {
            if hidden(&as_text(value)) {
                withheld.push(name.as_str());
            } else {
                kept.insert(name.clone(), value.clone());
            }
        }
        let mut made = json!({"made": number, "captures": kept});
        if hidden(id) {
            withheld.push("id");
        } else {
            made["id"] = json!(id);
        }
        if !withheld.is_empty() {
            made["withheld"] = json!(withheld);
        }
        let mut written = self.lock();
        if let Some(live) = written.live.get_mut(&number).filter(|live| !live.made) {
            live.made = true;
            written.add(number, &made);
        }
    }

    /// Nothing came of what was asked for.
    pub fn unmade(&self, number: u64) {
        self.gone(number, "unmade");
    }

    /// The answer to what was asked for has been dealt with: unless it said an id, or may have made something, nothing
    /// was made.
    pub fn answered(&self, number: u64) {
        if self.lock().live.get(&number).is_some_and(|live| !live.made && !live.left) {
            self.unmade(number);
        }
    }

    /// A request is about to be sent that may remove it.
    pub fn removing(&self, number: u64) {
        let mut written = self.lock();
        if let Some(live) = written.live.get_mut(&number).filter(|live| !live.removing) {
            live.removing = true;
            written.add(number, &json!({"removing": number}));
        }
    }

    /// Every request that could have removed it was answered, and did not.
    pub fn kept(&self, number: u64) {
        let mut written = self.lock();
        if let Some(live) = written.live.get_mut(&number).filter(|live| live.removing) {
            live.removing = false;
            written.add(number, &json!({"kept": number}));
        }
    }

    /// It is gone.
    pub fn removed(&self, number: u64) {
        self.gone(number, "removed");
    }

    /// It was told of as left behind.
    pub fn left(&self, number: u64, reason: &str) {
        let reason = self.secrets.mask_str(reason);
        let starts = reason.char_indices().map(|(at, _)| at).chain([reason.len()]);
        let end = starts.take_while(|at| *at <= LONGEST_REASON).last().unwrap_or_default();
        let mut written = self.lock();
        if let Some(live) = written.live.get_mut(&number).filter(|live| !live.left) {
            live.left = true;
            written.add(number, &json!({"left": number, "reason": reason[..end]}));
        }
    }

    /// Why lines could not be written, if so.
    pub fn trouble(&self) -> Option<String> {
        self.lock().trouble.clone()
    }

    /// Ends it: removes the file if nothing is left, and gives its path if something is.
    pub fn end(&self) -> Option<&Path> {
        let mut written = self.lock();
        if written.live.is_empty() {
            written.end();
            return None;
        }
        Some(&self.path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn gone(&self, number: u64, word: &str) {
        let mut written = self.lock();
        if !written.live.contains_key(&number) {
            return;
        }
        // It says so before it forgets it, so that it can be killed between any two lines.
        written.add(number, &json!({ word: number }));
        if let Some(live) = written.live.remove(&number) {
            written.live_size -= live.lines.len() as u64;
        }
        written.compact();
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        // Every change is whole before anything can panic.
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.end();
    }
}

impl Written {
    /// Adds a line about an object that is not gone.
    fn add(&mut self, number: u64, value: &Value) {
        let line = line(value);
        if let Some(live) = self.live.get_mut(&number) {
            live.lines.push_str(&line);
            self.live_size += line.len() as u64;
        }
        let (size, length) = (self.size, line.len() as u64);
        match self.clerk.ask(move |disk| disk.append(&line, size)) {
            Ok(()) => self.size += length,
            Err(error) => _ = self.trouble.get_or_insert(error.to_string()),
        }
    }

    /// Drops what is gone from a file that consists of little else.
    fn compact(&mut self) {
        if self.size < WORTH {
            return;
        }
        let whole = self.head.len() as u64 + self.live_size;
        if whole > self.size / 2 {
            return;
        }
        let result = if self.live.is_empty() {
            self.clerk.ask(move |disk| disk.file.set_len(whole))
        } else {
            let mut text = self.head.clone();
            text.extend(self.live.values().map(|live| live.lines.as_str()));
            self.clerk.ask(move |disk| disk.write_anew(&text))
        };
        match result {
            Ok(()) => self.size = whole,
            // The old file says all that the new one would.
            Err(error) => _ = self.trouble.get_or_insert(error.to_string()),
        }
    }

    /// Removes the file.
    fn end(&mut self) {
        if !self.ended {
            // What cannot be removed names nothing that is left.
            let _ = self.clerk.ask(|disk| if disk.is_there() { fs::remove_file(&disk.path) } else { Ok(()) });
        }
        self.ended = true;
    }
}

impl Disk {
    /// Adds a line to a file of this size.
    fn append(&mut self, line: &str, size: u64) -> io::Result<()> {
        self.file.write_all(line.as_bytes()).inspect_err(|_| {
            // Half a line would make the next one unreadable.
            let _ = self.file.set_len(size);
        })
    }

    /// Puts a file in the place of this one. At every moment one of them is there, whole.
    fn write_anew(&mut self, text: &str) -> io::Result<()> {
        let beside = Unfinished::beside(&self.path);
        let mut file = new_file(&beside.0)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&beside.0, &self.path)?;
        self.file = file;
        Ok(())
    }

    /// Whether the open file is still the one at its path.
    fn is_there(&self) -> bool {
        is_same(&self.file, &self.path)
    }
}

/// A new file of one's own, locked: nothing that was there is opened, not even behind a link.
fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    lock_alone(&file)?;
    Ok(file)
}

/// Locks a file for as long as it is open, so that nobody removes what a run still uses. Where files cannot be locked,
/// nothing keeps anybody from that.
fn lock_alone(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Whether the open file is the one at this path.
fn is_same(file: &File, path: &Path) -> bool {
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
fn line(value: &Value) -> String {
    format!("{value}\n")
}

#[cfg(test)]
mod tests;
